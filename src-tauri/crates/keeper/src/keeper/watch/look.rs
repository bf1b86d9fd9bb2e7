//! A look at clocks and network, and what the difference between two looks means: a sleep, a clock that was set, or a
//! network that came back.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::clock;
use crate::keeper::inbox::MachineEvent;
use tokenkeep_protocol::clock::Tick;

/// Clocks that are being adjusted slowly (slewed) differ by less than this between two looks.
const TOLERANCE: Duration = Duration::from_secs(2);

/// Three clocks at one time, and the network. One clock counts through sleep, one does not, and one can be set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    through_sleep: Tick,
    awake: Duration,
    wall: DateTime<Utc>,
    /// The address from which this machine would connect to the internet.
    address: Option<IpAddr>,
}

impl Look {
    pub(super) fn now() -> Self {
        let now = clock::now();
        Self {
            through_sleep: now.tick,
            awake: awake(),
            wall: now.wall,
            address: address(),
        }
    }

    /// What happened since `before`.
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

/// How long this machine has been awake since the first look.
#[cfg(not(windows))]
fn awake() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;

    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    ORIGIN.get_or_init(Instant::now).elapsed()
}

/// How long this machine has been awake since it started. On Windows, `Instant` counts through sleep.
#[cfg(windows)]
fn awake() -> Duration {
    use windows_sys::Win32::System::WindowsProgramming::QueryUnbiasedInterruptTime;

    let mut units = 0;
    #[expect(
        unsafe_code,
        reason = "a call of the operating system, which writes to a variable that lives through it"
    )]
    unsafe {
        QueryUnbiasedInterruptTime(&mut units);
    }
    // Units of 100 nanoseconds.
    Duration::from_nanos(units.saturating_mul(100))
}

/// The address from which this machine would connect to the internet, if there is a route. Nothing is sent: connecting a
/// UDP socket only looks up the route. The destinations are addresses for documentation (RFC 5737, RFC 3849).
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
