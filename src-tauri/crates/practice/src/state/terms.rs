//! How long the tokens of one answer live: the option, and what the request asks for.

use std::time::Duration;

use crate::options::Options;

/// What RingCentral clamps a requested `access_token_ttl` to, in seconds (docs/authentication/refresh-tokens.md).
const REQUESTED_ACCESS_TTL: std::ops::RangeInclusive<u64> = 600..=3600;

/// The lives of the tokens to issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) access: Duration,
    /// `None`: no refresh token is issued.
    pub(crate) refresh: Option<Duration>,
}

impl Terms {
    /// The terms for a request that asks for these lives, in seconds.
    pub(crate) fn new(options: &Options, access: Option<u64>, refresh: Option<u64>) -> Self {
        let usual = options.access_token_ttl;
        let access = match access {
            Some(asked) if usual >= *REQUESTED_ACCESS_TTL.start() => {
                asked.clamp(*REQUESTED_ACCESS_TTL.start(), *REQUESTED_ACCESS_TTL.end())
            }
            _ => usual,
        };
        let refresh = refresh.unwrap_or(u64::MAX).min(options.refresh_token_ttl);
        Self {
            access: Duration::from_secs(access),
            refresh: (refresh > 0).then(|| Duration::from_secs(refresh)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(usual: u64, asked: Option<u64>) -> u64 {
        Terms::new(
            &Options {
                access_token_ttl: usual,
                ..Options::default()
            },
            asked,
            None,
        )
        .access
        .as_secs()
    }

    fn refresh(usual: u64, asked: Option<u64>) -> Option<u64> {
        let options = Options {
            refresh_token_ttl: usual,
            ..Options::default()
        };
        Terms::new(&options, None, asked)
            .refresh
            .map(|life| life.as_secs())
    }

    #[test]
    fn a_requested_access_token_life_is_clamped() {
        assert_eq!(access(3600, Some(1)), 600);
        assert_eq!(access(3600, Some(1200)), 1200);
        assert_eq!(access(3600, Some(86_400)), 3600);
    }

    #[test]
    fn without_a_request_the_option_is_what_is_issued() {
        assert_eq!(access(3600, None), 3600);
        assert_eq!(access(7200, None), 7200);
        assert_eq!(access(1, None), 1);
    }

    #[test]
    fn an_option_below_the_clamp_wins_over_any_request() {
        assert_eq!(access(60, Some(3600)), 60);
        assert_eq!(access(60, Some(10)), 60);
    }

    #[test]
    fn a_requested_refresh_token_life_only_shortens() {
        assert_eq!(refresh(604_800, None), Some(604_800));
        assert_eq!(refresh(604_800, Some(600)), Some(600));
        assert_eq!(refresh(604_800, Some(u64::MAX)), Some(604_800));
    }

    #[test]
    fn nought_means_no_refresh_token_in_the_request_and_in_the_option() {
        assert_eq!(refresh(604_800, Some(0)), None);
        assert_eq!(refresh(0, Some(600)), None);
    }
}
