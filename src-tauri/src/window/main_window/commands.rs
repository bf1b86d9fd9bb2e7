//! The commands of the page. The keeper carries them out; an error comes back in words.

use std::time::Duration;

use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt as _;
use tokenkeep_agent::AgentClient;
use tokenkeep_agent::wire::{Copied, StartAtLogin};
use tokenkeep_keeper::config::{AccountName, Grant};
use tokenkeep_keeper::keeper::AccountField;
use tokio::sync::oneshot;

use super::env_files::EnvFiles;
use super::page::{AccountForm, CommandError, PageEnvFile, Update};
use super::updates::Updates;

/// How long a person waits for a renewal before hearing why it takes so long.
const REFRESH_WAIT: Duration = Duration::from_secs(30);

#[tauri::command]
pub(super) fn watch(
    client: State<'_, AgentClient>,
    watching: State<'_, Updates>,
    updates: Channel<Update>,
) {
    watching.begin(client.inner().clone(), updates);
}

#[tauri::command]
pub(super) async fn add_account(
    client: State<'_, AgentClient>,
    form: AccountForm,
) -> Result<(), CommandError> {
    client.add(form.account()?).await?;
    Ok(())
}

/// None if the person chose no file.
#[tauri::command]
pub(super) async fn pick_env_file(
    app: AppHandle,
    files: State<'_, EnvFiles>,
) -> Result<Option<PageEnvFile>, CommandError> {
    let (choose, chosen) = oneshot::channel();
    app.dialog()
        .file()
        .set_title("Choose an .env file")
        .pick_file(move |path| {
            let _ = choose.send(path);
        });
    let Some(path) = chosen.await.ok().flatten() else {
        return Ok(None);
    };
    let path = path
        .into_path()
        .map_err(|error| CommandError::new(format!("This file cannot be read ({error}).")))?;
    files.read(&path).map(Some)
}

#[tauri::command]
pub(super) async fn add_from_env_file(
    client: State<'_, AgentClient>,
    files: State<'_, EnvFiles>,
    id: u32,
    name: String,
    grant: Grant,
) -> Result<(), CommandError> {
    let account = files.account(id, account_name(&name)?, grant)?;
    client.add(account).await?;
    files.forget(id);
    Ok(())
}

#[tauri::command]
pub(super) fn forget_env_file(files: State<'_, EnvFiles>, id: u32) {
    files.forget(id);
}

/// Done when the sign-in is over.
#[tauri::command]
pub(super) async fn sign_in(
    client: State<'_, AgentClient>,
    name: String,
) -> Result<(), CommandError> {
    client.sign_in_in_window(&account_name(&name)?).await?;
    Ok(())
}

#[tauri::command]
pub(super) async fn refresh(
    client: State<'_, AgentClient>,
    name: String,
) -> Result<(), CommandError> {
    client
        .refresh(&account_name(&name)?, Some(REFRESH_WAIT))
        .await?;
    Ok(())
}

/// Says after how many seconds it is taken out of the clipboard again.
#[tauri::command]
pub(super) async fn copy(
    client: State<'_, AgentClient>,
    name: String,
    what: Copied,
) -> Result<u64, CommandError> {
    let cleared_after = client.copy(&account_name(&name)?, what).await?;
    Ok(cleared_after.as_secs())
}

#[tauri::command]
pub(super) async fn remove(
    client: State<'_, AgentClient>,
    name: String,
) -> Result<(), CommandError> {
    client.remove(&account_name(&name)?).await?;
    Ok(())
}

#[tauri::command]
pub(super) async fn unlock(client: State<'_, AgentClient>) -> Result<(), CommandError> {
    client.unlock().await?;
    Ok(())
}

#[tauri::command]
pub(super) async fn set_start_at_login(
    client: State<'_, AgentClient>,
    enabled: bool,
) -> Result<StartAtLogin, CommandError> {
    Ok(client.set_start_at_login(enabled).await?)
}

fn account_name(name: &str) -> Result<AccountName, CommandError> {
    name.trim()
        .parse()
        .map_err(|error| CommandError::of_field(AccountField::Name, error))
}
