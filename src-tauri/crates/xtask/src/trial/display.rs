//! Whether windows can be opened here.

/// The variables of which a session with a display sets one.
const VARIABLES: &[&str] = &["WAYLAND_DISPLAY", "DISPLAY"];

pub(super) fn is_there() -> bool {
    cfg!(any(target_os = "macos", windows))
        || VARIABLES
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
