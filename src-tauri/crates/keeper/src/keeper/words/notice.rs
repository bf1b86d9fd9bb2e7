//! Notices, in words for the user.

use chrono::{DateTime, Local, TimeDelta, Utc};

use super::super::error::in_words;
use super::super::happening::NoticeView;
use crate::config::AccountName;
use tokenkeep_oauth::Problem;
use tokenkeep_protocol::account::{Cause, Lapse, Notice, NoticeKey, NoticeKind, Topic};
use tokenkeep_protocol::clock::Now;

/// A notice in words.
pub(in super::super) fn notice(name: &AccountName, notice: &Notice, now: Now) -> NoticeView {
    let view = |title, body, sign_in| NoticeView {
        account: name.clone(),
        kind: notice.key.kind(),
        title,
        body,
        sign_in,
    };
    match notice.key {
        NoticeKey::LapseAhead { lapse, .. } => {
            let left = in_words(now.tick.until(lapse.at));
            let title = format!("{name} lapses in {left}");
            let body = lapse_ahead(lapse, now);
            let by_person = lapse.cause != Cause::AssertionEnds;
            view(title, body, by_person)
        }
        NoticeKey::About(topic, _) => {
            let sign_in = topic == Topic::SignInNeeded;
            view(title(name, topic), body(topic, notice, now), sign_in)
        }
    }
}

/// That the session of an account, which was removed, may live on.
pub(in super::super) fn session_left(name: &AccountName, problem: &Problem) -> NoticeView {
    NoticeView {
        account: name.clone(),
        kind: NoticeKind::About(Topic::SessionLeft),
        title: title(name, Topic::SessionLeft),
        body: problem.message.clone(),
        sign_in: false,
    }
}

/// What ends when, and what to do before.
fn lapse_ahead(lapse: Lapse, now: Now) -> String {
    let what = match lapse.cause {
        Cause::NoRefreshToken => "The access token, for which there is no refresh token,",
        Cause::RefreshTokenEnds => "The refresh token",
        Cause::SessionEnds => "The session",
        Cause::AssertionEnds => "The JWT credential",
    };
    let action = match lapse.cause {
        Cause::AssertionEnds => {
            "Create a new JWT credential in the provider's console, remove the account and add it again with the new one."
        }
        _ => "Sign in again before then.",
    };
    let at = clock(now.wall_at(lapse.at), now.wall);
    format!("{what} ends at {at}. {action}")
}

fn title(name: &AccountName, topic: Topic) -> String {
    match topic {
        Topic::SignInNeeded => format!("{name}: sign in again"),
        Topic::Misconfigured => format!("{name}: the provider refuses its set-up"),
        Topic::RenewalFailing => format!("{name}: renewing keeps failing"),
        Topic::NoRefreshToken => format!("{name}: no refresh token came"),
        Topic::Unsaved => format!("{name}: not saved yet"),
        Topic::Recovered => format!("{name} is fresh again"),
        Topic::SessionLeft => format!("{name} was removed, but its session may live on"),
    }
}

fn body(topic: Topic, notice: &Notice, now: Now) -> String {
    let until = notice.token_until.map_or_else(
        || "There is no valid token now.".to_owned(),
        |until| {
            let until = clock(now.wall_at(until), now.wall);
            format!("The current token can be used until {until}.")
        },
    );
    let detail = notice.detail.clone().unwrap_or_default();
    match topic {
        Topic::SignInNeeded | Topic::Misconfigured | Topic::RenewalFailing => {
            format!("{detail} {until}").trim().to_owned()
        }
        Topic::NoRefreshToken => {
            format!("{detail} {until} After that somebody has to sign in again.")
        }
        Topic::Unsaved => {
            "The keychain does not take the new tokens, so they are in memory only: do not quit Tokenkeep until they are \
             saved. Saving is tried again by itself; unlock or start the keychain."
                .to_owned()
        }
        Topic::Recovered => "Its token was renewed; nothing is to be done.".to_owned(),
        Topic::SessionLeft => detail,
    }
}

/// A time of day, with its date unless it is near.
fn clock(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let local = at.with_timezone(&Local);
    if (at - now).abs() < TimeDelta::hours(20) {
        local.format("%H:%M:%S").to_string()
    } else {
        local.format("%Y-%m-%d %H:%M").to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use tokenkeep_protocol::clock::Tick;

    #[test]
    fn a_lapse_is_announced_with_its_time_left_and_the_thing_to_do() {
        let now = Now {
            tick: Tick::from_millis(0),
            wall: Utc::now(),
        };
        let lapse = Lapse {
            at: Tick::from_millis(900_000),
            cause: Cause::SessionEnds,
        };
        let key = NoticeKey::LapseAhead {
            lapse,
            lead: Duration::from_secs(900),
        };
        let ahead = Notice {
            key,
            detail: None,
            token_until: None,
        };
        let view = notice(&"demo".parse().unwrap(), &ahead, now);
        assert_eq!(view.title, "demo lapses in 15 min");
        assert!(view.body.starts_with("The session ends at ") && view.sign_in);
    }
}
