//! A row of the table as text, and who gives it.

use std::ops::Range;

use egui::Ui;

use super::Column;
use crate::codec::glyph;

/// The rows of a table, made when they are asked for.
pub trait Rows {
    /// How many there are.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Another number whenever a row that was given before may read differently now: another filter,
    /// charset, language, search. New rows at the end need none.
    fn revision(&self) -> u64;

    /// Adds entries to the context menu for the row at this position, the one with the cursor.
    fn menu_ui(&mut self, _ui: &mut Ui, _at: u64) {}

    /// The row at this position. What a row costs is paid once while it is in sight; one that is
    /// [`Failed`](RowKind::Failed) is asked for again.
    fn row(&mut self, at: u64) -> RowText;
}

/// What kind of item a row is. It chooses the colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum RowKind {
    /// It was received.
    #[default]
    Received,
    /// It was sent.
    Sent,
    /// No data: something happened.
    Event,
    /// It could not be read; the preview says why.
    Failed,
}

/// A row, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowText {
    /// What kind of item it is.
    pub kind: RowKind,
    /// It stands out among the others.
    pub is_highlighted: bool,
    /// The item's number.
    pub number: String,
    /// When it was.
    pub time: String,
    /// How long after the item before.
    pub delta: String,
    /// With whom; empty if with nobody.
    pub peer: String,
    /// Received or sent.
    pub direction: String,
    /// How many bytes.
    pub length: String,
    /// The beginning of its data, or an event's words. Some hundred characters are enough; controls
    /// need not be replaced.
    pub preview: String,
    /// Which bytes of `preview` a search has found.
    pub hits: Vec<Range<usize>>,
    /// Which of `hits` the user went to last.
    pub hit_now: Option<usize>,
}

impl RowText {
    pub(super) fn cell(&self, column: Column) -> (&str, &[Range<usize>]) {
        match column {
            Column::Number => (&self.number, &[]),
            Column::Time => (&self.time, &[]),
            Column::Delta => (&self.delta, &[]),
            Column::Peer => (&self.peer, &[]),
            Column::Direction => (&self.direction, &[]),
            Column::Length => (&self.length, &[]),
            Column::Preview => (&self.preview, &self.hits),
        }
    }

    /// The whole row in one line, controls as pictures: for those who hear it, and to be copied.
    pub fn spoken(&self) -> String {
        let cells = Column::ALL.map(|column| self.cell(column).0);
        let cells: Vec<&str> = cells.into_iter().filter(|cell| !cell.is_empty()).collect();
        cells.join("  ").chars().map(glyph::visible).collect()
    }
}
