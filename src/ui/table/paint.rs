//! Paints the visible rows of the table.

use egui::text::LayoutJob;
use egui::{Color32, Rect, Role, Sense, Ui, WidgetInfo, pos2};

use super::cells::{Piece, fit};
use super::columns::{Extra, PAD};
use super::{Column, RowKind, RowText, Widths};
use crate::ui::log::scroll::Place;
use crate::ui::rows::{Grid, Room};
use crate::ui::span::Selection;
use crate::ui::theme::{EDGE, Palette};

pub(super) struct Sheet<'a> {
    pub(super) grid: &'a Grid,
    pub(super) room: Room,
    pub(super) palette: Palette,
    pub(super) widths: &'a Widths,
    pub(super) extra: Extra,
    pub(super) across: f32,
    pub(super) place: Place,
    pub(super) selection: Option<Selection>,
    pub(super) focused: bool,
}

pub(super) fn paint_rows<'r>(ui: &Ui, sheet: &Sheet<'_>, row: impl Fn(u64) -> Option<&'r RowText>) {
    let painter = ui.painter().with_clip_rect(sheet.room.rect);
    for (n, (at, rect)) in sheet.room.rows(sheet.place).enumerate() {
        let Some(text) = row(at) else { continue };
        let selected = sheet.selection.is_some_and(|selection| selection.span().contains(at));
        if text.is_highlighted {
            painter.rect_filled(rect, 0.0, sheet.palette.care_ground);
        }
        if selected {
            painter.rect_filled(rect, 0.0, sheet.palette.selection);
        }
        if text.is_highlighted {
            painter.rect_filled(rect.with_max_x(rect.left() + EDGE), 0.0, sheet.palette.care);
        }
        if sheet.focused && sheet.selection.is_some_and(|selection| selection.head == at) {
            let inside = egui::StrokeKind::Inside;
            painter.rect_stroke(rect, 2.0, (1.0, sheet.palette.accent), inside);
        }
        paint_row(ui, sheet, text, rect);
        // Painted text is invisible to screen readers and tests; this exposes it as a label.
        let id = ui.scope_id().with(("table row", n));
        let response = ui.interact(rect.intersect(sheet.room.rect), id, Sense::empty());
        response.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, text.spoken()));
    }
}

fn paint_row(ui: &Ui, sheet: &Sheet<'_>, text: &RowText, row: Rect) {
    let (head, body) = colours(sheet.palette, text.kind);
    let left = sheet.room.rect.left() - sheet.across;
    for (column, (from, to)) in Column::ALL.into_iter().zip(sheet.widths.spans(row.width(), sheet.extra)) {
        let cell = Rect::from_x_y_ranges(left + from..=left + to, row.y_range());
        if !cell.intersect(sheet.room.rect).is_positive() {
            continue;
        }
        let (words, hits) = text.cell(column);
        let room = (cell.width() - 2.0 * PAD).max(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred at most")]
        // With a small tolerance, so that a width made to fit does fit.
        let columns = ((room + 0.1) / sheet.grid.cell).floor() as usize;
        let line = fit(words, hits, text.hit_now, columns);
        let colour = if column == Column::Preview { body } else { head };
        let mut job = LayoutJob::default();
        for (range, hit) in line.pieces {
            let mut format = sheet.grid.format(colour);
            match hit {
                Piece::Plain => {}
                Piece::Hit => (format.background, format.color) = (sheet.palette.hit, sheet.palette.on_hit),
                Piece::HitNow => {
                    (format.background, format.color) = (sheet.palette.hit_now, sheet.palette.on_hit);
                }
            }
            job.append(line.text.get(range).unwrap_or_default(), 0.0, format);
        }
        job.wrap.max_width = f32::INFINITY;
        let galley = ui.painter().layout_job(job);
        let x = if column.is_number() { cell.right() - PAD - galley.size().x } else { cell.left() + PAD };
        let y = row.top() + ((row.height() - galley.size().y) / 2.0).round();
        let clip = cell.intersect(sheet.room.rect);
        ui.painter().with_clip_rect(clip).galley(pos2(x, y), galley, colour);
    }
}

fn colours(palette: Palette, kind: RowKind) -> (Color32, Color32) {
    match kind {
        RowKind::Received => (palette.received, palette.received_body),
        RowKind::Sent => (palette.sent, palette.sent_body),
        RowKind::Event => (palette.event, palette.event),
        RowKind::Failed => (palette.failure, palette.failure),
    }
}
