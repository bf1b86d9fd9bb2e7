//! One file per command.

mod add;
mod exec;
pub(crate) mod get;
mod journal;
mod leases;
mod list;
pub(crate) mod practice;
mod quit;
mod refresh;
mod release;
mod remove;
pub(crate) mod serve;
mod sign_in;
mod status;
mod unlock;

use std::process::ExitCode;

use clap::Subcommand;
use tokenkeep_agent::Client;
use tokenkeep_agent::wire::TokenAnswer;
use tokenkeep_keeper::home::Home;

use crate::daemon;
use crate::failure::Failure;
use crate::output;

/// What can be done.
#[derive(Subcommand)]
pub(crate) enum Command {
    Serve(serve::Serve),
    Add(Box<add::Add>),
    SignIn(sign_in::SignIn),
    Get(get::Get),
    Exec(exec::Exec),
    List(list::List),
    Leases(leases::Leases),
    Release(release::Release),
    Refresh(refresh::Refresh),
    Remove(remove::Remove),
    Journal(journal::Journal),
    Status(status::Status),
    Unlock(unlock::Unlock),
    Quit(quit::Quit),
    Practice(practice::Practice),
}

impl Command {
    /// Does it; with which code to exit where nothing failed.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let done = match self {
            Self::Exec(exec) => return exec.run(),
            Self::Serve(_) | Self::Practice(_) => return Err(daemon::take_over()),
            Self::Add(add) => add.run(),
            Self::SignIn(sign_in) => sign_in.run(),
            Self::Get(get) => get.run(),
            Self::List(list) => list.run(),
            Self::Leases(leases) => leases.run(),
            Self::Release(release) => release.run(),
            Self::Refresh(refresh) => refresh.run(),
            Self::Remove(remove) => remove.run(),
            Self::Journal(journal) => journal.run(),
            Self::Status(status) => status.run(),
            Self::Unlock(unlock) => unlock.run(),
            Self::Quit(quit) => quit.run(),
        };
        done.map(|()| ExitCode::SUCCESS)
    }
}

/// Says that a crash of the keeper would cost the sign-in, where it would.
fn warn_if_unsaved(token: &TokenAnswer) {
    if token.unsaved {
        output::warning(
            "The keychain does not hold this token yet, so a crash of the keeper now would lose the sign-in. \
             Saving is being retried; see `tokenkeep list`.",
        );
    }
}

/// A client of the keeper that the environment names.
fn client() -> Result<Client, Failure> {
    Ok(Client::new(&Home::from_env()?)?)
}
