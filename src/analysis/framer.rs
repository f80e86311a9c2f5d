//! Splits the records of a capture into messages.

mod stream;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;

use self::stream::Stream;
use crate::codec::frame::{Cut, Framer, Framing};
use crate::journal::{Reader, View, Walk};
use crate::model::{Direction, FlowId, Index, Message, Record, RecordKind, SessionNote, Transport, fit};

/// A step takes at most this many records …
const STEP_RECORDS: u64 = 1 << 16;
/// … and begins no record after this many bytes of payload: some hundredths of a second.
const STEP_BYTES: u64 = 32 << 20;

/// Whether a step has reached the end of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Records are left for the next step.
    More,
    /// All records of the snapshot are processed.
    CaughtUp,
}

/// Splits the records of a capture into messages, from the first record on.
///
/// Each direction of a TCP connection is a stream. Each datagram is a stream of its own: its end ends its
/// last message, and an empty one is a message. What this side has sent at once ends a line, or a message with a delimiter,
/// too. Each event is a message. With [`Framing::AsReceived`] every
/// record is a message, and nothing is read.
///
/// Messages are in the order of the records that show their end, which are their last records. Mostly these
/// contain the last bytes of the message. But a message that ends with a pause or a lone CR, or that is
/// invalid, shows its end only with the next bytes; one that is cut off, with the end of the connection or a
/// note that bytes are missing.
///
/// Takes about 200 bytes of memory for each direction of an open connection, and 16 for each of at most 1,032
/// records in which a header may begin; none for payload.
#[derive(Debug, Clone)]
pub struct CaptureFramer {
    framing: Framing,
    /// The state at the start of a stream.
    fresh: Framer,
    /// Splits datagrams, one after another.
    datagrams: Framer,
    streams: HashMap<(FlowId, Direction), Stream>,
    /// The flow looked up last.
    recent: Option<(FlowId, Transport)>,
    next: u64,
}

impl CaptureFramer {
    /// A framer that has not seen any records.
    pub fn new(framing: &Framing) -> Self {
        let fresh = Framer::new(framing);
        Self {
            framing: framing.clone(),
            datagrams: fresh.clone(),
            fresh,
            streams: HashMap::new(),
            recent: None,
            next: 0,
        }
    }

    /// The framing.
    pub fn framing(&self) -> &Framing {
        &self.framing
    }

    /// How many records it has seen, which is the number of the next.
    pub fn reached(&self) -> u64 {
        self.next
    }

    /// Processes the next records of a capture and appends the messages that end with them. Records that are removed are
    /// skipped. One step takes
    /// some hundredths of a second; between steps the work can be cancelled, or continue with a newer
    /// snapshot of the index. The messages do not depend on the steps.
    ///
    /// # Errors
    /// As [`Reader::read`]. Messages before the error were appended; the next step tries the same record
    /// again.
    pub fn advance(
        &mut self,
        index: &Index,
        reader: &Reader,
        out: &mut Vec<Message>,
    ) -> io::Result<Progress> {
        self.step(index, reader, (STEP_RECORDS, STEP_BYTES), out)
    }

    /// A step of at most this many records and bytes.
    fn step(
        &mut self,
        index: &Index,
        reader: &Reader,
        (records, mut bytes): (u64, u64),
        out: &mut Vec<Message>,
    ) -> io::Result<Progress> {
        if self.next < index.first() {
            // What is removed is missing in every stream.
            self.streams.clear();
            self.next = index.first();
        }
        let mut walk = reader.walk();
        let end = index.len().min(self.next.saturating_add(records));
        for (n, record) in (self.next..end).zip(index.records().slices(self.next).flatten()) {
            if bytes == 0 {
                break;
            }
            bytes = bytes.saturating_sub(u64::from(record.len));
            self.record(n, record, index, &mut walk, out)?;
            self.next = n + 1;
        }
        Ok(if self.next < index.len() { Progress::More } else { Progress::CaughtUp })
    }

    /// Open messages, in the order of their last records so far.
    pub fn tails(&self) -> Vec<Message> {
        let mut tails: Vec<Message> = self.streams.values().filter_map(Stream::tail).collect();
        tails.sort_unstable_by_key(|tail| (tail.last(), tail.first()));
        tails
    }

    fn record(
        &mut self,
        n: u64,
        record: &Record,
        index: &Index,
        walk: &mut Walk<'_>,
        out: &mut Vec<Message>,
    ) -> io::Result<()> {
        let Some(direction) = record.kind.direction() else {
            match record.kind {
                RecordKind::Ended(how) => {
                    how.directions().iter().for_each(|way| self.finish(record.flow, *way, n, out));
                }
                RecordKind::Note if !self.streams.is_empty() => {
                    if let Some(SessionNote::Missing(_, from, to)) = walk.read(record)?.note
                        && let Some((flow, way)) = stream_of(record.flow, from, index)
                            .or_else(|| self.stream_between(index, from, to))
                    {
                        self.finish(flow, way, n, out);
                    }
                }
                _ends_nothing => {}
            }
            out.push(Message::record(n, record.len));
            return Ok(());
        };
        if self.framing == Framing::AsReceived {
            out.push(Message::record(n, record.len));
            return Ok(());
        }
        let view = walk.read(record)?;
        match self.transport(record.flow, index) {
            Transport::Tcp => {
                let ends =
                    direction == Direction::Sent && view.whole && self.ends_with_send(record.flow, index);
                let new = || Stream::new(self.fresh.clone());
                let stream = self.streams.entry((record.flow, direction)).or_insert_with(new);
                stream.push(n, &view, out);
                if ends {
                    stream.end_of_send(n, out);
                }
            }
            Transport::Udp => self.datagram(n, &view, out),
        }
        Ok(())
    }

    /// Ends a stream: nothing follows, or not without a gap.
    fn finish(&mut self, flow: FlowId, way: Direction, n: u64, out: &mut Vec<Message>) {
        if let Some(stream) = self.streams.remove(&(flow, way)) {
            stream.finish(n, out);
        }
    }

    /// The open stream between these addresses; the latest, if an older one never ended. Notes of older captures tell
    /// no flow.
    fn stream_between(&self, index: &Index, from: SocketAddr, to: SocketAddr) -> Option<(FlowId, Direction)> {
        let is_it = |(id, way): &(FlowId, Direction)| {
            index.flow(*id).is_some_and(|flow| way.ends(flow.local, flow.peer) == (from, to))
        };
        self.streams.keys().copied().filter(is_it).max()
    }

    /// The transport of a flow. Records of an unknown flow are treated as datagrams.
    fn transport(&mut self, flow: FlowId, index: &Index) -> Transport {
        match self.recent {
            Some((recent, transport)) if recent == flow => transport,
            Some(_) | None => {
                let transport = index.flow(flow).map_or(Transport::Udp, |flow| flow.transport);
                self.recent = Some((flow, transport));
                transport
            }
        }
    }

    /// Whether what this side sends at once is the end of a message: a line, or one with a delimiter. What a relay passes on,
    /// or another program has recorded, is a stream.
    fn ends_with_send(&self, flow: FlowId, index: &Index) -> bool {
        matches!(self.framing, Framing::Line | Framing::Delimiter(_))
            && index.twin(flow).is_none()
            && index.flow(flow).is_some_and(|flow| !flow.imported)
    }

    fn datagram(&mut self, n: u64, view: &View<'_>, out: &mut Vec<Message>) {
        if view.payload.is_empty() {
            out.push(Message::record(n, 0));
            return;
        }
        let base = self.datagrams.position();
        let mut start = base;
        let mut cut = |cut: Cut| {
            // The length of a datagram has 16 bits.
            let skip = fit(start - base);
            let len = fit(cut.end - start);
            out.push(Message::new(n, skip, n, len, cut.verdict.into()));
            start = cut.end;
        };
        self.datagrams.push(view.payload, view.at.0, &mut cut);
        self.datagrams.finish_datagram(&mut cut);
    }
}

/// The direction of a flow in which `from` sends.
fn stream_of(flow: FlowId, from: SocketAddr, index: &Index) -> Option<(FlowId, Direction)> {
    let flow = index.flow(flow)?;
    Some((flow.id, if flow.peer == from { Direction::Received } else { Direction::Sent }))
}

#[cfg(test)]
mod tests;
