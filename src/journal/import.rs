//! Converts captures of other programs, so that everything else handles only our own: packets become what
//! sockets would have delivered. TCP segments are reordered, retransmissions dropped, gaps noted.

mod connection;
mod connections;
mod decrypt;
mod file;
mod fragments;
mod headers;
mod link;
mod link_name;
mod stream;
mod target;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::ControlFlow;
use std::path::Path;

use self::connection::{Key, Side};
use self::connections::{Connections, Sighting};
pub use self::decrypt::Decryption;
use self::decrypt::{Decrypter, Told};
use self::file::{Item, Packet, Packets};
use self::fragments::{Fragments, Incomplete};
use self::headers::{Ends, Ip, Segment};
use self::link::{Framed, Layer, Strip, Unread};
use self::target::Target;
use super::block::{Order, invalid, padded};
use super::packet::{self, ACK, SYN};
use super::{ScanBatch, Writer};
use crate::model::{
    CaptureFault, Cast, Direction, FlowId, Origin, Recorder as _, SessionNote, Stamp, TlsNote, Transport,
};

/// The most tunnels around a packet.
const MOST_TUNNELS: u8 = 8;
/// The most link types, and the most protocols, that are counted one by one.
const MOST_KINDS: usize = 64;

/// How captures of other programs are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// What is read of VXLAN and Geneve.
    pub tunnels: Tunnels,
    /// The most bytes that a compressed file may have when it is unpacked; `None` for the usual limit.
    pub unpacked: Option<u64>,
    /// Of connections that are decrypted, the bytes on the wire. This is for captures of ours, too.
    pub wire: bool,
    /// How TLS is read, unless what is on the wire is wanted.
    pub decryption: Decryption,
}

/// What is read of the datagrams of VXLAN and Geneve. Other tunnels have no flow of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tunnels {
    /// The datagrams.
    #[default]
    Outer,
    /// The packets in them, if they can be read.
    Inner,
}

/// The result of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportEnd {
    /// How many packets were read; each one in an aggregate of 802.11 counts.
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
/// Supports IPv4 and IPv6 raw, in Ethernet (with VLAN tags, LLC, MPLS, `PPPoE`), PPP, Cisco HDLC, Linux cooked, NFLOG,
/// PKTAP, PPI, 802.11, FDDI, SLIP and `InfiniBand` captures, with loopback headers, and in tunnels (IP, GRE, ERSPAN, WCCP,
/// MPLS, PIM, NSH); fragments are reassembled. Each segment
/// with new data becomes a record, in stream order, with the time of its packet, so that times may go back from record to
/// record. Our side is the one that the capture marks (`epb_flags`, or the packet type of a cooked capture), else the one
/// that connected or sent the first datagram. A connection that was
/// established before the capture begins with its first data. A connection attempt without an answer is
/// recorded as refused. Segments count as for a receiver by RFC 9293: an RST only with exactly the next number, a SYN
/// not within a connection, data not after the end. What is left out is noted with its flow. Comments on packets become notes on their records, or records of their own if the
/// packet has no record. With [`Decryption`], of a TLS connection for which there are secrets, what its records carry is in
/// the place of the segments, from the hello of the client on; each with the time of the packet in which it ends.
///
/// Takes a few hundred bytes of memory per connection, and at most 64 MiB for segments out of order and 32 MiB for what
/// retransmissions are compared with. Missing
/// bytes are waited for until the receiver has acknowledged them and 50 ms or 64 packets have passed, or
/// until 16 MiB are waiting behind them. They are noted as [`SessionNote::Missing`], as are bytes of packets
/// that were not captured whole.
///
/// # Errors
/// Those of the system; [`io::ErrorKind::InvalidData`] if the file is not a capture, is damaged, or has an
/// unsupported link type, with the reason and the offset. Everything before was passed to `sink`.
pub fn import(
    path: &Path,
    how: Reading,
    writer: &mut Writer,
    sink: &mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
) -> io::Result<ImportEnd> {
    let title = path.file_name().unwrap_or_default().to_string_lossy();
    import_file((&File::open(path)?, path), &title, how, writer, sink)
}

/// The same with an open file, whose path may not lead to it any more where that is possible, and the title of the capture.
pub(super) fn import_file(
    (file, path): (&File, &Path),
    title: &str,
    how: Reading,
    writer: &mut Writer,
    sink: &mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
) -> io::Result<ImportEnd> {
    let mut packets = Packets::open(file)?;
    let mut import = Import::new(Target::new(writer, sink), title, how);
    import.source = Some((file, path)).filter(|_| !import.how.wire);
    if let (Decryption::KeyLog(path), true) = (import.how.decryption.clone(), import.source.is_some()) {
        import.secrets(&Decrypter::key_log(&path)?);
    }
    let torn = loop {
        let step = packets.next().and_then(|item| {
            match item {
                Item::Packet(packet) => import.packet(packets.bytes(&packet)?, packet),
                Item::Comment(at, text) => import.comment(&text, at),
                Item::Secrets(text) => import.secrets(&text),
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
    if let Some(link) = import.unread.keys().next().filter(|_| import.left_out == import.packets) {
        return Err(invalid(0, CaptureFault::LinkType(link_name::name(*link))));
    }
    import.finish(packets.at)?;
    Ok(import.end(packets.at, torn))
}

struct Import<'a> {
    target: Target<'a>,
    title: &'a str,
    how: Reading,
    begun: bool,
    /// The number of the current packet in the file.
    number: u64,
    /// How many packets were read. There may be several in one of the file.
    packets: u64,
    left_out: u64,
    /// How many packets have a link type that is not supported.
    unread: BTreeMap<u32, u64>,
    /// How many others have something else than TCP and UDP.
    others: BTreeMap<Unread, u64>,
    last: Stamp,
    fragments: Fragments,
    connections: Connections,
    /// Flows of datagrams, and which end is ours.
    datagrams: HashMap<Key, (FlowId, SocketAddr)>,
    /// Connections that are decrypted in a capture of ours, and whether they began on the wire.
    decrypted: HashMap<Key, bool>,
    /// The file, until it is decrypted.
    source: Option<(&'a File, &'a Path)>,
    decrypter: Option<Decrypter>,
    /// What is told about the current packet.
    told: Option<Told>,
    /// Why the file is not decrypted, until that is noted.
    undecrypted: Option<TlsNote>,
}

/// What the file tells about an IP packet.
struct About {
    at: Stamp,
    direction: Option<Direction>,
    cast: Cast,
    comment: String,
    /// It is on an interface of decrypted data of ours.
    decrypted: bool,
}

impl<'a> Import<'a> {
    fn new(target: Target<'a>, title: &'a str, how: Reading) -> Self {
        Self {
            target,
            title,
            how,
            begun: false,
            number: 0,
            packets: 0,
            left_out: 0,
            unread: BTreeMap::new(),
            others: BTreeMap::new(),
            last: Stamp::default(),
            fragments: Fragments::default(),
            connections: Connections::default(),
            datagrams: HashMap::new(),
            decrypted: HashMap::new(),
            source: None,
            decrypter: None,
            told: None,
            undecrypted: None,
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
        let Packet { at, decrypted, link, bytes: _, direction, cast, comment } = packet;
        self.begin(at);
        self.packets += 1;
        self.number += 1;
        self.ask(bytes.len(), decrypted, at);
        let mut about = About { at, direction, cast, comment, decrypted };
        self.layers(Layer::Link(link), bytes, &mut about, MOST_TUNNELS);
        // The packet has no record.
        self.target.comment(&mut about.comment, at);
    }

    /// Takes the packet in a frame or a tunnel, in which there may be so many more.
    fn layers(&mut self, layer: Layer, bytes: &[u8], about: &mut About, tunnels: u8) {
        match link::strip(layer, bytes) {
            Strip::Ip(framed) => {
                if let Some(mut ip) = headers::ip(framed.ip) {
                    // A header before it says that it is shorter, as where padding was counted as data.
                    if ip.protocol == 6 && framed.ip.as_ptr_range().end < bytes.as_ptr_range().end {
                        ip.len = ip.len.min(ip.payload.len());
                    }
                    about.add(framed, &ip);
                    return self.ip(&ip, about, tunnels);
                }
            }
            Strip::Several(mut rest) if rest.len() >= 14 => {
                self.packets -= 1;
                while let Some(len) = Order::Big.u16(rest, 12).map(usize::from) {
                    let frame = rest.get(14..).unwrap_or_default();
                    let frame = frame.get(..len).unwrap_or(frame);
                    self.packets += 1;
                    self.layers(Layer::Llc, frame, about, tunnels);
                    rest = rest.get(padded(14 + len)..).unwrap_or_default();
                }
                // A checksum may follow.
                if rest.len() <= 4 {
                    return;
                }
                self.packets += 1;
            }
            Strip::UnknownLink(link) => count(&mut self.unread, link),
            Strip::Unread(what) => count(&mut self.others, what),
            Strip::Several(_) | Strip::Other => {}
        }
        self.left_out += 1;
    }

    fn ip(&mut self, ip: &Ip<'_>, about: &mut About, tunnels: u8) {
        let Some(fragment) = ip.fragment else { return self.whole(ip, about, tunnels) };
        if fragment.offset == 0 && ip.payload.len() < ip.len {
            // The packet will not be complete. What was captured may be its begin, whose header has the length.
            let udp_len = || Order::Big.u16(ip.payload, 4).map_or(0, usize::from);
            let len = if ip.protocol == 17 { udp_len().max(ip.len) } else { ip.len };
            let ip = Ip { len, fragment: None, ..ip.clone() };
            return match headers::extensions(ip) {
                Some(ip) => self.whole(&ip, about, tunnels),
                None => self.left_out += 1,
            };
        }
        let whole = self.fragments.add(ip, fragment, about.at);
        self.incomplete();
        if let Some(whole) = whole {
            let ip = Ip { payload: &whole, len: whole.len(), fragment: None, ..ip.clone() };
            match headers::extensions(ip) {
                Some(ip) => self.whole(&ip, about, tunnels),
                None => self.left_out += 1,
            }
        }
    }

    /// Notes the fragments that were given up.
    fn incomplete(&mut self) {
        for Incomplete { n, at, key: (from, to, protocol, _id), head } in
            std::mem::take(&mut self.fragments.lost)
        {
            self.left_out += n;
            let payload = head.as_deref().unwrap_or_default();
            let ip = Ip { from, to, protocol, payload, len: payload.len(), fragment: None };
            if let Some((from, to)) = headers::extensions(ip).as_ref().and_then(headers::ends) {
                self.note(protocol, &SessionNote::Incomplete(n, from, to), (from, to), at);
            }
        }
    }

    /// Writes a note about what is left out between these ends, with their flow if there is one.
    fn note(&mut self, protocol: u8, note: &SessionNote, (from, to): Ends, at: Stamp) {
        let (key, _side) = Key::of(from, to);
        let flow = match protocol {
            6 => self.connections.flow(&key),
            _ => self.datagrams.get(&key).map(|(flow, _local)| *flow),
        };
        self.target.writer.flow_note(flow.unwrap_or(FlowId::NONE), note, at);
    }

    fn whole(&mut self, ip: &Ip<'_>, about: &mut About, tunnels: u8) {
        if let Some(layer) = link::tunnel(ip.protocol) {
            match tunnels.checked_sub(1) {
                Some(tunnels) => self.layers(layer, ip.payload, about, tunnels),
                None => self.left_out += 1,
            }
            return;
        }
        let segment = match headers::segment(ip) {
            Ok(segment) => segment,
            Err(ends) => {
                self.left_out += 1;
                if let Some(ends @ (from, to)) = ends {
                    self.note(ip.protocol, &SessionNote::Unreadable(from, to), ends, about.at);
                } else if !matches!(ip.protocol, 6 | 17) {
                    count(&mut self.others, Unread::Ip(ip.protocol));
                }
                return;
            }
        };
        if self.how.tunnels == Tunnels::Inner
            && let Some(tunnels) = tunnels.checked_sub(1)
            && let Some(layer) = link::udp_tunnel(&segment)
            && let Strip::Ip(framed) = link::strip(layer, segment.payload)
            && headers::ip(framed.ip).is_some()
        {
            return self.layers(layer, segment.payload, about, tunnels);
        }
        if let Some(tcp) = segment.tcp {
            let Some(segment) = self.of_one_layer(segment, tcp.flags, about.decrypted) else { return };
            let comment = std::mem::take(&mut about.comment);
            let (at, direction) = (about.at, about.direction);
            let (key, side) = Key::of(segment.from, segment.to);
            let mut told = self.told.take();
            self.plain(told.as_mut(), (key, side), at);
            let begins = told.as_ref().zip(self.decrypter.as_ref()).is_some_and(|(told, by)| by.begins(told));
            self.target.begins_tls = begins;
            let mut sighting = Sighting { key, side, segment, tcp, at, direction, comment };
            self.connections.packet(&mut sighting, &mut self.target);
            if begins && !std::mem::take(&mut self.target.begins_tls) {
                if let (Some(by), Some(told)) = (&mut self.decrypter, &told) {
                    by.begun(told);
                }
                // What a client sends at once.
                self.plain(told.as_mut(), (key, side), at);
            }
            about.comment = sighting.comment;
        } else {
            self.datagram(&segment, about);
        }
    }

    /// Takes in secrets, and begins to decrypt with the first.
    fn secrets(&mut self, text: &[u8]) {
        if self.how.decryption != Decryption::None
            && let Some(source) = self.source.take()
        {
            let key_log = match &self.how.decryption {
                Decryption::KeyLog(path) => Some(path.as_path()),
                Decryption::OwnSecrets | Decryption::None => None,
            };
            match Decrypter::start(source, key_log) {
                Ok(decrypter) => self.decrypter = Some(decrypter),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.undecrypted = Some(TlsNote::NoTshark);
                }
                Err(_) => self.undecrypted = Some(TlsNote::TsharkEnded),
            }
        }
        if let Some(decrypter) = &mut self.decrypter {
            decrypter.add_secrets(text);
        }
    }

    /// Asks what there is about the current packet.
    fn ask(&mut self, len: usize, is_ours: bool, at: Stamp) {
        if is_ours {
            // The capture has what is decrypted.
            (self.source, self.decrypter, self.undecrypted) = (None, None, None);
        }
        if let Some(decrypter) = &mut self.decrypter {
            if let Ok(told) = decrypter.packet(self.number, len) {
                self.told = told;
            } else {
                self.decrypter = None;
                self.target.decrypted.clear();
                self.undecrypted = Some(TlsNote::TsharkEnded);
            }
        }
        if let Some(why) = self.undecrypted.take() {
            self.target.writer.session_note(SessionNote::Tls(why), at);
        }
    }

    /// Records what TLS carries that ends in this packet, if it is decrypted.
    fn plain(&mut self, told: Option<&mut Told>, (key, side): (Key, Side), at: Stamp) {
        let Some((told, (flow, direction))) = told.zip(self.connections.sender(&key, side)) else { return };
        if told.is_sealed && self.target.decrypted.remove(&flow) {
            let note = SessionNote::Tls(TlsNote::SecretsDoNotFit);
            self.target.writer.flow_note(flow, &note, at);
        }
        if self.target.decrypted.contains(&flow) {
            for bytes in std::mem::take(&mut told.data) {
                self.target.writer.data(flow, direction, Cast::Unicast, true, &bytes, at);
            }
        }
    }

    /// A segment of a connection that is both on the wire and decrypted: that of the layer that is wanted. What is
    /// decrypted goes on in the place of what is on the wire.
    fn of_one_layer<'s>(&mut self, segment: Segment<'s>, flags: u8, decrypted: bool) -> Option<Segment<'s>> {
        if !decrypted {
            if self.decrypted.is_empty() {
                return Some(segment);
            }
            let (key, _side) = Key::of(segment.from, segment.to);
            if flags & (SYN | ACK) == SYN {
                self.decrypted.remove(&key);
            }
            return (!self.decrypted.contains_key(&key)).then_some(segment);
        }
        if self.how.wire {
            return None;
        }
        let (from, to) = (packet::unmarked(segment.from), packet::unmarked(segment.to));
        let (key, _side) = Key::of(from, to);
        if flags & (SYN | ACK) == SYN {
            self.decrypted.insert(key, self.connections.flow(&key).is_some());
        }
        let goes_on = flags & SYN != 0 && self.decrypted.get(&key).copied().unwrap_or_default();
        (!goes_on).then_some(Segment { from, to, ..segment })
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
        self.begin(self.last);
        while self.fragments.give_up() {}
        self.incomplete();
        let strays = self.connections.finish(self.last, &mut self.target);
        if strays > 0 {
            self.target.writer.session_note(SessionNote::Strays(strays), self.last);
        }
        if let Some(n @ 1..) = self.decrypter.as_ref().map(Decrypter::n_without) {
            self.target.writer.session_note(SessionNote::Tls(TlsNote::NoSecrets(n)), self.last);
        }
        let unread = self.unread.values().chain(self.others.values()).sum::<u64>();
        for (link, n) in &self.unread {
            let name = link_name::name(*link);
            self.target.writer.session_note(SessionNote::UnreadLink(*n, name), self.last);
        }
        for (what, n) in &self.others {
            let name = link_name::protocol(*what);
            self.target.writer.session_note(SessionNote::UnreadProtocol(*n, name), self.last);
        }
        if self.left_out > unread {
            self.target.writer.session_note(SessionNote::LeftOut(self.left_out - unread), self.last);
        }
        self.target.writer.finish(None, self.last);
        // Breaking here makes no difference: nothing follows.
        match self.target.tell(position)? {
            ControlFlow::Continue(()) | ControlFlow::Break(()) => Ok(()),
        }
    }
}

/// Counts a packet that is left out.
fn count<K: Ord>(counts: &mut BTreeMap<K, u64>, what: K) {
    // Only as many kinds as a file has by intention.
    if counts.len() < MOST_KINDS || counts.contains_key(&what) {
        *counts.entry(what).or_default() += 1;
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
