//! Reading items: records, and messages that span several of them.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

use crate::codec::Charset;
use crate::journal::{Frame, Reader};
use crate::model::{
    Direction, FlowId, Index, Message, Record, RecordKind, SessionNote, Stamp, Wholeness, Why, WsMark,
};

/// Where items are read from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The index.
    pub index: &'a Index,
    /// The capture.
    pub reader: &'a Reader,
}

/// The content of one item. Reuse a piece for all reads, which then need not allocate.
#[derive(Debug, Clone)]
pub struct Piece {
    /// When it happened; for a message, when its first bytes were sent or received.
    pub at: Stamp,
    /// The kind of the item.
    pub kind: RecordKind,
    /// The flow; meaningless for a note.
    pub flow: FlowId,
    /// Total length in bytes.
    pub len: u64,
    /// The bytes requested, as far as there are any; for a note its words in UTF-8.
    pub bytes: Vec<u8>,
    /// Why a connection was refused; otherwise empty.
    pub comment: String,
    /// What the session noted, if the item is a session note.
    pub note: Option<SessionNote>,
    /// Whether the message is whole.
    pub wholeness: Wholeness,
    frame: Frame,
}

impl Default for Piece {
    fn default() -> Self {
        Self {
            at: Stamp::default(),
            kind: RecordKind::Note,
            flow: FlowId::default(),
            len: 0,
            bytes: Vec::new(),
            comment: String::new(),
            note: None,
            wholeness: Wholeness::Whole,
            frame: Frame::default(),
        }
    }
}

impl Piece {
    /// The direction of its bytes; `None` for an event.
    pub fn direction(&self) -> Option<Direction> {
        self.kind.direction()
    }
}

/// How many records of a message are asked why they were sent.
const MOST_REMARKS: usize = 512;

impl Source<'_> {
    /// Record `n` as an item.
    pub fn record(&self, n: u64) -> Option<Message> {
        self.index.get(n).map(|record| Message::record(n, record.len))
    }

    /// The kind and the flow of an item, from the index alone.
    pub fn head(&self, item: &Message) -> Option<(RecordKind, FlowId)> {
        self.index.get(item.first()).map(|record| (record.kind, record.flow))
    }

    /// The numbers and index entries of the records of an item, in order.
    pub fn records(&self, item: &Message) -> impl Iterator<Item = (u64, Record)> {
        let (first, last) = (item.first(), item.last());
        let head = self.index.get(first);
        self.index
            .records()
            .slices(first)
            .flatten()
            .zip(first..=last)
            .filter(move |(record, _)| head.is_some_and(|h| h.flow == record.flow && h.kind == record.kind))
            .map(|(record, n)| (n, *record))
    }

    /// The records with the bytes of an item from byte `start` on, at most `most`: their numbers, their index entries, and
    /// where in them these bytes are. One record at least, even for no bytes.
    pub fn parts(
        &self,
        item: &Message,
        start: u32,
        most: usize,
    ) -> impl Iterator<Item = (u64, Record, Range<usize>)> {
        let size = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        let mut skip = usize::from(item.skip()).saturating_add(size(start));
        let mut left = Some(most.min(size(item.len().saturating_sub(start))));
        let mut records = self.records(item);
        std::iter::from_fn(move || {
            loop {
                let wanted = left?;
                let (n, record) = records.next()?;
                let len = usize::from(record.len);
                if skip >= len && len > 0 {
                    skip -= len;
                    continue;
                }
                let from = skip.min(len);
                skip -= from;
                let part = from..from.saturating_add(wanted).min(len);
                left = Some(wanted - part.len()).filter(|left| *left > 0);
                return Some((n, record, part));
            }
        })
    }

    /// The number of the record with the last byte of an item. The record in which an item ends may be a
    /// later one, which only shows its end: the first bytes after a pause, or the end of the connection.
    /// Examines at most 65,536 records; for an item of more it returns the one in which it ends.
    pub fn last_with_bytes(&self, item: &Message) -> u64 {
        let mut end = u64::from(item.skip()) + u64::from(item.len());
        if item.last() - item.first() > MOST_WALKED {
            return item.last();
        }
        for (n, record) in self.records(item) {
            end = end.saturating_sub(u64::from(record.len));
            if end == 0 {
                return n;
            }
        }
        item.last()
    }

    /// When the last bytes of an item were sent or received.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn time_of_last_byte(&self, item: &Message, piece: &mut Piece) -> io::Result<Stamp> {
        let record = self.index.get(self.last_with_bytes(item)).ok_or_else(missing)?;
        self.reader.read(&record, 0, &mut piece.frame)?;
        Ok(piece.frame.at)
    }

    /// The time of an item: when it happened, or its first bytes were sent or received. Items are in the order of
    /// their ends, so this may go back from item to item.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn time(&self, item: &Message, piece: &mut Piece) -> io::Result<Stamp> {
        let record = self.index.get(item.first()).ok_or_else(missing)?;
        self.reader.read(&record, 0, &mut piece.frame)?;
        Ok(piece.frame.at)
    }

    /// What a WebSocket has carried an item of data as, if one has, and why it was sent, if not by hand, or what has
    /// changed it in a relay.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn remark(
        &self,
        item: &Message,
        kind: RecordKind,
        piece: &mut Piece,
    ) -> io::Result<(Option<WsMark>, Vec<Why>)> {
        if kind.direction().is_none() || kind == RecordKind::Received && !self.index.has_opcodes {
            return Ok((None, Vec::new()));
        }
        self.time(item, piece)?;
        let (mark, why) = WsMark::read(&piece.frame.comment);
        let mut whys = Why::read_all(why);
        let later = self.records(item).skip(1).take(if kind == RecordKind::Sent { MOST_REMARKS } else { 0 });
        for (_, record) in later {
            self.reader.read(&record, 0, &mut piece.frame)?;
            let more = Why::read_all(&piece.frame.comment);
            whys.extend(more.into_iter().filter(|why| !whys.contains(why)).collect::<Vec<_>>());
        }
        Ok((mark, whys))
    }

    /// How the text of a record is read: a text message of a WebSocket in UTF-8 (RFC 6455, 5.6), else as in
    /// [`Index::charset`].
    pub fn charset(&self, n: u64, charset: Charset, peers: &BTreeMap<FlowId, Charset>) -> Charset {
        let other = self.index.charset(n, charset, peers);
        let may_be_text = other != Charset::Utf8 && self.index.has_opcodes;
        let data = self.index.get(n).filter(|record| may_be_text && record.kind.direction().is_some());
        let is_text = |record| self.comment(&record).is_ok_and(|comment| WsMark::is_text(&comment));
        if data.is_some_and(is_text) { Charset::Utf8 } else { other }
    }

    /// The comment on a record.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn comment(&self, record: &Record) -> io::Result<String> {
        let mut frame = Frame::default();
        self.reader.read(record, 0, &mut frame)?;
        Ok(frame.comment)
    }

    /// The first record of `range` whose time satisfies `reached`; it must hold for all that follow. About thirty
    /// reads, since times never go back from record to record.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn first_record(
        &self,
        range: Range<u64>,
        reached: impl Fn(Stamp) -> bool,
    ) -> io::Result<Option<u64>> {
        let (mut low, mut high) = (range.start, range.end);
        let mut frame = Frame::default();
        while low < high {
            let middle = low + (high - low) / 2;
            let Some(record) = self.index.get(middle) else { break };
            self.reader.read(&record, 0, &mut frame)?;
            if reached(frame.at) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(Some(low).filter(|found| *found < range.end))
    }

    /// The record with the earliest time from `moment` on, the first of several. About thirty reads; all records, if
    /// times go back in the capture.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn record_at(&self, moment: Stamp) -> io::Result<Option<u64>> {
        if self.index.unordered.is_none() {
            return self.first_record(self.index.first()..self.index.len(), |at| at >= moment);
        }
        let mut walk = self.reader.walk();
        let mut best = None;
        for (n, record) in (self.index.first()..).zip(self.index.records().slices(0).flatten()) {
            let at = walk.read(record)?.at;
            if at >= moment && best.is_none_or(|(earliest, _)| at < earliest) {
                best = Some((at, n));
            }
        }
        Ok(best.map(|(_, n)| n))
    }

    /// Reads the last `n` bytes of a data record, or all of it, into `piece.bytes`, and nothing else.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_end(&self, record: &Record, n: usize, piece: &mut Piece) -> io::Result<()> {
        piece.bytes.clear();
        self.reader.read_end(record, n, &mut piece.frame)?;
        piece.bytes.extend_from_slice(&piece.frame.payload);
        Ok(())
    }

    /// Reads the first `max` bytes of an item. After an error, the content of `piece` is unspecified.
    ///
    /// # Errors
    /// As [`Reader::read`]; [`io::ErrorKind::InvalidInput`] if the index has no such item.
    pub fn read(&self, item: &Message, max: usize, piece: &mut Piece) -> io::Result<()> {
        self.read_from(item, 0, max, piece)
    }

    /// Reads up to `max` bytes of an item from byte `start` on.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_from(&self, item: &Message, start: u32, max: usize, piece: &mut Piece) -> io::Result<()> {
        let head = self.index.get(item.first()).ok_or_else(missing)?;
        (piece.kind, piece.flow, piece.wholeness) = (head.kind, head.flow, item.wholeness());
        piece.len = u64::from(item.len());
        piece.comment.clear();
        piece.note = None;
        piece.bytes.clear();
        if head.kind.direction().is_none() {
            self.reader.read(&head, max, &mut piece.frame)?;
            (piece.at, piece.note) = (piece.frame.at, piece.frame.note.clone());
            if head.kind == RecordKind::Refused {
                piece.comment.push_str(&piece.frame.comment);
            }
            piece.bytes.extend_from_slice(&piece.frame.payload);
            return Ok(());
        }
        let mut begun = None;
        for (n, record, part) in self.parts(item, start, max) {
            self.reader.read(&record, part.end, &mut piece.frame)?;
            if n == item.first() {
                begun = Some(piece.frame.at);
            }
            piece.bytes.extend_from_slice(piece.frame.payload.get(part).unwrap_or_default());
        }
        piece.at = match begun {
            Some(at) => at,
            None => self.time(item, piece)?,
        };
        Ok(())
    }
}

/// How many records are examined to find the last byte of an item.
const MOST_WALKED: u64 = 1 << 16;

pub(super) fn missing() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "no such record")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Writer;
    use crate::model::{Cast, Origin, Recorder as _, Transport};

    #[test]
    fn a_message_is_read_from_the_records_of_its_flow_and_direction() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pcapng");
        let mut writer = Writer::create(&path).unwrap();
        let mut index = Index::default();
        let flows = [1, 2].map(|port| {
            let (local, peer) = ("127.0.0.1:9".parse().unwrap(), ([127, 0, 0, 1], port).into());
            let flow = writer.flow(Transport::Tcp, local, peer, Origin::Accepted, Stamp(1));
            writer.connected(flow.id, Stamp(1));
            index.add_flow(&flow);
            flow.id
        });
        let (rx, tx) = (Direction::Received, Direction::Sent);
        for (n, (flow, way, text)) in
            [(0, rx, "abc"), (1, rx, "XYZ"), (0, tx, "123"), (0, rx, "d"), (1, rx, "W"), (0, rx, "efgh")]
                .into_iter()
                .enumerate()
        {
            writer.data(flows[flow], way, Cast::Unicast, true, text.as_bytes(), Stamp(10 + n as u64));
        }
        writer.note("noted", Stamp(20));
        writer.commit().unwrap();
        let mut records = Vec::new();
        writer.take_records(&mut records);
        index.extend(&records);
        let reader = Reader::open(&path).unwrap();
        let source = Source { index: &index, reader: &reader };
        let mut piece = Piece::default();
        // Two connections come first; the message begins in record 2 and ends in record 7.
        let item = Message::new(2, 1, 7, 5, Wholeness::Whole);
        assert_eq!(source.records(&item).map(|(n, _)| n).collect::<Vec<_>>(), [2, 5, 7]);
        for (start, max, text, at) in
            [(0, 99, "bcdef", 10), (0, 2, "bc", 10), (1, 3, "cde", 10), (3, 9, "ef", 10), (5, 9, "", 10)]
        {
            source.read_from(&item, start, max, &mut piece).unwrap();
            assert_eq!(
                (&piece.bytes[..], piece.at, piece.len),
                (text.as_bytes(), Stamp(at), 5),
                "{start} {max}"
            );
        }
        assert_eq!(source.time(&item, &mut piece).unwrap(), Stamp(10));
        assert_eq!(source.time_of_last_byte(&item, &mut piece).unwrap(), Stamp(15));
        assert_eq!(source.last_with_bytes(&item), 7);
        // A later record, which has none of its bytes, shows its end.
        let told = Message::new(2, 0, 8, 4, Wholeness::CutOff);
        assert_eq!((source.last_with_bytes(&told), source.time(&told, &mut piece).unwrap()), (5, Stamp(10)));
        assert_eq!(source.time_of_last_byte(&told, &mut piece).unwrap(), Stamp(13));
        source.read(&source.record(8).unwrap(), 99, &mut piece).unwrap();
        assert_eq!((&piece.bytes[..], piece.kind), (&b"noted"[..], RecordKind::Note));
        let beyond = Message::record(99, 1);
        assert_eq!(source.read(&beyond, 9, &mut piece).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
