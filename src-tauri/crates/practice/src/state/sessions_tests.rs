use super::*;
use std::time::Duration;

const TERMS: Terms = Terms {
    access: Duration::from_secs(3600),
    refresh: Some(Duration::from_secs(604_800)),
};

fn at(seconds: u64) -> Moment {
    Duration::from_secs(seconds)
}

fn field(answer: &str, name: &str) -> String {
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    answer[name].as_str().unwrap().to_owned()
}

fn open(
    sessions: &mut Sessions,
    user: u32,
    client: RegisteredClient,
    now: Moment,
) -> (String, String) {
    let answer = sessions.open(UserId(user), client, None, TERMS, now);
    (
        field(&answer, "access_token"),
        field(&answer, "refresh_token"),
    )
}

#[test]
fn a_sixth_session_ends_the_oldest_of_that_user_and_client() {
    let mut sessions = Sessions::default();
    let (other_user, _) = open(&mut sessions, 1, RegisteredClient::Confidential, at(0));
    let (other_client, _) = open(&mut sessions, 0, RegisteredClient::Public, at(0));
    let tokens: Vec<_> = (1..=6)
        .map(|second| open(&mut sessions, 0, RegisteredClient::Confidential, at(second)).0)
        .collect();
    assert_eq!(
        sessions.call(&tokens[0], at(10)),
        Err(AccessTokenError::NotFound)
    );
    for token in &tokens[1..] {
        assert_eq!(sessions.call(token, at(10)), Ok(UserId(0)));
    }
    assert_eq!(sessions.call(&other_user, at(10)), Ok(UserId(1)));
    assert_eq!(sessions.call(&other_client, at(10)), Ok(UserId(0)));
}

#[test]
fn a_session_that_is_over_does_not_count() {
    let mut sessions = Sessions::default();
    open(&mut sessions, 0, RegisteredClient::Public, at(0));
    let (living, _) = open(&mut sessions, 0, RegisteredClient::Public, at(604_000));
    for _ in 0..4 {
        open(&mut sessions, 0, RegisteredClient::Public, at(604_800));
    }
    assert_eq!(sessions.call(&living, at(604_800)), Ok(UserId(0)));
    assert_eq!(sessions.living(at(604_800)).count(), 5);
}

#[test]
fn ending_a_session_ends_every_token_of_it() {
    let mut sessions = Sessions::default();
    let (first_access, first_refresh) = open(&mut sessions, 0, RegisteredClient::Public, at(0));
    let Ok(Refreshed::Renewed(answer)) =
        sessions.refresh(RegisteredClient::Public, &first_refresh, TERMS, at(1))
    else {
        panic!("not renewed")
    };
    let access = field(&answer, "access_token");
    let refresh = field(&answer, "refresh_token");
    let id = sessions.of_token(&access).unwrap().id;
    assert!(sessions.end(id));
    assert!(!sessions.end(id));
    for token in [&first_access, &access] {
        assert_eq!(sessions.call(token, at(2)), Err(AccessTokenError::NotFound));
    }
    for token in [&first_refresh, &refresh] {
        let refused = sessions.refresh(RegisteredClient::Public, token, TERMS, at(2));
        assert_eq!(refused, Err(OAuthError::RefreshTokenNotFound));
    }
    assert!(
        sessions.by_access_token.is_empty()
            && sessions.by_refresh_token.is_empty()
            && sessions.by_user.is_empty()
    );
}

#[test]
fn ending_all_sessions_of_a_user_leaves_the_others() {
    let mut sessions = Sessions::default();
    let (other, _) = open(&mut sessions, 1, RegisteredClient::Public, at(0));
    let (public, _) = open(&mut sessions, 0, RegisteredClient::Public, at(0));
    let (confidential, _) = open(&mut sessions, 0, RegisteredClient::Confidential, at(0));
    assert_eq!(sessions.end_all_of(UserId(0)), 2);
    assert_eq!(
        sessions.call(&public, at(1)),
        Err(AccessTokenError::NotFound)
    );
    assert_eq!(
        sessions.call(&confidential, at(1)),
        Err(AccessTokenError::NotFound)
    );
    assert_eq!(sessions.call(&other, at(1)), Ok(UserId(1)));
}

#[test]
fn a_refresh_token_of_another_client_is_not_found_and_stays_good() {
    let mut sessions = Sessions::default();
    let (_, refresh) = open(&mut sessions, 0, RegisteredClient::Public, at(0));
    let refused = sessions.refresh(RegisteredClient::Confidential, &refresh, TERMS, at(1));
    assert_eq!(refused, Err(OAuthError::RefreshTokenNotFound));
    assert!(matches!(
        sessions.refresh(RegisteredClient::Public, &refresh, TERMS, at(1)),
        Ok(Refreshed::Renewed(_))
    ));
}

#[test]
fn the_replay_is_the_first_answer_to_the_byte() {
    let mut sessions = Sessions::default();
    let (_, refresh) = open(&mut sessions, 0, RegisteredClient::Public, at(0));
    let Ok(Refreshed::Renewed(first)) =
        sessions.refresh(RegisteredClient::Public, &refresh, TERMS, at(1))
    else {
        panic!("not renewed")
    };
    let replay = sessions.refresh(RegisteredClient::Public, &refresh, TERMS, at(500));
    assert_eq!(replay, Ok(Refreshed::Replayed(first)));
}

#[test]
fn text_that_cannot_be_a_token_is_unparsable_and_a_token_that_never_was_is_not_found() {
    let mut sessions = Sessions::default();
    assert_eq!(
        sessions.call("no token!", at(0)),
        Err(AccessTokenError::Unparsable)
    );
    assert_eq!(
        sessions.call(&crate::opaque::secret(), at(0)),
        Err(AccessTokenError::NotFound)
    );
}

#[test]
fn a_session_that_is_renewed_for_ever_keeps_its_size() {
    let mut sessions = Sessions::default();
    let (_, mut refresh) = open(&mut sessions, 0, RegisteredClient::Public, at(0));
    for second in 1..1000 {
        let Ok(Refreshed::Renewed(answer)) =
            sessions.refresh(RegisteredClient::Public, &refresh, TERMS, at(second * 60))
        else {
            panic!("not renewed")
        };
        refresh = field(&answer, "refresh_token");
    }
    assert_eq!(sessions.by_access_token.len(), 2);
    assert_eq!(sessions.by_refresh_token.len(), 2);
}
