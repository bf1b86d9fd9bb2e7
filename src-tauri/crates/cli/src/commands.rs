//! One file per command.

mod add;
mod adopt;
mod confirm;
mod exec;
pub(crate) mod get;
mod journal;
mod leases;
mod list;
mod practice;
mod quit;
mod refresh;
mod release;
mod remove;
mod serve;
mod sign_in;
mod status;
mod unlock;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

/// What can be done.
#[derive(Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Daemon(DaemonCommand),
    #[command(flatten)]
    Client(ClientCommand),
}

/// What runs for long, in a program of its own.
#[derive(Subcommand)]
pub(crate) enum DaemonCommand {
    Serve(serve::ServeArgs),
    // After those of the other kind.
    #[command(display_order = 100)]
    Practice(practice::PracticeArgs),
}

/// What a keeper is asked.
#[derive(Subcommand)]
pub(crate) enum ClientCommand {
    Add(Box<add::AddArgs>),
    Confirm(confirm::ConfirmArgs),
    SignIn(sign_in::SignInArgs),
    Get(get::GetArgs),
    Exec(exec::ExecArgs),
    List(list::ListArgs),
    Leases(leases::LeasesArgs),
    Release(release::ReleaseArgs),
    Refresh(refresh::RefreshArgs),
    Remove(remove::RemoveArgs),
    Adopt(adopt::AdoptArgs),
    Journal(journal::JournalArgs),
    Status(status::StatusArgs),
    Unlock(unlock::UnlockArgs),
    Quit(quit::QuitArgs),
}

impl DaemonCommand {
    /// Does it, until it is asked to end.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Serve(serve) => serve.run(),
            Self::Practice(practice) => practice.run(),
        }
    }
}

impl ClientCommand {
    /// Runs the command; returns its exit code.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let done = match self {
            Self::Exec(exec) => return exec.run(),
            Self::Add(add) => add.run(),
            Self::Confirm(confirm) => confirm.run(),
            Self::SignIn(sign_in) => sign_in.run(),
            Self::Get(get) => get.run(),
            Self::List(list) => list.run(),
            Self::Leases(leases) => leases.run(),
            Self::Release(release) => release.run(),
            Self::Refresh(refresh) => refresh.run(),
            Self::Remove(remove) => remove.run(),
            Self::Adopt(adopt) => adopt.run(),
            Self::Journal(journal) => journal.run(),
            Self::Status(status) => status.run(),
            Self::Unlock(unlock) => unlock.run(),
            Self::Quit(quit) => quit.run(),
        };
        done.map(|()| ExitCode::SUCCESS)
    }
}
