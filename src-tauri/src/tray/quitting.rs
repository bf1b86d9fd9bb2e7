//! Quitting from the menu. It first says which sign-ins will lapse while nothing renews them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Local, Utc};
use tauri::AppHandle;
use tauri_plugin_dialog::{DialogExt as _, MessageDialogButtons, MessageDialogKind};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{AccountView, EndsIfOff, Keeper, VaultView, ends_if_off};

/// How many sign-ins are named.
const NAMED: usize = 8;

/// Asks before quitting, one question at a time.
#[derive(Default)]
pub(super) struct Quitting {
    is_asking: AtomicBool,
}

/// What quitting costs.
#[derive(Default)]
struct Cost {
    /// Sign-ins that lapse within a week while nothing renews them.
    lapsing: Vec<EndsIfOff>,
    /// Accounts whose tokens the keychain does not hold yet.
    unsaved: Vec<AccountName>,
    /// Nothing is kept anywhere but in memory.
    memory_only: bool,
}

impl Quitting {
    /// Quits with `quit`. If that costs something, it asks first.
    pub(super) async fn ask(
        self: &Arc<Self>,
        app: &AppHandle,
        keeper: &Keeper,
        quit: impl FnOnce() + Send + 'static,
    ) {
        let cost = Cost::of(keeper).await;
        if cost.is_nothing() {
            return quit();
        }
        if self.is_asking.swap(true, Ordering::Relaxed) {
            return;
        }
        let asking = Arc::clone(self);
        show(app, cost.in_words(Utc::now()), move |agreed| {
            asking.is_asking.store(false, Ordering::Relaxed);
            if agreed {
                quit();
            }
        });
    }
}

fn show(app: &AppHandle, message: String, answered: impl FnOnce(bool) + Send + 'static) {
    app.dialog()
        .message(message)
        .title("Quit Tokenkeep?")
        .kind(MessageDialogKind::Warning)
        .buttons(MessageDialogButtons::OkCancelCustom(
            "Quit".to_owned(),
            "Keep running".to_owned(),
        ))
        .show(answered);
}

impl Cost {
    async fn of(keeper: &Keeper) -> Self {
        let accounts = keeper.accounts().await;
        let is_unsaved = |account: &&AccountView| account.unsaved;
        Self {
            lapsing: ends_if_off(&accounts, Utc::now()),
            unsaved: accounts
                .iter()
                .filter(is_unsaved)
                .map(|account| account.name.clone())
                .collect(),
            memory_only: keeper.status().await.vault == VaultView::MemoryOnly
                && accounts.iter().any(|account| account.generation > 0),
        }
    }

    fn is_nothing(&self) -> bool {
        self.lapsing.is_empty() && self.unsaved.is_empty() && !self.memory_only
    }

    fn in_words(&self, now: DateTime<Utc>) -> String {
        if self.memory_only {
            return "Secrets are kept in memory only, so every account is signed out when Tokenkeep ends.".to_owned();
        }
        let mut parts = Vec::new();
        if !self.unsaved.is_empty() {
            let names = listed(self.unsaved.iter().map(ToString::to_string).collect());
            parts.push(format!(
                "The keychain does not hold the newest tokens of these accounts yet. Unlock or start it first, or somebody \
                 has to sign in again:\n{names}"
            ));
        }
        if !self.lapsing.is_empty() {
            let lapse =
                |EndsIfOff { name, at }: &EndsIfOff| format!("{name}: from {}", moment(*at, now));
            let names = listed(self.lapsing.iter().map(lapse).collect());
            parts.push(format!(
                "While Tokenkeep does not run, nothing is renewed. If it stays off, somebody has to sign in again:\n{names}"
            ));
        }
        parts.join("\n\n")
    }
}

/// One per line, and how many more if there are many.
fn listed(lines: Vec<String>) -> String {
    let more = lines.len().saturating_sub(NAMED);
    let mut listed = lines;
    listed.truncate(NAMED);
    if more > 0 {
        listed.push(format!("and {more} more"));
    }
    let line = |line: String| format!("\n\u{2022} {line}");
    listed.into_iter().map(line).collect()
}

fn moment(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (local, today) = (at.with_timezone(&Local), now.with_timezone(&Local));
    if local.date_naive() == today.date_naive() {
        local.format("%H:%M today").to_string()
    } else {
        local.format("%A, %-d %B, %H:%M").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_in_is_named_with_its_end_and_many_are_counted() {
        let now: DateTime<Utc> = "2026-01-01T12:00:00Z".parse().unwrap();
        let at = "2026-01-05T12:00:00Z".parse().unwrap();
        let lapsing: Vec<EndsIfOff> = (0..10)
            .map(|number| EndsIfOff {
                name: format!("me{number}").parse().unwrap(),
                at,
            })
            .collect();
        let cost = Cost {
            lapsing,
            ..Cost::default()
        };
        let words = cost.in_words(now);
        assert!(words.contains("me0: from Monday, 5 January"), "{words}");
        assert!(words.contains("me7") && !words.contains("me8"), "{words}");
        assert!(words.ends_with("and 2 more"), "{words}");
    }

    #[test]
    fn what_is_not_saved_comes_before_what_lapses_later() {
        let now: DateTime<Utc> = "2026-01-01T12:00:00Z".parse().unwrap();
        let mut cost = Cost {
            unsaved: vec!["work".parse().unwrap()],
            ..Cost::default()
        };
        assert!(!cost.is_nothing() && cost.in_words(now).contains("\u{2022} work"));
        cost.memory_only = true;
        assert!(cost.in_words(now).contains("in memory only"));
        assert!(Cost::default().is_nothing());
    }
}
