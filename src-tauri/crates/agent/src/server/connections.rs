//! Accepting connections, as many as the keeper takes, and answering what comes over them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::capacity::Capacity;
use crate::endpoint::Endpoint;
use crate::peer::Peer;
use crate::routes::too_many_connections;

/// How long a connection may take to send the head of a request, the first one and every further one. One whose request
/// is being answered (a stream, a holder, a waiting reader) may take as long as it likes.
const IDLE_LIMIT: Duration = Duration::from_secs(60);

/// How long a connection that is one too many has for its request and our refusal.
const REFUSAL_LIMIT: Duration = Duration::from_millis(500);

/// How connections are served.
pub(super) struct Connections {
    capacity: Capacity,
    idle_limit: Duration,
    has_quit: watch::Receiver<bool>,
    tasks: TaskTracker,
}

impl Connections {
    /// As many as `capacity` says, until the keeper has quit.
    pub(super) fn new(capacity: Capacity, has_quit: watch::Receiver<bool>) -> Self {
        Self {
            capacity,
            idle_limit: IDLE_LIMIT,
            has_quit,
            tasks: TaskTracker::new(),
        }
    }

    /// Serves `router` until the keeper has quit; then listens no more, and is done when the answers under way are.
    pub(super) async fn serve(mut self, mut endpoint: Endpoint, router: Router) {
        let refusing = too_many_connections(self.capacity);
        let places = Arc::new(Semaphore::new(self.capacity.connections));
        let refusals = Arc::new(Semaphore::new(self.capacity.refusals));
        loop {
            let (stream, peer) = tokio::select! {
                accepted = endpoint.accept() => accepted,
                () = quit(&mut self.has_quit) => break,
            };
            if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
                let answering = self.answer(stream, peer, router.clone(), self.idle_limit);
                self.tasks.spawn(async move {
                    answering.await;
                    drop(place);
                });
            } else if let Ok(place) = Arc::clone(&refusals).acquire_owned().await {
                let refusal = self.answer(stream, peer, refusing.clone(), REFUSAL_LIMIT);
                self.tasks.spawn(async move {
                    let _ = timeout(REFUSAL_LIMIT, refusal).await;
                    drop(place);
                });
            }
        }
        drop(endpoint);
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Answers what comes over a connection, until it is closed, says nothing for too long, or the keeper has quit.
    fn answer(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: Peer,
        router: Router,
        idle_limit: Duration,
    ) -> impl Future<Output = ()> + Send + 'static {
        let service = TowerToHyperService::new(router);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            service.call(request)
        });
        let mut has_quit = self.has_quit.clone();
        async move {
            let mut connection = std::pin::pin!(
                http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(idle_limit)
                    .serve_connection(TokioIo::new(stream), service)
            );
            // How it ended is the peer's concern: there is no answer left that could be given.
            let over = tokio::select! {
                _ = connection.as_mut() => true,
                () = quit(&mut has_quit) => false,
            };
            if !over {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }
}

async fn quit(has_quit: &mut watch::Receiver<bool>) {
    // A sender that is gone has quit, too.
    let _ = has_quit.wait_for(|quit| *quit).await;
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::path::Path;

    use axum::routing::get;
    use tempfile::TempDir;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::UnixStream;
    use tokio::task::JoinHandle;

    use super::*;

    /// Far longer than what is waited for takes.
    const LIMIT: Duration = Duration::from_secs(20);
    const IDLE: Duration = Duration::from_millis(100);

    struct Served {
        folder: TempDir,
        quit: watch::Sender<bool>,
        serving: JoinHandle<()>,
    }

    /// Serves so many connections, which get an answer at `/` at once and at `/slow` after four times what they may be idle.
    async fn serve(connections: usize) -> Served {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let endpoint = Endpoint::bind(&folder.path().join("s")).await.unwrap();
        let (quit, has_quit) = watch::channel(false);
        let capacity = Capacity {
            connections,
            refusals: 1,
        };
        let mut served = Connections::new(capacity, has_quit);
        served.idle_limit = IDLE;
        let slow = async || {
            tokio::time::sleep(4 * IDLE).await;
            "slow"
        };
        let router = Router::new()
            .route("/", get(async || "at once"))
            .route("/slow", get(slow));
        let serving = tokio::spawn(served.serve(endpoint, router));
        Served {
            folder,
            quit,
            serving,
        }
    }

    async fn connect(folder: &Path) -> UnixStream {
        UnixStream::connect(folder.join("s")).await.unwrap()
    }

    async fn ask(stream: &mut UnixStream, path: &str) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
    }

    /// What comes until the connection is closed.
    async fn rest(stream: &mut UnixStream) -> String {
        let mut text = String::new();
        let read = stream.read_to_string(&mut text);
        timeout(LIMIT, read).await.expect("it is closed").unwrap();
        text
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_is_closed_and_one_that_waits_for_its_answer_is_not() {
        let served = serve(8).await;
        let mut silent = connect(served.folder.path()).await;
        let mut slow_head = connect(served.folder.path()).await;
        slow_head
            .write_all(b"GET / HTTP/1.1\r\nHost: ")
            .await
            .unwrap();
        let mut waiting = connect(served.folder.path()).await;
        ask(&mut waiting, "/slow").await;
        assert_eq!(rest(&mut silent).await, "");
        assert_eq!(rest(&mut slow_head).await, "");
        let answer = rest(&mut waiting).await;
        assert!(answer.ends_with("slow"), "{answer}");
    }

    #[tokio::test]
    async fn a_connection_that_is_one_too_many_is_refused_in_words_until_another_ends() {
        let served = serve(1).await;
        let mut first = connect(served.folder.path()).await;
        ask(&mut first, "/slow").await;
        // One that does not even ask holds the next up only for a moment.
        let _silent = connect(served.folder.path()).await;
        let mut second = connect(served.folder.path()).await;
        ask(&mut second, "/").await;
        let refused = rest(&mut second).await;
        assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
        assert!(refused.contains("too_many_connections"), "{refused}");
        assert!(refused.contains("1 connections open"), "{refused}");
        rest(&mut first).await;
        let mut third = connect(served.folder.path()).await;
        ask(&mut third, "/").await;
        assert!(rest(&mut third).await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn once_the_keeper_has_quit_answers_under_way_are_carried_away_and_nobody_listens() {
        let served = serve(8).await;
        let mut waiting = connect(served.folder.path()).await;
        ask(&mut waiting, "/slow").await;
        let mut idle = connect(served.folder.path()).await;
        ask(&mut idle, "/").await;
        let mut first = [0; 8];
        idle.read_exact(&mut first).await.unwrap();
        served.quit.send_replace(true);
        assert!(rest(&mut waiting).await.ends_with("slow"));
        timeout(LIMIT, served.serving).await.unwrap().unwrap();
        let gone = UnixStream::connect(served.folder.path().join("s")).await;
        assert!(gone.is_err());
    }
}
