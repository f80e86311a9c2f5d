//! The log: a view over the capture that costs what is visible. A frame lays out and paints the rows
//! on screen and no others, at a hundred records or a hundred million.

pub(super) mod bar;
mod cache;
pub mod layout;
mod paint;
pub mod scroll;
mod selection;

use egui::{Align2, Event, FontId, Key, Modifiers, Pos2, Rect, Response, Sense, Ui, pos2, vec2};

use self::bar::{Bar, Extent, bar_ui};
use self::cache::Cache;
use self::layout::{Config, Layouter};
use self::paint::{Painted, paint_rows};
use self::scroll::Place;
pub use self::selection::{Point, Selection};
use super::lang::Lang;
use super::messages;
use super::theme::Palette;
use crate::journal::Reader;
use crate::model::Index;
use crate::state::{Action, CopyOrder, Shown, View};

/// What the log shows.
#[derive(Debug)]
pub struct LogInput<'a> {
    /// The index.
    pub log: &'a Index,
    /// Which of it is shown.
    pub shown: &'a Shown,
    /// The capture, once there is one.
    pub reader: Option<&'a Reader>,
    /// How to show it.
    pub view: View,
    /// In which language.
    pub lang: Lang,
    /// In which time zone.
    pub zone: &'a jiff::tz::TimeZone,
    /// Something is hidden by Clear.
    pub cleared: bool,
}

/// Where the log is scrolled to, what is selected, and the rows laid out lately.
#[derive(Debug)]
pub struct LogView {
    place: Place,
    follow: bool,
    across: f32,
    selection: Option<Selection>,
    cache: Cache,
    shown_key: (u64, bool),
    fills: bool,
    /// How many records were shown when the end was last in sight.
    seen: u64,
}

impl Default for LogView {
    fn default() -> Self {
        Self {
            place: Place::default(),
            follow: true,
            across: 0.0,
            selection: None,
            cache: Cache::default(),
            shown_key: (0, false),
            fills: false,
            seen: 0,
        }
    }
}

impl LogView {
    /// Whether there are more rows than room.
    pub fn fills(&self) -> bool {
        self.fills
    }

    /// Selects everything.
    pub fn select_all(&mut self) {
        self.selection = Some(Selection::all());
    }

    /// What is selected, as an order to copy it.
    pub fn copy_order(&self, len: u64) -> Option<CopyOrder> {
        self.selection?.order(len)
    }
}

const MARGIN: f32 = 8.0;
/// Without wrapping a row still ends somewhere: no text layout of a million cells.
const MOST_COLUMNS: usize = 4096;
/// With wrapping, a row has at least so many cells, however narrow the view.
const LEAST_COLUMNS: usize = 16;

struct Grid {
    font: FontId,
    row_height: f32,
    cell: f32,
}

struct Frame<'a> {
    input: &'a LogInput<'a>,
    grid: Grid,
    config: Config,
    rect: Rect,
    palette: Palette,
}

/// Shows the log in all the room there is.
pub fn log_ui(ui: &mut Ui, input: &LogInput<'_>, view: &mut LogView) -> Vec<Action> {
    let mut actions = Vec::new();
    let rect = ui.available_rect_before_wrap();
    let response = ui.allocate_rect(rect, Sense::click_and_drag());
    let palette = Palette::of(ui);
    ui.painter().rect_filled(rect, 6.0, palette.paper);
    let name = input.lang.log();
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Log, true, name));
    let len = input.shown.len();
    let Some(reader) = input.reader.filter(|_| len > 0) else {
        empty_ui(ui, input, rect, palette);
        view.cache.clear();
        view.selection = None;
        (view.place, view.follow, view.fills) = (Place::default(), true, false);
        return actions;
    };
    let grid = grid(ui);
    let text_rect =
        Rect::from_min_max(rect.min + vec2(MARGIN, 4.0), rect.max - vec2(MARGIN + bar::WIDTH, 4.0));
    let frame =
        Frame { input, config: config(input, &grid, text_rect.width()), grid, rect: text_rect, palette };
    let shown_key = (input.shown.record(0).unwrap_or(0), input.view.hide_received);
    if view.shown_key != shown_key {
        view.shown_key = shown_key;
        view.selection = None;
    }
    view.cache.prepare(&frame.config);
    let layouter = Layouter { config: &frame.config, log: input.log, reader };
    let mut rows = |at: u64| view.cache.get(&layouter, input.shown, at).n_rows();

    // Where the end is, and where the user went.
    let bottom = Place::bottom(text_rect.height(), frame.grid.row_height, len, &mut rows);
    view.fills = bottom != Place::default();
    let mut place = if view.follow { bottom } else { view.place };
    if place.at >= len {
        place = bottom;
    }
    let focused = response.has_focus();
    if focused && let Some(records) = grow_input(ui) {
        let selection = view.selection.get_or_insert(Selection::record(place.at));
        selection.grow(records, len);
        place = in_sight(place, selection.head.at, &frame, &mut rows);
    }
    let go = scroll_input(ui, &response, &frame, focused);
    if let Some(go) = go {
        place = match go {
            Go::Points(points) => place.moved(points, frame.grid.row_height, len, &mut rows),
            Go::Start => Place::default(),
            Go::End => bottom,
        };
    }
    let mut whole = |place: Place| share_of(place, rows(place.at));
    let extent = Extent { at: whole(place), most: whole(bottom), len: as_f64(len) };
    let bar = Bar { name: input.lang.log_position(), rect, extent, marks: &[] };
    if let Some(to) = bar_ui(ui, &bar) {
        place = if to >= extent.most { bottom } else { place_of(to, &mut rows) };
    }
    let at_end = !place.is_before(&bottom);
    if at_end {
        place = bottom;
        view.seen = len;
    }
    view.follow = at_end && (input.view.auto_scroll || matches!(go, Some(Go::End)));
    view.place = place;
    view.across = if input.view.wrap { 0.0 } else { across(ui, &response, &frame, view.across) };

    let painted = paint_rows(ui, &frame, &layouter, view);
    select(ui, &response, &frame, view, &painted);
    copy_input(ui, focused, view, len, &mut actions);
    context_menu(&response, input.lang, view, len, &mut actions);
    if !at_end {
        below_ui(ui, input.lang, text_rect, view, len);
    }
    actions
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 records")]
fn as_f64(n: u64) -> f64 {
    n as f64
}

/// A place as a number of records, with the rows of the last one as its fraction.
fn share_of(place: Place, n_rows: u32) -> f64 {
    as_f64(place.at) + f64::from(place.row) / f64::from(n_rows.max(1))
}

/// The place that [`share_of`] gives as `share`.
fn place_of(share: f64, n_rows: impl FnOnce(u64) -> u32) -> Place {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the last record")]
    let at = share as u64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of the rows")]
    let row = (share.fract() * f64::from(n_rows(at))) as u32;
    Place { at, row, px: 0.0 }
}

fn grid(ui: &Ui) -> Grid {
    let font = egui::TextStyle::Monospace.resolve(ui.style());
    let (row_height, cell) = ui.fonts_mut(|fonts| (fonts.row_height(&font), fonts.glyph_width(&font, '0')));
    // Galleys are rounded to whole points: rows must be, too, or they drift apart.
    Grid { row_height: (row_height + 2.0).round(), cell, font }
}

fn config(input: &LogInput<'_>, grid: &Grid, width: f32) -> Config {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what is sensible"
    )]
    let fit = (width / grid.cell).floor().clamp(0.0, 4096.0) as usize;
    Config {
        body: input.view.body,
        charset: input.view.charset,
        log_mode: input.view.log_mode,
        columns: if input.view.wrap { fit.max(LEAST_COLUMNS) } else { MOST_COLUMNS },
        lang: input.lang,
        zone: input.zone.clone(),
    }
}

fn empty_ui(ui: &Ui, input: &LogInput<'_>, rect: Rect, palette: Palette) {
    let lang = input.lang;
    let (title, hint) = if input.cleared {
        (lang.log_cleared(), lang.undo_clear_tip())
    } else if input.log.is_empty() {
        (lang.log_empty(), lang.log_empty_hint())
    } else {
        (lang.log_hidden(), lang.hide_received_tip())
    };
    let painter = ui.painter().with_clip_rect(rect);
    let middle = rect.center() - vec2(0.0, 12.0);
    painter.text(middle, Align2::CENTER_CENTER, title, FontId::proportional(16.0), palette.weak);
    painter.text(
        middle + vec2(0.0, 26.0),
        Align2::CENTER_CENTER,
        hint,
        FontId::proportional(13.0),
        palette.weak,
    );
}

#[derive(Debug, Clone, Copy)]
enum Go {
    Points(f32),
    Start,
    End,
}

fn scroll_input(ui: &Ui, response: &Response, frame: &Frame<'_>, focused: bool) -> Option<Go> {
    let page = (frame.rect.height() / frame.grid.row_height - 1.0).floor().max(1.0) * frame.grid.row_height;
    if response.contains_pointer() {
        let wheel = ui.input(|i| i.smooth_scroll_delta().y);
        if wheel != 0.0 {
            return Some(Go::Points(-wheel));
        }
    }
    if let (true, Some(pointer)) = (response.dragged(), response.interact_pointer_pos()) {
        // Selecting beyond the edge scrolls on, the faster the further away.
        let beyond = (pointer.y - frame.rect.bottom()).max(0.0) - (frame.rect.top() - pointer.y).max(0.0);
        if beyond != 0.0 {
            ui.request_repaint();
            return Some(Go::Points((beyond / 4.0).clamp(-page, page)));
        }
    }
    if !focused {
        return None;
    }
    ui.memory_mut(|memory| {
        let filter = egui::EventFilter { vertical_arrows: true, ..egui::EventFilter::default() };
        memory.set_focus_lock_filter(response.id, filter);
    });
    ui.input_mut(|i| {
        let mut pressed = |key| i.consume_key(Modifiers::NONE, key);
        if pressed(Key::PageDown) {
            Some(Go::Points(page))
        } else if pressed(Key::PageUp) {
            Some(Go::Points(-page))
        } else if pressed(Key::ArrowDown) {
            Some(Go::Points(frame.grid.row_height))
        } else if pressed(Key::ArrowUp) {
            Some(Go::Points(-frame.grid.row_height))
        } else if pressed(Key::Home) {
            Some(Go::Start)
        } else if pressed(Key::End) {
            Some(Go::End)
        } else {
            None
        }
    })
}

/// How far long rows are moved sideways.
fn across(ui: &Ui, response: &Response, frame: &Frame<'_>, across: f32) -> f32 {
    let wheel = if response.hovered() { ui.input(|i| i.smooth_scroll_delta().x) } else { 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "4096 at most")]
    let widest = MOST_COLUMNS as f32 * frame.grid.cell - frame.rect.width();
    (across - wheel).clamp(0.0, widest.max(0.0))
}

fn select(ui: &Ui, response: &Response, frame: &Frame<'_>, view: &mut LogView, painted: &[Painted]) {
    if response.hovered() {
        ui.set_cursor_icon(egui::CursorIcon::Text);
    }
    let Some(pointer) = response.interact_pointer_pos() else { return };
    let (pressed, shift) = ui.input(|i| (i.pointer.primary_pressed(), i.modifiers.shift));
    // A fast hand has moved on before this frame: the selection begins where the button went down. A
    // faster one has let go of it, too, and then only the click tells where that was.
    let origin = ui.input(|i| i.pointer.press_origin()).or(response.clicked().then_some(pointer));
    let origin = origin.filter(|&at| pressed && response.rect.contains(at));
    if let Some(origin) = origin {
        response.request_focus();
        let head = point_at(frame, painted, pointer);
        let anchor = match view.selection {
            Some(selection) if shift => selection.anchor,
            Some(_) | None => point_at(frame, painted, origin),
        };
        view.selection = Some(Selection { anchor, head });
    } else if response.dragged_by(egui::PointerButton::Primary)
        && let Some(selection) = &mut view.selection
    {
        selection.head = point_at(frame, painted, pointer);
        view.follow = false;
    }
    if response.double_clicked() {
        // The whole record: its data, not the head line alone.
        let point = point_at(frame, painted, pointer);
        view.selection =
            Some(Selection { anchor: Point { byte: 0, ..point }, head: Point { byte: u32::MAX, ..point } });
    }
}

fn point_at(frame: &Frame<'_>, painted: &[Painted], pointer: Pos2) -> Point {
    let Some(first) = painted.first() else { return Point::default() };
    if pointer.y < first.rect.top() {
        return selection::start_of(&first.layout, first.at, first.row);
    }
    let row = painted.iter().rfind(|row| row.rect.top() <= pointer.y).unwrap_or(first);
    if pointer.y > frame.rect.bottom().max(row.rect.bottom()) || pointer.y > row.rect.bottom() {
        return selection::end_of(&row.layout, row.at, row.row);
    }
    let cursor = row.galley.cursor_from_pos(vec2(pointer.x - row.rect.left(), row.galley.size().y / 2.0));
    selection::at_char(&row.layout, row.at, row.row, cursor.index.0)
}

/// By how many records the keyboard lets the selection grow, downwards if positive.
fn grow_input(ui: &Ui) -> Option<i64> {
    let keys = [(Key::ArrowDown, 1), (Key::ArrowUp, -1), (Key::PageDown, PAGE), (Key::PageUp, -PAGE)];
    ui.input_mut(|i| {
        // With Shift held, these keys must not reach those that scroll: egui would take Shift+↓ for ↓.
        let pressed = keys.iter().filter(|(key, _)| i.consume_key(Modifiers::SHIFT, *key));
        pressed.map(|(_, records)| *records).reduce(|sum, records| sum + records)
    })
}

/// How many records Shift+PgDn selects.
const PAGE: i64 = 20;

/// `place`, moved only so far that the end of the record at `at` is in the view.
fn in_sight(place: Place, at: u64, frame: &Frame<'_>, mut rows: impl FnMut(u64) -> u32) -> Place {
    if at < place.at {
        return Place { at, ..Place::default() };
    }
    // The place from which the record is the last in the view.
    let lowest = Place::bottom(frame.rect.height(), frame.grid.row_height, at + 1, &mut rows);
    if place.is_before(&lowest) { lowest } else { place }
}

fn copy_input(ui: &Ui, focused: bool, view: &mut LogView, len: u64, actions: &mut Vec<Action>) {
    if !focused {
        return;
    }
    let (copy, all, none) = ui.input_mut(|i| {
        let copy = i.events.iter().any(|event| matches!(event, Event::Copy | Event::Cut));
        let all = i.consume_key(Modifiers::COMMAND, Key::A);
        let none =
            view.selection.is_some_and(|s| !s.is_empty()) && i.consume_key(Modifiers::NONE, Key::Escape);
        (copy, all, none)
    });
    if all {
        view.select_all();
    }
    if none {
        view.selection = None;
    }
    if copy && let Some(order) = view.copy_order(len) {
        actions.push(Action::Copy(order));
    }
}

fn context_menu(response: &Response, lang: Lang, view: &mut LogView, len: u64, actions: &mut Vec<Action>) {
    response.context_menu(|ui| {
        let order = view.copy_order(len);
        let copy = egui::Button::new(lang.copy()).shortcut_text("Ctrl+C");
        if ui.add_enabled(order.is_some(), copy).on_hover_text(lang.copy_tip()).clicked() {
            actions.extend(order.map(Action::Copy));
            ui.close();
        }
        let all = egui::Button::new(lang.select_all()).shortcut_text("Ctrl+A");
        if ui.add(all).on_hover_text(lang.select_all_tip()).clicked() {
            view.select_all();
            response.request_focus();
            ui.close();
        }
        if ui.button(lang.clear()).on_hover_text(lang.clear_tip()).clicked() {
            actions.push(Action::Clear);
            ui.close();
        }
    });
}

/// The button that goes back to the end; it says whether something came meanwhile.
fn below_ui(ui: &mut Ui, lang: Lang, rect: Rect, view: &mut LogView, len: u64) {
    let n_new = len.saturating_sub(view.seen);
    let text = if n_new > 0 {
        format!("↓ {} ({})", lang.new_below(), messages::grouped(n_new))
    } else {
        format!("↓ {}", lang.to_end())
    };
    let size = vec2(200.0, 28.0);
    let place = Rect::from_center_size(pos2(rect.center().x, rect.bottom() - 24.0), size);
    let button = egui::Button::new(text).corner_radius(14.0);
    if ui.put(place, button).on_hover_text(lang.new_below_tip()).clicked() {
        view.follow = true;
    }
}
