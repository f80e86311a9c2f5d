//! The options of a session: the widget of each, and those that are folded away below the network settings.

use egui::{RichText, Ui};

use super::lang::Lang;
use super::messages;
use super::save::format_name;
use super::settings::{SettingsInput, list, local_ui};
use super::theme::Palette;
use super::widgets::{self, Field};
use crate::model::{Fault, Format, OPTIONS, OptionSpec, Password, Place, Protocol, Typed};
use crate::state::{Action, Phase};
use crate::workspace::Session;

/// The values of an option that is one of several, each with its words; none of others.
pub fn choices(lang: Lang, name: &str) -> Vec<(&'static str, &'static str)> {
    match name {
        "tls-min" => vec![("1.2", "1.2"), ("1.3", "1.3")],
        "tls-legs" | "ws-legs" => {
            vec![("both", lang.legs_both()), ("clients", lang.legs_clients()), ("upstream", lang.upstream())]
        }
        "tls-clients" => {
            vec![("no", lang.certs_no()), ("ask", lang.certs_ask()), ("require", lang.certs_require())]
        }
        "ws-send" => vec![("auto", lang.ws_auto()), ("text", lang.ws_text()), ("binary", lang.ws_binary())],
        "record" => {
            vec![("both", lang.record_both()), ("wire", lang.record_wire()), ("plain", lang.save_plain())]
        }
        "log-format" => {
            let formats = Format::ALL.into_iter().filter(|format| *format != Format::Pcapng);
            formats.map(|format| (format.name(), format_name(lang, format))).collect()
        }
        _ => Vec::new(),
    }
}

/// The widget for one option.
pub(crate) fn option_ui(ui: &mut Ui, lang: Lang, session: &mut Session, name: &str, enabled: bool) {
    let Some((spec, (label, tip))) = OptionSpec::find(name).zip(lang.option(name)) else { return };
    let options = &mut session.options;
    let all = choices(lang, name);
    match spec.typed {
        Typed::Flag { .. } => {
            ui.add_enabled_ui(enabled, |ui| {
                let mut on = options.is_on(name);
                if widgets::tick(ui, &mut on, label, tip).changed() {
                    options.set(name, on.to_string());
                }
            });
        }
        Typed::Text { usual, .. } if !all.is_empty() => {
            let typed = options.text(name).trim().to_owned();
            let in_force = if typed.is_empty() { usual } else { &typed };
            let mut value = all.iter().find(|(one, _)| *one == in_force).map_or("", |(one, _)| *one);
            // A file may have another value, which stands here as it is.
            let word = |value| all.iter().find(|(one, _)| *one == value).map_or(&*typed, |(_, word)| word);
            let mut show = |ui: &mut Ui, label| {
                let combo = list(ui, spec.name, enabled).truncate();
                ui.add_enabled_ui(enabled, |ui| {
                    let values = all.iter().map(|(value, _)| *value);
                    widgets::combo(ui, combo, (label, tip), (&mut value, values), word);
                });
            };
            if matches!(spec.place(), Place::Tls | Place::WebSocket) {
                widgets::form_row(ui, ("", label), show);
            } else {
                let label = ui.label(label).id;
                show(ui, label);
            }
            if !value.is_empty() && value != in_force {
                options.set(name, value.to_owned());
            }
        }
        Typed::Choice(_) | Typed::Text { .. } => {
            let mut text = options.text(name).to_owned();
            let problem = spec.check(&text).err().map(|fault| messages::fault(lang, &fault));
            let field = Field::new((label, tip), problem).enabled(enabled);
            let in_row = matches!(spec.place(), Place::Tls | Place::WebSocket | Place::Faults);
            let field = if in_row { field.in_row("") } else { field };
            if field.show(ui, &mut text).changed() {
                options.set(name, text);
            }
        }
    }
}

/// The options under the network settings.
pub(super) fn options_ui(
    ui: &mut Ui,
    input: &SettingsInput<'_>,
    (session, password): (&mut Session, &mut Password),
    actions: &mut Vec<Action>,
) {
    let lang = input.lang;
    let idle = matches!(input.phase, Phase::Idle);
    if session.protocol == Protocol::TcpClient {
        let mut binds = session.binds();
        ui.add_enabled_ui(idle, |ui| {
            if widgets::tick(ui, &mut binds, lang.bind_client(), lang.bind_client_tip()).changed() {
                session.bind = Some(binds);
            }
        });
        if binds {
            let problems = session.problems();
            local_ui(ui, input, session, &problems, (["", ""], actions));
        }
    }
    let used = |place| {
        let protocol = session.protocol;
        OPTIONS.iter().filter(move |spec| spec.place() == place && spec.is_for(protocol))
    };
    // What only TLS and WebSocket use comes last.
    let is_rare = |spec: &&OptionSpec| matches!(spec.name, "tls-min" | "record" | "keylog");
    let options = used(Place::Options).filter(|spec| !is_rare(spec));
    let (options, multicast) = (options.chain(used(Place::Options).filter(is_rare)), used(Place::Multicast));
    for spec in options {
        let effect = session.options.without_effect(spec, session.protocol);
        let enabled = idle && !matches!(effect, Some(Fault::GivesWay(_)));
        option_ui(ui, lang, session, spec.name, enabled);
        if spec.name == "proxy" && session.options.text("proxy").contains('@') {
            let words = (lang.proxy_password(), lang.proxy_password_tip());
            Field::new(words, None).enabled(idle).hidden().show(ui, &mut password.0);
        }
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
