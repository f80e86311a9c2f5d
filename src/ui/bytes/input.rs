//! Keyboard, pointer and context menu of the byte view. Paints nothing.

use egui::{Event, Key, Modifiers, Pos2, Response, Ui, vec2};

use super::grid::{Columns, Pane};
use super::{BytesAnswer, BytesView};
use crate::codec::CopyAs;
use crate::ui::copy_as::{context_menu_ui, copy_as_ui};
use crate::ui::lang::Lang;
use crate::ui::log::scroll::Place;
use crate::ui::rows::Room;
use crate::ui::span::Selection;

/// Geometry of the byte view.
#[derive(Debug, Clone, Copy)]
pub(super) struct Where {
    pub(super) room: Room,
    pub(super) columns: Columns,
    pub(super) len: u64,
    pub(super) cell: f32,
}

impl Where {
    fn per_row(&self) -> u64 {
        self.columns.n as u64
    }

    pub(super) fn row_of(&self, byte: u64) -> u64 {
        byte / self.per_row()
    }

    /// The byte nearest to a point, and its pane.
    fn byte_at(&self, place: Place, pane: Pane, point: Pos2) -> u64 {
        let x = (point.x - self.room.rect.left()) / self.cell;
        let row = self.room.row_at(place, point.y);
        (row * self.per_row() + self.columns.nearest(pane, x) as u64).min(self.len.saturating_sub(1))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// By bytes, backwards if negative.
    Bytes(i64),
    /// By rows, upwards if negative.
    Rows(i64),
    RowStart,
    RowEnd,
    First,
    Last,
}

/// Target of a step from byte `at` of `len` (at least 1) in rows of `n` bytes.
fn stepped(at: u64, step: Step, n: u64, len: u64) -> u64 {
    let last = len.saturating_sub(1);
    let at = at.min(last);
    match step {
        Step::Bytes(by) => at.saturating_add_signed(by).min(last),
        // Keeps the column as long as there is a row to go to.
        Step::Rows(by) => {
            let row = (at / n).saturating_add_signed(by).min(last / n);
            (row * n + at % n).min(last)
        }
        Step::RowStart => at / n * n,
        Step::RowEnd => (at / n * n + n - 1).min(last),
        Step::First => 0,
        Step::Last => last,
    }
}

pub(super) fn keys(
    ui: &Ui,
    response: &Response,
    place: Where,
    view: &mut BytesView,
    answers: &mut Vec<BytesAnswer>,
) {
    if !response.has_focus() || place.len == 0 {
        return;
    }
    let filter =
        egui::EventFilter { vertical_arrows: true, horizontal_arrows: true, ..egui::EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    // Combinations with Shift first: egui also matches Shift+↓ as ↓.
    for (shift, extend) in [(Modifiers::SHIFT, true), (Modifiers::NONE, false)] {
        for step in steps(ui, shift, place.room.page()) {
            let first = Selection::one(view.place.at * place.per_row());
            let selection = view.selection.unwrap_or(first);
            let head = stepped(selection.head, step, place.per_row(), place.len);
            let anchor = if extend { selection.anchor } else { head };
            view.selection = Some(Selection { anchor, head });
            view.place = place.room.in_sight(view.place, place.row_of(head));
        }
    }
    let (all, copy) = ui.input_mut(|i| {
        let copy = i.events.iter().any(|event| matches!(event, Event::Copy | Event::Cut));
        (i.consume_key(Modifiers::COMMAND, Key::A), copy)
    });
    if all {
        view.selection = Some(Selection { anchor: 0, head: place.len - 1 });
    }
    if copy {
        answers.extend(copied(view, view.pane_copy()));
    }
}

fn steps(ui: &Ui, shift: Modifiers, page: u64) -> Vec<Step> {
    let page = i64::try_from(page).unwrap_or(1);
    let ctrl = shift | Modifiers::COMMAND;
    let keys = [
        (ctrl, Key::Home, Step::First),
        (ctrl, Key::End, Step::Last),
        (shift, Key::ArrowLeft, Step::Bytes(-1)),
        (shift, Key::ArrowRight, Step::Bytes(1)),
        (shift, Key::ArrowUp, Step::Rows(-1)),
        (shift, Key::ArrowDown, Step::Rows(1)),
        (shift, Key::PageUp, Step::Rows(-page)),
        (shift, Key::PageDown, Step::Rows(page)),
        (shift, Key::Home, Step::RowStart),
        (shift, Key::End, Step::RowEnd),
    ];
    let times = |modifiers, key| ui.input_mut(|i| i.count_and_consume_key(modifiers, key));
    let steps = keys.into_iter();
    steps.flat_map(|(modifiers, key, step)| std::iter::repeat_n(step, times(modifiers, key))).collect()
}

fn copied(view: &BytesView, kind: CopyAs) -> Option<BytesAnswer> {
    Some(BytesAnswer::Copy(kind, view.selected()?))
}

/// Handles the pointer. `shown` is the scroll position that was visible at the press.
pub(super) fn pointer(ui: &Ui, response: &Response, place: Where, shown: Place, view: &mut BytesView) {
    let Some(pointer) = response.interact_pointer_pos() else { return };
    let (pressed, shift) = ui.input(|i| (i.pointer.primary_pressed(), i.modifiers.shift));
    let pane = |point: Pos2| place.columns.pane_at((point.x - place.room.rect.left()) / place.cell);
    let on_rows = |point: Pos2| {
        let end = place.room.rows(shown).last().map_or(0.0, |(_, rect)| rect.bottom());
        place.room.rect.y_range().contains(point.y) && point.y < end
    };
    // The pointer may have moved on, or been released, before this frame: start where it was pressed.
    let origin = ui.input(|i| i.pointer.press_origin()).or(response.clicked().then_some(pointer));
    let origin = origin.filter(|&at| pressed && response.rect.contains(at));
    if let Some(origin) = origin {
        response.request_focus();
        if on_rows(origin) {
            view.pane = pane(origin);
            let at = place.byte_at(shown, view.pane, origin);
            let anchor = view.selection.filter(|_| shift).map_or(at, |selection| selection.anchor);
            view.selection = Some(Selection { anchor, head: at });
        } else if !shift {
            view.selection = None;
        }
    }
    if response.dragged_by(egui::PointerButton::Primary)
        && let Some(selection) = &mut view.selection
    {
        selection.head = place.byte_at(view.place, view.pane, pointer);
    } else if response.secondary_clicked() && on_rows(pointer) {
        response.request_focus();
        view.pane = pane(pointer);
        let at = place.byte_at(shown, view.pane, pointer);
        if !view.selection.is_some_and(|selection| selection.span().contains(at)) {
            view.selection = Some(Selection::one(at));
        }
    }
}

pub(super) fn menu_ui(
    ui: &Ui,
    lang: Lang,
    response: &Response,
    place: Where,
    (view, answers): (&mut BytesView, &mut Vec<BytesAnswer>),
) {
    context_menu_ui(ui, response, place.room.rect.left_top() + vec2(40.0, 20.0), |ui| {
        ui.add_enabled_ui(view.selection.is_some(), |ui| {
            let copy = egui::Button::new(lang.copy()).shortcut_text("Ctrl+C");
            if ui.add(copy).on_hover_text(lang.copy_bytes_tip()).clicked() {
                answers.extend(copied(view, view.pane_copy()));
                ui.close();
            }
            if let Some(kind) = copy_as_ui(ui, lang) {
                answers.extend(copied(view, kind));
            }
        });
        let all = egui::Button::new(lang.select_all()).shortcut_text("Ctrl+A");
        if ui.add_enabled(place.len > 0, all).on_hover_text(lang.select_bytes_tip()).clicked() {
            view.selection = Some(Selection { anchor: 0, head: place.len.saturating_sub(1) });
            ui.close();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_steps_through_rows_and_bytes() {
        for (at, step, to) in [
            (5, Step::Bytes(-1), 4),
            (0, Step::Bytes(-1), 0),
            (39, Step::Bytes(1), 39),
            (5, Step::Rows(1), 21),
            (5, Step::Rows(-1), 5),
            (30, Step::Rows(1), 39),
            (5, Step::Rows(90), 37),
            (37, Step::RowStart, 32),
            (37, Step::RowEnd, 39),
            (5, Step::RowEnd, 15),
            (5, Step::Last, 39),
            (5, Step::First, 0),
            (900, Step::Bytes(-1), 38),
        ] {
            assert_eq!(stepped(at, step, 16, 40), to, "{step:?} from {at}");
        }
    }
}
