//! What tests have ordered to go wrong.

use std::collections::BTreeMap;

use axum::http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::paths::Endpoint;
use crate::users::UserId;

/// Something that goes wrong, as a test orders it with `POST /practice/faults` (JSON).
///
/// ```json
/// {"endpoint": "token", "user": 0, "times": 1, "delay_ms": 500, "action": "drop_response"}
/// {"action": {"answer": {"status": 503, "headers": {"retry-after": "5"}, "body": "later"}}}
/// ```
///
/// Faults are looked at in the order in which they were ordered; the first that fits a request applies to it, alone.
/// `GET /practice/faults` lists those that are left, `DELETE /practice/faults` clears them, and requests that are
/// being held up by a delay go on at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Where; the token endpoint unless it says otherwise.
    #[serde(default = "token")]
    pub endpoint: Endpoint,
    /// Only requests of this user, counted from 0, known by the refresh token, code, assertion or access token in the
    /// request. `None`: everybody's.
    #[serde(default)]
    pub user: Option<u32>,
    /// Only token requests of this grant type, such as `refresh_token`. `None`: of all.
    #[serde(default)]
    pub grant_type: Option<String>,
    /// To how many requests; `None`: until it is cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// How long the request waits before anything is done with it, in milliseconds. A client that gives up in that
    /// time has changed nothing.
    #[serde(default)]
    pub delay_ms: u64,
    /// How long the answer is held back once the request has been processed, in milliseconds. A client that gives up
    /// in that time has rotated its tokens.
    #[serde(default)]
    pub hold_ms: u64,
    /// What happens then.
    #[serde(default)]
    pub action: Action,
}

impl Fault {
    /// Why this cannot be done.
    pub(crate) fn unfit(&self) -> Option<&'static str> {
        let Action::Answer {
            status,
            content_type,
            headers,
            ..
        } = &self.action
        else {
            return None;
        };
        if !(200..600).contains(status) {
            return Some("status must be from 200 to 599");
        }
        let all_names = headers
            .keys()
            .all(|name| HeaderName::from_bytes(name.as_bytes()).is_ok());
        let mut values = headers.values().chain([content_type]);
        if !all_names || values.any(|value| HeaderValue::from_str(value).is_err()) {
            return Some("a header has a name or a value that HTTP does not allow");
        }
        None
    }
}

fn token() -> Endpoint {
    Endpoint::Token
}

/// What becomes of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// It is answered as usual: for faults that only delay.
    #[default]
    Serve,
    /// It is not processed; the connection is reset without an answer.
    Refuse,
    /// It is processed, then the connection is reset without an answer.
    DropResponse,
    /// It is processed, and a token answer brings no refresh token.
    NoRefreshToken,
    /// It is not processed; a captive portal's page comes with status 200.
    Html,
    /// It is not processed; this comes instead.
    Answer {
        /// The HTTP status.
        status: u16,
        /// JSON unless it says otherwise.
        #[serde(default = "json")]
        content_type: String,
        /// Further headers.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// The body, as it is sent.
        #[serde(default)]
        body: String,
    },
}

fn json() -> String {
    "application/json".to_owned()
}

/// The faults that are left, in the order in which they were ordered.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn order(&mut self, fault: Fault) {
        if fault.times != Some(0) {
            self.0.push(fault);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn left(&self) -> &[Fault] {
        &self.0
    }

    /// Whether it is worth finding out whose requests to this endpoint are.
    pub(crate) fn concern(&self, endpoint: Endpoint) -> bool {
        self.0.iter().any(|fault| fault.endpoint == endpoint)
    }

    /// The fault for a request, which is thereby used once.
    pub(crate) fn take(
        &mut self,
        endpoint: Endpoint,
        user: Option<UserId>,
        grant_type: Option<&str>,
    ) -> Option<Fault> {
        let fits = |fault: &Fault| {
            let only = fault.grant_type.as_deref();
            fault.endpoint == endpoint
                && fault.user.is_none_or(|only| user == Some(UserId(only)))
                && only.is_none_or(|only| grant_type == Some(only))
        };
        let index = self.0.iter().position(fits)?;
        let taken = self.0[index].clone();
        if let Some(times) = &mut self.0[index].times {
            *times -= 1;
            if *times == 0 {
                self.0.remove(index);
            }
        }
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Fault {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_fault_is_used_as_often_as_it_says_and_no_more() {
        let mut faults = Faults::default();
        faults.order(fault(r#"{"times": 2, "action": "refuse"}"#));
        assert_eq!(
            faults.take(Endpoint::Token, None, None).unwrap().action,
            Action::Refuse
        );
        assert!(faults.take(Endpoint::Resource, None, None).is_none());
        assert!(faults.take(Endpoint::Token, None, None).is_some());
        assert!(faults.take(Endpoint::Token, None, None).is_none());
    }

    #[test]
    fn a_fault_without_times_lasts_until_it_is_cleared() {
        let mut faults = Faults::default();
        faults.order(fault(r#"{"action": "html"}"#));
        for _ in 0..100 {
            assert!(faults.take(Endpoint::Token, None, None).is_some());
        }
        faults.clear();
        assert!(faults.take(Endpoint::Token, None, None).is_none());
    }

    #[test]
    fn a_fault_for_one_grant_leaves_the_others_alone() {
        let mut faults = Faults::default();
        faults.order(fault(
            r#"{"grant_type": "refresh_token", "times": 1, "action": "refuse"}"#,
        ));
        let other = Some("authorization_code");
        assert!(faults.take(Endpoint::Token, None, other).is_none());
        assert!(faults.take(Endpoint::Token, None, None).is_none());
        let refresh = Some("refresh_token");
        assert!(faults.take(Endpoint::Token, None, refresh).is_some());
    }

    #[test]
    fn a_fault_for_one_user_leaves_the_others_alone() {
        let mut faults = Faults::default();
        faults.order(fault(r#"{"user": 1, "delay_ms": 5}"#));
        assert!(
            faults
                .take(Endpoint::Token, Some(UserId(0)), None)
                .is_none()
        );
        assert!(faults.take(Endpoint::Token, None, None).is_none());
        assert_eq!(
            faults
                .take(Endpoint::Token, Some(UserId(1)), None)
                .unwrap()
                .delay_ms,
            5
        );
    }

    #[test]
    fn faults_apply_in_the_order_in_which_they_were_ordered() {
        let mut faults = Faults::default();
        faults.order(fault(
            r#"{"times": 1, "action": {"answer": {"status": 500}}}"#,
        ));
        faults.order(fault(r#"{"times": 1, "action": "drop_response"}"#));
        assert!(matches!(
            faults.take(Endpoint::Token, None, None).unwrap().action,
            Action::Answer { status: 500, .. }
        ));
        assert_eq!(
            faults.take(Endpoint::Token, None, None).unwrap().action,
            Action::DropResponse
        );
    }

    #[test]
    fn an_answer_that_http_cannot_say_is_unfit() {
        let unfit = |answer: &str| {
            fault(&format!(r#"{{"action": {{"answer": {answer}}}}}"#))
                .unfit()
                .is_some()
        };
        assert!(!unfit(
            r#"{"status": 503, "headers": {"retry-after": "5"}}"#
        ));
        for answer in [
            r#"{"status": 100}"#,
            r#"{"status": 600}"#,
            r#"{"status": 200, "headers": {"a b": "c"}}"#,
            r#"{"status": 200, "headers": {"a": "b\nc"}}"#,
            r#"{"status": 200, "content_type": "\n"}"#,
        ] {
            assert!(unfit(answer), "{answer}");
        }
    }

    #[test]
    fn a_misspelt_fault_is_no_fault() {
        assert!(serde_json::from_str::<Fault>(r#"{"tims": 1}"#).is_err());
        assert!(serde_json::from_str::<Fault>(r#"{"action": "explode"}"#).is_err());
    }
}
