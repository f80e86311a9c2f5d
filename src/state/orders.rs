//! Orders to the worker of the active tab, except to send.

use std::sync::Arc;
use std::time::Duration;

use super::{Effect, Phase, RulesAction, State, TabId};
use crate::model::{Command, SocketCommand};

impl State {
    /// Opens the session of a tab.
    pub(super) fn start(&mut self, id: TabId) -> Vec<Effect> {
        let Some(tab) = self.find_mut(id) else { return Vec::new() };
        if !matches!(tab.phase, Phase::Idle) {
            return Vec::new();
        }
        tab.notice = None;
        let Ok((link, options)) = tab.session.link() else {
            tab.show_problems = true;
            return Vec::new();
        };
        tab.phase = Phase::Opening;
        let (framing, rules) = (tab.framed.framing.clone(), tab.rules_wanted());
        tab.rules.give(Arc::clone(&rules));
        let remote = tab.session.uses_remote().then(|| tab.session.remote.remote().ok().flatten()).flatten();
        let remote = remote.map(|remote| remote.to_string());
        let title = tab.title();
        self.settings.remember_remote(remote);
        vec![Effect::Open { tab: id, title, link, options, framing, rules }, Effect::WriteSettings]
    }

    pub(super) fn close(&mut self) -> Vec<Effect> {
        let tab = self.tab_mut();
        match tab.phase {
            Phase::Opening | Phase::Waiting { .. } | Phase::Open { .. } | Phase::Ready => {
                tab.phase = Phase::Closing;
                let linger = Duration::from_millis(500);
                self.command(Command::Close { linger })
            }
            // A second click while it still tries to send what waits: at once.
            Phase::Closing => self.command(Command::Close { linger: Duration::ZERO }),
            Phase::Idle | Phase::Viewing { .. } => Vec::new(),
        }
    }

    pub(super) fn rules(&mut self, action: RulesAction) -> Vec<Effect> {
        let tab = self.tab_mut();
        if action == RulesAction::TestSelected {
            return vec![Effect::TestSelected(tab.id)];
        }
        tab.rules.act(action);
        let (id, typed) = (tab.id, tab.rules.typed());
        let mut effects = Vec::new();
        if let Some(rules) = tab.new_rules() {
            tab.rules.give(Arc::clone(&rules));
            effects = self.worker(Command::SetRules(rules));
        }
        if !typed.is_empty() {
            effects.push(Effect::FindFolders { tab: id, folders: typed, opens: false });
        }
        effects
    }

    pub(super) fn group(&mut self, join: bool) -> Vec<Effect> {
        let tab = self.tab_mut();
        let order = if join { SocketCommand::Join } else { SocketCommand::Leave };
        match tab.session.groups() {
            Ok(groups) if !groups.is_empty() => {
                groups.into_iter().flat_map(|group| self.command(order(group))).collect()
            }
            Ok(_) | Err(_) => {
                tab.show_problems = true;
                Vec::new()
            }
        }
    }

    pub(super) fn command(&self, command: impl Into<Command>) -> Vec<Effect> {
        vec![Effect::Command(self.active, command.into())]
    }

    /// An order to the worker, if there is one.
    pub(super) fn worker(&self, command: Command) -> Vec<Effect> {
        match self.tab().phase {
            Phase::Opening | Phase::Ready | Phase::Waiting { .. } | Phase::Open { .. } => {
                self.command(command)
            }
            Phase::Idle | Phase::Closing | Phase::Viewing { .. } => Vec::new(),
        }
    }
}
