//! The `.env` text that a RingCentral developer would have, for the practice provider.

use std::net::SocketAddr;

use crate::clients::{DEFAULT_REDIRECT_URI, RegisteredClient, SECRET};
use crate::jwt;
use crate::users::UserId;

/// The whole block for one user. Every value is made of characters that no shell and no parser of `.env` touches.
pub(crate) fn block(address: SocketAddr, user: UserId) -> String {
    format!(
        "RC_SERVER_URL=http://{address}\n\
         RC_APP_CLIENT_ID={}\n\
         RC_APP_CLIENT_SECRET={SECRET}\n\
         RC_USER_JWT={}\n\
         RC_REDIRECT_URL={DEFAULT_REDIRECT_URI}\n\
         TOKENKEEP_PUBLIC_CLIENT_ID={}\n",
        RegisteredClient::Confidential.id(),
        jwt::mint(user, None),
        RegisteredClient::Public.id(),
    )
}

/// The first user's block, then a line `RC_USER_JWT_2=…` for the second user, and so on.
pub(crate) fn file(address: SocketAddr, users: u32) -> String {
    let mut text = block(address, UserId(0));
    for number in 1..users {
        text.push_str(&format!(
            "RC_USER_JWT_{}={}\n",
            u64::from(number) + 1,
            jwt::mint(UserId(number), None)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_one_block_and_one_more_line_per_further_user() {
        let address = SocketAddr::from(([127, 0, 0, 1], 8642));
        let file = file(address, 3);
        let further = file.strip_prefix(&block(address, UserId(0))).unwrap();
        let lines: Vec<&str> = further.lines().collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(
            lines[0],
            format!("RC_USER_JWT_2={}", jwt::mint(UserId(1), None))
        );
        assert_eq!(
            lines[1],
            format!("RC_USER_JWT_3={}", jwt::mint(UserId(2), None))
        );
    }

    #[test]
    fn nothing_in_it_means_anything_to_a_shell() {
        let text = file(SocketAddr::from(([127, 0, 0, 1], 8642)), 2);
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/=\n".contains(c);
        assert!(text.chars().all(plain), "{text}");
    }
}
