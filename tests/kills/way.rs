//! When the keeper is killed.

use rand::RngExt as _;

/// When, in a renewal of all its accounts at once, the keeper is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// Before the mark is in the keychain.
    BeforeMark,
    /// Once a renewal is marked, before its request is sent.
    BeforeRequest,
    /// Once the request has arrived, before the provider has done anything with it.
    RequestArrived,
    /// Once the provider has replaced the tokens, before it has answered.
    TokensReplaced,
    /// Once the answer is there, before anything is done with it.
    Answered,
    /// Just before the new tokens are written to the keychain.
    BeforeSave,
    /// While they are being written.
    DuringSave,
    /// Once they are in the keychain, before anybody gets them.
    Saved,
    /// At any moment, while programs ask for tokens all the time.
    AnyMoment,
}

const CHOSEN: [Way; 8] = [
    Way::BeforeMark,
    Way::BeforeRequest,
    Way::RequestArrived,
    Way::TokensReplaced,
    Way::Answered,
    Way::BeforeSave,
    Way::DuringSave,
    Way::Saved,
];

impl Way {
    /// The chosen points in turn, and after each of them any moment.
    pub(crate) fn of_round(round: usize) -> Self {
        if round.is_multiple_of(2) {
            CHOSEN[round / 2 % CHOSEN.len()]
        } else {
            Self::AnyMoment
        }
    }

    /// Where the keeper is to wait for it: for any of so many accounts, so that
    /// the others are killed at various points.
    pub(crate) fn fail_point(self, accounts: usize) -> Option<String> {
        let name = match self {
            Self::BeforeMark => "marking",
            Self::BeforeRequest => "before_request",
            Self::Answered => "answered",
            Self::BeforeSave | Self::DuringSave => "saving",
            Self::Saved => "saved",
            Self::RequestArrived | Self::TokensReplaced | Self::AnyMoment => return None,
        };
        let time = rand::rng().random_range(1..=accounts);
        Some(format!("{name}:{time}"))
    }

    /// Whether the provider has certainly replaced tokens then that the keychain
    /// does not hold.
    pub(crate) fn loses_an_answer(self) -> bool {
        matches!(
            self,
            Self::TokensReplaced | Self::Answered | Self::BeforeSave
        )
    }
}
