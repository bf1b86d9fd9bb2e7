//! What a provider is called.

use tokenkeep_oauth::preset;

/// A provider as people call it.
pub(in super::super) fn provider_title(name: &str) -> String {
    preset(name, None).map_or_else(|_| name.to_owned(), |provider| provider.title)
}
