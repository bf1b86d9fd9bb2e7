//! Signing in, with a person at the provider's pages and without.

use std::time::Duration;

use serde_json::json;
use tokenkeep_tests::{Bus, Child, Decision, Home, Keeper, Provider, address_in, eventually};

const LIMIT: Duration = Duration::from_secs(20);

/// Begins a sign-in and returns it with the page that a person is to visit.
fn begin(home: &Home) -> (Child, String) {
    let command = home.start_listening(&["sign-in", "me", "--paste"]);
    let page = eventually("the page's address is shown", LIMIT, || {
        address_in(&command.stdout())
    });
    (command, page)
}

/// How many codes were presented to the provider.
fn codes_presented(provider: &Provider) -> u64 {
    ["issued", "invalid_grant", "invalid_request"]
        .map(|outcome| provider.count(&format!("token/authorization_code/{outcome}")))
        .iter()
        .sum()
}

#[test]
fn a_person_signs_in_by_pasting_the_address_at_which_the_visit_ended() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_code("me", &provider);
    let before = home.tokenkeep(&["get", "me"]);
    before.exited(4);
    assert!(before.stderr.contains("tokenkeep sign-in me"), "{before}");

    let (mut command, page) = begin(&home);
    // Nothing but the address is on standard output, so that a script can take it.
    assert_eq!(command.stdout().trim(), page);
    for parameter in ["response_type=code", "code_challenge_method=S256", "state="] {
        assert!(page.contains(parameter), "{page}");
    }
    command.say(&format!("{}\n", provider.visit(&page, Decision::Allow)));
    let done = command.finish(LIMIT);
    done.exited(0);
    assert!(done.stderr.contains("Signed in to me"), "{done}");
    let token = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(home.account("me")["state"], "fresh");
}

#[test]
fn a_confidential_client_signs_in_with_its_secret() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    let file = provider.env_file();
    let added = home.tokenkeep(&["add", "me", "--env-file", &file, "--grant", "code"]);
    added.succeeded();
    home.sign_in("me", &provider);
    let token = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
    home.tokenkeep(&["refresh", "me"]).succeeded();
}

#[test]
fn who_denies_access_is_told_so_and_nothing_changes() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    let token = home.tokenkeep(&["get", "me"]).succeeded();

    let (mut command, page) = begin(&home);
    command.say(&format!("{}\n", provider.visit(&page, Decision::Deny)));
    let refused = command.finish(LIMIT);
    refused.exited(4);
    assert!(refused.stderr.contains("access_denied"), "{refused}");
    assert_eq!(home.tokenkeep(&["get", "me"]).succeeded(), token);
    assert_eq!(provider.resource(&token).status, 200);
    assert_eq!(codes_presented(&provider), 1);
}

#[test]
fn an_answer_to_another_sign_in_is_not_used() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_code("me", &provider);

    // A code of somebody else, slipped in: its state is not the one sent.
    let (mut forger, page) = begin(&home);
    let foreign = provider.visit(&page, Decision::Allow);
    forger.kill();
    let (mut command, _) = begin(&home);
    command.say(&format!("{foreign}\n"));
    let refused = command.finish(LIMIT);
    refused.exited(4);
    assert!(refused.stderr.contains("another sign-in"), "{refused}");
    assert_eq!(codes_presented(&provider), 0);
    home.tokenkeep(&["get", "me"]).exited(4);

    // And it is over: the right answer comes too late after a wrong one.
    let (mut command, page) = begin(&home);
    let redirect = provider.visit(&page, Decision::Allow);
    let (without, state) = redirect.split_once("state=").unwrap();
    command.say(&format!("{without}state=x{state}\n"));
    command.finish(LIMIT).exited(4);
    assert_eq!(codes_presented(&provider), 0);
}

#[test]
fn another_page_pasted_by_mistake_can_be_followed_by_the_right_one() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_code("me", &provider);

    let mut command = home.start_on_terminal(&["sign-in", "me", "--paste"]);
    let page = eventually("the page's address is shown", LIMIT, || {
        address_in(&command.stdout())
    });
    let redirect = provider.visit(&page, Decision::Allow);
    for wrong in ["not an address", "https://example.com/elsewhere", &page] {
        let before = command.stdout().len();
        command.say(&format!("{wrong}\n"));
        eventually("it is asked for again", LIMIT, || {
            let said = command.stdout();
            let since = &said[before..];
            let error = since.find("error:")?;
            since[error..].contains("Address:").then_some(())
        });
    }
    command.say(&format!("{redirect}\n"));
    let done = command.finish(LIMIT);
    done.exited(0);
    assert!(done.stdout.contains("Signed in to me"), "{done}");
    let token = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
}

#[test]
fn a_script_that_pastes_another_page_is_told_which_one_is_wanted() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_code("me", &provider);
    for (wrong, words) in [
        (
            "https://example.com/callback?code=c&state=s\n",
            "begins with http://localhost:8643/callback",
        ),
        ("nonsense\n", "begins with http://localhost:8643/callback"),
        ("", "Standard input ended before the redirected URL came"),
    ] {
        let (mut command, _) = begin(&home);
        command.say(wrong);
        command.hang_up();
        let refused = command.finish(LIMIT);
        refused.exited(2);
        assert!(refused.stderr.contains(words), "{wrong}: {refused}");
    }
    assert_eq!(codes_presented(&provider), 0);
}

#[test]
fn without_a_desktop_a_person_is_shown_the_way_that_works_everywhere() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_code("me", &provider);
    let refused = home.tokenkeep(&["sign-in", "me"]);
    refused.exited(4);
    assert!(refused.stderr.contains("--paste"), "{refused}");
}

#[test]
fn signing_in_anew_ends_the_session_that_it_replaces() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    let old = home.tokenkeep(&["get", "work"]).succeeded();
    let done = home.tokenkeep(&["sign-in", "work"]);
    done.exited(0);
    let new = home.tokenkeep(&["get", "work"]).succeeded();
    assert_ne!(new, old);
    eventually("the replaced session is ended", LIMIT, || {
        (provider.count("revoke/ok") == 1).then_some(())
    });
    assert_eq!(provider.resource(&old).status, 401);
    assert_eq!(provider.resource(&new).status, 200);
    assert_eq!(provider.count("token/jwt_bearer/issued"), 2);
}

#[test]
fn who_gets_no_refresh_token_is_told_what_to_switch_on() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&["--refresh-token-ttl", "0"]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    eventually("a notice is given", LIMIT, || {
        home.has_notice("me", "no_refresh_token").then_some(())
    });
    let account = home.account("me");
    assert_eq!(account["lapse"]["cause"], json!("no_refresh_token"));
    let token = home.tokenkeep(&["get", "me"]).succeeded();
    assert_eq!(provider.resource(&token).status, 200);
}

#[test]
fn quitting_names_the_sign_ins_that_lapse_within_a_week() {
    let bus = Bus::with_keyring();
    let home = Home::on(&bus);
    let provider = Provider::start(&[]);
    let _keeper = Keeper::start(&home, &[]);
    home.add_by_jwt("work", &provider);
    home.add_by_code("me", &provider);
    home.sign_in("me", &provider);
    let quit = home.tokenkeep(&["quit"]);
    quit.exited(0);
    assert!(quit.stderr.contains("me lapses at "), "{quit}");
    assert!(!quit.stderr.contains("work"), "{quit}");
}
