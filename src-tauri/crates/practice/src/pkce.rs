//! Proof Key for Code Exchange (RFC 7636).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// What the authorization request committed to. A plain one is a secret, hence no `Debug` outside tests.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Challenge {
    /// The verifier itself.
    Plain(String),
    /// The verifier's SHA-256, in base64url.
    S256(String),
}

impl Challenge {
    /// A method that is left out means plain (RFC 7636, section 4.3). `None` for a method that does not exist, or a
    /// challenge that no verifier could have.
    pub(crate) fn new(challenge: &str, method: Option<&str>) -> Option<Self> {
        let challenge = is_verifier(challenge).then(|| challenge.to_owned())?;
        match method.unwrap_or("plain") {
            "plain" => Some(Self::Plain(challenge)),
            "S256" => Some(Self::S256(challenge)),
            _ => None,
        }
    }

    pub(crate) fn is_met_by(&self, verifier: &str) -> bool {
        is_verifier(verifier)
            && match self {
                Self::Plain(challenge) => verifier == challenge,
                Self::S256(challenge) => {
                    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == *challenge
                }
            }
    }
}

/// 43 to 128 unreserved characters (RFC 7636, section 4.1).
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn s256_is_met_by_the_verifier_alone() {
        let challenge = Challenge::new(CHALLENGE, Some("S256")).unwrap();
        assert!(challenge.is_met_by(VERIFIER));
        assert!(!challenge.is_met_by(CHALLENGE));
        assert!(!challenge.is_met_by(""));
    }

    #[test]
    fn a_method_left_out_means_plain() {
        let challenge = Challenge::new(VERIFIER, None).unwrap();
        assert_eq!(challenge, Challenge::new(VERIFIER, Some("plain")).unwrap());
        assert!(challenge.is_met_by(VERIFIER));
        assert!(!challenge.is_met_by(CHALLENGE));
    }

    #[test]
    fn other_methods_and_impossible_challenges_are_refused() {
        assert_eq!(Challenge::new(CHALLENGE, Some("S512")), None);
        assert_eq!(Challenge::new("short", Some("S256")), None);
        assert_eq!(Challenge::new(&"?".repeat(43), Some("plain")), None);
    }
}
