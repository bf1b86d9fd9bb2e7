//! `.env` files that were picked or dropped. They are read here, so that their secrets never reach the page.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokenkeep_keeper::config::{AccountName, Grant};
use tokenkeep_keeper::env_file::{self, EnvFile};
use tokenkeep_keeper::keeper::NewAccount;

use super::page::{CommandError, PageEnvFile, provider_title};
use crate::window::host::host;

/// How many are kept. Who drops one after another wants the last.
const KEPT: usize = 4;

/// The files that were read, by the number that the page knows them by.
#[derive(Default)]
pub(super) struct EnvFiles(Mutex<Files>);

#[derive(Default)]
struct Files {
    next: u32,
    read: BTreeMap<u32, EnvFile>,
}

impl EnvFiles {
    /// Reads a file, and says what is in it but for its secrets.
    ///
    /// # Errors
    /// Where it cannot be read, or holds no account.
    pub(super) fn read(&self, path: &Path) -> Result<PageEnvFile, CommandError> {
        let file = EnvFile::read(path).map_err(|error| CommandError::new(error.to_string()))?;
        let summary =
            env_file::summary(&file).map_err(|error| CommandError::new(error.to_string()))?;
        let mut files = self.lock();
        let id = files.next;
        files.next += 1;
        files.read.insert(id, file);
        while files.read.len() > KEPT {
            files.read.pop_first();
        }
        Ok(PageEnvFile {
            id,
            file_name: path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned(),
            provider: provider_title(&summary.provider),
            server: summary.server.as_ref().and_then(host),
            client_id: summary.client_id,
            redirect_uri: summary.redirect_uri.map(String::from),
            has_client_secret: summary.has_client_secret,
            has_assertion: summary.has_assertion,
            grants: summary.grants,
        })
    }

    /// The account that a file describes.
    ///
    /// # Errors
    /// Where the file is forgotten, or does not hold what the grant needs.
    pub(super) fn account(
        &self,
        id: u32,
        name: AccountName,
        grant: Grant,
    ) -> Result<NewAccount, CommandError> {
        let files = self.lock();
        let file = files.read.get(&id).ok_or_else(|| {
            CommandError::new("This file is no longer at hand; nothing was added. Choose it again.")
        })?;
        env_file::account(file, name, Some(grant))
            .map_err(|error| CommandError::new(error.to_string()))
    }

    /// Forgets a file that was used or is not needed.
    pub(super) fn forget(&self, id: u32) {
        self.lock().read.remove(&id);
    }

    fn lock(&self) -> MutexGuard<'_, Files> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_told_all_but_the_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        let text = "RC_SERVER_URL=https://platform.ringcentral.com\nRC_APP_CLIENT_ID=id\n\
                    RC_APP_CLIENT_SECRET=planted-secret\nRC_USER_JWT=planted.jwt\n";
        std::fs::write(&path, text).unwrap();
        let files = EnvFiles::default();
        let file = files.read(&path).unwrap();
        assert_eq!(
            (file.file_name.as_str(), file.provider.as_str()),
            (".env", "RingCentral")
        );
        assert_eq!(file.grants, [Grant::Jwt]);
        assert!(file.has_client_secret && file.has_assertion);
        let told = format!("{}{file:?}", serde_json::to_string(&file).unwrap());
        assert!(!told.contains("planted"), "{told}");

        let account = files
            .account(file.id, "bot".parse().unwrap(), Grant::Jwt)
            .unwrap();
        assert!(account.assertion.is_some());
        files.forget(file.id);
        let forgotten = files.account(file.id, "bot".parse().unwrap(), Grant::Jwt);
        assert!(forgotten.unwrap_err().message.contains("Choose it again"));
    }

    #[test]
    fn a_file_that_holds_no_account_is_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        std::fs::write(&path, "OTHER=planted").unwrap();
        let error = EnvFiles::default().read(&path).unwrap_err();
        assert!(error.message.contains("RC_APP_CLIENT_ID"), "{error:?}");
        assert!(!error.message.contains("planted"), "{error:?}");
    }
}
