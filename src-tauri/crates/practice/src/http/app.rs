//! What every handler shares, and which handler answers what.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio::sync::{mpsc, watch};

use super::connection::GoAway;
use super::{admin, authorize, injection, observation, resource, revoke, status, token};
use crate::clock::Clock;
use crate::faults::Faults;
use crate::options::Options;
use crate::paths;
use crate::state::State;

/// What every handler shares.
pub(crate) struct App {
    pub(crate) options: Options,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) log: Box<dyn Fn(&str) + Send + Sync>,
    /// Tells requests that a delay holds up to go on, because the faults were cleared.
    pub(crate) faults_cleared: watch::Sender<()>,
    /// Asks the accept loop to be away for a while.
    pub(crate) away: mpsc::UnboundedSender<GoAway>,
    state: Mutex<State>,
    faults: Mutex<Faults>,
}

impl App {
    pub(crate) fn new(
        options: Options,
        clock: Arc<dyn Clock>,
        log: impl Fn(&str) + Send + Sync + 'static,
        away: mpsc::UnboundedSender<GoAway>,
    ) -> Self {
        Self {
            state: Mutex::new(State::new(options.rate_limit)),
            options,
            clock,
            log: Box::new(log),
            faults_cleared: watch::Sender::new(()),
            away,
            faults: Mutex::default(),
        }
    }

    /// What the provider remembers. Never held across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What tests have ordered to go wrong. Never held across an await.
    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All that is served. Faults lie around the endpoints, and the observation around everything.
pub(crate) fn router(app: Arc<App>) -> Router {
    let endpoints = Router::new()
        .route(paths::AUTHORIZE, get(authorize::begin))
        .route(paths::TOKEN, post(token::handle))
        .route(paths::REVOKE, post(revoke::handle))
        .route(paths::RESOURCE, get(resource::handle))
        .layer(from_fn_with_state(Arc::clone(&app), injection::layer));
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
        .layer(from_fn_with_state(Arc::clone(&app), observation::layer))
        .with_state(app)
}
