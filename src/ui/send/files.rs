//! The row that sends a file, and a row for each file being sent.

use egui::{Button, ProgressBar, RichText, TextEdit, Ui, vec2};

use super::{SendInput, cycle, file_menu, target_words, tip_of};
use crate::model::{FileId, FileProgress};
use crate::state::{Action, FileFor, SentFile};
use crate::ui::lang::Lang;
use crate::ui::theme::{CONTROL, Palette};
use crate::ui::{messages, widgets};
use crate::workspace::Session;

const BUTTON: f32 = 96.0;

pub(super) fn row_ui(ui: &mut Ui, input: &SendInput<'_>, session: &mut Session, actions: &mut Vec<Action>) {
    let lang = input.lang;
    ui.horizontal(|ui| {
        if widgets::button_if(
            ui,
            input.cannot.is_none(),
            lang.send_file(),
            &tip_of(input, lang.send_file_tip()),
        ) {
            actions.push(Action::Browse(FileFor::Send));
        }
        file_menu::menu_ui(ui, input, session);
        let path = &mut session.file.path;
        let edit = TextEdit::singleline(path).hint_text(lang.file_path()).margin(widgets::FIELD_MARGIN);
        let edit = edit.desired_width((ui.available_width() - BUTTON - 22.0).max(60.0));
        let response = ui.add(edit).on_hover_text(lang.file_path_tip());
        let response = widgets::named_field(response, path, lang.file_path(), lang.file_path());
        let entered = widgets::is_entered(ui, &response);
        let path = path.trim().to_owned();
        let problem = session.file.build(path.clone().into(), input.protocol, &session.send).err();
        let ready = input.cannot.is_none() && !path.is_empty() && problem.is_none();
        let tip = match problem {
            Some(problem) => format!("✕ {}", messages::fault(lang, &problem.fault)),
            None => tip_of(input, lang.send_this_file_tip()),
        };
        let add = |ui: &mut Ui| ui.add_sized(vec2(BUTTON, CONTROL), Button::new(lang.send_this_file()));
        let button = ui.add_enabled_ui(ready, add).inner;
        let pressed = button.on_hover_text(&tip).on_disabled_hover_text(&tip).clicked();
        actions.extend((ready && (entered || pressed)).then(|| Action::SendFile(path.into())));
    });
}

pub(super) fn file_ui(
    ui: &mut Ui,
    input: &SendInput<'_>,
    id: FileId,
    file: &SentFile,
    actions: &mut Vec<Action>,
) {
    let lang = input.lang;
    widgets::from_the_right(ui, |ui| {
        // The number tells the buttons apart for screen readers.
        if file.failed {
            let name = format!("{} #{}", lang.put_away(), id.0);
            if widgets::close_button(ui, &name, lang.put_away_tip()) {
                actions.push(Action::StopFile(id));
            }
            return widgets::from_the_left(ui, |ui| {
                cycle::ended_ui(ui, (lang.file_is_failed(), true), &line(input, file));
            });
        }
        let words = (format!("{} #{}", lang.stop_file(), id.0), lang.stop_file_tip());
        widgets::offer(ui, words, Action::StopFile(id), actions);
        let (word, tip) = if file.paused {
            (lang.resume_file(), lang.resume_file_tip())
        } else {
            (lang.pause_file(), lang.pause_file_tip())
        };
        if widgets::button(ui, format!("{word} #{}", id.0), tip) {
            actions.push(Action::PauseFile(id, !file.paused));
        }
        let line = line(input, file);
        let palette = Palette::of(ui);
        let bar = ProgressBar::new(fraction(&file.progress))
            .desired_width(ui.available_width())
            .desired_height(ui.spacing().interact_size.y)
            .fill(palette.accent.gamma_multiply(0.35))
            .corner_radius(3)
            .text(RichText::new(&line).size(cycle::SIZE).color(palette.text));
        ui.add(bar).on_hover_text(file.path.display().to_string());
    });
}

fn fraction(progress: &FileProgress) -> f32 {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "some pixels")]
    let part = (progress.done as f64 / progress.total.max(1) as f64) as f32;
    part
}

fn line(input: &SendInput<'_>, file: &SentFile) -> String {
    let name = file.path.file_name().unwrap_or(file.path.as_os_str()).to_string_lossy();
    let to = target_words(input, &file.to);
    format!("{} · {name}{to}", progress_words(input.lang, file))
}

fn progress_words(lang: Lang, file: &SentFile) -> String {
    let FileProgress { done, total, rate, peers, served, .. } = file.progress;
    let percent = (u128::from(done) * 100).checked_div(u128::from(total)).unwrap_or(0);
    let mut words = vec![format!("{percent} % · {} / {}", messages::bytes(done), messages::bytes(total))];
    if peers > 1 {
        words.push(lang.file_peers_done(served, peers));
    }
    if file.paused {
        words.push(lang.file_paused().to_owned());
    } else if rate > 0 && !file.failed {
        words.push(format!("{}/s", messages::bytes(rate)));
        words.push(lang.file_time_left(messages::clock(total.saturating_sub(done) / rate)));
    }
    words.join(" · ")
}
