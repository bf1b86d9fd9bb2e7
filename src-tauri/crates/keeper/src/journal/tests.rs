use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use tokenkeep_protocol::pace::{Cut, Rate};

use super::*;

mod pruning;

fn now() -> DateTime<Utc> {
    "2026-01-02T03:04:05.678Z".parse().unwrap()
}

fn event(account: &str, number: i64) -> Occurrence {
    Occurrence {
        at: now() + TimeDelta::seconds(number),
        account: (!account.is_empty()).then(|| account.to_owned()),
        kind: "renewed".to_owned(),
        detail: json!({ "number": number }),
    }
}

fn entry(account: &str, number: i64) -> Entry {
    Entry {
        id: number,
        event: event(account, number),
    }
}

fn newest(limit: usize) -> Query {
    Query {
        limit,
        ..Query::default()
    }
}

fn numbers(entries: &[Entry]) -> Vec<i64> {
    entries
        .iter()
        .map(|entry| entry.event.detail["number"].as_i64().unwrap())
        .collect()
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn path(&self) -> PathBuf {
        self.0.path().join("journal.sqlite")
    }
    fn open(&self) -> (Journal, Option<ReplacedJournal>) {
        Journal::open(&self.path(), now()).unwrap()
    }
}

#[tokio::test]
async fn what_was_appended_is_read_in_order_after_a_restart_too() {
    let place = Place::new();
    let (journal, replaced) = place.open();
    assert_eq!(replaced, None);
    for number in 1..=3 {
        journal.append(entry("work", number));
    }
    journal.append(entry("", 4));
    let entries = journal.read(newest(10)).await.unwrap();
    assert_eq!(numbers(&entries), [1, 2, 3, 4]);
    assert_eq!(entries[0].event, event("work", 1));
    assert_eq!(entries[3].event.account, None);
    journal.flush().await;
    drop(journal);
    let (journal, replaced) = place.open();
    assert_eq!(replaced, None);
    assert_eq!(journal.read(newest(10)).await.unwrap(), entries);
    assert_eq!(journal.last_id(), 4);
}

#[tokio::test]
async fn reading_asks_for_an_account_a_start_and_a_limit() {
    let journal = Journal::memory().unwrap();
    for number in 1..=6 {
        journal.append(entry(if number % 2 == 0 { "even" } else { "odd" }, number));
    }
    assert_eq!(numbers(&journal.read(newest(2)).await.unwrap()), [5, 6]);
    let even = Query {
        account: Some("even".to_owned()),
        ..newest(2)
    };
    assert_eq!(numbers(&journal.read(even.clone()).await.unwrap()), [4, 6]);
    let after = Query {
        after: Some(1),
        ..newest(2)
    };
    assert_eq!(numbers(&journal.read(after).await.unwrap()), [2, 3]);
    let even_after = Query {
        after: Some(2),
        ..even
    };
    assert_eq!(numbers(&journal.read(even_after).await.unwrap()), [4, 6]);
    assert_eq!(journal.read(newest(0)).await.unwrap(), []);
}

#[tokio::test]
async fn notices_are_given_once_until_they_are_forgotten() {
    let place = Place::new();
    let (journal, _) = place.open();
    assert!(journal.mark_given("work", "a", now()).await.unwrap());
    journal
        .mark_given("work", "b", now() + TimeDelta::days(1))
        .await
        .unwrap();
    assert!(!journal.mark_given("work", "a", now()).await.unwrap());
    journal.mark_given("home", "c", now()).await.unwrap();
    drop(journal);
    let (journal, _) = place.open();
    assert_eq!(journal.given("work").await.unwrap(), ["a", "b"]);
    journal.forget("work").await.unwrap();
    assert!(journal.given("work").await.unwrap().is_empty());
    assert_eq!(journal.given("home").await.unwrap(), ["c"]);
}

#[tokio::test]
async fn the_pace_of_each_client_survives_a_restart() {
    let place = Place::new();
    let (journal, _) = place.open();
    let pace = SavedPace {
        recent: vec![now(), now() + TimeDelta::seconds(1)],
        pause_until: Some(now()),
        learned: Learned {
            announced: Some(Rate {
                requests: 5,
                window: Duration::from_secs(60),
            }),
            met: None,
            cut: Some(Cut {
                share: 0.5,
                at: Milliseconds(now()),
            }),
        },
    };
    journal
        .save_pace("one", SavedPace::default())
        .await
        .unwrap();
    journal.save_pace("one", pace.clone()).await.unwrap();
    journal
        .save_pace("two", SavedPace::default())
        .await
        .unwrap();
    drop(journal);
    let stored = rusqlite::Connection::open(place.path()).unwrap();
    let learned: String = stored
        .query_row("SELECT learned FROM pace WHERE client = 'one'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(
        learned,
        r#"{"announced":{"requests":5,"window_ms":60000},"met":null,"cut":{"share":0.5,"at":1767323045678}}"#
    );
    drop(stored);
    let (journal, _) = place.open();
    let expected = [
        ("one".to_owned(), pace),
        ("two".to_owned(), SavedPace::default()),
    ];
    assert_eq!(journal.load_pace().await.unwrap(), BTreeMap::from(expected));
}

#[tokio::test]
async fn a_damaged_journal_is_moved_aside_and_a_new_one_begun() {
    for damage in [
        |path: &Path| std::fs::write(path, "this is no database, whatever its name says").unwrap(),
        |path: &Path| {
            let mut bytes = std::fs::read(path).unwrap();
            let half = bytes.len() / 2;
            bytes[half..].fill(0xa5);
            std::fs::write(path, bytes).unwrap();
        },
    ] {
        let place = Place::new();
        let (journal, _) = place.open();
        (0..200).for_each(|number| journal.append(entry("work", number)));
        journal.flush().await;
        drop(journal);
        wait_until_closed(&place).await;
        damage(&place.path());
        let damaged = std::fs::read(place.path()).unwrap();

        let (journal, replaced) = place.open();
        let replaced = replaced.expect("it was damaged");
        assert_eq!(std::fs::read(&replaced.moved_to).unwrap(), damaged);
        assert!(
            replaced
                .moved_to
                .to_string_lossy()
                .contains("journal.sqlite.damaged-2026")
        );
        assert!(
            replaced
                .to_string()
                .contains("Accounts and tokens are not affected")
        );
        journal.append(entry("work", 1));
        assert_eq!(numbers(&journal.read(newest(10)).await.unwrap()), [1]);
        drop(journal);
        assert_eq!(place.open().1, None);
    }
}

/// SQLite removes its write-ahead log when the last connection closes.
async fn wait_until_closed(place: &Place) {
    while place.0.path().join("journal.sqlite-wal").exists() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_newer_programs_journal_is_called_newer_and_left_as_it_is() {
    let place = Place::new();
    let newer = rusqlite::Connection::open(place.path()).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let before = std::fs::read(place.path()).unwrap();
    let error = Journal::open(&place.path(), now()).unwrap_err();
    assert!(
        error.to_string().contains("newer Tokenkeep (form 99)"),
        "{error}"
    );
    assert_eq!(std::fs::read(place.path()).unwrap(), before);
    let folder = std::fs::read_dir(place.0.path()).unwrap();
    assert_eq!(
        folder.count(),
        1,
        "nothing was moved aside or put beside it"
    );
}

/// Every later version reads what this one wrote: the file is never changed.
#[tokio::test]
async fn a_journal_of_the_second_form_is_read_and_gone_on_with() {
    let place = Place::new();
    let written = rusqlite::Connection::open(place.path()).unwrap();
    written
        .execute_batch(include_str!("../../tests/fixtures/journal-2.sql"))
        .unwrap();
    drop(written);
    let (journal, replaced) = place.open();
    assert_eq!(replaced, None);
    let entries = journal.read(newest(10)).await.unwrap();
    let ids: Vec<i64> = entries.iter().map(|entry| entry.id).collect();
    assert_eq!(ids, [41, 42]);
    assert_eq!(entries[0].event.account.as_deref(), Some("work"));
    assert_eq!(entries[0].event.at, now());
    assert_eq!(entries[0].event.detail["attempt"], 3);
    assert_eq!(journal.last_id(), 42);
    let given = journal.given("work").await.unwrap();
    assert_eq!(given, ["about/no_refresh_token/7"]);
    let paces = journal.load_pace().await.unwrap();
    let pace = &paces["ringcentral https://platform.ringcentral.com/ client-one"];
    assert_eq!(pace.recent, [now()]);
    assert_eq!(pace.pause_until, Some(now() + TimeDelta::minutes(1)));
}

#[test]
fn a_journal_that_cannot_be_is_an_error_that_names_the_file() {
    let place = Place::new();
    std::fs::create_dir(place.path()).unwrap();
    let error = Journal::open(&place.path(), now()).unwrap_err();
    assert!(error.to_string().contains("journal.sqlite"), "{error}");
    assert!(place.path().exists());
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_the_journal() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let (journal, _) = place.open();
    journal.append(entry("work", 1));
    journal.flush().await;
    for file in std::fs::read_dir(place.0.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.path().display());
    }
}

#[tokio::test]
async fn a_full_disk_is_reported_and_stops_nothing() {
    let place = Place::new();
    let (journal, _) = place.open();
    journal.append(entry("work", 1));
    let failure = journal.failure();
    journal.flush().await;
    assert_eq!(*failure.borrow(), None);
    let pages = |pages: i64| {
        journal.shared.database.call(move |database| {
            let set =
                database
                    .connection
                    .pragma_update_and_check(None, "max_page_count", pages, |row| {
                        row.get::<_, i64>(0)
                    });
            set.unwrap()
        })
    };
    pages(1).await.unwrap();
    let mut large = entry("work", 2);
    large.event.detail["text"] = "x".repeat(100_000).into();
    journal.append(large.clone());
    journal.flush().await;
    let message = failure.borrow().as_ref().unwrap().to_string();
    assert!(
        message.contains("full") && message.contains("Tokens are kept"),
        "{message}"
    );
    assert_eq!(numbers(&journal.read(newest(10)).await.unwrap()), [1]);

    pages(1_000_000).await.unwrap();
    journal.append(large);
    journal.flush().await;
    assert_eq!(*failure.borrow(), None);
    assert_eq!(numbers(&journal.read(newest(10)).await.unwrap()), [1, 2]);
}

#[test]
fn an_id_is_never_used_twice() {
    let mut database = Database::memory().unwrap();
    database.append(&entry("work", 7)).unwrap();
    database
        .connection
        .execute("DELETE FROM entries", [])
        .unwrap();
    assert_eq!(database.last_id().unwrap(), 7);
}

#[tokio::test]
async fn the_pace_that_the_version_before_kept_is_read_and_goes_on() {
    let place = Place::new();
    let written = rusqlite::Connection::open(place.path()).unwrap();
    written.execute_batch(database::MIGRATIONS[0]).unwrap();
    written.pragma_update(None, "user_version", 1).unwrap();
    let pause_until = now();
    written
        .execute(
            "INSERT INTO pace VALUES ('one', '[]', ?)",
            [pause_until.timestamp_millis()],
        )
        .unwrap();
    drop(written);
    let (journal, replaced) = place.open();
    assert_eq!(replaced, None);
    let pace = SavedPace {
        pause_until: Some(pause_until),
        ..SavedPace::default()
    };
    assert_eq!(journal.load_pace().await.unwrap()["one"], pace);
    journal
        .save_pace("one", SavedPace::default())
        .await
        .unwrap();
    assert_eq!(
        journal.load_pace().await.unwrap()["one"],
        SavedPace::default()
    );
}
