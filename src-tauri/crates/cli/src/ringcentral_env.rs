//! What a RingCentral developer's `.env` says about an account (the template of the developer guide's samples).

use secrecy::SecretString;
use tokenkeep_keeper::config::{AccountName, Grant};
use tokenkeep_keeper::keeper::NewAccount;
use url::{Host, Url};

use crate::env_file::EnvFile;
use crate::failure::Failure;

const SERVER: &str = "RC_SERVER_URL";
const CLIENT_ID: &str = "RC_APP_CLIENT_ID";
const CLIENT_SECRET: &str = "RC_APP_CLIENT_SECRET";
const JWT: &str = "RC_USER_JWT";
/// The developer guide spells it in both ways.
const REDIRECT: [&str; 2] = ["RC_REDIRECT_URL", "RC_REDIRECT_URI"];

/// The account that the file describes; by JWT where one is there, unless `grant` says otherwise.
pub(crate) fn account(
    file: &EnvFile,
    name: AccountName,
    grant: Option<Grant>,
) -> Result<NewAccount, Failure> {
    let server = url(file, SERVER)?;
    let client_id = file.variable(CLIENT_ID).ok_or_else(|| {
        file.missing(
            CLIENT_ID,
            "without a client id nobody can sign in. Copy it from the app's page",
        )
    })?;
    let client_secret = secret(file, CLIENT_SECRET);
    let assertion = secret(file, JWT);
    let grant = grant.unwrap_or(if assertion.is_some() {
        Grant::Jwt
    } else {
        Grant::Code
    });
    let redirect_uri = REDIRECT
        .iter()
        .find_map(|name| url(file, name).transpose())
        .transpose()?;
    match grant {
        Grant::Jwt if assertion.is_none() => {
            return Err(file.missing(
                JWT,
                "--grant jwt needs a JWT credential. Create one in the developer console",
            ));
        }
        Grant::Jwt if client_secret.is_none() => {
            return Err(file.missing(
                CLIENT_SECRET,
                "signing in with a JWT needs the client's secret",
            ));
        }
        Grant::Code if redirect_uri.is_none() => {
            let why = format!(
                "signing in with a browser needs one that is registered for the app ({JWT} is not used)"
            );
            return Err(file.missing(REDIRECT[0], &why));
        }
        Grant::Code | Grant::Jwt => {}
    }
    Ok(NewAccount {
        name,
        provider: provider(server.as_ref()).to_owned(),
        server,
        client_id: client_id.value.to_string(),
        grant,
        redirect_uri,
        client_secret,
        assertion: assertion.filter(|_| grant == Grant::Jwt),
    })
}

fn secret(file: &EnvFile, name: &str) -> Option<SecretString> {
    file.variable(name)
        .map(|variable| SecretString::from(variable.value.as_str()))
}

fn url(file: &EnvFile, name: &str) -> Result<Option<Url>, Failure> {
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

/// Nobody but the practice provider is a RingCentral on this machine.
fn provider(server: Option<&Url>) -> &'static str {
    let is_loopback = server.and_then(Url::host).is_some_and(|host| match host {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    });
    if is_loopback {
        "practice"
    } else {
        "ringcentral"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn read(text: &str, grant: Option<Grant>) -> Result<NewAccount, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rc.env");
        std::fs::write(&path, text).unwrap();
        EnvFile::read(&path)
            .and_then(|file| account(&file, "work".parse().unwrap(), grant))
            .map_err(|failure| failure.to_string())
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
                "line 1: RC_SERVER_URL is not a URL",
            ),
            (
                GUIDE.replace("https://platform", "mailto:planted"),
                None,
                "line 1: RC_SERVER_URL is not a URL with a host",
            ),
        ] {
            let error = read(&text, grant).err().unwrap();
            assert!(error.contains(words) && error.contains("rc.env"), "{error}");
            assert!(!error.contains("planted"), "{error}");
        }
    }
}
