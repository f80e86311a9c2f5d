//! The list of peers: address, time, bytes each way; tick, half-close, disconnect.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use egui::containers::menu::MenuButton;
use egui::{Align, Button, Layout, RichText, ScrollArea, Ui, vec2};

use super::lang::Lang;
use super::theme::{self, Palette};
use super::{controls, icons, messages, widgets};
use crate::model::zone::Named;
use crate::model::{FlowId, MAX_PEERS, Protocol, Stamp};
use crate::state::{Action, Focus, Peer, Side};
use crate::workspace::{PeerNames, SendTo, SendToPeer};

/// Input of the list besides the peers.
#[derive(Debug, Clone, Copy)]
pub struct PeersInput<'a> {
    /// Language of the texts.
    pub lang: Lang,
    /// Protocol of the session.
    pub protocol: Protocol,
    /// The names of peers.
    pub names: &'a PeerNames,
    /// Time zone of shown times.
    pub zone: &'a jiff::tz::TimeZone,
    /// There is room for more than address and bytes.
    pub wide: bool,
    /// The peer that has left, and when, if there was only one.
    pub lost: Option<(SocketAddr, Stamp)>,
}

/// The least number of rows in sight.
const LEAST_ROWS: f32 = 3.0;

/// The list, in the rest of the panel down to `bottom`. Its ticks and the target of the send box are drafts; `serial` changes
/// whenever a peer does.
pub fn peers_ui(
    ui: &mut Ui,
    input: PeersInput<'_>,
    (peers, serial, bottom): (&mut BTreeMap<FlowId, Peer>, &mut u64, f32),
    to: &mut SendTo,
) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    let weak = Palette::of(ui).weak;
    let title = messages::peers(lang, input.protocol.is_stream());
    widgets::head(ui, (&format!("{title} {}", messages::grouped(peers.len() as u64)), ""), |ui| {
        for (sign, name, tip, focus) in [
            (icons::MAXIMIZE_2, lang.all_peers_panel(), lang.peers_panel_tip(), None),
            (icons::SEARCH, lang.peers_search(), lang.peers_search_tip(), Some(Focus::Dock)),
        ] {
            let more = Button::new(controls::icon(sign, 14.0)).small().min_size(vec2(20.0, 20.0));
            let more = ui.add(more.stroke(egui::Stroke::NONE).frame_when_inactive(false));
            let more = widgets::named(more, name).on_hover_text(format!("{name}\n{tip}"));
            if more.clicked() {
                actions.push(Action::ShowSide(Some(Side::Peers)));
                actions.extend(focus.map(Action::Focus));
            }
        }
        if peers.len() >= MAX_PEERS && !input.protocol.is_stream() {
            let cut = lang.peers_cut(messages::grouped(MAX_PEERS as u64));
            ui.add(egui::Label::new(RichText::new(cut).small().color(weak)).truncate());
        }
    });
    if let (Some((peer, at)), true) = (input.lost, peers.is_empty()) {
        lost_ui(ui, input, peer, at);
        return actions;
    }
    if peers.is_empty() {
        ui.label(RichText::new(lang.no_peers()).color(weak));
        return actions;
    }
    let height = (bottom - ui.cursor().top()).max(theme::CONTROL * LEAST_ROWS);
    // At the bottom of the scrolling panel no height is available, so a minimum is set.
    let area = ScrollArea::vertical().id_salt("peers").max_height(height).min_scrolled_height(height);
    ui.spacing_mut().item_spacing.y = 0.0;
    area.auto_shrink([false, true]).show_rows(ui, theme::CONTROL, peers.len(), |ui, range| {
        for peer in peers.values_mut().skip(range.start).take(range.len()) {
            let value = format!("← {}", messages::bytes(peer.received));
            let ticked = peer.ticked;
            actions.extend(peer_ui(ui, input, (peer, &value), to));
            *serial += u64::from(peer.ticked != ticked);
        }
    });
    actions
}

/// The row of a peer that has left.
fn lost_ui(ui: &mut Ui, input: PeersInput<'_>, peer: SocketAddr, at: Stamp) {
    let palette = Palette::of(ui);
    let address = Named(peer).to_string();
    let name = input.names.get(peer).map(|name| format!("{name} {}", messages::end_of_address(&address)));
    let shown = name.unwrap_or_else(|| address.clone());
    let left = input.lang.left_at(time_of_day(at, input.zone));
    widgets::from_the_right(ui, |ui| {
        ui.label(RichText::new(&left).small().color(palette.weak));
        widgets::from_the_left(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let tick = ui.add_enabled_ui(false, |ui| widgets::tick(ui, &mut false, "  ", "")).inner;
            let name = format!("{shown}, {left}");
            tick.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, false, false, &name));
            widgets::lost_lamp(ui);
            let label = egui::Label::new(RichText::new(shown).color(palette.failure)).truncate();
            ui.add(label).on_hover_text(address);
        });
    });
}

/// A row of the list, with one of its values.
pub(super) fn peer_ui(
    ui: &mut Ui,
    input: PeersInput<'_>,
    (peer, value): (&mut Peer, &str),
    to: &mut SendTo,
) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    ui.push_id(peer.flow.id.0, |ui| {
        let mut address = Named(peer.flow.peer).to_string();
        let mut tip = lang.peers_tip().to_owned();
        if let Some(twin) = &peer.twin {
            tip = format!("{address} ⇄ {} (:{})\n{tip}", Named(twin.peer), twin.local.port());
        }
        let named = input.names.get(peer.flow.peer);
        if let Some(name) = named {
            tip = format!("{name}\n{address}\n{tip}");
        }
        // A narrow list has no room for an address that is the same for all.
        match (&peer.target, &peer.twin) {
            (Some(target), _) => address = format!("{target} ⇄ {address}"),
            (None, Some(twin)) if input.wide => address = format!("{address} ⇄ {}", Named(twin.peer)),
            (None, _) => {}
        }
        let mut shown = address.clone();
        if let Some(name) = named {
            // Those of one host must not look the same.
            let end = if input.wide || peer.target.is_some() {
                &address
            } else {
                messages::end_of_address(&address)
            };
            (shown, address) = (format!("{name} {end}"), format!("{name} {address}"));
        }
        widgets::from_the_right(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            actions.extend(ends_ui(ui, input, (peer, &address), to, input.wide));
            let since = time_of_day(peer.flow.since, input.zone);
            let (received, sent) = (messages::bytes(peer.received), messages::bytes(peer.sent));
            let palette = Palette::of(ui);
            let value = RichText::new(format!("{}{value}", peer.fins())).small().color(palette.weak);
            let mut traffic = format!("{since}  ← {received}  → {sent}");
            let own = peer.own_fin.then(|| lang.own_fin(&address));
            for told in own.into_iter().chain(peer.peer_fin.then(|| lang.peer_fin(&address))) {
                traffic.extend(["\n", &told]);
            }
            ui.label(value).on_hover_text(traffic);
            let size = vec2(ui.available_width(), theme::CONTROL);
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
                let tick = widgets::tick(ui, &mut peer.ticked, &shown, &tip);
                let ticked = peer.ticked;
                tick.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, ticked, &address));
                if tick.changed() {
                    aim_at_ticked(input.protocol, to);
                }
            });
        });
    });
    actions
}

/// Whom one unticks is not to be sent to.
pub(super) fn aim_at_ticked(protocol: Protocol, to: &mut SendTo) {
    if *to == SendTo::All && protocol.is_stream() && !protocol.relays() {
        *to = SendTo::Ticked;
    }
}

/// At the right of a row, from its end: the menu, and the button that sends to this peer alone.
pub(super) fn ends_ui(
    ui: &mut Ui,
    input: PeersInput<'_>,
    (peer, address): (&Peer, &str),
    to: &mut SendTo,
    has_room: bool,
) -> Vec<Action> {
    let (lang, mut actions) = (input.lang, Vec::new());
    let dots = controls::icon(icons::ELLIPSIS, controls::ICON);
    let button = Button::new(dots).stroke(egui::Stroke::NONE).frame_when_inactive(false);
    let (menu, _) = MenuButton::from_button(button).ui(ui, |ui| {
        actions.extend(peer_menu(ui, input, peer, to));
    });
    let name = format!("{} {address}", lang.peer_actions());
    widgets::named(menu, &name).on_hover_text(name);
    let is_target = to.is(peer.flow.id);
    if is_target || has_room {
        let (name, tip) = (format!("{} {address}", lang.send_only_to()), lang.send_only_to_tip());
        if controls::tool(ui, (icons::SEND, None), (true, is_target), (&name, tip)).clicked() {
            *to = if is_target {
                SendTo::All
            } else {
                SendTo::Peer(SendToPeer::there(peer.flow.peer, peer.flow.id))
            };
        }
    }
    actions
}

/// A time without its date.
pub(super) fn time_of_day(time: Stamp, zone: &jiff::tz::TimeZone) -> String {
    let time = super::log::layout::local_time(time, zone);
    time.get(11..19).unwrap_or(&time).to_owned()
}

fn peer_menu(ui: &mut Ui, input: PeersInput<'_>, peer: &Peer, to: &mut SendTo) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    let flow = peer.flow.id;
    if widgets::entry(ui, lang.send_only_to(), lang.send_only_to_tip()) {
        *to = SendTo::Peer(SendToPeer::there(peer.flow.peer, flow));
    }
    if let Some(twin) = &peer.twin
        && widgets::entry(ui, lang.send_upstream(), lang.send_upstream_tip())
    {
        *to = SendTo::Peer(SendToPeer::upstream(peer.flow.peer, twin.id));
    }
    if widgets::entry(ui, lang.rename_peer(), lang.rename_peer_tip()) {
        actions.push(Action::RenamePeer(Some(flow)));
    }
    let entries = if input.protocol.is_stream() {
        vec![
            (lang.half_close(), lang.half_close_tip(), Action::HalfClose(vec![flow])),
            (lang.start_tls(), lang.start_tls_tip(), Action::StartTls(vec![flow])),
            (lang.disconnect(), lang.disconnect_tip(), Action::Disconnect(vec![flow])),
            (lang.reset_peer(), lang.reset_peer_tip(), Action::Reset(vec![flow])),
        ]
    } else {
        vec![(lang.forget(), lang.forget_tip(), Action::Disconnect(vec![flow]))]
    };
    for (label, tip, action) in entries {
        actions.extend(widgets::entry(ui, label, tip).then_some(action));
    }
    actions
}
