//! Leases: a token that is in use is not pulled from under whoever uses it.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use serde_json::{Value, json};
use tokenkeep_tests::{Bus, Child, Home, Keeper, Process, Provider, eventually, tokenkeep_binary};

const LIMIT: Duration = Duration::from_secs(20);

/// A command that prints its token and runs until its input ends.
const UNTIL_HUNG_UP: [&str; 3] = ["sh", "-c", "echo \"$ACCESS_TOKEN\"; cat"];

/// Runs `tokenkeep exec` on the account `work`.
fn exec(home: &Home, options: &[&str], command: &[&str]) -> Child {
    let all = [&["exec", "work"], options, &["--"], command].concat();
    home.start_listening(&all)
}

/// Waits for the first line that a command prints.
#[track_caller]
fn first_line(child: &Child) -> String {
    eventually("the command has printed a line", LIMIT, || {
        let printed = child.stdout();
        printed.split_once('\n').map(|(line, _)| line.to_owned())
    })
}

/// The leases that last.
#[track_caller]
fn leases(home: &Home) -> Vec<Value> {
    let listed = home.tokenkeep(&["leases", "--json"]).json();
    listed.as_array().expect("it is a list").clone()
}

#[track_caller]
fn eventually_leases(home: &Home, count: usize) -> Vec<Value> {
    eventually(&format!("there are {count} leases"), LIMIT, || {
        let leases = leases(home);
        (leases.len() == count).then_some(leases)
    })
}

/// Sends a signal to a process and to no other.
#[track_caller]
fn signal(home: &Home, name: &str, process: u32) {
    let kill = format!("kill -{name} {process}");
    home.run("sh", &["-c", &kill], "").succeeded();
}

/// A renewal is wanted by a person, and not to be had while somebody holds a lease.
#[track_caller]
fn is_deferred(home: &Home) {
    let refused = home.tokenkeep(&["refresh", "work", "--wait", "1s"]);
    refused.exited(5);
    assert!(refused.stderr.contains("in use under a lease"), "{refused}");
}

#[test]
fn exec_gives_its_command_the_token_in_the_environment() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    let print = "echo \"$ACCESS_TOKEN,$RC_ACCESS_TOKEN,$TOKEN\"";
    let run = |options: &[&str]| {
        let mut child = exec(&home, options, &["sh", "-c", print]);
        child.finish(LIMIT).succeeded()
    };
    assert_eq!(run(&[]), format!("{token},{token},"));
    assert_eq!(run(&["--env", "TOKEN"]), format!(",,{token}"));
    assert_eq!(provider.resource(&token).status, 200);
    eventually_leases(&home, 0);

    let mut reader = exec(&home, &[], &["cat"]);
    reader.say("its input is the command's\n");
    assert_eq!(first_line(&reader), "its input is the command's");
    reader.hang_up();
    reader.finish(LIMIT).succeeded();
}

#[test]
fn exec_ends_as_its_command_does() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    for (script, code) in [
        ("exit 0", 0),
        ("exit 7", 7),
        ("exit 255", 255),
        ("kill -KILL $$", 137),
        ("kill -TERM $$", 143),
    ] {
        let ended = exec(&home, &[], &["sh", "-c", script]).finish(LIMIT);
        ended.exited(code);
        assert_eq!(ended.everything(), "", "{ended}");
    }
    let missing = exec(&home, &[], &["no-such-command"]).finish(LIMIT);
    missing.exited(127);
    assert!(
        missing.stderr.contains("no command no-such-command"),
        "{missing}"
    );
    let file = home.file("not-executable", "#!/bin/sh\n");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let forbidden = exec(&home, &[], &[file.to_str().unwrap()]).finish(LIMIT);
    forbidden.exited(126);
    assert!(forbidden.stderr.contains("cannot be run"), "{forbidden}");
    eventually_leases(&home, 0);
}

#[test]
fn exec_without_a_token_runs_nothing_and_fails_as_get_does() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let touch = ["touch", "ran"].map(|word| match word {
        "ran" => home.folder().join("ran").display().to_string(),
        word => word.to_owned(),
    });
    let touch = touch.each_ref().map(String::as_str);
    exec(&home, &[], &touch).finish(LIMIT).exited(6);
    let _keeper = Keeper::start(&home, &[]);
    exec(&home, &[], &touch).finish(LIMIT).exited(3);
    home.add_by_code("work", &provider);
    exec(&home, &[], &touch).finish(LIMIT).exited(4);
    exec(&home, &["--env", "1=2"], &touch)
        .finish(LIMIT)
        .exited(2);
    home.tokenkeep(&["exec", "work"]).exited(2);
    assert!(!home.folder().join("ran").exists());
}

/// Says which signals reach it, and runs until it gets SIGTERM. It leaves the process group of its terminal, which
/// therefore cannot reach it; a signal that does was passed on.
const SIGNALLED: &str = "
for name in INT HUP QUIT USR1 USR2; do trap \"echo got $name\" $name; done
trap 'echo got TERM; exit 5' TERM
echo \"started by $PPID\"
while :; do sleep 0.05; done
";

#[test]
fn exec_passes_signals_on_to_its_command() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut running = exec(&home, &[], &["sh", "-c", SIGNALLED]);
    assert_eq!(first_line(&running), format!("started by {}", running.id()));
    for name in ["INT", "HUP", "QUIT", "USR1", "USR2"] {
        signal(&home, name, running.id());
        eventually(&format!("SIG{name} has come through"), LIMIT, || {
            running
                .stdout()
                .contains(&format!("got {name}\n"))
                .then_some(())
        });
    }
    signal(&home, "TERM", running.id());
    let ended = running.finish(LIMIT);
    ended.exited(5);
    assert!(ended.stdout.ends_with("got TERM\n"), "{ended}");
}

#[test]
fn what_the_terminal_sends_to_all_is_not_sent_to_the_command_again() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let script = home.file("signalled.sh", SIGNALLED);
    let script = script.to_str().unwrap();
    let command = ["exec", "work", "--", "setsid", "sh", script];
    let mut terminal = home.start_on_terminal(&command);
    let started = first_line(&terminal);
    let exec = started.trim().rsplit(' ').next().unwrap();
    let exec = exec.parse().expect("it is a process id");
    terminal.say("\u{3}");
    eventually("the terminal has sent SIGINT", LIMIT, || {
        terminal.stdout().contains("^C").then_some(())
    });
    // What is sent next comes through after it.
    signal(&home, "USR1", exec);
    eventually("SIGUSR1 has come through", LIMIT, || {
        terminal.stdout().contains("got USR1").then_some(())
    });
    assert!(
        !terminal.stdout().contains("got INT"),
        "{}",
        terminal.stdout()
    );
    signal(&home, "TERM", exec);
    let ended = terminal.finish(LIMIT);
    assert!(ended.stdout.contains("got TERM"), "{ended}");
}

#[test]
fn a_signal_that_was_ignored_from_the_start_is_ignored_by_the_command_too() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let program = tokenkeep_binary().display().to_string();
    // What is ignored when a shell starts, it cannot trap either.
    let command = [
        "nohup", &program, "exec", "work", "--", "sh", "-c", SIGNALLED,
    ];
    let mut running = home.start_program(command[0], &command[1..]);
    assert_eq!(first_line(&running), format!("started by {}", running.id()));
    signal(&home, "HUP", running.id());
    signal(&home, "TERM", running.id());
    let ended = running.finish(LIMIT);
    ended.exited(5);
    assert!(!ended.stdout.contains("got HUP"), "{ended}");
}

#[test]
fn a_renewal_waits_for_the_command_and_happens_right_after_it() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut command = exec(&home, &["--label", "nightly"], &UNTIL_HUNG_UP);
    let token = first_line(&command);
    let [lease] = &leases(&home)[..] else {
        panic!("it takes one lease")
    };
    assert_eq!(lease["account"], "work");
    let holder = json!({"pid": command.id(), "program": "sh", "label": "nightly"});
    assert_eq!(lease["holder"], holder);
    let table = home.tokenkeep(&["leases", "work"]).succeeded();
    assert!(
        table.contains("nightly") && table.contains("UNTIL"),
        "{table}"
    );

    is_deferred(&home);
    let mut refresh = home.start(&["refresh", "work", "--wait", "60s"]);
    // Readers are not held up by what waits.
    assert_eq!(home.tokenkeep(&["get", "work"]).succeeded(), token);
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(home.refreshes_sent("work"), 0);
    assert!(refresh.is_running());

    command.hang_up();
    command.finish(LIMIT).succeeded();
    refresh.finish(LIMIT).succeeded();
    assert_eq!(provider.resource(&token).status, 401);
    let next = home.tokenkeep(&["get", "work"]).succeeded();
    assert_eq!(provider.resource(&next).status, 200);
    eventually_leases(&home, 0);
}

#[test]
fn at_the_last_safe_moment_the_command_is_told_and_goes_on() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    // The last safe moment of tokens that live so short comes at half their life.
    let provider = Provider::start(&["--access-token-ttl", "20"]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut command = exec(&home, &[], &UNTIL_HUNG_UP);
    let token = first_line(&command);
    eventually("exec says so", LIMIT, || {
        command.stderr().contains('\n').then_some(())
    });
    let next = home.tokenkeep(&["get", "work"]).succeeded();
    assert_ne!(next, token);
    assert_eq!(provider.resource(&next).status, 200);
    eventually_leases(&home, 0);
    assert!(command.is_running());
    command.hang_up();
    let ended = command.finish(LIMIT);
    ended.exited(0);
    assert_eq!(ended.stderr.lines().count(), 1, "{ended}");
    for words in ["about to die", "renewed now", "tokenkeep get work"] {
        assert!(ended.stderr.contains(words), "{ended}");
    }
}

#[test]
fn an_exec_in_an_exec_and_a_get_in_it_get_the_same_token_at_once() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    // Somebody waits for the leases to end all the while.
    let mut outer = exec(&home, &[], &UNTIL_HUNG_UP);
    let token = first_line(&outer);
    let mut refresh = home.start(&["refresh", "work", "--wait", "60s"]);
    let program = tokenkeep_binary().display().to_string();
    let inner = format!("echo \"$ACCESS_TOKEN\"; '{program}' get work");
    let nested = [&program, "exec", "work", "--", "sh", "-c", &inner];
    let ended = exec(&home, &[], &nested).finish(Duration::from_secs(10));
    let printed = ended.succeeded();
    assert_eq!(printed, format!("{token}\n{token}"));
    outer.hang_up();
    outer.finish(LIMIT).succeeded();
    refresh.finish(LIMIT).succeeded();
}

#[test]
fn a_holder_that_is_killed_releases_at_once_and_its_command_goes_on() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut holder = exec(&home, &[], &UNTIL_HUNG_UP);
    let token = first_line(&holder);
    let [command] = Process::with_id(holder.id()).children()[..] else {
        panic!("it runs one command")
    };
    eventually_leases(&home, 1);
    Process::with_id(holder.id()).kill();
    eventually_leases(&home, 0);
    assert!(command.is_running());
    home.tokenkeep(&["refresh", "work"]).succeeded();
    assert_eq!(provider.resource(&token).status, 401);
    holder.hang_up();
    holder.finish(LIMIT).exited(137);
}

#[test]
fn a_lease_is_taken_up_again_when_the_keeper_is_back() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut command = exec(&home, &["--label", "nightly"], &UNTIL_HUNG_UP);
    let token = first_line(&command);
    for end in ["in order", "by a crash"] {
        match end {
            "in order" => keeper.stop().exited(0).code,
            _ => keeper.kill().code,
        };
        assert!(command.is_running());
        keeper.restart();
        let leases = eventually_leases(&home, 1);
        let holder = json!({"pid": command.id(), "program": "sh", "label": "nightly"});
        assert_eq!(leases[0]["holder"], holder);
        is_deferred(&home);
        assert_eq!(provider.resource(&token).status, 200, "{end}");
    }
    command.hang_up();
    let ended = command.finish(LIMIT);
    ended.exited(0);
    assert_eq!(ended.stderr, "");
    eventually_leases(&home, 0);
}

#[test]
fn a_lease_that_cannot_be_taken_up_again_is_said_to_be_lost_once() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut command = exec(&home, &[], &UNTIL_HUNG_UP);
    first_line(&command);
    // Too late to come back.
    command.freeze();
    keeper.kill();
    keeper.restart();
    home.tokenkeep(&["refresh", "work"]).succeeded();
    command.thaw();
    eventually("exec says so", LIMIT, || {
        command.stderr().contains('\n').then_some(())
    });
    assert!(command.is_running());
    command.hang_up();
    let ended = command.finish(LIMIT);
    ended.exited(0);
    assert_eq!(ended.stderr.lines().count(), 1, "{ended}");
    for words in ["could not be taken up again", "tokenkeep get work"] {
        assert!(ended.stderr.contains(words), "{ended}");
    }
    assert!(leases(&home).is_empty());
}

#[test]
fn a_lease_with_a_length_is_held_until_it_is_released() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let got = home.tokenkeep(&["get", "work", "--lease", "10m", "--label", "by hand"]);
    let token = got.succeeded();
    assert_eq!(provider.resource(&token).status, 200);
    let leases = eventually_leases(&home, 1);
    let id = leases[0]["id"].to_string();
    assert!(
        got.stderr.contains(&format!("tokenkeep release {id}")),
        "{got}"
    );
    // Whoever ran `get` uses the token: here, this test.
    assert_eq!(leases[0]["holder"]["pid"], std::process::id());
    assert_eq!(leases[0]["holder"]["label"], "by hand");
    is_deferred(&home);

    let released = home.tokenkeep(&["release", &id]);
    assert!(
        released
            .succeeded()
            .contains("(by hand) on the token of work"),
        "{released}"
    );
    eventually_leases(&home, 0);
    home.tokenkeep(&["refresh", "work"]).succeeded();
    let again = home.tokenkeep(&["release", &id]);
    again.exited(3);
    assert!(again.stderr.contains(&id), "{again}");

    let json = home.tokenkeep(&["get", "work", "--lease", "1m", "--json"]);
    assert_eq!(json.stderr, "");
    let id = json.json()["lease"]["id"].to_string();
    home.tokenkeep(&["release", &id]).succeeded();
}

#[test]
fn a_command_whose_lease_is_released_is_told() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut command = exec(&home, &[], &UNTIL_HUNG_UP);
    first_line(&command);
    let id = leases(&home)[0]["id"].to_string();
    home.tokenkeep(&["release", &id]).succeeded();
    eventually("exec says so", LIMIT, || {
        command.stderr().contains("was ended").then_some(())
    });
    home.tokenkeep(&["refresh", "work"]).succeeded();
    // It does not take up again what was taken from it.
    assert!(leases(&home).is_empty());
    command.hang_up();
    let ended = command.finish(LIMIT);
    ended.exited(0);
    assert_eq!(ended.stderr.lines().count(), 1, "{ended}");
}

#[test]
fn too_long_a_lease_is_refused_with_the_longest_that_can_be_had() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&["--access-token-ttl", "600"]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let refused = home.tokenkeep(&["get", "work", "--lease", "9m"]);
    refused.exited(2);
    for words in [
        "live for 10 min",
        "the most that can be asked for is 8 min",
        "shorter lease",
    ] {
        assert!(refused.stderr.contains(words), "{refused}");
    }
    assert_eq!(refused.stdout, "");
    assert!(leases(&home).is_empty());
    home.tokenkeep(&["get", "work", "--lease", "7m"])
        .succeeded();
}

#[test]
fn a_renewal_that_kills_nothing_waits_for_no_lease() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    // Without a refresh token, the JWT is presented again, which opens another session.
    let provider = Provider::start(&["--refresh-token-ttl", "0"]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let mut command = exec(&home, &[], &UNTIL_HUNG_UP);
    let token = first_line(&command);
    home.tokenkeep(&["refresh", "work", "--wait", "10s"])
        .succeeded();
    let next = home.tokenkeep(&["get", "work"]).succeeded();
    assert_ne!(next, token);
    for token in [&token, &next] {
        assert_eq!(provider.resource(token).status, 200);
    }
    command.hang_up();
    let ended = command.finish(LIMIT);
    ended.exited(0);
    assert_eq!(ended.stderr, "");
    eventually("the session that nobody uses is ended", LIMIT, || {
        (provider.resource(&token).status == 401).then_some(())
    });
    assert_eq!(provider.resource(&next).status, 200);
}

#[test]
fn a_leased_token_is_in_no_argument_list_and_in_no_output_but_its_own() {
    let bus = Bus::with_keyring();
    let mut home = Home::on(&bus);
    home.set("TOKENKEEP_LOG", "trace");
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let token = home.tokenkeep(&["get", "work"]).succeeded();
    let mut command = exec(&home, &[], &["sh", "-c", "echo ready; cat"]);
    first_line(&command);
    let holder = Process::with_id(command.id());
    let mut seen = Vec::new();
    let family = holder.descendants();
    assert!(!family.is_empty());
    for process in family.iter().chain([&holder]) {
        seen.push(process.command_line());
    }
    // The command's own environment is where it belongs, and the only one.
    assert!(family[0].environment().contains(&token));
    seen.push(holder.environment());
    for arguments in [
        &["leases"][..],
        &["leases", "--json"],
        &["list", "--json"],
        &["refresh", "work", "--wait", "1s"],
    ] {
        seen.push(home.tokenkeep(arguments).everything());
    }
    let leased = home.tokenkeep(&["get", "work", "--lease", "1m"]);
    assert_eq!(leased.succeeded(), token);
    seen.push(leased.stderr);
    for lease in leases(&home) {
        let released = home.tokenkeep(&["release", &lease["id"].to_string()]);
        seen.push(released.everything());
    }
    eventually("exec says so", LIMIT, || {
        command.stderr().contains("was ended").then_some(())
    });
    command.hang_up();
    seen.push(command.finish(LIMIT).everything());
    seen.push(home.tokenkeep(&["journal", "--json"]).everything());
    seen.push(keeper.stop().everything());
    for text in seen {
        assert!(!text.contains(&token), "{text}");
    }
}
