//! A discrete-event simulation of the keeper's heart: accounts, readers, a model provider and faults
//! drawn from a seed, with the promises of README.md checked at every step.
//!
//! `TOKENKEEP_SEED=N` replays one seed, `TOKENKEEP_SEEDS=N` runs that many (from `TOKENKEEP_FIRST_SEED`),
//! each with `TOKENKEEP_ACCOUNTS=N` accounts for `TOKENKEEP_DAYS=N` days where that is said,
//! `TOKENKEEP_HISTORY=N` shows more than the last 60 steps,
//! and with `TOKENKEEP_SURVEY=1` a failure does not end the run: every one is named.
//! `cargo xtask simulate` sets the first four of these; `cargo xtask breakages` sees whether the
//! simulation finds what is broken on purpose.

mod model;

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::errands::Errand;
use model::faults::{Ailing, Profile};
use model::provider::Behaviour;
use model::readers::{Habit, Kind};
use model::report::Report;
use model::world::{AccountSpec, Grant, Happening, World};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokenkeep_protocol::account::{Answer, Handout, Newer, NotServed, Want};
use tokenkeep_protocol::clock::Tick;

/// How many seeds the test command runs.
const SEEDS: u64 = 1000;

/// Within this every account is well once faults are over: the longest pause that providers of the model ask for, a
/// set-up that is called wrong and tried again, and other accounts' turns.
const LIVELY: Duration = Duration::from_secs(1800);

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn every_invariant_holds_at_every_step_of_every_seed() {
    if let Some(seed) = number("TOKENKEEP_SEED") {
        if let Err(failure) = run(seed, true) {
            panic!("{failure}");
        }
        return;
    }
    let seeds = number("TOKENKEEP_SEEDS").unwrap_or(SEEDS);
    let next = AtomicU64::new(number("TOKENKEEP_FIRST_SEED").unwrap_or(0));
    let seeds = next.load(Ordering::Relaxed) + seeds;
    let survey = std::env::var_os("TOKENKEEP_SURVEY").is_some();
    let total = Mutex::new(Report::default());
    let failed = Mutex::new(Vec::new());
    let work = || {
        while survey || failed.lock().unwrap().is_empty() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                break;
            }
            match run(seed, false) {
                Ok(report) => total.lock().unwrap().add(report),
                Err(failure) => {
                    if survey {
                        let _ = writeln!(
                            std::io::stderr(),
                            "{}",
                            failure.lines().next().unwrap_or("")
                        );
                    }
                    failed.lock().unwrap().push(seed);
                }
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    if let Some(seed) = failed.lock().unwrap().iter().min() {
        let again = run(*seed, true).expect_err("a seed that failed fails again");
        panic!("{again}");
    }
    // Past the capture of the test harness, so that the summary is in every log.
    let _ = writeln!(std::io::stderr(), "{}", total.into_inner().unwrap());
}

#[test]
fn a_seed_replays_exactly() {
    for seed in [3, 8] {
        let twice = [run(seed, false), run(seed, false)].map(|result| format!("{result:?}"));
        assert_eq!(twice[0], twice[1]);
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Runs one seed; its report, or what was wrong and the steps that led there.
fn run(seed: u64, recording: bool) -> Result<Report, String> {
    let mut world = drawn(seed);
    world.history.recording = recording;
    world.history.kept = number("TOKENKEEP_HISTORY").map_or(60, |lines| lines as usize);
    world.start();
    world.begin_weather();
    let hours = match number("TOKENKEEP_DAYS") {
        Some(days) => 24 * days as u32,
        None => world.rng.random_range(3..30),
    };
    world.run_for(60 * MINUTE * hours);
    let ailing = world.end_weather();
    while !world.checks.failed() && (world.is_asleep() || world.keeper.is_none()) {
        world.run_for(MINUTE);
    }
    world.run_for(60 * MINUTE);
    probe(&mut world, ailing);
    if let Some(violation) = world.checks.violation() {
        let steps = world.history.lines();
        return Err(format!(
            "seed {seed}: {violation}\n{steps}Replay: TOKENKEEP_SEED={seed} cargo test -p tokenkeep-protocol --test simulation"
        ));
    }
    let mut report = std::mem::take(&mut world.report);
    report.seeds = 1;
    report.simulated = Duration::from_millis(world.now.as_millis().unsigned_abs());
    report.account_time = report.simulated * u32::try_from(world.specs.len()).unwrap_or(1);
    Ok(report)
}

/// After all faults are over, but for one grant that may go on failing, every account yields a token that the provider
/// accepts within [`LIVELY`], unless only a person can obtain one, or nothing but what fails could.
fn probe(world: &mut World, ailing: Option<Ailing>) {
    world.readers.keep_answers = true;
    for account in 0..world.specs.len() {
        if world.checks.accounts[account].removed || world.checks.failed() {
            continue;
        }
        let mut answer = patient(world, account, Want::default());
        // What others did to the session nobody knows until an API says so.
        if let Some(Ok(handout)) = &answer
            && !is_alive(world, handout)
        {
            let newer = Some(Newer::Refused(handout.access_token.fingerprint()));
            let want = Want {
                newer,
                ..Want::default()
            };
            answer = patient(world, account, want);
        }
        // After many false reports a true one is not believed. A person knows better.
        if let Some(Ok(handout)) = &answer
            && handout.refused_again
            && !is_alive(world, handout)
        {
            let newer = Some(Newer::Renewal);
            let want = Want {
                newer,
                ..Want::default()
            };
            answer = patient(world, account, want);
        }
        let fine = match &answer {
            Some(Ok(handout)) => is_alive(world, handout),
            Some(Err(NotServed::SignInNeeded(_))) => true,
            _ => has_no_way(world, account, ailing),
        };
        if !fine {
            let what = format!("is not well at the end, {ailing:?} failing: {answer:?}");
            world.checks.unwell(account, &what);
        }
    }
}

fn is_alive(world: &World, handout: &Handout) -> bool {
    let token = handout.access_token.expose();
    world.provider.is_alive(token, world.now)
}

/// Whether the account can obtain its tokens by nothing but what fails.
fn has_no_way(world: &World, account: usize, ailing: Option<Ailing>) -> bool {
    let assertion =
        world.specs[account].grant == Grant::Jwt && !world.is_assertion_useless(account);
    match ailing {
        None => false,
        Some(Ailing::Refreshes) => !assertion,
        Some(Ailing::Assertions) => world.specs[account].grant == Grant::Jwt,
    }
}

/// What a reader is answered that asks again and again, for [`LIVELY`] at the most.
fn patient(world: &mut World, account: usize, want: Want) -> Option<Answer> {
    let end = world.now + LIVELY;
    loop {
        let reader = world.ask(account, want.clone(), Duration::from_secs(30));
        world.run_until_answered(reader);
        let answer = world.readers.answer(reader).cloned();
        let again = matches!(
            answer,
            Some(Err(NotServed::OutOfTime(_) | NotServed::Misconfigured(_)))
        );
        if !again || world.now >= end || world.checks.failed() {
            return answer;
        }
        world.run_for(Duration::from_secs(10));
    }
}

/// The world of a seed: its provider, accounts, readers and weather.
fn drawn(seed: u64) -> World {
    let mut rng = StdRng::seed_from_u64(seed);
    let behaviour = Behaviour::drawn(&mut rng);
    let accounts = match number("TOKENKEEP_ACCOUNTS") {
        Some(accounts) => accounts as usize,
        None => rng.random_range(1..=4),
    };
    let clients = rng.random_range(1..=accounts.div_ceil(2));
    let specs: Vec<AccountSpec> = (0..accounts)
        .map(|user| drawn_account(user, clients, &mut rng))
        .collect();
    let mut world = World::new(rng, behaviour, specs);
    // A person may have set a quota, and be right or wrong about the provider's own.
    world.configured = match world.rng.random_range(0..8) {
        0 => None,
        1 => Some(Behaviour::per_minute(world.rng.random_range(2..10))),
        _ => world.configured,
    };
    world.faults.profile = Profile::drawn(&mut world.rng);
    for account in 0..world.specs.len() {
        draw_readers(&mut world, account);
        draw_persons(&mut world, account);
    }
    world
}

fn drawn_account(user: usize, clients: usize, rng: &mut StdRng) -> AccountSpec {
    let client = rng.random_range(0..clients);
    let user = if rng.random_bool(0.2) { 0 } else { user };
    let grant = if rng.random_bool(0.5) {
        Grant::Jwt
    } else {
        Grant::Code
    };
    let ends = grant == Grant::Jwt && rng.random_bool(0.2);
    let ends_at = Tick::from_millis(rng.random_range(3_600_000..40_000_000));
    AccountSpec {
        assertion_ends: ends.then_some(ends_at),
        ..AccountSpec::new(client, user, grant)
    }
}

fn draw_readers(world: &mut World, account: usize) {
    let often = [
        (Kind::Plain, 1.0, 300),
        (Kind::Plain, 0.3, 20),
        (Kind::MinValidity, 0.5, 600),
        (Kind::Lease, 0.5, 900),
        (Kind::OpenLease, 0.3, 1800),
        (Kind::FalseReport, 0.2, 5400),
        (Kind::CurrentRefused, 0.1, 5400),
        (Kind::Than, 0.1, 5400),
        (Kind::PersonRefreshes, 0.3, 5400),
        (Kind::PersonSignsIn, 0.2, 7200),
    ];
    for (kind, chance, every) in often {
        if !world.rng.random_bool(chance) {
            continue;
        }
        let wait = [30, 30, 30, 5, 0, 120][world.rng.random_range(0..6)];
        let habit = Habit {
            kind,
            every: Duration::from_secs(every),
            wait: Duration::from_secs(wait),
        };
        let first = Duration::from_millis(world.rng.random_range(0..60_000));
        world.after(first, Happening::Errand(Errand::Habit { account, habit }));
    }
}

/// What persons and other programs do to an account.
fn draw_persons(world: &mut World, account: usize) {
    if world.specs[account].grant == Grant::Code {
        let sign_in = Happening::Errand(Errand::SignIn { account });
        world.after(Duration::from_secs(1), sign_in);
    }
    if world.rng.random_bool(0.1) {
        let at = MINUTE * world.rng.random_range(30..900);
        world.after(at, Happening::Errand(Errand::Remove { account }));
    }
    if world.rng.random_bool(0.1) {
        let at = MINUTE * world.rng.random_range(5..200);
        let rival = Errand::Rival {
            account,
            refresh: None,
        };
        world.after(at, Happening::Errand(rival));
    }
}
