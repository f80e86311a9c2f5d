//! The send panel.

mod cycle;
mod file_menu;
mod files;
mod jobs;
pub(crate) mod placeholders;
mod sentence;
mod short;
mod walk;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use egui::text::LayoutJob;
use egui::{
    Align, Atom, AtomExt as _, Atoms, Button, FontId, Id, Key, KeyboardShortcut, Layout, Modifiers, Popup,
    RichText, ScrollArea, Sense, Stroke, TextEdit, TextFormat, Ui, UiBuilder, vec2,
};

use super::lang::{Lang, key_names};
use super::theme::{CONTROL, Palette};
use super::toolbar::Menu;
use super::{append, controls, icons, list, messages, signs, widgets};
use crate::codec::append::Step;
use crate::codec::{Charset, LineBreak};
use crate::model::zone::Named;
use crate::model::{Endpoint, FileId, FlowId, Index, Problem, Protocol, RepeatId, Target};
use crate::state::{
    Action, Cycle, FileFor, Notice, Peer, SendBox, SendKey, SendMode, SendProblem, SentFile, Tab,
};
use crate::workspace::{Draft, PeerNames, SendTo, SendToPeer, Session};

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct SendInput<'a> {
    pub(crate) lang: Lang,
    /// It is in the pane that is worked in.
    pub(crate) focused: bool,
    /// The menu that a command opens or closes in this frame.
    pub(crate) toggled: Option<Menu>,
    pub(crate) protocol: Protocol,
    pub(crate) charset: Charset,
    pub(crate) key: SendKey,
    /// Whether sending is possible: the session is open, or sending opens it.
    pub(crate) open: bool,
    /// The capture cannot be written, so that what is sent waits.
    pub(crate) stalled: bool,
    /// Why nothing can be sent now.
    pub(crate) cannot: Option<Notice>,
    /// The session is closed, so its options can be changed.
    pub(crate) idle: bool,
    pub(crate) remote: Option<Endpoint>,
    pub(crate) peers: &'a BTreeMap<FlowId, Peer>,
    pub(crate) names: PeerNames,
    /// Knows the peers that have left, too.
    pub(crate) index: &'a Index,
    pub(crate) cycles: &'a BTreeMap<RepeatId, Cycle>,
    pub(crate) files: &'a BTreeMap<FileId, SentFile>,
    /// Who sent the last datagram.
    pub(crate) last: Option<FlowId>,
    /// Where it goes: see [`Tab::send_to`].
    pub(crate) to: SendTo,
}

/// Height of a row of controls with the gap below it.
const ROW: f32 = CONTROL + 4.0;
/// Height of the sentence with the gap below it.
const SENTENCE: f32 = 24.0;
/// Width of the choice of line breaks, without its word and with it.
const BREAK: [f32; 2] = [72.0, 152.0];
/// The margin of the panel, above and below.
const MARGIN: f32 = 16.0;
/// The least height of the box: Send over Cycle.
const BOX: f32 = 60.0;
/// Width of the buttons beside the box.
const BUTTONS: f32 = 240.0;
/// Room for the tick of escapes, what is behind it and the gaps, without its word.
const ESCAPES: f32 = 24.0 + 3.0 * CONTROL + 28.0;
/// What the log keeps of a pane when many run: its bar, a strip and some rows.
const LOG: f32 = 40.0 + 36.0 + 80.0;
/// Widths below which the row is shortened.
const NARROW: [f32; 2] = [1040.0, 648.0];

/// Height of the panel with a box of this height, in a pane of this one. It grows upwards, and Send stays where it
/// is. What runs takes no room that a few rows of the log need.
pub(crate) fn height(tab: &Tab, box_height: f32, room: f32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let rows = |n: usize| ROW * n as f32;
    let bare = MARGIN + rows(1 + usize::from(tab.send.file_open)) + SENTENCE;
    let n_jobs = (tab.cycles.len() + tab.files.len()).min(jobs::MOST);
    let fit = ((room - LOG - bare - BOX) / ROW).floor() * ROW;
    let jobs = rows(n_jobs).min(fit.max(rows(n_jobs.min(1))));
    let most = (room * 0.5).max(bare + jobs + BOX);
    (bare + jobs + box_height.max(BOX)).min(most)
}

pub(crate) fn send_ui(
    ui: &mut Ui,
    input: &SendInput<'_>,
    send: &mut SendBox,
    session: &mut Session,
) -> Vec<Action> {
    let (mut actions, lang) = (Vec::new(), input.lang);
    ui.spacing_mut().item_spacing.y = 4.0;
    let below = ROW * if send.file_open { 2.0 } else { 1.0 } + SENTENCE + BOX;
    jobs::jobs_ui(ui, input, below, &mut actions);
    if send.file_open {
        files::row_ui(ui, input, session, &mut actions);
    }
    let mode = session.send.mode;
    let list = options_ui(ui, input, send, session, &mut actions);
    let (line, _) = ui.allocate_exact_size(vec2(ui.available_width(), SENTENCE - 4.0), Sense::empty());
    let is_wide = line.width() >= NARROW[0];
    let (line, place) = line.split_left_right_at_x(line.right() - BREAK[usize::from(is_wide)]);
    let builder = UiBuilder::new().id_salt("line break").max_rect(place);
    ui.scope_builder(builder, |ui| break_ui(ui, lang, is_wide, &mut session.send));
    let is_short = input.protocol == Protocol::TcpClient && !session.options.text("short").is_empty();
    let problem = box_ui(ui, input, is_short, (send, session), &mut actions);
    // After the box, whose text it tells of.
    let builder = UiBuilder::new().id_salt("sentence").max_rect(line);
    ui.scope_builder(builder.layout(Layout::left_to_right(Align::Center)), |ui| match problem {
        None => sentence::sentence_ui(ui, input, (is_short, list), (send, &session.send)),
        Some(problem) => cycle::problem_ui(ui, lang, &problem),
    });
    // A click has taken the keyboard from the box; keys keep it where they are.
    send.focus |= session.send.mode != mode && ui.input(|i| i.pointer.any_click());
    actions
}

fn options_ui(
    ui: &mut Ui,
    input: &SendInput<'_>,
    send: &mut SendBox,
    session: &mut Session,
    actions: &mut Vec<Action>,
) -> Option<Id> {
    let lang = input.lang;
    let mut list = None;
    let [narrow, tiny] = NARROW.map(|least| ui.available_width() < least);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = if tiny {
            2.0
        } else if narrow {
            6.0
        } else {
            8.0
        };
        let connects = input.protocol.connects();
        if connects && !tiny {
            short::short_ui(ui, lang, (input.idle, false), session);
        } else if !connects {
            list = Some(target_ui(ui, input, [narrow, tiny], &mut session.send_to));
        }
        let mut mode = session.send.mode;
        let modes = [
            (SendMode::Text, lang.send_text(), lang.send_text_tip()),
            (SendMode::Hex, lang.send_hex(), lang.send_hex_tip()),
            (SendMode::Mixed, lang.send_mixed(), lang.send_mixed_tip()),
        ];
        controls::segments(ui, lang.send_options(), &mut mode, &modes, tiny.then_some(150.0));
        if session.send.convert(mode, input.charset) {
            send.forget();
        }
        charset_ui(ui, input, tiny, session, actions);
        let draft = &mut session.send;
        append_ui(ui, input, [narrow, tiny], (send, draft));
        let takes_escapes = draft.mode != SendMode::Hex;
        let escapes_fit =
            !narrow || widgets::text_width(ui, lang.escapes()) + ESCAPES <= ui.available_width();
        if escapes_fit {
            ui.add_enabled_ui(takes_escapes, |ui| {
                widgets::tick(ui, &mut draft.escapes, lang.escapes(), lang.escapes_tip());
            });
        }
        if !narrow {
            widgets::tick(ui, &mut draft.placeholders, lang.placeholders(), lang.placeholders_tip());
        }
        let colour = if draft.placeholders { Palette::of(ui).accent } else { Palette::of(ui).text };
        let braces = Button::new(controls::icon(icons::BRACES, controls::ICON).color(colour));
        let braces = braces.min_size(vec2(CONTROL, CONTROL)).stroke(Stroke::NONE).frame_when_inactive(false);
        let menu = widgets::menu(ui, braces, |ui| {
            if !escapes_fit {
                ui.add_enabled_ui(takes_escapes, |ui| {
                    widgets::tick(ui, &mut session.send.escapes, lang.escapes(), lang.escapes_tip());
                });
            }
            if tiny && connects {
                short::short_ui(ui, lang, (input.idle, true), session);
            }
            placeholders::menu_ui(ui, lang, &mut session.send, actions);
        });
        widgets::named(menu, lang.placeholders_menu()).on_hover_text(lang.placeholders_menu_tip());
        let draft = &session.send;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let words = (lang.clear_send(), lang.clear_send_tip());
            let has_text = !draft.content.is_empty();
            // It has a command, too.
            if !tiny && controls::tool(ui, (icons::ERASER, None), (has_text, false), words).clicked() {
                actions.push(Action::FillSendBox(Draft { content: String::new(), ..draft.clone() }));
            }
            let word = (!narrow).then_some(lang.files());
            let words = (lang.files(), lang.files_tip());
            let sign = signs::of(&Action::Browse(FileFor::Send));
            if controls::tool(ui, (sign, word), (true, send.file_open), words).clicked() {
                send.file_open = !send.file_open;
            }
        });
    });
    list
}

/// The charset of what is typed.
fn charset_ui(ui: &mut Ui, input: &SendInput<'_>, tiny: bool, session: &Session, actions: &mut Vec<Action>) {
    let lang = input.lang;
    let mut charset = session.send_charset;
    let name = |charset: Option<Charset>| charset.map_or(lang.send_charset_as_received(), Charset::label);
    let size = vec2(if tiny { 80.0 } else { 88.0 }, CONTROL);
    let combo = controls::combo_box("send charset").width(size.x).height(416.0).truncate();
    let combo = combo.selected_text(input.charset.label());
    let is_fixed = session.sends_ws_text();
    let show = |ui: &mut Ui| {
        if is_fixed {
            ui.disable();
        }
        list::show(ui, combo, |ui| {
            for choice in std::iter::once(None).chain(Charset::ALL.map(Some)) {
                list::value(ui, &mut charset, choice, name(choice));
            }
        })
    };
    let combo = ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), show).inner;
    if input.toggled == Some(Menu::SendCharset) {
        combo.response.request_focus();
        Popup::toggle_id(ui.ctx(), Popup::default_response_id(&combo.response));
    }
    let label = lang.send_charset();
    combo.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, !is_fixed, label));
    let tip = if is_fixed { lang.send_charset_ws_tip() } else { lang.send_charset_tip() };
    let tip = format!("{label}\n{tip}");
    combo.response.on_hover_text(&tip).on_disabled_hover_text(tip);
    actions.extend((charset != session.send_charset).then_some(Action::SetSendCharset(charset)));
}

/// What is sent for a line break, in the row of the sentence.
fn break_ui(ui: &mut Ui, lang: Lang, is_wide: bool, draft: &mut Draft) {
    (ui.spacing_mut().interact_size.y, ui.spacing_mut().button_padding.y) = (SENTENCE - 4.0, 0.0);
    ui.add_enabled_ui(draft.mode != SendMode::Hex, |ui| {
        let label = draft.line_break.label();
        let label = if is_wide { format!("{} {label}", lang.line_break()) } else { label.to_owned() };
        let combo = controls::combo_box("line break").width(ui.available_width()).selected_text(label);
        let combo = list::show(ui, combo, |ui| {
            for kind in LineBreak::ALL {
                list::value(ui, &mut draft.line_break, kind, kind.label());
            }
        });
        let (enabled, label) = (ui.is_enabled(), lang.line_break());
        combo.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, enabled, label));
        let tip = format!("{label}\n{}", lang.line_break_tip());
        combo.response.on_hover_text(&tip).on_disabled_hover_text(tip);
    });
}

/// What is appended, as a button that opens its menu.
fn append_ui(
    ui: &mut Ui,
    input: &SendInput<'_>,
    [narrow, tiny]: [bool; 2],
    (send, draft): (&mut SendBox, &mut Draft),
) {
    let (lang, palette) = (input.lang, Palette::of(ui));
    let what = appended(draft).unwrap_or_else(|| lang.line_end_none().to_owned());
    let width = if tiny {
        (ui.available_width() - 80.0).clamp(64.0, 112.0)
    } else if narrow {
        112.0
    } else {
        196.0
    };
    let word = RichText::new(if narrow { "" } else { lang.append() }).color(palette.weak);
    let arrow = controls::icon(icons::CHEVRON_DOWN, controls::ICON);
    let words = (word, RichText::new(what.clone()), Atom::grow(), arrow);
    let words = if narrow {
        Atoms::new((words.1.atom_shrink(true), words.2, words.3))
    } else {
        Atoms::new((words.0, words.1.atom_shrink(true), words.2, words.3))
    };
    let size = vec2(width, CONTROL);
    let menu = ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        widgets::menu(ui, Button::new(words).truncate().min_size(size), |ui| {
            append::append_ui(ui, lang, draft, &mut send.append, &mut send.search);
        })
    });
    if input.toggled == Some(Menu::Append) {
        Popup::toggle_id(ui.ctx(), Popup::default_response_id(&menu.inner));
    }
    let tip = format!("{what}\n{}", lang.append_menu_tip());
    widgets::named(menu.inner, lang.append_menu()).on_hover_text(tip);
}

/// What a draft appends, in short.
pub(crate) fn appended(draft: &Draft) -> Option<String> {
    let steps = draft.append.iter().map(|step| match step.trim().parse() {
        Ok(Step::LineEnd(end)) => end.label().to_owned(),
        // By the name that the catalogue of checksums has for it.
        Ok(check @ Step::Check(_)) => check.to_string(),
        _ => step.trim().to_owned(),
    });
    let all: Vec<String> = steps.collect();
    (!draft.append_off && !all.is_empty()).then(|| all.join(", "))
}

/// The list of targets. Returns the name of what it opens.
fn target_ui(ui: &mut Ui, input: &SendInput<'_>, [narrow, tiny]: [bool; 2], to: &mut SendTo) -> Id {
    let lang = input.lang;
    let name = if input.protocol.relays() { lang.inject_to() } else { lang.send_to() };
    let label = ui.label(if tiny { "" } else { name });
    let all = match &input.remote {
        _ if input.protocol.relays() => format!("{} ({})", lang.all_clients(), input.peers.len()),
        _ if input.protocol.is_stream() => format!("{} ({})", lang.all_connections(), input.peers.len()),
        Some(remote) => format!("{} {remote}", lang.send_to_remote()),
        None => lang.send_to_remote().to_owned(),
    };
    // Counted only while it is shown: there may be many peers.
    let ticked = || {
        let n_ticked = input.peers.values().filter(|peer| peer.ticked).count();
        format!("{} ({n_ticked})", lang.send_to_ticked())
    };
    let chosen = match &input.to {
        SendTo::All => all.clone(),
        SendTo::Last => lang.send_to_last().to_owned(),
        SendTo::Ticked => ticked(),
        SendTo::Peer(peer) => of_list(input, peer_name(input, peer)),
    };
    // The sentence below has the address, and the target where there is no room for it.
    let width = if tiny { 52.0 } else { (ui.available_width() - 480.0).clamp(120.0, 176.0) };
    let combo = controls::combo_box("target").width(width).height(300.0).truncate();
    let combo = match &input.to {
        _ if tiny => combo.selected_text(controls::picture(icons::USERS, controls::ICON)),
        SendTo::All if narrow && !input.protocol.is_stream() => combo.selected_text(lang.send_to_remote()),
        _ => combo.selected_text(chosen),
    };
    let size = vec2(width, CONTROL);
    let layout = Layout::left_to_right(Align::Center);
    let combo = ui
        .allocate_ui_with_layout(size, layout, |ui| {
            list::show(ui, combo, |ui| {
                let mut chosen = input.to.clone();
                list::value(ui, &mut chosen, SendTo::All, all);
                if !input.protocol.connects() {
                    list::value(ui, &mut chosen, SendTo::Last, lang.send_to_last());
                }
                list::value(ui, &mut chosen, SendTo::Ticked, ticked());
                // The list of peers has them all.
                for peer in input.peers.values().take(MOST_TARGETS) {
                    let itself = SendToPeer::there(peer.flow.peer, peer.flow.id);
                    let twin = peer.twin.as_ref().map(|twin| SendToPeer::upstream(peer.flow.peer, twin.id));
                    for target in [Some(itself), twin].into_iter().flatten() {
                        let name = of_list(input, full_name(input, &target));
                        list::value(ui, &mut chosen, SendTo::Peer(target), name);
                    }
                }
                // Without a remote, the last sender stands for it.
                if chosen != input.to {
                    *to = chosen;
                }
            })
        })
        .inner;
    let opens = Popup::default_response_id(&combo.response);
    let response = combo.response.labelled_by(label.id);
    if tiny {
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, name));
    }
    let name = if let SendTo::Peer(peer) = &input.to { full_name(input, peer) } else { String::new() };
    response.on_hover_text(format!("{name}\n{}", lang.send_to_tip()).trim_start());
    opens
}

const MOST_TARGETS: usize = 100;

/// The name of one target; of a relay, to which side of which client.
fn peer_name(input: &SendInput<'_>, peer: &SendToPeer) -> String {
    let (lang, name) = (input.lang, input.names.shown(peer.client));
    let name = match input.protocol.relays() {
        true if peer.upstream => lang.to_upstream(name),
        true => lang.to_client(name),
        false => name,
    };
    let is_gone = peer.flow.is_none() && input.cannot.is_some() && input.open;
    if is_gone { gone(lang, name) } else { name }
}

/// The name of a target as an entry of its own: what the user calls a peer stays as it is.
fn of_list(input: &SendInput<'_>, name: String) -> String {
    if input.protocol.relays() { messages::capitalised(&name) } else { name }
}

/// The same with its address: several peers may have one name.
fn full_name(input: &SendInput<'_>, peer: &SendToPeer) -> String {
    let name = peer_name(input, peer);
    input.names.get(peer.client).map_or(name.clone(), |_| format!("{name} {}", Named(peer.client)))
}

/// A peer that is not there, or no longer.
fn gone(lang: Lang, name: String) -> String {
    format!("✕ {}", lang.send_to_gone(name))
}

/// The box and its buttons. Returns what is wrong with the cycle.
fn box_ui(
    ui: &mut Ui,
    input: &SendInput<'_>,
    is_short: bool,
    (send, session): (&mut SendBox, &mut Session),
    actions: &mut Vec<Action>,
) -> Option<Problem> {
    let lang = input.lang;
    let palette = Palette::of(ui);
    let mark: Option<Range<usize>> =
        send.compute(&session.send, input.charset, false).as_ref().err().map(SendProblem::range);
    let font = egui::TextStyle::Monospace.resolve(ui.style());
    let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, width: f32| -> Arc<egui::Galley> {
        let job = marked(text.as_str(), mark.clone(), &font, palette, width);
        ui.fonts_mut(|fonts| fonts.layout_job(job))
    };
    let hint = match session.send.mode {
        SendMode::Text => lang.send_hint_text(),
        SendMode::Hex => lang.send_hint_hex(),
        SendMode::Mixed => lang.send_hint_mixed(),
    };
    let (label, tip) =
        if is_short { (lang.send_short(), lang.send_short_tip()) } else { (lang.send(), lang.send_tip()) };
    let enter = |modifiers| KeyboardShortcut::new(modifiers, Key::Enter);
    // Ctrl+Enter works in all of the window.
    let (shortcut, key_name, return_key) = match input.key {
        SendKey::CtrlEnter => (None, key_names("Ctrl+Enter"), enter(Modifiers::NONE)),
        SendKey::Enter => (Some(enter(Modifiers::NONE)), "Enter", enter(Modifiers::SHIFT)),
    };
    ui.horizontal(|ui| {
        let height = ui.available_rect_before_wrap().height().max(BOX);
        let id = ui.scope_id().with("send box");
        let focused = ui.memory(|memory| memory.has_focus(id));
        let draft = &mut session.send;
        let mut changed = placeholders::insert(ui, id, send, draft);
        let is_free = std::mem::take(&mut send.focus_if_free) && !ui.ctx().text_edit_focused();
        if std::mem::take(&mut send.focus) || is_free {
            ui.memory_mut(|memory| memory.request_focus(id));
            walk::to_end(ui, id, &draft.content);
        } else {
            walk::take_keys(ui, id, actions);
        }
        // egui also matches Shift+Enter as Enter.
        let by_key = shortcut
            .filter(|_| focused)
            .is_some_and(|shortcut| ui.input_mut(|i| !i.modifiers.shift && i.consume_shortcut(&shortcut)));
        let size = vec2(ui.available_width() - BUTTONS - 8.0, height);
        ui.allocate_ui(size, |ui| {
            ui.set_min_size(size);
            ScrollArea::vertical().id_salt("send scroll").max_height(height).show(ui, |ui| {
                let edit = TextEdit::multiline(&mut draft.content)
                    .id(id)
                    .font(egui::TextStyle::Monospace)
                    .hint_text(hint)
                    .desired_width(f32::INFINITY)
                    .desired_rows(2)
                    .min_size(vec2(0.0, height))
                    .return_key(return_key)
                    .layouter(&mut layouter);
                let output = edit.show(ui);
                let response = output.response.response.clone();
                walk::look(ui, id, output);
                let response = widgets::named_field(response, &draft.content, hint, lang.send_box());
                changed |= response.changed();
            });
        });
        // At the bottom, where a higher box does not move them.
        ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
            let bytes = send.compute(&session.send, input.charset, changed);
            let why = match bytes {
                Ok(bytes) if bytes.is_empty() => Some(Notice::NothingToSend),
                Ok(_) => input.cannot.clone(),
                Err(problem) => Some(Notice::CannotSend(*problem)),
            };
            let row = vec2(BUTTONS, CONTROL);
            let problem = ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Center), |ui| {
                cycle::start_ui(ui, input, (send, session), actions).err()
            });
            let sign = controls::icon(signs::of(&Action::Send), controls::ICON);
            let button = controls::primary(ui, (why.is_none(), !input.focused), (sign, label, key_name), row);
            let why = why.map(|why| format!("{}\n", messages::notice(lang, &why))).unwrap_or_default();
            let tip = format!("{why}{tip} ({key_name})");
            if button.on_hover_text(&tip).on_disabled_hover_text(&tip).clicked() || by_key {
                actions.push(Action::Send);
            }
            problem.inner
        })
        .inner
    })
    .inner
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

/// What a control tells that sends: first of all why it cannot now.
fn tip_of(input: &SendInput<'_>, tip: &str) -> String {
    let why = input.cannot.as_ref().map(|why| messages::notice(input.lang, why));
    why.map_or_else(|| tip.to_owned(), |why| format!("{why}\n{tip}"))
}

/// To whom something runs, after an arrow.
fn target_words(input: &SendInput<'_>, to: &Target) -> String {
    let to = match to {
        // It has one peer, or will have.
        Target::All if input.protocol.connects() => match &input.remote {
            Some(remote) => remote.to_string(),
            None => return String::new(),
        },
        Target::All if input.protocol.relays() => input.lang.all_clients().to_owned(),
        Target::All => input.lang.all_connections().to_owned(),
        Target::Endpoint(endpoint) => endpoint.to_string(),
        Target::Flows(flows) => match flows.as_slice() {
            [one] => {
                let name =
                    input.index.flow(*one).map_or_else(String::new, |flow| input.names.shown(flow.peer));
                if input.peers.contains_key(one) { name } else { gone(input.lang, name) }
            }
            several => format!("{} ({})", input.lang.send_to_ticked(), several.len()),
        },
    };
    format!(" → {to}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FileProgress;

    #[test]
    fn what_runs_leaves_the_log_some_rows() {
        let mut tab = Tab::new();
        for n in 0..5 {
            let progress = FileProgress::default();
            let file = SentFile { path: "f".into(), to: Target::All, paused: false, failed: false, progress };
            tab.files.insert(FileId(n), file);
        }
        let rows = |room| (height(&tab, 0.0, room) - height(&Tab::new(), 0.0, room)) / ROW;
        assert!((rows(632.0) - 3.0).abs() < 0.1);
        assert!((rows(340.0) - 1.0).abs() < 0.1 && 340.0 - height(&tab, 0.0, 340.0) >= LOG);
        assert!((rows(200.0) - 1.0).abs() < 0.1, "one is always seen");
    }
}
