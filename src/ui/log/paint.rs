//! Paints the visible rows.

use std::sync::Arc;

use egui::text::LayoutJob;
use egui::{Align2, FontId, Galley, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::layout::{Form, Layout, Layouter, RowKind, to_tab_stop};
use super::look::FOLD;
use super::{Frame, Grid, LogView, MARGIN, Selection, bar, heads, selection};
use crate::codec::glyph;
use crate::model::Direction;
use crate::ui::messages::{self, Weight};
use crate::ui::theme::{EDGE, Palette};

pub(super) struct Painted {
    /// The whole row.
    pub(super) rect: Rect,
    /// Where its text begins.
    pub(super) left: f32,
    pub(super) at: u64,
    pub(super) row: u32,
    pub(super) galley: Arc<Galley>,
    pub(super) layout: Arc<Layout>,
}

/// `is_short`: all rows are in sight, and no scroll bar is beside them.
pub(super) fn paint_rows(
    ui: &Ui,
    frame: &Frame<'_>,
    layouter: &Layouter<'_>,
    (view, is_short): (&mut LogView, bool),
) -> Vec<Painted> {
    let items = frame.input.items;
    let seen = frame.rect.expand2(vec2(MARGIN, 2.0));
    let painter = ui.painter().with_clip_rect(seen);
    // What is behind a row goes on where the scroll bar would be.
    let beside = if is_short { bar::WIDTH } else { 0.0 };
    let behind = ui.painter().with_clip_rect(seen.with_max_x(seen.right() + beside));
    let hovered = ui.input(|i| i.pointer.hover_pos()).filter(|at| frame.rect.contains(*at));
    let mut rows = Vec::new();
    let mut y = frame.rect.top() - view.place.px;
    let (mut at, mut row) = (view.place.at, view.place.row);
    while y < frame.rect.bottom() && at < items.len() {
        let layout = view.cache.get(layouter, at);
        let is_unfolded = layout.data_end.is_some();
        while row < layout.n_rows() && y < frame.rect.bottom() {
            let rect = Rect::from_min_size(
                pos2(frame.rect.left(), y),
                vec2(frame.rect.width(), frame.grid.row_height),
            );
            let Some(kind) = layout.kind(row) else { break };
            let line = Line { layout: &layout, at, row, kind, rect };
            let is_whole = view.selection.is_some_and(|selection| selection.includes(at));
            let is_selected = is_whole && !matches!(kind, RowKind::Day | RowKind::Facts | RowKind::Bytes);
            let left = rect.left() + frame.spots.text(frame.config.form, kind) - view.across;
            line.ground(&behind, frame, is_selected);
            let galley = painter.layout_job(line.text(frame));
            mark_found(&painter, frame, &line, left, &galley);
            if let Some((from, to)) = view.selection.filter(|_| !is_whole).map(Selection::ordered) {
                let (start, end) = selection::cells(&layout, at, row, from, to, &galley);
                if end > start {
                    let marked = Rect::from_x_y_ranges(left + start..=left + end, rect.y_range());
                    painter.rect_filled(marked, 2.0, frame.palette.selection);
                }
            }
            let middle = rect.top() + ((frame.grid.row_height - galley.size().y) / 2.0).round();
            painter.galley(pos2(left, middle), galley.clone(), frame.palette.text);
            let after = line.rest();
            let mut end = left + galley.size().x;
            if !after.is_empty() {
                let place = pos2(end, rect.center().y);
                let font = frame.grid.font.clone();
                end = painter.text(place, Align2::LEFT_CENTER, &after, font, frame.palette.weak).right();
            }
            let head = layout.head_at(row);
            if let Some(head) = head {
                let end = end.max(rect.left() + frame.spots.data);
                heads::paint(&painter, frame, &line, head, end);
                let is_near = hovered.is_some_and(|at| rect.contains(at));
                if is_unfolded || is_whole || is_near {
                    heads::fold_mark(&painter, frame, rect, is_unfolded);
                }
            }
            // Painted text is invisible to screen readers and tests; this exposes it.
            let id = ui.scope_id().with(("row", rows.len()));
            let tip = head.map(|head| head.tip.as_str()).filter(|tip| !tip.is_empty());
            let sense = if tip.is_some() { Sense::hover() } else { Sense::empty() };
            let place = if head.is_some() { rect } else { rect.with_min_x(left) };
            let node = ui.interact(place.intersect(frame.rect), id, sense);
            let words = format!("{}{after}", galley.text());
            if let Some(head) = head {
                node.widget_info(|| WidgetInfo {
                    current_text_value: Some(heads::columns(head, &words)),
                    ..WidgetInfo::selected(
                        Role::ListItem,
                        true,
                        is_whole,
                        heads::sentence(frame.input.lang, kind, head, &words),
                    )
                });
                ui.accesskit_node_builder(id, |node| node.set_expanded(is_unfolded));
            } else {
                let role = if kind == RowKind::Day { Role::Heading } else { Role::Label };
                node.widget_info(|| WidgetInfo::labeled(role, true, &words));
            }
            if let Some(tip) = tip {
                node.on_hover_text(tip);
            }
            rows.push(Painted { rect, left, at, row, galley, layout: Arc::clone(&layout) });
            y += frame.grid.row_height;
            row += 1;
        }
        (at, row) = (at + 1, 0);
    }
    rows
}

/// A row that is being painted.
pub(super) struct Line<'a> {
    layout: &'a Layout,
    at: u64,
    row: u32,
    pub(super) kind: RowKind,
    pub(super) rect: Rect,
}

impl Line<'_> {
    fn text(&self, frame: &Frame<'_>) -> LayoutJob {
        let palette = frame.palette;
        let words = match self.kind {
            RowKind::Folded(len) => frame.input.lang.show_all(messages::grouped(len)),
            RowKind::Unfolded => format!("▲ {}", frame.input.lang.fold_again()),
            RowKind::Day => self.layout.day.clone(),
            RowKind::Facts => self.layout.facts.clone(),
            RowKind::Head(_) => String::new(),
            _ => self.layout.row(self.row).to_owned(),
        };
        let ink = colour(palette, self.kind);
        let font = match self.kind {
            RowKind::Day | RowKind::Facts | RowKind::Event(_) => {
                FontId::proportional(frame.grid.font.size - 1.0)
            }
            _ => frame.grid.font.clone(),
        };
        let mut job = row_text(&words, &Grid { font, ..frame.grid.clone() }, ink, palette.weak);
        if self.kind == RowKind::Facts {
            let room = frame.rect.width() - super::look::FOLD - super::facts::BUTTONS;
            job.wrap = egui::text::TextWrapping::truncate_at_width(room.max(0.0));
        }
        job
    }

    /// What follows the text but is not in it: the sign of what is cut off, or the bytes of a character that the next
    /// record continues.
    fn rest(&self) -> String {
        let Layout { pending, cut, .. } = self.layout;
        match self.kind {
            RowKind::Body(_) if *cut => "…".to_owned(),
            _ if pending.is_empty() || self.row + 1 != self.layout.n_rows() => String::new(),
            _ => format!("⋯{}", crate::codec::hex::to_text(pending)),
        }
    }

    /// Paints what is behind the text.
    fn ground(&self, painter: &egui::Painter, frame: &Frame<'_>, is_selected: bool) {
        let palette = frame.palette;
        let ground = Rect::from_x_y_ranges(painter.clip_rect().x_range(), self.rect.y_range());
        // Beside the ring of what has the keyboard.
        let left = ground.left() + if frame.focused { 2.0 } else { 0.0 };
        let edge = Rect::from_x_y_ranges(left..=left + EDGE, ground.y_range());
        let is_below = matches!(self.kind, RowKind::Facts | RowKind::Bytes | RowKind::Note);
        let is_sent = matches!(self.kind, RowKind::Head(Direction::Sent) | RowKind::Body(Direction::Sent));
        if is_selected {
            painter.rect_filled(ground, 0.0, palette.selection);
        } else if is_sent && frame.config.form != Form::Stream {
            painter.rect_filled(ground, 0.0, palette.row_sent);
        }
        if self.layout.is_highlighted(self.row) {
            if !is_selected {
                painter.rect_filled(ground, 0.0, palette.care_ground);
            }
            painter.rect_filled(edge, 0.0, palette.care);
        } else if is_selected || is_below {
            painter.rect_filled(edge, 0.0, palette.accent);
        }
        if self.kind == RowKind::Day {
            let (y, stroke) = (self.rect.center().y, (1.0, palette.line));
            let left = self.rect.left() + FOLD;
            painter.hline(self.rect.left() + 4.0..=left - 4.0, y, stroke);
            let words = FontId::proportional(frame.grid.font.size - 1.0);
            let width = painter.layout_no_wrap(self.layout.day.clone(), words, palette.weak).size().x;
            painter.hline(left + width + 8.0..=self.rect.right(), y, stroke);
        }
    }
}

fn mark_found(
    painter: &egui::Painter,
    frame: &Frame<'_>,
    &Line { layout, at, row, rect, .. }: &Line<'_>,
    left: f32,
    galley: &Galley,
) {
    let Some(bounds) = layout.rows.get(row as usize) else { return };
    let first = layout.marks.partition_point(|mark| mark.text.end <= bounds.start);
    let in_row = layout.marks.get(first..).unwrap_or_default().iter();
    for mark in in_row.take_while(|mark| mark.text.start < bounds.end) {
        let x = |byte: u32| left + selection::x_of(layout, row, byte, galley);
        let marked = Rect::from_x_y_ranges(x(mark.text.start)..=x(mark.text.end), rect.y_range());
        let stream = frame.config.form == Form::Stream;
        let now = frame
            .input
            .found
            .current
            .is_some_and(|(current, byte)| !stream && current == at && byte as usize == mark.byte);
        // The text keeps its colour, so it must be readable on it in both themes.
        let fill = if now {
            frame.palette.hit_now.gamma_multiply(0.75)
        } else {
            frame.palette.hit.gamma_multiply(0.45)
        };
        // Same look in a highlighted row.
        painter.rect_filled(marked, 2.0, frame.palette.paper);
        painter.rect_filled(marked, 2.0, fill);
    }
}

/// The text of a row: each character visible, tabs as spaces that go to the next tab stop, line breaks as `\r\n`.
fn row_text(text: &str, grid: &Grid, ink: egui::Color32, weak: egui::Color32) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = f32::INFINITY;
    let (mut cells, mut space) = (0, 0.0);
    let is_break = |c: char| matches!(c, '\r' | '\n');
    for part in text.split_inclusive('\t') {
        for run in part.split_inclusive(is_break) {
            let (plain, end) = match run.strip_suffix(is_break) {
                Some(plain) => (plain, if run.ends_with('\r') { "\\r" } else { "\\n" }),
                None => (run, ""),
            };
            let shown: String =
                plain.chars().map(|c| if c == '\t' { ' ' } else { glyph::visible(c) }).collect();
            cells += shown.chars().map(glyph::columns).sum::<usize>() + end.len();
            job.append(&shown, space, grid.format(ink));
            job.append(end, 0.0, grid.format(weak));
            space = 0.0;
        }
        if part.ends_with('\t') {
            let stop = to_tab_stop(cells - 1) - 1;
            #[expect(clippy::cast_precision_loss, reason = "it is less than eight")]
            let width = stop as f32 * grid.cell;
            (cells, space) = (cells + stop, width);
        }
    }
    job
}

pub(super) fn colour(palette: Palette, kind: RowKind) -> egui::Color32 {
    match kind {
        RowKind::Head(Direction::Received) => palette.received,
        RowKind::Head(Direction::Sent) => palette.sent,
        RowKind::Body(_) | RowKind::Bytes => palette.text,
        RowKind::Event(Weight::Quiet) | RowKind::Day | RowKind::Facts => palette.weak,
        RowKind::Note | RowKind::Event(Weight::Care) => palette.care,
        RowKind::Folded(_) | RowKind::Unfolded => palette.accent,
        RowKind::Failed | RowKind::Event(Weight::Failure) => palette.failure,
    }
}

#[cfg(test)]
mod tests {
    use egui::text::CCursor;

    use super::*;

    #[test]
    fn tabs_go_to_the_next_tab_stop() {
        let ctx = egui::Context::default();
        crate::ui::fonts::install(&ctx, crate::ui::lang::Lang::En);
        let mut left = Vec::new();
        let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
            let grid = Grid::of(ui);
            for text in
                ["12345678|", "\t|", "a\t|", "\u{200B}\u{FEFF}测\t|", "1234567\t|", "12\t3\t|", "12345678\t|"]
            {
                let galley =
                    ui.painter().layout_job(row_text(text, &grid, egui::Color32::WHITE, egui::Color32::GRAY));
                let last = text.chars().count() - 1;
                left.push((galley.pos_from_cursor(CCursor::new(last)).left() / grid.cell).round());
            }
        });
        output.textures_delta.clear();
        assert_eq!(left, [8.0, 8.0, 8.0, 8.0, 8.0, 16.0, 16.0]);
    }
}
