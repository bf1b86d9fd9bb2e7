//! How many connections the keeper takes, and the file descriptors that they need.

/// The most connections at a time: as many as 10,000 holders, their programs' other requests and a few thousand waiting
/// readers need, and few enough that a keeper which serves them all takes some hundred megabytes.
const MOST_CONNECTIONS: usize = 16_384;

/// The descriptors that no client gets, at the most: they are for token requests, the keychain and the journal and, in the
/// tray, for the desktop.
const HELD_BACK: usize = 512;

/// macOS lets no process have more, whatever its hard limit says.
const MOST_DESCRIPTORS: usize = if cfg!(target_os = "macos") {
    10_240
} else {
    MOST_CONNECTIONS + HELD_BACK
};

/// How many connections are taken at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capacity {
    /// The connections that are served.
    pub(crate) connections: usize,
    /// The further ones that are being told that they are too many.
    pub(crate) refusals: usize,
}

impl Capacity {
    /// What this process has descriptors for. Its limit is raised to what is needed, and no further, because programs that
    /// it starts inherit it.
    pub(crate) fn claim() -> Self {
        Self::of(descriptors().unwrap_or(MOST_DESCRIPTORS))
    }

    fn of(descriptors: usize) -> Self {
        let held_back = HELD_BACK.min(descriptors / 2);
        Self {
            connections: MOST_CONNECTIONS.min(descriptors - held_back),
            refusals: (held_back / 4).max(1),
        }
    }

    /// Whether more descriptors would make it larger.
    pub(crate) fn is_short_of_descriptors(self) -> bool {
        self.connections < MOST_CONNECTIONS
    }
}

/// How many descriptors this process may have, once it may have more; none where there is no limit.
#[cfg(unix)]
fn descriptors() -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let allowed = limit.current?;
    let needed = u64::try_from(MOST_DESCRIPTORS).unwrap_or(u64::MAX);
    let wanted = limit.maximum.map_or(needed, |most| most.min(needed));
    if wanted <= allowed {
        return usize::try_from(allowed).ok();
    }
    let raised = Rlimit {
        current: Some(wanted),
        maximum: limit.maximum,
    };
    let got = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => wanted,
        Err(error) => {
            tracing::info!(%error, "the limit on open files cannot be raised");
            allowed
        }
    };
    usize::try_from(got).ok()
}

/// Windows has no such limit.
#[cfg(windows)]
fn descriptors() -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_held_back_however_few_there_are() {
        for (descriptors, connections, refusals) in [
            (usize::MAX, MOST_CONNECTIONS, 128),
            (1024, 512, 128),
            (256, 128, 32),
            (3, 2, 1),
        ] {
            let capacity = Capacity::of(descriptors);
            assert_eq!(
                (capacity.connections, capacity.refusals),
                (connections, refusals),
                "{descriptors}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_limit_on_open_files_is_raised_to_what_is_needed_where_it_can_be() {
        use rustix::process::{Resource, getrlimit};

        let most = getrlimit(Resource::Nofile).maximum;
        Capacity::claim();
        let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        let needed = u64::try_from(MOST_DESCRIPTORS).unwrap();
        assert!(
            allowed >= most.map_or(needed, |most| most.min(needed)),
            "{allowed}"
        );
    }
}
