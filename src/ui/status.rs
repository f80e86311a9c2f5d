//! The status bar: state of the session, counters, and what passes.

use egui::{Align, Button, Color32, Layout, RichText, Ui, vec2};

use super::lang::Lang;
use super::theme::{Palette, STATUS};
use super::{controls, icons, messages, settings, signs, widgets};
use crate::model::Totals;
use crate::model::zone::Named;
use crate::state::{Action, Notice, Phase, Tab};
use crate::workspace::Session;

/// Width of the button that shows a folder.
const FOLDER: f32 = 120.0;
/// Width of the lamp and the gaps around the words.
const LAMP: f32 = 32.0;
/// Width of a counter: what it counts does not move what is beside it.
const COUNTER: f32 = 184.0;
/// Width of both counters and the button at the right.
const COUNTERS: f32 = 470.0;

pub(crate) fn status_ui(ui: &mut Ui, lang: Lang, tab: &Tab) -> Vec<Action> {
    let palette = Palette::of(ui);
    let mut actions = Vec::new();
    ui.horizontal(|ui| {
        let extra = extra(lang, tab, palette);
        let of_extra = extra.iter().map(|(text, ..)| widgets::text_width(ui, text) + 24.0).sum::<f32>();
        let room = ui.available_width();
        let passing = tab.notice.as_ref().filter(|notice| notice.is_passing());
        let (text, colour, tip) = match (&tab.stalled, passing) {
            (Some(why), _) => (lang.capture_paused().into(), palette.failure, messages::notice(lang, why)),
            (None, Some(notice)) => {
                let text = messages::notice(lang, notice);
                let sign = if matches!(notice, Notice::Impossible(..)) { "✕" } else { "✓" };
                (format!("{sign} {text}"), palette.text, text)
            }
            (None, None) => match tab.fault() {
                Some(why) => (messages::notice(lang, why), palette.failure, messages::notice(lang, why)),
                None => match wrong(lang, tab) {
                    Some(why) => (format!("✕ {why}"), palette.failure, why),
                    None => (standing(lang, tab), palette.text, String::new()),
                },
            },
        };
        let width = widgets::text_width(ui, &text) + LAMP;
        let most = (room * 0.5).min(room - COUNTERS - of_extra).max(0.0);
        let size = vec2(if passing.is_none() { width.min(most) } else { most }, STATUS);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(size);
            settings::lamp_ui(ui, tab);
            let written = passing.and_then(Notice::written).filter(|_| tab.stalled.is_none());
            let room = vec2(ui.available_width() - if written.is_some() { FOLDER } else { 0.0 }, STATUS);
            ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
                let label = match written {
                    Some(_) => widgets::elided(ui, &text, colour, room.x),
                    None => ui.add(egui::Label::new(RichText::new(text).color(colour)).truncate()),
                };
                if !tip.is_empty() {
                    label.on_hover_text(tip);
                }
            });
            if let Some(file) = written {
                let (name, tip) = (lang.open_folder(), lang.open_folder_tip());
                let words = (icons::FOLDER_OPEN, Some(name));
                let clicked = controls::tool(ui, words, (true, false), (name, tip)).clicked();
                actions.extend(clicked.then(|| Action::ShowFolder(file.to_owned())));
            }
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let words = (lang.reset(), lang.reset_tip());
            let sign = signs::of(&Action::ResetCounters);
            if controls::tool(ui, (sign, Some(lang.reset())), (true, false), words).clicked() {
                actions.push(Action::ResetCounters);
            }
            let (counters, rates) = (&tab.counters, &tab.rates);
            let (up, down) = if tab.session.protocol.relays() {
                (lang.up_count(), lang.down_count())
            } else {
                (lang.received_count(), lang.sent_count())
            };
            count_ui(ui, down, (counters.sent, counters.n_sent), rates.sent);
            count_ui(ui, up, (counters.received, counters.n_received), rates.received);
            if !tab.is_viewer() {
                recorded_ui(ui, lang, tab, of_extra);
            }
            for (text, colour, resumes) in extra {
                let text = RichText::new(text).color(colour);
                if let Some(resumes) = resumes {
                    let resume = ui.add(Button::new(text).small()).on_hover_text(lang.resume_recording_tip());
                    actions.extend(resume.clicked().then_some(resumes));
                } else {
                    ui.separator();
                    ui.label(text);
                }
            }
        });
    });
    actions
}

/// How much of the capture there is, up to the last record. `beside` is the width of what follows it.
fn recorded_ui(ui: &mut Ui, lang: Lang, tab: &Tab, beside: f32) {
    let Some((len, file)) = tab.log.len_of_file().zip(tab.file()) else { return };
    let text = lang.recorded(messages::bytes(len));
    // It is left out where there is no room beside what cannot be.
    let font = egui::TextStyle::Body.resolve(ui.style());
    let width = ui.painter().layout_no_wrap(text.clone(), font, egui::Color32::PLACEHOLDER).size().x;
    if ui.available_width() < width + 40.0 + beside {
        return;
    }
    let weak = Palette::of(ui).weak;
    ui.add_space(8.0);
    ui.label(RichText::new(text).color(weak)).on_hover_text(file.display().to_string());
    controls::sign(ui, icons::CIRCLE_DOT, controls::ICON, weak);
}

fn count_ui(ui: &mut Ui, name: &str, (n_bytes, n_records): (u64, u64), rate: f64) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "finite and positive")]
    let rate = messages::bytes(rate as u64);
    let tip =
        format!("{name}: {} = {n_bytes} B / {}", messages::bytes(n_bytes), messages::grouped(n_records));
    ui.separator();
    let size = vec2(COUNTER, STATUS);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_size(size);
        ui.label(format!("{name}: {} B", messages::grouped(n_bytes))).on_hover_text(tip);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(8.0);
            ui.label(RichText::new(format!("{rate}/s")).color(Palette::of(ui).weak));
        });
    });
}

/// What is said between state and counters, from the right: what waits, what is missing, and that the display is paused.
fn extra(lang: Lang, tab: &Tab, palette: Palette) -> Vec<(String, Color32, Option<Action>)> {
    let Totals { queued_messages, queued_bytes, kernel_dropped, .. } = tab.totals;
    let dropped = kernel_dropped.unwrap_or_default();
    let all = [
        (
            queued_messages > 0,
            format!("{}: {}", lang.waiting(), messages::bytes(queued_bytes)),
            palette.care,
            None,
        ),
        (dropped > 0, format!("{}: {}", lang.dropped(), messages::grouped(dropped)), palette.failure, None),
        (
            tab.recording_stopped,
            lang.resume_recording().to_owned(),
            palette.failure,
            Some(Action::ResumeRecording),
        ),
        (tab.paused.is_some(), lang.paused().to_owned(), palette.care, None),
    ];
    all.into_iter().filter(|(is_so, ..)| *is_so).map(|(_, text, colour, does)| (text, colour, does)).collect()
}

/// What is wrong with what is to be opened.
fn wrong(lang: Lang, tab: &Tab) -> Option<String> {
    let is_typed = tab.phase == Phase::Idle && !tab.is_viewer();
    let problems = if is_typed { tab.session.problems() } else { Vec::new() };
    let wrong = settings::wrong(lang, (tab.session.protocol, &problems), tab.show_problems);
    wrong.map(|(label, why)| format!("{label}: {why}"))
}

/// The server behind a relay.
fn upstream(tab: &Tab) -> String {
    let Session { protocol, remote, .. } = &tab.session;
    if protocol.relays() && tab.session.uses_remote() { format!(" ⇄ {remote}") } else { String::new() }
}

/// Whether faults act on what a relay passes on.
fn faults(lang: Lang, tab: &Tab) -> String {
    tab.faults().map_or_else(String::new, |_faults| format!(" · {}", lang.faults_acting()))
}

fn standing(lang: Lang, tab: &Tab) -> String {
    let protocol = tab.session.protocol;
    match &tab.phase {
        Phase::Idle => lang.not_open().to_owned(),
        Phase::Opening if protocol.connects() => lang.connecting().to_owned(),
        Phase::Opening => lang.opening().to_owned(),
        Phase::Waiting { left_s: 0, .. } => lang.connecting().to_owned(),
        Phase::Waiting { left_s, .. } => lang.connecting_again(left_s),
        Phase::Ready => messages::short_tally(lang, &tab.short),
        Phase::Closing => lang.closing().to_owned(),
        Phase::Open { local, listening, .. } if protocol.accepts() => {
            let what = if *listening { lang.listening() } else { lang.not_listening() };
            let (on, faults) = (upstream(tab), faults(lang, tab));
            let n = match tab.peers.len() {
                1 => lang.one_peer().to_owned(),
                n => lang.n_peers(messages::grouped(n as u64)),
            };
            format!("{what} {local}{on} · {n}{faults}")
        }
        Phase::Open { local, .. } if protocol.connects() => match tab.peers.values().next() {
            Some(peer) => format!("{} {local} → {}", lang.connected(), Named(peer.flow.peer)),
            None => format!("{} {local}", lang.connected()),
        },
        Phase::Open { local, .. } => {
            format!("{} {local}{}{}", lang.bound(), upstream(tab), faults(lang, tab))
        }
        Phase::Viewing { .. } if tab.unread().is_some() => lang.unread().to_owned(),
        Phase::Viewing { loading: None } => lang.viewing().to_owned(),
        Phase::Viewing { loading: Some((done, total)) } => {
            format!("{} {} / {}", lang.loading(), messages::bytes(*done), messages::bytes(*total))
        }
    }
}
