//! The agent's socket, spoken to as `curl --unix-socket` does.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use serde_json::Value;

use crate::{Home, Reply};

impl Home {
    /// Sends one request to the keeper and reads the answer.
    #[track_caller]
    pub fn ask(&self, method: &str, path: &str, body: &str) -> Reply {
        let reply = self.try_to_ask(method, path, body);
        reply.unwrap_or_else(|e| panic!("the keeper does not answer {method} {path}: {e}"))
    }

    /// As [`Home::ask`], where the keeper may be gone or end meanwhile.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub fn try_to_ask(&self, method: &str, path: &str, body: &str) -> io::Result<Reply> {
        let mut stream = UnixStream::connect(self.folder().join("agent.sock"))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        reply_in(&answer).ok_or(io::ErrorKind::UnexpectedEof.into())
    }

    /// Connects to the keeper, for one request after another.
    ///
    /// # Panics
    /// When nobody listens.
    pub fn connect_and_stay(&self) -> Connection {
        Connection(BufReader::new(self.connect_idly()))
    }

    /// Asks for a token over the socket.
    #[track_caller]
    pub fn ask_for_token(&self, name: &str) -> Reply {
        self.ask("POST", &format!("/v1/accounts/{name}/token"), "{}")
    }
}

/// A connection that is kept from request to request.
pub struct Connection(BufReader<UnixStream>);

impl Connection {
    /// The body of the answer to a request without one.
    #[track_caller]
    pub fn get(&mut self, path: &str) -> String {
        self.ask("GET", path, "")
    }

    /// The body of the answer to a request.
    #[track_caller]
    pub fn post(&mut self, path: &str, body: &str) -> String {
        self.ask("POST", path, body)
    }

    /// The fingerprint of an account's current token.
    #[track_caller]
    pub fn fingerprint(&mut self, name: &str) -> String {
        let account = self.get(&format!("/v1/accounts/{name}"));
        let account: Value = serde_json::from_str(&account).expect("it is JSON");
        account["fingerprint"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    #[track_caller]
    fn ask(&mut self, method: &str, path: &str, body: &str) -> String {
        let answer = self.try_to_ask(method, path, body);
        answer.unwrap_or_else(|e| panic!("the keeper does not answer {method} {path}: {e}"))
    }

    fn try_to_ask(&mut self, method: &str, path: &str, body: &str) -> io::Result<String> {
        let length = body.len();
        let stream = self.0.get_mut();
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let (mut length, mut line) = (0, String::new());
        while line != "\r\n" {
            line.clear();
            if self.0.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some((_, value)) = line
                .split_once(':')
                .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        String::from_utf8(body).map_err(io::Error::other)
    }
}

/// An HTTP answer; none where it is not whole.
fn reply_in(answer: &str) -> Option<Reply> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let (_, length) = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    (length.trim().parse() == Ok(body.len())).then_some(())?;
    Some(Reply {
        status: head.split_whitespace().nth(1)?.parse().ok()?,
        location: None,
        body: body.to_owned(),
    })
}
