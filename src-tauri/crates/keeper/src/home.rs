//! The folders of one keeper.
//!
//! A *home* is the set of folders that one keeper owns: for its configuration, for its state (journal and lock), and for
//! the local socket. `TOKENKEEP_HOME` puts them all into one folder; without it, each is where the platform's conventions
//! put it.

mod identity;
mod lock;
mod runtime_folder;
mod shared;
mod socket;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::app_strategy::{AppStrategy, AppStrategyArgs, choose_native_strategy};
use sha2::{Digest, Sha256};

pub use identity::Identity;
pub(crate) use identity::is_home;
pub use lock::{Lock, LockError, RunningKeeper};
use shared::Others;

/// The environment variable that puts a whole home under one folder.
pub const HOME_SETTING: &str = "TOKENKEEP_HOME";

/// How many bytes of the path's hash name a place: few enough for a socket path, and enough to tell one person's homes
/// apart.
const ID_BYTES: usize = 6;

/// Why a home cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// The platform does not say where the user's folders are.
    #[error(
        "There is no home folder to keep anything in ({why}). Set HOME, or set {HOME_SETTING} to a folder of your own."
    )]
    Nowhere {
        /// What the platform said.
        why: String,
    },
    /// A folder or file cannot be made or read.
    #[error(
        "Tokenkeep cannot use {path} ({source}). Check that the folder can be written, or set {HOME_SETTING} to another one."
    )]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Even the short fallback for the socket's path is too long.
    #[error(
        "The socket's path {path} is too long for this system ({limit} bytes at most). Set {HOME_SETTING} to a folder with a shorter path."
    )]
    SocketPathTooLong {
        /// The shortest path that was tried.
        path: PathBuf,
        /// The longest path that works, in bytes.
        limit: usize,
    },
    /// Another user could listen in the folder, or change what is in it.
    #[error(
        "The folder {path} {why}, so another user could pose as the keeper there, or change what it keeps. Close it to others with `chmod go-w`, or set {HOME_SETTING} to a folder of your own."
    )]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A newer program wrote the file that says which home this is.
    #[error(
        "The file {path} was written by a newer Tokenkeep (form {version}), so this one does not start here. Nothing has been changed. Start that version again."
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The form that the newer program writes.
        version: u32,
    },
    /// The file that says which home this is cannot be understood.
    #[error(
        "The file {path} says which keychain items belong to this home, and cannot be understood. Nothing has been changed. Restore it, or write the word new into it (`echo new > {path}`); the home then begins without tokens."
    )]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// This is a copy of a home that is there still.
    #[error(
        "The home {here} is a copy of {there}. Both would use the same keychain items, and so end each other's tokens. Nothing has been changed. Say which is the real one: write the word new into the file {name} of the other (`echo new > {name}`); that one then begins without tokens.",
        name = identity::FILE
    )]
    Copy {
        /// This home.
        here: PathBuf,
        /// The one that it is a copy of.
        there: PathBuf,
    },
}

/// The folders of one keeper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    config: PathBuf,
    state: PathBuf,
    runtime: PathBuf,
}

impl Home {
    /// The home that the environment names: `TOKENKEEP_HOME`, or the platform's usual folders.
    ///
    /// # Errors
    /// When the platform names no folder for this user.
    pub fn from_env() -> Result<Self, HomeError> {
        Self::from_variables(|name| std::env::var_os(name))
    }

    /// A home whose configuration, journal and socket are all in `folder`.
    #[must_use]
    pub fn at(folder: impl AsRef<Path>) -> Self {
        let folder = folder.as_ref();
        // A relative path would change its meaning with the working folder.
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
        Self {
            config: folder.clone(),
            state: folder.clone(),
            runtime: folder,
        }
    }

    fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, HomeError> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        if let Some(folder) = set(HOME_SETTING) {
            return Ok(Self::at(folder));
        }
        let folders = choose_native_strategy(AppStrategyArgs {
            app_name: "tokenkeep".to_owned(),
            ..AppStrategyArgs::default()
        })
        .map_err(|error| HomeError::Nowhere {
            why: error.to_string(),
        })?;
        let state = folders.state_dir().unwrap_or_else(|| folders.data_dir());
        let runtime = set("XDG_RUNTIME_DIR")
            .map(PathBuf::from)
            .filter(|folder| folder.is_absolute())
            .or_else(runtime_folder::of_login)
            .map_or_else(|| state.clone(), |folder| folder.join("tokenkeep"));
        // On macOS, an application keeps its configuration with its other files.
        let config = if cfg!(target_os = "macos") {
            folders.data_dir()
        } else {
            folders.config_dir()
        };
        Ok(Self {
            config,
            state,
            runtime,
        })
    }

    /// The file with the accounts and the settings.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The journal's database.
    #[must_use]
    pub fn journal_file(&self) -> PathBuf {
        self.state.join("journal.sqlite")
    }

    /// The file that a running keeper locks.
    #[must_use]
    pub fn lock_file(&self) -> PathBuf {
        self.state.join("keeper.lock")
    }

    /// Where the agent listens: the path of a Unix socket, or the name of a Windows pipe.
    /// Keeper and clients compute the same one.
    ///
    /// # Errors
    /// When no path is short enough, or the fallback folder belongs to somebody else.
    pub fn socket(&self) -> Result<PathBuf, HomeError> {
        socket::path(&self.runtime, || self.place(), &shared::folder())
    }

    /// Creates every folder of this home, for this user only (mode 0700). Existing folders keep their mode.
    ///
    /// # Errors
    /// When a folder cannot be created, another user can write in it, or there is no place for the socket.
    pub fn create(&self) -> Result<(), HomeError> {
        for folder in [&self.config, &self.state] {
            create_private(folder)?;
            shared::check_owner(folder, Others::MayRead)?;
        }
        if cfg!(unix)
            && let Some(folder) = self.socket()?.parent()
        {
            create_private(folder)?;
            // Checked again, now that the folder exists.
            self.socket()?;
        }
        Ok(())
    }

    /// Which home this is, wherever it lies. Creates its folders, because its id is kept in a file there.
    ///
    /// # Errors
    /// When the folders or the file cannot be used, or this is a copy of a home that is there still.
    pub fn identity(&self) -> Result<Identity, HomeError> {
        self.create()?;
        Identity::of(self)
    }

    /// The file that says which home this is.
    fn identity_file(&self) -> PathBuf {
        self.config.join(identity::FILE)
    }

    /// A short, stable name of the place where this home lies. Call it after [`Home::create`], because it is computed from
    /// the path with symbolic links resolved.
    fn place(&self) -> String {
        let path = self
            .state
            .canonicalize()
            .unwrap_or_else(|_| self.state.clone());
        let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
        digest
            .iter()
            .take(ID_BYTES)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

fn create_private(folder: &Path) -> Result<(), HomeError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| HomeError::Io {
        path: folder.to_path_buf(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_moves_everything_under_one_folder() {
        let home = Home::from_variables(|name| (name == HOME_SETTING).then(|| "/somewhere".into()))
            .unwrap();
        assert_eq!(home, Home::at("/somewhere"));
        for file in [home.config_file(), home.journal_file(), home.lock_file()] {
            assert!(file.starts_with("/somewhere"), "{}", file.display());
        }
    }

    #[test]
    fn an_empty_setting_is_no_setting() {
        let home = Home::from_variables(|name| (name == HOME_SETTING).then(OsString::new)).unwrap();
        assert!(home.config_file().is_absolute());
        assert_ne!(
            home.config_file().parent(),
            std::env::current_dir().ok().as_deref()
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_the_setting_the_socket_is_in_the_runtime_folder() {
        let home =
            Home::from_variables(|name| (name == "XDG_RUNTIME_DIR").then(|| "/run/user/7".into()))
                .unwrap();
        assert_eq!(
            home.socket().unwrap(),
            Path::new("/run/user/7/tokenkeep/agent.sock")
        );
        assert!(home.config_file().ends_with("tokenkeep/config.toml"));
        assert!(home.journal_file().ends_with("tokenkeep/journal.sqlite"));
    }

    #[cfg(unix)]
    #[test]
    fn folders_are_made_for_this_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("new"));
        home.create().unwrap();
        let mode = std::fs::metadata(folder.path().join("new"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
        home.create().unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named_with_the_setting_that_moves_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = Home::at(file.join("home"))
            .create()
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("file") && error.contains(HOME_SETTING),
            "{error}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_home_in_which_others_can_write_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        for (mode, allowed) in [(0o700, true), (0o755, true), (0o775, false), (0o707, false)] {
            std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
            let created = home.create();
            assert_eq!(created.is_ok(), allowed, "{mode:o}: {created:?}");
            // Neither does a client look for a keeper there.
            assert_eq!(home.socket().is_ok(), allowed, "{mode:o}");
        }
        let error = home.create().unwrap_err().to_string();
        assert!(error.contains("can be written by other users"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_to_a_home_names_the_same_place() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let link = folder.path().join("link");
        Home::at(&home).create().unwrap();
        std::os::unix::fs::symlink(&home, &link).unwrap();
        assert_eq!(Home::at(&home).place(), Home::at(&link).place());
    }
}
