//! Orders to send something, which may open the session.

use std::path::PathBuf;

use super::{Effect, Notice, State, Tab};
use crate::model::{Command, FileId, Repeat, RepeatId, SocketCommand, Target};
use crate::workspace::Draft;

impl State {
    /// Gives the tab in front an order that sends something. A session that makes its connections message by
    /// message need not be open: it opens first. What is wrong with its addresses and options is shown beside
    /// their fields then, and nothing counts as sent.
    pub(super) fn order_to_send(
        &mut self,
        order: impl FnOnce(&mut Tab) -> Result<Command, Notice>,
    ) -> Vec<Effect> {
        let tab = self.tab_mut();
        let opens = tab.opens_to_send();
        if opens && tab.session.link().is_err() {
            tab.show_problems = true;
            return Vec::new();
        }
        if opens && (tab.asking.is_some() || !tab.rules.unapproved().is_empty()) {
            return self.open();
        }
        let command = match order(tab) {
            Ok(command) => command,
            Err(notice) => {
                tab.tell(notice);
                return Vec::new();
            }
        };
        if let Command::Socket(SocketCommand::Send { to: Target::Endpoint(remote), .. })
        | Command::Repeat(Repeat { to: Target::Endpoint(remote), .. }) = &command
        {
            self.settings.remember_remote(Some(remote.to_string()));
        }
        let mut effects = if opens { self.open() } else { Vec::new() };
        effects.extend(self.command(command));
        effects
    }

    pub(super) fn send(&mut self, draft: Draft) -> Vec<Effect> {
        self.order_to_send(|tab| {
            let (to, what) = tab.message(&draft)?;
            tab.history.sent(draft);
            Ok(SocketCommand::Send { to, what }.into())
        })
    }

    pub(super) fn start_cycle(&mut self) -> Vec<Effect> {
        self.order_to_send(|tab| tab.start_cycle().map(Command::Repeat))
    }

    pub(super) fn stop_cycle(&mut self, id: RepeatId) -> Vec<Effect> {
        self.tab_mut().cycles.remove(&id);
        self.command(Command::StopRepeat(id))
    }

    pub(super) fn send_file(&mut self, path: PathBuf) -> Vec<Effect> {
        self.order_to_send(|tab| tab.send_file(path).map(|order| SocketCommand::SendFile(order).into()))
    }

    pub(super) fn pause_file(&mut self, id: FileId, paused: bool) -> Vec<Effect> {
        let Some(file) = self.tab_mut().files.get_mut(&id) else { return Vec::new() };
        file.paused = paused;
        self.command(if paused { Command::PauseFile(id) } else { Command::ResumeFile(id) })
    }
}
