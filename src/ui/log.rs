//! The log: a view over the capture that costs what is visible. A frame lays out and paints the rows
//! on screen and no others, at a hundred records or a hundred million.

pub(super) mod bar;
mod cache;
pub mod layout;
pub mod menu;
mod paint;
pub mod scroll;
mod selection;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use egui::{Align2, Event, FontId, Key, Modifiers, Pos2, Rect, Response, Sense, Ui, pos2, vec2};

use self::bar::{Bar, Extent, bar_ui};
use self::cache::Cache;
use self::layout::{Config, Layouter, RowKind};
use self::paint::{Painted, paint_rows};
use self::scroll::{Place, Sight};
pub use self::selection::{Point, Selection};
use super::lang::Lang;
use super::messages;
use super::theme::Palette;
use crate::codec::{Charset, Query};
use crate::journal::Reader;
use crate::model::{FlowId, Message, Stamp};
use crate::sift::Source;
use crate::state::{Action, CopyOrder, Items, View, ViewMode};

/// What the log shows.
#[derive(Debug)]
pub struct LogInput<'a> {
    /// What is shown.
    pub items: Items<'a>,
    /// The capture, once there is one.
    pub reader: Option<&'a Reader>,
    /// How to show it.
    pub view: View,
    /// The charsets of peers that have one of their own.
    pub charsets: &'a Arc<BTreeMap<FlowId, Charset>>,
    /// Notes by the number of their record.
    pub notes: &'a Arc<BTreeMap<u64, String>>,
    /// When the capture begins.
    pub start: Stamp,
    /// The framing ends a message by a pause.
    pub ends_by_pause: bool,
    /// What is searched for, and what of it was found.
    pub found: Found<'a>,
    /// In which language.
    pub lang: Lang,
    /// In which time zone.
    pub zone: &'a jiff::tz::TimeZone,
    /// Something is hidden by Clear.
    pub cleared: bool,
    /// Changes whenever positions mean other items than before.
    pub serial: u64,
}

/// What is searched for, and where it was found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Found<'a> {
    /// What is searched for.
    pub query: Option<&'a Query>,
    /// The place to which the user went last: a position, and a byte in the item there.
    pub current: Option<(u64, u32)>,
    /// Shares of the log where something was found, for the scroll bar.
    pub shares: &'a [f32],
}

/// Where the user wants to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reveal {
    /// The item at this position.
    Item(u64),
    /// What begins at this byte of the item at this position.
    Byte(u64, u32),
    /// The item at this position, as the first in sight; what is selected stays.
    Top(u64),
}

/// Where the log is scrolled to, what is selected, and the rows laid out lately.
#[derive(Debug)]
pub struct LogView {
    place: Place,
    follow: bool,
    across: f32,
    selection: Option<Selection>,
    cache: Cache,
    unfolded: HashSet<Message>,
    serial: u64,
    fills: bool,
    reveal: Option<Reveal>,
    better: Option<(FlowId, Charset)>,
    /// How many items were shown when the end was last in sight.
    seen: u64,
    /// The position of the last item in sight.
    last: u64,
}

impl Default for LogView {
    fn default() -> Self {
        Self {
            place: Place::default(),
            follow: true,
            across: 0.0,
            selection: None,
            cache: Cache::default(),
            unfolded: HashSet::new(),
            serial: 0,
            fills: false,
            reveal: None,
            better: None,
            seen: 0,
            last: 0,
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

    /// Brings something into sight with the next frame.
    pub fn reveal(&mut self, what: Reveal) {
        self.reveal = Some(what);
    }

    /// The position of the topmost item in sight, or that of the selected one.
    pub fn position(&self) -> u64 {
        self.selection.map_or(self.place.at, |selection| selection.head.at)
    }

    /// If positions mean other items than before, nothing is selected. `serial` is their number.
    pub fn renew(&mut self, serial: u64) {
        if std::mem::replace(&mut self.serial, serial) != serial {
            self.selection = None;
        }
    }

    /// So many cells a row has, as it was drawn last.
    pub fn columns(&self) -> Option<usize> {
        self.cache.config().map(|config| config.columns)
    }

    /// What is in sight, as it was drawn last; `None` if positions mean other items by now.
    pub fn sight(&self, input: &LogInput<'_>) -> Option<Sight> {
        let config = self.cache.config().filter(|_| self.serial == input.serial)?;
        let in_sight = self.place.at..=self.last;
        let selected = self.selection.map(|selection| selection.head.at);
        let selected = selected.filter(|at| in_sight.contains(at));
        let mut top = self.place.at;
        if let Some(reader) = input.reader.filter(|_| config.stream) {
            let source = Source { index: input.items.base.index, reader };
            let layouter = Layouter { config, items: input.items, source, unfolded: &self.unfolded };
            top = layouter.item_at_row(self.place.at, self.place.row);
        }
        Some(Sight { top: (!self.follow).then_some(top), selected })
    }

    /// Brings into sight what another view had in sight.
    pub fn show(&mut self, sight: Sight) {
        if let Some(at) = sight.selected
            && self.selection.is_none_or(|selection| selection.head.at != at)
        {
            self.selection = Some(Selection::record(at));
        }
        self.follow = sight.top.is_none();
        self.reveal = match sight {
            Sight { top: None, .. } => None,
            Sight { selected: Some(at), .. } => Some(Reveal::Item(at)),
            Sight { top: Some(at), .. } => Some(Reveal::Top(at)),
        };
    }

    /// A charset in which what is in sight would be text, and the flow that it is in.
    pub fn better_charset(&self) -> Option<(FlowId, Charset)> {
        self.better
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
    let len = input.items.len();
    let Some(reader) = input.reader.filter(|_| len > 0) else {
        empty_ui(ui, input, rect, palette);
        view.cache.clear();
        view.selection = None;
        (view.place, view.follow, view.fills, view.better) = (Place::default(), true, false, None);
        return actions;
    };
    let grid = grid(ui);
    let text_rect =
        Rect::from_min_max(rect.min + vec2(MARGIN, 4.0), rect.max - vec2(MARGIN + bar::WIDTH, 4.0));
    let frame = Frame {
        input,
        config: config(input, columns(input, &grid, text_rect.width())),
        grid,
        rect: text_rect,
        palette,
    };
    view.renew(input.serial);
    view.cache.prepare(&frame.config);
    let source = Source { index: input.items.base.index, reader };
    let mut unfolded = std::mem::take(&mut view.unfolded);
    let reveal = view.reveal.take();
    if let Some(Reveal::Byte(at, _)) = reveal
        && let Some(item) = input.items.get(at)
    {
        unfolded.insert(item);
    }
    let layouter = Layouter { config: &frame.config, items: input.items, source, unfolded: &unfolded };
    let cache = &mut view.cache;
    let mut rows = |at: u64| cache.get(&layouter, at).n_rows();

    // Where the end is, and where the user went.
    let bottom = Place::bottom(text_rect.height(), frame.grid.row_height, len, &mut rows);
    view.fills = bottom != Place::default();
    let mut place = if view.follow { bottom } else { view.place };
    if place.at >= len {
        place = bottom;
    }
    let focused = response.has_focus();
    let mut moved = Moved { place, bottom, go: None };
    moved.by_hand(ui, (&response, rect), &frame, &layouter, view);
    if let Some(reveal) = reveal {
        moved.to(reveal, &layouter, &frame, view);
    }
    let Moved { mut place, go, .. } = moved;
    let at_end = !place.is_before(&bottom);
    if at_end {
        place = bottom;
        view.seen = len;
    }
    view.follow = at_end && reveal.is_none() && (input.view.auto_scroll || matches!(go, Some(Go::End)));
    view.place = place;
    view.across = if input.view.wrap { 0.0 } else { across(ui, &response, &frame, view.across) };

    let painted = paint_rows(ui, &frame, &layouter, view);
    view.better = painted.iter().find_map(|row| row.layout.better);
    view.last = painted.last().map_or(view.place.at, |row| row.at);
    select(ui, &response, &frame, view, &painted);
    if let Some(item) = fold_clicked(ui, &response, &frame, view, &painted) {
        if !unfolded.remove(&item) {
            unfolded.insert(item);
        }
        ui.request_repaint();
    }
    view.unfolded = unfolded;
    copy_input(ui, focused, view, len, &mut actions);
    menu::context_menu(ui, &response, &frame, view, &painted, &mut actions);
    if !at_end {
        below_ui(ui, input.lang, text_rect, view, len);
    }
    actions
}

/// Where the log is, and where the user moves it in this frame.
struct Moved {
    place: Place,
    bottom: Place,
    go: Option<Go>,
}

impl Moved {
    /// By keys, the wheel and the bar.
    fn by_hand(
        &mut self,
        ui: &Ui,
        (response, rect): (&Response, Rect),
        frame: &Frame<'_>,
        layouter: &Layouter<'_>,
        view: &mut LogView,
    ) {
        let (cache, len, row_height) = (&mut view.cache, layouter.items.len(), frame.grid.row_height);
        let focused = response.has_focus();
        if focused && let Some(records) = grow_input(ui) {
            let selection = view.selection.get_or_insert(Selection::record(self.place.at));
            if frame.config.stream {
                let mut layout = |at| cache.get(layouter, layouter.group_start(at));
                *selection = grown_by_rows(*selection, records, len, layouter, &mut layout);
            } else {
                selection.grow(records, len);
            }
            let rows = |at: u64| cache.get(layouter, at).n_rows();
            self.place = in_sight(self.place, selection.head.at, frame, rows);
        }
        let mut rows = |at: u64| cache.get(layouter, at).n_rows();
        self.go = scroll_input(ui, response, frame, focused);
        self.place = match self.go {
            Some(Go::Points(points)) => self.place.moved(points, row_height, len, &mut rows),
            Some(Go::Start) => Place::default(),
            Some(Go::End) => self.bottom,
            None => self.place,
        };
        let mut whole = |place: Place| share_of(place, rows(place.at));
        let extent = Extent { at: whole(self.place), most: whole(self.bottom), len: as_f64(len) };
        let Found { shares, .. } = frame.input.found;
        let bar = Bar { name: frame.input.lang.log_position(), rect, extent, marks: shares };
        if let Some(to) = bar_ui(ui, &bar) {
            self.place = if to >= extent.most { self.bottom } else { place_of(to, &mut rows) };
        }
    }

    /// To what was asked for.
    fn to(&mut self, reveal: Reveal, layouter: &Layouter<'_>, frame: &Frame<'_>, view: &mut LogView) {
        let place = revealed(reveal, layouter, &mut view.cache, frame, frame.rect.height());
        self.place = if self.bottom.is_before(&place) { self.bottom } else { place };
        if let Reveal::Item(at) = reveal {
            view.selection = Some(Selection::record(at));
        }
    }
}

/// The place from which what the user wants to see is in the upper third of the view.
fn revealed(
    reveal: Reveal,
    layouter: &Layouter<'_>,
    cache: &mut Cache,
    frame: &Frame<'_>,
    height: f32,
) -> Place {
    let stream = layouter.config.stream;
    let (mut at, byte) = match reveal {
        Reveal::Item(at) | Reveal::Top(at) => (at, 0),
        Reveal::Byte(at, byte) => (at, byte as usize),
    };
    let mut offset = byte;
    if stream {
        let len = |at: u64| layouter.items.get(at).map_or(0, |item| item.len() as usize);
        let mut start = layouter.group_start(at);
        offset += (start..at).map(len).sum::<usize>();
        // The end of a line that began in the group before stands there.
        if offset < cache.get(layouter, start).skipped && start > 0 {
            let before = layouter.group_start(start - 1);
            offset += (before..start).map(len).sum::<usize>();
            start = before;
        }
        at = start;
    }
    let layout = cache.get(layouter, at);
    let mark = match reveal {
        Reveal::Item(_) | Reveal::Top(_) => None,
        Reveal::Byte(..) => layout.marks.iter().find(|mark| mark.byte >= offset),
    };
    let row = match mark {
        Some(mark) => layout.rows.partition_point(|row| row.end <= mark.text.start),
        None if stream => layouter.row_at_byte(at, offset, &layout),
        None => 0,
    };
    let place = Place { at, row: u32::try_from(row).unwrap_or(0), px: 0.0 };
    let up = match reveal {
        Reveal::Item(_) | Reveal::Byte(..) => {
            -(height / 3.0 / frame.grid.row_height).floor() * frame.grid.row_height
        }
        Reveal::Top(_) => return place,
    };
    place.moved(up, frame.grid.row_height, layouter.items.len(), |at| cache.get(layouter, at).n_rows())
}

/// The selection with its head moved by rows of the stream, downwards if positive; whole rows are selected.
fn grown_by_rows(
    selection: Selection,
    n_rows: i64,
    len: u64,
    layouter: &Layouter<'_>,
    layout: &mut impl FnMut(u64) -> Arc<layout::Layout>,
) -> Selection {
    let row_of = |layout: &layout::Layout, point: Point| {
        let before = layout.rows.partition_point(|row| row.start <= point.byte);
        u32::try_from(before.saturating_sub(1)).unwrap_or(0)
    };
    let start = |at: u64| layouter.group_start(at.min(len.saturating_sub(1)));
    let (head, anchor) = (start(selection.head.at), start(selection.anchor.at));
    let place = Place { at: head, row: row_of(&layout(head), selection.head), px: 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "some rows")]
    let place =
        place.moved(n_rows as f32, 1.0, len, |at| if layouter.begins(at) { layout(at).n_rows() } else { 0 });
    let anchor_row = row_of(&layout(anchor), selection.anchor);
    let down = (place.at, place.row) >= (anchor, anchor_row);
    let (from, to) = (layout(anchor), layout(place.at));
    if down {
        Selection {
            anchor: selection::start_of(&from, anchor, anchor_row),
            head: selection::end_of(&to, place.at, place.row),
        }
    } else {
        Selection {
            anchor: selection::end_of(&from, anchor, anchor_row),
            head: selection::start_of(&to, place.at, place.row),
        }
    }
}

/// The item whose fold was clicked, or that of the selection if Enter was pressed.
fn fold_clicked(
    ui: &Ui,
    response: &Response,
    frame: &Frame<'_>,
    view: &LogView,
    painted: &[Painted],
) -> Option<Message> {
    let folds = |row: &Painted| {
        matches!(row.layout.rows.get(row.row as usize)?.kind, RowKind::Folded(_) | RowKind::Unfolded)
            .then(|| frame.input.items.get(row.at))
            .flatten()
    };
    if response.clicked() {
        let pointer = response.interact_pointer_pos()?;
        return painted.iter().find(|row| row.rect.y_range().contains(pointer.y)).and_then(folds);
    }
    let enter = response.has_focus() && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
    let at = view.selection.filter(|_| enter)?.head.at;
    painted.iter().filter(|row| row.at == at).find_map(folds)
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

/// How items are laid out in rows of so many cells.
pub fn config(input: &LogInput<'_>, columns: usize) -> Config {
    Config {
        stream: input.view.mode == ViewMode::Stream,
        body: input.view.body,
        charset: input.view.charset,
        charsets: Arc::clone(input.charsets),
        time: input.view.time,
        start: input.start,
        columns,
        fold: (input.view.fold > 0).then_some(usize::from(input.view.fold)),
        ends_by_pause: input.ends_by_pause,
        query: input.found.query.cloned(),
        notes: Arc::clone(input.notes),
        lang: input.lang,
        zone: input.zone.clone(),
        serial: input.serial,
    }
}

/// A number that changes whenever items may read differently.
pub fn revision(config: &Config) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    let Config { stream, body, charset, charsets, time, start, fold, query, notes, lang, serial, .. } =
        config;
    (stream, charset, charsets, time, start.0, fold, notes, lang, serial).hash(&mut hasher);
    body.hash(&mut hasher);
    let query = query.as_ref().map(|query| (query.kind(), query.text(), query.charset(), query.case()));
    query.hash(&mut hasher);
    hasher.finish()
}

/// So many cells fit in a row, if long lines go on in the next; else as many as a row may have.
fn columns(input: &LogInput<'_>, grid: &Grid, width: f32) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what is sensible"
    )]
    let fit = (width / grid.cell).floor().clamp(0.0, 4096.0) as usize;
    if input.view.wrap { fit.max(LEAST_COLUMNS) } else { MOST_COLUMNS }
}

/// What to read while nothing is shown: what there is not, and what to do.
pub fn empty_words<'a>(input: &LogInput<'_>) -> (&'a str, &'a str) {
    let lang = input.lang;
    if input.cleared {
        (lang.log_cleared(), lang.undo_clear_tip())
    } else if input.items.base.index.is_empty() {
        (lang.log_empty(), lang.log_empty_hint())
    } else {
        (lang.log_hidden(), lang.log_hidden_hint())
    }
}

fn empty_ui(ui: &Ui, input: &LogInput<'_>, rect: Rect, palette: Palette) {
    let (title, hint) = empty_words(input);
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
