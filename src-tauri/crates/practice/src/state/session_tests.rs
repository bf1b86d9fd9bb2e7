use super::*;

const TERMS: Terms = Terms {
    access: Duration::from_secs(7200),
    refresh: Some(Duration::from_secs(604_800)),
};

fn at(seconds: u64) -> Moment {
    Duration::from_secs(seconds)
}

fn opened() -> Session {
    Session::open(
        SessionId(0),
        UserId(0),
        RegisteredClient::Confidential,
        None,
        TERMS,
        at(0),
    )
    .0
}

fn access_token(session: &Session) -> String {
    session.access.value.clone()
}

fn refresh_token(session: &Session) -> String {
    session.refresh.as_ref().unwrap().value.clone()
}

/// A session that was renewed at 1,000 s, its refresh token before that, and the answer.
fn renewed() -> (Session, String, String) {
    let mut session = opened();
    let first = refresh_token(&session);
    let answer = session.renew(TERMS, at(1000));
    (session, first, answer)
}

#[test]
fn the_previous_access_token_is_corrupted_for_ten_seconds_and_then_not_found() {
    let mut session = opened();
    let first = access_token(&session);
    assert_eq!(session.call(&first, at(999)), Ok(()));
    session.renew(TERMS, at(1000));
    assert_eq!(
        session.call(&first, at(1000)),
        Err(AccessTokenError::Corrupted)
    );
    assert_eq!(
        session.call(&first, at(1009)),
        Err(AccessTokenError::Corrupted)
    );
    assert_eq!(
        session.call(&first, at(1010)),
        Err(AccessTokenError::NotFound)
    );
    assert_eq!(session.call(&access_token(&session), at(1010)), Ok(()));
}

#[test]
fn an_access_token_ends_with_its_life() {
    let mut session = opened();
    let token = access_token(&session);
    assert_eq!(session.call(&token, at(7199)), Ok(()));
    assert_eq!(
        session.call(&token, at(7200)),
        Err(AccessTokenError::Expired)
    );
}

#[test]
fn the_previous_refresh_token_is_replayable_for_sixty_minutes_while_the_new_access_token_is_unused()
{
    let (session, first, answer) = renewed();
    assert_eq!(
        session.present(&first, at(1000)),
        Presented::Replay(&answer)
    );
    assert_eq!(
        session.present(&first, at(1000 + 3599)),
        Presented::Replay(&answer)
    );
    assert_eq!(
        session.present(&first, at(1000 + 3600)),
        Presented::NotFound
    );
}

#[test]
fn the_previous_refresh_token_is_replayable_for_ten_seconds_after_first_use() {
    let (mut session, first, answer) = renewed();
    session.call(&access_token(&session), at(2000)).unwrap();
    session.call(&access_token(&session), at(2008)).unwrap();
    assert_eq!(
        session.present(&first, at(2009)),
        Presented::Replay(&answer)
    );
    assert_eq!(session.present(&first, at(2010)), Presented::NotFound);
}

#[test]
fn a_first_use_after_the_sixty_minutes_does_not_open_the_window_again() {
    let (mut session, first, _) = renewed();
    session
        .call(&access_token(&session), at(1000 + 3605))
        .unwrap();
    assert_eq!(
        session.present(&first, at(1000 + 3606)),
        Presented::NotFound
    );
}

#[test]
fn a_refused_call_is_no_use() {
    let (mut session, first, answer) = renewed();
    session.call("another", at(1001)).unwrap_err();
    assert_eq!(
        session.present(&first, at(1100)),
        Presented::Replay(&answer)
    );
}

#[test]
fn the_refresh_token_before_the_previous_one_is_not_found() {
    let (mut session, first, _) = renewed();
    let second = refresh_token(&session);
    let answer = session.renew(TERMS, at(1001));
    assert_eq!(session.present(&first, at(1001)), Presented::NotFound);
    assert_eq!(
        session.present(&second, at(1001)),
        Presented::Replay(&answer)
    );
}

#[test]
fn a_refresh_token_ends_with_its_life_as_the_current_and_as_the_previous_one() {
    let short = Terms {
        refresh: Some(at(100)),
        ..TERMS
    };
    let (mut session, _) = Session::open(
        SessionId(0),
        UserId(0),
        RegisteredClient::Public,
        None,
        short,
        at(0),
    );
    let first = refresh_token(&session);
    assert_eq!(session.present(&first, at(99)), Presented::Current);
    assert_eq!(session.present(&first, at(100)), Presented::Expired);
    let answer = session.renew(short, at(50));
    assert_eq!(session.present(&first, at(99)), Presented::Replay(&answer));
    assert_eq!(session.present(&first, at(100)), Presented::Expired);
}

#[test]
fn a_renewal_without_a_refresh_token_leaves_the_current_one_in_force_with_its_old_end() {
    let mut session = opened();
    let first = refresh_token(&session);
    let answer = session.renew(
        Terms {
            refresh: None,
            ..TERMS
        },
        at(1000),
    );
    assert!(!answer.contains("refresh_token"), "{answer}");
    assert_eq!(session.present(&first, at(604_799)), Presented::Current);
    assert_eq!(session.present(&first, at(604_800)), Presented::Expired);
}

#[test]
fn a_session_is_over_when_neither_token_lives() {
    assert!(!opened().is_over(at(604_799)));
    assert!(opened().is_over(at(604_800)));
    let none = Terms {
        refresh: None,
        ..TERMS
    };
    let (session, _) = Session::open(
        SessionId(0),
        UserId(0),
        RegisteredClient::Public,
        None,
        none,
        at(0),
    );
    assert!(!session.is_over(at(7199)));
    assert!(session.is_over(at(7200)));
}

#[test]
fn the_answer_says_everything_that_ringcentral_says() {
    let (session, answer) = Session::open(
        SessionId(0),
        UserId(7),
        RegisteredClient::Public,
        Some("here".into()),
        TERMS,
        at(0),
    );
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let expected = serde_json::json!({
        "access_token": access_token(&session),
        "token_type": "bearer",
        "expires_in": 7200,
        "refresh_token": refresh_token(&session),
        "refresh_token_expires_in": 604_800,
        "scope": "ReadAccounts ReadCallLog",
        "owner_id": UserId(7).owner_id().to_string(),
        "endpoint_id": "here",
    });
    assert_eq!(answer, expected);
}
