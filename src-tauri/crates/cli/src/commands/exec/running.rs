//! The command that is run.

use std::ffi::OsString;
use std::io;
use std::process::{ExitCode, ExitStatus};

use tokenkeep_keeper::core_dumps;
use tokenkeep_oauth::AccessToken;
use tokio::process::{Child, Command};

use super::signals::Signals;
use crate::failure::Failure;

/// A command that runs. What it reads and writes is this process's own.
pub(super) struct RunningCommand {
    child: Child,
    signals: Signals,
}

impl RunningCommand {
    /// Starts `command`, the token in the `variables` of its environment.
    pub(super) fn start(
        command: &[OsString],
        variables: &[&str],
        token: &AccessToken,
    ) -> Result<Self, Failure> {
        let [program, arguments @ ..] = command else {
            return Err(Failure::Usage("There is no command to run.".to_owned()));
        };
        // Before it starts, so that none is missed.
        let signals = Signals::listen().map_err(Failure::Runtime)?;
        let mut running = Command::new(program);
        running.args(arguments);
        running.envs(variables.iter().map(|name| (name, token.expose())));
        let child = core_dumps::with_limit_lifted(|| running.spawn())
            .map_err(|error| not_started(program, &error))?;
        Ok(Self { child, signals })
    }

    /// Passes signals on until it ends; with which code to end like it.
    pub(super) async fn end(&mut self) -> Result<ExitCode, Failure> {
        let id = self.child.id();
        let status = tokio::select! {
            // First, so that no signal goes to a process that has been waited for.
            biased;
            status = self.child.wait() => status,
            never = self.signals.pass_on(id) => match never {},
        };
        status.map(code).map_err(Failure::Runtime)
    }
}

fn not_started(program: &OsString, error: &io::Error) -> Failure {
    let program = program.to_string_lossy();
    match error.kind() {
        io::ErrorKind::NotFound => Failure::NoSuchCommand(format!(
            "There is no command {program}, so nothing was run. Check its name, or give its path."
        )),
        _ => Failure::CannotRun(format!(
            "The command {program} cannot be run ({error}). Check that it is a program and may be executed."
        )),
    }
}

/// The code by which a shell would say how a command ended.
fn code(status: ExitStatus) -> ExitCode {
    let number = status
        .code()
        .or_else(|| signal(status).map(|signal| 128 + signal));
    ExitCode::from(
        number
            .and_then(|number| u8::try_from(number).ok())
            .unwrap_or(1),
    )
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_status: ExitStatus) -> Option<i32> {
    None
}
