//! Where the programs under test are.
//!
//! `tokenkeepd`, which `tokenkeep serve` and `tokenkeep practice` become, is
//! expected beside `tokenkeep`, so it is built along with it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The binary `tokenkeep`, built from the sources as they are now.
///
/// `cargo xtask test` has just built it and names it in `TOKENKEEP_BINARY`.
/// A plain `cargo test` does not build the binary of another package, so it is
/// built here, once; where nothing changed that takes a moment.
pub fn tokenkeep_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    let built = || {
        built("tokenkeep-cli", "tokenkeepd");
        built("tokenkeep-cli", "tokenkeep")
    };
    BINARY.get_or_init(|| named("TOKENKEEP_BINARY").unwrap_or_else(built))
}

/// The binary `tokenkeep-desktop`, likewise; `TOKENKEEP_DESKTOP_BINARY` names it.
pub fn tokenkeep_desktop_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    let built = || built("tokenkeep-desktop", "tokenkeep-desktop");
    BINARY.get_or_init(|| named("TOKENKEEP_DESKTOP_BINARY").unwrap_or_else(built))
}

/// The binary `tokenkeep` with fail points in it, which no other test runs.
///
/// It is built beside the other one, from the same parts but for the crates that
/// have to do with fail points: so with the features that the whole workspace
/// and its tests give those parts, which is how `cargo xtask test` built them.
pub fn tokenkeep_with_failpoints() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let target = target_folder();
        let apart = target.join("failpoints");
        let build = build("tokenkeep")
            .bin("tokenkeepd")
            .arg("--workspace")
            .test("end_to_end")
            .features("tokenkeep-cli/failpoints")
            .target_dir(&apart)
            .env("CARGO_BUILD_BUILD_DIR", target);
        let built = build.exec().and_then(|messages| {
            messages
                .into_iter()
                .try_for_each(|message| message.map(drop))
        });
        built.unwrap_or_else(|e| panic!("tokenkeep with fail points cannot be built: {e}"));
        let profile = if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        };
        apart.join(profile).join("tokenkeep")
    })
}

/// Where cargo put this test: in a folder `deps` of the profile's.
fn target_folder() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    test.ancestors()
        .nth(3)
        .expect("cargo puts it three folders down")
        .to_owned()
}

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

fn built(package: &str, binary: &str) -> PathBuf {
    build(binary)
        .package(package)
        .run()
        .unwrap_or_else(|e| panic!("{binary}, which is under test, cannot be built: {e}"))
        .path()
        .to_owned()
}

fn build(binary: &str) -> escargot::CargoBuild {
    let build = escargot::CargoBuild::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .bin(binary);
    if cfg!(debug_assertions) {
        build
    } else {
        build.release()
    }
}
