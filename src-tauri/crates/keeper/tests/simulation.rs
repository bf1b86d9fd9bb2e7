//! A discrete-event simulation of the keeper's heart: accounts, readers, a model provider and faults
//! drawn from a seed, with the invariants of DESIGN.md checked at every step.
//!
//! `TOKENKEEP_SEED=N` replays one seed, `TOKENKEEP_SEEDS=N` runs that many (from `TOKENKEEP_FIRST_SEED`),
//! `TOKENKEEP_HISTORY=N` shows more than the last 60 steps,
//! and with `TOKENKEEP_SURVEY=1` a failure does not end the run: every one is named.

mod model;

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::faults::Profile;
use model::provider::Behaviour;
use model::readers::{Errand, Habit, Kind};
use model::report::Report;
use model::world::{AccountSpec, Grant, Happening, World};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use tokenkeep_keeper::account::{Answer, Newer, Refusal, Want, Why};

/// How many seeds the test command runs.
const SEEDS: u64 = 300;

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
    let hours = world.rng.random_range(3..30);
    world.run_for(60 * MINUTE * hours);
    world.end_weather();
    while !world.checks.failed() && (world.is_asleep() || world.keeper.is_none()) {
        world.run_for(MINUTE);
    }
    world.run_for(60 * MINUTE);
    probe(&mut world);
    if let Some(violation) = world.checks.violation() {
        let steps = world.history.lines();
        return Err(format!(
            "seed {seed}: {violation}\n{steps}Replay: TOKENKEEP_SEED={seed} cargo test -p tokenkeep-keeper --test simulation"
        ));
    }
    let mut report = std::mem::take(&mut world.report);
    report.seeds = 1;
    report.simulated = Duration::from_millis(world.now.as_millis().unsigned_abs());
    report.account_time = report.simulated * u32::try_from(world.specs.len()).unwrap_or(1);
    Ok(report)
}

/// After all faults are over every account yields a token that the provider accepts, unless only a
/// person can obtain one.
fn probe(world: &mut World) {
    world.readers.keep_answers = true;
    for account in 0..world.specs.len() {
        if world.checks.accounts[account].removed || world.checks.failed() {
            continue;
        }
        let mut answer = patient(world, account, Want::default());
        // What others did to the session nobody knows until an API says so.
        if let Some(Answer::Token(handout)) = &answer
            && !world
                .provider
                .is_alive(handout.access_token.expose(), world.now)
        {
            let token = handout.access_token.fingerprint();
            let newer = Some(Newer::Refused(token));
            answer = patient(
                world,
                account,
                Want {
                    newer,
                    ..Want::default()
                },
            );
        }
        // All sessions may have reached their end just now: then they are being opened anew.
        let minute_ago = world.now - MINUTE;
        let busy = world.is_too_fast() || !world.faults.well_since(minute_ago, world.now);
        let fine = match &answer {
            Some(Answer::Token(handout)) => world
                .provider
                .is_alive(handout.access_token.expose(), world.now),
            // A report that a token was refused does not override a lease on it.
            Some(Answer::None(Refusal::SignInNeeded(_) | Refusal::OutOfTime(Why::Leased))) => true,
            _ => busy,
        };
        if !fine && !world.checks.failed() {
            let what = format!("liveness: account {account} is not well at the end: {answer:?}");
            world.checks.fail(what);
        }
    }
}

/// What a reader that waits for half a minute is answered.
fn patient(world: &mut World, account: usize, want: Want) -> Option<Answer> {
    let reader = world.ask(account, want, Duration::from_secs(30));
    world.run_until_answered(reader);
    world.readers.answer(reader).cloned()
}

/// The world of a seed: its provider, accounts, readers and weather.
fn drawn(seed: u64) -> World {
    let mut rng = StdRng::seed_from_u64(seed);
    let behaviour = drawn_behaviour(&mut rng);
    let clients = rng.random_range(1..=2);
    let specs: Vec<AccountSpec> = (0..rng.random_range(1..=4))
        .map(|user| AccountSpec {
            client: rng.random_range(0..clients),
            user: if rng.random_bool(0.2) { 0 } else { user },
            grant: if rng.random_bool(0.5) {
                Grant::Jwt
            } else {
                Grant::Code
            },
        })
        .collect();
    let mut world = World::new(rng, behaviour, specs);
    world.faults.profile = Profile::drawn(&mut world.rng);
    for account in 0..world.specs.len() {
        draw_readers(&mut world, account);
    }
    world
}

fn drawn_behaviour(rng: &mut StdRng) -> Behaviour {
    let mut behaviour = Behaviour::ringcentral();
    let lifetimes = [1, 3, 20, 60, 120, 600, 600, 1800, 3600, 3600, 3600, 7199];
    let lifetime = lifetimes.choose(rng).copied().unwrap_or(3600);
    behaviour.lifetime = Duration::from_secs(lifetime);
    if rng.random_bool(0.3) {
        behaviour.quota = None;
    }
    match rng.random_range(0..10) {
        0 => behaviour.kills = false,
        1 => behaviour.replays = false,
        2 => {
            behaviour.kills = false;
            behaviour.rotates = false;
            behaviour.repeats_refresh = rng.random_bool(0.5);
        }
        3 => {
            behaviour.names_lifetime = false;
            behaviour.lifetime = Duration::from_secs([1800, 3600, 7200][rng.random_range(0..3)]);
        }
        4 => behaviour.issues_refresh = false,
        5 => behaviour.session_lifetime = Some(Duration::from_secs(rng.random_range(3..12) * 3600)),
        6 => behaviour.refresh_lifetime = Some(Duration::from_secs(rng.random_range(2..10) * 3600)),
        _ => {}
    }
    behaviour
}

fn draw_readers(world: &mut World, account: usize) {
    let often = [
        (Kind::Plain, 1.0, 300),
        (Kind::Plain, 0.3, 20),
        (Kind::MinValidity, 0.5, 600),
        (Kind::Lease, 0.5, 900),
        (Kind::OpenLease, 0.3, 1800),
        (Kind::FalseReport, 0.2, 5400),
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
    if world.specs[account].grant == Grant::Code {
        world.after(
            Duration::from_secs(1),
            Happening::Errand(Errand::SignIn { account }),
        );
        if world.rng.random_bool(0.2) {
            let again = MINUTE * world.rng.random_range(30..600);
            world.after(again, Happening::Errand(Errand::SignIn { account }));
        }
    }
    if world.rng.random_bool(0.1) {
        let at = MINUTE * world.rng.random_range(30..900);
        world.after(at, Happening::Errand(Errand::Remove { account }));
    }
}
