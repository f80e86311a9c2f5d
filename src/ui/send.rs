//! The send panel.

mod cycle;
mod file_menu;
mod files;
mod placeholders;
mod short;
mod walk;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use egui::text::LayoutJob;
use egui::{
    Align, Button, ComboBox, FontId, Key, KeyboardShortcut, Layout, Modifiers, RichText, ScrollArea,
    TextEdit, TextFormat, Ui, vec2,
};

use super::lang::Lang;
use super::theme::Palette;
use super::{append, messages, side, widgets};
use crate::codec::{Charset, escape, hex};
use crate::model::zone::Named;
use crate::model::{Endpoint, FileId, FlowId, Index, Protocol, RepeatId, Target};
use crate::state::{Action, Cycle, Peer, SendBox, SendKey, SendMode, SendProblem, SendTo, SentFile, Side};
use crate::workspace::{Draft, Session};

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
    pub(crate) peers: &'a BTreeMap<FlowId, Peer>,
    /// Knows the peers that have left, too.
    pub(crate) index: &'a Index,
    pub(crate) cycles: &'a BTreeMap<RepeatId, Cycle>,
    pub(crate) files: &'a BTreeMap<FileId, SentFile>,
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
    let is_short = input.protocol == Protocol::TcpClient && !session.options.text("short").is_empty();
    let changed = box_ui(ui, input, is_short, (send, &mut session.send), &mut actions);
    send.compute(&session.send, input.charset, changed);
    // The panel grows upwards: the buttons below stay under the pointer that has pressed them.
    running_ui(ui, "cycles", input.cycles.iter(), |ui, (id, cycle)| {
        cycle::row_ui(ui, input, *id, cycle, &mut actions);
    });
    running_ui(ui, "files", input.files.iter(), |ui, (id, file)| {
        files::file_ui(ui, input, *id, file, &mut actions);
    });
    ui.horizontal(|ui| match cycle::start_ui(ui, input, (send, session), &mut actions) {
        Ok(()) => preview_ui(ui, input, send, &session.send),
        Err(problem) => cycle::problem_ui(ui, input.lang, &problem),
    });
    files::row_ui(ui, input, session, &mut actions);
    actions
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
        let modes = [
            (SendMode::Text, lang.send_text(), lang.send_text_tip()),
            (SendMode::Hex, lang.send_hex(), lang.send_hex_tip()),
            (SendMode::Mixed, lang.send_mixed(), lang.send_mixed_tip()),
        ];
        widgets::choices(ui, lang.send_options(), &mut mode, modes);
        if session.send.convert(mode, input.charset) {
            send.forget();
        }
        charset_ui(ui, lang, session, actions);
        let draft = &mut session.send;
        ui.add_enabled_ui(draft.mode != SendMode::Hex, |ui| {
            widgets::tick(ui, &mut draft.escapes, lang.escapes(), lang.escapes_tip());
        });
        widgets::tick(ui, &mut draft.placeholders, lang.placeholders(), lang.placeholders_tip());
        widgets::arrow_menu(ui, (lang.placeholders_menu(), lang.placeholders_menu_tip()), |ui| {
            placeholders::menu_ui(ui, lang, draft, actions);
        });
        let mut appends = draft.appends();
        if widgets::tick(ui, &mut appends, lang.append(), lang.append_tip()).changed() {
            draft.set_appends(appends);
        }
        widgets::arrow_menu(ui, (lang.append_menu(), lang.append_menu_tip()), |ui| {
            append::append_ui(ui, lang, draft, &mut send.append, &mut send.search);
        });
        // Keeps a tick box next to its menu, and a label next to its list.
        let is_client = input.protocol == Protocol::TcpClient;
        if ui.available_size_before_wrap().x < if is_client { SHORT_WIDTH } else { TARGET_WIDTH } {
            ui.end_row();
        }
        if is_client {
            short::short_ui(ui, lang, input.idle, session);
        } else {
            target_ui(ui, input, send);
        }
        side::toggles_ui(ui, lang, input.side, actions);
    });
}

/// The charset of what is typed.
fn charset_ui(ui: &mut Ui, lang: Lang, session: &Session, actions: &mut Vec<Action>) {
    let mut charset = session.send_charset;
    let name = |charset: Option<Charset>| charset.map_or(lang.send_charset_as_received(), Charset::label);
    let combo = ComboBox::from_id_salt("send charset").width(CHARSET_WIDTH).height(320.0);
    let combo = combo.selected_text(charset.unwrap_or(session.charset).label()).show_ui(ui, |ui| {
        for choice in std::iter::once(None).chain(Charset::ALL.map(Some)) {
            ui.selectable_value(&mut charset, choice, name(choice));
        }
    });
    let label = lang.send_charset();
    combo.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, label));
    combo.response.on_hover_text(format!("{label}\n{}", lang.send_charset_tip()));
    actions.extend((charset != session.send_charset).then_some(Action::SetSendCharset(charset)));
}

const CHARSET_WIDTH: f32 = 96.0;
const TARGET_WIDTH: f32 = 240.0;
const SHORT_WIDTH: f32 = 160.0;

fn target_ui(ui: &mut Ui, input: &SendInput<'_>, send: &mut SendBox) {
    let lang = input.lang;
    let size = vec2(0.0, ui.spacing().interact_size.y);
    let label =
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| ui.label(lang.send_to()));
    let label = label.inner;
    let all = match &input.remote {
        _ if input.protocol.is_stream() => format!("{} ({})", lang.all_connections(), input.peers.len()),
        Some(remote) => format!("{} {remote}", lang.send_to_remote()),
        None => lang.send_to_remote().to_owned(),
    };
    // Counted only while it is shown: there may be many peers.
    let ticked = || {
        let n_ticked = input.peers.values().filter(|peer| peer.ticked).count();
        format!("{} ({n_ticked})", lang.send_to_ticked())
    };
    let chosen = match &send.to {
        SendTo::All => all.clone(),
        SendTo::Ticked => ticked(),
        SendTo::Peer(flow) => match input.peers.get(flow) {
            Some(peer) => Named(peer.flow.peer).to_string(),
            None => gone(input, *flow),
        },
    };
    let combo = ComboBox::from_id_salt("target").width(190.0).height(300.0).selected_text(chosen);
    let combo = combo.show_ui(ui, |ui| {
        ui.selectable_value(&mut send.to, SendTo::All, all);
        ui.selectable_value(&mut send.to, SendTo::Ticked, ticked());
        // The list of peers has them all.
        for peer in input.peers.values().take(MOST_TARGETS) {
            ui.selectable_value(&mut send.to, SendTo::Peer(peer.flow.id), Named(peer.flow.peer).to_string());
        }
    });
    combo.response.labelled_by(label.id).on_hover_text(lang.send_to_tip());
}

const MOST_TARGETS: usize = 100;

/// A peer that is no longer there.
fn gone(input: &SendInput<'_>, flow: FlowId) -> String {
    let peer = input.index.flow(flow).map_or_else(String::new, |flow| Named(flow.peer).to_string());
    format!("✕ {}", input.lang.send_to_gone(peer))
}

/// The box and its buttons. Returns whether the text has changed.
fn box_ui(
    ui: &mut Ui,
    input: &SendInput<'_>,
    is_short: bool,
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
    let hint = match draft.mode {
        SendMode::Text => lang.send_hint_text(),
        SendMode::Hex => lang.send_hint_hex(),
        SendMode::Mixed => lang.send_hint_mixed(),
    };
    let (label, tip) =
        if is_short { (lang.send_short(), lang.send_short_tip()) } else { (lang.send(), lang.send_tip()) };
    let enter = |modifiers| KeyboardShortcut::new(modifiers, Key::Enter);
    // Ctrl+Enter works in all of the window.
    let (shortcut, key_name, return_key) = match input.key {
        SendKey::CtrlEnter => (None, "Ctrl+Enter", enter(Modifiers::NONE)),
        SendKey::Enter => (Some(enter(Modifiers::NONE)), "Enter", enter(Modifiers::SHIFT)),
    };
    let mut changed = false;
    ui.horizontal(|ui| {
        let label = RichText::new(label).size(15.0).strong();
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
        let by_key = shortcut
            .filter(|_| focused)
            .is_some_and(|shortcut| ui.input_mut(|i| !i.modifiers.shift && i.consume_shortcut(&shortcut)));
        let size = vec2(ui.available_width() - button_width - 8.0, height);
        ui.allocate_ui(size, |ui| {
            ScrollArea::vertical().id_salt("send scroll").max_height(height).show(ui, |ui| {
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
                let response = output.response.response.clone();
                walk::look(ui, id, output);
                let response = widgets::named_field(response, &draft.content, hint, lang.send_box());
                changed |= response.changed();
            });
        });
        ui.vertical(|ui| {
            let can = input.open && send.compute(draft, input.charset, changed).is_ok();
            let text = if can { label.color(palette.on_accent) } else { label };
            let fill = if can { palette.accent } else { palette.paper };
            let button = wide(ui, can, Button::new(text).fill(fill), vec2(button_width, 38.0));
            let tip = format!("{tip} ({key_name})");
            if button.on_hover_text(&tip).on_disabled_hover_text(&tip).clicked() || by_key {
                actions.push(Action::Send);
            }
            let (size, clear) = (vec2(button_width, 22.0), Button::new(lang.clear_send()));
            let clear = wide(ui, !draft.content.is_empty(), clear, size);
            if clear.on_hover_text(lang.clear_send_tip()).clicked() {
                actions.push(Action::FillSendBox(Draft { content: String::new(), ..draft.clone() }));
            }
        });
    });
    changed
}

fn button_width(ui: &Ui, label: RichText) -> f32 {
    let galley = egui::WidgetText::from(label).into_galley(ui, None, f32::INFINITY, egui::TextStyle::Button);
    (galley.size().x + 2.0 * ui.spacing().button_padding.x + 4.0).max(92.0)
}

fn wide(ui: &mut Ui, enabled: bool, button: Button<'_>, size: egui::Vec2) -> egui::Response {
    ui.add_enabled_ui(enabled, |ui| ui.add_sized(size, button)).inner
}

fn marked(text: &str, mark: Option<Range<usize>>, font: &FontId, palette: Palette, width: f32) -> LayoutJob {
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
    send.compute(draft, input.charset, false);
    let example = if send.is_example() { format!("{} ", lang.example()) } else { String::new() };
    let (text, colour) = match send.compute(draft, input.charset, false) {
        Ok(bytes) => {
            let say = |bytes: &[u8]| match draft.mode {
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

fn target_words(input: &SendInput<'_>, to: &Target) -> String {
    match to {
        Target::All => input.lang.all_connections().to_owned(),
        Target::Endpoint(endpoint) => endpoint.to_string(),
        Target::Flows(flows) => match flows.as_slice() {
            [one] => input
                .peers
                .get(one)
                .map_or_else(|| gone(input, *one), |peer| Named(peer.flow.peer).to_string()),
            several => format!("{} ({})", input.lang.send_to_ticked(), several.len()),
        },
    }
}

/// Maximum rows of running cycles, and of files being sent, that are visible at once.
const RUNNING_ROWS: f32 = 3.0;

fn running_ui<T>(
    ui: &mut Ui,
    id: &str,
    items: impl ExactSizeIterator<Item = T>,
    row: impl FnMut(&mut Ui, T),
) {
    if items.len() > 0 {
        let height = (ui.spacing().interact_size.y + ui.spacing().item_spacing.y) * RUNNING_ROWS;
        let area = ScrollArea::vertical().id_salt(id).max_height(height).auto_shrink([false, true]);
        widgets::rows_ui(ui, (area, 0.0), items, row);
    }
}
