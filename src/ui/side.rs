//! The side panel: the buttons that open its pages, and their headings. Each page is a file of its own.

pub(crate) mod history;
pub(crate) mod quick;
pub(crate) mod rules;

use egui::{RichText, Ui};

use super::lang::Lang;
use super::theme::Palette;
use super::widgets;
use crate::state::{Action, Side};

pub(super) const BAR: f32 = 10.0;

/// Label and tooltip of a page.
pub fn side_name(lang: Lang, side: Side) -> (&'static str, &'static str) {
    match side {
        Side::Quick => (lang.quick(), lang.quick_tip()),
        Side::History => (lang.history(), lang.history_tip()),
        Side::Rules => (lang.rules(), lang.rules_tip()),
    }
}

pub(crate) fn toggles_ui(ui: &mut Ui, lang: Lang, open: Option<Side>, actions: &mut Vec<Action>) {
    for side in Side::ALL {
        let chosen = open == Some(side);
        let (label, tip) = side_name(lang, side);
        let response = ui.add(widgets::switch(ui, label, chosen));
        response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, label));
        if response.on_hover_text(tip).clicked() {
            actions.push(Action::ShowSide((!chosen).then_some(side)));
        }
    }
}

pub(crate) fn heading_ui(ui: &mut Ui, lang: Lang, side: Side, actions: &mut Vec<Action>) {
    widgets::from_the_right(ui, |ui| {
        if widgets::close_button(ui, lang.close_side(), lang.close_side_tip()) {
            actions.push(Action::ShowSide(None));
        }
        widgets::from_the_left(ui, |ui| {
            let name = RichText::new(side_name(lang, side).0).strong().size(13.0);
            ui.label(name.color(Palette::of(ui).accent));
        });
    });
}

/// Keeps the contents of a scrolling list clear of its bar, which floats over the right edge.
pub(super) fn clear_of_bar(ui: &mut Ui) {
    ui.set_max_width(ui.available_width() - BAR);
}
