//! Paints the visible rows.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{Align2, Galley, Rect, Sense, Ui, pos2, vec2};

use super::layout::{Layout, Layouter, RowKind, to_tab_stop};
use super::{Frame, Grid, LogView, MARGIN, Selection, selection};
use crate::codec::glyph;
use crate::model::Direction;
use crate::ui::messages;
use crate::ui::theme::{EDGE, Palette};

pub(super) struct Painted {
    pub(super) rect: Rect,
    pub(super) at: u64,
    pub(super) row: u32,
    pub(super) galley: Arc<Galley>,
    pub(super) layout: Arc<Layout>,
}

pub(super) fn paint_rows(
    ui: &Ui,
    frame: &Frame<'_>,
    layouter: &Layouter<'_>,
    view: &mut LogView,
) -> Vec<Painted> {
    let items = frame.input.items;
    let painter = ui.painter().with_clip_rect(frame.rect.expand2(vec2(MARGIN / 2.0, 2.0)));
    let selected = view.selection.map(Selection::ordered);
    let mut rows = Vec::new();
    let mut y = frame.rect.top() - view.place.px;
    let (mut at, mut row) = (view.place.at, view.place.row);
    while y < frame.rect.bottom() && at < items.len() {
        let layout = view.cache.get(layouter, at);
        while row < layout.n_rows() && y < frame.rect.bottom() {
            let rect = Rect::from_min_size(
                pos2(frame.rect.left() - view.across, y),
                vec2(frame.rect.width() + view.across, frame.grid.row_height),
            );
            let Some(bounds) = layout.rows.get(row as usize).copied() else { break };
            let kind = bounds.kind;
            let text = match kind {
                RowKind::Folded(len) => frame.input.lang.show_all(messages::grouped(len)),
                RowKind::Unfolded => format!("▲ {}", frame.input.lang.fold_again()),
                RowKind::Head(_) | RowKind::Body(_) | RowKind::Event | RowKind::Note | RowKind::Failed => {
                    layout.row(row).to_owned()
                }
            };
            let is_highlighted = layout.is_highlighted(row);
            let ink = colour(frame.palette, kind, is_highlighted);
            let galley = painter.layout_job(row_text(&text, &frame.grid, ink));
            if is_highlighted {
                highlight(&painter, frame, rect);
            }
            mark_found(&painter, frame, &layout, (at, row), rect, &galley);
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
            let last = row + 1 == layout.n_rows();
            let pending = if last { pending_text(&layout) } else { String::new() };
            if !pending.is_empty() {
                let place = pos2(rect.left() + galley.size().x, middle);
                painter.text(place, Align2::LEFT_TOP, &pending, frame.grid.font.clone(), frame.palette.weak);
            }
            // Painted text is invisible to screen readers and tests; this exposes it as a label.
            let id = ui.scope_id().with(("row", rows.len()));
            let label = ui.interact(rect.intersect(frame.rect), id, Sense::empty());
            let said =
                || egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{}{pending}", galley.text()));
            label.widget_info(said);
            rows.push(Painted { rect, at, row, galley, layout: Arc::clone(&layout) });
            y += frame.grid.row_height;
            row += 1;
        }
        (at, row) = (at + 1, 0);
    }
    rows
}

/// Paints the background of a highlighted row over its whole width, with an edge that stays visible when the
/// row is selected.
fn highlight(painter: &egui::Painter, frame: &Frame<'_>, row: Rect) {
    let ground = Rect::from_x_y_ranges(painter.clip_rect().x_range(), row.y_range());
    painter.rect_filled(ground, 0.0, frame.palette.care_ground);
    painter.rect_filled(ground.with_max_x(ground.left() + EDGE), 0.0, frame.palette.care);
}

fn mark_found(
    painter: &egui::Painter,
    frame: &Frame<'_>,
    layout: &Layout,
    (at, row): (u64, u32),
    rect: Rect,
    galley: &Galley,
) {
    let Some(bounds) = layout.rows.get(row as usize) else { return };
    let first = layout.marks.partition_point(|mark| mark.text.end <= bounds.start);
    let in_row = layout.marks.get(first..).unwrap_or_default().iter();
    for mark in in_row.take_while(|mark| mark.text.start < bounds.end) {
        let x = |byte: u32| rect.left() + selection::x_of(layout, row, byte, galley);
        let marked = Rect::from_x_y_ranges(x(mark.text.start)..=x(mark.text.end), rect.y_range());
        let stream = frame.config.stream;
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

/// Mark after the last row for the bytes of a character that the next record continues.
fn pending_text(layout: &Layout) -> String {
    if layout.pending.is_empty() {
        return String::new();
    }
    format!("⋯{}", crate::codec::hex::to_text(&layout.pending))
}

/// The text of a row with as many characters: each visible, tabs as spaces that go to the next tab stop.
fn row_text(text: &str, grid: &Grid, ink: egui::Color32) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = f32::INFINITY;
    let (mut cells, mut space) = (0, 0.0);
    let format = TextFormat::simple(grid.font.clone(), ink);
    for part in text.split_inclusive('\t') {
        let shown: String = part.chars().map(|c| if c == '\t' { ' ' } else { glyph::visible(c) }).collect();
        cells += shown.chars().map(glyph::columns).sum::<usize>();
        job.append(&shown, space, format.clone());
        if part.ends_with('\t') {
            let stop = to_tab_stop(cells - 1) - 1;
            #[expect(clippy::cast_precision_loss, reason = "it is less than eight")]
            let width = stop as f32 * grid.cell;
            (cells, space) = (cells + stop, width);
        }
    }
    job
}

fn colour(palette: Palette, kind: RowKind, is_highlighted: bool) -> egui::Color32 {
    match kind {
        RowKind::Head(Direction::Received) => palette.received,
        RowKind::Head(Direction::Sent) => palette.sent,
        RowKind::Body(Direction::Received) => palette.received_body,
        RowKind::Body(Direction::Sent) => palette.sent_body,
        RowKind::Event => palette.event,
        RowKind::Note if is_highlighted => palette.care,
        RowKind::Note => palette.care,
        RowKind::Folded(_) | RowKind::Unfolded => palette.accent,
        RowKind::Failed => palette.failure,
    }
}

#[cfg(test)]
mod tests {
    use egui::text::CCursor;

    use super::*;

    #[test]
    fn tabs_go_to_the_next_tab_stop() {
        let ctx = egui::Context::default();
        crate::ui::fonts::install(&ctx);
        let mut left = Vec::new();
        let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
            let grid = Grid::of(ui);
            for text in
                ["12345678|", "\t|", "a\t|", "\u{200B}\u{FEFF}测\t|", "1234567\t|", "12\t3\t|", "12345678\t|"]
            {
                let galley = ui.painter().layout_job(row_text(text, &grid, egui::Color32::WHITE));
                let last = text.chars().count() - 1;
                left.push((galley.pos_from_cursor(CCursor::new(last)).left() / grid.cell).round());
            }
        });
        output.textures_delta.clear();
        assert_eq!(left, [8.0, 8.0, 8.0, 8.0, 8.0, 16.0, 16.0]);
    }
}
