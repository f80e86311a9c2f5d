//! Short connections in the send panel: the tick box, and the menu of what each connection waits for.

use egui::{Button, Ui, WidgetInfo};

use crate::state::{Field, Form};
use crate::ui::lang::Lang;
use crate::ui::settings::field_of;
use crate::ui::{toolbar, widgets};

/// Width of the menu, in points.
const WIDTH: f32 = 220.0;

/// The tick box and the menu. `idle`: the session is closed, so they can be changed.
pub(super) fn short_ui(ui: &mut Ui, lang: Lang, idle: bool, form: &mut Form) {
    ui.add_enabled_ui(idle, |ui| {
        let tick = widgets::tick(ui, &mut form.short, lang.short(), lang.short_tip());
        tick.on_disabled_hover_text(lang.short_tip());
    });
    let menu = toolbar::menu(ui, Button::new("▼"), false, |ui| menu_ui(ui, lang, idle, form));
    menu.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, lang.short_menu()));
    menu.on_hover_text(lang.short_menu_tip());
}

fn menu_ui(ui: &mut Ui, lang: Lang, idle: bool, form: &mut Form) {
    ui.set_width(WIDTH);
    ui.add_enabled_ui(idle, |ui| {
        let (label, tip) = (lang.short_until_closed(), lang.short_until_closed_tip());
        widgets::tick(ui, &mut form.short_until_closed, label, tip);
    });
    let field = field_of(lang, form, Field::ShortWait, lang.short_wait_tip(), idle);
    field.show(ui, &mut form.short_wait);
}
