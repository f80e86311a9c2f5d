//! The layout of the window, and what of the state each panel shows.

use eframe::egui;
use egui::{CentralPanel, Frame, Margin, Panel, ScrollArea, Ui};

use super::{App, commands};
use crate::model::Protocol;
use crate::net::wall_now;
use crate::state::{Action, Example, SaveScope, State};
use crate::ui::lang::Lang;
use crate::ui::peers::{PeersInput, peers_ui};
use crate::ui::send::{SendInput, send_ui};
use crate::ui::settings::{ReceiveInput, SettingsInput, network_ui, receive_ui};
use crate::ui::{commands as command_list, dialogs, save, status, tabs, theme, workspace};

impl App {
    pub(super) fn panels(&mut self, ui: &mut Ui) -> Vec<Action> {
        let lang = self.lang();
        let mode = self.state.tab().session.view.mode;
        let position = self.views.get(&self.state.active).map_or(0, |views| views.position(mode));
        let before = self.composing;
        self.composing = commands::composes(ui, before);
        let composing = before || self.composing;
        let (mut actions, toggled) = commands::pressed(ui, &self.state, position, composing);
        self.toggled = toggled;
        let bar = Frame::side_top_panel(ui.style()).inner_margin(Margin::symmetric(8, 5));
        Panel::top("tabs").frame(bar).show(ui, |ui| {
            let State { tabs, active, settings, renaming, .. } = &mut self.state;
            actions.extend(tabs::tabs_ui(ui, lang, (tabs, *active), renaming, settings));
        });
        let foot = Frame::side_top_panel(ui.style()).inner_margin(Margin::symmetric(8, 4));
        Panel::bottom("status").frame(foot).show(ui, |ui| {
            actions.extend(status::status_ui(ui, lang, self.state.tab()));
        });
        let side =
            Frame::side_top_panel(ui.style()).inner_margin(Margin { left: 8, right: 4, top: 8, bottom: 8 });
        Panel::left("side").exact_size(theme::SIDE_WIDTH).resizable(false).frame(side).show(ui, |ui| {
            ScrollArea::vertical().id_salt("side scroll").auto_shrink([false, false]).show(ui, |ui| {
                ui.set_width(theme::SIDE_WIDTH - 26.0);
                let id = self.state.active;
                actions.extend(ui.push_id(id, |ui| self.side(ui, lang)).inner);
            });
        });
        self.dropping.send = None;
        if !self.state.tab().is_viewer() {
            let frame = Frame::side_top_panel(ui.style()).inner_margin(Margin::symmetric(10, 6));
            let shown = Panel::bottom("send").frame(frame).show(ui, |ui| actions.extend(self.send(ui, lang)));
            self.dropping.send = Some(shown.response.rect);
        }
        actions.extend(self.side_panel(ui, lang));
        let central_panel = Frame::central_panel(ui.style()).inner_margin(Margin::same(8));
        CentralPanel::default()
            .frame(central_panel)
            .show(ui, |ui| actions.extend(self.central_panel(ui, lang)));
        actions.extend(self.offer_charset(ui, lang, self.log_rect.shrink(10.0)));
        actions.extend(self.over(ui, lang));
        self.over_dragged(ui, lang);
        actions
    }

    fn side(&mut self, ui: &mut Ui, lang: Lang) -> Vec<Action> {
        let mut actions = Vec::new();
        let (addresses, recent) = (self.state.addresses.clone(), self.state.settings.recent_remotes.clone());
        let zone = self.zone.clone();
        let tab = self.state.tab_mut();
        if !tab.is_viewer() {
            let input = SettingsInput {
                lang,
                phase: &tab.phase,
                stalled: tab.stalled.is_some(),
                addresses: &addresses,
                recent: &recent,
                n_peers: tab.peers.len(),
                show_problems: tab.show_problems,
            };
            actions.extend(network_ui(ui, &input, &mut tab.session));
            ui.add_space(theme::GAP);
        }
        let protocol = tab.session.protocol;
        // The clients of a server are in sight in a small window, too.
        if protocol == Protocol::TcpServer && !tab.is_viewer() {
            let input = PeersInput { lang, protocol, zone: &zone };
            actions.extend(peers_ui(ui, input, &mut tab.peers, &mut tab.send.to));
            ui.add_space(theme::GAP);
        }
        let input = ReceiveInput {
            lang,
            view: tab.session.view,
            charset: tab.session.charset,
            paused: tab.paused.is_some(),
            cleared: tab.cleared > 0,
            has_capture: tab.capture.is_some(),
        };
        actions.extend(receive_ui(ui, input));
        if protocol != Protocol::TcpServer && !tab.peers.is_empty() {
            ui.add_space(theme::GAP);
            let input = PeersInput { lang, protocol, zone: &zone };
            actions.extend(peers_ui(ui, input, &mut tab.peers, &mut tab.send.to));
        }
        actions
    }

    fn send(&mut self, ui: &mut Ui, lang: Lang) -> Vec<Action> {
        let (key, side) = (self.state.settings.send_key, self.state.layout.side);
        let (now_ns, zone) = (wall_now().0, self.zone.clone());
        let tab = self.state.tab_mut();
        tab.send.example = Example { now_ns, zone, peer: tab.example_peer() };
        let input = SendInput {
            lang,
            protocol: tab.session.protocol,
            charset: tab.session.charset,
            key,
            open: tab.can_send(),
            idle: !tab.is_locked(),
            remote: tab.session.remote.remote().ok().flatten(),
            peers: &tab.peers,
            index: &tab.log,
            cycles: &tab.cycles,
            files: &tab.files,
            side,
        };
        // The toolkit keeps cursor and undo of a field by its id: each tab has its own.
        ui.push_id(tab.id, |ui| send_ui(ui, &input, &mut tab.send, &mut tab.session)).inner
    }

    fn over(&mut self, ui: &Ui, lang: Lang) -> Vec<Action> {
        if let Some(question) = &self.state.question {
            return dialogs::question_ui(ui, lang, question);
        }
        if self.state.recent_open {
            let State { recent, settings, capture_path, capture_wrong, .. } = &mut self.state;
            let (now, typed) = ((wall_now(), &self.zone), (capture_path, &*capture_wrong));
            return dialogs::recent_ui(ui, lang, recent, now, settings, typed);
        }
        if let Some(commands) = &mut self.state.commands {
            return command_list::commands_ui(ui, lang, commands);
        }
        let tab = self.state.tab_mut();
        if let Some(go_to) = &mut tab.go_to {
            return dialogs::go_to_ui(ui, lang, go_to);
        }
        if let Some(note) = &mut tab.note {
            return dialogs::note_ui(ui, lang, note);
        }
        if tab.workspace.open {
            return workspace::workspace_ui(ui, lang, &mut tab.workspace);
        }
        if !tab.save.open {
            return Vec::new();
        }
        let mut offered = vec![SaveScope::Whole];
        if !tab.shown.is_empty() {
            offered.push(SaveScope::Shown);
        }
        let (mode, len) = (tab.session.view.mode, tab.shown.len());
        if self.views.get(&tab.id).is_some_and(|views| views.selected(mode, len).is_some()) {
            offered.push(SaveScope::Selected);
        }
        save::save_ui(ui, lang, &mut tab.save, &offered)
    }
}
