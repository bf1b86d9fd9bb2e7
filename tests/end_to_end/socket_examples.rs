//! The examples in the README of the crate `agent` work, and show what the socket answers.

use std::time::Duration;

use serde_json::{Value, json};
use tokenkeep_tests::{Bus, Home, Keeper, Output, Provider, eventually};

const README: &str = include_str!("../../src-tauri/crates/agent/README.md");
const LIMIT: Duration = Duration::from_secs(20);

/// The provider's address in the examples; here it has another port.
const PROVIDER: &str = "http://127.0.0.1:8642";

/// The strings that are the same wherever an example is run. The state of an account is not: one that was just added
/// may be loading still.
const WORDS: [&str; 10] = [
    "account",
    "end",
    "event",
    "field",
    "grant",
    "happening",
    "kind",
    "method",
    "name",
    "step",
];

/// A command, and what it is said to print.
struct Example {
    command: String,
    shown: String,
}

#[test]
fn every_example_in_the_readme_of_the_socket_prints_what_it_shows() {
    let bus = Bus::with_keyring();
    let mut home = Home::on(&bus);
    let socket = home.folder().join("agent.sock").display().to_string();
    home.set("SOCKET", &socket);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);

    let examples = examples();
    assert!(examples.len() >= 12, "only {} were found", examples.len());
    for Example { command, shown } in examples {
        let command = command.replace(PROVIDER, provider.env("RC_SERVER_URL"));
        let output = run(&home, &command);
        let printed = output.succeeded();
        assert_eq!(
            shapes(&printed),
            shapes(&shown),
            "on the left what this printed, on the right what the README shows\n{output}"
        );
    }
}

/// Runs one to its end. Where it listens, something happens again and again.
fn run(home: &Home, command: &str) -> Output {
    if !command.contains("/v1/events") {
        return home.run("sh", &["-c", command], "");
    }
    let mut listener = home.start_program("sh", &["-c", command]);
    let lease = json!({ "lease": { "length": 600, "label": "nightly" } }).to_string();
    eventually("the listener has heard enough", LIMIT, || {
        home.ask("POST", "/v1/accounts/work/token", &lease);
        (!listener.is_running()).then_some(())
    });
    listener.finish(LIMIT)
}

/// Those in blocks of the kind `console`.
fn examples() -> Vec<Example> {
    let blocks = README.split("```console\n").skip(1);
    let blocks = blocks.map(|rest| rest.split_once("```").expect("it ends").0);
    blocks
        .flat_map(|block| block.split("$ ").skip(1).map(example))
        .collect()
}

/// A command goes on while a quote is open.
fn example(text: &str) -> Example {
    let ends = text.match_indices('\n').map(|(at, _)| at);
    let is_whole = |at: &usize| text[..*at].matches('\'').count().is_multiple_of(2);
    let end = ends.into_iter().find(is_whole).expect("it has an end");
    Example {
        command: text[..end].to_owned(),
        shown: text[end..].to_owned(),
    }
}

/// What JSON there is, in its order, with placeholders for what differs from run to run.
fn shapes(text: &str) -> Vec<Value> {
    let lines = text.lines().map(|line| match line.strip_prefix("event: ") {
        Some(event) => format!("\"event: {event}\""),
        None => line.trim_start_matches("data: ").to_owned(),
    });
    let lines = lines.collect::<Vec<_>>().join("\n");
    let values = serde_json::Deserializer::from_str(&lines).into_iter::<Value>();
    values
        .map(|value| shape(&value.expect("it is JSON")))
        .collect()
}

fn shape(value: &Value) -> Value {
    match value {
        Value::String(text) if !text.starts_with("event: ") => "some text".into(),
        Value::Number(_) => "a number".into(),
        // How many there are may differ, too.
        Value::Array(items) => items.iter().take(1).map(shape).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), shape_of_field(key, value)))
            .collect(),
        other => other.clone(),
    }
}

fn shape_of_field(key: &str, value: &Value) -> Value {
    match value {
        Value::String(_) if WORDS.contains(&key) => value.clone(),
        Value::String(text) if key == "message" => without_numbers(text).into(),
        _ => shape(value),
    }
}

/// A message. Only its numbers and fingerprints differ from run to run.
fn without_numbers(text: &str) -> String {
    let has_digit = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    let words = text
        .split(' ')
        .map(|word| if has_digit(word) { "#" } else { word });
    words.collect::<Vec<_>>().join(" ")
}
