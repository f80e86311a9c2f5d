//! The palette: a field, and below it the rows that match. Its rows are given; it says which one is taken.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align, Align2, Color32, FontId, Frame, Id, Key, Layout, Margin, Modifiers, Role, ScrollArea, Sense,
    Stroke, TextEdit, Ui, WidgetInfo, vec2,
};

use super::lang::Lang;
use super::theme::Palette;
use super::{controls, fonts, icons, messages, widgets};
use crate::state::{PaletteBox, PaletteMode};

/// One row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// What it does or is.
    pub name: String,
    /// Its key, or what else is known of it.
    pub value: String,
    /// It is what is chosen now.
    pub on: bool,
    /// It can be taken.
    pub ready: bool,
    /// It says what is wrong.
    pub wrong: bool,
    /// Its icon, empty if it has none.
    pub sign: &'static str,
    /// How things stand with it, beside its name.
    pub now: String,
    /// The heading that it is under, empty if it is under none.
    pub group: &'static str,
}

impl Row {
    /// A row with a name.
    pub fn new(name: String) -> Self {
        Self { name, ..Self::default() }
    }
}

/// What the user did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Nothing that ends it.
    None,
    /// Leave.
    Close,
    /// Another list.
    Switch(PaletteMode),
    /// Do what this row says.
    Take(usize),
}

/// Height of a row, and of a heading: whole ones are in sight.
const ROW: f32 = 28.0;
/// Rows and headings in sight.
const MOST_ROWS: u8 = 14;
/// Space at both sides of a row, and between its left and its name.
const BESIDE: f32 = 10.0;
const BEFORE_NAME: f32 = 24.0;
/// Distance from the top of the window.
const ABOVE: f32 = 56.0;

/// The palette. `rows` makes those that match what is typed, and says how many there are in all.
pub fn palette_ui(
    ui: &Ui,
    lang: Lang,
    palette: &mut PaletteBox,
    rows: impl FnOnce(&PaletteBox) -> (Vec<Row>, usize),
) -> Answer {
    let id = Id::unique("palette");
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(8));
    let modal = widgets::modal(ui.ctx(), id, (Align2::CENTER_TOP, vec2(0.0, ABOVE)));
    let shown = modal.frame(frame).backdrop_color(Color32::TRANSPARENT).show(ui.ctx(), |ui| {
        ui.set_width(widgets::DIALOG.min(ui.ctx().content_rect().width() - 48.0));
        content_ui(ui, lang, palette, rows)
    });
    if shown.should_close() && shown.inner == Answer::None { Answer::Close } else { shown.inner }
}

fn content_ui(
    ui: &mut Ui,
    lang: Lang,
    palette: &mut PaletteBox,
    rows: impl FnOnce(&PaletteBox) -> (Vec<Row>, usize),
) -> Answer {
    // Before the field, which would move its cursor by them.
    let times = |key| ui.input_mut(|i| i.count_and_consume_key(Modifiers::NONE, key));
    let (up, down) = (times(Key::ArrowUp), times(Key::ArrowDown));
    let (page_up, page_down) = (times(Key::PageUp), times(Key::PageDown));
    let enter = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
    let back = palette.text.is_empty() && ui.input(|i| i.key_pressed(Key::Backspace));
    if back && palette.mode != PaletteMode::Commands {
        return Answer::Switch(PaletteMode::Commands);
    }
    let (name, hint) = match palette.mode {
        PaletteMode::Commands => (lang.palette(), lang.palette_tip()),
        PaletteMode::Keys => (lang.shortcuts(), lang.shortcuts_tip()),
        PaletteMode::Peers => (lang.palette_peers(), lang.palette_peers_tip()),
        PaletteMode::Places => (lang.go_to_what(), lang.go_to_what_tip()),
        PaletteMode::Captures => (lang.palette_captures(), lang.palette_captures_tip()),
    };
    let before = palette.text.clone();
    let mut mode = palette.mode;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let modes = PaletteMode::ALL.map(|mode| (mode, mode.prefix(), mode_words(lang, mode)));
        controls::segments(ui, lang.palette(), &mut mode, &modes, None);
        let edit = TextEdit::singleline(&mut palette.text).hint_text(name).margin(widgets::FIELD_MARGIN);
        let field = ui.add(edit.desired_width(ui.available_width() - 2.0)).on_hover_text(hint);
        let field = widgets::named_field(field, &palette.text, name, name);
        field.request_focus();
    });
    if mode != palette.mode {
        return Answer::Switch(mode);
    }
    if before.is_empty()
        && let Some((mode, rest)) = PaletteMode::ALL
            .into_iter()
            .find_map(|mode| Some((mode, palette.text.strip_prefix(mode.prefix())?.to_owned())))
    {
        if rest.is_empty() {
            return Answer::Switch(mode);
        }
        (palette.mode, palette.text) = (mode, rest);
    }
    if palette.text != before {
        palette.chosen = 0;
    }
    let (rows, all) = rows(palette);
    let last = rows.len().saturating_sub(1);
    let was = palette.chosen;
    let page = usize::from(MOST_ROWS);
    let steps = down.saturating_add(page_down.saturating_mul(page));
    palette.chosen = palette.chosen.saturating_add(steps).min(last);
    palette.chosen = palette.chosen.saturating_sub(up.saturating_add(page_up.saturating_mul(page)));
    ui.add_space(4.0);
    if rows.is_empty() {
        ui.label(egui::RichText::new(lang.find_none()).color(Palette::of(ui).weak));
    }
    let mut taken = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    // The toolkit takes the height of the list before for the room that there is.
    let (id, height) = (("rows", palette.mode), ROW * f32::from(MOST_ROWS));
    let area = ScrollArea::vertical().id_salt(id).max_height(height).min_scrolled_height(height);
    let area = area.auto_shrink([false, true]);
    area.show(ui, |ui| {
        for (n, row) in rows.iter().enumerate() {
            if n.checked_sub(1).is_none_or(|before| rows[before].group != row.group) && !row.group.is_empty()
            {
                head_ui(ui, row.group);
            }
            let chosen = n == palette.chosen;
            let response = row_ui(ui, row, chosen, &palette.text);
            if chosen && palette.chosen != was {
                response.scroll_to_me(None);
            }
            if row.ready && (response.clicked() || chosen && enter) {
                taken = Some(n);
            }
        }
    });
    // The only row of the others says it.
    if palette.mode != PaletteMode::Places {
        widgets::part_line(ui, 8.0);
        let is_command = matches!(palette.mode, PaletteMode::Commands | PaletteMode::Keys);
        let weak = |text: &str| egui::RichText::new(text).small().color(Palette::of(ui).weak);
        let keys = weak(if is_command { lang.palette_keys() } else { hint });
        let [shown, all] = [rows.len(), all].map(|n| messages::grouped(n as u64));
        let count = weak(&format!("{shown} / {all}"));
        widgets::from_the_right(ui, |ui| {
            ui.label(count);
            widgets::from_the_left(ui, |ui| drop(ui.label(keys)));
        });
    }
    taken.map_or(Answer::None, Answer::Take)
}

fn mode_words(lang: Lang, mode: PaletteMode) -> &'static str {
    match mode {
        PaletteMode::Commands => lang.palette_tip(),
        PaletteMode::Keys => lang.shortcuts_tip(),
        PaletteMode::Peers => lang.palette_peers_tip(),
        PaletteMode::Places => lang.go_to_tip(),
        PaletteMode::Captures => lang.palette_captures_tip(),
    }
}

/// The parts of a name, and which of them are words that were typed.
fn marked<'a>(name: &'a str, typed: &str) -> Vec<(&'a str, bool)> {
    let lower = name.to_lowercase();
    let mut marks = vec![false; name.len()];
    // Lower case may be of another length, in letters that no command has.
    for word in typed.to_lowercase().split_whitespace().filter(|_| lower.len() == name.len()) {
        if let Some(at) = lower.find(word) {
            marks[at..at + word.len()].fill(true);
        }
    }
    let mut parts = Vec::new();
    let mut from = 0;
    for at in 1..=name.len() {
        if at == name.len() || marks[at] != marks[from] {
            parts.extend(name.get(from..at).map(|part| (part, marks[from])));
            from = at;
        }
    }
    parts
}

fn head_ui(ui: &mut Ui, heading: &str) {
    let size = vec2(ui.available_width(), ROW);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_size(size);
        ui.add_space(BESIDE);
        ui.label(egui::RichText::new(heading).small().color(Palette::of(ui).weak));
    });
}

fn row_ui(ui: &mut Ui, row: &Row, chosen: bool, typed: &str) -> egui::Response {
    let palette = Palette::of(ui);
    let ink = match (row.wrong, row.ready) {
        (true, _) => palette.failure,
        (false, true) => palette.text,
        (false, false) => palette.weak,
    };
    let font = egui::TextStyle::Body.resolve(ui.style());
    let width = ui.available_width();
    let value = ui.painter().layout_no_wrap(row.value.clone(), font.clone(), palette.weak);
    let room = width - value.size().x - BEFORE_NAME - 2.0 * BESIDE;
    let mut name = LayoutJob { wrap: TextWrapping::wrap_at_width(room), ..LayoutJob::default() };
    for (part, hit) in marked(&row.name, typed) {
        let (color, background) =
            if hit { (palette.on_hit, palette.hit) } else { (ink, Color32::TRANSPARENT) };
        name.append(part, 0.0, TextFormat { background, ..TextFormat::simple(font.clone(), color) });
    }
    if !row.now.is_empty() {
        name.append(&row.now, 2.0 * BESIDE, TextFormat::simple(font.clone(), palette.weak));
    }
    let name = ui.painter().layout_job(name);
    let size = vec2(width, ROW.max(name.size().y + 8.0));
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let words = format!("{} {}", row.name, row.value).trim_end().to_owned();
    response.widget_info(|| {
        let info = WidgetInfo::selected(Role::ListBoxOption, row.ready, chosen, &words);
        WidgetInfo { current_text_value: Some(row.now.clone()).filter(|now| !now.is_empty()), ..info }
    });
    if !ui.is_rect_visible(rect) {
        return response;
    }
    if row.ready && (chosen || response.hovered()) {
        ui.painter().rect_filled(rect, 4.0, palette.selection);
    }
    if row.ready && chosen {
        let edge = Stroke::new(3.0, palette.accent);
        ui.painter().vline(rect.left() + 1.5, rect.y_range(), edge);
    }
    let middle = rect.shrink2(vec2(BESIDE, 0.0));
    let (sign, colour) = if row.on { (icons::CHECK, palette.accent) } else { (row.sign, palette.weak) };
    let sign_font = FontId::new(controls::ICON, fonts::icons());
    ui.painter().text(middle.left_center(), Align2::LEFT_CENTER, sign, sign_font, colour);
    let at = middle.left_center() + vec2(BEFORE_NAME, -name.size().y / 2.0);
    ui.painter().galley(at, name, ink);
    let at = middle.right_center() - vec2(value.size().x, value.size().y / 2.0);
    ui.painter().galley(at, value, palette.weak);
    response
}
