//! Lists, adds and removes accounts.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokenkeep_oauth::Problem;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::api::{AccountField, AccountView, NewAccount, Removal};
use super::client::Spec;
use super::error::KeeperError;
use super::happening::Happening;
use super::inbox::{Inbox, Message, Removed};
use super::pace_task::lock;
use super::task::AccountTask;
use super::words::{self, config_error, vault_error};
use super::{Keeper, Kept, Sound, ask, start_asking, view};
use crate::config::{self, AccountName, Config, Grant};
use crate::vault::{Credentials, Item, VaultError, VaultState};

/// How long a removal waits for the provider to say that the session was ended.
const REVOCATION_WAIT: Duration = Duration::from_secs(5);

impl Keeper {
    /// All accounts, by name.
    pub async fn accounts(&self) -> Vec<AccountView> {
        let kept: Vec<_> = lock(&self.inner.accounts).values().cloned().collect();
        // All are asked at once. Each task answers without waiting for anything.
        let asked = kept.into_iter().map(|kept| match kept {
            Kept::Broken(view) => Asked::Known(view),
            Kept::Sound(account) => Asked::Coming(start_asking(&account.inbox, Message::View)),
        });
        let asked: Vec<_> = asked.collect();
        let mut views = Vec::with_capacity(asked.len());
        for asked in asked {
            match asked {
                Asked::Known(view) => views.push((*view).clone()),
                Asked::Coming(view) => views.extend(view.await.ok()),
            }
        }
        views
    }

    /// One account.
    ///
    /// # Errors
    /// Where there is no such account.
    pub async fn account(&self, name: &AccountName) -> Result<AccountView, KeeperError> {
        let kept = lock(&self.inner.accounts).get(name).cloned();
        match kept {
            Some(Kept::Broken(view)) => Ok((*view).clone()),
            Some(Kept::Sound(account)) => view_of(&account.inbox)
                .await
                .ok_or_else(|| words::no_such_account(name)),
            None => Err(words::no_such_account(name)),
        }
    }

    /// Adds an account. One with a JWT signs in at once, by itself.
    ///
    /// # Errors
    /// Where a field is wrong, the name is taken, or keychain or configuration cannot be written. Nothing has changed then.
    pub async fn add(&self, new: NewAccount) -> Result<AccountView, KeeperError> {
        self.refuse_when_quitting()?;
        let mut config = self.inner.config.lock().await;
        let account = configured(&new);
        // Checked before its secrets are saved, which would replace those of an account of the same name.
        config
            .check_new_account(&new.name, &account)
            .map_err(|error| config_error(&error))?;
        if lock(&self.inner.accounts).contains_key(&new.name) {
            return Err(words::being_removed(&new.name));
        }
        let spec = Spec::read(&new.name, &account, &config)
            .map_err(|(field, message)| KeeperError::invalid(field, message))?;
        let credentials = Credentials {
            client_secret: new.client_secret,
            assertion: new.assertion,
        };
        check_credentials(&spec, &credentials)?;
        self.store_credentials(&spec, credentials).await?;
        if let Err(error) = config.add_account(&new.name, &account) {
            // Best effort: an item without an account does no harm.
            let _ = self.inner.shared.vault.delete(new.name.as_str()).await;
            return Err(config_error(&error));
        }
        self.keep(&new.name, &account, &config).await;
        drop(config);
        self.account(&new.name).await
    }

    /// Removes an account: deletes its keychain item and its configuration, and asks the provider to end its session (best
    /// effort).
    ///
    /// # Errors
    /// Where there is no such account, or keychain or configuration cannot be written.
    pub async fn remove(&self, name: &AccountName) -> Result<Removal, KeeperError> {
        // Checked first, so that nothing is half removed if the keychain cannot be reached.
        self.vault_in_reach().await?;
        let (kept, configured) = {
            let mut config = self.inner.config.lock().await;
            let kept = lock(&self.inner.accounts).get(name).cloned();
            let kept = kept.ok_or_else(|| words::no_such_account(name))?;
            if let Err(error @ VaultError::Newer { .. }) =
                self.inner.shared.vault.load(name.as_str()).await
            {
                return Err(vault_error(&error));
            }
            let configured = config.accounts().get(name).cloned();
            config
                .remove_account(name)
                .map_err(|error| config_error(&error))?;
            (kept, configured)
        };
        // Nobody else has to wait while the keychain takes its time. The name is not free until it is done.
        let removed = match kept {
            Kept::Sound(account) => ask(&account.inbox, Message::Remove).await,
            Kept::Broken(_) => Some(Removed {
                deleted: self.inner.shared.vault.delete(name.as_str()).await,
                revocation: None,
            }),
        };
        let removed = removed.ok_or_else(|| words::no_such_account(name))?;
        if let Err(error) = removed.deleted {
            if let Some(account) = configured {
                // Restored, so that removing it can be tried again.
                let mut config = self.inner.config.lock().await;
                config
                    .add_account(name, &account)
                    .map_err(|error| config_error(&error))?;
                self.keep(name, &account, &config).await;
            }
            return Err(vault_error(&error));
        }
        lock(&self.inner.accounts).remove(name);
        lock(&self.inner.sign_ins).forget(name);
        // If this fails, the journal reports it by itself.
        let _ = self
            .inner
            .shared
            .announcer
            .journal()
            .forget(name.as_str())
            .await;
        self.inner
            .shared
            .announcer
            .tell(Happening::Removed(name.clone()));
        let revoking = removed.revocation.is_some();
        Ok(Removal {
            revoking,
            session_left: session_left(removed.revocation).await,
        })
    }

    /// Starts keeping a configured account.
    pub(super) async fn keep(
        &self,
        name: &AccountName,
        account: &config::AccountEntry,
        config: &Config,
    ) {
        let kept = match Spec::read(name, account, config) {
            Ok(spec) => {
                let spec = Arc::new(spec);
                // If the journal cannot be read, a notice may be given again.
                let told = self
                    .inner
                    .shared
                    .announcer
                    .journal()
                    .given(name.as_str())
                    .await
                    .unwrap_or_default();
                let pacing = self.inner.pacing(&spec);
                let inbox = AccountTask::start(
                    Arc::clone(&spec),
                    told,
                    Arc::clone(&pacing),
                    self.inner.shared.clone(),
                );
                Kept::Sound(Sound {
                    spec,
                    inbox,
                    pacing,
                })
            }
            Err((field, message)) => {
                let problem = format!(
                    "Its configuration cannot be used, because of `{field}`. {message} Mend it in config.toml and start \
                     Tokenkeep again; its tokens are kept."
                );
                tracing::error!(account = %name, "{problem}");
                Kept::Broken(Arc::new(view::broken(name, account, problem)))
            }
        };
        lock(&self.inner.accounts).insert(name.clone(), kept);
    }

    /// Saves a new account's secrets. Replaces what an earlier account of that name left behind.
    async fn store_credentials(
        &self,
        spec: &Spec,
        credentials: Credentials,
    ) -> Result<(), KeeperError> {
        let vault = &self.inner.shared.vault;
        let name = &spec.name;
        let item = Item {
            credentials,
            bound_to: Some(spec.binding()),
            home: Some(self.inner.shared.home.clone()),
            ..Item::default()
        };
        match vault.save(name.as_str(), item.clone()).await {
            Err(VaultError::Damaged { .. }) => {
                vault
                    .delete(name.as_str())
                    .await
                    .map_err(|error| vault_error(&error))?;
                vault
                    .save(name.as_str(), item)
                    .await
                    .map_err(|error| vault_error(&error))
            }
            saved => saved.map_err(|error| vault_error(&error)),
        }
    }

    pub(super) async fn vault_in_reach(&self) -> Result<(), KeeperError> {
        match self.inner.shared.vault.state().await {
            VaultState::Ready => Ok(()),
            VaultState::Locked => Err(vault_error(&VaultError::Locked)),
            VaultState::Absent(why) => Err(vault_error(&VaultError::Absent { why })),
        }
    }
}

/// Why the session may live on, where the provider has said so within a while.
async fn session_left(
    revocation: Option<oneshot::Receiver<Result<(), Problem>>>,
) -> Option<String> {
    let ended = timeout(REVOCATION_WAIT, revocation?).await.ok()?;
    Some(ended.ok()?.err()?.message)
}

/// An account whose view was asked for.
enum Asked {
    Known(Arc<AccountView>),
    Coming(oneshot::Receiver<AccountView>),
}

async fn view_of(inbox: &Inbox) -> Option<AccountView> {
    ask(inbox, Message::View).await
}

fn configured(new: &NewAccount) -> config::AccountEntry {
    config::AccountEntry {
        provider: new.provider.clone(),
        server: new.server.as_ref().map(ToString::to_string),
        client_id: new.client_id.clone(),
        grant: new.grant,
        redirect_uri: new.redirect_uri.as_ref().map(ToString::to_string),
    }
}

/// Checks that there is everything that the grant needs.
fn check_credentials(spec: &Spec, credentials: &Credentials) -> Result<(), KeeperError> {
    let missing = |secret: &Option<secrecy::SecretString>| {
        secret
            .as_ref()
            .is_none_or(|secret| secret.expose_secret().trim().is_empty())
    };
    match spec.grant {
        Grant::Jwt if missing(&credentials.assertion) => Err(KeeperError::invalid(
            AccountField::Assertion,
            "The JWT credential is missing. Create one in the provider's console and give it along.",
        )),
        Grant::Jwt if missing(&credentials.client_secret) => Err(KeeperError::invalid(
            AccountField::ClientSecret,
            "The client secret is missing: a JWT is accepted only from a client that shows one.",
        )),
        Grant::Jwt => Ok(()),
        Grant::Code => match spec.authorization_request(credentials) {
            Ok(_) => Ok(()),
            Err(error) => Err(KeeperError::invalid(
                AccountField::RedirectUri,
                error.to_string(),
            )),
        },
    }
}

#[cfg(test)]
mod tests;
