//! A row of the quick sends: grip, tick box, name, send button and menu.

use egui::{Align, Button, CursorIcon, Key, KeyboardShortcut, Label, Layout, Modifiers, RichText, Sense, Ui};

use super::QuickInput;
use crate::state::{QuickAction, QuickBox, QuickId, RowAction, Way};
use crate::ui::lang::Lang;
use crate::ui::theme::Palette;
use crate::ui::{controls, icons, widgets};
use crate::workspace::QuickSend;

const IN_TIP: usize = 1000;

pub(super) fn row_ui(
    ui: &mut Ui,
    input: QuickInput<'_>,
    quick: &mut QuickBox,
    (at, is_last): (usize, bool),
    actions: &mut Vec<QuickAction>,
) {
    let lang = input.lang;
    let Some(row) = quick.list.rows().get(at).cloned() else { return };
    let (id, form) = (row.id, row.form);
    let running = quick.running() == Some(id);
    let name = form.title();
    if running {
        let size = egui::vec2(ui.available_width(), ui.spacing().interact_size.y);
        let rect = egui::Rect::from_min_size(ui.cursor().min, size);
        ui.painter().rect_filled(rect, 3.0, Palette::of(ui).accent.gamma_multiply(0.25));
    }
    let inner = ui.push_id(("quick", id.0), |ui| {
        widgets::from_the_right(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let dots = Button::new(controls::icon(icons::ELLIPSIS, 14.0)).small();
            let menu = widgets::menu(ui, dots, |ui| menu_ui(ui, lang, id, actions));
            let menu = widgets::named(menu, &format!("{} {name}", lang.quick_menu()));
            menu.on_hover_text(lang.quick_menu_tip());
            let key = form.key.trim();
            let label =
                if key.is_empty() { lang.send().to_owned() } else { format!("{} {key}", lang.send()) };
            let send = format!("{} {name}", lang.send());
            let words = (send.as_str(), lang.quick_send_tip());
            if widgets::send_button(ui, input.cannot, Button::new(label).small(), words) {
                actions.push(QuickAction::Send(id));
            }
            if let Some(other) = quick.same_key(id) {
                let words = lang.same_key(other.title());
                let sign = controls::icon(icons::TRIANGLE_ALERT, 14.0).color(Palette::of(ui).care);
                let sign = ui.add(Label::new(sign).selectable(false));
                sign.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
                sign.on_hover_text(words);
            }
            widgets::from_the_left(ui, |ui| {
                grip_ui(ui, lang, id, &name);
                tick_ui(ui, lang, quick, id, &name);
                name_ui(ui, input, quick, (id, &form), &name, actions);
            });
        });
    });
    let place = (inner.response.rect, is_last);
    actions.extend(widgets::dropped(ui, place, &quick.list, id).map(QuickAction::Row));
}

fn grip_ui(ui: &mut Ui, lang: Lang, id: QuickId, name: &str) {
    let button = Button::new(RichText::new("≡").color(Palette::of(ui).weak)).frame(false);
    let grip = widgets::named(ui.add(button.sense(Sense::drag())), &format!("{} {name}", lang.quick_grip()));
    grip.dnd_set_drag_payload(id);
    grip.on_hover_text(lang.quick_grip_tip()).on_hover_cursor(CursorIcon::Grab);
}

fn tick_ui(ui: &mut Ui, lang: Lang, quick: &mut QuickBox, id: QuickId, name: &str) {
    if let Some(form) = quick.list.get_mut(id) {
        let tick = widgets::tick(ui, &mut form.ticked, "", lang.quick_ticked_tip());
        let (label, ticked) = (format!("{} {name}", lang.quick_ticked()), form.ticked);
        tick.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, ticked, &label));
    }
}

/// The name: a click opens the fields. With focus, the arrow keys go to other rows or move this one.
fn name_ui(
    ui: &mut Ui,
    input: QuickInput<'_>,
    quick: &mut QuickBox,
    (id, form): (QuickId, &QuickSend),
    name: &str,
    actions: &mut Vec<QuickAction>,
) {
    let lang = input.lang;
    let palette = Palette::of(ui);
    let wrong = !form.problems(input.charset).is_empty();
    let ink = if wrong { palette.failure } else { palette.text };
    ui.with_layout(Layout::top_down_justified(Align::LEFT), |ui| {
        let button = ui.add(Button::new(RichText::new(name).color(ink)).truncate());
        let button = widgets::named(button, &format!("{} {name}", lang.quick_edit()));
        let button = button.on_hover_ui(|ui| {
            let text: String = form.content.chars().take(IN_TIP).collect();
            ui.label(RichText::new(text).monospace().size(12.0));
            if !form.note.is_empty() {
                ui.label(&form.note);
            }
            ui.label(RichText::new(lang.quick_name_tip()).color(Palette::of(ui).weak));
        });
        if quick.list.focus == Some(id) {
            quick.list.focus = None;
            button.request_focus();
            button.scroll_to_me(None);
        }
        if button.has_focus() {
            // Otherwise egui moves the focus to the widget in that direction.
            let arrows = egui::EventFilter { vertical_arrows: true, ..egui::EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(button.id, arrows));
            let pressed =
                |modifiers, key| ui.input_mut(|i| i.consume_shortcut(&KeyboardShortcut::new(modifiers, key)));
            for (key, way) in [(Key::ArrowUp, Way::Up), (Key::ArrowDown, Way::Down)] {
                if pressed(Modifiers::ALT, key) {
                    actions.push(QuickAction::Row(RowAction::Shift(id, way)));
                } else if pressed(Modifiers::NONE, key)
                    && let Some(next) = quick.beside(id, way)
                {
                    quick.list.focus = Some(next);
                    // The row may not be drawn yet.
                    let step = ui.spacing().interact_size.y + ui.spacing().item_spacing.y;
                    let step = if way == Way::Up { -step } else { step };
                    ui.scroll_to_rect(button.rect.translate(egui::vec2(0.0, step)), None);
                }
            }
            if pressed(Modifiers::NONE, Key::Delete) {
                actions.push(QuickAction::Row(RowAction::Delete(id)));
            }
        }
        actions.extend(button.clicked().then_some(QuickAction::Row(RowAction::Edit(Some(id)))));
        button.context_menu(|ui| menu_ui(ui, lang, id, actions));
    });
}

fn menu_ui(ui: &mut Ui, lang: Lang, id: QuickId, actions: &mut Vec<QuickAction>) {
    for (label, tip, action) in [
        (lang.quick_edit(), lang.quick_edit_tip(), QuickAction::Row(RowAction::Edit(Some(id)))),
        (lang.quick_load(), lang.quick_load_tip(), QuickAction::Load(id)),
        (lang.quick_duplicate(), lang.quick_duplicate_tip(), QuickAction::Row(RowAction::Duplicate(id))),
        (lang.quick_up(), lang.quick_up_tip(), QuickAction::Row(RowAction::Shift(id, Way::Up))),
        (lang.quick_down(), lang.quick_down_tip(), QuickAction::Row(RowAction::Shift(id, Way::Down))),
        (lang.quick_delete(), lang.quick_delete_tip(), QuickAction::Row(RowAction::Delete(id))),
    ] {
        actions.extend(widgets::entry(ui, label, tip).then_some(action));
    }
}
