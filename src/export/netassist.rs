//! The log that NetAssist wrote up to version 4, for the scripts that parse it.
//!
//! Upper-case hex with a blank after each byte, also the last; a blank line after each entry; lines end
//! in CR LF. The data are not indented, so that they can pass for a head line: that is how the format is.

use std::collections::HashMap;
use std::io;

use super::entry::{Entry, lines, time};
use super::text::{event, one_line};
use super::{Body, Style};
use crate::codec::hex;
use crate::model::{Direction, Ending, FlowId, Origin, RecordKind};

/// The pattern of the times.
pub(super) const TIME: &str = "%Y-%m-%d %H:%M:%S%.3f";

/// Writes the classic log.
#[derive(Debug)]
pub(super) struct NetAssist<'a> {
    style: &'a Style,
    clients: Clients,
}

impl<'a> NetAssist<'a> {
    pub(super) fn new(style: &'a Style) -> Self {
        Self { style, clients: Clients::default() }
    }

    pub(super) fn write(&mut self, entry: &Entry<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let time = time(entry.at, self.style, TIME);
        let Some(direction) = entry.kind.direction() else {
            return self.clients.write_event(entry, &time, out);
        };
        let verb = match direction {
            Direction::Received => "RECV",
            Direction::Sent => "SEND",
        };
        let preposition = match direction {
            Direction::Received => "FROM",
            Direction::Sent => "TO",
        };
        write!(out, "[{time}]# {verb} {} ", body_name(self.style.body))?;
        match entry.flow {
            Some(flow) => write!(out, "{preposition} {} :{}>\r\n", flow.peer.ip(), flow.peer.port())?,
            None => write!(out, ">\r\n")?,
        }
        write_body(self.style.body, entry, out)
    }
}

/// What the head line calls the data.
pub(super) fn body_name(body: Body) -> &'static str {
    match body {
        Body::Text => "ASCII",
        Body::Hex | Body::Dump => "HEX",
    }
}

/// The data, and the blank line after them.
pub(super) fn write_body(body: Body, entry: &Entry<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    match body {
        Body::Text => lines(entry.text).try_for_each(|line| write!(out, "{line}\r\n"))?,
        Body::Hex | Body::Dump => {
            for byte in entry.bytes {
                let [high, low] = hex::digits(*byte);
                write!(out, "{high}{low} ")?;
            }
            write!(out, "\r\n")?;
        }
    }
    write!(out, "\r\n")
}

/// Which clients of a server are online, as NetAssist says it: once when they come, once when they
/// go, although a connection has two ends.
#[derive(Debug, Default)]
pub(super) struct Clients {
    /// By conversation, the direction that has ended.
    half_closed: HashMap<FlowId, Ending>,
}

impl Clients {
    /// Writes the line of a record without data, if there is anything to say of it.
    pub(super) fn write_event(
        &mut self,
        entry: &Entry<'_>,
        time: &str,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        match self.event(entry) {
            Some(said) => write!(out, "[{time}]# {said}\r\n\r\n"),
            None => Ok(()),
        }
    }

    /// What to say of a record without data; `None` for an end after which the other half goes on.
    fn event(&mut self, entry: &Entry<'_>) -> Option<String> {
        let Some(flow) = entry.flow else { return Some(one_line(&event(entry))) };
        let accepted = flow.origin == Origin::Accepted;
        match entry.kind {
            RecordKind::Connected if accepted => Some(format!("Client {} gets online.", flow.peer)),
            RecordKind::Ended(how) => {
                let over = match how {
                    Ending::PeerReset | Ending::OwnReset => true,
                    Ending::PeerFin | Ending::OwnFin => {
                        self.half_closed.insert(flow.id, how).is_some_and(|before| before != how)
                    }
                };
                if !over {
                    return None;
                }
                self.half_closed.remove(&flow.id);
                let peer = flow.peer;
                Some(if accepted {
                    format!("Client {peer} gets offline.")
                } else {
                    format!("Disconnected from {peer}.")
                })
            }
            RecordKind::Connected
            | RecordKind::Refused
            | RecordKind::Note
            | RecordKind::Received
            | RecordKind::Sent => Some(one_line(&event(entry))),
        }
    }
}
