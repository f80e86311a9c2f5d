//! The log that NetAssist 5 writes: as the classic one, with the number of bytes in the head line.

use std::io;

use super::Style;
use super::entry::{Entry, time};
use super::netassist::{Clients, TIME, body_name, write_body};
use crate::model::Direction;

/// Writes the log of version 5.
#[derive(Debug)]
pub(super) struct NetAssist5<'a> {
    style: &'a Style,
    clients: Clients,
}

impl<'a> NetAssist5<'a> {
    pub(super) fn new(style: &'a Style) -> Self {
        Self { style, clients: Clients::default() }
    }

    pub(super) fn write(&mut self, entry: &Entry<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let time = time(entry.at, self.style, TIME);
        let Some(direction) = entry.kind.direction() else {
            return self.clients.write_event(entry, &time, out);
        };
        let (name, len) = (body_name(self.style.body), entry.bytes.len());
        match (direction, entry.flow) {
            (Direction::Received, Some(flow)) => {
                let (ip, port) = (flow.peer.ip(), flow.peer.port());
                write!(out, "[{time}]# RECV {name}/{len} from {ip} :{port} <<<\r\n")?;
            }
            (Direction::Received, None) => write!(out, "[{time}]# RECV {name}/{len} <<<\r\n")?,
            // Version 5 does not say to whom.
            (Direction::Sent, _) => write!(out, "[{time}]# SEND {name}/{len} >>>\r\n")?,
        }
        write_body(self.style.body, entry, out)
    }
}
