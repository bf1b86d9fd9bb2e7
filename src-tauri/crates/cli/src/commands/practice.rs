//! `tokenkeep practice`.

use std::net::SocketAddr;

use clap::Args;
use tokenkeep_agent::hosting;
use tokenkeep_practice::{Options, Practice as Provider, PracticeError};

use crate::failure::Failure;
use crate::{output, runtime};

/// Run a practice provider that behaves like RingCentral's, on this machine
///
/// Prints an .env file for `tokenkeep add --env-file` on standard output, and a line per request, without secrets, on
/// standard error. Its users and credentials are made up and always the same. Ctrl-C ends it.
#[derive(Args)]
#[command(after_help = "Example:
  tokenkeep practice --access-token-ttl 60 > practice.env &
  tokenkeep add work --env-file practice.env")]
pub(crate) struct PracticeArgs {
    /// Where to listen, on this machine only; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value_t = Options::default().listen)]
    listen: SocketAddr,
    /// How long access tokens live
    #[arg(long, value_name = "SECONDS", default_value_t = Options::default().access_token_ttl)]
    access_token_ttl: u64,
    /// How long refresh tokens live; 0 issues none
    #[arg(long, value_name = "SECONDS", default_value_t = Options::default().refresh_token_ttl)]
    refresh_token_ttl: u64,
    /// Token requests per minute and client; 0 is no limit
    #[arg(long, value_name = "N", default_value_t = Options::default().rate_limit)]
    rate_limit: u32,
    /// How many users there are
    #[arg(long, value_name = "N", default_value_t = Options::default().users)]
    users: u32,
}

impl PracticeArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        runtime::on_two_threads(self.serve())
    }

    async fn serve(self) -> Result<(), Failure> {
        let stop = hosting::end_asked().map_err(Failure::Runtime)?;
        let options = Options {
            listen: self.listen,
            access_token_ttl: self.access_token_ttl,
            refresh_token_ttl: self.refresh_token_ttl,
            rate_limit: self.rate_limit,
            users: self.users,
        };
        let provider = Provider::bind(options)
            .await
            .map_err(|error| not_bound(&error))?;
        output::plain(&provider.env_text())?;
        output::note(format_args!(
            "The practice provider listens at http://{}/",
            provider.address()
        ));
        provider
            .serve(|line| output::note(line), stop)
            .await
            .map_err(Failure::Runtime)
    }
}

/// Why the provider cannot start. The error names the option to change.
fn not_bound(error: &PracticeError) -> Failure {
    let option = match error {
        PracticeError::NotLoopback(_) | PracticeError::Listen { .. } => "--listen",
        PracticeError::NoUsers => "--users",
        PracticeError::NoAccessTokenLife => "--access-token-ttl",
    };
    let message = format!("What is given with {option} cannot be used. {error}");
    match error {
        PracticeError::Listen { .. } => Failure::Practice(message),
        _ => Failure::Usage(message),
    }
}
