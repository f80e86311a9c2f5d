//! What the capture says of data that a relay sends: where they come from.
//!
//! Data that follow what was passed on before need no comment. The first ones have one, and those after a gap: something
//! was dropped, or recorded elsewhere. So has one piece in [`EVERY`], so that readers need not go far back.

use std::borrow::Cow;

use crate::model::{PassedFrom, Why};

/// How often a piece has a comment that would need none.
const EVERY: u32 = 256;

/// Where data come from that are passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Input {
    /// How many bytes, or datagrams, came before them in their direction.
    pub(super) at: u64,
    /// How many they were.
    pub(super) len: u64,
    /// The record in which they begin, and where; `None` if they were not recorded.
    pub(super) record: Option<(u64, u64)>,
}

impl Input {
    /// It as a whole, as the capture tells of it.
    pub(super) fn from(self) -> Option<PassedFrom> {
        self.record.map(|(record, offset)| PassedFrom { record, offset, len: Some(self.len) })
    }

    /// A part of it, `from` bytes after its beginning.
    pub(super) fn part(self, from: u64, len: u64) -> Self {
        let record = self.record.map(|(record, offset)| (record, offset + from));
        Self { at: self.at + from, len, record }
    }
}

#[derive(Debug, Default)]
pub(super) struct Trace {
    /// What follows, if nothing is missing.
    next: Option<u64>,
    /// Pieces without a comment since the last one.
    n: u32,
}

impl Trace {
    /// The comment on data that are sent: `why` they are others than those received, if they are, and what of those they
    /// stand for.
    pub(super) fn comment<'a>(&mut self, why: Option<&'a str>, input: Option<Input>) -> Option<Cow<'a, str>> {
        let Some(Input { at, len, record }) = input else {
            // The next data come after these, not after the ones before.
            return Some(why.unwrap_or(Why::ADDED).into());
        };
        let follows = self.next.replace(at + len) == Some(at);
        let Some((record, offset)) = record else {
            self.next = None;
            return why.map(Cow::from);
        };
        if let Some(why) = why {
            self.n = 0;
            let from = PassedFrom { record, offset, len: Some(len) };
            return Some(format!("{from} {why}").into());
        }
        self.n += 1;
        if follows && self.n < EVERY {
            return None;
        }
        self.n = 0;
        Some(PassedFrom { record, offset, len: None }.to_string().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_does_not_follow_has_a_comment() {
        let mut trace = Trace::default();
        let input = |at, len, record| Some(Input { at, len, record });
        for (why, input, comment) in [
            (None, input(0, 5, Some((0, 0))), "[from 1+0]"),
            (None, input(5, 5, Some((2, 0))), ""),
            (Some("[rule] r"), None, "[rule] r"),
            (None, None, "[added]"),
            (None, input(10, 5, Some((4, 0))), ""),
            (Some("[rule] r"), input(15, 3, Some((4, 5))), "[from 5+5:3] [rule] r"),
            (None, input(18, 2, Some((4, 8))), ""),
            (None, input(25, 2, Some((6, 3))), "[from 7+3]"),
            (None, input(27, 2, None), ""),
            (None, input(29, 2, Some((9, 0))), "[from 10+0]"),
        ] {
            let told = trace.comment(why, input);
            assert_eq!(told.as_deref().unwrap_or_default(), comment, "{input:?}");
        }
        let told = (31..31 + 2 * u64::from(EVERY))
            .filter(|at| trace.comment(None, input(*at, 1, Some((*at, 0)))).is_some());
        assert_eq!(told.count(), 2);
    }
}
