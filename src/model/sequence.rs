//! Sequences: rows sent in order, each after a pause or after the answer to the row before.

use std::sync::Arc;
use std::time::Duration;

use super::{SendPart, Target};
use crate::codec::matcher::Matcher;
use crate::codec::named_enum;

/// Identifies a sequence while the session is open. The caller picks the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SequenceId(pub u32);

/// A command to send rows in order, repeatedly if wanted.
///
/// A row without a receiver, or whose receivers all read too slowly, is blocked until that changes. Later
/// rows keep their distance to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Its ID. A running sequence with the same ID is ended.
    pub id: SequenceId,
    /// The receivers. Peers that have left are skipped; with [`Target::All`] on a TCP session, later peers
    /// are included.
    pub to: Target,
    /// The rows, in order. Without rows, the sequence is done at once.
    pub rows: Arc<[SequenceRow]>,
    /// The number of rounds; `None` for no limit.
    pub loops: Option<u64>,
}

/// One row of a sequence. It is sent, its answer is awaited, and then its pause passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceRow {
    /// The data to send; `None` to send nothing.
    pub what: Option<SendPart>,
    /// The expected answer; `None` to continue without one.
    pub answer: Option<ExpectedAnswer>,
    /// The time to the next row, measured from when this row was due, or from the end of the wait for its
    /// answer.
    pub pause: Duration,
}

/// The answer expected to a row.
///
/// It is a message under the session's framing. What a peer sends after the sequence has started waits, up to
/// 16 MiB, until an answer is found in it, which uses up everything before it and itself. In a stream without a
/// framing, an answer is a read, or text, bytes or a match anywhere in the stream, which use up no more than that.
/// The first matching answer counts, from any receiver. With [`Target::Flows`] it must arrive on one of these flows;
/// otherwise on any, since over UDP devices may answer from another port, and the answers to a broadcast come from
/// the devices' own addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedAnswer {
    /// The condition on the answer. Other messages are ignored.
    pub like: Matcher,
    /// The timeout.
    pub within: Duration,
    /// What happens after the timeout.
    pub otherwise: Otherwise,
}

named_enum! {
    /// What happens if an answer does not arrive in time.
    #[derive(Default)]
    pub enum Otherwise {
        /// The sequence ends.
        #[default]
        Stop = "stop",
        /// The sequence continues as if the answer had arrived.
        GoOn = "go-on",
    }
}

/// The progress of a sequence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SequencePlace {
    /// The row that was sent last, from 0.
    pub row: u32,
    /// The round in which it was sent, from 0.
    pub round: u64,
    /// The number of answers that did not arrive in time.
    pub unanswered: u64,
}

/// How a sequence has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SequenceEnd {
    /// All rounds are complete.
    Done,
    /// It was stopped or replaced, or the session was closed on demand.
    Stopped,
    /// An answer did not arrive in time.
    TimedOut(Missed),
    /// All receivers have left and cannot return. What arrived instead of the answer, if it waited for one.
    PeerLeft(Option<Missed>),
    /// A row can never be sent; a `Trouble` says why.
    Failed,
}

/// What arrived instead of the expected answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missed {
    /// The number of complete messages that no answer has used up.
    pub messages: u64,
    /// The last message, at most [`Missed::KEPT`] bytes of it.
    pub last: Option<Arc<[u8]>>,
    /// The full length of the last message in bytes.
    pub last_len: u64,
    /// The offset in the last message at which it differs from what was expected, if one can be named.
    pub differs_at: Option<u64>,
    /// The last message is not complete under the session's framing.
    pub is_incomplete: bool,
}

impl Missed {
    /// The most bytes kept of a message.
    pub const KEPT: usize = 256;
}
