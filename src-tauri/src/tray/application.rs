//! The Tauri application around the keeper: starts the parts together and ends them together.

use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use tauri::{App, AppHandle, RunEvent};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogKind};
use tokenkeep_agent::Desktop as _;
use tokenkeep_agent::hosting::end_asked;
use tokenkeep_keeper::config::AccountName;
use tokenkeep_keeper::keeper::{
    ErrorKind, Happening, JournalLine, JournalNews, Keeper, KeeperError, Listener, What, in_words,
};
use tokenkeep_protocol::account::{Method, NoticeKind, Topic};
use tokio::sync::{Notify, mpsc};

use super::clipboard::SecretClipboard;
use super::desktop::TrayDesktop;
use super::engine::{Engine, StartError};
use super::login::{self, Login};
use super::menu::{AccountChoice, Choice, TrayMenu};
use super::notices::{NoticeAction, Notices};
use super::painter::Painter;
use super::quitting::Quitting;
use super::sign_ins::{SignInOutcome, WindowSignIns};
use super::windows::Windows;
use crate::arguments::TrayOptions;

/// Runs the application until it is quit. Where the keeper could not be started, says so and ends.
pub(super) fn run(engine: Result<Engine, StartError>, options: TrayOptions) -> ExitCode {
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(login::plugin(options.home.as_deref()))
        .setup(move |app| {
            // Tauri would panic on an error.
            if let Err(error) = engine.and_then(|engine| Tray::set_up(app, engine, options)) {
                explain(app, &error);
            }
            Ok(())
        })
        .build(tauri::generate_context!());
    let app = match built {
        Ok(app) => app,
        Err(error) => return crate::failing::failed(&error),
    };
    let code = app.run_return(|_, event| {
        // It goes on although no window is open.
        if let RunEvent::ExitRequested {
            code: None, api, ..
        } = event
        {
            api.prevent_exit();
        }
    });
    match code {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Says why there is no keeper, for a person who started it from a menu and sees no terminal.
fn explain(app: &App, error: &StartError) {
    tracing::error!("{error}");
    let handle = app.handle().clone();
    app.dialog()
        .message(error.to_string())
        .title("Tokenkeep cannot start")
        .kind(MessageDialogKind::Error)
        .show(move |_| handle.exit(1));
}

/// The parts of the tray that work together.
struct Tray {
    app: AppHandle,
    keeper: Keeper,
    desktop: Arc<TrayDesktop>,
    notices: Notices,
    /// Told when the user wants to quit.
    quit: Arc<Notify>,
    quitting: Arc<Quitting>,
}

impl Tray {
    fn set_up(app: &mut App, engine: Engine, options: TrayOptions) -> Result<(), StartError> {
        let handle = app.handle().clone();
        let keeper = engine.keeper.clone();
        let menu = match TrayMenu::show(&handle) {
            Ok(menu) => Arc::new(Mutex::new(menu)),
            Err(error) => {
                // It may have begun a renewal already.
                tauri::async_runtime::block_on(keeper.quit());
                return Err(error.into());
            }
        };
        let windows = Windows::new(options.home);
        let (sign_ins, outcomes) = WindowSignIns::new(keeper.clone(), windows.clone());
        let login = Login::new(handle.clone(), keeper.clone(), Arc::clone(&menu));
        let clipboard = SecretClipboard::start(engine.clipboard_cleared_after);
        let desktop = TrayDesktop::new(keeper.clone(), clipboard, login, sign_ins, windows);
        let (answers, answered) = mpsc::unbounded_channel();
        let notices = Notices::new(handle.clone(), move |answer| {
            // After the tray has ended, nobody can answer.
            let _ = answers.send(answer);
        });
        let tray = Arc::new(Self {
            app: handle.clone(),
            keeper: keeper.clone(),
            desktop: Arc::new(desktop),
            notices,
            quit: Arc::new(Notify::new()),
            quitting: Arc::default(),
        });
        // It listens before it paints, so that nothing is missed.
        let (painted, told) = (keeper.listen(), keeper.listen());
        tauri::async_runtime::spawn(Painter::new(handle.clone(), menu, keeper).run(painted));
        tauri::async_runtime::spawn(Arc::clone(&tray).tell(told));
        tauri::async_runtime::spawn(Arc::clone(&tray).tell_outcomes(outcomes));
        tauri::async_runtime::spawn(Arc::clone(&tray).take_answers(answered));
        tauri::async_runtime::spawn(Arc::clone(&tray).serve(engine));
        let choosing = Arc::clone(&tray);
        handle.on_menu_event(move |_, event| {
            if let Some(choice) = Choice::of_id(event.id().as_ref()) {
                tauri::async_runtime::spawn(Arc::clone(&choosing).choose(choice));
            }
        });
        if !options.hidden {
            tray.open();
        }
        Ok(())
    }

    /// Serves clients until somebody ends it, and then ends everything.
    async fn serve(self: Arc<Self>, engine: Engine) {
        let quit = Arc::clone(&self.quit);
        let stop = async move {
            match end_asked() {
                Ok(asked) => tokio::select! {
                    () = asked => {}
                    () = quit.notified() => {}
                },
                Err(error) => {
                    tracing::warn!(%error, "signals to end are not heard");
                    quit.notified().await;
                }
            }
        };
        let desktop: Arc<TrayDesktop> = Arc::clone(&self.desktop);
        engine.run(desktop, stop).await;
        self.desktop.clipboard.clear().await;
        self.app.exit(0);
    }

    /// Tells the user what the keeper says.
    async fn tell(self: Arc<Self>, mut listener: Listener) {
        while let Some(happening) = listener.next().await {
            match happening {
                Happening::Notice(notice) => {
                    // After a sign-in, its own notice says that all is well.
                    let is_said = notice.kind == NoticeKind::About(Topic::Recovered)
                        && self.desktop.sign_ins.is_finishing(&notice.account);
                    if !is_said {
                        self.notices.show(&notice);
                    }
                }
                Happening::Removed(name) => self.desktop.sign_ins.forget(&name),
                Happening::News(line) if is_sign_in(&line) => {
                    // Beside this loop: what happens next is not to wait for it.
                    tauri::async_runtime::spawn(Arc::clone(&self).offer_start_at_login());
                }
                Happening::Account(_) | Happening::News(_) => {}
                Happening::Missed(missed) => {
                    tracing::warn!(missed, "some notices may have been missed");
                }
            }
        }
    }

    /// Offers to start at login, once ever.
    async fn offer_start_at_login(self: Arc<Self>) {
        if self.desktop.login.is_to_be_offered().await {
            self.notices.offer_start_at_login();
        }
    }

    /// Tells the user how sign-ins ended.
    async fn tell_outcomes(
        self: Arc<Self>,
        mut outcomes: mpsc::UnboundedReceiver<(AccountName, SignInOutcome)>,
    ) {
        while let Some((name, outcome)) = outcomes.recv().await {
            match outcome {
                Ok(account) => {
                    let left = account.expires_at.map(|at| at - chrono::Utc::now());
                    let left = left.and_then(|left| left.to_std().ok()).map(in_words);
                    let body = left.map_or_else(
                        || "Its token is kept fresh from now on.".to_owned(),
                        |left| format!("The token lives for {left} and is kept fresh from now on."),
                    );
                    self.notices
                        .say(&name, &format!("{name}: signed in"), &body, false);
                }
                // Somebody removed the account, and knows why.
                Err(error) if error.kind == ErrorKind::NoSuchAccount => {}
                Err(error) => {
                    let title = format!("{name}: not signed in");
                    self.notices.say(&name, &title, &error.message, true);
                }
            }
        }
    }

    /// Does what the user answers to notices.
    async fn take_answers(self: Arc<Self>, mut answers: mpsc::UnboundedReceiver<NoticeAction>) {
        while let Some(answer) = answers.recv().await {
            match answer {
                NoticeAction::SignIn(name) => self.sign_in(name),
                NoticeAction::StartAtLogin => self.start_at_login(true),
                NoticeAction::Open => self.open(),
            }
        }
    }

    /// Does what was chosen in the menu.
    async fn choose(self: Arc<Self>, choice: Choice) {
        match choice {
            Choice::Open => self.open(),
            Choice::StartAtLogin => {
                self.start_at_login(!self.desktop.login.state().enabled);
            }
            Choice::Quit => {
                let quit = Arc::clone(&self.quit);
                self.quitting
                    .ask(&self.app, &self.keeper, move || quit.notify_one())
                    .await;
            }
            Choice::Account(name, AccountChoice::SignIn) => self.sign_in(name),
            Choice::Account(name, AccountChoice::Refresh) => {
                let refreshed = self.keeper.refresh(&name, None).await;
                self.say_failure(&name, "not refreshed", refreshed);
            }
            Choice::Account(name, AccountChoice::Copy(what)) => {
                let copied = self.desktop.copy(name.clone(), what).await;
                self.say_failure(&name, "nothing was copied", copied);
            }
        }
    }

    fn open(&self) {
        if let Err(error) = self.desktop.open_main_window() {
            self.notices.say_of_itself("Tokenkeep", &error.message);
        }
    }

    /// Its outcome is told by [`Self::tell_outcomes`].
    fn sign_in(&self, name: AccountName) {
        tauri::async_runtime::spawn(self.desktop.sign_in(name));
    }

    fn start_at_login(&self, enabled: bool) {
        if let Err(error) = self.desktop.login.set(enabled) {
            self.notices.say_of_itself("Start at login", &error.message);
        }
    }

    fn say_failure<T>(&self, name: &AccountName, what: &str, result: Result<T, KeeperError>) {
        if let Err(error) = result {
            let sign_in = error.kind == ErrorKind::SignInNeeded;
            let title = format!("{name}: {what}");
            self.notices.say(name, &title, &error.message, sign_in);
        }
    }
}

/// Whether an account was signed in to: by a person, or with its JWT.
fn is_sign_in(line: &JournalLine) -> bool {
    matches!(&line.what, What::Known(JournalNews::Renewed { method, .. }) if *method != Method::Refresh)
}
