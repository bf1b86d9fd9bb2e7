//! The providers that ship with the program.

use std::time::Duration;

use strum::VariantNames as _;
use url::Url;

use crate::loopback::{is_loopback, may_carry_secrets};
use crate::provider::{ClientAuthentication, Provider, Quota, RenewalEffect};

/// The path of RingCentral's OAuth endpoints (RingCentral, docs/authentication/oauth-request.md).
const ENDPOINTS: &str = "restapi/oauth/";

/// Five requests a minute, then a minute of 429 that restarts with every further request
/// (RingCentral, docs/basics/rate-limits.md, the group *Auth*).
const QUOTA: Quota = Quota {
    requests: 5,
    window: Duration::from_secs(60),
    penalty: Duration::from_secs(60),
};

/// How long RingCentral repeats its answer to a used refresh token while the new access token is
/// unused (RingCentral, docs/authentication/refresh-tokens.md: "up to 60 minutes").
const REPLAY_WINDOW: Duration = Duration::from_secs(60 * 60);

/// A provider that ships with the program, by the name that configurations give it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantNames,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
#[cfg_attr(feature = "ts-rs", derive(ts_rs::TS))]
pub enum Preset {
    /// RingCentral.
    RingCentral,
    /// The practice provider, on this machine.
    Practice,
}

/// Why a provider cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// No preset has this name.
    #[error("There is no provider called {name:?}. There are: {}.", Preset::VARIANTS.join(", "))]
    Unknown {
        /// The name that was given.
        name: String,
    },
    /// The server's URL cannot be the base of the endpoints.
    #[error("The address {server} cannot be the server of the provider {provider}: {reason}.")]
    Server {
        /// Scheme and host of the given URL. No more, because a URL can hold a password.
        server: String,
        /// The provider.
        provider: Preset,
        /// What is wrong with it, and what would be right.
        reason: &'static str,
    },
}

/// The provider of this name. `server` (`RC_SERVER_URL` in RingCentral's samples) replaces the
/// base URL of its endpoints.
///
/// # Errors
/// Where there is no such preset, or where secrets must not be sent to that server.
pub fn preset(name: &str, server: Option<Url>) -> Result<Provider, ProviderError> {
    let Ok(preset) = name.parse() else {
        return Err(ProviderError::Unknown {
            name: name.to_owned(),
        });
    };
    match preset {
        Preset::RingCentral => {
            ringcentral(server.unwrap_or_else(|| known("https://platform.ringcentral.com")))
        }
        Preset::Practice => practice(server.unwrap_or_else(|| known("http://127.0.0.1:8642"))),
    }
}

fn ringcentral(server: Url) -> Result<Provider, ProviderError> {
    let unfit = |reason| server_error(Preset::RingCentral, &server, reason);
    if !may_carry_secrets(&server) {
        return Err(unfit(
            "it must begin with https://, so that secrets are not sent in the clear",
        ));
    }
    let base = base(&server).map_err(unfit)?;
    Ok(Provider {
        title: "RingCentral".to_owned(),
        no_refresh_token_advice:
            "RingCentral sent no refresh token, so this sign-in ends with its \
            access token. In the developer console, open the app's settings, turn on \
            \"Issue refresh tokens\" (it is off by default), and sign in again."
                .to_owned(),
        console_url: Some(known("https://developers.ringcentral.com/console")),
        ..like_ringcentral(Preset::RingCentral, base)
    })
}

fn practice(server: Url) -> Result<Provider, ProviderError> {
    let unfit = |reason| server_error(Preset::Practice, &server, reason);
    if !may_carry_secrets(&server) || !is_loopback(&server) {
        return Err(unfit(
            "the practice provider runs on this machine only, at an address such as http://127.0.0.1:8642",
        ));
    }
    let base = base(&server).map_err(unfit)?;
    Ok(Provider {
        title: "Practice provider".to_owned(),
        no_refresh_token_advice: "The practice provider sent no refresh token, so this sign-in \
            ends with its access token. Start it without --refresh-token-ttl 0 and sign in again."
            .to_owned(),
        ..like_ringcentral(Preset::Practice, base)
    })
}

/// What RingCentral and the practice provider have in common.
fn like_ringcentral(preset: Preset, base: Url) -> Provider {
    let endpoint = |last: &str| {
        let mut url = base.clone();
        url.set_path(&format!("{}{ENDPOINTS}{last}", base.path()));
        url
    };
    Provider {
        name: preset.to_string(),
        title: String::new(),
        // RingCentral documents none, and its redirects carry no `iss`.
        issuer: None,
        authorization_endpoint: endpoint("authorize"),
        token_endpoint: endpoint("token"),
        revocation_endpoint: Some(endpoint("revoke")),
        client_authentication: ClientAuthentication::Basic,
        refresh: RenewalEffect::KillsPrevious,
        assertion: RenewalEffect::KillsNothing,
        replay_window: Some(REPLAY_WINDOW),
        quota: Some(QUOTA),
        no_refresh_token_advice: String::new(),
        console_url: None,
        base,
    }
}

/// The URL with a path that ends in a slash, so that endpoints can be appended.
fn base(server: &Url) -> Result<Url, &'static str> {
    if !server.username().is_empty() || server.password().is_some() {
        return Err("it must not hold a user name or password");
    }
    if server.query().is_some() || server.fragment().is_some() {
        return Err("it must end with its path, without ? or #");
    }
    let mut base = server.clone();
    let path = format!("{}/", base.path().trim_end_matches('/'));
    base.set_path(&path);
    Ok(base)
}

fn server_error(provider: Preset, server: &Url, reason: &'static str) -> ProviderError {
    let server = format!(
        "{}://{}",
        server.scheme(),
        server.host_str().unwrap_or_default()
    );
    ProviderError::Server {
        server,
        provider,
        reason,
    }
}

#[expect(
    clippy::expect_used,
    reason = "called with the literals above only, which tests parse"
)]
fn known(url: &'static str) -> Url {
    Url::parse(url).expect("a literal")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(name: &str, server: &str) -> Result<Provider, ProviderError> {
        preset(name, Some(Url::parse(server).unwrap()))
    }

    #[test]
    fn every_name_has_a_preset() {
        for name in Preset::VARIANTS {
            assert_eq!(preset(name, None).unwrap().name, *name);
        }
    }

    #[test]
    fn ringcentral_has_its_documented_endpoints() {
        let provider = preset("ringcentral", None).unwrap();
        assert_eq!(
            provider.authorization_endpoint.as_str(),
            "https://platform.ringcentral.com/restapi/oauth/authorize"
        );
        assert_eq!(
            provider.token_endpoint.as_str(),
            "https://platform.ringcentral.com/restapi/oauth/token"
        );
        assert_eq!(
            provider.revocation_endpoint.unwrap().as_str(),
            "https://platform.ringcentral.com/restapi/oauth/revoke"
        );
    }

    #[test]
    fn a_server_moves_the_endpoints_whether_or_not_it_ends_in_a_slash() {
        for server in [
            "https://platform.ringcentral.biz",
            "https://platform.ringcentral.biz/",
        ] {
            let provider = at("ringcentral", server).unwrap();
            assert_eq!(
                provider.token_endpoint.as_str(),
                "https://platform.ringcentral.biz/restapi/oauth/token"
            );
        }
        let provider = at("practice", "http://localhost:9/behind/a/path").unwrap();
        assert_eq!(provider.base.as_str(), "http://localhost:9/behind/a/path/");
        assert_eq!(
            provider.token_endpoint.as_str(),
            "http://localhost:9/behind/a/path/restapi/oauth/token"
        );
    }

    #[test]
    fn secrets_go_nowhere_in_the_clear() {
        assert!(at("ringcentral", "http://platform.ringcentral.com").is_err());
        assert!(at("ringcentral", "ftp://platform.ringcentral.com").is_err());
        assert!(at("ringcentral", "http://localhost:8642").is_ok());
        assert!(at("practice", "https://platform.ringcentral.com").is_err());
        assert!(at("practice", "http://192.168.1.2:8642").is_err());
        assert!(at("practice", "http://[::1]:8642").is_ok());
    }

    #[test]
    fn a_refused_server_is_named_without_its_password() {
        let error = at("ringcentral", "https://user:hunter2@example.com").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert!(error.to_string().contains("https://example.com"), "{error}");
        assert!(at("ringcentral", "https://example.com/?a=b").is_err());
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = preset("ringcentrl", None).unwrap_err().to_string();
        assert!(
            error.contains("ringcentrl") && error.contains("practice"),
            "{error}"
        );
    }
}
