//! What a RingCentral developer's `.env` says about an account (the template of the developer guide's samples).

use secrecy::SecretString;
use serde::Serialize;
use tokenkeep_oauth::Preset;
use url::{Host, Url};

use super::error::{EnvFileError, Needed};
use super::file::EnvFile;
use crate::config::{AccountName, Grant};
use crate::keeper::NewAccount;

const SERVER: &str = "RC_SERVER_URL";
const CLIENT_ID: &str = "RC_APP_CLIENT_ID";
const CLIENT_SECRET: &str = "RC_APP_CLIENT_SECRET";
const JWT: &str = "RC_USER_JWT";
/// The developer guide uses both names.
const REDIRECT: [&str; 2] = ["RC_REDIRECT_URL", "RC_REDIRECT_URI"];

/// What a file holds, without its secrets, for a person to decide whether to use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The provider's name.
    pub provider: String,
    /// The provider's base URL.
    pub server: Option<Url>,
    /// The client id.
    pub client_id: String,
    /// The redirect URI.
    pub redirect_uri: Option<Url>,
    /// Whether there is a client secret.
    pub has_client_secret: bool,
    /// Whether there is a JWT credential.
    pub has_assertion: bool,
    /// The grants for which the file holds everything; at least one, the preferred one first.
    pub grants: Vec<Grant>,
}

/// The account that the file describes. It signs in by JWT if the file has one, unless `grant` says otherwise.
///
/// # Errors
/// Where something that the grant needs is missing, or a URL in the file is not valid.
pub fn account(
    file: &EnvFile,
    name: AccountName,
    grant: Option<Grant>,
) -> Result<NewAccount, EnvFileError> {
    let found = Found::in_file(file)?;
    let grant = grant.unwrap_or(found.preferred());
    found.check(file, grant)?;
    Ok(NewAccount {
        name,
        provider: provider(found.server.as_ref()).to_string(),
        server: found.server,
        client_id: found.client_id,
        grant,
        redirect_uri: found.redirect_uri,
        client_secret: found.client_secret,
        assertion: found.assertion.filter(|_| grant == Grant::Jwt),
    })
}

/// What the file holds.
///
/// # Errors
/// Where that is not enough for any grant, or a URL in the file is not valid.
pub fn summary(file: &EnvFile) -> Result<Summary, EnvFileError> {
    let found = Found::in_file(file)?;
    let grants: Vec<_> = [Grant::Jwt, Grant::Code]
        .into_iter()
        .filter(|grant| found.check(file, *grant).is_ok())
        .collect();
    if grants.is_empty() {
        found.check(file, found.preferred())?;
    }
    Ok(Summary {
        provider: provider(found.server.as_ref()).to_string(),
        server: found.server,
        client_id: found.client_id,
        redirect_uri: found.redirect_uri,
        has_client_secret: found.client_secret.is_some(),
        has_assertion: found.assertion.is_some(),
        grants,
    })
}

/// The values of the template's variables.
struct Found {
    server: Option<Url>,
    client_id: String,
    client_secret: Option<SecretString>,
    assertion: Option<SecretString>,
    redirect_uri: Option<Url>,
}

impl Found {
    fn in_file(file: &EnvFile) -> Result<Self, EnvFileError> {
        let server = url(file, SERVER)?;
        let client_id = file
            .variable(CLIENT_ID)
            .ok_or_else(|| file.missing(Needed::ClientId))?;
        let redirect_uri = REDIRECT
            .iter()
            .find_map(|name| url(file, name).transpose())
            .transpose()?;
        Ok(Self {
            server,
            client_id: client_id.value.to_string(),
            client_secret: secret(file, CLIENT_SECRET),
            assertion: secret(file, JWT),
            redirect_uri,
        })
    }

    fn preferred(&self) -> Grant {
        if self.assertion.is_some() {
            Grant::Jwt
        } else {
            Grant::Code
        }
    }

    /// Checks that the file holds everything that the grant needs.
    fn check(&self, file: &EnvFile, grant: Grant) -> Result<(), EnvFileError> {
        let needed = match grant {
            Grant::Jwt if self.assertion.is_none() => Needed::Assertion,
            Grant::Jwt if self.client_secret.is_none() => Needed::ClientSecret,
            Grant::Code if self.redirect_uri.is_none() => Needed::RedirectUri,
            Grant::Code | Grant::Jwt => return Ok(()),
        };
        Err(file.missing(needed))
    }
}

fn secret(file: &EnvFile, name: &str) -> Option<SecretString> {
    file.variable(name)
        .map(|variable| SecretString::from(variable.value.as_str()))
}

fn url(file: &EnvFile, name: &str) -> Result<Option<Url>, EnvFileError> {
    let Some(variable) = file.variable(name) else {
        return Ok(None);
    };
    let url: Url = variable.value.parse().map_err(|error| {
        file.wrong(
            variable,
            &format!("is not a URL ({error}); it has to be like https://example.com"),
        )
    })?;
    if url.cannot_be_a_base() || !url.has_host() {
        return Err(file.wrong(
            variable,
            "is not a URL with a host; it has to be like https://example.com",
        ));
    }
    Ok(Some(url))
}

/// A server on this machine can only be the practice provider.
fn provider(server: Option<&Url>) -> Preset {
    let is_loopback = server.and_then(Url::host).is_some_and(|host| match host {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    });
    if is_loopback {
        Preset::Practice
    } else {
        Preset::RingCentral
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use secrecy::ExposeSecret as _;

    fn file(text: &str) -> Result<EnvFile, EnvFileError> {
        EnvFile::parse(Path::new("rc.env"), text)
    }

    fn read(text: &str, grant: Option<Grant>) -> Result<NewAccount, String> {
        file(text)
            .and_then(|file| account(&file, "work".parse().unwrap(), grant))
            .map_err(|error| error.to_string())
    }

    const GUIDE: &str = "\
        RC_SERVER_URL        = https://platform.ringcentral.com\n\
        RC_APP_CLIENT_ID     = 'client'\n\
        RC_APP_CLIENT_SECRET = \"planted-secret\"\n\
        RC_USER_JWT          = planted.jwt.credential\n\
        RC_REDIRECT_URL      =\n";

    #[test]
    fn a_jwt_makes_a_jwt_account() {
        let new = read(GUIDE, None).unwrap();
        assert_eq!(
            (new.grant, new.provider.as_str(), new.client_id.as_str()),
            (Grant::Jwt, "ringcentral", "client")
        );
        assert_eq!(new.client_secret.unwrap().expose_secret(), "planted-secret");
        assert_eq!(
            new.assertion.unwrap().expose_secret(),
            "planted.jwt.credential"
        );
        assert_eq!(new.redirect_uri, None);
    }

    #[test]
    fn without_a_jwt_a_person_signs_in() {
        for redirect in REDIRECT {
            let new = read(
                &format!("RC_APP_CLIENT_ID=c\nRC_USER_JWT=\n{redirect}=http://localhost:5000/cb"),
                None,
            )
            .unwrap();
            assert_eq!(
                (new.grant, new.server, new.client_secret.is_some()),
                (Grant::Code, None, false)
            );
            assert_eq!(
                new.redirect_uri.unwrap().as_str(),
                "http://localhost:5000/cb"
            );
        }
    }

    #[test]
    fn the_grant_asked_for_wins_and_takes_no_more_secrets_than_it_needs() {
        let text = GUIDE.replace(
            "RC_REDIRECT_URL      =",
            "RC_REDIRECT_URI = https://example.com/cb",
        );
        let new = read(&text, Some(Grant::Code)).unwrap();
        assert_eq!(new.grant, Grant::Code);
        assert!(new.assertion.is_none() && new.client_secret.is_some());
    }

    #[test]
    fn a_server_on_this_machine_is_the_practice_provider() {
        for (server, provider) in [
            ("http://127.0.0.1:8642", "practice"),
            ("http://localhost:8642/", "practice"),
            ("http://[::1]:8642", "practice"),
            ("https://platform.ringcentral.biz", "ringcentral"),
            ("https://localhost.example.com", "ringcentral"),
        ] {
            let new = read(
                &GUIDE.replace("https://platform.ringcentral.com", server),
                None,
            )
            .unwrap();
            assert_eq!(new.provider, provider, "{server}");
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_and_no_value_quoted() {
        for (text, grant, words) in [
            (
                "RC_USER_JWT=planted".to_owned(),
                None,
                "RC_APP_CLIENT_ID is missing",
            ),
            (
                "RC_APP_CLIENT_ID=c\nRC_USER_JWT=planted".to_owned(),
                None,
                "RC_APP_CLIENT_SECRET is missing",
            ),
            (
                "RC_APP_CLIENT_ID=c".to_owned(),
                None,
                "RC_REDIRECT_URL is missing",
            ),
            (
                "RC_APP_CLIENT_ID=c".to_owned(),
                Some(Grant::Jwt),
                "RC_USER_JWT is missing",
            ),
            (
                GUIDE.replace("https://platform", "planted platform"),
                None,
                "in line 1: RC_SERVER_URL is not a URL",
            ),
            (
                GUIDE.replace("https://platform", "mailto:planted"),
                None,
                "in line 1: RC_SERVER_URL is not a URL with a host",
            ),
        ] {
            let error = read(&text, grant).err().unwrap();
            assert!(error.contains(words) && error.contains("rc.env"), "{error}");
            assert!(!error.contains("planted"), "{error}");
        }
    }

    #[test]
    fn a_summary_says_which_grants_the_file_allows_and_shows_no_secret() {
        let both = GUIDE.replace(
            "RC_REDIRECT_URL      =",
            "RC_REDIRECT_URL = https://example.com/cb",
        );
        let shown = summary(&file(&both).unwrap()).unwrap();
        assert_eq!(shown.grants, [Grant::Jwt, Grant::Code]);
        assert_eq!(
            (shown.provider.as_str(), shown.client_id.as_str()),
            ("ringcentral", "client")
        );
        assert!(shown.has_client_secret && shown.has_assertion);
        let everything = format!("{shown:?} {}", serde_json::to_string(&shown).unwrap());
        assert!(!everything.contains("planted"), "{everything}");
        for (without, grants) in [
            ("RC_REDIRECT_URL", vec![Grant::Jwt]),
            ("RC_USER_JWT", vec![Grant::Code]),
            ("RC_APP_CLIENT_SECRET", vec![Grant::Code]),
        ] {
            let some = both.replace(without, "ELSE");
            assert_eq!(
                summary(&file(&some).unwrap()).unwrap().grants,
                grants,
                "{without}"
            );
        }
    }

    #[test]
    fn a_file_that_allows_no_grant_has_no_summary_but_words_about_the_preferred_one() {
        for (text, needed) in [
            ("RC_USER_JWT=planted", Needed::ClientId),
            ("RC_APP_CLIENT_ID=c", Needed::RedirectUri),
            (
                "RC_APP_CLIENT_ID=c\nRC_USER_JWT=planted",
                Needed::ClientSecret,
            ),
        ] {
            let path = "rc.env".into();
            assert_eq!(
                summary(&file(text).unwrap()),
                Err(EnvFileError::Missing { path, needed })
            );
        }
    }
}
