//! A network that is one test's own, and can go without anybody's noticing.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::Child;
use crate::bus::plain_environment;

/// Set in the process that is in a network of its own.
const MARK: &str = "TOKENKEEP_TEST_IN_OWN_NETWORK";
/// How long a test in there may take.
const LIMIT: Duration = Duration::from_secs(180);

/// An address for documentation (RFC 5737), whose neighbours pass for the world.
const ADDRESS: &str = "192.0.2.7/24";

/// A network with nobody else in it.
pub struct OwnNetwork(());

impl OwnNetwork {
    /// Runs the body of the test of this name, path included, where everything that it
    /// starts is in a network of its own: in the test's own program, started once more.
    #[track_caller]
    pub fn run(test: &str, body: impl FnOnce(&Self)) {
        if std::env::var_os(MARK).is_some() {
            let network = Self(());
            ip(&["link", "set", "lo", "up"]);
            network.come_back();
            return body(&network);
        }
        let program = std::env::current_exe().expect("a test knows its own path");
        let program = program.display().to_string();
        let namespaces = ["--net", "--map-root-user", "--"];
        let only_this = [&program, "--exact", test, "--nocapture"];
        let mut environment: BTreeMap<String, String> = std::env::vars().collect();
        environment.insert(MARK.to_owned(), "yes".to_owned());
        let arguments = [&namespaces[..], &only_this].concat();
        let mut inner = Child::start(Path::new("unshare"), &arguments, &environment, "");
        let output = inner.finish(LIMIT);
        assert!(
            output.code == 0 && output.stdout.contains(" 1 passed"),
            "{test} in a network of its own:\n{output}"
        );
    }

    /// Takes away the address by which the world would be reached. This machine itself
    /// still is.
    pub fn go_away(&self) {
        ip(&["address", "delete", ADDRESS, "dev", "lo"]);
    }

    /// Brings it back.
    pub fn come_back(&self) {
        ip(&["address", "add", ADDRESS, "dev", "lo"]);
    }
}

#[track_caller]
fn ip(arguments: &[&str]) {
    Child::start(Path::new("ip"), arguments, &plain_environment(), "")
        .finish(LIMIT)
        .succeeded();
}
