//! Keyboard, pointer and context menu of the table. Paints nothing.

use egui::{Key, Modifiers, Pos2, Response, Ui, vec2};

use super::{Rows, TableAnswer, TableView};
use crate::ui::copy_as::{context_menu_ui, copy_as_ui};
use crate::ui::lang::{Lang, key_names};
use crate::ui::log::scroll::Place;
use crate::ui::rows::{self, Room, all_and_copy, select_by_pointer};
use crate::ui::span::{self, Selection, Step};
use crate::ui::widgets::entry_if;

pub(super) fn keys(
    ui: &Ui,
    response: &Response,
    room: Room,
    view: &mut TableView,
    answers: &mut Vec<TableAnswer>,
) {
    if !response.has_focus() || room.len == 0 {
        return;
    }
    let filter = egui::EventFilter { vertical_arrows: true, ..egui::EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    // Combinations with Shift first: egui also matches Shift+↓ as ↓.
    for (modifiers, extend) in [(Modifiers::SHIFT, true), (Modifiers::NONE, false)] {
        for step in steps(ui, modifiers, room.page()) {
            let selection = stepped(view.selection, step, extend, (view.place.at, room.len));
            view.selection = Some(selection);
            view.place = room.in_sight(view.place, selection.head);
            view.away = extend || step != Step::Last;
        }
    }
    let (all, copy) = all_and_copy(ui);
    let open = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
    if all {
        select_all(room, view);
    }
    if let Some(selection) = view.selection {
        answers.extend(open.then_some(TableAnswer::Opened(selection.head)));
        answers.extend(copy.then_some(TableAnswer::Copy(selection.span())));
    }
}

fn steps(ui: &Ui, modifiers: Modifiers, page: u64) -> Vec<Step> {
    let page = i64::try_from(page).unwrap_or(1);
    let keys = [
        (modifiers, Key::ArrowDown, Step::Rows(1)),
        (modifiers, Key::ArrowUp, Step::Rows(-1)),
        (modifiers, Key::PageDown, Step::Rows(page)),
        (modifiers, Key::PageUp, Step::Rows(-page)),
        (modifiers, Key::Home, Step::First),
        (modifiers, Key::End, Step::Last),
    ];
    rows::pressed(ui, &keys)
}

/// The selection after a step of the cursor in a table of `len` rows (at least 1). `extend` keeps where it
/// started. Without a selection the cursor goes to `top`, the first visible row.
fn stepped(before: Option<Selection>, step: Step, extend: bool, (top, len): (u64, u64)) -> Selection {
    let head = match (before, step) {
        (None, Step::Rows(_)) => top.min(len.saturating_sub(1)),
        _ => span::stepped(before.map_or(0, |before| before.head), step, 1, len),
    };
    Selection::to(head, before, extend)
}

fn select_all(room: Room, view: &mut TableView) {
    view.selection = Some(Selection { anchor: 0, head: room.len.saturating_sub(1) });
}

/// Handles the pointer. `shown` is the scroll position that was visible at the press.
pub(super) fn pointer(
    ui: &Ui,
    response: &Response,
    (room, shown): (Room, Place),
    view: &mut TableView,
    answers: &mut Vec<TableAnswer>,
) {
    let hit = |point: Pos2| room.is_on_rows(shown, point).then(|| room.row_at(shown, point.y));
    let (place, selection) = (view.place, &mut view.selection);
    let pressed =
        select_by_pointer(ui, response, selection, hit, |_origin, point| room.row_at(place, point.y));
    view.away |= pressed.is_some_and(|(_, is_primary)| is_primary);
    let opened = response.interact_pointer_pos().filter(|_| response.double_clicked()).and_then(hit);
    answers.extend(opened.map(TableAnswer::Opened));
}

pub(super) fn menu_ui(
    ui: &Ui,
    lang: Lang,
    response: &Response,
    (room, rows): (Room, &mut dyn Rows),
    (view, answers): (&mut TableView, &mut Vec<TableAnswer>),
) {
    context_menu_ui(ui, response, room.rect.left_top() + vec2(40.0, 20.0), |ui| {
        let selection = view.selection;
        let span = selection.map(Selection::span);
        let mut entry = |ui: &mut Ui, button, tip, answer: Option<TableAnswer>| {
            let clicked = entry_if(ui, answer.is_some(), button, tip);
            answers.extend(answer.filter(|_| clicked));
        };
        let button = egui::Button::new;
        let copy = button(lang.copy()).shortcut_text(key_names("Ctrl+C"));
        entry(ui, copy, lang.copy_rows_tip(), span.map(TableAnswer::Copy));
        let kind = ui.add_enabled_ui(span.is_some(), |ui| copy_as_ui(ui, lang)).inner;
        entry(ui, button(lang.save_rows()), lang.save_rows_tip(), span.map(TableAnswer::Save));
        answers.extend(kind.zip(span).map(|(kind, span)| TableAnswer::CopyAs(kind, span)));
        let all = button(lang.select_all()).shortcut_text(key_names("Ctrl+A"));
        if entry_if(ui, room.len > 0, all, lang.select_rows_tip()) {
            select_all(room, view);
        }
        if let Some(cursor) = selection.map(|selection| selection.head) {
            ui.separator();
            rows.menu_ui(ui, cursor);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::span::Span;

    const LEN: u64 = 100_000_000;

    #[test]
    fn the_cursor_steps_and_stays_within() {
        let at = |at| Some(Selection::one(at));
        for (selection, step, head) in [
            (None, Step::Rows(1), 90_000_000),
            (None, Step::Rows(-20), 90_000_000),
            (at(5), Step::Rows(1), 6),
            (at(5), Step::Rows(-9), 0),
            (at(LEN - 2), Step::Rows(40), LEN - 1),
            (at(LEN * 2), Step::Rows(-1), LEN - 2),
            (at(5), Step::First, 0),
            (at(5), Step::Last, LEN - 1),
        ] {
            let stepped = stepped(selection, step, false, (90_000_000, LEN));
            assert_eq!(stepped, Selection::one(head), "{selection:?} {step:?}");
        }
    }

    #[test]
    fn extending_keeps_where_it_began() {
        let mut selection = Selection::one(10);
        for (step, first, last) in
            [(Step::Rows(2), 10, 12), (Step::Rows(-5), 7, 10), (Step::Last, 10, 19), (Step::First, 0, 10)]
        {
            selection = stepped(Some(selection), step, true, (0, 20));
            assert_eq!(selection.span(), Span { first, last }, "{step:?}");
        }
    }
}
