//! What all dialogs have: the frame with its head, and the last row with its buttons.

use egui::text_edit::TextEditState;
use egui::{
    Align, Align2, Button, Context, Frame, Id, Key, Layout, Margin, Modal, Modifiers, Order, Popup, RichText,
    Ui, Vec2, vec2,
};

use super::{from_the_right, named};
use crate::ui::controls;
use crate::ui::lang::key_names;
use crate::ui::theme::{GAP, Palette, VEIL};

/// Width of dialogs, if there is room, and height of their heads.
pub(crate) const DIALOG: f32 = 640.0;
const HEAD: f32 = 48.0;

/// What stands over the window, and takes its keys. Lists and menus are in front of it; those that were open close.
pub(crate) fn modal(ctx: &Context, id: Id, (align, offset): (Align2, Vec2)) -> Modal {
    // In the order of lists and menus, a press on it would raise it above the one that is being opened.
    let area = Modal::default_area(id).order(Order::Middle).anchor(align, offset);
    if !ctx.memory(|memory| memory.areas().visible_last_frame(&area.layer())) {
        Popup::close_all(ctx);
    }
    Modal::new(id).area(area)
}

/// A dialog in the middle of the window. Escape, or a click beside it, answers `close`.
pub(crate) fn dialog<A>(
    ui: &Ui,
    (id, title): (&'static str, &str),
    close: A,
    content: impl FnOnce(&mut Ui, &mut Vec<A>),
) -> Vec<A> {
    let mut answers = Vec::new();
    let margin = Margin { top: 0, ..Margin::same(16) };
    let modal = modal(ui.ctx(), Id::unique(id), (Align2::CENTER_CENTER, Vec2::ZERO)).backdrop_color(VEIL);
    if !ui.memory(|memory| memory.areas().visible_last_frame(&modal.area.layer())) {
        ui.data_mut(|data| data.insert_temp(begins_id(), true));
    }
    let modal = modal.frame(Frame::window(ui.style()).inner_margin(margin)).show(ui.ctx(), |ui| {
        ui.set_width(DIALOG.min(ui.ctx().content_rect().width() - 48.0));
        let size = vec2(ui.available_width(), HEAD);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(size);
            ui.add(egui::Label::new(controls::medium(title).heading()).truncate());
        });
        content(ui, &mut answers);
        if begins(ui) {
            ui.data_mut(|data| data.remove::<bool>(begins_id()));
            focus_first_field(ui);
        }
    });
    answers.extend((modal.should_close() && answers.is_empty()).then_some(close));
    answers
}

fn begins_id() -> Id {
    Id::unique("a dialog begins")
}

/// Whether the dialog is being drawn for the first time: a field of it may take the keyboard.
pub(crate) fn begins(ui: &Ui) -> bool {
    // Its size is not known in the first frame, in which nothing can be worked.
    ui.is_enabled() && ui.data(|data| data.get_temp(begins_id()) == Some(true))
}

/// Gives the keyboard to the first field of this layer that is drawn, unless one has it: one types at once.
fn focus_first_field(ui: &Ui) {
    let drawn: Vec<Id> = ui.ctx().viewport(|viewport| {
        let widgets = viewport.this_pass.widgets.get_layer(ui.layer_id());
        widgets.filter(|widget| widget.enabled).map(|widget| widget.id).collect()
    });
    if ui.memory(|memory| memory.focused().is_some_and(|focused| drawn.contains(&focused))) {
        return;
    }
    if let Some(field) = drawn.into_iter().find(|id| TextEditState::load(ui.ctx(), *id).is_some()) {
        ui.memory_mut(|memory| memory.request_focus(field));
    }
}

/// The key that presses the main button of a dialog.
pub(crate) const ENTER: (Modifiers, &str) = (Modifiers::NONE, "Enter");
/// The same where Enter breaks a line.
pub(crate) const CTRL_ENTER: (Modifiers, &str) = (Modifiers::COMMAND, "Ctrl+Enter");

/// The last row of a dialog: its main button, if it is ready, with its key, and the one that Escape presses.
pub(crate) fn ends<A>(
    ui: &mut Ui,
    (modifiers, key): (Modifiers, &'static str),
    does: Option<((&str, &str), bool, A)>,
    ((no, tip), leaves): ((&str, &str), A),
    answers: &mut Vec<A>,
) {
    ui.add_space(GAP);
    from_the_right(ui, |ui| {
        let palette = Palette::of(ui);
        if let Some(((yes, tip), ready, does)) = does {
            // With the keyboard on a button, Enter means that one; a field of one line has just given it away.
            let free = !modifiers.is_none() || ui.memory(|memory| memory.focused().is_none());
            let free = free && ready && !Popup::is_any_open(ui.ctx());
            let entered = free && ui.input_mut(|i| i.consume_key(modifiers, Key::Enter));
            let (fill, ink) =
                if ready { (palette.accent, palette.on_accent) } else { (palette.paper, palette.text) };
            let words = (controls::medium(yes).color(ink), RichText::new(key_names(key)).small().color(ink));
            let button = named(ui.add_enabled(ready, Button::new(words).fill(fill)), yes);
            let clicked = button.on_hover_text(tip).on_disabled_hover_text(tip).clicked();
            answers.extend((clicked || entered).then_some(does));
        }
        let words = (RichText::new(no), RichText::new("Esc").small().color(palette.weak));
        let button = named(ui.add(Button::new(words)), no).on_hover_text(tip);
        answers.extend(button.clicked().then_some(leaves));
    });
}
