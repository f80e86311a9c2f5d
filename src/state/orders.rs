//! What the tab in front orders its worker to do: to open and close, to send, to follow rules. Knows no
//! socket: an order is an effect, which the shell hands on.

use std::sync::Arc;
use std::time::Duration;

use super::{Draft, Effect, Phase, RulesAction, State};
use crate::model::{Command, FileId, RepeatId, Target};

impl State {
    pub(super) fn open(&mut self) -> Vec<Effect> {
        let tab = self.tab_mut();
        if !matches!(tab.phase, Phase::Idle) {
            return Vec::new();
        }
        tab.notice = None;
        let Ok((link, options)) = tab.form.link() else {
            tab.form.show_all_problems = true;
            return Vec::new();
        };
        tab.phase = Phase::Opening;
        let id = tab.id;
        let (framing, rules) = (tab.lens.framing.clone(), tab.rules_wanted());
        tab.rules.give(Arc::clone(&rules));
        let remote = tab.form.remote_text();
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
        match tab.new_rules() {
            Some(rules) => {
                tab.rules.give(Arc::clone(&rules));
                self.worker(Command::SetRules(rules))
            }
            None => Vec::new(),
        }
    }

    pub(super) fn send(&mut self, draft: Draft) -> Vec<Effect> {
        let tab = self.tab_mut();
        match tab.message(&draft) {
            Ok((to, what)) => {
                tab.history.sent(draft);
                if let Target::Endpoint(remote) = &to {
                    self.settings.remember_remote(Some(remote.to_string()));
                }
                self.command(Command::Send { to, what })
            }
            Err(notice) => {
                tab.tell(notice);
                Vec::new()
            }
        }
    }

    pub(super) fn start_cycle(&mut self) -> Vec<Effect> {
        let tab = self.tab_mut();
        match tab.start_cycle() {
            Ok(repeat) => {
                if let Target::Endpoint(remote) = &repeat.to {
                    self.settings.remember_remote(Some(remote.to_string()));
                }
                self.command(Command::Repeat(repeat))
            }
            Err(notice) => {
                tab.tell(notice);
                Vec::new()
            }
        }
    }

    pub(super) fn stop_cycle(&mut self, id: RepeatId) -> Vec<Effect> {
        self.tab_mut().cycles.remove(&id);
        self.command(Command::StopRepeat(id))
    }

    pub(super) fn send_file(&mut self, path: std::path::PathBuf) -> Vec<Effect> {
        let tab = self.tab_mut();
        match tab.send_file(path) {
            Ok(order) => self.command(Command::SendFile(order)),
            Err(notice) => {
                tab.tell(notice);
                Vec::new()
            }
        }
    }

    pub(super) fn pause_file(&mut self, id: FileId, paused: bool) -> Vec<Effect> {
        let Some(file) = self.tab_mut().files.get_mut(&id) else { return Vec::new() };
        file.paused = paused;
        self.command(if paused { Command::PauseFile(id) } else { Command::ResumeFile(id) })
    }

    pub(super) fn group(&mut self, join: bool) -> Vec<Effect> {
        let tab = self.tab_mut();
        match tab.form.group() {
            Ok(Some(group)) if join => self.command(Command::Join(group)),
            Ok(Some(group)) => self.command(Command::Leave(group)),
            Ok(None) | Err(_) => {
                tab.form.show_all_problems = true;
                Vec::new()
            }
        }
    }

    pub(super) fn command(&self, command: Command) -> Vec<Effect> {
        vec![Effect::Command(self.active, command)]
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
