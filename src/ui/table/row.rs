//! A row of the table as text, and its source.

use std::ops::Range;

use egui::Ui;

use super::Column;
use crate::codec::glyph;

/// The rows of a table, made on demand.
pub trait Rows {
    /// Number of rows.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Changes whenever an existing row may read differently: another filter, charset, language or search.
    /// New rows at the end do not change it.
    fn revision(&self) -> u64;

    /// Adds entries to the context menu for the row at this position, the one with the cursor.
    fn menu_ui(&mut self, _ui: &mut Ui, _at: u64) {}

    /// The row at this position. Called once while the row is visible, but again for a
    /// [`Failed`](RowKind::Failed) one.
    fn row(&mut self, at: u64) -> RowText;
}

/// Kind of the item; decides the colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum RowKind {
    /// It was received.
    #[default]
    Received,
    /// It was sent.
    Sent,
    /// An event.
    Event,
    /// A failed read; the preview says why.
    Failed,
}

/// A row, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowText {
    /// Kind of the item.
    pub kind: RowKind,
    /// It is highlighted.
    pub is_highlighted: bool,
    /// The item's number.
    pub number: String,
    /// Its time; of a message, that of its first byte.
    pub time: String,
    /// The time of its last byte; empty if it is the same.
    pub last: String,
    /// Time since the item before.
    pub delta: String,
    /// The peer; empty if none.
    pub peer: String,
    /// Received or sent.
    pub direction: String,
    /// What a WebSocket has carried it as, with its fragments.
    pub opcode: String,
    /// Length in bytes.
    pub length: String,
    /// Start of the data, or the text of an event. A few hundred characters suffice; control characters need
    /// not be replaced.
    pub preview: String,
    /// Hits of the search, as bytes of `preview`.
    pub hits: Vec<Range<usize>>,
    /// The current one of `hits`.
    pub hit_now: Option<usize>,
}

impl RowText {
    pub(super) fn cell(&self, column: Column) -> (&str, &[Range<usize>]) {
        match column {
            Column::Number => (&self.number, &[]),
            Column::Time => (&self.time, &[]),
            Column::Last => (&self.last, &[]),
            Column::Delta => (&self.delta, &[]),
            Column::Peer => (&self.peer, &[]),
            Column::Direction => (&self.direction, &[]),
            Column::Opcode => (&self.opcode, &[]),
            Column::Length => (&self.length, &[]),
            Column::Preview => (&self.preview, &self.hits),
        }
    }

    /// The whole row as one line with control pictures, for screen readers and copying.
    pub fn spoken(&self) -> String {
        let cells = Column::ALL.map(|column| self.cell(column).0);
        let cells: Vec<&str> = cells.into_iter().filter(|cell| !cell.is_empty()).collect();
        cells.join("  ").chars().map(glyph::visible).collect()
    }
}
