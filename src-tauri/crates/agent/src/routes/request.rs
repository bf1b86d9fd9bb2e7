//! Reads requests and writes answers. Every mistake is answered in the shape of all errors.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokenkeep_keeper::keeper::KeeperError;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::api_error::ApiError;

/// The longest body in bytes. The longest thing in one is a JWT, of a few thousand bytes.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// How long the whole body may take to come.
const BODY_TIME_LIMIT: Duration = Duration::from_secs(30);

/// A JSON body; an empty one is an empty object. Its bytes are wiped, because there may be secrets in it.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let bytes = timeout(BODY_TIME_LIMIT, read(request.into_body()));
        let bytes = bytes.await.unwrap_or_else(|_| Err(too_slow()))?;
        let text = match bytes.trim_ascii() {
            b"" => b"{}",
            text => text,
        };
        // serde would take an array for the fields in their order.
        if !text.starts_with(b"{") {
            return Err(KeeperError::invalid("body", "The body is not a JSON object.").into());
        }
        let mut json = serde_json::Deserializer::from_slice(text);
        let sent = serde_path_to_error::deserialize(&mut json).map_err(|error| misread(&error))?;
        json.end().map_err(|error| not_json(&error))?;
        Ok(Self(sent))
    }
}

/// What the path's parameters are.
pub(crate) struct PathParameter<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathParameter<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(at)) => Ok(Self(at)),
            Err(error) => Err(KeeperError::invalid(
                "path",
                format!("The path cannot be read ({}).", error.body_text()),
            )
            .into()),
        }
    }
}

/// What the query asks for.
pub(crate) struct QueryParameters<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for QueryParameters<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(error) => Err(KeeperError::invalid(
                "query",
                format!("The query cannot be read ({}).", error.body_text()),
            )
            .into()),
        }
    }
}

/// A JSON answer. Its bytes are wiped once they are sent, because there may be a token in it.
pub(crate) struct JsonResponse<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for JsonResponse<T> {
    fn into_response(self) -> Response {
        (
            [(header::CONTENT_TYPE, "application/json")],
            Body::from(line(&self.0)),
        )
            .into_response()
    }
}

/// One line of JSON, wiped once it is sent.
pub(crate) fn line(answer: &impl Serialize) -> Bytes {
    // Room for a long token, so that no copy is left behind when the buffer grows.
    let mut bytes = Zeroizing::new(Vec::with_capacity(8 * 1024));
    // The bodies of `wire` and the keeper's views always can be written: their keys are strings.
    let _ = serde_json::to_writer(&mut *bytes, answer);
    bytes.push(b'\n');
    Bytes::from_owner(bytes)
}

async fn read(mut body: Body) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(8 * 1024));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            KeeperError::invalid("body", "The connection broke before the body was whole.")
        })?;
        let Some(chunk) = frame.data_ref() else {
            continue;
        };
        if bytes.len() + chunk.len() > BODY_LIMIT {
            let message = format!("The body is longer than {BODY_LIMIT} bytes.");
            return Err(ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                KeeperError::invalid("body", message),
            ));
        }
        bytes.extend_from_slice(chunk);
    }
    Ok(bytes)
}

fn too_slow() -> ApiError {
    let message = format!(
        "The body was not whole after {} seconds.",
        BODY_TIME_LIMIT.as_secs()
    );
    ApiError::new(
        StatusCode::REQUEST_TIMEOUT,
        KeeperError::invalid("body", message),
    )
}

/// What is wrong with a body, without quoting a value of it: it may be a secret.
fn misread(error: &serde_path_to_error::Error<serde_json::Error>) -> KeeperError {
    let inner = error.inner();
    if !inner.is_data() {
        return not_json(inner);
    }
    let words = inner.to_string();
    let field = error.path().to_string();
    // These two quote names of fields only; serde offers no other way to tell them.
    if words.starts_with("missing field") || words.starts_with("unknown field") {
        let field = words.split('`').nth(1).unwrap_or(&field);
        return KeeperError::invalid(field, format!("The body does not fit ({words})."));
    }
    let place = format!("line {}, column {}", inner.line(), inner.column());
    KeeperError::invalid(
        &field,
        format!("The body does not fit: `{field}` is of the wrong kind or form ({place})."),
    )
}

fn not_json(error: &serde_json::Error) -> KeeperError {
    let place = format!("line {}, column {}", error.line(), error.column());
    KeeperError::invalid(
        "body",
        format!("The body is not a JSON object (the fault is at {place})."),
    )
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;

    use super::*;
    use crate::wire::{AccountAdded, TokenBody};

    async fn read<T: DeserializeOwned>(
        body: impl Into<Body>,
    ) -> Result<T, (StatusCode, KeeperError)> {
        let request = Request::new(body.into());
        match JsonBody::from_request(request, &()).await {
            Ok(JsonBody(sent)) => Ok(sent),
            Err(error) => {
                let response = error.into_response();
                let status = response.status();
                let bytes = response.into_body().collect().await.unwrap().to_bytes();
                let body: crate::wire::ErrorBody = serde_json::from_slice(&bytes).unwrap();
                Err((status, body.error))
            }
        }
    }

    #[tokio::test]
    async fn an_absent_body_asks_for_nothing_in_particular() {
        read::<TokenBody>("").await.unwrap();
        read::<TokenBody>(" \n").await.unwrap();
    }

    #[tokio::test]
    async fn a_wrong_field_is_named() {
        for (body, field) in [
            (r#"{"min-validity": 60}"#, "min-validity"),
            (r#"{"wait": "long"}"#, "wait"),
            (r#"{"wait": -1}"#, "wait"),
            (r#"{"lease": {"hold": 1}}"#, "lease.hold"),
            ("[]", "body"),
            ("{", "body"),
            ("{} {}", "body"),
            ("nonsense", "body"),
        ] {
            let (status, error) = read::<TokenBody>(body).await.unwrap_err();
            assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
            assert_eq!(error.field.as_deref(), Some(field), "{body}");
        }
    }

    #[tokio::test]
    async fn a_missing_field_is_named() {
        let (_, error) = read::<AccountAdded>("{}").await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some("name"));
    }

    #[tokio::test]
    async fn a_secret_of_the_wrong_kind_is_not_quoted() {
        let body = r#"{"name": "a", "provider": "p", "client_id": "c", "grant": "planted-grant"}"#;
        let (_, error) = read::<AccountAdded>(body).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some("grant"));
        assert!(!error.message.contains("planted"), "{error}");
        let (_, error) = read::<AccountAdded>(r#"{"name": "a", "client_secret": 314159265}"#)
            .await
            .unwrap_err();
        assert!(!error.message.contains("314159265"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let body = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        let (status, error) = read::<TokenBody>(body).await.unwrap_err();
        assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
        assert_eq!(error.field.as_deref(), Some("body"));
    }

    #[tokio::test]
    async fn an_over_long_body_is_refused() {
        let (status, error) = read::<TokenBody>(" ".repeat(BODY_LIMIT + 1))
            .await
            .unwrap_err();
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(error.field.as_deref(), Some("body"));
    }
}
