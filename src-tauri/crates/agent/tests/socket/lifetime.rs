//! Events while the keeper lives, and what becomes of clients when it ends.

use tokenkeep_agent::{AgentClient, BindError, ClientError, Server, Stopped};
use tokenkeep_keeper::home::Home;
use tokenkeep_keeper::keeper::{Happening, Keeper};
use tokenkeep_keeper::vault::Vault;

use crate::agent::{Agent, work};

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_hears_of_its_account_alone_until_the_keeper_ends() {
    let agent = Agent::start().await;
    let mut events = agent.client.events(Some(&work())).await.unwrap();
    agent.add("other").await;
    agent.add("work").await;
    let first = events.next().await.unwrap();
    assert!(
        matches!(&first, Some(Happening::Account(view)) if view.name == work())
            || matches!(&first, Some(Happening::News(line)) if line.account.as_deref() == Some("work")),
        "{first:?}"
    );
    let pid = agent.client.quit().await.unwrap().pid;
    assert_eq!(pid, std::process::id());
    while let Some(happening) = events.next().await.unwrap() {
        assert!(!matches!(happening, Happening::Missed(_)), "{happening:?}");
        assert!(!format!("{happening:?}").contains("other"), "{happening:?}");
    }
    assert_eq!(agent.serving.await.unwrap(), Stopped::ByRequest);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_server_has_stopped_there_is_no_keeper_to_be_found() {
    let agent = Agent::start().await;
    agent.client.status().await.unwrap();
    agent.stop.send(()).unwrap();
    assert_eq!(agent.serving.await.unwrap(), Stopped::ByItself);
    let error = agent.client.status().await.unwrap_err();
    assert!(
        matches!(&error, ClientError::NotRunning { .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("tokenkeep serve"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_keeper_is_told_apart_from_one_and_not_replaced() {
    use tokio::io::AsyncWriteExt as _;

    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let home = Home::at(folder.path());
    let impostor = tokio::net::UnixListener::bind(home.socket().unwrap()).unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = impostor.accept().await.unwrap();
            stream
                .write_all(b"220 mail.example.com ESMTP planted\r\n")
                .await
                .unwrap();
        }
    });
    let error = AgentClient::new(&home).unwrap().status().await.unwrap_err();
    assert!(
        matches!(error, ClientError::Protocol { .. } | ClientError::Lost),
        "{error:?}"
    );
    assert!(!error.to_string().contains("planted"), "{error}");
    let keeper = Keeper::open(&home, Vault::memory()).await.unwrap();
    assert!(matches!(
        Server::bind(&home, keeper).await,
        Err(BindError::InUse { .. })
    ));
}
