//! What failed: what was being done, to which address, and why.

use std::fmt;
use std::io;

use super::rule_fault::RuleFault;
use crate::codec::append::AppendFault;

/// What was being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doing {
    /// Looking up a host name.
    Resolving,
    /// Binding a local address.
    Binding,
    /// Beginning to listen.
    Listening,
    /// Calling a server.
    Connecting,
    /// Accepting a client.
    Accepting,
    /// Sending.
    Sending,
    /// Sending the same again and again.
    Repeating,
    /// Sending rows in order.
    RunningSequence,
    /// Receiving.
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
    /// Saving what came into a file, because a rule says so.
    SavingFile,
    /// Answering a message by a rule.
    Answering,
    /// Starting the session's thread or its poll.
    Starting,
}

/// Why it failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The operating system's word.
    Os {
        /// The kind, for those who decide by it.
        kind: io::ErrorKind,
        /// The system's own text, with its number.
        text: String,
    },
    /// No answer within the given milliseconds.
    TimedOut(u64),
    /// The host name has no address.
    NoAddress,
    /// The queue of this peer is full: bytes waiting, and the most that may wait.
    QueueFull(u64, u64),
    /// A datagram may not be longer: its length, and the most.
    TooLong(u64, u64),
    /// There is nobody to send to: no peer, or no remote address was given.
    NoPeer,
    /// The peer has left.
    PeerGone,
    /// The peer closed the connection without the answer that was waited for.
    ClosedUnanswered,
    /// The sending side is already closed.
    SendingClosed,
    /// No more repeats, or sequences, can run at once than so many.
    TooManyRepeats(u64),
    /// A rule cannot be followed.
    Rule(RuleFault),
    /// No more answers can wait for their time than so many.
    TooManyAnswers(u64),
    /// Rules have made so many notes, which is the most.
    TooManyNotes(u64),
    /// Files are saved too slowly: bytes waiting, and the most that may wait.
    DiskTooSlow(u64, u64),
    /// The order makes no sense for this protocol.
    NotForThisProtocol,
    /// No more files can be sent at once than so many.
    TooManyFiles(u64),
    /// A file to be sent line by line has a line of more bytes than this.
    LineTooLong(u64),
    /// A file was changed while it was sent.
    FileChanged(FileChange),
    /// Something cannot be appended to a message once its placeholders are filled.
    CannotAppend(AppendFault),
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        Self::Os { kind: error.kind(), text: error.to_string() }
    }
}

/// What became of a file while it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileChange {
    /// It ended after so many bytes of so many: no more could be sent.
    Shrunk(u64, u64),
    /// It has so many bytes more than when it began to go. They were not sent.
    Grown(u64),
    /// It was written to, or another was put in its place. What was sent may be some of both.
    Rewritten,
    /// It was removed. All of it was sent nevertheless.
    Removed,
}

/// A failure: what was being done, to which address or file, and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NetError {
    /// What was being done.
    pub doing: Doing,
    /// To which address, host or file; empty if to none.
    pub what: String,
    /// Why it failed.
    pub cause: Cause,
}

impl NetError {
    /// Puts the three together.
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
