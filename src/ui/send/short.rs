//! Short connections in the send panel: the tick box, and the menu of what each connection waits for.

use egui::Ui;

use crate::ui::lang::Lang;
use crate::ui::options::option_ui;
use crate::ui::widgets;
use crate::workspace::Session;

/// The tick and, in a menu or if it `is_menu` itself, what each connection waits for. `idle` says that they can be changed:
/// the session is not open.
pub(super) fn short_ui(ui: &mut Ui, lang: Lang, (idle, is_menu): (bool, bool), session: &mut Session) {
    let until = session.options.text("short").to_owned();
    ui.add_enabled_ui(idle, |ui| {
        let mut on = !until.is_empty();
        let tick = widgets::tick(ui, &mut on, lang.opt_short(), lang.opt_short_tip());
        if tick.on_disabled_hover_text(lang.opt_short_tip()).changed() {
            session.options.set("short", if on { "answer" } else { "" });
        }
    });
    let mut more_ui = |ui: &mut Ui| {
        ui.add_enabled_ui(idle, |ui| {
            let mut closed = until == "close";
            let (label, tip) = (lang.short_until_closed(), lang.short_until_closed_tip());
            if widgets::tick(ui, &mut closed, label, tip).changed() {
                session.options.set("short", if closed { "close" } else { "answer" });
            }
        });
        option_ui(ui, lang, session, "short-wait", idle);
    };
    if is_menu {
        return more_ui(ui);
    }
    widgets::arrow_menu(ui, (lang.short_menu(), lang.short_menu_tip()), |ui| {
        ui.set_width(220.0);
        more_ui(ui);
    });
}
