//! Scrolling of the log: by keys, wheel and bar, or to a requested place.

use std::sync::Arc;

use egui::{Key, Modifiers, Rect, Response, Ui};

use super::bar::{self, Bar, as_f64, bar_ui, place_of, share_of};
use super::cache::Cache;
use super::layout::{self, Form, Layouter};
use super::look::MOST_COLUMNS;
use super::scroll::Place;
use super::selection::{self, Point, Selection};
use super::{Found, Frame, LogView, Reveal};

pub(super) struct Moved {
    pub(super) place: Place,
    pub(super) bottom: Place,
    pub(super) go: Option<Go>,
}

impl Moved {
    pub(super) fn by_hand(
        &mut self,
        ui: &Ui,
        (response, rect): (&Response, Rect),
        frame: &Frame<'_>,
        layouter: &Layouter<'_>,
        view: &mut LogView,
    ) {
        let (cache, len, row_height) = (&mut view.cache, layouter.items.len(), frame.grid.row_height);
        let focused = response.has_focus();
        let page = page(frame);
        // Shift first: egui also matches Shift+↓ as ↓.
        for modifiers in [Modifiers::SHIFT, Modifiers::NONE] {
            let (extends, is_stream) = (modifiers.shift, layouter.is_stream());
            if !focused || is_stream && !extends {
                continue;
            }
            let Some(records) = step_input(ui, modifiers, page) else { continue };
            // Without a selection, it begins in what is in sight.
            let begin = if records > 0 { self.place.at } else { view.last };
            let begin = selection::stepped(begin, if records.abs() > 1 { records } else { 0 }, len);
            view.selection = Some(match view.selection {
                Some(selection) if extends && is_stream => {
                    let mut layout = |at| cache.get(layouter, layouter.group_start(at));
                    grown_by_rows(selection, records, len, layouter, &mut layout)
                }
                Some(mut selection) if extends => {
                    selection.grow(records, len);
                    selection
                }
                Some(selection) => Selection::record(selection::stepped(selection.head.at, records, len)),
                None => Selection::record(begin),
            });
            let head = view.selection.map_or(0, |selection| selection.head.at);
            let rows = |at: u64| cache.get(layouter, at).n_rows();
            self.place = in_sight(self.place, head, frame, rows);
        }
        let mut rows = |at: u64| cache.get(layouter, at).n_rows();
        if let Some(at) = view.opened.take() {
            self.place = in_sight(self.place, at, frame, &mut rows);
        }
        self.go = scroll_input(ui, response, frame, focused);
        self.place = match self.go {
            Some(Go::Points(points)) => self.place.moved(points, row_height, len, &mut rows),
            Some(Go::Start) => {
                view.selection = (!layouter.is_stream()).then_some(Selection::record(0));
                Place::default()
            }
            Some(Go::End) => {
                view.selection = None;
                self.bottom
            }
            None => self.place,
        };
        let mut whole = |place: Place| share_of(place, rows(place.at));
        let (at, most) = (whole(self.place), whole(self.bottom));
        let Found { shares: marks, .. } = frame.input.found;
        let name = frame.input.lang.log_position();
        if let Some(to) = bar_ui(ui, &Bar { name, rect, at, most, len: as_f64(len), marks }) {
            self.place = if to >= most { self.bottom } else { place_of(to, &mut rows) };
        }
    }

    pub(super) fn to(
        &mut self,
        reveal: Reveal,
        layouter: &Layouter<'_>,
        frame: &Frame<'_>,
        view: &mut LogView,
    ) {
        let place = revealed(reveal, layouter, &mut view.cache, frame);
        self.place = if self.bottom.is_before(&place) { self.bottom } else { place };
    }
}

/// The scroll position that puts the target in the upper third of the view.
fn revealed(reveal: Reveal, layouter: &Layouter<'_>, cache: &mut Cache, frame: &Frame<'_>) -> Place {
    let stream = layouter.is_stream();
    let (mut at, byte) = match reveal {
        Reveal::Item(at) | Reveal::Top(at) => (at, 0),
        Reveal::Byte(at, byte) => (at, byte as usize),
    };
    let mut offset = byte;
    if stream {
        let len = |at: u64| layouter.items.get(at).map_or(0, |item| item.len() as usize);
        let mut start = layouter.group_start(at);
        offset += (start..at).map(len).sum::<usize>();
        // The end of a line that started in the group before is there.
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
            -(frame.rect.height() / 3.0 / frame.grid.row_height).floor() * frame.grid.row_height
        }
        Reveal::Top(_) => return place,
    };
    place.moved(up, frame.grid.row_height, layouter.items.len(), |at| cache.get(layouter, at).n_rows())
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Go {
    Points(f32),
    Start,
    End,
}

fn scroll_input(ui: &Ui, response: &Response, frame: &Frame<'_>, focused: bool) -> Option<Go> {
    #[expect(clippy::cast_precision_loss, reason = "some hundred rows")]
    let page = page(frame) as f32 * frame.grid.row_height;
    let points = bar::scrolled(ui, response, frame.rect, page);
    if points.is_some() {
        return points.map(Go::Points);
    }
    if !focused {
        return None;
    }
    ui.memory_mut(|memory| {
        let filter = egui::EventFilter {
            vertical_arrows: true,
            horizontal_arrows: true,
            ..egui::EventFilter::default()
        };
        memory.set_focus_lock_filter(response.id, filter);
    });
    ui.input_mut(|i| {
        let row = frame.grid.row_height;
        let keys = [
            (Key::PageDown, Go::Points(page)),
            (Key::PageUp, Go::Points(-page)),
            (Key::ArrowDown, Go::Points(row)),
            (Key::ArrowUp, Go::Points(-row)),
            (Key::Home, Go::Start),
            (Key::End, Go::End),
        ];
        keys.into_iter().find(|(key, _)| i.consume_key(Modifiers::NONE, *key)).map(|(_, go)| go)
    })
}

pub(super) fn across(ui: &Ui, response: &Response, frame: &Frame<'_>, across: f32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "4096 at most")]
    let widest = MOST_COLUMNS as f32 * frame.grid.cell - frame.rect.width();
    bar::across(ui, response, across, widest)
}

/// `place`, moved just far enough to show the end of the record at `at`.
fn in_sight(place: Place, at: u64, frame: &Frame<'_>, mut rows: impl FnMut(u64) -> u32) -> Place {
    if at < place.at {
        return Place { at, ..Place::default() };
    }
    // The scroll position at which the record is the last in the view.
    let lowest = Place::bottom(frame.rect.height(), frame.grid.row_height, at + 1, &mut rows);
    // The head of a record that is longer than the view; a stream has none.
    let first = Place { at, ..Place::default() };
    let is_long = frame.config.form != Form::Stream && first.is_before(&lowest);
    let lowest = if is_long { first } else { lowest };
    if place.is_before(&lowest) { lowest } else { place }
}

/// Whole rows in a page, less one.
fn page(frame: &Frame<'_>) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "some hundred rows")]
    let rows = (frame.rect.height() / frame.grid.row_height - 1.0).floor().max(1.0) as i64;
    rows
}

/// How many records further on the keys with these modifiers select.
fn step_input(ui: &Ui, modifiers: Modifiers, page: i64) -> Option<i64> {
    let steps = [(Key::ArrowDown, 1), (Key::ArrowUp, -1), (Key::PageDown, page), (Key::PageUp, -page)];
    let ends = [(Key::Home, i64::MIN), (Key::End, i64::MAX)];
    let ends = ends.into_iter().filter(|_| modifiers.shift);
    ui.input_mut(|i| {
        let times = |(key, records): (Key, i64)| {
            let n = i64::try_from(i.count_and_consume_key(modifiers, key)).unwrap_or(0);
            (n > 0).then(|| records.saturating_mul(n))
        };
        steps.into_iter().chain(ends).filter_map(times).reduce(i64::saturating_add)
    })
}

/// The selection with its head moved by rows of the stream, downwards if positive. Whole rows are selected.
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
    let edge = |layout: &layout::Layout, at: u64, row: u32, is_end: bool| {
        if is_end { selection::end_of(layout, at, row) } else { selection::start_of(layout, at, row) }
    };
    Selection { anchor: edge(&from, anchor, anchor_row, !down), head: edge(&to, place.at, place.row, down) }
}
