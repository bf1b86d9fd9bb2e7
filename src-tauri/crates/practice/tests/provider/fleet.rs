use std::collections::HashSet;
use std::time::Instant;

use futures_util::{Stream, StreamExt as _, stream};
use tokenkeep_practice::Options;

use crate::support::{Answer, Provider, options};

/// With room for a debug build on a busy machine; a quiet one does ten times as much.
const AT_LEAST_PER_SECOND: f64 = 50.0;
const USERS: u32 = 5000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_users_are_served_in_no_time() {
    let provider = Provider::start_with(Options {
        users: USERS,
        ..options()
    })
    .await;
    let sign_in = async |user: u32| provider.jwt_sign_in_as(user, &[]).await;
    let (signed_in, with_few) = timed(stream::iter((0..USERS).map(sign_in))).await;
    let owners: HashSet<String> = signed_in
        .iter()
        .map(|answer| answer.field("owner_id"))
        .collect();
    assert_eq!(owners.len(), USERS as usize);

    let refresh = async |first: &Answer| provider.refresh(&first.refresh_token()).await;
    let (refreshed, with_all) =
        timed(stream::iter(signed_in.iter().step_by(10).map(refresh))).await;
    for (first, second) in signed_in.iter().step_by(10).zip(&refreshed).take(10) {
        assert_eq!(provider.verdict(&first.access_token()).await, "OAU-129");
        assert_eq!(provider.verdict(&second.access_token()).await, "200");
    }
    println!("{with_few:.0} sign-ins a second, {with_all:.0} refreshes a second");
    assert!(
        with_few > AT_LEAST_PER_SECOND && with_all > AT_LEAST_PER_SECOND,
        "{with_few:.0}, {with_all:.0}"
    );
}

/// Sends requests, 32 at a time, and returns their answers in order and how many there were in a second.
async fn timed<F: Future<Output = Answer>>(requests: impl Stream<Item = F>) -> (Vec<Answer>, f64) {
    let began = Instant::now();
    let answers: Vec<Answer> = requests.buffered(32).collect().await;
    let rate = answers.len() as f64 / began.elapsed().as_secs_f64();
    (answers, rate)
}
