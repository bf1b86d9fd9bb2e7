//! Keeps the menu current as things happen and as time passes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::Utc;
use tauri::AppHandle;
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{AccountView, Happening, Keeper, Listener};

use super::board::{self, Row};
use super::icon::IconLook;
use super::menu::TrayMenu;

/// How the accounts stand, and the menu that shows it.
pub(super) struct Painter {
    app: AppHandle,
    menu: Arc<Mutex<TrayMenu>>,
    keeper: Keeper,
    accounts: BTreeMap<AccountName, AccountView>,
}

impl Painter {
    pub(super) fn new(app: AppHandle, menu: Arc<Mutex<TrayMenu>>, keeper: Keeper) -> Self {
        Self {
            app,
            menu,
            keeper,
            accounts: BTreeMap::new(),
        }
    }

    /// Paints for as long as the keeper tells what happens. `listener` has everything since before now.
    pub(super) async fn run(mut self, mut listener: Listener) {
        self.look_at_all().await;
        loop {
            let wait = self.paint();
            match tokio::time::timeout(wait, listener.next()).await {
                Err(_) => continue,
                Ok(Some(happening)) => self.learn(happening).await,
                Ok(None) => return,
            }
            // What happened at the same time is painted at once.
            while let Some(happening) = listener.next_already() {
                self.learn(happening).await;
            }
        }
    }

    async fn look_at_all(&mut self) {
        let accounts = self.keeper.accounts().await;
        self.accounts = accounts
            .into_iter()
            .map(|account| (account.name.clone(), account))
            .collect();
    }

    async fn learn(&mut self, happening: Happening) {
        match happening {
            Happening::Account(account) => {
                self.accounts.insert(account.name.clone(), *account);
            }
            Happening::Removed(name) => {
                self.accounts.remove(&name);
            }
            Happening::Missed(_) => self.look_at_all().await,
            Happening::Notice(_) | Happening::News(_) => {}
        }
    }

    /// Paints, and returns when to paint again although nothing has happened.
    fn paint(&self) -> std::time::Duration {
        let now = Utc::now();
        let accounts: Vec<AccountView> = self.accounts.values().cloned().collect();
        let rows: Vec<Row> = accounts
            .iter()
            .map(|account| Row::of(account, now))
            .collect();
        let look = IconLook::of(&accounts, now);
        let menu = Arc::clone(&self.menu);
        let painted = self.app.run_on_main_thread(move || {
            let mut menu = menu.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = menu.update(rows, look) {
                tracing::warn!(%error, "the menu could not be changed");
            }
        });
        if let Err(error) = painted {
            tracing::warn!(%error, "the menu could not be changed");
        }
        board::next_change(&accounts, now)
    }
}
