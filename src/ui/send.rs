//! The send panel.

mod cycle;
mod file_menu;
mod files;
mod placeholders;
mod short;
mod walk;

use std::ops::Range;
use std::sync::Arc;

use egui::text::LayoutJob;
use egui::{Button, ComboBox, Key, KeyboardShortcut, Modifiers, RichText, TextEdit, TextFormat, Ui, vec2};

use super::lang::Lang;
use super::theme::Palette;
use super::{append, messages, side, toolbar, widgets};
use crate::codec::{Charset, escape, hex};
use crate::model::{Endpoint, FileId, FlowId, Protocol, RepeatId};
use crate::state::{Action, Cycle, Peer, SendBox, SendKey, SendMode, SendProblem, SendTo, SentFile, Side};
use crate::workspace::{Draft, Session};

#[derive(Debug)]
pub(crate) struct SendInput<'a> {
    pub(crate) lang: Lang,
    pub(crate) protocol: Protocol,
    pub(crate) charset: Charset,
    pub(crate) key: SendKey,
    /// Whether sending is possible: the session is open, or sending opens it.
    pub(crate) open: bool,
    /// The session is closed, so its options can be changed.
    pub(crate) idle: bool,
    pub(crate) remote: Option<Endpoint>,
    pub(crate) peers: &'a std::collections::BTreeMap<FlowId, Peer>,
    pub(crate) cycles: &'a std::collections::BTreeMap<RepeatId, Cycle>,
    pub(crate) files: &'a std::collections::BTreeMap<FileId, SentFile>,
    pub(crate) side: Option<Side>,
}

pub(crate) fn send_ui(
    ui: &mut Ui,
    input: &SendInput<'_>,
    send: &mut SendBox,
    session: &mut Session,
) -> Vec<Action> {
    let mut actions = Vec::new();
    options_ui(ui, input, send, session, &mut actions);
    let words = Words::of(input, session);
    let changed = box_ui(ui, input, words, (send, &mut session.send), &mut actions);
    send.compute(&session.send, input.charset, changed);
    // The panel grows upwards: the buttons below stay under the pointer that has pressed them.
    cycle::running_ui(ui, input, &mut actions);
    files::running_ui(ui, input, &mut actions);
    ui.horizontal(|ui| match cycle::start_ui(ui, input, (send, session), &mut actions) {
        Ok(()) => preview_ui(ui, input, send, &session.send),
        Err(problem) => cycle::problem_ui(ui, input.lang, &problem),
    });
    files::row_ui(ui, input, session, &mut actions);
    actions
}

#[derive(Debug, Clone, Copy)]
struct Words {
    label: &'static str,
    tip: &'static str,
}

impl Words {
    fn of(input: &SendInput<'_>, session: &Session) -> Self {
        let lang = input.lang;
        if input.protocol == Protocol::TcpClient && !session.options.text("short").is_empty() {
            Self { label: lang.send_short(), tip: lang.send_short_tip() }
        } else {
            Self { label: lang.send(), tip: lang.send_tip() }
        }
    }
}

fn options_ui(
    ui: &mut Ui,
    input: &SendInput<'_>,
    send: &mut SendBox,
    session: &mut Session,
    actions: &mut Vec<Action>,
) {
    let lang = input.lang;
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(lang.send_options()).strong().size(13.0).color(Palette::of(ui).accent));
        let mut mode = session.send.mode;
        for this in SendMode::ALL {
            let (label, tip) = match this {
                SendMode::Text => (lang.send_text(), lang.send_text_tip()),
                SendMode::Hex => (lang.send_hex(), lang.send_hex_tip()),
                SendMode::Mixed => (lang.send_mixed(), lang.send_mixed_tip()),
            };
            widgets::choice(ui, lang.send_options(), &mut mode, this, label, tip);
        }
        if session.send.convert(mode, input.charset) {
            send.forget();
        }
        let draft = &mut session.send;
        ui.add_enabled_ui(draft.mode != SendMode::Hex, |ui| {
            widgets::tick(ui, &mut draft.escapes, lang.escapes(), lang.escapes_tip());
        });
        widgets::tick(ui, &mut draft.placeholders, lang.placeholders(), lang.placeholders_tip());
        let menu = toolbar::menu(ui, Button::new("▼"), false, |ui| {
            placeholders::menu_ui(ui, lang, draft, actions)
        });
        menu.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, lang.placeholders_menu()));
        menu.on_hover_text(lang.placeholders_menu_tip());
        let mut appends = draft.appends();
        if widgets::tick(ui, &mut appends, lang.append(), lang.append_tip()).changed() {
            draft.set_appends(appends);
        }
        let menu = toolbar::menu(ui, Button::new("▼"), false, |ui| {
            append::append_ui(ui, lang, draft, &mut send.append, &mut send.search);
        });
        menu.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, lang.append_menu()));
        menu.on_hover_text(lang.append_menu_tip());
        if input.protocol == Protocol::TcpClient {
            // Keeps the tick box next to its menu.
            if ui.available_size_before_wrap().x < SHORT_WIDTH {
                ui.end_row();
            }
            short::short_ui(ui, lang, input.idle, session);
        } else {
            // Keeps the label next to its list.
            if ui.available_size_before_wrap().x < TARGET_WIDTH {
                ui.end_row();
            }
            target_ui(ui, input, send);
        }
        side::toggles_ui(ui, lang, input.side, actions);
    });
}

const TARGET_WIDTH: f32 = 240.0;
const SHORT_WIDTH: f32 = 160.0;

fn target_ui(ui: &mut Ui, input: &SendInput<'_>, send: &mut SendBox) {
    let lang = input.lang;
    let label = ui.label(lang.send_to());
    let all = match (input.protocol, &input.remote) {
        (Protocol::Udp, Some(remote)) => format!("{} {remote}", lang.send_to_remote()),
        (Protocol::Udp, None) => lang.send_to_remote().to_owned(),
        (Protocol::TcpClient | Protocol::TcpServer, _) => {
            format!("{} ({})", lang.all_connections(), input.peers.len())
        }
    };
    let n_ticked = input.peers.values().filter(|peer| peer.ticked).count();
    let ticked = format!("{} ({n_ticked})", lang.send_to_ticked());
    let chosen = match &send.to {
        SendTo::All => all.clone(),
        SendTo::Ticked => ticked.clone(),
        SendTo::Peer(flow) => match input.peers.get(flow) {
            Some(peer) => peer.flow.peer.to_string(),
            None => format!("✕ {}", lang.send_to_gone()),
        },
    };
    let combo =
        ComboBox::from_id_salt("target").width(190.0).height(300.0).selected_text(chosen).show_ui(ui, |ui| {
            ui.selectable_value(&mut send.to, SendTo::All, all);
            ui.selectable_value(&mut send.to, SendTo::Ticked, ticked);
            // Thousands of entries are of no use here; the list of peers has them all.
            for peer in input.peers.values().take(MOST_TARGETS) {
                ui.selectable_value(&mut send.to, SendTo::Peer(peer.flow.id), peer.flow.peer.to_string());
            }
        });
    combo.response.labelled_by(label.id).on_hover_text(lang.send_to_tip());
}

const MOST_TARGETS: usize = 100;

/// The box and its buttons. Returns whether the text has changed.
fn box_ui(
    ui: &mut Ui,
    input: &SendInput<'_>,
    words: Words,
    (send, draft): (&mut SendBox, &mut Draft),
    actions: &mut Vec<Action>,
) -> bool {
    let lang = input.lang;
    let palette = Palette::of(ui);
    let mark: Option<Range<usize>> =
        send.compute(draft, input.charset, false).as_ref().err().map(SendProblem::range);
    let font = egui::TextStyle::Monospace.resolve(ui.style());
    let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, width: f32| -> Arc<egui::Galley> {
        let job = marked(text.as_str(), mark.clone(), &font, palette, width);
        ui.fonts_mut(|fonts| fonts.layout_job(job))
    };
    let (hint, return_key) = (
        match draft.mode {
            SendMode::Text => lang.send_hint_text(),
            SendMode::Hex => lang.send_hint_hex(),
            SendMode::Mixed => lang.send_hint_mixed(),
        },
        match input.key {
            SendKey::CtrlEnter => KeyboardShortcut::new(Modifiers::NONE, Key::Enter),
            SendKey::Enter => KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter),
        },
    );
    let mut changed = false;
    let (shortcut, key_name) = match input.key {
        SendKey::CtrlEnter => (KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter), "Ctrl+Enter"),
        SendKey::Enter => (KeyboardShortcut::new(Modifiers::NONE, Key::Enter), "Enter"),
    };
    ui.horizontal(|ui| {
        let label = RichText::new(words.label).size(15.0).strong();
        let button_width = button_width(ui, label.clone());
        let height = 64.0;
        let id = ui.scope_id().with("send box");
        let focused = ui.memory(|memory| memory.has_focus(id));
        changed |= placeholders::insert(ui, id, send, draft);
        if std::mem::take(&mut send.focus) {
            ui.memory_mut(|memory| memory.request_focus(id));
            walk::to_end(ui, id);
        } else {
            walk::take_keys(ui, id, actions);
        }
        // egui also matches Shift+Enter as Enter.
        let by_key = focused && ui.input_mut(|i| !i.modifiers.shift && i.consume_shortcut(&shortcut));
        let size = vec2(ui.available_width() - button_width - 8.0, height);
        ui.allocate_ui(size, |ui| {
            egui::ScrollArea::vertical().id_salt("send scroll").max_height(height).show(ui, |ui| {
                let edit = TextEdit::multiline(&mut draft.content)
                    .id(id)
                    .font(egui::TextStyle::Monospace)
                    .hint_text(hint)
                    .desired_width(f32::INFINITY)
                    .desired_rows(3)
                    .min_size(vec2(0.0, height - 2.0))
                    .return_key(return_key)
                    .layouter(&mut layouter);
                let output = edit.show(ui);
                let response = output.response.response.clone().on_hover_text(lang.send_box());
                walk::look(ui, id, output);
                response.widget_info(|| {
                    let mut info = egui::WidgetInfo::text_edit(
                        true,
                        draft.content.as_str(),
                        draft.content.as_str(),
                        hint,
                    );
                    info.label = Some(lang.send_box().to_owned());
                    info
                });
                changed |= response.changed();
            });
        });
        ui.vertical(|ui| {
            let can = input.open && send.compute(draft, input.charset, changed).is_ok();
            let text = if can { label.color(palette.on_accent) } else { label };
            let fill = if can { palette.accent } else { palette.control };
            let button = wide(ui, can, Button::new(text).fill(fill), vec2(button_width, 38.0));
            let tip = format!("{} ({key_name})", words.tip);
            let wants = button.on_hover_text(&tip).on_disabled_hover_text(&tip).clicked() || by_key;
            if wants {
                actions.push(Action::Send);
            }
            let empty =
                wide(ui, !draft.content.is_empty(), Button::new(lang.clear_send()), vec2(button_width, 22.0));
            if empty.on_hover_text(lang.clear_send_tip()).clicked() {
                actions.push(Action::FillSendBox(Draft { content: String::new(), ..draft.clone() }));
            }
        });
    });
    changed
}

/// Width of the send button: as its label needs, with a minimum that is easy to hit.
fn button_width(ui: &Ui, label: RichText) -> f32 {
    let galley = egui::WidgetText::from(label).into_galley(ui, None, f32::INFINITY, egui::TextStyle::Button);
    (galley.size().x + 2.0 * ui.spacing().button_padding.x + 4.0).max(92.0)
}

/// A button of this size with its label centred.
fn wide(ui: &mut Ui, enabled: bool, button: Button<'_>, size: egui::Vec2) -> egui::Response {
    ui.add_enabled_ui(enabled, |ui| ui.add_sized(size, button)).inner
}

fn marked(
    text: &str,
    mark: Option<Range<usize>>,
    font: &egui::FontId,
    palette: Palette,
    width: f32,
) -> LayoutJob {
    let plain = TextFormat::simple(font.clone(), palette.text);
    let mut job = LayoutJob::default();
    job.wrap.max_width = width;
    let valid = mark.filter(|mark| {
        mark.start < mark.end && text.is_char_boundary(mark.start) && text.is_char_boundary(mark.end)
    });
    match valid {
        Some(mark) => {
            let wrong = TextFormat {
                color: palette.failure,
                background: palette.failure_ground,
                underline: egui::Stroke::new(1.5, palette.failure),
                ..plain.clone()
            };
            job.append(&text[..mark.start], 0.0, plain.clone());
            job.append(&text[mark.clone()], 0.0, wrong);
            job.append(&text[mark.end..], 0.0, plain);
        }
        None => job.append(text, 0.0, plain),
    }
    job
}

/// Bytes of the preview: the first ones, and the last ones, which may be appended.
const PREVIEW: [usize; 2] = [36, 12];

fn preview_ui(ui: &mut Ui, input: &SendInput<'_>, send: &mut SendBox, draft: &Draft) {
    let lang = input.lang;
    let palette = Palette::of(ui);
    let mode = draft.mode;
    send.compute(draft, input.charset, false);
    let example = if send.is_example() { format!("{} ", lang.example()) } else { String::new() };
    let (text, colour) = match send.compute(draft, input.charset, false) {
        Ok(bytes) => {
            let say = |bytes: &[u8]| match mode {
                SendMode::Text | SendMode::Mixed => hex::to_text(bytes),
                SendMode::Hex => escape::escape(bytes, input.charset),
            };
            let [first, last] = PREVIEW;
            let what = match bytes.len().checked_sub(first + last) {
                None | Some(0) => say(bytes),
                Some(hidden) => format!("{} … {}", say(&bytes[..first]), say(&bytes[first + hidden..])),
            };
            let count = messages::grouped(bytes.len() as u64);
            (format!("{example}{count} B  {what}"), palette.weak)
        }
        Err(problem) => (format!("✕ {}", messages::send_problem(lang, problem)), palette.failure),
    };
    ui.add(egui::Label::new(RichText::new(text).monospace().size(12.0).color(colour)).truncate());
}
