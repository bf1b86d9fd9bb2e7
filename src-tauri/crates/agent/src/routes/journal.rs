//! The journal.

use axum::extract::State;
use tokenkeep_keeper::keeper::JournalQuery;

use super::refusal::Refusal;
use super::request::{Answer, Asked};
use crate::server::App;
use crate::wire::{Journal, JournalAsked, parsed};

pub(super) async fn lines(
    State(app): State<App>,
    Asked(asked): Asked<JournalAsked>,
) -> Result<Answer<Journal>, Refusal> {
    let query = JournalQuery {
        account: asked
            .account
            .map(|account| parsed("account", &account))
            .transpose()?,
        after: asked.after,
        limit: asked.limit,
    };
    Ok(Answer(Journal {
        lines: app.keeper.journal(query).await?,
    }))
}
