//! The panel on the left, where NetAssist has it: what to open, the big button, how to show what
//! comes.

use egui::{ComboBox, RichText, Ui};

use super::lang::Lang;
use super::theme::{self, Palette};
use super::{messages, widgets};
use crate::codec::Charset;
use crate::model::{Body, OPTIONS, OptionSpec, Place, Problem, Protocol, Typed};
use crate::state::{Action, LocalAddress, Phase};
use crate::workspace::{Address, Session, View, ViewMode};

/// What the panel shows besides the form.
#[derive(Debug)]
pub struct SettingsInput<'a> {
    /// In which language.
    pub lang: Lang,
    /// Where the session stands.
    pub phase: &'a Phase,
    /// Addresses of this machine.
    pub addresses: &'a [LocalAddress],
    /// Remote hosts used lately.
    pub recent: &'a [String],
    /// How many connections closing would end.
    pub n_peers: usize,
    /// Problems of folded fields are shown, too.
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
            actions.extend(local_ui(ui, input, session, &problems, idle));
        }
        if session.protocol == Protocol::Udp {
            // Datagrams may go elsewhere at any time: the remote is not locked.
            remote_ui(ui, input, session, &problems, true);
        }
        ui.add_space(2.0);
        actions.extend(open_button(ui, input, &problems));
        ui.collapsing(lang.more_options(), |ui| {
            actions.extend(options_ui(ui, input, session, idle));
        })
        .header_response
        .on_hover_text(lang.more_options_tip());
    });
    actions
}

fn protocol_name(lang: Lang, protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Udp => lang.udp(),
        Protocol::TcpClient => lang.tcp_client(),
        Protocol::TcpServer => lang.tcp_server(),
    }
}

fn protocol_ui(ui: &mut Ui, lang: Lang, idle: bool, session: &mut Session) {
    let label = ui.label(lang.protocol());
    ui.add_enabled_ui(idle, |ui| {
        let response = ComboBox::from_id_salt("protocol")
            .width(ui.available_width())
            .selected_text(protocol_name(lang, session.protocol))
            .show_ui(ui, |ui| {
                for protocol in Protocol::ALL {
                    ui.selectable_value(&mut session.protocol, protocol, protocol_name(lang, protocol));
                }
            })
            .response;
        response.labelled_by(label.id).on_hover_text(lang.protocol_tip());
    });
}

fn local_ui(
    ui: &mut Ui,
    input: &SettingsInput<'_>,
    session: &mut Session,
    problems: &[Problem],
    enabled: bool,
) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    let (label, tip) = (lang.local_host(), lang.local_host_tip());
    let problem = messages::fault_of(lang, problems, "local.host");
    let field = widgets::Field { label, tip, enabled, problem };
    let choose = lang.choose_address();
    let (_, button) = field.show_with_list(ui, &mut session.local.host, choose, true, |ui, text| {
        for (address, what) in choices(lang, input.addresses) {
            if ui.button(format!("{address}  ({what})")).clicked() {
                *text = address;
                ui.close();
            }
        }
    });
    if button.clicked() {
        actions.push(Action::RefreshAddresses);
    }
    reach_ui(ui, lang, session);
    let (label, tip) = (lang.local_port(), lang.local_port_tip());
    let problem = messages::fault_of(lang, problems, "local.port");
    widgets::Field { label, tip, enabled, problem }.show(ui, &mut session.local.port);
    actions
}

/// Says who can reach the address, before anything is opened.
fn reach_ui(ui: &mut Ui, lang: Lang, session: &Session) {
    let Ok(address) = session.local.host.trim().parse::<std::net::IpAddr>() else { return };
    if session.protocol == Protocol::TcpClient {
        return;
    }
    let palette = Palette::of(ui);
    let (text, colour) = if address.is_loopback() {
        (lang.this_machine_only(), palette.weak)
    } else {
        (lang.from_network(), palette.care)
    };
    ui.label(RichText::new(text).small().color(colour));
}

/// The addresses to choose from, and what each means.
fn choices(lang: Lang, addresses: &[LocalAddress]) -> Vec<(String, String)> {
    let network = lang.from_network();
    let mut choices = vec![("127.0.0.1".to_owned(), lang.this_machine_only().to_owned())];
    choices.push(("::1".to_owned(), lang.this_machine_only().to_owned()));
    choices.push(("0.0.0.0".to_owned(), format!("{}, {network}", lang.all_ipv4())));
    choices.push(("::".to_owned(), format!("{}, {network}", lang.all_ipv6())));
    for local in addresses.iter().filter(|local| !local.address.is_loopback()) {
        choices.push((local.address.to_string(), format!("{}, {network}", local.interface)));
    }
    choices
}

fn remote_ui(
    ui: &mut Ui,
    input: &SettingsInput<'_>,
    session: &mut Session,
    problems: &[Problem],
    enabled: bool,
) {
    let lang = input.lang;
    let (label, tip) = (lang.remote_host(), lang.remote_host_tip());
    let problem = messages::fault_of(lang, problems, "remote.host");
    let field = widgets::Field { label, tip, enabled, problem };
    let mut chosen = None;
    let known = !input.recent.is_empty();
    field.show_with_list(ui, &mut session.remote.host, lang.recent_remotes(), known, |ui, _text| {
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
    let (label, tip) = (lang.remote_port(), lang.remote_port_tip());
    let problem = messages::fault_of(lang, problems, "remote.port");
    widgets::Field { label, tip, enabled, problem }.show(ui, &mut session.remote.port);
}

fn open_button(ui: &mut Ui, input: &SettingsInput<'_>, problems: &[Problem]) -> Vec<Action> {
    let lang = input.lang;
    let palette = Palette::of(ui);
    let mut actions = Vec::new();
    let (text, tip, action, fill, ink) = match input.phase {
        Phase::Idle | Phase::Viewing { .. } => {
            (lang.open(), lang.open_tip(), Action::Open, palette.accent, palette.on_accent)
        }
        Phase::Opening | Phase::Waiting { .. } => {
            (lang.cancel_opening(), lang.cancel_opening_tip(), Action::Close, palette.control, palette.text)
        }
        Phase::Open { .. } | Phase::Ready => {
            (lang.close(), lang.close_tip(), Action::Close, palette.control, palette.text)
        }
        Phase::Closing => (lang.closing(), lang.closing_tip(), Action::Close, palette.control, palette.text),
    };
    let button = widgets::big_button(ui, text, fill, ink, 38.0);
    let (colour, lit) = lamp_of(palette, input.phase);
    widgets::paint_lamp(
        ui,
        button.rect.left_center() + egui::vec2(20.0, 0.0),
        if lit { colour } else { ink },
        lit,
        6.0,
    );
    if button.on_hover_text(tip).clicked() {
        actions.push(action);
    }
    if let (Phase::Open { listening: true, .. }, 1..) = (input.phase, input.n_peers) {
        let size = egui::vec2(ui.available_width(), 24.0);
        if ui
            .add_sized(size, egui::Button::new(lang.stop_listening()))
            .on_hover_text(lang.stop_listening_tip())
            .clicked()
        {
            actions.push(Action::StopListening);
        }
    }
    if input.show_problems && matches!(input.phase, Phase::Idle) {
        // The options may be folded away.
        for problem in problems {
            let Some((label, _)) = problem.path.strip_prefix("options.").and_then(|name| lang.option(name))
            else {
                continue;
            };
            widgets::complain(ui, Some(format!("{label}: {}", messages::fault(lang, &problem.fault))));
        }
    }
    actions
}

/// The colour of the lamp of a session, and whether it is lit.
pub(crate) fn lamp_of(palette: Palette, phase: &Phase) -> (egui::Color32, bool) {
    match phase {
        Phase::Idle => (palette.weak, false),
        Phase::Opening | Phase::Waiting { .. } | Phase::Closing => (palette.care, true),
        Phase::Open { .. } | Phase::Ready => (palette.good, true),
        Phase::Viewing { .. } => (palette.sent, false),
    }
}

/// One option, as its kind asks for.
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
            let field = widgets::Field { label, tip, enabled, problem };
            if field.show(ui, &mut text).changed() {
                options.set(name, text);
            }
        }
    }
}

fn options_ui(ui: &mut Ui, input: &SettingsInput<'_>, session: &mut Session, idle: bool) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    let used = |place| {
        let protocol = session.protocol;
        OPTIONS.iter().filter(move |spec| spec.place == place && spec.is_for(protocol))
    };
    let (options, multicast) = (used(Place::Options), used(Place::Multicast));
    for spec in options {
        // Short connections are not made again.
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
                let button = ui.add_enabled(ready, egui::Button::new(label));
                if button.on_hover_text(tip).on_disabled_hover_text(tip).clicked() {
                    actions.push(action);
                }
            }
        });
    }
    actions
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct ReceiveInput {
    pub(crate) lang: Lang,
    pub(crate) view: View,
    pub(crate) charset: Charset,
    pub(crate) paused: bool,
    /// Something is hidden by Clear.
    pub(crate) cleared: bool,
    /// There is something to save.
    pub(crate) has_capture: bool,
}

pub(crate) fn receive_ui(ui: &mut Ui, input: ReceiveInput) -> Vec<Action> {
    let lang = input.lang;
    let (mut view, mut charset) = (input.view, input.charset);
    let mut actions = Vec::new();
    widgets::section(ui, lang.receive_options(), |ui| {
        ui.horizontal(|ui| {
            widgets::choice(
                ui,
                lang.receive_options(),
                &mut view.body,
                Body::Text,
                lang.body_text(),
                lang.body_text_tip(),
            );
            widgets::choice(
                ui,
                lang.receive_options(),
                &mut view.body,
                Body::Hex,
                lang.body_hex(),
                lang.body_hex_tip(),
            );
            widgets::choice(
                ui,
                lang.receive_options(),
                &mut view.body,
                Body::Dump,
                lang.body_dump(),
                lang.body_dump_tip(),
            );
        });
        ui.horizontal(|ui| {
            let label = ui.label(lang.charset());
            let combo = ComboBox::from_id_salt("charset")
                .width(ui.available_width())
                .height(320.0)
                .selected_text(charset.label())
                .show_ui(ui, |ui| {
                    for choice in Charset::ALL {
                        ui.selectable_value(&mut charset, choice, choice.label());
                    }
                });
            combo.response.labelled_by(label.id).on_hover_text(lang.charset_tip());
        });
        // As NetAssist has it: without the mode the data alone is shown.
        let mut log_mode = view.mode == ViewMode::Log;
        if widgets::tick(ui, &mut log_mode, lang.log_mode(), lang.log_mode_tip()).changed() {
            view.mode = if log_mode { ViewMode::Log } else { ViewMode::Stream };
        }
        widgets::tick(ui, &mut view.wrap, lang.auto_linefeed(), lang.auto_linefeed_tip());
        widgets::tick(ui, &mut view.hide_received, lang.hide_received(), lang.hide_received_tip());
        widgets::tick(ui, &mut view.hide_sent, lang.hide_sent(), lang.hide_sent_tip());
        widgets::tick(ui, &mut view.hide_events, lang.hide_events(), lang.hide_events_tip());
        widgets::tick(ui, &mut view.auto_scroll, lang.auto_scroll(), lang.auto_scroll_tip());
        let mut paused = input.paused;
        if widgets::tick(ui, &mut paused, lang.pause(), lang.pause_tip()).changed() {
            actions.push(Action::Pause(paused));
        }
        ui.add_space(theme::GAP / 2.0);
        ui.horizontal_wrapped(|ui| {
            let save = ui.add_enabled(input.has_capture, egui::Button::new(lang.save_as()));
            if save.on_hover_text(lang.save_as_tip()).on_disabled_hover_text(lang.nothing_to_save()).clicked()
            {
                actions.push(Action::ShowSave(true));
            }
            if ui.button(lang.clear()).on_hover_text(lang.clear_tip()).clicked() {
                actions.push(Action::Clear);
            }
            if input.cleared && ui.button(lang.undo_clear()).on_hover_text(lang.undo_clear_tip()).clicked() {
                actions.push(Action::UndoClear);
            }
        });
    });
    if view != input.view {
        actions.push(Action::SetView(view));
    }
    if charset != input.charset {
        actions.push(Action::SetCharset(charset));
    }
    actions
}
