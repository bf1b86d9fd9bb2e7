//! Reading `.env` files, and the account that one describes.

mod error;
mod file;
mod ringcentral;

pub use error::{EnvFileError, Needed};
pub use file::EnvFile;
pub use ringcentral::{Summary, account, summary};
