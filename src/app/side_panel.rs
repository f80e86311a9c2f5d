//! The panel beside the log, and the files of the histories that stand in it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui;
use eframe::egui::Ui;

use super::App;
use super::central_panel::Views;
use crate::codec::frame::Framing;
use crate::net::wall_now;
use crate::state::{Action, Past, Side};
use crate::store;
use crate::ui::lang::Lang;
use crate::ui::messages;
use crate::ui::peers::PeersInput;
use crate::ui::side::faults::faults_ui;
use crate::ui::side::heading_ui;
use crate::ui::side::history::history_ui;
use crate::ui::side::peers::peers_ui;
use crate::ui::side::quick::{QuickInput, quick_ui};
use crate::ui::side::rules::{self, RulesInput, rules_ui};
use crate::ui::theme::Palette;
use crate::workspace::Session;

impl App {
    pub(super) fn dock(&mut self, ui: &mut Ui, lang: Lang, side: Side) -> Vec<Action> {
        let mut actions = Vec::new();
        if side == Side::Rules {
            // Finds out which of them are right.
            drop(self.state.tab_mut().rules_wanted());
        }
        let tab = self.state.tab();
        let (count, tip) = match side {
            Side::Rules if !tab.rules.list.rows().is_empty() => {
                let rows = tab.rules.list.rows();
                let on = rows.iter().filter(|row| row.form.on && !tab.rules.is_wrong(row)).count();
                let on = lang.rules_on(on.to_string(), rows.len().to_string());
                let is_used = tab.rates.used >= 1.0;
                let rate = lang.rules_rate(format!("{:.0}", tab.rates.used));
                (if is_used { format!("{on}  {rate}") } else { on }, lang.rules_rate_tip())
            }
            Side::Peers if !tab.peers.is_empty() => (messages::grouped(tab.peers.len() as u64), ""),
            Side::Inspect => {
                (self.views.get(&tab.id).map(|views| views.inspected.title()).unwrap_or_default(), "")
            }
            _ => (String::new(), ""),
        };
        let wide = rules::is_wide(ui);
        heading_ui(ui, (lang, side), (&count, tip), &mut actions, |ui, actions| {
            if side == Side::Rules && !tab.is_viewer() {
                rules::head_ui(ui, lang, wide, &tab.rules, actions);
            }
        });
        if side == Side::Inspect {
            actions.extend(ui.push_id((self.state.active, side), |ui| self.inspect(ui, lang)).inner);
            return actions;
        }
        let now = wall_now();
        let id = self.state.active;
        let views = self.views.entry(id).or_insert_with(|| Views::of(self.state.tab()));
        let tab = self.state.tab_mut();
        if tab.is_viewer() {
            let words = egui::RichText::new(lang.capture_has_none()).color(Palette::of(ui).weak);
            ui.add(egui::Label::new(words).wrap());
            return actions;
        }
        let cannot = tab.target().err().map(|notice| messages::notice(lang, &notice));
        let cannot = cannot.as_deref();
        ui.push_id((tab.id, side), |ui| match side {
            Side::Inspect => {}
            Side::Quick => {
                let input = QuickInput { lang, cannot, charset: tab.session.charsets() };
                actions.extend(quick_ui(ui, input, &mut tab.quick));
            }
            Side::Faults => {
                let rules = &mut tab.rules;
                faults_ui(ui, lang, &mut tab.session, (&mut rules.relay_off, &mut rules.relay_shown));
            }
            Side::Peers => {
                let (protocol, before) = (tab.session.protocol, tab.peers_serial);
                let Session { names, send_to, view, .. } = &mut tab.session;
                let input = PeersInput { lang, protocol, names, zone: &self.zone, wide: true, lost: None };
                let (peers, to) = ((&mut tab.peers, &mut tab.peers_serial), (send_to, now));
                let view = (&mut views.peers, &mut view.by_subnet);
                actions.extend(peers_ui(ui, input, view, peers, to));
                tab.ticked_by_hand(before);
            }
            Side::History => actions.extend(history_ui(ui, lang, cannot, &mut tab.history)),
            Side::Rules => {
                let protocol = tab.session.protocol;
                let is_stream = protocol.is_stream();
                let is_uncut = is_stream && tab.framed.framing == Framing::AsReceived;
                let charset = tab.session.charsets();
                let input = RulesInput { lang, protocol, charset, is_uncut, now, zone: &self.zone };
                actions.extend(rules_ui(ui, &input, &mut tab.rules));
            }
        });
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
