//! Reading the arguments: those of `get` without describing all other commands first.

use std::ffi::OsString;

use clap::{Args as _, FromArgMatches as _, Parser as _};

use crate::arguments::Tokenkeep;
use crate::commands::get::GetArgs;
use crate::commands::{ClientCommand, Command};

/// What they ask for. Where they ask for help or are wrong, this says so and ends the process.
pub(crate) fn read(arguments: impl Iterator<Item = OsString>) -> Command {
    let arguments: Vec<_> = arguments.collect();
    let read = match arguments.get(1) {
        Some(name) if name == "get" => {
            get(&arguments[1..]).map(|get| Command::Client(ClientCommand::Get(get)))
        }
        _ => Tokenkeep::try_parse_from(arguments).map(|whole| whole.command),
    };
    read.unwrap_or_else(|error| error.exit())
}

/// `get` alone, because describing all other commands takes longer than reading it.
fn get(arguments: &[OsString]) -> Result<GetArgs, clap::Error> {
    let mut command = GetArgs::augment_args(clap::Command::new("get"))
        .version(env!("CARGO_PKG_VERSION"))
        .display_name("tokenkeep-get")
        .bin_name("tokenkeep get");
    let mut found = command.try_get_matches_from_mut(arguments)?;
    GetArgs::from_arg_matches_mut(&mut found).map_err(|error| error.format(&mut command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn get_is_read_alone_as_it_is_among_the_others() {
        for rest in [
            "--help",
            "-h",
            "--version",
            "",
            "a/b",
            "work --nonsense",
            "work --min-validity soon",
            "work --label nightly",
            "work --header --json",
            "work too",
        ] {
            let typed = format!("tokenkeep get {rest}");
            let words: Vec<_> = typed.split_whitespace().map(OsString::from).collect();
            let alone = get(&words[1..]).err().map(|error| error.to_string());
            let among = Tokenkeep::try_parse_from(&words).err();
            assert_eq!(alone, among.map(|error| error.to_string()), "{typed}");
            assert!(alone.is_some(), "{typed}");
        }
        let good = ["get", "work", "--min-validity", "5m", "--header"];
        assert!(get(&good.map(OsString::from)).is_ok());
    }
}
