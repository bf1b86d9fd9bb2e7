//! `tokenkeep add`.

use std::path::{Path, PathBuf};

use clap::Args;
use strum::VariantNames as _;
use tokenkeep_agent::{AgentClient, ClientError};
use tokenkeep_keeper::config::{AccountName, Grant};
use tokenkeep_keeper::env_file::{self, EnvFile, EnvFileError};
use tokenkeep_keeper::keeper::{AccountView, ErrorKind, NewAccount};
use tokenkeep_oauth::Preset;
use url::Url;

use crate::client::client;
use crate::failure::Failure;
use crate::secrets::Secrets;
use crate::{output, runtime};

/// Add an account
///
/// From the .env file that RingCentral's developer guide has you write, or from options. Secrets are asked for on the
/// terminal, or read from standard input; they are never given as arguments, which every program on this machine can
/// read.
#[derive(Args)]
#[command(after_help = "Examples:
  tokenkeep add work --env-file .env
  tokenkeep add me --provider ringcentral --client-id ID --grant code \\
    --redirect-uri http://localhost:5000/callback
  printf 'client_secret=%s\\nassertion=%s\\n' \"$SECRET\" \"$JWT\" |
    tokenkeep add bot --provider ringcentral --client-id ID --grant jwt \\
      --secrets-stdin")]
pub(crate) struct AddArgs {
    /// What to call it: letters, digits, '.', '_', '-' and '@'
    name: AccountName,
    /// Take everything from a RingCentral .env file; by JWT when one is in it. A server on this machine is the practice
    /// provider
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["provider", "server", "client_id", "redirect_uri", "secrets_stdin"],
        required_unless_present = "provider"
    )]
    env_file: Option<PathBuf>,
    /// How to sign in
    #[arg(long, value_enum, required_unless_present = "env_file")]
    grant: Option<Grant>,
    #[arg(long, requires = "client_id", help = providers())]
    provider: Option<String>,
    /// The provider's base URL, if it is not the usual one
    #[arg(long, value_name = "URL", requires = "provider")]
    server: Option<Url>,
    /// The app's client id
    #[arg(long, value_name = "ID", requires = "provider")]
    client_id: Option<String>,
    /// The redirect URI, exactly as it is registered for the app; --grant code needs one
    #[arg(long, value_name = "URI", requires = "provider")]
    redirect_uri: Option<Url>,
    /// Read secrets from standard input, in lines `client_secret=…` and `assertion=…` (the JWT credential), values as
    /// they are
    #[arg(long, requires = "provider")]
    secrets_stdin: bool,
    /// Print the account as JSON
    #[arg(long)]
    json: bool,
}

impl AddArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        let new = match &self.env_file {
            Some(path) => self.account_from_file(path).map_err(wrong_file)?,
            None => self.account_from_options(&client)?,
        };
        let view = runtime::on_this_thread(async { Ok(client.add(new).await?) })?;
        if self.json {
            return output::json(&view);
        }
        let AccountView { name, provider, .. } = &view;
        let next = match view.grant {
            Grant::Jwt => {
                format!("It signs in by itself now; `tokenkeep get {name}` prints a token.")
            }
            Grant::Code => runtime::on_this_thread(how_to_sign_in(&client, name))?,
        };
        output::line(format_args!("Added {name} ({provider}). {next}"))
    }

    fn account_from_file(&self, path: &Path) -> Result<NewAccount, EnvFileError> {
        let file = EnvFile::read(path)?;
        env_file::account(&file, self.name.clone(), self.grant)
    }

    fn account_from_options(&self, client: &AgentClient) -> Result<NewAccount, Failure> {
        let (Some(grant), Some(provider), Some(client_id)) =
            (self.grant, &self.provider, &self.client_id)
        else {
            // The argument parser does not let this through.
            return Err(Failure::Usage(
                "The options --provider, --client-id and --grant are needed.".to_owned(),
            ));
        };
        if grant == Grant::Code && self.redirect_uri.is_none() {
            return Err(Failure::Usage(
                "The option --redirect-uri is missing, and --grant code needs it. Give the URI that is registered for the app.".to_owned(),
            ));
        }
        let secrets = if runtime::on_this_thread(is_taken(client, &self.name))? {
            // Nobody should type secrets in vain: the keeper checks the name first, and says that it is taken.
            Secrets::default()
        } else {
            self.secrets(grant)?
        };
        Ok(NewAccount {
            name: self.name.clone(),
            provider: provider.clone(),
            server: self.server.clone(),
            client_id: client_id.clone(),
            grant,
            redirect_uri: self.redirect_uri.clone(),
            client_secret: secrets.client_secret,
            assertion: secrets.assertion,
        })
    }

    fn secrets(&self, grant: Grant) -> Result<Secrets, Failure> {
        let secrets = if self.secrets_stdin {
            Secrets::from_stdin()?
        } else {
            Secrets::ask(grant)?
        };
        secrets.check(grant)?;
        Ok(secrets)
    }
}

fn providers() -> String {
    format!("Who issues the tokens: {}", Preset::VARIANTS.join(" or "))
}

/// What is wrong with an `.env` file. The error names the option.
fn wrong_file(error: EnvFileError) -> Failure {
    Failure::Usage(format!(
        "What is given with --env-file cannot be used. {error}"
    ))
}

/// Whether the keeper, which has to run, has an account of that name already.
async fn is_taken(client: &AgentClient, name: &AccountName) -> Result<bool, Failure> {
    match client.account(name).await {
        Ok(_) => Ok(true),
        Err(ClientError::Keeper(error)) if error.kind == ErrorKind::NoSuchAccount => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// How a person signs in with this keeper.
async fn how_to_sign_in(client: &AgentClient, name: &AccountName) -> Result<String, Failure> {
    Ok(if client.status().await?.desktop {
        format!(
            "Sign in with `tokenkeep sign-in {name}`, which opens a window, or with --paste in any browser."
        )
    } else {
        format!("Sign in with `tokenkeep sign-in {name} --paste`.")
    })
}
