//! The requests and responses with which a WebSocket begins (RFC 6455, 4).

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::codec::websocket::head::Head;
use crate::model::WebSocket;

/// What the key of a request is completed with before it is hashed.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The only version.
const VERSION: &str = "13";

/// Header fields whose values are credentials.
const SECRET: [&str; 5] =
    ["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "Sec-WebSocket-Key"];

/// Header fields that belong to one connection, so that a relay makes its own.
const OWN: [&str; 9] = [
    "Host",
    "Upgrade",
    "Connection",
    "Keep-Alive",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Protocol",
    "Origin",
];

/// The request of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::net) struct Asked {
    pub(super) key: String,
    path: String,
    pub(in crate::net) protocols: Vec<String>,
    origin: Option<String>,
    /// Other header fields.
    others: Vec<(String, String)>,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refused {
    pub(super) status: &'static str,
    pub(super) sentence: &'static str,
    upgrades: bool,
}

impl Refused {
    /// What the response says besides.
    pub(super) fn fields(self) -> impl Iterator<Item = (String, String)> {
        let fields = [("Upgrade", "websocket"), ("Sec-WebSocket-Version", VERSION)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        fields.into_iter().filter(move |_| self.upgrades)
    }
}

impl Asked {
    /// Reads a request.
    pub(super) fn read(head: &Head) -> Result<Self, Refused> {
        let bad = |sentence| Refused { status: "400 Bad Request", sentence, upgrades: false };
        let upgrade = |sentence| Refused { status: "426 Upgrade Required", sentence, upgrades: true };
        let (method, path) = head.request().ok_or(bad("This is no request of HTTP/1.1.\n"))?;
        if !head.has("Upgrade", "websocket") || !head.has("Connection", "upgrade") {
            return Err(upgrade(
                "This is a WebSocket server: connect to it by WebSocket, at ws:// or wss://.\n",
            ));
        }
        if method != "GET" {
            return Err(Refused {
                status: "405 Method Not Allowed",
                sentence: "A WebSocket begins with GET.\n",
                upgrades: false,
            });
        }
        if head.only("Sec-WebSocket-Version") != Some(VERSION) {
            return Err(upgrade("This server speaks version 13 of WebSocket (RFC 6455) only.\n"));
        }
        let key = head.only("Sec-WebSocket-Key").unwrap_or_default();
        if STANDARD.decode(key).map_or(0, |key| key.len()) != 16 {
            return Err(bad("Sec-WebSocket-Key is missing, or is not the Base64 of 16 bytes.\n"));
        }
        let is_other = |(name, _): &&(String, String)| !OWN.iter().any(|own| own.eq_ignore_ascii_case(name));
        Ok(Self {
            key: key.to_owned(),
            path: path.to_owned(),
            protocols: head.list("Sec-WebSocket-Protocol").map(str::to_owned).collect(),
            origin: head.only("Origin").map(str::to_owned),
            others: head.fields.iter().filter(is_other).cloned().collect(),
        })
    }
}

fn fields(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A request; in a relay for what its client has asked for, where the options do not say otherwise.
pub(super) fn request(options: &WebSocket, host: &str, key: &str, client: Option<&Asked>) -> Head {
    let path = options.path.as_deref().or(client.map(|client| client.path.as_str())).unwrap_or("/");
    let mut head = Head { line: format!("GET {path} HTTP/1.1"), fields: fields(&[("Host", host)]) };
    head.fields.extend(fields(&[
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", key),
        ("Sec-WebSocket-Version", VERSION),
    ]));
    let offered = offered(options, client);
    if !offered.is_empty() {
        head.fields.push(("Sec-WebSocket-Protocol".to_owned(), offered.join(", ")));
    }
    let origin = options.origin.as_ref().or(client.and_then(|client| client.origin.as_ref()));
    head.fields.extend(origin.map(|origin| ("Origin".to_owned(), origin.clone())));
    let is_set = |name: &str| options.headers.iter().any(|(set, _)| set.eq_ignore_ascii_case(name));
    let others = client.iter().flat_map(|client| &client.others).filter(|(name, _)| !is_set(name));
    head.fields.extend(others.cloned());
    head.fields.retain(|(name, _)| !is_set(name));
    head.fields.extend(options.headers.iter().cloned());
    head
}

/// The subprotocols that are offered.
pub(super) fn offered<'a>(options: &'a WebSocket, client: Option<&'a Asked>) -> &'a [String] {
    match client {
        Some(client) if options.protocols.is_empty() => &client.protocols,
        Some(_) | None => &options.protocols,
    }
}

/// The response that accepts.
pub(super) fn accept(key: &str, protocol: Option<&str>) -> Head {
    let mut head = Head {
        line: "HTTP/1.1 101 Switching Protocols".to_owned(),
        fields: fields(&[
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", &accept_key(key)),
        ]),
    };
    head.fields.extend(protocol.map(|protocol| ("Sec-WebSocket-Protocol".to_owned(), protocol.to_owned())));
    head
}

/// A response that refuses, with a body of this length.
pub(super) fn refusal(status: &str, len: usize) -> Head {
    Head {
        line: format!("HTTP/1.1 {status}"),
        fields: fields(&[
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", &len.to_string()),
            ("Connection", "close"),
        ]),
    }
}

/// What a server proves with that it has read the key.
pub(super) fn accept_key(key: &str) -> String {
    STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, [key, GUID].concat().as_bytes()))
}

/// A new key.
pub(super) fn new_key() -> String {
    STANDARD.encode(random::<16>())
}

/// Random bytes of the system.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without a source of randomness there is no TLS either; the protocol goes on with what there is.
    SystemRandom::new().fill(&mut bytes).ok();
    bytes
}

/// The host for a request: as it was typed, with the port unless it is the usual one.
pub(super) fn host(host: Option<&str>, peer: SocketAddr, is_over_tls: bool) -> String {
    let host = host
        .map_or_else(|| peer.ip().to_string(), |host| host.split('%').next().unwrap_or_default().to_owned());
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let usual = if is_over_tls { 443 } else { 80 };
    if peer.port() == usual { host } else { format!("{host}:{}", peer.port()) }
}

/// Header fields as they are noted.
pub(super) fn shown(fields: &[(String, String)]) -> Vec<(String, String)> {
    let is_secret = |name: &str| SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(name));
    let shown = |(name, value): &(String, String)| {
        let value = if is_secret(name) { "…".to_owned() } else { value.clone() };
        (name.clone(), value)
    };
    fields.iter().map(shown).collect()
}
