//! The provider to practise with.

use std::time::Duration;

use anyhow::{Context, Result};

use super::process::Background;
use super::program::Program;

/// How long it may take to come up.
const START_LIMIT: Duration = Duration::from_secs(20);
/// The variable that it prints last.
const LAST_VARIABLE: &str = "TOKENKEEP_PUBLIC_CLIENT_ID";

/// A running practice provider and the `.env` that it printed.
pub(super) struct PracticeProvider {
    _process: Background,
    env: String,
}

impl PracticeProvider {
    /// Starts it on a free port. Its access tokens live for `ttl` seconds.
    pub(super) fn start(program: &Program, ttl: u32) -> Result<Self> {
        let ttl_argument = ttl.to_string();
        let mut arguments = vec!["practice", "--listen", "127.0.0.1:0"];
        arguments.extend(["--access-token-ttl", &ttl_argument]);
        let mut process = program.start("practice", &arguments)?;
        let mut env = String::new();
        while !env.contains(LAST_VARIABLE) {
            let line = process.next_line(START_LIMIT);
            env.push_str(&line.context("the practice provider did not come up")?);
            env.push('\n');
        }
        let provider = Self {
            _process: process,
            env,
        };
        println!("\nA provider to practise with runs at {}.", provider.url()?);
        println!("Its access tokens live for {ttl} s. RingCentral's live for an hour.");
        Ok(provider)
    }

    /// What it printed.
    pub(super) fn env_file(&self) -> &str {
        &self.env
    }

    pub(super) fn url(&self) -> Result<&str> {
        self.variable("RC_SERVER_URL")
    }

    /// The client that has no secret.
    pub(super) fn public_client(&self) -> Result<&str> {
        self.variable(LAST_VARIABLE)
    }

    pub(super) fn redirect_uri(&self) -> Result<&str> {
        self.variable("RC_REDIRECT_URL")
    }

    fn variable(&self, name: &str) -> Result<&str> {
        let mut lines = self.env.lines();
        lines
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            .with_context(|| format!("the practice provider printed no {name}"))
    }
}
