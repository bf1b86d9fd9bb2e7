//! Tells the page what happens, for as long as it watches.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;
use tokenkeep_agent::client::Events;
use tokenkeep_agent::{AgentClient, ClientError};
use tokenkeep_keeper::keeper::Happening;
use tokio::sync::watch;

use super::page::{PageAccount, PageKeeper, Update};

/// How often the keeper's own state is read: no event reports that a keychain was locked.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// Where updates go.
#[derive(Default)]
pub(super) struct Updates(Mutex<Option<Watching>>);

/// A page that watches.
struct Watching {
    channel: Channel<Update>,
    task: JoinHandle<()>,
}

impl Updates {
    /// Tells the page from now on through `channel`. A page that was reloaded replaces itself.
    pub(super) fn begin(&self, client: AgentClient, channel: Channel<Update>) {
        let told = channel.clone();
        let task = tauri::async_runtime::spawn(async move {
            let message = match follow(&client, &told).await {
                Ok(()) => {
                    "Tokenkeep has ended. Start it again; nothing that is kept is lost.".to_owned()
                }
                Err(error) => error.to_string(),
            };
            send(&told, Update::Gone { message });
        });
        if let Some(before) = self.lock().replace(Watching { channel, task }) {
            before.task.abort();
        }
    }

    /// Tells the page something else.
    pub(super) fn send(&self, update: Update) {
        if let Some(watching) = &*self.lock() {
            send(&watching.channel, update);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Watching>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn send(channel: &Channel<Update>, update: Update) {
    // A page that is gone needs no update.
    let _ = channel.send(update);
}

/// Tells what happens until the keeper ends.
async fn follow(client: &AgentClient, channel: &Channel<Update>) -> Result<(), ClientError> {
    // Asked for first, so that nothing is missed in between.
    let events = client.events(None).await?;
    let (known, keeper) = watch::channel(keeper(client).await?);
    tokio::select! {
        ended = tell_events(client, channel, events, keeper) => ended,
        // Beside the events: a keychain that does not answer holds this up for seconds.
        failed = look_at_keeper(client, channel, known) => failed,
    }
}

async fn tell_events(
    client: &AgentClient,
    channel: &Channel<Update>,
    mut events: Events,
    keeper: watch::Receiver<PageKeeper>,
) -> Result<(), ClientError> {
    let all = async || {
        let accounts = client.accounts().await?;
        Ok::<_, ClientError>(Update::All {
            accounts: accounts.into_iter().map(PageAccount::from).collect(),
            keeper: keeper.borrow().clone(),
        })
    };
    send(channel, all().await?);
    while let Some(happening) = events.next().await? {
        match happening {
            Happening::Account(view) => send(
                channel,
                Update::Account {
                    account: PageAccount::from(*view),
                },
            ),
            Happening::Removed(name) => send(
                channel,
                Update::Removed {
                    name: name.to_string(),
                },
            ),
            Happening::Missed(_) => send(channel, all().await?),
            Happening::Notice(_) | Happening::News(_) => {}
        }
    }
    Ok(())
}

async fn look_at_keeper(
    client: &AgentClient,
    channel: &Channel<Update>,
    known: watch::Sender<PageKeeper>,
) -> Result<(), ClientError> {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let keeper = keeper(client).await?;
        if *known.borrow() != keeper {
            known.send_replace(keeper.clone());
            send(channel, Update::Keeper { keeper });
        }
    }
}

async fn keeper(client: &AgentClient) -> Result<PageKeeper, ClientError> {
    Ok(PageKeeper::new(
        client.status().await?,
        client.start_at_login().await?,
    ))
}
