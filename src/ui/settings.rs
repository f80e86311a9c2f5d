//! The panel on the left, laid out as in NetAssist: what to open, the big button, and how to show data.

use std::net::IpAddr;

use egui::{Button, ComboBox, RichText, Ui, vec2};

use super::framing::field;
use super::lang::Lang;
use super::messages;
use super::theme::{self, Palette};
use super::widgets::{self, Field};
use crate::codec::Charset;
use crate::model::{Body, OPTIONS, OptionSpec, Place, Problem, Protocol, Typed};
use crate::state::{Action, LocalAddress, Phase};
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
    /// Addresses of this machine.
    pub addresses: &'a [LocalAddress],
    /// Remote hosts used lately.
    pub recent: &'a [String],
    /// Number of connections that closing would end.
    pub n_peers: usize,
    /// Show the problems of folded fields too.
    pub show_problems: bool,
}

/// Network settings and the big button.
pub fn network_ui(ui: &mut Ui, input: &SettingsInput<'_>, session: &mut Session) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    let idle = matches!(input.phase, Phase::Idle);
    widgets::section(ui, lang.settings(), |ui| {
        protocol_ui(ui, lang, idle, session);
        let problems = session.problems();
        if session.protocol == Protocol::TcpClient {
            remote_ui(ui, input, session, &problems, idle);
            ui.add_enabled_ui(idle, |ui| {
                let mut binds = session.binds();
                if widgets::tick(ui, &mut binds, lang.bind_client(), lang.bind_client_tip()).changed() {
                    session.bind = Some(binds);
                }
            });
        }
        if session.uses_local() {
            local_ui(ui, input, session, &problems, &mut actions);
        }
        if session.protocol == Protocol::Udp {
            // Datagrams may go elsewhere at any time: the remote is not locked.
            remote_ui(ui, input, session, &problems, true);
        }
        ui.add_space(2.0);
        open_button(ui, input, &problems, &mut actions);
        let more = ui.collapsing(lang.more_options(), |ui| options_ui(ui, input, session, &mut actions));
        more.header_response.on_hover_text(lang.more_options_tip());
    });
    actions
}

fn protocol_ui(ui: &mut Ui, lang: Lang, idle: bool, session: &mut Session) {
    let label = ui.label(lang.protocol());
    ui.add_enabled_ui(idle, |ui| {
        let combo = ComboBox::from_id_salt("protocol").width(ui.available_width());
        let (words, choices) = ((label.id, lang.protocol_tip()), (&mut session.protocol, Protocol::ALL));
        widgets::combo(ui, combo, words, choices, Protocol::title);
    });
}

fn local_ui(
    ui: &mut Ui,
    input: &SettingsInput<'_>,
    session: &mut Session,
    problems: &[Problem],
    actions: &mut Vec<Action>,
) {
    let lang = input.lang;
    let enabled = matches!(input.phase, Phase::Idle);
    let words = (lang.local_host(), lang.local_host_tip());
    let host = field(lang, words, "local.host", problems).enabled(enabled).quiet();
    let list = (lang.choose_address(), true);
    let button = host.show_with_list(ui, &mut session.local.host, list, |ui, text| {
        for (address, what) in choices(lang, input.addresses) {
            if ui.button(format!("{address}  ({what})")).clicked() {
                *text = address;
                ui.close();
            }
        }
    });
    actions.extend(button.clicked().then_some(Action::RefreshAddresses));
    reach_ui(ui, lang, session, messages::fault_of(lang, problems, "local.host").as_deref());
    let words = (lang.local_port(), lang.local_port_tip());
    field(lang, words, "local.port", problems).enabled(enabled).show(ui, &mut session.local.port);
}

/// Tells who will be able to reach the local address, or what is wrong with it.
fn reach_ui(ui: &mut Ui, lang: Lang, session: &Session, problem: Option<&str>) {
    if problem.is_some() {
        return widgets::complain_here(ui, problem);
    }
    let (host, _zone) = session.local.host.split_once('%').unwrap_or((&session.local.host, ""));
    let palette = Palette::of(ui);
    let (text, colour) = match host.trim().parse::<IpAddr>() {
        Ok(_) if session.protocol == Protocol::TcpClient => ("", palette.weak),
        Ok(address) if address.is_loopback() => (lang.this_machine_only(), palette.weak),
        Ok(_) => (lang.from_network(), palette.care),
        Err(_) => ("", palette.weak),
    };
    ui.label(RichText::new(text).small().color(colour));
}

fn choices(lang: Lang, addresses: &[LocalAddress]) -> Vec<(String, String)> {
    let (network, own) = (lang.from_network(), lang.this_machine_only());
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
    enabled: bool,
) {
    let lang = input.lang;
    let words = (lang.remote_host(), lang.remote_host_tip());
    let host = field(lang, words, "remote.host", problems).enabled(enabled);
    let mut chosen = None;
    let list = (lang.recent_remotes(), !input.recent.is_empty());
    host.show_with_list(ui, &mut session.remote.host, list, |ui, _text| {
        for remote in input.recent {
            if ui.button(remote).clicked() {
                chosen = Some(remote);
                ui.close();
            }
        }
    });
    if let Some(remote) = chosen {
        session.remote = Address::split(remote);
    }
    let words = (lang.remote_port(), lang.remote_port_tip());
    field(lang, words, "remote.port", problems).enabled(enabled).show(ui, &mut session.remote.port);
}

fn open_button(ui: &mut Ui, input: &SettingsInput<'_>, problems: &[Problem], actions: &mut Vec<Action>) {
    let lang = input.lang;
    let palette = Palette::of(ui);
    let (text, tip) = match input.phase {
        Phase::Idle | Phase::Viewing { .. } => (lang.open(), lang.open_tip()),
        Phase::Opening | Phase::Waiting { .. } => (lang.cancel_opening(), lang.cancel_opening_tip()),
        Phase::Open { .. } | Phase::Ready => (lang.close(), lang.close_tip()),
        Phase::Closing => (lang.closing(), lang.closing_tip()),
    };
    let opens = matches!(input.phase, Phase::Idle | Phase::Viewing { .. });
    let (action, fill, ink) = if opens {
        (Action::Open, palette.accent, palette.on_accent)
    } else {
        (Action::Close, palette.paper, palette.text)
    };
    let button = widgets::big_button(ui, text, fill, ink, 38.0);
    let (colour, lit) = lamp_of(palette, input.phase, input.stalled);
    let place = button.rect.left_center() + vec2(20.0, 0.0);
    widgets::paint_lamp(ui, place, if lit { colour } else { ink }, lit, 6.0);
    actions.extend(button.on_hover_text(tip).clicked().then_some(action));
    if let (Phase::Open { listening: true, .. }, 1..) = (input.phase, input.n_peers) {
        let stop = ui.add_sized(vec2(ui.available_width(), 24.0), Button::new(lang.stop_listening()));
        if stop.on_hover_text(lang.stop_listening_tip()).clicked() {
            actions.push(Action::StopListening);
        }
    }
    if input.show_problems && matches!(input.phase, Phase::Idle) {
        // The options may be collapsed.
        for problem in problems {
            let option = problem.path.strip_prefix("options.").and_then(|name| lang.option(name));
            if let Some((label, _)) = option {
                widgets::complain(ui, Some(&format!("{label}: {}", messages::fault(lang, &problem.fault))));
            }
        }
    }
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

/// The widget for one option.
pub(super) fn option_ui(ui: &mut Ui, lang: Lang, session: &mut Session, name: &str, enabled: bool) {
    let Some((spec, (label, tip))) = OptionSpec::find(name).zip(lang.option(name)) else { return };
    let options = &mut session.options;
    match spec.typed {
        Typed::Flag { .. } => {
            ui.add_enabled_ui(enabled, |ui| {
                let mut on = options.is_on(name);
                if widgets::tick(ui, &mut on, label, tip).changed() {
                    options.set(name, on.to_string());
                }
            });
        }
        Typed::Choice(_) | Typed::Text { .. } => {
            let mut text = options.text(name).to_owned();
            let problem = spec.check(&text).err().map(|fault| messages::fault(lang, &fault));
            let field = Field::new((label, tip), problem).enabled(enabled);
            if field.show(ui, &mut text).changed() {
                options.set(name, text);
            }
        }
    }
}

fn options_ui(ui: &mut Ui, input: &SettingsInput<'_>, session: &mut Session, actions: &mut Vec<Action>) {
    let lang = input.lang;
    let idle = matches!(input.phase, Phase::Idle);
    let used = |place| {
        let protocol = session.protocol;
        OPTIONS.iter().filter(move |spec| spec.place == place && spec.is_for(protocol))
    };
    let (options, multicast) = (used(Place::Options), used(Place::Multicast));
    for spec in options {
        // Short connections do not reconnect.
        let enabled = idle && (spec.name != "reconnect" || session.options.text("short").is_empty());
        option_ui(ui, lang, session, spec.name, enabled);
    }
    if let Phase::Open { granted, .. } = input.phase {
        let (sending, receiving) = (granted.send_buffer / 1024, granted.receive_buffer / 1024);
        let text = format!("{}: TX {sending} KiB, RX {receiving} KiB", lang.granted());
        ui.label(RichText::new(text).small().color(Palette::of(ui).weak));
    }
    for spec in multicast {
        option_ui(ui, lang, session, spec.name, true);
    }
    if session.protocol == Protocol::Udp {
        let open = matches!(input.phase, Phase::Open { .. });
        let ready = open && session.groups().is_ok_and(|groups| !groups.is_empty());
        ui.horizontal(|ui| {
            for (label, tip, action) in [
                (lang.join(), lang.join_tip(), Action::JoinGroup),
                (lang.leave(), lang.leave_tip(), Action::LeaveGroup),
            ] {
                actions.extend(widgets::button_if(ui, ready, label, tip).then_some(action));
            }
        });
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
    pub(crate) paused: bool,
    pub(crate) cleared: bool,
    pub(crate) has_capture: bool,
}

pub(crate) fn receive_ui(ui: &mut Ui, input: ReceiveInput) -> Vec<Action> {
    let lang = input.lang;
    let (mut view, mut charset) = (input.view, input.charset);
    let mut actions = Vec::new();
    widgets::section(ui, lang.receive_options(), |ui| {
        ui.horizontal(|ui| {
            let bodies = [
                (Body::Text, lang.body_text(), lang.body_text_tip()),
                (Body::Hex, lang.body_hex(), lang.body_hex_tip()),
                (Body::Dump, lang.body_dump(), lang.body_dump_tip()),
            ];
            widgets::choices(ui, lang.receive_options(), &mut view.body, bodies);
        });
        ui.horizontal(|ui| {
            let label = ui.label(lang.charset());
            let combo = ComboBox::from_id_salt("charset").width(ui.available_width()).height(320.0);
            let words = (label.id, lang.charset_tip());
            widgets::combo(ui, combo, words, (&mut charset, Charset::ALL), Charset::label);
        });
        // As in NetAssist: without log mode only the data is shown.
        let mut log_mode = view.mode == ViewMode::Log;
        if widgets::tick(ui, &mut log_mode, lang.log_mode(), lang.log_mode_tip()).changed() {
            view.mode = if log_mode { ViewMode::Log } else { ViewMode::Stream };
        }
        widgets::tick(ui, &mut view.wrap, lang.auto_linefeed(), lang.auto_linefeed_tip());
        widgets::tick(ui, &mut view.hide_received, lang.hide_received(), lang.hide_received_tip());
        widgets::tick(ui, &mut view.hide_sent, lang.hide_sent(), lang.hide_sent_tip());
        widgets::tick(ui, &mut view.hide_events, lang.hide_events(), lang.hide_events_tip());
        let mut follows = input.follows;
        if widgets::tick(ui, &mut follows, lang.auto_scroll(), lang.auto_scroll_tip()).changed() {
            view.auto_scroll = follows;
            actions.push(Action::Hold((!follows).then_some(input.n_shown)));
        }
        let mut paused = input.paused;
        if widgets::tick(ui, &mut paused, lang.pause(), lang.pause_tip()).changed() {
            actions.push(Action::Pause(paused));
        }
        ui.add_space(theme::GAP / 2.0);
        ui.horizontal_wrapped(|ui| {
            let save = ui.add_enabled(input.has_capture, Button::new(lang.save_as()));
            let save = save.on_hover_text(lang.save_as_tip()).on_disabled_hover_text(lang.nothing_to_save());
            actions.extend(save.clicked().then_some(Action::ShowSave(true)));
            widgets::offer(ui, (lang.clear(), lang.clear_tip()), Action::Clear, &mut actions);
            if input.cleared && widgets::button(ui, lang.undo_clear(), lang.undo_clear_tip()) {
                actions.push(Action::UndoClear);
            }
        });
    });
    actions.extend((view != input.view).then_some(Action::SetView(view)));
    actions.extend((charset != input.charset).then_some(Action::SetCharset(charset)));
    actions
}
