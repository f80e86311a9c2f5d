//! The table: one row per item, with number, time, peer, direction, length and the start of the data. A frame
//! asks only for visible rows that it does not have yet, whether there are a hundred items or a hundred
//! million. Rows are text supplied by the caller.

mod cells;
mod columns;
mod input;
mod paint;
mod row;

use std::collections::HashMap;

use egui::{Rect, Response, Sense, Ui, pos2, vec2};

pub use self::columns::{Column, Extra, Widths};
use self::paint::{Sheet, paint_rows};
pub use self::row::{RowKind, RowText, Rows};
use super::lang::Lang;
use super::log::bar;
use super::log::scroll::{Place, Sight};
use super::rows::{Grid, Room};
use super::span::Selection;
pub use super::span::Span;
use super::theme::Palette;
use crate::codec::CopyAs;

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableAnswer {
    /// The selection has changed. The cursor is [`TableView::cursor`].
    Selected(Span),
    /// Enter or a double click: open this row.
    Opened(u64),
    /// Copy these rows as they are shown.
    Copy(Span),
    /// Copy the bytes of these rows.
    CopyAs(CopyAs, Span),
    /// Save these rows to a file.
    Save(Span),
}

/// Input of the table besides its rows.
#[derive(Debug, Clone, Copy)]
pub struct TableInput<'a> {
    /// Language of the texts.
    pub lang: Lang,
    /// Changes whenever positions refer to other items than before; the selection is then cleared.
    pub serial: u64,
    /// Hits as fractions of the whole, for the scroll bar.
    pub found: &'a [f32],
    /// What is shown besides.
    pub extra: Extra,
    /// Follow new rows while the end is visible.
    pub auto_scroll: bool,
    /// Texts of an empty table: what is missing, and what to do.
    pub empty: (&'a str, &'a str),
}

/// Scroll position, selection and column widths.
#[derive(Debug, Default)]
pub struct TableView {
    /// Widths of the columns, remembered with the view.
    pub widths: Widths,
    place: Place,
    /// The user has scrolled away from the end; otherwise the table follows it.
    away: bool,
    /// Whether auto-scroll was off in the last frame.
    was_held: bool,
    across: f32,
    /// Of the rows, in the last frame.
    height: f32,
    selection: Option<Selection>,
    reveal: Option<u64>,
    pub(crate) wants_keyboard: bool,
    /// The rows that were visible, and their revision.
    cache: HashMap<u64, RowText>,
    revision: u64,
    serial: u64,
}

impl TableView {
    /// Selects one row and scrolls to it, e.g. a hit of a search.
    pub fn select(&mut self, at: u64) {
        self.selection = Some(Selection::one(at));
        self.reveal(at);
    }

    /// Scrolls to a row in the next frame.
    pub fn reveal(&mut self, at: u64) {
        self.reveal = Some(at);
        self.away = true;
    }

    /// The selected rows.
    pub fn selected(&self) -> Option<Span> {
        self.selection.map(Selection::span)
    }

    /// The row with the cursor: the one selected last.
    pub fn cursor(&self) -> Option<u64> {
        self.selection.map(|selection| selection.head)
    }

    /// The row with the cursor, or the topmost visible one: what another view should show.
    pub fn position(&self) -> u64 {
        self.cursor().unwrap_or(self.place.at)
    }

    /// Clears the selection if positions refer to other rows than before (`serial` has changed).
    pub fn renew(&mut self, serial: u64) {
        if std::mem::replace(&mut self.serial, serial) != serial {
            self.selection = None;
            self.cache.clear();
        }
    }

    /// Follows what is in sight when the first `by` rows are removed.
    pub(crate) fn shift(&mut self, by: u64) {
        self.place.at = self.place.at.saturating_sub(by);
        self.selection = self.selection.filter(|selection| selection.span().last >= by).map(|selection| {
            let Selection { anchor, head } = selection;
            Selection { anchor: anchor.saturating_sub(by), head: head.saturating_sub(by) }
        });
        self.cache.clear();
    }

    pub(crate) fn sight(&self, serial: u64) -> Option<Sight> {
        let selected = self.cursor().filter(|at| self.cache.contains_key(at));
        let top = self.away.then_some(self.place.at);
        (self.serial == serial).then_some(Sight { top, selected })
    }

    pub(crate) fn show(&mut self, sight: Sight) {
        if let Some(at) = sight.selected {
            self.selection = Some(Selection::one(at));
        }
        self.reveal = sight.selected.filter(|_| sight.top.is_some());
        self.away = sight.top.is_some();
        if let Some(at) = sight.top {
            self.place = Place { at, ..Place::default() };
        }
    }

    /// Whether the table follows new rows at the end.
    pub fn follows(&self) -> bool {
        !self.away
    }
}

/// Shows the table in all available space.
pub fn table_ui(
    ui: &mut Ui,
    input: &TableInput<'_>,
    rows: &mut dyn Rows,
    view: &mut TableView,
) -> Vec<TableAnswer> {
    let mut answers = Vec::new();
    let lang = input.lang;
    let palette = Palette::of(ui);
    let grid = Grid::of(ui);
    let outer = ui.available_rect_before_wrap();
    let response = ui.allocate_rect(outer, Sense::click_and_drag());
    if std::mem::take(&mut view.wants_keyboard) {
        response.request_focus();
    }
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Table, true, lang.table()));
    ui.painter().rect_filled(outer, 6.0, palette.paper);
    let inner = outer.shrink2(vec2(2.0, 2.0));
    let (head, below) = inner.split_top_bottom_at_y(inner.top() + grid.row_height + 4.0);
    let rect = Rect::from_min_max(below.min, pos2(below.right() - bar::WIDTH, below.bottom()));
    let room = Room { rect, row_height: grid.row_height, len: rows.len() };

    view.renew(input.serial);
    let (before, shown) = (view.selection, view.place);
    view.selection = view.selection.and_then(|selection| selection.within(room.len));
    view.place = place(ui, input, &response, (room, below), view);
    input::keys(ui, &response, room, view, &mut answers);
    input::pointer(ui, &response, (room, shown), view, &mut answers);
    input::menu_ui(ui, lang, &response, (room, rows), (view, &mut answers));
    if let Some(selection) = view.selection.filter(|_| view.selection != before) {
        answers.push(TableAnswer::Selected(selection.span()));
    }

    fetch(rows, room, view);
    let head = Rect::from_x_y_ranges(rect.x_range(), head.y_range());
    let widest = view.widths.spans(rect.width(), input.extra).last().map_or(0.0, |(_, right)| *right);
    view.across = bar::across(ui, &response, view.across, widest - rect.width());
    columns::head_ui(ui, lang, head, (view.across, input.extra), &mut view.widths);
    let sheet = Sheet {
        grid: &grid,
        room,
        palette,
        widths: &view.widths,
        extra: input.extra,
        across: view.across,
        place: view.place,
        selection: view.selection,
        focused: response.has_focus(),
    };
    paint_rows(ui, &sheet, |at| view.cache.get(&at));
    if room.len == 0 {
        bar::empty_ui(ui, input.empty, rect);
    }
    answers
}

/// Scroll position of this frame, before the keyboard moves the cursor.
fn place(
    ui: &Ui,
    input: &TableInput<'_>,
    response: &Response,
    (room, below): (Room, Rect),
    view: &mut TableView,
) -> Place {
    let bottom = room.bottom();
    if !input.auto_scroll {
        view.away = true;
    } else if view.was_held || room.len == 0 {
        // Auto-scroll was just turned on, or everything is new.
        view.away = false;
    }
    view.was_held = !input.auto_scroll;
    let start = if view.away { room.within(view.place) } else { bottom };
    let start = match view.reveal.take() {
        Some(at) if room.len > 0 => room.revealed(start, at.min(room.len - 1)),
        Some(_) | None => start,
    };
    // What is selected stays in sight when there is less room.
    let had_more = std::mem::replace(&mut view.height, room.rect.height()) > room.rect.height() + 0.5;
    let cursor = view.cursor().filter(|at| had_more && view.away && view.cache.contains_key(at));
    let start = cursor.map_or(start, |at| room.in_sight(start, at));
    let place = room.scrolled(ui, response, start);
    let place = room.bar_ui(ui, (input.lang.table_position(), input.found), below, place);
    if place != start {
        view.away = place.is_before(&bottom);
    }
    place
}

fn fetch(rows: &mut dyn Rows, room: Room, view: &mut TableView) {
    if view.revision != rows.revision() {
        view.revision = rows.revision();
        view.cache.clear();
    }
    let mut had = std::mem::take(&mut view.cache);
    had.retain(|_, row| row.kind != RowKind::Failed);
    let in_sight = room.rows(view.place).map(|(at, _)| at);
    view.cache = in_sight.map(|at| (at, had.remove(&at).unwrap_or_else(|| rows.row(at)))).collect();
}
