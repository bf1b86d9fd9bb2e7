//! One request and its answer, over a connection of their own.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokenkeep_keeper::home::Lock;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::AgentClient;
use super::error::ClientError;
use crate::endpoint::connect;
use crate::wire::ErrorBody;

/// The longest answer that is read, in bytes: a journal of a hundred thousand lines fits.
pub(super) const ANSWER_LIMIT: usize = 64 * 1024 * 1024;

/// What a request is about: path and query.
pub(super) struct Target(url::Url);

impl Target {
    /// The path of these segments under `/v1`.
    pub(super) fn new<'a>(segments: impl IntoIterator<Item = &'a str>) -> Self {
        #[expect(
            clippy::expect_used,
            reason = "a constant that is a URL, with a path to extend"
        )]
        let mut url = url::Url::parse("http://localhost/v1").expect("it is a URL");
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(segments);
        }
        Self(url)
    }

    /// With the fields of `asked` that are there as the query.
    pub(super) fn query(mut self, asked: &impl Serialize) -> Self {
        let fields = serde_json::to_value(asked).unwrap_or_default();
        for (name, value) in fields.as_object().into_iter().flatten() {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            self.0.query_pairs_mut().append_pair(name, &text);
        }
        self
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0[url::Position::BeforePath..]
    }
}

/// A body as JSON, wiped once it is sent.
pub(super) fn body(body: &impl Serialize) -> Bytes {
    // Room for a JWT, so that no copy is left behind when the buffer grows.
    let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
    // The bodies of `wire` can always be written: their keys are strings.
    let _ = serde_json::to_writer(&mut *bytes, body);
    Bytes::from_owner(bytes)
}

/// An answer that has begun, and the connection that it comes over.
pub(super) struct OpenResponse {
    response: Response<Incoming>,
    _connection: Connection,
}

/// Sends a request, and gives the answer as soon as it has begun. Dropping either closes the connection.
pub(super) async fn exchange(
    client: &AgentClient,
    method: &str,
    target: &Target,
    body: Option<Bytes>,
    limit: Duration,
) -> Result<OpenResponse, ClientError> {
    let exchange = async {
        let stream = connect(&client.socket)
            .await
            .map_err(|error| unreachable(client, error))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
        let connection = Connection(tokio::spawn(async move {
            // The answer shows how it ended.
            let _ = connection.await;
        }));
        let response = sender
            .send_request(request(method, target, body)?)
            .await
            .map_err(lost)?;
        Ok(OpenResponse {
            response,
            _connection: connection,
        })
    };
    let mut open = in_time(limit, exchange).await?;
    let status = open.response.status();
    if status.is_success() {
        return Ok(open);
    }
    Err(in_time(limit, open.error(status))
        .await
        .unwrap_or_else(|error| error))
}

impl OpenResponse {
    /// The whole answer.
    pub(super) async fn json<T: DeserializeOwned>(
        mut self,
        limit: Duration,
    ) -> Result<T, ClientError> {
        let bytes = in_time(limit, self.bytes()).await?;
        read(&bytes)
    }

    /// The next piece of an answer that goes on; none at its end.
    pub(super) async fn chunk(&mut self) -> Option<Bytes> {
        loop {
            // A connection that broke is an end, too.
            let frame = self.response.body_mut().frame().await?.ok()?;
            if let Ok(chunk) = frame.into_data() {
                return Some(chunk);
            }
        }
    }

    async fn bytes(&mut self) -> Result<Zeroizing<Vec<u8>>, ClientError> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
        while let Some(frame) = self.response.body_mut().frame().await {
            let frame = frame.map_err(lost)?;
            if let Some(chunk) = frame.data_ref() {
                if bytes.len() + chunk.len() > ANSWER_LIMIT {
                    return Err(ClientError::Protocol {
                        why: format!("more than {ANSWER_LIMIT} bytes"),
                    });
                }
                bytes.extend_from_slice(chunk);
            }
        }
        Ok(bytes)
    }

    async fn error(&mut self, status: StatusCode) -> Result<ClientError, ClientError> {
        let bytes = self.bytes().await?;
        Ok(error_of(status, &bytes))
    }
}

/// Reads an answer.
pub(super) fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, ClientError> {
    serde_json::from_slice(answer).map_err(|error| ClientError::Protocol {
        // The error's own words may quote a secret.
        why: format!(
            "an answer that does not fit, at line {}, column {}",
            error.line(),
            error.column()
        ),
    })
}

/// The error in an answer that reports a failure.
pub(super) fn error_of(status: StatusCode, answer: &[u8]) -> ClientError {
    match serde_json::from_slice::<ErrorBody>(answer) {
        Ok(body) => ClientError::Keeper(body.error),
        Err(_) => ClientError::Protocol {
            why: format!("status {status}, and no error in the body"),
        },
    }
}

/// The task that carries a connection; it ends with this.
struct Connection(JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn request(
    method: &str,
    target: &Target,
    body: Option<Bytes>,
) -> Result<Request<Full<Bytes>>, ClientError> {
    Request::builder()
        .method(method)
        .uri(target.as_str())
        .header(HOST, "localhost")
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(body.unwrap_or_default()))
        .map_err(|error| ClientError::Protocol {
            why: format!("the request cannot be written: {error}"),
        })
}

pub(super) async fn in_time<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, ClientError> {
    timeout(limit, work)
        .await
        .unwrap_or(Err(ClientError::NoAnswer { after: limit }))
}

pub(super) fn unreachable(client: &AgentClient, error: io::Error) -> ClientError {
    let socket = client.socket.clone();
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            match Lock::holder(&client.home) {
                Some(keeper) => ClientError::NotListening {
                    socket,
                    pid: keeper.pid,
                },
                None => ClientError::NotRunning { socket },
            }
        }
        _ => ClientError::Unreachable {
            socket,
            source: error,
        },
    }
}

fn lost(error: hyper::Error) -> ClientError {
    if error.is_parse() {
        return no_http();
    }
    ClientError::Lost
}

pub(super) fn no_http() -> ClientError {
    ClientError::Protocol {
        why: "it does not speak HTTP".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::JournalParameters;

    #[test]
    fn names_are_escaped_and_absent_fields_left_out() {
        let asked = JournalParameters {
            account: Some("a&b c".to_owned()),
            after: Some(-1),
            limit: None,
        };
        let target = Target::new(["accounts", "a/b ?"]).query(&asked);
        assert_eq!(
            target.as_str(),
            "/v1/accounts/a%2Fb%20%3F?account=a%26b+c&after=-1"
        );
    }
}
