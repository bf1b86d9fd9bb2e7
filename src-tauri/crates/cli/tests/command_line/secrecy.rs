//! Secrets are in no output, no log, no file, and no list of arguments.

use crate::home::{Home, read};

#[test]
fn planted_secrets_are_in_no_output_and_no_file() {
    let (home, env) = Home::with_keeper();
    let text = read(&env);
    let value = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            .unwrap()
    };
    let mut secrets = vec![
        value("RC_APP_CLIENT_SECRET").to_owned(),
        value("RC_USER_JWT").to_owned(),
    ];
    home.run(&["add", "work", "--env-file", env.to_str().unwrap()])
        .done();
    for more in [&[][..], &["--refused"]] {
        let arguments = [&["get", "work"], more].concat();
        secrets.push(home.run(&arguments).done().trim().to_owned());
    }
    // One that the provider refuses, and that is quoted nowhere for it.
    let server = value("RC_SERVER_URL");
    let wrong = format!(
        "RC_SERVER_URL={server}\nRC_APP_CLIENT_ID=nobody\nRC_APP_CLIENT_SECRET=planted-secret\nRC_USER_JWT=planted.j.wt\n"
    );
    let wrong = home.file("wrong.env", &wrong);
    secrets.extend(["planted-secret".to_owned(), "planted.j.wt".to_owned()]);
    let mut printed = String::new();
    for arguments in [
        &["add", "wrong", "--env-file", wrong.to_str().unwrap()][..],
        &["get", "wrong", "--wait", "2s"],
        &["list"],
        &["list", "--json"],
        &["refresh", "work", "--json"],
        &["journal", "--json"],
        &["status", "--json"],
        &["remove", "work", "--json"],
        &["quit"],
    ] {
        let output = home.run(arguments);
        printed.push_str(&output.stdout);
        printed.push_str(&output.stderr);
    }
    for file in [
        "serve.log",
        "practice.log",
        "config.toml",
        "journal.sqlite",
        "journal.sqlite-wal",
    ] {
        // The journal's second file is gone when it was closed in order.
        let bytes = std::fs::read(home.path(file)).unwrap_or_default();
        printed.push_str(&String::from_utf8_lossy(&bytes));
    }
    assert!(
        printed.contains("Presented the JWT"),
        "nothing was looked at"
    );
    for secret in secrets {
        assert!(
            secret.len() > 10 && !printed.contains(&secret),
            "{secret} was printed"
        );
    }
}

#[test]
fn secrets_cannot_be_given_as_arguments() {
    let home = Home::new();
    for option in ["--client-secret", "--assertion", "--jwt", "--token"] {
        let given = format!("{option}=planted-value");
        let output = home.run(&[
            "add",
            "work",
            "--provider",
            "practice",
            "--client-id",
            "c",
            "--grant",
            "jwt",
            &given,
        ]);
        output.failed(2, &[option]);
        assert!(!output.stderr.contains("planted-value"), "{output:?}");
    }
}
