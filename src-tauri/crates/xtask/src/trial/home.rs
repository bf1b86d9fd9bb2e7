//! The home of a trial, and its account.

use anyhow::{Context, Result};

/// The name of the account.
pub(super) const ACCOUNT: &str = "practice";

/// A home of its own for one trial, gone on drop.
pub(super) fn new_home() -> Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix("tokenkeep-try-")
        .tempdir()
        .context("the trial's folder cannot be made")
}
