//! Platforms whose keychain is unlocked with the login, or sees to its lock itself.

use std::collections::HashMap;

use super::store::StoreError;

/// Nothing to ask.
#[derive(Default)]
pub(super) struct Lock;

impl Lock {
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as on Linux")]
    pub(super) fn check(&self, _attributes: &HashMap<&str, &str>) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Nothing to unlock.
#[expect(clippy::unnecessary_wraps, reason = "as on Linux")]
pub(super) fn unlock() -> Result<(), StoreError> {
    Ok(())
}
