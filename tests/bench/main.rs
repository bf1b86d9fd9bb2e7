//! Measures how fast Tokenkeep is and what it costs, against its goals: on real processes, sockets and keychains,
//! which are those of the tests. `cargo xtask bench` builds it for release, as it does what it measures, and runs it.
#![cfg_attr(
    target_os = "linux",
    allow(
        clippy::expect_used,
        clippy::panic,
        clippy::print_stderr,
        clippy::print_stdout,
        clippy::unwrap_used,
        reason = "it prints what it measured, and a panic is how the processes of the tests report"
    )
)]

#[cfg(target_os = "linux")]
mod accounts;
#[cfg(target_os = "linux")]
mod extent;
#[cfg(target_os = "linux")]
mod figure;
#[cfg(target_os = "linux")]
mod fleet;
#[cfg(target_os = "linux")]
mod get;
#[cfg(target_os = "linux")]
mod http;
#[cfg(target_os = "linux")]
mod idle;
#[cfg(target_os = "linux")]
mod leases;
#[cfg(target_os = "linux")]
mod live;
#[cfg(target_os = "linux")]
mod load;
#[cfg(target_os = "linux")]
mod oidc_agent;
#[cfg(target_os = "linux")]
mod part;
#[cfg(target_os = "linux")]
mod report;
#[cfg(target_os = "linux")]
mod socket;
#[cfg(target_os = "linux")]
mod spread;
#[cfg(target_os = "linux")]
mod watch;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    use std::process::ExitCode;

    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(asked)) = (arguments.next(), part::asked(arguments.by_ref())) else {
        eprintln!("usage: bench FILE [--quick] [get|socket|leases|fleet|live|idle]…");
        return ExitCode::from(2);
    };
    let mut report = report::Report::begin(asked.quick);
    for part in &asked.chosen {
        println!("\n== {}", part.title());
        report.add(part.measured(asked.extent()));
    }
    println!("\n{report}");
    if let Err(error) = report.write(std::path::Path::new(&file)) {
        eprintln!("{file} cannot be written: {error}");
        return ExitCode::FAILURE;
    }
    if report.is_whole() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The processes of the tests are made of Linux programs, and `/proc` tells what they take.
#[cfg(not(target_os = "linux"))]
fn main() {}
