//! Signals that are meant for the command.

#[cfg(unix)]
pub(super) use unix::UnixSignals as Signals;
#[cfg(windows)]
pub(super) use windows::ConsoleSignals as Signals;

#[cfg(unix)]
mod unix {
    use std::convert::Infallible;
    use std::fs::File;
    use std::future::poll_fn;
    use std::io;
    use std::task::Poll;

    use rustix::process::{Pid, Signal, getpgrp, kill_process};
    use rustix::termios::tcgetpgrp;
    use tokenkeep_agent::hosting;
    use tokio::signal::unix::{self, SignalKind, signal};

    const PASSED_ON: [Signal; 6] = [
        Signal::TERM,
        Signal::HUP,
        Signal::INT,
        Signal::QUIT,
        Signal::USR1,
        Signal::USR2,
    ];

    /// Those that reach this process from now on; none of them ends it any more.
    pub(in super::super) struct UnixSignals(Vec<(Signal, unix::Signal)>);

    impl UnixSignals {
        /// Listens to all but those that are ignored, which the command is then to ignore, too.
        pub(in super::super) fn listen() -> io::Result<Self> {
            let heard = PASSED_ON
                .into_iter()
                .filter(|signal| !hosting::is_ignored(signal.as_raw()));
            let streams = heard.map(|which| {
                let stream = signal(SignalKind::from_raw(which.as_raw()))?;
                Ok((which, stream))
            });
            streams.collect::<io::Result<_>>().map(Self)
        }

        /// Passes them on to a process that was not waited for yet.
        pub(in super::super) async fn pass_on(&mut self, to: Option<u32>) -> Infallible {
            let to = to
                .and_then(|id| i32::try_from(id).ok())
                .and_then(Pid::from_raw);
            loop {
                let signal = self.next().await;
                if let Some(to) = to.filter(|_| !came_by_terminal(signal)) {
                    // It may have ended just now.
                    let _ = kill_process(to, signal);
                }
            }
        }

        async fn next(&mut self) -> Signal {
            poll_fn(|context| {
                let mut streams = self.0.iter_mut();
                let come = streams.find_map(|(signal, stream)| {
                    stream.poll_recv(context).is_ready().then_some(*signal)
                });
                come.map_or(Poll::Pending, Poll::Ready)
            })
            .await
        }
    }

    /// Whether the command has the signal already: keys such as Ctrl-C send theirs to all processes in the foreground
    /// of the terminal. A signal that somebody sends to this process alone, while it is in the foreground, looks the
    /// same and is not passed on.
    fn came_by_terminal(signal: Signal) -> bool {
        let by_key = signal == Signal::INT || signal == Signal::QUIT;
        by_key && is_in_foreground()
    }

    fn is_in_foreground() -> bool {
        File::open("/dev/tty")
            .ok()
            .and_then(|terminal| tcgetpgrp(terminal).ok())
            .is_some_and(|foreground| foreground == getpgrp())
    }
}

#[cfg(windows)]
mod windows {
    use std::convert::Infallible;
    use std::io;

    use tokio::signal::windows::{CtrlC, ctrl_c};

    /// Ctrl-C, which no longer ends this process. The console sends it to the command by itself.
    pub(in super::super) struct ConsoleSignals(CtrlC);

    impl ConsoleSignals {
        pub(in super::super) fn listen() -> io::Result<Self> {
            ctrl_c().map(Self)
        }

        pub(in super::super) async fn pass_on(&mut self, _to: Option<u32>) -> Infallible {
            loop {
                self.0.recv().await;
            }
        }
    }
}
