//! Lets the accounts of one client send their token requests at the client's pace.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokenkeep_oauth::{LONGEST_RETRY_AFTER, Quota, Reply};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::task::{Message, WeakInbox};
use crate::clock;
use crate::journal::{self, Journal};
use tokenkeep_protocol::clock::{Now, Tick};
use tokenkeep_protocol::pace::{Class, Cut, Learned, Pace, Rate, Remembered, Sent, Urgency};

/// The name of an account, shared cheaply.
type Name = Arc<str>;

/// The pace of one client, and the task that gives its accounts leave to send.
#[derive(Debug)]
pub(super) struct Pacing {
    key: String,
    pace: Mutex<Pace<Name>>,
    inboxes: Mutex<HashMap<Name, WeakInbox>>,
    changed: Notify,
    journal: Journal,
    /// What the journal was last told.
    kept: Mutex<journal::Pace>,
    task: Mutex<Option<AbortHandle>>,
}

impl Pacing {
    /// The pace of the client named by `key`, with what the journal knows from before.
    pub(super) fn start(
        key: String,
        quota: Option<Quota>,
        before: &journal::Pace,
        journal: Journal,
    ) -> Arc<Self> {
        let now = clock::now();
        let pacing = Arc::new(Self {
            key,
            pace: Mutex::new(Pace::new(quota, recalled(before, now))),
            inboxes: Mutex::default(),
            changed: Notify::new(),
            journal,
            kept: Mutex::new(before.clone()),
            task: Mutex::default(),
        });
        // What seemed to lie ahead counts from now, and has to be kept as that.
        pacing.keep();
        let task = tokio::spawn(Self::run(Arc::clone(&pacing)));
        *lock(&pacing.task) = Some(task.abort_handle());
        pacing
    }

    /// `account` wants to send; its inbox is told when it may.
    pub(super) fn ask(&self, account: &Name, urgency: Urgency, inbox: &WeakInbox) {
        lock(&self.inboxes).insert(Arc::clone(account), inbox.clone());
        lock(&self.pace).ask(Arc::clone(account), urgency);
        self.changed.notify_one();
    }

    /// `account` is gone, and with it the use for any leave it was given.
    pub(super) fn withdraw(&self, account: &Name) {
        lock(&self.pace).withdraw(account);
        lock(&self.inboxes).remove(account);
        self.unused(account);
    }

    /// Lets a request out that a person waits for.
    ///
    /// # Errors
    /// With how long to wait until there is room for it.
    pub(super) fn admit(&self, account: &Name, now: Tick) -> Result<(), Duration> {
        let admitted = lock(&self.pace).admit(Arc::clone(account), now);
        self.keep();
        admitted.map_err(|from| now.until(from))
    }

    /// A person who was not let out yet comes again before `until`.
    pub(super) fn reserve(&self, until: Tick) {
        lock(&self.pace).reserve(until);
    }

    /// `account` has no use for the leave it was given.
    pub(super) fn unused(&self, account: &Name) {
        lock(&self.pace).unused(account);
        self.keep();
        self.look_again();
    }

    /// Time went by that no timer has counted.
    pub(super) fn look_again(&self) {
        self.changed.notify_one();
    }

    /// `account` is about to use the leave it was given.
    ///
    /// # Errors
    /// With how long to wait, where the provider has asked for a pause meanwhile: nothing is sent then.
    pub(super) fn sending(&self, account: &Name, now: Tick) -> Result<(), Duration> {
        let allowed = lock(&self.pace).sending(account, now);
        self.keep();
        allowed.map_err(|until| now.until(until))
    }

    /// Learns from the reply to a request sent at `sent_at` what the provider makes of the pace.
    pub(super) fn learn(&self, account: &Name, sent_at: Tick, reply: &Reply) {
        let now = clock::now().tick;
        if !lock(&self.pace).learn(account, sent_at, reply, now) {
            return;
        }
        self.keep();
        self.look_again();
    }

    /// Stops giving leave to anybody.
    pub(super) fn stop(&self) {
        if let Some(task) = lock(&self.task).take() {
            task.abort();
        }
    }

    async fn run(pacing: Arc<Self>) {
        loop {
            let now = clock::now().tick;
            let granted = lock(&pacing.pace).grant(now);
            if !granted.is_empty() {
                pacing.keep();
            }
            for account in granted {
                if let Some(inbox) = lock(&pacing.inboxes).get(&account) {
                    inbox.send(Message::MaySend);
                }
            }
            let wake = lock(&pacing.pace).wake_at(now);
            tokio::select! {
                () = pacing.changed.notified() => {}
                () = super::task::sleep_until(wake) => {}
            }
        }
    }

    /// Has the journal remember what a restart must not forget, in the wall clock's present setting.
    pub(super) fn keep(&self) {
        // Taken before the pace is looked at: whoever looked first writes first, so the last word is the newest.
        let mut last = lock(&self.kept);
        let now = clock::now();
        let kept = stored(&lock(&self.pace).remembered(now.tick), now);
        if *last == kept {
            return;
        }
        last.clone_from(&kept);
        // Queued in order. A journal that cannot be written says so itself; the pace is kept in memory.
        drop(self.journal.save_pace(&self.key, kept));
    }
}

/// What the journal holds, on this process's clock.
fn recalled(before: &journal::Pace, now: Now) -> Remembered<Name> {
    // What was sent before a restart counts, whoever sent it.
    let sent = before.recent.iter().map(|at| Sent {
        at: now.tick_at(*at).min(now.tick),
        account: Name::from(""),
        class: Class::Person,
        used: true,
    });
    // A pause that seems longer than any was stored under another setting of the clock.
    let longest = now.tick + LONGEST_RETRY_AFTER;
    let pause_until = before
        .pause_until
        .map(|until| now.tick_at(until).min(longest));
    let rate = |rate: journal::Rate| Rate {
        requests: rate.requests,
        window: Duration::from_millis(rate.window_ms),
    };
    let cut = |cut: journal::Cut| Cut {
        share: cut.share,
        at: now.tick_at(cut.at).min(now.tick),
    };
    Remembered {
        sent: sent.collect(),
        pause_until,
        learned: Learned {
            announced: before.learned.announced.map(rate),
            met: before.learned.met.map(rate),
            cut: before.learned.cut.map(cut),
        },
    }
}

/// The same in the wall clock's present setting.
fn stored(remembered: &Remembered<Name>, now: Now) -> journal::Pace {
    let rate = |rate: Rate| journal::Rate {
        requests: rate.requests,
        window_ms: u64::try_from(rate.window.as_millis()).unwrap_or(u64::MAX),
    };
    let learned = &remembered.learned;
    let sent = remembered.sent.iter();
    journal::Pace {
        recent: sent.map(|sent| now.wall_at(sent.at)).collect(),
        pause_until: remembered.pause_until.map(|until| now.wall_at(until)),
        learned: journal::Learned {
            announced: learned.announced.map(rate),
            met: learned.met.map(rate),
            cut: learned.cut.map(|cut| journal::Cut {
                share: cut.share,
                at: now.wall_at(cut.at),
            }),
        },
    }
}

/// A lock whose holders never panic half-way; what they guard is sound in any case.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pacing(journal: &Journal) -> Arc<Pacing> {
        let quota = Quota {
            requests: 1000,
            window: Duration::from_secs(60),
            penalty: Duration::from_secs(60),
        };
        let before = journal::Pace::default();
        Pacing::start("client".to_owned(), Some(quota), &before, journal.clone())
    }

    #[tokio::test]
    async fn an_account_that_is_gone_gives_its_leave_back() {
        let pacing = pacing(&Journal::memory().unwrap());
        let (gone, now) = (Name::from("gone"), clock::now().tick);
        let class = Class::Background;
        lock(&pacing.pace).ask(
            Arc::clone(&gone),
            Urgency {
                dies_at: now,
                class,
            },
        );
        assert_eq!(lock(&pacing.pace).grant(now).len(), 1);
        pacing.withdraw(&gone);
        assert!(lock(&pacing.pace).remembered(now).sent.is_empty());
        pacing.stop();
    }

    /// When a writer has its turn cannot be told from outside, so it is tried often.
    #[tokio::test]
    async fn what_is_kept_is_what_holds_when_its_turn_to_be_written_comes() {
        let name = Name::from("a");
        for _ in 0..200 {
            let journal = Journal::memory().unwrap();
            let pacing = pacing(&journal);
            std::thread::scope(|scope| {
                let turn = lock(&pacing.kept);
                scope.spawn(|| pacing.admit(&name, clock::now().tick));
                while lock(&pacing.pace)
                    .remembered(clock::now().tick)
                    .sent
                    .is_empty()
                {
                    std::thread::yield_now();
                }
                for _ in 0..20 {
                    std::thread::yield_now();
                }
                lock(&pacing.pace).pause(clock::now().tick + Duration::from_secs(60));
                drop(turn);
            });
            let kept = journal.load_pace().await.unwrap();
            assert!(kept["client"].pause_until.is_some());
            pacing.stop();
        }
    }
}
