//! Leases last as long as their connection, or as long as they were asked for; a reader that is gone gets none.

use std::time::Duration;

use serde_json::Value;
use tokenkeep_agent::ClientError;
use tokenkeep_agent::wire::{HeldEvent, LeaseBody, TokenBody};
use tokenkeep_keeper::keeper::ErrorKind;
use tokenkeep_protocol::account::LeaseEnd;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

use crate::agent::{Agent, Raw, work};

const HOLD: &str = r#"{"lease": {"hold": true, "label": "a test"}}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_held_lease_lasts_as_long_as_its_connection() {
    let agent = Agent::signed_in().await;
    let held = agent.send("POST /v1/accounts/work/token", "", HOLD).await;
    let mut lines = BufReader::new(held).lines();
    loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if line.starts_with('{') {
            assert!(line.contains("\"access_token\""), "{line}");
            break;
        }
    }
    let view = agent.client.account(&work()).await.unwrap();
    let [lease] = &view.leases[..] else {
        panic!("{view:?}")
    };
    assert_eq!(lease.holder.pid, Some(std::process::id()));
    assert_eq!(lease.holder.label.as_deref(), Some("a test"));
    drop(lines);
    agent.eventually_leases(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_with_a_length_outlasts_its_connection_until_it_is_released() {
    let agent = Agent::signed_in().await;
    let lease = LeaseBody {
        length: Some(600),
        ..LeaseBody::default()
    };
    let given = agent
        .client
        .token(
            &work(),
            &TokenBody {
                lease: Some(lease),
                ..TokenBody::default()
            },
        )
        .await
        .unwrap();
    assert_eq!(agent.leases().await, 1);
    let id = given.lease.unwrap().id;
    let ended = agent.client.release(id).await.unwrap();
    assert_eq!((ended.account, ended.lease.id), (work(), id));
    agent.eventually_leases(0).await;
    let again = agent.raw(&format!("DELETE /v1/leases/{id}"), "", "").await;
    assert_eq!(again.status, 404);
    assert_eq!(again.json()["error"]["kind"], "no_such_lease");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_whose_connection_closes_is_withdrawn() {
    let agent = Agent::signed_in().await;
    agent.delay_next_token(Duration::from_secs(2)).await;
    let client = agent.client.clone();
    let renewal = tokio::spawn(async move { client.refresh(&work(), None).await.unwrap() });
    while agent.client.account(&work()).await.unwrap().state
        != tokenkeep_protocol::account::State::Renewing
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // This one would hold a lease for ten minutes if it were still answered.
    let lease = LeaseBody {
        length: Some(600),
        ..LeaseBody::default()
    };
    let asked = TokenBody {
        lease: Some(lease),
        ..TokenBody::default()
    };
    let name = work();
    let reader = agent.client.token(&name, &asked);
    assert!(
        tokio::time::timeout(Duration::from_millis(200), reader)
            .await
            .is_err(),
        "it did not have to wait"
    );
    renewal.await.unwrap();
    // A request after it is answered after it.
    agent
        .client
        .token(&work(), &TokenBody::default())
        .await
        .unwrap();
    assert_eq!(agent.leases().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_lease_ends_with_the_keeper() {
    let agent = Agent::signed_in().await;
    let mut held = agent.send("POST /v1/accounts/work/token", "", HOLD).await;
    agent.eventually_leases(1).await;
    agent.client.quit().await.unwrap();
    let mut rest = String::new();
    held.read_to_string(&mut rest).await.unwrap();
    // The end of a chunked answer: it was not cut off.
    assert!(rest.ends_with("0\r\n\r\n"), "{rest}");
    agent.serving.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_is_told_when_the_renewal_no_longer_waits_and_let_go_when_the_token_is_replaced() {
    // The last safe moment of a token that lives so short comes at half its life.
    let agent = Agent::with_tokens_that_live(8).await;
    agent.add("work").await;
    agent.client.sign_in(&work(), None).await.unwrap();
    let held = agent.raw("POST /v1/accounts/work/token", "", HOLD);
    let held = tokio::time::timeout(Duration::from_secs(20), held)
        .await
        .expect("the response does not end");
    let [token, event, end] = &lines(&held)[..] else {
        panic!("{held:?}")
    };
    assert_eq!(event["event"], "renewing");
    assert!(event["message"].as_str().unwrap().contains("work"));
    assert_eq!(end["event"], "ended");
    assert!(end["message"].as_str().unwrap().contains("replaced"));
    let view = agent.client.account(&work()).await.unwrap();
    assert_ne!(view.fingerprint.unwrap().to_string(), token["fingerprint"]);
    agent.eventually_leases(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_response_ends_when_its_lease_has_run_out() {
    let agent = Agent::signed_in().await;
    let body = r#"{"lease": {"hold": true, "length": 1}}"#;
    let held = agent.raw("POST /v1/accounts/work/token", "", body);
    let held = tokio::time::timeout(Duration::from_secs(20), held)
        .await
        .expect("the response does not end");
    let [_, end] = &lines(&held)[..] else {
        panic!("{held:?}")
    };
    assert_eq!(end["event"], "ended");
    assert!(end["message"].as_str().unwrap().contains("has run out"));
    agent.eventually_leases(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_whose_lease_is_ended_by_another_is_told() {
    let agent = Agent::signed_in().await;
    let (_, mut held) = agent.client.hold(&work(), &holding()).await.unwrap();
    let [lease] = &agent.client.leases(None).await.unwrap()[..] else {
        panic!("there is one lease")
    };
    agent.client.release(lease.lease.id).await.unwrap();
    let event = held.next().await.unwrap();
    assert!(
        matches!(&event, Some(HeldEvent::Ended { end: LeaseEnd::Released, message }) if message.contains("was ended")),
        "{event:?}"
    );
    assert_eq!(held.next().await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_whose_account_is_removed_is_told() {
    let agent = Agent::signed_in().await;
    let (_, mut held) = agent.client.hold(&work(), &holding()).await.unwrap();
    agent.client.remove(&work()).await.unwrap();
    let event = held.next().await.unwrap();
    assert!(
        matches!(&event, Some(HeldEvent::Ended { end: LeaseEnd::Removed, message }) if message.contains("was removed")),
        "{event:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_ended_with_its_keeper_says_nothing() {
    let agent = Agent::signed_in().await;
    let (_, mut held) = agent.client.hold(&work(), &holding()).await.unwrap();
    agent.client.quit().await.unwrap();
    assert_eq!(held.next().await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn leases_are_listed_with_their_account_and_holder_the_oldest_first() {
    let agent = Agent::signed_in().await;
    agent.add("other").await;
    let mut asked = holding();
    let lease = asked.lease.as_mut().unwrap();
    (lease.program, lease.label) = (Some("curl".to_owned()), Some("nightly".to_owned()));
    let _first = agent.client.hold(&work(), &asked).await.unwrap();
    let other = "other".parse().unwrap();
    let _second = agent.client.hold(&other, &holding()).await.unwrap();

    let all = agent.raw("GET /v1/leases", "", "").await.json();
    let [first, second] = &all["leases"].as_array().unwrap()[..] else {
        panic!("{all}")
    };
    assert_eq!(
        (&first["account"], &second["account"]),
        (&"work".into(), &"other".into())
    );
    let expected = serde_json::json!({
        "pid": std::process::id(), "program": "curl", "label": "nightly", "sandbox": null,
    });
    assert_eq!(first["holder"], expected);
    let one = agent.client.leases(Some(&other)).await.unwrap();
    assert_eq!(one.len(), 1);
    let unknown = agent.raw("GET /v1/leases?account=nobody", "", "").await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_taken_up_again_on_its_token_and_refused_on_another() {
    let agent = Agent::signed_in().await;
    let (token, held) = agent.client.hold(&work(), &holding()).await.unwrap();
    drop(held);
    let mut again = holding();
    again.lease.as_mut().unwrap().fingerprint = Some(token.fingerprint);
    let (same, held) = agent.client.hold(&work(), &again).await.unwrap();
    assert_eq!(same.access_token.expose(), token.access_token.expose());
    drop(held);
    agent.eventually_leases(0).await;
    agent.client.refresh(&work(), None).await.unwrap();
    match agent.client.hold(&work(), &again).await {
        Err(ClientError::Keeper(error)) => {
            assert_eq!(error.kind, ErrorKind::TokenReplaced);
            assert!(error.message.contains("tokenkeep get work"), "{error}");
        }
        other => panic!("{:?}", other.map(|(token, _)| token)),
    }
    assert_eq!(agent.leases().await, 0);
}

/// Asks for a lease that lasts as long as it is held.
fn holding() -> TokenBody {
    TokenBody {
        lease: Some(LeaseBody {
            hold: true,
            ..LeaseBody::default()
        }),
        ..TokenBody::default()
    }
}

/// What a chunked answer says, line by line.
fn lines(answer: &Raw) -> Vec<Value> {
    let lines = answer.body.lines().filter(|line| line.starts_with('{'));
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
