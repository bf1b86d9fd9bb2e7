//! The reports of systemd's logind about sleep (org.freedesktop.login1(5)).

use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use zbus::message::Type;
use zbus::{Connection, MatchRule, MessageStream};

use super::MachineNews;

/// Passes on that the machine has woken, until the receiver is gone. Does nothing on a system without logind.
pub(super) async fn tell(to: mpsc::Sender<MachineNews>) {
    let mut signals = match signals().await {
        Ok(signals) => signals,
        Err(error) => return tracing::debug!(%error, "no logind tells of sleep"),
    };
    while let Some(signal) = signals.next().await {
        // The signal carries true before a sleep, and false after it.
        let going_to_sleep = signal.and_then(|signal| signal.body().deserialize::<bool>());
        if going_to_sleep.is_ok_and(|going| !going) && to.send(MachineNews::Woke).await.is_err() {
            return;
        }
    }
}

async fn signals() -> zbus::Result<MessageStream> {
    let bus = Connection::system().await?;
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.login1")?
        .path("/org/freedesktop/login1")?
        .interface("org.freedesktop.login1.Manager")?
        .member("PrepareForSleep")?
        .build();
    MessageStream::for_match_rule(rule, &bus, None).await
}
