//! The journal.

use axum::extract::State;
use tokenkeep_keeper::keeper::JournalQuery;

use super::api_error::ApiError;
use super::request::{JsonResponse, QueryParameters};
use crate::app::App;
use crate::wire::{JournalAnswer, JournalParameters, parsed};

pub(super) async fn lines(
    State(app): State<App>,
    QueryParameters(asked): QueryParameters<JournalParameters>,
) -> Result<JsonResponse<JournalAnswer>, ApiError> {
    let query = JournalQuery {
        account: asked
            .account
            .map(|account| parsed("account", &account))
            .transpose()?,
        after: asked.after,
        limit: asked.limit,
    };
    Ok(JsonResponse(JournalAnswer {
        lines: app.keeper.journal(query).await?,
    }))
}
