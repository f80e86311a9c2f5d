//! The sentence above the send box: to whom it goes, in what, how many bytes, and exactly which.

use egui::text::LayoutJob;
use egui::{FontFamily, FontId, Label, RichText, TextFormat, Ui};

use super::{SendInput, appended, peer_name};
use crate::codec::hex;
use crate::model::Protocol;
use crate::model::zone::Named;
use crate::state::{SendBox, SendMode, SendTo};
use crate::ui::messages::{self, grouped};
use crate::ui::theme::Palette;
use crate::ui::{controls, fonts, icons};
use crate::workspace::Draft;

/// Stand for the target, what is appended and the size in the words of a language.
const TARGET: &str = "\u{1}";
const ADDED: &str = "\u{2}";
const SIZE: &str = "\u{3}";
/// Width of a byte in hex, in points.
const BYTE: f32 = 21.0;

pub(super) fn sentence_ui(
    ui: &mut Ui,
    input: &SendInput<'_>,
    is_short: bool,
    send: &mut SendBox,
    draft: &Draft,
) {
    let (lang, palette) = (input.lang, Palette::of(ui));
    let to = target(input, is_short, send);
    let n_targets = if is_short { 1 } else { n_targets(input, send) };
    let bytes = match send.compute(draft, input.charset, false) {
        Ok(bytes) => bytes.clone(),
        Err(problem) => {
            let text = format!("✕ {}", messages::send_problem(lang, problem));
            ui.add(Label::new(RichText::new(text).color(palette.failure)).truncate());
            return;
        }
    };
    let n_added = send.n_added();
    let charset = match draft.mode {
        SendMode::Text => input.charset.label().to_owned(),
        SendMode::Hex => lang.send_hex().to_owned(),
        SendMode::Mixed => format!("{} {}", lang.send_mixed(), input.charset.label()),
    };
    let added = appended(draft);
    let how = if added.is_some() { lang.goes_appended(&charset, ADDED) } else { charset };
    let size = if n_targets > 1 { lang.goes_each(SIZE) } else { SIZE.to_owned() };
    let text = if input.open { lang.goes(TARGET, how, size) } else { lang.goes_once_open(TARGET, how, size) };
    let example = if send.is_example() { format!("{} ", lang.example()) } else { String::new() };
    let count = format!("{example}{} B", grouped(bytes.len() as u64));
    let format = |family, colour| TextFormat::simple(FontId::new(13.0, family), colour);
    let plain = format(FontFamily::Proportional, palette.text);
    let mut job = LayoutJob::default();
    for part in text.split_inclusive(['\u{1}', '\u{2}', '\u{3}']) {
        let words = part.trim_end_matches(['\u{1}', '\u{2}', '\u{3}']);
        job.append(words, 0.0, plain.clone());
        match &part[words.len()..] {
            TARGET => job.append(&to, 0.0, format(FontFamily::Proportional, palette.accent)),
            ADDED => job.append(
                added.as_deref().unwrap_or_default(),
                0.0,
                format(FontFamily::Proportional, palette.added),
            ),
            SIZE => job.append(&count, 0.0, format(fonts::medium(), palette.text)),
            _ => {}
        }
    }
    if !input.open {
        ui.label(controls::icon(icons::TRIANGLE_ALERT, 14.0).color(palette.care));
    }
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job.clone()));
    let room = ui.available_width() - galley.size().x - 16.0;
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
        let last = (fit / 4).min(typed.len());
        let first = fit.saturating_sub(last + 1);
        format!("{} … {}", hex::to_text(&typed[..first]), hex::to_text(&typed[typed.len() - last..]))
    };
    job.append("  ", 0.0, mono(palette.weak));
    job.append(&head, 0.0, mono(palette.weak));
    let end = hex::to_text(end);
    let apart = if head.is_empty() || end.is_empty() { "" } else { " " };
    job.append(&format!("{apart}{end}"), 0.0, mono(palette.added));
    ui.add(Label::new(job).truncate());
}

/// To whom it goes.
fn target(input: &SendInput<'_>, is_short: bool, send: &SendBox) -> String {
    let lang = input.lang;
    let remote = || input.remote.as_ref().map_or_else(|| "—".to_owned(), ToString::to_string);
    match &send.to {
        _ if is_short => remote(),
        SendTo::All if input.protocol == Protocol::Udp => remote(),
        SendTo::All => match input.peers.values().next() {
            None if input.protocol.connects() => remote(),
            Some(peer) if input.peers.len() == 1 => peer_name(input, peer.flow.id),
            _ if input.protocol.relays() => format!("{} ({})", lang.all_clients(), input.peers.len()),
            _ => lang.goes_all(grouped(input.peers.len() as u64)),
        },
        SendTo::Last => match input.last.and_then(|flow| input.peers.get(&flow)) {
            Some(peer) => format!("{} {}", lang.send_to_last(), Named(peer.flow.peer)),
            None => lang.send_to_last().to_owned(),
        },
        SendTo::Ticked => lang.goes_ticked(grouped(n_targets(input, send) as u64)),
        SendTo::Peer(flow) => peer_name(input, *flow),
    }
}

fn n_targets(input: &SendInput<'_>, send: &SendBox) -> usize {
    match &send.to {
        SendTo::All if input.protocol != Protocol::Udp => input.peers.len(),
        SendTo::Ticked => input.peers.values().filter(|peer| peer.ticked).count(),
        SendTo::All | SendTo::Last | SendTo::Peer(_) => 1,
    }
}
