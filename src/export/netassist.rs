//! The logs of NetAssist, for scripts that parse them.
//!
//! Hex is in upper case with a blank after each byte, including the last; a blank line follows each entry;
//! lines end in CR LF. As in NetAssist, data are not indented, so they may look like a head line.

use std::collections::HashMap;
use std::io;

use super::entry::{Entry, lines, time};
use super::text::{event, one_line};
use super::{Body, Style};
use crate::codec::hex;
use crate::model::{Direction, Ending, FlowId, Origin, RecordKind, zone};

/// The format of times.
const TIME: &str = "%Y-%m-%d %H:%M:%S%.3f";

/// The version of NetAssist whose log is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Version {
    /// Up to version 4.
    Four,
    /// Version 5, which tells the number of bytes.
    Five,
}

/// Writes a log of NetAssist.
#[derive(Debug)]
pub(super) struct NetAssist<'a> {
    style: &'a Style,
    version: Version,
    clients: Clients,
}

impl<'a> NetAssist<'a> {
    pub(super) fn new(style: &'a Style, version: Version) -> Self {
        Self { style, version, clients: Clients::default() }
    }

    pub(super) fn write(&mut self, entry: &Entry<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let time = time(entry.at, self.style, TIME);
        let Some(direction) = entry.kind.direction() else {
            return self.clients.write_event(entry, &time, out);
        };
        let (verb, preposition, arrow) = match direction {
            Direction::Received => ("RECV", "FROM", "<<<"),
            Direction::Sent => ("SEND", "TO", ">>>"),
        };
        let (name, len) = (body_name(self.style.body), entry.bytes.len());
        let peer = entry.flow.map(|flow| {
            let name = flow.name();
            let more = name.strip_prefix(&flow.peer.to_string()).unwrap_or_default();
            format!("{} :{}{more}", zone::host(flow.peer), flow.peer.port())
        });
        match (self.version, direction, peer) {
            (Version::Four, _, Some(peer)) => {
                write!(out, "[{time}]# {verb} {name} {preposition} {peer}>\r\n")?;
            }
            (Version::Four, _, None) => write!(out, "[{time}]# {verb} {name} >\r\n")?,
            (Version::Five, Direction::Received, Some(peer)) => {
                write!(out, "[{time}]# {verb} {name}/{len} from {peer} {arrow}\r\n")?;
            }
            // Version 5 does not name the recipient.
            (Version::Five, _, _) => write!(out, "[{time}]# {verb} {name}/{len} {arrow}\r\n")?,
        }
        write_body(self.style.body, entry, out)
    }
}

/// The word for the data in a head line.
fn body_name(body: Body) -> &'static str {
    match body {
        Body::Text => "ASCII",
        Body::Hex | Body::Dump => "HEX",
    }
}

/// Writes the data and a blank line.
fn write_body(body: Body, entry: &Entry<'_>, out: &mut dyn io::Write) -> io::Result<()> {
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

/// Reports clients as NetAssist does: once when they come online and once when they go offline, although each
/// direction of a connection ends separately.
#[derive(Debug, Default)]
struct Clients {
    /// By conversation, the direction that has ended.
    half_closed: HashMap<FlowId, Ending>,
}

impl Clients {
    /// Writes the line of an event, if there is one.
    fn write_event(&mut self, entry: &Entry<'_>, time: &str, out: &mut dyn io::Write) -> io::Result<()> {
        match self.event(entry) {
            Some(said) => write!(out, "[{time}]# {said}\r\n\r\n"),
            None => Ok(()),
        }
    }

    /// The text of an event; `None` for the end of one direction while the other continues.
    fn event(&mut self, entry: &Entry<'_>) -> Option<String> {
        let Some(flow) = entry.flow else { return Some(one_line(&event(entry))) };
        let accepted = flow.origin == Origin::Accepted;
        match entry.kind {
            RecordKind::Connected if accepted => Some(format!("Client {} gets online.", flow.name())),
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
                let peer = flow.name();
                Some(if accepted {
                    format!("Client {peer} gets offline.")
                } else {
                    format!("Disconnected from {peer}.")
                })
            }
            _ => Some(one_line(&event(entry))),
        }
    }
}
