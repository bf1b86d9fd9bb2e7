//! `cargo xtask icons`: the icons' PNG files, from the SVG files beside them.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::command::run;
use crate::setup;
use crate::workspace;

/// What the tray shows, for a panel to scale down: few are higher than this.
const LOOKS: &[&str] = &["fresh", "refreshing", "attention", "signed-out"];
const LOOK_SIZE: u32 = 64;
/// The application's own icon, in the sizes that desktops ask for.
const APPLICATION: &[(&str, u32)] = &[("32x32", 32), ("128x128", 128), ("icon", 512)];
/// The sizes in the one file that Windows takes.
const WINDOWS_SIZES: &[u32] = &[16, 24, 32, 48, 64, 256];

/// Draws all of them again.
pub(crate) fn draw_all() -> Result<()> {
    setup::for_icons()?;
    let folder = workspace::root().join("src-tauri/icons");
    for look in LOOKS {
        let svg = folder.join(format!("{look}.svg"));
        draw(&svg, LOOK_SIZE, &folder.join(format!("{look}.png")))?;
    }
    let svg = folder.join("tokenkeep.svg");
    for (name, size) in APPLICATION {
        draw(&svg, *size, &folder.join(format!("{name}.png")))?;
    }
    for_windows(&svg, &folder.join("icon.ico"))
}

fn for_windows(svg: &Path, icon: &Path) -> Result<()> {
    let sizes = tempfile::tempdir()?;
    // Each size is drawn, not scaled: small ones stay sharp.
    let mut join = Command::new("convert");
    for size in WINDOWS_SIZES {
        let png = sizes.path().join(format!("{size}.png"));
        draw(svg, *size, &png)?;
        join.arg(png);
    }
    run(join.arg(icon))
}

fn draw(svg: &Path, size: u32, png: &Path) -> Result<()> {
    let size = size.to_string();
    run(Command::new("rsvg-convert")
        .args(["--width", &size, "--height", &size])
        .arg(svg)
        .arg("--output")
        .arg(png))
}
