//! Takes the README's pictures: the real application on a screen that nobody
//! sees, with accounts at the practice provider. Wants a folder to put them in.
#![cfg_attr(
    target_os = "linux",
    allow(
        clippy::expect_used,
        clippy::print_stderr,
        reason = "a panic is how the desktop of the tests reports"
    )
)]

#[cfg(target_os = "linux")]
mod panel;
#[cfg(target_os = "linux")]
mod pictures;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: screenshots FOLDER");
        return std::process::ExitCode::from(2);
    };
    pictures::take_all(std::path::Path::new(&folder));
    std::process::ExitCode::SUCCESS
}

/// The desktop of the tests is made of Linux programs.
#[cfg(not(target_os = "linux"))]
fn main() {}
