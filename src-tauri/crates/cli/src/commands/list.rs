//! `tokenkeep list`.

use anstyle::Style;
use chrono::{DateTime, Utc};
use clap::Args;
use tokenkeep_keeper::keeper::{AccountView, Standing, Tone};
use tokenkeep_protocol::account::State;

use crate::client::client;
use crate::failure::Failure;
use crate::style::{BAD, BUSY, FAINT, GOOD};
use crate::table::{Cell, Table};
use crate::{durations, output, runtime};

/// Show all accounts: how they stand, how long their tokens live, what is wrong
#[derive(Args)]
pub(crate) struct ListArgs {
    /// Print the accounts as a JSON array
    #[arg(long)]
    json: bool,
}

impl ListArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        let accounts = runtime::on_this_thread(async { Ok(client.accounts().await?) })?;
        if self.json {
            return output::json(&accounts);
        }
        if accounts.is_empty() {
            output::note(
                "There are no accounts yet. Add one with `tokenkeep add NAME --env-file FILE`.",
            );
            return Ok(());
        }
        output::table(&table(&accounts, Utc::now()))
    }
}

fn table(accounts: &[AccountView], now: DateTime<Utc>) -> Table {
    let mut table = Table::new(&[
        "NAME",
        "STATE",
        "TIME LEFT",
        "NEXT RENEWAL",
        "WHAT IS WRONG",
    ]);
    for account in accounts {
        let (word, style) = state(account.state);
        table.row(vec![
            account.name.to_string().into(),
            Cell::styled(word, style),
            account
                .expires_at
                .map_or_else(nothing, |at| {
                    durations::until(at, now).unwrap_or_else(|| "expired".to_owned())
                })
                .into(),
            account
                .next_renewal
                .map_or_else(nothing, |at| renewal(at, now))
                .into(),
            what_is_wrong(account, now).into(),
        ]);
    }
    table
}

fn nothing() -> String {
    "-".to_owned()
}

fn renewal(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    durations::until(at, now).map_or_else(|| "now".to_owned(), |left| format!("in {left}"))
}

/// What is wrong, and what will be. One line per account, whatever a provider said.
fn what_is_wrong(account: &AccountView, now: DateTime<Utc>) -> String {
    let unsaved = account
        .unsaved
        .then_some("Not saved yet: do not quit until the keychain has saved it.");
    let lapse = account.lapse.and_then(|lapse| lapse.warning(now));
    let sentences = [account.problem.as_deref(), unsaved, lapse.as_deref()];
    let words = sentences
        .into_iter()
        .flatten()
        .flat_map(str::split_whitespace);
    words.collect::<Vec<_>>().join(" ")
}

/// The state of an account, as a coloured word.
pub(super) fn state(state: State) -> (&'static str, Style) {
    let Standing { word, tone, .. } = Standing::of(state);
    let style = match tone {
        Tone::Good => GOOD,
        Tone::Busy | Tone::Warn => BUSY,
        Tone::Bad => BAD,
        Tone::Idle => FAINT,
    };
    (word, style)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(more: serde_json::Value) -> AccountView {
        let mut view = serde_json::json!({
            "name": "work", "provider": "practice", "server": "http://127.0.0.1:8642", "grant": "jwt",
            "client_id": "id", "state": "fresh", "problem": null, "generation": 3, "fingerprint": null,
            "issued_at": null, "expires_at": null, "expiry_assumed": false, "next_renewal": null,
            "refresh_expires_at": null, "lapse": null, "unsaved": false, "scope": null, "leases": [],
        });
        for (field, value) in more.as_object().unwrap() {
            view[field] = value.clone();
        }
        serde_json::from_value(view).unwrap()
    }

    #[test]
    fn what_is_unsaved_and_what_lapses_within_a_week_is_shown() {
        let now: DateTime<Utc> = "2026-01-01T12:00:00Z".parse().unwrap();
        let lapse = |at: &str, cause: &str| serde_json::json!({ "at": at, "cause": cause });
        let wrong = |more| what_is_wrong(&account(more), now);
        assert_eq!(wrong(serde_json::json!({})), "");
        let both = serde_json::json!({
            "problem": "It is\nlocked.", "unsaved": true, "lapse": lapse("2026-01-02T12:00:00Z", "refresh_token_ends"),
        });
        assert_eq!(
            wrong(both),
            "It is locked. Not saved yet: do not quit until the keychain has saved it. \
             The refresh token ends: sign in again within 1 d."
        );
        for (at, cause, shown) in [
            ("2026-01-01T12:40:00Z", "no_refresh_token", "within 40 min"),
            ("2026-01-01T12:40:00Z", "session_ends", "within 40 min"),
            ("2026-01-01T12:40:00Z", "assertion_ends", "in 40 min"),
            ("2026-01-09T12:00:00Z", "assertion_ends", ""),
            ("2026-01-01T11:00:00Z", "session_ends", ""),
        ] {
            let words = wrong(serde_json::json!({ "lapse": lapse(at, cause) }));
            assert!(words.contains(shown), "{words}");
            assert_eq!(words.is_empty(), shown.is_empty(), "{words}");
        }
    }

    #[test]
    fn every_account_has_one_line_that_lines_up() {
        let now: DateTime<Utc> = "2026-01-01T12:00:00Z".parse().unwrap();
        let accounts = [
            account(serde_json::json!({
                "expires_at": "2026-01-01T13:00:00Z", "next_renewal": "2026-01-01T12:48:00Z",
            })),
            account(serde_json::json!({
                "name": "me", "state": "sign_in_needed", "expires_at": "2026-01-01T11:00:00Z",
                "problem": "The session\nwas ended.",
            })),
            account(
                serde_json::json!({ "name": "new", "state": "signed_out", "next_renewal": "2026-01-01T11:00:00Z" }),
            ),
        ];
        let plain = anstream::adapter::strip_str(&table(&accounts, now).to_string()).to_string();
        assert_eq!(
            plain,
            "NAME  STATE          TIME LEFT  NEXT RENEWAL  WHAT IS WRONG\n\
             work  fresh          1 h        in 48 min\n\
             me    sign in again  expired    -             The session was ended.\n\
             new   signed out     -          now\n"
        );
    }
}
