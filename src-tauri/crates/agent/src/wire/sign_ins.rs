//! Sign-ins: the next step, and the redirect at the end.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokenkeep_keeper::keeper::{AccountView, SignInStep, Visit};

use super::exposed::exposed_secret;

/// `POST /v1/sign-ins/{id}`: where a sign-in ended. The URL carries the authorization code, hence a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redirected {
    /// The URL that the provider redirected to, whole.
    #[serde(serialize_with = "exposed_secret")]
    pub redirect: SecretString,
}

/// The answer to `POST …/sign-in`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum SignInAnswer {
    /// It is done.
    Done {
        /// How the account stands now.
        account: Box<AccountView>,
    },
    /// A person has to visit a page and bring the redirect back.
    Visit {
        /// The page, and what to bring back.
        visit: Visit,
    },
}

impl From<SignInStep> for SignInAnswer {
    fn from(step: SignInStep) -> Self {
        match step {
            SignInStep::Done(account) => Self::Done { account },
            SignInStep::Visit(visit) => Self::Visit { visit },
        }
    }
}
