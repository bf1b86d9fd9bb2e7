//! The shape of all errors, and their status codes.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokenkeep_keeper::keeper::{ErrorKind, KeeperError};

use crate::wire::ErrorBody;

/// An error in answer to a request.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    error: KeeperError,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, error: KeeperError) -> Self {
        Self { status, error }
    }
}

impl From<KeeperError> for ApiError {
    fn from(error: KeeperError) -> Self {
        Self {
            status: status(error.kind),
            error,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        // Neither map nor float is in it, so it can always be written.
        let body = serde_json::to_vec(&ErrorBody { error: self.error }).unwrap_or_default();
        (
            self.status,
            [(header::CONTENT_TYPE, "application/json")],
            Body::from(body),
        )
            .into_response()
    }
}

fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
        ErrorKind::NoSuchAccount | ErrorKind::NoSuchSignIn | ErrorKind::NoSuchLease => {
            StatusCode::NOT_FOUND
        }
        ErrorKind::AccountExists
        | ErrorKind::SignInNeeded
        | ErrorKind::Misconfigured
        | ErrorKind::TokenReplaced => StatusCode::CONFLICT,
        ErrorKind::SignInFailed | ErrorKind::ValidityTooLong => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::NoToken
        | ErrorKind::VaultUnavailable
        | ErrorKind::TooManyConnections
        | ErrorKind::Quitting => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::StorageUnavailable => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorKind::NeedsDesktop => StatusCode::NOT_IMPLEMENTED,
    }
}
