//! The dialog that saves a session. Its fields work even where the system has no file dialog.

use egui::{ProgressBar, RichText, TextEdit, Ui};

use super::lang::Lang;
use super::theme::Palette;
use super::{messages, widgets};
use crate::model::Format;
use crate::state::{Action, FileFor, SaveBox, SavePlace, SaveScope, SaveState};
use crate::ui::controls;
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

/// `gone` is the number of records that were removed, `whole` the size of the capture if it is saved as it is.
pub(crate) fn save_ui(
    ui: &Ui,
    lang: Lang,
    save: &mut SaveBox,
    (offered, gone, whole): (&Offered, u64, Option<u64>),
) -> Vec<Action> {
    if !save.open {
        return Vec::new();
    }
    let was_running = matches!(save.state, SaveState::Running { .. });
    let title = lang.save_as().trim_end_matches('…');
    let mut actions = widgets::dialog(ui, ("save", title), Action::ShowSave(false), |ui, actions| {
        let running = matches!(save.state, SaveState::Running { .. });
        ui.add_enabled_ui(!running, |ui| form_ui(ui, lang, save, (offered, whole), actions));
        if gone > 0 {
            let text = lang.records_removed(messages::grouped(gone));
            ui.label(RichText::new(text).color(Palette::of(ui).care));
        }
        if let SaveState::Running { done, total } = save.state {
            #[expect(clippy::cast_precision_loss, reason = "a share of 1")]
            let part = if total == 0 { 0.0 } else { done as f32 / total as f32 };
            let text = format!("{} / {}", messages::bytes(done), messages::bytes(total));
            ui.add(ProgressBar::new(part).text(text));
            widgets::from_the_right(ui, |ui| {
                widgets::offer(ui, (lang.stop(), lang.stop_tip()), Action::CancelSave, actions);
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

fn form_ui(
    ui: &mut Ui,
    lang: Lang,
    save: &mut SaveBox,
    (offered, whole): (&Offered, Option<u64>),
    actions: &mut Vec<Action>,
) {
    scope_ui(ui, lang, save, offered);
    let label = ui.label(lang.format());
    let before = save.format;
    // High enough for all formats without scrolling.
    let combo = controls::combo_box("format").width(ui.available_width()).height(320.0);
    let (words, choices) = ((label.id, lang.format_tip()), (&mut save.format, Format::ALL));
    widgets::combo(ui, combo, words, choices, |format| format_name(lang, format));
    if save.format != before {
        save.follow_format(before);
    }
    ui.label(RichText::new(format_words(lang, save.format).1).color(Palette::of(ui).weak));
    actions.extend(place_ui(ui, lang, &mut save.place, &mut save.state).map(action));
    let is_whole = (save.scope, save.format) == (SaveScope::Whole, Format::Pcapng);
    let size = whole.filter(|_| is_whole).map(|size| lang.save_about(messages::bytes(size)));
    let free = save.free().map(|free| lang.save_free(messages::bytes(free)));
    let facts: Vec<String> = size.into_iter().chain(free).collect();
    // An empty line keeps its height.
    ui.label(RichText::new(format!("{} ", facts.join(" · "))).small().color(Palette::of(ui).weak));
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

/// The name comes first: it is what one types.
pub(super) fn place_ui(
    ui: &mut Ui,
    lang: Lang,
    place: &mut SavePlace,
    state: &mut SaveState,
) -> Option<Wish> {
    let mut field = |ui: &mut Ui, label: egui::Id, text: &mut String, tip: &str| {
        let edit = TextEdit::singleline(text).desired_width(ui.available_width() - 2.0);
        let edit = ui.add(edit.margin(widgets::FIELD_MARGIN)).labelled_by(label);
        if edit.on_hover_text(tip).changed() {
            // Asks again before overwriting.
            *state = SaveState::Idle;
        }
    };
    let label = ui.label(lang.save_name()).id;
    field(ui, label, &mut place.name, lang.save_name_tip());
    let label = ui.label(lang.save_folder()).id;
    let mut wish = None;
    widgets::from_the_right(ui, |ui| {
        if widgets::button(ui, lang.browse(), lang.browse_tip()) {
            wish = Some(Wish::Browse);
        }
        widgets::from_the_left(ui, |ui| field(ui, label, &mut place.folder, lang.save_folder_tip()));
    });
    wish
}

fn scope_ui(ui: &mut Ui, lang: Lang, save: &mut SaveBox, offered: &Offered) {
    let offer = |scope| offered.iter().find(|offer| offer.0 == scope);
    if offer(save.scope).is_none() {
        save.scope = SaveScope::Whole;
    }
    let before = save.scope;
    ui.label(lang.save_what());
    ui.horizontal_wrapped(|ui| {
        let of_layers = |scope: &SaveScope| matches!(scope, SaveScope::Plain | SaveScope::Wire);
        for scope in SaveScope::ALL.into_iter().filter(|&scope| !of_layers(&scope) || offer(scope).is_some())
        {
            let (name, tip) = scope_name(lang, scope);
            ui.add_enabled_ui(offer(scope).is_some(), |ui| {
                widgets::choice(ui, lang.save_what(), &mut save.scope, scope, name, tip);
            });
            if let Some((_, Some(n))) = offer(scope) {
                ui.label(RichText::new(messages::grouped(*n)).color(Palette::of(ui).weak));
            }
            // A number is nearer to what it counts than to the next one.
            ui.add_space(10.0);
        }
    });
    if offer(SaveScope::Wire).is_some() && save.scope == SaveScope::Whole && save.format == Format::Pcapng {
        ui.label(RichText::new(lang.save_has_keys()).color(Palette::of(ui).care));
    }
    if save.scope != before {
        // Asks again before overwriting.
        save.state = SaveState::Idle;
    }
}

/// What stands in the way, and the buttons.
pub(super) fn ends_ui(
    ui: &mut Ui,
    lang: Lang,
    (place, state): (&SavePlace, &SaveState),
    wanted: &mut Vec<Wish>,
) {
    let (words, if_exists) = match state {
        SaveState::Exists(path) => {
            ui.label(RichText::new(lang.file_exists(path.display())).color(Palette::of(ui).care));
            ((lang.overwrite(), lang.overwrite_tip()), IfExists::Replace)
        }
        SaveState::Idle | SaveState::Running { .. } => ((lang.save(), lang.save_tip()), IfExists::Refuse),
    };
    let does = (words, place.path().is_some(), Wish::Save(if_exists));
    let leaves = ((lang.cancel(), lang.cancel_tip()), Wish::Cancel);
    widgets::ends(ui, widgets::ENTER, Some(does), leaves, wanted);
}
