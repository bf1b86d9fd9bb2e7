//! The event stream, as a client reads it (server-sent events, HTML Standard section 9.2).

use tokenkeep_keeper::keeper::Happening;

use super::error::ClientError;
use super::exchange::OpenResponse;

/// The events of a keeper, from when they were asked for.
pub struct Events {
    response: OpenResponse,
    lines: Lines,
}

impl Events {
    pub(super) fn of(response: OpenResponse) -> Self {
        Self {
            response,
            lines: Lines::default(),
        }
    }

    /// The next event; none when the keeper has ended.
    ///
    /// # Errors
    /// [`ClientError::Protocol`] if the stream is not one of a keeper of this version.
    pub async fn next(&mut self) -> Result<Option<Happening>, ClientError> {
        loop {
            while let Some(message) = self.lines.message() {
                if let Some(happening) = message.happening()? {
                    return Ok(Some(happening));
                }
            }
            let Some(chunk) = self.response.chunk().await else {
                return Ok(None);
            };
            self.lines.waiting.extend_from_slice(&chunk);
        }
    }
}

/// What was received and not read yet.
#[derive(Default)]
struct Lines {
    waiting: Vec<u8>,
    unfinished: SseMessage,
}

/// One message of the stream. Its event type is not kept: the text says which happening it is.
#[derive(Default)]
struct SseMessage {
    text: String,
}

impl Lines {
    /// The next message that is whole.
    fn message(&mut self) -> Option<SseMessage> {
        loop {
            let end = self.waiting.iter().position(|&byte| byte == b'\n')?;
            let line: Vec<u8> = self.waiting.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\r', '\n']);
            if line.is_empty() {
                return Some(std::mem::take(&mut self.unfinished));
            }
            self.unfinished.add(line);
        }
    }
}

impl SseMessage {
    fn add(&mut self, line: &str) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        // The others are comments, which show that the keeper lives, and what we have no use for.
        if field == "data" {
            if !self.text.is_empty() {
                self.text.push('\n');
            }
            self.text.push_str(value);
        }
    }

    /// None if there is nothing in it.
    fn happening(&self) -> Result<Option<Happening>, ClientError> {
        if self.text.is_empty() {
            return Ok(None);
        }
        serde_json::from_str(&self.text)
            .map(Some)
            .map_err(|error| ClientError::Protocol {
                why: format!("an event that does not fit, at column {}", error.column()),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REMOVED: &str = r#"{"happening":"removed","body":"work"}"#;

    fn read(lines: &mut Lines, text: &str) -> Vec<Happening> {
        lines.waiting.extend_from_slice(text.as_bytes());
        std::iter::from_fn(|| lines.message())
            .filter_map(|message| message.happening().unwrap())
            .collect()
    }

    #[test]
    fn an_event_is_read_however_it_is_cut() {
        let text = format!(": alive\n\nevent: removed\r\ndata: {REMOVED}\r\n\r\n");
        for cut in 0..text.len() {
            let mut lines = Lines::default();
            let mut events = read(&mut lines, &text[..cut]);
            events.extend(read(&mut lines, &text[cut..]));
            assert!(matches!(&events[..], [Happening::Removed(name)] if name.as_str() == "work"));
        }
    }

    #[test]
    fn what_was_missed_is_counted() {
        let text = "event: missed\ndata: {\"happening\":\"missed\",\"body\":3}\n\n";
        let events = read(&mut Lines::default(), text);
        assert!(matches!(events[..], [Happening::Missed(3)]));
    }

    #[test]
    fn an_event_of_another_version_is_an_error_that_quotes_nothing() {
        let mut lines = Lines::default();
        lines
            .waiting
            .extend_from_slice(b"data: {\"happening\":\"planted\"}\n\n");
        let error = lines
            .message()
            .unwrap()
            .happening()
            .unwrap_err()
            .to_string();
        assert!(!error.contains("planted"), "{error}");
    }
}
