//! One look at clocks and network, and what two looks tell: a sleep, a clock that was set, a network that
//! came back.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::clock::{Now, Tick};
use crate::keeper::task::MachineEvent;

/// Clocks that are slewed drift apart by less between two looks.
const TOLERANCE: Duration = Duration::from_secs(2);

/// One look at three clocks: one counts through sleep, one does not, one can be set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    through_sleep: Tick,
    awake: Duration,
    wall: DateTime<Utc>,
    /// The address from which this machine would speak to the world.
    address: Option<IpAddr>,
}

impl Look {
    pub(super) fn now() -> Self {
        let now = Now::read();
        Self {
            through_sleep: now.tick,
            awake: awake(),
            wall: now.wall,
            address: address(),
        }
    }

    /// What happened to the machine since `before`.
    pub(super) fn since(self, before: Look) -> Vec<MachineEvent> {
        let passed = self.through_sleep.since(before.through_sleep);
        let awake = self.awake.saturating_sub(before.awake);
        let expected = before.wall + passed;
        let set = (self.wall - expected)
            .abs()
            .to_std()
            .unwrap_or(Duration::MAX);
        let mut events = Vec::new();
        if set > TOLERANCE {
            events.push(MachineEvent::ClockSet);
        }
        if passed.saturating_sub(awake) > TOLERANCE {
            events.push(MachineEvent::Woke);
        }
        if self.address.is_some() && self.address != before.address {
            events.push(MachineEvent::NetworkBack);
        }
        events
    }
}

/// How long this machine has been awake, from an origin that all looks share.
#[cfg(not(windows))]
fn awake() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;

    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    ORIGIN.get_or_init(Instant::now).elapsed()
}

/// How long this machine has been awake since it was started. An `Instant` of Windows counts through sleep.
#[cfg(windows)]
fn awake() -> Duration {
    use windows_sys::Win32::System::WindowsProgramming::QueryUnbiasedInterruptTime;

    let mut units = 0;
    #[expect(
        unsafe_code,
        reason = "a call of the operating system, with a place for what it answers"
    )]
    unsafe {
        QueryUnbiasedInterruptTime(&mut units);
    }
    // Of 100 nanoseconds each.
    Duration::from_nanos(units.saturating_mul(100))
}

/// By which address the world would be reached, where there is a way at all. Nothing is sent: connecting
/// a UDP socket only looks up the route. The far ends are addresses for documentation (RFC 5737, 3849).
fn address() -> Option<IpAddr> {
    let from = |here: IpAddr, there: IpAddr| {
        let socket = UdpSocket::bind((here, 0)).ok()?;
        socket.connect((there, 9)).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    let (v4, v6) = (
        Ipv4Addr::new(192, 0, 2, 1),
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1),
    );
    from(Ipv4Addr::UNSPECIFIED.into(), v4.into())
        .or_else(|| from(Ipv6Addr::UNSPECIFIED.into(), v6.into()))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn later(look: Look, passed: u64, awake: u64, wall: i64) -> Look {
        Look {
            through_sleep: look.through_sleep + Duration::from_secs(passed),
            awake: look.awake + Duration::from_secs(awake),
            wall: look.wall + TimeDelta::seconds(wall),
            ..look
        }
    }

    #[test]
    fn time_that_merely_passes_is_no_news() {
        let before = Look::now();
        assert_eq!(later(before, 15, 15, 15).since(before), []);
        assert_eq!(later(before, 15, 14, 16).since(before), []);
    }

    #[test]
    fn a_sleep_is_noticed() {
        let before = Look::now();
        assert_eq!(
            later(before, 3615, 15, 3615).since(before),
            [MachineEvent::Woke]
        );
    }

    #[test]
    fn a_clock_that_was_set_is_noticed_either_way() {
        let before = Look::now();
        assert_eq!(
            later(before, 15, 15, 3615).since(before),
            [MachineEvent::ClockSet]
        );
        assert_eq!(
            later(before, 15, 15, -3600).since(before),
            [MachineEvent::ClockSet]
        );
    }

    #[test]
    fn a_network_that_came_back_is_noticed_and_one_that_went_is_not() {
        let with = |address: Option<IpAddr>| Look {
            address,
            ..Look::now()
        };
        let (here, there) = (
            Ipv4Addr::new(192, 0, 2, 7).into(),
            Ipv4Addr::new(192, 0, 2, 8).into(),
        );
        assert_eq!(
            with(Some(here)).since(with(None)),
            [MachineEvent::NetworkBack]
        );
        assert_eq!(
            with(Some(there)).since(with(Some(here))),
            [MachineEvent::NetworkBack]
        );
        assert_eq!(with(None).since(with(Some(here))), []);
        assert_eq!(with(Some(here)).since(with(Some(here))), []);
    }
}
