//! The accept loop. It is our own, so that a connection can be reset without an answer and the provider can be away.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::away::GoAway;
use super::observation::Dropped;

/// Connections that wait to be accepted; thousands of accounts may come at once.
const BACKLOG: u32 = 4096;
/// How long to wait after accepting has failed, as it does when file descriptors run out.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(50);
const ADMIN: &str = "/practice/";

/// Serves until `stop` is done; then every connection is closed.
pub(crate) async fn serve(
    mut listener: TcpListener,
    router: Router,
    mut go_away: mpsc::UnboundedReceiver<GoAway>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let mut stop = pin!(stop);
    let mut connections = JoinSet::new();
    let mut presence = watch::Sender::new(());
    loop {
        tokio::select! {
            () = &mut stop => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, router.clone(), presence.subscribe()));
                }
                Err(_) => tokio::time::sleep(AFTER_FAILED_ACCEPT).await,
            },
            Some(GoAway { length, gone }) = go_away.recv() => {
                drop(listener);
                // Dropping the sender is what every connection watches for.
                presence = watch::Sender::new(());
                let reserved = reserve(address)?;
                // The one who asked may have gone.
                let _ = gone.send(());
                tokio::select! {
                    () = &mut stop => return Ok(()),
                    () = tokio::time::sleep(length) => {}
                }
                listener = reserved.listen(BACKLOG)?;
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// Keeps the port without listening on it, so that the operating system refuses connections.
fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // Connections that just ended still hold the port on Unix; on Windows they don't, and this would let others share.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Serves one connection until the client closes it, an answer is to be dropped, or the provider goes away.
async fn connection(stream: TcpStream, router: Router, mut presence: watch::Receiver<()>) {
    // Without this, a small answer may wait for an acknowledgement. If it fails, answers are only slower.
    let _ = stream.set_nodelay(true);
    let admin = Arc::new(AtomicBool::new(false));
    let service = TowerToHyperService::new(router);
    let seen = Arc::clone(&admin);
    let answer = service_fn(move |request: Request<Incoming>| {
        seen.store(request.uri().path().starts_with(ADMIN), Ordering::Relaxed);
        let answering = service.call(request);
        async move {
            match answering.await {
                Ok(response) if response.extensions().get::<Dropped>().is_some() => Err(NoAnswer),
                Ok(response) => Ok(response),
                Err(never) => match never {},
            }
        }
    });
    let mut connection = http1::Builder::new()
        // An idle connection is the client's to close: closing it here would race with its next request.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), answer);
    let served = tokio::select! {
        served = &mut connection => Some(served),
        _ = presence.changed() => None,
    };
    match served {
        // The client has closed it.
        Some(Ok(())) => return,
        // The request that sent the provider away is itself answered. An error means that its client has gone.
        None if admin.load(Ordering::Relaxed) => {
            Pin::new(&mut connection).graceful_shutdown();
            let _ = connection.await;
            return;
        }
        // An answer is to be dropped, the connection broke, or the provider goes away.
        Some(Err(_)) | None => {}
    }
    // Closed at once, so that the client sees a reset.
    let _ = connection.into_parts().io.into_inner().set_zero_linger();
}

/// The service's error that makes hyper close the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("no answer, as ordered")]
struct NoAnswer;
