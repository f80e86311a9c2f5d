//! Errors of a session: what failed, for which address or file, and why.

use std::fmt;
use std::io;

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
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolving => "looking up",
            Self::Binding => "binding",
            Self::Listening => "listening on",
            Self::Connecting => "connecting to",
            Self::Accepting => "accepting a client on",
            Self::Sending => "sending to",
            Self::Repeating => "repeating",
            Self::RunningSequence => "running a sequence",
            Self::Receiving => "receiving from",
            Self::HalfClosing => "closing the sending side to",
            Self::SettingOption(name) => return write!(f, "setting {name} on"),
            Self::Joining => "joining group",
            Self::Leaving => "leaving group",
            Self::Recording => "writing the capture",
            Self::ReadingFile => "reading file",
            Self::SavingFile => "saving file",
            Self::Answering => "answering",
            Self::Starting => "starting the session",
        })
    }
}

impl fmt::Display for FileChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shrunk(sent, len) => {
                write!(f, "it was cut short meanwhile: only {sent} of {len} bytes could be sent")
            }
            Self::Grown(by) => write!(f, "it has grown by {by} bytes meanwhile, which were not sent"),
            Self::Rewritten => f.write_str("it was written to meanwhile; what was sent may be some of both"),
            Self::Removed => f.write_str("it was removed meanwhile; all of it was sent nevertheless"),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Os { text, .. } => f.write_str(text),
            Self::TimedOut(ms) => write!(f, "no answer within {ms} ms"),
            Self::NoAddress => f.write_str("the name has no address"),
            Self::QueueFull(waiting, most) => {
                write!(f, "the peer reads too slowly: {waiting} bytes wait already, at most {most} may")
            }
            Self::TooLong(len, most) => write!(f, "a datagram of {len} bytes; at most {most} are possible"),
            Self::NoPeer => f.write_str("there is nobody to send to"),
            Self::PeerGone => f.write_str("the peer has left"),
            Self::ClosedUnanswered => f.write_str("the peer closed the connection without an answer"),
            Self::SendingClosed => f.write_str("the sending side is already closed"),
            Self::TooManyRepeats(most) => write!(f, "{most} run already, which is the most"),
            Self::Rule(fault) => fault.fmt(f),
            Self::TooManyAnswers(most) => write!(f, "{most} answers wait already, which is the most"),
            Self::TooManyNotes(most) => write!(f, "rules have made {most} notes, which is the most"),
            Self::DiskTooSlow(waiting, most) => {
                write!(f, "the disk is too slow: {waiting} bytes wait already, at most {most} may")
            }
            Self::NotForThisProtocol => f.write_str("this protocol cannot do that"),
            Self::TooManyFiles(most) => write!(f, "{most} are being sent already, which is the most"),
            Self::LineTooLong(most) => write!(f, "a line is longer than {most} bytes"),
            Self::FileChanged(change) => change.fmt(f),
            Self::CannotAppend(fault) => fault.fmt(f),
        }
    }
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.what.is_empty() {
            write!(f, "{}: {}", self.doing, self.cause)
        } else {
            write!(f, "{} {}: {}", self.doing, self.what, self.cause)
        }
    }
}

impl std::error::Error for NetError {}
