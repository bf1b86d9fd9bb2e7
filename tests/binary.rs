//! Where the programs under test are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The binary `tokenkeep`, built from the sources as they are now.
///
/// `cargo xtask test` has just built it and names it in `TOKENKEEP_BINARY`.
/// A plain `cargo test` does not build the binary of another package, so it is
/// built here, once; where nothing changed that takes a moment.
pub fn tokenkeep_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    let named = || std::env::var_os("TOKENKEEP_BINARY");
    BINARY.get_or_init(|| named_or_built(named(), "tokenkeep-cli", "tokenkeep"))
}

/// The binary `tokenkeep-desktop`, likewise; `TOKENKEEP_DESKTOP_BINARY` names it.
pub fn tokenkeep_desktop_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    let named = || std::env::var_os("TOKENKEEP_DESKTOP_BINARY");
    BINARY.get_or_init(|| named_or_built(named(), "tokenkeep-desktop", "tokenkeep-desktop"))
}

fn named_or_built(named: Option<OsString>, package: &str, binary: &str) -> PathBuf {
    if let Some(path) = named {
        return path.into();
    }
    let mut build = escargot::CargoBuild::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .package(package)
        .bin(binary);
    if !cfg!(debug_assertions) {
        build = build.release();
    }
    build
        .run()
        .unwrap_or_else(|e| panic!("{binary}, which is under test, cannot be built: {e}"))
        .path()
        .to_owned()
}
