//! `cargo xtask breakages`: what the simulation is worth. The heart is broken on purpose, in one way
//! after another, in a copy of its crate, and the simulation has to find every one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::extent::{Extent, PACKAGE, TEST, TEST_FILE, set_extent};
use super::tree::Tree;
use crate::setup::{self, Tools};
use crate::workspace::{cargo, root, target};

/// Where the breakages are: patches to the heart's crate, whose first line says what they break.
const FOLDER: &str = "src-tauri/crates/protocol/tests/breakages";

/// How the simulation ended.
enum Search {
    Caught { check: String, seed: u64 },
    Missed,
}

/// Breaks the heart in every way whose name contains `filter`; an error unless each is found within
/// so many `seeds`.
pub(crate) fn run_all(filter: Option<&str>, seeds: u64) -> Result<()> {
    let tools = setup::for_breakages()?;
    let tree = Tree::copy()?;
    let patches = patches(filter)?;
    for patch in &patches {
        tree.check(patch)?;
    }
    let mut rows = Vec::new();
    for patch in &patches {
        let what = title(patch)?;
        println!("{what}");
        tree.apply(patch)?;
        let outcome = simulate(&tree, &tools, seeds)?;
        tree.take_back(patch)?;
        let (check, seed) = match outcome {
            Search::Caught { check, seed } => (check, Some(seed)),
            Search::Missed => (String::new(), None),
        };
        match seed {
            Some(seed) => println!("    invariant {check}, at seed {seed} of {seeds}"),
            None => println!("    not caught within {seeds} seeds"),
        }
        rows.push((what, check, seed));
    }
    print_table(&rows, seeds);
    let missed = rows.iter().filter(|(.., seed)| seed.is_none()).count();
    if missed > 0 {
        bail!("{missed} of {} breakages were not caught", rows.len());
    }
    Ok(())
}

fn patches(filter: Option<&str>) -> Result<Vec<PathBuf>> {
    let mut patches = Vec::new();
    for entry in fs::read_dir(root().join(FOLDER))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if filter.is_none_or(|filter| name.contains(filter)) {
            patches.push(path);
        }
    }
    if patches.is_empty() {
        bail!("there is no such breakage in {FOLDER}");
    }
    patches.sort();
    Ok(patches)
}

/// The first line of a patch.
fn title(patch: &Path) -> Result<String> {
    let text = fs::read_to_string(patch)?;
    let line = text.lines().next().unwrap_or_default();
    Ok(line.to_owned())
}

/// Runs the simulation in the copy until a seed fails.
fn simulate(tree: &Tree, tools: &Tools, seeds: u64) -> Result<Search> {
    let mut test = cargo();
    test.current_dir(tree.top());
    test.args(["nextest", "run", "--color", "never"]);
    test.args(["--package", PACKAGE, "--test", TEST_FILE, TEST]);
    tools.put_first(&mut test);
    // What others made is shared; only the copy's own crates are built again.
    test.env("CARGO_TARGET_DIR", target()?);
    let extent = Extent {
        seeds,
        first: 0,
        accounts: None,
        days: None,
    };
    set_extent(&mut test, &extent);
    outcome(&mut test)
}

fn outcome(test: &mut Command) -> Result<Search> {
    let output = test
        .stdin(Stdio::null())
        .output()
        .context("cargo cannot be started")?;
    if output.status.success() {
        return Ok(Search::Missed);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    match said.lines().map(str::trim_start).find_map(violation) {
        Some(caught) => Ok(caught),
        None => bail!("the broken keeper could not be simulated:\n{said}"),
    }
}

/// Reads a line such as `seed 7: invariant 4 (save before serve): account 0 …`.
fn violation(line: &str) -> Option<Search> {
    let (seed, rest) = line.strip_prefix("seed ")?.split_once(": invariant ")?;
    let (check, _) = rest.split_once(": ")?;
    Some(Search::Caught {
        check: check.to_owned(),
        seed: seed.parse().ok()?,
    })
}

fn print_table(rows: &[(String, String, Option<u64>)], seeds: u64) {
    println!("\n| breakage | caught by invariant | at seed (of {seeds}) |");
    println!("|---|---|---|");
    for (what, check, seed) in rows {
        let seed = seed.map_or("none".to_owned(), |seed| seed.to_string());
        println!("| {what} | {check} | {seed} |");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_is_read_from_what_the_simulation_prints() {
        let line =
            "seed 12: invariant 4 (save before serve): account 0 at 3.5 s: a token was handed out";
        let Some(Search::Caught { check, seed }) = violation(line) else {
            panic!("it is one");
        };
        assert_eq!((check.as_str(), seed), ("4 (save before serve)", 12));
        assert!(violation("  12.345  account 0: Timeout").is_none());
    }

    #[test]
    fn every_breakage_says_what_it_breaks_and_fits_the_keeper() {
        let patches = patches(None).unwrap();
        assert!(patches.len() >= 10);
        let keeper = root().join("src-tauri/crates/protocol");
        for patch in patches {
            assert!(title(&patch).unwrap().ends_with('.'), "{}", patch.display());
            let mut check = Command::new("git");
            check.current_dir(&keeper).args(["apply", "--check"]);
            // The paths are the crate's, not the repository's.
            check.env("GIT_CEILING_DIRECTORIES", root());
            let fits = check.arg(&patch).output().unwrap();
            let said = String::from_utf8_lossy(&fits.stderr).into_owned();
            assert!(fits.status.success(), "{}: {said}", patch.display());
        }
    }
}
