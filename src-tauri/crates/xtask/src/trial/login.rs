//! What starts at login. The window offers it, but a trial ends when it ends.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// The entries of this desktop that start a program, as they are now.
pub(super) struct Entries {
    program: PathBuf,
    entries: BTreeSet<PathBuf>,
}

impl Entries {
    pub(super) fn that_start(program: &Path) -> Self {
        Self {
            program: program.to_owned(),
            entries: find(program),
        }
    }

    /// Removes those that have come since.
    pub(super) fn remove_later_ones(&self) -> Result<()> {
        for entry in find(&self.program).difference(&self.entries) {
            std::fs::remove_file(entry)?;
            println!("It does not start at login any more.");
        }
        Ok(())
    }
}

/// Where a desktop of Linux has them; other systems' are left alone.
fn find(program: &Path) -> BTreeSet<PathBuf> {
    let folder = std::env::home_dir().map(|home| home.join(".config/autostart"));
    let files = folder.and_then(|folder| std::fs::read_dir(folder).ok());
    let program = program.display().to_string();
    files
        .into_iter()
        .flatten()
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|file| std::fs::read_to_string(file).is_ok_and(|text| text.contains(&program)))
        .collect()
}
