//! The status bar: state of the session, counters, and notices.

use egui::{Align, Align2, Button, Frame, Layout, Margin, Rect, RichText, Stroke, Ui};

use super::lang::Lang;
use super::theme::Palette;
use super::{messages, settings, widgets};
use crate::codec::Charset;
use crate::model::Totals;
use crate::model::zone::Named;
use crate::state::{Action, Notice, Phase, Tab};

/// The notice, above the log.
pub fn notice_ui(ui: &mut Ui, lang: Lang, notice: &Notice) -> Vec<Action> {
    let palette = Palette::of(ui);
    let (ground, ink, sign) = if notice.is_failure() {
        (palette.failure_ground, palette.failure, "✕")
    } else {
        (palette.info_ground, palette.text, "✓")
    };
    let frame =
        Frame::new().fill(ground).stroke(Stroke::new(1.0, ink)).inner_margin(Margin::symmetric(10, 6));
    let shown = frame.corner_radius(6).show(ui, |ui| {
        let mut actions = Vec::new();
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            let text = RichText::new(format!("{sign} {}", messages::notice(lang, notice))).color(ink);
            let width = ui.available_width() - 90.0;
            ui.allocate_ui(egui::vec2(width, 0.0), |ui| {
                ui.set_width(width);
                ui.add(egui::Label::new(text).wrap());
            });
            ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                widgets::offer(ui, (lang.dismiss(), lang.dismiss_tip()), Action::DismissNotice, &mut actions);
            });
        });
        actions
    });
    shown.inner
}

fn floating<R>(
    ui: &Ui,
    id: &'static str,
    (place, align): (Rect, Align2),
    frame: Frame,
    content: impl FnOnce(&mut Ui) -> R,
) -> R {
    let area = egui::Area::new(egui::Id::unique(id)).order(egui::Order::Middle);
    let area = area.fixed_pos(align.pos_in_rect(&place)).pivot(align).constrain_to(place);
    area.show(ui.ctx(), |ui| frame.corner_radius(6).show(ui, content).inner).inner
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CharsetAnswer {
    Session,
    Peer,
    Leave,
}

pub(crate) fn charset_ui(
    ui: &Ui,
    lang: Lang,
    charset: Charset,
    place: Rect,
    align: Align2,
) -> Option<CharsetAnswer> {
    let palette = Palette::of(ui);
    let frame = Frame::new().fill(palette.info_ground).stroke(Stroke::new(1.0, palette.line));
    floating(ui, "charset", (place, align), frame.inner_margin(Margin::symmetric(10, 5)), |ui| {
        let mut answer = None;
        ui.horizontal(|ui| {
            ui.label(lang.charset_fits(charset.label()));
            for (label, tip, this) in [
                (lang.switch_charset(), lang.switch_charset_tip(), CharsetAnswer::Session),
                (lang.switch_peer(), lang.switch_peer_tip(), CharsetAnswer::Peer),
                (lang.leave_charset(), lang.leave_charset_tip(), CharsetAnswer::Leave),
            ] {
                if widgets::button(ui, label, tip) {
                    answer = Some(this);
                }
            }
        });
        answer
    })
}

pub(crate) fn status_ui(ui: &mut Ui, lang: Lang, tab: &Tab) -> Vec<Action> {
    let palette = Palette::of(ui);
    let mut actions = Vec::new();
    let failed = tab.notice.as_ref().is_some_and(Notice::is_failure);
    ui.horizontal(|ui| {
        let (colour, lit) = settings::lamp_of(palette, &tab.phase, tab.stalled.is_some());
        widgets::lamp(ui, if failed && !lit { palette.failure } else { colour }, lit, 4.5);
        if let Some(why) = &tab.stalled {
            let text = RichText::new(lang.capture_paused()).color(palette.failure);
            ui.label(text).on_hover_text(messages::notice(lang, why));
        } else {
            ui.label(standing(lang, tab));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let small = |text: RichText| Button::new(text).small();
            let reset = ui.add(small(lang.reset().into())).on_hover_text(lang.reset_tip());
            actions.extend(reset.clicked().then_some(Action::ResetCounters));
            let (counters, rates) = (&tab.counters, &tab.rates);
            ui.separator();
            count_ui(ui, lang.sent_count(), (counters.sent, counters.n_sent), rates.sent);
            ui.separator();
            count_ui(ui, lang.received_count(), (counters.received, counters.n_received), rates.received);
            extra_ui(ui, lang, &tab.totals);
            if tab.recording_stopped {
                ui.separator();
                let text = RichText::new(lang.resume_recording()).color(palette.failure);
                let resume = ui.add(small(text)).on_hover_text(lang.resume_recording_tip());
                actions.extend(resume.clicked().then_some(Action::ResumeRecording));
            }
            if tab.paused.is_some() {
                ui.separator();
                ui.label(RichText::new(lang.paused()).color(palette.care));
            }
        });
    });
    actions
}

fn count_ui(ui: &mut Ui, name: &str, (n_bytes, n_records): (u64, u64), rate: f64) {
    let mut text = format!("{name}: {} B", messages::grouped(n_bytes));
    if rate >= 1.0 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "finite and positive")]
        let rate = messages::bytes(rate as u64);
        text = format!("{text}  {rate}/s");
    }
    let tip =
        format!("{name}: {} = {n_bytes} B / {}", messages::bytes(n_bytes), messages::grouped(n_records));
    ui.label(text).on_hover_text(tip);
}

fn extra_ui(ui: &mut Ui, lang: Lang, totals: &Totals) {
    let Palette { care, failure, .. } = Palette::of(ui);
    let queued = (totals.queued_messages, lang.waiting(), messages::bytes(totals.queued_bytes), care);
    let dropped = totals.kernel_dropped.unwrap_or_default();
    let dropped = (dropped, lang.dropped(), messages::grouped(dropped), failure);
    for (_, name, count, colour) in [queued, dropped].into_iter().filter(|(n, ..)| *n > 0) {
        ui.separator();
        ui.label(RichText::new(format!("{name}: {count}")).color(colour));
    }
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
            format!("{what} {local}  {}: {}", lang.peers(), tab.peers.len())
        }
        Phase::Open { local, .. } if protocol.connects() => match tab.peers.values().next() {
            Some(peer) => format!("{} {local} → {}", lang.connected(), Named(peer.flow.peer)),
            None => format!("{} {local}", lang.connected()),
        },
        Phase::Open { local, .. } => format!("{} {local}", lang.bound()),
        Phase::Viewing { loading: None } => lang.viewing().to_owned(),
        Phase::Viewing { loading: Some((done, total)) } => {
            format!("{} {} / {}", lang.loading(), messages::bytes(*done), messages::bytes(*total))
        }
    }
}
