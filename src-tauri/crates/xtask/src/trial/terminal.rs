//! The main job, shown in a terminal in a minute.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::home::{ACCOUNT, new_home};
use super::keychain::SessionKeychain;
use super::life::{self, Life};
use super::process::Background;
use super::program::Program;
use super::provider::PracticeProvider;
use crate::{setup, workspace};

/// Life of an access token, in seconds. A token that lives so short is renewed
/// at half its life: three times in the minute, within the five requests a
/// minute that RingCentral allows.
const ACCESS_TOKEN_TTL: u32 = 40;
/// How long the keeping fresh is shown.
const SHOWN_FOR: Duration = Duration::from_secs(60);
/// How often a reader asks for the token meanwhile.
const READ_EVERY: Duration = Duration::from_millis(500);

pub(super) fn run(interrupted: &AtomicBool) -> Result<()> {
    setup::for_terminal()?;
    workspace::build(&["tokenkeep", "tokenkeepd"])?;
    let home = new_home()?;
    let program = Program::new(workspace::binary("tokenkeep")?, home.path());
    let provider = PracticeProvider::start(&program, ACCESS_TOKEN_TTL)?;
    let keeper = start_keeper(&program)?;
    let shown = show(&program, &provider, interrupted);
    // Takes the secrets out of the keychain again, and ends the session.
    let removed = program.run(&["remove", ACCOUNT]);
    keeper.stop();
    shown?;
    removed.context("the account could not be removed again")?;
    if interrupted.load(Ordering::Relaxed) {
        println!("Interrupted. Everything that was started has been ended.");
        return Ok(());
    }
    println!("{AFTERWARDS}");
    Ok(())
}

fn start_keeper(program: &Program) -> Result<Background> {
    let keychain = SessionKeychain::of_this_session();
    println!("{}", keychain.in_words());
    let mut keeper = program.serve(keychain)?;
    program.wait_for_keeper(&mut keeper)?;
    println!("A keeper runs without a window.\n");
    Ok(keeper)
}

fn show(program: &Program, provider: &PracticeProvider, interrupted: &AtomicBool) -> Result<()> {
    let env_file = program.write(".env", provider.env_file())?;
    program.show(&["add", ACCOUNT, "--env-file", &env_file])?;
    program.show(&["sign-in", ACCOUNT])?;
    println!("$ tokenkeep get {ACCOUNT}");
    let token = program.run(&["get", ACCOUNT])?;
    println!(
        "{} (this is all of it that is shown here)",
        life::covered(&token)
    );
    let status = resource_status(provider.url()?, token.trim())?;
    println!("The provider's resource answers {status} to it.\n");
    ensure!(
        status == 200,
        "the resource refused a token just handed out"
    );
    keep_fresh(program, provider, interrupted)
}

/// Reads and uses the token twice a second while the keeper renews it.
fn keep_fresh(
    program: &Program,
    provider: &PracticeProvider,
    interrupted: &AtomicBool,
) -> Result<()> {
    println!(
        "For {} s, a reader asks twice a second and uses what it gets:\n",
        SHOWN_FOR.as_secs()
    );
    let mut journal = program.start("journal", &["journal", ACCOUNT, "--follow"])?;
    let mut life = Life::new();
    let mut tokens = BTreeSet::new();
    let (mut reads, mut refused) = (0_u32, 0_u32);
    let end = Instant::now() + SHOWN_FOR;
    while Instant::now() < end && !interrupted.load(Ordering::Relaxed) {
        let next = Instant::now() + READ_EVERY;
        let token = program.run(&["get", ACCOUNT])?;
        reads += 1;
        refused += u32::from(resource_status(provider.url()?, token.trim())? != 200);
        tokens.insert(token);
        while let Some(line) = journal.line_now() {
            life.say(&line);
        }
        life.draw(&program.account(ACCOUNT)?);
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    life.finish();
    println!(
        "\n{reads} reads, {} tokens, {refused} refused by the resource.",
        tokens.len()
    );
    ensure!(
        refused == 0,
        "a reader was given a token that the resource refuses"
    );
    Ok(())
}

/// What the practice provider's resource answers to an access token.
fn resource_status(url: &str, token: &str) -> Result<u16> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(10)))
        .build()
        .into();
    let response = agent
        .get(format!("{url}/restapi/v1.0/account/~/extension/~"))
        .header("Authorization", format!("Bearer {token}"))
        .call()
        .context("the practice provider does not answer")?;
    Ok(response.status().as_u16())
}

const AFTERWARDS: &str = "\
Everything that was started has been ended.

To do it yourself, in three terminals:
  target/debug/tokenkeep practice > practice.env
  target/debug/tokenkeep serve
  target/debug/tokenkeep add practice --env-file practice.env
  target/debug/tokenkeep get practice

The README says how to use it with RingCentral.";
