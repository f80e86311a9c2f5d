//! The “Copy as” menu, and context menus that the keyboard can open.

use egui::{Key, Modifiers, Popup, Pos2, Response, SetOpenCommand, Ui};

use super::lang::Lang;
use super::widgets::entry;
use crate::codec::CopyAs;

/// Label of a copy format.
pub fn copy_as_name(lang: Lang, kind: CopyAs) -> &'static str {
    match kind {
        CopyAs::Text => lang.copy_text(),
        CopyAs::Hex => lang.copy_hex(),
        CopyAs::Dump => lang.copy_dump(),
        CopyAs::C => lang.copy_c(),
        CopyAs::Rust => lang.copy_rust(),
        CopyAs::Python => lang.copy_python(),
        CopyAs::JavaScript => lang.copy_javascript(),
        CopyAs::Base64 => lang.copy_base64(),
        CopyAs::Json => lang.copy_json(),
    }
}

pub(crate) fn copy_as_ui(ui: &mut Ui, lang: Lang) -> Option<CopyAs> {
    let mut chosen = None;
    let list = ui.menu_button(lang.copy_as(), |ui| {
        for kind in CopyAs::ALL {
            if entry(ui, copy_as_name(lang, kind), lang.copy_as_tip()) {
                chosen = Some(kind);
            }
        }
    });
    list.response.on_hover_text(lang.copy_as_tip());
    chosen
}

/// Context menu of `response`: at the pointer on right click; at `place` on the menu key or Shift+F10 while
/// it has focus; the focus returns to it after an entry is chosen.
pub(super) fn context_menu_ui(ui: &Ui, response: &Response, place: Pos2, content: impl FnOnce(&mut Ui)) {
    let keyed = response.has_focus()
        && ui.input_mut(|i| {
            i.consume_key(Modifiers::NONE, Key::Menu) || i.consume_key(Modifiers::SHIFT, Key::F10)
        });
    let mut menu = Popup::context_menu(response);
    if keyed {
        menu = menu.open_memory(Some(SetOpenCommand::Bool(true))).at_position(place);
    } else if menu.is_open() && Popup::position_of_id(ui.ctx(), menu.get_id()).is_none() {
        // Opened by a key: it stays where it is.
        menu = menu.at_position(place);
    }
    let shown = menu.show(|ui| {
        content(ui);
        ui.will_parent_close()
    });
    if shown.is_some_and(|menu| menu.inner) {
        response.request_focus();
    }
}
