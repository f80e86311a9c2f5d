//! Windows: the main one, and those of panes, which are native ones and drawn together with it.

use eframe::egui;
use egui::{Event, Sense, Ui, UiBuilder, Vec2, ViewportBuilder, ViewportClass, ViewportId, vec2};

use super::App;
use super::geometry::LEAST;
use crate::state::{Action, PaneId, TabId};
use crate::ui::drop::Dragged;
use crate::ui::tabs;

/// The size of a new window.
const SIZE: Vec2 = vec2(1040.0, 700.0);

fn window_of(pane: PaneId) -> ViewportId {
    ViewportId::from_hash_of(("pane", pane))
}

impl App {
    /// The window of the session that is worked in.
    pub(super) fn window_in_use(&self) -> ViewportId {
        let pane = self.state.tab().pane;
        if self.state.is_detached(pane) { window_of(pane) } else { ViewportId::ROOT }
    }

    /// Shows the panes that have a window of their own.
    pub(super) fn windows(&mut self, ui: &Ui) -> Vec<(TabId, Action)> {
        let mut asked = Vec::new();
        for pane in self.state.detached.clone() {
            let Some(title) = self.state.find(self.state.front(pane)).map(tabs::title) else { continue };
            let builder = ViewportBuilder::default().with_title(format!("{title} – netassist"));
            let builder = builder.with_app_id("netassist").with_inner_size(SIZE).with_min_inner_size(LEAST);
            ui.ctx().show_viewport_immediate(window_of(pane), builder, |ui, class| {
                if class == ViewportClass::EmbeddedWindow {
                    // Where there are no native windows, it is drawn over the main one, which has the keyboard.
                    let (whole, _) = ui.allocate_exact_size(SIZE, Sense::empty());
                    let place = UiBuilder::new().max_rect(whole);
                    asked.extend(ui.scope_builder(place, |ui| self.window(ui, Some(pane), false)).inner);
                } else {
                    asked.extend(self.window(ui, Some(pane), true));
                }
            });
        }
        asked
    }

    /// Makes the session that is in front in a window the active one, to draw that. Returns the one that is worked in, which is
    /// the same if the user does something in this window.
    pub(super) fn enter(&mut self, ui: &Ui, own: Option<PaneId>, is_native: bool) -> TabId {
        let front = match own {
            Some(pane) => self.state.front(pane),
            None => self.in_main(),
        };
        let is_work = |event: &Event| !matches!(event, Event::PointerMoved(_) | Event::PointerGone);
        let is_native = is_native && !ui.ctx().embed_viewports();
        let (has_keys, has_events, is_worked_in) = ui.input(|i| {
            let pressed = i.pointer.interact_pos().filter(|_| i.pointer.any_pressed());
            let is_pressed = own.is_some() && pressed.is_some_and(|at| ui.max_rect().contains(at));
            let is_worked_in = is_native && i.focused && i.raw.events.iter().any(is_work);
            (i.focused, !i.raw.events.is_empty(), is_pressed || is_worked_in)
        });
        if is_native && has_events {
            self.touch(ui.ctx());
        }
        if is_worked_in && self.state.active != front {
            self.state.act(Action::SelectTab(front));
        }
        let in_use = std::mem::replace(&mut self.state.active, front);
        if has_keys && (is_native || in_use == front) {
            self.state.tab_mut().looked_at();
        }
        in_use
    }

    /// The session that is in front where one has worked in the main window.
    fn in_main(&self) -> TabId {
        let is_there = |id: &TabId| self.state.find(*id).is_some_and(|tab| !self.state.is_detached(tab.pane));
        let known = [self.state.active, self.tab_in_main].into_iter().find(is_there);
        known.unwrap_or_else(|| self.state.front(self.state.first_pane()))
    }

    /// What a native window is told by the system: to close, and of files that are dropped onto it.
    pub(super) fn in_native(&mut self, ui: &Ui) -> Vec<Action> {
        let (is_closed, dropped) =
            ui.input(|i| (i.viewport().close_requested(), i.raw.dropped_files.clone()));
        let tab = self.state.tab();
        let take = dropped.iter().map(|file| match Dragged::of(file.path()) {
            Dragged::File if !tab.is_viewer() => Action::TakeFile(file.path().to_owned()),
            Dragged::File | Dragged::Openable => Action::OpenCapture(file.path().to_owned()),
        });
        is_closed.then_some(Action::Attach(tab.pane)).into_iter().chain(take).collect()
    }
}
