//! Compares the tables in this crate's README with the paths and the errors.

use std::collections::{BTreeMap, BTreeSet};

use axum::response::IntoResponse as _;
use tokenkeep_keeper::keeper::{ErrorKind, KeeperError};

use super::api_error::ApiError;

const README: &str = include_str!("../../README.md");

/// The first two cells of each row of a table, without their backticks.
fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = README.lines().filter_map(|line| line.strip_prefix("| "));
    rows.filter_map(|row| {
        let mut cells = row
            .split(" | ")
            .map(|cell| cell.trim_matches(['`', ' ', '|']));
        Some((cells.next()?, cells.next()?))
    })
}

#[test]
fn every_path_is_in_the_readme_and_no_other() {
    let routes = include_str!("../routes.rs").split(".route(").skip(1);
    let paths: BTreeSet<_> = routes.filter_map(|route| route.split('"').nth(1)).collect();
    let requests = rows().filter_map(|(request, _)| request.split_once(" /"));
    let named: BTreeSet<String> = requests
        .map(|(_, path)| format!("/{}", path.split('?').next().unwrap_or(path)))
        .collect();
    assert_eq!(named, paths.into_iter().map(str::to_owned).collect());
}

#[test]
fn every_kind_of_error_is_in_the_readme_with_its_status() {
    let named: BTreeMap<&str, &str> = rows()
        .filter(|(kind, status)| is_kind(kind) && status.parse::<u16>().is_ok())
        .collect();
    for (kind, status) in &named {
        let error = KeeperError::new(serde_json::from_str(&format!("{kind:?}")).unwrap(), "");
        let answered = ApiError::from(error).into_response().status();
        assert_eq!(answered.as_str(), *status, "{kind}");
    }
    for kind in kinds() {
        assert!(named.contains_key(kind.as_str()), "{kind} is missing");
    }
}

fn is_kind(name: &str) -> bool {
    kinds().contains(name)
}

/// All kinds, as serde lists them for a word that is none.
fn kinds() -> BTreeSet<String> {
    let error = serde_json::from_str::<ErrorKind>("\"\"")
        .unwrap_err()
        .to_string();
    let (_, list) = error.split_once("one of").unwrap();
    list.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}
