//! Whether the page has the types of what it is told: TypeScript that tests write from Rust, and that is committed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::workspace;

/// Where the page has them.
const COMMITTED: &str = "ui/src/lib/backend/bindings";

/// The types as they are written by the tests of this very run, apart from
/// those of the page, so that a type that is no more shows, too.
pub(super) struct Bindings {
    folder: PathBuf,
}

impl Bindings {
    pub(super) fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Lets the tests that `command` runs write them.
    pub(super) fn have_written_by(&self, command: &mut Command) -> Result<()> {
        std::fs::remove_dir_all(&self.folder).ok();
        std::fs::create_dir_all(&self.folder)?;
        // Goes before what `.cargo/config.toml` has.
        command.env("TS_RS_EXPORT_DIR", &self.folder);
        Ok(())
    }

    /// Fails where the page has others, and names the files.
    pub(super) fn check(&self) -> Result<()> {
        let committed = files(&workspace::root().join(COMMITTED))?;
        let written = files(&self.folder)?;
        let differences = differences(&committed, &written);
        ensure!(
            differences.is_empty(),
            "in {COMMITTED}, {}; `cargo test --package tokenkeep-desktop` writes the files again; delete those that have no type any more",
            differences.join(", ")
        );
        println!("{} files are as Rust has the types.", written.len());
        Ok(())
    }
}

/// The contents of a folder's files, by name.
type BindingFiles = BTreeMap<String, Vec<u8>>;

fn files(folder: &Path) -> Result<BindingFiles> {
    let mut files = BindingFiles::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files.insert(name, std::fs::read(entry.path())?);
    }
    Ok(files)
}

fn differences(committed: &BindingFiles, written: &BindingFiles) -> Vec<String> {
    let names: BTreeSet<_> = committed.keys().chain(written.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| match (committed.get(name), written.get(name)) {
            (Some(committed), Some(written)) if committed == written => None,
            (Some(_), Some(_)) => Some(format!("{name} is not as Rust has it")),
            (None, _) => Some(format!("{name} is missing")),
            (Some(_), None) => Some(format!("{name} is of no type")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files_of(files: &[(&str, &str)]) -> BindingFiles {
        let files = files.iter();
        files
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn a_file_that_differs_is_missing_or_is_of_no_type_is_named() {
        let committed = files_of(&[("A.ts", "a"), ("B.ts", "b"), ("C.ts", "c")]);
        let written = files_of(&[("A.ts", "a"), ("B.ts", "new"), ("D.ts", "d")]);
        let expected = [
            "B.ts is not as Rust has it",
            "C.ts is of no type",
            "D.ts is missing",
        ];
        assert_eq!(differences(&committed, &written), expected);
        assert!(differences(&written, &written).is_empty());
    }
}
