//! End-to-end tests of Tokenkeep: what they share.
