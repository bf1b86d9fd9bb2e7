//! A tap on the line to the provider: it hears every secret that goes over it.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use url::form_urlencoded;

/// Passes connections on to the provider, and keeps what it hears.
pub struct Wiretap {
    port: u16,
    heard: Messages,
}

/// What went over each connection in each direction. The program keeps no
/// connection alive, so each of them is one HTTP message.
type Messages = Arc<Mutex<Vec<Message>>>;
type Message = Arc<Mutex<Vec<u8>>>;

impl Wiretap {
    /// Listens on a port of its own and passes everything on to `target`.
    pub fn on(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let heard = Messages::default();
        let all = Arc::clone(&heard);
        // Ends with the test runner: it waits on its socket and does nothing else.
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else {
                    continue;
                };
                if let (Ok(to_client), Ok(to_server)) = (client.try_clone(), server.try_clone()) {
                    pass_on(client, to_server, begin(&all));
                    pass_on(server, to_client, begin(&all));
                }
            }
        });
        Self { port, heard }
    }

    /// The base URL at which the provider is reached through the tap.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every secret that went over the line so far, as `(what it is, itself)`.
    pub fn secrets(&self) -> BTreeSet<(String, String)> {
        lock(&self.heard)
            .iter()
            .flat_map(|message| secrets_in(&String::from_utf8_lossy(&lock(message))))
            .collect()
    }
}

fn begin(heard: &Messages) -> Message {
    let message = Message::default();
    lock(heard).push(Arc::clone(&message));
    message
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, message: Message) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            lock(&message).extend_from_slice(&buffer[..count]);
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        to.shutdown(Shutdown::Write).ok();
    });
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The secrets of an HTTP message: in its form or JSON body, and in the header
/// by which a client proves itself.
fn secrets_in(message: &str) -> Vec<(String, String)> {
    const NAMES: [&str; 6] = [
        "access_token",
        "refresh_token",
        "assertion",
        "code",
        "code_verifier",
        "token",
    ];
    let Some((head, body)) = message.split_once("\r\n\r\n") else {
        return Vec::new();
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_it = name.eq_ignore_ascii_case("content-length");
        is_it.then(|| value.trim().parse::<usize>().ok())?
    });
    if length != Some(body.len()) {
        return Vec::new();
    }
    let mut secrets: Vec<(String, String)> =
        if let Ok(Value::Object(json)) = serde_json::from_str(body) {
            let text = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
            json.into_iter().filter_map(text).collect()
        } else {
            form_urlencoded::parse(body.as_bytes())
                .into_owned()
                .collect()
        };
    secrets.retain(|(name, _)| NAMES.contains(&name.as_str()));
    secrets.extend(head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let value = value.trim().strip_prefix("Basic ")?;
        let is_it = name.eq_ignore_ascii_case("authorization");
        is_it.then(|| ("Basic header".to_owned(), value.to_owned()))
    }));
    secrets
}
