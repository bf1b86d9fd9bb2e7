use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use tokenkeep_practice::Options;

use crate::support::{Provider, options};

/// With room for a debug build on a busy machine; a quiet one does ten times as much.
const AT_LEAST_PER_SECOND: f64 = 100.0;
const USERS: u32 = 5000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_users_are_served_in_no_time() {
    let provider = Provider::start_with(Options {
        users: USERS,
        ..options()
    })
    .await;
    let began = Instant::now();
    let owners: Vec<String> = stream::iter(0..USERS)
        .map(|user| {
            let provider = &provider;
            async move {
                let first = provider.jwt_sign_in_as(user, &[]).await;
                let second = provider.refresh(&first.refresh_token()).await;
                assert_eq!(provider.verdict(&second.access_token()).await, "200");
                second.field("owner_id")
            }
        })
        .buffer_unordered(32)
        .collect()
        .await;
    let rate = f64::from(USERS * 3) / began.elapsed().max(Duration::from_millis(1)).as_secs_f64();
    let distinct: std::collections::HashSet<_> = owners.iter().collect();
    assert_eq!(distinct.len(), USERS as usize);
    assert!(rate > AT_LEAST_PER_SECOND, "{rate:.0} requests a second");
    println!("{rate:.0} requests a second");
}
