//! `cargo xtask screenshots`: pictures of the application, on a screen of their own.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::command::{line, run};
use crate::{page, setup, workspace};

/// Where the README has them.
const README_FOLDER: &str = ".readme";
/// What takes them.
const PROGRAM: &str = "screenshots";

/// Takes them into a folder, that of the README if none is named.
pub(crate) fn take(folder: Option<&Path>) -> Result<()> {
    let tools = setup::for_screenshots()?;
    page::build(&tools)?;
    workspace::build(&["tokenkeep", "tokenkeepd", "tokenkeep-desktop", PROGRAM])?;
    let folder = match folder {
        Some(folder) => std::path::absolute(folder)?,
        None => workspace::root().join(README_FOLDER),
    };
    std::fs::create_dir_all(&folder)?;
    let mut take = Command::new(workspace::binary(PROGRAM)?);
    take.arg(folder);
    workspace::name_binaries(&mut take)?;
    tools.put_first(&mut take);
    println!("$ {}", line(&take));
    run(&mut take)
}
