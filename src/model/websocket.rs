//! WebSocket: what a session is to do, what it notes, and what goes wrong.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::zone::Named;
use super::{Direction, Expected, Fault, Legs, Origin};
use crate::codec::hex::{digits, parse};
use crate::codec::websocket::{FrameFault, MAX_CONTROL, Opcode, code_name, is_code, read_close};
use crate::codec::{glyph, named_enum, worded_enum};

/// How the connections of a session speak WebSocket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebSocket {
    /// They do.
    pub on: bool,
    /// On which legs of a relay.
    pub legs: Legs,
    /// What a client asks for; `None` for `/`, in a relay for what its own client has asked for.
    pub path: Option<String>,
    /// The subprotocols that a client offers, or a server knows, the preferred one first.
    pub protocols: Vec<String>,
    /// The origin that a client states.
    pub origin: Option<String>,
    /// More header fields of a client's request.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub send: SendAs,
    /// The code and the reason with which the session closes.
    pub close: Option<(u16, String)>,
    /// How often a ping is sent.
    pub ping: Option<Duration>,
}

impl WebSocket {
    /// Whether text is sent as text, and is in UTF-8 then (RFC 6455, 5.6), whatever the charset of the session.
    pub fn sends_text(&self) -> bool {
        self.on && self.send != SendAs::Binary
    }

    /// Whether connections that begin so speak it.
    pub fn covers(&self, origin: Origin) -> bool {
        self.on && self.legs.cover(origin)
    }
}

named_enum! {
    /// As what bytes are sent over WebSocket.
    #[derive(Default)]
    pub enum SendAs {
        /// As text if they are UTF-8, were not typed in hex and are no file as a whole, else as binary.
        #[default]
        Auto = "auto",
        /// As text, unless they are not UTF-8.
        Text = "text",
        /// As binary.
        Binary = "binary",
    }
}

impl SendAs {
    /// The opcode of a message of these bytes, which were typed as text or are in hex or in a file. What is not UTF-8 is
    /// never text (RFC 6455, 8.1).
    pub fn opcode(self, bytes: &[u8], is_text: bool) -> Opcode {
        let wants_text = self == Self::Text || self == Self::Auto && is_text;
        if wants_text && str::from_utf8(bytes).is_ok() { Opcode::Text } else { Opcode::Binary }
    }
}

/// Reads the code and the reason of a close as typed: `1001 going away`.
///
/// # Errors
/// When no close may have the code, or the reason is too long.
pub fn close_as_typed(text: &str) -> Result<(u16, String), Fault> {
    let (code, reason) = text.split_once(' ').unwrap_or((text, ""));
    let code = code.parse().ok().filter(|code| is_code(*code)).ok_or(Expected::CloseCode)?;
    let fits = reason.len() <= MAX_CONTROL - 2;
    if fits { Ok((code, reason.trim().to_owned())) } else { Err(Fault::TooLong(MAX_CONTROL as u64 - 2)) }
}

/// A control frame to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// A ping with this payload, at most 125 bytes.
    Ping(Vec<u8>),
    /// A close with this code and reason, after which nothing more is sent.
    Close(u16, String),
}

worded_enum! {
    /// What a session notes of WebSocket.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum WsNote {
        Request(WsHead) = "WebSocket request {0}";
        Response(WsHead) = "WebSocket response {0}";
        /// A control frame, or an empty message.
        Frame(WsFrame) = "{0}";
        NoClose(SocketAddr) = "{} closed without a Close frame (1006)" (Named(*.0));
    }
}

fn to_or_from(sent: bool) -> &'static str {
    if sent { "to" } else { "from" }
}

impl WsNote {
    /// The kind of the frame, if it is about one.
    pub fn opcode(&self) -> Option<Opcode> {
        let Self::Frame(frame) = self else { return None };
        Opcode::named(&frame.opcode)
    }
}

/// The head of a request or a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{} {}: {}", to_or_from(*sent), Named(*peer), self.text())]
#[serde(rename_all = "kebab-case")]
pub struct WsHead {
    /// The peer.
    pub peer: SocketAddr,
    /// It was sent to the peer, and not received.
    pub sent: bool,
    /// The first line.
    pub line: String,
    /// The header fields. Those with credentials have no values.
    pub fields: Vec<(String, String)>,
}

impl WsHead {
    /// All but the peer.
    pub fn text(&self) -> String {
        let fields = self.fields.iter().map(|(name, value)| format!("; {name}: {value}"));
        std::iter::once(self.line.clone()).chain(fields).collect()
    }
}

/// A frame without data of the connection: control frames, and empty messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct WsFrame {
    /// The peer.
    pub peer: SocketAddr,
    /// It was sent to the peer, and not received.
    pub sent: bool,
    /// The name of its [`Opcode`].
    pub opcode: String,
    /// Its payload in hex.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub payload: String,
    /// A close that replies to the other side's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reply: bool,
}

impl WsFrame {
    /// A frame.
    pub fn new(
        (peer, direction): (SocketAddr, Direction),
        opcode: Opcode,
        payload: &[u8],
        reply: bool,
    ) -> Self {
        let mut hex = String::new();
        payload.iter().flat_map(|byte| digits(*byte)).for_each(|digit| hex.push(digit.to_ascii_lowercase()));
        Self {
            peer,
            sent: direction == Direction::Sent,
            opcode: opcode.name().to_owned(),
            payload: hex,
            reply,
        }
    }

    /// Its payload for people: the code and the reason of a close, else text, or else hex.
    pub fn text(&self) -> String {
        let bytes = parse(&self.payload).unwrap_or_default();
        if self.opcode == Opcode::Close.name() {
            return match read_close(&bytes) {
                Ok(Some((code, reason))) => named_code(code, reason),
                Ok(None) | Err(_) => String::new(),
            };
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) if text.chars().all(|c| glyph::visible(c) == c) => text.to_owned(),
            Ok(_) | Err(_) => self.payload.clone(),
        }
    }
}

/// A code of a close with its name, and the reason.
pub fn named_code(code: u16, reason: &str) -> String {
    let name = match code_name(code) {
        "" => String::new(),
        name => format!(" ({name})"),
    };
    let reason: String = reason.chars().map(glyph::visible).collect();
    let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
    format!("{code}{name}{reason}")
}

worded_enum! {
    /// Why WebSocket fails.
    #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum WsFault {
        NotHttp(String) = "the peer does not speak HTTP; it sent ‘{0}’";
        Tls = "the peer speaks TLS: turn it on here (--tls, or wss:// in place of ws://)";
        /// The server has answered with this status, after which comes the first line of its body.
        Refused(String) = "the server answered {0}";
        Response(String) = "the server is no WebSocket server: {0} in its response is missing or wrong";
        Protocol(String) = "the server chose the subprotocol {0}, which was not offered";
        Extension(String) = "the server uses the extension {0}, which was not offered";
        Request(String, u16) = "the client asked for ‘{0}’, which is no WebSocket handshake; answered {1}";
        Declined(Box<(String, u16, String)>) = "the client asked for ‘{}’; answered {}: {}" (.0.0, .0.1, .0.2);
        ClosedWith(u16, String) = "the peer closed the connection with {}" (named_code(*.0, .1));
        Closed = "the peer closed the connection during the handshake";
        ClosedHere = "the handshake was not over when the session was closed";
        NoUpstream = "there is no WebSocket to the upstream server; the client was answered 502";
        /// The peer has broken the protocol, and the connection was closed with the code for that.
        Frame(FrameFault) = "{fault}; closed with {}" (named_code(.0.code(), ""), fault = .0);
        NoMemory(u64) = "no memory is left for a message of {0} bytes (--rule-memory); closed with 1013 (try again later)";
        /// A control frame, or a message as text, that cannot be sent.
        LongControl = "the payload of a control frame has at most 125 bytes";
        None = "the connection has no WebSocket";
    }
}

impl fmt::Display for WsFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (way, peer) = (to_or_from(self.sent), Named(self.peer));
        let what = match Opcode::named(&self.opcode) {
            Some(Opcode::Close) => "Close",
            Some(opcode) if !opcode.is_control() => {
                return write!(f, "empty {} message {way} {peer}", opcode.name());
            }
            Some(_) | None => &self.opcode,
        };
        write!(f, "{what} {way} {peer}")?;
        let text = self.text();
        if !text.is_empty() {
            write!(f, ": {text}")?;
        }
        if self.reply { f.write_str(", in reply") } else { Ok(()) }
    }
}

/// What the capture says about data that a WebSocket has carried: at the beginning of the comment on their packet,
/// `[ws text]`, or `[ws text 3: 5+7+9]` for a message in three fragments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WsMark {
    /// The kind of the message.
    pub opcode: Opcode,
    /// The number of its fragments and their lengths; empty for one.
    pub fragments: String,
}

impl WsMark {
    /// Its comment.
    pub fn comment(opcode: Opcode, n_fragments: u64, fragments: &[u64]) -> std::borrow::Cow<'static, str> {
        match (opcode, n_fragments) {
            (Opcode::Text, ..=1) => "[ws text]".into(),
            (Opcode::Binary, ..=1) => "[ws binary]".into(),
            _ => {
                let lens = fragments.iter().map(u64::to_string).collect::<Vec<_>>().join("+");
                let more = if n_fragments > fragments.len() as u64 { "+…" } else { "" };
                format!("[ws {} {n_fragments}: {lens}{more}]", opcode.name()).into()
            }
        }
    }

    /// The opcode, and the number and lengths of fragments.
    pub fn words(&self) -> String {
        format!("{} {}", self.opcode.name(), self.fragments).trim_end().to_owned()
    }

    /// Whether this is the comment on data of a text message.
    pub fn is_text(comment: &str) -> bool {
        Self::read(comment).0.is_some_and(|mark| mark.opcode == Opcode::Text)
    }

    /// Reads the comment on a packet: the mark if there is one, and the rest.
    pub fn read(comment: &str) -> (Option<Self>, &str) {
        let read = || {
            let (mark, rest) = comment.strip_prefix("[ws ")?.split_once(']')?;
            let (name, fragments) = mark.split_once(' ').unwrap_or((mark, ""));
            Some((Self { opcode: Opcode::named(name)?, fragments: fragments.to_owned() }, rest.trim_start()))
        };
        read().map_or((None, comment), |(mark, rest)| (Some(mark), rest))
    }
}
