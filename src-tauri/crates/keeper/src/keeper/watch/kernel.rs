//! The Linux kernel's reports about clocks and networks, which every program can receive.

use std::os::fd::OwnedFd;
use std::time::Duration;

use async_io::Async;
use rustix::io::{Errno, read};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::sync::mpsc;

use super::MachineNews;

/// A network comes up in a burst of changes. Changes within this time are reported once.
const BURST: Duration = Duration::from_millis(200);

/// `RTMGRP_LINK`, and the groups for addresses and routes of IPv4 and IPv6 (linux/rtnetlink.h).
const NETWORK_GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;

/// A file descriptor that becomes readable when there is news.
pub(super) struct Teller(Async<OwnedFd>);

/// Reports when the clock is set, and when the machine wakes, which also sets it: the kernel then cancels a timer on the
/// wall clock that never fires (timerfd_create(2)).
pub(super) fn clocks() -> std::io::Result<Teller> {
    let timer = timerfd_create(
        TimerfdClockId::Realtime,
        TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
    )?;
    let never = Timespec {
        tv_sec: i64::MAX,
        tv_nsec: 0,
    };
    timerfd_settime(
        &timer,
        TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET,
        &Itimerspec {
            it_interval: Timespec::default(),
            it_value: never,
        },
    )?;
    Teller::over(timer)
}

/// Reports when a network interface, an address or a route is added or removed (rtnetlink(7)).
pub(super) fn networks() -> std::io::Result<Teller> {
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::NONBLOCK | SocketFlags::CLOEXEC,
        None,
    )?;
    bind(&socket, &SocketAddrNetlink::new(0, NETWORK_GROUPS))?;
    Teller::over(socket)
}

impl Teller {
    fn over(fd: OwnedFd) -> std::io::Result<Self> {
        Async::new_nonblocking(fd).map(Self)
    }

    /// Passes the news on until the receiver is gone.
    pub(super) async fn tell(self, to: mpsc::Sender<MachineNews>) {
        while self.news().await.is_ok() && to.send(MachineNews::Changed).await.is_ok() {
            tokio::time::sleep(BURST).await;
        }
    }

    /// Waits for news. What it is does not matter, because a check follows.
    async fn news(&self) -> std::io::Result<()> {
        self.0.readable().await?;
        loop {
            match read(&self.0, &mut [0; 8]) {
                // `CANCELED` means that the clock was set, `NOBUFS` that there were more changes than the socket can hold.
                Ok(_) | Err(Errno::CANCELED | Errno::NOBUFS) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn while_nothing_happens_nothing_is_told() {
        let quiet = Duration::from_millis(50);
        let clocks = clocks().unwrap();
        assert!(tokio::time::timeout(quiet, clocks.news()).await.is_err());
        networks().unwrap();
    }
}
