//! One type per kind of secret, so that they are not mixed up and never printed.
//!
//! None can be serialised: code that stores a secret has to call `expose()`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use crate::fingerprint::Fingerprint;

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Wiped from memory when dropped, compared in constant time, printed as stars.
        #[derive(Clone, Deserialize)]
        #[serde(transparent)]
        pub struct $name(SecretString);

        impl $name {
            /// Takes ownership of the secret.
            pub fn new(secret: impl Into<String>) -> Self {
                Self(SecretString::from(secret.into()))
            }

            /// The secret itself, to send it, to store it in the vault, or to hand it to a reader.
            pub fn expose(&self) -> &str {
                self.0.expose_secret()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(****)"))
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
            }
        }

        impl Eq for $name {}
    };
}

secret!(
    /// An access token (RFC 6749 section 1.4).
    AccessToken
);
secret!(
    /// A refresh token (RFC 6749 section 1.5).
    RefreshToken
);
secret!(
    /// A JWT that is used as an authorization grant (RFC 7523 section 2.1). RingCentral issues it
    /// itself.
    Assertion
);
secret!(
    /// The secret of a confidential client (RFC 6749 section 2.3.1).
    ClientSecret
);
secret!(
    /// The code in the redirect of a sign-in; it can be exchanged once (RFC 6749 section 4.1.2).
    AuthorizationCode
);
secret!(
    /// The proof that the code is exchanged by the client that requested it (RFC 7636 section 4.1).
    PkceVerifier
);

impl AccessToken {
    /// The token's fingerprint, for places where the token itself must not appear.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.expose())
    }
}

impl Assertion {
    /// When the assertion expires, by its own `exp` (RFC 7519 section 4.1.4). None where it has
    /// none that can be read.
    ///
    /// The signature is not verified, which is up to the provider. The time only serves to warn a
    /// person before it.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        #[derive(Deserialize)]
        struct Expiry {
            exp: serde_json::Number,
        }

        let payload = self.expose().trim().split('.').nth(1)?;
        let json = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        let Expiry { exp } = serde_json::from_slice(&json).ok()?;
        // A NumericDate may have a fraction; the cast saturates and `from_timestamp` checks.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, then is range-checked"
        )]
        let seconds = exp.as_i64().or_else(|| exp.as_f64().map(|s| s as i64))?;
        DateTime::from_timestamp(seconds, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assertion(payload: &str) -> Assertion {
        let payload = URL_SAFE_NO_PAD.encode(payload);
        Assertion::new(format!("eyJhbGciOiJSUzI1NiJ9.{payload}.c2lnbmF0dXJl"))
    }

    #[test]
    fn debug_prints_stars() {
        assert_eq!(
            format!("{:?}", AccessToken::new("U0pDMTFQ")),
            "AccessToken(****)"
        );
        assert_eq!(
            format!("{:?}", Some(ClientSecret::new("s"))),
            "Some(ClientSecret(****))"
        );
    }

    #[test]
    fn equal_secrets_are_equal_and_others_are_not() {
        assert_eq!(RefreshToken::new("abc"), RefreshToken::new("abc"));
        assert_ne!(RefreshToken::new("abc"), RefreshToken::new("abd"));
        assert_ne!(RefreshToken::new("abc"), RefreshToken::new("ab"));
    }

    #[test]
    fn an_assertion_says_when_it_expires() {
        let ends = DateTime::from_timestamp(1_900_000_000, 0);
        assert_eq!(
            assertion(r#"{"sub":"1","exp":1900000000}"#).expires_at(),
            ends
        );
        assert_eq!(assertion(r#"{"exp":1900000000.75}"#).expires_at(), ends);
    }

    #[test]
    fn an_assertion_without_a_readable_expiry_has_none() {
        assert_eq!(assertion(r#"{"sub":"1"}"#).expires_at(), None);
        assert_eq!(assertion(r#"{"exp":"soon"}"#).expires_at(), None);
        assert_eq!(assertion(r#"{"exp":1e300}"#).expires_at(), None);
        assert_eq!(assertion("not json").expires_at(), None);
        assert_eq!(Assertion::new("no dots at all").expires_at(), None);
        assert_eq!(Assertion::new("a.%%%.c").expires_at(), None);
        assert_eq!(Assertion::new("").expires_at(), None);
    }
}
