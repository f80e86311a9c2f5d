//! Pointer and keys on the visible rows: select, fold, copy.

use egui::{Key, Modifiers, Pos2, Response, Ui, vec2};

use super::layout::RowKind;
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
        let head = point_at(frame, painted, pointer);
        let anchor = match view.selection {
            Some(selection) if shift => selection.anchor,
            Some(_) | None => point_at(frame, painted, origin),
        };
        view.selection = Some(Selection { anchor, head });
    } else if response.dragged_by(egui::PointerButton::Primary)
        && let Some(selection) = &mut view.selection
    {
        selection.head = point_at(frame, painted, pointer);
        view.away = true;
    }
    if response.double_clicked() {
        // The whole record, not only its head line.
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
    let cursor = row.galley.cursor_from_pos(vec2(pointer.x - row.rect.left(), row.galley.size().y / 2.0));
    selection::at_char(&row.layout, row.at, row.row, cursor.index.0)
}

/// The item whose fold row was clicked, or the selected one on Enter.
pub(super) fn fold_clicked(
    ui: &Ui,
    response: &Response,
    frame: &Frame<'_>,
    view: &LogView,
    painted: &[Painted],
) -> Option<Message> {
    let folds = |row: &Painted| {
        matches!(row.layout.rows.get(row.row as usize)?.kind, RowKind::Folded(_) | RowKind::Unfolded)
            .then(|| frame.input.items.get(row.at))
            .flatten()
    };
    if response.clicked() {
        let pointer = response.interact_pointer_pos()?;
        return painted.iter().find(|row| row.rect.y_range().contains(pointer.y)).and_then(folds);
    }
    let enter = response.has_focus() && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
    let at = view.selection.filter(|_| enter)?.head.at;
    painted.iter().filter(|row| row.at == at).find_map(folds)
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
