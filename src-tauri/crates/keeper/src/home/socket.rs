//! The path of the agent's socket, which can be about a hundred bytes long.

use std::path::{Path, PathBuf};

use super::HomeError;
#[cfg(unix)]
use super::shared::{Others, check_owner};

/// The longest path of a socket, in bytes. macOS has room for 104, with the terminating NUL; a few bytes are left for the
/// temporary name under which the socket is created.
#[cfg(unix)]
const LIMIT: usize = 100;

/// The socket in `runtime`. If that path is too long, a socket in a folder under `temporary`, whose name contains the
/// home's place, so that clients and keeper compute the same path.
#[cfg(unix)]
pub(super) fn path(
    runtime: &Path,
    place: impl FnOnce() -> String,
    temporary: &Path,
) -> Result<PathBuf, HomeError> {
    let usual = runtime.join("agent.sock");
    if usual.as_os_str().len() <= LIMIT {
        check_owner(runtime, Others::MayRead)?;
        return Ok(usual);
    }
    let user = rustix::process::geteuid().as_raw();
    let folder = temporary.join(format!("tokenkeep-{user}-{}", place()));
    let short = folder.join("agent.sock");
    if short.as_os_str().len() > LIMIT {
        return Err(HomeError::SocketPathTooLong {
            path: short,
            limit: LIMIT,
        });
    }
    // Anybody can create folders in a temporary folder.
    check_owner(&folder, Others::MayNotEnter)?;
    Ok(short)
}

/// A pipe has a name instead of a path. The home's place tells homes apart.
#[cfg(windows)]
pub(super) fn path(
    _runtime: &Path,
    place: impl FnOnce() -> String,
    _temporary: &Path,
) -> Result<PathBuf, HomeError> {
    Ok(PathBuf::from(format!(r"\\.\pipe\tokenkeep-{}", place())))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A home whose own socket path cannot work.
    fn long() -> PathBuf {
        PathBuf::from("/").join("long".repeat(40))
    }

    fn id() -> String {
        "0123456789ab".to_owned()
    }

    #[test]
    fn a_short_path_is_used_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = path(folder.path(), id, Path::new("/tmp")).unwrap();
        assert_eq!(path, folder.path().join("agent.sock"));
    }

    #[test]
    fn a_long_path_falls_back_to_a_short_one_that_a_socket_can_use() {
        let temporary = tempfile::tempdir().unwrap();
        let path = path(&long(), id, temporary.path()).unwrap();
        assert!(path.starts_with(temporary.path()));
        std::fs::create_dir(path.parent().unwrap()).unwrap();
        std::os::unix::net::UnixListener::bind(&path).unwrap();
    }

    #[test]
    fn a_temporary_folder_that_is_itself_too_long_is_an_error_that_names_the_setting() {
        let error = path(&long(), id, &long()).unwrap_err().to_string();
        assert!(error.contains("TOKENKEEP_HOME"), "{error}");
    }

    #[test]
    fn a_stand_in_folder_that_others_can_enter_is_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = path(&long(), id, temporary.path()).unwrap();
        let folder = folder.parent().unwrap();
        std::fs::create_dir(folder).unwrap();
        std::fs::set_permissions(folder, PermissionsExt::from_mode(0o700)).unwrap();
        path(&long(), id, temporary.path()).unwrap();
        std::fs::set_permissions(folder, PermissionsExt::from_mode(0o750)).unwrap();
        let error = path(&long(), id, temporary.path()).unwrap_err();
        assert!(matches!(
            error,
            HomeError::NotOurs {
                why: "is open to other users",
                ..
            }
        ));
    }

    #[test]
    fn a_stand_in_that_is_a_symbolic_link_is_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = path(&long(), id, temporary.path()).unwrap();
        std::os::unix::fs::symlink("/", folder.parent().unwrap()).unwrap();
        let error = path(&long(), id, temporary.path()).unwrap_err();
        assert!(matches!(
            error,
            HomeError::NotOurs {
                why: "is not a folder",
                ..
            }
        ));
    }
}
