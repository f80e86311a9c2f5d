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
use crate::codec::worded_enum;

worded_enum! {
    /// The operation that failed.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum Doing {
        /// Looking up a host name.
        Resolving = "resolve";
        Binding = "bind";
        Listening = "listen";
        Connecting = "connect";
        Accepting = "accept a client";
        Sending = "send";
        Repeating = "start a repeat";
        RunningSequence = "run sequence";
        Receiving = "receive";
        HalfClosing = "close the sending side";
        StartingTls = "start TLS";
        Upgrading = "open a WebSocket";
        /// Being a proxy for a client.
        Proxying = "connect client";
        /// Setting a socket option.
        SettingOption = "set";
        /// Joining a multicast group.
        Joining = "join group";
        /// Leaving a multicast group.
        Leaving = "leave group";
        Recording = "write the capture";
        /// Reading a file to send.
        ReadingFile = "read file";
        /// Saving received data to a file for a rule.
        SavingFile = "save file";
        /// Answering a message by a rule.
        Answering = "answer";
        /// Showing a notification for a rule.
        Notifying = "show a notification";
        /// Running a command of the user's for a rule.
        RunningCommand = "run command";
        /// Starting the session's thread or its poll.
        Starting = "start the session";
    }
}

worded_enum! {
    /// Why an operation failed.
    #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum Cause {
        /// An error of the operating system.
        Os {
            /// What it means.
            fault: OsFault,
            /// The system's number of it.
            number: Option<i32>,
        } = "{fault}{}" (number.map_or_else(String::new, |number| format!(" (os error {number})")));
        /// An error for which there are no words here: the system's number of it, and its text.
        Other(Option<i32>, String) = "{1}";
        /// One of the local and the remote address is IPv4, the other IPv6; whether the local one is IPv4.
        OtherFamily(bool) = "the local address is {}, the remote address is {}" (family(*.0), family(!*.0));
        /// TCP has connected the socket to itself, because its own port is the one it dials.
        SelfConnected = "nothing is listening there; the socket has connected to itself";
        RelaysToItself = "the relay would connect to itself; its upstream address is its own";
        /// A file to send is a folder, a device or a pipe.
        NotAFile = "not a regular file";
        TimedOut(u64) = "no answer within {0} ms";
        HandshakeLate(u64) = "the client did not complete the handshake within {0} ms";
        NoAddress = "the host name has no address";
        /// The session ended while the name was looked up: this many messages were not sent.
        StillResolving(u64) = "no answer; messages not sent: {0}";
        QueueFull(u64, u64) = "the peer reads too slowly: {0} bytes are queued, the limit is {1}";
        /// A connection was reset because the peer did not read the answers to it: bytes queued.
        TooSlow(u64) = "the peer reads too slowly: {0} bytes are queued; the connection was reset";
        TooLong(u64, u64) = "a datagram of {0} bytes is too long, the limit is {1}";
        /// No peer is connected, or no remote address is set.
        NoPeer = "there is no peer to send to";
        PeerGone = "the peer has left";
        ClosedUnanswered = "the peer closed the connection without an answer";
        SendingClosed = "the sending side is closed";
        /// This many repeats or sequences are running, the limit.
        TooManyRepeats(u64) = "limit reached: {0} are already running";
        /// A rule cannot be carried out.
        Rule(RuleFault) = "{0}";
        TooManyAnswers(u64) = "limit reached: {0} answers are already waiting";
        TooManyNotes(u64) = "limit reached: rules have written {0} notes";
        DiskTooSlow(u64, u64) = "the disk is too slow: {0} bytes are waiting, the limit is {1}";
        TooManyClients(u64) = "limit reached: {0} clients; the one that was silent for longest is forgotten";
        NotForThisProtocol = "this protocol does not support it";
        TooManyFiles(u64) = "limit reached: {0} files are already being sent";
        /// A file to be sent line by line has a line longer than this many bytes.
        LineTooLong(u64) = "a line is longer than {0} bytes";
        /// A file changed while it was being sent.
        FileChanged(FileChange) = "{0}";
        NoNotifications = "the desktop has no service for notifications, or it does not answer";
        /// A command of the user's failed: its exit status, if it was not ended by a signal.
        CommandFailed(Option<i32>) = "{}" (.0.map_or("ended by a signal".to_owned(), |status| format!("exit status {status}")));
        /// A command of the user's was stopped.
        CommandStopped = "it took too long and was stopped";
        /// TLS fails.
        Tls(#[from] TlsFault) = "{0}";
        /// WebSocket fails.
        Ws(#[from] WsFault) = "{0}";
        /// There is no connection through this proxy.
        Proxy(Box<str>, Box<ProxyFault>) = "proxy {0}: {1}";
        /// A client of a proxy asks for what it cannot get.
        ProxyClient(ClientFault) = "{0}";
        AlreadyEncrypted = "TLS is in use already";
        /// This many bytes that are queued must be sent before.
        StillSending(u64) = "{0} bytes are still queued";
        /// A step cannot be appended to a message whose placeholders are filled in.
        CannotAppend(AppendFault) = "{0}";
    }
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

impl Cause {
    /// Takes out the system's number of the error, if it has one.
    pub fn take_number(&mut self) -> Option<i32> {
        match self {
            Self::Os { number, .. } => number.take(),
            Self::Other(number, text) => number.take().inspect(|number| {
                *text = text.replace(&format!(" (os error {number})"), "");
            }),
            _ => None,
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

worded_enum! {
    /// How a file changed while it was being sent.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum FileChange {
        Shrunk(u64, u64) = "the file became shorter while it was sent: only {0} of {1} bytes were sent";
        Grown(u64) = "the file grew by {0} bytes while it was sent; they were not sent";
        Rewritten = "the file was modified while it was sent; old and new data may be mixed";
        Removed = "the file was removed while it was sent; all of it was sent";
    }
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

worded_enum! {
    /// What would work.
    #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
    pub enum Hint {
        Privileged = "ports below 1024 need root (or CAP_NET_BIND_SERVICE)";
        NeedsZone(Vec<String>) = "the address needs a zone, as in fe80::1%eth0; there are {}" (.0.join(", "));
        /// TLS failed.
        Tls(TlsHint) = "{0}";
        /// There is no connection through a proxy.
        Proxy(ProxyHint) = "{0}";
    }
}

impl Doing {
    /// What is said between it and an address.
    fn preposition(self) -> &'static str {
        match self {
            Self::Listening | Self::Accepting => " on",
            Self::Connecting | Self::Sending | Self::HalfClosing => " to",
            Self::Receiving => " from",
            Self::StartingTls | Self::Upgrading => " with",
            _of_no_address => "",
        }
    }
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Cause::FileChanged(change) = &self.cause {
            return write!(f, "{}: {change}", self.what);
        }
        write!(f, "cannot {}", self.doing)?;
        if !self.what.is_empty() {
            write!(f, "{} {}", self.doing.preposition(), self.place())?;
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
