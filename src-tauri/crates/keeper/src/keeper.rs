//! STAND-IN: replaced when the branches meet.
#![allow(missing_docs, unused_variables, clippy::unimplemented)]
pub mod asked;
pub mod error;
pub mod happening;
pub use asked::*;
pub use error::*;
pub use happening::*;
use crate::{home::Home, vault::Vault, config::AccountName};
use std::time::Duration;
use url::Url;
#[derive(Clone, Debug)]
pub struct Keeper;
#[derive(Debug, thiserror::Error)]
pub enum OpenError { #[error(transparent)] Locked(#[from] crate::home::LockError), #[error("config")] Config }
impl Keeper {
    pub async fn open(home: Home, vault: Vault) -> Result<Keeper, OpenError> { unimplemented!() }
    pub async fn accounts(&self) -> Vec<AccountView> { unimplemented!() }
    pub async fn account(&self, name: &AccountName) -> Result<AccountView, KeeperError> { unimplemented!() }
    pub async fn token(&self, name: &AccountName, request: TokenRequest) -> Result<GivenToken, KeeperError> { unimplemented!() }
    pub async fn release(&self, name: &AccountName, lease: u64) { unimplemented!() }
    pub async fn add(&self, new: NewAccount) -> Result<AccountView, KeeperError> { unimplemented!() }
    pub async fn remove(&self, name: &AccountName) -> Result<Removal, KeeperError> { unimplemented!() }
    pub async fn refresh(&self, name: &AccountName, wait: Option<Duration>) -> Result<AccountView, KeeperError> { unimplemented!() }
    pub async fn sign_in(&self, name: &AccountName, wait: Option<Duration>) -> Result<SignInStep, KeeperError> { unimplemented!() }
    pub async fn finish_sign_in(&self, id: u64, redirected: &Url) -> Result<AccountView, KeeperError> { unimplemented!() }
    pub fn cancel_sign_in(&self, id: u64) { unimplemented!() }
    pub async fn journal(&self, query: JournalQuery) -> Result<Vec<JournalLine>, KeeperError> { unimplemented!() }
    pub async fn status(&self) -> Status { unimplemented!() }
    pub async fn unlock(&self) -> Result<(), KeeperError> { unimplemented!() }
    pub fn listen(&self) -> tokio::sync::broadcast::Receiver<Happening> { unimplemented!() }
    pub async fn quit(&self) { unimplemented!() }
}
