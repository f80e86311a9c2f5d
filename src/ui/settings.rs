//! The panel on the left, where NetAssist has it: what to open, the big button, how to show what
//! comes.

use egui::{ComboBox, RichText, Ui};

use super::lang::Lang;
use super::theme::{self, Palette};
use super::{messages, widgets};
use crate::codec::Charset;
use crate::model::{Body, Protocol};
use crate::state::{Action, Field, Form, LocalAddress, Phase, View, ViewMode};

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
}

/// Network settings and the big button.
pub fn network_ui(ui: &mut Ui, input: &SettingsInput<'_>, form: &mut Form) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    let idle = matches!(input.phase, Phase::Idle);
    widgets::section(ui, lang.settings(), |ui| {
        protocol_ui(ui, lang, idle, form);
        if form.protocol == Protocol::TcpClient {
            remote_ui(ui, input, form, idle);
            ui.add_enabled_ui(idle, |ui| {
                widgets::tick(ui, &mut form.bind_client, lang.bind_client(), lang.bind_client_tip());
            });
            if form.bind_client {
                actions.extend(local_ui(ui, input, form, idle));
            }
        } else {
            actions.extend(local_ui(ui, input, form, idle));
        }
        if form.protocol == Protocol::Udp {
            // Datagrams may go elsewhere at any time: the remote is not locked.
            remote_ui(ui, input, form, true);
        }
        ui.add_space(2.0);
        actions.extend(open_button(ui, input, form));
        ui.collapsing(lang.more_options(), |ui| {
            actions.extend(options_ui(ui, input, form, idle));
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

fn protocol_ui(ui: &mut Ui, lang: Lang, idle: bool, form: &mut Form) {
    let label = ui.label(lang.protocol());
    ui.add_enabled_ui(idle, |ui| {
        let response = ComboBox::from_id_salt("protocol")
            .width(ui.available_width())
            .selected_text(protocol_name(lang, form.protocol))
            .show_ui(ui, |ui| {
                for protocol in Protocol::ALL {
                    ui.selectable_value(&mut form.protocol, protocol, protocol_name(lang, protocol));
                }
            })
            .response;
        response.labelled_by(label.id).on_hover_text(lang.protocol_tip());
    });
}

/// A field of the form, with what is wrong in it.
pub(super) fn field_of(
    lang: Lang,
    form: &Form,
    field: Field,
    tip: &'static str,
    enabled: bool,
) -> widgets::Field<'static> {
    let problem = form.problem(field).map(|problem| messages::problem(lang, problem));
    widgets::Field { label: field_name(lang, field), tip, enabled, problem }
}

fn local_ui(ui: &mut Ui, input: &SettingsInput<'_>, form: &mut Form, enabled: bool) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    let field = field_of(lang, form, Field::LocalHost, lang.local_host_tip(), enabled);
    let choose = lang.choose_address();
    let (_, button) = field.show_with_list(ui, &mut form.local_host, choose, true, |ui, text| {
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
    reach_ui(ui, lang, form);
    let field = field_of(lang, form, Field::LocalPort, lang.local_port_tip(), enabled);
    field.show(ui, &mut form.local_port);
    actions
}

/// Says who can reach the address, before anything is opened.
fn reach_ui(ui: &mut Ui, lang: Lang, form: &Form) {
    let Ok(address) = form.local_host.trim().parse::<std::net::IpAddr>() else { return };
    if form.protocol == Protocol::TcpClient {
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

fn remote_ui(ui: &mut Ui, input: &SettingsInput<'_>, form: &mut Form, enabled: bool) {
    let lang = input.lang;
    let field = field_of(lang, form, Field::RemoteHost, lang.remote_host_tip(), enabled);
    let mut chosen = None;
    let known = !input.recent.is_empty();
    field.show_with_list(ui, &mut form.remote_host, lang.recent_remotes(), known, |ui, _text| {
        for remote in input.recent {
            if ui.button(remote).clicked() {
                chosen = Some(remote);
                ui.close();
            }
        }
    });
    if let Some(remote) = chosen {
        form.set_remote(remote);
    }
    let field = field_of(lang, form, Field::RemotePort, lang.remote_port_tip(), enabled);
    field.show(ui, &mut form.remote_port);
}

fn open_button(ui: &mut Ui, input: &SettingsInput<'_>, form: &Form) -> Vec<Action> {
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
    if form.show_all_problems && matches!(input.phase, Phase::Idle) {
        // The fields of the options may be folded away.
        let folded = |field| {
            matches!(
                field,
                Field::Timeout
                    | Field::ShortWait
                    | Field::SendBuffer
                    | Field::ReceiveBuffer
                    | Field::Group
                    | Field::Ttl
            )
        };
        for (field, problem) in form.link().err().into_iter().flatten().filter(|(field, _)| folded(*field)) {
            let words = messages::problem(lang, problem);
            widgets::complain(ui, Some(format!("{}: {words}", field_name(lang, field))));
        }
    }
    actions
}

/// The colour of the lamp of a session, and whether it is lit.
pub fn lamp_of(palette: Palette, phase: &Phase) -> (egui::Color32, bool) {
    match phase {
        Phase::Idle => (palette.weak, false),
        Phase::Opening | Phase::Waiting { .. } | Phase::Closing => (palette.care, true),
        Phase::Open { .. } | Phase::Ready => (palette.good, true),
        Phase::Viewing { .. } => (palette.sent, false),
    }
}

fn field_name(lang: Lang, field: Field) -> &'static str {
    match field {
        Field::LocalHost => lang.local_host(),
        Field::LocalPort => lang.local_port(),
        Field::RemoteHost => lang.remote_host(),
        Field::RemotePort => lang.remote_port(),
        Field::Timeout => lang.timeout(),
        Field::ShortWait => lang.short_wait(),
        Field::SendBuffer => lang.send_buffer(),
        Field::ReceiveBuffer => lang.receive_buffer(),
        Field::Group => lang.group(),
        Field::Ttl => lang.ttl(),
    }
}

fn options_ui(ui: &mut Ui, input: &SettingsInput<'_>, form: &mut Form, idle: bool) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    ui.add_enabled_ui(idle, |ui| match form.protocol {
        Protocol::Udp => {
            widgets::tick(ui, &mut form.broadcast, lang.broadcast(), lang.broadcast_tip());
        }
        Protocol::TcpClient | Protocol::TcpServer => {
            widgets::tick(ui, &mut form.nodelay, lang.nodelay(), lang.nodelay_tip());
            widgets::tick(ui, &mut form.keepalive, lang.keepalive(), lang.keepalive_tip());
            widgets::tick(ui, &mut form.abort_on_close, lang.abort_on_close(), lang.abort_on_close_tip());
            widgets::tick(ui, &mut form.half_open, lang.half_open(), lang.half_open_tip());
        }
    });
    if form.protocol == Protocol::TcpClient {
        ui.add_enabled_ui(idle, |ui| {
            // There is no connection that could be made again.
            ui.add_enabled_ui(!form.short, |ui| {
                widgets::tick(ui, &mut form.reconnect, lang.reconnect(), lang.reconnect_tip());
            });
        });
        let field = field_of(lang, form, Field::Timeout, lang.timeout_tip(), idle);
        field.show(ui, &mut form.timeout);
    }
    let field = field_of(lang, form, Field::SendBuffer, lang.send_buffer_tip(), idle);
    field.show(ui, &mut form.send_buffer);
    let field = field_of(lang, form, Field::ReceiveBuffer, lang.receive_buffer_tip(), idle);
    field.show(ui, &mut form.receive_buffer);
    if let Phase::Open { granted, .. } = input.phase {
        let (sending, receiving) = (granted.send_buffer / 1024, granted.receive_buffer / 1024);
        let text = format!("{}: TX {sending} KiB, RX {receiving} KiB", lang.granted());
        ui.label(RichText::new(text).small().color(Palette::of(ui).weak));
    }
    if form.protocol == Protocol::Udp {
        actions.extend(multicast_ui(ui, input, form, idle));
    }
    actions
}

fn multicast_ui(ui: &mut Ui, input: &SettingsInput<'_>, form: &mut Form, idle: bool) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    let field = field_of(lang, form, Field::Group, lang.group_tip(), true);
    field.show(ui, &mut form.group);
    let interface =
        widgets::Field { label: lang.interface(), tip: lang.interface_tip(), enabled: true, problem: None };
    interface.show(ui, &mut form.interface);
    let open = matches!(input.phase, Phase::Open { .. });
    let ready = open && matches!(form.group(), Ok(Some(_)));
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
    let field = field_of(lang, form, Field::Ttl, lang.ttl_tip(), idle);
    field.show(ui, &mut form.ttl);
    ui.add_enabled_ui(idle, |ui| widgets::tick(ui, &mut form.loopback, lang.loopback(), lang.loopback_tip()));
    actions
}

/// What the receive options show besides the view.
#[derive(Debug, Clone, Copy)]
pub struct ReceiveInput {
    /// In which language.
    pub lang: Lang,
    /// How the log is shown.
    pub view: View,
    /// The display stands still.
    pub paused: bool,
    /// Something is hidden by Clear.
    pub cleared: bool,
    /// There is something to save.
    pub has_capture: bool,
}

/// How the log is shown, and what to do with it.
pub fn receive_ui(ui: &mut Ui, input: ReceiveInput) -> Vec<Action> {
    let lang = input.lang;
    let mut view = input.view;
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
                .selected_text(view.charset.label())
                .show_ui(ui, |ui| {
                    for charset in Charset::ALL {
                        ui.selectable_value(&mut view.charset, charset, charset.label());
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
    actions
}
