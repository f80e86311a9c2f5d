//! One direction of one connection: maps positions in its stream to positions in records.

use std::collections::VecDeque;

use crate::codec::frame::{Cut, Framer};
use crate::journal::View;
use crate::model::{Message, Wholeness, fit};

/// The state of a stream.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    framer: Framer,
    open: Open,
    /// The last record with data.
    last: u64,
    /// The stream positions at which records begin, with their numbers: the last record, and those before it
    /// in which a message may still begin. Empty if there can be none.
    recent: VecDeque<(u64, u64)>,
}

/// The open message.
#[derive(Debug, Clone, Copy)]
struct Open {
    /// The record in which it begins.
    first: u64,
    /// Its offset in that record.
    skip: u16,
    /// Its position in the stream.
    start: u64,
}

impl Open {
    /// Ends the message in record `n`, which begins at `base` in the stream. The next message begins there.
    fn end(&mut self, cut: Cut, n: u64, base: u64, recent: &VecDeque<(u64, u64)>) -> Message {
        let len = fit(cut.end - self.start);
        let message = Message::new(self.first, self.skip, n, len, cut.verdict.into());
        let before = || recent.iter().rev().find(|(at, _)| *at <= cut.end).copied();
        let within = Some((base, n)).filter(|_| cut.end >= base);
        let (at, first) = within.or_else(before).unwrap_or((cut.end, n));
        // The length of a record has 16 bits.
        let skip = fit(cut.end - at);
        *self = Self { first, skip, start: cut.end };
        message
    }
}

impl Stream {
    pub(super) fn new(framer: Framer) -> Self {
        let open = Open { first: 0, skip: 0, start: framer.position() };
        Self { framer, open, last: 0, recent: VecDeque::new() }
    }

    /// Processes record `n`, the next one of this stream.
    pub(super) fn push(&mut self, n: u64, view: &View<'_>, out: &mut Vec<Message>) {
        if view.payload.is_empty() {
            return;
        }
        let Self { framer, open, last, recent } = self;
        let base = framer.position();
        if open.start == base {
            (open.first, open.skip) = (n, 0);
        }
        *last = n;
        let lookback = framer.lookback();
        if lookback > 0 {
            recent.push_back((base, n));
        }
        framer.push(view.payload, view.at.0, &mut |cut| out.push(open.end(cut, n, base, recent)));
        let needed = framer.position().saturating_sub(lookback);
        while recent.get(1).is_some_and(|(at, _)| *at <= needed) {
            recent.pop_front();
        }
    }

    /// The message that was sent ends with record `n`, as with the end of a datagram.
    pub(super) fn end_of_send(&mut self, n: u64, out: &mut Vec<Message>) {
        let Self { framer, open, recent, .. } = self;
        let base = framer.position();
        framer.finish_datagram(&mut |cut| out.push(open.end(cut, n, base, recent)));
    }

    /// Ends the stream in record `n`.
    pub(super) fn finish(mut self, n: u64, out: &mut Vec<Message>) {
        let Self { framer, open, recent, .. } = &mut self;
        let base = framer.position();
        framer.finish(&mut |cut| out.push(open.end(cut, n, base, recent)));
    }

    /// How many records it remembers.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.recent.len()
    }

    /// The open message so far.
    pub(super) fn tail(&self) -> Option<Message> {
        let len = fit(self.framer.position() - self.open.start);
        let Open { first, skip, .. } = self.open;
        (len > 0).then(|| Message::new(first, skip, self.last, len, Wholeness::Open))
    }
}
