//! Which handler answers what.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::context::Context;
use super::{admin, authorize, injection, observation, resource, revoke, status, token};
use crate::paths;

/// All that is served. Faults lie around the endpoints, and the observation around everything.
pub(crate) fn router(context: Arc<Context>) -> Router {
    let endpoints = Router::new()
        .route(paths::AUTHORIZE, get(authorize::begin))
        .route(paths::TOKEN, post(token::handle))
        .route(paths::REVOKE, post(revoke::handle))
        .route(paths::RESOURCE, get(resource::handle))
        .layer(from_fn_with_state(Arc::clone(&context), injection::layer));
    let pages = Router::new()
        .route(paths::STATUS, get(status::show))
        .route(paths::END, post(status::end))
        .route(
            paths::SIGN_IN,
            get(authorize::show_sign_in).post(authorize::sign_in),
        )
        .route(
            paths::CONSENT,
            get(authorize::show_consent).post(authorize::consent),
        );
    let admin = Router::new()
        .route(
            paths::FAULTS,
            get(admin::list_faults)
                .post(admin::order_fault)
                .delete(admin::clear_faults),
        )
        .route(paths::AWAY, post(admin::go_away))
        .route(paths::END_SESSION, post(admin::end_sessions))
        .route(paths::COUNTS, get(admin::counts))
        .route(paths::JWT, post(admin::mint_jwt));
    endpoints
        .merge(pages)
        .merge(admin)
        .layer(from_fn_with_state(Arc::clone(&context), observation::layer))
        .with_state(context)
}
