//! Converts captures of other programs, so that everything else handles only our own: packets become what
//! sockets would have delivered. TCP segments are reordered, retransmissions dropped, gaps noted.

mod connection;
mod connections;
mod file;
mod fragments;
mod headers;
mod link;
mod stream;
mod target;

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::ControlFlow;
use std::path::Path;

use self::connection::Key;
use self::connections::{Connections, Sighting};
use self::file::{Item, Packet, Packets};
use self::fragments::Fragments;
use self::headers::{Ip, Segment};
use self::link::{Framed, Strip};
use self::target::Target;
use super::block::invalid;
use super::{ScanBatch, Writer};
use crate::model::{Cast, Direction, FlowId, Origin, Recorder as _, SessionNote, Stamp, Transport};

/// The result of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportEnd {
    /// How many packets were read.
    pub packets: u64,
    /// How many of them are neither TCP nor UDP, or could not be decoded. The last record says so, too.
    pub left_out: u64,
    /// How far the file was read, in bytes.
    pub end: u64,
    /// There is more after `end`, but not a whole packet.
    pub torn: bool,
}

/// Reads a capture of any program (pcapng, or pcap with microseconds or nanoseconds, in either byte order)
/// and writes it through `writer`, an empty capture. Passes what was written to `sink` in batches, until
/// `sink` breaks. [`ScanBatch::at`] is the progress in the file at `path`; everything else in a batch refers
/// to the new capture.
///
/// Supports IPv4 and IPv6 in Ethernet frames (with VLAN tags), raw, with loopback headers and in Linux cooked
/// captures; fragments are reassembled. Each segment with new data becomes a record, in stream order, with
/// the time of its packet, so that times may go back from record to record. Our side is the one that the capture marks (`epb_flags`, or the packet
/// type of a cooked capture), else the one that connected or sent the first datagram. A connection that was
/// established before the capture begins with its first data. A connection attempt without an answer is
/// recorded as refused. Segments count as for a receiver by RFC 9293: an RST only with exactly the next number, a SYN
/// not within a connection, data not after the end. What is left out is noted with its flow. Comments on packets become notes on their records, or records of their own if the
/// packet has no record.
///
/// Takes a few hundred bytes of memory per connection, and at most 64 MiB for segments out of order. Missing
/// bytes are waited for until the receiver has acknowledged them and 50 ms or 64 packets have passed, or
/// until 16 MiB are waiting behind them. They are noted as [`SessionNote::Missing`], as are bytes of packets
/// that were not captured whole.
///
/// # Errors
/// Those of the system; [`io::ErrorKind::InvalidData`] if the file is not a capture, is damaged, or has an
/// unsupported link type, with the reason and the offset. Everything before was passed to `sink`.
pub fn import(
    path: &Path,
    writer: &mut Writer,
    sink: &mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
) -> io::Result<ImportEnd> {
    let file = File::open(path)?;
    let mut packets = Packets::open(&file)?;
    let title = path.file_name().unwrap_or_default().to_string_lossy();
    let mut import = Import::new(Target::new(writer, sink), &title);
    let torn = loop {
        let step = packets.next().and_then(|item| {
            match item {
                Item::Packet(packet) => import.packet(packets.bytes(&packet)?, packet),
                Item::Comment(at, text) => import.comment(&text, at),
                Item::Other => {}
                Item::End { torn } => return Ok(Some(torn)),
            }
            Ok(None)
        });
        match step {
            Ok(Some(torn)) => break torn,
            Ok(None) => {}
            Err(error) => {
                import.finish(packets.at)?;
                return Err(error);
            }
        }
        if import.target.progress(packets.at)?.is_break() {
            return Ok(import.end(packets.at, false));
        }
    };
    if let Some(link) = import.unknown_link.filter(|_| import.left_out == import.packets) {
        return Err(invalid(0, format_args!("unsupported link type {link}")));
    }
    import.finish(packets.at)?;
    Ok(import.end(packets.at, torn))
}

struct Import<'a> {
    target: Target<'a>,
    title: &'a str,
    begun: bool,
    packets: u64,
    left_out: u64,
    unknown_link: Option<u32>,
    last: Stamp,
    fragments: Fragments,
    connections: Connections,
    /// Flows of datagrams, and which end is ours.
    datagrams: HashMap<Key, (FlowId, SocketAddr)>,
}

/// What the file tells about an IP packet.
struct About {
    at: Stamp,
    direction: Option<Direction>,
    cast: Cast,
    comment: String,
}

impl<'a> Import<'a> {
    fn new(target: Target<'a>, title: &'a str) -> Self {
        Self {
            target,
            title,
            begun: false,
            packets: 0,
            left_out: 0,
            unknown_link: None,
            last: Stamp::default(),
            fragments: Fragments::default(),
            connections: Connections::default(),
            datagrams: HashMap::new(),
        }
    }

    fn end(&self, end: u64, torn: bool) -> ImportEnd {
        ImportEnd { packets: self.packets, left_out: self.left_out, end, torn }
    }

    fn begin(&mut self, at: Stamp) {
        self.last = at;
        if !std::mem::replace(&mut self.begun, true) {
            self.target.begin(self.title, at);
        }
    }

    fn comment(&mut self, text: &str, at: Stamp) {
        self.begin(at);
        // A capture of ours that another program has changed keeps its session notes.
        match SessionNote::read(text) {
            (Some(note), _) => self.target.writer.session_note(note, at),
            (None, words) => self.target.writer.note(words, at),
        }
    }

    fn packet(&mut self, bytes: &[u8], packet: Packet) {
        let Packet { at, link, bytes: _, direction, cast, comment } = packet;
        self.begin(at);
        self.packets += 1;
        let framed = match link::strip(link, bytes) {
            Strip::Ip(framed) => Some(framed),
            Strip::Other => None,
            Strip::UnknownLink => {
                self.unknown_link = Some(link);
                None
            }
        };
        let ip = framed.and_then(|framed| Some((framed, headers::ip(framed.ip)?)));
        let mut about = About { at, direction, cast, comment };
        match ip {
            Some((framed, ip)) => {
                about.add(framed, &ip);
                self.ip(&ip, &mut about);
            }
            None => self.left_out += 1,
        }
        // The packet has no record.
        self.target.comment(&mut about.comment, at);
    }

    fn ip(&mut self, ip: &Ip<'_>, about: &mut About) {
        let Some(fragment) = ip.fragment else { return self.whole(ip, about) };
        if let Some(whole) = self.fragments.add(ip, fragment) {
            let ip = Ip { payload: &whole, len: whole.len(), fragment: None, ..ip.clone() };
            match headers::extensions(ip) {
                Some(ip) => self.whole(&ip, about),
                None => self.left_out += 1,
            }
        }
    }

    fn whole(&mut self, ip: &Ip<'_>, about: &mut About) {
        let Some(segment) = headers::segment(ip) else {
            self.left_out += 1;
            return;
        };
        if let Some(tcp) = segment.tcp {
            let comment = std::mem::take(&mut about.comment);
            let (at, direction) = (about.at, about.direction);
            let (key, side) = Key::of(segment.from, segment.to);
            let mut sighting = Sighting { key, side, segment, tcp, at, direction, comment };
            self.connections.packet(&mut sighting, &mut self.target);
            about.comment = sighting.comment;
        } else {
            self.datagram(&segment, about);
        }
    }

    fn datagram(&mut self, segment: &Segment<'_>, about: &mut About) {
        let Segment { from, to, payload, cut, .. } = *segment;
        let target = &mut self.target;
        let (key, _side) = Key::of(from, to);
        let (flow, local) = *self.datagrams.entry(key).or_insert_with(|| {
            let (local, peer) = match about.direction {
                Some(Direction::Received) => (to, from),
                Some(Direction::Sent) | None => (from, to),
            };
            (target.flow(Transport::Udp, local, peer, Origin::Datagram, about.at), local)
        });
        let direction = if from == local { Direction::Sent } else { Direction::Received };
        let cast = match (about.cast, to.ip()) {
            (Cast::Unicast, ip) if ip.is_multicast() => Cast::Multicast,
            (Cast::Unicast, IpAddr::V4(Ipv4Addr::BROADCAST)) => Cast::Broadcast,
            (cast, _) => cast,
        };
        target.remark(&mut about.comment);
        target.writer.data(flow, direction, cast, true, payload, about.at);
        if cut > 0 {
            target.writer.flow_note(flow, &SessionNote::Missing(cut as u64, from, to), about.at);
        }
    }

    fn finish(&mut self, position: u64) -> io::Result<()> {
        self.left_out += self.fragments.lost();
        self.begin(self.last);
        let strays = self.connections.finish(self.last, &mut self.target);
        if strays > 0 {
            self.target.writer.session_note(SessionNote::Strays(strays), self.last);
        }
        if self.left_out > 0 {
            self.target.writer.session_note(SessionNote::LeftOut(self.left_out), self.last);
        }
        self.target.writer.finish(0, self.last);
        // Breaking here makes no difference: nothing follows.
        match self.target.tell(position)? {
            ControlFlow::Continue(()) | ControlFlow::Break(()) => Ok(()),
        }
    }
}

impl About {
    /// Adds what the frame tells.
    fn add(&mut self, framed: Framed<'_>, ip: &Ip<'_>) {
        // Loopback packets are all marked as incoming, and both ends are ours.
        let within = ip.from == ip.to || ip.from.is_loopback();
        self.direction = self.direction.or(framed.direction.filter(|_| !within));
        if self.cast == Cast::Unicast {
            self.cast = framed.cast;
        }
    }
}
