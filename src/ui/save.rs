//! The dialog that saves a session. Its path field works even where the system has no file dialog.

use egui::{ProgressBar, RichText, TextEdit, Ui};

use super::lang::Lang;
use super::theme::Palette;
use super::{messages, widgets};
use crate::model::Format;
use crate::state::{Action, FileFor, SaveBox, SaveScope, SaveState};
use crate::ui::controls;
use crate::workspace::IfExists;

/// Label of a format.
pub fn format_name(lang: Lang, format: Format) -> &'static str {
    match format {
        Format::Pcapng => lang.format_pcapng(),
        Format::Text => lang.format_text(),
        Format::NetAssist => lang.format_netassist(),
        Format::NetAssist5 => lang.format_netassist5(),
        Format::Hexdump => lang.format_hexdump(),
        Format::Csv => lang.format_csv(),
        Format::Jsonl => lang.format_jsonl(),
        Format::RawReceived => lang.format_raw_received(),
        Format::RawSent => lang.format_raw_sent(),
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

/// `gone` is the number of records that were removed.
pub(crate) fn save_ui(
    ui: &Ui,
    lang: Lang,
    save: &mut SaveBox,
    (offered, gone): (&[SaveScope], u64),
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
            ui.add(ProgressBar::new(part).text(text));
            widgets::from_the_right(ui, |ui| {
                widgets::offer(ui, (lang.stop(), lang.stop_tip()), Action::CancelSave, actions);
            });
        } else {
            let mut wanted = Vec::new();
            ends_ui(ui, lang, (&save.path, &save.state), &mut wanted);
            actions.extend(wanted.into_iter().map(action));
        }
    });
    if was_running {
        actions.retain(|action| !matches!(action, Action::ShowSave(false)));
    }
    actions
}

fn form_ui(ui: &mut Ui, lang: Lang, save: &mut SaveBox, offered: &[SaveScope], actions: &mut Vec<Action>) {
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
    actions.extend(path_ui(ui, lang, &mut save.path, &mut save.state).map(action));
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

pub(super) fn path_ui(ui: &mut Ui, lang: Lang, path: &mut String, state: &mut SaveState) -> Option<Wish> {
    let mut wish = None;
    let label = ui.label(lang.save_path());
    widgets::from_the_right(ui, |ui| {
        if widgets::button(ui, lang.browse(), lang.browse_tip()) {
            wish = Some(Wish::Browse);
        }
        let edit = TextEdit::singleline(path).desired_width(ui.available_width() - 2.0);
        let edit = ui.add(edit.margin(widgets::FIELD_MARGIN)).labelled_by(label.id);
        if edit.on_hover_text(lang.save_path_tip()).changed() {
            // Asks again before overwriting.
            *state = SaveState::Idle;
        }
    });
    wish
}

fn scope_ui(ui: &mut Ui, lang: Lang, save: &mut SaveBox, offered: &[SaveScope]) {
    if !offered.contains(&save.scope) {
        save.scope = SaveScope::Whole;
    }
    let before = save.scope;
    ui.label(lang.save_what());
    ui.horizontal_wrapped(|ui| {
        let of_layers = |scope: &SaveScope| matches!(scope, SaveScope::Plain | SaveScope::Wire);
        for scope in SaveScope::ALL.into_iter().filter(|scope| !of_layers(scope) || offered.contains(scope)) {
            let (name, tip) = scope_name(lang, scope);
            ui.add_enabled_ui(offered.contains(&scope), |ui| {
                widgets::choice(ui, lang.save_what(), &mut save.scope, scope, name, tip);
            });
        }
    });
    if offered.contains(&SaveScope::Wire) && save.scope == SaveScope::Whole && save.format == Format::Pcapng {
        ui.label(RichText::new(lang.save_has_keys()).color(Palette::of(ui).care));
    }
    if save.scope != before {
        // Asks again before overwriting.
        save.state = SaveState::Idle;
    }
}

/// What stands in the way, and the buttons.
pub(super) fn ends_ui(ui: &mut Ui, lang: Lang, (path, state): (&str, &SaveState), wanted: &mut Vec<Wish>) {
    let (words, if_exists) = match state {
        SaveState::Exists(path) => {
            ui.label(RichText::new(lang.file_exists(path.display())).color(Palette::of(ui).care));
            ((lang.overwrite(), lang.overwrite_tip()), IfExists::Replace)
        }
        SaveState::Idle | SaveState::Running { .. } => ((lang.save(), lang.save_tip()), IfExists::Refuse),
    };
    let does = (words, !path.trim().is_empty(), Wish::Save(if_exists));
    let leaves = ((lang.cancel(), lang.cancel_tip()), Wish::Cancel);
    widgets::ends(ui, widgets::ENTER, Some(does), leaves, wanted);
}
