//! Requests at the socket.

use tokenkeep_tests::{Bus, Home, Keeper, Provider};

#[test]
fn requests_at_the_socket_that_make_no_sense_name_the_field() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    for (request, body, status, field) in [
        ("POST /v1/accounts/work/token", "nonsense", 400, "body"),
        (
            "POST /v1/accounts/work/token",
            r#"{"min-validity": 1}"#,
            400,
            "min-validity",
        ),
        (
            "POST /v1/accounts/work/token",
            r#"{"wait": "long"}"#,
            400,
            "wait",
        ),
        (
            "POST /v1/accounts/work/token",
            r#"{"lease": {}}"#,
            400,
            "lease",
        ),
        (
            "POST /v1/accounts/work/refused",
            r#"{"fingerprint": "f"}"#,
            400,
            "fingerprint",
        ),
        ("POST /v1/accounts/no%20name/token", "", 400, "name"),
        ("POST /v1/accounts/nobody/token", "", 404, "name"),
        ("POST /v1/accounts", "{}", 400, "name"),
        ("GET /v1/accounts/work/token", "", 405, "method"),
        ("GET /v2/accounts", "", 404, "path"),
    ] {
        let (method, path) = request.split_once(' ').unwrap();
        let reply = home.ask(method, path, body);
        assert_eq!(reply.status, status, "{request} {body}: {reply:?}");
        let error = &reply.json()["error"];
        assert_eq!(error["field"], field, "{request} {body}: {error}");
        let words = error["message"].as_str();
        assert!(words.is_some_and(|words| words.len() > 10), "{error}");
    }
    assert_eq!(home.ask_for_token("work").status, 200);
}
