//! `tokenkeep list`.

use anstyle::Style;
use chrono::{DateTime, Utc};
use clap::Args;
use tokenkeep_keeper::account::State;
use tokenkeep_keeper::keeper::AccountView;

use super::client;
use crate::failure::Failure;
use crate::output::{BAD, BUSY, GOOD};
use crate::table::{Cell, Table};
use crate::{durations, output, runtime};

/// Show all accounts: how they stand, how long their tokens live, what is wrong
#[derive(Args)]
pub(crate) struct List {
    /// Print the accounts as a JSON array
    #[arg(long)]
    json: bool,
}

impl List {
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
                .map_or_else(nothing, |at| durations::until(at, now, "expired"))
                .into(),
            account
                .next_renewal
                .map_or_else(nothing, |at| renewal(at, now))
                .into(),
            // One line per account, whatever a provider said.
            account
                .problem
                .as_deref()
                .map(one_line)
                .unwrap_or_default()
                .into(),
        ]);
    }
    table
}

fn nothing() -> String {
    "-".to_owned()
}

fn renewal(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match durations::until(at, now, "now") {
        now if now == "now" => now,
        left => format!("in {left}"),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How an account stands, in words and in colour.
pub(super) fn state(state: State) -> (&'static str, Style) {
    match state {
        State::Loading => ("loading", BUSY),
        State::SignedOut => ("signed out", BAD),
        State::Fresh => ("fresh", GOOD),
        State::Renewing => ("renewing", BUSY),
        State::InDoubt => ("in doubt", BUSY),
        State::Failing => ("failing", BUSY),
        State::Misconfigured => ("misconfigured", BAD),
        State::SignInNeeded => ("sign in again", BAD),
    }
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
