//! Whether this session has a keychain that can be used without asking anybody.

use std::process::Command;

use crate::command::output;

/// The keychain of this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SessionKeychain {
    Absent,
    Locked,
    Unlocked,
}

impl SessionKeychain {
    pub(super) fn of_this_session() -> Self {
        if cfg!(any(target_os = "macos", windows)) {
            return Self::Unlocked;
        }
        let locked = output(Command::new("dbus-send").args([
            "--session",
            "--print-reply=literal",
            "--reply-timeout=5000",
            "--dest=org.freedesktop.secrets",
            "/org/freedesktop/secrets/aliases/default",
            "org.freedesktop.DBus.Properties.Get",
            "string:org.freedesktop.Secret.Collection",
            "string:Locked",
        ]));
        match locked {
            Ok(reply) if reply.contains("false") => Self::Unlocked,
            Ok(_) => Self::Locked,
            Err(_) => Self::Absent,
        }
    }

    /// What a keeper is to be started with.
    pub(super) fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Unlocked => &[],
            Self::Absent | Self::Locked => &["--vault", "memory"],
        }
    }

    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Unlocked => {
                "Secrets are kept in this session's keychain, and removed at the end."
            }
            Self::Locked => {
                "This session's keychain is locked, so secrets are kept in memory only."
            }
            Self::Absent => {
                "There is no keychain in this session, so secrets are kept in memory only."
            }
        }
    }
}
