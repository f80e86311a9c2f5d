//! The log: a view over the capture that costs what is visible. A frame lays out and paints the rows
//! on screen and no others, at a hundred records or a hundred million.

mod cache;
pub mod layout;
pub mod scroll;
mod selection;

use egui::{
    Align2, Event, FontId, Galley, Key, Modifiers, Pos2, Rect, Response, Sense, Ui, Vec2, pos2, vec2,
};
use std::sync::Arc;

use self::cache::Cache;
use self::layout::{Config, Layout, Layouter, RowKind};
use self::scroll::Place;
pub use self::selection::{Point, Selection};
use super::lang::Lang;
use super::theme::Palette;
use crate::codec::glyph;
use crate::journal::Reader;
use crate::state::{Action, CopyOrder, Log, Shown, View};

/// What the log shows.
#[derive(Debug)]
pub struct LogInput<'a> {
    /// The index.
    pub log: &'a Log,
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
        }
    }
}

impl LogView {
    /// Selects everything.
    pub fn select_all(&mut self) {
        self.selection = Some(Selection::all());
    }

    /// What is selected, as an order to copy it.
    pub fn copy_order(&self, len: u64) -> Option<CopyOrder> {
        self.selection?.order(len)
    }
}

const BAR_WIDTH: f32 = 14.0;
const MARGIN: f32 = 8.0;
/// Without wrapping a row still ends somewhere: no text layout of a million cells.
const MOST_COLUMNS: usize = 4096;
/// Rows beyond the width are cut at so many cells for the sake of the toolkit's 32-bit positions.
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
        (view.place, view.follow) = (Place::default(), true);
        return actions;
    };
    let grid = grid(ui);
    let text_rect =
        Rect::from_min_max(rect.min + vec2(MARGIN, 4.0), rect.max - vec2(MARGIN + BAR_WIDTH, 4.0));
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
    let mut place = if view.follow { bottom } else { view.place };
    if place.at >= len {
        place = bottom;
    }
    let focused = response.has_focus();
    let go = scroll_input(ui, &response, &frame, focused);
    if let Some(go) = go {
        place = match go {
            Go::Points(points) => place.moved(points, frame.grid.row_height, len, &mut rows),
            Go::Start => Place::default(),
            Go::End => bottom,
        };
    }
    let bar = bar_ui(ui, input.lang, rect, place, bottom, len, palette);
    if let Some(at) = bar {
        place = Place { at, ..Place::default() };
    }
    let at_end = !place.is_before(&bottom);
    if at_end {
        place = bottom;
    }
    view.follow = at_end && (input.view.auto_scroll || matches!(go, Some(Go::End)));
    view.place = place;
    if !input.view.wrap {
        let across = if response.hovered() { ui.input(|i| i.smooth_scroll_delta().x) } else { 0.0 };
        #[expect(clippy::cast_precision_loss, reason = "4096 at most")]
        let widest = (MOST_COLUMNS as f32 * frame.grid.cell - text_rect.width()).max(0.0);
        view.across = (view.across - across).clamp(0.0, widest);
    } else {
        view.across = 0.0;
    }

    let painted = paint_rows(ui, &frame, &layouter, view);
    select(ui, &response, &frame, view, &painted);
    copy_input(ui, focused, view, len, &mut actions);
    context_menu(&response, input.lang, view, len, &mut actions);
    if !at_end {
        new_below_ui(ui, input.lang, text_rect, view);
    }
    actions
}

fn grid(ui: &Ui) -> Grid {
    let font = egui::TextStyle::Monospace.resolve(ui.style());
    let (row_height, cell) = ui.fonts_mut(|fonts| (fonts.row_height(&font), fonts.glyph_width(&font, '0')));
    // Galleys are rounded to whole points: rows must be, too, or they drift apart.
    Grid { row_height: (row_height + 1.0).round(), cell, font }
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

/// The scroll bar: over record numbers, in 64 bits. Answers with the record that it was moved to.
fn bar_ui(
    ui: &Ui,
    lang: Lang,
    rect: Rect,
    place: Place,
    bottom: Place,
    len: u64,
    palette: Palette,
) -> Option<u64> {
    let bar = Rect::from_min_max(pos2(rect.right() - BAR_WIDTH, rect.top()), rect.max).shrink(2.0);
    if bottom == Place::default() {
        return None;
    }
    let response = ui.interact(bar, ui.scope_id().with("log bar"), Sense::click_and_drag());
    #[expect(clippy::cast_precision_loss, reason = "a pixel is many records")]
    let (last, at) = ((bottom.at + 1) as f64, place.at as f64);
    response.widget_info(|| egui::WidgetInfo::slider(true, at, lang.log_position()));
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a share of 1")]
    let share = (((len - bottom.at) as f64 / len as f64) as f32).clamp(0.0, 1.0);
    let thumb_height = (bar.height() * share).max(28.0);
    let room = bar.height() - thumb_height;
    #[expect(clippy::cast_possible_truncation, reason = "a share of 1")]
    let part = ((at + f64::from(place.row.min(1)) * 0.5) / last).clamp(0.0, 1.0) as f32;
    let part = if place.is_before(&bottom) { part } else { 1.0 };
    let thumb =
        Rect::from_min_size(pos2(bar.left(), bar.top() + room * part), vec2(bar.width(), thumb_height));
    let fill = if response.hovered() || response.dragged() { palette.weak } else { palette.line };
    ui.painter().rect_filled(thumb.shrink2(vec2(2.0, 0.0)), 4.0, fill);
    let pointer = response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked())?;
    let part = f64::from(((pointer.y - bar.top() - thumb_height / 2.0) / room.max(1.0)).clamp(0.0, 1.0));
    if part >= 1.0 {
        return Some(len);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the last record"
    )]
    let at = (part * last) as u64;
    Some(at)
}

struct Painted {
    rect: Rect,
    at: u64,
    row: u32,
    galley: Arc<Galley>,
    layout: Arc<Layout>,
}

fn paint_rows(ui: &Ui, frame: &Frame<'_>, layouter: &Layouter<'_>, view: &mut LogView) -> Vec<Painted> {
    let shown = frame.input.shown;
    let painter = ui.painter().with_clip_rect(frame.rect.expand2(vec2(MARGIN / 2.0, 2.0)));
    let selected = view.selection.map(Selection::ordered);
    let mut painted = Vec::new();
    let mut y = frame.rect.top() - view.place.px;
    let (mut at, mut row) = (view.place.at, view.place.row);
    while y < frame.rect.bottom() && at < shown.len() {
        let layout = view.cache.get(layouter, shown, at);
        while row < layout.n_rows() && y < frame.rect.bottom() {
            let rect = Rect::from_min_size(
                pos2(frame.rect.left() - view.across, y),
                vec2(frame.rect.width() + view.across, frame.grid.row_height),
            );
            let kind = layout.rows[row as usize].kind;
            let text: String = layout.row(row).chars().map(seen).collect();
            let galley = painter.layout_no_wrap(text, frame.grid.font.clone(), colour(frame.palette, kind));
            if let Some((from, to)) = selected {
                let (start, end) = selection::cells(&layout, at, row, from, to, &galley);
                if end > start {
                    let marked =
                        Rect::from_x_y_ranges(rect.left() + start..=rect.left() + end, rect.y_range());
                    painter.rect_filled(marked, 2.0, frame.palette.selection);
                }
            }
            let middle = rect.top() + ((frame.grid.row_height - galley.size().y) / 2.0).round();
            painter.galley(pos2(rect.left(), middle), galley.clone(), frame.palette.text);
            if row + 1 == layout.n_rows() && !layout.pending.is_empty() {
                let pending = format!("⋯{}", crate::codec::hex::to_text(&layout.pending));
                let place = pos2(rect.left() + galley.size().x, middle);
                painter.text(place, Align2::LEFT_TOP, pending, frame.grid.font.clone(), frame.palette.weak);
            }
            // Painted text is invisible to screen readers and tests; this makes a row of it.
            let id = ui.scope_id().with(("row", painted.len()));
            let label = ui.interact(rect.intersect(frame.rect), id, Sense::empty());
            label.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, galley.text()));
            painted.push(Painted { rect, at, row, galley, layout: Arc::clone(&layout) });
            y += frame.grid.row_height;
            row += 1;
        }
        (at, row) = (at + 1, 0);
    }
    painted
}

/// What is drawn for a character: a control picture for what cannot be seen.
fn seen(c: char) -> char {
    if c == '\t' { c } else { glyph::visible(c) }
}

fn colour(palette: Palette, kind: RowKind) -> egui::Color32 {
    use crate::model::Direction;
    match kind {
        RowKind::Head(Direction::Received) => palette.received,
        RowKind::Head(Direction::Sent) => palette.sent,
        RowKind::Body(Direction::Received) => palette.received_body,
        RowKind::Body(Direction::Sent) => palette.sent_body,
        RowKind::Event => palette.event,
        RowKind::Failed => palette.failure,
    }
}

fn select(ui: &Ui, response: &Response, frame: &Frame<'_>, view: &mut LogView, painted: &[Painted]) {
    if response.hovered() {
        ui.set_cursor_icon(egui::CursorIcon::Text);
    }
    let Some(pointer) = response.interact_pointer_pos() else { return };
    let (pressed, shift) = ui.input(|i| (i.pointer.primary_pressed(), i.modifiers.shift));
    if pressed && response.contains_pointer() {
        response.request_focus();
        let point = point_at(frame, painted, pointer);
        view.selection = match view.selection {
            Some(selection) if shift => Some(Selection { head: point, ..selection }),
            Some(_) | None => Some(Selection { anchor: point, head: point }),
        };
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

fn copy_input(ui: &Ui, focused: bool, view: &mut LogView, len: u64, actions: &mut Vec<Action>) {
    if !focused {
        return;
    }
    let (copy, all, none, grow) = ui.input_mut(|i| {
        let copy = i.events.iter().any(|event| matches!(event, Event::Copy | Event::Cut));
        let all = i.consume_key(Modifiers::COMMAND, Key::A);
        let none =
            view.selection.is_some_and(|s| !s.is_empty()) && i.consume_key(Modifiers::NONE, Key::Escape);
        let mut grow = 0_i64;
        for (key, step) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1), (Key::PageDown, 20), (Key::PageUp, -20)]
        {
            if i.consume_key(Modifiers::SHIFT, key) {
                grow += step;
            }
        }
        (copy, all, none, grow)
    });
    if all {
        view.select_all();
    }
    if none {
        view.selection = None;
    }
    if grow != 0 {
        let selection = view.selection.get_or_insert(Selection::record(view.place.at));
        selection.grow(grow, len);
        let head = selection.head.at;
        if head < view.place.at || grow > 0 {
            view.follow = false;
            view.place =
                Place { at: head.min(view.place.at.max(head.saturating_sub(10))), ..Place::default() };
        }
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

fn new_below_ui(ui: &mut Ui, lang: Lang, rect: Rect, view: &mut LogView) {
    let size = Vec2::new(140.0, 28.0);
    let place = Rect::from_center_size(pos2(rect.center().x, rect.bottom() - 24.0), size);
    let button = egui::Button::new(format!("↓ {}", lang.new_below())).corner_radius(14.0);
    if ui.put(place, button).on_hover_text(lang.new_below_tip()).clicked() {
        view.follow = true;
    }
}
