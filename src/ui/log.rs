//! The log: a view over the capture whose cost is what is visible. A frame lays out and paints only the rows
//! on screen, whether there are a hundred records or a hundred million.

pub(super) mod bar;
mod cache;
mod facts;
mod heads;
pub(crate) mod layout;
mod look;
pub(crate) mod menu;
mod moving;
mod paint;
pub(crate) mod scroll;
mod selecting;
mod selection;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use egui::{Rect, Sense, Ui, vec2};

use self::cache::Cache;
use self::layout::{Config, Form, Layouter};
use self::look::{MARGIN, Spots, log_config};
pub(crate) use self::look::{day_and_time, empty_words, last_capture_ui, revision, table_config, unread_ui};
use self::moving::{Go, Moved, across};
use self::paint::{Painted, paint_rows};
use self::scroll::{Place, Sight};
use self::selecting::{copy_input, fold_input, select};
use self::selection::Point;
pub(crate) use self::selection::Selection;
use super::lang::Lang;
use super::rows::Grid;
use super::theme::Palette;
use crate::analysis::Source;
use crate::codec::{Charset, Query};
use crate::journal::Reader;
use crate::model::{FlowId, Held, HoldId, Message, Stamp};
use crate::state::{Action, CopyOrder, ShownItems};
use crate::workspace::{PeerNames, View};

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct LogInput<'a> {
    pub(crate) items: ShownItems<'a>,
    pub(crate) reader: Option<&'a Reader>,
    pub(crate) view: View,
    /// [`Tab::held`](crate::state::Tab::held).
    pub(crate) held: Option<u64>,
    pub(crate) charset: Charset,
    /// The charsets of peers that have one of their own.
    pub(crate) charsets: &'a Arc<BTreeMap<FlowId, Charset>>,
    /// The names of peers.
    pub(crate) names: &'a PeerNames,
    pub(crate) notes: &'a Arc<BTreeMap<u64, String>>,
    pub(crate) holds: &'a BTreeMap<HoldId, Held>,
    pub(crate) notes_serial: u64,
    /// What a relay has passed on as it came is shown once.
    pub(crate) once: bool,
    pub(crate) start: Stamp,
    pub(crate) ends_by_pause: bool,
    /// There may be several peers: their column has its place from the start.
    pub(crate) many_peers: bool,
    pub(crate) found: Found<'a>,
    pub(crate) lang: Lang,
    pub(crate) zone: &'a jiff::tz::TimeZone,
    /// Clear hides something.
    pub(crate) cleared: bool,
    /// A page is shown instead of the words for an empty log.
    pub(crate) welcomes: bool,
    /// A capture is looked at.
    pub(crate) views: bool,
    /// The session is one connection: see [`Config::lost_by`](layout::Config::lost_by).
    pub(crate) calls: bool,
    /// Changes whenever positions refer to other items than before.
    pub(crate) serial: u64,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Found<'a> {
    pub(crate) query: Option<&'a Query>,
    /// The current hit: a position, and a byte in the item there.
    pub(crate) current: Option<(u64, u32)>,
    /// Hits as fractions of the log, for the scroll bar.
    pub(crate) shares: &'a [f32],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reveal {
    Item(u64),
    /// The text at this byte of the item at this position.
    Byte(u64, u32),
    /// The item at this position at the top of the view; the selection stays.
    Top(u64),
}

#[derive(Debug, Default)]
pub(crate) struct LogView {
    place: Place,
    across: f32,
    selection: Option<Selection>,
    /// What comes into sight: it was unfolded in the frame before, or there is less room now.
    opened: Option<u64>,
    /// Where a drag has begun.
    pressed: Point,
    cache: Cache,
    pub(crate) unfolded: HashSet<Message>,
    serial: u64,
    /// Where the log was in the frame before.
    sides: Option<Rect>,
    /// Where to scroll in the next frame.
    pub(crate) reveal: Option<Reveal>,
    pub(crate) wants_keyboard: bool,
    /// A charset in which the visible data would be text, and the flow of that data.
    pub(crate) better: Option<(FlowId, Charset)>,
    /// Position of the last visible item.
    last: u64,
    /// The end of what is there, visible or not.
    end: Point,
}

impl LogView {
    pub(crate) fn select_all(&mut self) {
        self.selection = Some(Selection { anchor: Point::default(), head: self.end });
    }

    pub(crate) fn copy_order(&self, len: u64) -> Option<CopyOrder> {
        self.selection?.order(len)
    }

    /// Position of the item that was selected last, if any is.
    pub(crate) fn cursor(&self) -> Option<u64> {
        self.selection.map(|selection| selection.head.at)
    }

    /// Position of the selected item if it is visible, else of the topmost visible one.
    pub(crate) fn position(&self) -> u64 {
        self.selection.map_or(self.place.at, |selection| selection.head.at)
    }

    /// Clears the selection if positions refer to other items than before (`serial` has changed).
    pub(crate) fn renew(&mut self, serial: u64) {
        if std::mem::replace(&mut self.serial, serial) != serial {
            self.selection = None;
        }
    }

    /// Selects the item at a position of `serial`.
    pub(crate) fn select(&mut self, serial: u64, at: u64) {
        self.renew(serial);
        self.selection = Some(Selection::record(at));
    }

    /// Follows what is in sight when the first `by` items are removed.
    pub(crate) fn shift(&mut self, by: u64) {
        self.place.at = self.place.at.saturating_sub(by);
        self.last = self.last.saturating_sub(by);
        self.selection = self.selection.and_then(|selection| selection.shifted(by));
    }

    pub(crate) fn config(&self) -> Option<&Config> {
        self.cache.config()
    }

    /// What was visible in the last frame; `None` if positions refer to other items by now.
    pub(crate) fn sight(&self, input: &LogInput<'_>) -> Option<Sight> {
        let config = self.cache.config().filter(|_| self.serial == input.serial)?;
        let in_sight = self.place.at..=self.last;
        let selected = self.selection.map(|selection| selection.head.at);
        let selected = selected.filter(|at| in_sight.contains(at));
        let mut top = self.place.at;
        if let Some(reader) = input.reader.filter(|_| config.form == Form::Stream) {
            let source = Source { index: input.items.base.index, reader };
            let layouter = Layouter { config, items: input.items, source, unfolded: &self.unfolded };
            top = layouter.item_at_row(self.place.at, self.place.row);
        }
        Some(Sight { top: input.held.map(|_| top), selected })
    }

    /// Takes the place of the log. What is selected stays in sight when there is less room. Returns how far down the log
    /// begins from where it began, if it ends where it ended.
    fn fit(&mut self, place: Rect) -> f32 {
        let Some(known) = self.sides.replace(place) else { return 0.0 };
        if known.bottom() > place.bottom() + 0.5 || known.width() > place.width() + 0.5 {
            let in_sight = self.place.at..=self.last;
            self.opened = self.cursor().filter(|at| in_sight.contains(at)).or(self.opened);
        }
        if (known.bottom() - place.bottom()).abs() < 0.5 { place.top() - known.top() } else { 0.0 }
    }

    pub(crate) fn show(&mut self, sight: Sight) {
        if let Some(at) = sight.selected
            && self.selection.is_none_or(|selection| selection.head.at != at)
        {
            self.selection = Some(Selection::record(at));
        }
        self.reveal = match sight {
            Sight { top: None, .. } => None,
            Sight { selected: Some(at), .. } => Some(Reveal::Item(at)),
            Sight { top: Some(at), .. } => Some(Reveal::Top(at)),
        };
    }
}

/// The end of the last item; in a stream, of the group that it is in, which may grow.
fn end_of_all(layouter: &Layouter<'_>, cache: &mut Cache) -> Point {
    let last = layouter.items.len().saturating_sub(1);
    if !layouter.is_stream() {
        return Point { at: last, byte: u32::MAX };
    }
    let at = layouter.group_start(last);
    Point { at, byte: u32::try_from(cache.get(layouter, at).text.len()).unwrap_or(u32::MAX) }
}

struct Frame<'a> {
    input: &'a LogInput<'a>,
    grid: Grid,
    config: Config,
    spots: Spots,
    rect: Rect,
    focused: bool,
    palette: Palette,
}

pub(crate) fn log_ui(ui: &mut Ui, input: &LogInput<'_>, view: &mut LogView) -> Vec<Action> {
    let mut actions = Vec::new();
    let rect = ui.available_rect_before_wrap();
    let response = ui.allocate_rect(rect, Sense::click_and_drag());
    if std::mem::take(&mut view.wants_keyboard) {
        response.request_focus();
    }
    let palette = Palette::of(ui);
    ui.painter().rect_filled(rect, 6.0, palette.paper);
    let name = input.lang.log();
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Log, true, name));
    let len = input.items.len();
    let Some(reader) = input.reader.filter(|_| len > 0) else {
        bar::empty_ui(ui, empty_words(input), rect);
        view.cache.clear();
        view.selection = None;
        (view.place, view.better) = (Place::default(), None);
        let begins_anew = input.held.is_some() && input.view.auto_scroll;
        actions.extend(begins_anew.then_some(Action::Hold(None)));
        return actions;
    };
    let grid = Grid::of(ui);
    let text_rect =
        Rect::from_min_max(rect.min + vec2(MARGIN, 4.0), rect.max - vec2(MARGIN + bar::WIDTH, 4.0));
    let spots = Spots::of(input, grid.cell, text_rect.width());
    let frame = Frame {
        input,
        config: log_config(input, &spots, grid.cell, text_rect.width()),
        grid,
        spots,
        rect: text_rect,
        focused: response.has_focus(),
        palette,
    };
    view.renew(input.serial);
    view.cache.prepare(&frame.config);
    let by = view.fit(rect);
    let source = Source { index: input.items.base.index, reader };
    let mut unfolded = std::mem::take(&mut view.unfolded);
    let reveal = view.reveal.take();
    if let Some(Reveal::Byte(at, byte)) = reveal
        && let Some(item) = input.items.get(at)
    {
        // What is cut off or folded away is shown below.
        let layouter = Layouter { config: &frame.config, items: input.items, source, unfolded: &unfolded };
        let layout = view.cache.get(&layouter, at);
        let last = layout.rows.last().map_or(0, |row| row.end);
        if !layout.marks.iter().any(|mark| mark.byte >= byte as usize && mark.text.start < last) {
            unfolded.insert(item);
        }
    }
    let layouter = Layouter { config: &frame.config, items: input.items, source, unfolded: &unfolded };
    let cache = &mut view.cache;
    let mut rows = |at: u64| cache.get(&layouter, at).n_rows();

    // The end, and where the user has scrolled.
    let bottom = Place::bottom(text_rect.height(), frame.grid.row_height, len, &mut rows);
    let mut place = if input.held.is_some() && view.place.at < len { view.place } else { bottom };
    // The rows stay in their places when something comes or goes above the log.
    if by != 0.0 && input.held.is_some() {
        place = place.moved(by, frame.grid.row_height, len, &mut rows);
    }
    if bottom.is_before(&place) {
        place = bottom;
    }
    let before = (view.selection, place);
    let mut moved = Moved { place, bottom, go: None };
    moved.by_hand(ui, (&response, rect), &frame, &layouter, view);
    if let Some(reveal) = reveal {
        moved.to(reveal, &layouter, &frame, view);
    }
    let Moved { mut place, go, .. } = moved;
    let at_end = !place.is_before(&bottom);
    if at_end {
        place = bottom;
    }
    let is_moved = place != before.1;
    view.place = place;
    let wide = matches!(frame.config.form, Form::Stream | Form::Classic) && !input.view.wrap;
    view.across = if wide { across(ui, &response, &frame, view.across) } else { 0.0 };

    let painted = paint_rows(ui, &frame, &layouter, (view, bottom == Place::default()));
    view.better = painted.iter().find_map(|row| row.layout.better);
    view.last = painted.last().map_or(view.place.at, |row| row.at);
    actions.extend(facts::facts_ui(ui, &frame, &painted));
    select(ui, &response, &frame, view, &painted);
    view.end = end_of_all(&layouter, &mut view.cache);
    let folded = fold_input(ui, &response, &frame, view, &painted, &unfolded);
    if let Some(item) = folded {
        if !unfolded.remove(&item) {
            unfolded.insert(item);
            view.opened = view.selection.map(|selection| selection.head.at);
        }
        ui.request_repaint();
    }
    view.unfolded = unfolded;
    copy_input(ui, frame.focused, view, len, &mut actions);
    menu::context_menu(ui, &response, &frame, view, &painted, &mut actions);

    // The end is followed until something else is looked at. A click below all rows selects nothing.
    let selects = view.selection.is_some_and(|selection| !selection.is_empty()) && view.selection != before.0;
    let stops = folded.is_some() || reveal.is_some() || selects;
    let asked = matches!(go, Some(Go::End));
    let follows = asked || !stops && at_end && (input.held.is_none() || is_moved);
    let seen = if at_end { len } else { input.held.unwrap_or(len) };
    let held = (!follows).then_some(seen);
    actions.extend((held != input.held).then_some(Action::Hold(held)));
    actions
}
