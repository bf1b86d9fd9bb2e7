//! Platforms whose keychain is unlocked at login, or handles its own lock.

use std::collections::HashMap;

use super::store::StoreError;

/// There is nothing to check.
#[derive(Default)]
pub(super) struct Lock;

impl Lock {
    /// Those of other homes are not looked for here.
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as on Linux")]
    pub(super) fn items(&mut self) -> Result<Vec<HashMap<String, String>>, StoreError> {
        Ok(Vec::new())
    }

    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as on Linux")]
    pub(super) fn check(&self, _attributes: &HashMap<&str, &str>) -> Result<(), StoreError> {
        Ok(())
    }
}

/// There is nothing to unlock.
#[expect(clippy::unnecessary_wraps, reason = "as on Linux")]
pub(super) fn unlock() -> Result<(), StoreError> {
    Ok(())
}
