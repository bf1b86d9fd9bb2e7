//! Text that nobody can guess: tokens, codes, ids.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// 256 random bits as 43 characters of base64url.
pub(crate) fn secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// 96 random bits, for ids that are no secrets.
pub(crate) fn id() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 12]>())
}
