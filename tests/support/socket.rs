//! The agent's socket, spoken to as `curl --unix-socket` does.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

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

    /// Asks for a token over the socket.
    #[track_caller]
    pub fn ask_for_token(&self, name: &str) -> Reply {
        self.ask("POST", &format!("/v1/accounts/{name}/token"), "{}")
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
