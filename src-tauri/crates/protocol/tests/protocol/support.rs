//! A scripted world to begin with, and what is asked of it most.

use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokenkeep_protocol::account::{Handout, Newer, ReaderId, Want};

use crate::model::faults::SaveFate;
use crate::model::network::{Fate, Then};
use crate::model::provider::Behaviour;
use crate::model::readers::lease;
use crate::model::world::{AccountSpec, Grant, World};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const BACK: Duration = Duration::from_millis(50);

/// A keeper with one account that is signed in, with a token of an hour.
pub(crate) fn fresh(grant: Grant, behaviour: Behaviour) -> World {
    let spec = AccountSpec::new(0, 0, grant);
    let mut world = World::new(StdRng::seed_from_u64(7), behaviour, vec![spec]);
    world.readers.keep_answers = true;
    world.start();
    world.run_for(SECOND);
    if grant == Grant::Code {
        world.sign_in(0);
    }
    world.run_for(5 * SECOND);
    assert!(
        world
            .vault
            .item(0)
            .is_some_and(|item| item.access().is_some())
    );
    world
}

pub(crate) fn ringcentral() -> World {
    fresh(Grant::Code, Behaviour::ringcentral())
}

pub(crate) fn ask(world: &mut World, want: Want) -> ReaderId {
    world.ask(0, want, 30 * SECOND)
}

pub(crate) fn handout(world: &World, reader: ReaderId) -> Option<&Handout> {
    match world.readers.answer(reader) {
        Some(Ok(handout)) => Some(handout),
        _ => None,
    }
}

/// Reads the token, waiting for it.
#[expect(clippy::panic, reason = "a test that cannot go on")]
pub(crate) fn read(world: &mut World) -> Handout {
    let reader = ask(world, Want::default());
    world.run_until_answered(reader);
    let answer = world.readers.answer(reader);
    match answer {
        Some(Ok(handout)) => Handout::clone(handout),
        _ => panic!("no token: {answer:?}; {:?}", world.checks.violation()),
    }
}

pub(crate) fn asked() -> Want {
    Want {
        newer: Some(Newer::Renewal),
        ..Want::default()
    }
}

pub(crate) fn leasing(length: Option<Duration>) -> Want {
    Want {
        lease: Some(lease(length)),
        ..Want::default()
    }
}

pub(crate) fn is_alive(world: &World, handout: &Handout) -> bool {
    world
        .provider
        .is_alive(handout.access_token.expose(), world.now)
}

pub(crate) fn answer_lost() -> Fate {
    Fate::Arrives {
        after: BACK,
        then: Then::AnswerLost { after: BACK },
    }
}

pub(crate) fn save_fails() -> SaveFate {
    SaveFate::Fails {
        after: BACK,
        written: false,
    }
}

#[track_caller]
pub(crate) fn well(world: &World) {
    assert_eq!(world.checks.violation(), None);
}
