//! The sandbox that a process runs in. Such a program is another one than its name says to the user who runs it, and has
//! been given the socket on purpose or by mistake.

use std::fmt;
use std::fs;
use std::path::Path;

use tokenkeep_oauth::printable;

/// The sandbox that a process runs in, and which application's it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sandbox {
    Flatpak(String),
    Snap(String),
}

impl Sandbox {
    /// The one of the process that `/proc` shows in this folder; none where it is in none that is known here.
    pub(super) fn of(process: &Path) -> Option<Self> {
        flatpak(process).or_else(|| snap(process))
    }
}

impl fmt::Display for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flatpak(application) => write!(f, "Flatpak {application}"),
            Self::Snap(application) => write!(f, "Snap {application}"),
        }
    }
}

/// Flatpak puts this file into the root of each of its sandboxes, where nobody in there can change it
/// (flatpak-metadata(5)).
fn flatpak(process: &Path) -> Option<Sandbox> {
    let info = fs::read_to_string(process.join("root/.flatpak-info")).ok()?;
    let name = info
        .lines()
        .skip_while(|line| !matches!(line.trim(), "[Application]" | "[Runtime]"))
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .find_map(|line| line.strip_prefix("name="));
    Some(Sandbox::Flatpak(named(name)))
}

/// Snap starts each program in a control group of its own: `snap.NAME.PROGRAM`, and more where it is a scope.
fn snap(process: &Path) -> Option<Sandbox> {
    let groups = fs::read_to_string(process.join("cgroup")).ok()?;
    let mut parts = groups.lines().flat_map(|line| line.split('/'));
    let rest = parts.find_map(|part| part.strip_prefix("snap."))?;
    Some(Sandbox::Snap(named(rest.split('.').next())))
}

fn named(name: Option<&str>) -> String {
    let name = name.map_or("", str::trim);
    let name: String = printable(name).chars().take(60).collect();
    if name.is_empty() {
        "of an unknown application".to_owned()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a process that has these files.
    fn sandbox(flatpak_info: Option<&str>, cgroup: &str) -> Option<String> {
        let process = tempfile::tempdir().unwrap();
        fs::create_dir(process.path().join("root")).unwrap();
        fs::write(process.path().join("cgroup"), cgroup).unwrap();
        if let Some(info) = flatpak_info {
            fs::write(process.path().join("root/.flatpak-info"), info).unwrap();
        }
        Sandbox::of(process.path()).map(|sandbox| sandbox.to_string())
    }

    #[test]
    fn a_program_in_a_flatpak_is_known_by_its_application() {
        let info = "[Application]\nname=org.example.Editor\nruntime=runtime/org.x/1\n\n[Instance]\nname=other\n";
        let group = "0::/user.slice/app-flatpak-org.example.Editor-7.scope\n";
        assert_eq!(
            sandbox(Some(info), group).as_deref(),
            Some("Flatpak org.example.Editor")
        );
        let nameless = "[Instance]\nname=other\n[Application]\n[Context]\nname=another\n";
        assert_eq!(
            sandbox(Some(nameless), "").as_deref(),
            Some("Flatpak of an unknown application")
        );
        let evil = "[Application]\nname=\u{1b}[2Jx\n";
        assert_eq!(
            sandbox(Some(evil), "").as_deref(),
            Some("Flatpak \u{fffd}[2Jx")
        );
    }

    #[test]
    fn a_program_in_a_snap_is_known_by_its_application() {
        let group = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/snap.firefox.firefox-0b2c.scope\n";
        assert_eq!(sandbox(None, group).as_deref(), Some("Snap firefox"));
        let old = "2:devices:/system.slice/snap.lxd.daemon.service\n1:name=systemd:/x\n";
        assert_eq!(sandbox(None, old).as_deref(), Some("Snap lxd"));
    }

    #[test]
    fn any_other_program_is_in_none() {
        let group = "0::/user.slice/user-1000.slice/session-2.scope/snapshot.snap\n";
        assert_eq!(sandbox(None, group), None);
        assert_eq!(Sandbox::of(Path::new("/proc/4294967295")), None);
    }
}
