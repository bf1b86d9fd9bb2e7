//! Where the program under test is.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The binary `tokenkeep`, built from the sources as they are now.
///
/// `cargo xtask test` has just built it and names it in `TOKENKEEP_BINARY`.
/// A plain `cargo test` does not build the binary of another package, so it is
/// built here, once; where nothing changed that takes a moment.
pub fn tokenkeep_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| std::env::var_os("TOKENKEEP_BINARY").map_or_else(build, PathBuf::from))
}

fn build() -> PathBuf {
    let mut build = escargot::CargoBuild::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .package("tokenkeep-cli")
        .bin("tokenkeep");
    if !cfg!(debug_assertions) {
        build = build.release();
    }
    build
        .run()
        .unwrap_or_else(|e| panic!("the binary under test cannot be built: {e}"))
        .path()
        .to_owned()
}
