//! The columns of the table: their widths, and the head where they are changed.

use egui::{Align2, CursorIcon, Key, Modifiers, Rect, Sense, TextStyle, Ui, pos2, vec2};

use crate::ui::lang::Lang;
use crate::ui::theme::Palette;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// The item's number.
    Number,
    /// When it occurred or started.
    Time,
    /// Time since the item before.
    Delta,
    /// The peer.
    Peer,
    /// Received or sent.
    Direction,
    /// What a WebSocket has carried it as. Shown only where there are such items.
    Opcode,
    /// Length in bytes.
    Length,
    /// When its last byte was sent or received. Shown only of messages that a framing makes.
    Last,
    /// Start of the data, or the text of an event. Takes the remaining width.
    Preview,
}

impl Column {
    /// All of them, from left to right.
    pub const ALL: [Self; 9] = [
        Self::Number,
        Self::Time,
        Self::Delta,
        Self::Peer,
        Self::Direction,
        Self::Opcode,
        Self::Length,
        Self::Last,
        Self::Preview,
    ];

    /// Its heading.
    pub fn title(self, lang: Lang) -> &'static str {
        self.words(lang).0
    }

    /// Heading and tooltip.
    fn words(self, lang: Lang) -> (&'static str, &'static str) {
        match self {
            Self::Number => (lang.column_number(), lang.column_number_tip()),
            Self::Time => (lang.column_time(), lang.column_time_tip()),
            Self::Delta => (lang.column_delta(), lang.column_delta_tip()),
            Self::Peer => (lang.column_peer(), lang.column_peer_tip()),
            Self::Direction => (lang.column_direction(), lang.column_direction_tip()),
            Self::Length => (lang.column_length(), lang.column_length_tip()),
            Self::Last => (lang.column_last(), lang.column_last_tip()),
            Self::Opcode => (lang.column_opcode(), lang.column_opcode_tip()),
            Self::Preview => (lang.column_preview(), lang.column_preview_tip()),
        }
    }

    /// Numbers are right-aligned, so that their digits line up.
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::Delta | Self::Length)
    }

    fn place(self) -> usize {
        self as usize
    }
}

/// The columns that are not always shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extra {
    /// There are items with opcodes.
    pub opcodes: bool,
    /// An item may be several records, so that its last byte may come later than its first.
    pub ends: bool,
}

impl Extra {
    fn shows(self, column: Column) -> bool {
        match column {
            Column::Opcode => self.opcodes,
            Column::Last => self.ends,
            _ => true,
        }
    }
}

const N: usize = Column::ALL.len();
/// Default widths in points: enough for a million items, a time with microseconds, most IPv4 addresses with port.
/// Longer text ends in `…`.
const DEFAULT: [f32; N] = [58.0, 128.0, 88.0, 146.0, 46.0, 66.0, 56.0, 132.0, LEAST_PREVIEW];
const LEAST: f32 = 30.0;
const MOST: f32 = 2000.0;
const LEAST_PREVIEW: f32 = 160.0;
/// Room for data below which columns give way.
const LEAST_DATA: f32 = 240.0;

/// Widths of the columns, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Widths([f32; N]);

impl Default for Widths {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl Widths {
    /// From the values of [`points`](Self::points). Missing or invalid ones get the default.
    pub fn from_points(points: &[f32]) -> Self {
        let mut widths = Self::default();
        // Before there were opcodes.
        let is_older = points.len() == N - 1;
        let kept = Column::ALL.into_iter().filter(|column| !is_older || *column != Column::Opcode);
        for (column, width) in kept.zip(points) {
            widths.set(column, *width);
        }
        widths
    }

    /// All widths from left to right, for storage.
    pub fn points(&self) -> &[f32] {
        &self.0
    }

    /// Width of one column; for the preview, its minimum.
    pub fn get(&self, column: Column) -> f32 {
        self.0[column.place()]
    }

    /// Sets the width of a column, within limits.
    pub fn set(&mut self, column: Column, width: f32) {
        if width.is_finite() {
            self.0[column.place()] = width.clamp(LEAST, MOST);
        }
    }

    /// Resets a column to its default width.
    pub fn reset(&mut self, column: Column) {
        self.0[column.place()] = DEFAULT[column.place()];
    }

    pub(super) fn spans(&self, room: f32, extra: Extra) -> [(f32, f32); N] {
        let mut left = 0.0;
        let mut shown = Column::ALL.map(|column| extra.shows(column));
        // Where the data would not be in sight, what other columns tell, too, gives way.
        for column in [Column::Last, Column::Delta] {
            let all = Column::ALL.into_iter().filter(|column| shown[column.place()]);
            let others: f32 =
                all.filter(|column| *column != Column::Preview).map(|column| self.get(column)).sum();
            shown[column.place()] &= room - others >= LEAST_DATA;
        }
        let mut spans = Column::ALL.map(|column| {
            let span = (left, left + if shown[column.place()] { self.get(column) } else { 0.0 });
            left = span.1;
            span
        });
        let preview = &mut spans[Column::Preview.place()];
        preview.1 = preview.1.max(room);
        spans
    }
}

/// Shows the head in `rect`, scrolled `across` points, and changes `widths` as the user drags the edges. An
/// edge with focus moves by the arrow keys.
pub(super) fn head_ui(ui: &Ui, lang: Lang, rect: Rect, (across, extra): (f32, Extra), widths: &mut Widths) {
    let palette = Palette::of(ui);
    let painter = ui.painter().with_clip_rect(rect);
    painter.rect_filled(rect, 0.0, palette.panel);
    painter.hline(rect.x_range(), rect.bottom() - 0.5, (1.0, palette.line));
    let font = TextStyle::Small.resolve(ui.style());
    let spans = widths.spans(rect.width(), extra);
    for (column, (left, right)) in Column::ALL.into_iter().zip(spans) {
        let x = rect.left() - across;
        let cell = Rect::from_x_y_ranges(x + left..=x + right, rect.y_range());
        let (title, tip) = column.words(lang);
        let (at, align) = if column.is_number() {
            (cell.right_center() - vec2(PAD, 0.0), Align2::RIGHT_CENTER)
        } else {
            (cell.left_center() + vec2(PAD, 0.0), Align2::LEFT_CENTER)
        };
        painter.with_clip_rect(cell.intersect(rect)).text(at, align, title, font.clone(), palette.weak);
        let seen = cell.intersect(rect);
        if seen.is_positive() {
            let id = ui.scope_id().with(("table head", column));
            let response = ui.interact(seen, id, Sense::hover());
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ColumnHeader, true, title));
            response.on_hover_text(tip);
        }
    }
    // After the cells, so that the edges are above them.
    for (column, (left, right)) in Column::ALL.into_iter().zip(spans) {
        let x = rect.left() - across + right;
        let has_edge = column != Column::Preview && right > left;
        if has_edge && rect.x_range().contains(x) {
            edge_ui(ui, lang, pos2(x, rect.top()), (rect, column), widths);
        }
    }
}

pub(super) const PAD: f32 = 6.0;

fn edge_ui(ui: &Ui, lang: Lang, top: egui::Pos2, (head, column): (Rect, Column), widths: &mut Widths) {
    let palette = Palette::of(ui);
    let line = Rect::from_min_max(top, pos2(top.x, head.bottom()));
    let id = ui.scope_id().with(("table edge", column));
    let response = ui.interact(line.expand2(vec2(4.0, 0.0)), id, Sense::click_and_drag());
    let width = widths.get(column);
    let name = lang.column_width(column.title(lang));
    response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(width), &name));
    let colour = if response.hovered() || response.dragged() || response.has_focus() {
        palette.accent
    } else {
        palette.line
    };
    ui.painter().vline(top.x, line.y_range().shrink(2.0), (1.0, colour));
    if response.double_clicked() {
        widths.reset(column);
    } else if response.dragged() {
        // Relative to where it was grabbed; otherwise it would lose the pointer at its limits.
        let begun = ui.data_mut(|data| {
            if response.drag_started() {
                data.insert_temp(id, width);
            }
            data.get_temp(id).unwrap_or(width)
        });
        widths.set(column, begun + response.total_drag_delta().unwrap_or_default().x);
    }
    if response.has_focus() {
        let filter = egui::EventFilter { horizontal_arrows: true, ..egui::EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        let pressed = |key| ui.input_mut(|i| i.count_and_consume_key(Modifiers::NONE, key));
        #[expect(clippy::cast_precision_loss, reason = "a few key presses")]
        let steps = pressed(Key::ArrowRight) as f32 - pressed(Key::ArrowLeft) as f32;
        let back = pressed(Key::Enter) > 0;
        if steps != 0.0 {
            widths.set(column, width + steps * STEP);
        } else if back {
            widths.reset(column);
        }
    }
    response.on_hover_cursor(CursorIcon::ResizeHorizontal).on_hover_text(lang.column_width_tip());
}

/// Step of an arrow key, in points.
const STEP: f32 = 8.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_that_were_kept_are_as_they_were() {
        let mut widths = Widths::default();
        widths.set(Column::Peer, 300.0);
        assert_eq!(Widths::from_points(widths.points()), widths);
        widths.reset(Column::Peer);
        assert_eq!(widths, Widths::default());
    }

    #[test]
    fn what_makes_no_sense_is_mended() {
        let widths = Widths::from_points(&[f32::NAN, f32::INFINITY, -5.0, 1e9]);
        let default = Widths::default();
        for column in [Column::Number, Column::Time, Column::Length, Column::Preview] {
            assert!(widths.get(column).total_cmp(&default.get(column)).is_eq(), "{column:?}");
        }
        assert!(widths.get(Column::Delta).total_cmp(&LEAST).is_eq());
        assert!(widths.get(Column::Peer).total_cmp(&MOST).is_eq());
        assert_eq!(Widths::from_points(&[1.0; 50]).points(), [LEAST; N]);
    }

    #[test]
    fn the_preview_takes_what_is_left_and_has_a_least() {
        let widths = Widths::default();
        let columns: f32 = Column::ALL.map(|column| widths.get(column)).iter().sum();
        // Without room, two of them give way.
        let given = widths.get(Column::Last) + widths.get(Column::Delta);
        for (room, end) in [(2000.0, 2000.0), (100.0, columns - given)] {
            let spans = widths.spans(room, Extra { opcodes: true, ends: true });
            assert!(spans.windows(2).all(|pair| (pair[0].1 - pair[1].0).abs() < 0.01), "{spans:?}");
            assert!((spans[N - 1].1 - end).abs() < 0.01, "{spans:?}");
        }
    }
}
