//! Items of one flow and direction, searched as one stream of bytes.

use std::collections::HashMap;

use crate::codec::query::Query;
use crate::model::{Direction, FlowId, Hit, fit};

/// How many bytes at the end of a stream are searched again with what follows, if hits have no limited length
/// …
const REACH: usize = 4 * 1024;
/// … and the most if they have.
const MAX_REACH: usize = 64 * 1024;
/// The most bytes kept of the ends of streams.
const MAX_ENDS: usize = 64 * 1024 * 1024;

/// What is kept of the streams of a step.
pub(super) struct Ends(Vec<(Key, Stream)>);

/// One direction of a flow.
type Key = (FlowId, Direction);

/// The state after a step: the ends of streams.
#[derive(Debug, Clone)]
pub(super) struct Joined {
    reach: usize,
    ends: HashMap<Key, Stream>,
}

/// The bytes of a stream that are searched.
#[derive(Debug, Clone, Default)]
struct Stream {
    bytes: Vec<u8>,
    /// Where they come from, in order.
    pieces: Vec<Piece>,
    /// The bytes before this are searched already, and serve only as context.
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

    /// Ends a step with the ends of its streams.
    pub(super) fn settle(&mut self, Ends(ends): Ends) {
        // Above the limit, drop the streams that had no items in this step.
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
    /// The stream of the previous item, which is often that of the next one, too.
    recent: Option<(Key, usize)>,
}

impl Join<'_> {
    /// Adds the bytes of the next item of a stream.
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

    /// Appends hits stream by stream, at most `room` plus one of each.
    pub(super) fn find(&mut self, query: &Query, room: usize, hits: &mut Vec<Hit>) {
        for (_, stream) in &mut self.streams {
            stream.find(query, room, hits);
        }
    }

    /// The ends of the streams that had items in this step.
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

    /// Keeps the last `reach` bytes without a hit, and one more before them as context.
    fn shorten(&mut self, reach: usize) {
        let from = self.from.max(self.bytes.len().saturating_sub(reach));
        let cut = from.saturating_sub(1);
        // Not drained, so that the memory of the rest is released.
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

/// A hit in an item, which is no longer than 4 GiB.
pub(super) fn hit(item: u64, start: usize, len: usize) -> Hit {
    Hit { item, start: fit(start), len: fit(len) }
}
