//! How one item is laid out in rows of a monospaced grid. Pure: knows the capture's reader and the
//! codecs, but no toolkit.

mod body;
mod carry;
mod preview;
mod stream;
#[cfg(test)]
mod stream_tests;

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::ops::Range;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::analysis::{Piece, Source};
use crate::codec::{Charset, Query};
use crate::model::{
    Body, Direction, Flow, FlowId, Message, RecordKind, Stamp, Wholeness, is_highlight, notes_on,
};
use crate::state::Items;
use crate::ui::lang::Lang;
use crate::ui::messages;
use crate::workspace::TimeMode;

/// What decides how items are laid out. Another one makes all layouts new.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Only the data, continuous, without head lines.
    pub stream: bool,
    /// What stands under the head line.
    pub body: Body,
    /// Charset of text, where a peer has none of its own.
    pub charset: Charset,
    /// The charsets of peers that have one.
    pub charsets: Arc<BTreeMap<FlowId, Charset>>,
    /// How times are told.
    pub time: TimeMode,
    /// When the capture begins, for times since then.
    pub start: Stamp,
    /// Cells in a row; without wrapping, as many as one row may have.
    pub columns: usize,
    /// After how many rows an item is folded.
    pub fold: Option<usize>,
    /// A pause ends a message: nobody sees yet that it has ended.
    pub ends_by_pause: bool,
    /// What is searched for.
    pub query: Option<Query>,
    /// Notes by the number of their record.
    pub notes: Arc<BTreeMap<u64, String>>,
    /// The language of head lines and events.
    pub lang: Lang,
    /// Where times are told.
    pub zone: TimeZone,
    /// Changes whenever positions mean other items than before.
    pub serial: u64,
}

/// What a row is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// Time, direction, peer and length.
    Head(Direction),
    /// Data.
    Body(Direction),
    /// An event.
    Event,
    /// What the user or a rule noted.
    Note,
    /// Stands for all rows that are folded away: so many bytes has the item.
    Folded(u64),
    /// The end of an item that is not folded, but could be.
    Unfolded,
    /// Something that could not be read.
    Failed,
}

/// One row: a range of bytes of the layout's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// First byte.
    pub start: u32,
    /// Behind the last byte; line breaks are not part of it.
    pub end: u32,
    /// What it is.
    pub kind: RowKind,
}

/// An item as text, and where its rows are in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layout {
    /// What is copied: the characters of the data as they are.
    pub text: String,
    /// Its rows.
    pub rows: Vec<Row>,
    /// What was found, row by row.
    pub marks: Vec<Mark>,
    /// Which rows stand out: those of items that a note highlights.
    pub highlighted: Vec<Range<u32>>,
    /// So many bytes at the beginning stand in the layout before, as the end of a line of a stream.
    pub skipped: usize,
    /// Bytes at the end that begin a character which the next record goes on with.
    pub pending: Vec<u8>,
    /// The data are no text in their charset, but would be in this one.
    pub better: Option<(FlowId, Charset)>,
}

/// A place where something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Where it stands in the layout's text.
    pub text: Range<u32>,
    /// Where it begins in the data: in an item, or in the items of a group.
    pub byte: usize,
}

impl Layout {
    /// The text of row `n`, empty if there is none.
    pub fn row(&self, n: u32) -> &str {
        self.rows
            .get(n as usize)
            .map_or("", |row| self.text.get(row.start as usize..row.end as usize).unwrap_or(""))
    }

    /// Whether row `n` stands out.
    pub fn is_highlighted(&self, n: u32) -> bool {
        self.highlighted.iter().any(|rows| rows.contains(&n))
    }

    /// The number of rows.
    pub fn n_rows(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// The row in which this byte of the text stands.
    fn row_of(&self, place: usize) -> usize {
        self.rows.partition_point(|row| row.start as usize <= place).saturating_sub(1)
    }

    /// A row of its own, which ends with a line break when copied.
    fn line(&mut self, text: &str, kind: RowKind) {
        let start = self.at();
        self.text.push_str(text);
        self.rows.push(Row { start, end: self.at(), kind });
        self.text.push('\n');
    }

    /// A row that is not part of what is copied.
    fn sign(&mut self, kind: RowKind) {
        let at = self.at();
        self.rows.push(Row { start: at, end: at, kind });
    }

    fn at(&self) -> u32 {
        // An item is laid out up to 4 MiB, its text is a few times that.
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }
}

/// So much of an item is laid out at most, in bytes, also when it is not folded.
pub const MOST_BYTES: usize = 4 << 20;

/// Lays items out.
#[derive(Debug)]
pub struct Layouter<'a> {
    /// How.
    pub config: &'a Config,
    /// What is shown.
    pub items: Items<'a>,
    /// Where it is read from.
    pub source: Source<'a>,
    /// Items that are not folded, however long.
    pub unfolded: &'a HashSet<Message>,
}

impl Layouter<'_> {
    /// Lays out what stands at position `at`: an item; or in a stream all that begins there, and nothing
    /// if it only goes on there. `piece` is room to read into.
    pub fn layout(&self, at: u64, piece: &mut Piece) -> Layout {
        let laid_out = if self.config.stream { self.stream(at, piece) } else { self.item(at, piece) };
        laid_out.unwrap_or_else(|error| {
            let mut layout = Layout::default();
            layout.line(&format!("✕ {error}"), RowKind::Failed);
            layout
        })
    }

    fn item(&self, at: u64, piece: &mut Piece) -> io::Result<Layout> {
        let Some(item) = self.items.get(at) else { return Ok(Layout::default()) };
        let Some((kind, flow_id)) = self.source.head(&item) else { return Ok(Layout::default()) };
        let mut layout = Layout::default();
        let before = match self.config.time {
            TimeMode::Delta => self.time_before(at, piece)?,
            TimeMode::Absolute | TimeMode::SinceStart => None,
        };
        let Some(direction) = kind.direction() else {
            self.source.read(&item, usize::MAX, piece)?;
            let text = self.event_text(kind, flow_id, piece);
            let line = format!("{} ● {text}", self.time(piece.at, before));
            body::wrap(&mut layout, &line, self.config.columns, RowKind::Event, usize::MAX);
            self.note(&mut layout, &item);
            self.highlight_all(&mut layout, &item);
            return Ok(layout);
        };
        let time = self.source.time_of_last_byte(&item, piece)?;
        let flow = self.source.index.flow(flow_id);
        let head = self.head(&item, &self.time(time, before), direction, flow);
        layout.line(&head, RowKind::Head(direction));
        self.note(&mut layout, &item);
        self.body(&mut layout, &item, direction, piece)?;
        self.highlight_all(&mut layout, &item);
        Ok(layout)
    }

    /// The words of an event.
    pub fn event_text(&self, kind: RecordKind, flow: FlowId, piece: &Piece) -> String {
        let flow = self.source.index.flow(flow);
        let note = String::from_utf8_lossy(&piece.bytes);
        let comment = if kind == RecordKind::Note { note.as_ref() } else { piece.comment.as_str() };
        messages::event(self.config.lang, kind, flow, comment, piece.note)
    }

    fn note(&self, layout: &mut Layout, item: &Message) {
        for note in self.notes(item) {
            body::wrap(layout, &format!("✎ {note}"), self.config.columns, RowKind::Note, usize::MAX);
        }
    }

    /// All rows stand out, if the item does.
    fn highlight_all(&self, layout: &mut Layout, item: &Message) {
        if self.is_highlighted(item) {
            layout.highlighted.push(0..layout.n_rows());
        }
    }

    /// What is noted on the records that an item lies in.
    fn notes<'b>(&'b self, item: &Message) -> impl Iterator<Item = &'b str> {
        notes_on(&self.config.notes, self.source.index, item).map(|(_, note)| note)
    }

    /// Whether an item is to stand out.
    fn is_highlighted(&self, item: &Message) -> bool {
        self.notes(item).any(is_highlight)
    }

    /// The charset of a flow's text.
    pub fn charset(&self, flow: FlowId) -> Charset {
        self.config.charsets.get(&flow).copied().unwrap_or(self.config.charset)
    }

    /// Whether items are messages of a framing.
    fn framed(&self) -> bool {
        self.items.base.messages.is_some()
    }

    /// Whether an item is whole, as far as it can be told: what ends with a pause may have ended.
    fn wholeness(&self, item: &Message) -> Wholeness {
        match item.wholeness() {
            Wholeness::Open if self.config.ends_by_pause => Wholeness::Whole,
            wholeness => wholeness,
        }
    }

    /// The time of the item before the one at `at`.
    pub fn time_before(&self, at: u64, piece: &mut Piece) -> io::Result<Option<Stamp>> {
        match at.checked_sub(1).and_then(|at| self.items.get(at)) {
            Some(item) => self.source.time_of_last_byte(&item, piece).map(Some),
            None => Ok(None),
        }
    }

    /// A moment, as it is to be told.
    pub fn time(&self, at: Stamp, before: Option<Stamp>) -> String {
        match self.config.time {
            TimeMode::Absolute => local_time(at, &self.config.zone),
            TimeMode::SinceStart => seconds(at, Some(self.config.start)),
            TimeMode::Delta => seconds(at, before),
        }
    }

    fn head(&self, item: &Message, time: &str, direction: Direction, flow: Option<&Flow>) -> String {
        let lang = self.config.lang;
        let arrow = match direction {
            Direction::Received => lang.log_received(),
            Direction::Sent => lang.log_sent(),
        };
        let peer = flow.map_or_else(|| "?".to_owned(), |flow| flow.peer.to_string());
        let mut head = format!("{time} {arrow} {peer}  {} B", messages::grouped(u64::from(item.len())));
        if self.framed() {
            head.push_str("  ");
            head.push_str(&reads(item.first(), self.source.last_with_bytes(item)));
            if let Some(what) = messages::wholeness(lang, self.wholeness(item)) {
                head.push_str("  ⚠ ");
                head.push_str(what);
            }
        }
        head
    }
}

/// Which records a message lies in, counted from 1: `#7` or `#7–#9`.
pub fn reads(first: u64, last: u64) -> String {
    let number = |n: u64| messages::grouped(n.saturating_add(1));
    if first == last {
        format!("#{}", number(first))
    } else {
        format!("#{}–#{}", number(first), number(last))
    }
}

/// `2026-11-20 22:51:15.123456` in `zone`.
pub fn local_time(at: Stamp, zone: &TimeZone) -> String {
    let nanoseconds = i128::from(at.0);
    match jiff::Timestamp::from_nanosecond(nanoseconds) {
        Ok(timestamp) => timestamp.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.6f").to_string(),
        // 64 bits of nanoseconds are always a date before 2555; jiff takes them all.
        Err(error) => error.to_string(),
    }
}

/// `22:51:15.123456` in `zone`.
pub fn local_clock(at: Stamp, zone: &TimeZone) -> String {
    let time = local_time(at, zone);
    time.split_once(' ').map_or(time.clone(), |(_, clock)| clock.to_owned())
}

/// `+12.345678` since `before`; `+0.000000` if there is none.
pub fn seconds(at: Stamp, before: Option<Stamp>) -> String {
    let before = before.unwrap_or(at);
    let (sign, ns) = if at >= before { ('+', at.0 - before.0) } else { ('-', before.0.saturating_sub(at.0)) };
    let us = ns / 1000;
    format!("{sign}{}.{:06}", us / 1_000_000, us % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_microseconds() {
        let at = Stamp(1_795_042_275_123_456_789);
        assert_eq!(local_time(at, &TimeZone::UTC), "2026-11-18 22:51:15.123456");
        assert_eq!(local_time(Stamp(0), &TimeZone::UTC), "1970-01-01 00:00:00.000000");
        assert!(local_time(Stamp(u64::MAX), &TimeZone::UTC).starts_with("2554-"));
        assert_eq!(seconds(at, Some(Stamp(at.0 - 61_000_001_999))), "+61.000001");
        assert_eq!(seconds(Stamp(5_000), Some(Stamp(9_000))), "-0.000004");
        assert_eq!(seconds(at, None), "+0.000000");
    }

    #[test]
    fn the_reads_of_a_message_are_counted_from_one() {
        assert_eq!(reads(0, 0), "#1");
        assert_eq!(reads(1233, 1240), "#1,234–#1,241");
    }
}
