//! Converts between the ticks of the account's state machine and the wall-clock times in vault and journal.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use tokenkeep_oauth::{AccessToken, RefreshToken};

use crate::vault::{self, Item, StoredProblem, StoredTokens, StoredVerdict};
use tokenkeep_oauth::{Problem, ProblemKind};
use tokenkeep_protocol::account::{
    AttemptId, Cause, End, Lapse, NoticeKey, Pending, Record, TokenSet, Topic, Verdict, VerdictKind,
};
use tokenkeep_protocol::clock::{Now, Tick};

/// A token set issued further in the future than this was stored while the clock was set otherwise.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(1);

/// The vault item that holds `record`, and `beside` it what the state machine knows nothing of.
pub(super) fn item_of(record: &Record, beside: &Item, now: Now) -> Item {
    Item {
        generation: record.generation,
        tokens: record.tokens.as_ref().map(|set| stored(set, now)),
        pending: record.pending.map(|pending| vault::PendingRefresh {
            attempt: pending.attempt.0,
            sent_at: now.wall_at(pending.sent_at),
        }),
        verdict: record
            .verdict
            .as_ref()
            .map(|verdict| stored_verdict(verdict, now)),
        refresh_rejected: record.refresh_rejected,
        refused: wall(now, record.refused),
        ..beside.clone()
    }
}

/// The record that `item` holds.
pub(super) fn record_of(item: Item, now: Now) -> Record {
    Record {
        generation: item.generation,
        tokens: item.tokens.map(|tokens| token_set(tokens, now)),
        pending: item.pending.map(|pending| Pending {
            attempt: AttemptId(pending.attempt),
            sent_at: now.tick_at(pending.sent_at).min(now.tick),
        }),
        verdict: item.verdict.map(|stored| verdict(stored, now)),
        refresh_rejected: item.refresh_rejected,
        refused: item.refused.map(|at| now.tick_at(at).min(now.tick)),
    }
}

/// What the state machine knows nothing of in `item`.
pub(super) fn beside(item: &Item) -> Item {
    Item {
        credentials: item.credentials.clone(),
        owner: item.owner.clone(),
        bound_to: item.bound_to.clone(),
        sign_in: item.sign_in.clone(),
        home: item.home.clone(),
        opened: item.opened.clone(),
        ..Item::default()
    }
}

fn stored_verdict(verdict: &Verdict, now: Now) -> StoredVerdict {
    StoredVerdict {
        kind: match verdict.kind {
            VerdictKind::SignInNeeded => vault::StoredVerdictKind::SignInNeeded,
            VerdictKind::Misconfigured => vault::StoredVerdictKind::Misconfigured,
        },
        problem: StoredProblem {
            kind: word(verdict.problem.kind),
            message: verdict.problem.message.clone(),
        },
        at: now.wall_at(verdict.at),
    }
}

fn verdict(stored: StoredVerdict, now: Now) -> Verdict {
    let kind = from_word(&stored.problem.kind).unwrap_or(ProblemKind::UnknownError);
    Verdict {
        kind: match stored.kind {
            vault::StoredVerdictKind::SignInNeeded => VerdictKind::SignInNeeded,
            vault::StoredVerdictKind::Misconfigured => VerdictKind::Misconfigured,
        },
        problem: Problem::new(kind, stored.problem.message),
        at: now.tick_at(stored.at).min(now.tick),
    }
}

fn stored(set: &TokenSet, now: Now) -> StoredTokens {
    let wall = |end: &End| now.wall_at(end.at);
    StoredTokens {
        access_token: SecretString::from(set.access_token.expose().to_owned()),
        refresh_token: set
            .refresh_token
            .as_ref()
            .map(|token| SecretString::from(token.expose().to_owned())),
        scope: set.scope.clone(),
        issued_at: now.wall_at(set.issued_at),
        expires_at: now.wall_at(set.expires_at),
        expiry_assumed: set.expiry_assumed,
        refresh_expires_at: set.refresh_expires_at.as_ref().map(wall),
        refresh_expiry_fixed: set.refresh_expires_at.is_some_and(|end| end.fixed),
        session_expires_at: set.session_expires_at.as_ref().map(wall),
        session_expiry_fixed: set.session_expires_at.is_some_and(|end| end.fixed),
        owner_id: set.owner_id.clone(),
        endpoint_id: set.endpoint_id.clone(),
    }
}

fn token_set(tokens: StoredTokens, now: Now) -> TokenSet {
    let end = |at: Option<DateTime<Utc>>, fixed| {
        at.map(|at| End {
            at: now.tick_at(at),
            fixed,
        })
    };
    let set_back = tokens.issued_at > now.wall + CLOCK_TOLERANCE;
    let lifetime = (tokens.expires_at - tokens.issued_at)
        .to_std()
        .unwrap_or_default();
    let (issued_at, expires_at) = match (set_back, &tokens.refresh_token) {
        (false, _) => (
            now.tick_at(tokens.issued_at),
            now.tick_at(tokens.expires_at),
        ),
        // The clock was set back while no keeper ran, so the token's age is not known. If it can be renewed, it is
        // renewed first; if not, it is used for its whole lifetime.
        (true, Some(_)) => (now.tick - lifetime, now.tick),
        (true, None) => (now.tick, now.tick + lifetime),
    };
    TokenSet {
        access_token: AccessToken::new(tokens.access_token.expose_secret()),
        refresh_token: tokens
            .refresh_token
            .map(|token| RefreshToken::new(token.expose_secret())),
        scope: tokens.scope,
        issued_at,
        expires_at,
        expiry_assumed: tokens.expiry_assumed,
        refresh_expires_at: end(tokens.refresh_expires_at, tokens.refresh_expiry_fixed),
        session_expires_at: end(tokens.session_expires_at, tokens.session_expiry_fixed),
        owner_id: tokens.owner_id,
        endpoint_id: tokens.endpoint_id,
    }
}

/// The key under which the journal remembers that a notice was given.
pub(super) fn key_text(key: NoticeKey, now: Now) -> String {
    match key {
        NoticeKey::About(topic, generation) => format!("about/{}/{generation}", word(topic)),
        NoticeKey::LapseAhead { lapse, lead } => {
            let at = now.wall_at(lapse.at).timestamp_millis();
            format!("lapse/{}/{}/{at}", word(lapse.cause), lead.as_millis())
        }
    }
}

/// Reads what [`key_text`] wrote; none if it cannot be read.
pub(super) fn key_of(text: &str, now: Now) -> Option<NoticeKey> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts[..] {
        ["about", topic, generation] => Some(NoticeKey::About(
            from_word::<Topic>(topic)?,
            generation.parse().ok()?,
        )),
        ["lapse", cause, lead, at] => {
            let at = DateTime::from_timestamp_millis(at.parse().ok()?)?;
            let lapse = Lapse {
                at: now.tick_at(at),
                cause: from_word::<Cause>(cause)?,
            };
            Some(NoticeKey::LapseAhead {
                lapse,
                lead: Duration::from_millis(lead.parse().ok()?),
            })
        }
        _ => None,
    }
}

/// A tick as wall-clock time.
pub(super) fn wall(now: Now, at: Option<Tick>) -> Option<DateTime<Utc>> {
    at.map(|at| now.wall_at(at))
}

/// An enum's variant as serde spells it.
pub(super) fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn from_word<T: serde::de::DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Now {
        Now {
            tick: Tick::from_millis(7_000),
            wall: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        }
    }

    fn set(refresh_token: Option<&str>) -> TokenSet {
        TokenSet {
            access_token: AccessToken::new("access"),
            refresh_token: refresh_token.map(RefreshToken::new),
            scope: Some("ReadAccounts".into()),
            issued_at: Tick::from_millis(-50_000),
            expires_at: Tick::from_millis(3_550_000),
            expiry_assumed: true,
            refresh_expires_at: Some(End {
                at: Tick::from_millis(9_000_000),
                fixed: true,
            }),
            session_expires_at: None,
            owner_id: Some("1".into()),
            endpoint_id: None,
        }
    }

    fn record(set: TokenSet) -> Record {
        let pending = Pending {
            attempt: AttemptId(4),
            sent_at: Tick::from_millis(6_000),
        };
        Record {
            generation: 3,
            tokens: Some(set),
            pending: Some(pending),
            verdict: Some(Verdict {
                kind: VerdictKind::Misconfigured,
                problem: Problem::new(ProblemKind::InvalidClient, "The client is wrong."),
                at: Tick::from_millis(6_500),
            }),
            refresh_rejected: true,
            refused: Some(Tick::from_millis(6_600)),
        }
    }

    #[test]
    fn a_record_survives_the_way_to_the_vault_and_back() {
        let before = record(set(Some("refresh")));
        let after = record_of(item_of(&before, &Item::default(), now()), now());
        assert_eq!(format!("{before:?}"), format!("{after:?}"));
        let tokens = after.tokens.unwrap();
        assert_eq!(tokens.access_token.expose(), "access");
        assert_eq!(tokens.refresh_token.unwrap().expose(), "refresh");
    }

    #[test]
    fn what_the_state_machine_does_not_know_is_written_again_as_it_was_read() {
        let read = crate::vault::samples::full();
        let plain = crate::vault::samples::plain;
        let beside = beside(&read);
        let written = item_of(&record_of(read.clone(), now()), &beside, now());
        assert_eq!(plain(&written), plain(&read));
    }

    #[test]
    fn a_verdict_of_a_kind_that_is_not_known_is_read_all_the_same() {
        let mut item = item_of(&record(set(None)), &Item::default(), now());
        item.verdict.as_mut().unwrap().problem.kind = "of_a_later_day".to_owned();
        let verdict = record_of(item, now()).verdict.unwrap();
        assert_eq!(verdict.problem.kind, ProblemKind::UnknownError);
        assert_eq!(verdict.problem.message, "The client is wrong.");
    }

    #[test]
    fn a_token_from_the_future_is_renewed_first_where_it_can_be() {
        let earlier = Now {
            wall: now().wall - TimeDelta::hours(5),
            ..now()
        };
        let read = |set| {
            record_of(item_of(&record(set), &Item::default(), now()), earlier)
                .tokens
                .unwrap()
        };
        assert!(!read(set(Some("refresh"))).lives(earlier.tick));
        let sole = read(set(None));
        assert_eq!(sole.remaining(earlier.tick), sole.lifetime());
    }

    #[test]
    fn a_notice_key_survives_the_way_to_the_journal_and_back() {
        let lapse = Lapse {
            at: Tick::from_millis(99_000),
            cause: Cause::SessionEnds,
        };
        for key in [
            NoticeKey::About(Topic::NoRefreshToken, 12),
            NoticeKey::LapseAhead {
                lapse,
                lead: Duration::from_secs(900),
            },
        ] {
            assert_eq!(key_of(&key_text(key, now()), now()), Some(key));
        }
        assert_eq!(key_of("something/else", now()), None);
    }
}
