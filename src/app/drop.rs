//! Files that are dragged over the window and dropped onto it.

use std::path::PathBuf;

use eframe::egui;
use egui::{Rect, Ui};

use super::App;
use crate::state::{Action, TabId};
use crate::ui::drop::{Dragged, Places, drop_ui};
use crate::ui::lang::Lang;

/// Most systems report the pointer only after a drag from another program, with its
/// next movement. The longest wait for that, in seconds.
const WAIT: f64 = 0.3;

/// Dropped files that are still to be handled.
#[derive(Debug, Default)]
pub(super) struct Dropping {
    paths: Vec<PathBuf>,
    since: f64,
    /// The tab in front of each pane, and where its log and its send panel are.
    pub(super) panes: Vec<(TabId, Places)>,
}

impl App {
    /// Captures and workspaces that were dropped onto the window are opened. Those that were dropped onto the send panel, and
    /// other files, are chosen to be sent.
    pub(super) fn take_dropped(&mut self, ctx: &egui::Context) {
        let (dropped, position, now) = ctx.input(|i| {
            let paths: Vec<PathBuf> = i.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect();
            (paths, i.pointer.latest_pos(), i.time)
        });
        if !dropped.is_empty() {
            self.dropping.paths.extend(dropped);
            self.dropping.since = now;
        }
        if self.dropping.paths.is_empty() {
            return;
        }
        let left = self.dropping.since + WAIT - now;
        let depends = self.dropping.panes.iter().any(|(_, places)| places.send.is_some())
            && self.dropping.paths.iter().any(|path| Dragged::of(path) == Dragged::Openable);
        if depends && position.is_none() && left > 0.0 {
            ctx.request_repaint_after(std::time::Duration::from_secs_f64(left));
            return;
        }
        let holds = |place: Option<Rect>| place.zip(position).is_some_and(|(place, at)| place.contains(at));
        let mut panes = self.dropping.panes.iter();
        let over = panes.find(|(_, places)| holds(Some(places.log)) || holds(places.send)).copied();
        let over_send = over.is_some_and(|(_, places)| holds(places.send));
        if let Some((tab, _)) = over {
            self.act(Action::SelectTab(tab), ctx);
        }
        for path in std::mem::take(&mut self.dropping.paths) {
            let sends = match Dragged::of(&path) {
                Dragged::Openable => over_send,
                Dragged::File => !self.state.tab().is_viewer(),
            };
            self.act(if sends { Action::TakeFile(path) } else { Action::OpenCapture(path) }, ctx);
        }
    }

    pub(super) fn over_dragged(&self, ui: &Ui, lang: Lang) {
        let dragged = ui.input(|i| {
            let path = i.raw.hovered_files.first().map(|file| file.path.clone());
            path.map(|path| path.as_deref().map(Dragged::of))
        });
        if let Some(dragged) = dragged {
            self.dropping.panes.iter().for_each(|(_, places)| drop_ui(ui, lang, dragged, *places));
        }
    }
}
