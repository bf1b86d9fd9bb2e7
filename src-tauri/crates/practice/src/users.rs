//! The practice users: as many as asked for, all made from their number.

/// Which practice user, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct UserId(pub(crate) u32);

/// Every practice user's password. It is shown on the sign-in page.
pub(crate) const PASSWORD: &str = "practice";

const FIRST_NAME: &str = "practice";
const FIRST_OWNER_ID: u64 = 62_264_425_000;

impl UserId {
    /// The name to sign in with: `practice`, `practice2`, `practice3` …
    pub(crate) fn name(self) -> String {
        match self.0 {
            0 => FIRST_NAME.to_owned(),
            n => format!("{FIRST_NAME}{}", u64::from(n) + 1),
        }
    }

    /// The name as shown to people.
    pub(crate) fn title(self) -> String {
        match self.0 {
            0 => "Practice User".to_owned(),
            n => format!("Practice User {}", u64::from(n) + 1),
        }
    }

    /// RingCentral's number of the user (`owner_id`, the extension's `id`, an assertion's `sub`).
    pub(crate) fn owner_id(self) -> u64 {
        FIRST_OWNER_ID + u64::from(self.0)
    }

    /// The user with that `owner_id`, of the first `users`.
    pub(crate) fn by_owner_id(owner_id: u64, users: u32) -> Option<Self> {
        let number = u32::try_from(owner_id.checked_sub(FIRST_OWNER_ID)?).ok()?;
        (number < users).then_some(Self(number))
    }

    /// The user who signs in with that name, of the first `users`.
    pub(crate) fn by_name(name: &str, users: u32) -> Option<Self> {
        let number = match name.strip_prefix(FIRST_NAME)? {
            "" => 0,
            suffix => suffix.parse::<u32>().ok()?.checked_sub(1)?,
        };
        let user = Self(number);
        (number < users && user.name() == name).then_some(user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_user_is_found_by_name_and_by_owner_id() {
        for user in [UserId(0), UserId(1), UserId(4999)] {
            assert_eq!(UserId::by_name(&user.name(), 5000), Some(user));
            assert_eq!(UserId::by_owner_id(user.owner_id(), 5000), Some(user));
        }
    }

    #[test]
    fn nobody_else_is_found() {
        for name in [
            "",
            "practice1",
            "practice0",
            "practice02",
            "practice+2",
            "practice3",
            "Practice",
            "someone",
        ] {
            assert_eq!(UserId::by_name(name, 2), None, "{name}");
        }
        assert_eq!(UserId::by_owner_id(FIRST_OWNER_ID + 2, 2), None);
        assert_eq!(UserId::by_owner_id(0, 2), None);
    }
}
