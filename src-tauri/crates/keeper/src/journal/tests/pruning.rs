//! What is deleted of the journal, and when.

use super::*;

/// An entry so many days from now.
fn on_day(id: i64, day: i64) -> Entry {
    let mut entry = entry("work", id);
    entry.event.at = now() + TimeDelta::days(day);
    entry
}

#[test]
fn old_entries_go_with_their_days_and_with_their_number() {
    let mut database = Database::memory().unwrap();
    for day in 0..=KEPT_DAYS {
        // Two a day: days count, not entries.
        database.append(&on_day(2 * day + 1, day)).unwrap();
        database.append(&on_day(2 * day + 2, day)).unwrap();
    }
    database.prune().unwrap();
    let left = database.read(&newest(1000)).unwrap();
    assert_eq!(left.first().unwrap().id, 3);
    assert_eq!(left.last().unwrap().id, 2 * KEPT_DAYS + 2);

    database.append(&on_day(KEPT_ENTRIES + 101, 91)).unwrap();
    database.prune().unwrap();
    let left = database.read(&newest(1000)).unwrap();
    assert_eq!(left.first().unwrap().id, 102);
}

#[tokio::test]
async fn a_start_with_a_wrong_clock_forgets_nothing() {
    for wrong in [-1000, 100, 36_500] {
        let place = Place::new();
        let (journal, _) = place.open();
        for day in 0..30 {
            journal.append(on_day(day + 1, day - 30));
            let at = now() + TimeDelta::days(day - 30);
            let key = format!("about/no_refresh_token/{day}");
            journal.mark_given("work", &key, at).await.unwrap();
        }
        drop(journal);
        wait_until_closed(&place).await;

        let then = now() + TimeDelta::days(wrong);
        let (journal, _) = Journal::open(&place.path(), then).unwrap();
        // As many as make it look for what is old.
        for id in 31..=1000 {
            journal.append(on_day(id, wrong));
        }
        journal
            .mark_given("work", "about/else/1", then)
            .await
            .unwrap();
        drop(journal);
        wait_until_closed(&place).await;

        let (journal, _) = place.open();
        let ids: Vec<i64> = journal
            .read(newest(2000))
            .await
            .unwrap()
            .iter()
            .map(|it| it.id)
            .collect();
        assert_eq!(ids, (1..=1000).collect::<Vec<_>>(), "{wrong}");
        assert_eq!(journal.given("work").await.unwrap().len(), 31, "{wrong}");
    }
}

#[tokio::test]
async fn notices_are_bounded_by_their_number() {
    let mut database = Database::memory().unwrap();
    for number in 0..KEPT_NOTICES + 5 {
        let at = now() + TimeDelta::seconds(number);
        database
            .mark_given("work", &number.to_string(), at)
            .unwrap();
    }
    database.mark_given(KEEPER, "first-run", now()).unwrap();
    database.prune().unwrap();
    let left = database.given("work").unwrap();
    assert_eq!(left.len(), usize::try_from(KEPT_NOTICES).unwrap());
    assert_eq!(left[0], "5");
    assert_eq!(database.given(KEEPER).unwrap(), ["first-run"]);
}

#[tokio::test]
async fn what_was_told_of_the_keeper_is_remembered_for_ever() {
    let mut database = Database::memory().unwrap();
    database.mark_given(KEEPER, "a", now()).unwrap();
    database.mark_given("work", "a", now()).unwrap();
    for day in 0..=KEPT_DAYS {
        database.append(&on_day(day + 1, day + 1)).unwrap();
    }
    database.prune().unwrap();
    assert!(!database.mark_given(KEEPER, "a", now()).unwrap());
    assert!(database.mark_given("work", "a", now()).unwrap());
}
