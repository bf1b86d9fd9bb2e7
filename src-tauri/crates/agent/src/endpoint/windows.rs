//! A named pipe that only its owner can open.

use std::ffi::c_void;
use std::io;
use std::os::windows::io::AsRawHandle as _;
use std::path::{Path, PathBuf};
use std::ptr;
use std::time::Duration;

use tokio::net::windows::named_pipe::{
    ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions,
};
use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_PIPE_BUSY, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::System::Pipes::GetNamedPipeClientProcessId;

use super::BindError;
use crate::peer::Peer;

/// A connection, as a client has it.
pub(crate) type Stream = NamedPipeClient;

/// Everything for the owner, nothing for anybody else, nothing inherited.
const OWNER_ONLY: &str = "D:P(A;;GA;;;OW)";
/// How long to wait before another try where all instances of the pipe are taken, or a new one cannot be made.
const PAUSE: Duration = Duration::from_millis(20);

/// The listening end: the instance of the pipe that the next client gets.
pub(crate) struct PipeEndpoint {
    name: PathBuf,
    next: NamedPipeServer,
    /// Accepting has failed since it last worked, which was logged.
    failing: bool,
}

impl PipeEndpoint {
    /// Listens under `name`.
    pub(crate) async fn bind(name: &Path) -> Result<Self, BindError> {
        let next = instance(name, true).map_err(|source| {
            let path = name.to_owned();
            // Another process made the first instance.
            if source.raw_os_error() == i32::try_from(ERROR_ACCESS_DENIED).ok() {
                BindError::InUse { path }
            } else {
                BindError::Io { path, source }
            }
        })?;
        Ok(Self {
            name: name.to_owned(),
            next,
            failing: false,
        })
    }

    /// The pipe's name.
    pub(crate) fn path(&self) -> &Path {
        &self.name
    }

    async fn next_connection(&mut self) -> io::Result<NamedPipeServer> {
        self.next.connect().await?;
        // Before the connected one is handed over, so that the name is never without an instance.
        let next = instance(&self.name, false)?;
        Ok(std::mem::replace(&mut self.next, next))
    }

    /// The next connection.
    pub(crate) async fn accept(&mut self) -> (NamedPipeServer, Peer) {
        loop {
            match self.next_connection().await {
                Ok(connection) => {
                    let peer = Peer {
                        pid: client_pid(&connection),
                    };
                    self.failing = false;
                    return (connection, peer);
                }
                Err(error) => {
                    // The first of the failures in a row.
                    if !std::mem::replace(&mut self.failing, true) {
                        tracing::warn!(%error, "cannot accept connections, and goes on trying");
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Connects to whoever listens under `name`.
pub(crate) async fn connect(name: &Path) -> io::Result<Stream> {
    loop {
        match ClientOptions::new().open(name) {
            Err(error) if error.raw_os_error() == i32::try_from(ERROR_PIPE_BUSY).ok() => {
                tokio::time::sleep(PAUSE).await;
            }
            done => return done,
        }
    }
}

fn instance(name: &Path, first: bool) -> io::Result<NamedPipeServer> {
    let descriptor = Descriptor::parse(OWNER_ONLY)?;
    let mut attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.0,
        bInheritHandle: 0,
    };
    let mut options = ServerOptions::new();
    options
        .first_pipe_instance(first)
        .reject_remote_clients(true);
    #[expect(
        unsafe_code,
        reason = "there is no safe way to give a pipe its access rights; both live through the call"
    )]
    unsafe {
        options.create_with_security_attributes_raw(name, ptr::from_mut(&mut attributes).cast())
    }
}

/// A security descriptor, freed when dropped.
struct Descriptor(*mut c_void);

impl Descriptor {
    fn parse(text: &str) -> io::Result<Self> {
        let wide: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let mut descriptor = ptr::null_mut();
        #[expect(
            unsafe_code,
            reason = "a call of the operating system: the text ends in NUL, the result is checked"
        )]
        let done = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                wide.as_ptr(),
                SDDL_REVISION_1,
                &mut descriptor,
                ptr::null_mut(),
            )
        };
        if done == 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(Self(descriptor))
        }
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        #[expect(
            unsafe_code,
            reason = "the operating system allocated it, and it is freed once"
        )]
        unsafe {
            LocalFree(self.0);
        }
    }
}

fn client_pid(connection: &NamedPipeServer) -> Option<u32> {
    let mut pid = 0;
    #[expect(
        unsafe_code,
        reason = "a call of the operating system with a handle that lives through it"
    )]
    let done = unsafe { GetNamedPipeClientProcessId(connection.as_raw_handle(), &mut pid) };
    (done != 0).then_some(pid)
}
