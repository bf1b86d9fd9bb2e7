//! Watches the machine: detects a sleep, a clock that was set, and a network that came back.
//!
//! Clocks and network are checked from time to time, which works on every platform. Where the operating system reports a
//! change, the next check comes at once.

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
use super::inbox::MachineEvent;
use look::Look;

/// How often to check where the kernel reports changes, in case it misses one.
#[cfg(target_os = "linux")]
const PERIOD_WHEN_TOLD: Duration = Duration::from_secs(60);

/// How often to check where changes are not reported: often enough to notice within seconds that the machine woke, and
/// seldom enough that an idle keeper wakes less than six times a minute.
const PERIOD: Duration = Duration::from_secs(15);

/// A network that has just come back often fails for a moment. What was tried at once and failed is tried again after this
/// time, rather than after the long wait of an outage.
const SECOND_TRY: Duration = Duration::from_secs(6);

/// How many reports can be queued. More of them make no difference, because one check handles them all.
const BACKLOG: usize = 8;

/// A report about the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MachineNews {
    /// A clock or the network may have changed.
    #[cfg(target_os = "linux")]
    Changed,
    /// The machine woke for certain, even if its sleep was too short to be detected.
    Woke,
}

/// Tells the accounts what happens to the machine, until the keeper is gone.
pub(super) async fn watch_machine(inner: Weak<Inner>) {
    let (told, mut news) = mpsc::channel(BACKLOG);
    // These tasks end with this one.
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
        if told == Some(MachineNews::Woke) && !events.contains(&MachineEvent::Woke) {
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

/// Starts listening for reports; returns how often to check all the same.
#[cfg(target_os = "linux")]
fn listen(tellers: &mut JoinSet<()>, told: &mpsc::Sender<MachineNews>) -> Duration {
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

/// There are no reports on this platform.
#[cfg(not(target_os = "linux"))]
fn listen(_tellers: &mut JoinSet<()>, _told: &mpsc::Sender<MachineNews>) -> Duration {
    PERIOD
}
