//! `tokenkeep leases`.

use clap::Args;
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::AccountLease;
use tokenkeep_protocol::account::Holder;

use crate::client::client;
use crate::failure::Failure;
use crate::table::Table;
use crate::{durations, output, runtime};

/// Show who holds leases on tokens
///
/// While a lease lasts, its token is not replaced, where replacing it would kill it. What was only read is not shown.
#[derive(Args)]
#[command(after_help = "Examples:
  tokenkeep leases
  tokenkeep leases work --json")]
pub(crate) struct LeasesArgs {
    /// Only those on tokens of this account
    name: Option<AccountName>,
    /// Print the leases as a JSON array
    #[arg(long)]
    json: bool,
}

impl LeasesArgs {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let client = client()?;
        let leases =
            runtime::on_this_thread(async { Ok(client.leases(self.name.as_ref()).await?) })?;
        if self.json {
            return output::json(&leases);
        }
        if leases.is_empty() {
            output::note(
                "There are no leases. `tokenkeep exec` and `tokenkeep get --lease` take them.",
            );
            return Ok(());
        }
        output::table(&table(&leases))
    }
}

fn table(leases: &[AccountLease]) -> Table {
    let mut table = Table::new(&["ID", "ACCOUNT", "HOLDER", "PID", "SINCE", "UNTIL", "LABEL"]);
    for AccountLease { account, lease } in leases {
        let holder = &lease.holder;
        table.row(vec![
            lease.id.to_string().into(),
            account.to_string().into(),
            program(holder).into(),
            holder
                .pid
                .map_or_else(unknown, |pid| pid.to_string())
                .into(),
            durations::moment(lease.since).into(),
            durations::moment(lease.until).into(),
            holder.label.clone().unwrap_or_default().into(),
        ]);
    }
    table
}

/// The program, and the sandbox that it runs in.
fn program(holder: &Holder) -> String {
    let program = holder.program.clone().unwrap_or_else(unknown);
    match &holder.sandbox {
        Some(sandbox) => format!("{program} in {sandbox}"),
        None => program,
    }
}

fn unknown() -> String {
    "-".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lease_has_one_line_that_says_whose_it_is() {
        let sandboxed = serde_json::json!({ "program": "sh", "sandbox": "Snap code" });
        let sandboxed: Holder = serde_json::from_value(sandboxed).unwrap();
        assert_eq!(program(&sandboxed), "sh in Snap code");
        let lease = |id: u64, holder: serde_json::Value| {
            let lease = serde_json::json!({
                "account": "work", "id": id, "holder": holder, "since": "2026-01-01T12:00:00Z",
                "until": "2026-01-01T12:10:00Z", "current": true,
            });
            serde_json::from_value(lease).unwrap()
        };
        let leases: [AccountLease; 2] = [
            lease(
                17,
                serde_json::json!({ "pid": 4242, "program": "curl", "label": "nightly" }),
            ),
            lease(
                18,
                serde_json::json!({ "pid": null, "program": null, "label": null }),
            ),
        ];
        let plain = anstream::adapter::strip_str(&table(&leases).to_string()).to_string();
        let [since, until] = ["2026-01-01T12:00:00Z", "2026-01-01T12:10:00Z"]
            .map(|at| durations::moment(at.parse().unwrap()));
        assert_eq!(
            plain,
            format!(
                "ID  ACCOUNT  HOLDER  PID   SINCE                UNTIL                LABEL\n\
                 17  work     curl    4242  {since}  {until}  nightly\n\
                 18  work     -       -     {since}  {until}\n"
            )
        );
    }
}
