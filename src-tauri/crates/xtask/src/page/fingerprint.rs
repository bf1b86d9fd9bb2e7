//! What tells one state of a folder from another.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Result;

/// Of the names and contents of all files in a folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PageFingerprint(u64);

impl PageFingerprint {
    /// Passes over what the folder itself has under one of the names in
    /// `without`. A folder that is not there counts as an empty one.
    pub(super) fn of_folder(folder: &Path, without: &[&str]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        hash_folder(folder, without, &mut hasher)?;
        Ok(Self(hasher.finish()))
    }
}

impl fmt::Display for PageFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

fn hash_folder(folder: &Path, without: &[&str], hasher: &mut DefaultHasher) -> Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        if without.iter().any(|without| name == *without) {
            continue;
        }
        name.hash(hasher);
        if entry.file_type()?.is_dir() {
            hash_folder(&entry.path(), &[], hasher)?;
            // So that a file after a folder differs from one in it.
            hasher.write_u8(0);
        } else {
            std::fs::read(entry.path())?.hash(hasher);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{create_dir_all, remove_file, rename, write};

    use super::*;

    fn of(folder: &Path) -> PageFingerprint {
        PageFingerprint::of_folder(folder, &["dist"]).unwrap()
    }

    #[test]
    fn a_changed_renamed_or_removed_file_shows() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two] = ["src/one", "src/two"].map(|name| folder.path().join(name));
        create_dir_all(folder.path().join("src")).unwrap();
        write(&one, "a").unwrap();
        let first = of(folder.path());
        write(&one, "b").unwrap();
        let changed = of(folder.path());
        rename(&one, &two).unwrap();
        let renamed = of(folder.path());
        remove_file(&two).unwrap();
        let removed = of(folder.path());
        write(&one, "a").unwrap();
        assert_eq!(of(folder.path()), first, "the same contents again");
        let all = [first, changed, renamed, removed];
        let distinct: std::collections::BTreeSet<_> = all.iter().map(|print| print.0).collect();
        assert_eq!(distinct.len(), all.len(), "{all:?}");
    }

    #[test]
    fn what_is_passed_over_does_not_show_but_at_the_top_only() {
        let folder = tempfile::tempdir().unwrap();
        let empty = of(folder.path());
        create_dir_all(folder.path().join("dist")).unwrap();
        write(folder.path().join("dist/page"), "").unwrap();
        assert_eq!(of(folder.path()), empty);
        create_dir_all(folder.path().join("src/dist")).unwrap();
        assert_ne!(of(folder.path()), empty);
    }

    #[test]
    fn a_folder_that_is_not_there_is_like_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(of(&folder.path().join("absent")), of(folder.path()));
    }
}
