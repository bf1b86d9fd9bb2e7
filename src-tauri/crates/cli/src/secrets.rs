//! Reads secrets from the terminal, without echo, or from standard input. Never from arguments, which every process on
//! this machine can read.

use std::io::{self, BufRead, Read as _};

use secrecy::SecretString;
use tokenkeep_keeper::config::Grant;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The most that is read from standard input, in bytes.
const LIMIT: u64 = 64 * 1024;

/// The secrets of an account.
#[derive(Default)]
pub(crate) struct Secrets {
    pub(crate) client_secret: Option<SecretString>,
    pub(crate) assertion: Option<SecretString>,
}

impl Secrets {
    /// Asks on the terminal for what `grant` needs.
    pub(crate) fn ask(grant: Grant) -> Result<Self, Failure> {
        Ok(match grant {
            Grant::Jwt => Self {
                client_secret: ask("Client secret: ")?,
                assertion: ask("JWT credential: ")?,
            },
            Grant::Code => Self {
                client_secret: ask("Client secret (empty if the app has none): ")?,
                assertion: None,
            },
        })
    }

    /// Reads lines `client_secret=…` and `assertion=…` from standard input, values as they are.
    pub(crate) fn from_stdin() -> Result<Self, Failure> {
        Self::read(io::stdin().lock())
    }

    fn read(input: impl BufRead) -> Result<Self, Failure> {
        let wrong =
            |why: &str| Failure::Usage(format!("What --secrets-stdin reads is wrong: {why}."));
        let mut text = Zeroizing::new(String::new());
        input
            .take(LIMIT)
            .read_to_string(&mut text)
            .map_err(|_| wrong("standard input is not text in UTF-8"))?;
        let mut secrets = Self::default();
        for (index, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let place = match line
                .split_once('=')
                .map(|(name, value)| (name.trim(), value.trim()))
            {
                Some(("client_secret", value)) => (&mut secrets.client_secret, value),
                Some(("assertion", value)) => (&mut secrets.assertion, value),
                // The line may be a secret: it is not quoted.
                _ => {
                    let line = index + 1;
                    return Err(wrong(&format!(
                        "line {line} is neither client_secret=… nor assertion=…"
                    )));
                }
            };
            *place.0 = Some(place.1)
                .filter(|value| !value.is_empty())
                .map(SecretString::from);
        }
        Ok(secrets)
    }

    /// Whether everything is there that `grant` needs.
    pub(crate) fn check(&self, grant: Grant) -> Result<(), Failure> {
        let missing = |what: &str| {
            Err(Failure::Usage(format!(
                "Without {what}, --grant jwt cannot sign in. Give it along."
            )))
        };
        match grant {
            Grant::Jwt if self.client_secret.is_none() => {
                missing("the client secret (client_secret)")
            }
            Grant::Jwt if self.assertion.is_none() => missing("the JWT credential (assertion)"),
            Grant::Code if self.assertion.is_some() => Err(Failure::Usage(
                "A JWT credential (assertion) is given, but --grant code has no use for one. Leave it out.".to_owned(),
            )),
            Grant::Jwt | Grant::Code => Ok(()),
        }
    }
}

/// A token from standard input, for instance one that was refused.
pub(crate) fn token_from_stdin(option: &str) -> Result<SecretString, Failure> {
    let mut text = Zeroizing::new(String::new());
    io::stdin()
        .lock()
        .take(LIMIT)
        .read_to_string(&mut text)
        .map_err(|_| {
            Failure::Usage(format!(
                "What {option} reads from standard input is not text in UTF-8."
            ))
        })?;
    let token = text.trim();
    if token.is_empty() || token.contains(char::is_whitespace) {
        return Err(Failure::Usage(format!(
            "For {option}, standard input has to hold one token and nothing else."
        )));
    }
    Ok(SecretString::from(token))
}

fn ask(question: &str) -> Result<Option<SecretString>, Failure> {
    let answer = rpassword::prompt_password(question).map(Zeroizing::new).map_err(|_| {
        Failure::Usage(
            "There is no terminal to ask for secrets on. Give them on standard input with --secrets-stdin.".to_owned(),
        )
    })?;
    let answer = answer.trim();
    Ok((!answer.is_empty()).then(|| SecretString::from(answer)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn secrets_are_read_as_they_are() {
        let secrets =
            Secrets::read("assertion = a.b.c=\r\n\nclient_secret=\"$HOME # x\"\n".as_bytes())
                .unwrap();
        assert_eq!(
            secrets.assertion.as_ref().unwrap().expose_secret(),
            "a.b.c="
        );
        assert_eq!(
            secrets.client_secret.as_ref().unwrap().expose_secret(),
            "\"$HOME # x\""
        );
        secrets.check(Grant::Jwt).unwrap();
        assert!(secrets.check(Grant::Code).is_err());
    }

    #[test]
    fn an_empty_secret_is_none() {
        let secrets = Secrets::read("client_secret=\n".as_bytes()).unwrap();
        assert!(secrets.client_secret.is_none());
        secrets.check(Grant::Code).unwrap();
        assert!(
            secrets
                .check(Grant::Jwt)
                .unwrap_err()
                .to_string()
                .contains("client_secret")
        );
    }

    #[test]
    fn a_line_that_is_not_understood_is_counted_and_not_quoted() {
        for text in ["client_secret=a\nplanted", "client_secret=a\nplanted=b"] {
            let error = Secrets::read(text.as_bytes()).err().unwrap().to_string();
            assert!(
                error.contains("--secrets-stdin")
                    && error.contains("line 2")
                    && !error.contains("planted"),
                "{error}"
            );
        }
    }
}
