//! What the page is told and what it asks, as plain types. `cargo test` writes their TypeScript to
//! `ui/src/lib/backend/bindings`. Moments are milliseconds since 1970 in UTC. No token is in any of them.

mod account;
mod account_form;
mod command_error;
mod env_file;
mod keeper;
#[cfg(test)]
mod standings;
mod update;

use tokenkeep_oauth::preset;

pub(super) use account::PageAccount;
pub(super) use account_form::AccountForm;
pub(super) use command_error::CommandError;
pub(super) use env_file::PageEnvFile;
pub(super) use keeper::PageKeeper;
pub(super) use update::Update;

/// A provider as people call it.
pub(super) fn provider_title(name: &str) -> String {
    preset(name, None).map_or_else(|_| name.to_owned(), |provider| provider.title)
}
