//! The provider over HTTP: one file for each endpoint, the layers around them, and the connections underneath.

pub(crate) mod admin;
pub(crate) mod authorize;
pub(crate) mod away;
pub(crate) mod client_authentication;
pub(crate) mod connection;
pub(crate) mod context;
pub(crate) mod error_response;
pub(crate) mod form;
pub(crate) mod injection;
pub(crate) mod observation;
pub(crate) mod resource;
pub(crate) mod revoke;
pub(crate) mod router;
pub(crate) mod status;
pub(crate) mod token;
