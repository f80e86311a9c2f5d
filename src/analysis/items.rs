//! The items of a capture as a list, and reading them in order.

use std::io;

use super::Source;
use super::source::missing;
use crate::journal::Walk;
use crate::model::{Chunked, FlowId, Message, Record, RecordKind, Stamp, Why};

/// The items of a view, in order and with their numbers.
#[derive(Debug, Clone, Copy)]
pub struct Items<'a> {
    /// Where they are read from.
    pub source: Source<'a>,
    /// The messages of a framing; `None` if records are items.
    pub messages: Option<&'a Chunked<Message>>,
    /// Messages that have not ended. Their numbers follow those of all messages.
    pub open: &'a [Message],
    /// The numbers of the items that pass a filter, ascending; `None` for all. Open messages are not
    /// filtered.
    pub passed: Option<&'a Chunked<u32>>,
}

impl<'a> Items<'a> {
    /// All records as items.
    pub fn records(source: Source<'a>) -> Self {
        Self { source, messages: None, open: &[], passed: None }
    }

    /// How many items there are, whether they pass or not, without open ones.
    pub fn n_items(&self) -> u64 {
        self.messages.map_or(self.source.index.len(), Chunked::len)
    }

    /// The number of the first item that is not removed.
    pub(super) fn first(&self) -> u64 {
        self.messages.map_or(self.source.index.first(), Chunked::first)
    }

    /// Item `n`, from 0; never an open one.
    pub fn item(&self, n: u64) -> Option<Message> {
        match self.messages {
            Some(messages) => messages.get(n),
            None => self.source.record(n),
        }
    }

    /// The number of the first item that ends in `record` or later, if it passes.
    pub fn of_record(&self, record: u64) -> Option<u64> {
        let n = self.first_from(record);
        let passes = self.number(self.position(n)) == Some(n);
        (n < self.n_items() && passes).then_some(n)
    }

    /// How many items pass, without open ones.
    pub(super) fn len(&self) -> u64 {
        self.passed.map_or_else(|| self.n_items(), Chunked::len)
    }

    /// The number of the item at position `at` among those that pass.
    pub(super) fn number(&self, at: u64) -> Option<u64> {
        match self.passed {
            Some(passed) => passed.get(at).map(u64::from),
            None => Some(at),
        }
    }

    /// The position, among those that pass, of the first item with number `n` or higher.
    pub(super) fn position(&self, n: u64) -> u64 {
        self.passed.map_or(n, |passed| passed.partition_point(|passed| u64::from(*passed) < n))
    }

    /// Open messages with their numbers.
    pub(super) fn open(&self) -> impl Iterator<Item = (u64, Message)> {
        (self.n_items()..).zip(self.open.iter().copied())
    }

    /// The number of the first item that ends in `record` or later.
    pub(super) fn first_from(&self, record: u64) -> u64 {
        match self.messages {
            Some(messages) => messages.partition_point(|message| message.last() < record),
            None => record,
        }
    }
}

/// The content of an item, borrowed until the next read.
pub(super) struct Content<'a> {
    /// What it is.
    pub(super) kind: RecordKind,
    /// The flow; meaningless for a note.
    pub(super) flow: FlowId,
    /// The data, or the text of an event in UTF-8.
    pub(super) bytes: &'a [u8],
}

/// A pass over items in order. Keeps two windows on the file in memory, and the longest message that spans
/// several records.
pub(super) struct Contents<'a> {
    source: Source<'a>,
    /// For items of one record.
    walk: Walk<'a>,
    /// For messages of several records, which go back in the file.
    far: Walk<'a>,
    buf: Vec<u8>,
    bytes_read: u64,
}

impl<'a> Contents<'a> {
    pub(super) fn new(source: Source<'a>) -> Self {
        Self { source, walk: source.reader.walk(), far: source.reader.walk(), buf: Vec::new(), bytes_read: 0 }
    }

    /// How many bytes of items it has read.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// The time of the first byte of an item.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub(super) fn time(&mut self, item: &Message) -> io::Result<Stamp> {
        let head = self.source.index.get(item.first()).ok_or_else(missing)?;
        self.bytes_read += u64::from(head.len);
        Ok(self.walk.read(&head)?.at)
    }

    /// Whether an item is what a relay has received on the other leg and passed on as it came, perhaps later.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub(super) fn is_copy(&mut self, item: &Message) -> io::Result<bool> {
        let head = self.source.index.get(item.first()).ok_or_else(missing)?;
        if head.kind != RecordKind::Sent || self.source.index.twin(head.flow).is_none() {
            return Ok(false);
        }
        for (_, record) in self.source.records(item) {
            self.bytes_read += u64::from(record.len);
            if !Why::read_all(&self.walk.read(&record)?.comment).iter().all(Why::is_delay) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Counts an item as read.
    pub(super) fn pass_over(&mut self, item: &Message) {
        self.bytes_read += u64::from(item.len());
    }

    /// Reads an item.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub(super) fn read(&mut self, item: &Message) -> io::Result<Content<'_>> {
        let head = self.source.index.get(item.first()).ok_or_else(missing)?;
        let (kind, flow) = (head.kind, head.flow);
        self.bytes_read += u64::from(item.len());
        let bytes = match kind {
            RecordKind::Received | RecordKind::Sent => {
                let from = usize::from(item.skip());
                let to = from.saturating_add(usize::try_from(item.len()).unwrap_or(usize::MAX));
                if to <= usize::from(head.len) {
                    self.walk.payload(&head)?.get(from..to).unwrap_or_default()
                } else {
                    self.gather(item)?
                }
            }
            RecordKind::Note | RecordKind::Charset(_) | RecordKind::WebSocket => self.walk.payload(&head)?,
            RecordKind::Refused => self.comment(&head)?,
            // They have no text in the capture.
            RecordKind::Connected | RecordKind::Ended(_) => &[],
        };
        Ok(Content { kind, flow, bytes })
    }

    /// The bytes of a message that spans several records.
    fn gather(&mut self, item: &Message) -> io::Result<&[u8]> {
        self.buf.clear();
        for (_, record, part) in self.source.parts(item, 0, usize::MAX) {
            self.buf.extend_from_slice(self.far.payload(&record)?.get(part).unwrap_or_default());
        }
        Ok(&self.buf)
    }

    fn comment(&mut self, record: &Record) -> io::Result<&[u8]> {
        self.buf.clear();
        self.buf.extend_from_slice(self.walk.read(record)?.comment.as_bytes());
        Ok(&self.buf)
    }
}
