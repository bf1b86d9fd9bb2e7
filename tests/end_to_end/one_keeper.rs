//! One keeper per home, and the way to it.

use tokenkeep_tests::{Bus, Home, Keeper, Provider};

#[test]
fn of_two_keepers_of_one_home_the_second_steps_back() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let pid = keeper.process().id().to_string();
    let second = home.tokenkeep(&["serve"]);
    second.exited(1);
    assert!(second.stderr.contains("already running"), "{second}");
    assert!(second.stderr.contains(&pid), "{second}");
    let status = home.tokenkeep(&["status", "--json"]).json();
    assert_eq!(status["pid"].to_string(), pid);
    home.tokenkeep(&["get", "work"]).succeeded();

    // Once the first has ended, however, another may begin.
    keeper.kill();
    keeper.restart();
    home.tokenkeep(&["get", "work"]).succeeded();
}

#[test]
fn keepers_of_two_homes_do_not_touch_each_others_accounts() {
    let bus = Bus::with_keyring();
    let (one, other) = (Home::on(&bus), Home::on(&bus));
    let provider = Provider::start(&[]);
    let _keepers = (Keeper::start(&one, &[]), Keeper::start(&other, &[]));
    one.add_by_jwt("work", &provider);
    other.tokenkeep(&["get", "work"]).exited(3);
    other.add_by_jwt("work", &provider);
    let tokens = [&one, &other].map(|home| home.tokenkeep(&["get", "work"]).succeeded());
    assert_ne!(tokens[0], tokens[1]);
    other.tokenkeep(&["remove", "work"]).succeeded();
    assert_eq!(one.tokenkeep(&["get", "work"]).succeeded(), tokens[0]);
    assert_eq!(provider.resource(&tokens[0]).status, 200);
}

#[test]
fn without_a_keeper_every_question_says_how_to_start_one() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let refused_by_absent = || {
        for arguments in [&["get", "work"][..], &["list"], &["refresh", "work"]] {
            let refused = home.tokenkeep(arguments);
            refused.exited(6);
            assert!(refused.stderr.contains("tokenkeep serve"), "{refused}");
            assert_eq!(refused.stdout, "");
        }
    };
    keeper.stop().exited(0);
    refused_by_absent();
    // A socket that a crash left behind is no keeper.
    keeper.restart();
    keeper.kill();
    refused_by_absent();
    keeper.restart();
    home.tokenkeep(&["quit"]).succeeded();
    refused_by_absent();
}
