//! Orders to the worker of the active tab, except to send.

use std::sync::Arc;
use std::time::Duration;

use super::{Effect, Phase, RulesAction, State};
use crate::model::{Command, SocketCommand};

impl State {
    pub(super) fn open(&mut self) {
        let tab = self.tab_mut();
        if tab.phase != Phase::Idle {
            return;
        }
        tab.notice = None;
        let Ok((link, options)) = tab.session.link() else {
            tab.show_problems = true;
            return;
        };
        tab.phase = Phase::Opening;
        let id = tab.id;
        let (framing, rules) = (tab.framed.framing.clone(), tab.rules_wanted());
        tab.rules.give(Arc::clone(&rules));
        let remote = tab.session.uses_remote().then(|| tab.session.remote.remote().ok().flatten()).flatten();
        let remote = remote.map(|remote| remote.to_string());
        let title = tab.title();
        self.settings.remember_remote(remote);
        let open = Effect::Open { tab: id, title, link, options, framing, rules };
        self.effects.extend([open, Effect::WriteSettings]);
    }

    pub(super) fn close(&mut self) {
        let tab = self.tab_mut();
        match tab.phase {
            Phase::Opening | Phase::Waiting { .. } | Phase::Open { .. } | Phase::Ready => {
                tab.phase = Phase::Closing;
                self.command(Command::Close { linger: Duration::from_millis(500) });
            }
            // A second click while it still tries to send what waits: at once.
            Phase::Closing => self.command(Command::Close { linger: Duration::ZERO }),
            Phase::Idle | Phase::Viewing { .. } => {}
        }
    }

    pub(super) fn rules(&mut self, action: RulesAction) {
        if action == RulesAction::TestSelected {
            return self.effects.push(Effect::TestSelected(self.active));
        }
        let tab = self.tab_mut();
        tab.rules.act(action);
        if let Some(rules) = tab.new_rules() {
            tab.rules.give(Arc::clone(&rules));
            self.worker(Command::SetRules(rules));
        }
    }

    pub(super) fn group(&mut self, join: bool) {
        let tab = self.tab_mut();
        let order = if join { SocketCommand::Join } else { SocketCommand::Leave };
        match tab.session.groups() {
            Ok(groups) if !groups.is_empty() => {
                groups.into_iter().for_each(|group| self.command(order(group)))
            }
            Ok(_) | Err(_) => tab.show_problems = true,
        }
    }

    pub(super) fn command(&mut self, command: impl Into<Command>) {
        self.effects.push(Effect::Command(self.active, command.into()));
    }

    /// An order to the worker, if there is one.
    pub(super) fn worker(&mut self, command: Command) {
        match self.tab().phase {
            Phase::Opening | Phase::Ready | Phase::Waiting { .. } | Phase::Open { .. } => {
                self.command(command)
            }
            Phase::Idle | Phase::Closing | Phase::Viewing { .. } => {}
        }
    }
}
