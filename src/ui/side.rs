//! The dock: the rail of icons that opens its pages, and their heads. Each page is a file of its own.

pub(crate) mod faults;
pub(crate) mod history;
pub(crate) mod peers;
pub(crate) mod quick;
pub(crate) mod rules;

use egui::{Align, Label, Layout, RichText, Ui, vec2};

use super::lang::Lang;
use super::theme::{CONTROL, Palette};
use super::{controls, signs, widgets};
use crate::state::{Action, Side};

pub(super) const BAR: f32 = 10.0;

/// Label and tooltip of a page.
pub fn side_name(lang: Lang, side: Side) -> (&'static str, &'static str) {
    match side {
        Side::Inspect => (lang.inspect(), lang.inspect_tip()),
        Side::Quick => (lang.quick(), lang.quick_tip()),
        Side::History => (lang.history(), lang.history_tip()),
        Side::Rules => (lang.rules(), lang.rules_tip()),
        Side::Faults => (lang.relay_faults(), lang.relay_faults_tip()),
        Side::Peers => (lang.peers_panel(), lang.peers_panel_tip()),
    }
}

/// The rail of icons at the right, which opens and closes the pages.
pub(crate) fn rail_ui(
    ui: &mut Ui,
    lang: Lang,
    (open, is_viewer, relays): (Option<Side>, bool, bool),
    actions: &mut Vec<Action>,
) {
    for (side, word) in [
        (Side::Inspect, lang.rail_inspect()),
        (Side::Rules, lang.rail_rules()),
        (Side::Quick, lang.rail_quick()),
        (Side::History, lang.rail_history()),
        (Side::Faults, lang.rail_faults()),
        (Side::Peers, lang.rail_peers()),
    ] {
        if side == Side::Faults && !relays {
            continue;
        }
        let enabled = !is_viewer || side.is_of_captures();
        let chosen = enabled && open == Some(side);
        let (label, tip) = side_name(lang, side);
        let response = controls::rail_cell(ui, (signs::of_side(side), word), (enabled, chosen), true);
        response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, enabled, chosen, label));
        if response.on_hover_text(format!("{label}\n{tip}")).clicked() {
            actions.push(Action::ShowSide((!chosen).then_some(side)));
        }
    }
}

/// The head of a page: its name, how much is on it with a tooltip, what closes it and, left of that, `more`.
pub(crate) fn heading_ui(
    ui: &mut Ui,
    (lang, side): (Lang, Side),
    (count, tip): (&str, &str),
    actions: &mut Vec<Action>,
    more: impl FnOnce(&mut Ui, &mut Vec<Action>),
) {
    let place = vec2(ui.available_width(), CONTROL);
    let row = ui.allocate_ui_with_layout(place, Layout::right_to_left(Align::Center), |ui| {
        if widgets::close_button(ui, lang.close_side(), lang.close_side_tip()) {
            actions.push(Action::ShowSide(None));
        }
        more(ui, actions);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.label(controls::medium(side_name(lang, side).0));
            ui.add(Label::new(RichText::new(count).color(Palette::of(ui).weak)).truncate())
        })
    });
    if !tip.is_empty() {
        row.inner.inner.on_hover_text(tip);
    }
}

/// Keeps the contents of a scrolling list clear of its bar, which floats over the right edge.
pub(super) fn clear_of_bar(ui: &mut Ui) {
    ui.set_max_width(ui.available_width() - BAR);
}
