//! The application in the tray, with an account that is ready to sign in.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};

use super::home::{ACCOUNT, new_home};
use super::keychain::SessionKeychain;
use super::login::Entries;
use super::process::Background;
use super::program::Program;
use super::provider::PracticeProvider;
use crate::{page, setup, workspace};

/// Life of an access token, in seconds: long enough to copy and use one, short
/// enough to see several.
const ACCESS_TOKEN_TTL: u32 = 120;

pub(super) fn run(interrupted: &AtomicBool) -> Result<()> {
    page::build(&setup::for_tray()?)?;
    workspace::build(&["tokenkeep", "tokenkeepd", "tokenkeep-desktop"])?;
    let home = new_home()?;
    let program = Program::new(workspace::binary("tokenkeep")?, home.path());
    let binary = workspace::binary("tokenkeep-desktop")?;
    let at_login = Entries::that_start(&binary);
    let application = Program::new(binary, home.path());
    let provider = PracticeProvider::start(&program, ACCESS_TOKEN_TTL)?;
    let keychain = SessionKeychain::of_this_session();
    println!("{}", keychain.in_words());

    let mut tray = application.start("tray", keychain.arguments())?;
    let shown = show(&program, &provider, &mut tray, interrupted);
    let forgotten = forget(&program, keychain, tray);
    at_login.remove_later_ones()?;
    shown?;
    forgotten.context("the accounts could not be removed again")?;
    println!("Everything that was started has been ended.");
    Ok(())
}

fn show(
    program: &Program,
    provider: &PracticeProvider,
    tray: &mut Background,
    interrupted: &AtomicBool,
) -> Result<()> {
    program.wait_for_keeper(tray)?;
    add_account(program, provider)?;
    println!(
        "
Tokenkeep is in the tray, and its window is open. There, or in the icon's menu,
choose \u{201c}Sign in\u{2026}\u{201d} for {ACCOUNT}. Name and password are both `practice`.

Then see how its token is renewed before it ends; copy it; or, in another terminal:
  {get}

\u{201c}Quit\u{201d} in the icon's menu ends it, or Ctrl-C here. (There is no icon? GNOME shows
icons with its extension \u{201c}AppIndicator and KStatusNotifierItem Support\u{201d}.)
",
        get = program.line(&["get", ACCOUNT])
    );
    while !interrupted.load(Ordering::Relaxed) && !tray.has_ended() {
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn add_account(program: &Program, provider: &PracticeProvider) -> Result<()> {
    let mut arguments = vec!["add", ACCOUNT, "--provider", "practice"];
    arguments.extend(["--server", provider.url()?]);
    arguments.extend(["--client-id", provider.public_client()?]);
    arguments.extend(["--grant", "code"]);
    arguments.extend(["--redirect-uri", provider.redirect_uri()?]);
    // It has none, and none is asked for.
    arguments.push("--secrets-stdin");
    program.show(&arguments)
}

/// Takes the secrets out of the keychain again, and ends the sessions: also
/// those of accounts that were added in the window.
fn forget(program: &Program, keychain: SessionKeychain, mut tray: Background) -> Result<()> {
    if !tray.has_ended() {
        let removed = remove_all(program);
        tray.stop();
        return removed;
    }
    if keychain != SessionKeychain::Unlocked {
        return Ok(());
    }
    // The tray was the keeper, so another one has to do it.
    let mut keeper = program.serve(keychain)?;
    program.wait_for_keeper(&mut keeper)?;
    let removed = remove_all(program);
    keeper.stop();
    removed
}

fn remove_all(program: &Program) -> Result<()> {
    for account in program.accounts()? {
        program.run(&["remove", &account.name])?;
    }
    Ok(())
}
