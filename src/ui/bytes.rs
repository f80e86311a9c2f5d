//! The bytes of one item: offset, hex digits, text. A frame paints only the visible rows, whether the item
//! has a few bytes or 16 MiB.

mod cells;
mod grid;
mod input;
mod paint;

use std::ops::Range;

use egui::{Align2, Rect, Sense, Ui, pos2, vec2};

pub(super) use self::cells::characters;
use self::grid::{Columns, Pane};
use self::input::Where;
use self::paint::{Sheet, paint_rows};
use super::lang::Lang;
use super::log::bar;
use super::log::scroll::Place;
use super::messages;
use super::rows::{Grid, Room};
use super::span::Selection;
use super::theme::Palette;
use crate::codec::{Charset, CopyAs};

/// The items that are shown.
#[derive(Debug, Clone, Copy)]
pub struct BytesInput<'a> {
    /// Language of the texts.
    pub lang: Lang,
    /// Identifies the item. When it changes, the view scrolls to the start and the selection is cleared.
    pub item: u64,
    /// The item's bytes from the first on, perhaps not all.
    pub bytes: &'a [u8],
    /// Length of the item. If it exceeds `bytes`, the view says that it is cut.
    pub total: u64,
    /// The charset of the text.
    pub charset: Charset,
    /// Hits of the search, in order.
    pub hits: &'a [Range<usize>],
}

/// Scroll position and selection.
#[derive(Debug, Default)]
pub struct BytesView {
    place: Place,
    item: u64,
    selection: Option<Selection>,
    pane: Pane,
    reveal: bool,
    /// Bytes per row, the unit of `place`.
    per_row: usize,
}

impl BytesView {
    /// The selected bytes, if any.
    pub fn selected(&self) -> Option<Range<usize>> {
        let span = self.selection?.span();
        let (first, last) = (usize::try_from(span.first).ok()?, usize::try_from(span.last).ok()?);
        Some(first..last.checked_add(1)?)
    }

    /// Selects bytes and scrolls to them in the next frame. `item` is [`BytesInput::item`].
    pub fn select(&mut self, item: u64, bytes: Range<usize>) {
        self.item = item;
        self.selection = (!bytes.is_empty())
            .then(|| Selection { anchor: bytes.start as u64, head: (bytes.end - 1) as u64 });
        self.reveal = true;
    }

    /// What Ctrl+C copies: hex or text, as the pane with the cursor shows it.
    fn pane_copy(&self) -> CopyAs {
        match self.pane {
            Pane::Hex => CopyAs::Hex,
            Pane::Text => CopyAs::Text,
        }
    }
}

/// What the user asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BytesAnswer {
    /// Copy this range of [`BytesInput::bytes`].
    Copy(CopyAs, Range<usize>),
}

/// Shows the bytes in all available space.
pub fn bytes_ui(ui: &mut Ui, input: &BytesInput<'_>, view: &mut BytesView) -> Vec<BytesAnswer> {
    let mut answers = Vec::new();
    let lang = input.lang;
    let palette = Palette::of(ui);
    let grid = Grid::of(ui);
    let outer = ui.available_rect_before_wrap();
    let response = ui.allocate_rect(outer, Sense::click_and_drag());
    ui.painter().rect_filled(outer, 6.0, palette.paper);
    let len = input.bytes.len() as u64;
    let inner = outer.shrink2(vec2(MARGIN, 4.0));
    let mut rect = Rect::from_min_max(inner.min, pos2(outer.right() - bar::WIDTH, inner.bottom()));
    if input.total > len {
        let line = grid.row_height;
        rect.max.y -= line;
        let text = lang.only_first(messages::bytes(len), messages::bytes(input.total));
        let at = pos2(rect.left(), rect.bottom() + line / 2.0);
        ui.painter().text(at, Align2::LEFT_CENTER, text, grid.font.clone(), palette.care);
    }
    let columns = columns(&grid, rect);
    let rows = len.div_ceil(columns.n as u64);
    let room = Room { rect, row_height: grid.row_height, len: rows };
    let at = Where { room, columns, len, cell: grid.cell };

    if view.item != input.item {
        *view = BytesView { item: input.item, pane: view.pane, ..BytesView::default() };
    }
    view.selection = view.selection.and_then(|selection| selection.within(len));
    let shown = view.place;
    view.place = place(ui, &response, (lang.bytes_position(), outer), at, view);
    // When the row length changes, rows move, so the old scroll position does not apply to the press.
    let shown = if view.per_row == columns.n { shown } else { view.place };
    view.per_row = columns.n;
    input::keys(ui, &response, at, view, &mut answers);
    input::pointer(ui, &response, at, shown, view);
    input::menu_ui(ui, lang, &response, at, (view, &mut answers));
    response.widget_info(|| {
        let said = view.selected().map_or_else(String::new, |range| messages::byte_range(lang, &range));
        let labeled = egui::WidgetInfo::labeled(egui::Role::Document, true, lang.bytes());
        egui::WidgetInfo { current_text_value: Some(said), ..labeled }
    });
    if response.hovered() {
        ui.set_cursor_icon(egui::CursorIcon::Text);
    }
    let sheet = Sheet {
        bytes: input.bytes,
        charset: input.charset,
        hits: input.hits,
        grid: &grid,
        palette,
        place: view.place,
        at,
        selection: view.selection,
        focus: response.has_focus().then_some(view.pane),
    };
    paint_rows(ui, &sheet);
    if len == 0 {
        let font = egui::FontId::proportional(13.0);
        ui.painter().text(outer.center(), Align2::CENTER_CENTER, lang.no_bytes(), font, palette.weak);
    }
    answers
}

const MARGIN: f32 = 8.0;

fn columns(grid: &Grid, rect: Rect) -> Columns {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred at most")]
    let cells = (rect.width() / grid.cell).floor().max(0.0) as usize;
    Columns::fitting(cells)
}

/// Scroll position of this frame, before the keyboard moves the cursor.
fn place(
    ui: &Ui,
    response: &egui::Response,
    (name, outer): (&str, Rect),
    at: Where,
    view: &mut BytesView,
) -> Place {
    let room = at.room;
    let mut start = view.place;
    if view.per_row != at.columns.n {
        // Keeps the same bytes at the top when the row length changes.
        let byte = start.at.saturating_mul(view.per_row as u64);
        start = Place { at: at.row_of(byte), ..Place::default() };
    }
    start = room.within(start);
    if std::mem::take(&mut view.reveal)
        && let Some(selection) = view.selection
    {
        start = room.revealed(start, at.row_of(selection.anchor));
    }
    let place = room.scrolled(ui, response, start);
    room.bar_ui(ui, (name, &[]), outer, place)
}
