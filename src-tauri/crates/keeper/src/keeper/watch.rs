//! Watches the machine: notices a sleep, a clock that was set, and a network that came back.
//!
//! The machine is looked at now and then, which needs nobody's help. Whoever tells that something has
//! happened to it only makes the next look come at once.

#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod logind;
mod look;

use std::sync::Weak;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::Inner;
use super::task::MachineEvent;
use look::Look;

/// How often the machine is looked at where the kernel tells what happens to it: in case it does not.
#[cfg(target_os = "linux")]
const PERIOD_WHEN_TOLD: Duration = Duration::from_secs(60);

/// How often it is looked at where nobody tells. Often enough that a machine that woke is noticed within
/// seconds, and seldom enough to keep an idle keeper under six wake-ups a minute.
const PERIOD: Duration = Duration::from_secs(15);

/// A network that has just come back often carries nothing for a moment. What was tried at once and failed is tried again
/// after this, before the long wait of an outage sets in again.
const SECOND_TRY: Duration = Duration::from_secs(6);

/// News that were not taken yet. More of them make no difference to the look that follows.
const BACKLOG: usize = 8;

/// What makes the machine worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    /// A clock or the network changed, perhaps.
    #[cfg(target_os = "linux")]
    Changed,
    /// The machine woke, for certain, however short its sleep was.
    Woke,
}

/// Tells the accounts what happens to the machine, for as long as there is a keeper.
pub(super) async fn watch_machine(inner: Weak<Inner>) {
    let (told, mut news) = mpsc::channel(BACKLOG);
    // They end with this task.
    let mut tellers = JoinSet::new();
    let period = listen(&mut tellers, &told);
    let mut before = Look::now();
    let mut second_try: Option<Instant> = None;
    loop {
        let wait = second_try.map_or(period, |at| at.duration_since(Instant::now()).min(period));
        let told = timeout(wait, news.recv()).await.ok().flatten();
        let Some(inner) = inner.upgrade() else { return };
        let look = Look::now();
        let mut events = look.since(before);
        if told == Some(News::Woke) && !events.contains(&MachineEvent::Woke) {
            events.push(MachineEvent::Woke);
        }
        let is_return = |event: &MachineEvent| *event != MachineEvent::ClockSet;
        if events.iter().any(is_return) {
            second_try = Some(Instant::now() + SECOND_TRY);
        } else if second_try.take_if(|at| *at <= Instant::now()).is_some() {
            events.push(MachineEvent::NetworkBack);
        }
        for event in events {
            tracing::info!(?event, "the machine's clock or network changed");
            inner.tell_all(event);
        }
        before = look;
    }
}

/// Listens to all who tell of the machine; how often it has to be looked at all the same.
#[cfg(target_os = "linux")]
fn listen(tellers: &mut JoinSet<()>, told: &mpsc::Sender<News>) -> Duration {
    tellers.spawn(logind::tell(told.clone()));
    match kernel::clocks().and_then(|clocks| Ok((clocks, kernel::networks()?))) {
        Ok((clocks, networks)) => {
            tellers.spawn(clocks.tell(told.clone()));
            tellers.spawn(networks.tell(told.clone()));
            PERIOD_WHEN_TOLD
        }
        Err(error) => {
            tracing::info!(%error, "the kernel does not tell of clocks and networks, so they are looked at");
            PERIOD
        }
    }
}

/// Nobody tells here.
#[cfg(not(target_os = "linux"))]
fn listen(_tellers: &mut JoinSet<()>, _told: &mpsc::Sender<News>) -> Duration {
    PERIOD
}
