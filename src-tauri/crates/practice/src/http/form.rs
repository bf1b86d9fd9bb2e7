//! The parameters of a request.

use std::collections::HashMap;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use url::form_urlencoded;

use crate::oauth_error::OAuthError;

/// The parameters of a request. Holds secrets, hence no `Debug`.
pub(crate) struct Form(HashMap<String, String>);

impl Form {
    /// Reads a form. A parameter without a value counts as left out, and one that comes twice is refused
    /// (RFC 6749, section 3.2).
    pub(crate) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, OAuthError> {
        let content_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(OAuthError::NotAForm);
        }
        Self::of_pairs(body)
    }

    /// Reads the query of an authorization request by the same rules (RFC 6749, section 3.1).
    pub(crate) fn of_query(query: &str) -> Result<Self, OAuthError> {
        Self::of_pairs(query.as_bytes())
    }

    fn of_pairs(text: &[u8]) -> Result<Self, OAuthError> {
        let mut parameters = HashMap::new();
        for (name, value) in form_urlencoded::parse(text).filter(|(_, value)| !value.is_empty()) {
            if parameters
                .insert(name.into_owned(), value.into_owned())
                .is_some()
            {
                return Err(OAuthError::Parameter("repeated"));
            }
        }
        Ok(Self(parameters))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A required parameter.
    pub(crate) fn require(&self, name: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or(OAuthError::Parameter(name))
    }

    /// A whole number of seconds.
    pub(crate) fn seconds(&self, name: &'static str) -> Result<Option<u64>, OAuthError> {
        self.get(name)
            .map(|text| text.parse().map_err(|_| OAuthError::Parameter(name)))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(content_type: &'static str, body: &str) -> Result<Form, OAuthError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        Form::parse(&headers, body.as_bytes())
    }

    const FORM: &str = "application/x-www-form-urlencoded";

    #[test]
    fn the_content_type_may_carry_a_charset() {
        let form = parse(
            "Application/X-WWW-Form-URLencoded; charset=UTF-8",
            "a=b+c&d=%2F",
        )
        .ok()
        .unwrap();
        assert_eq!((form.get("a"), form.get("d")), (Some("b c"), Some("/")));
    }

    #[test]
    fn anything_but_a_form_is_refused() {
        assert_eq!(
            parse("application/json", "{}").err(),
            Some(OAuthError::NotAForm)
        );
    }

    #[test]
    fn a_repeated_parameter_is_refused_and_an_empty_one_left_out() {
        assert_eq!(
            parse(FORM, "a=1&a=2").err(),
            Some(OAuthError::Parameter("repeated"))
        );
        let form = parse(FORM, "a=&b=1").ok().unwrap();
        assert_eq!(form.get("a"), None);
        assert_eq!(form.require("a").err(), Some(OAuthError::Parameter("a")));
    }

    #[test]
    fn seconds_are_whole_numbers() {
        let form = parse(FORM, "a=60&b=NaN&c=-1").ok().unwrap();
        assert_eq!(form.seconds("a"), Ok(Some(60)));
        assert_eq!(form.seconds("b"), Err(OAuthError::Parameter("b")));
        assert_eq!(form.seconds("c"), Err(OAuthError::Parameter("c")));
        assert_eq!(form.seconds("d"), Ok(None));
    }
}
