//! The keys ↑ and ↓ in the send box, which step through the history as in a shell.

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::{TextEditOutput, TextEditState};
use egui::{Id, Key, Modifiers, Ui};

use crate::state::{Action, Step};

/// State of the cursor from one frame to the next.
#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    /// It is in the first row: ↑ leaves the text.
    first: bool,
    /// It is in the last row: ↓ leaves the text.
    last: bool,
    /// A step in this direction replaces the text in the next frame.
    stepped: Option<Step>,
    /// A step in this direction has replaced the text in this frame.
    arrived: Option<Step>,
}

/// Consumes the keys that leave the text. Call before showing the box.
pub(super) fn take_keys(ui: &Ui, id: Id, actions: &mut Vec<Action>) {
    let mut standing: Standing = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    standing.arrived = standing.stepped.take();
    let focused = ui.memory(|memory| memory.has_focus(id));
    for (key, step, leads_out) in
        [(Key::ArrowUp, Step::Older, standing.first), (Key::ArrowDown, Step::Newer, standing.last)]
    {
        let count = || ui.input_mut(|i| i.count_and_consume_key(Modifiers::NONE, key));
        let n = if focused && leads_out { count() } else { 0 };
        for _ in 0..n {
            actions.push(Action::WalkHistory(step));
            standing.stepped = Some(step);
        }
    }
    ui.data_mut(|data| data.insert_temp(id, standing));
}

/// Puts the cursor at the end of the text. Call before showing the box: what is typed in this frame goes there.
pub(super) fn to_end(ui: &Ui, id: Id, text: &str) {
    let mut state = TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let end = CCursor::new(text.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(end)));
    state.store(ui, id);
    ui.data_mut(|data| data.insert_temp(id, Standing::default()));
}

/// Records where the cursor is, and places it for the next step. Call after showing the box.
pub(super) fn look(ui: &Ui, id: Id, mut output: TextEditOutput) {
    let galley = &output.galley;
    let taken: Standing = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let mut cursor = output.cursor_range;
    if let Some(step) = taken.arrived {
        let place: CCursor = match step {
            Step::Older => galley.cursor_end_of_row(&galley.begin()),
            Step::Newer => galley.end(),
        };
        cursor = Some(CCursorRange::one(place));
        output.state.cursor.set_char_range(cursor);
        output.state.store(ui, id);
    }
    let row = cursor.filter(CCursorRange::is_empty).map(|at| galley.layout_from_cursor(at.primary).row);
    let standing = Standing {
        first: row == Some(0),
        last: row.is_some_and(|row| row + 1 == galley.rows.len()),
        stepped: taken.stepped,
        arrived: None,
    };
    ui.data_mut(|data| data.insert_temp(id, standing));
}
