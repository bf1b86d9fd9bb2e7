//! The keeper's local socket: server and client.
