//! How to begin: kinds of session, sessions of earlier runs, and a conversation with oneself.

use super::{Beginning, Focus, Phase, Recent, State, Tab, TabId, TabPlace};
use crate::model::Protocol;
use crate::workspace::{Address, Session};

impl Recent {
    /// Its name, and what its sessions opened.
    pub fn label(&self) -> String {
        format!("{} {}", self.name, self.sessions).trim().to_owned()
    }

    /// The first session in it, as far as its capture tells.
    pub fn session(&self) -> Option<Session> {
        let mut words = self.sessions.split(", ").next()?.split(' ');
        let (name, mut address) = (words.next()?, words.next()?);
        let mut new = Session { name: self.name.clone(), ..Session::for_tab() };
        new.protocol = match (name, address.strip_prefix("udp:")) {
            ("relay", Some(rest)) => {
                address = rest;
                Protocol::UdpRelay
            }
            ("relay", None) => Protocol::TcpRelay,
            _ => Protocol::named(name)?,
        };
        if address == "--socks" {
            new.options.set("socks", "true");
            address = words.next()?;
        }
        if new.protocol.connects() {
            return Some(Session { remote: Address::split(address), ..new });
        }
        // After `--remote` or `--to`.
        let remote = words.nth(1).map_or(new.remote, Address::split);
        Some(Session { local: Address::split(address), remote, ..new })
    }
}

impl Tab {
    /// Whether nothing was typed in it but what to open, and nothing was opened.
    pub fn is_fresh(&self) -> bool {
        let is_empty = self.capture.is_none() && self.last_capture.is_none() && self.asking.is_none();
        is_empty
            && self.phase == Phase::Idle
            && self.to_session() == {
                let like = Self::like(self).to_session();
                Session { view: self.session.view, ..like }
            }
    }
}

impl State {
    pub(super) fn begin(&mut self, what: Beginning) {
        match what {
            Beginning::Session(protocol) => self.begin_session(protocol),
            Beginning::Again(session) => self.again(*session),
            Beginning::Chat => self.chat(),
        }
    }

    /// Opens a session of this kind, or asks for the address that it needs.
    fn begin_session(&mut self, protocol: Protocol) {
        self.begin_tab().session.choose(protocol);
        if protocol.connects() || protocol.relays() {
            self.focus = Some(Focus::Address);
        } else {
            self.open();
        }
    }

    fn again(&mut self, from: Session) {
        let session = &mut self.begin_tab().session;
        (session.protocol, session.local, session.remote) = (from.protocol, from.local, from.remote);
        (session.name, session.options) = (from.name, from.options);
        self.open();
    }

    fn chat(&mut self) {
        self.begin_tab().session = Session {
            protocol: Protocol::TcpServer,
            local: Address::new("127.0.0.1", "0"),
            ..Session::for_tab()
        };
        let (server, pane) = (self.active, self.tab().pane);
        let mut client = Tab::new();
        client.session.protocol = Protocol::TcpClient;
        let client = self.add_tab(client);
        self.move_tab(client, TabPlace::Edge { pane, below: false, first: false });
        self.active = server;
        self.tab_mut().caller = Some(client);
        self.open();
    }

    /// Calls the server of a conversation with oneself once it is open. It keeps its port from then on.
    pub(super) fn call(&mut self, id: TabId) {
        let Some(tab) = self.find_mut(id) else { return };
        let Phase::Open { local, .. } = tab.phase else { return };
        let Some(client) = tab.caller.take() else { return };
        tab.session.local = local.into();
        self.with_tab(client, |tab| tab.session.remote = local.into());
        self.start(client);
    }

    /// A tab to begin in, in front: this one, if nothing was done in it.
    fn begin_tab(&mut self) -> &mut Tab {
        if !self.tab().is_fresh() {
            self.new_tab();
        }
        self.tab_mut()
    }
}
