//! Accounts at the practice provider, and how they stand.

use std::time::Duration;

use serde_json::Value;

use crate::{Decision, Home, Provider, address_in, eventually};

/// How long a sign-in or a renewal that nothing stands in the way of may take.
const LIMIT: Duration = Duration::from_secs(20);

impl Home {
    /// Adds an account that signs in by JWT, and waits until it has.
    #[track_caller]
    pub fn add_by_jwt(&self, name: &str, provider: &Provider) {
        self.tokenkeep(&["add", name, "--env-file", &provider.env_file()])
            .succeeded();
        self.is_fresh(name);
    }

    /// Adds an account of the public client, for which a person signs in.
    #[track_caller]
    pub fn add_by_code(&self, name: &str, provider: &Provider) {
        let arguments = [
            "add",
            name,
            "--provider",
            "practice",
            "--server",
            provider.env("RC_SERVER_URL"),
            "--client-id",
            provider.env("TOKENKEEP_PUBLIC_CLIENT_ID"),
            "--grant",
            "code",
            "--redirect-uri",
            provider.env("RC_REDIRECT_URL"),
            "--secrets-stdin",
        ];
        self.tokenkeep(&arguments).succeeded();
    }

    /// Signs in to an account as a person does, by pasting.
    #[track_caller]
    pub fn sign_in(&self, name: &str, provider: &Provider) {
        self.sign_in_as("practice", name, provider);
    }

    /// As [`Home::sign_in`], but as the user of this name.
    #[track_caller]
    pub fn sign_in_as(&self, user: &str, name: &str, provider: &Provider) {
        let mut command = self.start_listening(&["sign-in", name, "--paste"]);
        let page = eventually("the page's address is shown", LIMIT, || {
            address_in(&command.stdout())
        });
        command.say(&format!(
            "{}\n",
            provider.visit_as(user, &page, Decision::Allow)
        ));
        command.finish(LIMIT).succeeded();
    }

    /// How an account stands, as `tokenkeep list --json` shows it.
    #[track_caller]
    pub fn account(&self, name: &str) -> Value {
        let accounts = self.tokenkeep(&["list", "--json"]).json();
        let accounts = accounts.as_array().expect("it is a list");
        let named = accounts.iter().find(|account| account["name"] == name);
        named
            .unwrap_or_else(|| panic!("there is no account {name}"))
            .clone()
    }

    /// Waits until an account is in a state.
    #[track_caller]
    pub fn is_in_state(&self, name: &str, state: &str) {
        eventually(&format!("{name} is {state}"), LIMIT, || {
            (self.account(name)["state"] == state).then_some(())
        });
    }

    /// Waits until an account has a living token and nothing is wrong.
    #[track_caller]
    pub fn is_fresh(&self, name: &str) {
        self.is_in_state(name, "fresh");
    }

    /// The fingerprint of an account's current token.
    #[track_caller]
    pub fn fingerprint(&self, name: &str) -> String {
        let account = self.account(name);
        let fingerprint = account["fingerprint"].as_str();
        fingerprint
            .unwrap_or_else(|| panic!("{name} has no token: {account}"))
            .to_owned()
    }

    /// The journal's lines about an account, oldest first.
    #[track_caller]
    pub fn journal(&self, name: &str) -> Vec<Value> {
        let lines = self.tokenkeep(&["journal", name, "-n", "1000", "--json"]);
        lines
            .succeeded()
            .lines()
            .map(|line| serde_json::from_str(line).expect("each line is JSON"))
            .collect()
    }

    /// How many times the refresh token of an account was presented.
    #[track_caller]
    pub fn refreshes_sent(&self, name: &str) -> usize {
        let lines = self.journal(name);
        let sent = |line: &&Value| line["kind"] == "sent" && line["detail"]["method"] == "refresh";
        lines.iter().filter(sent).count()
    }

    /// Whether a notice of a kind was given about an account.
    #[track_caller]
    pub fn has_notice(&self, name: &str, kind: &str) -> bool {
        let is_it = |line: &Value| line["kind"] == "notice" && line["detail"]["notice"] == kind;
        self.journal(name).iter().any(is_it)
    }
}
