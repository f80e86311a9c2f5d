//! The layout of the window, and what of the state each panel shows.

use std::ops::RangeInclusive;

use eframe::egui;
use egui::{Align, Color32, Frame, Layout, Margin, Rangef, Rect, Role, ScrollArea, Ui, vec2};

use super::{App, commands};
use crate::net::wall_now;
use crate::state::{Action, Example, RulesAction, SaveScope, SendTo, Side, State};
use crate::ui::lang::Lang;
use crate::ui::peers::{PeersInput, peers_ui};
use crate::ui::send::{self, SendInput, send_ui};
use crate::ui::settings::{self, ReceiveInput, SettingsInput, network_ui, receive_ui};
use crate::ui::theme::Palette;
use crate::ui::{
    commands as command_list, controls, dialogs, save, side, status, tabs, theme, widgets, workspace,
};

/// Where the parts of the window are.
struct Places {
    left: Rect,
    tabs: Rect,
    /// The toolbar, the bars below it, and the log.
    log: Rect,
    send: Option<Rect>,
    dock: Option<(Rect, Side)>,
    rail: Rect,
    status: Rect,
}

/// A part of the window.
struct Region {
    name: &'static str,
    place: Rect,
    fill: Color32,
    margin: Margin,
}

impl Region {
    fn new(name: &'static str, place: Rect) -> Self {
        Self { name, place, fill: Color32::TRANSPARENT, margin: Margin::same(8) }
    }

    fn show<R>(self, ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
        ui.painter().rect_filled(self.place, 0, self.fill);
        let builder = egui::UiBuilder::new().id_salt(self.name).max_rect(self.place - self.margin);
        let shown = ui.scope_builder(builder.accessibility_role(egui::accesskit::Role::Pane), |ui| {
            ui.shrink_clip_rect(self.place);
            content(ui)
        });
        shown.inner
    }
}

/// Where a line between two parts is dragged to.
fn dragged(ui: &mut Ui, (id, name): (&str, &str), at: f32, along: Rangef, vertical: bool) -> Option<f32> {
    let across = Rangef::new(at - 3.0, at + 3.0);
    let (rect, icon) = if vertical {
        (Rect::from_x_y_ranges(across, along), egui::CursorIcon::ResizeHorizontal)
    } else {
        (Rect::from_x_y_ranges(along, across), egui::CursorIcon::ResizeVertical)
    };
    let response = ui.interact(rect, ui.scope_id().with(id), egui::Sense::DRAG).on_hover_cursor(icon);
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Splitter, true, name));
    let pointer = response.interact_pointer_pos().filter(|_| response.dragged())?;
    Some(if vertical { pointer.x } else { pointer.y })
}

impl App {
    pub(super) fn panels(&mut self, ui: &mut Ui) -> Vec<Action> {
        let lang = self.lang();
        let mode = self.state.tab().session.view.mode;
        let position = self.views.get(&self.state.active).map_or(0, |views| views.position(mode));
        let before = self.composing;
        self.composing = commands::composes(ui, before);
        let composing = before || self.composing;
        let (mut actions, toggled) = commands::pressed(ui, &self.state, position, composing);
        self.toggled.framing |= toggled.framing;
        self.toggled.filter |= toggled.filter;
        let places = self.places(ui.max_rect());
        let palette = Palette::of(ui);
        ui.painter().rect_filled(ui.max_rect(), 0, palette.ground);
        let side = Region { fill: palette.panel, margin: Margin::ZERO, ..Region::new("side", places.left) };
        actions.extend(side.show(ui, |ui| self.left(ui, lang, places.left)));
        let strip = Region { margin: Margin { left: 8, ..Margin::ZERO }, ..Region::new("tabs", places.tabs) };
        strip.show(ui, |ui| {
            let State { tabs, active, renaming, .. } = &mut self.state;
            actions.extend(tabs::tabs_ui(ui, lang, (tabs, *active), renaming));
        });
        let middle =
            Region { fill: palette.panel, margin: Margin::ZERO, ..Region::new("middle", places.log) };
        actions.extend(middle.show(ui, |ui| self.central_panel(ui, lang)));
        self.dropping.send = None;
        if let Some(place) = places.send {
            let send = Region { fill: palette.panel, ..Region::new("send", place) };
            send.show(ui, |ui| actions.extend(self.send(ui, lang)));
            self.dropping.send = Some(place);
        }
        if self.state.tab_mut().new_rules().is_some() {
            actions.push(Action::Rules(RulesAction::Apply));
        }
        if let Some((place, side)) = places.dock {
            let dock = Region { fill: palette.panel, ..Region::new("dock", place) };
            dock.show(ui, |ui| actions.extend(self.dock(ui, lang, side)));
        }
        let rail = Region { margin: Margin { top: 40, ..Margin::ZERO }, ..Region::new("rail", places.rail) };
        rail.show(ui, |ui| {
            let tab = self.state.tab();
            let (open, enabled) = (self.state.layout.side, !tab.is_viewer());
            let relays = tab.session.protocol.relays();
            ui.spacing_mut().item_spacing.y = 0.0;
            side::rail_ui(ui, lang, (open.filter(|_| enabled), enabled, relays), &mut actions);
        });
        let foot = Region { margin: Margin::symmetric(8, 0), ..Region::new("status", places.status) };
        foot.show(ui, |ui| actions.extend(status::status_ui(ui, lang, self.state.tab())));
        self.lines(ui, &places);
        actions.extend(self.offer_charset(ui, lang, self.log_rect.shrink(10.0)));
        actions.extend(self.over(ui, lang, position));
        self.over_dragged(ui, lang);
        controls::focus_ring(ui);
        actions
    }

    /// Cuts the window into its parts, before any of them is drawn: what one holds moves no other.
    fn places(&self, window: Rect) -> Places {
        let layout = &self.state.layout;
        let viewer = self.state.tab().is_viewer();
        let (above, status) = window.split_top_bottom_at_y(window.bottom() - theme::STATUS);
        let most = (window.width() - theme::RAIL - theme::LOG_LEAST).max(*theme::LEFT.start());
        let wanted = f32::from(layout.left_width).clamp(*theme::LEFT.start(), *theme::LEFT.end());
        let left = if layout.left_folded { theme::RAIL } else { wanted.min(most) };
        let (left, rest) = above.split_left_right_at_x(above.left() + left);
        let (middle, rail) = rest.split_left_right_at_x(rest.right() - theme::RAIL);
        let wanted = f32::from(layout.side_width).clamp(*theme::DOCK.start(), *theme::DOCK.end());
        let room = middle.width() - theme::LOG_LEAST;
        let side = layout.side.filter(|_| !viewer);
        let beside = side.filter(|_| room >= *theme::DOCK.start());
        let dock = middle.right() - if beside.is_some() { wanted.min(room) } else { 0.0 };
        let (pane, dock) = middle.split_left_right_at_x(dock);
        let (tabs, pane) = pane.split_top_bottom_at_y(pane.top() + theme::BAR);
        let most = (pane.height() * 0.5).max(send::height(self.state.tab(), 0.0));
        let height = send::height(self.state.tab(), f32::from(layout.box_height)).min(most);
        let (log, send) = pane.split_top_bottom_at_y(pane.bottom() - if viewer { 0.0 } else { height });
        let below = log.bottom() - if beside.is_none() && side.is_some() { log.height() * 0.4 } else { 0.0 };
        let (log, under) = log.split_top_bottom_at_y(below.round());
        Places {
            left,
            tabs,
            log,
            send: (!viewer).then_some(send),
            dock: side.map(|side| (if beside.is_some() { dock } else { under }, side)),
            rail,
            status,
        }
    }

    /// The lines between the parts, of which some can be dragged.
    fn lines(&mut self, ui: &mut Ui, places: &Places) {
        let Places { left, log, send, dock, rail, status, tabs } = places;
        let line = egui::Stroke::new(1.0, Palette::of(ui).line);
        ui.painter().vline(left.right() - 0.5, left.y_range(), line);
        ui.painter().vline(rail.left() + 0.5, rail.y_range(), line);
        ui.painter().hline(status.x_range(), status.top() + 0.5, line);
        ui.painter().hline(left.x_range(), left.top() + theme::BAR - 0.5, line);
        let from = |points: f32, range: &RangeInclusive<f32>| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "some hundred points"
            )]
            let points = points.clamp(*range.start(), *range.end()).round() as u16;
            points
        };
        let lang = self.lang();
        let layout = &mut self.state.layout;
        if !layout.left_folded
            && let Some(x) =
                dragged(ui, ("left line", lang.resize_left()), left.right(), left.y_range(), true)
        {
            layout.left_width = from(x - left.left(), &theme::LEFT);
        }
        if let Some((dock, _)) = dock {
            let (beside, line_y) = (dock.left() > log.left() + 1.0, dock.top() + 0.5);
            if beside {
                ui.painter().vline(dock.left() + 0.5, dock.y_range(), line);
                if let Some(x) =
                    dragged(ui, ("dock line", lang.resize_dock()), dock.left(), dock.y_range(), true)
                {
                    layout.side_width = from(dock.right() - x, &theme::DOCK);
                }
            } else {
                ui.painter().hline(dock.x_range(), line_y, line);
            }
        }
        if let Some(send) = send {
            ui.painter().hline(send.x_range(), send.top() + 0.5, line);
            if let Some(y) = dragged(ui, ("send line", lang.resize_send()), send.top(), send.x_range(), false)
            {
                let height = f32::from(layout.box_height) + send.top() - y;
                layout.box_height = from(height, &(60.0..=(tabs.height() + log.height()).max(60.0)));
            }
            let grip = Rect::from_center_size(send.center_top() + vec2(0.0, 3.0), vec2(32.0, 3.0));
            ui.painter().rect_filled(grip, 1, Palette::of(ui).edge);
        }
    }

    /// The left column: what to open, how to show it, and who is connected; or its rail.
    fn left(&mut self, ui: &mut Ui, lang: Lang, place: Rect) -> Vec<Action> {
        let has_session = !self.state.tab().is_viewer();
        let folded = self.state.layout.left_folded;
        if folded {
            ui.spacing_mut().item_spacing.y = 4.0;
            ui.vertical_centered(|ui| ui.add_space(4.0));
        }
        let size = if folded { place.size() } else { vec2(place.width(), theme::BAR) };
        let layout =
            if folded { Layout::top_down(Align::Center) } else { Layout::left_to_right(Align::Center) };
        let head = Rect::from_min_size(place.min, size).shrink2(vec2(8.0, if folded { 6.0 } else { 0.0 }));
        let builder = egui::UiBuilder::new().id_salt("head").max_rect(head).layout(layout);
        let mut actions = ui.scope_builder(builder, |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let mut actions = tabs::head_ui(ui, lang, (has_session, folded), &self.state.settings);
            if folded {
                let tab = self.state.tab();
                actions.extend(settings::rail_ui(ui, lang, tab));
            }
            actions
        });
        if folded {
            return actions.inner;
        }
        let body = place.with_min_y(place.top() + theme::BAR).with_max_x(place.right() - 1.0);
        let builder = egui::UiBuilder::new().id_salt("body").max_rect(body);
        ui.scope_builder(builder, |ui| {
            ScrollArea::vertical().id_salt("side scroll").auto_shrink([false, false]).show(ui, |ui| {
                let margin = Margin { left: 12, right: 11, top: 6, bottom: 0 };
                Frame::new().inner_margin(margin).show(ui, |ui| {
                    ui.set_width(body.width() - 23.0);
                    let id = self.state.active;
                    let bottom = body.bottom();
                    actions.inner.extend(ui.push_id(id, |ui| self.side(ui, lang, bottom)).inner);
                });
            });
        });
        actions.inner
    }

    fn side(&mut self, ui: &mut Ui, lang: Lang, bottom: f32) -> Vec<Action> {
        let mut actions = Vec::new();
        let (addresses, recent) = (self.state.addresses.clone(), self.state.settings.recent_remotes.clone());
        let zone = self.zone.clone();
        let tab = self.state.tab_mut();
        let protocol = tab.session.protocol;
        if !tab.is_viewer() {
            let input = SettingsInput {
                lang,
                phase: &tab.phase,
                stalled: tab.stalled.is_some(),
                addresses: &addresses,
                recent: &recent,
                n_peers: tab.peers.len(),
                connection: tab.peers.keys().next().copied().filter(|_| protocol.connects()),
                show_problems: tab.show_problems,
            };
            let remote = tab.session.remote.clone();
            actions.extend(network_ui(ui, &input, &mut tab.session));
            if tab.session.remote != remote {
                // Who edits the remote wants to send there.
                tab.send.to = SendTo::All;
            }
            widgets::part_line(ui, 12.0);
        }
        let input = ReceiveInput {
            lang,
            view: tab.session.view,
            follows: tab.held.is_none(),
            n_shown: tab.shown.len(),
            charset: tab.session.charset,
            cleared: tab.cleared > 0,
            has_capture: tab.capture.is_some(),
        };
        actions.extend(receive_ui(ui, input));
        if !tab.is_viewer() && (protocol.accepts() || !tab.peers.is_empty()) {
            widgets::part_line(ui, 12.0);
            let input = PeersInput { lang, protocol, zone: &zone };
            actions.extend(peers_ui(ui, input, (&mut tab.peers, bottom), &mut tab.send.to));
        }
        actions
    }

    fn send(&mut self, ui: &mut Ui, lang: Lang) -> Vec<Action> {
        let key = self.state.settings.send_key;
        let (now_ns, zone) = (wall_now().0, self.zone.clone());
        let tab = self.state.tab_mut();
        tab.send.example = Example { now_ns, zone, peer: tab.example_peer() };
        let input = SendInput {
            lang,
            protocol: tab.session.protocol,
            charset: tab.session.charsets().sent,
            key,
            open: tab.can_send(),
            idle: !tab.is_locked(),
            remote: tab.session.remote.remote().ok().flatten(),
            peers: &tab.peers,
            twins: &tab.twins,
            index: &tab.log,
            cycles: &tab.cycles,
            files: &tab.files,
            last: tab.last_sender,
        };
        // The toolkit keeps cursor and undo of a field by its id: each tab has its own.
        ui.push_id(tab.id, |ui| send_ui(ui, &input, &mut tab.send, &mut tab.session)).inner
    }

    fn over(&mut self, ui: &Ui, lang: Lang, position: u64) -> Vec<Action> {
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
        if self.state.palette.is_some() {
            return self.palette(ui, lang, position);
        }
        let tab = self.state.tab_mut();
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
        save::save_ui(ui, lang, &mut tab.save, (&offered, tab.log.first()))
    }
}
