//! Running a test once more, as a child process with environment variables of its own: they belong
//! to a process as a whole, and the tests of a binary share one.

use std::env;
use std::process::Command;

/// Set in the child: the server that it is to ask.
const ASK: &str = "TOKENKEEP_TEST_ASK";

/// In the child, the server that it is to ask.
pub(crate) fn asked() -> Option<String> {
    env::var(ASK).ok()
}

/// Runs this test, named with its module, again, with these variables and no other that concerns proxies, and fails where
/// it fails.
pub(crate) async fn run(test: &str, ask: &str, variables: &[(&str, String)]) {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture"]);
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        child.env_remove(name).env_remove(name.to_uppercase());
    }
    child
        .env(ASK, ask)
        .envs(variables.iter().map(|(name, value)| (name, value)));
    let output = tokio::task::spawn_blocking(move || child.output().unwrap())
        .await
        .unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success() && out.contains("1 passed"),
        "{out}\n{err}"
    );
}
