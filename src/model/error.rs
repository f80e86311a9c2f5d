//! Errors of a session: what failed, for which address or file, and why.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use super::rule_fault::RuleFault;
use crate::codec::append::AppendFault;

/// The operation that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// Setting a socket option.
    SettingOption(&'static str),
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
    /// Starting the session's thread or its poll.
    Starting,
}

/// Why an operation failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Cause {
    /// An error of the operating system.
    Os {
        /// The kind, for decisions.
        kind: io::ErrorKind,
        /// The system's own text, with its number.
        text: String,
    },
    /// No answer came within this many milliseconds.
    TimedOut(u64),
    /// The host name has no address.
    NoAddress,
    /// The send queue is full: bytes queued, and the limit.
    QueueFull(u64, u64),
    /// A connection was reset because the peer did not read the answers to it: bytes queued.
    TooSlow(u64),
    /// A datagram is too long: its length, and the maximum.
    TooLong(u64, u64),
    /// No peer is connected, or no remote address is set.
    NoPeer,
    /// The peer has left.
    PeerGone,
    /// The peer closed the connection without the expected answer.
    ClosedUnanswered,
    /// The sending side is closed.
    SendingClosed,
    /// This many repeats or sequences are running, the limit.
    TooManyRepeats(u64),
    /// A rule cannot be carried out.
    Rule(RuleFault),
    /// This many answers are waiting, the limit.
    TooManyAnswers(u64),
    /// Rules have written this many notes, the limit.
    TooManyNotes(u64),
    /// The disk is too slow: bytes waiting to be saved, and the limit.
    DiskTooSlow(u64, u64),
    /// The protocol does not support the command.
    NotForThisProtocol,
    /// This many files are being sent, the limit.
    TooManyFiles(u64),
    /// A file to be sent line by line has a line longer than this many bytes.
    LineTooLong(u64),
    /// A file changed while it was being sent.
    FileChanged(FileChange),
    /// A step cannot be appended to a message whose placeholders are filled in.
    CannotAppend(AppendFault),
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        Self::Os { kind: error.kind(), text: error.to_string() }
    }
}

/// How a file changed while it was being sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileChange {
    /// It became shorter: bytes that could be sent, and its original length.
    Shrunk(u64, u64),
    /// It became longer by this many bytes, which were not sent.
    Grown(u64),
    /// It was modified or replaced. A mixture of old and new data may have been sent.
    Rewritten,
    /// It was removed. All of it was sent.
    Removed,
}

/// An error: the operation, the address or file, and the cause.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NetError {
    /// The operation.
    pub doing: Doing,
    /// The address, host or file; empty if there is none.
    pub what: String,
    /// The cause.
    pub cause: Cause,
}

impl NetError {
    /// Creates an error.
    #[expect(clippy::needless_pass_by_value, reason = "most name an address, which is copied")]
    pub fn new(doing: Doing, what: impl ToString, cause: impl Into<Cause>) -> Self {
        Self { doing, what: what.to_string(), cause: cause.into() }
    }

    /// What would work, where that is known.
    fn hint(&self) -> &'static str {
        let is_denied = matches!(self.cause, Cause::Os { kind: io::ErrorKind::PermissionDenied, .. });
        let is_privileged = || self.what.parse().is_ok_and(|address: SocketAddr| address.port() < 1024);
        if cfg!(unix) && self.doing == Doing::Binding && is_denied && is_privileged() {
            "; ports below 1024 need root (or CAP_NET_BIND_SERVICE)"
        } else {
            ""
        }
    }
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
            Self::SettingOption(name) => (name, " on"),
            Self::Joining => ("join group", ""),
            Self::Leaving => ("leave group", ""),
            Self::Recording => ("write the capture", ""),
            Self::ReadingFile => ("read file", ""),
            Self::SavingFile => ("save file", ""),
            Self::Answering => ("answer", ""),
            Self::Starting => ("start the session", ""),
        }
    }
}

impl fmt::Display for FileChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shrunk(sent, len) => {
                write!(f, "the file became shorter while it was sent: only {sent} of {len} bytes were sent")
            }
            Self::Grown(by) => write!(f, "the file grew by {by} bytes while it was sent; they were not sent"),
            Self::Rewritten => {
                f.write_str("the file was modified while it was sent; old and new data may be mixed")
            }
            Self::Removed => f.write_str("the file was removed while it was sent; all of it was sent"),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Os { text, .. } => f.write_str(text),
            Self::TimedOut(ms) => write!(f, "no answer within {ms} ms"),
            Self::NoAddress => f.write_str("the host name has no address"),
            Self::QueueFull(queued, limit) => {
                write!(f, "the peer reads too slowly: {queued} bytes are queued, the limit is {limit}")
            }
            Self::TooSlow(queued) => {
                write!(f, "the peer reads too slowly: {queued} bytes are queued; the connection was reset")
            }
            Self::TooLong(len, limit) => {
                write!(f, "a datagram of {len} bytes is too long, the limit is {limit}")
            }
            Self::NoPeer => f.write_str("there is no peer to send to"),
            Self::PeerGone => f.write_str("the peer has left"),
            Self::ClosedUnanswered => f.write_str("the peer closed the connection without an answer"),
            Self::SendingClosed => f.write_str("the sending side is closed"),
            Self::TooManyRepeats(limit) => write!(f, "limit reached: {limit} are already running"),
            Self::Rule(fault) => fault.fmt(f),
            Self::TooManyAnswers(limit) => write!(f, "limit reached: {limit} answers are already waiting"),
            Self::TooManyNotes(limit) => write!(f, "limit reached: rules have written {limit} notes"),
            Self::DiskTooSlow(waiting, limit) => {
                write!(f, "the disk is too slow: {waiting} bytes are waiting, the limit is {limit}")
            }
            Self::NotForThisProtocol => f.write_str("this protocol does not support it"),
            Self::TooManyFiles(limit) => write!(f, "limit reached: {limit} files are already being sent"),
            Self::LineTooLong(limit) => write!(f, "a line is longer than {limit} bytes"),
            Self::FileChanged(change) => change.fmt(f),
            Self::CannotAppend(fault) => fault.fmt(f),
        }
    }
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Cause::FileChanged(change) = &self.cause {
            return write!(f, "{}: {change}", self.what);
        }
        let set = if matches!(self.doing, Doing::SettingOption(_)) { "set " } else { "" };
        let (verb, preposition) = self.doing.words();
        write!(f, "cannot {set}{verb}")?;
        if !self.what.is_empty() {
            write!(f, "{preposition} {}", self.what)?;
        }
        write!(f, ": {}{}", self.cause, self.hint())
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
                Doing::SettingOption("SO_LINGER"),
                "a:9",
                denied(),
                "cannot set SO_LINGER on a:9: permission denied",
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
