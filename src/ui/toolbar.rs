//! The bar above the log: view, framing, filter.

use egui::{Button, PopupCloseBehavior, RichText, Ui};

use super::lang::Lang;
use super::theme::Palette;
use super::{filter, framing, messages, widgets};
use crate::codec::frame::Framing;
use crate::model::{Flow, Index};
use crate::state::{Action, Filter, FramingFields, FramingKind};
use crate::workspace::{FOLDS, FilterForm, TimeMode, View, ViewMode};

/// Menus that a key can open or close.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Toggled {
    pub(crate) framing: bool,
    pub(crate) filter: bool,
}

#[derive(Debug)]
pub(crate) struct ToolbarInput<'a> {
    pub(crate) lang: Lang,
    pub(crate) view: View,
    pub(crate) framing: &'a Framing,
    /// Whether sent messages are framed too, if the framing allows it.
    pub(crate) sent_framed: Option<bool>,
    pub(crate) filter: &'a Filter,
    pub(crate) index: &'a Index,
    pub(crate) zone: &'a jiff::tz::TimeZone,
    pub(crate) start: crate::model::Stamp,
    /// The menu that a key opens or closes in this frame.
    pub(crate) toggled: Toggled,
}

/// Approximate width of a button, in points.
const BUTTON: f32 = 90.0;

pub(crate) fn toolbar_ui(
    ui: &mut Ui,
    input: &ToolbarInput<'_>,
    framing_form: &mut FramingFields,
    filter_form: &mut FilterForm,
) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    let mut view = input.view;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        for mode in ViewMode::ALL {
            mode_ui(ui, lang, &mut view.mode, mode);
        }
        ui.separator();
        framing_ui(ui, input, framing_form, &mut actions);
        display_ui(ui, lang, &mut view);
        // Not at the end of a line, where it would separate nothing.
        if ui.available_size_before_wrap().x > BUTTON {
            ui.separator();
        }
        filter_ui(ui, input, filter_form, &mut actions);
        if ui.button(lang.find()).on_hover_text(lang.find_tip()).clicked() {
            actions.push(Action::ShowFind(true));
        }
        if ui.button(lang.go_to()).on_hover_text(lang.go_to_tip()).clicked() {
            actions.push(Action::ShowGoTo(true));
        }
    });
    if view != input.view {
        actions.push(Action::SetView(view));
    }
    actions
}

/// Label and tooltip of a view.
pub fn mode_name(lang: Lang, mode: ViewMode) -> (&'static str, &'static str) {
    match mode {
        ViewMode::Log => (lang.view_log(), lang.view_log_tip()),
        ViewMode::Table => (lang.view_table(), lang.view_table_tip()),
        ViewMode::Stream => (lang.view_stream(), lang.view_stream_tip()),
    }
}

fn mode_ui(ui: &mut Ui, lang: Lang, mode: &mut ViewMode, this: ViewMode) {
    let chosen = *mode == this;
    let palette = Palette::of(ui);
    let (label, tip) = mode_name(lang, this);
    let text = RichText::new(label);
    let button = if chosen {
        Button::new(text.color(palette.on_accent)).fill(palette.accent)
    } else {
        Button::new(text)
    };
    let response = ui.add(button);
    let name = widgets::choice_name(lang.view(), label);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::RadioButton, true, chosen, &name));
    if response.on_hover_text(tip).clicked() {
        *mode = this;
    }
}

/// Label and tooltip of a framing.
pub fn framing_name(lang: Lang, kind: FramingKind) -> (&'static str, &'static str) {
    match kind {
        FramingKind::AsReceived => (lang.framing_none(), lang.framing_none_tip()),
        FramingKind::Line => (lang.framing_line(), lang.framing_line_tip()),
        FramingKind::Delimiter => (lang.framing_delimiter(), lang.framing_delimiter_tip()),
        FramingKind::Fixed => (lang.framing_fixed(), lang.framing_fixed_tip()),
        FramingKind::Length => (lang.framing_length(), lang.framing_length_tip()),
        FramingKind::Idle => (lang.framing_idle(), lang.framing_idle_tip()),
    }
}

fn framing_ui(ui: &mut Ui, input: &ToolbarInput<'_>, form: &mut FramingFields, actions: &mut Vec<Action>) {
    let lang = input.lang;
    let in_force = FramingFields::of(input.framing).kind;
    let palette = Palette::of(ui);
    let text = if in_force == FramingKind::AsReceived {
        RichText::new(format!("{} ▼", lang.framing()))
    } else {
        let name = framing_name(lang, in_force).0;
        RichText::new(format!("{}: {name} ▼", lang.framing())).color(palette.accent)
    };
    let response = menu(ui, Button::new(text), input.toggled.framing, |ui| {
        actions.extend(framing::framing_ui(ui, lang, input.framing, input.sent_framed, form));
    });
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, lang.framing()));
    response.on_hover_text(lang.framing_tip());
}

fn filter_ui(ui: &mut Ui, input: &ToolbarInput<'_>, form: &mut FilterForm, actions: &mut Vec<Action>) {
    let lang = input.lang;
    let response = menu(ui, Button::new(lang.filter()), input.toggled.filter, |ui| {
        actions.extend(filter::filter_ui(ui, input, form));
    });
    response.on_hover_text(lang.filter_tip());
}

/// A button that opens a menu which stays open while it is used.
pub(super) fn menu(
    ui: &mut Ui,
    button: Button<'_>,
    toggle: bool,
    content: impl FnOnce(&mut Ui),
) -> egui::Response {
    let config =
        egui::containers::menu::MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (response, _) = egui::containers::menu::MenuButton::from_button(button).config(config).ui(ui, |ui| {
        // A small panel: its fields and buttons have frames as elsewhere.
        ui.set_style(ui.ctx().global_style());
        content(ui);
    });
    if toggle {
        egui::Popup::toggle_id(ui.ctx(), egui::Popup::default_response_id(&response));
    }
    response
}

fn display_ui(ui: &mut Ui, lang: Lang, view: &mut View) {
    let response = menu(ui, Button::new(format!("{} ▼", lang.display())), false, |ui| {
        ui.set_width(190.0);
        ui.label(RichText::new(lang.time_shown()).small());
        for (mode, label) in [
            (TimeMode::Absolute, lang.time_absolute()),
            (TimeMode::SinceStart, lang.time_since_start()),
            (TimeMode::Delta, lang.time_delta()),
        ] {
            widgets::choice(ui, lang.time_shown(), &mut view.time, mode, label, lang.time_shown_tip());
        }
        ui.separator();
        ui.label(RichText::new(lang.fold()).small());
        for fold in FOLDS {
            let label = match fold {
                0 => lang.fold_never().to_owned(),
                fold => lang.fold_rows(fold),
            };
            widgets::choice(ui, lang.fold(), &mut view.fold, fold, &label, lang.fold_tip());
        }
    });
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, lang.display()));
    response.on_hover_text(lang.display_tip());
}

/// Chips of the active filter, each with a button that removes it.
pub(crate) fn chips_ui(ui: &mut Ui, input: &ToolbarInput<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    let lang = input.lang;
    if input.filter.is_empty() {
        return actions;
    }
    ui.horizontal_wrapped(|ui| {
        for (part, text) in filter::parts(input) {
            let palette = Palette::of(ui);
            let button = Button::new(RichText::new(format!("{text}  ✕")).color(palette.on_accent))
                .fill(palette.accent)
                .corner_radius(10.0);
            if ui.add(button).on_hover_text(lang.filter_part_tip()).clicked() {
                actions.push(Action::RemoveFilter(part));
            }
        }
        if ui.button(lang.filter_clear()).on_hover_text(lang.filter_clear_tip()).clicked() {
            actions.push(Action::SetFilter(Filter::default()));
        }
    });
    actions
}

pub(crate) fn flow_name(flow: &Flow) -> String {
    format!("{} #{}", flow.peer, messages::grouped(u64::from(flow.id.0)))
}
