//! The dialog that saves a session. Its fields work even where the system has no file dialog.

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{
    Align, Frame, Id, Label, Layout, Margin, ProgressBar, Response, RichText, Stroke, TextEdit, Ui, vec2,
};

use super::lang::Lang;
use super::theme::{CORNER, GAP, Palette};
use super::{controls, messages, widgets};
use crate::model::Format;
use crate::state::{Action, FileFor, PREVIEW_ROWS, SaveBox, SavePlace, SaveScope, SaveState};
use crate::workspace::IfExists;

/// Label of a format.
pub fn format_name(lang: Lang, format: Format) -> &'static str {
    format_words(lang, format).0
}

/// Label of a format, and what is in such a file.
fn format_words(lang: Lang, format: Format) -> (&'static str, &'static str) {
    match format {
        Format::Pcapng => (lang.format_pcapng(), lang.format_pcapng_tip()),
        Format::Text => (lang.format_text(), lang.format_text_tip()),
        Format::NetAssist => (lang.format_netassist(), lang.format_netassist_tip()),
        Format::NetAssist5 => (lang.format_netassist5(), lang.format_netassist_tip()),
        Format::Hexdump => (lang.format_hexdump(), lang.format_hexdump_tip()),
        Format::Csv => (lang.format_csv(), lang.format_csv_tip()),
        Format::Jsonl => (lang.format_jsonl(), lang.format_jsonl_tip()),
        Format::RawReceived => (lang.format_raw_received(), lang.format_raw_tip()),
        Format::RawSent => (lang.format_raw_sent(), lang.format_raw_tip()),
    }
}

/// Label and tooltip of a scope.
pub fn scope_name(lang: Lang, scope: SaveScope) -> (&'static str, &'static str) {
    match scope {
        SaveScope::Whole => (lang.save_whole(), lang.save_whole_tip()),
        SaveScope::Shown => (lang.save_shown(), lang.save_shown_tip()),
        SaveScope::Selected => (lang.save_selected(), lang.save_selected_tip()),
        SaveScope::Plain => (lang.save_plain(), lang.save_plain_tip()),
        SaveScope::Wire => (lang.save_wire(), lang.save_wire_tip()),
    }
}

/// What can be saved, and how many records, or rows of the view, that is where it is known.
pub(crate) type Offered = [(SaveScope, Option<u64>)];

/// `gone` is the number of records that were removed.
pub(crate) fn save_ui(
    ui: &Ui,
    lang: Lang,
    save: &mut SaveBox,
    (offered, gone): (&Offered, u64),
) -> Vec<Action> {
    if !save.open {
        return Vec::new();
    }
    let was_running = matches!(save.state, SaveState::Running { .. });
    let title = lang.save_as().trim_end_matches('…');
    let mut actions = widgets::dialog(ui, ("save", title), Action::ShowSave(false), |ui, actions| {
        let running = matches!(save.state, SaveState::Running { .. });
        ui.add_enabled_ui(!running, |ui| form_ui(ui, lang, save, offered, actions));
        if gone > 0 {
            let text = lang.records_removed(messages::grouped(gone));
            ui.label(RichText::new(text).color(Palette::of(ui).care));
        }
        if let SaveState::Running { done, total } = save.state {
            #[expect(clippy::cast_precision_loss, reason = "a share of 1")]
            let part = if total == 0 { 0.0 } else { done as f32 / total as f32 };
            let text = format!("{} / {}", messages::bytes(done), messages::bytes(total));
            ui.add_space(GAP);
            widgets::from_the_right(ui, |ui| {
                widgets::offer(ui, (lang.stop(), lang.stop_tip()), Action::CancelSave, actions);
                ui.add(ProgressBar::new(part).text(text));
            });
        } else {
            let mut wanted = Vec::new();
            ends_ui(ui, lang, (&save.place, &save.state), &mut wanted);
            actions.extend(wanted.into_iter().map(action));
        }
    });
    if was_running {
        actions.retain(|action| !matches!(action, Action::ShowSave(false)));
    }
    actions
}

fn form_ui(ui: &mut Ui, lang: Lang, save: &mut SaveBox, offered: &Offered, actions: &mut Vec<Action>) {
    scope_ui(ui, lang, save, offered);
    formats_ui(ui, lang, save);
    preview_ui(ui, lang, &save.facts.rows);
    let size = save.facts.len.map(|size| lang.save_about(messages::bytes(size)));
    let free = save.facts.free.map(|free| lang.save_free(messages::bytes(free)));
    let name = if save.facts.exists { lang.save_taken() } else { lang.save_new() };
    let name = save.place.path().map(|_| name.to_owned());
    let facts: Vec<String> = size.into_iter().chain(free).chain(name).collect();
    let facts = (&*facts.join(" • "), save.facts.exists);
    actions.extend(place_ui(ui, lang, (&mut save.place, &mut save.state), facts).map(action));
}

/// Width of the labels.
const LABEL: f32 = 68.0;
/// Width of the names of formats, and of the list of those without a row of their own.
const NAME: f32 = 152.0;
const LIST: f32 = 236.0;
/// Height of a row of the preview.
const ROW: f32 = 20.0;

/// The formats by rows, of which each begins with the one that its circle means.
const ROWS: [&[Format]; 5] = [
    &[Format::Text],
    &[Format::Pcapng],
    &[Format::Csv],
    &[Format::RawReceived, Format::RawSent],
    &[Format::Jsonl, Format::Hexdump, Format::NetAssist5, Format::NetAssist],
];

fn formats_ui(ui: &mut Ui, lang: Lang, save: &mut SaveBox) {
    let before = save.format;
    let (mut circles, mut label_of_all) = (Vec::new(), None);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for row in ROWS {
            let label = if label_of_all.is_none() { lang.format() } else { "" };
            widgets::row_after(ui, LABEL, ("", label), |ui, label| {
                let label = *label_of_all.get_or_insert(label);
                circles.push((row[0], format_ui(ui, lang, &mut save.format, (row, label))));
            });
        }
    });
    widgets::walk(ui, &circles, &mut save.format, before);
    if save.format != before {
        save.follow_format(before);
    }
}

/// One row of formats; returns its circle.
fn format_ui(ui: &mut Ui, lang: Lang, chosen: &mut Format, (row, label): (&[Format], Id)) -> Response {
    let (name, tip) = match row {
        [first] => format_words(lang, *first),
        [Format::RawReceived, ..] => (lang.format_raw(), lang.format_raw_tip()),
        _ => (lang.format_more(), lang.format_more_tip()),
    };
    let size = vec2(NAME, ui.spacing().interact_size.y);
    let circle = ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_size(size);
        let mut is_row = row.contains(chosen);
        let circle = widgets::choice(ui, lang.format(), &mut is_row, true, name, tip);
        if is_row && !row.contains(chosen) {
            *chosen = row[0];
        }
        circle
    });
    if row.len() == 2 {
        let choice = |format| (format, format_name(lang, format), tip);
        controls::segments(ui, name, chosen, &[choice(row[0]), choice(row[1])], None);
        ui.add_space(GAP);
    }
    if row.len() > 2 {
        let name = |format| if row.contains(&format) { format_name(lang, format) } else { tip };
        let tip = if row.contains(chosen) { format_words(lang, *chosen).1 } else { lang.format_tip() };
        let combo = controls::combo_box("format").width(LIST);
        widgets::combo(ui, combo, (label, tip), (chosen, row.iter().copied()), name);
    } else {
        ui.add(Label::new(RichText::new(tip).color(Palette::of(ui).weak)).truncate());
    }
    circle.inner
}

/// The first rows of the file, in a box that is always as high.
fn preview_ui(ui: &mut Ui, lang: Lang, rows: &[String]) {
    widgets::row_after(ui, LABEL, ("", lang.preview()), |ui, _| {
        let Palette { paper, edge, .. } = Palette::of(ui);
        let frame = Frame::new().fill(paper).stroke(Stroke::new(1.0, edge)).corner_radius(CORNER);
        frame.inner_margin(Margin::symmetric(8, 6)).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.vertical(|ui| {
                for row in (0..PREVIEW_ROWS).map(|n| rows.get(n).filter(|row| !row.is_empty())) {
                    let text = RichText::new(row.map_or(" ", |row| row)).monospace().line_height(Some(ROW));
                    ui.add(Label::new(text).truncate());
                }
                ui.allocate_space(vec2(ui.available_width(), 0.0));
            });
        });
    });
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Save(IfExists),
    Browse,
    Cancel,
}

fn action(wish: Wish) -> Action {
    match wish {
        Wish::Save(if_exists) => Action::Save(if_exists),
        Wish::Browse => Action::Browse(FileFor::Save),
        Wish::Cancel => Action::ShowSave(false),
    }
}

/// Where to save; below, what is known about that, and whether it needs care.
pub(super) fn place_ui(
    ui: &mut Ui,
    lang: Lang,
    (place, state): (&mut SavePlace, &mut SaveState),
    (facts, care): (&str, bool),
) -> Option<Wish> {
    let mut field = |ui: &mut Ui, label: Id, text: &mut String, tip: &str| {
        let edit = TextEdit::singleline(text).desired_width(ui.available_width());
        let edit = ui.add(edit.margin(widgets::FIELD_MARGIN)).labelled_by(label);
        if edit.changed() {
            // Asks again before overwriting.
            *state = SaveState::Idle;
        }
        edit.on_hover_text(tip)
    };
    let mut wish = None;
    widgets::row_after(ui, LABEL, ("", lang.save_folder()), |ui, label| {
        ui.spacing_mut().item_spacing.x = GAP;
        widgets::from_the_right(ui, |ui| {
            if widgets::button(ui, lang.browse(), lang.browse_tip()) {
                wish = Some(Wish::Browse);
            }
            widgets::from_the_left(ui, |ui| {
                field(ui, label, &mut place.folder, lang.save_folder_tip());
            });
        });
    });
    widgets::row_after(ui, LABEL, ("", lang.save_name()), |ui, label| {
        let edit = field(ui, label, &mut place.name, lang.save_name_tip());
        if widgets::begins(ui) {
            edit.request_focus();
            select_stem(ui, edit.id, &place.name);
        }
    });
    let palette = Palette::of(ui);
    let (facts, colour) = match state {
        SaveState::Exists(path) => (&*lang.file_exists(path.display()), palette.care),
        SaveState::Failed(why) => (&*lang.save_failed(messages::reason(lang, why)), palette.failure),
        SaveState::Idle | SaveState::Running { .. } => {
            (facts, if care { palette.care } else { palette.weak })
        }
    };
    widgets::row_after(ui, LABEL, ("", ""), |ui, _| {
        widgets::elided(ui, facts, colour, ui.available_width()).on_hover_text(facts);
    });
    wish
}

/// What is typed takes the place of the name, and its ending stays.
fn select_stem(ui: &Ui, field: Id, name: &str) {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem = stem.strip_suffix(".netassist").unwrap_or(stem).chars().count();
    let mut state = TextEditState::load(ui.ctx(), field).unwrap_or_default();
    state.cursor.set_char_range(Some(CCursorRange::two(CCursor::new(0), CCursor::new(stem))));
    state.store(ui.ctx(), field);
}

fn scope_ui(ui: &mut Ui, lang: Lang, save: &mut SaveBox, offered: &Offered) {
    let offer = |scope| offered.iter().find(|offer| offer.0 == scope);
    if offer(save.scope).is_none() {
        save.scope = SaveScope::Whole;
    }
    let before = save.scope;
    let mut circles = Vec::new();
    widgets::row_after(ui, LABEL, ("", lang.save_what()), |ui, _| {
        ui.spacing_mut().item_spacing.x = GAP / 2.0;
        let of_layers = |scope: &SaveScope| matches!(scope, SaveScope::Plain | SaveScope::Wire);
        let is_shown = |scope: &SaveScope| !of_layers(scope) || offer(*scope).is_some();
        ui.horizontal_wrapped(|ui| {
            for scope in SaveScope::ALL.into_iter().filter(is_shown) {
                let (name, tip) = scope_name(lang, scope);
                ui.add_enabled_ui(offer(scope).is_some(), |ui| {
                    let circle = widgets::choice(ui, lang.save_what(), &mut save.scope, scope, name, tip);
                    circles.extend(circle.enabled().then_some((scope, circle)));
                });
                if let Some((_, Some(n))) = offer(scope) {
                    ui.label(RichText::new(messages::grouped(*n)).color(Palette::of(ui).weak));
                }
                // A number is nearer to what it counts than to the next one.
                ui.add_space(10.0);
            }
        });
    });
    widgets::walk(ui, &circles, &mut save.scope, before);
    if offer(SaveScope::Wire).is_some() {
        let has_keys = save.scope == SaveScope::Whole && save.format == Format::Pcapng;
        let text = if has_keys { lang.save_has_keys() } else { "" };
        widgets::row_after(ui, LABEL, ("", ""), |ui, _| {
            ui.label(RichText::new(text).color(Palette::of(ui).care));
        });
    }
    if save.scope != before {
        // Asks again before overwriting.
        save.state = SaveState::Idle;
    }
}

/// The buttons.
pub(super) fn ends_ui(
    ui: &mut Ui,
    lang: Lang,
    (place, state): (&SavePlace, &SaveState),
    wanted: &mut Vec<Wish>,
) {
    let (words, if_exists) = match state {
        SaveState::Exists(_) => ((lang.overwrite(), lang.overwrite_tip()), IfExists::Replace),
        SaveState::Idle | SaveState::Running { .. } | SaveState::Failed(_) => {
            ((lang.save(), lang.save_tip()), IfExists::Refuse)
        }
    };
    let does = (words, place.path().is_some(), Wish::Save(if_exists));
    let leaves = ((lang.cancel(), lang.cancel_tip()), Wish::Cancel);
    widgets::ends(ui, widgets::ENTER, Some(does), leaves, wanted);
}
