//! The ends of messages in a stream.

/// The condition of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A message as its framing defines it.
    Whole,
    /// The stream ended before the message did.
    CutOff,
    /// It reached the longest length allowed and was cut there.
    TooLong,
    /// Bytes before the first valid header.
    Nonsense,
}

/// The end of a message, which began where the previous one ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cut {
    /// Its offset in the stream. It may lie before the bytes given last: a pause or a lone CR ends a message
    /// only when the next byte arrives, and bytes turn out to be invalid only when a valid header follows.
    /// See [`Framer::lookback`](super::Framer::lookback).
    pub end: u64,
    /// The condition of the message.
    pub verdict: Verdict,
}

/// The position of the framer in the stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// Offset of the bytes being processed.
    pub(super) at: u64,
    /// Where the open message began.
    pub(super) start: u64,
    /// The longest message allowed.
    pub(super) limit: u64,
}

impl Run {
    /// Ends the message at `end`.
    pub(super) fn end(&mut self, end: u64, verdict: Verdict, cut: &mut dyn FnMut(Cut)) {
        self.start = end;
        cut(Cut { end, verdict });
    }

    /// Ends the message `within` bytes after the first of those being processed.
    pub(super) fn end_within(&mut self, within: usize, verdict: Verdict, cut: &mut dyn FnMut(Cut)) {
        self.end(self.at + within as u64, verdict, cut);
    }

    /// How many bytes the message may still have, and those of `bytes` from `from` on.
    pub(super) fn window<'a>(&self, bytes: &'a [u8], from: usize) -> (u64, &'a [u8]) {
        let rest = bytes.get(from..).unwrap_or_default();
        let room = (self.start + self.limit).saturating_sub(self.at + from as u64);
        let len = usize::try_from(room).unwrap_or(usize::MAX).min(rest.len());
        (room, rest.get(..len).unwrap_or(rest))
    }

    /// Makes what is left a message, if there is anything.
    pub(super) fn rest(&mut self, verdict: Verdict, cut: &mut dyn FnMut(Cut)) {
        if self.at > self.start {
            self.end(self.at, verdict, cut);
        }
    }
}
