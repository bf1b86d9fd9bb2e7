//! A reply's JSON, read field by field, so that one odd field does not spoil the rest.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A hundred years. Longer lifetimes are cut to this, so that date arithmetic does not overflow.
const LONGEST_LIFETIME: f64 = 100.0 * 365.25 * 24.0 * 3600.0;

/// A JSON object whose values are not read yet.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct JsonObject<'a>(#[serde(borrow)] BTreeMap<String, &'a RawValue>);

impl<'a> JsonObject<'a> {
    /// Parses a body. None where it is not a JSON object.
    pub(crate) fn read(body: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(without_mark(body)).ok()
    }

    /// Whether the field is present and not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| value.get() != "null")
    }

    fn get<T: Deserialize<'a>>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }

    /// Whether the field is a string with nothing in it.
    pub(crate) fn is_empty_text(&self, name: &str) -> bool {
        self.get::<String>(name).is_some_and(|text| text.is_empty())
    }

    /// A string that is not empty.
    pub(crate) fn name(&self, name: &str) -> Option<String> {
        self.get::<String>(name).filter(|text| !text.is_empty())
    }

    /// A string that is not empty, or a number as it is written.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = self
            .get::<String>(name)
            .or_else(|| self.get::<serde_json::Number>(name).map(|n| n.to_string()));
        text.filter(|text| !text.is_empty())
    }

    /// A token: printable ASCII (RFC 6749 appendix A.12 and A.17), so that it fits into a header
    /// and on one line.
    pub(crate) fn token(&self, name: &str) -> Option<String> {
        let token = self.get::<String>(name)?;
        (!token.is_empty() && token.bytes().all(|b| (b' '..=b'~').contains(&b))).then_some(token)
    }

    /// A lifetime in seconds. A number in quotes counts. Zero, negative numbers and anything else
    /// count as missing: some providers write 0 for "does not expire".
    pub(crate) fn lifetime(&self, name: &str) -> Option<Duration> {
        let seconds = self
            .get::<f64>(name)
            .or_else(|| self.get::<String>(name)?.trim().parse().ok())?;
        (seconds > 0.0).then(|| Duration::from_secs_f64(seconds.min(LONGEST_LIFETIME)))
    }

    /// The provider's own codes: RingCentral's `errorCode` and `errors[].errorCode`.
    pub(crate) fn error_codes(&self) -> Vec<String> {
        #[derive(Deserialize)]
        struct ErrorItem {
            #[serde(rename = "errorCode")]
            code: String,
        }
        let items = self.get::<Vec<&RawValue>>("errors").unwrap_or_default();
        let listed = items
            .iter()
            .filter_map(|item| serde_json::from_str::<ErrorItem>(item.get()).ok());
        self.get::<String>("errorCode")
            .into_iter()
            .chain(listed.map(|item| item.code))
            .collect()
    }
}

/// Whether the body is JSON of any kind.
pub(crate) fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<&RawValue>(without_mark(body)).is_ok()
}

/// Some servers begin their JSON with a byte order mark, which serde_json rejects.
fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifetime(json: &str) -> Option<u64> {
        let body = format!("{{\"expires_in\": {json}}}");
        JsonObject::read(body.as_bytes())
            .unwrap()
            .lifetime("expires_in")
            .map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn lifetimes_are_read_from_any_kind_of_number() {
        assert_eq!(lifetime("3600"), Some(3600));
        assert_eq!(lifetime("3599.9"), Some(3599));
        assert_eq!(lifetime("\"7199\""), Some(7199));
        assert_eq!(lifetime("\" 60 \""), Some(60));
        assert_eq!(lifetime("1e300"), Some(3_155_760_000));
        assert_eq!(lifetime("18446744073709551616"), Some(3_155_760_000));
    }

    #[test]
    fn lifetimes_that_make_no_sense_count_as_missing() {
        for json in [
            "0", "-1", "-1e300", "1e999", "null", "true", "\"soon\"", "\"NaN\"", "[]", "{}",
        ] {
            assert_eq!(lifetime(json), None, "{json}");
        }
        assert_eq!(lifetime("\"inf\""), Some(3_155_760_000));
    }

    #[test]
    fn an_odd_field_does_not_spoil_the_rest() {
        let body = br#"{"expires_in":1e999,"access_token":"a","owner_id":130,"scope":["x"]}"#;
        let object = JsonObject::read(body).unwrap();
        assert_eq!(object.token("access_token").as_deref(), Some("a"));
        assert_eq!(object.text("owner_id").as_deref(), Some("130"));
        assert_eq!(object.text("scope"), None);
    }

    #[test]
    fn tokens_that_would_break_a_header_or_a_line_are_none() {
        for token in ["", "a\\nb", "a\\u0000", "\\u00e9"] {
            let body = format!("{{\"access_token\":\"{token}\"}}");
            assert_eq!(
                JsonObject::read(body.as_bytes())
                    .unwrap()
                    .token("access_token"),
                None,
                "{token}"
            );
        }
    }

    #[test]
    fn codes_are_found_on_top_and_in_the_list() {
        let body = br#"{"errorCode":"A-1","errors":[{"errorCode":"B-2"},7,{"message":"m"},{"errorCode":3},{"errorCode":"C-3"}]}"#;
        assert_eq!(
            JsonObject::read(body).unwrap().error_codes(),
            ["A-1", "B-2", "C-3"]
        );
        assert!(
            JsonObject::read(br#"{"errors":{}}"#)
                .unwrap()
                .error_codes()
                .is_empty()
        );
    }

    #[test]
    fn only_objects_have_fields() {
        for body in ["", "[]", "\"x\"", "null", "{", "<html>", "{}{}"] {
            assert!(JsonObject::read(body.as_bytes()).is_none(), "{body}");
        }
        assert!(JsonObject::read("\u{feff}{}".as_bytes()).is_some());
    }
}
