//! Dialogs, the palette and questions over the panes.

use std::ops::Bound;

use eframe::egui::Ui;

use super::App;
use super::run::MOST_PREVIEWED;
use crate::net::wall_now;
use crate::state::{Action, HoldAction, SaveScope, State};
use crate::store;
use crate::ui::about::about_ui;
use crate::ui::hold::{HoldInput, hold_ui};
use crate::ui::lang::Lang;
use crate::ui::{commands as command_list, dialogs, save, workspace};

impl App {
    /// What stands over the session: of all of the program where one works, of a session in its window.
    pub(super) fn over(&mut self, ui: &Ui, lang: Lang, position: u64, is_in_use: bool) -> Vec<Action> {
        if is_in_use && let Some(asked) = self.over_all(ui, lang, position) {
            return asked;
        }
        let tab = self.state.tab_mut();
        if let Some(note) = &mut tab.note {
            return dialogs::note_ui(ui, lang, note);
        }
        if let Some(typed) = &mut tab.rename {
            return dialogs::rename_ui(ui, lang, typed);
        }
        if let Some(held) = tab.shown_hold().cloned() {
            let after = tab.holds.range((Bound::Excluded(held.id), Bound::Unbounded)).next();
            let next = after.or(tab.holds.first_key_value()).map(|(id, _)| HoldAction::Show(Some(*id)));
            let input = HoldInput {
                lang,
                held: &held,
                leg: tab.leg(held.flow),
                is_stream: tab.session.protocol.is_stream(),
                charset: tab.session.charsets().received,
                zone: &self.zone,
                nth: (tab.holds.range(..=held.id).count(), tab.holds.len()),
                next: next.filter(|_| tab.holds.len() > 1),
            };
            let id = tab.id;
            let Some(views) = self.views.get_mut(&id) else { return Vec::new() };
            return hold_ui(ui, input, &mut tab.hold, &mut views.hold);
        }
        if tab.workspace.open {
            return workspace::workspace_ui(ui, lang, &mut tab.workspace);
        }
        if !tab.save.open {
            return Vec::new();
        }
        let whole = tab.log.len().saturating_sub(tab.log.first());
        let mut offered = vec![(SaveScope::Whole, Some(whole))];
        let (mode, len) = (tab.session.view.mode, tab.shown.len());
        if len > 0 {
            offered.push((SaveScope::Shown, Some(len)));
        }
        if let Some(selected) = self.views.get(&tab.id).and_then(|views| views.selected(mode, len)) {
            offered.push((SaveScope::Selected, Some(selected.to.0 - selected.from.0 + 1)));
        }
        if tab.layered {
            offered.extend([(SaveScope::Plain, None), (SaveScope::Wire, None)]);
        }
        let actions = save::save_ui(ui, lang, &mut tab.save, (&offered, tab.log.first()));
        let n = offered.iter().find(|offer| offer.0 == tab.save.scope).and_then(|offer| offer.1);
        // More does not change what is shown.
        if let Some(asked) = tab.save.ask(n.map(|n| n.min(MOST_PREVIEWED + 1))) {
            let id = tab.id;
            self.find_facts(id, asked);
        }
        actions
    }

    /// What is asked or shown of all of the program, if anything is.
    fn over_all(&mut self, ui: &Ui, lang: Lang, position: u64) -> Option<Vec<Action>> {
        if let Some(question) = &self.state.question {
            return Some(dialogs::question_ui(ui, lang, question));
        }
        if self.state.recent_open {
            let State { recent, recent_awaited, settings, capture_path, capture_wrong, .. } = &mut self.state;
            let recent = (!*recent_awaited).then_some(recent.as_slice());
            let (now, typed) = ((wall_now(), &self.zone), (capture_path, &*capture_wrong));
            return Some(dialogs::recent_ui(ui, lang, recent, now, settings, typed));
        }
        if self.state.about {
            let folders = [
                (lang.folder_captures(), store::folders::captures().ok().map(|folder| folder.join("x"))),
                (lang.folder_settings(), self.settings_path.clone()),
                (lang.folder_state(), self.state_folder.as_ref().map(|folder| folder.join("x"))),
            ];
            return Some(about_ui(ui, lang, &folders));
        }
        if let Some(commands) = &mut self.state.commands {
            return Some(command_list::commands_ui(ui, lang, commands));
        }
        if self.state.palette.is_some() {
            return Some(self.palette(ui, lang, position));
        }
        None
    }
}
