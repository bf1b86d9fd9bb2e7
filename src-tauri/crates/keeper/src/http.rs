//! The HTTP client for token requests: one request, one reply, and nothing on its own account.
//!
//! No redirect is followed (a token request must not be sent elsewhere), no request is repeated,
//! no connection is kept (a token request is rare, and one that dies on a stale connection would
//! leave its outcome unknown), and no proxy stands before this machine's own addresses.

mod transport_error;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::redirect::Policy;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokenkeep_oauth::{
    HttpRequest, Problem, RawReply, Reply, RevocationRequest, TokenRequest, TransportError,
    is_loopback,
};
use tokenkeep_protocol::clock::Tick;
use zeroize::Zeroizing;

use crate::clock;
use transport_error::{of_reading, of_sending};

/// How long a whole request may take: longer than a slow provider needs, and short enough that a
/// reader who waits 30 s can still be served by the attempt after a hung one.
pub const TIME_LIMIT: Duration = Duration::from_secs(20);

/// How long making a connection may take, name and TLS included. Half of [`TIME_LIMIT`], so that
/// a dead network is known as one: then the request was certainly not sent.
const CONNECT_TIME_LIMIT: Duration = Duration::from_secs(10);

/// The longest reply that is read. Token responses have a few kilobytes.
const LONGEST_BODY: usize = 256 * 1024;

/// How long the certificates that the system trusts are taken for the same. An application in the tray lives for months.
const TRUSTED_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// The HTTP client for token requests; clones share it.
#[derive(Debug, Clone)]
pub struct HttpClient {
    limit: Duration,
    clients: Arc<Mutex<Clients>>,
}

/// The clients below it, made anew to read anew what the system trusts.
#[derive(Debug, Clone)]
struct Clients {
    /// For the world: through the system's proxy, where there is one.
    proxied: reqwest::Client,
    /// For this machine's own addresses.
    direct: reqwest::Client,
    made_at: Tick,
    /// A server's certificate was refused, and may be trusted by now.
    doubted: bool,
}

/// Why there is no HTTP client.
#[derive(Debug, thiserror::Error)]
#[error(
    "No HTTPS client can be set up ({0}), so no token can be renewed. Check that this system has its \
     certificate authorities (package ca-certificates) and that its proxy settings are right."
)]
pub struct HttpClientError(String);

impl HttpClient {
    /// A client with the usual time limit, [`TIME_LIMIT`].
    ///
    /// # Errors
    /// Where the system's certificates or proxy settings cannot be used.
    pub fn new() -> Result<Self, HttpClientError> {
        Self::with_time_limit(TIME_LIMIT)
    }

    /// A client whose requests take no longer than `limit` as a whole.
    ///
    /// # Errors
    /// Where the system's certificates or proxy settings cannot be used.
    pub fn with_time_limit(limit: Duration) -> Result<Self, HttpClientError> {
        let clients = Clients::make(limit, clock::now().tick)?;
        Ok(Self {
            limit,
            clients: Arc::new(Mutex::new(clients)),
        })
    }

    /// The clients, with what the system has trusted within the last day.
    fn clients(&self) -> Clients {
        let now = clock::now().tick;
        let clients = self.lock().clone();
        if !clients.doubted && now.since(clients.made_at) < TRUSTED_FOR {
            return clients;
        }
        self.make_anew(now)
    }

    /// Reads anew what the system trusts. If that fails, what is known still serves.
    fn make_anew(&self, now: Tick) -> Clients {
        let mut clients = self.lock();
        match Clients::make(self.limit, now) {
            Ok(made) => *clients = made,
            Err(error) => tracing::warn!("{error}"),
        }
        clients.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a token request, and says what came of it. One that could not be made is not sent:
    /// the account is misconfigured.
    pub async fn request_tokens(&self, request: Result<TokenRequest<'_>, Problem>) -> Reply {
        match request {
            Ok(request) => request.read(self.send(request.http()).await),
            Err(problem) => Reply::Misconfigured(problem),
        }
    }

    /// Sends a request to end a session.
    ///
    /// # Errors
    /// Where it could not be made, or the provider did not confirm it.
    pub async fn revoke(
        &self,
        request: Result<RevocationRequest<'_>, Problem>,
    ) -> Result<(), Problem> {
        let request = request?;
        request.read(self.send(request.http()).await)
    }

    /// Sends a request and reads its reply whole.
    async fn send(&self, request: &HttpRequest) -> Result<RawReply, TransportError> {
        let request = request.clone().map(Bytes::from_owner);
        let request = reqwest::Request::try_from(request).map_err(|e| of_sending(&e))?;
        let clients = self.clients();
        let client = if is_loopback(request.url()) {
            &clients.direct
        } else {
            &clients.proxied
        };
        let reply = client.execute(request).await.map_err(|error| {
            let error = of_sending(&error);
            if error == TransportError::Tls {
                // The request was not sent. Before the next one, it is looked whether the system trusts more by then.
                self.lock().doubted = true;
            }
            error
        })?;
        read(reply).await
    }
}

impl Clients {
    fn make(limit: Duration, now: Tick) -> Result<Self, HttpClientError> {
        // Made once for both clients, because the system's certificates take time and memory.
        let tls = tls().map_err(|error| HttpClientError(error.to_string()))?;
        let builder = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .user_agent(concat!("tokenkeep/", env!("CARGO_PKG_VERSION")))
                .redirect(Policy::none())
                .retry(reqwest::retry::never())
                .pool_max_idle_per_host(0)
                .connect_timeout(CONNECT_TIME_LIMIT.min(limit / 2))
                .timeout(limit)
        };
        let told = |error: reqwest::Error| HttpClientError(innermost(&error));
        Ok(Self {
            proxied: builder().build().map_err(told)?,
            direct: builder().no_proxy().build().map_err(told)?,
            made_at: now,
            doubted: false,
        })
    }
}

/// TLS as `ring` does it, with the certificate authorities that the system trusts.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    Ok(config)
}

async fn read(mut reply: reqwest::Response) -> Result<RawReply, TransportError> {
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = reply.chunk().await.map_err(|e| of_reading(&e))? {
        if body.len() + chunk.len() > LONGEST_BODY {
            return Err(TransportError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(RawReply {
        status: reply.status(),
        headers: std::mem::take(reply.headers_mut()),
        body,
        received_at: clock::now().wall,
    })
}

/// The cause at the bottom of an error, which says the most about a system's set-up.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
