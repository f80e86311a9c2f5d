//! The list of peers: address, time, bytes each way; tick, half-close, disconnect.

use std::collections::BTreeMap;

use egui::{RichText, ScrollArea, Ui};

use super::lang::Lang;
use super::theme::Palette;
use super::{messages, widgets};
use crate::model::zone::Named;
use crate::model::{FlowId, MAX_PEERS, Protocol};
use crate::state::{Action, Peer, SendTo};

/// Input of the list besides the peers.
#[derive(Debug, Clone, Copy)]
pub struct PeersInput<'a> {
    /// Language of the texts.
    pub lang: Lang,
    /// Protocol of the session.
    pub protocol: Protocol,
    /// Time zone of shown times.
    pub zone: &'a jiff::tz::TimeZone,
}

const ROW_HEIGHT: f32 = 42.0;

/// The list. Its ticks and the target of the send box are drafts.
pub fn peers_ui(
    ui: &mut Ui,
    input: PeersInput<'_>,
    peers: &mut BTreeMap<FlowId, Peer>,
    to: &mut SendTo,
) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    let title = if input.protocol.is_stream() { lang.all_connections() } else { lang.known_peers() };
    widgets::section(ui, &format!("{title} ({})", peers.len()), |ui| {
        let (height, is_server) = (ROW_HEIGHT * 4.0, input.protocol == Protocol::TcpServer);
        if is_server {
            // What stands below does not move when clients come and go.
            ui.set_min_height(ui.min_rect().height() + ui.spacing().item_spacing.y + height);
        }
        if peers.is_empty() {
            ui.label(RichText::new(lang.no_peers()).color(Palette::of(ui).weak));
            return;
        }
        if peers.len() >= MAX_PEERS && !input.protocol.is_stream() {
            let cut = lang.peers_cut(messages::grouped(MAX_PEERS as u64));
            ui.label(RichText::new(cut).small().color(Palette::of(ui).weak));
        }
        let n = peers.len();
        // At the bottom of the scrolling panel no height is available, so a minimum is set.
        let area = ScrollArea::vertical().id_salt("peers").max_height(height).min_scrolled_height(height);
        let row_height = ROW_HEIGHT - ui.spacing().item_spacing.y;
        area.auto_shrink([false, true]).show_rows(ui, row_height, n, |ui, range| {
            for peer in peers.values_mut().skip(range.start).take(range.len()) {
                actions.extend(peer_ui(ui, input, peer, to));
            }
        });
    });
    actions
}

fn peer_ui(ui: &mut Ui, input: PeersInput<'_>, peer: &mut Peer, to: &mut SendTo) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    ui.push_id(peer.flow.id.0, |ui| {
        ui.set_height(ROW_HEIGHT - ui.spacing().item_spacing.y);
        ui.spacing_mut().item_spacing.y = 1.0;
        let address = Named(peer.flow.peer).to_string();
        ui.horizontal(|ui| {
            widgets::tick(ui, &mut peer.ticked, &address, lang.peers_tip());
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let (menu, _) = egui::containers::menu::MenuButton::new("…").ui(ui, |ui| {
                    actions.extend(peer_menu(ui, input, peer, to));
                });
                let name = format!("{} {address}", lang.peer_actions());
                widgets::named(menu, &name).on_hover_text(name);
            });
        });
        let since = super::log::layout::local_time(peer.flow.since, input.zone);
        let time = since.get(11..19).unwrap_or(&since).to_owned();
        let (received, sent) = (messages::bytes(peer.received), messages::bytes(peer.sent));
        let fin = if peer.finished { "  FIN" } else { "" };
        let line = format!("{time}  ← {received}  → {sent}{fin}");
        ui.label(RichText::new(line).small().color(Palette::of(ui).weak)).on_hover_text(since);
    });
    actions
}

fn peer_menu(ui: &mut Ui, input: PeersInput<'_>, peer: &Peer, to: &mut SendTo) -> Vec<Action> {
    let lang = input.lang;
    let mut actions = Vec::new();
    let flow = peer.flow.id;
    if widgets::entry(ui, lang.send_only_to(), lang.send_only_to_tip()) {
        *to = SendTo::Peer(flow);
    }
    let entries = if input.protocol.is_stream() {
        vec![
            (lang.half_close(), lang.half_close_tip(), Action::HalfClose(vec![flow])),
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
