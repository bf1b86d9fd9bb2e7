//! Real accounts with short-lived tokens at the practice provider: does any lapse, and what does keeping them take?

use std::net::{Ipv4Addr, TcpStream};
use std::ops::Range;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tokenkeep_tests::{Bus, Home, Keeper, Provider};

use crate::accounts;
use crate::extent::Extent;
use crate::figure::Figure;
use crate::http::{Connection, request};
use crate::spread::{Spread, micros, rounded};
use crate::watch::{Look, Seen, Token, Watch};

/// Life of a token in seconds.
const TOKEN_LIFE: u32 = 120;
/// How often each account's token is asked for and used.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How many watchers share the accounts, so that one answer that takes long holds few others up.
const WATCHERS: usize = 16;
/// How many processors the keeper may need.
const CORES_GOAL: f64 = 0.5;

pub(crate) fn measure(extent: &Extent) -> Vec<Figure> {
    let mut figures = Vec::new();
    let home = accounts::unpaced(Home::without_bus());
    let kept = keep(&home, &["--vault", "memory"], extent.accounts, extent.live);
    figures.push(lapses(&kept, "in memory"));
    figures.push(cores(&kept, "in memory"));
    drop(home);
    let bus = Bus::with_keyring();
    let home = accounts::unpaced(Home::on(&bus));
    let kept = keep(&home, &[], extent.accounts_in_keychain, extent.live);
    figures.push(lapses(&kept, "in a keychain"));
    figures.push(cores(&kept, "in a keychain"));
    figures
}

/// What became of the accounts.
struct Kept {
    accounts: usize,
    watched: Duration,
    adding: Duration,
    seen: Seen,
    /// How often the provider accepted a refresh token, from the first sign-in on.
    refreshes: u64,
    cores: f64,
    memory: u64,
}

fn keep(home: &Home, arguments: &[&str], count: usize, long: Duration) -> Kept {
    let provider = accounts::provider(count, TOKEN_LIFE);
    let mut keeper = Keeper::start(home, arguments);
    let process = accounts::process(&mut keeper);
    let adding = accounts::add(home, &provider, count);
    println!(
        "{count} accounts were added in {:.0} s",
        adding.as_secs_f64()
    );
    let (began, computed) = (Instant::now(), process.cpu_time());
    let seen = watch(home, &provider, count, long);
    let computed = process.cpu_time() - computed;
    let seconds = began.elapsed().as_secs_f64();
    Kept {
        accounts: count,
        watched: long,
        adding,
        seen,
        refreshes: provider.count("token/refresh_token/issued"),
        cores: computed.as_secs_f64() / seconds,
        memory: process.resident_memory(),
    }
}

/// Asks for all tokens and uses them, over and over, for so long.
fn watch(home: &Home, provider: &Provider, count: usize, long: Duration) -> Seen {
    let began = Instant::now();
    thread::scope(|scope| {
        let share = |watcher: usize| watcher * count / WATCHERS..(watcher + 1) * count / WATCHERS;
        let watchers: Vec<_> = (0..WATCHERS)
            .map(|watcher| Watcher::new(home, provider, share(watcher), began))
            .map(|watcher| scope.spawn(move || watcher.watch(long)))
            .collect();
        let mut all = Seen::default();
        for watcher in watchers {
            all.add(watcher.join().expect("no watcher panics"));
        }
        all
    })
}

/// Watches over some of the accounts.
struct Watcher {
    keeper: Connection<UnixStream>,
    provider: Connection<TcpStream>,
    users: Range<usize>,
    watches: Vec<Watch>,
    began: Instant,
}

impl Watcher {
    fn new(home: &Home, provider: &Provider, users: Range<usize>, began: Instant) -> Self {
        let provider = TcpStream::connect((Ipv4Addr::LOCALHOST, provider.port()));
        let provider = provider.expect("the provider listens");
        provider.set_nodelay(true).expect("it is TCP");
        Self {
            keeper: accounts::connect(home),
            provider: Connection::new(provider),
            watches: vec![Watch::default(); users.len()],
            users,
            began,
        }
    }

    fn watch(mut self, long: Duration) -> Seen {
        let mut seen = Seen::default();
        let mut due = self.began;
        let pause = LOOK_EVERY / u32::try_from(self.users.len().max(1)).expect("they are few");
        let rounds = long.as_secs() / LOOK_EVERY.as_secs();
        for _ in 0..rounds {
            for index in 0..self.users.len() {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                due += pause;
                let look = self.look(self.users.start + index);
                self.watches[index].look(look, &mut seen);
            }
        }
        seen
    }

    /// Asks for a user's token, and uses it.
    fn look(&mut self, user: usize) -> Look {
        let asked = self.began.elapsed();
        let answer = self.keeper.ask(&accounts::token_request(user));
        let answered = self.began.elapsed();
        let answer = answer.expect("the keeper answers");
        let (status, body) = (answer.status, answer.json());
        let token = (status == 200).then(|| Token {
            fingerprint: body["fingerprint"].as_str().unwrap_or_default().to_owned(),
            lives: Duration::from_secs(body["expires_in"].as_u64().unwrap_or_default()),
            accepted: self.is_accepted(body["access_token"].as_str().unwrap_or_default(), user),
        });
        Look {
            asked,
            answered,
            token,
        }
    }

    /// Whether the provider's resource takes a token, and for that user: it numbers the users' extensions from 101.
    fn is_accepted(&mut self, token: &str, user: usize) -> bool {
        let path = "/restapi/v1.0/account/~/extension/~";
        let header = format!("Authorization: Bearer {token}\r\n");
        let answer = self.provider.ask(&request("GET", path, &header, ""));
        let answer = answer.expect("the provider answers");
        let extension = (101 + user).to_string();
        answer.status == 200 && answer.json()["extensionNumber"] == extension.as_str()
    }
}

fn lapses(kept: &Kept, whose: &str) -> Figure {
    let seen = &kept.seen;
    let lapses = seen.lapse_count();
    let waits = Spread::of(seen.waits.clone());
    // Each has to have been replaced as often as its life is over.
    let lives = kept.watched.as_secs() / u64::from(TOKEN_LIFE);
    let due = kept.accounts * (lives as usize).max(1);
    Figure {
        what: format!("{}: lapses", title(kept, whose)),
        figure: format!(
            "{lapses} in {} renewals and {} uses",
            seen.renewals, seen.looks
        ),
        goal: "none".to_owned(),
        reached: (lapses == 0 && seen.renewals >= due).into(),
        detail: json!({
            "lapses": seen.lapses,
            "renewals_seen": seen.renewals,
            "renewals_needed": due,
            "refreshes_at_the_provider": kept.refreshes,
            "uses": seen.looks,
            "readers_wait": waits.detail(),
            "adding_seconds": rounded(kept.adding.as_secs_f64(), 1),
        }),
    }
}

fn cores(kept: &Kept, whose: &str) -> Figure {
    let waits = Spread::of(kept.seen.waits.clone());
    Figure {
        what: format!("{}: the keeper's cost", title(kept, whose)),
        figure: format!(
            "{:.2} cores, {} MiB; readers wait for {:.1} ms at p99",
            kept.cores,
            kept.memory >> 20,
            micros(waits.percentile(99.0)) / 1e3
        ),
        goal: format!("under {CORES_GOAL} cores"),
        reached: (kept.cores < CORES_GOAL).into(),
        detail: json!({
            "cores": rounded(kept.cores, 3),
            "resident_bytes": kept.memory,
        }),
    }
}

fn title(kept: &Kept, whose: &str) -> String {
    format!(
        "{} accounts {whose}, {TOKEN_LIFE} s tokens, {} s",
        kept.accounts,
        kept.watched.as_secs()
    )
}
