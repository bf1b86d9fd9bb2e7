//! A practice provider: bound to its address, then serving.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::clock::{BootClock, Clock};
use crate::env;
use crate::http::connection;
use crate::http::context::Context;
use crate::http::router::router;
use crate::options::Options;
use crate::users::UserId;

/// Why a practice provider cannot start.
#[derive(Debug, thiserror::Error)]
pub enum PracticeError {
    /// Its passwords are known to everybody, so nobody outside this machine may reach it.
    #[error(
        "The practice provider listens on this machine only, and {0} can be reached from outside. \
         Give a loopback address such as 127.0.0.1:8642."
    )]
    NotLoopback(SocketAddr),
    /// There must be at least one user.
    #[error("The practice provider needs at least one user. Give a number from 1 up.")]
    NoUsers,
    /// A token must live for at least a second.
    #[error("An access token has to live for at least 1 second. Give a number from 1 up.")]
    NoAccessTokenLife,
    /// The operating system refuses, most often because the port is in use.
    #[error(
        "The practice provider cannot listen on {address} ({cause}). Stop what listens there, or give another port."
    )]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// What the operating system says.
        cause: io::Error,
    },
}

/// A practice provider that has its address and is not serving yet.
pub struct Practice {
    options: Options,
    clock: Arc<dyn Clock>,
    listener: TcpListener,
    address: SocketAddr,
}

impl Practice {
    /// Takes the address that the options name.
    ///
    /// # Errors
    /// When the options make no sense or the address cannot be had.
    pub async fn bind(options: Options) -> Result<Self, PracticeError> {
        Self::bind_with_clock(options, Arc::new(BootClock::default())).await
    }

    /// The same by another clock, for tests that do not want to wait.
    ///
    /// # Errors
    /// As [`Practice::bind`].
    pub async fn bind_with_clock(
        options: Options,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PracticeError> {
        let address = options.listen;
        if !address.ip().is_loopback() {
            return Err(PracticeError::NotLoopback(address));
        }
        if options.users == 0 {
            return Err(PracticeError::NoUsers);
        }
        if options.access_token_ttl == 0 {
            return Err(PracticeError::NoAccessTokenLife);
        }
        let listen_error = |cause| PracticeError::Listen { address, cause };
        let listener = TcpListener::bind(address).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        Ok(Self {
            options,
            clock,
            listener,
            address,
        })
    }

    /// Where it listens: with the port that was picked, if it was to be picked.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The `.env` text for a user, counted from 0. It stays good when the provider is started again.
    pub fn env_block(&self, user: u32) -> String {
        env::block(self.address, UserId(user))
    }

    /// The `.env` text for all users: the first one's block whole, then `RC_USER_JWT_2=…` and so on.
    pub fn env_text(&self) -> String {
        env::file(self.address, self.options.users)
    }

    /// Serves until `stop` is done. `log` gets a line for each request, without secrets.
    ///
    /// # Errors
    /// When the operating system takes the address away.
    pub async fn serve(
        self,
        log: impl Fn(&str) + Send + Sync + 'static,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let (away, go_away) = mpsc::unbounded_channel();
        let context = Arc::new(Context::new(self.options, self.clock, log, away));
        connection::serve(self.listener, router(context), go_away, stop).await
    }
}
