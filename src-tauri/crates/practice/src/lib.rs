//! A practice OAuth provider on loopback that behaves as RingCentral's documents say, so that everybody can try and
//! test a client without an account anywhere. It shares no code with the client side: a misreading on one side cannot
//! hide in the other.
//!
//! Users, clients and credentials are made up, printed, and always the same; sessions live in memory.
//!
//! # For clients
//! | path | is |
//! |---|---|
//! | `GET /restapi/oauth/authorize` | the authorization endpoint, with a sign-in and a consent page |
//! | `POST /restapi/oauth/token` | the token endpoint: authorization code, refresh, JWT bearer |
//! | `POST /restapi/oauth/revoke` | the revocation endpoint |
//! | `GET /restapi/v1.0/account/~/extension/~` | the resource: who the access token belongs to |
//! | `GET /` | sessions and the life left in their tokens, with a button to end each |
//!
//! # For tests
//! Bodies are JSON; a body that is not understood is refused with words. Users are counted from 0.
//!
//! | path | does |
//! |---|---|
//! | `POST /practice/faults` | orders a [`Fault`]: delay, reset, dropped response, HTML, any answer, no refresh token |
//! | `GET /practice/faults`, `DELETE /practice/faults` | lists those that are left; clears them, and ends their delays |
//! | `POST /practice/away` `{"ms": 60000}` | cuts all connections and refuses new ones for so long |
//! | `POST /practice/end-session` `{"user": 0}` | ends all sessions of a user: `{"ended": 2}` |
//! | `POST /practice/jwt` `{"user": 0, "exp": 1900000000}` | a JWT credential that ends then: `{"jwt": "…"}` |
//! | `GET /practice/counts` | how often requests had which outcome: `{"token/refresh_token/issued": 3, …}` |
//!
//! A count's name is `token/GRANT/OUTCOME`, `resource/OUTCOME`, `revoke/OUTCOME` or `authorize/OUTCOME`. The grant is
//! `authorization_code`, `refresh_token`, `jwt_bearer` or `unknown_grant`. The outcome is `issued`, `replayed`, `ok`,
//! `unknown` (a revoked token that was none), `throttled`, OAuth's `error`, or at the resource the code that it
//! refuses with. What a fault answered instead of the provider counts as `ENDPOINT/fault/html`, `…/answered` or
//! `…/refused`; a request that was processed before its response was dropped counts by its outcome.

mod clients;
mod clock;
mod env;
mod faults;
mod http;
mod jwt;
mod oauth_error;
mod opaque;
mod options;
mod pages;
mod paths;
mod pkce;
mod practice;
mod state;
mod users;

pub use clock::{BootClock, Clock, DrivenClock, Moment};
pub use faults::{Action, Fault};
pub use options::Options;
pub use paths::Endpoint;
pub use practice::{Practice, PracticeError};
