//! Keyboard, pointer and context menu of the byte view. Paints nothing.

use egui::{Key, Modifiers, Pos2, Response, Ui, vec2};

use super::grid::{Columns, Pane};
use super::{BytesAnswer, BytesView};
use crate::codec::CopyAs;
use crate::ui::copy_as::{context_menu_ui, copy_as_ui};
use crate::ui::lang::{Lang, key_names};
use crate::ui::log::scroll::Place;
use crate::ui::rows::{self, Room, all_and_copy, select_by_pointer};
use crate::ui::span::{Selection, Step, stepped};
use crate::ui::widgets::entry_if;

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
            view.selection = Some(Selection::to(head, Some(selection), extend));
            view.place = place.room.in_sight(view.place, place.row_of(head));
        }
    }
    let (all, copy) = all_and_copy(ui);
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
        (shift, Key::ArrowLeft, Step::By(-1)),
        (shift, Key::ArrowRight, Step::By(1)),
        (shift, Key::ArrowUp, Step::Rows(-1)),
        (shift, Key::ArrowDown, Step::Rows(1)),
        (shift, Key::PageUp, Step::Rows(-page)),
        (shift, Key::PageDown, Step::Rows(page)),
        (shift, Key::Home, Step::RowStart),
        (shift, Key::End, Step::RowEnd),
    ];
    rows::pressed(ui, &keys)
}

fn copied(view: &BytesView, kind: CopyAs) -> Option<BytesAnswer> {
    Some(BytesAnswer::Copy(kind, view.selected()?))
}

/// Handles the pointer. `shown` is the scroll position that was visible at the press.
pub(super) fn pointer(ui: &Ui, response: &Response, place: Where, shown: Place, view: &mut BytesView) {
    let pane = |point: Pos2| place.columns.pane_at((point.x - place.room.rect.left()) / place.cell);
    let hit =
        |point: Pos2| place.room.is_on_rows(shown, point).then(|| place.byte_at(shown, pane(point), point));
    let nearest =
        |origin: Option<Pos2>, point| place.byte_at(view.place, origin.map_or(view.pane, pane), point);
    if let Some((point, _)) = select_by_pointer(ui, response, &mut view.selection, hit, nearest) {
        view.pane = pane(point);
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
            let copy = egui::Button::new(lang.copy()).shortcut_text(key_names("Ctrl+C"));
            if entry_if(ui, true, copy, lang.copy_bytes_tip()) {
                answers.extend(copied(view, view.pane_copy()));
            }
            if let Some(kind) = copy_as_ui(ui, lang) {
                answers.extend(copied(view, kind));
            }
        });
        let all = egui::Button::new(lang.select_all()).shortcut_text(key_names("Ctrl+A"));
        if entry_if(ui, place.len > 0, all, lang.select_bytes_tip()) {
            view.selection = Some(Selection { anchor: 0, head: place.len.saturating_sub(1) });
        }
    });
}
