//! Quitting from the menu: first it is said which sign-ins lapse while nothing renews them.

use chrono::{DateTime, Local, Utc};
use tauri::AppHandle;
use tauri_plugin_dialog::{DialogExt as _, MessageDialogButtons, MessageDialogKind};
use tokenkeep_keeper::keeper::{Keeper, Lapsing, lapsing};

/// How many sign-ins are named.
const NAMED: usize = 8;

/// Asks whether to quit where that costs a sign-in within a week. Calls `quit` if so.
pub(super) async fn ask(app: &AppHandle, keeper: &Keeper, quit: impl FnOnce() + Send + 'static) {
    let lapsing = lapsing(&keeper.accounts().await, Utc::now());
    if lapsing.is_empty() {
        return quit();
    }
    app.dialog()
        .message(words(&lapsing, Utc::now()))
        .title("Quit Tokenkeep?")
        .kind(MessageDialogKind::Warning)
        .buttons(MessageDialogButtons::OkCancelCustom(
            "Quit".to_owned(),
            "Keep running".to_owned(),
        ))
        .show(move |agreed| {
            if agreed {
                quit();
            }
        });
}

fn words(lapsing: &[Lapsing], now: DateTime<Utc>) -> String {
    let mut words = "While Tokenkeep does not run, nothing is renewed. If it stays off, somebody has to sign in again:\n"
        .to_owned();
    for Lapsing { name, at } in lapsing.iter().take(NAMED) {
        words += &format!("\n\u{2022} {name}: from {}", moment(*at, now));
    }
    if lapsing.len() > NAMED {
        words += &format!("\n\u{2022} and {} more", lapsing.len() - NAMED);
    }
    words
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
        let lapsing: Vec<Lapsing> = (0..10)
            .map(|number| Lapsing {
                name: format!("me{number}").parse().unwrap(),
                at,
            })
            .collect();
        let words = words(&lapsing, now);
        assert!(words.contains("me0: from Monday, 5 January"), "{words}");
        assert!(words.contains("me7") && !words.contains("me8"), "{words}");
        assert!(words.ends_with("and 2 more"), "{words}");
    }
}
