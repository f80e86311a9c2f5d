//! The row that sends a file, and a row for each file being sent.

use egui::{Button, Key, Margin, ProgressBar, RichText, ScrollArea, TextEdit, Ui, WidgetInfo, vec2};

use super::{SendInput, cycle, file_menu, wide};
use crate::model::{FileId, FileProgress, Target};
use crate::state::{Action, FileFor, SentFile};
use crate::ui::lang::Lang;
use crate::ui::messages;
use crate::ui::side;
use crate::ui::theme::Palette;
use crate::workspace::Session;

const ROWS: f32 = 3.0;

const BUTTON: f32 = 96.0;

/// Chooses a file, says how it is sent, and sends it.
pub(super) fn row_ui(ui: &mut Ui, input: &SendInput<'_>, session: &mut Session, actions: &mut Vec<Action>) {
    let lang = input.lang;
    ui.horizontal(|ui| {
        let browse = ui.add_enabled(input.open, Button::new(lang.send_file()));
        if browse.on_hover_text(lang.send_file_tip()).on_disabled_hover_text(lang.send_file_tip()).clicked() {
            actions.push(Action::Browse(FileFor::Send));
        }
        file_menu::menu_ui(ui, input, session);
        let path = &mut session.file.path;
        let edit = TextEdit::singleline(path)
            .hint_text(lang.file_path())
            .desired_width((ui.available_width() - BUTTON - 22.0).max(60.0))
            .margin(Margin::symmetric(6, 3));
        let response = ui.add(edit).on_hover_text(lang.file_path_tip());
        response.widget_info(|| {
            let mut info = WidgetInfo::text_edit(true, &*path, &*path, lang.file_path());
            info.label = Some(lang.file_path().to_owned());
            info
        });
        let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let path = path.trim().to_owned();
        let problem = session.file.build(path.clone().into(), input.protocol, &session.send).err();
        let ready = input.open && !path.is_empty() && problem.is_none();
        let tip = match problem {
            Some(problem) => format!("✕ {}", messages::fault(lang, &problem.fault)),
            None => lang.send_this_file_tip().to_owned(),
        };
        let button = wide(ui, ready, Button::new(lang.send_this_file()), vec2(BUTTON, 22.0));
        let pressed = button.on_hover_text(&tip).on_disabled_hover_text(&tip).clicked();
        if ready && (entered || pressed) {
            actions.push(Action::SendFile(path.into()));
        }
    });
}

pub(super) fn running_ui(ui: &mut Ui, input: &SendInput<'_>, actions: &mut Vec<Action>) {
    if input.files.is_empty() {
        return;
    }
    let height = ui.spacing().interact_size.y + ui.spacing().item_spacing.y;
    let area = ScrollArea::vertical().id_salt("files").max_height(height * ROWS).auto_shrink([false, true]);
    area.show_rows(ui, ui.spacing().interact_size.y, input.files.len(), |ui, range| {
        for (id, file) in input.files.iter().skip(range.start).take(range.len()) {
            file_ui(ui, input, *id, file, actions);
        }
    });
}

fn file_ui(ui: &mut Ui, input: &SendInput<'_>, id: FileId, file: &SentFile, actions: &mut Vec<Action>) {
    let lang = input.lang;
    side::from_the_right(ui, |ui| {
        // The number tells the buttons apart for screen readers.
        let stop = ui.button(format!("{} #{}", lang.stop_file(), id.0));
        if stop.on_hover_text(lang.stop_file_tip()).clicked() {
            actions.push(Action::StopFile(id));
        }
        let (word, tip) = if file.paused {
            (lang.resume_file(), lang.resume_file_tip())
        } else {
            (lang.pause_file(), lang.pause_file_tip())
        };
        if ui.button(format!("{word} #{}", id.0)).on_hover_text(tip).clicked() {
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
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "some pixels are filled"
    )]
    let part = (progress.done as f64 / progress.total.max(1) as f64) as f32;
    part
}

fn line(input: &SendInput<'_>, file: &SentFile) -> String {
    let lang = input.lang;
    let name = file.path.file_name().unwrap_or(file.path.as_os_str()).to_string_lossy();
    let to = match &file.to {
        Target::All => lang.all_connections().to_owned(),
        Target::Endpoint(endpoint) => endpoint.to_string(),
        Target::Flows(flows) => match flows.as_slice() {
            [one] => input.peers.get(one).map_or_else(|| "✕".to_owned(), |peer| peer.flow.peer.to_string()),
            several => format!("{} ({})", lang.send_to_ticked(), several.len()),
        },
    };
    format!("{} · {name} → {to}", progress_words(lang, file))
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
    } else if rate > 0 {
        words.push(format!("{}/s", messages::bytes(rate)));
        words.push(lang.file_time_left(messages::clock(total.saturating_sub(done) / rate)));
    }
    words.join(" · ")
}
