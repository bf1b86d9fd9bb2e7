//! The token endpoint's error responses (RFC 6749 section 5.2), with RingCentral's own codes.

use crate::error_description::harmless;
use crate::problem::ProblemKind;

/// An error response.
pub(crate) struct ErrorResponse {
    /// The OAuth error, such as `invalid_grant`.
    error: Option<String>,
    /// The provider's own codes, such as `OAU-213`.
    codes: Vec<String>,
    /// What it says in its own words, made harmless.
    description: Option<String>,
}

/// What Tokenkeep does about an error response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// A person must act.
    Rejected,
    /// The account must be edited.
    Misconfigured,
    /// Nothing may be sent for a while.
    Throttled,
    /// Nothing can be concluded.
    Doubt,
}

impl ErrorResponse {
    pub(crate) fn new(error: Option<String>, codes: Vec<String>) -> Self {
        Self {
            error,
            codes,
            description: None,
        }
    }

    /// With what the provider says in its own words.
    pub(crate) fn described(self, description: Option<&str>) -> Self {
        Self {
            description: description.and_then(harmless),
            ..self
        }
    }

    /// Which problem this is. RingCentral's codes take precedence: they say more, and its `error`
    /// can mislead. A redirect mismatch has `invalid_grant`, an unsupported grant
    /// `invalid_request`.
    pub(crate) fn kind(&self) -> ProblemKind {
        let by_code = self.codes.iter().find_map(|code| kind_of_code(code));
        by_code.unwrap_or_else(|| kind_of_error(self.error.as_deref().unwrap_or_default()))
    }

    /// Whether the client sent too many requests. Then the provider did not act on this one,
    /// whatever the status says.
    pub(crate) fn is_throttling(&self) -> bool {
        self.kind() == ProblemKind::Throttled
    }

    /// Whether it has a code of the shape that the provider's own codes have. A gateway sends none.
    pub(crate) fn has_own_code(&self) -> bool {
        self.codes.iter().any(|code| is_error_code(code))
    }

    /// Whether one of the codes is this one.
    pub(crate) fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|c| c == code)
    }

    /// Error and codes for a message, and what the provider says in its own words. Error and codes are repeated only in
    /// their right shape, so that no other text of a reply gets into it.
    pub(crate) fn names(&self) -> String {
        let names = self.bare_names();
        match &self.description {
            Some(description) => format!("{names}: \u{201c}{description}\u{201d}"),
            None => names,
        }
    }

    fn bare_names(&self) -> String {
        let error = self.error.as_deref().filter(|error| is_error_name(error));
        let codes = self
            .codes
            .iter()
            .map(String::as_str)
            .filter(|code| is_error_code(code))
            .take(3);
        let mut names: Vec<&str> = Vec::new();
        for name in error.into_iter().chain(codes) {
            // RingCentral sends its code twice: beside `errors` and in it.
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() {
            "an unknown error".to_owned()
        } else {
            names.join(", ")
        }
    }
}

/// What Tokenkeep does about a problem that an error response reports.
pub(crate) fn consequence(kind: ProblemKind) -> Consequence {
    use ProblemKind as P;
    match kind {
        P::InvalidGrant | P::AccountRefused => Consequence::Rejected,
        P::InvalidClient
        | P::UnauthorizedClient
        | P::UnsupportedGrantType
        | P::InvalidScope
        | P::InvalidRequest
        | P::RedirectMismatch
        | P::AssertionRefused => Consequence::Misconfigured,
        P::Throttled => Consequence::Throttled,
        _ => Consequence::Doubt,
    }
}

fn kind_of_error(error: &str) -> ProblemKind {
    match error {
        "invalid_grant" => ProblemKind::InvalidGrant,
        "invalid_client" => ProblemKind::InvalidClient,
        "unauthorized_client" => ProblemKind::UnauthorizedClient,
        "unsupported_grant_type" => ProblemKind::UnsupportedGrantType,
        "invalid_scope" => ProblemKind::InvalidScope,
        "invalid_request" => ProblemKind::InvalidRequest,
        _ => ProblemKind::UnknownError,
    }
}

/// RingCentral's codes (docs/basics/errors.md) that differ from their `error`, or are more exact.
///
/// The codes for used, expired or unknown codes and tokens (OAU-106, 108, 110, 128, 129, 149, 210,
/// 213) are left out on purpose: they come with `invalid_grant`, and without it they must not end
/// a sign-in.
fn kind_of_code(code: &str) -> Option<ProblemKind> {
    Some(match code {
        // The same request is already in progress.
        "CMN-304" => ProblemKind::DuplicateRequest,
        // This client's rate is exceeded; it has no rate; the rate of all clients is exceeded.
        "CMN-301" | "CMN-302" | "CMN-303" | "CMN-310" => ProblemKind::Throttled,
        // Redirect URIs do not match; none is registered.
        "OAU-109" | "OAU-113" => ProblemKind::RedirectMismatch,
        // This client may not use this grant type.
        "OAU-112" | "OAU-125" | "OAU-251" => ProblemKind::UnauthorizedClient,
        "OAU-250" => ProblemKind::UnsupportedGrantType,
        // Client id, secret or the `Authorization` header are wrong; a sandbox client (165).
        "OAU-116" | "OAU-120" | "OAU-121" | "OAU-123" | "OAU-127" | "OAU-134" | "OAU-146"
        | "OAU-151" | "OAU-153" | "OAU-165" => ProblemKind::InvalidClient,
        // The user does not exist or may not log in; wrong credentials; locked out (147, 148);
        // a second factor is required (168).
        "OAU-105" | "OAU-119" | "OAU-136" | "OAU-140" | "OAU-141" | "OAU-142" | "OAU-147"
        | "OAU-148" | "OAU-168" => ProblemKind::AccountRefused,
        // A JWT that is signed with HS256.
        "OAU-347" => ProblemKind::AssertionRefused,
        _ => return None,
    })
}

/// The shape of the registered OAuth errors.
fn is_error_name(error: &str) -> bool {
    (1..=40).contains(&error.len()) && error.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// The shape of RingCentral's codes.
fn is_error_code(code: &str) -> bool {
    code.split_once('-').is_some_and(|(group, number)| {
        (2..=4).contains(&group.len())
            && group.bytes().all(|b| b.is_ascii_uppercase())
            && (1..=4).contains(&number.len())
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(error: &str, codes: &[&str]) -> ErrorResponse {
        ErrorResponse::new(
            Some(error.to_owned()),
            codes.iter().map(|c| (*c).to_owned()).collect(),
        )
    }

    #[test]
    fn codes_of_dead_tokens_do_not_reject_by_themselves() {
        for code in [
            "OAU-106", "OAU-108", "OAU-110", "OAU-128", "OAU-129", "OAU-149", "OAU-210", "OAU-213",
        ] {
            assert_eq!(
                response("invalid_grant", &[code]).kind(),
                ProblemKind::InvalidGrant,
                "{code}"
            );
            assert_eq!(
                consequence(response("server_error", &[code]).kind()),
                Consequence::Doubt,
                "{code}"
            );
        }
    }

    #[test]
    fn the_first_known_code_counts() {
        assert_eq!(
            response("invalid_grant", &["XYZ-1", "OAU-109"]).kind(),
            ProblemKind::RedirectMismatch
        );
    }

    #[test]
    fn only_names_and_codes_are_repeated() {
        let response = response(
            "invalid_grant",
            &["OAU-213", "eyJhbGciOi", "OAU-21345", "<script>"],
        );
        assert_eq!(response.names(), "invalid_grant, OAU-213");
        assert_eq!(
            ErrorResponse::new(Some("U0pDMTFQ0123".to_owned()), vec![]).names(),
            "an unknown error"
        );
    }
}
