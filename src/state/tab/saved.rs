//! What is kept of a tab for the next run, and the tab that it becomes again.

use std::path::Path;

use super::Tab;
use crate::state::{FramingFields, History, QuickBox, RulesBox};
use crate::workspace::{LastCapture, SavedTab, Session, View};

impl Tab {
    /// A tab as it was left in an earlier run, not open.
    pub fn restore(stored: SavedTab) -> Self {
        let mut tab = Self::of_session(stored.session.clone());
        tab.history = History::in_file(&stored.history);
        tab.last_capture.clone_from(&stored.capture);
        tab.untrusted = stored.untrusted;
        let folders = stored.folders.iter().map(|(typed, name)| (typed.clone(), name.into()));
        tab.rules.approve(&folders.collect());
        tab.stored = Some(stored);
        tab
    }

    /// A tab for a session that is written down, not open. What the session does not use has the values of a new tab,
    /// to begin with something when the protocol is changed.
    pub fn of_session(mut session: Session) -> Self {
        let new = Session::for_tab();
        session.bind.get_or_insert(session.binds());
        if !session.uses_local() && session.local.is_blank() {
            session.local = new.local;
        }
        if session.send.append.is_empty() && !session.send.append_off {
            (session.send.append, session.send.append_off) = (new.send.append, true);
        }
        let mut quick = QuickBox::of(std::mem::take(&mut session.quick));
        if let Some(loops) = session.loops.take() {
            quick.loops = loops;
        }
        let rules = RulesBox::of(std::mem::take(&mut session.rules), std::mem::take(&mut session.faults));
        let mut tab = Self { quick, rules, ..Self::default() };
        tab.framed.fields = FramingFields::read(&session.framing);
        if let Ok(framing) = session.framing() {
            tab.framed.framing = framing;
        }
        tab.filter_fields = session.filter.clone();
        tab.send.file_open = !session.file.path.is_empty();
        tab.session = session;
        tab.filtered.filter = tab.session.filter.build(tab.session.charsets().received);
        tab
    }

    /// Shows data as another session does: its view, charsets, framing and columns.
    pub(in crate::state) fn look_like(&mut self, other: &Session) {
        let Session { view, charset, send_charset, framing, checksum, columns, .. } = other.clone();
        let new = std::mem::take(&mut self.session);
        let view = View { auto_scroll: new.view.auto_scroll, ..view.hiding_nothing() };
        self.session = Session { framing, charset, send_charset, checksum, columns, view, ..new };
        self.framed.fields = FramingFields::read(&self.session.framing);
        self.set_framing(self.session.framing().unwrap_or_default());
    }

    /// What is kept of it for the next run.
    pub fn to_save(&self) -> SavedTab {
        let history = self.history.file().unwrap_or_default().to_owned();
        let capture = self.capture_to_save();
        let mut saved = SavedTab::new(self.to_session(), history, capture, self.stored.as_ref());
        (saved.untrusted, saved.folders) = (self.untrusted, self.rules.folders_to_save());
        saved
    }

    /// The capture to offer in the next run: that of this one, if anything was recorded.
    pub(in crate::state) fn capture_to_save(&self) -> Option<LastCapture> {
        let of_this_run = self.capture.clone().filter(|_| !self.log.is_empty());
        let at = self.recorded_at.to_string();
        let of_this_run = of_this_run.map(|path| LastCapture { path, records: self.log.len(), at });
        of_this_run.or_else(|| self.last_capture.clone())
    }

    /// Whether its session has recorded this capture, in this run or an earlier one.
    pub(in crate::state) fn has_recorded(&self, path: &Path) -> bool {
        let now = self.capture.as_deref().filter(|_| !self.is_viewer() && !self.log.is_empty());
        now == Some(path) || self.last_capture.as_ref().is_some_and(|last| last.path == path)
    }

    /// The session with its lists.
    pub(in crate::state) fn to_session(&self) -> Session {
        Session {
            loops: (self.quick.loops != "1").then(|| self.quick.loops.clone()),
            quick: self.quick.list.forms(),
            rules: self.rules.list.forms(),
            faults: self.rules.faults.clone(),
            ..self.session.clone()
        }
    }

    pub(in crate::state) fn remember_filter(&mut self) {
        self.session.filter.remember(&self.filtered.filter);
    }
}
