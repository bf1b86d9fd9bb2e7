//! How servers differ.

use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use tokenkeep_oauth::Quota;

/// How this server differs from others.
#[derive(Clone, Debug)]
pub(crate) struct Behaviour {
    /// How long access tokens live.
    pub(crate) lifetime: Duration,
    /// Whether an answer says so.
    pub(crate) names_lifetime: bool,
    /// Whether a refresh kills the previous access token at once.
    pub(crate) kills: bool,
    /// Whether a refresh token is for one use.
    pub(crate) rotates: bool,
    /// Whether a used refresh token can be replayed for a while.
    pub(crate) replays: bool,
    /// Whether a used refresh token that is sent again past that ends the whole session: the provider
    /// takes it for stolen (RFC 9700, 4.14.2).
    pub(crate) reuse_ends_session: bool,
    /// Whether a sign-in brings a refresh token.
    pub(crate) issues_refresh: bool,
    /// Whether a refresh brings a refresh token again (one that rotates always does).
    pub(crate) repeats_refresh: bool,
    /// How long refresh tokens live.
    pub(crate) refresh_lifetime: Option<Duration>,
    /// How long a session lives, whatever is renewed in it.
    pub(crate) session_lifetime: Option<Duration>,
    /// Whether an answer says so.
    pub(crate) names_session: bool,
    /// How many token requests a client may send.
    pub(crate) quota: Option<Quota>,
    /// Whether each user of a client has that quota alone.
    pub(crate) quota_per_user: bool,
    /// Whether an answer says what is left of it.
    pub(crate) announces_quota: bool,
    /// How many sessions a user and client may have side by side.
    pub(crate) sessions: usize,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

impl Behaviour {
    /// RingCentral, as documented.
    pub(crate) fn ringcentral() -> Self {
        Self {
            lifetime: HOUR,
            names_lifetime: true,
            kills: true,
            rotates: true,
            replays: true,
            reuse_ends_session: false,
            issues_refresh: true,
            repeats_refresh: true,
            refresh_lifetime: Some(Duration::from_secs(604_800)),
            session_lifetime: None,
            names_session: true,
            quota: Some(Self::per_minute(5)),
            quota_per_user: false,
            announces_quota: false,
            sessions: 5,
        }
    }

    /// A quota of so many requests a minute, with a penalty of another.
    pub(crate) fn per_minute(requests: u32) -> Quota {
        Quota {
            requests,
            window: MINUTE,
            penalty: MINUTE,
        }
    }

    /// RingCentral half of the time, with lives of all lengths; else one that differs from it.
    pub(crate) fn drawn(rng: &mut StdRng) -> Self {
        let mut drawn = Self::ringcentral();
        let lifetimes = [
            1, 3, 20, 60, 120, 600, 600, 1800, 3600, 3600, 3600, 3600, 3600, 7199, 7199, 7199,
        ];
        drawn.lifetime = Duration::from_secs(*lifetimes.choose(rng).unwrap_or(&3600));
        let of_hours = |most: u64, rng: &mut StdRng| Some(HOUR * rng.random_range(2..most as u32));
        match rng.random_range(0..14) {
            0 => drawn.kills = false,
            // Rotates without a window.
            1 | 2 => {
                drawn.replays = false;
                drawn.kills = rng.random_bool(0.5);
                drawn.reuse_ends_session = rng.random_bool(0.5);
            }
            // Does not rotate.
            3 => {
                drawn.kills = false;
                drawn.rotates = false;
                drawn.repeats_refresh = rng.random_bool(0.5);
            }
            4 => {
                drawn.names_lifetime = false;
                drawn.lifetime = MINUTE * [30, 60, 120][rng.random_range(0..3)];
            }
            5 => drawn.issues_refresh = false,
            6 => {
                drawn.session_lifetime = of_hours(12, rng);
                drawn.names_session = rng.random_bool(0.7);
            }
            7 => drawn.refresh_lifetime = of_hours(10, rng),
            8 => drawn.sessions = 2,
            _ => {}
        }
        drawn.announces_quota = rng.random_bool(0.3);
        drawn.quota_per_user = rng.random_bool(0.2);
        drawn.quota = [Some(5), Some(5), Some(5), Some(5), None, Some(3), Some(20)]
            .choose(rng)
            .copied()
            .flatten()
            .map(Self::per_minute);
        drawn
    }
}
