//! The menu with the options for sending files.

use egui::{Button, RichText, ScrollArea, Ui};

use super::SendInput;
use crate::codec::{duration, rate};
use crate::model::{Problem, Protocol};
use crate::ui::lang::Lang;
use crate::ui::widgets::{self, Field};
use crate::ui::{controls, icons, messages};
use crate::workspace::{Draft, FileForm, PaceChoice, Session};

/// Height of its contents, in points; errors make it scroll.
const HEIGHT: f32 = 330.0;

pub(super) fn menu_ui(ui: &mut Ui, input: &SendInput<'_>, session: &mut Session) {
    let lang = input.lang;
    let name = summary(lang, &session.file);
    let arrow = controls::icon(icons::CHEVRON_DOWN, controls::ICON);
    let menu = widgets::menu(ui, Button::new((RichText::new(&name), arrow)), |ui| {
        form_ui(ui, lang, input.protocol, &mut session.file, &session.send);
    });
    widgets::named(menu, &format!("{}: {name}", lang.file_menu())).on_hover_text(lang.file_menu_tip());
}

fn summary(lang: Lang, form: &FileForm) -> String {
    let cut = if form.lines { lang.file_lines() } else { lang.file_raw() };
    let pace = match form.pace {
        PaceChoice::Unlimited => return cut.to_owned(),
        PaceChoice::Pause => form.pause().ok().map(duration::words),
        PaceChoice::Rate => form.rate().ok().map(rate::words),
    };
    format!("{cut} · {}", pace.as_deref().unwrap_or("✕"))
}

fn form_ui(ui: &mut Ui, lang: Lang, protocol: Protocol, form: &mut FileForm, draft: &Draft) {
    ui.set_width(320.0);
    // A popup keeps its initial size, so everything is laid out from the start.
    let area = ScrollArea::vertical().max_height(HEIGHT).min_scrolled_height(HEIGHT).auto_shrink([false; 2]);
    area.show(ui, |ui| {
        cut_ui(ui, lang, protocol, form, draft);
        ui.separator();
        pace_ui(ui, lang, form);
    });
}

fn cut_ui(ui: &mut Ui, lang: Lang, protocol: Protocol, form: &mut FileForm, draft: &Draft) {
    let group = lang.file_menu();
    widgets::choice(ui, group, &mut form.lines, false, lang.file_raw(), lang.file_raw_tip());
    let (label, tip) = if protocol.is_stream() {
        (lang.chunk(), lang.chunk_tip())
    } else {
        (lang.chunk_udp(), lang.chunk_udp_tip())
    };
    let problem = form.chunk(protocol).err();
    field(lang, (label, tip), !form.lines, problem).show(ui, &mut form.chunk);
    widgets::choice(ui, group, &mut form.lines, true, lang.file_lines(), lang.file_lines_tip());
    ui.add_enabled_ui(form.lines, |ui| {
        widgets::tick(ui, &mut form.drop_ends, lang.drop_ends(), lang.drop_ends_tip());
        widgets::tick(ui, &mut form.skip_blank, lang.skip_blank(), lang.skip_blank_tip());
        widgets::tick(ui, &mut form.append, lang.append_to_lines(), lang.append_to_lines_tip());
        let wrong = draft.steps().err().filter(|_| form.lines && form.append);
        widgets::complain(ui, wrong.map(|problem| messages::fault(lang, &problem.fault)).as_deref());
    });
}

fn pace_ui(ui: &mut Ui, lang: Lang, form: &mut FileForm) {
    let group = lang.file_pace();
    ui.label(group);
    ui.horizontal(|ui| {
        let paces = [
            (PaceChoice::Unlimited, lang.pace_unlimited(), lang.pace_unlimited_tip()),
            (PaceChoice::Pause, lang.pace_pause(), lang.pace_pause_tip()),
            (PaceChoice::Rate, lang.pace_rate(), lang.pace_rate_tip()),
        ];
        widgets::choices(ui, group, &mut form.pace, paces);
    });
    let words = (lang.file_pause(), lang.file_pause_tip());
    let (problem, used) = (form.pause().err(), form.pace == PaceChoice::Pause);
    field(lang, words, used, problem).show(ui, &mut form.pause);
    let words = (lang.file_rate(), lang.file_rate_tip());
    let (problem, used) = (form.rate().err(), form.pace == PaceChoice::Rate);
    field(lang, words, used, problem).show(ui, &mut form.rate);
}

fn field<'a>(lang: Lang, words: (&'a str, &'a str), used: bool, problem: Option<Problem>) -> Field<'a> {
    let problem = problem.filter(|_| used).map(|problem| messages::fault(lang, &problem.fault));
    Field::new(words, problem).enabled(used)
}
