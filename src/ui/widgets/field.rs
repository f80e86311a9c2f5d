//! Fields, with what is wrong with what is typed.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{
    Align, Button, Color32, Frame, Id, Key, Layout, Margin, PopupCloseBehavior, Rect, Response, RichText,
    Sense, Stroke, TextEdit, Ui, UiBuilder, WidgetInfo, vec2,
};

use super::{form_row, named};
use crate::ui::theme::{GAP, Palette};
use crate::ui::{controls, icons};

/// A one-line field with its label and error.
pub(crate) struct Field<'a> {
    label: &'a str,
    tip: &'a str,
    enabled: bool,
    /// Its label is beside it, after this number: as a row of a form.
    row: Option<&'a str>,
    problem: Option<String>,
    /// What is typed is not shown.
    is_hidden: bool,
    /// An example, while it is empty.
    hint: &'a str,
}

impl<'a> Field<'a> {
    pub(crate) fn new((label, tip): (&'a str, &'a str), problem: Option<String>) -> Self {
        Self { label, tip, enabled: true, row: None, problem, is_hidden: false, hint: "" }
    }

    pub(crate) fn enabled(self, enabled: bool) -> Self {
        Self { enabled, ..self }
    }

    pub(crate) fn hint(self, hint: &'a str) -> Self {
        Self { hint, ..self }
    }

    /// Does not show what is typed.
    pub(crate) fn hidden(self) -> Self {
        Self { is_hidden: true, ..self }
    }

    /// As a row of a form: plain text if it is disabled. Its error is told elsewhere.
    pub(crate) fn in_row(self, number: &'a str) -> Self {
        Self { row: Some(number), ..self }
    }

    fn with_label<R>(&self, ui: &mut Ui, content: impl FnOnce(&mut Ui, Id) -> R) -> R {
        if let Some(number) = self.row {
            return form_row(ui, (number, self.label), content);
        }
        let label = labelled(ui, self.label, self.problem.as_deref());
        content(ui, label)
    }

    /// Shows it at full width.
    pub(crate) fn show(self, ui: &mut Ui, text: &mut String) -> Response {
        self.with_label(ui, |ui, label| self.edit(ui, text, Some(label)))
    }

    /// Shows it with room after it for a [`list_in`], unless it is plain text.
    pub(crate) fn show_with_room(self, ui: &mut Ui, text: &mut String) -> (Response, Option<Rect>) {
        self.with_label(ui, |ui, label| self.edit_with_room(ui, text, label))
    }

    /// The same in what is left of a row, which has its label.
    pub(crate) fn edit_with_room(
        &self,
        ui: &mut Ui,
        text: &mut String,
        label: Id,
    ) -> (Response, Option<Rect>) {
        let show = |ui: &mut Ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let height = ui.spacing().interact_size.y;
            if self.row.is_some() && !self.enabled {
                return (self.edit(ui, text, Some(label)), None);
            }
            let size = vec2(ui.available_width() - LIST_BUTTON, height);
            let edit = ui.allocate_ui(size, |ui| self.edit(ui, text, Some(label))).inner;
            let (place, _) = ui.allocate_exact_size(vec2(LIST_BUTTON, height), Sense::empty());
            (edit, Some(place))
        };
        ui.horizontal(show).inner
    }

    /// Shows it in what is left of a row; with a label that is there, if it has one of its own.
    pub(crate) fn edit(&self, ui: &mut Ui, text: &mut String, label: Option<Id>) -> Response {
        let width = ui.visuals().widgets.inactive.bg_stroke.width;
        marked_if(ui, self.problem.is_some(), |ui| {
            let width = if self.problem.is_some() { WRONG } else { width };
            // egui draws the frame of a field outside its width.
            ui.set_max_width(ui.available_width() - width);
            let edit = TextEdit::singleline(text).desired_width(f32::INFINITY).margin(FIELD_MARGIN);
            let edit = edit.password(self.is_hidden).hint_text(self.hint);
            let is_plain = self.row.is_some() && !self.enabled;
            if is_plain {
                ui.visuals_mut().disabled_alpha = 1.0;
            }
            let edit = if is_plain { edit.frame(Frame::new().inner_margin(FIELD_MARGIN)) } else { edit };
            let response = ui.add_enabled(self.enabled, edit);
            let response = match label {
                Some(label) => response.labelled_by(label),
                None => named_field(response, text, self.hint, self.label),
            };
            let tip = match &self.problem {
                Some(problem) => format!("✕ {problem}\n{}", self.tip),
                None => self.tip.to_owned(),
            };
            response.on_hover_text(&tip).on_disabled_hover_text(tip)
        })
    }
}

/// A button that opens a list of choices for a field. The keyboard reaches it after what is drawn before it. Returns whether
/// it was clicked.
pub(crate) fn list_in(
    ui: &mut Ui,
    place: Option<Rect>,
    (name, enabled): (&str, bool),
    list: impl FnOnce(&mut Ui),
) -> bool {
    let Some(place) = place else {
        // What is below keeps its id, and so the keyboard.
        ui.skip_ahead_auto_ids(1);
        return false;
    };
    let mut child = ui.new_child(UiBuilder::new().id_salt(name).max_rect(place));
    let button = child.add_enabled_ui(enabled, |ui| {
        let arrow = controls::icon(icons::CHEVRON_DOWN, controls::ICON);
        let button = Button::new(arrow).min_size(place.size());
        // What is searched in stays open; an entry closes it.
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let (menu, _) = MenuButton::from_button(button).config(config).ui(ui, list);
        named(menu, name).on_hover_text(name)
    });
    button.inner.clicked()
}

const LIST_BUTTON: f32 = 28.0;
/// Height of the line for what is wrong with a field.
const REASON: f32 = 16.0;
/// Width of the frame of a field with an error, in points.
const WRONG: f32 = 1.5;
pub(crate) const FIELD_MARGIN: Margin = Margin::symmetric(6, 4);

/// Gives fields a frame in the colour of errors if they are `wrong`.
pub(crate) fn marked_if<R>(ui: &mut Ui, wrong: bool, content: impl FnOnce(&mut Ui) -> R) -> R {
    let stroke = Stroke::new(WRONG, Palette::of(ui).failure);
    ui.scope(|ui| {
        if wrong {
            let widgets = &mut ui.visuals_mut().widgets;
            (widgets.inactive.bg_stroke, widgets.hovered.bg_stroke) = (stroke, stroke);
        }
        content(ui)
    })
    .inner
}

/// A label with what is wrong beside it, as far as there is room. Nothing below moves, or loses the keyboard, when a
/// reason comes or goes.
pub(crate) fn labelled(ui: &mut Ui, label: &str, problem: Option<&str>) -> Id {
    let Some(problem) = problem else { return ui.label(label).id };
    let size = vec2(ui.available_width(), ui.text_style_height(&egui::TextStyle::Body));
    let row = ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        let label = ui.label(label).id;
        complain_here(ui, Some(problem));
        label
    });
    row.inner
}

/// What is wrong, in the rest of a row above its field; if that is too short, a tip shows all of it, also while one types.
pub(crate) fn complain_here(ui: &mut Ui, problem: Option<&str>) {
    complain_beside(ui, problem, egui::RectAlign::TOP_END);
}

/// A line that is kept for what is wrong with the field above it, so that nothing moves when that comes or goes. It is below
/// the field, after labels of width `label`, or takes all of the width if it is long.
pub(crate) fn reason_ui(ui: &mut Ui, label: f32, problem: Option<&str>) {
    let (place, _) = ui.allocate_exact_size(vec2(ui.available_width(), REASON), Sense::empty());
    let mut line =
        ui.new_child(UiBuilder::new().max_rect(place).layout(Layout::left_to_right(Align::Center)));
    let is_short = problem.is_some_and(|problem| fits_in(&line, problem, place.width() - label));
    line.add_space(if is_short { label } else { 0.0 });
    complain_beside(&mut line, problem, egui::RectAlign::BOTTOM_END);
}

fn complain_beside(ui: &mut Ui, problem: Option<&str>, tip_at: egui::RectAlign) {
    let Some(problem) = problem else { return };
    let whole = fits(ui, problem);
    let label = ui.add(egui::Label::new(reason(ui, problem)).truncate());
    let focused = ui.memory(egui::Memory::focused).and_then(|id| ui.ctx().read_response(id));
    let is_above = tip_at == egui::RectAlign::BOTTOM_END;
    let is_its = |field: egui::Rect| {
        let is_at_its_side = (field.center().y < label.rect.center().y) == is_above;
        is_at_its_side && field.intersects(label.rect.expand2(vec2(GAP, GAP)))
    };
    if !whole && !label.hovered() && focused.is_some_and(|field| is_its(field.rect)) {
        // Away from the field in which one types.
        let mut tip = egui::Tooltip::for_widget(&label);
        tip.popup = tip.popup.align(tip_at);
        tip.show(|ui| ui.label(reason(ui, problem)));
    }
}

/// Whether what is wrong has room in the rest of a row.
pub(crate) fn fits(ui: &Ui, problem: &str) -> bool {
    fits_in(ui, problem, ui.available_width())
}

/// Whether what is wrong has room in this width.
pub(crate) fn fits_in(ui: &Ui, problem: &str, width: f32) -> bool {
    let font = egui::TextStyle::Small.resolve(ui.style());
    let galley = ui.fonts_mut(|fonts| fonts.layout_no_wrap(format!("✕ {problem}"), font, Color32::WHITE));
    galley.size().x <= width
}

/// What is wrong, in lines of its own.
pub(crate) fn complain(ui: &mut Ui, problem: Option<&str>) {
    match problem {
        Some(problem) => drop(ui.label(reason(ui, problem))),
        // egui numbers the widgets: those that follow keep theirs.
        None => ui.skip_ahead_auto_ids(1),
    }
}

fn reason(ui: &Ui, problem: &str) -> RichText {
    RichText::new(format!("✕ {problem}")).small().color(Palette::of(ui).failure)
}

/// A search field at full width, without a label.
pub(crate) fn search_ui(ui: &mut Ui, text: &mut String, hint: &str, tip: &str) -> Response {
    let response = ui.scope(|ui| {
        // egui draws the frame of a field outside its width.
        ui.set_max_width(ui.available_width() - 2.0);
        let edit = TextEdit::singleline(text).hint_text(hint).margin(FIELD_MARGIN);
        ui.add(edit.desired_width(f32::INFINITY)).on_hover_text(tip)
    });
    named_field(response.inner, text, hint, hint)
}

/// A monospaced box of several lines at full width.
pub(crate) fn lines_ui(ui: &mut Ui, text: &mut String, label: Id, tip: &str, rows: usize) -> Response {
    let field = ui.scope(|ui| {
        // egui draws the frame of a field outside its width.
        ui.set_max_width(ui.available_width() - 2.0);
        let edit = TextEdit::multiline(text).font(egui::TextStyle::Monospace).desired_rows(rows);
        let edit = edit.desired_width(f32::INFINITY).margin(FIELD_MARGIN);
        ui.add(edit).labelled_by(label).on_hover_text(tip)
    });
    field.inner
}

/// Gives a field without a label its accessible name.
pub(crate) fn named_field(response: Response, text: &str, hint: &str, name: &str) -> Response {
    response.widget_info(|| {
        let info = WidgetInfo::text_edit(true, text, text, hint);
        WidgetInfo { label: Some(name.to_owned()), ..info }
    });
    response
}

pub(crate) fn is_entered(ui: &Ui, field: &Response) -> bool {
    field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter))
}
