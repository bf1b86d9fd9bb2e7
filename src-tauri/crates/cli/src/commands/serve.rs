//! `tokenkeep serve`.

use clap::Args;
use tokenkeep_agent::{Stopped, hosting};
use tokenkeep_keeper::home::Home;
use tokenkeep_keeper::vault::VaultKind;

use crate::failure::Failure;
use crate::{output, runtime};

/// Keep tokens fresh, without a window
///
/// Runs until Ctrl-C, SIGTERM, the end of its terminal or `tokenkeep quit`; a renewal that is under way is finished first. One keeper runs per
/// home. What it does is in `tokenkeep journal`; its log goes to standard error, at the level that TOKENKEEP_LOG names
/// (error, warn, info, debug, trace; warn if it is not set).
#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Where secrets rest
    #[arg(long, value_enum, default_value_t = VaultKind::Keychain)]
    vault: VaultKind,
}

impl ServeArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        hosting::log_to_stderr().map_err(|error| Failure::Usage(error.to_string()))?;
        runtime::on_two_threads(serve(Home::from_env()?, self.vault))
    }
}

async fn serve(home: Home, vault: VaultKind) -> Result<(), Failure> {
    let stop = hosting::end_asked().map_err(Failure::Runtime)?;
    let (keeper, server) = hosting::start(&home, vault).await?;
    let accounts = match keeper.accounts().await.len() {
        1 => "1 account".to_owned(),
        many => format!("{many} accounts"),
    };
    output::line(format_args!(
        "Keeping {accounts}. Listening at {}",
        server.socket().display()
    ))?;
    let stopped = server.run(stop).await;
    output::note(match stopped {
        Stopped::ByItself => "The keeper has ended.",
        Stopped::ByRequest => "The keeper has ended, as it was asked to.",
    });
    Ok(())
}
