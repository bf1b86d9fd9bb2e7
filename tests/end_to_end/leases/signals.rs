//! Signals on their way through `exec` to its command.

use tokenkeep_tests::{Bus, Home, Keeper, Provider, eventually, tokenkeep_binary};

use super::{LIMIT, exec, first_line};

/// Sends a signal to a process and to no other.
#[track_caller]
fn signal(home: &Home, name: &str, process: u32) {
    let kill = format!("kill -{name} {process}");
    home.run("sh", &["-c", &kill], "").succeeded();
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
