//! What the token and revocation endpoints refuse, and the body that says so (RFC 6749, section 5.2, together with
//! RingCentral's own codes, docs/basics/errors.md).

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::jwt::AssertionError;

/// A request to the token or the revocation endpoint that is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum OAuthError {
    /// A parameter is missing, repeated or not of its kind.
    Parameter(&'static str),
    /// The body is not a form.
    NotAForm,
    /// Neither an Authorization header nor a `client_id`, or a confidential client without its secret.
    ClientUnproven,
    /// The Authorization header cannot be read as HTTP Basic.
    AuthorizationHeader,
    /// The client id or its secret is wrong.
    ClientInvalid,
    GrantUnsupported,
    /// This client may not use this grant.
    GrantUnauthorized,
    /// The code was never issued, was used already, or belongs to another client.
    CodeInvalid,
    CodeExpired,
    RedirectMismatch,
    VerifierMismatch,
    /// Never issued, replaced too long ago, from an ended session, or another client's.
    RefreshTokenNotFound,
    RefreshTokenExpired,
    Assertion(AssertionError),
    /// Over the quota: come back after the penalty.
    Throttled,
}

impl OAuthError {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::ClientUnproven | Self::AuthorizationHeader | Self::ClientInvalid => {
                StatusCode::UNAUTHORIZED
            }
            Self::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Throttled => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// OAuth's code.
    pub(crate) fn error(&self) -> &'static str {
        match self {
            Self::Parameter(_) | Self::NotAForm => "invalid_request",
            Self::ClientUnproven | Self::AuthorizationHeader | Self::ClientInvalid => {
                "invalid_client"
            }
            Self::GrantUnsupported => "unsupported_grant_type",
            Self::GrantUnauthorized => "unauthorized_client",
            Self::CodeInvalid
            | Self::CodeExpired
            | Self::RedirectMismatch
            | Self::VerifierMismatch
            | Self::RefreshTokenNotFound
            | Self::RefreshTokenExpired
            | Self::Assertion(_) => "invalid_grant",
            Self::Throttled => "temporarily_unavailable",
        }
    }

    /// RingCentral's code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Parameter(_) => "CMN-101",
            Self::NotAForm => "CMN-415",
            Self::ClientUnproven => "OAU-123",
            Self::AuthorizationHeader => "OAU-134",
            Self::ClientInvalid => "OAU-153",
            Self::GrantUnsupported => "OAU-250",
            Self::GrantUnauthorized => "OAU-251",
            Self::CodeInvalid | Self::VerifierMismatch => "OAU-106",
            Self::CodeExpired => "OAU-108",
            Self::RedirectMismatch => "OAU-109",
            Self::RefreshTokenNotFound | Self::Assertion(AssertionError::Unknown) => "OAU-213",
            Self::RefreshTokenExpired | Self::Assertion(AssertionError::Expired) => "OAU-210",
            Self::Assertion(AssertionError::Unparsable) => "OAU-149",
            Self::Assertion(AssertionError::SharedSecret) => "OAU-347",
            Self::Throttled => "CMN-301",
        }
    }

    fn description(&self) -> String {
        let text = match self {
            Self::Parameter(name) => return format!("Parameter [{name}] value is invalid"),
            Self::NotAForm => "The body must be application/x-www-form-urlencoded",
            Self::ClientUnproven => "RegisteredClient authentication is required",
            Self::AuthorizationHeader => "Invalid Authorization header",
            Self::ClientInvalid => "Invalid client",
            Self::GrantUnsupported => "Unsupported grant type",
            Self::GrantUnauthorized => "Unauthorized for this grant type",
            Self::CodeInvalid => "Authorization code is invalid",
            Self::CodeExpired => "Authorization code is expired",
            Self::RedirectMismatch => "Redirect URIs do not match",
            Self::VerifierMismatch => "Code verifier does not match the code challenge",
            Self::RefreshTokenNotFound => "Token not found",
            Self::RefreshTokenExpired => "Token is expired",
            Self::Assertion(AssertionError::Unparsable) => "JWT cannot be parsed",
            Self::Assertion(AssertionError::SharedSecret) => {
                "JWT signed with HS256 is not accepted"
            }
            Self::Assertion(AssertionError::Unknown) => "JWT not found",
            Self::Assertion(AssertionError::Expired) => "JWT is expired",
            Self::Throttled => "Request rate exceeded",
        };
        text.to_owned()
    }

    pub(crate) fn body(&self) -> Value {
        let (code, description) = (self.code(), self.description());
        json!({
            "error": self.error(),
            "error_description": description,
            "errorCode": code,
            "message": description,
            "errors": [{ "errorCode": code, "message": description }],
        })
    }
}
