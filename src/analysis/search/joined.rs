//! Items of one flow and direction as one stream of bytes, in which a hit may stand across their borders.
//! Knows no file.

use std::collections::HashMap;

use super::hit;
use crate::codec::query::Query;
use crate::model::{Direction, FlowId, Hit};

/// So much of the end of a stream is looked at again with what follows, in bytes, where a hit may be of
/// any length …
const REACH: usize = 4 * 1024;
/// … and at most where it may not.
const MAX_REACH: usize = 64 * 1024;
/// Ends of streams may take so many bytes.
const MAX_ENDS: usize = 64 * 1024 * 1024;

/// What is left of the streams of a step when it is over.
pub(super) struct Ends(Vec<(Key, Stream)>);

/// One direction of a flow.
type Key = (FlowId, Direction);

/// The streams as far as earlier steps have come: the ends of them.
#[derive(Debug, Clone)]
pub(super) struct Joined {
    reach: usize,
    ends: HashMap<Key, Stream>,
}

/// The bytes of a stream that are looked at.
#[derive(Debug, Clone, Default)]
struct Stream {
    bytes: Vec<u8>,
    /// Where they come from, in order.
    pieces: Vec<Piece>,
    /// What stands before is only there as context: hits are told of it, or there are none.
    from: usize,
}

/// Bytes of one item.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Where they begin in the stream.
    at: usize,
    /// The number of the item.
    item: u64,
    /// Where they begin in the item.
    start: usize,
}

impl Joined {
    pub(super) fn new(query: &Query) -> Self {
        let needed = query.max_len().map(|len| len.saturating_sub(1)).filter(|len| *len <= MAX_REACH);
        Self { reach: needed.unwrap_or(REACH), ends: HashMap::new() }
    }

    /// Begins a step. Nothing changes until it is [settled](Self::settle).
    pub(super) fn begin(&self) -> Join<'_> {
        Join { before: self, streams: Vec::new(), places: HashMap::new(), recent: None }
    }

    /// The step that ended with these ends is over.
    pub(super) fn settle(&mut self, Ends(ends): Ends) {
        // Of too many streams those are given up that had nothing in this step.
        if self.ends.len().saturating_mul(self.reach + size_of::<Stream>()) > MAX_ENDS {
            self.ends.clear();
        }
        self.ends.extend(ends);
    }
}

/// One step.
pub(super) struct Join<'a> {
    before: &'a Joined,
    streams: Vec<(Key, Stream)>,
    places: HashMap<Key, usize>,
    /// The stream of the item before: often it is that of the next one, too.
    recent: Option<(Key, usize)>,
}

impl Join<'_> {
    /// Takes in the bytes of the next item of a stream.
    pub(super) fn push(&mut self, key: Key, item: u64, bytes: &[u8]) {
        let place = match self.recent {
            Some((recent, place)) if recent == key => place,
            Some(_) | None => *self.places.entry(key).or_insert_with(|| {
                self.streams.push((key, self.before.ends.get(&key).cloned().unwrap_or_default()));
                self.streams.len() - 1
            }),
        };
        self.recent = Some((key, place));
        if let Some((_, stream)) = self.streams.get_mut(place).filter(|_| !bytes.is_empty()) {
            stream.pieces.push(Piece { at: stream.bytes.len(), item, start: 0 });
            stream.bytes.extend_from_slice(bytes);
        }
    }

    /// Appends what is found, stream by stream, of each no more than `room` hits and one.
    pub(super) fn find(&mut self, query: &Query, room: usize, hits: &mut Vec<Hit>) {
        for (_, stream) in &mut self.streams {
            stream.find(query, room, hits);
        }
    }

    /// The ends of the streams that had something in this step.
    pub(super) fn ends(mut self) -> Ends {
        for (_, stream) in &mut self.streams {
            stream.shorten(self.before.reach);
        }
        Ends(self.streams)
    }
}

impl Stream {
    fn find(&mut self, query: &Query, room: usize, hits: &mut Vec<Hit>) {
        let mut pieces = self.pieces.as_slice();
        let enough = hits.len().saturating_add(room);
        while hits.len() <= enough
            && let Some(range) = query.find_at(&self.bytes, self.from)
        {
            let n = pieces.partition_point(|piece| piece.at <= range.start);
            pieces = pieces.get(n.saturating_sub(1)..).unwrap_or_default();
            if let Some(piece) = pieces.first() {
                hits.push(hit(piece.item, piece.start + range.start - piece.at, range.len()));
            }
            self.from = range.end;
        }
    }

    /// Leaves the last `reach` bytes that no hit was told of, and one more before them for those patterns
    /// that look at it.
    fn shorten(&mut self, reach: usize) {
        let from = self.from.max(self.bytes.len().saturating_sub(reach));
        let cut = from.saturating_sub(1);
        // Not drained: what remains is little, and should not hold the memory of it all.
        self.bytes = self.bytes.get(cut..).unwrap_or_default().to_vec();
        let n = self.pieces.partition_point(|piece| piece.at <= cut).saturating_sub(1);
        self.pieces = self.pieces.get(n..).unwrap_or_default().to_vec();
        for piece in &mut self.pieces {
            piece.start += cut.saturating_sub(piece.at);
            piece.at = piece.at.saturating_sub(cut);
        }
        self.from = from - cut;
    }
}
