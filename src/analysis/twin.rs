//! The twin of a record in a relay: what was passed on of what was received, and the other way round.

use std::io;

use super::Source;
use crate::journal::Frame;
use crate::model::{Direction, FlowId, Message, PassedFrom, Record, RecordKind, Transport, Twin, Why};

/// How many datagrams after one that was received later are looked at: some are overtaken.
const MOST_OVERTAKEN: usize = 4096;

/// What a record of sent data stands for.
enum Part {
    /// What follows that of the record before.
    Follows,
    /// This, and whether it is not as it came.
    From(PassedFrom, bool),
    /// Nothing that was received.
    Added,
}

/// So far after a place, a record and where in it; or why that is not known.
type Begin = Result<((u64, u64), u64), Twin>;

/// One direction of a pair of legs.
struct Way<'a> {
    source: Source<'a>,
    received: FlowId,
    sent: FlowId,
    /// Counts bytes, not datagrams.
    is_stream: bool,
}

impl Source<'_> {
    /// Finds where an item went that one leg of a relay has received, or where one came from that it has sent. Goes through
    /// the index from the item on, and reads the comments of what was sent there.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn twin(&self, item: &Message) -> io::Result<Twin> {
        let head = self.index.get(item.first());
        let Some((head, own)) = head.and_then(|head| Some((head, self.index.flow(head.flow)?))) else {
            return Ok(Twin::None);
        };
        let (Some(direction), Some(other)) = (head.kind.direction(), self.index.twin(own.id)) else {
            return Ok(Twin::None);
        };
        let is_stream = own.transport == Transport::Tcp;
        let source = Source { ..*self };
        match direction {
            Direction::Received => {
                let way = Way { source, received: own.id, sent: other, is_stream };
                way.forward((item.first(), u64::from(item.skip())))
            }
            Direction::Sent => {
                let way = Way { source, received: other, sent: own.id, is_stream };
                way.back(item.first(), &head, u64::from(item.skip()))
            }
        }
    }
}

/// How many records are looked at for the data that came in as something else.
const MOST_BEFORE: usize = 4096;

impl Source<'_> {
    /// What a relay has received for an item that it has sent, changed in part at least, up to about `max` bytes. `None` if
    /// it was not changed, or if what came is not near or in a part of the capture that was removed.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn original(&self, item: &Message, max: usize) -> io::Result<Option<Vec<u8>>> {
        let sent = self.index.get(item.first()).filter(|head| head.kind == RecordKind::Sent);
        let Some(received) = sent.and_then(|head| self.index.twin(head.flow)) else { return Ok(None) };
        let (mut all, mut is_changed, mut frame) = (Vec::new(), false, Frame::default());
        for (n, record, part) in self.parts(item, 0, max) {
            self.reader.read(&record, part.end, &mut frame)?;
            let (from, why) = PassedFrom::read(&frame.comment);
            let from = from.filter(|_| !Why::read_all(why).iter().all(Why::keeps));
            match from {
                // What was changed has no places in common with what came, so a part of it has no original.
                Some(_) if part.len() < usize::from(record.len) => return Ok(None),
                Some(from) => {
                    let len = from.len.unwrap_or(u64::from(record.len));
                    let Some(came) = self.came(received, from.record..n, (from.offset, len))? else {
                        return Ok(None);
                    };
                    all.extend(came);
                    is_changed = true;
                }
                None => all.extend_from_slice(frame.payload.get(part).unwrap_or_default()),
            }
        }
        Ok(is_changed.then_some(all))
    }

    /// Bytes that a flow has received, from a place in the first of these records on.
    fn came(
        &self,
        flow: FlowId,
        records: std::ops::Range<u64>,
        (offset, len): (u64, u64),
    ) -> io::Result<Option<Vec<u8>>> {
        if records.start < self.index.first() {
            return Ok(None);
        }
        let [mut skip, len] = [offset, len].map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let (mut found, mut frame) = (Vec::new(), Frame::default());
        for record in records.take(MOST_BEFORE).filter_map(|n| self.index.get(n)) {
            if record.flow != flow || record.kind != RecordKind::Received {
                continue;
            }
            let end = skip.saturating_add(len - found.len()).min(usize::from(record.len));
            self.reader.read(&record, end, &mut frame)?;
            found.extend_from_slice(frame.payload.get(std::mem::take(&mut skip)..end).unwrap_or_default());
            if found.len() >= len {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

/// How many records after one that was received are looked at for when it was passed on.
pub const MOST_LATER: u64 = 512;

impl Source<'_> {
    /// What a relay has done with an item before it passed it on, if that is soon after it in the capture.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn fate(&self, item: &Message) -> io::Result<Vec<Why>> {
        let mut whys = Vec::new();
        let head = self.index.get(item.first());
        let Some(sent) = head.and_then(|head| self.index.twin(head.flow)) else { return Ok(whys) };
        let begin = (item.first(), u64::from(item.skip()));
        let end = self.parts(item, 0, usize::MAX).last();
        let end = end.map_or(begin, |(n, _, part)| (n, part.end as u64));
        let later = item.first() + 1..self.index.len().min(item.first() + MOST_LATER);
        let records = later.filter_map(|n| self.index.get(n));
        for record in records.filter(|record| record.flow == sent && record.kind == RecordKind::Sent) {
            let comment = self.comment(&record)?;
            let (Some(from), why) = PassedFrom::read(&comment) else { break };
            let place = (from.record, from.offset);
            if place > begin && place >= end {
                break;
            }
            if place >= begin {
                let more = Why::read_all(why).into_iter().filter(|why| !whys.contains(why));
                whys.extend(more.collect::<Vec<_>>());
            }
        }
        Ok(whys)
    }
}

impl Way<'_> {
    fn span(&self, record: &Record) -> u64 {
        if self.is_stream { u64::from(record.len) } else { 1 }
    }

    /// The records of this range that this direction has received, or sent.
    fn records(
        &self,
        of: Direction,
        range: std::ops::Range<u64>,
    ) -> impl DoubleEndedIterator<Item = (u64, Record)> {
        let flow = if of == Direction::Received { self.received } else { self.sent };
        let index = self.source.index;
        range
            .filter_map(move |n| index.get(n).map(|record| (n, record)))
            .filter(move |(_, record)| record.flow == flow && record.kind.direction() == Some(of))
    }

    /// How far it is from one place in what was received to another, each a record and a place in it.
    fn distance(&self, from: (u64, u64), to: (u64, u64)) -> i64 {
        let sum = |range| -> i64 {
            self.records(Direction::Received, range).map(|(_, record)| signed(self.span(&record))).sum()
        };
        let records = if from.0 <= to.0 { sum(from.0..to.0) } else { -sum(to.0..from.0) };
        records + signed(to.1) - signed(from.1)
    }

    fn part(&self, record: &Record) -> io::Result<Part> {
        let comment = self.source.comment(record)?;
        Ok(match PassedFrom::read(&comment) {
            (Some(from), why) => {
                let is_other_length = from.len.is_some_and(|len| len != self.span(record));
                Part::From(from, is_other_length || !Why::read_all(why).iter().all(Why::keeps))
            }
            (None, rest) if Why::read_all(rest).is_empty() => Part::Follows,
            (None, _) => Part::Added,
        })
    }

    /// Where what a sent record stands for begins: so far after a place, of which the capture tells.
    fn begin(&self, n: u64, record: &Record) -> io::Result<Begin> {
        match self.part(record)? {
            Part::From(from, _) => return Ok(self.known((from.record, from.offset), 0)),
            Part::Added => return Ok(Err(Twin::None)),
            Part::Follows => {}
        }
        let mut after = 0;
        for (_, record) in self.records(Direction::Sent, self.source.index.first()..n).rev() {
            match self.part(&record)? {
                Part::From(from, _) => {
                    let len = from.len.unwrap_or(self.span(&record));
                    return Ok(self.known((from.record, from.offset), len + after));
                }
                Part::Added => {}
                Part::Follows => after += self.span(&record),
            }
        }
        Ok(Err(Twin::Unknown))
    }

    fn known(&self, place: (u64, u64), after: u64) -> Begin {
        if place.0 < self.source.index.first() { Err(Twin::Unknown) } else { Ok((place, after)) }
    }

    /// Where what was sent was received.
    fn back(&self, n: u64, record: &Record, skip: u64) -> io::Result<Twin> {
        let ((first, offset), after) = match self.begin(n, record)? {
            Ok(found) => found,
            Err(twin) => return Ok(twin),
        };
        let is_marked = matches!(self.part(record)?, Part::From(_, true));
        // What was changed has no places in common.
        let skip = if is_marked || !self.is_stream { 0 } else { skip };
        let mut rest = offset + after + skip;
        for (record, head) in self.records(Direction::Received, first..n) {
            let span = self.span(&head);
            if rest < span {
                return Ok(Twin::Record { record, is_marked });
            }
            rest -= span;
        }
        Ok(Twin::Unknown)
    }

    /// Where what was received was sent.
    fn forward(&self, (record, skip): (u64, u64)) -> io::Result<Twin> {
        let target = (record, if self.is_stream { skip } else { 0 });
        // The last place that the capture tells of, and how far after it is what the next record stands for.
        let mut known: Option<((u64, u64), u64)> = None;
        let mut n_later = 0;
        let place_of = |place| -> i64 { -self.distance(place, target) };
        let mut relative = 0;
        for (n, sent) in self.records(Direction::Sent, record + 1..self.source.index.len()) {
            let (begin, len, is_marked) = match (self.part(&sent)?, known) {
                (Part::Added, _) => continue,
                (Part::From(from, is_changed), _) => {
                    let place = (from.record, from.offset);
                    if place.0 < self.source.index.first() {
                        return Ok(Twin::Unknown);
                    }
                    relative = match known {
                        Some((before, _)) => relative + self.distance(before, place),
                        None => place_of(place),
                    };
                    known = Some((place, 0));
                    (relative, from.len.unwrap_or(self.span(&sent)), is_changed)
                }
                (Part::Follows, Some((_, after))) => (relative + signed(after), self.span(&sent), false),
                (Part::Follows, None) => {
                    let (place, after) = match self.begin(n, &sent)? {
                        Ok(found) => found,
                        Err(twin) => return Ok(twin),
                    };
                    relative = place_of(place);
                    known = Some((place, after));
                    (relative + signed(after), self.span(&sent), false)
                }
            };
            if let Some((_, after)) = &mut known {
                *after += len;
            }
            if begin <= 0 && 0 < begin + signed(len) {
                return Ok(Twin::Record { record: n, is_marked });
            }
            n_later += usize::from(begin > 0);
            if n_later > if self.is_stream { 0 } else { MOST_OVERTAKEN } {
                break;
            }
        }
        Ok(Twin::None)
    }
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
