//! Small pieces that the panels share.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::text_edit::TextEditState;
use egui::{
    Align, Align2, Button, CollapsingHeader, Color32, ComboBox, Context, FontId, Frame, Id, Key, Layout,
    Margin, Modal, Modifiers, Order, Popup, PopupCloseBehavior, Rect, Response, RichText, Role, ScrollArea,
    Sense, Stroke, TextEdit, Ui, UiBuilder, Vec2, WidgetInfo, WidgetText, vec2,
};

use super::lang::{Lang, key_names};
use super::theme::{GAP, Palette, VEIL};
use super::{controls, fonts, icons, list};
use crate::codec::compose::Mode;

/// The head of a part of a panel; `more` stands in the rest of its row, from the right.
pub(crate) fn head(ui: &mut Ui, title: &str, more: impl FnOnce(&mut Ui)) {
    let size = vec2(ui.available_width(), 20.0);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.label(controls::medium(title));
        ui.with_layout(Layout::right_to_left(Align::Center), more);
    });
}

/// A line between two parts, from edge to edge of a panel with this margin.
pub(crate) fn part_line(ui: &mut Ui, margin: f32) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 5.0), Sense::empty());
    let stroke = Stroke::new(1.0, Palette::of(ui).line);
    ui.painter().hline(rect.x_range().expand(margin), rect.center().y.round() + 0.5, stroke);
}

/// A part that is folded away until it is wanted.
pub(crate) fn folded(label: &'static str) -> CollapsingHeader {
    CollapsingHeader::new(label).icon(|ui, openness, response| {
        let sign = if openness > 0.5 { icons::CHEVRON_DOWN } else { icons::CHEVRON_RIGHT };
        let (font, at) = (FontId::new(controls::ICON, fonts::icons()), response.rect.center());
        ui.painter().text(at, Align2::CENTER_CENTER, sign, font, ui.visuals().text_color());
    })
}

/// Width of the labels of a form.
const LABEL: f32 = 100.0;

/// A row of a form: the label, after its number if it has one, and what is beside it.
pub(crate) fn form_row<R>(
    ui: &mut Ui,
    (number, label): (&str, &str),
    content: impl FnOnce(&mut Ui, Id) -> R,
) -> R {
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let size = vec2(LABEL, ui.spacing().interact_size.y);
        let label = ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(size);
            if !number.is_empty() {
                ui.label(number);
            }
            ui.add(egui::Label::new(label).truncate()).id
        });
        content(ui, label.inner)
    });
    row.inner
}

/// Width of dialogs, if there is room, and height of their heads.
pub(crate) const DIALOG: f32 = 640.0;
const HEAD: f32 = 48.0;

/// What stands over the window, and takes its keys. Lists and menus are in front of it; those that were open close.
pub(crate) fn modal(ctx: &Context, id: Id, (align, offset): (Align2, Vec2)) -> Modal {
    // In the order of lists and menus, a press on it would raise it above the one that is being opened.
    let area = Modal::default_area(id).order(Order::Middle).anchor(align, offset);
    if !ctx.memory(|memory| memory.areas().visible_last_frame(&area.layer())) {
        Popup::close_all(ctx);
    }
    Modal::new(id).area(area)
}

/// A dialog in the middle of the window. Escape, or a click beside it, answers `close`.
pub(crate) fn dialog<A>(
    ui: &Ui,
    (id, title): (&'static str, &str),
    close: A,
    content: impl FnOnce(&mut Ui, &mut Vec<A>),
) -> Vec<A> {
    let mut answers = Vec::new();
    let margin = Margin { top: 0, ..Margin::same(16) };
    let modal = modal(ui.ctx(), Id::unique(id), (Align2::CENTER_CENTER, Vec2::ZERO)).backdrop_color(VEIL);
    let begins = Id::unique((id, "begins"));
    if !ui.memory(|memory| memory.areas().visible_last_frame(&modal.area.layer())) {
        ui.data_mut(|data| data.insert_temp(begins, true));
    }
    let modal = modal.frame(Frame::window(ui.style()).inner_margin(margin)).show(ui.ctx(), |ui| {
        ui.set_width(DIALOG.min(ui.ctx().content_rect().width() - 48.0));
        let size = vec2(ui.available_width(), HEAD);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(size);
            ui.add(egui::Label::new(controls::medium(title).heading()).truncate());
        });
        content(ui, &mut answers);
        // Its size is not known in the first frame, in which nothing can be worked.
        if ui.is_enabled() && ui.data_mut(|data| data.remove_temp(begins) == Some(true)) {
            focus_first_field(ui);
        }
    });
    answers.extend((modal.should_close() && answers.is_empty()).then_some(close));
    answers
}

/// Gives the keyboard to the first field of this layer that is drawn: one types at once.
fn focus_first_field(ui: &Ui) {
    let drawn: Vec<Id> = ui.ctx().viewport(|viewport| {
        let widgets = viewport.this_pass.widgets.get_layer(ui.layer_id());
        widgets.filter(|widget| widget.enabled).map(|widget| widget.id).collect()
    });
    if let Some(field) = drawn.into_iter().find(|id| TextEditState::load(ui.ctx(), *id).is_some()) {
        ui.memory_mut(|memory| memory.request_focus(field));
    }
}

/// The key that presses the main button of a dialog.
pub(crate) const ENTER: (Modifiers, &str) = (Modifiers::NONE, "Enter");
/// The same where Enter breaks a line.
pub(crate) const CTRL_ENTER: (Modifiers, &str) = (Modifiers::COMMAND, "Ctrl+Enter");

/// The last row of a dialog: its main button, if it is ready, with its key, and the one that Escape presses.
pub(crate) fn ends<A>(
    ui: &mut Ui,
    (modifiers, key): (Modifiers, &'static str),
    does: Option<((&str, &str), bool, A)>,
    ((no, tip), leaves): ((&str, &str), A),
    answers: &mut Vec<A>,
) {
    ui.add_space(GAP);
    from_the_right(ui, |ui| {
        let palette = Palette::of(ui);
        if let Some(((yes, tip), ready, does)) = does {
            // With the keyboard on a button, Enter means that one; a field of one line has just given it away.
            let free = !modifiers.is_none() || ui.memory(|memory| memory.focused().is_none());
            let free = free && ready && !Popup::is_any_open(ui.ctx());
            let entered = free && ui.input_mut(|i| i.consume_key(modifiers, Key::Enter));
            let (fill, ink) =
                if ready { (palette.accent, palette.on_accent) } else { (palette.paper, palette.text) };
            let words = (controls::medium(yes).color(ink), RichText::new(key_names(key)).small().color(ink));
            let button = named(ui.add_enabled(ready, Button::new(words).fill(fill)), yes);
            let clicked = button.on_hover_text(tip).on_disabled_hover_text(tip).clicked();
            answers.extend((clicked || entered).then_some(does));
        }
        let words = (RichText::new(no), RichText::new("Esc").small().color(palette.weak));
        let button = named(ui.add(Button::new(words)), no).on_hover_text(tip);
        answers.extend(button.clicked().then_some(leaves));
    });
}

/// A label of this width at most, without what does not fit of its middle: names differ at both ends.
pub(crate) fn elided(ui: &mut Ui, text: &str, colour: Color32, width: f32) -> Response {
    let label = ui.label(RichText::new(cut(ui, text, width, false)).color(colour));
    label.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    label
}

/// Width of a text of the window in one line.
pub(crate) fn text_width(ui: &Ui, text: &str) -> f32 {
    let font = egui::TextStyle::Body.resolve(ui.style());
    ui.fonts_mut(|fonts| fonts.layout_no_wrap(text.to_owned(), font, Color32::WHITE).size().x)
}

/// What fits of a text, without what does not of its middle or, if `at_front`, of its beginning.
pub(crate) fn cut(ui: &Ui, text: &str, width: f32, at_front: bool) -> String {
    let fits = |text: &str| text_width(ui, text) <= width;
    let chars: Vec<char> = text.chars().collect();
    let cut = |n: usize| -> String {
        let head = if at_front { 0 } else { n.div_ceil(2) };
        chars[..head].iter().chain(&['…']).chain(&chars[chars.len() - (n - head)..]).collect()
    };
    if chars.is_empty() || fits(text) {
        return text.to_owned();
    }
    let sizes: Vec<usize> = (0..chars.len()).collect();
    cut(sizes.partition_point(|n| fits(&cut(*n))).saturating_sub(1))
}

/// A small round lamp: filled when lit, a ring when not, so that it differs without colour too.
pub(crate) fn lamp(ui: &mut Ui, colour: Color32, lit: bool, radius: f32) {
    let width = radius * 2.0 + 4.0;
    // As high as a row, in whose middle the text is.
    let size = vec2(width, width.max(ui.spacing().interact_size.y));
    let (rect, _) = ui.allocate_exact_size(size, Sense::empty());
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
        self.with_label(ui, |ui, label| self.edit(ui, text, label))
    }

    /// Shows it with room after it for a [`list_in`], unless it is plain text.
    pub(crate) fn show_with_room(self, ui: &mut Ui, text: &mut String) -> (Response, Option<Rect>) {
        let mut show = |ui: &mut Ui, label| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let height = ui.spacing().interact_size.y;
            if self.row.is_some() && !self.enabled {
                return (self.edit(ui, text, label), None);
            }
            let size = vec2(ui.available_width() - LIST_BUTTON, height);
            let edit = ui.allocate_ui(size, |ui| self.edit(ui, text, label)).inner;
            let (place, _) = ui.allocate_exact_size(vec2(LIST_BUTTON, height), Sense::empty());
            (edit, Some(place))
        };
        self.with_label(ui, |ui, label| ui.horizontal(|ui| show(ui, label)).inner)
    }

    fn edit(&self, ui: &mut Ui, text: &mut String, label: Id) -> Response {
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
            let response = ui.add_enabled(self.enabled, edit).labelled_by(label);
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
        let (menu, _) = MenuButton::from_button(button).ui(ui, list);
        named(menu, name).on_hover_text(name)
    });
    button.inner.clicked()
}

const LIST_BUTTON: f32 = 28.0;
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

/// What is wrong, in the rest of a row; if that is too short, a tip shows all of it, also while one types below.
pub(crate) fn complain_here(ui: &mut Ui, problem: Option<&str>) {
    let Some(problem) = problem else { return };
    let whole = fits(ui, problem);
    let label = ui.add(egui::Label::new(reason(ui, problem)).truncate());
    let focused = ui.memory(egui::Memory::focused).and_then(|id| ui.ctx().read_response(id));
    let is_below = |field: egui::Rect| {
        field.top() > label.rect.center().y && field.intersects(label.rect.expand2(vec2(GAP, GAP)))
    };
    if !whole && !label.hovered() && focused.is_some_and(|field| is_below(field.rect)) {
        // Above: what is typed next is below.
        let mut tip = egui::Tooltip::for_widget(&label);
        tip.popup = tip.popup.align(egui::RectAlign::TOP_END);
        tip.show(|ui| ui.label(reason(ui, problem)));
    }
}

/// Whether what is wrong has room in the rest of a row.
pub(crate) fn fits(ui: &Ui, problem: &str) -> bool {
    let font = egui::TextStyle::Small.resolve(ui.style());
    let galley = ui.fonts_mut(|fonts| fonts.layout_no_wrap(format!("✕ {problem}"), font, Color32::WHITE));
    galley.size().x <= ui.available_width()
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
pub(crate) fn lines_ui(ui: &mut Ui, text: &mut String, label: Id, tip: &str, rows: usize) {
    ui.scope(|ui| {
        // egui draws the frame of a field outside its width.
        ui.set_max_width(ui.available_width() - 2.0);
        let edit = TextEdit::multiline(text).font(egui::TextStyle::Monospace).desired_rows(rows);
        let edit = edit.desired_width(f32::INFINITY).margin(FIELD_MARGIN);
        ui.add(edit).labelled_by(label).on_hover_text(tip);
    });
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

pub(crate) fn tick(ui: &mut Ui, on: &mut bool, label: &str, tip: &str) -> Response {
    let text = RichText::new(label).color(Palette::of(ui).text);
    marks(ui, *on, |ui| ui.checkbox(on, text)).on_hover_text(tip)
}

/// Height of a row with a box or a circle to tick.
pub(crate) const TICK: f32 = 24.0;

/// Gives boxes and circles to tick their fill if they are `on`, and an edge, which menus take from all they show.
fn marks<R>(ui: &mut Ui, on: bool, content: impl FnOnce(&mut Ui) -> R) -> R {
    let Palette { accent, on_accent, edge, .. } = Palette::of(ui);
    let before = (ui.visuals().widgets.clone(), ui.spacing().interact_size.y);
    ui.spacing_mut().interact_size.y = TICK;
    ui.visuals_mut().widgets.inactive.bg_stroke = Stroke::new(1.0, edge);
    if on {
        let widgets = &mut ui.visuals_mut().widgets;
        for widget in [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active] {
            (widget.bg_fill, widget.bg_stroke.color) = (accent, accent);
            widget.fg_stroke = Stroke::new(2.0, on_accent);
        }
    }
    let inner = content(ui);
    (ui.visuals_mut().widgets, ui.spacing_mut().interact_size.y) = before;
    inner
}

pub(crate) fn radio(ui: &mut Ui, on: bool, label: impl Into<String>) -> Response {
    let text = RichText::new(label).color(Palette::of(ui).text);
    marks(ui, on, |ui| ui.radio(on, text))
}

/// Gives a button an accessible name that differs from its label.
pub(crate) fn named(button: Response, name: &str) -> Response {
    let enabled = button.enabled();
    button.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    button
}

pub(crate) fn button(ui: &mut Ui, label: impl Into<WidgetText>, tip: &str) -> bool {
    ui.button(label.into()).on_hover_text(tip).clicked()
}

/// A button that orders `action`.
pub(crate) fn offer<A>(
    ui: &mut Ui,
    (label, tip): (impl Into<WidgetText>, &str),
    action: A,
    actions: &mut Vec<A>,
) {
    actions.extend(button(ui, label, tip).then_some(action));
}

pub(crate) fn button_if(ui: &mut Ui, enabled: bool, label: impl Into<WidgetText>, tip: &str) -> bool {
    let button = ui.add_enabled(enabled, Button::new(label.into()));
    button.on_hover_text(tip).on_disabled_hover_text(tip).clicked()
}

/// A button that sends something, unless there is a reason why it cannot.
pub(crate) fn send_button(
    ui: &mut Ui,
    cannot: Option<&str>,
    button: Button<'_>,
    (name, tip): (&str, &str),
) -> bool {
    let button = named(ui.add_enabled(cannot.is_none(), button), name);
    button.on_hover_text(tip).on_disabled_hover_text(cannot.unwrap_or(tip)).clicked()
}

pub(crate) fn close_button(ui: &mut Ui, name: &str, tip: &str) -> bool {
    controls::tool(ui, (icons::X, None), (true, false), (name, tip)).clicked()
}

/// A menu entry. A click closes the menu.
pub(crate) fn entry(ui: &mut Ui, label: impl Into<WidgetText>, tip: &str) -> bool {
    entry_if(ui, true, Button::new(label.into()), tip)
}

/// A menu entry with a shortcut, or one that may be disabled. A click closes the menu.
pub(crate) fn entry_if(ui: &mut Ui, enabled: bool, button: Button<'_>, tip: &str) -> bool {
    let clicked = ui.add_enabled(enabled, button).on_hover_text(tip).clicked();
    if clicked {
        ui.close();
    }
    clicked
}

/// A button that opens a menu which stays open while it is used.
pub(crate) fn menu(ui: &mut Ui, button: Button<'_>, content: impl FnOnce(&mut Ui)) -> Response {
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (response, _) = MenuButton::from_button(button).config(config).ui(ui, |ui| {
        // A small panel: its fields and buttons have frames as elsewhere.
        ui.set_style(ui.ctx().global_style());
        ui.spacing_mut().interact_size.y = TICK;
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.spacing_mut().button_padding.y = 2.0;
        content(ui);
    });
    response
}

pub(crate) fn arrow_menu(ui: &mut Ui, (name, tip): (&str, &str), content: impl FnOnce(&mut Ui)) {
    let arrow = controls::icon(icons::CHEVRON_DOWN, controls::ICON);
    named(menu(ui, Button::new(arrow), content), name).on_hover_text(tip);
}

pub(crate) fn combo<'n, T: PartialEq + Copy>(
    ui: &mut Ui,
    combo: ComboBox,
    (label, tip): (Id, &str),
    (value, choices): (&mut T, impl IntoIterator<Item = T>),
    name: impl Fn(T) -> &'n str,
) {
    let combo = list::show(ui, combo.selected_text(name(*value)), |ui| {
        for choice in choices {
            list::value(ui, value, choice, name(choice));
        }
    });
    combo.response.labelled_by(label).on_hover_text(tip);
}

pub(crate) fn rows_ui<T>(
    ui: &mut Ui,
    (area, right): (ScrollArea, f32),
    rows: impl ExactSizeIterator<Item = T>,
    mut row: impl FnMut(&mut Ui, T),
) {
    let height = ui.spacing().interact_size.y;
    area.show_rows(ui, height, rows.len(), |ui, range| {
        ui.set_max_width(ui.available_width() - right);
        rows.skip(range.start).take(range.len()).for_each(|item| row(ui, item));
        follow_focus(ui, height);
    });
}

/// Scrolls to what the keyboard has moved to, and a row further.
pub(crate) fn follow_focus(ui: &Ui, row: f32) {
    let (id, focused) = (ui.scope_id().with("focus"), ui.memory(egui::Memory::focused));
    let before =
        ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default::<Option<Id>>(id), focused));
    let moved = focused.filter(|_| focused != before).and_then(|focused| ui.ctx().read_response(focused));
    // What is seen elsewhere may lie where the end of the list would be.
    let is_within = |response: &Response| {
        let (seen, room) = (response.interact_rect, ui.clip_rect());
        ui.min_rect().contains(response.rect.center()) && (!seen.is_positive() || room.intersects(seen))
    };
    if let Some(response) = moved.filter(is_within) {
        ui.scroll_to_rect(response.rect.expand2(vec2(0.0, row)), None);
    }
}

pub(crate) fn from_the_right(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let size = vec2(ui.available_width(), ui.spacing().interact_size.y);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), content);
}

pub(crate) fn from_the_left(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.with_layout(Layout::left_to_right(Align::Center), content);
}

pub(crate) fn choices<'a, T: PartialEq + Copy>(
    ui: &mut Ui,
    group: &str,
    value: &mut T,
    choices: impl IntoIterator<Item = (T, &'a str, &'a str)>,
) {
    for (this, label, tip) in choices {
        choice(ui, group, value, this, label, tip);
    }
}

pub(crate) fn modes(lang: Lang) -> [(Mode, &'static str, &'static str); 3] {
    [
        (Mode::Text, lang.send_text(), lang.content_text_tip()),
        (Mode::Hex, lang.send_hex(), lang.content_hex_tip()),
        (Mode::Mixed, lang.send_mixed(), lang.content_mixed_tip()),
    ]
}

pub(crate) fn choice<T: PartialEq + Copy>(
    ui: &mut Ui,
    group: &str,
    value: &mut T,
    this: T,
    label: &str,
    tip: &str,
) {
    let chosen = *value == this;
    let response = radio(ui, chosen, label);
    let name = choice_name(group, label);
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, chosen, &name));
    if response.on_hover_text(tip).clicked() {
        *value = this;
    }
}

/// Accessible name of a choice in a group.
pub fn choice_name(group: &str, label: &str) -> String {
    format!("{group} {label}")
}
