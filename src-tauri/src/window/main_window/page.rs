//! What the page is told and what it asks, as plain types. `cargo test` writes their TypeScript to
//! `ui/src/lib/backend/bindings`. Moments are milliseconds since 1970 in UTC. No token is in any of them.

mod account;
mod account_form;
mod command_error;
mod env_file;
mod keeper;
mod provider_title;
#[cfg(test)]
mod standings;
mod update;

pub(super) use account::PageAccount;
pub(super) use account_form::AccountForm;
pub(super) use command_error::CommandError;
pub(super) use env_file::PageEnvFile;
pub(super) use keeper::PageKeeper;
pub(super) use provider_title::provider_title;
pub(super) use update::Update;
