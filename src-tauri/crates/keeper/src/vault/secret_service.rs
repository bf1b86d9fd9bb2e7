//! Finds out without a prompt whether the Secret Service is locked, and shows the prompt when a person wants it.
//!
//! The keyring store prompts by itself when an item is locked. So the lock is checked before every call, and the call is
//! not made if it is locked. (A keyring that is locked in the millisecond between the two may still prompt once.)

use std::collections::HashMap;

use secret_service::blocking::SecretService;
use secret_service::{EncryptionType, Error};

use super::store::StoreError;

/// The name of a keyring that is created.
const NEW_KEYRING: &str = "Login";

/// The connection for these checks, made on first use and again when it breaks.
#[derive(Default)]
pub(super) struct Lock {
    connection: Option<SecretService<'static>>,
}

impl Lock {
    /// Fails with [`StoreError::Locked`] if using items with these attributes, or creating one, would ask a person for a
    /// password.
    pub(super) fn check(&mut self, attributes: &HashMap<&str, &str>) -> Result<(), StoreError> {
        let mut is_new = self.connection.is_none();
        loop {
            let connection = match &self.connection {
                Some(connection) => connection,
                None => self.connection.insert(connect()?),
            };
            match is_locked(connection, attributes) {
                Ok(false) => return Ok(()),
                Ok(true) => return Err(StoreError::Locked),
                // There is a service, but it has no keyring to put an item into.
                Err(Error::NoResult) => {
                    return Err(StoreError::Absent(
                        "there is no default keyring yet".to_owned(),
                    ));
                }
                Err(_) if !is_new => {
                    self.connection = None;
                    is_new = true;
                }
                Err(error) => {
                    self.connection = None;
                    return Err(StoreError::Absent(error.to_string()));
                }
            }
        }
    }
}

impl Lock {
    /// The attributes of all items in the default keyring.
    pub(super) fn items(&mut self) -> Result<Vec<HashMap<String, String>>, StoreError> {
        self.check(&HashMap::new())?;
        let failed = |error: Error| StoreError::Failed(error.to_string());
        let connection = connect()?;
        let keyring = connection.get_default_collection().map_err(failed)?;
        let items = keyring.get_all_items().map_err(failed)?;
        // One that is removed in the meantime is none.
        Ok(items
            .iter()
            .filter_map(|item| item.get_attributes().ok())
            .collect())
    }
}

/// Items are created in the default collection, but somebody may have moved them to another one.
fn is_locked(service: &SecretService<'_>, attributes: &HashMap<&str, &str>) -> Result<bool, Error> {
    Ok(service.get_default_collection()?.is_locked()?
        || !service.search_items(attributes.clone())?.locked.is_empty())
}

/// Makes the Secret Service ask the person for the password of the default keyring, or of a new one. Returns when the
/// person has answered.
pub(super) fn unlock() -> Result<(), StoreError> {
    let service = connect()?;
    let outcome = match service.get_default_collection() {
        Ok(collection) => collection.unlock(),
        Err(Error::NoResult) => service
            .create_collection(NEW_KEYRING, "default")
            .map(|_| ()),
        Err(error) => Err(error),
    };
    outcome.map_err(|error| match error {
        Error::Prompt => StoreError::Dismissed,
        error => StoreError::Failed(error.to_string()),
    })
}

/// No secret travels over this connection, so it needs no encryption.
fn connect() -> Result<SecretService<'static>, StoreError> {
    SecretService::connect(EncryptionType::Plain)
        .map_err(|error| StoreError::Absent(error.to_string()))
}
