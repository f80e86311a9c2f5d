//! Controls of the window's own drawing: icons, segments, tools, the primary button, and the ring of the focus.

use egui::text_edit::TextEditState;
use egui::{
    Align2, Atom, Button, ComboBox, CornerRadius, FontFamily, FontId, Id, Rect, Response, RichText, Role,
    Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::theme::{CONTROL, CORNER, EDGE, Palette, RAIL};
use super::widgets::{choice_name, named};
use super::{fonts, icons};

/// The size of an icon in a control, in points.
pub(crate) const ICON: f32 = 16.0;

/// One of [`icons`] of this size, in points.
pub(crate) fn icon(icon: &str, size: f32) -> RichText {
    RichText::new(icon).family(fonts::icons()).size(size)
}

/// The same for a control whose name says what it means: it is no text to be read.
pub(crate) fn picture(icon: &'static str, size: f32) -> Atom<'static> {
    Atom::paint(Vec2::splat(size), move |ui, args| {
        let (font, colour) = (FontId::new(size, fonts::icons()), Palette::of(ui).text);
        ui.painter().text(args.rect.center(), Align2::CENTER_CENTER, icon, font, colour);
    })
}

/// One of [`icons`] beside words, which say what it means.
pub(crate) fn sign(ui: &mut Ui, icon: &str, size: f32, colour: egui::Color32) {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(size), Sense::empty());
    let font = FontId::new(size, fonts::icons());
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon, font, colour);
}

/// Words of the window in its second weight.
pub(crate) fn medium(text: impl Into<String>) -> RichText {
    RichText::new(text).family(fonts::medium())
}

/// A button without an edge, of an icon and perhaps a word; on its accessible name: `words`.
pub(crate) fn tool(
    ui: &mut Ui,
    (sign, word): (&str, Option<&str>),
    (enabled, on): (bool, bool),
    words: (&str, &str),
) -> Response {
    wide_tool(ui, (CONTROL, Palette::of(ui).text), (sign, word), (enabled, on), words)
}

/// The same, at least this wide, and in this colour unless it is on.
pub(crate) fn wide_tool(
    ui: &mut Ui,
    (width, ink): (f32, egui::Color32),
    (sign, word): (&str, Option<&str>),
    (enabled, on): (bool, bool),
    (name, tip): (&str, &str),
) -> Response {
    let palette = Palette::of(ui);
    let ink = if on { palette.accent } else { ink };
    let sign = icon(sign, ICON).color(ink);
    let button = match word {
        Some(word) => Button::new((sign, RichText::new(word).color(ink))),
        None => Button::new(sign),
    };
    let button = button.min_size(Vec2::new(width, CONTROL)).stroke(Stroke::NONE);
    let button = if on { button.fill(palette.selection) } else { button.frame_when_inactive(false) };
    let response = ui.add_enabled(enabled, button);
    response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, on, name));
    let tip = if word.is_some() { tip.to_owned() } else { format!("{name}\n{tip}") };
    response.on_hover_text(&tip).on_disabled_hover_text(tip)
}

/// The same where it is what one may want next.
pub(crate) fn filled_tool(
    ui: &mut Ui,
    width: f32,
    (sign, word): (&str, Option<&str>),
    (name, tip): (&str, &str),
) -> Response {
    let sign = icon(sign, ICON);
    let response =
        primary(ui, (true, false), (sign, word.unwrap_or_default(), ""), Vec2::new(width, CONTROL));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, false, name));
    response.on_hover_text(format!("{name}\n{tip}"))
}

/// A button that opens a menu: a word and an arrow.
pub(crate) fn with_arrow<'a>(word: &str) -> Button<'a> {
    Button::new((RichText::new(word), icon(icons::CHEVRON_DOWN, 14.0)))
}

/// A button for [`super::widgets::menu`], without an edge: a word, what is in force, and an arrow.
pub(crate) fn menu_tool<'a>(palette: Palette, word: &str, in_force: Option<&str>) -> Button<'a> {
    let (word, arrow) = (RichText::new(word), icon(icons::CHEVRON_DOWN, ICON).color(palette.weak));
    let button = match in_force {
        Some(name) => Button::new((word, RichText::new(name).color(palette.accent), arrow)),
        None => Button::new((word, arrow)),
    };
    button.stroke(Stroke::NONE).frame_when_inactive(false)
}

/// A list of choices, with the arrow of the window.
pub(crate) fn combo_box(id: &'static str) -> ComboBox<'static> {
    ComboBox::from_id_salt(id).icon(|ui, rect, visuals, _open| {
        let font = FontId::new(ICON, fonts::icons());
        let colour = visuals.fg_stroke.color;
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, icons::CHEVRON_DOWN, font, colour);
    })
}

/// The button of what comes next, of an icon, a word, and its key. One that only undoes that is `quiet`.
pub(crate) fn primary(
    ui: &mut Ui,
    (enabled, quiet): (bool, bool),
    (sign, word, key): (RichText, &str, &str),
    size: Vec2,
) -> Response {
    let palette = Palette::of(ui);
    let is_filled = enabled && !quiet;
    let (fill, ink) =
        if is_filled { (palette.accent, palette.on_accent) } else { (palette.paper, palette.text) };
    let key = RichText::new(key).color(if is_filled { ink } else { palette.weak });
    let sign = if is_filled { sign.color(ink) } else { sign };
    let button = Button::new((sign, medium(word).color(ink), key)).fill(fill);
    let before = ui.visuals().widgets.hovered.bg_stroke;
    if is_filled {
        ui.visuals_mut().widgets.hovered.bg_stroke = Stroke::new(2.0, ink.gamma_multiply(0.6));
    }
    let button = if is_filled { button.stroke(Stroke::new(1.0, fill)) } else { button };
    let response = ui.add_enabled_ui(enabled, |ui| ui.add_sized(size, button)).inner;
    ui.visuals_mut().widgets.hovered.bg_stroke = before;
    named(response, word)
}

/// Choices side by side, of which one is in force; all of them as wide as `width` if it is given.
pub(crate) fn segments<T: PartialEq + Copy>(
    ui: &mut Ui,
    group: &str,
    value: &mut T,
    choices: &[(T, &str, &str)],
    width: Option<f32>,
) {
    let palette = Palette::of(ui);
    let font = |family| FontId::new(13.0, family);
    let width_of = |label: &str| {
        let text = |fonts: &mut egui::epaint::text::FontsView<'_>| {
            fonts.layout_no_wrap(label.to_owned(), font(fonts::medium()), palette.text).size().x
        };
        (ui.fonts_mut(text) + 24.0).round()
    };
    #[expect(clippy::cast_precision_loss, reason = "a few choices")]
    let each = width.map(|width| width / choices.len() as f32);
    let widths: Vec<f32> =
        choices.iter().map(|(_, label, _)| each.unwrap_or_else(|| width_of(label))).collect();
    let (all, _) = ui.allocate_exact_size(vec2(widths.iter().sum(), CONTROL), Sense::empty());
    let edge = Stroke::new(1.0, palette.edge);
    ui.painter().rect(all, CORNER, palette.paper, edge, StrokeKind::Inside);
    let chosen = choices.iter().position(|(this, ..)| this == value);
    let mut left = all.left();
    for (n, ((this, label, tip), width)) in choices.iter().zip(widths).enumerate() {
        let cell = Rect::from_min_max(pos2(left, all.top()), pos2(left + width, all.bottom()));
        left += width;
        let (is_chosen, enabled) = (chosen == Some(n), ui.is_enabled());
        let response = ui.interact(cell, ui.scope_id().with((group, label)), Sense::click());
        let name = choice_name(group, label);
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, is_chosen, &name));
        let (first, last) = (n == 0, n + 1 == choices.len());
        let round = |yes| if yes { CORNER } else { 0 };
        let corners = CornerRadius { nw: round(first), sw: round(first), ne: round(last), se: round(last) };
        if is_chosen {
            ui.painter().rect_filled(cell, corners, palette.accent);
        } else if response.hovered() {
            ui.painter().rect_filled(cell.shrink(1.0), corners, palette.hover);
        }
        if !first && !is_chosen && chosen != Some(n - 1) {
            ui.painter().vline(cell.left(), cell.shrink(1.0).y_range(), Stroke::new(1.0, palette.line));
        }
        let (family, ink) = if is_chosen {
            (fonts::medium(), palette.on_accent)
        } else {
            (FontFamily::Proportional, palette.text)
        };
        ui.painter().text(cell.center(), Align2::CENTER_CENTER, *label, font(family), ink);
        if response.on_hover_text(*tip).clicked() {
            *value = *this;
        }
    }
}

/// A cell of a rail: an icon over a word, with the edge of what is open, at its `right` side or the left.
pub(crate) fn rail_cell(
    ui: &mut Ui,
    (sign, word): (&str, &str),
    (enabled, on): (bool, bool),
    right: bool,
) -> Response {
    let palette = Palette::of(ui);
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (cell, response) = ui.allocate_exact_size(Vec2::splat(RAIL), sense);
    let painter = ui.painter();
    if on || enabled && response.hovered() {
        painter.rect_filled(cell, 0, if on { palette.panel } else { palette.hover });
    }
    if on {
        let x = if right { cell.right() - EDGE } else { cell.left() };
        let edge = Rect::from_min_size(pos2(x, cell.top()), vec2(EDGE, cell.height()));
        painter.rect_filled(edge, 0, palette.accent);
    }
    let ink = match (on, enabled) {
        (true, _) => palette.text,
        (false, true) => palette.weak,
        (false, false) => palette.edge,
    };
    let at = cell.center();
    let sign_font = FontId::new(18.0, fonts::icons());
    let drop = if word.is_empty() { 0.0 } else { 9.0 };
    painter.text(at - vec2(0.0, drop), Align2::CENTER_CENTER, sign, sign_font, ink);
    painter.text(at + vec2(0.0, 11.0), Align2::CENTER_CENTER, word, FontId::proportional(12.0), ink);
    response
}

/// Height from which a ring is inside: what is so large reaches the edges of its panel.
const LARGE: f32 = 100.0;

/// A ring around what has the keyboard. Fields show that by their own edge.
pub(crate) fn focus_ring(ui: &Ui) {
    let ctx = ui.ctx();
    let Some(id) = ctx.memory(egui::Memory::focused) else { return };
    let Some(response) = ctx.read_response(id) else { return };
    let seen = response.interact_rect;
    if !seen.is_positive() || TextEditState::load(ctx, id).is_some() {
        return;
    }
    let is_whole = seen.contains_rect(response.rect.shrink(0.5)) && seen.height() < LARGE;
    let kind = if is_whole { StrokeKind::Outside } else { StrokeKind::Inside };
    let painter = ctx.layer_painter(response.layer_id);
    painter.rect_stroke(seen, CORNER, Stroke::new(2.0, Palette::of(ui).accent), kind);
}

/// The first widget in a place that can have the keyboard.
pub(crate) fn first_in(ui: &Ui, place: Rect, is_wanted: impl Fn(Id) -> bool) -> Option<Id> {
    let able: Vec<Id> = ui.ctx().viewport(|viewport| {
        let widgets = viewport.this_pass.widgets.get_layer(ui.layer_id());
        let able = widgets.filter(|widget| widget.enabled && widget.sense.is_focusable());
        able.filter(|widget| place.contains(widget.interact_rect.center())).map(|widget| widget.id).collect()
    });
    able.into_iter().find(|id| is_wanted(*id))
}
