//! How `tokenkeep` becomes the program that runs for long.

use std::process::Command;
use std::{env, io};

use crate::failure::Failure;

/// The program's file, which lies beside that of `tokenkeep`.
const FILE: &str = if cfg!(windows) {
    "tokenkeepd.exe"
} else {
    "tokenkeepd"
};

/// Turns this process into `tokenkeepd`, with the same arguments. Returns only if that fails.
pub(crate) fn take_over() -> Failure {
    let program = match env::current_exe() {
        Ok(own) => own.with_file_name(FILE),
        Err(error) => return Failure::Runtime(error),
    };
    let mut command = Command::new(&program);
    command.args(env::args_os().skip(1));
    let source = go_on_as(&mut command);
    Failure::NoDaemon { program, source }
}

/// It stays the same process, so that its parent signals and waits for the keeper itself.
#[cfg(unix)]
fn go_on_as(command: &mut Command) -> io::Error {
    std::os::unix::process::CommandExt::exec(command)
}

/// Windows cannot do this, so this process waits for the other one and ends with its exit code.
#[cfg(windows)]
fn go_on_as(command: &mut Command) -> io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}
