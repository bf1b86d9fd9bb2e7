//! One keeper per home, and the way to it.

use std::time::Duration;

use tokenkeep_tests::{Bus, Child, Home, Keeper, Provider, eventually};

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
fn of_many_keepers_started_at_once_one_wins_and_the_others_say_so() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    keeper.kill();
    let limit = Duration::from_secs(20);
    for _ in 0..3 {
        let mut running: Vec<Child> = (0..6).map(|_| home.start(&["serve"])).collect();
        let mut others = Vec::new();
        eventually("one is left", limit, || {
            others.extend(running.extract_if(.., |one| !one.is_running()));
            (running.len() == 1).then_some(())
        });
        for mut other in others {
            let other = other.finish(limit);
            other.exited(1);
            assert!(other.stderr.contains("already running"), "{other}");
        }
        eventually("the winner listens", limit, || {
            home.try_to_ask("GET", "/v1/status", "").ok().map(drop)
        });
        let token = home.tokenkeep(&["get", "work"]).succeeded();
        assert_eq!(provider.resource(&token).status, 200);
        let status = home.tokenkeep(&["status", "--json"]).json();
        assert_eq!(status["pid"], running[0].id());
    }
    assert_eq!(provider.count("token/jwt_bearer/issued"), 1);
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

#[test]
fn a_keeper_whose_socket_is_taken_away_is_reached_again_within_moments() {
    let home = Home::without_bus();
    let provider = Provider::start(&[]);
    let mut keeper = Keeper::start(&home, &["--vault", "memory"]);
    home.add_by_jwt("work", &provider);
    let socket = home.folder().join("agent.sock");
    for away in [None, Some(home.folder().join("away"))] {
        match away {
            None => std::fs::remove_file(&socket).unwrap(),
            Some(away) => std::fs::rename(&socket, away).unwrap(),
        }
        eventually("the keeper answers again", Duration::from_secs(20), || {
            (home.tokenkeep(&["get", "work"]).code == 0).then_some(())
        });
    }
    keeper.stop().exited(0);
    assert!(!socket.exists());
}

#[test]
fn where_the_socket_is_gone_it_is_said_that_a_keeper_runs_all_the_same() {
    let home = Home::without_bus();
    let mut keeper = Keeper::start(&home, &["--vault", "memory"]);
    let pid = keeper.process().id().to_string();
    // One that cannot make a new socket just now.
    keeper.process().freeze();
    std::fs::remove_file(home.folder().join("agent.sock")).unwrap();
    for arguments in [&["get", "work"][..], &["list"]] {
        let refused = home.tokenkeep(arguments);
        refused.exited(6);
        assert!(refused.stderr.contains("keeper is running"), "{refused}");
        assert!(refused.stderr.contains(&pid), "{refused}");
        assert!(!refused.stderr.contains("No keeper"), "{refused}");
    }
}
