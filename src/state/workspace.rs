//! A workspace in the window: its sessions become tabs, and tabs become sessions of one. Knows no file.

mod save;

use super::{Effect, Form, Notice, SavedTab, Side, State, Tab};
use crate::model::{Link, Protocol};
use crate::workspace::{Example, Opening, Session, SessionProblem, Workspace, WorkspaceFile};

pub use save::{Unwritable, WorkspaceAction, WorkspaceBox};

impl Form {
    /// The settings panel for a session that is written down, and for what is to be opened for it.
    fn of_session(session: &Session, opening: &Opening) -> Self {
        let typed = &session.options;
        let usual = Self::default();
        let mut form = Self {
            protocol: session.protocol,
            nodelay: typed.nodelay,
            keepalive: typed.keepalive,
            abort_on_close: typed.abort_on_close,
            half_open: typed.half_open,
            reconnect: typed.reconnect,
            short: typed.short,
            short_until_closed: typed.short_until_closed,
            timeout: opening.options.connect_timeout.as_millis().to_string(),
            send_buffer: typed.send_buffer.trim().to_owned(),
            receive_buffer: typed.receive_buffer.trim().to_owned(),
            broadcast: typed.broadcast,
            group: typed.group.trim().to_owned(),
            interface: typed.interface.trim().to_owned(),
            ttl: opening.options.multicast_ttl.to_string(),
            loopback: typed.loopback,
            ..usual
        };
        if let Some(short) = opening.options.short {
            form.short_wait = short.within.as_millis().to_string();
        }
        let (local, remote) = match &opening.link {
            Link::TcpClient { remote, local } => (*local, Some(remote)),
            Link::TcpServer { local } => (Some(*local), None),
            Link::Udp { local, remote, .. } => (Some(*local), remote.as_ref()),
        };
        form.bind_client = session.protocol == Protocol::TcpClient && local.is_some();
        if let Some(local) = local {
            form.local_host = local.ip().to_string();
            form.local_port = local.port().to_string();
        }
        match remote {
            Some(remote) => {
                form.remote_host.clone_from(&remote.host);
                form.remote_port = remote.port.to_string();
            }
            // A server has none, and a UDP socket sends to nobody in particular.
            None => form.remote_host.clear(),
        }
        form
    }
}

impl SavedTab {
    /// A tab for a session that is written down.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn of_session(session: &Session) -> Result<Self, SessionProblem> {
        let opening = session.build()?;
        Ok(Self {
            name: session.name.clone(),
            form: Form::of_session(session, &opening),
            charset: session.charset.name().into(),
            show: session.show.name().into(),
            view: session.view.name().into(),
            quick: session.quick.clone(),
            rules: session.rules.clone(),
            faults: session.faults.clone(),
            ..Self::default()
        })
    }
}

impl State {
    /// The sessions of a workspace come to the end of the tabs; those that say so are opened. The first of them
    /// is in front.
    pub(super) fn open_workspace(&mut self, workspace: &Workspace) -> Vec<Effect> {
        let mut effects = vec![Effect::WriteSettings];
        let mut first = None;
        for session in &workspace.sessions {
            let made = SavedTab::of_session(session).and_then(|saved| Ok((saved, session.framing()?)));
            let (saved, framing) = match made {
                Ok(made) => made,
                Err(problem) => {
                    self.notice = Some(Notice::CannotOpen(format!("{}: {problem}", session.name)));
                    continue;
                }
            };
            let mut tab = Tab::restore(&saved);
            tab.set_framing(framing);
            self.active = self.add_tab(tab);
            first.get_or_insert(self.active);
            if session.start {
                effects.extend(self.open());
            }
        }
        if let Some(first) = first {
            self.active = first;
        }
        effects
    }

    /// A ready example comes into a tab, with its rules beside the log. It is there to be read first: nothing
    /// listens before the user opens it.
    pub(super) fn take_example(&mut self, example: Example) -> Vec<Effect> {
        match WorkspaceFile::parse(example.text.to_owned()) {
            Ok(mut file) => {
                file.workspace.sessions.iter_mut().for_each(|session| session.start = false);
                self.show_side(Some(Side::Rules));
                self.open_workspace(&file.workspace)
            }
            Err(why) => {
                self.notice = Some(Notice::CannotOpen(why.to_string()));
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod save_tests;
#[cfg(test)]
mod tests;
