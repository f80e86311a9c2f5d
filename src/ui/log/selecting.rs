//! Pointer and keys on the visible rows: select, fold, copy.

use std::collections::HashSet;

use egui::{Key, Modifiers, Pos2, Response, Ui, vec2};

use super::layout::{Form, RowKind};
use super::look::FOLD;
use super::paint::Painted;
use super::selection::{self, Point, Selection};
use super::{Frame, LogView};
use crate::model::Message;
use crate::state::Action;
use crate::ui::rows::{all_and_copy, press_origin};

pub(super) fn select(
    ui: &Ui,
    response: &Response,
    frame: &Frame<'_>,
    view: &mut LogView,
    painted: &[Painted],
) {
    if response.hovered() {
        ui.set_cursor_icon(egui::CursorIcon::Text);
    }
    let Some(pointer) = response.interact_pointer_pos() else { return };
    let shift = ui.input(|i| i.modifiers.shift);
    if let Some(origin) = press_origin(ui, response, pointer) {
        response.request_focus();
        let begun = view.selection.filter(|_| shift);
        view.pressed = begun.map_or_else(|| point_at(frame, painted, origin), |selection| selection.anchor);
        let row = row_at(painted, origin).filter(|_| frame.config.form != Form::Stream);
        // A click selects a record, a drag any part of the data.
        view.selection = match (row, begun) {
            (Some(row), Some(mut selection)) => {
                selection.extend(row.at);
                Some(selection)
            }
            (Some(row), None) => Some(Selection::record(row.at)),
            (None, _) => Some(Selection { anchor: view.pressed, head: point_at(frame, painted, pointer) }),
        };
    } else if response.dragged_by(egui::PointerButton::Primary) {
        view.selection = Some(Selection { anchor: view.pressed, head: point_at(frame, painted, pointer) });
    }
    if response.double_clicked() && frame.config.form == Form::Stream {
        let point = point_at(frame, painted, pointer);
        view.selection =
            Some(Selection { anchor: Point { byte: 0, ..point }, head: Point { byte: u32::MAX, ..point } });
    }
}

fn point_at(frame: &Frame<'_>, painted: &[Painted], pointer: Pos2) -> Point {
    let Some(first) = painted.first() else { return Point::default() };
    if pointer.y < first.rect.top() {
        return selection::start_of(&first.layout, first.at, first.row);
    }
    let row = painted.iter().rfind(|row| row.rect.top() <= pointer.y).unwrap_or(first);
    if pointer.y > frame.rect.bottom().max(row.rect.bottom()) || pointer.y > row.rect.bottom() {
        return selection::end_of(&row.layout, row.at, row.row);
    }
    let cursor = row.galley.cursor_from_pos(vec2(pointer.x - row.left, row.galley.size().y / 2.0));
    selection::at_char(&row.layout, row.at, row.row, cursor.index.0)
}

fn row_at(painted: &[Painted], pointer: Pos2) -> Option<&Painted> {
    painted.iter().find(|row| row.rect.y_range().contains(pointer.y))
}

/// The item that is to be folded or unfolded: by its mark, a double click, or a key for the selected one.
pub(super) fn fold_input(
    ui: &Ui,
    response: &Response,
    frame: &Frame<'_>,
    view: &LogView,
    painted: &[Painted],
    unfolded: &HashSet<Message>,
) -> Option<Message> {
    let is_stream = frame.config.form == Form::Stream;
    // Enter counts as a click, too, but is nowhere.
    if response.clicked()
        && let Some(pointer) = response.interact_pointer_pos()
    {
        let row = row_at(painted, pointer)?;
        let signs = matches!(row.layout.kind(row.row)?, RowKind::Folded(_) | RowKind::Unfolded);
        let on_mark = pointer.x < row.rect.left() + FOLD && row.layout.head_at(row.row).is_some();
        let folds = signs || !is_stream && (on_mark || response.double_clicked());
        return frame.input.items.get(row.at).filter(|_| folds);
    }
    if !response.has_focus() {
        return None;
    }
    let item = view.selection.and_then(|selection| frame.input.items.get(selection.head.at))?;
    let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    let is_unfolded = unfolded.contains(&item);
    let folds = pressed(Key::Enter)
        || !is_stream && pressed(if is_unfolded { Key::ArrowLeft } else { Key::ArrowRight });
    folds.then_some(item)
}

pub(super) fn copy_input(ui: &Ui, focused: bool, view: &mut LogView, len: u64, actions: &mut Vec<Action>) {
    if !focused {
        return;
    }
    let (all, copy) = all_and_copy(ui);
    if all {
        view.select_all();
    }
    if view.selection.is_some_and(|selection| !selection.is_empty())
        && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape))
    {
        view.selection = None;
    }
    if copy && let Some(order) = view.copy_order(len) {
        actions.push(Action::Copy(order, None));
    }
}
