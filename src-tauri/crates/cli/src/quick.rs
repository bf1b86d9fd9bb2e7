//! Detours that make `tokenkeep get` quick.

mod get_alone;
mod take_over;

pub(crate) use get_alone::read;
pub(crate) use take_over::take_over;
