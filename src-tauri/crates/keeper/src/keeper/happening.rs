//! What the keeper tells the listeners of its event stream.

use serde::{Deserialize, Serialize};

use tokenkeep_protocol::account::NoticeKind;

use super::api::AccountView;
use super::news::JournalLine;
use crate::config::AccountName;

/// Something that happened. Holds no secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "happening", content = "body")]
pub enum Happening {
    /// An account changed, or was added.
    Account(Box<AccountView>),
    /// An account was removed.
    Removed(AccountName),
    /// Something to tell the user.
    Notice(NoticeView),
    /// Something happened to an account, which the journal records.
    News(JournalLine),
}

/// Something to tell the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeView {
    /// About which account.
    pub account: AccountName,
    /// Which kind of notice.
    pub kind: NoticeKind,
    /// What happened, in a few words.
    pub title: String,
    /// What it means for the token, and what to do.
    pub body: String,
    /// Whether the thing to do is to sign in.
    pub sign_in: bool,
}
