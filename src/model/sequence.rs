//! Rows that are sent in order, each after a pause or after the answer to the one before it: the order, and
//! how far it has come. Knows no clock.

use std::sync::Arc;
use std::time::Duration;

use super::{SendPart, Target};
use crate::codec::matcher::Matcher;

/// Names a sequence for the time of one opening. Whoever orders it picks the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SequenceId(pub u32);

/// An order to send rows one after the other, and all of them again if wanted.
///
/// A row for which nobody is there, or whose peers all read too slowly, waits until that changes. What comes
/// later keeps its distance to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Its name. One of the same name that still runs is ended by this order.
    pub id: SequenceId,
    /// To whom. Peers that have left are passed over; with [`Target::All`] on a TCP session, those that come
    /// later are sent to as well.
    pub to: Target,
    /// What is sent, in order. Without a row it is done at once.
    pub rows: Arc<[SequenceRow]>,
    /// How often; `None` for no end but the session's.
    pub loops: Option<u64>,
}

/// One row of a sequence: it is sent, its answer is waited for, and then its pause passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceRow {
    /// What is sent.
    pub what: SendPart,
    /// The answer that is waited for; `None` for none.
    pub answer: Option<ExpectedAnswer>,
    /// The time to the next row: from the moment this one was due, or, if an answer was waited for, from the
    /// moment that came or was given up.
    pub pause: Duration,
}

/// The answer to a row.
///
/// It is a message under the session's framing that comes after the row was handed over to be sent. One
/// answer is enough, whichever peer gives it first. With [`Target::Flows`] it must come over one of these;
/// else it may come from anyone, since over UDP devices answer from other ports, and whoever a broadcast calls
/// from its own address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedAnswer {
    /// What it must be. Other messages are passed over.
    pub like: Matcher,
    /// How long it is waited for.
    pub within: Duration,
    /// What if it does not come in that time.
    pub otherwise: Otherwise,
}

/// What happens when an answer does not come in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Otherwise {
    /// The sequence ends.
    #[default]
    Stop,
    /// The sequence goes on as if it had come.
    GoOn,
}

/// How far a sequence has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SequencePlace {
    /// The row that was sent last, from 0.
    pub row: u32,
    /// The round in which it was sent, from 0.
    pub round: u64,
    /// Answers so far that did not come in time.
    pub unanswered: u64,
}

/// How a sequence has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SequenceEnd {
    /// All rows were sent, as often as was ordered, and the last answer came or was given up.
    Done,
    /// It was stopped, replaced, or the session was closed on demand.
    Stopped,
    /// An answer did not come in time.
    TimedOut(Missed),
    /// All for whom it was meant have left, and none of them can come back.
    PeerLeft,
    /// A row can never be sent, of which a trouble tells.
    Failed,
}

/// What came instead of the answer that was waited for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missed {
    /// How many messages came.
    pub messages: u64,
    /// The last of them; of a longer one the first [`Missed::KEPT`] bytes.
    pub last: Option<Arc<[u8]>>,
    /// How long the last one was, in bytes.
    pub last_len: u64,
}

impl Missed {
    /// Bytes that are kept of a message.
    pub const KEPT: usize = 256;

    /// This message came, and is not the answer.
    pub fn note(&mut self, message: &[u8]) {
        self.messages = self.messages.saturating_add(1);
        self.last = Some(Arc::from(message.get(..Self::KEPT).unwrap_or(message)));
        self.last_len = message.len() as u64;
    }
}
