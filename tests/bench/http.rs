//! HTTP on connections that stay open, with as little in between as can be: what is measured is who answers.

use std::io::{self, Read, Write};
use std::ops::Range;

use memchr::memmem;
use serde_json::Value;

/// A connection that is asked one thing after another.
pub(crate) struct Connection<S> {
    stream: S,
    answer: Vec<u8>,
}

/// An answer.
pub(crate) struct Answer<'c> {
    pub(crate) status: u16,
    pub(crate) body: &'c [u8],
}

impl Answer<'_> {
    /// The body as JSON, null where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(self.body).unwrap_or_default()
    }
}

impl<S: Read + Write> Connection<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            answer: Vec::with_capacity(4096),
        }
    }

    /// The stream itself.
    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }

    /// Asks, and waits for the whole answer.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn ask(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.send(request)?;
        self.answer()
    }

    /// Waits for the whole answer to what was asked.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn answer(&mut self) -> io::Result<Answer<'_>> {
        while whole(&self.answer).is_none() {
            self.receive()?;
        }
        self.whole_answer().ok_or(io::ErrorKind::InvalidData.into())
    }

    /// Asks. What was answered before is gone.
    ///
    /// # Errors
    /// When the other side has gone.
    pub(crate) fn send(&mut self, request: &[u8]) -> io::Result<()> {
        self.answer.clear();
        self.stream.write_all(request)
    }

    /// Takes what has come.
    ///
    /// # Errors
    /// When the other side has gone.
    pub(crate) fn receive(&mut self) -> io::Result<()> {
        let mut chunk = [0; 4096];
        match self.stream.read(&mut chunk)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                self.answer.extend_from_slice(&chunk[..read]);
                Ok(())
            }
        }
    }

    /// The answer, if it has come as a whole.
    pub(crate) fn whole_answer(&self) -> Option<Answer<'_>> {
        let (status, body) = whole(&self.answer)?;
        Some(Answer {
            status,
            body: &self.answer[body],
        })
    }
}

/// A request as it travels; each of the lines in `headers` ends with a line break of HTTP.
pub(crate) fn request(method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The status of an answer and where its body is; none where something is still to come.
fn whole(answer: &[u8]) -> Option<(u16, Range<usize>)> {
    let body = memmem::find(answer, b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&answer[..body]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    let end = body + length.1.trim().parse::<usize>().ok()?;
    (answer.len() >= end).then_some((status, body..end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is() {
        let answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\ndate: x\r\n\r\n{}";
        for end in 0..answer.len() {
            assert!(whole(&answer[..end]).is_none(), "{end}");
        }
        let (status, body) = whole(answer).unwrap();
        assert_eq!((status, &answer[body]), (404, &b"{}"[..]));
    }
}
