//! One direction of one connection: turns places in its stream into places in records. Reads nothing.

use std::collections::VecDeque;

use crate::codec::frame::{Cut, Framer, Verdict};
use crate::journal::View;
use crate::model::{Message, Wholeness, fit};

/// What the messages of a stream need to be remembered.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    framer: Framer,
    open: Open,
    /// The last record that had bytes.
    last: u64,
    /// Where records begin in the stream, and their numbers: the last one, and those before in which a
    /// message may turn out to begin. Empty if there can be no such.
    recent: VecDeque<(u64, u64)>,
}

/// The message that has not ended.
#[derive(Debug, Clone, Copy)]
struct Open {
    /// The record in which it begins.
    first: u64,
    /// The byte of that with which it begins.
    skip: u16,
    /// How many bytes of the stream stand before it.
    start: u64,
}

impl Open {
    /// Its end, told by record `n`, which begins at `base` in the stream. The next message begins there.
    fn end(&mut self, cut: Cut, n: u64, base: u64, recent: &VecDeque<(u64, u64)>) -> Message {
        let len = fit(cut.end - self.start);
        let message = Message::new(self.first, self.skip, n, len, wholeness(cut.verdict));
        let before = || recent.iter().rev().find(|(at, _)| *at <= cut.end).copied();
        let within = Some((base, n)).filter(|_| cut.end >= base);
        let (at, first) = within.or_else(before).unwrap_or((cut.end, n));
        // No record is longer than 16 bits say.
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

    /// Takes record `n`, the next one of this stream.
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

    /// Record `n` tells that no more follows.
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

    /// The message that has not ended, as far as it goes.
    pub(super) fn tail(&self) -> Option<Message> {
        let len = fit(self.framer.position() - self.open.start);
        let Open { first, skip, .. } = self.open;
        (len > 0).then(|| Message::new(first, skip, self.last, len, Wholeness::Open))
    }
}

/// What the model calls it.
pub(super) fn wholeness(verdict: Verdict) -> Wholeness {
    match verdict {
        Verdict::Whole => Wholeness::Whole,
        Verdict::CutOff => Wholeness::CutOff,
        Verdict::TooLong => Wholeness::TooLong,
        Verdict::Nonsense => Wholeness::Nonsense,
    }
}
