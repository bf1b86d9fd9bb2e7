//! Wrong input of every kind is named, and nothing that is kept is lost by it.

mod arguments;
mod configuration;
mod env_files;
mod requests;
mod secrets;

use tokenkeep_tests::Home;

/// The command is refused, and its words name what is wrong.
#[track_caller]
fn is_refused(home: &Home, arguments: &[&str], input: &str, code: i32, words: &[&str]) {
    let refused = home.tokenkeep_with_input(arguments, input);
    refused.exited(code);
    assert_eq!(refused.stdout, "", "{refused}");
    for word in words {
        assert!(refused.stderr.contains(word), "no {word:?} in\n{refused}");
    }
}

/// The words of a command line as a shell takes them; quotes are around whole words.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('\'').enumerate();
    parts
        .flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        })
        .collect()
}
