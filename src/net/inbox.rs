//! What a peer has sent and no expected answer has used up.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::codec::matcher::Matcher;
use crate::model::Missed;

/// The most bytes that the inboxes of one peer hold. Beyond it, the older half of the messages is dropped.
pub(super) const MAX_BYTES: usize = 16 * 1024 * 1024;

/// A larger buffer is freed once it is empty.
const KEEP_CAPACITY: usize = 256 * 1024;

/// What a message costs besides its bytes.
const PER_MESSAGE: usize = 64;

/// An answer that arrives in several reads is found if it is no longer than this.
const LOOK_BACK: usize = 64 * 1024;

/// How received data become messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Arrival {
    /// As datagrams, or by a framing.
    #[default]
    Messages,
    /// As reads of a stream without a framing: an answer may begin and end anywhere.
    Reads,
}

/// The messages of one peer, in order.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    /// The end of each message in `bytes`.
    ends: VecDeque<usize>,
    /// The first message is the rest of a read in which an answer ended.
    begins_with_rest: bool,
    /// The beginning of a message that is not complete.
    incomplete: Vec<u8>,
    arrival: Arrival,
    n_dropped: u64,
    /// Nothing more will come.
    pub(super) is_over: bool,
}

/// Where an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    end: usize,
    /// The messages that end there or before.
    n_messages: usize,
}

impl Inbox {
    /// Adds a message, and keeps no more than `most` bytes of others.
    pub(super) fn push(&mut self, message: &[u8], arrival: Arrival, most: usize) {
        self.arrival = arrival;
        let cost = |inbox: &Self| inbox.bytes.len() + message.len() + inbox.ends.len() * PER_MESSAGE;
        while !self.ends.is_empty() && cost(self) > most {
            let n_messages = self.ends.len().div_ceil(2);
            let end = self.begin(n_messages);
            self.n_dropped = self.n_dropped.saturating_add(n_messages as u64);
            self.take(Found { end, n_messages });
        }
        self.bytes.extend_from_slice(message);
        self.ends.push_back(self.bytes.len());
    }

    /// How much memory it takes, in bytes.
    pub(super) fn held(&self) -> u64 {
        (self.bytes.capacity() + self.ends.capacity() * size_of::<usize>()) as u64
    }

    /// Frees that memory: the messages are not searched any more.
    pub(super) fn drop_all(&mut self) {
        self.n_dropped = self.n_dropped.saturating_add(self.ends.len() as u64);
        (self.bytes, self.ends, self.begins_with_rest) = <_>::default();
    }

    /// Notes the beginning of a message whose end has not arrived.
    pub(super) fn set_incomplete(&mut self, bytes: &[u8]) {
        self.incomplete.clear();
        self.incomplete.extend_from_slice(bytes.get(..Missed::KEPT).unwrap_or(bytes));
    }

    /// The number of the message that came last.
    pub(super) fn last(&self) -> usize {
        self.ends.len().saturating_sub(1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty() && self.incomplete.is_empty()
    }

    fn begin(&self, n: usize) -> usize {
        n.checked_sub(1).and_then(|n| self.ends.get(n)).copied().unwrap_or(0)
    }

    fn message(&self, n: usize) -> Option<&[u8]> {
        self.bytes.get(self.begin(n)..*self.ends.get(n)?)
    }

    /// The first answer that ends in message `from` or a later one.
    pub(super) fn find(&self, like: &Matcher, from: usize) -> Option<Found> {
        // The rest of a read is no message of its own.
        let first = from.max(usize::from(self.begins_with_rest));
        let alone = (first..self.ends.len()).find_map(|n| {
            let message = self.message(n).filter(|message| like.is_match(message))?;
            let end = match self.arrival {
                Arrival::Reads => like.find_end(message, 0).unwrap_or(message.len()),
                Arrival::Messages => message.len(),
            };
            Some(self.found(self.begin(n) + end, n))
        });
        if self.arrival == Arrival::Messages {
            return alone;
        }
        let begin = self.begin(from);
        let end = like.find_end(&self.bytes, begin.saturating_sub(LOOK_BACK)).filter(|end| *end > begin);
        let joined = end.map(|end| self.found(end, self.ends.partition_point(|other| *other < end)));
        [alone, joined].into_iter().flatten().min_by_key(|found| found.end)
    }

    /// An answer that ends in the nth message.
    fn found(&self, end: usize, n: usize) -> Found {
        Found { end, n_messages: n + usize::from(self.ends.get(n).is_some_and(|whole| *whole == end)) }
    }

    /// Removes everything up to the end of an answer.
    pub(super) fn take(&mut self, Found { end, n_messages }: Found) {
        let whole = n_messages > 0 && self.begin(n_messages) == end;
        self.begins_with_rest = !whole;
        self.ends.drain(..n_messages.min(self.ends.len()));
        self.ends.iter_mut().for_each(|other| *other = other.saturating_sub(end));
        self.bytes.drain(..end.min(self.bytes.len()));
        if self.bytes.is_empty() && self.bytes.capacity() > KEEP_CAPACITY {
            self.bytes = Vec::new();
        }
    }

    /// What is here instead of the answer.
    pub(super) fn missed(&self, like: &Matcher) -> Missed {
        let last = self.ends.len().checked_sub(1).and_then(|n| self.message(n));
        let message = if self.incomplete.is_empty() { last } else { Some(self.incomplete.as_slice()) };
        Missed {
            messages: self.n_dropped.saturating_add(self.ends.len() as u64),
            last: message.map(|message| Arc::from(message.get(..Missed::KEPT).unwrap_or(message))),
            last_len: message.map_or(0, <[u8]>::len) as u64,
            differs_at: message.and_then(|message| like.differs_at(message)).map(|at| at as u64),
            is_incomplete: !self.incomplete.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Charset;
    use crate::codec::compose::{Manner, Mode};
    use crate::codec::matcher::MatchKind::{self, Contains, Equals, Regex};

    fn inbox(arrival: Arrival, messages: &[&str]) -> Inbox {
        let mut inbox = Inbox::default();
        for message in messages {
            inbox.push(message.as_bytes(), arrival, MAX_BYTES);
        }
        inbox
    }

    fn like(kind: MatchKind, pattern: &str) -> Matcher {
        Matcher::parse(kind, pattern, Manner { mode: Mode::Text, escapes: false, charset: Charset::Utf8 })
            .unwrap()
    }

    #[test]
    fn an_answer_uses_up_everything_before_it_and_itself() {
        use Arrival::{Messages, Reads};
        for (arrival, messages, (kind, pattern), rest) in [
            (Messages, &["a", "xby", "c"][..], (Contains, "b"), Some("c")),
            (Messages, &["x", "y"], (Contains, "xy"), None),
            (Reads, &["a", "xby", "c"], (Contains, "b"), Some("yc")),
            (Reads, &["ax", "y", "zc"], (Contains, "xyz"), Some("c")),
            (Reads, &["ax", "xy"], (Equals, "xy"), Some("")),
            (Reads, &["12", "OK 5 ", "OK"], (Regex, "^OK"), Some(" 5 OK")),
            (Reads, &["O", "K\n"], (Regex, "^OK$"), None),
        ] {
            let mut inbox = inbox(arrival, messages);
            let found = inbox.find(&like(kind, pattern), 0);
            if let Some(found) = found {
                inbox.take(found);
            }
            let left = found.map(|_| String::from_utf8_lossy(&inbox.bytes).into_owned());
            assert_eq!(left.as_deref(), rest, "{messages:?} {pattern}");
        }
        // The rest of a read is found in, but is no answer of its own.
        let mut inbox = inbox(Reads, &["OK\r\n"]);
        inbox.take(inbox.find(&like(Contains, "OK"), 0).unwrap());
        assert_eq!(inbox.find(&Matcher::default(), 0), None);
        assert!(inbox.find(&like(Contains, "\n"), 0).is_some());
    }

    #[test]
    fn the_oldest_are_dropped_beyond_the_limit() {
        let mut inbox = Inbox::default();
        for n in 0..100_000_u32 {
            inbox.push(&n.to_be_bytes(), Arrival::Messages, 10_000);
            assert!(inbox.bytes.len() + inbox.ends.len() * PER_MESSAGE <= 10_000 + PER_MESSAGE);
        }
        inbox.push(&vec![1; 20_000], Arrival::Messages, 10_000);
        let missed = inbox.missed(&Matcher::default());
        assert_eq!((inbox.ends.len(), missed.messages, missed.last_len), (1, 100_001, 20_000));
    }
}
