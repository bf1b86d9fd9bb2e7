//! Sign-ins under way, and the codes that they end in.

use std::time::Duration;

use super::expiring::Expiring;
use crate::clients::RegisteredClient;
use crate::clock::Moment;
use crate::oauth_error::OAuthError;
use crate::opaque;
use crate::pkce::Challenge;
use crate::users::UserId;

/// How long a code can be exchanged: what the redirect's `expires_in` says in RingCentral's sample.
pub(crate) const CODE_LIFE: Duration = Duration::from_secs(60);
/// How long a person may take to sign in.
const SIGN_IN_LIFE: Duration = Duration::from_secs(10 * 60);
/// How long a code is remembered, so that an expired one can be told from one that never was.
const CODE_REMEMBERED: Duration = Duration::from_secs(10 * 60);

/// A valid authorization request, and who has signed in to answer it. Holds secrets, hence no `Debug`.
#[derive(Clone)]
pub(crate) struct Authorization {
    pub(crate) client: RegisteredClient,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) challenge: Option<Challenge>,
    /// Set once the person has given name and password.
    pub(crate) user: Option<UserId>,
}

struct Code {
    expires_at: Moment,
    client: RegisteredClient,
    redirect_uri: String,
    challenge: Option<Challenge>,
    user: UserId,
}

/// Sign-ins under way, and the codes that they end in.
pub(crate) struct Authorizations {
    under_way: Expiring<Authorization>,
    codes: Expiring<Code>,
}

impl Default for Authorizations {
    fn default() -> Self {
        Self {
            under_way: Expiring::new(SIGN_IN_LIFE),
            codes: Expiring::new(CODE_REMEMBERED),
        }
    }
}

impl Authorizations {
    /// Begins a sign-in and returns its id, which nobody else can guess.
    pub(crate) fn begin(&mut self, authorization: Authorization, now: Moment) -> String {
        let id = opaque::secret();
        self.under_way.insert(id.clone(), authorization, now);
        id
    }

    /// The sign-in under way with that id.
    pub(crate) fn get_mut(&mut self, id: &str, now: Moment) -> Option<&mut Authorization> {
        self.under_way.get_mut(id, now)
    }

    /// Ends a sign-in that a person has answered.
    pub(crate) fn finish(&mut self, id: &str, now: Moment) -> Option<Authorization> {
        self.under_way.remove(id, now)
    }

    /// A code for what the user has allowed.
    pub(crate) fn issue_code(
        &mut self,
        authorization: Authorization,
        user: UserId,
        now: Moment,
    ) -> String {
        let Authorization {
            client,
            redirect_uri,
            challenge,
            ..
        } = authorization;
        let value = opaque::secret();
        let code = Code {
            expires_at: now + CODE_LIFE,
            client,
            redirect_uri,
            challenge,
            user,
        };
        self.codes.insert(value.clone(), code, now);
        value
    }

    /// Exchanges a code. It is used up by this, whatever comes of it.
    pub(crate) fn redeem(
        &mut self,
        code: &str,
        client: RegisteredClient,
        redirect_uri: &str,
        verifier: Option<&str>,
        now: Moment,
    ) -> Result<UserId, OAuthError> {
        let code = self
            .codes
            .remove(code, now)
            .ok_or(OAuthError::CodeInvalid)?;
        if code.client != client {
            return Err(OAuthError::CodeInvalid);
        }
        if now >= code.expires_at {
            return Err(OAuthError::CodeExpired);
        }
        if code.redirect_uri != redirect_uri {
            return Err(OAuthError::RedirectMismatch);
        }
        let proven = match (&code.challenge, verifier) {
            (Some(challenge), Some(verifier)) => challenge.is_met_by(verifier),
            (None, None) => true,
            // RFC 9700, section 2.1.1: a verifier without a challenge means that the challenge was taken away.
            _ => false,
        };
        if proven {
            Ok(code.user)
        } else {
            Err(OAuthError::VerifierMismatch)
        }
    }

    /// Whose code it is.
    pub(crate) fn user_of_code(&self, code: &str) -> Option<UserId> {
        self.codes.get(code).map(|code| code.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const REDIRECT: &str = "http://localhost:8643/callback";

    fn at(seconds: u64) -> Moment {
        Duration::from_secs(seconds)
    }

    /// A code of user 3 for the public client, issued at 0 s.
    fn issued(challenge: Option<Challenge>) -> (Authorizations, String) {
        let mut authorizations = Authorizations::default();
        let redirect_uri = REDIRECT.to_owned();
        let authorization = Authorization {
            client: RegisteredClient::Public,
            redirect_uri,
            state: None,
            challenge,
            user: None,
        };
        let code = authorizations.issue_code(authorization, UserId(3), at(0));
        (authorizations, code)
    }

    fn plain() -> Option<Challenge> {
        Challenge::new(VERIFIER, None)
    }

    #[test]
    fn a_code_is_exchanged_once() {
        let (mut codes, code) = issued(plain());
        let mut redeem = || {
            codes.redeem(
                &code,
                RegisteredClient::Public,
                REDIRECT,
                Some(VERIFIER),
                at(1),
            )
        };
        assert_eq!(redeem(), Ok(UserId(3)));
        assert_eq!(redeem(), Err(OAuthError::CodeInvalid));
    }

    #[test]
    fn a_code_lives_for_sixty_seconds() {
        for (second, expected) in [(59, Ok(UserId(3))), (60, Err(OAuthError::CodeExpired))] {
            let (mut codes, code) = issued(plain());
            assert_eq!(
                codes.redeem(
                    &code,
                    RegisteredClient::Public,
                    REDIRECT,
                    Some(VERIFIER),
                    at(second)
                ),
                expected
            );
        }
    }

    #[test]
    fn a_code_is_bound_to_its_client_redirect_and_challenge() {
        let (mut codes, code) = issued(plain());
        let refused = codes.redeem(
            &code,
            RegisteredClient::Confidential,
            REDIRECT,
            Some(VERIFIER),
            at(1),
        );
        assert_eq!(refused, Err(OAuthError::CodeInvalid));
        let (mut codes, code) = issued(plain());
        let refused = codes.redeem(
            &code,
            RegisteredClient::Public,
            "http://localhost:8643/callback/",
            Some(VERIFIER),
            at(1),
        );
        assert_eq!(refused, Err(OAuthError::RedirectMismatch));
        for verifier in [None, Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")] {
            let (mut codes, code) = issued(plain());
            let refused = codes.redeem(&code, RegisteredClient::Public, REDIRECT, verifier, at(1));
            assert_eq!(refused, Err(OAuthError::VerifierMismatch));
        }
    }

    #[test]
    fn a_verifier_without_a_challenge_is_refused() {
        let (mut codes, code) = issued(None);
        let refused = codes.redeem(
            &code,
            RegisteredClient::Public,
            REDIRECT,
            Some(VERIFIER),
            at(1),
        );
        assert_eq!(refused, Err(OAuthError::VerifierMismatch));
    }

    #[test]
    fn a_sign_in_may_take_ten_minutes() {
        let mut authorizations = Authorizations::default();
        let redirect_uri = REDIRECT.to_owned();
        let authorization = Authorization {
            client: RegisteredClient::Public,
            redirect_uri,
            state: None,
            challenge: None,
            user: None,
        };
        let id = authorizations.begin(authorization, at(0));
        assert!(authorizations.get_mut(&id, at(599)).is_some());
        assert!(authorizations.get_mut(&id, at(600)).is_none());
    }
}
