//! Scroll position of the log, in whole records and their rows. Never a pixel offset: the toolkit's are
//! 32-bit floats, which fail past a million rows.

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Place {
    pub(crate) at: u64,
    pub(crate) row: u32,
    /// Points of that row that are scrolled out of view: 0 ≤ `px` < row height.
    pub(crate) px: f32,
}

/// What one view shows, so that another one can show the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sight {
    /// Position at the top; `None` while following the end.
    pub(crate) top: Option<u64>,
    pub(crate) selected: Option<u64>,
}

impl Place {
    pub(crate) fn is_before(&self, other: &Self) -> bool {
        (self.at, self.row) < (other.at, other.row)
            || ((self.at, self.row) == (other.at, other.row) && self.px < other.px)
    }

    /// The position `points` further down (up if negative). `n_rows` returns the number of rows of a record,
    /// `len` is the number of records.
    #[must_use]
    pub(crate) fn moved(
        self,
        points: f32,
        row_height: f32,
        len: u64,
        mut n_rows: impl FnMut(u64) -> u32,
    ) -> Self {
        let mut place = self;
        let all = place.px + points;
        // The toolkit spreads a turn of the wheel over frames, whose sum may miss a whole row by a rounding error.
        let rows = (all / row_height + 0.001).floor();
        place.px = (all - rows * row_height).clamp(0.0, row_height);
        #[expect(clippy::cast_possible_truncation, reason = "a wheel or a page moves some hundred rows")]
        let mut rows = rows as i64;
        while rows > 0 {
            let n = n_rows(place.at);
            let left = i64::from(n.saturating_sub(place.row + 1));
            if rows <= left {
                place.row += u32::try_from(rows).unwrap_or(0);
                return place;
            }
            let Some(next) = first_with_rows(place.at + 1..len, &mut n_rows) else {
                place.row = n.saturating_sub(1);
                return place;
            };
            // Records without rows take no space.
            rows -= if n == 0 { 0 } else { left + 1 };
            place = Self { at: next, row: 0, ..place };
        }
        while rows < 0 {
            let above = i64::from(place.row);
            if -rows <= above {
                place.row -= u32::try_from(-rows).unwrap_or(0);
                return place;
            }
            let Some(next) = first_with_rows((0..place.at).rev(), &mut n_rows) else {
                return Self { at: if n_rows(place.at) == 0 { 0 } else { place.at }, ..Self::default() };
            };
            rows += above + 1;
            place.at = next;
            place.row = n_rows(place.at).saturating_sub(1);
        }
        place
    }

    /// The last position that still fills a view of `height` points.
    pub(crate) fn bottom(height: f32, row_height: f32, len: u64, mut n_rows: impl FnMut(u64) -> u32) -> Self {
        let Some(last) = first_with_rows((0..len).rev(), &mut n_rows) else { return Self::default() };
        let last = Self { at: last, row: n_rows(last).saturating_sub(1), px: 0.0 };
        last.moved(row_height - height, row_height, len, n_rows)
    }
}

/// Maximum items without rows that are skipped at once.
const MOST_PASSED: usize = 1_000_000;

fn first_with_rows(
    mut places: impl Iterator<Item = u64>,
    n_rows: &mut impl FnMut(u64) -> u32,
) -> Option<u64> {
    places.by_ref().take(MOST_PASSED).find(|&at| n_rows(at) > 0).or_else(|| places.next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ROW: f32 = 15.0;

    #[test]
    fn the_last_row_ends_where_the_view_ends_and_a_short_log_begins_at_the_top() {
        // Records of 2 rows; 10 rows fit, then half of the one above too.
        for (height, len, (at, row, px)) in [
            (150.0, 100, (95, 0, 0.0)),
            (157.5, 100, (94, 1, 7.5)),
            (150.0, 3, (0, 0, 0.0)),
            (150.0, 0, (0, 0, 0.0)),
        ] {
            assert_eq!(Place::bottom(height, ROW, len, |_| 2), Place { at, row, px }, "{len} in {height}");
        }
    }

    #[test]
    fn one_notch_is_one_notch_far_down() {
        let place = Place { at: 90_000_000, row: 0, px: 0.0 };
        let down = place.moved(45.0, ROW, 100_000_000, |_| 2);
        assert_eq!(down, Place { at: 90_000_001, row: 1, px: 0.0 });
        assert_eq!(down.moved(-45.0, ROW, 100_000_000, |_| 2), place);
    }

    proptest! {
        #[test]
        fn moving_counts_rows(start in 0u64..40, rows in -200i32..200, heights in prop::collection::vec(0u32..5, 40)) {
            let n_rows = |at: u64| heights[usize::try_from(at).unwrap()];
            let flat = |place: Place| -> i64 {
                (0..place.at).map(|at| i64::from(n_rows(at))).sum::<i64>() + i64::from(place.row)
            };
            prop_assume!(n_rows(start) > 0);
            let place = Place { at: start, row: 0, px: 0.0 };
            let total: i64 = heights.iter().map(|&h| i64::from(h)).sum();
            #[allow(clippy::cast_precision_loss, reason = "small numbers")]
            let moved = place.moved(rows as f32 * ROW, ROW, 40, n_rows);
            prop_assert_eq!(flat(moved), (flat(place) + i64::from(rows)).clamp(0, total - 1));
        }
    }
}
