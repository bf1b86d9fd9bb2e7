use std::net::SocketAddr;

use tokenkeep_practice::{Options, Practice, PracticeError};

use crate::support::{Provider, options};

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused_with_words() {
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8642"] {
        let listen: SocketAddr = listen.parse().unwrap();
        let error = Practice::bind(Options {
            listen,
            ..options()
        })
        .await
        .err()
        .unwrap();
        assert!(matches!(error, PracticeError::NotLoopback(address) if address == listen));
        assert!(
            error.to_string().contains("Give a loopback address"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let first = Practice::bind(options()).await.unwrap();
    let error = Practice::bind(Options {
        listen: first.address(),
        ..options()
    })
    .await
    .err()
    .unwrap();
    assert!(
        error.to_string().contains(&first.address().to_string()),
        "{error}"
    );
}

#[tokio::test]
async fn no_users_and_no_token_life_are_refused() {
    let error = Practice::bind(Options {
        users: 0,
        ..options()
    })
    .await
    .err();
    assert!(matches!(error, Some(PracticeError::NoUsers)));
    let error = Practice::bind(Options {
        access_token_ttl: 0,
        ..options()
    })
    .await
    .err();
    assert!(matches!(error, Some(PracticeError::NoAccessTokenLife)));
}

#[tokio::test]
async fn the_defaults_are_those_of_the_command() {
    let defaults = Options::default();
    assert_eq!(defaults.listen.to_string(), "127.0.0.1:8642");
    assert_eq!(
        (defaults.access_token_ttl, defaults.refresh_token_ttl),
        (3600, 604_800)
    );
    assert_eq!((defaults.rate_limit, defaults.users), (5, 1));
}

#[tokio::test]
async fn the_env_block_has_what_the_developer_guide_has_and_the_public_client() {
    let practice = Practice::bind(options()).await.unwrap();
    let block = practice.env_block(0);
    let names: Vec<&str> = block
        .lines()
        .map(|line| line.split_once('=').unwrap().0)
        .collect();
    let expected = [
        "RC_SERVER_URL",
        "RC_APP_CLIENT_ID",
        "RC_APP_CLIENT_SECRET",
        "RC_USER_JWT",
        "RC_REDIRECT_URL",
        "TOKENKEEP_PUBLIC_CLIENT_ID",
    ];
    assert_eq!(names, expected);
    assert!(block.starts_with(&format!("RC_SERVER_URL=http://{}\n", practice.address())));
    assert!(block.contains("RC_REDIRECT_URL=http://localhost:8643/callback\n"));
}

#[tokio::test]
async fn an_env_block_stays_good_over_a_restart_and_names_every_users_jwt() {
    let first = Provider::start_with(Options {
        users: 3,
        ..options()
    })
    .await;
    let second = Provider::start_with(Options {
        users: 3,
        ..options()
    })
    .await;
    for name in [
        "RC_APP_CLIENT_ID",
        "RC_APP_CLIENT_SECRET",
        "RC_USER_JWT",
        "RC_USER_JWT_2",
        "RC_USER_JWT_3",
    ] {
        assert_eq!(first.var(name), second.var(name));
    }
    for user in 0..3 {
        let owner = second.jwt_sign_in_as(user, &[]).await.field("owner_id");
        assert_eq!(owner, (62_264_425_000_u64 + u64::from(user)).to_string());
    }
}
