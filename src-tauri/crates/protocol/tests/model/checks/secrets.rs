//! Invariant 9: secrets stay put.

use std::fmt::{self, Write as _};

use tokenkeep_protocol::account::Effect;

use super::super::provider::PLANTED;
use super::super::world::World;
use super::Invariant;

/// The heart as a whole is printed once in so many steps, because that takes long.
const HEART_EVERY: u64 = 64;

impl World {
    /// Nothing that an effect prints holds a secret, and now and then nothing that the heart prints.
    pub(crate) fn check_secrets(&mut self, account: usize, effects: &[Effect]) {
        for effect in effects {
            self.check_printed(effect);
        }
        if self.report.steps.is_multiple_of(HEART_EVERY)
            && let Some(keeper) = self.keeper.take()
        {
            self.check_printed(&keeper.accounts[account]);
            self.keeper = Some(keeper);
        }
    }

    fn check_printed(&mut self, what: &impl fmt::Debug) {
        let mut text = std::mem::take(&mut self.checks.text);
        text.clear();
        let _ = write!(text, "{what:?}");
        if text.contains(PLANTED) {
            let what = format!("a secret is printed: {text}");
            self.checks.fail(Invariant::SecretsStayPut, what);
        }
        self.checks.text = text;
    }
}
