//! Keyboard, pointer and context menu of the table. Paints nothing.

use egui::{Event, Key, Modifiers, Response, Ui, vec2};

use super::steps::{Step, stepped};
use super::{Rows, TableAnswer, TableView};
use crate::ui::copy_as::{context_menu_ui, copy_as_ui};
use crate::ui::lang::Lang;
use crate::ui::log::scroll::Place;
use crate::ui::rows::Room;
use crate::ui::span::Selection;

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
    let (all, open, copy) = ui.input_mut(|i| {
        let copy = i.events.iter().any(|event| matches!(event, Event::Copy | Event::Cut));
        (i.consume_key(Modifiers::COMMAND, Key::A), i.consume_key(Modifiers::NONE, Key::Enter), copy)
    });
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
        (Key::ArrowDown, Step::Rows(1)),
        (Key::ArrowUp, Step::Rows(-1)),
        (Key::PageDown, Step::Rows(page)),
        (Key::PageUp, Step::Rows(-page)),
        (Key::Home, Step::First),
        (Key::End, Step::Last),
    ];
    let times = |key| ui.input_mut(|i| i.count_and_consume_key(modifiers, key));
    keys.into_iter().flat_map(|(key, step)| std::iter::repeat_n(step, times(key))).collect()
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
    let Some(pointer) = response.interact_pointer_pos() else { return };
    let (pressed, shift) = ui.input(|i| (i.pointer.primary_pressed(), i.modifiers.shift));
    let row = |y: f32| {
        let at = room.row_at(shown, y);
        let end = room.rows(shown).last().map_or(0.0, |(_, rect)| rect.bottom());
        (room.rect.y_range().contains(y) && y < end).then_some(at)
    };
    // The pointer may have moved on, or been released, before this frame: start where it was pressed.
    let origin = ui.input(|i| i.pointer.press_origin()).or(response.clicked().then_some(pointer));
    let origin = origin.filter(|&at| pressed && response.rect.contains(at));
    if let Some(origin) = origin {
        response.request_focus();
        if let Some(at) = row(origin.y) {
            let anchor = view.selection.filter(|_| shift).map_or(at, |selection| selection.anchor);
            view.selection = Some(Selection { anchor, head: at });
            view.away = true;
        } else if !shift {
            view.selection = None;
        }
    } else if response.dragged_by(egui::PointerButton::Primary)
        && let Some(selection) = &mut view.selection
    {
        selection.head = room.row_at(view.place, pointer.y);
    } else if response.secondary_clicked()
        && let Some(at) = row(pointer.y)
    {
        response.request_focus();
        if !view.selection.is_some_and(|selection| selection.span().contains(at)) {
            view.selection = Some(Selection::one(at));
        }
    }
    if response.double_clicked()
        && let Some(at) = row(pointer.y)
    {
        answers.push(TableAnswer::Opened(at));
    }
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
            if ui.add_enabled(answer.is_some(), button).on_hover_text(tip).clicked() {
                answers.extend(answer);
                ui.close();
            }
        };
        let button = egui::Button::new;
        entry(
            ui,
            button(lang.copy()).shortcut_text("Ctrl+C"),
            lang.copy_rows_tip(),
            span.map(TableAnswer::Copy),
        );
        let kind = ui.add_enabled_ui(span.is_some(), |ui| copy_as_ui(ui, lang)).inner;
        entry(ui, button(lang.save_rows()), lang.save_rows_tip(), span.map(TableAnswer::Save));
        answers.extend(kind.zip(span).map(|(kind, span)| TableAnswer::CopyAs(kind, span)));
        let all = button(lang.select_all()).shortcut_text("Ctrl+A");
        if ui.add_enabled(room.len > 0, all).on_hover_text(lang.select_rows_tip()).clicked() {
            select_all(room, view);
            ui.close();
        }
        if let Some(cursor) = selection.map(|selection| selection.head) {
            ui.separator();
            rows.menu_ui(ui, cursor);
        }
    });
}
