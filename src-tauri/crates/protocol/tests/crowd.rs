//! Many accounts on one client: its quota keeps so many tokens fresh and no more. Whoever cannot be
//! kept then is nobody's fault, and as few as arithmetic allows.

mod model;

use std::time::Duration;

use model::checks::Cause;
use model::errands::Errand;
use model::provider::Behaviour;
use model::readers::{Habit, Kind};
use model::world::{AccountSpec, Grant, Happening, World};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

const HOUR: Duration = Duration::from_secs(3600);

/// How many requests an hour a quota of five a minute leaves to schedules: one is left for a person,
/// and every window is taken for a little longer.
const REQUESTS_AN_HOUR: u64 = 4 * 3600 / 66;

/// RingCentral, with its quota of five a minute and tokens of an hour, and so many accounts on one
/// client, each with a reader that comes every now and then and does not wait.
fn crowd(accounts: usize) -> World {
    let specs = (0..accounts).map(|user| AccountSpec::new(0, user, Grant::Jwt));
    let rng = StdRng::seed_from_u64(accounts as u64);
    let mut world = World::new(rng, Behaviour::ringcentral(), specs.collect());
    world.start();
    // At first nobody has a token, and all want one.
    world.run_for(3 * HOUR);
    for account in 0..accounts {
        let habit = Habit {
            kind: Kind::Plain,
            every: Duration::from_secs(600),
            wait: Duration::ZERO,
        };
        world.after(
            HOUR / 6,
            Happening::Errand(Errand::Habit { account, habit }),
        );
    }
    world
}

/// What happened in so many hours: requests sent, reads that were served, and those that were not.
fn watched(world: &mut World, hours: u32) -> (u64, u64, u64) {
    let requests = world.report.requests;
    world.run_for(hours * HOUR);
    let requests = world.report.requests - requests;
    let served = world.report.served_at_once + world.report.waited.len() as u64;
    let not_served = &world.report.not_served;
    assert!(
        not_served.keys().all(|cause| *cause == Cause::Quota),
        "{not_served:?}"
    );
    (requests, served, not_served.values().sum())
}

#[test]
fn as_many_accounts_as_a_quota_can_keep_fresh_are_all_kept() {
    let mut world = crowd(150);
    let (_, served, not_served) = watched(&mut world, 12);
    assert_eq!(world.checks.violation(), None);
    assert!(served > 5_000, "{served}");
    assert_eq!(not_served, 0);
}

#[test]
fn of_more_accounts_than_a_quota_can_keep_as_many_are_served_as_it_can() {
    let accounts = 400;
    let hours = 12;
    let mut world = crowd(accounts);
    let (requests, served, not_served) = watched(&mut world, hours);
    assert_eq!(world.checks.violation(), None);
    // No request that the quota would have allowed was left unsent.
    let most = REQUESTS_AN_HOUR * u64::from(hours);
    assert!(requests * 100 >= most * 98, "{requests} of {most}");
    // A token serves for the hour that it lives, so that is the part that can be served.
    let possible = REQUESTS_AN_HOUR as f64 / accounts as f64;
    let part = served as f64 / (served + not_served) as f64;
    assert!(part > possible * 0.95, "{part:.3} of {possible:.3}");
}
