//! Tokens over the socket: how many a second, and how soon.

use std::time::Duration;

use serde_json::json;
use tokenkeep_tests::{Home, Keeper};

use crate::accounts;
use crate::extent::Extent;
use crate::figure::Figure;
use crate::load::{self, Load};
use crate::spread::{micros, rounded};

/// How many connections there are at once.
const CONNECTIONS: usize = 64;
/// How many requests are to be answered then, and how soon 99 of 100.
const PER_SECOND_GOAL: f64 = 20_000.0;
const P99_GOAL: Duration = Duration::from_millis(5);
/// How soon a request is to be answered that has the keeper to itself.
const ALONE_GOAL: Duration = Duration::from_micros(100);
/// Life of a token in seconds: nothing is renewed meanwhile.
const TOKEN_LIFE: u32 = 3600;

pub(crate) fn measure(extent: &Extent) -> Vec<Figure> {
    let provider = accounts::provider(1, TOKEN_LIFE);
    let home = accounts::unpaced(Home::without_bus());
    let mut keeper = Keeper::start(&home, &["--vault", "memory"]);
    accounts::add(&home, &provider, 1);
    let (socket, request) = (accounts::socket(&home), accounts::token_request(0));
    let process = accounts::process(&mut keeper);
    let many = load::together(&socket, process, &request, CONNECTIONS, extent.load);
    let one = load::alone(&socket, process, &request, extent.load);
    let p99 = many.latency.percentile(99.0);
    vec![
        Figure {
            what: format!("socket, {CONNECTIONS} connections: rate"),
            figure: format!(
                "{:.0} tokens a second (keeper {:.2} cores, client {:.2})",
                many.per_second, many.keeper_cores, many.client_cores
            ),
            goal: format!("at least {PER_SECOND_GOAL:.0} a second"),
            reached: (many.per_second >= PER_SECOND_GOAL).into(),
            detail: detail(&many),
        },
        Figure {
            what: format!("socket, {CONNECTIONS} connections: latency"),
            figure: format!(
                "p99 {:.2} ms, median {:.2} ms",
                micros(p99) / 1e3,
                micros(many.latency.median()) / 1e3
            ),
            goal: format!("p99 under {} ms", P99_GOAL.as_millis()),
            reached: (p99 < P99_GOAL).into(),
            detail: detail(&many),
        },
        Figure {
            what: "socket, one connection: latency".to_owned(),
            figure: format!(
                "median {:.0} µs, p99 {:.0} µs",
                micros(one.latency.median()),
                micros(one.latency.percentile(99.0))
            ),
            goal: format!("median under {} µs", ALONE_GOAL.as_micros()),
            reached: (one.latency.median() < ALONE_GOAL).into(),
            detail: detail(&one),
        },
    ]
}

fn detail(load: &Load) -> serde_json::Value {
    json!({
        "per_second": rounded(load.per_second, 0),
        "latency": load.latency.detail(),
        "keeper_cores": rounded(load.keeper_cores, 3),
        "client_cores": rounded(load.client_cores, 3),
    })
}
