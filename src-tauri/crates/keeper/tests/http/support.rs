//! A provider made of bare TCP, so that it can misbehave in any way.

pub(crate) mod rerun;

use std::collections::HashMap;
use std::time::Duration;

use tokenkeep_keeper::http::HttpClient;
use tokenkeep_oauth::{
    AuthorizationRequest, Client, ClientAuthentication, ClientSecret, Provider, RefreshToken,
    Reply, TokenRequest, preset,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::AbortHandle;
use url::Url;

/// What a server does with a connection once it has read the request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Writes these bytes and closes.
    Bytes(Vec<u8>),
    /// Closes with a reset and not a byte.
    Reset,
    /// Keeps the connection open and silent.
    Hang,
    /// Writes these bytes, then keeps the connection open and silent.
    HangAfter(Vec<u8>),
    /// Writes for as long as somebody reads.
    Flood,
}

/// A request as it arrived.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) line: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn form(&self) -> HashMap<String, String> {
        url::form_urlencoded::parse(self.body.as_bytes())
            .into_owned()
            .collect()
    }
}

pub(crate) struct Server {
    pub(crate) url: Url,
    received: UnboundedReceiver<Received>,
    accepting: AbortHandle,
}

impl Server {
    pub(crate) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let (sender, received) = unbounded_channel();
        let accepting = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (sender, answer) = (sender.clone(), answer.clone());
                tokio::spawn(async move {
                    if let Some(request) = read_request(&mut stream).await {
                        let _ = sender.send(request);
                        give(stream, answer).await;
                    }
                });
            }
        });
        Self {
            url,
            received,
            accepting: accepting.abort_handle(),
        }
    }

    pub(crate) async fn json(status: u16, body: &str) -> Self {
        Self::start(Answer::Bytes(response(
            status,
            "Content-Type: application/json\r\n",
            body,
        )))
        .await
    }

    /// The next request that arrived.
    pub(crate) async fn received(&mut self) -> Received {
        tokio::time::timeout(Duration::from_secs(10), self.received.recv())
            .await
            .unwrap()
            .unwrap()
    }

    pub(crate) fn has_received_nothing(&mut self) -> bool {
        self.received.try_recv().is_err()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

pub(crate) fn response(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} Words\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}").into_bytes()
}

async fn give(mut stream: TcpStream, answer: Answer) {
    match answer {
        Answer::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Answer::Reset => stream.set_zero_linger().unwrap(),
        Answer::Hang => std::future::pending().await,
        Answer::HangAfter(bytes) => {
            let _ = stream.write_all(&bytes).await;
            std::future::pending().await
        }
        Answer::Flood => {
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":\"")
                .await;
            while stream.write_all(&[b'x'; 8192]).await.is_ok() {}
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let headers: HashMap<_, _> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Received {
        line,
        headers,
        body: String::from_utf8(bytes[end..].to_vec()).ok()?,
    })
}

/// RingCentral's preset with its endpoints at this server.
pub(crate) fn provider_at(server: &Url) -> Provider {
    preset("ringcentral", Some(server.clone())).unwrap()
}

pub(crate) fn provider_with(server: &Url, client_authentication: ClientAuthentication) -> Provider {
    Provider {
        client_authentication,
        ..provider_at(server)
    }
}

pub(crate) fn confidential() -> Client {
    Client {
        id: "id:with+odd chars".to_owned(),
        secret: Some(ClientSecret::new("s/e=c r&t%")),
        redirect_uri: Url::parse("http://localhost:5000/oauth2callback").ok(),
    }
}

pub(crate) fn public() -> Client {
    Client {
        id: "public id".to_owned(),
        secret: None,
        ..confidential()
    }
}

/// The redirect that the provider would answer a sign-in with.
pub(crate) fn redirect(request: &AuthorizationRequest, code: &str) -> Url {
    let (_, state) = request
        .url
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap();
    let mut url = request.redirect_uri().clone();
    url.query_pairs_mut()
        .append_pair("state", &state)
        .append_pair("code", code);
    url
}

/// Asks this server for a refresh, as a public client.
pub(crate) async fn refresh_at(server: &Url, http: &HttpClient) -> Reply {
    let (provider, client) = (provider_at(server), public());
    let token = RefreshToken::new("the refresh token");
    http.request_tokens(TokenRequest::refresh(&provider, &client, &token))
        .await
}
