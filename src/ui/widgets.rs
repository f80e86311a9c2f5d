//! Small pieces that the panels share.

mod dialog;
mod field;

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{
    Align, Align2, Button, CollapsingHeader, Color32, ComboBox, DragAndDrop, EventFilter, FontId, Id, Key,
    Layout, Modifiers, PopupCloseBehavior, Rect, Response, RichText, Role, ScrollArea, Sense, Stroke, Ui,
    Vec2, WidgetInfo, WidgetText, vec2,
};

use super::lang::Lang;
use super::theme::{CONTROL, Palette};
use super::{controls, fonts, icons, list};
use crate::codec::compose::Mode;
use crate::state::{RowAction, RowId, RowList};

pub(crate) use dialog::{CTRL_ENTER, DIALOG, ENTER, begins, dialog, ends, modal};
pub(crate) use field::{
    FIELD_MARGIN, Field, complain, complain_here, fits, is_entered, labelled, lines_ui, list_in, marked_if,
    named_field, reason_ui, search_ui,
};

/// The head of a part of a panel, with a quiet remark; `more` stands in the rest of its row, from the right.
pub(crate) fn head(ui: &mut Ui, (title, remark): (&str, &str), more: impl FnOnce(&mut Ui)) -> Response {
    let size = vec2(ui.available_width(), 20.0);
    let row = ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.label(controls::medium(title));
        let remark = ui.label(RichText::new(remark).color(Palette::of(ui).weak));
        ui.with_layout(Layout::right_to_left(Align::Center), more);
        remark
    });
    row.inner
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
pub(crate) const LABEL: f32 = 100.0;

/// A row of a form: the label, after its number if it has one, and what is beside it.
pub(crate) fn form_row<R>(ui: &mut Ui, label: (&str, &str), content: impl FnOnce(&mut Ui, Id) -> R) -> R {
    row_after(ui, LABEL, label, content)
}

/// The same with labels of another width.
pub(crate) fn row_after<R>(
    ui: &mut Ui,
    width: f32,
    (number, label): (&str, &str),
    content: impl FnOnce(&mut Ui, Id) -> R,
) -> R {
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let size = vec2(width, ui.spacing().interact_size.y);
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

/// The lamp of what was lost.
pub(crate) fn lost_lamp(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(12.0, CONTROL), Sense::empty());
    let square = Rect::from_center_size(rect.center(), Vec2::splat(8.0));
    ui.painter().rect_filled(square, 1, Palette::of(ui).failure);
}

pub(crate) fn paint_lamp(ui: &Ui, center: egui::Pos2, colour: Color32, lit: bool, radius: f32) {
    if lit {
        ui.painter().circle_filled(center, radius + 2.0, colour.gamma_multiply(0.25));
        ui.painter().circle_filled(center, radius, colour);
    } else {
        ui.painter().circle_stroke(center, radius - 0.5, Stroke::new(1.5, colour));
    }
}

pub(crate) fn tick(ui: &mut Ui, on: &mut bool, label: &str, tip: &str) -> Response {
    let text = RichText::new(label).color(Palette::of(ui).text);
    marks(ui, *on, |ui| ui.checkbox(on, text)).on_hover_text(tip)
}

/// A box for many at once: ticked, not ticked, or `None` if some of them are. A click ticks all, or none. `name` says what it
/// ticks; `label` is beside it.
pub(crate) fn tick_all(
    ui: &mut Ui,
    are: Option<bool>,
    (label, name, tip): (&str, &str, &str),
) -> Option<bool> {
    let mut all = are == Some(true);
    let text = RichText::new(label).color(Palette::of(ui).text);
    let tick = egui::Checkbox::new(&mut all, text).indeterminate(are.is_none());
    let tick = marks(ui, are != Some(false), |ui| ui.add(tick)).on_hover_text(tip);
    tick.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, all, name));
    tick.clicked().then_some(all)
}

/// What is dragged onto a row of a list takes its place, and below the last row that one's; a line shows where it would be.
pub(crate) fn dropped<Id, F>(
    ui: &Ui,
    (row, is_last): (Rect, bool),
    list: &RowList<Id, F>,
    id: Id,
) -> Option<RowAction<Id>>
where
    Id: RowId + Send + Sync + 'static,
    F: Clone,
{
    let taking = if is_last { row.with_max_y(ui.clip_rect().bottom()) } else { row };
    let is_over = |_: &std::sync::Arc<Id>| ui.rect_contains_pointer(taking);
    let moved = *DragAndDrop::payload::<Id>(ui.ctx()).filter(is_over)?;
    if moved != id {
        let y = if list.lands_below(moved, id) { row.bottom() } else { row.top() };
        ui.painter().hline(row.x_range(), y, Stroke::new(2.0, Palette::of(ui).accent));
    }
    ui.input(|i| i.pointer.any_released()).then_some(RowAction::Move(moved, id))
}

/// Height of a row with a box or a circle to tick.
pub(crate) const TICK: f32 = 24.0;

/// A part with ids of its own: what comes or goes before it changes none of them, which would lose a click that is
/// under way.
pub(crate) fn anchored<R>(ui: &mut Ui, name: &'static str, content: impl FnOnce(&mut Ui) -> R) -> R {
    let scope = egui::UiBuilder::new().scope_id(ui.scope_id().with(name));
    ui.scope_builder(scope, content).inner
}

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

/// Parts what follows in this row, so that each choice is nearer to its own words than to the next ones.
pub(crate) fn part_choices(ui: &mut Ui) {
    ui.spacing_mut().item_spacing.x = 14.0;
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
) -> Response {
    let chosen = *value == this;
    let response = radio(ui, chosen, label);
    let name = choice_name(group, label);
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, chosen, &name));
    if response.clicked() {
        *value = this;
    }
    response.on_hover_text(tip)
}

/// Lets the arrow keys go from choice to choice, and take them. A click gives the keyboard. Enter means the main button of the
/// dialog if it has not taken another choice than the one `before`.
pub(crate) fn walk<T: PartialEq + Copy>(ui: &Ui, choices: &[(T, Response)], value: &mut T, before: T) {
    if let Some((_, clicked)) = choices.iter().find(|(_, choice)| choice.clicked()) {
        clicked.request_focus();
    }
    let Some(at) = choices.iter().position(|(_, choice)| choice.has_focus()) else { return };
    let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(choices[at].1.id, filter));
    let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    let on = pressed(Key::ArrowDown) || pressed(Key::ArrowRight);
    let to = if on { at + 1 } else { at.wrapping_sub(1) };
    if on || pressed(Key::ArrowUp) || pressed(Key::ArrowLeft) {
        if let Some((next, choice)) = choices.get(to) {
            *value = *next;
            choice.request_focus();
        }
    } else if *value == before && ui.input(|i| i.key_pressed(Key::Enter)) {
        choices[at].1.surrender_focus();
    }
}

/// Accessible name of a choice in a group.
pub fn choice_name(group: &str, label: &str) -> String {
    format!("{group} {label}")
}
