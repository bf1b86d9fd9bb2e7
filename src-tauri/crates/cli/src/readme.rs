//! Compares the tables in this crate's README with the program.

use std::path::Path;

use clap::{Arg, Command, CommandFactory as _};

use crate::arguments::Tokenkeep;

/// If this is set in the environment, the tables are written instead of compared.
const UPDATE: &str = "UPDATE_README";

#[test]
fn the_readme_lists_every_command_and_every_exit_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let found = std::fs::read_to_string(&path).unwrap();
    let mut program = Tokenkeep::command();
    program.build();
    let right = with_section(&found, "commands", &commands(&program));
    let right = with_section(&right, "exit codes", &exit_codes(&program));
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, right).unwrap();
        return;
    }
    assert!(
        found == right,
        "{} differs from the program. Update it with: {UPDATE}=1 cargo test -p tokenkeep-cli --lib readme\n\n\
         It should be:\n\n{right}",
        path.display()
    );
}

/// The text with `content` between the two comments that mark the section.
fn with_section(text: &str, section: &str, content: &str) -> String {
    let begin = format!("<!-- {section}: written by a test -->\n");
    let (before, rest) = text.split_once(&begin).unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    format!("{before}{begin}{content}<!-- end -->{after}")
}

fn commands(program: &Command) -> String {
    let mut table = "| command | what it does | options |\n|---|---|---|\n".to_owned();
    let mut commands: Vec<_> = program.get_subcommands().collect();
    commands.sort_by_key(|command| command.get_display_order());
    for command in commands {
        let mut usage = format!("tokenkeep {}", command.get_name());
        for argument in command.get_positionals() {
            usage += &format!(" {}", positional(argument));
        }
        let about = command.get_about().unwrap().to_string();
        let options = command.get_arguments();
        let options = options.filter(|it| !it.is_positional() && !is_everywhere(it));
        let options: Vec<_> = options.map(option).collect();
        table += &format!("| `{usage}` | {about} | {} |\n", options.join(" "));
    }
    table
}

/// `--help` and `--version`.
fn is_everywhere(argument: &Arg) -> bool {
    ["help", "version"].contains(&argument.get_id().as_str())
}

fn positional(argument: &Arg) -> String {
    let name = value_name(argument);
    if argument.is_last_set() {
        format!("-- {name}…")
    } else if argument.is_required_set() {
        name
    } else {
        format!("[{name}]")
    }
}

fn option(argument: &Arg) -> String {
    let long = argument.get_long().unwrap();
    let choices = argument.get_possible_values();
    let choices: Vec<_> = choices.iter().map(|choice| choice.get_name()).collect();
    if !argument.get_action().takes_values() {
        format!("`--{long}`")
    } else if choices.is_empty() {
        format!("`--{long} {}`", value_name(argument))
    } else {
        // A bar would end the cell.
        format!("`--{long} {}`", choices.join("\\|"))
    }
}

fn value_name(argument: &Arg) -> String {
    match argument.get_value_names() {
        Some([name, ..]) => name.to_string(),
        _ => argument.get_id().as_str().to_uppercase(),
    }
}

/// Those that the help of the program and of `exec` lists: lines such as `  5  no valid token right now`.
fn exit_codes(program: &Command) -> String {
    let exec = program.find_subcommand("exec").unwrap();
    let texts = [program, exec].map(|command| command.get_after_help().unwrap().to_string());
    let lines = texts.iter().flat_map(|text| text.lines());
    let mut codes: Vec<(u8, &str)> = lines
        .filter_map(|line| line.strip_prefix("  ")?.split_once("  "))
        .filter_map(|(code, meaning)| Some((code.parse().ok()?, meaning)))
        .collect();
    codes.sort_unstable();
    let rows = codes
        .iter()
        .map(|(code, meaning)| format!("| {code} | {meaning} |\n"));
    "| exit code | meaning |\n|---|---|\n".to_owned() + &rows.collect::<String>()
}
