//! Every mistake has the one shape of errors.

use serde_json::json;

use crate::agent::{Agent, Raw};

/// By their names: the request, its body, and status, kind and field of the answer.
const MISTAKES: &str = r#"
    no version in the path       | GET /                               |                                  | 404 invalid_input path
    another version in the path  | GET /v2/status                      |                                  | 404 invalid_input path
    another method               | PUT /v1/status                      |                                  | 405 invalid_input method
    a body cut off               | POST /v1/accounts/work/token        | {                                | 400 invalid_input body
    a field that does not exist  | POST /v1/accounts/work/token        | {"waits": 1}                     | 400 invalid_input waits
    a name with a space          | POST /v1/accounts/two%20words/token |                                  | 400 invalid_input name
    a name that is not UTF-8     | POST /v1/accounts/%ff/token         |                                  | 400 invalid_input path
    looking at no account        | GET /v1/accounts/nobody             |                                  | 404 no_such_account name
    removing no account          | DELETE /v1/accounts/nobody          |                                  | 404 no_such_account name
    a lease that has no number   | DELETE /v1/leases/x                 |                                  | 400 invalid_input path
    an account without a name    | POST /v1/accounts                   | {}                               | 400 invalid_input name
    a redirect that is no URL    | POST /v1/sign-ins/1                 | {"redirect": "nowhere"}          | 400 invalid_input redirect
    a sign-in that is not there  | POST /v1/sign-ins/1                 | {"redirect": "http://a/?code=b"} | 404 no_such_sign_in -
    a limit in words             | GET /v1/journal?limit=few           |                                  | 400 invalid_input query
    events of a name with space  | GET /v1/events?account=two%20words  |                                  | 400 invalid_input account
    more validity than there is  | POST /v1/accounts/work/token        | {"min_validity": 99999}          | 422 validity_too_long min_validity
"#;

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_is_answered_in_one_shape() {
    let agent = Agent::signed_in().await;
    for row in MISTAKES.trim().lines() {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [name, request, body, expected] = cells[..] else {
            panic!("{row} has four cells")
        };
        let answer = agent.raw(request, "", body).await;
        is_an_error(name, &answer, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_web_is_turned_away() {
    let agent = Agent::signed_in().await;
    let origin = "Origin: https://example.com\r\n";
    let answer = agent.raw("GET /v1/status", origin, "").await;
    is_an_error("a web page", &answer, "403 invalid_input origin");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_long_is_not_taken() {
    let agent = Agent::signed_in().await;
    let long = format!("{{\"label\": \"{}\"}}", "x".repeat(70_000));
    let answer = agent.raw("POST /v1/accounts/work/token", "", &long).await;
    is_an_error("a long body", &answer, "413 invalid_input body");
}

/// `expected`: status, kind and field; `-` for no field.
#[track_caller]
fn is_an_error(name: &str, answer: &Raw, expected: &str) {
    let error = &answer.json()["error"];
    let (status, kind) = (answer.status, error["kind"].as_str().unwrap_or("-"));
    let field = error["field"].as_str().unwrap_or("-");
    assert_eq!(
        format!("{status} {kind} {field}"),
        expected,
        "{name}: {answer:?}"
    );
    for header in ["cache-control: no-store", "content-type: application/json"] {
        assert!(answer.head.contains(header), "{name}: {answer:?}");
    }
    assert!(
        error["message"].as_str().is_some_and(|it| !it.is_empty()),
        "{name}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_is_enough_of_a_client() {
    let agent = Agent::signed_in().await;
    // What `curl -d '{}'` sends.
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let given = agent.raw("POST /v1/accounts/work/token", form, "{}").await;
    assert_eq!(given.status, 200, "{given:?}");
    assert!(given.head.contains("cache-control: no-store"), "{given:?}");
    let without_body = agent.raw("POST /v1/accounts/work/token", "", "").await;
    assert_eq!(
        without_body.json()["access_token"],
        given.json()["access_token"]
    );
    let body = json!({ "access_token": given.json()["access_token"] }).to_string();
    let next = agent.raw("POST /v1/accounts/work/refused", "", &body).await;
    assert_ne!(next.json()["access_token"], given.json()["access_token"]);
}
