//! One file per command.

mod add;
mod get;
mod journal;
mod list;
pub(crate) mod practice;
mod quit;
mod refresh;
mod remove;
pub(crate) mod serve;
mod sign_in;
mod status;
mod unlock;

use clap::Subcommand;
use tokenkeep_agent::Client;
use tokenkeep_keeper::home::Home;

use crate::daemon;
use crate::failure::Failure;

/// What can be done.
#[derive(Subcommand)]
pub(crate) enum Command {
    Serve(serve::Serve),
    Add(Box<add::Add>),
    SignIn(sign_in::SignIn),
    Get(get::Get),
    List(list::List),
    Refresh(refresh::Refresh),
    Remove(remove::Remove),
    Journal(journal::Journal),
    Status(status::Status),
    Unlock(unlock::Unlock),
    Quit(quit::Quit),
    Practice(practice::Practice),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Serve(_) | Self::Practice(_) => Err(daemon::take_over()),
            Self::Add(add) => add.run(),
            Self::SignIn(sign_in) => sign_in.run(),
            Self::Get(get) => get.run(),
            Self::List(list) => list.run(),
            Self::Refresh(refresh) => refresh.run(),
            Self::Remove(remove) => remove.run(),
            Self::Journal(journal) => journal.run(),
            Self::Status(status) => status.run(),
            Self::Unlock(unlock) => unlock.run(),
            Self::Quit(quit) => quit.run(),
        }
    }
}

/// A client of the keeper that the environment names.
fn client() -> Result<Client, Failure> {
    Ok(Client::new(&Home::from_env()?)?)
}
