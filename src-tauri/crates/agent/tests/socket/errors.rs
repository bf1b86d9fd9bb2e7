//! Every mistake has the one shape of errors.

use serde_json::json;

use crate::agent::Agent;

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_is_answered_in_one_shape() {
    let agent = Agent::signed_in().await;
    let long = format!("{{\"label\": \"{}\"}}", "x".repeat(70_000));
    for (line, headers, body, status, kind, field) in [
        ("GET /", "", "", 404, "invalid_input", "path"),
        ("GET /v2/status", "", "", 404, "invalid_input", "path"),
        ("PUT /v1/status", "", "", 405, "invalid_input", "method"),
        (
            "GET /v1/status",
            "Origin: https://example.com\r\n",
            "",
            403,
            "invalid_input",
            "origin",
        ),
        (
            "POST /v1/accounts/work/token",
            "",
            "{",
            400,
            "invalid_input",
            "body",
        ),
        (
            "POST /v1/accounts/work/token",
            "",
            "{\"waits\": 1}",
            400,
            "invalid_input",
            "waits",
        ),
        (
            "POST /v1/accounts/work/token",
            "",
            &long,
            413,
            "invalid_input",
            "body",
        ),
        (
            "POST /v1/accounts/two%20words/token",
            "",
            "",
            400,
            "invalid_input",
            "name",
        ),
        (
            "POST /v1/accounts/%ff/token",
            "",
            "",
            400,
            "invalid_input",
            "path",
        ),
        (
            "GET /v1/accounts/nobody",
            "",
            "",
            404,
            "no_such_account",
            "",
        ),
        (
            "DELETE /v1/accounts/nobody",
            "",
            "",
            404,
            "no_such_account",
            "",
        ),
        ("DELETE /v1/leases/x", "", "", 400, "invalid_input", "path"),
        ("POST /v1/accounts", "", "{}", 400, "invalid_input", "name"),
        (
            "POST /v1/sign-ins/1",
            "",
            "{\"redirect\": \"nowhere\"}",
            400,
            "invalid_input",
            "redirect",
        ),
        (
            "POST /v1/sign-ins/1",
            "",
            "{\"redirect\": \"http://a/?code=b\"}",
            404,
            "no_such_sign_in",
            "",
        ),
        (
            "GET /v1/journal?limit=few",
            "",
            "",
            400,
            "invalid_input",
            "query",
        ),
        (
            "GET /v1/events?account=two%20words",
            "",
            "",
            400,
            "invalid_input",
            "account",
        ),
        (
            "POST /v1/accounts/work/token",
            "",
            "{\"min_validity\": 99999}",
            422,
            "validity_too_long",
            "",
        ),
    ] {
        let answer = agent.raw(line, headers, body).await;
        assert_eq!(answer.status, status, "{line}: {answer:?}");
        assert!(
            answer.head.contains("cache-control: no-store"),
            "{line}: {answer:?}"
        );
        assert!(
            answer.head.contains("content-type: application/json"),
            "{line}: {answer:?}"
        );
        let error = &answer.json()["error"];
        assert_eq!(error["kind"], kind, "{line}: {answer:?}");
        if !field.is_empty() {
            assert_eq!(error["field"], field, "{line}: {answer:?}");
        }
        assert!(!error["message"].as_str().unwrap().is_empty());
    }
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
