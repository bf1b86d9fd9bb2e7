//! Why a `.env` file cannot be used.

use std::path::PathBuf;

/// Why a `.env` file cannot be used. Values are never quoted: they may be secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvFileError {
    /// It cannot be read.
    #[error("The file {path} cannot be read ({why}). Nothing was added.")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not, as a clause.
        why: String,
    },
    /// A line of it cannot be understood.
    #[error("The file {path} is wrong in line {line}: {why}. Nothing was added.")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong, as a clause; with the variable's name where it has one.
        why: String,
    },
    /// Something is missing in it.
    #[error("The file {path} does not hold what it takes to sign in. {needed} Nothing was added.")]
    Missing {
        /// The file.
        path: PathBuf,
        /// What is missing, and what it is needed for.
        needed: Needed,
    },
}

/// A variable that signing in needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Needed {
    /// The client id.
    #[error(
        "RC_APP_CLIENT_ID is missing or empty, and without a client id nobody can sign in. Copy it from the app's page."
    )]
    ClientId,
    /// The JWT credential, for signing in with one.
    #[error(
        "RC_USER_JWT is missing or empty, and signing in with a JWT needs a JWT credential. Create one in the developer console."
    )]
    Assertion,
    /// The client secret, for signing in with a JWT.
    #[error(
        "RC_APP_CLIENT_SECRET is missing or empty, and signing in with a JWT needs the client's secret. Copy it from the app's page."
    )]
    ClientSecret,
    /// The redirect URI, for signing in with a browser.
    #[error(
        "RC_REDIRECT_URL is missing or empty, and signing in with a browser needs one that is registered for the app (RC_USER_JWT is not used)."
    )]
    RedirectUri,
}
