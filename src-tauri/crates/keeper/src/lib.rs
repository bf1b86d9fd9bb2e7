//! Tokenkeep's engine.
