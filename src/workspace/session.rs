//! A session as one writes it down, and what is to be opened for it. Opens nothing.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::names::{self, Named};
use super::quick::QuickSend;
use super::rule::{FaultsForm, RuleForm};
use super::send::SendForm;
use super::{is_usual, span, typed, typed_if};
use crate::codec::Charset;
use crate::codec::append::StepError;
use crate::codec::frame::{Framing, FramingError};
use crate::model::{
    Backoff, Body, Endpoint, EndpointError, Group, Link, Options, Protocol, Short, ShortUntil,
};

/// One of the three ways to look at a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Look {
    /// A head line for each item, and its data below.
    #[default]
    Log,
    /// One row an item, and beside them the bytes of one.
    Table,
    /// The data alone, continuous.
    Stream,
}

impl Look {
    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Table => "table",
            Self::Stream => "stream",
        }
    }
}

impl Named for Look {
    const ALL: &'static [Self] = &[Self::Log, Self::Table, Self::Stream];

    fn name(self) -> &'static str {
        self.name()
    }
}

/// A session, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Session {
    /// What it is called.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Protocol.
    #[serde(with = "names")]
    pub protocol: Protocol,
    /// Our address and port; a TCP client need not say them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub local: String,
    /// The peer's host and port.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub remote: String,
    /// It is opened as the file is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub start: bool,
    /// How what is received is cut into messages, as `--frame` has it; empty for not at all.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub framing: String,
    /// The charset of text.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub charset: Charset,
    /// How it is looked at.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub view: Look,
    /// How data are shown.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub show: Body,
    /// What the sockets are told.
    #[serde(skip_serializing_if = "is_usual")]
    pub options: SocketForm,
    /// What stands in the send box.
    #[serde(skip_serializing_if = "is_usual")]
    pub send: SendForm,
    /// How often the ticked quick sends are sent as a sequence; empty for without end, `None` for once.
    #[serde(deserialize_with = "typed_if", skip_serializing_if = "Option::is_none")]
    pub loops: Option<String>,
    /// Messages kept to be sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quick: Vec<QuickSend>,
    /// What it does by itself when it hears a message.
    #[serde(rename = "rule", skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleForm>,
    /// What is done to answers to test the other side.
    #[serde(skip_serializing_if = "is_usual")]
    pub faults: FaultsForm,
}

/// What the sockets of a session are told, as typed. A text that is empty says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the system's own")]
pub struct SocketForm {
    /// `TCP_NODELAY`.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub nodelay: bool,
    /// `SO_KEEPALIVE`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keepalive: bool,
    /// Close with RST.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub abort_on_close: bool,
    /// Keep the connection when the peer has closed its side.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub half_open: bool,
    /// Call again when there is no connection (TCP client).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reconnect: bool,
    /// Make a connection for each message (TCP client).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub short: bool,
    /// Such a connection waits until the peer closes it, not only for the first message.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub short_until_closed: bool,
    /// How long it waits. A number alone is milliseconds.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub short_wait: String,
    /// How long one attempt to connect may take. A number alone is milliseconds.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub timeout: String,
    /// Send buffer in KiB.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub send_buffer: String,
    /// Receive buffer in KiB.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub receive_buffer: String,
    /// `SO_BROADCAST`.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub broadcast: bool,
    /// Multicast group.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// Multicast interface: its IPv4 address, or its index.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub interface: String,
    /// Multicast time to live.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub ttl: String,
    /// Multicast datagrams sent are seen here, too.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub loopback: bool,
}

impl Default for SocketForm {
    fn default() -> Self {
        Self {
            nodelay: true,
            keepalive: false,
            abort_on_close: false,
            half_open: false,
            reconnect: false,
            short: false,
            short_until_closed: false,
            short_wait: String::new(),
            timeout: String::new(),
            send_buffer: String::new(),
            receive_buffer: String::new(),
            broadcast: true,
            group: String::new(),
            interface: String::new(),
            ttl: String::new(),
            loopback: true,
        }
    }
}

/// A field of a session that may hold something wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionField {
    /// Our address.
    Local,
    /// The peer.
    Remote,
    /// How messages are cut.
    Framing,
    /// What the send box appends.
    SendAppend,
    /// How long connecting may take.
    Timeout,
    /// How long a short connection waits.
    ShortWait,
    /// Send buffer.
    SendBuffer,
    /// Receive buffer.
    ReceiveBuffer,
    /// Multicast group.
    Group,
    /// Multicast interface.
    Interface,
    /// Multicast time to live.
    Ttl,
}

impl SessionField {
    /// The keys under which it stands in a session's table.
    pub fn path(self) -> &'static [&'static str] {
        match self {
            Self::Local => &["local"],
            Self::Remote => &["remote"],
            Self::Framing => &["framing"],
            Self::SendAppend => &["send", "append"],
            Self::Timeout => &["options", "timeout"],
            Self::ShortWait => &["options", "short_wait"],
            Self::SendBuffer => &["options", "send_buffer"],
            Self::ReceiveBuffer => &["options", "receive_buffer"],
            Self::Group => &["options", "group"],
            Self::Interface => &["options", "interface"],
            Self::Ttl => &["options", "ttl"],
        }
    }
}

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionTrouble {
    /// Something must stand here.
    Missing,
    /// A TCP server calls nobody.
    NobodyToCall,
    /// It must be an address of this machine and a port.
    Address,
    /// It must be a host and a port.
    Remote(EndpointError),
    /// There is no such framing.
    Framing(FramingError),
    /// There is no such thing to append.
    Step(StepError),
    /// The send box has no fields for what is appended.
    NoRoom,
    /// It must be a time from 1 ms to an hour.
    Duration,
    /// It must be a whole number in this range.
    Number(u32, u32),
    /// It must be a multicast address.
    Group,
    /// It must be an IPv4 address of this machine, or the index of an interface.
    Interface,
}

impl fmt::Display for SessionTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("it must be said"),
            Self::NobodyToCall => f.write_str("a tcp-server has no remote; it accepts whoever calls"),
            Self::Address => {
                f.write_str("right is ADDRESS:PORT, e.g. 127.0.0.1:8080, 0.0.0.0:8080 or [::]:8080")
            }
            Self::Remote(error) => error.fmt(f),
            Self::Framing(error) => error.fmt(f),
            Self::Step(error) => error.fmt(f),
            Self::NoRoom => f.write_str(
                "right is one of each, in this order: length:…, hex:…, a checksum, hex:…, a line end",
            ),
            Self::Duration => f.write_str("right is a time from 1 ms to an hour, e.g. 5s or 500ms"),
            Self::Number(least, most) => write!(f, "right is a whole number from {least} to {most}"),
            Self::Group => f.write_str("right is a multicast address, e.g. 239.1.2.3 or ff02::1"),
            Self::Interface => {
                f.write_str("right is an IPv4 address of this machine, or the index of an interface")
            }
        }
    }
}

/// A field of a session and what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionProblem {
    /// Which field.
    pub field: SessionField,
    /// What is wrong.
    pub why: SessionTrouble,
}

impl fmt::Display for SessionProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field.path().join("."), self.why)
    }
}

impl std::error::Error for SessionProblem {}

/// What is to be opened for a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Protocol and addresses.
    pub link: Link,
    /// Options of the sockets.
    pub options: Options,
    /// How what is received is cut into messages.
    pub framing: Framing,
}

impl Session {
    /// What is to be opened.
    ///
    /// # Errors
    /// The first field that is wrong, of those that matter for this protocol.
    pub fn build(&self) -> Result<Opening, SessionProblem> {
        let link = match self.protocol {
            Protocol::TcpServer if !self.remote.trim().is_empty() => {
                return Err(wrong(SessionField::Remote)(SessionTrouble::NobodyToCall));
            }
            Protocol::TcpServer => Link::TcpServer { local: self.local()?.ok_or(MISSING_LOCAL)? },
            Protocol::TcpClient => {
                let missing = wrong(SessionField::Remote)(SessionTrouble::Missing);
                Link::TcpClient { remote: self.remote()?.ok_or(missing)?, local: self.local()? }
            }
            Protocol::Udp => Link::Udp {
                local: self.local()?.ok_or(MISSING_LOCAL)?,
                remote: self.remote()?,
                groups: self.options.group()?.into_iter().collect(),
            },
        };
        self.send.steps().map_err(SessionTrouble::Step).map_err(wrong(SessionField::SendAppend))?;
        Ok(Opening { link, options: self.options.build()?, framing: self.framing()? })
    }

    /// How what is received is cut into messages.
    ///
    /// # Errors
    /// When there is no such framing.
    pub fn framing(&self) -> Result<Framing, SessionProblem> {
        let framing = self.framing.trim();
        if framing.is_empty() {
            return Ok(Framing::AsReceived);
        }
        framing.parse().map_err(SessionTrouble::Framing).map_err(wrong(SessionField::Framing))
    }

    fn local(&self) -> Result<Option<SocketAddr>, SessionProblem> {
        let local = self.local.trim();
        let read = (!local.is_empty()).then(|| local.parse()).transpose();
        read.map_err(|_no_address| wrong(SessionField::Local)(SessionTrouble::Address))
    }

    fn remote(&self) -> Result<Option<Endpoint>, SessionProblem> {
        let remote = self.remote.trim();
        let read = (!remote.is_empty()).then(|| remote.parse()).transpose();
        read.map_err(SessionTrouble::Remote).map_err(wrong(SessionField::Remote))
    }
}

const MISSING_LOCAL: SessionProblem =
    SessionProblem { field: SessionField::Local, why: SessionTrouble::Missing };

fn wrong(field: SessionField) -> impl Fn(SessionTrouble) -> SessionProblem {
    move |why| SessionProblem { field, why }
}

/// How long something is waited for; `None` if that is left open.
fn patience(text: &str, field: SessionField) -> Result<Option<Duration>, SessionProblem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let allowed = Duration::from_millis(1)..=Duration::from_hours(1);
    let patience = span(text).filter(|patience| allowed.contains(patience));
    patience.map(Some).ok_or(wrong(field)(SessionTrouble::Duration))
}

impl SocketForm {
    /// The options of the sockets.
    fn build(&self) -> Result<Options, SessionProblem> {
        let usual = Options::default();
        let (multicast_interface, multicast_scope) = self.interface()?;
        Ok(Options {
            nodelay: self.nodelay,
            keepalive: self.keepalive,
            send_buffer: buffer(&self.send_buffer, SessionField::SendBuffer)?,
            receive_buffer: buffer(&self.receive_buffer, SessionField::ReceiveBuffer)?,
            abort_on_close: self.abort_on_close,
            half_open: self.half_open,
            connect_timeout: self.timeout()?.unwrap_or(usual.connect_timeout),
            reconnect: self.reconnect.then(Backoff::default),
            short: if self.short { Some(self.short()?) } else { None },
            broadcast: self.broadcast,
            multicast_ttl: number(&self.ttl, 0..=255, SessionField::Ttl)?
                .and_then(|ttl| u8::try_from(ttl).ok())
                .unwrap_or(usual.multicast_ttl),
            multicast_loopback: self.loopback,
            multicast_interface,
            multicast_scope,
        })
    }

    fn timeout(&self) -> Result<Option<Duration>, SessionProblem> {
        patience(&self.timeout, SessionField::Timeout)
    }

    /// How short connections are made.
    fn short(&self) -> Result<Short, SessionProblem> {
        let until = if self.short_until_closed { ShortUntil::PeerCloses } else { ShortUntil::Answered };
        let within = patience(&self.short_wait, SessionField::ShortWait)?;
        Ok(Short { until, within: within.unwrap_or(Short::default().within) })
    }

    fn group(&self) -> Result<Option<Group>, SessionProblem> {
        let text = self.group.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let address = text.parse().ok().filter(IpAddr::is_multicast);
        let address = address.ok_or(wrong(SessionField::Group)(SessionTrouble::Group))?;
        let (interface, scope) = self.interface()?;
        Ok(Some(Group { address, interface, scope }))
    }

    fn interface(&self) -> Result<(Option<Ipv4Addr>, u32), SessionProblem> {
        let text = self.interface.trim();
        if text.is_empty() {
            return Ok((None, 0));
        }
        let index = text.parse().ok().map(|index| (None, index));
        let read = index.or_else(|| Some((Some(text.parse().ok()?), 0)));
        read.ok_or(wrong(SessionField::Interface)(SessionTrouble::Interface))
    }
}

fn number(
    text: &str,
    range: std::ops::RangeInclusive<u32>,
    field: SessionField,
) -> Result<Option<u32>, SessionProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.map(Some).ok_or(wrong(field)(SessionTrouble::Number(*range.start(), *range.end())))
}

/// KiB as typed → bytes. A GiB is more than any system grants.
fn buffer(text: &str, field: SessionField) -> Result<Option<u32>, SessionProblem> {
    Ok(number(text, 1..=1 << 20, field)?.map(|kib| kib * 1024))
}

#[cfg(test)]
pub(super) mod tests;
