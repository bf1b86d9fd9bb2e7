//! `tokenkeep get` from its start to its end, beside a program that does nothing and beside a peer.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tokenkeep_tests::{Home, Keeper, tokenkeep_binary};

use crate::accounts;
use crate::extent::Extent;
use crate::figure::Figure;
use crate::oidc_agent::{self, OidcAgent};
use crate::spread::{Spread, micros, rounded};

/// How many times as long as `true` it may take.
const TRUE_GOAL: f64 = 1.8;
/// How many times as long as it the peer takes at the least.
const PEER_GOAL: f64 = 2.0;
/// How often each is run before anything counts.
const WARM_UP: usize = 20;
/// Life of a token in seconds: nothing is renewed meanwhile.
const TOKEN_LIFE: u32 = 3600;

pub(crate) fn measure(extent: &Extent) -> Vec<Figure> {
    let provider = accounts::provider(1, TOKEN_LIFE);
    let home = accounts::unpaced(Home::without_bus());
    let _keeper = Keeper::start(&home, &["--vault", "memory"]);
    accounts::add(&home, &provider, 1);
    let agent = oidc_agent::is_installed().then(|| OidcAgent::start(&provider));

    let mut nothing = Command::new("/bin/true");
    nothing.env_clear();
    let mut get = Command::new(tokenkeep_binary());
    get.args(["get", &accounts::name(0)]).env_clear();
    get.env("TOKENKEEP_HOME", home.folder());
    prints_a_token(&mut get);
    let mut commands = vec![nothing, get];
    if let Some(agent) = &agent {
        let mut peer = agent.token_command();
        prints_a_token(&mut peer);
        commands.push(peer);
    }

    let spreads = in_turn(&mut commands, extent.runs);
    let (nothing, get) = (&spreads[0], &spreads[1]);
    vec![
        against_true(nothing, get),
        against_peer(get, spreads.get(2)),
    ]
}

fn against_true(nothing: &Spread, get: &Spread) -> Figure {
    let ratio = get.ratio_to(nothing);
    Figure {
        what: "tokenkeep get, whole process".to_owned(),
        figure: format!(
            "{ratio:.2} times /bin/true ({} beside {})",
            around(get),
            around(nothing)
        ),
        goal: format!("under {TRUE_GOAL} times"),
        reached: (ratio < TRUE_GOAL).into(),
        detail: json!({
            "ratio": rounded(ratio, 3),
            "undisturbed_ratio": rounded(get.undisturbed_ratio_to(nothing), 3),
            "tokenkeep_get": get.detail(),
            "true": nothing.detail(),
        }),
    }
}

fn against_peer(get: &Spread, peer: Option<&Spread>) -> Figure {
    let what = "tokenkeep get beside oidc-token";
    let goal = format!("at least {PEER_GOAL} times as fast");
    let Some(peer) = peer else {
        return Figure::unmeasured(what, &goal, "Debian's oidc-agent-cli is not installed");
    };
    let ratio = peer.ratio_to(get);
    Figure {
        what: what.to_owned(),
        figure: format!(
            "{ratio:.2} times as fast ({} beside {})",
            around(get),
            around(peer)
        ),
        goal,
        reached: (ratio >= PEER_GOAL).into(),
        detail: json!({
            "ratio": rounded(ratio, 3),
            "undisturbed_ratio": rounded(peer.undisturbed_ratio_to(get), 3),
            "tokenkeep_get": get.detail(),
            "oidc_token": peer.detail(),
        }),
    }
}

/// The middle, and where eight of ten are.
fn around(spread: &Spread) -> String {
    format!(
        "{:.0} µs, {:.0} to {:.0}",
        micros(spread.median()),
        micros(spread.percentile(10.0)),
        micros(spread.percentile(90.0))
    )
}

/// Runs each of the commands in turn, over and over: what else the machine does meanwhile happens to all of them.
fn in_turn(commands: &mut [Command], runs: usize) -> Vec<Spread> {
    for command in commands.iter_mut() {
        command.stdin(Stdio::null()).stdout(Stdio::null());
    }
    let mut times = vec![Vec::with_capacity(runs); commands.len()];
    for run in 0..WARM_UP + runs {
        for (command, times) in commands.iter_mut().zip(&mut times) {
            let took = timed(command);
            if run >= WARM_UP {
                times.push(took);
            }
        }
    }
    times.into_iter().map(Spread::of).collect()
}

fn timed(command: &mut Command) -> Duration {
    let began = Instant::now();
    let status = command.status();
    let took = began.elapsed();
    let status = status.unwrap_or_else(|e| panic!("{command:?} cannot be started: {e}"));
    assert!(status.success(), "{command:?} failed ({status})");
    took
}

/// What is timed has to do its work, too.
fn prints_a_token(command: &mut Command) {
    let output = command.output();
    let output = output.unwrap_or_else(|e| panic!("{command:?} cannot be started: {e}"));
    let said = String::from_utf8_lossy(&output.stderr);
    let token = String::from_utf8_lossy(&output.stdout);
    let is_one = output.status.success() && token.trim().len() > 20 && token.lines().count() == 1;
    assert!(is_one, "{command:?} prints no token: {said}");
}
