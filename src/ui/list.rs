//! Lists of choices, by pointer and keyboard: the arrows begin at what is in force, Enter takes an entry, Escape
//! closes the list alone, and the keyboard goes back to where it was.

use egui::{ComboBox, EventFilter, Id, InnerResponse, Key, Modifiers, Response, Style, Ui, WidgetText};

/// The keyboard in the list that is open.
#[derive(Debug, Clone, Copy, Default)]
struct Hand {
    /// What is in force takes the keyboard.
    begins: bool,
    /// The entry before, and whether the next one takes the keyboard.
    before: Option<Id>,
    goes_on: bool,
}

fn hand<R>(ui: &Ui, change: impl FnOnce(&mut Hand) -> R) -> R {
    ui.data_mut(|data| change(data.get_temp_mut_or_default(Id::unique("hand in a list"))))
}

/// Shows a list of [`entry`].
pub(super) fn show<R>(
    ui: &mut Ui,
    combo: ComboBox<'_>,
    entries: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<Option<R>> {
    let style = |style: &mut Style| {
        style.spacing.item_spacing.y = 0.0;
        // What is cut off is told by a bar.
        style.spacing.scroll.dormant_handle_opacity = 0.6;
    };
    let shown = combo.popup_style(style.into()).show_ui(ui, |ui| {
        hand(ui, |hand| (hand.before, hand.goes_on) = (None, false));
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            ui.close();
        }
        entries(ui)
    });
    let by_key = shown.response.id.with("by key");
    if shown.inner.is_none() {
        let was_by_key = ui.data_mut(|data| data.remove_temp::<bool>(by_key)).is_some();
        if was_by_key && ui.memory(|memory| memory.focused().is_none()) {
            shown.response.request_focus();
        }
    } else if shown.response.has_focus() {
        ui.data_mut(|data| data.insert_temp(by_key, true));
        hand(ui, |hand| hand.begins = true);
        ui.request_repaint();
    }
    shown
}

/// One entry. Whether it is taken, which closes the list.
pub(super) fn entry(ui: &mut Ui, chosen: bool, name: impl Into<WidgetText>) -> bool {
    let response = ui.selectable_label(chosen, name.into());
    let begins = chosen && hand(ui, |hand| std::mem::take(&mut hand.begins));
    let before = hand(ui, |hand| hand.before.replace(response.id));
    if begins || hand(ui, |hand| std::mem::take(&mut hand.goes_on)) {
        take_keys(&response);
    } else if response.has_focus() {
        let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        if pressed(Key::ArrowDown) {
            hand(ui, |hand| hand.goes_on = true);
        } else if pressed(Key::ArrowUp)
            && let Some(before) = before.and_then(|before| ui.ctx().read_response(before))
        {
            take_keys(&before);
        }
    }
    let clicked = response.clicked();
    if clicked {
        // It means this entry, not the main button of a dialog.
        ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
        response.surrender_focus();
        ui.close();
    }
    clicked
}

/// An entry for a value.
pub(super) fn value<T: PartialEq>(ui: &mut Ui, current: &mut T, choice: T, name: impl Into<WidgetText>) {
    if entry(ui, *current == choice, name) {
        *current = choice;
    }
}

/// Whether the keyboard has come into the list that is open, which begins with a field.
pub(super) fn begins(ui: &Ui) -> bool {
    hand(ui, |hand| std::mem::take(&mut hand.begins))
}

fn take_keys(response: &Response) {
    response.request_focus();
    response.scroll_to_me(None);
}
