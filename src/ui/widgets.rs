//! Small pieces that the panels share.

use egui::{Button, Color32, Frame, Margin, Response, RichText, Sense, Stroke, TextEdit, Ui, Vec2, vec2};

use super::theme::{self, Palette};

/// A framed group under a heading.
pub(crate) fn section<R>(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
    let palette = Palette::of(ui);
    Frame::new()
        .fill(palette.panel)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(theme::CORNER + 2)
        .inner_margin(Margin::symmetric(10, 6))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(RichText::new(title).strong().size(13.0).color(palette.accent));
            content(ui)
        })
        .inner
}

/// A dialog in the middle of the window. Escape, or a click beside it, should close it.
pub(crate) fn dialog<R>(
    ui: &Ui,
    id: &'static str,
    width: f32,
    content: impl FnOnce(&mut Ui) -> R,
) -> egui::ModalResponse<R> {
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(16));
    egui::Modal::new(egui::Id::unique(id)).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(width);
        content(ui)
    })
}

/// A small round lamp: filled when lit, a ring when not, so that it differs without colour too.
pub(crate) fn lamp(ui: &mut Ui, colour: Color32, lit: bool, radius: f32) {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(radius * 2.0 + 4.0), Sense::empty());
    paint_lamp(ui, rect.center(), colour, lit, radius);
}

pub(crate) fn paint_lamp(ui: &Ui, center: egui::Pos2, colour: Color32, lit: bool, radius: f32) {
    if lit {
        ui.painter().circle_filled(center, radius + 2.0, colour.gamma_multiply(0.25));
        ui.painter().circle_filled(center, radius, colour);
    } else {
        ui.painter().circle_stroke(center, radius - 0.5, Stroke::new(1.5, colour));
    }
}

/// A one-line field with its label and error.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    pub(crate) label: &'a str,
    pub(crate) tip: &'a str,
    pub(crate) enabled: bool,
    pub(crate) problem: Option<String>,
}

impl Field<'_> {
    /// Shows it at full width.
    pub(crate) fn show(self, ui: &mut Ui, text: &mut String) -> Response {
        let label = ui.label(self.label);
        let response = self.edit(ui, text, label.id);
        complain(ui, self.problem);
        response
    }

    /// Shows it with a button after it that opens a list of choices. The second response is the button's.
    pub(crate) fn show_with_list(
        self,
        ui: &mut Ui,
        text: &mut String,
        list_name: &str,
        list_enabled: bool,
        list: impl FnOnce(&mut Ui, &mut String),
    ) -> (Response, Response) {
        let label = ui.label(self.label);
        let both = ui
            .horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 3.0;
                let width = ui.available_width() - LIST_BUTTON - 3.0;
                let size = vec2(width, ui.spacing().interact_size.y);
                let response = ui.allocate_ui(size, |ui| self.edit(ui, text, label.id)).inner;
                let button = ui.add_enabled_ui(self.enabled && list_enabled, |ui| {
                    let size = vec2(LIST_BUTTON, ui.spacing().interact_size.y);
                    let button = Button::new("▼").min_size(size);
                    let menu =
                        egui::containers::menu::MenuButton::from_button(button).ui(ui, |ui| list(ui, text));
                    menu.0.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, list_name));
                    menu.0.on_hover_text(list_name)
                });
                (response, button.inner)
            })
            .inner;
        complain(ui, self.problem);
        both
    }

    /// The field itself, at full width.
    fn edit(&self, ui: &mut Ui, text: &mut String, label: egui::Id) -> Response {
        let palette = Palette::of(ui);
        ui.scope(|ui| {
            let mut stroke = ui.visuals().widgets.inactive.bg_stroke;
            if self.problem.is_some() {
                stroke = Stroke::new(1.5, palette.failure);
                let widgets = &mut ui.visuals_mut().widgets;
                widgets.inactive.bg_stroke = stroke;
                widgets.hovered.bg_stroke = stroke;
            }
            // egui draws the frame of a field outside its width.
            ui.set_max_width(ui.available_width() - stroke.width);
            let edit =
                TextEdit::singleline(text).desired_width(f32::INFINITY).margin(Margin::symmetric(6, 3));
            let response = ui.add_enabled(self.enabled, edit).labelled_by(label);
            response.on_hover_text(self.tip).on_disabled_hover_text(self.tip)
        })
        .inner
    }
}

const LIST_BUTTON: f32 = 30.0;

/// The error below its field.
pub(crate) fn complain(ui: &mut Ui, problem: Option<String>) {
    if let Some(problem) = problem {
        let palette = Palette::of(ui);
        ui.label(RichText::new(format!("✕ {problem}")).small().color(palette.failure));
    }
}

pub(crate) fn tick(ui: &mut Ui, on: &mut bool, label: &str, tip: &str) -> Response {
    ui.checkbox(on, label).on_hover_text(tip)
}

/// The primary button: full width, in the accent colour.
pub(crate) fn big_button(ui: &mut Ui, text: &str, fill: Color32, ink: Color32, height: f32) -> Response {
    let text = RichText::new(text).size(15.0).strong().color(ink);
    ui.scope(|ui| {
        let widgets = &mut ui.visuals_mut().widgets;
        widgets.hovered.bg_stroke = Stroke::new(2.0, ink.gamma_multiply(0.5));
        ui.add_sized(vec2(ui.available_width(), height), Button::new(text).fill(fill))
    })
    .inner
}

/// One of several exclusive buttons. Its accessible name starts with its `group` (see [`choice_name`]),
/// because several groups have buttons of the same label.
pub(crate) fn choice<T: PartialEq + Copy>(
    ui: &mut Ui,
    group: &str,
    value: &mut T,
    this: T,
    label: &str,
    tip: &str,
) {
    let chosen = *value == this;
    let response = ui.radio(chosen, label);
    let name = choice_name(group, label);
    let enabled = response.enabled();
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::RadioButton, enabled, chosen, &name));
    if response.on_hover_text(tip).clicked() {
        *value = this;
    }
}

/// Accessible name of a [`choice`].
pub fn choice_name(group: &str, label: &str) -> String {
    format!("{group} {label}")
}
