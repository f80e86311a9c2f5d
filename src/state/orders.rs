//! Orders to the worker of the active tab, except to send.

use std::sync::Arc;
use std::time::Duration;

use super::{Effect, Phase, RulesAction, State, TabId};
use crate::codec::websocket::Opcode;
use crate::model::{Command, Control, FlowId, SocketCommand, Target};

impl State {
    /// Starts TLS on connections that are used without.
    pub(super) fn start_tls(&mut self, flows: Vec<FlowId>) {
        self.tab_mut().layered = true;
        self.command(SocketCommand::StartTls(Target::Flows(flows)));
    }

    /// Sends a control frame over connections that speak WebSocket.
    pub(super) fn send_control(&mut self, opcode: Opcode, flows: Vec<FlowId>) {
        let control = if opcode == Opcode::Close {
            let (code, reason) = self.tab().session.ws_close();
            Control::Close(code, reason)
        } else {
            Control::Ping(Vec::new())
        };
        self.command(SocketCommand::Control(Target::Flows(flows), control));
    }

    /// Opens the session of a tab.
    pub(super) fn start(&mut self, id: TabId) {
        let Some(tab) = self.find_mut(id).filter(|tab| tab.phase == Phase::Idle) else { return };
        tab.cure(|_| true);
        tab.session.take_url();
        let Ok((link, mut options)) = tab.session.link() else {
            tab.show_problems = true;
            return;
        };
        let password = Some(tab.proxy_password.clone()).filter(|password| !password.0.is_empty());
        if let Some(proxy) = &mut options.proxy {
            proxy.password = password;
        }
        tab.phase = Phase::Opening;
        tab.layered |= options.tls.on || options.ws.on;
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
        let (id, typed, command) = (tab.id, tab.rules.typed(), tab.give_new_rules());
        self.effects.extend(command);
        if !typed.is_empty() {
            self.effects.push(Effect::FindFolders { tab: id, folders: typed, opens: false });
        }
    }

    pub(super) fn show_commands(&mut self, open: bool) {
        let known = || self.settings.alert_commands.clone().into_iter().collect();
        self.commands = open.then(known);
    }

    /// Takes the commands as typed into the settings, and gives them to all rules.
    pub(super) fn set_commands(&mut self) {
        let typed = self.commands.iter().flatten().map(|(name, line)| (name.trim(), line.trim()));
        let whole = typed.filter(|(name, line)| !name.is_empty() && !line.is_empty());
        self.settings.alert_commands = whole.map(|(name, line)| (name.to_owned(), line.to_owned())).collect();
        let commands = Arc::new(self.settings.alert_commands.clone());
        for tab in &mut self.tabs {
            tab.rules.commands = Arc::clone(&commands);
            self.effects.extend(tab.give_new_rules());
        }
    }

    pub(super) fn group(&mut self, join: bool) {
        let tab = self.tab_mut();
        let order = if join { SocketCommand::Join } else { SocketCommand::Leave };
        match tab.session.groups() {
            Ok(groups) if !groups.is_empty() => {
                for group in groups {
                    self.command(order(group));
                }
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
                self.command(command);
            }
            Phase::Idle | Phase::Closing | Phase::Viewing { .. } => {}
        }
    }
}
