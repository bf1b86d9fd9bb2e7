//! Values of any length over a store that limits them (Windows: 2,560 bytes).
//!
//! A short value is stored in the head item itself. A longer one is stored in parts, and the head names them. There are
//! two slots for parts: a new value is written to the slot that the head does not name, then one write makes the head name
//! it, and then the other slot is cleared. After a crash between any two steps, the head names a whole value, old or new;
//! leftovers are in the slot that the next write overwrites or clears.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::store::{Store, StoreError};

/// Why a value could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ReadError {
    /// The store failed.
    Store(StoreError),
    /// Its parts are not those that the head names.
    Torn,
}

impl From<StoreError> for ReadError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The version of the head's form. A new form takes a number that no item has had: an older program then calls it newer.
const VERSION: u32 = 1;

/// The head of a value in parts.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    version: u32,
    parts: Parts,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    slot: Slot,
    count: usize,
    /// SHA-256 of the whole value, in hexadecimal.
    sha256: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Slot {
    A,
    B,
}

impl Slot {
    const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// The name of a part. No account's name contains a slash.
    fn part(self, name: &str, index: usize) -> String {
        let slot = match self {
            Self::A => "a",
            Self::B => "b",
        };
        format!("{name}/{slot}/{index}")
    }
}

/// The whole value of this name.
pub(super) fn read(
    store: &mut dyn Store,
    name: &str,
) -> Result<Option<Zeroizing<Vec<u8>>>, ReadError> {
    let Some(head) = store.read(name)? else {
        return Ok(None);
    };
    let Some(parts) = parse_head(&head) else {
        return Ok(Some(head));
    };
    let mut chunks = Vec::new();
    for index in 0..parts.count {
        chunks.push(
            store
                .read(&parts.slot.part(name, index))?
                .ok_or(ReadError::Torn)?,
        );
    }
    let mut value = Zeroizing::new(Vec::with_capacity(chunks.iter().map(|c| c.len()).sum()));
    chunks
        .iter()
        .for_each(|chunk| value.extend_from_slice(chunk));
    if digest(&value) == parts.sha256 {
        Ok(Some(value))
    } else {
        Err(ReadError::Torn)
    }
}

/// Replaces the value of this name. If only clearing the old one fails, the write succeeds all the same: the next write
/// clears it.
pub(super) fn write(store: &mut dyn Store, name: &str, value: &[u8]) -> Result<(), StoreError> {
    let Some(limit) = store.limit() else {
        return store.write(name, value);
    };
    let kept = if value.len() <= limit {
        store.write(name, value)?;
        None
    } else {
        Some(write_parts(store, name, value, limit)?)
    };
    if let Err(error) = clear_all_but(store, name, kept.as_ref()) {
        tracing::warn!(
            ?error,
            "the parts of a replaced keychain item could not be cleared yet"
        );
    }
    Ok(())
}

/// Deletes the value of this name, even if parts of it are missing.
pub(super) fn delete(store: &mut dyn Store, name: &str) -> Result<(), StoreError> {
    store.delete(name)?;
    clear_all_but(store, name, None)
}

fn write_parts(
    store: &mut dyn Store,
    name: &str,
    value: &[u8],
    limit: usize,
) -> Result<Parts, StoreError> {
    let current = store.read(name)?.and_then(|head| parse_head(&head));
    let slot = current.map_or(Slot::A, |parts| parts.slot.other());
    let mut count = 0;
    for chunk in value.chunks(limit) {
        store.write(&slot.part(name, count), chunk)?;
        count += 1;
    }
    let head = Head {
        version: VERSION,
        parts: Parts {
            slot,
            count,
            sha256: digest(value),
        },
    };
    let bytes = serde_json::to_vec(&head).map_err(|error| StoreError::Failed(error.to_string()))?;
    store.write(name, &bytes)?;
    Ok(head.parts)
}

/// Deletes every part that the head does not name.
fn clear_all_but(
    store: &mut dyn Store,
    name: &str,
    kept: Option<&Parts>,
) -> Result<(), StoreError> {
    if store.limit().is_none() {
        return Ok(());
    }
    for slot in [Slot::A, Slot::B] {
        let first = kept
            .filter(|kept| kept.slot == slot)
            .map_or(0, |kept| kept.count);
        let mut end = first;
        while store.read(&slot.part(name, end))?.is_some() {
            end += 1;
        }
        // From the last to the first, so that after a crash the rest is still found from the first on.
        for index in (first..end).rev() {
            store.delete(&slot.part(name, index))?;
        }
    }
    Ok(())
}

fn parse_head(bytes: &[u8]) -> Option<Parts> {
    serde_json::from_slice::<Head>(bytes)
        .ok()
        .filter(|head| head.version == VERSION)
        .map(|head| head.parts)
}

fn digest(value: &[u8]) -> String {
    Sha256::digest(value)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::store::Memory;
    use proptest::prelude::*;

    const LIMIT: usize = 200;

    /// A store in which the process dies at a certain change, before or after it is made.
    struct Dying {
        memory: Memory,
        changes_left: usize,
        last_is_made: bool,
    }

    impl Dying {
        fn change(&mut self, change: impl FnOnce(&mut Memory)) -> Result<(), StoreError> {
            if self.changes_left == 0 {
                return Err(StoreError::Failed("dead".to_owned()));
            }
            self.changes_left -= 1;
            let dies = self.changes_left == 0;
            if !dies || self.last_is_made {
                change(&mut self.memory);
            }
            if dies {
                Err(StoreError::Failed("dies".to_owned()))
            } else {
                Ok(())
            }
        }
    }

    impl Store for Dying {
        fn limit(&self) -> Option<usize> {
            self.memory.limit
        }
        fn read(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
            if self.changes_left == 0 {
                return Err(StoreError::Failed("dead".to_owned()));
            }
            self.memory.read(name)
        }
        fn write(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError> {
            assert!(value.len() <= LIMIT, "the store would have refused this");
            self.change(|memory| memory.write(name, value).unwrap())
        }
        fn delete(&mut self, name: &str) -> Result<(), StoreError> {
            self.change(|memory| memory.delete(name).unwrap())
        }
    }

    fn limited() -> Memory {
        Memory {
            limit: Some(LIMIT),
            ..Memory::default()
        }
    }

    fn value(letter: u8, length: usize) -> Vec<u8> {
        vec![letter; length]
    }

    fn read_value(memory: &mut Memory) -> Option<Vec<u8>> {
        read(memory, "name").unwrap().map(|value| value.to_vec())
    }

    #[test]
    fn a_value_that_fits_is_one_item() {
        let mut memory = limited();
        write(&mut memory, "name", &value(b'x', LIMIT)).unwrap();
        assert_eq!(memory.values.keys().collect::<Vec<_>>(), ["name"]);
        assert_eq!(read_value(&mut memory), Some(value(b'x', LIMIT)));
    }

    #[test]
    fn a_longer_value_is_read_again_whole() {
        let mut memory = limited();
        write(&mut memory, "name", &value(b'x', LIMIT * 2 + 1)).unwrap();
        assert_eq!(memory.values.len(), 4);
        assert_eq!(read_value(&mut memory), Some(value(b'x', LIMIT * 2 + 1)));
    }

    /// Every later version reads what this one wrote on Windows: this file is never changed.
    #[test]
    fn a_value_in_parts_as_the_first_form_has_them_is_read() {
        let parts: std::collections::BTreeMap<String, String> =
            serde_json::from_str(include_str!("../../tests/fixtures/parts-1.json")).unwrap();
        let mut memory = Memory {
            values: parts
                .into_iter()
                .map(|(name, part)| (name, Zeroizing::new(part.into_bytes())))
                .collect(),
            limit: Some(2560),
        };
        let value = read(&mut memory, "work").unwrap().unwrap();
        let item = crate::vault::Item::decode(&value).unwrap();
        let tokens = item.tokens.unwrap();
        assert_eq!(
            secrecy::ExposeSecret::expose_secret(&tokens.access_token),
            "x".repeat(6000)
        );
    }

    #[test]
    fn a_head_of_another_form_is_no_head_however_alike_it_is() {
        let mut memory = limited();
        write(&mut memory, "name", &value(b'x', 500)).unwrap();
        let head = String::from_utf8(memory.values["name"].to_vec()).unwrap();
        let newer = head.replace("\"version\":1", "\"version\":9").into_bytes();
        assert_ne!(newer, head.as_bytes());
        memory
            .values
            .insert("name".to_owned(), Zeroizing::new(newer.clone()));
        assert_eq!(read_value(&mut memory), Some(newer));
    }

    #[test]
    fn nothing_is_left_behind_by_a_replaced_or_deleted_value() {
        let mut memory = limited();
        for length in [900, 500, 901, 10, 900, 10] {
            write(&mut memory, "name", &value(b'x', length)).unwrap();
            let parts = if length <= LIMIT {
                0
            } else {
                length.div_ceil(LIMIT)
            };
            assert_eq!(memory.values.len(), parts + 1, "{:?}", memory.values.keys());
        }
        delete(&mut memory, "name").unwrap();
        assert!(memory.values.is_empty());
    }

    #[test]
    fn a_missing_or_changed_part_is_never_served() {
        for spoil in [
            |m: &mut Memory| drop(m.values.remove("name/a/1")),
            |m: &mut Memory| {
                m.values.get_mut("name/a/1").unwrap()[0] ^= 1;
            },
        ] {
            let mut memory = limited();
            write(&mut memory, "name", &value(b'x', 500)).unwrap();
            spoil(&mut memory);
            assert_eq!(read(&mut memory, "name").unwrap_err(), ReadError::Torn);
        }
    }

    #[test]
    fn accounts_whose_names_begin_alike_do_not_touch_each_other() {
        let mut memory = limited();
        write(&mut memory, "name", &value(b'x', 500)).unwrap();
        write(&mut memory, "name.b", &value(b'y', 500)).unwrap();
        delete(&mut memory, "name.b").unwrap();
        assert_eq!(read_value(&mut memory), Some(value(b'x', 500)));
    }

    proptest! {
        /// Whatever was there, whatever is written, wherever it is cut off, once or twice:
        /// the old or the new value is whole, and the next write leaves nothing behind.
        #[test]
        fn a_crash_between_any_two_steps_leaves_the_old_or_the_new_value_whole(
            lengths in prop::collection::vec(1_usize..1500, 1..4),
            crashes in prop::collection::vec((1_usize..20, any::<bool>(), 1_usize..1500), 1..4),
            last in 1_usize..1500,
        ) {
            let mut memory = limited();
            for length in lengths {
                write(&mut memory, "name", &value(b'o', length)).unwrap();
            }
            for (number, (changes_left, last_is_made, length)) in crashes.into_iter().enumerate() {
                let old = read_value(&mut memory);
                let new = value(b'0' + u8::try_from(number).unwrap(), length);
                let mut dying = Dying { memory, changes_left, last_is_made };
                let outcome = write(&mut dying, "name", &new);
                memory = dying.memory;
                let found = read_value(&mut memory);
                prop_assert!(found == old || found.as_ref() == Some(&new));
                if outcome.is_ok() {
                    prop_assert_eq!(found, Some(new));
                }
            }
            write(&mut memory, "name", &value(b'l', last)).unwrap();
            prop_assert_eq!(read_value(&mut memory), Some(value(b'l', last)));
            let parts = if last <= LIMIT { 0 } else { last.div_ceil(LIMIT) };
            prop_assert_eq!(memory.values.len(), parts + 1);
        }

        /// A removal that is cut off leaves the value whole or gone, and can be repeated.
        #[test]
        fn a_crash_in_a_removal_leaves_the_value_whole_or_gone(
            length in 1_usize..1500, changes_left in 1_usize..12, last_is_made: bool,
        ) {
            let mut memory = limited();
            write(&mut memory, "name", &value(b'o', length)).unwrap();
            let mut dying = Dying { memory, changes_left, last_is_made };
            let _ = delete(&mut dying, "name");
            memory = dying.memory;
            let found = read_value(&mut memory);
            prop_assert!(found.is_none() || found == Some(value(b'o', length)));
            delete(&mut memory, "name").unwrap();
            prop_assert!(memory.values.is_empty());
        }
    }
}
