//! One keeper with several accounts, a keychain and a provider of its own, so that
//! keepers can be killed side by side.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rand::RngExt as _;
use serde_json::json;
use tokenkeep_tests::{Bus, Child, Home, Provider, eventually};

use crate::tally::Checked;
use crate::way::Way;

const LIMIT: Duration = Duration::from_secs(60);
/// How much time the keeper gives a reader to use a token once.
const TIME_TO_USE: Duration = Duration::from_secs(2);
/// A renewal begins with that time, and is over well within as much again.
const RENEWAL: Duration = Duration::from_secs(4);
/// A write to the keychain is under way for about so long.
const WRITE: Duration = Duration::from_millis(15);
/// Nobody asks without any pause.
const BETWEEN_READS: Duration = Duration::from_millis(20);
/// How many programs ask for tokens all the time.
const READERS: usize = 2;

/// Accounts that people signed in to: nothing but the refresh token helps them.
const PEOPLE: [(&str, &str); 3] = [
    ("ann", "practice"),
    ("ben", "practice2"),
    ("eve", "practice3"),
];
/// One that would sign in by itself, but has no reason to.
const MACHINE: &str = "machine";

pub(crate) struct Lane {
    /// What every account gave last.
    tokens: Vec<String>,
    /// gnome-keyring does not always survive it when a program that speaks to it is killed.
    keyring_crashes: usize,
    provider: Provider,
    home: Home,
    bus: Bus,
}

impl Lane {
    pub(crate) fn start() -> Self {
        let bus = Bus::with_keyring();
        let home = Home::on(&bus);
        home.file(
            "config.toml",
            "[providers.practice]\nrequests_per_minute = 0\n",
        );
        let users = PEOPLE.len().to_string();
        let mut arguments = vec!["--rate-limit", "0", "--users", &users];
        arguments.extend(["--access-token-ttl", "60"]);
        let provider = Provider::start(&arguments);
        let mut lane = Self {
            tokens: Vec::new(),
            provider,
            home,
            bus,
            keyring_crashes: 0,
        };
        let _keeper = lane.serve(None);
        lane.home.add_by_jwt(MACHINE, &lane.provider);
        for (name, user) in PEOPLE {
            lane.home.add_by_code(name, &lane.provider);
            lane.home.sign_in_as(user, name, &lane.provider);
        }
        lane.tokens = lane.good_tokens("at first");
        lane
    }

    /// Kills the keeper in that way, starts it again, and has a good token of every account.
    pub(crate) fn round(&mut self, round: usize, way: Way) -> Checked {
        let which = format!("in round {round}, {way:?}");
        let crashes_before = self.keyring_crashes;
        let fail_point = way.fail_point(names().count());
        let keeper = self.serve(fail_point.as_deref());
        if fail_point.is_none() {
            // Nothing replaces them for the next two seconds.
            self.tokens = self.good_tokens(&which);
        }
        let replayed = self.provider.count("token/refresh_token/replayed");
        let under_load = self.kill_while_it_renews(way, keeper);
        self.provider.clear_faults();

        let _keeper = self.serve(None);
        self.tokens = self.good_tokens(&which);
        if way.loses_an_answer() {
            let replays = self.provider.count("token/refresh_token/replayed") - replayed;
            assert!(replays > 0, "no answer was lost {which}");
        }
        Checked {
            after_restart: self.tokens.len(),
            under_load,
            keyring_crashes: self.keyring_crashes - crashes_before,
        }
    }

    /// How many tokens were used under load until then.
    fn kill_while_it_renews(&self, way: Way, mut keeper: Child) -> usize {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            for name in names() {
                let path = format!("/v1/accounts/{name}/refresh");
                // Most of them are cut off.
                scope.spawn(move || self.home.try_to_ask("POST", &path, "{}").ok());
            }
            let readers: Vec<_> = (0..READERS)
                .map(|_| scope.spawn(|| self.read_until(&over)))
                .collect();
            {
                let _over = SetOnDrop(&over);
                self.let_it_come_to(way, &mut keeper);
                keeper.kill();
            }
            let used = readers.into_iter().map(|reader| reader.join().unwrap());
            used.sum()
        })
    }

    /// Nobody signed in to anything but once, and no refresh token was ever refused.
    pub(crate) fn was_signed_in_to_once(&self) {
        let count = |outcome: &str| self.provider.count(&format!("token/{outcome}"));
        assert_eq!(count("authorization_code/issued"), PEOPLE.len() as u64);
        assert_eq!(count("jwt_bearer/issued"), 1);
        assert_eq!(count("refresh_token/invalid_grant"), 0);
    }

    /// Returns when the keeper is to be killed.
    fn let_it_come_to(&self, way: Way, keeper: &mut Child) {
        match way {
            Way::AnyMoment => thread::sleep(up_to(RENEWAL)),
            Way::RequestArrived => {
                // As many as there are accounts: those that are left have not come yet.
                let all = names().count();
                let fault = json!({"times": all, "delay_ms": 60_000});
                self.provider.order_fault(&fault);
                eventually("a request has arrived", LIMIT, || {
                    let left = self.provider.get("/practice/faults").json();
                    (left[0]["times"] != json!(all)).then_some(())
                });
            }
            Way::TokensReplaced => {
                self.provider.order_fault(&json!({"hold_ms": 60_000}));
                eventually("the provider has replaced a token", LIMIT, || {
                    let is_dead = |token: &String| self.provider.resource(token).status == 401;
                    self.tokens.iter().any(is_dead).then_some(())
                });
            }
            _ => {
                eventually("the keeper is at the fail point", LIMIT, || {
                    keeper.stderr().contains("at the fail point").then_some(())
                });
                if way == Way::DuringSave {
                    keeper.say("\n");
                    thread::sleep(up_to(WRITE));
                }
            }
        }
    }

    /// A program that asks for tokens all the time, and uses each within the time that the
    /// keeper grants it. How many they were.
    fn read_until(&self, over: &AtomicBool) -> usize {
        let mut used = 0;
        for name in names().cycle() {
            if over.load(Ordering::Relaxed) {
                break;
            }
            let asked = Instant::now();
            if let Some(token) = self.token_of(name) {
                let reply = self.provider.resource(&token);
                // On a machine as busy as this one it may come late.
                if asked.elapsed() < TIME_TO_USE {
                    assert_eq!(reply.status, 200, "{name}, under load: {}", reply.body);
                    used += 1;
                }
            }
            thread::sleep(BETWEEN_READS);
        }
        used
    }

    /// A token of every account, which the resource accepts.
    #[track_caller]
    fn good_tokens(&self, when: &str) -> Vec<String> {
        let good = |name| {
            let token = self.token_of(name);
            let token = token.unwrap_or_else(|| panic!("there is no token of {name} {when}"));
            let reply = self.provider.resource(&token);
            assert_eq!(reply.status, 200, "{name} {when}: {}", reply.body);
            token
        };
        names().map(good).collect()
    }

    /// A token that is not just about to expire, waited for as long as `get` does.
    fn token_of(&self, name: &str) -> Option<String> {
        let path = format!("/v1/accounts/{name}/token");
        let wanted = json!({ "min_validity": 5 }).to_string();
        let reply = self.home.try_to_ask("POST", &path, &wanted).ok()?;
        let token = reply.json()["access_token"].as_str()?.to_owned();
        Some(token)
    }

    /// Starts the keeper, and its keychain where that did not survive the keeper's last end.
    fn serve(&mut self, fail_point: Option<&str>) -> Child {
        let keeper = self.home.serve_with_failpoints(fail_point);
        eventually("the keeper answers", LIMIT, || {
            let status = self.home.try_to_ask("GET", "/v1/status", "");
            status.ok().map(drop)
        });
        if self.bus.keyring_has_crashed() {
            self.bus.start_keyring();
            self.keyring_crashes += 1;
        }
        keeper
    }
}

/// Sets a flag in the end, also where that is a panic: those who wait for it end, too.
struct SetOnDrop<'f>(&'f AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn names() -> impl Iterator<Item = &'static str> + Clone {
    PEOPLE.into_iter().map(|(name, _)| name).chain([MACHINE])
}

fn up_to(most: Duration) -> Duration {
    most.mul_f64(rand::rng().random())
}
