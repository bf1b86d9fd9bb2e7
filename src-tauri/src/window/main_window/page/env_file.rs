//! An `.env` file, as the page shows it.

use serde::Serialize;
use tokenkeep_keeper::config::Grant;

/// An `.env` file that was read, without its secrets.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct PageEnvFile {
    pub(in super::super) id: u32,
    pub(in super::super) file_name: String,
    pub(in super::super) provider: String,
    pub(in super::super) server: Option<String>,
    pub(in super::super) client_id: String,
    pub(in super::super) redirect_uri: Option<String>,
    pub(in super::super) has_client_secret: bool,
    pub(in super::super) has_assertion: bool,
    /// How one can sign in with it; the usual way first.
    pub(in super::super) grants: Vec<Grant>,
}
