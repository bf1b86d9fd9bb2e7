//! One request and its answer over a Unix socket, with nothing in between but the operating system.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use hyper::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::client::AgentClient;
use crate::client::error::ClientError;
use crate::client::exchange::{ANSWER_LIMIT, Target, body, error_of, no_http, read, unreachable};
use crate::endpoint::connect_and_wait;

/// Room for the answer as it usually is, head and token. A longer one is given what it needs once its length is known.
const USUAL_ANSWER: usize = 4 * 1024;
/// The most headers that an answer may have; a keeper sends four.
const MOST_HEADERS: usize = 32;

/// Sends a request, and waits for the whole answer.
pub(super) fn post<T: DeserializeOwned>(
    client: &AgentClient,
    target: &Target,
    asked: &impl Serialize,
    limit: Duration,
) -> Result<T, ClientError> {
    let deadline = Instant::now() + limit;
    let stream = connect_and_wait(&client.socket, limit).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => ClientError::NoAnswer { after: limit },
        _ => unreachable(client, error),
    })?;
    let mut exchange = Exchange {
        stream,
        deadline,
        limit,
    };
    exchange.send(&request(target, &body(asked)))?;
    exchange.answer()?.json()
}

/// The request as it travels, wiped once it is sent.
fn request(target: &Target, body: &[u8]) -> Zeroizing<Vec<u8>> {
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        target.as_str(),
        body.len()
    );
    let mut request = Zeroizing::new(Vec::with_capacity(head.len() + body.len()));
    request.extend_from_slice(head.as_bytes());
    request.extend_from_slice(body);
    request
}

/// A connection for one request, and how long its answer is waited for.
struct Exchange {
    stream: UnixStream,
    deadline: Instant,
    limit: Duration,
}

impl Exchange {
    fn send(&mut self, request: &[u8]) -> Result<(), ClientError> {
        self.stream
            .write_all(request)
            .map_err(|error| self.failed(&error))
    }

    fn answer(&mut self) -> Result<ResponseBytes, ClientError> {
        let mut answer = ResponseBytes {
            bytes: Zeroizing::new(vec![0; USUAL_ANSWER]),
            filled: 0,
            head: None,
        };
        while !answer.is_whole() {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(self.late());
            }
            let read = self
                .stream
                .set_read_timeout(Some(left))
                .and_then(|()| self.stream.read(answer.room()))
                .map_err(|error| self.failed(&error))?;
            if read == 0 {
                return Err(ClientError::Lost);
            }
            answer.take(read)?;
        }
        Ok(answer)
    }

    fn failed(&self, error: &io::Error) -> ClientError {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => self.late(),
            _ => ClientError::Lost,
        }
    }

    fn late(&self) -> ClientError {
        ClientError::NoAnswer { after: self.limit }
    }
}

/// An answer as far as it has come. Its bytes are wiped.
struct ResponseBytes {
    bytes: Zeroizing<Vec<u8>>,
    filled: usize,
    head: Option<ResponseHead>,
}

/// What the head of an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ResponseHead {
    status: StatusCode,
    /// Where the body begins.
    begin: usize,
    /// Where it ends.
    end: usize,
}

impl ResponseBytes {
    fn room(&mut self) -> &mut [u8] {
        &mut self.bytes[self.filled..]
    }

    fn take(&mut self, read: usize) -> Result<(), ClientError> {
        self.filled += read;
        if self.head.is_none() {
            self.head = ResponseHead::read(&self.bytes[..self.filled])?;
        }
        match self.head {
            Some(head) if head.end > self.bytes.len() => {
                let mut bytes = Zeroizing::new(vec![0; head.end]);
                bytes[..self.filled].copy_from_slice(&self.bytes[..self.filled]);
                self.bytes = bytes;
            }
            None if self.filled == self.bytes.len() => return Err(no_http()),
            _ => {}
        }
        Ok(())
    }

    fn is_whole(&self) -> bool {
        self.head.is_some_and(|head| self.filled >= head.end)
    }

    fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        let Some(ResponseHead { status, begin, end }) = self.head else {
            return Err(ClientError::Lost);
        };
        let body = &self.bytes[begin..end];
        if status.is_success() {
            read(body)
        } else {
            Err(error_of(status, body))
        }
    }
}

impl ResponseHead {
    /// Reads it; none if it is not whole yet.
    fn read(bytes: &[u8]) -> Result<Option<Self>, ClientError> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(begin) = response.parse(bytes).map_err(|_| no_http())?
        else {
            return Ok(None);
        };
        let length = response
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case("content-length"))
            .and_then(|header| {
                str::from_utf8(header.value)
                    .ok()?
                    .trim()
                    .parse::<usize>()
                    .ok()
            });
        let status = response
            .code
            .and_then(|code| StatusCode::from_u16(code).ok());
        let (Some(status), Some(length)) = (status, length) else {
            return Err(ClientError::Protocol {
                why: "an answer that does not say how long it is".to_owned(),
            });
        };
        if length > ANSWER_LIMIT {
            return Err(ClientError::Protocol {
                why: format!("more than {ANSWER_LIMIT} bytes"),
            });
        }
        Ok(Some(Self {
            status,
            begin,
            end: begin + length,
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::path::PathBuf;
    use std::thread;

    use serde_json::{Value, json};
    use tempfile::TempDir;
    use tokenkeep_keeper::home::{Home, Lock};

    use super::*;

    /// A client of the keeper in this folder, and the keeper's socket.
    fn client_in(folder: &TempDir) -> (AgentClient, PathBuf) {
        let client = AgentClient::new(&Home::at(folder.path())).unwrap();
        let socket = client.socket.clone();
        (client, socket)
    }

    /// Asks a keeper that answers in these pieces and then hangs up.
    fn answered(pieces: &[&str]) -> Result<Value, ClientError> {
        let folder = tempfile::tempdir().unwrap();
        let (client, path) = client_in(&folder);
        let listener = UnixListener::bind(&path).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                let mut asked = [0; 1024];
                let read = stream.read(&mut asked).unwrap();
                assert!(asked[..read].ends_with(b"\r\n\r\n{\"wait\":1}"));
                for piece in pieces {
                    // A client that was given nonsense may have gone.
                    let _ = stream.write_all(piece.as_bytes());
                }
            });
            let target = Target::new(["accounts", "work", "token"]);
            post(
                &client,
                &target,
                &json!({"wait": 1}),
                Duration::from_secs(20),
            )
        })
    }

    #[test]
    fn an_answer_is_read_however_it_is_cut() {
        let whole = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\": 1}\n";
        for cut in 1..whole.len() {
            let (head, tail) = whole.split_at(cut);
            assert_eq!(answered(&[head, tail]).unwrap(), json!({"a": 1}), "{cut}");
        }
    }

    #[test]
    fn a_long_answer_is_read_whole() {
        let text = "x".repeat(3 * USUAL_ANSWER);
        let body = json!({ "text": text }).to_string();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        assert_eq!(answered(&[&head, &body]).unwrap(), json!({ "text": text }));
    }

    #[test]
    fn an_error_is_told_in_the_words_of_the_keeper() {
        let body = r#"{"error":{"kind":"no_such_account","message":"There is none."}}"#;
        let head = format!(
            "HTTP/1.1 404 Not Found\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let error = answered(&[&head, body]).unwrap_err();
        assert!(matches!(error, ClientError::Keeper(error) if error.message == "There is none."));
        let error = answered(&["HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n"]).unwrap_err();
        assert!(matches!(error, ClientError::Protocol { why } if why.starts_with("status 500")));
    }

    #[test]
    fn an_answer_that_breaks_off_is_lost() {
        for pieces in [
            &[][..],
            &["HTTP/1.1 200"],
            &["HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}"],
        ] {
            assert!(matches!(answered(pieces), Err(ClientError::Lost)));
        }
    }

    #[test]
    fn what_is_not_an_answer_is_not_taken_for_one_and_not_quoted() {
        let long = "HTTP/1.1 200 OK\r\nplanted: ".to_owned() + &"x".repeat(USUAL_ANSWER);
        for nonsense in [
            "SSH-2.0-planted\r\n\r\n",
            &long,
            "HTTP/1.1 200 OK\r\nplanted: 1\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\ncontent-length: planted\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n\"planted\"",
        ] {
            let asked: Result<TokenOnly, _> = answered(&[nonsense]).and_then(|value| {
                serde_json::from_value(value).map_err(|_| ClientError::Protocol {
                    why: "another shape".to_owned(),
                })
            });
            let error = asked.unwrap_err();
            assert!(matches!(error, ClientError::Protocol { .. }), "{nonsense}");
            assert!(!error.to_string().contains("planted"), "{error}");
        }
    }

    #[derive(Debug, serde::Deserialize)]
    struct TokenOnly {
        #[expect(dead_code, reason = "only its absence matters")]
        access_token: String,
    }

    #[test]
    fn a_keeper_that_does_not_answer_is_waited_for_as_long_as_was_said() {
        let folder = tempfile::tempdir().unwrap();
        let (client, path) = client_in(&folder);
        let _listener = UnixListener::bind(&path).unwrap();
        let target = Target::new(["status"]);
        let limit = Duration::from_millis(50);
        let error = post::<Value>(&client, &target, &json!({}), limit).unwrap_err();
        assert!(matches!(error, ClientError::NoAnswer { after } if after == limit));
    }

    #[test]
    fn where_nobody_listens_no_keeper_runs() {
        let folder = tempfile::tempdir().unwrap();
        let (client, path) = client_in(&folder);
        let target = Target::new(["status"]);
        let error =
            post::<Value>(&client, &target, &json!({}), Duration::from_secs(1)).unwrap_err();
        assert!(matches!(error, ClientError::NotRunning { socket } if socket == path));
    }

    #[test]
    fn where_nobody_listens_although_a_keeper_runs_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (client, _) = client_in(&folder);
        let _lock = Lock::take(&client.home).unwrap();
        let target = Target::new(["status"]);
        let error =
            post::<Value>(&client, &target, &json!({}), Duration::from_secs(1)).unwrap_err();
        let own = std::process::id();
        assert!(matches!(error, ClientError::NotListening { pid, .. } if pid == Some(own)));
    }
}
