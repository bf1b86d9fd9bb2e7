//! Writes secrets into bodies. Nothing else writes them.

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Serialize as _, Serializer};
use tokenkeep_oauth::AccessToken;

pub(super) fn exposed<S: Serializer>(
    token: &AccessToken,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

pub(super) fn exposed_token<S: Serializer>(
    token: &Option<AccessToken>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    token
        .as_ref()
        .map(AccessToken::expose)
        .serialize(serializer)
}

pub(super) fn exposed_text<S: Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret
        .as_ref()
        .map(|secret| secret.expose_secret())
        .serialize(serializer)
}

pub(super) fn exposed_secret<S: Serializer>(
    secret: &SecretString,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}
