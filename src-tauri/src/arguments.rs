//! What the program is started with.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use tokenkeep_keeper::home::HOME_SETTING;
use tokenkeep_keeper::vault::VaultKind;

/// Keeps OAuth access tokens fresh, from the tray.
///
/// Started without options it opens its window; started again, it opens the window of the one that runs already. The
/// command `tokenkeep` asks it for tokens.
#[derive(Parser)]
#[command(name = "tokenkeep-desktop", version)]
pub(crate) struct Arguments {
    /// Start in the tray, without a window
    #[arg(long)]
    hidden: bool,
    /// Where secrets rest
    #[arg(long, value_enum, default_value_t = VaultKind::Keychain)]
    vault: VaultKind,
    /// Keep configuration, journal and socket in this folder, as with TOKENKEEP_HOME
    #[arg(long, value_name = "FOLDER")]
    home: Option<PathBuf>,
    /// Be a window of the tray that started this process
    #[arg(long, value_enum, hide = true)]
    window: Option<WindowKind>,
}

/// What this process is.
pub(crate) enum Role {
    /// The one that keeps the tokens.
    Tray(TrayOptions),
    /// A window of the tray.
    Window(WindowKind),
}

/// How the tray starts.
#[derive(Clone, Debug)]
pub(crate) struct TrayOptions {
    /// Without a window.
    pub(crate) hidden: bool,
    /// Where secrets rest.
    pub(crate) vault: VaultKind,
    /// The folder of the whole home, if it is not in the platform's usual folders.
    pub(crate) home: Option<PathBuf>,
}

/// Which window a process shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WindowKind {
    /// The main window
    Main,
    /// One sign-in
    SignIn,
}

impl WindowKind {
    /// The value of `--window`.
    pub(crate) fn as_argument(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::SignIn => "sign-in",
        }
    }
}

impl Arguments {
    pub(crate) fn read() -> Self {
        Self::parse()
    }

    pub(crate) fn role(self) -> Role {
        match self.window {
            Some(kind) => Role::Window(kind),
            None => Role::Tray(TrayOptions {
                hidden: self.hidden,
                vault: self.vault,
                // At login the working folder is another one.
                home: self
                    .home
                    .or_else(home_setting)
                    .map(|home| std::path::absolute(&home).unwrap_or(home)),
            }),
        }
    }
}

/// The folder that the environment names.
fn home_setting() -> Option<PathBuf> {
    let folder = std::env::var_os(HOME_SETTING).filter(|folder| !folder.is_empty())?;
    Some(folder.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_named_as_the_arguments_have_it() {
        for kind in [WindowKind::Main, WindowKind::SignIn] {
            let arguments =
                Arguments::parse_from(["tokenkeep-desktop", "--window", kind.as_argument()]);
            assert!(matches!(arguments.role(), Role::Window(read) if read == kind));
        }
    }

    #[test]
    fn without_arguments_the_tray_opens_its_window() {
        let arguments = Arguments::parse_from(["tokenkeep-desktop"]);
        assert!(matches!(arguments.role(), Role::Tray(options) if !options.hidden));
    }
}
