//! Orders to send something, which may open the session.

use std::path::PathBuf;

use super::{Cycle, CycleEnd, Notice, Phase, State, Tab};
use crate::codec::Charset;
use crate::model::{
    CharsetChange, Command, FileId, FlowId, Repeat, RepeatId, SendPart, SocketCommand, Target,
};
use crate::workspace::Draft;

impl State {
    /// Gives the tab in front an order that sends something. A session that makes its connections message by
    /// message need not be open: it opens first. What is wrong with its addresses and options is shown beside
    /// their fields then, and nothing counts as sent.
    pub(super) fn order_to_send(&mut self, order: impl FnOnce(&mut Tab) -> Result<Command, Notice>) {
        let tab = self.tab_mut();
        let opens = tab.opens_to_send();
        if opens && tab.session.link().is_err() {
            tab.show_problems = true;
            return;
        }
        if opens && (tab.asking.is_some() || !tab.rules.unapproved().is_empty()) {
            return self.open();
        }
        let command = match order(tab) {
            Ok(command) => command,
            Err(notice) => return tab.tell(notice),
        };
        tab.cure(Notice::is_about_sending);
        let change = tab.typed_now.take();
        // What one has sent by hand is looked at.
        if let Command::Socket(SocketCommand::Send { .. }) = &command
            && tab.session.view.auto_scroll
        {
            tab.held = None;
        }
        if let Command::Socket(SocketCommand::Send { to: Target::Endpoint(remote), .. })
        | Command::Repeat(Repeat { to: Target::Endpoint(remote), .. }) = &command
        {
            self.settings.remember_remote(Some(remote.to_string()));
        }
        if opens {
            self.open();
        }
        if let Some(change) = change {
            self.command(Command::SentCharset(change));
        }
        self.command(command);
    }

    pub(super) fn send(&mut self, draft: Draft) {
        self.order_to_send(|tab| {
            let (to, what) = tab.message(&draft)?;
            tab.types(draft.mode, None, tab.typing_charset());
            tab.history.sent(draft);
            Ok(SocketCommand::Send { to, what }.into())
        });
    }

    /// Sends a datagram without data.
    pub(super) fn send_empty(&mut self) {
        self.order_to_send(|tab| {
            Ok(SocketCommand::Send { to: tab.target()?, what: SendPart::Bytes([].into()) }.into())
        });
    }

    pub(super) fn set_charset(&mut self, charset: Charset) {
        let change = self.tab_mut().set_charset(charset);
        self.keep_typed(change);
    }

    pub(super) fn set_peer_charset(&mut self, flow: FlowId, charset: Option<Charset>) {
        let change = self.tab_mut().set_peer_charset(flow, charset);
        self.keep_typed(change);
    }

    /// Says in what charset text was sent so far, if that was not said yet.
    fn keep_typed(&mut self, change: Option<CharsetChange>) {
        let (tab, Some(change)) = (self.tab_mut(), change) else { return };
        // At once, and in the capture when the worker gets to it.
        let (n, has_worker) = (tab.log.len(), tab.is_locked());
        tab.log.sent_charsets.change(n, change);
        if has_worker {
            self.command(Command::SentCharset(change));
        }
    }

    pub(super) fn start_cycle(&mut self) {
        self.order_to_send(|tab| tab.start_cycle().map(Command::Repeat));
    }

    /// Resumes this cycle, or those that have stopped by themselves, once the session is open.
    pub(super) fn resume_cycle(&mut self, only: Option<RepeatId>) {
        let tab = self.tab_mut();
        let cut_short = || tab.cycles.iter().filter(|(_, cycle)| cycle.is_cut_short()).map(|(id, _)| *id);
        tab.resumes = only.map_or_else(|| cut_short().collect(), |only| vec![only]);
        if tab.opens_to_send() || !tab.can_send() {
            self.open();
            // Opening may ask first.
            let tab = self.tab_mut();
            if tab.phase == Phase::Idle && tab.asking.is_none() {
                tab.resumes.clear();
            }
            return;
        }
        for repeat in self.tab_mut().resume_cycles() {
            self.command(Command::Repeat(repeat));
        }
    }

    pub(super) fn stop_cycle(&mut self, id: RepeatId) {
        let tab = self.tab_mut();
        let Some(cycle) = tab.cycles.get_mut(&id) else { return };
        if cycle.end.is_none() {
            cycle.end = Some(CycleEnd::Stopping);
            return self.command(Command::StopRepeat(id));
        }
        tab.cycles.remove(&id);
        tab.cycles_gone();
    }

    pub(super) fn stop_cycles(&mut self) {
        for id in Cycle::running(&self.tab().cycles).map(|(id, _)| id).collect::<Vec<_>>() {
            self.stop_cycle(id);
        }
    }

    pub(super) fn stop_file(&mut self, id: FileId) {
        let files = &mut self.tab_mut().files;
        if files.get(&id).is_some_and(|file| file.failed) {
            files.remove(&id);
        } else {
            self.command(Command::StopFile(id));
        }
    }

    pub(super) fn send_file(&mut self, path: PathBuf) {
        self.order_to_send(|tab| {
            tab.send_file(path).map(|order| SocketCommand::SendFile(Box::new(order)).into())
        });
    }

    pub(super) fn pause_file(&mut self, id: FileId, paused: bool) {
        if let Some(file) = self.tab_mut().files.get_mut(&id) {
            file.paused = paused;
            self.command(if paused { Command::PauseFile(id) } else { Command::ResumeFile(id) });
        }
    }
}
