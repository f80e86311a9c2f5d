//! Errors of a session: what failed, for which address or file, and why.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::net::{SocketAddr, SocketAddrV6};

use serde::{Deserialize, Serialize};

use super::os_fault::OsFault;
use super::proxy::{ClientFault, ProxyFault, ProxyHint};
use super::rule_fault::RuleFault;
use super::tls::{TlsFault, TlsHint};
use super::websocket::WsFault;
use super::zone::{self, Named};
use crate::codec::append::AppendFault;

/// The operation that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doing {
    /// Looking up a host name.
    Resolving,
    /// Binding a local address.
    Binding,
    /// Listening on a local address.
    Listening,
    /// Connecting to a server.
    Connecting,
    /// Accepting a client.
    Accepting,
    /// Sending data.
    Sending,
    /// Starting a repeat.
    Repeating,
    /// Running a sequence.
    RunningSequence,
    /// Receiving data.
    Receiving,
    /// Closing the sending side.
    HalfClosing,
    /// Starting TLS.
    StartingTls,
    /// Opening a WebSocket.
    Upgrading,
    /// Being a proxy for a client.
    Proxying,
    /// Setting a socket option.
    SettingOption,
    /// Joining a multicast group.
    Joining,
    /// Leaving a multicast group.
    Leaving,
    /// Writing the capture.
    Recording,
    /// Reading a file to send.
    ReadingFile,
    /// Saving received data to a file for a rule.
    SavingFile,
    /// Answering a message by a rule.
    Answering,
    /// Showing a notification for a rule.
    Notifying,
    /// Running a command of the user's for a rule.
    RunningCommand,
    /// Starting the session's thread or its poll.
    Starting,
}

/// Why an operation failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// An error of the operating system.
    #[error("{fault}{}", number.map_or_else(String::new, |number| format!(" (os error {number})")))]
    Os {
        /// What it means.
        fault: OsFault,
        /// The system's number of it.
        number: Option<i32>,
    },
    /// An error for which there are no words here: the system's number of it, and its text.
    #[error("{1}")]
    Other(Option<i32>, String),
    /// One of the local and the remote address is IPv4, the other IPv6; whether the local one is IPv4.
    #[error("the local address is {}, the remote address is {}", family(*.0), family(!*.0))]
    OtherFamily(bool),
    /// TCP has connected the socket to itself, because its own port is the one it dials.
    #[error("nothing is listening there; the socket has connected to itself")]
    SelfConnected,
    /// The upstream address of a relay is the one on which it listens.
    #[error("the relay would connect to itself; its upstream address is its own")]
    RelaysToItself,
    /// A file to send is a folder, a device or a pipe.
    #[error("not a regular file")]
    NotAFile,
    /// No answer came within this many milliseconds.
    #[error("no answer within {0} ms")]
    TimedOut(u64),
    /// A client did not complete the handshake within this many milliseconds.
    #[error("the client did not complete the handshake within {0} ms")]
    HandshakeLate(u64),
    /// The host name has no address.
    #[error("the host name has no address")]
    NoAddress,
    /// The session ended while the name was looked up: this many messages were not sent.
    #[error("no answer; messages not sent: {0}")]
    StillResolving(u64),
    /// The send queue is full: bytes queued, and the limit.
    #[error("the peer reads too slowly: {0} bytes are queued, the limit is {1}")]
    QueueFull(u64, u64),
    /// A connection was reset because the peer did not read the answers to it: bytes queued.
    #[error("the peer reads too slowly: {0} bytes are queued; the connection was reset")]
    TooSlow(u64),
    /// A datagram is too long: its length, and the maximum.
    #[error("a datagram of {0} bytes is too long, the limit is {1}")]
    TooLong(u64, u64),
    /// No peer is connected, or no remote address is set.
    #[error("there is no peer to send to")]
    NoPeer,
    /// The peer has left.
    #[error("the peer has left")]
    PeerGone,
    /// The peer closed the connection without the expected answer.
    #[error("the peer closed the connection without an answer")]
    ClosedUnanswered,
    /// The sending side is closed.
    #[error("the sending side is closed")]
    SendingClosed,
    /// This many repeats or sequences are running, the limit.
    #[error("limit reached: {0} are already running")]
    TooManyRepeats(u64),
    /// A rule cannot be carried out.
    #[error("{0}")]
    Rule(RuleFault),
    /// This many answers are waiting, the limit.
    #[error("limit reached: {0} answers are already waiting")]
    TooManyAnswers(u64),
    /// Rules have written this many notes, the limit.
    #[error("limit reached: rules have written {0} notes")]
    TooManyNotes(u64),
    /// The disk is too slow: bytes waiting to be saved, and the limit.
    #[error("the disk is too slow: {0} bytes are waiting, the limit is {1}")]
    DiskTooSlow(u64, u64),
    /// This many clients are there, the limit. The one that was silent for longest is forgotten.
    #[error("limit reached: {0} clients; the one that was silent for longest is forgotten")]
    TooManyClients(u64),
    /// The protocol does not support the command.
    #[error("this protocol does not support it")]
    NotForThisProtocol,
    /// This many files are being sent, the limit.
    #[error("limit reached: {0} files are already being sent")]
    TooManyFiles(u64),
    /// A file to be sent line by line has a line longer than this many bytes.
    #[error("a line is longer than {0} bytes")]
    LineTooLong(u64),
    /// A file changed while it was being sent.
    #[error("{0}")]
    FileChanged(FileChange),
    /// The desktop does not show notifications.
    #[error("the desktop has no service for notifications, or it does not answer")]
    NoNotifications,
    /// A command of the user's failed: its exit status, if it was not ended by a signal.
    #[error("{}", .0.map_or("ended by a signal".to_owned(), |status| format!("exit status {status}")))]
    CommandFailed(Option<i32>),
    /// A command of the user's was stopped.
    #[error("it took too long and was stopped")]
    CommandStopped,
    /// TLS fails.
    #[error("{0}")]
    Tls(#[from] TlsFault),
    /// WebSocket fails.
    #[error("{0}")]
    Ws(#[from] WsFault),
    /// There is no connection through this proxy.
    #[error("proxy {0}: {1}")]
    Proxy(Box<str>, Box<ProxyFault>),
    /// A client of a proxy asks for what it cannot get.
    #[error("{0}")]
    ProxyClient(ClientFault),
    /// TLS is in use already.
    #[error("TLS is in use already")]
    AlreadyEncrypted,
    /// This many bytes that are queued must be sent before.
    #[error("{0} bytes are still queued")]
    StillSending(u64),
    /// A step cannot be appended to a message whose placeholders are filled in.
    #[error("{0}")]
    CannotAppend(AppendFault),
}

fn family(is_v4: bool) -> &'static str {
    if is_v4 { "IPv4" } else { "IPv6" }
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        let number = error.raw_os_error();
        match OsFault::of(&error) {
            Some(fault) => Self::Os { fault, number },
            None => Self::Other(number, error.to_string()),
        }
    }
}

/// `text` with every error of the system in it, e.g. `x.toml: No such file or directory (os error 2)`, in our `words`
/// instead of the system's, whose language is that of the system.
pub fn reworded(text: &str, words: impl Fn(&Cause) -> String) -> String {
    let numbers = text.split("(os error ").skip(1).filter_map(|rest| rest.split_once(')')?.0.parse().ok());
    numbers.map(io::Error::from_raw_os_error).fold(text.to_owned(), |text, error| {
        let theirs = error.to_string();
        text.replace(&theirs, &words(&error.into()))
    })
}

/// How a file changed while it was being sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum FileChange {
    /// It became shorter: bytes that could be sent, and its original length.
    #[error("the file became shorter while it was sent: only {0} of {1} bytes were sent")]
    Shrunk(u64, u64),
    /// It became longer by this many bytes, which were not sent.
    #[error("the file grew by {0} bytes while it was sent; they were not sent")]
    Grown(u64),
    /// It was modified or replaced. A mixture of old and new data may have been sent.
    #[error("the file was modified while it was sent; old and new data may be mixed")]
    Rewritten,
    /// It was removed. All of it was sent.
    #[error("the file was removed while it was sent; all of it was sent")]
    Removed,
}

/// An error: the operation, the address or file, and the cause.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NetError {
    /// The operation.
    pub doing: Doing,
    /// The address, host or file; empty if there is none.
    pub what: String,
    /// The cause.
    pub cause: Cause,
    /// How often it occurred. It is told at once, and with its number when the last of several equal ones is past.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub times: u64,
}

fn one() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_one(times: &u64) -> bool {
    *times == 1
}

impl NetError {
    /// Creates an error.
    #[expect(clippy::needless_pass_by_value, reason = "most name an address, which is copied")]
    pub fn new(doing: Doing, what: impl ToString, cause: impl Into<Cause>) -> Self {
        Self { doing, what: what.to_string(), cause: cause.into(), times: 1 }
    }

    /// Whether the peer has reset or closed the connection.
    pub fn is_by_peer(&self) -> bool {
        use OsFault::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
        let faults = [ConnectionReset, ConnectionAborted, BrokenPipe, NotConnected];
        matches!(self.cause, Cause::Os { fault, .. } if faults.contains(&fault))
    }

    /// The address, host or file, with the name of its zone.
    pub fn place(&self) -> Cow<'_, str> {
        self.what.parse().map_or(Cow::Borrowed(&self.what), |address| Named(address).to_string().into())
    }

    /// What would work, where that is known.
    pub fn hint(&self) -> Option<Hint> {
        match &self.cause {
            Cause::Tls(fault) => return fault.hint().map(Hint::Tls),
            Cause::Proxy(_, fault) => return fault.hint().map(Hint::Proxy),
            Cause::ProxyClient(_) => return Some(Hint::Proxy(ProxyHint::Supported)),
            _ => {}
        }
        let is_denied = matches!(self.cause, Cause::Os { fault: OsFault::PermissionDenied, .. });
        let is_privileged = || self.what.parse().is_ok_and(|address: SocketAddr| address.port() < 1024);
        if cfg!(unix) && self.doing == Doing::Binding && is_denied && is_privileged() {
            return Some(Hint::Privileged);
        }
        let unknown_zone = self.doing == Doing::Resolving && self.what.contains('%');
        let is_bare = |ip: &SocketAddrV6| ip.ip().is_unicast_link_local() && ip.scope_id() == 0;
        let no_zone = || self.what.parse().is_ok_and(|address| is_bare(&address));
        let is_os = matches!(self.cause, Cause::Os { .. });
        (unknown_zone || is_os && no_zone()).then(|| Hint::NeedsZone(zone::names()))
    }
}

/// What would work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Hint {
    /// The port needs a privilege.
    #[error("ports below 1024 need root (or CAP_NET_BIND_SERVICE)")]
    Privileged,
    /// A link-local address needs a zone; these are there.
    #[error("the address needs a zone, as in fe80::1%eth0; there are {}", .0.join(", "))]
    NeedsZone(Vec<String>),
    /// TLS failed.
    #[error("{0}")]
    Tls(TlsHint),
    /// There is no connection through a proxy.
    #[error("{0}")]
    Proxy(ProxyHint),
}

impl Doing {
    /// The verb, and the preposition before an address.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Resolving => ("resolve", ""),
            Self::Binding => ("bind", ""),
            Self::Listening => ("listen", " on"),
            Self::Connecting => ("connect", " to"),
            Self::Accepting => ("accept a client", " on"),
            Self::Sending => ("send", " to"),
            Self::Repeating => ("start a repeat", ""),
            Self::RunningSequence => ("run sequence", ""),
            Self::Receiving => ("receive", " from"),
            Self::HalfClosing => ("close the sending side", " to"),
            Self::StartingTls => ("start TLS", " with"),
            Self::Upgrading => ("open a WebSocket", " with"),
            Self::Proxying => ("connect client", ""),
            Self::SettingOption => ("set", ""),
            Self::Joining => ("join group", ""),
            Self::Leaving => ("leave group", ""),
            Self::Recording => ("write the capture", ""),
            Self::ReadingFile => ("read file", ""),
            Self::SavingFile => ("save file", ""),
            Self::Answering => ("answer", ""),
            Self::Notifying => ("show a notification", ""),
            Self::RunningCommand => ("run command", ""),
            Self::Starting => ("start the session", ""),
        }
    }
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Cause::FileChanged(change) = &self.cause {
            return write!(f, "{}: {change}", self.what);
        }
        let (verb, preposition) = self.doing.words();
        write!(f, "cannot {verb}")?;
        if !self.what.is_empty() {
            write!(f, "{preposition} {}", self.place())?;
        }
        write!(f, ": {}", self.cause)?;
        if let Some(hint) = self.hint() {
            write!(f, "; {hint}")?;
        }
        if self.times > 1 { write!(f, " ({} times in all)", self.times) } else { Ok(()) }
    }
}

impl std::error::Error for NetError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_failed_on_what_why_and_what_would_work() {
        let denied = || Cause::from(io::Error::from(io::ErrorKind::PermissionDenied));
        let removed = Cause::FileChanged(FileChange::Removed);
        for (doing, what, cause, text) in [
            (Doing::Binding, "[::]:8080", denied(), "cannot bind [::]:8080: permission denied"),
            (Doing::Sending, "", Cause::NoPeer, "cannot send: there is no peer to send to"),
            (Doing::Receiving, "a:9", Cause::TimedOut(3), "cannot receive from a:9: no answer within 3 ms"),
            (
                Doing::SettingOption,
                "SO_LINGER (a:9)",
                denied(),
                "cannot set SO_LINGER (a:9): permission denied",
            ),
            (
                Doing::ReadingFile,
                "a",
                removed,
                "a: the file was removed while it was sent; all of it was sent",
            ),
        ] {
            assert_eq!(NetError::new(doing, what, cause).to_string(), text);
        }
        let privileged = NetError::new(Doing::Binding, "0.0.0.0:80", denied()).to_string();
        assert_eq!(privileged.contains("; ports below 1024 need root"), cfg!(unix), "{privileged}");
    }
}
