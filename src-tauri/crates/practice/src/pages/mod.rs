//! The pages that a person sees.

mod captive_portal;
mod consent;
mod failure;
mod layout;
mod sign_in;
mod status;

pub(crate) use captive_portal::captive_portal;
pub(crate) use consent::consent;
pub(crate) use failure::failure;
pub(crate) use sign_in::sign_in;
pub(crate) use status::{SessionLine, status};
