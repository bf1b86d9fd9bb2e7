//! Many leases and many waiting readers on one account: does each cost as much as if it were one of few?

use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use tokenkeep_tests::{Home, Keeper, Process, Provider, eventually};

use crate::accounts;
use crate::extent::Extent;
use crate::figure::Figure;
use crate::http::{Connection, request};
use crate::spread::rounded;

/// How many times as much processor time as among a tenth of them each may cost: twice, for what grows by less than it
/// seems and for what a busy machine adds. What grows with their number costs ten times as much.
const RATIO_GOAL: f64 = 2.0;
/// How long readers wait, and how long anything may take here.
const WAIT: u64 = 120;
const LIMIT: Duration = Duration::from_secs(WAIT);
/// Life of a token in seconds: it is renewed only where that is asked for.
const TOKEN_LIFE: u32 = 3600;

pub(crate) fn measure(extent: &Extent) -> Vec<Figure> {
    allow_files(extent.leases.max(extent.readers) + 64);
    let few_and_many =
        |most: usize, cost: fn(usize) -> Duration| [most / 10, most].map(|n| (n, cost(n)));
    vec![
        figure("held leases, watched", few_and_many(extent.leases, leases)),
        figure("waiting readers", few_and_many(extent.readers, readers)),
    ]
}

/// What so many leases that are held, listed and given up cost the keeper, while somebody watches the account as the tray
/// does.
fn leases(count: usize) -> Duration {
    let scene = Scene::new();
    scene.costs(|home| {
        let mut watching = accounts::connect(home);
        let watch = request("GET", "/v1/events", "", "");
        watching.send(&watch).expect("the keeper listens");
        let reading = std::thread::spawn(move || while watching.receive().is_ok() {});
        let hold = json!({ "lease": { "hold": true } });
        let ask = accounts::token_request_with(0, &hold);
        let holders: Vec<_> = (0..count).map(|_| held(home, &ask)).collect();
        assert_eq!(lease_count(home), count);
        drop(holders);
        eventually("all leases have ended", LIMIT, || {
            (lease_count(home) == 0).then_some(())
        });
        reading
    })
}

/// What so many readers cost the keeper that wait for a renewal, and are served when it is over.
fn readers(count: usize) -> Duration {
    let scene = Scene::new();
    scene.costs(|home| {
        scene.provider.order_fault(&json!({ "delay_ms": 600_000 }));
        let mut person = accounts::connect(home);
        let path = format!("/v1/accounts/{}/refresh", accounts::name(0));
        let refresh = request("POST", &path, "", &json!({ "wait": WAIT }).to_string());
        person.send(&refresh).expect("the keeper listens");
        eventually("the token is being renewed", LIMIT, || {
            (account(home)["state"] == "renewing").then_some(())
        });
        let ask = accounts::token_request_with(0, &json!({ "wait": WAIT }));
        let mut waiting: Vec<_> = (0..count).map(|_| asking(home, &ask)).collect();
        // One that is answered was asked after all of them.
        assert_eq!(account(home)["state"], "renewing");
        scene.provider.clear_faults();
        for reader in &mut waiting {
            let answer = reader.answer().expect("the keeper answers");
            assert_eq!(answer.status, 200, "a reader got no token");
        }
    })
}

/// A keeper with one account that is signed in.
struct Scene {
    home: Home,
    provider: Provider,
}

impl Scene {
    fn new() -> Self {
        Self {
            home: accounts::unpaced(Home::without_bus()),
            provider: accounts::provider(1, TOKEN_LIFE),
        }
    }

    /// The processor time that the keeper needs for this.
    fn costs<T>(&self, what: impl FnOnce(&Home) -> T) -> Duration {
        let mut keeper = Keeper::start(&self.home, &["--vault", "memory"]);
        accounts::add(&self.home, &self.provider, 1);
        let process: Process = accounts::process(&mut keeper);
        let (began, before) = (Instant::now(), process.cpu_time());
        let done = what(&self.home);
        let cost = process.cpu_time() - before;
        println!(
            "{:.2} s of processor time in {:.1} s",
            cost.as_secs_f64(),
            began.elapsed().as_secs_f64()
        );
        keeper.stop();
        drop(done);
        cost
    }
}

/// A connection that holds a lease.
fn held(home: &Home, ask: &[u8]) -> Connection<UnixStream> {
    let mut holder = asking(home, ask);
    // The response does not end; that it begins says that there is a lease.
    holder.receive().expect("the keeper answers");
    holder
}

fn asking(home: &Home, ask: &[u8]) -> Connection<UnixStream> {
    let mut reader = accounts::connect(home);
    reader.send(ask).expect("the keeper listens");
    reader
}

fn account(home: &Home) -> Value {
    let path = format!("/v1/accounts/{}", accounts::name(0));
    home.ask("GET", &path, "").json()
}

fn lease_count(home: &Home) -> usize {
    account(home)["leases"].as_array().map_or(0, Vec::len)
}

/// Lets this process have so many files open, each connection being one.
fn allow_files(count: usize) {
    let most = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit {
        current: Some(count as u64),
        maximum: most,
    };
    setrlimit(Resource::Nofile, limit).expect("the hard limit on open files is high enough");
}

fn figure(
    what: &str,
    [(few, cost_of_few), (many, cost_of_many)]: [(usize, Duration); 2],
) -> Figure {
    let each = |count: usize, cost: Duration| cost.as_secs_f64() * 1e6 / count as f64;
    let [of_few, of_many] = [each(few, cost_of_few), each(many, cost_of_many)];
    let ratio = of_many / of_few.max(1.0);
    Figure {
        what: format!("{many} {what}"),
        figure: format!(
            "{:.1} s of processor time: {of_many:.0} µs each, and {of_few:.0} µs among {few}",
            cost_of_many.as_secs_f64()
        ),
        goal: format!("each at most {RATIO_GOAL} times what it costs among {few}"),
        reached: (ratio <= RATIO_GOAL).into(),
        detail: json!({
            "count": many,
            "micros_each": rounded(of_many, 1),
            "micros_each_among_a_tenth": rounded(of_few, 1),
        }),
    }
}
