//! The selection in the log: from one place in the data to another, visible or not. Uses the toolkit only to
//! find characters in a row.

use egui::Galley;
use egui::text::CCursor;

use super::layout::Layout;
use crate::state::CopyOrder;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point {
    pub(crate) at: u64,
    /// Byte in the text of that record; `u32::MAX` for its end.
    pub(crate) byte: u32,
}

/// A selection; either end may come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) anchor: Point,
    pub(crate) head: Point,
}

impl Selection {
    pub(crate) fn record(at: u64) -> Self {
        Self { anchor: Point { at, byte: 0 }, head: Point { at, byte: u32::MAX } }
    }

    /// The same after the first `by` items were removed; `None` if all of it was.
    pub(crate) fn shifted(self, by: u64) -> Option<Self> {
        let to = self.ordered().1;
        let shift = |point: Point| match point.at.checked_sub(by) {
            Some(at) => Point { at, ..point },
            None => Point::default(),
        };
        (to.at >= by).then(|| Self { anchor: shift(self.anchor), head: shift(self.head) })
    }

    /// Whether it includes all of the record at `at`.
    pub(crate) fn includes(self, at: u64) -> bool {
        let (from, to) = self.ordered();
        from <= Point { at, byte: 0 } && to >= Point { at, byte: u32::MAX }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.anchor == self.head
    }

    pub(crate) fn ordered(self) -> (Point, Point) {
        (self.anchor.min(self.head), self.anchor.max(self.head))
    }

    pub(crate) fn grow(&mut self, records: i64, len: u64) {
        self.extend(stepped(self.head.at, records, len));
    }

    /// Moves the head to the record at `at`, with whole records between.
    pub(crate) fn extend(&mut self, at: u64) {
        let byte = if at >= self.anchor.at { u32::MAX } else { 0 };
        self.head = Point { at, byte };
        // Going up, the whole record where it started is included.
        self.anchor.byte = if at >= self.anchor.at { 0 } else { u32::MAX };
    }

    pub(crate) fn order(self, len: u64) -> Option<CopyOrder> {
        let (from, to) = self.ordered();
        if self.is_empty() || len == 0 || from.at >= len {
            return None;
        }
        let to = if to.at >= len { Point { at: len - 1, byte: u32::MAX } } else { to };
        Some(CopyOrder { from: (from.at, from.byte), to: (to.at, to.byte) })
    }
}

/// The record so many further on, among `len`.
pub(super) fn stepped(at: u64, records: i64, len: u64) -> u64 {
    let last = len.saturating_sub(1);
    at.min(last).saturating_add_signed(records).min(last)
}

pub(super) fn start_of(layout: &Layout, at: u64, row: u32) -> Point {
    Point { at, byte: layout.rows.get(row as usize).map_or(0, |row| row.start) }
}

/// End of row `row`; of the last row, the end of the record.
pub(super) fn end_of(layout: &Layout, at: u64, row: u32) -> Point {
    let last = row + 1 >= layout.n_rows();
    let end = layout.rows.get(row as usize).map_or(u32::MAX, |row| row.end);
    Point { at, byte: if last { u32::MAX } else { end } }
}

/// How many characters stand for one: a line break shows as `\r\n`.
pub(super) fn shown(c: char) -> usize {
    if matches!(c, '\r' | '\n') { 2 } else { 1 }
}

pub(super) fn at_char(layout: &Layout, at: u64, row: u32, index: usize) -> Point {
    let start = start_of(layout, at, row).byte;
    let text = layout.row(row);
    let mut n = 0;
    let past = |(_, c): &(usize, char)| {
        n += shown(*c);
        n > index
    };
    let byte = text.char_indices().find(past).map_or(text.len(), |(byte, _)| byte);
    Point { at, byte: start.saturating_add(u32::try_from(byte).unwrap_or(u32::MAX)) }
}

/// Horizontal position, in points from the left, of a byte of the layout's text in row `row`, clamped to the
/// row.
pub(super) fn x_of(layout: &Layout, row: u32, byte: u32, galley: &Galley) -> f32 {
    let Some(bounds) = layout.rows.get(row as usize) else { return 0.0 };
    let text = layout.row(row);
    let byte = text.floor_char_boundary((byte.clamp(bounds.start, bounds.end) - bounds.start) as usize);
    galley.pos_from_cursor(CCursor::new(text[..byte].chars().map(shown).sum::<usize>())).left()
}

/// Selected part of row `row` of the record at `at`, in points.
pub(super) fn cells(
    layout: &Layout,
    at: u64,
    row: u32,
    from: Point,
    to: Point,
    galley: &Galley,
) -> (f32, f32) {
    let Some(bounds) = layout.rows.get(row as usize) else { return (0.0, 0.0) };
    let (start, end) = (Point { at, byte: bounds.start }, Point { at, byte: bounds.end });
    if to <= start && to.at <= at && !(to == start && start == end) || from > end || from == to {
        return (0.0, 0.0);
    }
    let left = if from <= start { 0.0 } else { x_of(layout, row, from.byte, galley) };
    // A row selected past its end extends a little beyond its text, for the line break.
    let right = if to > end { galley.size().x + 6.0 } else { x_of(layout, row, to.byte, galley) };
    (left, right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_go_from_first_to_last_and_end_where_the_log_ends() {
        let selection = Selection { anchor: Point { at: 5, byte: 3 }, head: Point { at: 2, byte: 1 } };
        assert_eq!(selection.order(10), Some(CopyOrder { from: (2, 1), to: (5, 3) }));
        let all = Selection { anchor: Point::default(), head: Point { at: 9, byte: u32::MAX } };
        assert_eq!(all.order(7), Some(CopyOrder { from: (0, 0), to: (6, u32::MAX) }));
        assert_eq!(all.order(0), None);
        let nothing = Selection { anchor: Point::default(), head: Point::default() };
        assert_eq!(nothing.order(7), None);
    }

    #[test]
    fn growing_takes_whole_records() {
        let mut selection = Selection::record(5);
        selection.grow(2, 10);
        assert_eq!(selection.ordered(), (Point { at: 5, byte: 0 }, Point { at: 7, byte: u32::MAX }));
        selection.grow(-4, 10);
        assert_eq!(selection.ordered(), (Point { at: 3, byte: 0 }, Point { at: 5, byte: u32::MAX }));
        selection.grow(100, 10);
        assert_eq!(selection.head.at, 9);
    }
}
