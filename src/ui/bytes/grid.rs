//! Where the bytes stand: offset, hex digits in groups of eight, text. Counted in cells of the
//! monospaced grid. Pure; knows no toolkit.

/// One of the two panes in which a byte stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Pane {
    /// Its hex digits.
    #[default]
    Hex,
    /// Its text.
    Text,
}

/// The columns of a row of so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Columns {
    /// Bytes in a row: 4, 8, 16 or 32.
    pub(super) n: usize,
}

/// Eight digits of the offset and two blanks.
const HEX: usize = 10;

impl Columns {
    /// As many as fit into so many cells; 4 at least.
    pub(super) fn fitting(cells: usize) -> Self {
        let fits = |n: &usize| (Self { n: *n }).width() <= cells;
        Self { n: [32, 16, 8].into_iter().find(fits).unwrap_or(4) }
    }

    /// How many cells a row takes. A wide character may reach one cell beyond the last byte's.
    pub(super) fn width(self) -> usize {
        self.text(self.n) + 1
    }

    /// The cell in which the hex digits of byte `n` begin.
    pub(super) fn hex(n: usize) -> usize {
        HEX + n * 3 + n / 8
    }

    /// The cell in which the text of byte `n` stands.
    pub(super) fn text(self, n: usize) -> usize {
        Self::hex(self.n) + 1 + n
    }

    /// The cells that byte `n` takes in a pane: the first, and one after the last.
    pub(super) fn cells(self, pane: Pane, n: usize) -> (usize, usize) {
        match pane {
            Pane::Hex => (Self::hex(n), Self::hex(n) + 2),
            Pane::Text => (self.text(n), self.text(n) + 1),
        }
    }

    /// In which pane the cell at `x` lies, a number of cells from the left.
    pub(super) fn pane_at(self, x: f32) -> Pane {
        if x < as_cells(self.text(0)) - 1.0 { Pane::Hex } else { Pane::Text }
    }

    /// Which byte of a row is nearest to `x` in a pane.
    pub(super) fn nearest(self, pane: Pane, x: f32) -> usize {
        let past = |n: &usize| {
            let (_, end) = self.cells(pane, *n);
            // The gap behind a byte's digits belongs to it by half.
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
