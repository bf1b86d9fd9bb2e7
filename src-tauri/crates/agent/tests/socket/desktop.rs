//! What takes a desktop: refused with words where there is none, and brought to it where there is one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use tokenkeep_agent::wire::{Copied, StartAtLogin, WindowTask};
use tokenkeep_agent::{AgentClient, ClientError, Desktop};
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{AccountView, ErrorKind, KeeperError};
use tokio::sync::Notify;
use url::Url;

use crate::agent::{Agent, work};

const PROOF: &str = "planted-proof";
const REDIRECT: &str = "http://localhost/cb?code=planted-code";

/// A desktop that writes down what it is asked. Its person signs in when told to, and its clipboard takes headers only:
/// copying anything else hangs.
#[derive(Default)]
struct Desk {
    asked: Mutex<Vec<String>>,
    starts_at_login: Mutex<bool>,
    person: Arc<Notify>,
    signed_in: Arc<Notify>,
    copy_given_up: Arc<Notify>,
    /// For looking the account up.
    client: Mutex<Option<AgentClient>>,
}

struct NotifyOnDrop(Arc<Notify>);

impl Drop for NotifyOnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Desk {
    fn note(&self, asked: String) {
        self.asked.lock().unwrap().push(asked);
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    async fn eventually_asked(&self, what: &[&str]) {
        let reached = async {
            while self.asked() != what {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        in_time(reached).await;
    }

    fn start_at_login_now(&self) -> StartAtLogin {
        let enabled = *self.starts_at_login.lock().unwrap();
        StartAtLogin {
            enabled,
            offer: !enabled,
        }
    }

    /// Refuses every other proof, without a word of it.
    fn check(proof: &SecretString) -> Result<(), KeeperError> {
        if proof.expose_secret() == PROOF {
            return Ok(());
        }
        let message = "No window was given this proof.";
        Err(KeeperError::invalid("proof", message))
    }
}

impl Desktop for Desk {
    fn open_main_window(&self) -> Result<(), KeeperError> {
        self.note("main".to_owned());
        Ok(())
    }

    fn sign_in(&self, name: AccountName) -> BoxFuture<'static, Result<AccountView, KeeperError>> {
        self.note(format!("sign in {name}"));
        let (person, signed_in) = (Arc::clone(&self.person), Arc::clone(&self.signed_in));
        let client = self.client.lock().unwrap().clone().unwrap();
        async move {
            person.notified().await;
            signed_in.notify_one();
            Ok(client.account(&name).await.unwrap())
        }
        .boxed()
    }

    fn copy(
        &self,
        name: AccountName,
        what: Copied,
    ) -> BoxFuture<'static, Result<Duration, KeeperError>> {
        self.note(format!("copy {what:?} of {name}"));
        if what == Copied::AuthorizationHeader {
            return async { Ok(Duration::from_secs(45)) }.boxed();
        }
        let given_up = NotifyOnDrop(Arc::clone(&self.copy_given_up));
        async move {
            let _given_up = given_up;
            std::future::pending().await
        }
        .boxed()
    }

    fn start_at_login(&self) -> Result<StartAtLogin, KeeperError> {
        Ok(self.start_at_login_now())
    }

    fn set_start_at_login(&self, enabled: bool) -> Result<StartAtLogin, KeeperError> {
        *self.starts_at_login.lock().unwrap() = enabled;
        Ok(self.start_at_login_now())
    }

    fn window_task(&self, proof: &SecretString) -> Result<WindowTask, KeeperError> {
        Self::check(proof).map(|()| WindowTask::Main)
    }

    fn redirected(
        &self,
        proof: &SecretString,
        redirect: &Url,
    ) -> BoxFuture<'static, Result<(), KeeperError>> {
        if redirect.as_str() == REDIRECT {
            self.note("redirected".to_owned());
        }
        let checked = Self::check(proof);
        async { checked }.boxed()
    }
}

/// With the account `work`, and a desktop.
async fn with_desktop() -> (Agent, Arc<Desk>) {
    let desk = Arc::new(Desk::default());
    let agent = Agent::with_desktop(Arc::clone(&desk) as _).await;
    *desk.client.lock().unwrap() = Some(agent.client.clone());
    agent.add("work").await;
    (agent, desk)
}

async fn in_time(what: impl Future<Output = ()>) {
    tokio::time::timeout(Duration::from_secs(10), what)
        .await
        .expect("it does not come");
}

#[track_caller]
fn refusal<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> KeeperError {
    match answer {
        Err(ClientError::Keeper(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keeper_without_a_desktop_says_so_and_what_to_do_instead() {
    let agent = Agent::start().await;
    agent.add("work").await;
    let client = &agent.client;
    assert!(!client.status().await.unwrap().desktop);
    let application = "Start the Tokenkeep application";
    for (error, instead) in [
        (refusal(client.open_main_window().await), application),
        (
            refusal(client.sign_in_in_window(&work()).await),
            "`tokenkeep sign-in work --paste`",
        ),
        (
            refusal(client.copy(&work(), Copied::AccessToken).await),
            "`tokenkeep get work`",
        ),
        (refusal(client.start_at_login().await), application),
        (refusal(client.set_start_at_login(true).await), application),
        (
            refusal(client.window_task(&PROOF.into()).await),
            application,
        ),
        (
            refusal(
                client
                    .window_redirected(&PROOF.into(), REDIRECT.into())
                    .await,
            ),
            application,
        ),
    ] {
        assert_eq!(error.kind, ErrorKind::NeedsDesktop, "{error}");
        assert!(
            error.message.contains("runs without one") && error.message.contains(instead),
            "{error}"
        );
        assert!(!error.message.contains("planted"), "{error}");
    }
    let answer = agent.raw("POST /v1/window", "", "").await;
    assert_eq!(answer.status, 501, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_a_desktop_is_brought_to_the_one_there_is() {
    let (agent, desk) = with_desktop().await;
    let client = &agent.client;
    assert!(client.status().await.unwrap().desktop);
    client.open_main_window().await.unwrap();
    let copied = client.copy(&work(), Copied::AuthorizationHeader).await;
    assert_eq!(copied.unwrap(), Duration::from_secs(45));
    assert!(client.start_at_login().await.unwrap().offer);
    assert!(client.set_start_at_login(true).await.unwrap().enabled);
    assert!(!client.start_at_login().await.unwrap().offer);
    let task = client.window_task(&PROOF.into()).await.unwrap();
    assert_eq!(task, WindowTask::Main);
    client
        .window_redirected(&PROOF.into(), REDIRECT.into())
        .await
        .unwrap();
    assert_eq!(
        desk.asked(),
        ["main", "copy AuthorizationHeader of work", "redirected"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_there_is_not_is_no_matter_for_the_desktop() {
    let (agent, desk) = with_desktop().await;
    let nobody = "nobody".parse().unwrap();
    let sign_in = refusal(agent.client.sign_in_in_window(&nobody).await);
    let copy = refusal(agent.client.copy(&nobody, Copied::AccessToken).await);
    assert_eq!(
        (sign_in.kind, copy.kind),
        (ErrorKind::NoSuchAccount, ErrorKind::NoSuchAccount)
    );
    assert!(desk.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_waits_any_more_a_copy_is_given_up_and_a_sign_in_goes_on() {
    let (agent, desk) = with_desktop().await;
    let client = agent.client.clone();
    let signing_in = tokio::spawn(async move { client.sign_in_in_window(&work()).await });
    desk.eventually_asked(&["sign in work"]).await;
    let client = agent.client.clone();
    let copying = tokio::spawn(async move { client.copy(&work(), Copied::AccessToken).await });
    desk.eventually_asked(&["sign in work", "copy AccessToken of work"])
        .await;
    signing_in.abort();
    assert!(signing_in.await.unwrap_err().is_cancelled());
    copying.abort();
    in_time(desk.copy_given_up.notified()).await;
    desk.person.notify_one();
    in_time(desk.signed_in.notified()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_sign_in_in_a_window_hears_its_outcome_or_that_the_keeper_ended() {
    let (agent, desk) = with_desktop().await;
    desk.person.notify_one();
    let view = agent.client.sign_in_in_window(&work()).await.unwrap();
    assert_eq!(view.name, work());
    let client = agent.client.clone();
    let waiting = tokio::spawn(async move { client.sign_in_in_window(&work()).await });
    desk.eventually_asked(&["sign in work", "sign in work"])
        .await;
    agent.client.quit().await.unwrap();
    let error = refusal(waiting.await.unwrap());
    assert_eq!(error.kind, ErrorKind::Quitting, "{error}");
    assert!(error.message.contains("the sign-in with it"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_and_redirects_are_never_quoted() {
    let (agent, desk) = with_desktop().await;
    for (path, body) in [
        ("/v1/windows", json!({ "proof": "planted-other" })),
        ("/v1/windows", json!({ "proof": ["planted"] })),
        (
            "/v1/windows/redirect",
            json!({ "proof": "planted-other", "redirect": REDIRECT }),
        ),
        (
            "/v1/windows/redirect",
            json!({ "proof": PROOF, "redirect": "planted, no URL" }),
        ),
        (
            "/v1/windows/redirect",
            json!({ "proof": PROOF, "redirect": 314_159_265 }),
        ),
    ] {
        let line = format!("POST {path}");
        let answer = agent.raw(&line, "", &body.to_string()).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(
            !answer.body.contains("planted") && !answer.body.contains("314159265"),
            "{answer:?}"
        );
    }
    assert_eq!(desk.asked(), ["redirected"]);
}
