//! What is selected of things that stand one after the other, rows or bytes: from where it began to
//! where it goes. Pure; knows no toolkit.

/// Rows or bytes one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first.
    pub first: u64,
    /// The last, which belongs to it.
    pub last: u64,
}

impl Span {
    /// Only this one.
    pub fn one(at: u64) -> Self {
        Self { first: at, last: at }
    }

    /// Whether this one belongs to it.
    pub fn contains(self, at: u64) -> bool {
        (self.first..=self.last).contains(&at)
    }
}

/// Where a selection began and where it goes; either may be the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Selection {
    /// Where it began.
    pub(super) anchor: u64,
    /// Where it goes: the one with the cursor.
    pub(super) head: u64,
}

impl Selection {
    pub(super) fn one(at: u64) -> Self {
        Self { anchor: at, head: at }
    }

    pub(super) fn span(self) -> Span {
        Span { first: self.anchor.min(self.head), last: self.anchor.max(self.head) }
    }

    /// Without what is not there any more; `None` if nothing is left.
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
