//! One type per kind of secret, so that none is taken for another and none is printed.
//!
//! None of them can be serialised: whoever stores a secret says so with `expose()`.

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
            /// Takes the secret over.
            pub fn new(secret: impl Into<String>) -> Self {
                Self(SecretString::from(secret.into()))
            }

            /// The secret itself: for the wire, the vault, or the reader it is meant for.
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
    /// What opens a provider's API (RFC 6749 section 1.4).
    AccessToken
);
secret!(
    /// What the next token set is obtained with (RFC 6749 section 1.5).
    RefreshToken
);
secret!(
    /// A JWT that stands for a person's consent (RFC 7523 section 2.1); minted by the provider
    /// in RingCentral's case.
    Assertion
);
secret!(
    /// What a confidential client proves itself with (RFC 6749 section 2.3.1).
    ClientSecret
);
secret!(
    /// What the redirect of a sign-in carries, to be exchanged once (RFC 6749 section 4.1.2).
    AuthorizationCode
);
secret!(
    /// What shows that the code is exchanged by whoever asked for it (RFC 7636 section 4.1).
    PkceVerifier
);

impl AccessToken {
    /// The name by which this token may be spoken of where the token itself may not.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.expose())
    }
}

impl Assertion {
    /// When the assertion ends, as it says itself in `exp` (RFC 7519 section 4.1.4).
    ///
    /// Read without verifying the signature, which is the provider's business: it only serves to
    /// tell a person in time. `None` where there is no `exp`, or none that can be read.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        #[derive(Deserialize)]
        struct Claims {
            exp: serde_json::Number,
        }

        let payload = self.expose().trim().split('.').nth(1)?;
        let json = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        let Claims { exp } = serde_json::from_slice(&json).ok()?;
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
    fn an_assertion_says_when_it_ends() {
        let ends = DateTime::from_timestamp(1_900_000_000, 0);
        assert_eq!(
            assertion(r#"{"sub":"1","exp":1900000000}"#).expires_at(),
            ends
        );
        assert_eq!(assertion(r#"{"exp":1900000000.75}"#).expires_at(), ends);
    }

    #[test]
    fn an_assertion_without_a_readable_end_has_none() {
        assert_eq!(assertion(r#"{"sub":"1"}"#).expires_at(), None);
        assert_eq!(assertion(r#"{"exp":"soon"}"#).expires_at(), None);
        assert_eq!(assertion(r#"{"exp":1e300}"#).expires_at(), None);
        assert_eq!(assertion("not json").expires_at(), None);
        assert_eq!(Assertion::new("no dots at all").expires_at(), None);
        assert_eq!(Assertion::new("a.%%%.c").expires_at(), None);
        assert_eq!(Assertion::new("").expires_at(), None);
    }
}
