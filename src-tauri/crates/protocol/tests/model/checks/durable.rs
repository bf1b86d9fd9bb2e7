//! Invariants 4 and 6, as far as the vault goes: a set is saved before it is served, and none is
//! forgotten before a newer one is saved.

use tokenkeep_protocol::account::{Handout, Notice, NoticeKey, Topic, UNSAVED_HOLD};

use super::super::vault::Item;
use super::super::world::World;
use super::Invariant;

impl World {
    /// Invariant 4: what is handed out is in the vault, or was held back and is called unsaved.
    pub(super) fn check_durable(&mut self, account: usize, handout: &Handout) {
        let token = handout.access_token.expose();
        let known = &self.checks.accounts[account].known;
        let durable = self.vault.item(account).and_then(Item::access);
        // The vault may hold a newer set already, whose write was reported as failed.
        let held = durable == Some(token) || known.order(durable) > known.order(Some(token));
        if !handout.unsaved {
            if !held {
                let what = "a token was handed out that the vault does not hold";
                self.wrong(Invariant::SaveBeforeServe, account, what);
            }
            return;
        }
        let received = known.get(token).map(|set| set.at);
        if received.is_none_or(|at| self.now.since(at) < UNSAVED_HOLD) {
            let what = "a token was handed out unsaved at once";
            self.wrong(Invariant::SaveBeforeServe, account, what);
        }
        let of = &mut self.checks.accounts[account];
        of.known.handed_unsaved = Some(token.to_owned());
        let warning = NoticeKey::About(Topic::Unsaved, handout.generation);
        of.notices.owed = Some(warning).filter(|warning| !of.notices.was_told(warning));
    }

    /// The user is told of what was handed out unsaved, in the same step.
    pub(crate) fn check_warned(&mut self, account: usize) {
        if let Some(owed) = self.checks.accounts[account].notices.owed.take() {
            let what = format!("a token was handed out unsaved without {owed:?}");
            self.wrong(Invariant::SaveBeforeServe, account, what);
        }
    }

    /// Invariant 6: the vault is never given less than it holds.
    pub(crate) fn check_save(&mut self, account: usize, item: &Item) {
        let written = item.read(self.both()).tokens;
        let known = &mut self.checks.accounts[account].known;
        known.believed_until = written.map(|set| set.expires_at);
        let Some(before) = self.vault.item(account) else {
            return;
        };
        let known = &self.checks.accounts[account].known;
        let (old, new) = (known.order(before.access()), known.order(item.access()));
        // Where the vault could not be read, a sign-in begins to count anew.
        let went_back = new < old || (new == old && item.generation() < before.generation());
        let forgot = new == old && before.refresh() != item.refresh();
        let dropped = before.access().is_some() && item.access().is_none();
        if went_back || forgot || dropped {
            let what = format!("the vault is given {item:?} in place of {before:?}");
            self.wrong(Invariant::NeverForget, account, what);
        }
    }

    /// A session is ended that the vault's set belongs to: a crash now would find nothing that lives.
    pub(super) fn check_durable_outlives(&mut self, account: usize, session: usize) {
        let stored = self.vault.item(account).and_then(Item::access);
        let access = stored.and_then(|token| self.provider.access(token));
        if access.is_some_and(|access| access.session == session)
            && !self.provider.has_ended(session)
        {
            let what = "a session was ended whose successor is not saved";
            self.wrong(Invariant::NeverForget, account, what);
        }
    }

    /// Invariant 6: a notice says until when the token that still lives can be used.
    pub(super) fn check_until(&mut self, account: usize, notice: &Notice) {
        let Some(until) = notice.token_until else {
            return;
        };
        let of = &self.checks.accounts[account];
        let known = &of.known;
        let leased = of.holds.all().iter().any(|hold| hold.explicit);
        let withheld = known.withheld.is_some() && known.withheld.as_deref() == known.newest();
        let refused = withheld && !leased && !known.lost_sight();
        if until <= self.now || refused || (known.in_doubt && self.may_kill()) {
            let what = format!("a notice calls a token good that is not: {notice:?}");
            self.wrong(Invariant::NeverForget, account, what);
        }
    }
}
