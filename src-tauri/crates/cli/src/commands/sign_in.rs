//! `tokenkeep sign-in`.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::thread;

use chrono::Utc;
use clap::Args;
use secrecy::SecretString;
use tokenkeep_agent::wire::SignInAnswer;
use tokenkeep_agent::{AgentClient, hosting};
use tokenkeep_keeper::config::{AccountName, Grant};
use tokenkeep_keeper::keeper::{AccountView, Visit};
use tokio::sync::mpsc;
use url::Url;
use zeroize::Zeroizing;

use crate::client::client;
use crate::failure::Failure;
use crate::{durations, output, runtime};

/// Sign in to an account
///
/// An account with a JWT credential is signed in at once. With any other, a person has to visit a page: in a window of
/// the Tokenkeep application, whose outcome is waited for, or with --paste, which prints the page's URL on standard output
/// and reads the URL at which the visit ended from the terminal or standard input.
#[derive(Args)]
pub(crate) struct SignInArgs {
    /// The account
    name: AccountName,
    /// Visit the page in any browser, and paste the URL at which it ended
    #[arg(long)]
    paste: bool,
}

impl SignInArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        let view = runtime::on_this_thread(self.sign_in(&client))?;
        let name = view.name;
        let left = view
            .expires_at
            .map(|at| durations::until(at, Utc::now()).unwrap_or_else(|| "no time".to_owned()));
        output::note(match left {
            Some(left) => format!("Signed in to {name}. The token lives for {left}."),
            None => format!("Signed in to {name}."),
        });
        Ok(())
    }

    async fn sign_in(&self, client: &AgentClient) -> Result<AccountView, Failure> {
        let name = &self.name;
        // Checked first, so that no sign-in begins that nobody would finish.
        if client.account(name).await?.grant == Grant::Code && !self.paste {
            return in_window(client, name).await;
        }
        match client.sign_in(name, None).await? {
            SignInAnswer::Done { account } => Ok(*account),
            SignInAnswer::Visit { visit } => {
                let done = by_paste(client, &visit).await;
                if done.is_err() {
                    // It may have ended already, or the keeper with it.
                    let _ = client.cancel_sign_in(visit.id).await;
                }
                done
            }
        }
    }
}

async fn in_window(client: &AgentClient, name: &AccountName) -> Result<AccountView, Failure> {
    if !client.status().await?.desktop {
        return Err(Failure::SignInNeeded(format!(
            "The account {name} is signed in to with a browser, and the sign-in window comes with the Tokenkeep application, \
             which is not running here. Sign in with `tokenkeep sign-in {name} --paste`, which works everywhere."
        )));
    }
    let interrupted = hosting::end_asked().map_err(Failure::Runtime)?;
    output::note(format_args!(
        "Sign in to {name} in the window that is open for it now. Closing that window gives the sign-in up; Ctrl-C only \
         ends the waiting here."
    ));
    tokio::select! {
        done = client.sign_in_in_window(name) => Ok(done?),
        () = interrupted => Err(Failure::GivenUp(
            "The outcome is no longer waited for here. The sign-in window stays open, and signing in there still counts; \
             close it to give the sign-in up.",
        )),
    }
}

async fn by_paste(client: &AgentClient, visit: &Visit) -> Result<AccountView, Failure> {
    let interrupted = hosting::end_asked().map_err(Failure::Runtime)?;
    let until = durations::until(visit.until, Utc::now()).unwrap_or_else(|| "a moment".to_owned());
    output::note(format_args!(
        "Open this page in a browser and sign in (within {until}):\n"
    ));
    output::line(&visit.authorization_url)?;
    output::note(format_args!(
        "\nThe browser then goes to an address that begins with {}.\n\
         It does not matter if that page cannot be shown: copy its whole address and paste it here.",
        visit.redirect_uri
    ));
    let time_left = (visit.until - Utc::now()).to_std().unwrap_or_default();
    tokio::select! {
        done = pasted(client, visit) => done,
        () = interrupted => Err(Failure::GivenUp("The sign-in was given up; nothing has changed.")),
        () = tokio::time::sleep(time_left) => Err(Failure::SignInNeeded(
            "Nothing was pasted in time, so the sign-in has ended; nothing else has changed. Begin again.".to_owned(),
        )),
    }
}

/// Asks until something is pasted that can be the redirect; only once if there is no terminal.
async fn pasted(client: &AgentClient, visit: &Visit) -> Result<AccountView, Failure> {
    let can_ask_again = io::stdin().is_terminal();
    let mut lines = lines();
    loop {
        if can_ask_again {
            output::ask("Address: ");
        }
        let Some(line) = lines.recv().await else {
            return Err(Failure::Usage(
                "Standard input ended before the redirected URL came; nothing has changed."
                    .to_owned(),
            ));
        };
        let address = line.trim();
        if address.is_empty() {
            continue;
        }
        match brought(client, visit, address).await {
            Err(wrong) if can_ask_again && wrong.is_wrong_input() => output::error(wrong),
            done => return done,
        }
    }
}

/// Sends the address to the keeper. A wrong one costs nothing: the right one may still come.
async fn brought(
    client: &AgentClient,
    visit: &Visit,
    address: &str,
) -> Result<AccountView, Failure> {
    if Url::parse(address).is_err() {
        return Err(Failure::Usage(format!(
            "That is not an address. Paste the whole address of the page at which the sign-in ends; it begins with {}.",
            visit.redirect_uri
        )));
    }
    Ok(client
        .finish_sign_in(visit.id, SecretString::from(address))
        .await?)
}

/// The lines of standard input. A thread reads them and ends with the process, because reading cannot be interrupted.
fn lines() -> mpsc::Receiver<Zeroizing<String>> {
    let (lines, receiver) = mpsc::channel(1);
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if lines.blocking_send(Zeroizing::new(line)).is_err() {
                break;
            }
        }
    });
    receiver
}
