//! What all errors in typed text have in common: where in the text the fault is.

use std::fmt;

use super::charset::Unencodable;

/// Where in a typed text something is wrong, and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TextError<P> {
    /// Where the fault begins: an offset in bytes into the text, on a character boundary.
    pub at: usize,
    /// How many bytes of the text are at fault.
    pub len: usize,
    /// What is wrong.
    pub why: P,
}

impl<P> TextError<P> {
    /// The same fault, in a text that contains this one from byte `start` on.
    pub(super) fn within<Q>(self, start: usize, why: impl FnOnce(P) -> Q) -> TextError<Q> {
        TextError { at: start + self.at, len: self.len, why: why(self.why) }
    }
}

impl From<Unencodable> for TextError<Unencodable> {
    fn from(error: Unencodable) -> Self {
        Self { at: error.at, len: error.ch.len_utf8(), why: error }
    }
}

impl<P: fmt::Display> fmt::Display for TextError<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why.fmt(f)
    }
}

impl<P: fmt::Debug + fmt::Display> std::error::Error for TextError<P> {}
