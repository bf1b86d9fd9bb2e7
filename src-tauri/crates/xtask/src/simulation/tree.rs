//! A copy of the heart with what it stands on, to be broken.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::output;
use crate::workspace::{root, target};

/// The crates that the heart and its simulation are built from, by their folders.
const CRATES: [&str; 2] = ["protocol", "oauth"];

/// How its tests run: one that is broken may also go on for ever.
const TESTS: &str = "[profile.default]\nslow-timeout = { period = \"5m\", terminate-after = 3 }\n";

/// Where the workspace has its crates.
const FOLDER: &str = "src-tauri/crates";

/// A workspace of its own under the build directory.
pub(super) struct Tree {
    top: PathBuf,
}

impl Tree {
    /// Copies everything again.
    pub(super) fn copy() -> Result<Self> {
        let top = target()?.join("breakages");
        if top.exists() {
            fs::remove_dir_all(&top)?;
        }
        fs::create_dir_all(top.join(".config"))?;
        fs::write(top.join(".config/nextest.toml"), TESTS)?;
        let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
        fs::write(top.join("Cargo.toml"), with_members(&manifest))?;
        fs::copy(root().join("Cargo.lock"), top.join("Cargo.lock"))?;
        for name in CRATES {
            let folder = Path::new(FOLDER).join(name);
            copy_folder(&root().join(&folder), &top.join(&folder))?;
        }
        Ok(Self { top })
    }

    /// The workspace's top.
    pub(super) fn top(&self) -> &Path {
        &self.top
    }

    /// Whether a patch to the heart applies.
    pub(super) fn check(&self, patch: &Path) -> Result<()> {
        self.git_apply(patch, &["--check"])
    }

    /// Applies a patch to the heart.
    pub(super) fn apply(&self, patch: &Path) -> Result<()> {
        self.git_apply(patch, &[])
    }

    /// Takes it back.
    pub(super) fn take_back(&self, patch: &Path) -> Result<()> {
        self.git_apply(patch, &["--reverse"])
    }

    fn git_apply(&self, patch: &Path, arguments: &[&str]) -> Result<()> {
        let mut apply = Command::new("git");
        // The copy lies in the working tree of a repository, which is not meant.
        apply.env("GIT_CEILING_DIRECTORIES", &self.top);
        apply.current_dir(self.top.join(FOLDER).join(CRATES[0]));
        apply.arg("apply").args(arguments).arg(patch);
        let name = patch.file_name().unwrap_or_default().to_string_lossy();
        output(&mut apply).map(drop).with_context(|| {
            format!("{name} no longer fits the heart: make the same change to it as it is now")
        })
    }
}

/// The workspace's manifest, with only those crates in it.
fn with_members(manifest: &str) -> String {
    let members = CRATES.map(|name| format!("\"{FOLDER}/{name}\"")).join(", ");
    let line = |line: &str| {
        if line.starts_with("members = ") {
            format!("members = [{members}]\n")
        } else {
            format!("{line}\n")
        }
    };
    manifest.lines().map(line).collect()
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_members_are_changed_in_the_manifest() {
        let manifest = "[workspace]\nmembers = [\"a\", \"b/*\"]\n\n[profile.dev]\ndebug = 1\n";
        let changed = with_members(manifest);
        assert!(changed.contains("members = [\"src-tauri/crates/protocol\", "));
        assert!(changed.ends_with("\n\n[profile.dev]\ndebug = 1\n"));
    }
}
