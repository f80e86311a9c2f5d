//! The status bar: state of the session, counters, and notices.

use egui::{Button, Frame, Margin, RichText, Ui};

use super::lang::Lang;
use super::theme::Palette;
use super::{messages, settings, widgets};
use crate::codec::Charset;
use crate::model::{Protocol, Totals};
use crate::state::{Action, Notice, Phase, Tab};

/// The notice, floating at this edge of `place`.
pub fn notice_ui(
    ui: &Ui,
    lang: Lang,
    notice: &Notice,
    place: egui::Rect,
    align: egui::Align2,
) -> Vec<Action> {
    let palette = Palette::of(ui);
    let mut actions = Vec::new();
    let (ground, ink, sign) = if notice.is_failure() {
        (palette.failure_ground, palette.failure, "✕")
    } else {
        (palette.notice_ground, palette.text, "✓")
    };
    let margin = Margin::symmetric(10, 6);
    let area = egui::Area::new(egui::Id::unique("notice")).order(egui::Order::Middle);
    let area = area.fixed_pos(align.pos_in_rect(&place)).pivot(align);
    area.constrain_to(place).show(ui.ctx(), |ui| {
        let frame = Frame::new()
            .fill(ground)
            .stroke(egui::Stroke::new(1.0, ink))
            .corner_radius(6)
            .inner_margin(margin);
        frame.show(ui, |ui| {
            ui.set_width(place.width() - 24.0);
            ui.horizontal_top(|ui| {
                let text = RichText::new(format!("{sign} {}", messages::notice(lang, notice))).color(ink);
                let width = ui.available_width() - 90.0;
                ui.allocate_ui(egui::vec2(width, 0.0), |ui| {
                    ui.set_width(width);
                    ui.add(egui::Label::new(text).wrap());
                });
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
                    if ui.button(lang.dismiss()).on_hover_text(lang.dismiss_tip()).clicked() {
                        actions.push(Action::DismissNotice);
                    }
                });
            });
        });
    });
    actions
}

/// The answer to the offer of another charset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CharsetAnswer {
    Session,
    Peer,
    Leave,
}

/// Offers a better fitting charset, floating at this edge of `place`.
pub(crate) fn charset_ui(
    ui: &Ui,
    lang: Lang,
    charset: Charset,
    place: egui::Rect,
    align: egui::Align2,
) -> Option<CharsetAnswer> {
    let palette = Palette::of(ui);
    let area = egui::Area::new(egui::Id::unique("charset")).order(egui::Order::Middle);
    let area = area.fixed_pos(align.pos_in_rect(&place)).pivot(align).constrain_to(place);
    area.show(ui.ctx(), |ui| {
        let frame = Frame::new()
            .fill(palette.notice_ground)
            .stroke(egui::Stroke::new(1.0, palette.line))
            .corner_radius(6)
            .inner_margin(Margin::symmetric(10, 5));
        frame
            .show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.label(lang.charset_fits(charset.label()));
                    let mut answer = None;
                    for (label, tip, this) in [
                        (lang.switch_charset(), lang.switch_charset_tip(), CharsetAnswer::Session),
                        (lang.switch_peer(), lang.switch_peer_tip(), CharsetAnswer::Peer),
                        (lang.leave_charset(), lang.leave_charset_tip(), CharsetAnswer::Leave),
                    ] {
                        if ui.button(label).on_hover_text(tip).clicked() {
                            answer = Some(this);
                        }
                    }
                    answer
                })
                .inner
            })
            .inner
    })
    .inner
}

pub(crate) fn status_ui(ui: &mut Ui, lang: Lang, tab: &Tab) -> Vec<Action> {
    let palette = Palette::of(ui);
    let mut actions = Vec::new();
    let failed = tab.notice.as_ref().is_some_and(Notice::is_failure);
    ui.horizontal(|ui| {
        let (colour, lit) = settings::lamp_of(palette, &tab.phase);
        widgets::lamp(ui, if failed && !lit { palette.failure } else { colour }, lit, 4.5);
        if failed && matches!(tab.phase, Phase::Idle) {
            ui.label(RichText::new(lang.not_open()).color(palette.failure));
        } else {
            ui.label(standing(lang, tab));
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let reset = ui.add(Button::new(lang.reset()).small()).on_hover_text(lang.reset_tip());
            if reset.clicked() {
                actions.push(Action::ResetCounters);
            }
            ui.separator();
            count_ui(ui, lang.sent_count(), tab.counters.sent, tab.counters.n_sent, tab.rates.sent);
            ui.separator();
            count_ui(
                ui,
                lang.received_count(),
                tab.counters.received,
                tab.counters.n_received,
                tab.rates.received,
            );
            extra_ui(ui, lang, &tab.totals);
            if !tab.is_recording {
                ui.separator();
                let text = RichText::new(lang.resume_recording()).color(palette.failure);
                let resume = ui.add(Button::new(text).small()).on_hover_text(lang.resume_recording_tip());
                if resume.clicked() {
                    actions.push(Action::ResumeRecording);
                }
            }
            if tab.paused.is_some() {
                ui.separator();
                ui.label(RichText::new(lang.paused()).color(palette.care));
            }
        });
    });
    actions
}

fn count_ui(ui: &mut Ui, name: &str, n_bytes: u64, n_records: u64, rate: f64) {
    let text = if rate >= 1.0 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate is finite and positive"
        )]
        let rate = messages::bytes(rate as u64);
        format!("{name}: {} B  {rate}/s", messages::grouped(n_bytes))
    } else {
        format!("{name}: {} B", messages::grouped(n_bytes))
    };
    let tip =
        format!("{name}: {} = {} B / {}", messages::bytes(n_bytes), n_bytes, messages::grouped(n_records));
    ui.label(text).on_hover_text(tip);
}

fn extra_ui(ui: &mut Ui, lang: Lang, totals: &Totals) {
    let palette = Palette::of(ui);
    if totals.queued_messages > 0 {
        ui.separator();
        let text = format!("{}: {}", lang.waiting(), messages::bytes(totals.queued_bytes));
        ui.label(RichText::new(text).color(palette.care));
    }
    if totals.kernel_dropped > 0 {
        ui.separator();
        let text = format!("{}: {}", lang.dropped(), messages::grouped(totals.kernel_dropped));
        ui.label(RichText::new(text).color(palette.failure));
    }
}

fn standing(lang: Lang, tab: &Tab) -> String {
    let protocol = tab.session.protocol;
    match &tab.phase {
        Phase::Idle => lang.ready().to_owned(),
        Phase::Opening if protocol == Protocol::TcpClient => lang.connecting().to_owned(),
        Phase::Opening => lang.opening().to_owned(),
        Phase::Waiting { left_s: 0, .. } => lang.connecting().to_owned(),
        Phase::Waiting { left_s, .. } => lang.connecting_again(left_s),
        Phase::Ready => messages::short_tally(lang, &tab.short),
        Phase::Closing => lang.closing().to_owned(),
        Phase::Open { local, listening, .. } => match protocol {
            Protocol::TcpServer => {
                let what = if *listening { lang.listening() } else { lang.not_listening() };
                format!("{what} {local}  {}: {}", lang.peers(), tab.peers.len())
            }
            Protocol::TcpClient => match tab.peers.values().next() {
                Some(peer) => format!("{} {local} → {}", lang.connected(), peer.flow.peer),
                None => format!("{} {local}", lang.connected()),
            },
            Protocol::Udp => format!("{} {local}", lang.bound()),
        },
        Phase::Viewing { loading: None } => lang.viewing().to_owned(),
        Phase::Viewing { loading: Some((done, total)) } => {
            format!("{} {} / {}", lang.loading(), messages::bytes(*done), messages::bytes(*total))
        }
    }
}
