//! A crash writes no secret to disk.

use std::time::Duration;

use tokenkeep_tests::{Bus, Home, Keeper, Provider};

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn a_keeper_that_crashes_leaves_no_core_dump_even_where_they_are_allowed() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    assert_eq!(keeper.process().core_file_limit(), 0);
    keeper.process().allow_core_dumps();
    assert!(!keeper.process().crashes_with_a_core_dump(LIMIT));
}

#[test]
fn a_command_that_exec_runs_may_leave_core_dumps_as_without_it() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let script = "ulimit -S -c 4096; exec \"$@\" -- bash -c 'ulimit -S -c'";
    let tokenkeep = tokenkeep_tests::tokenkeep_binary().display().to_string();
    let arguments = ["-c", script, "sh", &tokenkeep, "exec", "work"];
    let ran = home.run("/bin/bash", &arguments, "");
    assert_eq!(ran.succeeded(), "4096");
}
