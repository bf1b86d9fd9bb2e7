//! RingCentral's official JavaScript SDK, unchanged, lives a whole session at the practice provider.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use tokenkeep_practice::{Options, Practice};
use tokio::process::Command;

const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/javascript-sdk");
const FILES: [&str; 4] = [".npmrc", "package.json", "package-lock.json", "session.mjs"];
/// The lock file that `node_modules` was installed by.
const INSTALLED: &str = "installed-package-lock.json";

#[tokio::test]
async fn the_official_javascript_sdk_signs_in_calls_refreshes_and_signs_out() {
    let project = installed_project().await;
    let options = Options {
        listen: ([127, 0, 0, 1], 0).into(),
        ..Options::default()
    };
    let practice = Practice::bind(options).await.unwrap();
    let env = practice.env_block(0);
    let log = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&log);
    let write = move |line: &str| lines.lock().unwrap().push(line.to_owned());
    let serving = tokio::spawn(practice.serve(write, std::future::pending()));

    let session = Command::new("node")
        .arg("session.mjs")
        .current_dir(project)
        .envs(env.lines().filter_map(|line| line.split_once('=')))
        .output()
        .await
        .expect("Node runs: install Node 18 or newer");
    serving.abort();

    let out = String::from_utf8_lossy(&session.stdout);
    let log = log.lock().unwrap().join("\n");
    assert!(
        session.status.success(),
        "{out}\n{}\n{log}",
        String::from_utf8_lossy(&session.stderr)
    );
    let lived: Vec<&str> = out.lines().collect();
    let expected = ["JWT", "code", "code with PKCE"]
        .map(|how| format!("{how}: signed in, called, refreshed, signed out"));
    assert_eq!(lived, expected);
}

/// A copy of the project below the target directory, with its packages installed.
async fn installed_project() -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("javascript-sdk");
    fs::create_dir_all(&copy).unwrap();
    for file in FILES {
        fs::copy(Path::new(PROJECT).join(file), copy.join(file)).unwrap();
    }
    let wanted = fs::read(copy.join("package-lock.json")).unwrap();
    if fs::read(copy.join(INSTALLED)).ok() != Some(wanted) {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let install = Command::new(npm)
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&copy)
            .stdin(Stdio::null())
            .output()
            .await
            .expect("npm runs: install Node 18 or newer");
        assert!(
            install.status.success(),
            "{}",
            String::from_utf8_lossy(&install.stderr)
        );
        fs::copy(copy.join("package-lock.json"), copy.join(INSTALLED)).unwrap();
    }
    copy
}
