//! Notices: those of the keeper, the outcome of sign-ins, and the result of menu items.

use std::sync::Arc;

use tauri::AppHandle;
use tauri_plugin_notification::{Action, ActionPerformed, ActionType, NotificationExt as _};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::NoticeView;
use tokenkeep_oauth::printable;

/// What a notice's button, or a click on the notice, does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoticeAction {
    /// Sign in to the account.
    SignIn(AccountName),
    /// Have Tokenkeep start at login.
    StartAtLogin,
    /// Open the main window.
    Open,
}

/// Kinds of notices by what their button does.
const WITH_SIGN_IN: &str = "sign-in";
const WITH_START_AT_LOGIN: &str = "start-at-login";
const PLAIN: &str = "plain";
/// A click on the notice itself.
const CLICK: &str = "tap";
/// Where a notice keeps its account.
const ACCOUNT: &str = "account";

/// Shows notices.
#[derive(Clone)]
pub(super) struct Notices {
    app: AppHandle,
}

impl Notices {
    /// Ready to show; what the user answers goes to `answered`.
    pub(super) fn new(
        app: AppHandle,
        answered: impl Fn(NoticeAction) + Send + Sync + 'static,
    ) -> Self {
        let with_button = |id: &str, title: &str| {
            let button = Action::builder(id, title).build();
            ActionType::builder(id).actions(vec![button]).build()
        };
        let notification = app.notification();
        let registered = notification.register_action_types(vec![
            with_button(WITH_SIGN_IN, "Sign in"),
            with_button(WITH_START_AT_LOGIN, "Start at login"),
            ActionType::builder(PLAIN).build(),
        ]);
        let answered = Arc::new(answered);
        let heard = notification.on_action(move |performed| {
            if let Some(answer) = answer(performed) {
                answered(answer);
            }
        });
        if let Err(error) = registered.and(heard) {
            tracing::warn!(%error, "notices come without buttons");
        }
        Self { app }
    }

    /// Shows a notice of the keeper.
    pub(super) fn show(&self, notice: &NoticeView) {
        let kind = if notice.sign_in { WITH_SIGN_IN } else { PLAIN };
        self.notify(kind, Some(&notice.account), &notice.title, &notice.body);
    }

    /// Says something about an account; with `sign_in`, its button signs in.
    pub(super) fn say(&self, account: &AccountName, title: &str, body: &str, sign_in: bool) {
        let kind = if sign_in { WITH_SIGN_IN } else { PLAIN };
        self.notify(kind, Some(account), title, body);
    }

    /// Offers to start at login.
    pub(super) fn offer_start_at_login(&self) {
        self.notify(
            WITH_START_AT_LOGIN,
            None,
            "Start Tokenkeep when you log in?",
            "It renews tokens while it runs; a keeper that is off for a week loses its sign-ins. You can change this in \
             its menu.",
        );
    }

    /// Says something about Tokenkeep as a whole.
    pub(super) fn say_of_itself(&self, title: &str, body: &str) {
        self.notify(PLAIN, None, title, body);
    }

    fn notify(&self, kind: &str, account: Option<&AccountName>, title: &str, body: &str) {
        let mut notice = self
            .app
            .notification()
            .builder()
            .action_type_id(kind)
            .title(printable(title))
            .body(printable(body));
        if let Some(account) = account {
            notice = notice.extra(ACCOUNT, account.as_str());
        }
        if let Err(error) = notice.show() {
            tracing::warn!(%error, "a notice could not be shown");
        }
    }
}

fn answer(performed: &ActionPerformed) -> Option<NoticeAction> {
    let notice = performed.notification()?;
    let account = || {
        let name = notice.extra().get(ACCOUNT)?.as_str()?;
        name.parse().ok()
    };
    match (notice.action_type_id()?, performed.action_id()) {
        (WITH_SIGN_IN, WITH_SIGN_IN | CLICK) => account().map(NoticeAction::SignIn),
        (WITH_START_AT_LOGIN, WITH_START_AT_LOGIN) => Some(NoticeAction::StartAtLogin),
        (_, CLICK) => Some(NoticeAction::Open),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn performed(action: &str, kind: &str) -> Option<NoticeAction> {
        let performed = serde_json::json!({
            "actionId": action, "inputValue": null,
            "notification": { "id": 1, "extra": { "account": "me" }, "actionTypeId": kind },
        });
        answer(&serde_json::from_value(performed).unwrap())
    }

    #[test]
    fn button_and_click_of_a_notice_to_sign_in_do_the_same() {
        let sign_in = Some(NoticeAction::SignIn("me".parse().unwrap()));
        assert_eq!(performed(CLICK, WITH_SIGN_IN), sign_in);
        assert_eq!(performed(WITH_SIGN_IN, WITH_SIGN_IN), sign_in);
    }

    #[test]
    fn starting_at_login_takes_its_button_and_a_click_opens_the_window() {
        assert_eq!(
            performed(WITH_START_AT_LOGIN, WITH_START_AT_LOGIN),
            Some(NoticeAction::StartAtLogin)
        );
        assert_eq!(
            performed(CLICK, WITH_START_AT_LOGIN),
            Some(NoticeAction::Open)
        );
        assert_eq!(performed(CLICK, PLAIN), Some(NoticeAction::Open));
        assert_eq!(performed("dismiss", PLAIN), None);
    }
}
