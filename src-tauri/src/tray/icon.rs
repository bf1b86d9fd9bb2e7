//! The icons of the tray. They differ by shape, not only by colour.

use chrono::{DateTime, Utc};
use tauri::image::Image;
use tokenkeep_keeper::keeper::AccountView;
use tokenkeep_protocol::account::State;

/// What the icon says about all accounts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IconLook {
    /// Every account that is signed in to has a fresh token.
    Fresh,
    /// A token is being replaced.
    Refreshing,
    /// A person has to do something, or renewing fails.
    Attention,
    /// Nobody has signed in to anything.
    SignedOut,
}

impl IconLook {
    /// The look of these accounts together: that of the worst.
    pub(super) fn of(accounts: &[AccountView], now: DateTime<Utc>) -> Self {
        let any = |states: &[State]| {
            accounts
                .iter()
                .any(|account| states.contains(&account.state))
        };
        if accounts.iter().any(|account| account.needs_attention(now)) {
            Self::Attention
        } else if any(&[State::Renewing, State::InDoubt, State::Loading]) {
            Self::Refreshing
        } else if any(&[State::Fresh]) {
            Self::Fresh
        } else {
            Self::SignedOut
        }
    }

    /// The picture.
    pub(super) fn image(self) -> Image<'static> {
        match self {
            Self::Fresh => tauri::include_image!("icons/fresh.png"),
            Self::Refreshing => tauri::include_image!("icons/refreshing.png"),
            Self::Attention => tauri::include_image!("icons/attention.png"),
            Self::SignedOut => tauri::include_image!("icons/signed-out.png"),
        }
    }

    /// The same in words.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Fresh => "Tokenkeep: all tokens are fresh",
            Self::Refreshing => "Tokenkeep: renewing",
            Self::Attention => "Tokenkeep: needs attention",
            Self::SignedOut => "Tokenkeep: not signed in to anything",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tray::board::tests::{account, now, with_left};

    #[test]
    fn the_worst_of_all_accounts_shows() {
        let look = |states: &[State]| {
            let accounts: Vec<_> = states.iter().map(|state| account("a", *state)).collect();
            IconLook::of(&accounts, now())
        };
        assert_eq!(look(&[]), IconLook::SignedOut);
        assert_eq!(look(&[State::SignedOut]), IconLook::SignedOut);
        assert_eq!(look(&[State::SignedOut, State::Fresh]), IconLook::Fresh);
        assert_eq!(look(&[State::Fresh, State::Renewing]), IconLook::Refreshing);
        let doubtful = |left| IconLook::of(&[with_left(State::InDoubt, left)], now());
        assert_eq!(doubtful(60), IconLook::Refreshing);
        assert_eq!(doubtful(-1), IconLook::Attention);
        assert_eq!(
            look(&[State::Renewing, State::SignInNeeded, State::Fresh]),
            IconLook::Attention
        );
    }
}
