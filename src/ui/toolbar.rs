//! The bar above the log: view, framing, filter.

use egui::{Button, Popup, RichText, Ui};

use super::filter::{self, FilterInput};
use super::framing::{self, framing_name};
use super::lang::Lang;
use super::theme::Palette;
use super::widgets;
use crate::codec::frame::Framing;
use crate::state::{Action, Filter, FramingFields, FramingKind, PaletteMode};
use crate::workspace::{FOLDS, FilterForm, TimeMode, View, ViewMode};

/// Menus that a key can open or close.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Toggled {
    pub(crate) framing: bool,
    pub(crate) filter: bool,
}

pub(crate) struct ToolbarInput<'a> {
    pub(crate) view: View,
    pub(crate) framing: &'a Framing,
    /// Whether sent messages are framed too, if the framing allows it.
    pub(crate) sent_framed: Option<bool>,
    pub(crate) filter: FilterInput<'a>,
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
    let lang = input.filter.lang;
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
        widgets::offer(ui, (lang.find(), lang.find_tip()), Action::ShowFind(true), &mut actions);
        widgets::offer(
            ui,
            (lang.go_to(), lang.go_to_tip()),
            Action::ShowPalette(Some(PaletteMode::Places)),
            &mut actions,
        );
    });
    actions.extend((view != input.view).then_some(Action::SetView(view)));
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
    let (label, tip) = mode_name(lang, this);
    let chosen = *mode == this;
    let response = ui.add(widgets::switch(ui, label, chosen));
    let name = widgets::choice_name(lang.view(), label);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::RadioButton, true, chosen, &name));
    if response.on_hover_text(tip).clicked() {
        *mode = this;
    }
}

fn framing_ui(ui: &mut Ui, input: &ToolbarInput<'_>, form: &mut FramingFields, actions: &mut Vec<Action>) {
    let lang = input.filter.lang;
    let in_force = FramingFields::of(input.framing).kind;
    let text = if in_force == FramingKind::AsReceived {
        RichText::new(format!("{} ▼", lang.framing()))
    } else {
        let name = framing_name(lang, in_force).0;
        RichText::new(format!("{}: {name} ▼", lang.framing())).color(Palette::of(ui).accent)
    };
    let response = widgets::menu(ui, Button::new(text), |ui| {
        framing::framing_ui(ui, lang, input.framing, input.sent_framed, form, actions);
    });
    if input.toggled.framing {
        Popup::toggle_id(ui.ctx(), Popup::default_response_id(&response));
    }
    widgets::named(response, lang.framing()).on_hover_text(lang.framing_tip());
}

fn filter_ui(ui: &mut Ui, input: &ToolbarInput<'_>, form: &mut FilterForm, actions: &mut Vec<Action>) {
    let lang = input.filter.lang;
    let response = widgets::menu(ui, Button::new(lang.filter()), |ui| {
        actions.extend(filter::filter_ui(ui, &input.filter, form));
    });
    if input.toggled.filter {
        Popup::toggle_id(ui.ctx(), Popup::default_response_id(&response));
    }
    response.on_hover_text(lang.filter_tip());
}

fn display_ui(ui: &mut Ui, lang: Lang, view: &mut View) {
    let response = widgets::menu(ui, Button::new(format!("{} ▼", lang.display())), |ui| {
        ui.set_width(190.0);
        ui.label(RichText::new(lang.time_shown()).small());
        let times = [
            (TimeMode::Absolute, lang.time_absolute()),
            (TimeMode::SinceStart, lang.time_since_start()),
            (TimeMode::Delta, lang.time_delta()),
        ];
        let times = times.map(|(mode, label)| (mode, label, lang.time_shown_tip()));
        widgets::choices(ui, lang.time_shown(), &mut view.time, times);
        ui.separator();
        widgets::tick(ui, &mut view.classic, lang.classic_rows(), lang.classic_rows_tip());
        ui.label(RichText::new(lang.fold()).small());
        for fold in FOLDS {
            let label = if fold == 0 { lang.fold_never().to_owned() } else { lang.fold_rows(fold) };
            widgets::choice(ui, lang.fold(), &mut view.fold, fold, &label, lang.fold_tip());
        }
    });
    widgets::named(response, lang.display()).on_hover_text(lang.display_tip());
}

pub(crate) fn chips_ui(ui: &mut Ui, input: &FilterInput<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    let lang = input.lang;
    if input.filter.is_empty() {
        return actions;
    }
    ui.horizontal_wrapped(|ui| {
        for (part, text) in filter::parts(input) {
            let palette = Palette::of(ui);
            let button = Button::new(RichText::new(format!("{text}  ✕")).color(palette.on_accent));
            let button = ui.add(button.fill(palette.accent).corner_radius(10.0));
            if button.on_hover_text(lang.filter_part_tip()).clicked() {
                actions.push(Action::RemoveFilter(part));
            }
        }
        let words = (lang.filter_clear(), lang.filter_clear_tip());
        widgets::offer(ui, words, Action::SetFilter(Filter::default()), &mut actions);
    });
    actions
}
