//! The panel on the left, laid out as in NetAssist: what to open, the big button, and how to show data.

use std::net::{IpAddr, Ipv4Addr};

use egui::containers::menu::MenuButton;
use egui::{Button, RichText, Ui, vec2};

use super::framing::field;
use super::lang::Lang;
use super::options::{option_ui, options_ui};
use super::theme::{self, Palette};
use super::widgets;
use super::{controls, icons, messages, signs};
use crate::codec::Charset;
use crate::codec::websocket::Opcode;
use crate::model::{Body, FlowId, OPTIONS, Password, Place, Problem, Protocol};
use crate::state::{Action, LocalAddress, Phase, Tab, Weight};
use crate::workspace::{Address, Session, View, ViewMode};

/// Input of the panel besides the form.
#[derive(Debug)]
pub struct SettingsInput<'a> {
    /// Language of the texts.
    pub lang: Lang,
    /// State of the session.
    pub phase: &'a Phase,
    /// Whether its capture cannot be written now.
    pub stalled: bool,
    /// Whether its connection was lost.
    pub is_lost: bool,
    /// Addresses of this machine.
    pub addresses: &'a [LocalAddress],
    /// Remote hosts used lately.
    pub recent: &'a [String],
    /// Number of connections that closing would end.
    pub n_peers: usize,
    /// The one connection of a client.
    pub connection: Option<FlowId>,
    /// Show the problems of folded fields too.
    pub show_problems: bool,
}

/// Network settings and the big button.
pub fn network_ui(
    ui: &mut Ui,
    input: &SettingsInput<'_>,
    session: &mut Session,
    password: &mut Password,
) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    let idle = matches!(input.phase, Phase::Idle);
    let problems = session.problems();
    let wrong = wrong(lang, (session.protocol, &problems), idle && input.show_problems);
    widgets::head(ui, (lang.settings(), ""), |ui| reach_ui(ui, lang, session, wrong));
    widgets::anchored(ui, "protocol", |ui| protocol_ui(ui, lang, idle, session));
    if session.protocol == Protocol::TcpClient {
        let remote = |ui: &mut Ui| remote_ui(ui, input, session, &problems, (idle, ["(2) ", "(3) "]));
        actions.extend(widgets::anchored(ui, "remote", remote));
    } else {
        let numbers = (["(2) ", "(3) "], &mut actions);
        widgets::anchored(ui, "local", |ui| local_ui(ui, input, session, &problems, numbers));
    }
    let is_tcp_relay = session.protocol == Protocol::TcpRelay;
    if is_tcp_relay {
        upstream_ui(ui, lang, idle, session);
    }
    if session.uses_remote() && !session.protocol.connects() {
        // Datagrams may go elsewhere at any time: their remote is not locked.
        let enabled = idle || !session.protocol.relays();
        let numbers = if is_tcp_relay { ["(5) ", "(6) "] } else { ["(4) ", "(5) "] };
        let remote = |ui: &mut Ui| remote_ui(ui, input, session, &problems, (enabled, numbers));
        actions.extend(widgets::anchored(ui, "remote", remote));
    }
    widgets::anchored(ui, "open", |ui| open_row(ui, input, session, &mut actions));
    widgets::anchored(ui, "more", |ui| more_ui(ui, input, (session, password), &mut actions));
    actions
}

/// The options that are folded at first, and the layers.
fn more_ui(
    ui: &mut Ui,
    input: &SettingsInput<'_>,
    (session, password): (&mut Session, &mut Password),
    actions: &mut Vec<Action>,
) {
    let (lang, idle) = (input.lang, matches!(input.phase, Phase::Idle));
    let more = widgets::folded(lang.more_options());
    let more = more.show(ui, |ui| options_ui(ui, input, (&mut *session, password), actions));
    let row = more.header_response.rect;
    more.header_response.on_hover_text(lang.more_options_tip());
    layers_ui(ui, lang, idle, session, row);
}

/// Whether a relay has one upstream server, or is a proxy.
fn upstream_ui(ui: &mut Ui, lang: Lang, idle: bool, session: &mut Session) {
    let Some((socks, tip)) = lang.option("socks") else { return };
    widgets::form_row(ui, ("(4) ", lang.upstream()), |ui, label| {
        let combo = list(ui, "upstream", idle);
        ui.add_enabled_ui(idle, |ui| {
            let mut is_proxy = session.is_proxy();
            let name = |is_proxy| if is_proxy { socks } else { lang.one_server() };
            widgets::combo(ui, combo, (label, tip), (&mut is_proxy, [false, true]), name);
            if is_proxy != session.is_proxy() {
                session.options.set("socks", is_proxy.to_string());
            }
        });
    });
}

/// TLS and WebSocket at the right of a row, and while they are on, their options below.
fn layers_ui(ui: &mut Ui, lang: Lang, idle: bool, session: &mut Session, row: egui::Rect) {
    let protocol = session.protocol;
    let right = row.with_min_x(row.right() + 4.0).with_max_x(ui.max_rect().right());
    let place = egui::UiBuilder::new().id_salt("layers").max_rect(right);
    let mut child = ui.new_child(place.layout(egui::Layout::right_to_left(egui::Align::Center)));
    for (name, place) in [("tls", Place::Tls), ("ws", Place::WebSocket)] {
        let specs = || OPTIONS.iter().filter(|spec| spec.place() == place && spec.is_for(protocol));
        if specs().next().is_some() {
            option_ui(&mut child, lang, session, name, idle);
        }
        if session.options.is_on(name) {
            for spec in specs().filter(|spec| spec.name != name) {
                let enabled = idle || spec.name == "ws-close";
                option_ui(ui, lang, session, spec.name, enabled);
            }
        }
    }
}

fn protocol_ui(ui: &mut Ui, lang: Lang, idle: bool, session: &mut Session) {
    widgets::form_row(ui, ("(1) ", lang.protocol()), |ui, label| {
        let combo = list(ui, "protocol", idle);
        ui.add_enabled_ui(idle, |ui| {
            let mut chosen = session.protocol;
            let (words, choices) = ((label, lang.protocol_tip()), (&mut chosen, Protocol::ALL));
            widgets::combo(ui, combo, words, choices, Protocol::title);
            if chosen != session.protocol {
                session.choose(chosen);
            }
        });
    });
}

/// A list of a form; plain text while it cannot be changed, as the fields are then.
pub(super) fn list(ui: &mut Ui, id: &'static str, idle: bool) -> egui::ComboBox<'static> {
    let combo = controls::combo_box(id).width(ui.available_width());
    if idle {
        return combo;
    }
    let visuals = ui.visuals_mut();
    visuals.disabled_alpha = 1.0;
    visuals.widgets.inactive.weak_bg_fill = egui::Color32::TRANSPARENT;
    visuals.widgets.inactive.bg_stroke = egui::Stroke::NONE;
    combo.icon(|_, _, _, _| {})
}

pub(super) fn local_ui(
    ui: &mut Ui,
    input: &SettingsInput<'_>,
    session: &mut Session,
    problems: &[Problem],
    (numbers, actions): ([&str; 2], &mut Vec<Action>),
) {
    let lang = input.lang;
    let enabled = matches!(input.phase, Phase::Idle);
    let words = (lang.local_host(), lang.local_host_tip());
    let host = field(lang, words, "local.host", problems).enabled(enabled).in_row(numbers[0]);
    let (host, place) = host.show_with_room(ui, &mut session.local.host);
    let host_entered = widgets::is_entered(ui, &host);
    let words = (lang.local_port(), lang.local_port_tip());
    let port = field(lang, words, "local.port", problems).enabled(enabled).in_row(numbers[1]);
    let port = port.show(ui, &mut session.local.port);
    let asked = widgets::list_in(ui, place, (lang.choose_address(), enabled), |ui| {
        for (address, what) in hosts(lang, input.addresses) {
            if ui.button(format!("{address}  ({what})")).clicked() {
                session.local.host = address;
                ui.close();
            }
        }
    });
    actions.extend(asked.then_some(Action::RefreshAddresses));
    let entered = host_entered || widgets::is_entered(ui, &port);
    actions.extend((enabled && entered).then_some(Action::Open));
}

/// What is wrong first, with its label: with an address or, of `all`, with an option, which may be folded.
pub(crate) fn wrong(
    lang: Lang,
    (protocol, problems): (Protocol, &[Problem]),
    all: bool,
) -> Option<(&'static str, String)> {
    let remote = if protocol.relays() {
        [lang.upstream_host(), lang.upstream_port()]
    } else {
        [lang.remote_host(), lang.remote_port()]
    };
    let fields = [
        ("local.host", lang.local_host()),
        ("local.port", lang.local_port()),
        ("remote.host", remote[0]),
        ("remote.port", remote[1]),
    ];
    let of_option = |problem: &Problem| {
        let (label, _) = problem.path.strip_prefix("options.").and_then(|name| lang.option(name))?;
        Some((label, messages::fault(lang, &problem.fault)))
    };
    let mut of_address =
        fields.iter().filter_map(|(name, label)| Some((*label, messages::fault_of(lang, problems, name)?)));
    of_address.next().or_else(|| problems.iter().filter(|_| all).find_map(of_option))
}

/// Tells what is wrong, or who will be able to reach the local address. The status bar has room for all of a reason.
fn reach_ui(ui: &mut Ui, lang: Lang, session: &Session, wrong: Option<(&str, String)>) {
    if let Some((label, why)) = wrong {
        let whole = format!("{label}: {why}");
        return widgets::complain_here(ui, Some(if widgets::fits(ui, &whole) { &whole } else { &why }));
    }
    let (host, _zone) = session.local.host.split_once('%').unwrap_or((&session.local.host, ""));
    let palette = Palette::of(ui);
    let (text, colour) = match host.trim().parse::<IpAddr>() {
        Ok(_) if session.protocol == Protocol::TcpClient => return,
        Ok(address) if address.is_loopback() => (lang.this_machine_only(), palette.weak),
        Ok(_) => (lang.from_network(), palette.care),
        Err(_) => return,
    };
    ui.label(RichText::new(text).small().color(colour));
}

fn hosts(lang: Lang, addresses: &[LocalAddress]) -> Vec<(String, String)> {
    let (network, own) = (lang.from_network().to_lowercase(), lang.this_machine_only());
    let any = [
        ("127.0.0.1", own.to_owned()),
        ("::1", own.to_owned()),
        ("0.0.0.0", format!("{}, {network}", lang.all_ipv4())),
        ("::", format!("{}, {network}", lang.all_ipv6())),
        ("*", format!("{}, {network}", lang.all_addresses())),
    ];
    let others = addresses.iter().filter(|local| !local.address.is_loopback());
    let others = others.map(|local| {
        let zone = match local.address {
            IpAddr::V6(ip) if ip.is_unicast_link_local() => format!("%{}", local.interface),
            IpAddr::V4(_) | IpAddr::V6(_) => String::new(),
        };
        (format!("{}{zone}", local.address), format!("{}, {network}", local.interface))
    });
    any.map(|(address, what)| (address.to_owned(), what)).into_iter().chain(others).collect()
}

fn remote_ui(
    ui: &mut Ui,
    input: &SettingsInput<'_>,
    session: &mut Session,
    problems: &[Problem],
    (enabled, numbers): (bool, [&str; 2]),
) -> Option<Action> {
    let lang = input.lang;
    let relays = session.protocol.relays();
    let upstream = (lang.upstream_host(), lang.upstream_host_tip());
    let words = if relays { upstream } else { (lang.remote_host(), lang.remote_host_tip()) };
    let host = field(lang, words, "remote.host", problems).enabled(enabled).in_row(numbers[0]);
    let (host, place) = host.show_with_room(ui, &mut session.remote.host);
    let (host_entered, is_typed) = (widgets::is_entered(ui, &host), host.has_focus());
    // One that is being typed is not whole yet.
    let is_pasted = ui.input(|i| i.events.iter().any(|event| matches!(event, egui::Event::Paste(_))));
    if enabled && (is_pasted || !is_typed) {
        session.take_url();
    }
    let label = if relays { lang.upstream_port() } else { lang.remote_port() };
    let words = (label, lang.remote_port_tip());
    let port = field(lang, words, "remote.port", problems).enabled(enabled).in_row(numbers[1]);
    let port = port.show(ui, &mut session.remote.port);
    let mut chosen = None;
    let is_udp = session.protocol == Protocol::Udp;
    let list = (lang.recent_remotes(), enabled && (is_udp || !input.recent.is_empty()));
    widgets::list_in(ui, place, list, |ui| {
        for remote in input.recent {
            if ui.button(remote).clicked() {
                chosen = Some(remote);
                ui.close();
            }
        }
        let of_network = |local: &LocalAddress| Some((local.broadcast?, local.interface.clone()));
        let all = std::iter::once((Ipv4Addr::BROADCAST, lang.all_networks().to_owned()));
        for (address, what) in all.chain(input.addresses.iter().filter_map(of_network)).filter(|_| is_udp) {
            if ui.button(format!("{address}  ({}, {what})", lang.broadcast())).clicked() {
                session.remote.host = address.to_string();
                ui.close();
            }
        }
    });
    if let Some(remote) = chosen {
        session.remote = Address::split(remote);
    }
    let entered = host_entered || widgets::is_entered(ui, &port);
    (entered && matches!(input.phase, Phase::Idle)).then_some(Action::Open)
}

fn open_row(ui: &mut Ui, input: &SettingsInput<'_>, session: &Session, actions: &mut Vec<Action>) {
    let lang = input.lang;
    let palette = Palette::of(ui);
    let (mut text, tip) = open_words(lang, input.phase);
    if input.is_lost {
        text = lang.connect_again();
    }
    let opens = matches!(input.phase, Phase::Idle | Phase::Viewing { .. });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let (colour, lit) = lamp_of(palette, input.phase, input.stalled);
        let sign = RichText::new(if lit { "●" } else { "○" }).size(12.0).color(colour);
        let size = vec2(ui.available_width() - 32.0, theme::CONTROL);
        let button = controls::primary(ui, (true, !opens), (sign, text, "F5"), size);
        let action = if opens { Action::Open } else { Action::Close };
        actions.extend(button.on_hover_text(tip).clicked().then_some(action));
        let mut entries = Vec::new();
        if let (Phase::Open { listening: true, .. }, 1..) = (input.phase, input.n_peers) {
            entries.push((lang.stop_listening(), lang.stop_listening_tip(), Action::StopListening));
        }
        if let Some(flow) = input.connection {
            entries.push((lang.half_close(), lang.half_close_tip(), Action::HalfClose(vec![flow])));
            entries.push((lang.start_tls(), lang.start_tls_tip(), Action::StartTls(vec![flow])));
            if session.options.is_on("ws") {
                entries.push((
                    lang.send_ping(),
                    lang.send_ping_tip(),
                    Action::SendControl(Opcode::Ping, vec![flow]),
                ));
                let close = Action::SendControl(Opcode::Close, vec![flow]);
                entries.push((lang.close_websocket(), lang.close_websocket_tip(), close));
            }
            entries.push((lang.reset_peer(), lang.reset_peer_tip(), Action::Reset(vec![flow])));
        }
        ui.add_enabled_ui(!entries.is_empty(), |ui| {
            let dots = controls::icon(icons::ELLIPSIS, controls::ICON);
            let button = MenuButton::from_button(Button::new(dots).min_size(vec2(28.0, theme::CONTROL)));
            let (menu, _) = button.ui(ui, |ui| {
                for (label, tip, action) in entries {
                    actions.extend(widgets::entry(ui, label, tip).then_some(action));
                }
            });
            widgets::named(menu, lang.more_ends()).on_hover_text(lang.more_ends_tip());
        });
    });
}

/// The left column folded to a rail: what is used most of it.
pub(crate) fn rail_ui(ui: &mut Ui, lang: Lang, tab: &Tab) -> Vec<Action> {
    let mut actions = Vec::new();
    ui.spacing_mut().item_spacing.y = 0.0;
    let palette = Palette::of(ui);
    let opens = matches!(tab.phase, Phase::Idle | Phase::Viewing { .. });
    let (word, tip) = open_words(lang, &tab.phase);
    let view = tab.session.view;
    let (body, next) = match view.body {
        Body::Text => (lang.body_text(), Body::Hex),
        Body::Hex => (lang.body_hex(), Body::Dump),
        Body::Dump => (lang.body_dump(), Body::Text),
    };
    let (save, clear) = (lang.rail_save(), lang.rail_clear());
    for (sign, word, name, tip, enabled, action) in [
        ("", word, word, tip, !tab.is_viewer(), if opens { Action::Open } else { Action::Close }),
        (
            icons::BINARY,
            body,
            body,
            lang.receive_options(),
            true,
            Action::SetView(View { body: next, ..view }),
        ),
        (
            signs::of(&Action::ShowSave(true)),
            save,
            lang.save_as(),
            lang.save_as_tip(),
            tab.capture.is_some(),
            Action::ShowSave(true),
        ),
        (signs::of(&Action::Clear), clear, lang.clear(), lang.clear_tip(), true, Action::Clear),
    ] {
        let cell = controls::rail_cell(ui, (sign, word), (enabled, false), false);
        if sign.is_empty() {
            let (colour, lit) = lamp_of(palette, &tab.phase, tab.stalled.is_some());
            widgets::paint_lamp(ui, cell.rect.center() - vec2(0.0, 9.0), colour, lit, 5.0);
        }
        actions.extend(widgets::named(cell, name).on_hover_text(tip).clicked().then_some(action));
    }
    actions
}

/// What the big button says in a phase, and its tooltip.
pub(crate) fn open_words(lang: Lang, phase: &Phase) -> (&'static str, &'static str) {
    match phase {
        Phase::Idle | Phase::Viewing { .. } => (lang.open(), lang.open_tip()),
        Phase::Opening | Phase::Waiting { .. } => (lang.cancel_opening(), lang.cancel_opening_tip()),
        Phase::Open { .. } | Phase::Ready => (lang.close(), lang.close_tip()),
        Phase::Closing => (lang.closing(), lang.closing_tip()),
    }
}

/// The lamp of a session: a square if it was lost.
pub(crate) fn lamp_ui(ui: &mut Ui, tab: &Tab) {
    let palette = Palette::of(ui);
    let (colour, lit) = lamp_of(palette, &tab.phase, tab.stalled.is_some());
    if tab.fault().is_none() && !tab.unseen {
        let cares = tab.told().iter().any(|told| told.notice.weight() == Weight::Care);
        return widgets::lamp(ui, if cares { palette.care } else { colour }, lit, 4.0);
    }
    widgets::lost_lamp(ui);
}

/// The colour of the lamp of a session, and whether it is on. `stalled`: its capture cannot be written.
pub(crate) fn lamp_of(palette: Palette, phase: &Phase, stalled: bool) -> (egui::Color32, bool) {
    match phase {
        _ if stalled => (palette.failure, true),
        Phase::Idle => (palette.weak, false),
        Phase::Opening | Phase::Waiting { .. } | Phase::Closing => (palette.care, true),
        Phase::Open { .. } | Phase::Ready => (palette.good, true),
        Phase::Viewing { .. } => (palette.sent, false),
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct ReceiveInput {
    pub(crate) lang: Lang,
    pub(crate) view: View,
    /// The log follows the newest record.
    pub(crate) follows: bool,
    pub(crate) n_shown: u64,
    pub(crate) charset: Charset,
    pub(crate) cleared: bool,
    pub(crate) has_capture: bool,
}

/// Height of a long list, which fits whole rows.
const MENU: f32 = 13.0 * 32.0;

pub(crate) fn receive_ui(ui: &mut Ui, input: ReceiveInput) -> Vec<Action> {
    let lang = input.lang;
    let (mut view, mut charset) = (input.view, input.charset);
    let mut actions = Vec::new();
    widgets::head(ui, (lang.receive_options(), ""), |ui| {
        // In the row of the head, so that nothing moves when it comes.
        if input.cleared {
            let undo = Button::new(lang.undo_clear()).small().frame(false);
            let undo = ui.add(undo).on_hover_text(lang.undo_clear_tip());
            actions.extend(undo.clicked().then_some(Action::UndoClear));
        }
    });
    let bodies = [
        (Body::Text, lang.body_text(), lang.body_text_tip()),
        (Body::Hex, lang.body_hex(), lang.body_hex_tip()),
        (Body::Dump, lang.body_dump(), lang.body_dump_tip()),
    ];
    let width = Some(ui.available_width());
    controls::segments(ui, lang.receive_options(), &mut view.body, &bodies, width);
    widgets::form_row(ui, ("", lang.charset()), |ui, label| {
        let combo = controls::combo_box("charset").width(ui.available_width()).height(MENU);
        let words = (label, lang.charset_tip());
        widgets::combo(ui, combo, words, (&mut charset, Charset::ALL), Charset::label);
    });
    // As in NetAssist: without log mode only the data is shown.
    let mut log_mode = view.mode == ViewMode::Log;
    let was = log_mode;
    let mut follows = input.follows;
    let ticks = [
        (&mut log_mode, lang.log_mode(), lang.log_mode_tip()),
        (&mut view.wrap, lang.auto_linefeed(), lang.auto_linefeed_tip()),
        (&mut view.hide_received, lang.hide_received(), lang.hide_received_tip()),
        (&mut view.hide_sent, lang.hide_sent(), lang.hide_sent_tip()),
        (&mut view.hide_events, lang.hide_events(), lang.hide_events_tip()),
        (&mut follows, lang.auto_scroll(), lang.auto_scroll_tip()),
    ];
    let half = ui.available_width() * 0.56;
    ui.scope(move |ui| {
        let mut ticks = ticks.into_iter();
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        ui.spacing_mut().interact_size.y = widgets::TICK;
        while let Some(first) = ticks.next() {
            ui.horizontal(|ui| {
                for (width, (on, label, tip)) in
                    [half, 0.0].into_iter().zip([first].into_iter().chain(ticks.next()))
                {
                    let end = ui.cursor().left() + width;
                    widgets::tick(ui, on, label, tip);
                    ui.add_space((end - ui.cursor().left()).max(0.0));
                }
            });
        }
    });
    if log_mode != was {
        view.mode = if log_mode { ViewMode::Log } else { ViewMode::Stream };
    }
    if follows != input.follows {
        view.auto_scroll = follows;
        actions.push(Action::Hold((!follows).then_some(input.n_shown)));
    }
    ui.add_space(theme::GAP / 2.0);
    ui.horizontal(|ui| {
        let width = (ui.available_width() - theme::GAP) / 2.0;
        let button =
            |sign, label: &str| Button::new((controls::icon(sign, controls::ICON), RichText::new(label)));
        let mut show = |enabled, sign, label: &str, tip: &str| {
            let add = |ui: &mut Ui| ui.add_sized(vec2(width, theme::CONTROL), button(sign, label));
            let response = widgets::named(ui.add_enabled_ui(enabled, add).inner, label);
            response.on_hover_text(tip).on_disabled_hover_text(lang.nothing_to_save()).clicked()
        };
        if show(input.has_capture, signs::of(&Action::ShowSave(true)), lang.save_as(), lang.save_as_tip()) {
            actions.push(Action::ShowSave(true));
        }
        if show(true, signs::of(&Action::Clear), lang.clear(), lang.clear_tip()) {
            actions.push(Action::Clear);
        }
    });
    actions.extend((view != input.view).then_some(Action::SetView(view)));
    actions.extend((charset != input.charset).then_some(Action::SetCharset(charset)));
    actions
}
