//! Carries out the effects of a heart, as the runtime does.

use std::time::Duration;

use rand::RngExt as _;
use tokenkeep_oauth::{Problem, ProblemKind, Reply};
use tokenkeep_protocol::account::{AttemptId, Effect, Event, Record, SaveId, VaultFailure};

use crate::model::faults::SaveFate;
use crate::model::vault::{Item, Write};
use crate::model::world::{Happening, World};

/// How long the runtime waits for a call to the keychain.
const VAULT_TIME_LIMIT: Duration = Duration::from_secs(10);

impl World {
    pub(super) fn carry_out_effect(&mut self, account: usize, effect: Effect) {
        match effect {
            Effect::Load => self.load(account),
            Effect::Answer { reader, answer } => self.answered(account, reader, answer),
            Effect::AskPace(urgency) => {
                let client = self.specs[account].client;
                if let Some(keeper) = &mut self.keeper {
                    keeper.paces[client].ask(account, urgency);
                }
                self.grant(client);
            }
            Effect::LeaveUnused => {
                let client = self.specs[account].client;
                if let Some(keeper) = &mut self.keeper {
                    keeper.paces[client].unused(&account);
                }
                self.checks.left_unused(client, account);
                self.keep_pace(client);
                self.grant(client);
            }
            Effect::Send { attempt, request } => {
                if self.pace_allows(account, attempt) {
                    self.check_send(account, attempt, &request);
                    let flight = self.send(account, Some((attempt, request)));
                    let client = self.specs[account].client;
                    self.checks.sent(client, account, flight, self.now);
                }
            }
            Effect::Save { save, record } => self.save(account, save, record),
            Effect::Revoke(token) => {
                self.check_revoke(account, &token);
                let after = Duration::from_millis(self.rng.random_range(20..500));
                if !self.faults.drops_revocation(&mut self.rng, self.now) {
                    self.after(after, Happening::Revokes { account, token });
                }
            }
            Effect::Tell(news) => self.check_news(account, &news),
            Effect::TellHolder { lease, news } => self.check_holder_told(account, lease, news),
            Effect::Notify(notice) => {
                let now = self.both();
                self.disk.note_told(account, notice.key, now);
                if let Some(keeper) = &mut self.keeper {
                    keeper.told[account].push(notice.key);
                }
                self.check_notice(account, &notice);
                self.person_reads(account, &notice);
            }
        }
    }

    /// Lets those send whom the pace allows to.
    pub(super) fn grant(&mut self, client: usize) {
        let now = self.both();
        let Some(keeper) = &mut self.keeper else {
            return;
        };
        let pace = &mut keeper.paces[client];
        let granted = pace.grant(now.tick);
        if granted.is_empty() {
            return;
        }
        self.keep_pace(client);
        for account in granted {
            self.checks.let_go(client, account, now.tick);
            self.deliver_at(now.tick, account, Event::MaySend);
        }
    }

    /// Whether a request may still go out; where not, the account is told as if the provider had said so.
    fn pace_allows(&mut self, account: usize, attempt: AttemptId) -> bool {
        let (client, now) = (self.specs[account].client, self.now);
        let Some(keeper) = &mut self.keeper else {
            return false;
        };
        let allowed = keeper.paces[client].sending(&account, now);
        self.keep_pace(client);
        if let Err(until) = allowed {
            self.checks.left_unused(client, account);
            let reply = Reply::Throttled {
                retry_after: now.until(until),
                problem: Problem::new(ProblemKind::Throttled, "The provider asked for a pause."),
            };
            self.deliver_at(now, account, Event::Answered { attempt, reply });
        }
        allowed.is_ok()
    }

    fn load(&mut self, account: usize) {
        let after = Duration::from_millis(self.rng.random_range(1..30));
        let at = self
            .vault
            .busy_until
            .map_or(self.now, |busy| busy.max(self.now))
            + after;
        let event = if self.faults.is_locked(self.now) {
            Event::Loaded(Err(locked()))
        } else {
            self.check_load(account, at);
            let now = self.both();
            let item = self.vault.item(account);
            let record = item.map_or_else(Record::default, |item| item.read(now));
            Event::Loaded(Ok(record))
        };
        self.deliver_at(at, account, event);
    }

    fn save(&mut self, account: usize, save: SaveId, record: Record) {
        let item = Item::of(record, self.both());
        self.check_save(account, &item);
        let fate = self.draw_save_fate();
        self.note(|| format!("account {account}: {save:?} has {fate:?} in store"));
        let (after, written, ok) = match fate {
            SaveFate::Done { after } => (after, true, true),
            SaveFate::Fails { after, written } => (after, written, false),
        };
        let begins = self
            .vault
            .busy_until
            .map_or(self.now, |busy| busy.max(self.now));
        let ends = begins + after;
        self.vault.busy_until = Some(ends);
        if written {
            let item = Some(item);
            self.vault.will_write(Write {
                account,
                item,
                at: ends,
            });
        }
        let limit = begins + VAULT_TIME_LIMIT;
        let result = if ok && ends <= limit {
            Ok(())
        } else {
            Err(locked())
        };
        let answered = ends.min(limit);
        self.note_write(account, ends, answered, result.is_ok());
        self.deliver_at(answered, account, Event::Saved { save, result });
    }
}

fn locked() -> VaultFailure {
    VaultFailure {
        message: "The keychain is locked.".to_owned(),
        lasting: false,
    }
}
