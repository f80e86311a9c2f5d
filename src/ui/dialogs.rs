//! The list of recent captures, and dialogs that ask a question.

use egui::{Align, Button, DragValue, Layout, RichText, ScrollArea, Ui, vec2};
use jiff::tz::TimeZone;

use super::lang::Lang;
use super::log::day_and_time;
use super::log::layout::local_time;
use super::theme::Palette;
use super::{messages, widgets};
use crate::model::zone::Named;
use crate::model::{Reason, Stamp};
use crate::state::{Action, FileFor, NoteBox, Question, Recent, RenameBox, Settings};
use crate::workspace::PeerNames;

/// A question. The safe answer is first, and is what Escape means.
pub fn question_ui(ui: &Ui, lang: Lang, question: &Question) -> Vec<Action> {
    let (title, yes, tip) = match question {
        Question::CloseTab(_) | Question::CloseNoted(_) => {
            (lang.question_close(), lang.close_anyway(), lang.close_anyway_tip())
        }
        Question::Quit | Question::QuitNoted => {
            (lang.question_quit(), lang.quit_anyway(), lang.quit_anyway_tip())
        }
        Question::OpenLarge(..) => (lang.question_large(), lang.open_anyway(), lang.open_anyway_tip()),
    };
    let text = match question {
        Question::CloseTab(_) => lang.question_close_text().to_owned(),
        Question::Quit => lang.question_quit_text().to_owned(),
        Question::CloseNoted(_) | Question::QuitNoted => lang.question_notes_text().to_owned(),
        Question::OpenLarge(_, len, most) => {
            let ratio = messages::grouped(most / (*len).max(1));
            lang.question_large_text(messages::bytes(*len), messages::bytes(*most), ratio)
        }
    };
    let no = match question {
        Question::OpenLarge(..) => (lang.cancel(), lang.cancel_large_tip()),
        _ => (lang.keep_open(), lang.keep_open_tip()),
    };
    widgets::dialog(ui, ("question", title), Action::Answer(false), |ui, actions| {
        ui.label(text);
        let does = ((yes, tip), true, Action::Answer(true));
        widgets::ends(ui, widgets::ENTER, Some(does), (no, Action::Answer(false)), actions);
    })
}

pub(crate) fn note_ui(ui: &Ui, lang: Lang, note: &mut NoteBox) -> Vec<Action> {
    let title = format!("{} #{}", lang.note(), messages::grouped(note.record + 1));
    widgets::dialog(ui, ("note", &title), Action::EditNote(None), |ui, actions| {
        let label = ui.label(lang.note());
        let edit = egui::TextEdit::multiline(&mut note.text).desired_rows(3).desired_width(f32::INFINITY);
        let response = ui.add(edit).labelled_by(label.id).on_hover_text(lang.note_text_tip());
        if ui.memory(|memory| memory.focused().is_none()) {
            response.request_focus();
        }
        let keeps = Action::SetNote(note.record, note.text.trim().to_owned());
        let does = ((lang.note_keep(), lang.note_keep_tip()), true, keeps);
        let leaves = ((lang.cancel(), lang.note_cancel_tip()), Action::EditNote(None));
        widgets::ends(ui, widgets::CTRL_ENTER, Some(does), leaves, actions);
    })
}

pub(crate) fn rename_ui(ui: &Ui, lang: Lang, typed: &mut RenameBox) -> Vec<Action> {
    let title = format!("{} {}", lang.rename_title(), Named(typed.peer));
    widgets::dialog(ui, ("rename", &title), Action::RenamePeer(None), |ui, actions| {
        let problem = typed.problem().map(|problem| messages::fault(lang, &problem.into()));
        let is_right = problem.is_none();
        let field = widgets::Field::new((lang.peer_name(), lang.peer_name_tip()), problem);
        field.show(ui, &mut typed.text);
        let label = lang.all_ports(PeerNames::host(typed.peer));
        widgets::tick(ui, &mut typed.all_ports, &label, lang.all_ports_tip());
        let does = ((lang.name_keep(), lang.name_keep_tip()), is_right, Action::NamePeer);
        let leaves = ((lang.cancel(), lang.cancel_tip()), Action::RenamePeer(None));
        widgets::ends(ui, widgets::ENTER, Some(does), leaves, actions);
    })
}

/// Height of the list of captures, however many there are: nothing moves once they are known.
const LIST: f32 = 336.0;

/// The list of recent captures at a time, and the field that opens any other file. The settings and the path are
/// drafts.
pub fn recent_ui(
    ui: &Ui,
    lang: Lang,
    recent: Option<&[Recent]>,
    (now, zone): (Stamp, &TimeZone),
    settings: &mut Settings,
    (path, wrong): (&mut String, &Option<Reason>),
) -> Vec<Action> {
    widgets::dialog(ui, ("recent", lang.recent_captures()), Action::ShowRecent(false), |ui, actions| {
        open_file_ui(ui, lang, path, actions);
        let wrong = wrong.as_ref().map(|why| messages::reason(lang, why));
        widgets::complain_here(ui, wrong.as_deref());
        ui.separator();
        let Palette { weak, care, .. } = Palette::of(ui);
        ui.label(RichText::new(lang.recent_note()).color(weak));
        ui.add_space(6.0);
        let size = vec2(ui.available_width(), LIST);
        ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
            ui.set_min_size(size);
            if recent.is_some_and(<[_]>::is_empty) {
                ui.label(lang.no_captures());
            }
            let area = ScrollArea::vertical().max_height(LIST).auto_shrink([false, true]);
            widgets::rows_ui(ui, (area, 0.0), recent.unwrap_or_default().iter(), |ui, capture| {
                let when = day_and_time(lang, capture.modified, now, zone);
                let exact = local_time(capture.modified, zone);
                capture_ui(ui, lang, capture, (when, exact), actions);
            });
        });
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            for (label, tip, mib) in [
                (lang.keep_up_to(), lang.keep_up_to_tip(), &mut settings.keep_captures_mib),
                (lang.warn_above(), lang.warn_above_tip(), &mut settings.warn_captures_mib),
            ] {
                let label = ui.label(label);
                let drag = DragValue::new(mib).range(16..=1_048_576).speed(16);
                ui.add(drag).labelled_by(label.id).on_hover_text(tip);
            }
            let total =
                recent.unwrap_or_default().iter().map(|capture| capture.len).fold(0, u64::saturating_add);
            let colour = if total >> 20 >= settings.warn_captures_mib { care } else { weak };
            ui.label(RichText::new(lang.captures_total(messages::bytes(total))).color(colour));
        });
        let words = (lang.close_list(), lang.close_list_tip());
        widgets::ends(ui, widgets::ENTER, None, (words, Action::ShowRecent(false)), actions);
    })
}

fn open_file_ui(ui: &mut Ui, lang: Lang, path: &mut String, actions: &mut Vec<Action>) {
    let label = ui.label(lang.open_file());
    ui.horizontal(|ui| {
        let edit = egui::TextEdit::singleline(path).desired_width(ui.available_width() - 210.0);
        let response = ui.add(edit).labelled_by(label.id).on_hover_text(lang.open_file_tip());
        let entered = widgets::is_entered(ui, &response);
        let ready = !path.trim().is_empty();
        let open = ui.add_enabled(ready, Button::new(lang.open_file_button()));
        if open.on_hover_text(lang.open_file_tip()).clicked() || entered && ready {
            actions.push(Action::OpenCapture(path.trim().into()));
        }
        let words = (lang.browse(), lang.browse_capture_tip());
        widgets::offer(ui, words, Action::Browse(FileFor::Open), actions);
    });
}

fn capture_ui(
    ui: &mut Ui,
    lang: Lang,
    capture: &Recent,
    (when, exact): (String, String),
    actions: &mut Vec<Action>,
) {
    let weak = Palette::of(ui).weak;
    let file = capture.path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let path = capture.path.clone();
    ui.push_id(&capture.path, |ui| {
        widgets::from_the_right(ui, |ui| {
            let (in_use, marked) = (capture.open.then(|| lang.in_use()), lang.mark_capture());
            let (word, tip) = if capture.removed {
                (lang.undo_delete(), lang.undo_delete_tip())
            } else {
                (lang.delete_capture(), lang.delete_capture_tip())
            };
            let delete = ui.add_enabled(!capture.open && !capture.marked, Button::new(word));
            let delete = delete.on_hover_text(tip);
            if delete.on_disabled_hover_text(in_use.unwrap_or(marked)).clicked() {
                actions.push(Action::RemoveCapture(path.clone()));
            }
            let words = (lang.open_capture(), lang.open_capture_tip());
            let open = widgets::button_if(ui, !capture.removed, words.0, words.1);
            actions.extend(open.then(|| Action::OpenCapture(path.clone())));
            let mut keep = capture.marked;
            if widgets::tick(ui, &mut keep, marked, lang.mark_capture_tip()).changed() {
                actions.push(Action::MarkCapture(path, keep));
            }
            let mut column = |width, text: String| {
                let size = vec2(width, ui.available_height());
                ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
                    ui.set_min_width(width);
                    ui.label(RichText::new(text).color(weak))
                })
                .inner
            };
            let size = messages::bytes(capture.len);
            column(110.0, in_use.map_or_else(|| size.clone(), |in_use| format!("{in_use}, {size}")));
            column(100.0, when).on_hover_text(exact);
            widgets::from_the_left(ui, |ui| {
                let label = capture.label();
                let name = if label.is_empty() { &file } else { &label };
                let (ink, width) = (Palette::of(ui).text, ui.available_width());
                widgets::elided(ui, name, ink, width).on_hover_text(format!("{name}\n{file}"));
            });
        });
    });
}
