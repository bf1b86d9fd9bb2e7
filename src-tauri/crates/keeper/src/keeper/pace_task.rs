//! Makes the accounts of one client share its pace of token requests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokenkeep_oauth::{LONGEST_RETRY_AFTER, Quota, Reply};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::inbox::{Message, WeakInbox};
use crate::clock;
use crate::journal::{Journal, Milliseconds, SavedPace};
use tokenkeep_protocol::clock::{Now, Tick};
use tokenkeep_protocol::pace::{Class, Pace, Remembered, Sent, Urgency};

/// The name of an account, shared cheaply.
type Name = Arc<str>;

/// The pace of one client, and the task that permits its accounts to send.
#[derive(Debug)]
pub(super) struct PaceTask {
    key: String,
    pace: Mutex<Pace<Name>>,
    inboxes: Mutex<HashMap<Name, WeakInbox>>,
    changed: Notify,
    journal: Journal,
    /// What the journal last saved.
    kept: Mutex<SavedPace>,
    task: Mutex<Option<AbortHandle>>,
}

impl PaceTask {
    /// Starts the pace of the client that `key` names, with what the journal knows from before.
    pub(super) fn start(
        key: String,
        quota: Option<Quota>,
        before: &SavedPace,
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
        // Times that seemed to be in the future count as now, and are saved as that.
        pacing.keep();
        let task = tokio::spawn(Self::run(Arc::clone(&pacing)));
        *lock(&pacing.task) = Some(task.abort_handle());
        pacing
    }

    /// `account` asks to send. Its inbox is told when it may.
    pub(super) fn ask(&self, account: &Name, urgency: Urgency, inbox: &WeakInbox) {
        lock(&self.inboxes).insert(Arc::clone(account), inbox.clone());
        lock(&self.pace).ask(Arc::clone(account), urgency);
        self.changed.notify_one();
    }

    /// `account` was removed, so that it will not use a permission that it has.
    pub(super) fn withdraw(&self, account: &Name) {
        lock(&self.pace).withdraw(account);
        lock(&self.inboxes).remove(account);
        self.unused(account);
    }

    /// Permits a request that a person waits for.
    ///
    /// # Errors
    /// How long to wait, if there is no room for it yet.
    pub(super) fn admit(&self, account: &Name, now: Tick) -> Result<(), Duration> {
        let admitted = lock(&self.pace).admit(Arc::clone(account), now);
        self.keep();
        admitted.map_err(|from| now.until(from))
    }

    /// Keeps room for a person's request, which will be made again before `until`.
    pub(super) fn reserve(&self, until: Tick) {
        lock(&self.pace).reserve(until);
    }

    /// `account` does not use the permission that it has.
    pub(super) fn unused(&self, account: &Name) {
        lock(&self.pace).unused(account);
        self.keep();
        self.look_again();
    }

    /// Looks at the pace again, because time may have passed that the timer did not count.
    pub(super) fn look_again(&self) {
        self.changed.notify_one();
    }

    /// `account` is about to send the request that it has permission for.
    ///
    /// # Errors
    /// How long to wait, if the provider has asked for a pause in the meantime. Then nothing may be sent.
    pub(super) fn sending(&self, account: &Name, now: Tick) -> Result<(), Duration> {
        let allowed = lock(&self.pace).sending(account, now);
        self.keep();
        allowed.map_err(|until| now.until(until))
    }

    /// Learns about the provider's quota from the reply to a request sent at `sent_at`.
    pub(super) fn learn(&self, account: &Name, sent_at: Tick, reply: &Reply) {
        let now = clock::now().tick;
        if !lock(&self.pace).learn(account, sent_at, reply, now) {
            return;
        }
        self.keep();
        self.look_again();
    }

    /// Stops permitting requests.
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
                () = clock::sleep_until(wake) => {}
            }
        }
    }

    /// Saves what a restart has to know in the journal, in wall-clock time.
    pub(super) fn keep(&self) {
        // Locked before the pace is read, so that reads and writes are in the same order and the newest is written last.
        let mut last = lock(&self.kept);
        let now = clock::now();
        let kept = stored(&lock(&self.pace).remembered(now.tick), now);
        if *last == kept {
            return;
        }
        last.clone_from(&kept);
        // The journal reports by itself if it cannot be written; the pace is kept in memory all the same.
        drop(self.journal.save_pace(&self.key, kept));
    }
}

/// What the journal holds, in ticks.
fn recalled(before: &SavedPace, now: Now) -> Remembered<Name> {
    // Requests from before the restart count, no matter which account sent them.
    let sent = before.recent.iter().map(|at| Sent {
        at: now.tick_at(*at).min(now.tick),
        account: Name::from(""),
        class: Class::Person,
        used: true,
    });
    // A pause longer than any allowed one was stored while the clock was set otherwise.
    let longest = now.tick + LONGEST_RETRY_AFTER;
    let pause_until = before
        .pause_until
        .map(|until| now.tick_at(until).min(longest));
    Remembered {
        sent: sent.collect(),
        pause_until,
        learned: before
            .learned
            .map_times(|Milliseconds(at)| now.tick_at(at).min(now.tick)),
    }
}

/// What the journal is to hold, in wall-clock time.
fn stored(remembered: &Remembered<Name>, now: Now) -> SavedPace {
    let sent = remembered.sent.iter();
    SavedPace {
        recent: sent.map(|sent| now.wall_at(sent.at)).collect(),
        pause_until: remembered.pause_until.map(|until| now.wall_at(until)),
        learned: remembered
            .learned
            .map_times(|at| Milliseconds(now.wall_at(at))),
    }
}

/// Locks a mutex. No holder panics half-way, so that what it guards is valid even if the lock is poisoned.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pacing(journal: &Journal) -> Arc<PaceTask> {
        let quota = Quota {
            requests: 1000,
            window: Duration::from_secs(60),
            penalty: Duration::from_secs(60),
        };
        let before = SavedPace::default();
        PaceTask::start("client".to_owned(), Some(quota), &before, journal.clone())
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

    /// A test cannot tell when a writer waits for the lock, so this tries often.
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
