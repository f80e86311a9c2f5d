//! Strips between the bars and the log: what the user should know, and what follows. They take room, and cover nothing.

use egui::{Align, Button, Frame, Label, Layout, Margin, RichText, Stroke, Ui, vec2};

use super::lang::Lang;
use super::peers::time_of_day;
use super::theme::{CONTROL, Palette};
use super::{controls, icons, messages, widgets};
use crate::codec::Charset;
use crate::model::{Decision, FlowId, Leg, split_faults};
use crate::state::{Action, HoldAction, Notice, Phase, RulesAction, Side, StripAction, Tab, Told, Weight};

/// A text longer than this is wrapped rather than a button left out, in points.
const LEAST_TEXT: f32 = 360.0;
/// Room for the sign, the time, the F5 of the main button, ✕ and the gaps.
const BESIDE: f32 = 132.0;

/// A label or name, and a tooltip.
type Words = (&'static str, &'static str);

/// A strip.
#[derive(Debug)]
pub(crate) struct Strip {
    weight: Weight,
    sign: &'static str,
    text: String,
    /// The code of the system.
    code: String,
    /// The time of day since when it is so; may be empty.
    since: String,
    buttons: Vec<(Words, Action)>,
    /// The first button is what comes next: by F5.
    has_main: bool,
    /// The button that takes it away, unless it stays as long as its cause.
    close: Option<(Words, Action)>,
}

impl Strip {
    pub(crate) fn weight(&self) -> Weight {
        self.weight
    }
}

/// Of a notice, which this takes away.
pub(crate) fn of_notice(lang: Lang, notice: &Notice, closes: StripAction) -> Strip {
    let sign = match notice.weight() {
        Weight::News => icons::INFO,
        Weight::Failure | Weight::Care => icons::TRIANGLE_ALERT,
    };
    Strip {
        weight: notice.weight(),
        sign,
        text: messages::notice(lang, notice),
        code: messages::os_code(lang, notice.number()),
        since: String::new(),
        buttons: Vec::new(),
        has_main: false,
        close: Some(((lang.dismiss(), lang.dismiss_tip()), Action::Strip(closes))),
    }
}

/// Of the messages that a relay holds, if there are any.
pub(crate) fn of_holds(lang: Lang, tab: &Tab, zone: &jiff::tz::TimeZone) -> Option<Strip> {
    let (id, held) = tab.holds.first_key_value()?;
    let (way, len) = (messages::way(lang, tab.leg(held.flow)), messages::bytes(held.data.len() as u64));
    let mut text = match tab.holds.len() {
        1 => lang.hold_one(way, len),
        n => lang.hold_many(n, way, len),
    };
    if let Some(until) = held.until {
        text = format!("{text} · {}", lang.hold_until(time_of_day(until, zone)));
    }
    let decide = |decision| Action::Held(HoldAction::Decide(*id, decision));
    Some(Strip {
        weight: Weight::Care,
        sign: icons::CIRCLE_PAUSE,
        text,
        code: String::new(),
        since: time_of_day(held.since, zone),
        buttons: vec![
            ((lang.hold_show(), lang.hold_show_tip()), Action::Held(HoldAction::Show(Some(*id)))),
            ((lang.hold_pass(), lang.hold_pass_tip()), decide(Decision::Pass)),
            ((lang.hold_drop(), lang.hold_drop_tip()), decide(Decision::Drop)),
        ],
        has_main: false,
        close: None,
    })
}

/// Of a notice of a session, with what follows.
pub(crate) fn of_told(lang: Lang, tab: &Tab, told: Told<'_>, zone: &jiff::tz::TimeZone) -> Strip {
    let strip = of_notice(lang, told.notice, StripAction::Dismiss(Some(told.n)));
    let since = told.since.map_or_else(String::new, |since| time_of_day(since, zone));
    let mut buttons = Vec::new();
    let has_main = tab.can_open_again(told.notice);
    let mut text = strip.text;
    if has_main {
        let again = if tab.keeps_connection() { lang.connect_again() } else { lang.open_again() };
        buttons.push(((again, lang.open_tip()), Action::Open));
        let words = match tab.halted().cycles {
            0 => None,
            1 => Some((lang.open_and_resume(), lang.open_and_resume_tip())),
            _ => Some((lang.open_and_resume_all(), lang.open_and_resume_all_tip())),
        };
        buttons.extend(words.map(|words| (words, Action::Strip(StripAction::Resume(None)))));
        if tab.keeps_connection() && !tab.session.options.is_on("reconnect") {
            let words = (lang.keep_connecting(), lang.keep_connecting_tip());
            buttons.push((words, Action::Strip(StripAction::KeepConnecting)));
        }
    }
    match (told.notice, &tab.phase) {
        (Notice::CallingAgain(_), Phase::Waiting { left_s, .. }) => {
            let now = if *left_s == 0 { lang.connecting().into() } else { lang.connecting_again(left_s) };
            text = format!("{text} {now}");
            buttons.push(((lang.cancel_opening(), lang.cancel_opening_tip()), Action::Close));
        }
        (Notice::CycleStopped(halted), Phase::Open { .. } | Phase::Ready) => {
            let words = if halted.cycles == 1 {
                (lang.resume_cycle(), lang.resume_cycle_tip())
            } else {
                (lang.resume_cycles(), lang.resume_cycles_tip())
            };
            buttons.push((words, Action::Strip(StripAction::Resume(None))));
        }
        _ => {}
    }
    let sign = if has_main { icons::UNPLUG } else { strip.sign };
    Strip { sign, text, since, buttons, has_main, ..strip }
}

/// Of the faults that act on what a relay passes on, if there are any.
pub(crate) fn of_faults(lang: Lang, tab: &Tab) -> Option<Strip> {
    let faults = split_faults(tab.faults()?);
    let of = |leg| {
        let own = faults.iter().filter(|(of, ..)| of.is_none_or(|of| of == leg));
        let words = own.map(|(_, key, value)| lang.fault_word(key, value)).collect::<Vec<_>>().join(", ");
        (!words.is_empty()).then(|| format!("{} {words}", messages::way(lang, leg)))
    };
    let legs = [Leg::Client, Leg::Upstream].into_iter().filter_map(of);
    Some(Strip {
        weight: Weight::Care,
        sign: icons::BUG,
        text: lang.faults_act(legs.collect::<Vec<_>>().join(" · ")),
        code: String::new(),
        since: String::new(),
        buttons: vec![
            ((lang.relay_faults(), lang.relay_faults_tip()), Action::ShowSide(Some(Side::Faults))),
            ((lang.faults_stop(), lang.faults_stop_tip()), Action::Rules(RulesAction::FaultsOff)),
        ],
        has_main: false,
        close: None,
    })
}

/// An offer to read text in another charset.
pub(crate) fn of_offer(lang: Lang, flow: FlowId, charset: Charset) -> Strip {
    let switch = ((lang.switch_charset(), lang.switch_charset_tip()), Action::ReadAs(flow, charset));
    let peer = ((lang.switch_peer(), lang.switch_peer_tip()), Action::SetPeerCharset(flow, Some(charset)));
    Strip {
        weight: Weight::News,
        sign: icons::LANGUAGES,
        text: lang.charset_fits(charset.label()),
        code: String::new(),
        since: String::new(),
        buttons: vec![switch, peer],
        has_main: false,
        close: Some((
            (lang.leave_charset(), lang.leave_charset_tip()),
            Action::Strip(StripAction::KeepCharset),
        )),
    }
}

/// A single notice that belongs to no session.
pub fn notice_ui(ui: &mut Ui, lang: Lang, notice: &Notice) -> Vec<Action> {
    strips_ui(ui, lang, vec![of_notice(lang, notice, StripAction::Dismiss(None))], &mut false)
}

/// The first strip, with the number of the others; or all of them if `all`, which that number switches.
pub(crate) fn strips_ui(ui: &mut Ui, lang: Lang, strips: Vec<Strip>, all: &mut bool) -> Vec<Action> {
    let mut answers = Vec::new();
    let n_others = strips.len().saturating_sub(1);
    let seen = if *all { strips.len() } else { 1 };
    for (n, strip) in strips.into_iter().take(seen).enumerate() {
        let others = (n == 0 && n_others > 0).then_some((n_others, &mut *all));
        ui.push_id(("strip", n), |ui| answers.extend(strip_ui(ui, lang, (n, strip), others)));
    }
    answers
}

fn strip_ui(
    ui: &mut Ui,
    lang: Lang,
    (n, strip): (usize, Strip),
    others: Option<(usize, &mut bool)>,
) -> Option<Action> {
    let palette = Palette::of(ui);
    let Strip { weight, sign, text, code, mut since, mut buttons, has_main, close } = strip;
    let (ground, ink) = match weight {
        Weight::Failure => (palette.failure_ground, palette.failure),
        Weight::Care => (palette.care_ground, palette.care),
        Weight::News => (palette.info_ground, palette.text),
    };
    let row = Layout::left_to_right(Align::Center);
    let each = |((label, _), _): &(Words, Action)| widgets::text_width(ui, label) + 28.0;
    let least = (widgets::text_width(ui, &text) + 8.0).min(LEAST_TEXT);
    let fits = |buttons: &[(Words, Action)], since: &str| {
        let taken = buttons.iter().map(each).sum::<f32>() + widgets::text_width(ui, since);
        ui.available_width() - taken - BESIDE >= least
    };
    if has_main && !fits(&buttons, &since) {
        // The form has what the third one does, too, and the log has the time.
        buttons.truncate(2);
        if !fits(&buttons, &since) {
            since.clear();
        }
    }
    let shown = Frame::new().fill(ground).inner_margin(Margin::symmetric(12, 4)).show(ui, |ui| {
        let mut answer = None;
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.set_min_height(CONTROL);
            controls::sign(ui, sign, controls::ICON, ink);
            if !since.is_empty() {
                ui.label(RichText::new(since).color(palette.weak));
            }
            let size = vec2(ui.available_width(), CONTROL);
            ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
                if let Some(((name, tip), closes)) = close {
                    let name = if n == 0 { name.to_owned() } else { format!("{name} {}", n + 1) };
                    if widgets::close_button(ui, &name, tip) {
                        answer = Some(closes);
                    }
                }
                if let Some((n_others, all)) = others {
                    let (label, words) = (format!("+{n_others}"), lang.more_strips(n_others));
                    let more = widgets::named(ui.add(Button::selectable(*all, label)), &words);
                    *all ^= more.on_hover_text(words).clicked();
                }
                for (n, ((label, tip), does)) in buttons.into_iter().enumerate().rev() {
                    let button = if has_main && n == 0 {
                        let words = (controls::icon(icons::PLUG, controls::ICON), label, "F5");
                        controls::primary(ui, (true, false), words, vec2(132.0, CONTROL))
                    } else {
                        ui.button(label)
                    };
                    if button.on_hover_text(tip).clicked() {
                        answer = Some(does);
                    }
                }
                let size = vec2(ui.available_width(), CONTROL);
                ui.allocate_ui_with_layout(size, row, |ui| {
                    ui.set_width(size.x);
                    let label = ui.add(Label::new(RichText::new(text).color(ink)).wrap());
                    if !code.is_empty() {
                        label.on_hover_text(code);
                    }
                });
            });
        });
        answer
    });
    let rect = shown.response.rect;
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, ink));
    shown.inner
}
