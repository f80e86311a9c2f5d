//! Layout of a row: offset, hex digits in groups of eight, text, in cells of the monospaced grid. Pure; no
//! toolkit.

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Pane {
    #[default]
    Hex,
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Columns {
    /// Bytes per row: 4, 8, 16 or 32.
    pub(super) n: usize,
}

/// Eight digits of offset and two blanks.
const HEX: usize = 10;

impl Columns {
    pub(super) fn fitting(cells: usize) -> Self {
        let fits = |n: &usize| (Self { n: *n }).width() <= cells;
        Self { n: [32, 16, 8].into_iter().find(fits).unwrap_or(4) }
    }

    /// Width of a row in cells. A wide character may extend one cell past the last byte's.
    pub(super) fn width(self) -> usize {
        self.text(self.n) + 1
    }

    /// First cell of the hex digits of byte `n`.
    pub(super) fn hex(n: usize) -> usize {
        HEX + n * 3 + n / 8
    }

    /// Cell of the text of byte `n`.
    pub(super) fn text(self, n: usize) -> usize {
        Self::hex(self.n) + 1 + n
    }

    pub(super) fn cells(self, pane: Pane, n: usize) -> (usize, usize) {
        match pane {
            Pane::Hex => (Self::hex(n), Self::hex(n) + 2),
            Pane::Text => (self.text(n), self.text(n) + 1),
        }
    }

    /// The pane that contains `x`, in cells from the left.
    pub(super) fn pane_at(self, x: f32) -> Pane {
        if x < as_cells(self.text(0)) - 1.0 { Pane::Hex } else { Pane::Text }
    }

    /// The byte of a row nearest to `x` in a pane.
    pub(super) fn nearest(self, pane: Pane, x: f32) -> usize {
        let past = |n: &usize| {
            let (_, end) = self.cells(pane, *n);
            // Half of the gap after a byte's digits belongs to it.
            x < as_cells(end) + if pane == Pane::Hex { 0.5 } else { 0.0 }
        };
        (0..self.n).find(past).unwrap_or(self.n - 1)
    }
}

#[expect(clippy::cast_precision_loss, reason = "some hundred cells")]
pub(super) fn as_cells(n: usize) -> f32 {
    n as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_long_as_fits() {
        for (cells, n) in [(0, 4), (20, 4), (44, 4), (45, 8), (78, 16), (77, 8), (1000, 32)] {
            assert_eq!(Columns::fitting(cells).n, n, "{cells}");
        }
    }

    #[test]
    fn a_byte_is_found_where_it_stands_and_in_the_gaps_around_it() {
        for columns in [4, 8, 16, 32].map(|n| Columns { n }) {
            for pane in [Pane::Hex, Pane::Text] {
                for n in 0..columns.n {
                    let (start, end) = columns.cells(pane, n);
                    for x in [as_cells(start), as_cells(end) - 0.01] {
                        assert_eq!(columns.pane_at(x), pane, "{n} of {}", columns.n);
                        assert_eq!(columns.nearest(pane, x), n, "{n} of {}", columns.n);
                    }
                }
                assert_eq!(columns.nearest(pane, -5.0), 0);
                assert_eq!(columns.nearest(pane, 500.0), columns.n - 1);
            }
        }
        let columns = Columns { n: 16 };
        assert_eq!((Columns::hex(7), Columns::hex(8), columns.text(0), columns.width()), (31, 35, 61, 78));
    }
}
