//! A selection of consecutive rows or bytes, and the steps of its cursor. Pure; no toolkit.

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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) anchor: u64,
    pub(super) head: u64,
}

impl Selection {
    pub(super) fn one(at: u64) -> Self {
        Self { anchor: at, head: at }
    }

    pub(super) fn span(self) -> Span {
        Span { first: self.anchor.min(self.head), last: self.anchor.max(self.head) }
    }

    /// Selects `head`; `extend` keeps where the selection `before` started.
    pub(super) fn to(head: u64, before: Option<Self>, extend: bool) -> Self {
        Self { anchor: before.filter(|_| extend).map_or(head, |before| before.anchor), head }
    }

    /// Limited to what still exists; `None` if nothing is left.
    pub(super) fn within(self, len: u64) -> Option<Self> {
        let last = len.checked_sub(1)?;
        (self.span().first <= last).then(|| Self { anchor: self.anchor.min(last), head: self.head.min(last) })
    }
}

/// A step of the cursor by the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// By items, backwards if negative.
    By(i64),
    /// By rows, upwards if negative.
    Rows(i64),
    RowStart,
    RowEnd,
    First,
    Last,
}

/// Target of a step from item `at` of `len` (at least 1) in rows of `n`.
pub(super) fn stepped(at: u64, step: Step, n: u64, len: u64) -> u64 {
    let last = len.saturating_sub(1);
    let at = at.min(last);
    match step {
        Step::By(by) => at.saturating_add_signed(by).min(last),
        // Keeps the column as long as there is a row to go to.
        Step::Rows(by) => {
            let row = (at / n).saturating_add_signed(by).min(last / n);
            (row * n + at % n).min(last)
        }
        Step::RowStart => at / n * n,
        Step::RowEnd => (at / n * n + n - 1).min(last),
        Step::First => 0,
        Step::Last => last,
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

    #[test]
    fn the_cursor_steps_through_rows_and_bytes() {
        for (at, step, to) in [
            (5, Step::By(-1), 4),
            (0, Step::By(-1), 0),
            (39, Step::By(1), 39),
            (5, Step::Rows(1), 21),
            (5, Step::Rows(-1), 5),
            (30, Step::Rows(1), 39),
            (5, Step::Rows(90), 37),
            (37, Step::RowStart, 32),
            (37, Step::RowEnd, 39),
            (5, Step::RowEnd, 15),
            (5, Step::Last, 39),
            (5, Step::First, 0),
            (900, Step::By(-1), 38),
        ] {
            assert_eq!(stepped(at, step, 16, 40), to, "{step:?} from {at}");
        }
    }
}
