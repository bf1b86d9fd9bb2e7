//! One account without a world around it: its test says what happens, when, and what is to come of it.

use std::time::Duration;

use tokenkeep_oauth::{
    AccessToken, Problem, ProblemKind, RefreshToken, RenewalEffect, Reply, TokenResponse,
};
use tokenkeep_protocol::account::{
    Account, AssertionPolicy, AttemptId, Effect, Event, Policy, Reader, ReaderId, Record, SaveId,
    TokenSet, VaultFailure, Want,
};
use tokenkeep_protocol::clock::Tick;

use crate::support::SECOND;

const START: Tick = Tick::from_millis(0);
const HOUR: Duration = Duration::from_secs(3600);

/// An account, and the time that has gone by since it was made.
pub(crate) struct Heart {
    account: Account,
    time: Duration,
}

impl Heart {
    /// An account of a person, of which nothing is known yet.
    pub(crate) fn of_a_person() -> Self {
        Self::new(policy())
    }

    /// An account with an assertion, which kills nothing, and which is asking for its first token.
    pub(crate) fn with_an_assertion() -> Self {
        let assertion = AssertionPolicy {
            effect: RenewalEffect::KillsNothing,
            expires_at: None,
        };
        let mut heart = Self::new(Policy {
            assertion: Some(assertion),
            ..policy()
        });
        heart.happens(Event::Timeout);
        heart.happens(Event::Loaded(Ok(Record::default())));
        heart
    }

    /// An account of a person who signed in, with a token of an hour that no renewal has touched.
    pub(crate) fn signed_in() -> Self {
        let mut heart = Self::of_a_person();
        let save = heart.signs_in(tokens());
        heart.saved(save);
        heart
    }

    /// An account of a person, started again with a token of this age.
    pub(crate) fn started_again(age: Duration) -> Self {
        let mut heart = Self::of_a_person();
        heart.happens(Event::Timeout);
        let record = Record {
            generation: 1,
            tokens: Some(TokenSet::received(tokens(), START - age, None)),
            ..Record::default()
        };
        heart.happens(Event::Loaded(Ok(record)));
        heart
    }

    /// The renewal schedule is that of a seed of zero, which adds no time to any.
    fn new(policy: Policy) -> Self {
        Self {
            account: Account::new(policy, Vec::new(), START),
            time: Duration::ZERO,
        }
    }

    /// Something happens.
    pub(crate) fn happens(&mut self, event: Event) -> Vec<Effect> {
        self.account.handle(event, START + self.time)
    }

    /// Something happens at `time`.
    pub(crate) fn happens_at(&mut self, time: Duration, event: Event) -> Vec<Effect> {
        self.time = time;
        self.happens(event)
    }

    /// The account asks to be woken at exactly this time. Woken a moment sooner it does nothing; what it does then.
    #[track_caller]
    pub(crate) fn woken_at(&mut self, time: Duration) -> Vec<Effect> {
        assert_eq!(self.account.wake_at(), Some(START + time));
        let early = self.happens_at(time - Duration::from_millis(1), Event::Timeout);
        assert!(early.is_empty(), "{early:?}");
        self.happens_at(time, Event::Timeout)
    }

    /// A person signs in to an account that holds nothing; the write of what came.
    pub(crate) fn signs_in(&mut self, tokens: TokenResponse) -> SaveId {
        self.happens(Event::Timeout);
        self.happens(Event::Loaded(Ok(Record::default())));
        let sent_at = START + self.time;
        let tokens = Box::new(tokens);
        let effects = self.happens(Event::SignedIn { tokens, sent_at });
        save(&effects)
    }

    pub(crate) fn saved(&mut self, save: SaveId) -> Vec<Effect> {
        let result = Ok(());
        self.happens(Event::Saved { save, result })
    }

    pub(crate) fn not_saved(&mut self, save: SaveId) -> Vec<Effect> {
        let result = Err(locked());
        self.happens(Event::Saved { save, result })
    }

    /// The pace lets the account send, and the vault takes the mark where there is one: the request.
    pub(crate) fn sends(&mut self) -> AttemptId {
        let mut effects = self.happens(Event::MaySend);
        if matches!(effects[..], [Effect::Save { .. }]) {
            effects = self.saved(save(&effects));
        }
        let sent = effects.iter().find_map(|effect| match effect {
            Effect::Send { attempt, .. } => Some(*attempt),
            _ => None,
        });
        assert!(sent.is_some(), "{effects:?}");
        sent.unwrap_or(AttemptId(0))
    }

    /// The pace lets the account send, and this is the reply.
    pub(crate) fn is_replied(&mut self, reply: Reply) -> Vec<Effect> {
        let attempt = self.sends();
        self.happens(Event::Answered { attempt, reply })
    }

    /// The pace lets the account send; tokens come, and are saved.
    pub(crate) fn is_given(&mut self, tokens: TokenResponse) -> Vec<Effect> {
        let effects = self.is_replied(Reply::Tokens(Box::new(tokens)));
        self.saved(save(&effects))
    }

    /// A reader asks, and waits for half a minute.
    pub(crate) fn is_asked(&mut self, want: Want) -> Vec<Effect> {
        let reader = Reader {
            id: ReaderId(1),
            deadline: START + self.time + 30 * SECOND,
            want,
        };
        self.happens(Event::Ask(reader))
    }
}

fn policy() -> Policy {
    Policy {
        seed: 0,
        refresh: RenewalEffect::KillsPrevious,
        assertion: None,
        replay_window: Some(3600 * SECOND),
        request_time_limit: 30 * SECOND,
        no_refresh_token_advice: String::new(),
    }
}

/// A token of an hour, and a refresh token whose end is not known.
pub(crate) fn tokens() -> TokenResponse {
    TokenResponse {
        access_token: AccessToken::new("access".to_owned()),
        refresh_token: Some(RefreshToken::new("refresh".to_owned())),
        expires_in: Some(HOUR),
        refresh_token_expires_in: None,
        session_expires_in: None,
        scope: None,
        owner_id: None,
        endpoint_id: None,
        rate_limit: None,
    }
}

pub(crate) fn throttled(retry_after: Duration) -> Reply {
    let problem = problem(ProblemKind::Throttled);
    Reply::Throttled {
        retry_after,
        problem,
    }
}

pub(crate) fn problem(kind: ProblemKind) -> Problem {
    Problem::new(kind, "It did not work.")
}

pub(crate) fn locked() -> VaultFailure {
    VaultFailure {
        message: "The keychain is locked.".to_owned(),
        lasting: false,
    }
}

/// The write that is asked for.
#[track_caller]
pub(crate) fn save(effects: &[Effect]) -> SaveId {
    let save = effects.iter().find_map(|effect| match effect {
        Effect::Save { save, .. } => Some(*save),
        _ => None,
    });
    assert!(save.is_some(), "{effects:?}");
    save.unwrap_or(SaveId(0))
}

#[track_caller]
pub(crate) fn asks_pace(effects: &[Effect]) {
    assert!(matches!(effects, [Effect::AskPace(_)]), "{effects:?}");
}
