//! Paints the visible rows of bytes.

use std::ops::Range;

use egui::text::LayoutJob;
use egui::{Align2, Color32, Rect, Role, Sense, Ui, WidgetInfo, pos2};

use super::cells::{Class, characters};
use super::grid::{Columns, Pane, as_cells};
use super::input::Where;
use crate::codec::{Charset, hex};
use crate::ui::log::scroll::Place;
use crate::ui::rows::Grid;
use crate::ui::span::Selection;
use crate::ui::theme::Palette;

pub(super) struct Sheet<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) charset: Charset,
    pub(super) hits: &'a [Range<usize>],
    pub(super) grid: &'a Grid,
    pub(super) palette: Palette,
    pub(super) place: Place,
    pub(super) at: Where,
    pub(super) selection: Option<Selection>,
    pub(super) focus: Option<Pane>,
}

pub(super) fn paint_rows(ui: &Ui, sheet: &Sheet<'_>) {
    let n = sheet.at.columns.n;
    let rows: Vec<(usize, Rect)> = sheet
        .at
        .room
        .rows(sheet.place)
        .filter_map(|(row, rect)| Some((usize::try_from(row).ok()?.checked_mul(n)?, rect)))
        .collect();
    let (Some((first, _)), Some((last, _))) = (rows.first(), rows.last()) else { return };
    let window = *first..last.saturating_add(n);
    let characters = characters(sheet.charset, sheet.bytes, window);
    let first = *first;
    for (at, (start, rect)) in rows.into_iter().enumerate() {
        let bytes = sheet.bytes.get(start..).unwrap_or_default();
        let bytes = bytes.get(..n).unwrap_or(bytes);
        let cells = characters.get(start - first..).unwrap_or_default();
        let cells = cells.get(..n).unwrap_or(cells);
        let row = Row { start, bytes, cells, rect };
        mark(ui, sheet, &row);
        row.paint(ui, sheet);
        // Painted text is invisible to screen readers and tests; this exposes it as a label.
        let id = ui.scope_id().with(("bytes row", at));
        let label = ui.interact(rect.intersect(sheet.at.room.rect), id, Sense::empty());
        label.widget_info(|| WidgetInfo::labeled(Role::Label, true, row.spoken()));
    }
}

struct Row<'a> {
    start: usize,
    bytes: &'a [u8],
    cells: &'a [Option<char>],
    rect: Rect,
}

impl Row<'_> {
    fn spoken(&self) -> String {
        let text: String = self.cells.iter().flatten().collect();
        format!("{:08X}  {}  {text}", self.start, hex::to_text(self.bytes))
    }

    fn paint(&self, ui: &Ui, sheet: &Sheet<'_>) {
        let painter = ui.painter().with_clip_rect(sheet.at.room.rect);
        let (columns, cell) = (sheet.at.columns, sheet.grid.cell);
        let offset = format!("{:08X}", self.start);
        let font = || sheet.grid.font.clone();
        let middle = self.rect.center().y;
        let left = self.rect.left();
        painter.text(pos2(left, middle), Align2::LEFT_CENTER, offset, font(), sheet.palette.weak);

        // The hex digits are one galley, coloured by the category of each byte.
        let mut job = LayoutJob::default();
        for (n, byte) in self.bytes.iter().enumerate() {
            let gap = Columns::hex(n) - if n == 0 { Columns::hex(0) } else { Columns::hex(n - 1) + 2 };
            let [high, low] = hex::digits(*byte);
            let text = format!("{}{high}{low}", " ".repeat(gap));
            job.append(&text, 0.0, sheet.grid.format(sheet.colour(self.start + n, *byte)));
        }
        job.wrap.max_width = f32::INFINITY;
        let galley = ui.painter().layout_job(job);
        let y = (middle - galley.size().y / 2.0).round();
        painter.galley(pos2(left + as_cells(Columns::hex(0)) * cell, y), galley, sheet.palette.text);

        // Non-ASCII characters may come from a font with other widths, so each is placed on its own.
        for (n, (byte, c)) in self.bytes.iter().zip(self.cells).enumerate() {
            if let Some(c) = c.filter(|c| *c != ' ') {
                let at = pos2(left + as_cells(columns.text(n)) * cell, middle);
                painter.text(at, Align2::LEFT_CENTER, c, font(), sheet.colour(self.start + n, *byte));
            }
        }
    }
}

/// Paints selection and hits behind a row, in both panes.
fn mark(ui: &Ui, sheet: &Sheet<'_>, row: &Row<'_>) {
    let painter = ui.painter().with_clip_rect(sheet.at.room.rect);
    let end = row.start + row.bytes.len();
    let both = |range: Range<usize>, colour: Color32| {
        let (from, to) = (range.start.max(row.start), range.end.min(end));
        if from < to {
            for pane in [Pane::Hex, Pane::Text] {
                painter.rect_filled(cells(sheet, row, pane, from..to), 2.0, colour);
            }
        }
    };
    let first = sheet.hits.partition_point(|hit| hit.end <= row.start);
    let hits = sheet.hits.get(first..).unwrap_or_default();
    let Some(selection) = sheet.selection else {
        hits.iter().take_while(|hit| hit.start < end).for_each(|hit| both(hit.clone(), sheet.palette.hit));
        return;
    };
    let span = selection.span();
    let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    both(index(span.first)..index(span.last).saturating_add(1), sheet.palette.selection);
    // Hits stay visible within the selection.
    hits.iter().take_while(|hit| hit.start < end).for_each(|hit| both(hit.clone(), sheet.palette.hit));
    let head = index(selection.head);
    if let Some(pane) = sheet.focus.filter(|_| (row.start..end).contains(&head)) {
        for this in [Pane::Hex, Pane::Text] {
            // The pane with keyboard focus has the stronger cursor.
            let width = if this == pane { 1.5 } else { 0.5 };
            let around = cells(sheet, row, this, head..head + 1);
            painter.rect_stroke(around, 2.0, (width, sheet.palette.accent), egui::StrokeKind::Inside);
        }
    }
}

fn cells(sheet: &Sheet<'_>, row: &Row<'_>, pane: Pane, range: Range<usize>) -> Rect {
    let columns: Columns = sheet.at.columns;
    let x = |cells: usize| row.rect.left() + as_cells(cells) * sheet.grid.cell;
    let (from, _) = columns.cells(pane, range.start - row.start);
    let (_, to) = columns.cells(pane, range.end - 1 - row.start);
    let room = if pane == Pane::Hex { sheet.grid.cell * 0.5 } else { 0.0 };
    Rect::from_x_y_ranges(x(from) - room..=x(to) + room, row.rect.y_range())
}

impl Sheet<'_> {
    fn colour(&self, at: usize, byte: u8) -> Color32 {
        let next = self.hits.partition_point(|hit| hit.end <= at);
        if self.hits.get(next).is_some_and(|hit| hit.contains(&at)) {
            return self.palette.on_hit;
        }
        match Class::of(byte) {
            Class::Nul => self.palette.weak,
            Class::Printable => self.palette.text,
            Class::Blank => self.palette.received,
            Class::Control => self.palette.added,
            Class::High => self.palette.care,
        }
    }
}
