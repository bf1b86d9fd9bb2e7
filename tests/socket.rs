//! The agent's socket, spoken to as `curl --unix-socket` does.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::{Home, Reply};

impl Home {
    /// Sends one request to the keeper and reads the answer.
    #[track_caller]
    pub fn ask(&self, method: &str, path: &str, body: &str) -> Reply {
        let socket = self.folder().join("agent.sock");
        let mut stream = UnixStream::connect(&socket)
            .unwrap_or_else(|e| panic!("{} cannot be connected to: {e}", socket.display()));
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .expect("it is not zero");
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .expect("the keeper reads");
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .expect("the keeper answers, in UTF-8");
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("this is no HTTP: {answer}"));
        Reply {
            status: head
                .split_whitespace()
                .nth(1)
                .and_then(|status| status.parse().ok())
                .unwrap_or_else(|| panic!("no status: {head}")),
            location: None,
            body: body.to_owned(),
        }
    }

    /// Asks for a token over the socket.
    #[track_caller]
    pub fn ask_for_token(&self, name: &str) -> Reply {
        self.ask("POST", &format!("/v1/accounts/{name}/token"), "{}")
    }
}
