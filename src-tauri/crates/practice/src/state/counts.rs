//! How often each thing happened, for tests to read.

use std::collections::BTreeMap;

use serde::Serialize;

/// How often requests had which outcome, by names such as `token/refresh_token/issued` or `resource/OAU-129`.
#[derive(Debug, Default, Clone, Serialize)]
pub(crate) struct OutcomeCounts(BTreeMap<String, u64>);

impl OutcomeCounts {
    pub(crate) fn count(&mut self, name: String) {
        *self.0.entry(name).or_default() += 1;
    }
}
