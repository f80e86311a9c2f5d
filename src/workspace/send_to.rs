//! Whom the send box addresses.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::PeerNames;
use super::peer_names;
use crate::model::zone::Named;
use crate::model::{Expected, Flow, FlowId, Transport};

/// Whom the send box addresses. It never becomes more by itself: a peer that is gone stays the target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum SendTo {
    /// All peers (TCP), or the remote of the form (UDP).
    #[default]
    All,
    /// Whoever sent last.
    Last,
    /// The peers that are ticked in the list.
    Ticked,
    /// One peer.
    Peer(SendToPeer),
}

/// One peer, also while it is not there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SendToPeer {
    /// Its address; in a relay, that of the client.
    pub client: SocketAddr,
    /// In a relay: to the upstream server, as this client.
    pub upstream: bool,
    /// Its connection, or that to the upstream server, while there is one.
    pub flow: Option<FlowId>,
}

/// Whether the name of its host says that all its ports are one device.
pub(crate) fn is_named_host(peer: SocketAddr, names: &PeerNames) -> bool {
    names.of_host(peer).is_some() && names.of_address(peer).is_none()
}

/// Before the address of a relay's client: the target is the upstream server.
const UPSTREAM: &str = "upstream:";

impl SendToPeer {
    /// A peer that is there.
    pub fn there(client: SocketAddr, flow: FlowId) -> Self {
        Self { client, upstream: false, flow: Some(flow) }
    }

    /// The upstream server, as this client of a relay.
    pub fn upstream(client: SocketAddr, flow: FlowId) -> Self {
        Self { upstream: true, ..Self::there(client, flow) }
    }
}

impl SendTo {
    /// Whether it is this connection alone.
    pub fn is(&self, flow: FlowId) -> bool {
        self.flow() == Some(flow)
    }

    /// The connection, if it is a peer that is there.
    pub fn flow(&self) -> Option<FlowId> {
        if let Self::Peer(peer) = self { peer.flow } else { None }
    }

    /// The connection has ended, or all of them have.
    pub fn left(&mut self, flow: Option<FlowId>) {
        if let Self::Peer(peer) = self
            && (flow.is_none() || peer.flow == flow)
        {
            peer.flow = None;
        }
    }

    /// Whether it is the upstream server of a relay.
    pub(super) fn is_upstream(&self) -> bool {
        matches!(self, Self::Peer(SendToPeer { upstream: true, .. }))
    }

    /// Whether it is a peer that is not there.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Peer(SendToPeer { flow: None, .. }))
    }

    /// A connection of `client` has come, itself or in a relay its other leg. It is the peer that was waited for if it has its
    /// address, or if it has its host and that has a name. Of UDP, whose peers do not say that they leave, such a host is
    /// where it spoke from last.
    pub fn joined(&mut self, (client, upstream): (SocketAddr, bool), flow: &Flow, names: &PeerNames) {
        let Self::Peer(peer) = self else { return };
        let is_named = is_named_host(client, names) && is_named_host(peer.client, names);
        let is_same = peer.client == client || is_named && client.ip() == peer.client.ip();
        let is_free = peer.flow.is_none() || is_named && flow.transport == Transport::Udp;
        if is_free && is_same && peer.upstream == upstream {
            (peer.client, peer.flow) = (client, Some(flow.id));
        }
    }
}

impl fmt::Display for SendTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Last => f.write_str("last"),
            Self::Ticked => f.write_str("ticked"),
            Self::Peer(peer) => {
                let leg = if peer.upstream { UPSTREAM } else { "" };
                write!(f, "{leg}{}", Named(peer.client))
            }
        }
    }
}

impl Serialize for SendTo {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SendTo {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let upstream = text.strip_prefix(UPSTREAM);
        Ok(match text.trim() {
            "all" => Self::All,
            "last" => Self::Last,
            "ticked" => Self::Ticked,
            text => {
                let client = peer_names::address(upstream.unwrap_or(text))
                    .ok_or_else(|| serde::de::Error::custom(Expected::SendTo))?;
                Self::Peer(SendToPeer { client, upstream: upstream.is_some(), flow: None })
            }
        })
    }
}

#[cfg(test)]
impl super::any::Any for SendTo {
    fn any() -> proptest::strategy::BoxedStrategy<Self> {
        use proptest::prelude::*;
        // Only a relay has an upstream server.
        let peer = any::<SocketAddr>();
        let plain = |mut client: SocketAddr| {
            if let SocketAddr::V6(v6) = &mut client {
                v6.set_flowinfo(0);
                v6.set_scope_id(0);
            }
            client
        };
        let peer =
            peer.prop_map(move |client| SendToPeer { client: plain(client), upstream: false, flow: None });
        prop_oneof![Just(Self::All), Just(Self::Last), Just(Self::Ticked), peer.prop_map(Self::Peer)].boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Origin, Stamp};

    fn at(address: &str) -> SocketAddr {
        address.parse().unwrap()
    }

    #[test]
    fn the_peer_that_was_waited_for_is_known_again() {
        let mut names = PeerNames::default();
        names.set(at("10.0.0.5:1"), true, "meter");
        names.set(at("10.0.0.5:9"), false, "printer");
        let gone =
            |client: &str| SendTo::Peer(SendToPeer { client: at(client), upstream: false, flow: None });
        for (waits, comes, is_same) in [
            ("10.0.0.4:70", "10.0.0.4:70", true),
            ("10.0.0.4:70", "10.0.0.4:71", false),
            ("10.0.0.5:70", "10.0.0.5:71", true),
            ("10.0.0.5:9", "10.0.0.5:71", false),
            ("10.0.0.5:70", "10.0.0.5:9", false),
            ("10.0.0.5:70", "10.0.0.6:70", false),
        ] {
            for transport in [Transport::Tcp, Transport::Udp] {
                let flow = |id| Flow {
                    id: FlowId(id),
                    transport,
                    local: at("10.0.0.1:1"),
                    peer: at(comes),
                    origin: Origin::Accepted,
                    since: Stamp(0),
                    imported: false,
                };
                let mut to = gone(waits);
                to.joined((at(comes), true), &flow(6), &names);
                assert_eq!(to, gone(waits), "the other leg is another");
                to.joined((at(comes), false), &flow(7), &names);
                let comes = SendTo::Peer(SendToPeer::there(at(comes), FlowId(7)));
                assert_eq!(to == comes, is_same, "{waits} {comes:?}");
                to.joined((at(waits), false), &flow(8), &names);
                // A peer that is there is replaced only if it is a host that has spoken from another port.
                let moves = waits == "10.0.0.5:70" && is_same && transport == Transport::Udp;
                assert_eq!(to.is(FlowId(8)), !is_same || moves);
            }
        }
    }
}
