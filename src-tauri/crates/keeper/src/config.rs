//! STAND-IN: replaced when the branches meet.
use serde::{Deserialize, Serialize};
/// Name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountName(String);
impl std::fmt::Display for AccountName { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) } }
/// Error in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bad account name")]
pub struct AccountNameError;
impl std::str::FromStr for AccountName { type Err = AccountNameError; fn from_str(s: &str) -> Result<Self, AccountNameError> { Ok(Self(s.to_owned())) } }
impl AccountName { /// as str
pub fn as_str(&self) -> &str { &self.0 } }
/// Grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant { /// code
 Code, /// jwt
 Jwt }
