//! JWT credentials of the practice users, as a developer console would have minted them.
//!
//! They are made from the user's number alone, so that an `.env` stays valid when the provider is restarted. The
//! signature has the size of an RS256 signature, but is only a digest with a published key: nothing here is secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::users::UserId;

const ISSUER: &str = "https://practice.example";
const AUDIENCE: &str = "https://practice.example/restapi/oauth/token";
const KEY: &[u8] = b"everybody knows the key of the practice provider";
/// The time in every practice credential. It is fixed, so that the text is always the same.
const ISSUED_AT: u64 = 1_735_689_600;

#[derive(Serialize, Deserialize)]
struct Header {
    kid: String,
    typ: String,
    alg: String,
}

#[derive(Serialize, Deserialize)]
struct AssertionClaims {
    aud: String,
    sub: String,
    iss: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<u64>,
    iat: u64,
    jti: String,
}

/// Why an assertion is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AssertionError {
    /// Not three base64url parts with JSON in the first two.
    Unparsable,
    /// Signed with HS256, which RingCentral refuses by a code of its own (OAU-347).
    SharedSecret,
    /// Not one of ours, or changed.
    Unknown,
    /// Its `exp` has passed.
    Expired,
}

/// The JWT credential of a user; with `expires_at` (seconds since 1970) one that ends.
pub(crate) fn mint(user: UserId, expires_at: Option<u64>) -> String {
    let header = Header {
        kid: "practice".into(),
        typ: "JWT".into(),
        alg: "RS256".into(),
    };
    let claims = AssertionClaims {
        aud: AUDIENCE.into(),
        sub: user.owner_id().to_string(),
        iss: ISSUER.into(),
        exp: expires_at,
        iat: ISSUED_AT,
        jti: format!("practice-{}", user.0),
    };
    let signed = format!("{}.{}", encode(&header), encode(&claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(&signed));
    format!("{signed}.{signature}")
}

/// Whose assertion this is, among the first `users`.
pub(crate) fn verify(
    assertion: &str,
    users: u32,
    wall: SystemTime,
) -> Result<UserId, AssertionError> {
    let (signed, signature) = assertion
        .rsplit_once('.')
        .ok_or(AssertionError::Unparsable)?;
    let (header, claims) = signed.split_once('.').ok_or(AssertionError::Unparsable)?;
    let header: Header = decode(header)?;
    if header.alg.starts_with("HS") {
        return Err(AssertionError::SharedSecret);
    }
    let claims: AssertionClaims = decode(claims)?;
    if URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| AssertionError::Unparsable)?
        != sign(signed)
    {
        return Err(AssertionError::Unknown);
    }
    let seconds = wall
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    if claims.exp.is_some_and(|exp| seconds >= exp) {
        return Err(AssertionError::Expired);
    }
    let owner_id = claims.sub.parse().map_err(|_| AssertionError::Unknown)?;
    UserId::by_owner_id(owner_id, users).ok_or(AssertionError::Unknown)
}

/// 256 bytes, the size of an RS256 signature under a 2,048-bit key.
fn sign(signed: &str) -> Vec<u8> {
    let digest = Sha256::new()
        .chain_update(KEY)
        .chain_update(signed)
        .finalize();
    (0..8_u8)
        .flat_map(|part| {
            Sha256::new()
                .chain_update([part])
                .chain_update(digest)
                .finalize()
        })
        .collect()
}

fn encode(part: &impl Serialize) -> String {
    #[expect(
        clippy::expect_used,
        reason = "these structures hold nothing that JSON cannot say"
    )]
    let json = serde_json::to_vec(part).expect("serialises");
    URL_SAFE_NO_PAD.encode(json)
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, AssertionError> {
    let json = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| AssertionError::Unparsable)?;
    serde_json::from_slice(&json).map_err(|_| AssertionError::Unparsable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_credential_is_always_the_same_text_and_names_its_user() {
        assert_eq!(mint(UserId(3), None), mint(UserId(3), None));
        assert_eq!(
            verify(&mint(UserId(3), None), 4, at(u64::from(u32::MAX))),
            Ok(UserId(3))
        );
    }

    #[test]
    fn a_credential_of_a_user_who_is_not_there_is_unknown() {
        assert_eq!(
            verify(&mint(UserId(3), None), 3, at(0)),
            Err(AssertionError::Unknown)
        );
    }

    #[test]
    fn a_credential_with_an_end_is_refused_from_then_on() {
        let jwt = mint(UserId(0), Some(1000));
        assert_eq!(verify(&jwt, 1, at(999)), Ok(UserId(0)));
        assert_eq!(verify(&jwt, 1, at(1000)), Err(AssertionError::Expired));
    }

    #[test]
    fn a_changed_credential_is_unknown_and_other_text_unparsable() {
        let ours = mint(UserId(0), Some(1000));
        let parts: Vec<&str> = ours.split('.').collect();
        let forged = [
            parts[0],
            mint(UserId(1), None).split('.').nth(1).unwrap(),
            parts[2],
        ]
        .join(".");
        assert_eq!(verify(&forged, 2, at(0)), Err(AssertionError::Unknown));
        for text in ["", "a", "a.b", "a.b.c", "....", "e30.e30.e30"] {
            assert_eq!(
                verify(text, 2, at(0)),
                Err(AssertionError::Unparsable),
                "{text}"
            );
        }
    }

    #[test]
    fn a_credential_signed_with_a_shared_secret_is_refused_as_such() {
        let header = encode(&Header {
            kid: String::new(),
            typ: "JWT".into(),
            alg: "HS256".into(),
        });
        assert_eq!(
            verify(&format!("{header}.e30.e30"), 1, at(0)),
            Err(AssertionError::SharedSecret)
        );
    }
}
