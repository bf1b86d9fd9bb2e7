//! An account, as it is typed into the page.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokenkeep_keeper::config::Grant;
use tokenkeep_keeper::keeper::{AccountField, NewAccount};
use tokenkeep_oauth::Preset;
use url::Url;

use super::command_error::CommandError;

/// An account as it was typed in. Its secrets go this one way.
#[derive(Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct AccountForm {
    name: String,
    provider: Preset,
    server: Option<String>,
    client_id: String,
    grant: Grant,
    redirect_uri: Option<String>,
    #[cfg_attr(test, ts(type = "string | null"))]
    client_secret: Option<SecretString>,
    #[cfg_attr(test, ts(type = "string | null"))]
    assertion: Option<SecretString>,
}

impl AccountForm {
    /// The account that the form describes.
    ///
    /// # Errors
    /// Names the field that cannot be read.
    pub(in super::super) fn account(self) -> Result<NewAccount, CommandError> {
        let name = self
            .name
            .trim()
            .parse()
            .map_err(|error| CommandError::of_field(AccountField::Name, error))?;
        let given = |secret: &SecretString| !secret.expose_secret().trim().is_empty();
        Ok(NewAccount {
            name,
            provider: self.provider.to_string(),
            server: address(AccountField::Server, self.server.as_deref())?,
            client_id: self.client_id.trim().to_owned(),
            grant: self.grant,
            redirect_uri: address(AccountField::RedirectUri, self.redirect_uri.as_deref())?,
            client_secret: self.client_secret.filter(given),
            assertion: self.assertion.filter(given),
        })
    }
}

/// An address that was typed in, if one was.
fn address(field: AccountField, typed: Option<&str>) -> Result<Option<Url>, CommandError> {
    let typed = typed.map(str::trim).filter(|typed| !typed.is_empty());
    typed
        .map(|typed| {
            Url::parse(typed).map_err(|error| {
                let words = format!(
                    "This is not an address ({error}). It has to be like https://example.com/path."
                );
                CommandError::of_field(field, words)
            })
        })
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(more: serde_json::Value) -> AccountForm {
        let mut form = serde_json::json!({
            "name": " me ", "provider": "ringcentral", "server": "", "clientId": " id ", "grant": "code",
            "redirectUri": "http://localhost:5000/cb", "clientSecret": " ", "assertion": null,
        });
        for (field, value) in more.as_object().unwrap() {
            form[field] = value.clone();
        }
        serde_json::from_value(form).unwrap()
    }

    #[test]
    fn what_was_left_empty_is_absent_and_spaces_do_not_count() {
        let account = form(serde_json::json!({})).account().unwrap();
        assert_eq!(
            (account.name.as_str(), account.client_id.as_str()),
            ("me", "id")
        );
        assert!(account.server.is_none() && account.client_secret.is_none());
        assert_eq!(account.provider, "ringcentral");
    }

    #[test]
    fn a_field_that_cannot_be_read_is_named() {
        for (field, wrong, named) in [
            ("name", "a b", AccountField::Name),
            ("server", "nowhere", AccountField::Server),
            ("redirectUri", "cb", AccountField::RedirectUri),
        ] {
            let error = form(serde_json::json!({ field: wrong }))
                .account()
                .unwrap_err();
            assert_eq!(error.field, Some(named));
        }
    }
}
