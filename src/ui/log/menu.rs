//! The context menu: actions on the selection, and on the item under the pointer.

use egui::containers::menu::SubMenuButton;
use egui::{Button, Key, Pos2, Response, Ui};

use super::{Frame, LogInput, LogView, Painted};
use crate::codec::Charset;
use crate::model::{Message, is_highlight, notes_on};
use crate::state::Action;
use crate::ui::copy_as::{context_menu_ui, copy_as_ui};
use crate::ui::lang::key_names;
use crate::ui::widgets::{entry, entry_if};

/// Shows the menu if it is open: on right click for the item under the pointer, on the menu key or Shift+F10
/// for the selected one.
pub(super) fn context_menu(
    ui: &Ui,
    response: &Response,
    frame: &Frame<'_>,
    view: &mut LogView,
    painted: &[Painted],
    actions: &mut Vec<Action>,
) {
    let (selected, rows) = (view.position(), painted.iter());
    let row_of = |pointer: Pos2| rows.clone().find(|row| row.rect.y_range().contains(pointer.y));
    // The item stays the same while more arrive and the menu is open.
    let id = response.id.with("menu item");
    let keyed = response.has_focus()
        && ui.input(|i| i.key_pressed(Key::Menu) || i.modifiers.shift && i.key_pressed(Key::F10));
    if response.secondary_clicked() || keyed {
        let pointer = response.interact_pointer_pos().filter(|_| !keyed);
        let at = pointer.map_or(Some(selected), |pointer| row_of(pointer).map(|row| row.at));
        let item = at.and_then(|at| frame.input.items.get(at));
        response.ctx.data_mut(|data| data.insert_temp(id, item));
    }
    let place =
        rows.clone().find(|row| row.at == selected).map_or(frame.rect.min, |row| row.rect.left_bottom());
    context_menu_ui(ui, response, place, |ui| {
        let item: Option<Message> = ui.data(|data| data.get_temp(id)).flatten();
        menu_ui(ui, response, frame, view, item, actions);
    });
}

fn menu_ui(
    ui: &mut Ui,
    response: &Response,
    frame: &Frame<'_>,
    view: &mut LogView,
    item: Option<Message>,
    actions: &mut Vec<Action>,
) {
    let input = frame.input;
    let lang = input.lang;
    let order = view.copy_order(input.items.len());
    let copy = Button::new(lang.copy()).shortcut_text(key_names("Ctrl+C"));
    if entry_if(ui, order.is_some(), copy, lang.copy_tip()) {
        actions.extend(order.map(|order| Action::Copy(order, None)));
    }
    ui.add_enabled_ui(order.is_some(), |ui| {
        if let (Some(what), Some(order)) = (copy_as_ui(ui, lang), order) {
            actions.push(Action::Copy(order, Some(what)));
            ui.close();
        }
    });
    let all = Button::new(lang.select_all()).shortcut_text(key_names("Ctrl+A"));
    if entry_if(ui, true, all, lang.select_all_tip()) {
        view.select_all();
        response.request_focus();
    }
    if let Some(item) = item {
        ui.separator();
        item_ui(ui, frame.input, item, actions);
    }
    ui.separator();
    let clear = Button::new(lang.clear()).shortcut_text(key_names("Ctrl+L"));
    actions.extend(entry_if(ui, true, clear, lang.clear_tip()).then_some(Action::Clear));
}

pub(crate) fn item_ui(ui: &mut Ui, input: &LogInput<'_>, item: Message, actions: &mut Vec<Action>) {
    let lang = input.lang;
    let index = input.items.base.index;
    let note = Button::new(lang.note_edit()).shortcut_text(key_names("Ctrl+M"));
    if entry_if(ui, true, note, lang.note_edit_tip()) {
        actions.push(Action::EditNote(Some(item.first())));
    }
    let mut notes = notes_on(input.notes, index, &item);
    let (word, tip) = if notes.any(|(_, note)| is_highlight(note)) {
        (lang.unhighlight(), lang.unhighlight_tip())
    } else {
        (lang.highlight(), lang.highlight_tip())
    };
    if entry_if(ui, true, Button::new(word).shortcut_text(key_names("Ctrl+Shift+M")), tip) {
        actions.push(Action::SwitchHighlight(item));
    }
    let bytes = Button::new(lang.show_bytes()).shortcut_text(key_names("Ctrl+I"));
    actions.extend(entry_if(ui, true, bytes, lang.show_bytes_tip()).then_some(Action::ShowBytes(item)));
    let data = index.get(item.first()).filter(|record| record.kind.direction().is_some());
    if data.is_some_and(|record| index.twin(record.flow).is_some()) {
        let twin = Button::new(lang.twin()).shortcut_text(key_names("Ctrl+Shift+G"));
        actions.extend(entry_if(ui, true, twin, lang.twin_tip()).then_some(Action::GoToTwin(item)));
    }
    let Some(flow) = data.and_then(|record| index.flow(record.flow)).map(|flow| flow.id) else { return };
    for (label, tip, action) in [
        (lang.only_peer(), lang.only_peer_tip(), Action::FilterPeers(vec![flow])),
        (lang.follow_stream(), lang.follow_stream_tip(), Action::FollowPeer(flow)),
    ] {
        actions.extend(entry(ui, label, tip).then_some(action));
    }
    let (menu, _) = SubMenuButton::new(lang.peer_charset()).ui(ui, |ui| {
        let own = input.charsets.get(&flow).copied();
        for choice in std::iter::once(None).chain(Charset::ALL.map(Some)) {
            let label = choice.map_or(lang.as_session(), Charset::label);
            if ui.selectable_label(own == choice, label).clicked() {
                actions.push(Action::SetPeerCharset(flow, choice));
                ui.close();
            }
        }
    });
    menu.on_hover_text(lang.peer_charset_tip());
}
