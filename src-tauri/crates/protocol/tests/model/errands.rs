//! What someone on this machine, or with the same client, does of their own accord.

use tokenkeep_oauth::AccessToken;
use tokenkeep_protocol::account::{Event, ReaderId};
use tokenkeep_protocol::clock::Tick;

use super::readers::Habit;
use super::world::World;

/// Something that someone does.
#[derive(Debug)]
pub(crate) enum Errand {
    /// A program asks, and will again.
    Habit { account: usize, habit: Habit },
    /// The API is called with a token.
    Use {
        account: usize,
        token: AccessToken,
        /// Until when the reader was told that it lives.
        until: Tick,
        plain: bool,
    },
    /// A lease is let go, or a reader goes away unanswered.
    Leave {
        life: u32,
        account: usize,
        reader: ReaderId,
    },
    /// The holder of a lease takes it up again after a restart.
    TakeUp {
        account: usize,
        token: String,
        until: Tick,
    },
    /// A person signs in.
    SignIn { account: usize },
    /// A person removes an account.
    Remove { account: usize },
    /// Another program renews an account's session, with the refresh token that it has.
    Rival {
        account: usize,
        refresh: Option<String>,
    },
}

impl World {
    pub(crate) fn run_errand(&mut self, errand: Errand) {
        match errand {
            Errand::Habit { account, habit } => self.run_habit(account, habit),
            Errand::Use {
                account,
                token,
                until,
                plain,
            } => self.use_token(account, &token, until, plain),
            Errand::Leave {
                life,
                account,
                reader,
            } => {
                if life == self.life {
                    self.checks.released(account, reader, self.now);
                    self.readers.leave(reader);
                    self.deliver(account, Event::Left(reader));
                }
            }
            Errand::TakeUp {
                account,
                token,
                until,
            } => self.take_up(account, &token, until),
            Errand::SignIn { account } => self.sign_in(account),
            Errand::Remove { account } => self.remove(account),
            Errand::Rival { account, refresh } => self.rival_renews(account, refresh),
        }
    }
}
