//! What the papers name is there: links, files and tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::root;

/// The paper that says which test holds what.
const PROMISES: &str = "src-tauri/crates/protocol/README.md";
/// Folders with files that others have written or built.
const NOT_OURS: [&str; 4] = [".git", "target", "node_modules", "dist"];
/// A name of a test is a sentence, and so has some words.
const WORDS_OF_A_TEST: usize = 4;

#[test]
fn every_link_in_a_paper_leads_somewhere() {
    for paper in files("md") {
        let text = read(&paper);
        for link in text.split("](").skip(1) {
            let (target, _) = link.split_once(')').unwrap();
            if target.contains("://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let linked = match file {
                "" => paper.clone(),
                file => paper.parent().unwrap().join(file),
            };
            assert!(linked.exists(), "{} links to {target}", paper.display());
            assert!(
                heading.is_empty() || headings(&read(&linked)).contains(heading),
                "{} links to {target}",
                paper.display()
            );
        }
    }
}

#[test]
fn every_test_that_is_said_to_hold_a_promise_is_there() {
    let sources: String = files("rs").iter().map(|file| read(file)).collect();
    let text = read(&root().join(PROMISES));
    let named = text.split('`').skip(1).step_by(2);
    let is_test = |name: &&str| name.split('_').count() >= WORDS_OF_A_TEST && !name.contains(' ');
    let tests: Vec<_> = named.filter(is_test).collect();
    assert!(tests.len() > 20, "only {} were found", tests.len());
    for test in tests {
        assert!(
            sources.contains(&format!("fn {test}(")),
            "there is no {test}"
        );
    }
}

/// Whoever lists processes reads their arguments.
#[test]
fn no_example_puts_a_token_into_an_argument_list() {
    let papers = files("md");
    let helps = files("rs").into_iter().filter(|file| {
        let file = file.display().to_string();
        file.contains("/cli/src/") || file.contains("/xtask/src/trial")
    });
    let mut examples = 0;
    for file in papers.into_iter().chain(helps) {
        for line in read(&file).lines() {
            // Each program of a pipeline; `echo` and `printf` are the shell itself.
            for command in line.split('|').filter(|command| command.contains("curl")) {
                examples += 1;
                let arguments = command.split("curl").last().unwrap_or_default();
                let tells = ["$TOKEN", "$(tokenkeep", "${TOKEN", "%TOKEN%", "Bearer ey"];
                let told = tells.iter().find(|tell| arguments.contains(*tell));
                assert_eq!(told, None, "{}: {line}", file.display());
            }
        }
    }
    assert!(examples > 5, "only {examples} were found");
}

#[test]
fn every_file_that_a_paper_names_is_there() {
    let all: Vec<_> = files("")
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    for paper in files("md") {
        let text = read(&paper);
        for name in text.split('`').skip(1).step_by(2) {
            let is_ours = name.ends_with(".rs") || name.ends_with(".ts");
            if !is_ours || name.contains(' ') {
                continue;
            }
            // By the end of its path, and without the folder `src` of its crate.
            let is_it = |file: &String| {
                file.ends_with(&format!("/{name}"))
                    || file.replace("/src/", "/").ends_with(&format!("/{name}"))
            };
            assert!(all.iter().any(is_it), "{} names {name}", paper.display());
        }
    }
}

/// The names by which headings are linked to, as GitHub makes them.
fn headings(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| line.starts_with('#'));
    lines
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

/// The files of the repository with this ending; all with none.
fn files(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file()
                && (ending.is_empty() || path.extension().is_some_and(|it| it == ending))
            {
                found.push(path);
            } else if path.is_dir() && !NOT_OURS.iter().any(|name| path.ends_with(name)) {
                folders.push(path);
            }
        }
    }
    found
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
