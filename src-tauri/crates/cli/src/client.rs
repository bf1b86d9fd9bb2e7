//! The keeper that commands ask.

use tokenkeep_agent::AgentClient;
use tokenkeep_agent::wire::TokenAnswer;
use tokenkeep_keeper::home::Home;

use crate::failure::Failure;
use crate::output;

/// A client of the keeper that the environment names.
pub(crate) fn client() -> Result<AgentClient, Failure> {
    Ok(AgentClient::new(&Home::from_env()?)?)
}

/// Warns if the refusals of a token are not about the token.
pub(crate) fn warn_if_refused_again(token: &TokenAnswer) {
    if token.refused_again {
        output::warning(
            "This token came because the one before was refused, and now it is refused, too. So the refusals are not about \
             the token: the API may not permit the request. The token was not renewed again. `tokenkeep refresh` renews it \
             all the same.",
        );
    }
}

/// Warns if a crash of the keeper would now cost the sign-in.
pub(crate) fn warn_if_unsaved(token: &TokenAnswer) {
    if token.unsaved {
        output::warning(
            "The keychain does not hold this token yet, so a crash of the keeper now would lose the sign-in. \
             Saving is being retried; see `tokenkeep list`.",
        );
    }
}
