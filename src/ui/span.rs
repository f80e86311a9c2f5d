//! A selection of consecutive rows or bytes. Pure; no toolkit.

/// A range of rows or bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first.
    pub first: u64,
    /// The last, inclusive.
    pub last: u64,
}

impl Span {
    /// Only this one.
    pub fn one(at: u64) -> Self {
        Self { first: at, last: at }
    }

    /// Whether this one is included.
    pub fn contains(self, at: u64) -> bool {
        (self.first..=self.last).contains(&at)
    }
}

/// A selection; either end may come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) anchor: u64,
    /// Where it ends: the one with the cursor.
    pub(super) head: u64,
}

impl Selection {
    pub(super) fn one(at: u64) -> Self {
        Self { anchor: at, head: at }
    }

    pub(super) fn span(self) -> Span {
        Span { first: self.anchor.min(self.head), last: self.anchor.max(self.head) }
    }

    /// Limited to what still exists; `None` if nothing is left.
    pub(super) fn within(self, len: u64) -> Option<Self> {
        let last = len.checked_sub(1)?;
        (self.span().first <= last).then(|| Self { anchor: self.anchor.min(last), head: self.head.min(last) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_not_selected() {
        let selection = Selection { anchor: 9, head: 4 };
        assert_eq!(selection.within(20), Some(selection));
        assert_eq!(selection.within(6), Some(Selection { anchor: 5, head: 4 }));
        assert_eq!(selection.within(4), None);
        assert_eq!(selection.within(0), None);
    }
}
