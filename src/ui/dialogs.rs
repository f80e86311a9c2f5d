//! The list of recent captures, and dialogs that ask a question.

use egui::{Button, DragValue, Key, RichText, ScrollArea, Ui};

use super::lang::Lang;
use super::theme::Palette;
use super::{messages, widgets};
use crate::state::{Action, FileFor, GoToBox, NoteBox, Question, Recent};

/// A question. The safe answer is first, and is what Escape means.
pub fn question_ui(ui: &Ui, lang: Lang, question: &Question) -> Vec<Action> {
    let mut actions = Vec::new();
    let (title, text, yes, tip) = match question {
        Question::CloseTab(_) => {
            (lang.question_close(), lang.question_close_text(), lang.close_anyway(), lang.close_anyway_tip())
        }
        Question::Quit => {
            (lang.question_quit(), lang.question_quit_text(), lang.quit_anyway(), lang.quit_anyway_tip())
        }
        Question::CloseNoted(_) => {
            (lang.question_close(), lang.question_notes_text(), lang.close_anyway(), lang.close_anyway_tip())
        }
        Question::QuitNoted => {
            (lang.question_quit(), lang.question_notes_text(), lang.quit_anyway(), lang.quit_anyway_tip())
        }
    };
    let modal = widgets::dialog(ui, "question", 380.0, |ui| {
        ui.heading(title);
        ui.add_space(4.0);
        ui.label(text);
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            let palette = Palette::of(ui);
            let yes = Button::new(RichText::new(yes).color(palette.on_accent)).fill(palette.accent);
            // With focus on a button, Enter means that button.
            let free = ui.memory(|memory| memory.focused().is_none());
            let entered = free && ui.input(|i| i.key_pressed(egui::Key::Enter));
            if ui.add(yes).on_hover_text(tip).clicked() || entered {
                actions.push(Action::Answer(true));
            }
            if ui.button(lang.keep_open()).on_hover_text(lang.keep_open_tip()).clicked() {
                actions.push(Action::Answer(false));
            }
        });
    });
    if modal.should_close() && actions.is_empty() {
        actions.push(Action::Answer(false));
    }
    actions
}

pub(crate) fn go_to_ui(ui: &Ui, lang: Lang, go_to: &mut GoToBox) -> Vec<Action> {
    let mut actions = Vec::new();
    let modal = widgets::dialog(ui, "go to", 380.0, |ui| {
        ui.heading(lang.go_to().trim_end_matches('…'));
        let problem = go_to.wrong.then(|| lang.go_to_wrong().to_owned());
        let (label, tip) = (lang.go_to_what(), lang.go_to_what_tip());
        let response = widgets::Field { label, tip, enabled: true, problem }.show(ui, &mut go_to.text);
        let enter = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        if response.changed() {
            go_to.wrong = false;
        }
        if ui.memory(|memory| memory.focused().is_none()) || enter {
            response.request_focus();
        }
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            if ui.button(lang.go()).on_hover_text(lang.go_to_tip()).clicked() || enter {
                actions.push(Action::GoTo);
            }
            if ui.button(lang.cancel()).on_hover_text(lang.go_to_cancel_tip()).clicked() {
                actions.push(Action::ShowGoTo(false));
            }
        });
    });
    if modal.should_close() {
        actions.push(Action::ShowGoTo(false));
    }
    actions
}

pub(crate) fn note_ui(ui: &Ui, lang: Lang, note: &mut NoteBox) -> Vec<Action> {
    let mut actions = Vec::new();
    let modal = widgets::dialog(ui, "note", 420.0, |ui| {
        ui.heading(format!("{} #{}", lang.note(), messages::grouped(note.record + 1)));
        let label = ui.label(lang.note());
        let edit = egui::TextEdit::multiline(&mut note.text).desired_rows(3).desired_width(f32::INFINITY);
        let response = ui.add(edit).labelled_by(label.id).on_hover_text(lang.note_text_tip());
        if ui.memory(|memory| memory.focused().is_none()) {
            response.request_focus();
        }
        ui.add_space(6.0);
        let ready = ui.input_mut(|i| i.consume_key(egui::Modifiers::COMMAND, Key::Enter));
        ui.horizontal(|ui| {
            if ui.button(lang.note_keep()).on_hover_text(lang.note_keep_tip()).clicked() || ready {
                actions.push(Action::SetNote(note.record, note.text.trim().to_owned()));
            }
            if ui.button(lang.cancel()).on_hover_text(lang.note_cancel_tip()).clicked() {
                actions.push(Action::EditNote(None));
            }
        });
    });
    if modal.should_close() && actions.is_empty() {
        actions.push(Action::EditNote(None));
    }
    actions
}

/// The list of recent captures, and the field that opens any other file. The size limit (`keep_mib`) and the
/// path are drafts.
pub fn recent_ui(
    ui: &Ui,
    lang: Lang,
    recent: &[Recent],
    zone: &jiff::tz::TimeZone,
    (keep_mib, path): (&mut u64, &mut String),
) -> Vec<Action> {
    let mut actions = Vec::new();
    let modal = widgets::dialog(ui, "recent", 660.0, |ui| {
        ui.heading(lang.recent_captures());
        open_file_ui(ui, lang, path, &mut actions);
        ui.separator();
        ui.label(RichText::new(lang.recent_note()).color(Palette::of(ui).weak));
        ui.add_space(6.0);
        if recent.is_empty() {
            ui.label(lang.no_captures());
        }
        let row = ui.spacing().interact_size.y;
        ScrollArea::vertical().max_height(320.0).auto_shrink([false, true]).show_rows(
            ui,
            row,
            recent.len(),
            |ui, rows| {
                for capture in recent.iter().skip(rows.start).take(rows.len()) {
                    capture_ui(ui, lang, capture, zone, &mut actions);
                }
            },
        );
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            let label = ui.label(lang.keep_up_to());
            let drag = DragValue::new(keep_mib).range(16..=1_048_576).speed(16);
            ui.add(drag).labelled_by(label.id).on_hover_text(lang.keep_up_to_tip());
            let total: u64 = recent.iter().map(|capture| capture.len).sum();
            ui.label(RichText::new(format!("= {}", messages::bytes(total))).color(Palette::of(ui).weak));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.button(lang.close_list()).on_hover_text(lang.close_list_tip()).clicked() {
                    actions.push(Action::ShowRecent(false));
                }
            });
        });
    });
    if modal.should_close() {
        actions.push(Action::ShowRecent(false));
    }
    actions
}

/// Field that opens a capture by path, or asks for one.
fn open_file_ui(ui: &mut Ui, lang: Lang, path: &mut String, actions: &mut Vec<Action>) {
    let label = ui.label(lang.open_file());
    ui.horizontal(|ui| {
        let edit = egui::TextEdit::singleline(path).desired_width(ui.available_width() - 210.0);
        let response = ui.add(edit).labelled_by(label.id).on_hover_text(lang.open_file_tip());
        let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let ready = !path.trim().is_empty();
        let open = ui.add_enabled(ready, Button::new(lang.open_file_button()));
        if open.on_hover_text(lang.open_file_tip()).clicked() || entered && ready {
            actions.push(Action::OpenCapture(path.trim().into()));
        }
        if ui.button(lang.browse()).on_hover_text(lang.browse_capture_tip()).clicked() {
            actions.push(Action::Browse(FileFor::Open));
        }
    });
}

fn capture_ui(
    ui: &mut Ui,
    lang: Lang,
    capture: &Recent,
    zone: &jiff::tz::TimeZone,
    actions: &mut Vec<Action>,
) {
    let name = capture.path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    ui.push_id(&capture.path, |ui| {
        ui.horizontal(|ui| {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let delete = ui.add_enabled(!capture.open, Button::new(lang.delete_capture()));
                if delete
                    .on_hover_text(lang.delete_capture_tip())
                    .on_disabled_hover_text(lang.in_use())
                    .clicked()
                {
                    actions.push(Action::RemoveCapture(capture.path.clone()));
                }
                if ui.button(lang.open_capture()).on_hover_text(lang.open_capture_tip()).clicked() {
                    actions.push(Action::OpenCapture(capture.path.clone()));
                }
                let size = messages::bytes(capture.len);
                let state = if capture.open { format!("{size}, {}", lang.in_use()) } else { size };
                ui.label(RichText::new(state).color(Palette::of(ui).weak));
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    let time = super::log::layout::local_time(capture.modified, zone);
                    ui.add(egui::Label::new(name).truncate()).on_hover_text(time);
                });
            });
        });
    });
}
