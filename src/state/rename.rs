//! The dialog that names a peer.

use std::net::SocketAddr;

use super::Tab;
use crate::model::{Expected, FlowId, Origin};
use crate::workspace::PeerNames;

/// The name of a peer as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenameBox {
    pub(crate) peer: SocketAddr,
    pub(crate) text: String,
    /// The name is that of all ports of the host.
    pub(crate) all_ports: bool,
}

impl RenameBox {
    /// What is wrong with the name; an empty one removes it.
    pub(crate) fn problem(&self) -> Option<Expected> {
        PeerNames::check(&self.text).err().filter(|_| !self.text.trim().is_empty())
    }
}

impl Tab {
    pub(super) fn begin_rename(&mut self, peer: Option<FlowId>) {
        self.rename = peer.and_then(|peer| self.peers.get(&peer)).map(|peer| {
            let (names, address) = (&self.session.names, peer.flow.peer);
            // A client has another port after it has connected again.
            let is_alone = || {
                let of_host = self.peers.values().filter(|other| other.flow.peer.ip() == address.ip());
                peer.flow.origin == Origin::Accepted && of_host.count() == 1
            };
            let all_ports =
                names.of_address(address).is_none() && (names.of_host(address).is_some() || is_alone());
            RenameBox { peer: address, text: names.get(address).unwrap_or_default().to_owned(), all_ports }
        });
    }

    pub(super) fn rename(&mut self) {
        if let Some(typed) = self.rename.take_if(|typed| typed.problem().is_none()) {
            self.session.names.set(typed.peer, typed.all_ports, &typed.text);
            self.peers_serial += 1;
            self.find_target();
        }
    }
}
