//! Searching the items of a capture.

mod joined;

use std::io;

use self::joined::{Join, Joined, hit};
use super::clean::Clean;
use super::filter::in_utf8;
use super::items::Contents;
use super::{Items, Progress, Source};
use crate::codec::query::Query;
use crate::model::{Chunked, Hit, Message};

/// The most hits that are kept.
pub const MAX_HITS: u64 = 1_000_000;

/// A step examines at most this many items, and begins none after this many bytes: some hundredths of a
/// second.
const STEP: (u64, u64) = (1 << 17, 16 << 20);
/// The same for joined items, of which this much may have to be searched again when more arrives.
const STEP_JOINED: (u64, u64) = (1 << 15, 4 << 20);
/// How many bytes of open messages are searched again in every step; none is begun after them.
const OPEN_BYTES: u64 = 4 << 20;

/// Where a hit may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Borders {
    /// Inside one item.
    #[default]
    Apart,
    /// Also across consecutive items of one flow and direction; it belongs to the item in which it begins. At
    /// the end of a step, every 4 MiB, only the last 4 KiB of each stream are searched again with what
    /// follows (up to 64 KiB, if hits have a limited length). Longer hits are not found there, and hits of
    /// unlimited length end there.
    Joined,
}

/// Goes through the items of a capture and collects hits.
///
/// Events are searched in their text. Hits are in the order of items, and do not overlap in an item. Hits in
/// open messages, and in the last few megabytes of joined items, may change as more items arrive. Only the
/// first megabytes of open messages are searched.
///
/// Keeps at most [`MAX_HITS`] hits of 16 bytes in memory, the ends of streams, at most 64 MiB, and a few
/// megabytes more during a step.
#[derive(Debug, Clone)]
pub struct Search {
    query: Query,
    /// The same query in UTF-8.
    words: Query,
    /// The number of the first item to search.
    first: u64,
    /// The position of the next item among those that pass, once started.
    next: Option<u64>,
    found: Found,
    /// Hits that may change.
    tail: Vec<Hit>,
    joined: Option<Joined>,
}

/// The hits. A clone shares memory.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The hits in the order of items.
    pub hits: Chunked<Hit>,
    /// There are more than [`MAX_HITS`].
    pub more: bool,
}

impl Search {
    /// A search that has not seen any items. Items before number `first` are ignored.
    pub fn new(query: Query, borders: Borders, first: u64) -> Self {
        let joined = match borders {
            Borders::Apart => None,
            Borders::Joined => Some(Joined::new(&query)),
        };
        let words = in_utf8(&query);
        Self { query, words, first, next: None, found: Found::default(), tail: Vec::new(), joined }
    }

    /// The query.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The same query in UTF-8, for comments and notes.
    pub fn words(&self) -> &Query {
        &self.words
    }

    /// The hits so far.
    pub fn found(&self) -> Found {
        let mut found = self.found.clone();
        found.insert(&self.tail);
        found
    }

    /// How far it has got, and the total, in bytes of the file.
    pub fn reached(&self, items: &Items<'_>) -> (u64, u64) {
        let offset = |at: u64| {
            let item = items.number(at).and_then(|n| items.item(n))?;
            items.source.index.get(item.first()).map(|record| record.offset)
        };
        let total = items.len().checked_sub(1).and_then(offset).unwrap_or_default();
        (offset(self.next.unwrap_or_default()).unwrap_or(total).min(total), total)
    }

    /// Examines the next items. A step takes some hundredths of a second; between steps the work can be
    /// cancelled, or continue with a newer snapshot. The result does not depend on the steps.
    ///
    /// # Errors
    /// As [`Source::read`]. Hits of earlier steps are kept; the next step tries the same again.
    pub fn advance(&mut self, items: &Items<'_>) -> io::Result<Progress> {
        let step = if self.joined.is_some() { STEP_JOINED } else { STEP };
        self.step(items, step)
    }

    /// A step of at most this many items and bytes.
    pub(super) fn step(&mut self, items: &Items<'_>, (n_items, n_bytes): (u64, u64)) -> io::Result<Progress> {
        self.tail.clear();
        if self.found.more {
            return Ok(Progress::CaughtUp);
        }
        let first = items.position(self.first.max(items.first()));
        let begin = (*self.next.get_or_insert(first)).max(first);
        let room = usize::try_from(MAX_HITS.saturating_sub(self.found.hits.len())).unwrap_or(usize::MAX);
        let mut pass = Pass {
            query: &self.query,
            words: &self.words,
            source: items.source,
            contents: Contents::new(items.source),
            // Joined items follow each other otherwise than in the file.
            clean: self.joined.is_none().then(|| Clean::new(&self.query, items.source)),
            join: self.joined.as_ref().map(Joined::begin),
            new: Vec::new(),
            room,
        };
        let mut at = begin;
        while at < items.len() && at - begin < n_items && pass.contents.bytes_read() < n_bytes {
            let number = items.number(at).filter(|n| *n >= self.first);
            if let Some((n, item)) = number.and_then(|n| Some((n, items.item(n)?))) {
                pass.item(n, &item)?;
            }
            at += 1;
        }
        // Full steps always end at the same items.
        let full = at - begin >= n_items || pass.contents.bytes_read() >= n_bytes;
        if full || self.joined.is_none() {
            self.found.insert(&pass.hits());
            self.next = Some(at);
        }
        if full {
            let ends = pass.join.map(Join::ends);
            if let (Some(joined), Some(ends)) = (&mut self.joined, ends) {
                joined.settle(ends);
            }
            let is_left = at < items.len() || !items.open.is_empty();
            return Ok(if is_left { Progress::More } else { Progress::CaughtUp });
        }
        let before = pass.contents.bytes_read();
        for (n, item) in items.open() {
            if pass.contents.bytes_read() - before >= OPEN_BYTES {
                break;
            }
            pass.item(n, &item)?;
        }
        self.tail = pass.hits();
        Ok(Progress::CaughtUp)
    }
}

impl Found {
    /// Adds hits, which are in order.
    fn insert(&mut self, new: &[Hit]) {
        let Some(first) = new.first() else { return };
        // A hit that began in an earlier step may precede hits in other streams.
        let at = self.hits.partition_point(|hit| place(hit) < place(first));
        let mut rest: Vec<Hit> = self.hits.slices(at).flatten().copied().collect();
        if rest.is_empty() {
            self.hits.extend_from_slice(new);
        } else {
            self.hits.truncate(at);
            rest.extend_from_slice(new);
            rest.sort_by_key(place);
            self.hits.extend_from_slice(&rest);
        }
        self.more |= self.hits.len() > MAX_HITS;
        self.hits.truncate(MAX_HITS);
    }
}

/// The order of hits.
fn place(hit: &Hit) -> (u64, u32) {
    (hit.item, hit.start)
}

/// One step.
struct Pass<'a> {
    query: &'a Query,
    words: &'a Query,
    source: Source<'a>,
    contents: Contents<'a>,
    clean: Option<Clean<'a>>,
    join: Option<Join<'a>>,
    new: Vec<Hit>,
    /// More hits than this are not needed.
    room: usize,
}

impl Pass<'_> {
    fn item(&mut self, n: u64, item: &Message) -> io::Result<()> {
        if let Some(clean) = &mut self.clean
            && item.first() == item.last()
            && self.source.head(item).is_some_and(|(kind, _)| kind.direction().is_some())
            && clean.is_clean(item.first())?
        {
            self.contents.pass_over(item);
            return Ok(());
        }
        let content = self.contents.read(item)?;
        let (query, join) = match content.kind.direction() {
            Some(direction) => (self.query, self.join.as_mut().map(|join| (join, direction))),
            None => (self.words, None),
        };
        if let Some((join, direction)) = join {
            join.push((content.flow, direction), n, content.bytes);
            return Ok(());
        }
        let mut from = 0;
        while self.new.len() <= self.room
            && let Some(range) = query.find_at(content.bytes, from)
        {
            self.new.push(hit(n, range.start, range.len()));
            from = range.end;
        }
        Ok(())
    }

    /// The hits since the last call, in order.
    fn hits(&mut self) -> Vec<Hit> {
        if let Some(join) = &mut self.join {
            join.find(self.query, self.room, &mut self.new);
            self.new.sort_unstable_by_key(place);
        }
        std::mem::take(&mut self.new)
    }
}
