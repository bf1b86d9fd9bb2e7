//! Which home this is, wherever it lies.
//!
//! Keychain items are named with the home's id. The id is kept in a file in the home, so that a home that is moved keeps its
//! items. The file also says where the home lay: a copy is told from the original by it, because two keepers with the same
//! items would end each other's tokens.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Home, HomeError};

/// The name of the file.
pub(super) const FILE: &str = "home.json";

/// What a person writes into the file of a home that is to begin afresh.
const BEGIN_AFRESH: &str = "new";

/// The version of the file's form.
const VERSION: u32 = 1;

/// How many random bytes make an id.
const ID_BYTES: usize = 16;

/// Which home this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    id: String,
    folder: String,
}

/// The content of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    id: String,
    /// The folder that the file is in.
    path: String,
    /// That folder's device and inode; 0 where there are none.
    device: u64,
    inode: u64,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Identity {
    /// The id, which names the home's keychain items.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where the home lies.
    #[must_use]
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// Reads the home's id, or gives it one.
    pub(super) fn of(home: &Home) -> Result<Self, HomeError> {
        let file = home.identity_file();
        let io_error = |source| HomeError::Io {
            path: file.clone(),
            source,
        };
        let here = Written::here(home).map_err(io_error)?;
        let Some(found) = read(&file)? else {
            return first(home, &file, here);
        };
        if found.path != here.path && (found.device, found.inode) != (here.device, here.inode) {
            // Moved to another file system, or copied.
            let there = Path::new(&found.path);
            if read(&there.join(FILE)).is_ok_and(|other| other.is_some_and(|it| it.id == found.id))
            {
                return Err(HomeError::Copy {
                    here: PathBuf::from(&here.path),
                    there: there.to_path_buf(),
                });
            }
        }
        let now = Written {
            id: found.id.clone(),
            ..here
        };
        if now != found
            && let Err(error) = write(&file, &now, true)
        {
            // It is of use only if the home is copied later.
            tracing::warn!(%error, "where this home lies could not be noted in {}", file.display());
        }
        Ok(now.into())
    }
}

impl From<Written> for Identity {
    fn from(written: Written) -> Self {
        Self {
            id: written.id,
            folder: written.path,
        }
    }
}

impl Written {
    /// What is to be written of a home that lies here; without its id.
    fn here(home: &Home) -> io::Result<Self> {
        let folder = home.config.canonicalize()?;
        let (device, inode) = inode_of(&folder)?;
        Ok(Self {
            version: VERSION,
            id: String::new(),
            path: folder.to_string_lossy().into_owned(),
            device,
            inode,
        })
    }
}

/// Whether `there` holds the home with this id.
pub(crate) fn is_home(there: &Path, id: &str) -> bool {
    read(&there.join(FILE)).is_ok_and(|found| found.is_some_and(|found| found.id == id))
}

/// What the file says; nothing where there is none, or the home is to begin afresh.
fn read(file: &Path) -> Result<Option<Written>, HomeError> {
    let damaged = || HomeError::Damaged {
        path: file.to_path_buf(),
    };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(HomeError::Io {
                path: file.to_path_buf(),
                source,
            });
        }
    };
    if text.trim() == BEGIN_AFRESH {
        return Ok(None);
    }
    let Version { version } = serde_json::from_str(&text).map_err(|_| damaged())?;
    if version > VERSION {
        return Err(HomeError::Newer {
            path: file.to_path_buf(),
            version,
        });
    }
    serde_json::from_str(&text).map(Some).map_err(|_| damaged())
}

/// Gives the home its id.
fn first(home: &Home, file: &Path, here: Written) -> Result<Identity, HomeError> {
    let begins_afresh = file.exists();
    // Earlier versions named the items with the place.
    let was_used = home.journal_file().exists() || home.config_file().exists();
    let id = if was_used && !begins_afresh {
        home.place()
    } else {
        random()
    };
    let new = Written { id, ..here };
    match write(file, &new, begins_afresh) {
        Ok(()) => Ok(new.into()),
        // Another keeper of this home was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Identity::of(home),
        // The disk may be full, which is no reason to renew nothing. Without the file, it is as it was in earlier versions.
        Err(error) if !begins_afresh => {
            tracing::warn!(%error, "the id of this home could not be written to {}", file.display());
            let id = home.place();
            Ok(Written { id, ..new }.into())
        }
        Err(source) => Err(HomeError::Io {
            path: file.to_path_buf(),
            source,
        }),
    }
}

/// Writes the file whole or not at all.
fn write(file: &Path, written: &Written, may_replace: bool) -> io::Result<()> {
    let mut new = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(Path::new(".")))?;
    serde_json::to_writer_pretty(&mut new, written)?;
    new.write_all(b"\n")?;
    new.as_file().sync_all()?;
    let persisted = if may_replace {
        new.persist(file)
    } else {
        new.persist_noclobber(file)
    };
    persisted.map(drop).map_err(|error| error.error)
}

fn random() -> String {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    // The standard library draws its keys from the system. An id has to be new, not secret.
    let draw = || RandomState::new().build_hasher().finish().to_be_bytes();
    let bytes = std::iter::repeat_with(draw).flatten().take(ID_BYTES);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(unix)]
fn inode_of(folder: &Path) -> io::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let found = folder.metadata()?;
    Ok((found.dev(), found.ino()))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn inode_of(_folder: &Path) -> io::Result<(u64, u64)> {
    Ok((0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }
        fn home(&self, name: &str) -> Home {
            Home::at(self.0.path().join(name))
        }
        fn id(&self, name: &str) -> String {
            self.home(name).identity().unwrap().id
        }
        fn path(&self, name: &str) -> PathBuf {
            self.0.path().canonicalize().unwrap().join(name)
        }
        /// As `cp -a` does.
        fn copy(&self, from: &str, to: &str) {
            std::fs::create_dir(self.path(to)).unwrap();
            for file in std::fs::read_dir(self.path(from)).unwrap() {
                let file = file.unwrap();
                std::fs::copy(file.path(), self.path(to).join(file.file_name())).unwrap();
            }
        }
    }

    #[test]
    fn a_home_keeps_its_id_when_it_is_moved_and_another_in_its_place_has_one_of_its_own() {
        let place = Place::new();
        let id = place.id("one");
        assert_eq!(place.id("one"), id);
        std::fs::rename(place.path("one"), place.path("two")).unwrap();
        assert_eq!(place.id("two"), id);
        assert_ne!(place.id("one"), id);
        assert_eq!(place.id("two"), id);
    }

    #[test]
    fn a_home_that_was_moved_to_another_file_system_keeps_its_id() {
        let place = Place::new();
        let id = place.id("one");
        place.copy("one", "two");
        std::fs::remove_dir_all(place.path("one")).unwrap();
        assert_eq!(place.id("two"), id);
    }

    #[test]
    fn a_home_of_an_earlier_version_keeps_the_id_that_it_had() {
        for file in ["config.toml", "journal.sqlite"] {
            let place = Place::new();
            let home = place.home("one");
            home.create().unwrap();
            std::fs::write(place.path("one").join(file), "").unwrap();
            let id = place.id("one");
            // As every version computes it from the path.
            assert_eq!(id, home.place());
            std::fs::rename(place.path("one"), place.path("two")).unwrap();
            assert_eq!(place.id("two"), id);
        }
    }

    #[test]
    fn a_copy_of_a_home_that_is_there_still_is_refused_until_a_person_says_which_is_real() {
        let place = Place::new();
        let id = place.id("one");
        place.copy("one", "two");
        let error = place.home("two").identity().unwrap_err();
        assert!(matches!(error, HomeError::Copy { .. }), "{error}");
        let message = error.to_string();
        for words in [place.path("one"), place.path("two")] {
            assert!(message.contains(words.to_str().unwrap()), "{message}");
        }
        assert_eq!(place.id("one"), id, "the original goes on");

        // The copy is the real one.
        std::fs::write(place.path("one").join(FILE), "new\n").unwrap();
        assert_eq!(place.id("two"), id);
        assert_ne!(place.id("one"), id);
        // The original is.
        place.copy("two", "three");
        std::fs::write(place.path("three").join(FILE), "new").unwrap();
        assert_ne!(place.id("three"), id);
        assert_eq!(place.id("two"), id);
    }

    /// Every later version reads it: this file is never changed.
    #[test]
    fn an_identity_of_the_first_form_is_read() {
        let place = Place::new();
        place.home("one").create().unwrap();
        let text = include_str!("../../tests/fixtures/home-1.json");
        std::fs::write(place.path("one").join(FILE), text).unwrap();
        assert_eq!(place.id("one"), "00112233445566778899aabbccddeeff");
    }

    #[test]
    fn a_file_of_a_newer_program_or_a_damaged_one_is_named_and_left_as_it_is() {
        let place = Place::new();
        place.home("one").create().unwrap();
        let file = place.path("one").join(FILE);
        for (text, word) in [
            (r#"{"version":2,"of":"a later day"}"#, "newer Tokenkeep"),
            ("", "cannot be understood"),
            (r#"{"version":1}"#, "cannot be understood"),
        ] {
            std::fs::write(&file, text).unwrap();
            let error = place.home("one").identity().unwrap_err().to_string();
            assert!(error.contains(word) && error.contains(FILE), "{error}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
    }
}
