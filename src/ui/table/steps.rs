//! Keyboard steps of the cursor of the table. Pure; no toolkit.

use crate::ui::span::Selection;

/// Where the keyboard moves the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// By rows, upwards if negative.
    Rows(i64),
    First,
    Last,
}

/// The selection after a step of the cursor in a table of `len` rows (at least 1). `extend` keeps where it
/// started. Without a selection the cursor goes to `top`, the first visible row.
pub(super) fn stepped(
    selection: Option<Selection>,
    step: Step,
    extend: bool,
    (top, len): (u64, u64),
) -> Selection {
    let last = len.saturating_sub(1);
    let head = match (step, selection) {
        (Step::First, _) => 0,
        (Step::Last, _) => last,
        (Step::Rows(_), None) => top.min(last),
        (Step::Rows(rows), Some(selection)) => selection.head.min(last).saturating_add_signed(rows).min(last),
    };
    match selection {
        Some(Selection { anchor, .. }) if extend => Selection { anchor, head },
        Some(_) | None => Selection::one(head),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::span::Span;

    const LEN: u64 = 100_000_000;

    #[test]
    fn the_cursor_steps_and_stays_within() {
        let at = |at| Some(Selection::one(at));
        for (selection, step, head) in [
            (None, Step::Rows(1), 90_000_000),
            (None, Step::Rows(-20), 90_000_000),
            (at(5), Step::Rows(1), 6),
            (at(5), Step::Rows(-9), 0),
            (at(LEN - 2), Step::Rows(40), LEN - 1),
            (at(LEN * 2), Step::Rows(-1), LEN - 2),
            (at(5), Step::First, 0),
            (at(5), Step::Last, LEN - 1),
        ] {
            let stepped = stepped(selection, step, false, (90_000_000, LEN));
            assert_eq!(stepped, Selection::one(head), "{selection:?} {step:?}");
        }
    }

    #[test]
    fn extending_keeps_where_it_began() {
        let mut selection = Selection::one(10);
        for (step, first, last) in
            [(Step::Rows(2), 10, 12), (Step::Rows(-5), 7, 10), (Step::Last, 10, 19), (Step::First, 0, 10)]
        {
            selection = stepped(Some(selection), step, true, (0, 20));
            assert_eq!(selection.span(), Span { first, last }, "{step:?}");
        }
    }
}
