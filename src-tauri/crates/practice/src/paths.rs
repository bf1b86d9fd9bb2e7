//! Where everything is served.

use serde::{Deserialize, Serialize};

pub(crate) const AUTHORIZE: &str = "/restapi/oauth/authorize";
pub(crate) const TOKEN: &str = "/restapi/oauth/token";
pub(crate) const REVOKE: &str = "/restapi/oauth/revoke";
pub(crate) const RESOURCE: &str = "/restapi/v1.0/account/~/extension/~";

pub(crate) const STATUS: &str = "/";
pub(crate) const SIGN_IN: &str = "/practice/sign-in";
pub(crate) const CONSENT: &str = "/practice/consent";
pub(crate) const END: &str = "/practice/end";

pub(crate) const FAULTS: &str = "/practice/faults";
pub(crate) const AWAY: &str = "/practice/away";
pub(crate) const END_SESSION: &str = "/practice/end-session";
pub(crate) const COUNTS: &str = "/practice/counts";
pub(crate) const JWT: &str = "/practice/jwt";

const ALL: [&str; 13] = [
    AUTHORIZE,
    TOKEN,
    REVOKE,
    RESOURCE,
    STATUS,
    SIGN_IN,
    CONSENT,
    END,
    FAULTS,
    AWAY,
    END_SESSION,
    COUNTS,
    JWT,
];

/// The path for the log: one of ours, never what a client wrote, because that could hold a secret.
pub(crate) fn loggable(path: &str) -> &'static str {
    ALL.into_iter()
        .find(|known| *known == path)
        .unwrap_or("(unknown path)")
}

/// An endpoint that a client of OAuth talks to, and that can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Endpoint {
    /// `/restapi/oauth/authorize`
    Authorize,
    /// `/restapi/oauth/token`
    Token,
    /// `/restapi/oauth/revoke`
    Revoke,
    /// `/restapi/v1.0/account/~/extension/~`
    Resource,
}

impl Endpoint {
    pub(crate) fn at(path: &str) -> Option<Self> {
        match path {
            AUTHORIZE => Some(Self::Authorize),
            TOKEN => Some(Self::Token),
            REVOKE => Some(Self::Revoke),
            RESOURCE => Some(Self::Resource),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Token => "token",
            Self::Revoke => "revoke",
            Self::Resource => "resource",
        }
    }
}
