//! The status page.

use std::time::Duration;

use maud::{Markup, PreEscaped, html};

use super::layout::{Page, SCRIPT, mark, page};
use crate::clients::{REDIRECT_URIS, RegisteredClient, SECRET};
use crate::clock::Moment;
use crate::options::Options;
use crate::paths;
use crate::state::session::{Session, SessionId};
use crate::users::{PASSWORD, UserId};

/// What the page says about a session. No token is in it.
pub(crate) struct SessionLine {
    id: SessionId,
    user: String,
    client: &'static str,
    renewals: u64,
    access_left: Duration,
    access_life: Duration,
    refresh_left: Option<Duration>,
}

impl SessionLine {
    pub(crate) fn new(session: &Session, now: Moment) -> Self {
        Self {
            id: session.id,
            user: session.user.name(),
            client: session.client.title(),
            renewals: session.renewals,
            access_left: session.access_left(now),
            access_life: session.access_life(),
            refresh_left: session.refresh_left(now),
        }
    }
}

/// The status page: the newest of `count` sessions, and what is registered here.
pub(crate) fn status(options: &Options, sessions: &[SessionLine], count: usize) -> Page {
    page(
        "Status",
        &html! {
            main.wide {
                (mark())
                header.title {
                    h1 { @if count == 1 { "1 session" } @else { (count) " sessions" } }
                    a.button href="/" { "Reload" }
                }
                @if sessions.is_empty() {
                    p.empty {
                        "Nobody is signed in. Put what " code { "tokenkeep practice" } " printed into a file "
                        code { ".env" } " and add it as an account, or sign in with the name and password below."
                    }
                } @else {
                    ul.sessions { @for session in sessions { (session_card(session)) } }
                }
                @if count > sessions.len() { p.quiet { "The newest " (sessions.len()) " are shown." } }
                (registered(options))
            }
            script { (PreEscaped(SCRIPT)) }
        },
    )
}

fn session_card(session: &SessionLine) -> Markup {
    let renewed = match session.renewals {
        0 => "not renewed yet".to_owned(),
        1 => "renewed once".to_owned(),
        times => format!("renewed {times} times"),
    };
    html! {
        li {
            div {
                strong { (session.user) }
                span.quiet { (session.client) " · " (renewed) }
            }
            form method="post" action=(paths::END) {
                button type="submit" name="session" value=(session.id.0)
                    aria-label={ "End the session of " (session.user) } { "End" }
            }
            dl {
                dt { "Access token" }
                dd {
                    (left(session.access_left))
                    progress max=(session.access_life.as_secs()) value=(session.access_left.as_secs())
                        aria-hidden="true" {}
                }
                dt { "Refresh token" }
                dd { @match session.refresh_left { Some(time) => (left(time)), None => "none" } }
            }
        }
    }
}

fn registered(options: &Options) -> Markup {
    html! {
        section.registered {
            h2 { "What is registered here" }
            dl {
                dt { "Confidential client" }
                dd { code { (RegisteredClient::Confidential.id()) } " with the secret " code { (SECRET) } }
                dt { "Public client" }
                dd { code { (RegisteredClient::Public.id()) } ", by PKCE" }
                dt { "Redirect URIs" }
                @for uri in REDIRECT_URIS { dd { code { (uri) } } }
                dt { @if options.users == 1 { "User" } @else { "Users" } }
                dd {
                    code { (UserId(0).name()) }
                    @if options.users > 1 { " to " code { (UserId(options.users - 1).name()) } }
                    " with the password " code { (PASSWORD) }
                }
            }
        }
    }
}

/// A time left, which the page's script counts down.
fn left(time: Duration) -> Markup {
    html! { span data-left=(time.as_secs()) { (in_words(time.as_secs())) } }
}

/// A time in its two largest units. `countdown.js` says the same.
fn in_words(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match seconds {
        0 => "expired".to_owned(),
        1..60 => format!("{seconds} s left"),
        60..3600 => format!("{minutes} min {} s left", seconds % 60),
        3600..86_400 => format!("{hours} h {minutes} min left"),
        _ => format!("{days} d {hours} h left"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_left_is_said_in_its_two_largest_units() {
        let said: Vec<String> = [0, 59, 61, 3660, 604_799].map(in_words).into();
        assert_eq!(
            said,
            [
                "expired",
                "59 s left",
                "1 min 1 s left",
                "1 h 1 min left",
                "6 d 23 h left"
            ]
        );
    }
}
