//! The keeper with its tasks, pace and journal, against the practice provider over real HTTP. The vault
//! is in memory here; the real keychain has tests of its own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod binding;
mod support;

use std::time::Duration;

use support::{Bench, eventually};
use tokenkeep_keeper::config::Grant;
use tokenkeep_keeper::keeper::{
    ErrorKind, Happening, JournalQuery, ReadRequest, RefusedToken, SignInStep,
};
use tokenkeep_protocol::account::{NoticeKind, State, Topic};

const TEST: &str = "demo";

#[tokio::test]
async fn a_jwt_account_signs_in_by_itself_and_its_token_is_accepted() {
    let bench = Bench::start().await;
    bench.add(TEST, Grant::Jwt).await;
    let token = bench.token(TEST).await.unwrap();
    assert!(bench.accepts(&token).await);
    assert_eq!(bench.count("token/jwt_bearer/issued").await, 1);
}

#[tokio::test]
async fn a_person_signs_in_by_code() {
    let bench = Bench::start().await;
    bench.add(TEST, Grant::Code).await;
    let refused = bench.token(TEST).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::SignInNeeded);
    let SignInStep::Visit(visit) = bench
        .keeper()
        .sign_in(&bench.name(TEST), None)
        .await
        .unwrap()
    else {
        panic!("a code account cannot sign in by itself");
    };
    let redirected = bench.walk_through(&visit.authorization_url).await;
    let view = bench
        .keeper()
        .finish_sign_in(visit.id, &redirected)
        .await
        .unwrap();
    assert_eq!(view.state, State::Fresh);
    assert!(bench.accepts(&bench.token(TEST).await.unwrap()).await);
    let again = bench
        .keeper()
        .finish_sign_in(visit.id, &redirected)
        .await
        .unwrap_err();
    assert_eq!(again.kind, ErrorKind::NoSuchSignIn);
}

#[tokio::test]
async fn another_page_than_the_redirect_is_wrong_input_and_the_sign_in_goes_on() {
    let bench = Bench::start().await;
    bench.add(TEST, Grant::Code).await;
    let name = bench.name(TEST);
    let SignInStep::Visit(visit) = bench.keeper().sign_in(&name, None).await.unwrap() else {
        panic!("a code account cannot sign in by itself");
    };
    for _ in 0..2 {
        let page = &visit.authorization_url;
        let error = bench.keeper().finish_sign_in(visit.id, page).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidInput);
        assert_eq!(error.field.as_deref(), Some("redirect"));
    }
}

#[tokio::test]
async fn a_redirect_with_another_state_ends_the_sign_in_with_words() {
    let bench = Bench::start().await;
    bench.add(TEST, Grant::Code).await;
    let SignInStep::Visit(visit) = bench
        .keeper()
        .sign_in(&bench.name(TEST), None)
        .await
        .unwrap()
    else {
        panic!("a code account cannot sign in by itself");
    };
    let mut forged = visit.redirect_uri.clone();
    forged.set_query(Some("code=planted-code&state=planted-state"));
    let error = bench
        .keeper()
        .finish_sign_in(visit.id, &forged)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::SignInFailed);
    assert!(!error.message.contains("planted"));
}

#[tokio::test]
async fn a_person_has_as_long_to_sign_in_as_is_configured() {
    let mut bench = Bench::start().await;
    bench.add(TEST, Grant::Code).await;
    bench.configure("[sign_in]\nlimit_seconds = 90");
    bench.restart().await;
    let sign_in = bench.keeper().sign_in(&bench.name(TEST), None).await;
    let SignInStep::Visit(visit) = sign_in.unwrap() else {
        panic!("a code account cannot sign in by itself");
    };
    let left = (visit.until - chrono::Utc::now()).num_seconds();
    assert!((1..=90).contains(&left), "{visit:?}");
    bench.keeper().cancel_sign_in(visit.id);
    let over = bench
        .keeper()
        .finish_sign_in(visit.id, &visit.redirect_uri)
        .await
        .unwrap_err();
    assert_eq!(over.kind, ErrorKind::NoSuchSignIn);
    assert!(over.message.contains("longer than 1 min 30 s"), "{over}");
}

#[tokio::test]
async fn the_keeper_remembers_across_restarts_what_it_told_of_itself() {
    let mut bench = Bench::start().await;
    assert!(bench.keeper().is_first_time("a").await);
    assert!(!bench.keeper().is_first_time("a").await);
    bench.restart().await;
    assert!(!bench.keeper().is_first_time("a").await);
    assert!(bench.keeper().is_first_time("b").await);
}

#[tokio::test]
async fn a_person_may_renew_and_the_old_token_dies() {
    let bench = Bench::start().await;
    bench.add(TEST, Grant::Jwt).await;
    let before = bench.token(TEST).await.unwrap();
    bench
        .keeper()
        .refresh(&bench.name(TEST), None)
        .await
        .unwrap();
    let after = bench.token(TEST).await.unwrap();
    assert_ne!(before.fingerprint, after.fingerprint);
    assert!(!bench.accepts(&before).await);
    assert!(bench.accepts(&after).await);
}

#[tokio::test]
async fn the_current_token_is_refused_even_where_the_keychain_was_not_read_yet() {
    let mut bench = Bench::start().await;
    bench.add(TEST, Grant::Jwt).await;
    let dead = bench.token(TEST).await.unwrap();
    bench.end_sessions().await;
    bench.restart().await;
    let refused = ReadRequest {
        refused: Some(RefusedToken::Current),
        ..ReadRequest::default()
    };
    let given = bench.keeper().token(&bench.name(TEST), refused).await;
    let given = given.unwrap();
    assert_ne!(given.fingerprint, dead.fingerprint);
    assert!(bench.accepts(&given).await);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_for_all_who_say_so() {
    let bench = Bench::start().await;
    bench.add(TEST, Grant::Jwt).await;
    let dead = bench.token(TEST).await.unwrap();
    bench.end_sessions().await;
    let name = bench.name(TEST);
    let refused = ReadRequest {
        refused: Some(RefusedToken::Named(dead.fingerprint)),
        ..ReadRequest::default()
    };
    let keeper = bench.keeper();
    let (one, two) = tokio::join!(
        keeper.token(&name, refused.clone()),
        keeper.token(&name, refused.clone())
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.fingerprint, two.fingerprint);
    assert!(bench.accepts(&one).await);
    assert_eq!(bench.count("token/jwt_bearer/issued").await, 2);
}

#[tokio::test]
async fn a_lost_response_is_replayed_and_nobody_is_served_in_between() {
    let bench = Bench::start().await;
    bench.add(TEST, Grant::Jwt).await;
    bench.token(TEST).await.unwrap();
    bench.fault(r#"{"action":"drop_response","times":1}"#).await;
    bench
        .keeper()
        .refresh(&bench.name(TEST), None)
        .await
        .unwrap();
    assert!(bench.accepts(&bench.token(TEST).await.unwrap()).await);
    assert_eq!(bench.count("token/refresh_token/replayed").await, 1);
    assert_eq!(bench.count("token/jwt_bearer/issued").await, 1);
}

#[tokio::test]
async fn a_restarted_keeper_goes_on_without_a_sign_in() {
    let mut bench = Bench::start().await;
    bench.add(TEST, Grant::Jwt).await;
    let before = bench.token(TEST).await.unwrap();
    bench.restart().await;
    let after = bench.token(TEST).await.unwrap();
    assert_eq!(before.fingerprint, after.fingerprint);
    assert_eq!(bench.count("token/jwt_bearer/issued").await, 1);
}

#[tokio::test]
async fn a_second_keeper_of_the_same_home_is_refused() {
    let bench = Bench::start().await;
    let error = bench.open_another().await.unwrap_err();
    assert!(
        error.to_string().contains(&std::process::id().to_string()),
        "{error}"
    );
}

#[tokio::test]
async fn a_removed_account_leaves_vault_configuration_and_provider() {
    let bench = Bench::start().await;
    bench.add(TEST, Grant::Jwt).await;
    let token = bench.token(TEST).await.unwrap();
    let removal = bench.keeper().remove(&bench.name(TEST)).await.unwrap();
    assert!(removal.revoking);
    assert_eq!(
        bench.token(TEST).await.unwrap_err().kind,
        ErrorKind::NoSuchAccount
    );
    assert!(bench.vault().load(TEST).await.unwrap().is_none());
    assert!(!bench.config_text().contains(TEST));
    eventually("the session is ended", || async {
        !bench.accepts(&token).await
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_comes_after_the_removal_has_its_session_ended() {
    let bench = Bench::start().await;
    bench.fault(r#"{"times":1,"hold_ms":1500}"#).await;
    bench.add(TEST, Grant::Jwt).await;
    eventually("the JWT is presented", || async {
        let lines = bench.keeper().journal(JournalQuery::default()).await;
        lines.unwrap().iter().any(|line| line.kind() == "sent")
    })
    .await;
    let removal = bench.keeper().remove(&bench.name(TEST)).await.unwrap();
    assert!(!removal.revoking, "no answer had come yet");
    eventually("the late session is ended", || async {
        bench.count("revoke/ok").await == 1
    })
    .await;
}

#[tokio::test]
async fn an_impossible_validity_is_refused_with_the_lifetime() {
    let bench = Bench::start().await;
    bench.add(TEST, Grant::Jwt).await;
    bench.token(TEST).await.unwrap();
    let request = ReadRequest {
        min_validity: Duration::from_secs(86_400),
        ..ReadRequest::default()
    };
    let error = bench
        .keeper()
        .token(&bench.name(TEST), request)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::ValidityTooLong);
    assert!(error.message.contains("1 h"), "{error}");
}

#[tokio::test]
async fn a_throttled_client_waits_and_a_restart_does_not_make_it_forget() {
    let mut bench = Bench::start().await;
    bench.add(TEST, Grant::Jwt).await;
    bench.token(TEST).await.unwrap();
    bench.fault(r#"{"times":1,"action":{"answer":{"status":429,"content_type":"application/json","headers":{"Retry-After":"30"},"body":"{\"error\":\"temporarily_unavailable\",\"errors\":[{\"errorCode\":\"CMN-301\"}]}"}}}"#).await;
    let name = bench.name(TEST);
    let wait = Some(Duration::from_secs(2));
    assert_eq!(
        bench.keeper().refresh(&name, wait).await.unwrap_err().kind,
        ErrorKind::NoToken
    );
    let sent = bench.count("token/refresh_token/issued").await;
    bench.restart().await;
    assert_eq!(
        bench.keeper().refresh(&name, wait).await.unwrap_err().kind,
        ErrorKind::NoToken
    );
    assert_eq!(bench.count("token/refresh_token/issued").await, sent);
    assert!(bench.accepts(&bench.token(TEST).await.unwrap()).await);
}

#[tokio::test]
async fn a_sign_in_without_a_refresh_token_is_told_of_with_the_remedy() {
    let bench = Bench::start().await;
    bench.add(TEST, Grant::Code).await;
    bench.fault(r#"{"action":"no_refresh_token"}"#).await;
    let mut happenings = bench.keeper().listen();
    let SignInStep::Visit(visit) = bench
        .keeper()
        .sign_in(&bench.name(TEST), None)
        .await
        .unwrap()
    else {
        panic!("a code account cannot sign in by itself");
    };
    let redirected = bench.walk_through(&visit.authorization_url).await;
    bench
        .keeper()
        .finish_sign_in(visit.id, &redirected)
        .await
        .unwrap();
    let notice = loop {
        if let Happening::Notice(notice) = happenings.next().await.unwrap() {
            break notice;
        }
    };
    assert_eq!(notice.kind, NoticeKind::About(Topic::NoRefreshToken));
    assert!(notice.body.contains("refresh token"), "{}", notice.body);
}

#[tokio::test]
async fn an_account_added_wrongly_leaves_nothing_behind() {
    let bench = Bench::start().await;
    let mut new = bench.new_account(TEST, Grant::Jwt);
    new.provider = "nobody".into();
    let error = bench.keeper().add(new).await.unwrap_err();
    assert_eq!(
        (error.kind, error.field.as_deref()),
        (ErrorKind::InvalidInput, Some("provider"))
    );
    let mut new = bench.new_account(TEST, Grant::Jwt);
    new.assertion = None;
    let error = bench.keeper().add(new).await.unwrap_err();
    assert_eq!(error.field.as_deref(), Some("assertion"));
    let mut new = bench.new_account(TEST, Grant::Jwt);
    new.client_id.clear();
    let error = bench.keeper().add(new).await.unwrap_err();
    assert_eq!(
        (error.kind, error.field.as_deref()),
        (ErrorKind::InvalidInput, Some("client_id"))
    );
    assert!(bench.vault().load(TEST).await.unwrap().is_none());
    bench.add(TEST, Grant::Jwt).await;
    let error = bench
        .keeper()
        .add(bench.new_account(TEST, Grant::Jwt))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::AccountExists);
    // A keychain may take names that differ in case only for one.
    let alike = TEST.to_uppercase();
    let error = bench
        .keeper()
        .add(bench.new_account(&alike, Grant::Jwt))
        .await;
    assert_eq!(error.unwrap_err().kind, ErrorKind::AccountExists);
    assert!(bench.vault().load(&alike).await.unwrap().is_none());
}
