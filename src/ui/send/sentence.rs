//! The sentence above the send box: to whom it goes, in what, how many bytes, and exactly which.

use egui::text::LayoutJob;
use egui::{
    CursorIcon, FontFamily, FontId, Id, Label, Popup, RichText, Role, Sense, TextFormat, Ui, WidgetInfo,
};

use super::{SendInput, appended, peer_name};
use crate::codec::hex;
use crate::model::Protocol;
use crate::state::{SendBox, SendMode};
use crate::ui::lang::Lang;
use crate::ui::messages::{self, grouped};
use crate::ui::theme::Palette;
use crate::ui::{controls, fonts, icons};
use crate::workspace::{Draft, SendTo, SendToPeer};

/// Stand for the target, what is appended and the size in the words of a language.
const TARGET: &str = "\u{1}";
const ADDED: &str = "\u{2}";
const SIZE: &str = "\u{3}";
/// Width of a byte in hex, in points, and the least room for bytes before words are left out.
const BYTE: f32 = 21.0;
const LEAST: f32 = 8.0 * BYTE;

/// `list` is the list of targets, which a click on the target opens.
pub(super) fn sentence_ui(
    ui: &mut Ui,
    input: &SendInput<'_>,
    (is_short, list): (bool, Option<Id>),
    (send, draft): (&mut SendBox, &Draft),
) {
    let (lang, palette) = (input.lang, Palette::of(ui));
    let to = target(input, is_short);
    send.goes.clear();
    let n_targets = if is_short { 1 } else { n_targets(input) };
    let bytes = match send.compute(draft, input.charset, false) {
        Ok(bytes) => bytes.clone(),
        Err(problem) => {
            let text = format!("✕ {}", messages::send_problem(lang, problem));
            ui.add(Label::new(RichText::new(text).color(palette.failure)).truncate());
            return;
        }
    };
    send.goes = lang.goes_short(&to, format!("{} B", grouped(bytes.len() as u64)));
    let n_added = send.n_added();
    let charset = match draft.mode {
        SendMode::Text => input.charset.label().to_owned(),
        SendMode::Hex => lang.send_hex().to_owned(),
        SendMode::Mixed => format!("{} {}", lang.send_mixed(), input.charset.label()),
    };
    let added = appended(draft);
    let how = if added.is_some() { lang.goes_appended(&charset, ADDED) } else { charset };
    let size = if n_targets > 1 { lang.goes_each(SIZE) } else { SIZE.to_owned() };
    let nobody = input.cannot.as_ref().filter(|_| input.open).map(|why| messages::notice(lang, why));
    let text = words(lang, (nobody.as_deref(), input.open, input.stalled), &how, &size);
    let example = if send.is_example() { format!("{} ", lang.example()) } else { String::new() };
    let count = format!("{example}{} B", grouped(bytes.len() as u64));
    if input.cannot.is_some() || input.stalled {
        controls::sign(ui, icons::TRIANGLE_ALERT, 14.0, palette.care);
    }
    let format = |family, colour| TextFormat::simple(FontId::new(13.0, family), colour);
    let plain = |colour| format(FontFamily::Proportional, colour);
    // What stands before the target, the target, what stands behind it; and the room for bytes.
    let build = |text: &str| {
        let mut jobs = [(); 3].map(|()| LayoutJob::default());
        let mut at = 0;
        for part in text.split_inclusive(['\u{1}', '\u{2}', '\u{3}']) {
            let words = part.trim_end_matches(['\u{1}', '\u{2}', '\u{3}']);
            jobs[at].append(words, 0.0, plain(palette.text));
            match &part[words.len()..] {
                TARGET => {
                    jobs[1].append(&to, 0.0, plain(palette.accent));
                    at = 2;
                }
                ADDED => jobs[at].append(added.as_deref().unwrap_or_default(), 0.0, plain(palette.added)),
                SIZE => jobs[at].append(&count, 0.0, format(fonts::medium(), palette.text)),
                _ => {}
            }
        }
        let width = |job: &LayoutJob| ui.fonts_mut(|fonts| fonts.layout_job(job.clone()).size().x);
        let room = ui.available_width() - jobs.iter().map(width).sum::<f32>() - 16.0;
        (jobs, room)
    };
    let whole = build(&text);
    // The row above says the rest, too.
    #[expect(clippy::cast_precision_loss, reason = "few, or more than enough")]
    let least = LEAST.min((bytes.len() + 1) as f32 * BYTE);
    let ([lead, target, mut job], room) = if whole.1 < least {
        let late = match (input.stalled, input.open) {
            (true, _) => format!("{}  {TARGET}", lang.goes_late()),
            (false, true) => TARGET.to_owned(),
            (false, false) => format!("{}  {TARGET}", lang.not_open()),
        };
        build(&format!("{}  {size}", nobody.as_deref().unwrap_or(&late)))
    } else {
        whole
    };
    let (typed, end) = bytes.split_at(bytes.len() - n_added.min(bytes.len()));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred bytes")]
    let fit = (room / BYTE).max(0.0) as usize;
    let mono = |colour| TextFormat::simple(FontId::monospace(14.0), colour);
    // The end is always in sight: it is cut in its middle.
    let end = if end.len() > fit / 2 { &end[end.len() - fit / 2..] } else { end };
    let fit = fit.saturating_sub(end.len());
    let head = if typed.len() <= fit {
        hex::to_text(typed)
    } else {
        let n_end = (fit / 4).min(typed.len());
        let n_begin = fit.saturating_sub(n_end + 1);
        format!("{} … {}", hex::to_text(&typed[..n_begin]), hex::to_text(&typed[typed.len() - n_end..]))
    };
    job.append("  ", 0.0, mono(palette.weak));
    job.append(&head, 0.0, mono(palette.weak));
    let end = hex::to_text(end);
    let apart = if head.is_empty() || end.is_empty() { "" } else { " " };
    job.append(&format!("{apart}{end}"), 0.0, mono(palette.added));
    ui.spacing_mut().item_spacing.x = 0.0;
    ui.add(Label::new(lead).truncate());
    if let Some(list) = list.filter(|_| nobody.is_none()) {
        let target = ui.add(Label::new(target).sense(Sense::click()));
        target.widget_info(|| WidgetInfo::labeled(Role::Link, true, format!("{} {to}", lang.send_to())));
        if target.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(lang.send_to_tip()).clicked() {
            Popup::open_id(ui.ctx(), list);
        }
    } else {
        ui.label(target);
    }
    // Where nothing of it fits, its ellipsis would not either.
    if ui.available_width() > BYTE {
        ui.add(Label::new(job).truncate());
    }
}

/// The whole sentence, or why it goes to nobody.
fn words(lang: Lang, (nobody, open, stalled): (Option<&str>, bool, bool), how: &str, size: &str) -> String {
    match nobody {
        Some(why) => lang.goes_nowhere(why, how, size),
        None if stalled => lang.goes_once_recorded(TARGET, how, size),
        None if open => lang.goes(TARGET, how, size),
        None => lang.goes_once_open(TARGET, how, size),
    }
}

/// To whom it goes.
fn target(input: &SendInput<'_>, is_short: bool) -> String {
    let lang = input.lang;
    let remote = || input.remote.as_ref().map_or_else(|| "—".to_owned(), ToString::to_string);
    match &input.to {
        _ if is_short => remote(),
        SendTo::All if input.protocol == Protocol::Udp => remote(),
        SendTo::All => match input.peers.values().next() {
            None if input.protocol.connects() => remote(),
            None if input.protocol.relays() => lang.all_clients().to_lowercase(),
            None => lang.all_connections().to_lowercase(),
            Some(peer) if input.peers.len() == 1 => {
                peer_name(input, &SendToPeer::there(peer.flow.peer, peer.flow.id))
            }
            _ if input.protocol.relays() => {
                format!("{} ({})", lang.all_clients().to_lowercase(), input.peers.len())
            }
            _ => lang.goes_all(grouped(input.peers.len() as u64)),
        },
        SendTo::Last => match input.last.and_then(|flow| input.peers.get(&flow)) {
            Some(peer) => {
                format!("{} {}", lang.send_to_last().to_lowercase(), input.names.shown(peer.flow.peer))
            }
            None => lang.send_to_last().to_lowercase(),
        },
        SendTo::Ticked => lang.goes_ticked(grouped(n_targets(input) as u64)),
        SendTo::Peer(peer) => peer_name(input, peer),
    }
}

fn n_targets(input: &SendInput<'_>) -> usize {
    match &input.to {
        SendTo::All if input.protocol != Protocol::Udp => input.peers.len(),
        SendTo::Ticked => input.peers.values().filter(|peer| peer.ticked).count(),
        SendTo::All | SendTo::Last | SendTo::Peer(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_a_full_disk_says_so() {
        for &lang in Lang::ALL {
            let said = |nobody, stalled| words(lang, (nobody, true, stalled), "UTF-8", "5 B");
            assert_eq!(said(None, true), lang.goes_once_recorded(TARGET, "UTF-8", "5 B"));
            assert_eq!(said(None, false), lang.goes(TARGET, "UTF-8", "5 B"));
            assert_eq!(said(Some("-"), true), lang.goes_nowhere("-", "UTF-8", "5 B"));
        }
    }
}
