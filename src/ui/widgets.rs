//! Small pieces that the panels share.

use egui::{Button, Color32, Frame, Margin, Response, RichText, Sense, Stroke, TextEdit, Ui, Vec2, vec2};

use super::theme::{self, Palette};

/// A framed group under a heading.
pub fn section<R>(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
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

/// A small round light that also differs without its colour: filled when lit, a ring when not.
pub fn lamp(ui: &mut Ui, colour: Color32, lit: bool, radius: f32) {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(radius * 2.0 + 4.0), Sense::empty());
    paint_lamp(ui, rect.center(), colour, lit, radius);
}

/// Paints the light of [`lamp`].
pub fn paint_lamp(ui: &Ui, center: egui::Pos2, colour: Color32, lit: bool, radius: f32) {
    if lit {
        ui.painter().circle_filled(center, radius + 2.0, colour.gamma_multiply(0.25));
        ui.painter().circle_filled(center, radius, colour);
    } else {
        ui.painter().circle_stroke(center, radius - 0.5, Stroke::new(1.5, colour));
    }
}

/// A label above a one-line field as wide as the panel, and what is wrong with it beneath.
pub fn field(
    ui: &mut Ui,
    label: &str,
    tip: &str,
    text: &mut String,
    enabled: bool,
    problem: Option<String>,
) -> Response {
    let label = ui.label(label);
    let palette = Palette::of(ui);
    let wrong = problem.is_some();
    let response = ui
        .scope(|ui| {
            if wrong {
                let red = Stroke::new(1.5, palette.failure);
                let widgets = &mut ui.visuals_mut().widgets;
                widgets.inactive.bg_stroke = red;
                widgets.hovered.bg_stroke = red;
            }
            let edit =
                TextEdit::singleline(text).desired_width(f32::INFINITY).margin(Margin::symmetric(6, 3));
            ui.add_enabled(enabled, edit).labelled_by(label.id).on_hover_text(tip).on_disabled_hover_text(tip)
        })
        .inner;
    complain(ui, problem);
    response
}

/// The words of a problem beneath its field.
pub fn complain(ui: &mut Ui, problem: Option<String>) {
    if let Some(problem) = problem {
        let palette = Palette::of(ui);
        ui.label(RichText::new(format!("✕ {problem}")).small().color(palette.failure));
    }
}

/// A tick box with its tip.
pub fn tick(ui: &mut Ui, on: &mut bool, label: &str, tip: &str) -> Response {
    ui.checkbox(on, label).on_hover_text(tip)
}

/// The one thing to press: as wide as the panel, in the accent's colour.
pub fn big_button(ui: &mut Ui, text: &str, fill: Color32, ink: Color32, height: f32) -> Response {
    let text = RichText::new(text).size(15.0).strong().color(ink);
    ui.scope(|ui| {
        let widgets = &mut ui.visuals_mut().widgets;
        widgets.hovered.bg_stroke = Stroke::new(2.0, ink.gamma_multiply(0.5));
        ui.add_sized(vec2(ui.available_width(), height), Button::new(text).fill(fill))
    })
    .inner
}

/// One of several exclusive buttons in a row, as a radio button that looks like a tab.
pub fn choice<T: PartialEq + Copy>(ui: &mut Ui, value: &mut T, this: T, label: &str, tip: &str) -> bool {
    let chosen = *value == this;
    let response = ui.radio(chosen, label).on_hover_text(tip);
    if response.clicked() && !chosen {
        *value = this;
        return true;
    }
    false
}
