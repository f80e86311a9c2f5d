//! The panel beside the log, and the files of the histories that stand in it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui;
use egui::{Frame, Margin, Panel, Ui};

use super::App;
use crate::codec::frame::Framing;
use crate::net::wall_now;
use crate::state::{Action, Past, RulesAction, Side};
use crate::store;
use crate::ui::lang::Lang;
use crate::ui::side::heading_ui;
use crate::ui::side::history::history_ui;
use crate::ui::side::quick::{QuickInput, quick_ui};
use crate::ui::side::rules::{RulesInput, rules_ui};

const LEAST: f32 = 220.0;
/// The least width of the log, in points.
const LOG_LEAST: f32 = 250.0;

impl App {
    pub(super) fn side_panel(&mut self, ui: &mut Ui, lang: Lang) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.state.tab_mut().new_rules().is_some() {
            actions.push(Action::Rules(RulesAction::Apply));
        }
        let Some(side) = self.state.layout.side.filter(|_| !self.state.tab().is_viewer()) else {
            return actions;
        };
        let wanted = f32::from(self.state.layout.side_width);
        let most = (ui.available_width() - LOG_LEAST).max(LEAST);
        let frame = Frame::side_top_panel(ui.style()).inner_margin(Margin::same(8));
        let panel = Panel::right("side_panel").resizable(true).default_size(wanted).size_range(LEAST..=most);
        let shown = panel.frame(frame).show(ui, |ui| {
            heading_ui(ui, lang, side, &mut actions);
            let now = wall_now();
            let tab = self.state.tab_mut();
            let open = tab.can_send();
            ui.push_id((tab.id, side), |ui| match side {
                Side::Quick => {
                    let input = QuickInput { lang, open, charset: tab.session.charsets() };
                    actions.extend(quick_ui(ui, input, &mut tab.quick));
                }
                Side::History => actions.extend(history_ui(ui, lang, open, &mut tab.history)),
                Side::Rules => {
                    let is_stream = tab.session.protocol.is_stream();
                    let is_uncut = is_stream && tab.framed.framing == Framing::AsReceived;
                    let charset = tab.session.charsets();
                    let input =
                        RulesInput { lang, charset, is_uncut, rate: tab.rates.used, now, zone: &self.zone };
                    actions.extend(rules_ui(ui, &input, &mut tab.rules));
                }
            });
        });
        let width = shown.response.rect.width();
        // That the window has no more room is not the user's choice.
        if width < most - 1.0 || width > wanted {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "some hundred points"
            )]
            let width = width.round() as u16;
            self.state.layout.side_width = width;
        }
        actions
    }

    fn history_folder(&self) -> Option<PathBuf> {
        self.state_folder.as_deref().map(store::history::folder)
    }

    pub(super) fn load_histories(&mut self, is_alone: bool) {
        let files: Vec<String> =
            self.state.histories_mut().filter_map(|history| history.file().map(str::to_owned)).collect();
        match self.history_folder() {
            Some(folder) => self.jobs.load_histories(folder, files, is_alone),
            None => self.state.histories_mut().for_each(|history| history.loaded(Vec::new())),
        }
    }

    /// Reads the remaining histories, so that entries sent meanwhile are not lost.
    pub(super) fn finish_loading_histories(&mut self) {
        let Some(folder) = self.history_folder() else { return };
        for history in self.state.histories_mut().filter(|history| history.is_loading()) {
            let path = history.file().map(|file| store::history::path(&folder, file));
            // A broken file is set aside without a notice: the window is closing.
            let older = path.map(|path| store::history::load(&path).0).unwrap_or_default();
            history.loaded(older);
        }
    }

    pub(super) fn changed_histories(&mut self) -> BTreeMap<PathBuf, Vec<Arc<Past>>> {
        let mut changed = BTreeMap::new();
        let Some(folder) = self.history_folder() else { return changed };
        let (now, process) = (self.clock.now().0, std::process::id());
        for (n, history) in self.state.histories_mut().enumerate() {
            if history.is_loading() || history.serial() == 0 {
                continue;
            }
            // Another window, or a later run, must not give the same name.
            history.name(format!("{now:x}-{process:x}-{n:x}"));
            let Some(file) = history.file() else { continue };
            let written = self.histories_written.get(file).copied().unwrap_or_default();
            if written != history.serial() {
                self.histories_written.insert(file.to_owned(), history.serial());
                changed.insert(store::history::path(&folder, file), history.entries().cloned().collect());
            }
        }
        changed
    }
}
