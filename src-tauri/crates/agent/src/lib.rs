//! The keeper's local socket: server and client.
//!
//! HTTP/1.1 with JSON over a Unix socket, or a Windows named pipe, that only this user can reach.
//! `curl --unix-socket "$SOCKET" http://localhost/v1/accounts/NAME/token -d '{}'` is enough of a client;
//! [`routes`] lists the paths, [`wire`] the bodies.

mod app;
mod capacity;
pub mod client;
mod desktop;
mod endpoint;
pub mod hosting;
mod peer;
pub mod routes;
mod server;
pub mod wire;

pub use client::{AgentClient, ClientError};
pub use desktop::Desktop;
pub use endpoint::BindError;
pub use server::{Server, Stopped};
