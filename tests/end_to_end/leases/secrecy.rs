//! A leased token is where it belongs and nowhere else.

use tokenkeep_tests::{Bus, Home, Keeper, Process, Provider, eventually};

use super::{LIMIT, exec, first_line, leases};

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
