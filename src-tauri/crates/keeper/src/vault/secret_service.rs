//! Whether the Secret Service is locked, asked without a prompt; and the prompt itself.
//!
//! The keyring store prompts by itself for whatever it finds locked. So every call to it is
//! preceded by this question, and is not made when the answer is yes. (A keyring that is
//! locked within the millisecond between the two may still prompt, once.)

use std::collections::HashMap;

use secret_service::blocking::SecretService;
use secret_service::{EncryptionType, Error};

use super::store::StoreError;

/// What a keyring is called that did not exist before.
const NEW_KEYRING: &str = "Login";

/// A connection to ask over, made when it is first needed and again when it breaks.
#[derive(Default)]
pub(super) struct Lock {
    connection: Option<SecretService<'static>>,
}

impl Lock {
    /// Fails with [`StoreError::Locked`] when to use items with these attributes, or to make
    /// one, would ask a person for a password.
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
                // There is a service, but no keyring in it to put anything into.
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

/// Items are made in the default collection, but may have been moved to another one.
fn is_locked(service: &SecretService<'_>, attributes: &HashMap<&str, &str>) -> Result<bool, Error> {
    Ok(service.get_default_collection()?.is_locked()?
        || !service.search_items(attributes.clone())?.locked.is_empty())
}

/// Has the Secret Service ask the person for the default keyring's password, or for that
/// of a new one. Returns when the question is answered.
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
