//! What errors in typed text have in common: where in the text the fault is, and names that are unknown.

/// Where in a typed text something is wrong, and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{why}")]
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

/// A name that is not in a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[error("unknown {what} ‘{name}’; expected {expected}")]
pub struct UnknownName {
    what: &'static str,
    name: String,
    expected: String,
}

impl UnknownName {
    /// The name of a `what`, e.g. a charset. `expected` continues “expected …”.
    pub(super) fn new(what: &'static str, name: &str, expected: impl Into<String>) -> Self {
        Self { what, name: name.to_owned(), expected: expected.into() }
    }
}

/// Finds the one of `all` with the name `text`, in either case and with any space around it.
///
/// # Errors
/// With the names of all, if there is none.
pub fn by_name<T: Copy>(
    what: &'static str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
    text: &str,
) -> Result<T, UnknownName> {
    let found = all.iter().copied().find(|one| name(*one).eq_ignore_ascii_case(text.trim()));
    let names = || all.iter().map(|one| name(*one)).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| UnknownName::new(what, text, format!("one of {}", names())))
}
