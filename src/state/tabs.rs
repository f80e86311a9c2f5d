//! The tabs: new ones, closed ones, the active one, and the questions before something is lost.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Effect, Loaded, Notice, OpenHow, Recent, State, Tab, TabId};
use crate::model::Reason;
use crate::workspace::{SavedTab, Session};

/// What asks for an answer before anything else goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Closing this tab ends connections that are in use.
    CloseTab(TabId),
    /// Quitting ends connections that are in use.
    Quit,
    /// Closing this tab loses notes that no file has.
    CloseNoted(TabId),
    /// Quitting loses notes that no file has.
    QuitNoted,
    /// The compressed file of this tab: its bytes, and the limit that they exceed when it is unpacked.
    OpenLarge(TabId, u64, u64),
}

impl State {
    pub(super) fn new_tab(&mut self) {
        let like = self.tab();
        let mut tab = if like.is_viewer() { Tab::new() } else { Tab::like(like) };
        self.take_free_port(&mut tab);
        self.active = self.add_tab(tab);
        self.effects.extend([Effect::ListAddresses, Effect::WriteSettings]);
    }

    /// Gives a new tab the next local port that no other has: their names differ, and all can be open at once.
    fn take_free_port(&self, tab: &mut Tab) {
        let port = |tab: &Tab| tab.session.local.port.trim().parse::<u16>().ok().filter(|port| *port > 0);
        let others = self.tabs.iter().filter(|tab| !tab.is_viewer() && tab.session.uses_local());
        let taken: Vec<u16> = others.filter_map(port).collect();
        let Some(own) = port(tab) else { return };
        if let Some(free) = (own..=u16::MAX).find(|port| !taken.contains(port)) {
            tab.session.local.port = free.to_string();
            tab.given_port = Some(tab.session.local.port.clone());
        }
    }

    /// Closes a tab in which nothing was done, since another one took its place in front.
    pub(super) fn give_way(&mut self, id: TabId) {
        let gives_way = |tab: &Tab| !tab.is_viewer() && tab.is_fresh() && tab.is_untouched();
        if id != self.active && self.find(id).is_some_and(gives_way) {
            self.close_tab(id);
            self.closed.pop();
        }
    }

    pub(super) fn select_tab(&mut self, id: TabId) {
        if self.find(id).is_some() {
            self.active = id;
        }
    }

    pub(super) fn next_tab(&mut self, step: isize) {
        let tabs: Vec<TabId> = self.tabs_of(self.tab().pane).map(|tab| tab.id).collect();
        let n = tabs.iter().position(|id| *id == self.active).unwrap_or(0);
        let n = n.wrapping_add_signed(step.rem_euclid(tabs.len().cast_signed()));
        self.active = tabs[n % tabs.len()];
    }

    pub(super) fn ask_to_close_tab(&mut self, id: TabId) {
        match self.find(id) {
            Some(tab) if tab.is_in_use() => self.question = Some(Question::CloseTab(id)),
            Some(tab) if tab.notes_unsaved => self.question = Some(Question::CloseNoted(id)),
            Some(_) => self.close_tab(id),
            None => {}
        }
    }

    pub(super) fn rename(&mut self, id: Option<TabId>) {
        let tab = id.and_then(|id| self.find(id)).filter(|tab| !tab.is_viewer());
        self.renaming = tab.map(|tab| (tab.id, tab.session.name.clone()));
    }

    pub(super) fn set_name(&mut self, id: TabId, name: &str) {
        self.renaming = None;
        let Some(tab) = self.find_mut(id) else { return };
        name.trim().clone_into(&mut tab.session.name);
        let recorded = tab.capture.clone().or(tab.last_capture.as_ref().map(|last| last.path.clone()));
        self.effects.extend(recorded.map(|path| Effect::RenameCapture(path, name.trim().to_owned())));
        self.effects.push(Effect::WriteSettings);
    }

    pub(super) fn reopen_tab(&mut self) {
        let Some((saved, history)) = self.closed.pop() else { return };
        let mut tab = Tab::restore(saved);
        tab.history = history;
        self.active = self.add_tab(tab);
        self.effects.push(Effect::WriteSettings);
    }

    pub(super) fn ask_to_quit(&mut self) {
        let any = |asks: fn(&Tab) -> bool| self.tabs.iter().any(asks);
        if any(|tab| tab.notes_unsaved) {
            self.question = Some(Question::QuitNoted);
        } else if any(Tab::is_in_use) {
            self.question = Some(Question::Quit);
        } else {
            self.quit();
        }
    }

    fn quit(&mut self) {
        self.quitting = true;
        self.effects.push(Effect::Quit);
    }

    pub(super) fn answer(&mut self, yes: bool) {
        match (self.question.take(), yes) {
            (Some(Question::CloseTab(id) | Question::CloseNoted(id)), true)
            | (Some(Question::OpenLarge(id, ..)), false) => self.close_tab(id),
            (Some(Question::Quit | Question::QuitNoted), true) => self.quit(),
            (Some(Question::OpenLarge(id, ..)), true) => {
                let how = self.find(id).map(|tab| tab.open_how).unwrap_or_default();
                self.open_again(id, OpenHow { any_size: true, ..how });
            }
            (Some(_) | None, _) => {}
        }
    }

    /// A compressed file is larger than usual. Another question is not covered: then the tab says why it is empty.
    pub(super) fn too_large(&mut self, id: TabId, len: u64, most: u64) {
        self.with_tab(id, |tab| tab.loaded(Loaded::TooLarge(len, most)));
        if self.find(id).is_some() {
            self.question.get_or_insert(Question::OpenLarge(id, len, most));
        }
    }

    /// Opens the capture of a tab again, in its place.
    pub(super) fn open_again(&mut self, id: TabId, how: OpenHow) {
        let Some(n) = self.tabs.iter().position(|tab| tab.id == id && tab.is_viewer()) else { return };
        let Some(path) = self.tabs[n].file().map(Path::to_owned) else { return };
        let pane = self.tabs[n].pane;
        let tab = self.add_tab(Tab::viewer(path.clone(), how));
        self.with_tab(tab, |tab| tab.pane = pane);
        // It was added at the end.
        self.tabs[n..].rotate_right(1);
        self.close_tab(id);
        self.active = tab;
        self.effects.push(Effect::LoadCapture(tab, path, how));
    }

    /// Whether there is a tab to bring back.
    pub fn has_closed_tabs(&self) -> bool {
        !self.closed.is_empty()
    }

    pub(super) fn show_recent(&mut self, open: bool) {
        (self.recent_open, self.recent_awaited, self.capture_wrong) = (open, open, None);
        self.effects.extend(open.then_some(Effect::ListRecent));
        if !open {
            let removed = self.recent.extract_if(.., |capture| capture.removed);
            self.effects.extend(removed.map(|capture| Effect::RemoveCapture(capture.path)));
        }
    }

    pub(super) fn recent_found(&mut self, mut found: Vec<Recent>) {
        let removed: Vec<&PathBuf> =
            self.recent.iter().filter(|known| known.removed).map(|known| &known.path).collect();
        for capture in &mut found {
            capture.removed = removed.contains(&&capture.path);
            // It may have been named since it was opened.
            let known = self.recorder(&capture.path).map(|session| session.name.trim());
            if let Some(name) = known.filter(|name| !name.is_empty()) {
                name.clone_into(&mut capture.name);
            }
        }
        (self.recent, self.recent_awaited) = (found, false);
    }

    /// Tells what was deleted, and what is too much, once until it has grown.
    pub(super) fn swept(&mut self, removed: (usize, u64), excess: Option<(u64, Option<u64>)>) {
        let excess = excess.filter(|(total, _)| *total > self.captures_told);
        self.captures_told = excess.map_or(self.captures_told, |(total, _)| total);
        if removed.0 > 0 || excess.is_some() {
            // Another notice is not covered.
            let tab = (!self.notices.is_empty()).then_some(self.active);
            self.tell(tab, Notice::Captures(removed, excess));
            self.effects.extend(self.recent_open.then_some(Effect::ListRecent));
        }
    }

    /// Opens a file, or has it looked for first if the list of captures is open, which stays if it is not there.
    pub(super) fn open_capture(&mut self, path: PathBuf) {
        if self.recent_open {
            return self.effects.push(Effect::FindFile(path));
        }
        self.open_file(path);
    }

    /// A file that was looked for is there, or why not.
    pub(super) fn file_found(&mut self, path: PathBuf, found: Result<(), Reason>) {
        self.capture_wrong = found.err().filter(|_| self.recent_open);
        if self.capture_wrong.is_none() {
            self.show_recent(false);
            self.open_file(path);
        }
    }

    fn open_file(&mut self, path: PathBuf) {
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
            self.effects.push(Effect::LoadWorkspace(path));
        } else if let Some(tab) = self.tabs.iter().find(|tab| tab.file() == Some(&path)) {
            self.active = tab.id;
        } else {
            let before = self.active;
            let mut tab = Tab::viewer(path.clone(), OpenHow::default());
            self.show_as_recorded(&mut tab, &path);
            self.active = self.add_tab(tab);
            self.effects.push(Effect::LoadCapture(self.active, path, OpenHow::default()));
            self.give_way(before);
        }
    }

    /// Gives a tab that looks at a capture the looks and charsets of the session that has recorded it, if that is known.
    fn show_as_recorded(&self, tab: &mut Tab, path: &Path) {
        if let Some(known) = self.tabs.iter().find(|known| known.has_recorded(path)) {
            tab.charsets = Arc::clone(&known.charsets);
        }
        if let Some(session) = self.recorder(path) {
            tab.look_like(session);
        }
    }

    /// The session that has recorded a capture, if it is in a tab, or in one that was closed.
    fn recorder(&self, path: &Path) -> Option<&Session> {
        let open = self.tabs.iter().find(|tab| tab.has_recorded(path)).map(|tab| &tab.session);
        let is_of = |tab: &SavedTab| tab.capture.as_ref().is_some_and(|capture| capture.path == path);
        let closed = || self.closed.iter().rev().map(|(tab, _)| tab).find(|tab| is_of(tab));
        open.or_else(|| closed().map(|tab| &tab.session))
    }

    fn close_tab(&mut self, id: TabId) {
        let Some(n) = self.tabs.iter().position(|tab| tab.id == id) else { return };
        let tab = self.tabs.remove(n);
        let pane = tab.pane;
        if !tab.is_viewer() {
            self.closed.push((tab.to_save(), tab.history));
        }
        if self.tabs.is_empty() {
            self.add_tab(Tab::new());
        }
        if self.active == id {
            let n = n.min(self.tabs.len() - 1);
            let (before, after) = self.tabs.split_at(n);
            let beside = after.iter().chain(before.iter().rev()).find(|tab| tab.pane == pane);
            self.active = beside.map_or_else(|| self.front(self.tabs[n].pane), |tab| tab.id);
        }
        self.effects.extend([Effect::DropTab(id), Effect::WriteSettings]);
    }
}
