//! Other programs that use the same client: they renew an account's session by themselves, open
//! sessions of the same user, and use up the quota.

use std::time::Duration;

use super::errands::Errand;
use super::faults::drawn_wait;
use super::provider::By;
use super::world::{Happening, World};

impl World {
    /// A program renews the account's session before its own copy of the access token dies, and goes on
    /// with what it gets. Where it is refused, it looks for what is in the vault by then.
    pub(crate) fn rival_renews(&mut self, account: usize, refresh: Option<String>) {
        let every = (self.provider.behaviour.lifetime * 4 / 5).max(Duration::from_secs(60));
        let again = drawn_wait(every, &mut self.rng);
        let stored = self.vault.item(account).and_then(|item| item.refresh());
        let refresh = refresh.or_else(|| stored.map(str::to_owned));
        let next = refresh.and_then(|refresh| self.rival_request(account, &refresh));
        let rival = Errand::Rival {
            account,
            refresh: next,
        };
        self.after(again, Happening::Errand(rival));
    }

    fn rival_request(&mut self, account: usize, refresh: &str) -> Option<String> {
        let spec = self.specs[account];
        self.report.meddled += 1;
        self.note(|| format!("account {account}: another program renews its session"));
        let taken = self
            .provider
            .others_request(spec.client, spec.user, self.now);
        taken
            .then(|| self.provider.refreshed_by_others(refresh, self.now))
            .flatten()
    }

    /// Someone else does something to the session of the account's newest token.
    pub(crate) fn others_meddle(&mut self, account: usize, renew: bool) {
        let Some(item) = self.vault.item(account) else {
            return;
        };
        let access = item.access().map(str::to_owned);
        let refresh = item.refresh().map(str::to_owned);
        if renew {
            refresh.and_then(|refresh| self.rival_request(account, &refresh));
        } else if let Some(session) = access
            .and_then(|access| self.provider.access(&access))
            .map(|access| access.session)
        {
            self.report.meddled += 1;
            self.provider.end(session, By::Others, self.now);
        }
    }

    /// The same user signs in elsewhere with the same client, so that the oldest session goes.
    pub(crate) fn others_sign_in(&mut self, account: usize) {
        let spec = self.specs[account];
        self.report.meddled += 1;
        if self
            .provider
            .others_request(spec.client, spec.user, self.now)
        {
            self.provider
                .open(spec.client, spec.user, By::Others, self.now);
        }
    }
}
