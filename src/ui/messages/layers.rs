//! What happens with TLS, WebSocket and proxies.

use std::net::SocketAddr;

use crate::codec::websocket::Opcode;
use crate::model::zone::Named;
use crate::model::{CertFault, ProxyMessage, ProxyNote, TlsCertificate, TlsMade, WsFrame, WsNote};
use crate::ui::lang::{Core, InWords};

impl InWords for SocketAddr {
    fn in_words(&self, _core: &Core) -> String {
        Named(*self).to_string()
    }
}

impl InWords for TlsMade {
    fn in_words(&self, core: &Core) -> String {
        let (peer, facts) = (Named(self.peer), self.facts());
        if self.resumed { core.tls_resumed(peer, facts) } else { core.tls_made(peer, facts) }
    }
}

impl InWords for TlsCertificate {
    fn in_words(&self, core: &Core) -> String {
        let Self { peer, place, subject, issuer, names, from, to, sha256 } = self;
        let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        let (subject, valid) = (format!("{subject}{names}"), format!("{from} – {to}"));
        core.tls_certificate(Named(*peer), place, subject, issuer, valid, sha256)
    }
}

impl InWords for Vec<CertFault> {
    fn in_words(&self, core: &Core) -> String {
        self.iter().map(|fault| fault.in_words(core)).collect::<Vec<_>>().join("；")
    }
}

impl InWords for WsNote {
    fn in_words(&self, core: &Core) -> String {
        match self {
            Self::Request(head) if head.sent => core.ws_request_to(Named(head.peer), head.text()),
            Self::Request(head) => core.ws_request_from(Named(head.peer), head.text()),
            Self::Response(head) if head.sent => core.ws_response_to(Named(head.peer), head.text()),
            Self::Response(head) => core.ws_response_from(Named(head.peer), head.text()),
            Self::Frame(frame) => frame.in_words(core),
            Self::NoClose(peer) => core.ws_no_close(Named(*peer)),
        }
    }
}

impl InWords for WsFrame {
    fn in_words(&self, core: &Core) -> String {
        let is_message = [Opcode::Text, Opcode::Binary].iter().any(|opcode| opcode.name() == self.opcode);
        let opcode = if is_message { core.ws_empty(&self.opcode) } else { self.opcode.clone() };
        let peer = Named(self.peer);
        let text = if self.sent { core.ws_frame_to(peer, opcode) } else { core.ws_frame_from(peer, opcode) };
        let payload = self.text();
        let text = if payload.is_empty() { text } else { core.ws_payload(text, payload) };
        if self.reply { core.ws_reply(text) } else { text }
    }
}

impl InWords for ProxyNote {
    fn in_words(&self, core: &Core) -> String {
        match self {
            Self::Open(local) => core.proxy_open(local),
            Self::Said(ProxyMessage { peer, sent, what, .. }) => {
                let (peer, words) = (Named(*peer), what.in_words(core));
                if *sent { core.proxy_sent(peer, words) } else { core.proxy_heard(peer, words) }
            }
        }
    }
}
