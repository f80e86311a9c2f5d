//! Layout of an item in rows of a monospaced grid. Pure: reader and codecs, but no toolkit.

mod body;
mod carry;
mod preview;
mod stream;
#[cfg(test)]
mod stream_tests;
mod unfolded;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::ops::Range;
use std::sync::Arc;

use jiff::tz::TimeZone;

pub(super) use body::to_tab_stop;

use crate::analysis::{MOST_LATER, Piece, Source};
use crate::codec::{Charset, Query, duration, glyph};
use crate::model::{
    Body, Direction, Ending, Flow, FlowId, HIGHLIGHT, Leg, Message, PassedFrom, RecordKind, SessionNote,
    Stamp, Wholeness, Why, WsMark, dropped_by, is_held, is_highlight, is_of, notes_on,
};
use crate::state::ShownItems;
use crate::ui::icons;
use crate::ui::lang::Lang;
use crate::ui::messages::{self, Weight};
use crate::workspace::{PeerNames, TimeMode};

/// Everything that decides how items are laid out. A change discards all layouts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Config {
    pub(crate) form: Form,
    pub(crate) body: Body,
    pub(crate) charset: Charset,
    pub(crate) charsets: Arc<BTreeMap<FlowId, Charset>>,
    /// The names of peers.
    pub(crate) names: PeerNames,
    pub(crate) time: TimeMode,
    pub(crate) start: Stamp,
    /// Cells per row of data; in a view that scrolls sideways, the longest possible row.
    pub(crate) columns: usize,
    /// Cells per row over the whole width.
    pub(crate) whole: usize,
    pub(crate) fold: Option<usize>,
    /// Peers have a column.
    pub(crate) names_peers: bool,
    /// An idle gap ends messages, so that the end of the last one is not known yet.
    pub(crate) ends_by_pause: bool,
    pub(crate) query: Option<Query>,
    pub(crate) notes: Arc<BTreeMap<u64, String>>,
    /// Messages that a relay holds: where they begin, and the rules.
    pub(crate) holds: Vec<(PassedFrom, String)>,
    /// The end of a connection by which the session is lost.
    pub(crate) lost_by: Option<Ending>,
    /// The rows of a relay tell which side a message came from, not on which leg it is.
    pub(crate) once: bool,
    pub(crate) lang: Lang,
    pub(crate) zone: TimeZone,
    /// Changes whenever positions refer to other items than before.
    pub(crate) serial: u64,
}

/// How the rows of an item are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// The data alone, continuous.
    Stream,
    /// The head has a row of its own above the data.
    Classic,
    /// The data begin in the row of the head and go on below.
    Line,
    /// As much of the data as fits in the row of the head.
    Single,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowKind {
    /// The date of what follows.
    Day,
    /// The head alone.
    Head(Direction),
    Body(Direction),
    Event(Weight),
    /// What an unfolded item is.
    Facts,
    Note,
    /// Bytes of an unfolded item.
    Bytes,
    /// Stands for the folded rows; the length of the item in bytes.
    Folded(u64),
    /// End of an unfolded item, which can be folded again.
    Unfolded,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) start: u32,
    /// One past the last byte; line breaks are not included.
    pub(crate) end: u32,
    pub(crate) kind: RowKind,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Layout {
    /// What is copied: the data's characters unchanged.
    pub(crate) text: String,
    pub(crate) rows: Vec<Row>,
    pub(crate) marks: Vec<Mark>,
    pub(crate) highlighted: Vec<Range<u32>>,
    /// Number of leading bytes that the layout before shows, as the end of a line of a stream.
    pub(crate) skipped: usize,
    /// Bytes at the end that start a character which the next record continues.
    pub(crate) pending: Vec<u8>,
    /// The data is not text in its charset, but would be in this one.
    pub(crate) better: Option<(FlowId, Charset)>,
    /// The row with the head, and the head.
    pub(crate) head: Option<(u32, Head)>,
    pub(crate) day: String,
    pub(crate) facts: String,
    /// The data do not fit in their single row.
    pub(crate) cut: bool,
    /// Where the data end in `text`, if more follows because the item is unfolded.
    pub(crate) data_end: Option<usize>,
}

/// What stands beside the data in the first row of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) time: String,
    /// Arrow and word of the direction; the sign of an event.
    pub(crate) way: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) peer: String,
    /// `peer` is a name that the user gave it.
    pub(crate) is_named: bool,
    pub(crate) length: String,
    /// At the right end, as far as there is room: what is wrong with a message, its reads, why it was sent, notes.
    pub(crate) mark: String,
    pub(crate) mark_icon: &'static str,
    pub(crate) is_careful: bool,
    /// The address of a peer that has a name; the code of the system.
    pub(crate) tip: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) text: Range<u32>,
    pub(crate) byte: usize,
}

impl Layout {
    /// The text of row `n`; empty if there is none.
    pub(crate) fn row(&self, n: u32) -> &str {
        self.rows
            .get(n as usize)
            .map_or("", |row| self.text.get(row.start as usize..row.end as usize).unwrap_or(""))
    }

    pub(crate) fn is_highlighted(&self, n: u32) -> bool {
        self.highlighted.iter().any(|rows| rows.contains(&n))
    }

    pub(crate) fn n_rows(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn kind(&self, n: u32) -> Option<RowKind> {
        self.rows.get(n as usize).map(|row| row.kind)
    }

    /// The head, if it is in row `n`.
    pub(crate) fn head_at(&self, n: u32) -> Option<&Head> {
        self.head.as_ref().filter(|(row, _)| *row == n).map(|(_, head)| head)
    }

    fn row_of(&self, place: usize) -> usize {
        self.rows.partition_point(|row| row.start as usize <= place).saturating_sub(1)
    }

    fn line(&mut self, text: &str, kind: RowKind) {
        let start = self.at();
        self.text.push_str(text);
        self.rows.push(Row { start, end: self.at(), kind });
        self.text.push('\n');
    }

    /// Adds a row that is not copied.
    fn sign(&mut self, kind: RowKind) {
        let at = self.at();
        self.rows.push(Row { start: at, end: at, kind });
    }

    fn at(&self) -> u32 {
        // At most 4 MiB of an item are laid out; its text is a few times that.
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }
}

/// Minimum cells of a row, however narrow the view is.
pub(crate) const LEAST_COLUMNS: usize = 16;
/// Maximum characters of the words at the right end of a row, the cells that they have at least beside the data, and the
/// cells of their icon and the gaps.
const MOST_MARK: usize = 256;
const LEAST_MARK: usize = 14;
const BESIDE_MARK: usize = 5;
/// Maximum records that are looked through for what came before.
const MOST_BEFORE: u64 = 4096;
/// Length of a date, `2026-11-20`.
const DATE: usize = 10;

fn cells(text: &str) -> usize {
    text.chars().map(glyph::columns).sum()
}

/// The text of an event without the peer that it begins with, which is in its own column.
fn beside_peer(text: &str, peer: &str) -> Option<String> {
    text.strip_prefix(peer).and_then(|rest| rest.strip_prefix(' ')).map(messages::capitalised)
}

/// A note as the log shows it. A highlight has its own sign.
fn note_text(lang: Lang, note: &str) -> String {
    // What became of a message in a relay is a line for each cause.
    let line = |line| match dropped_by(line) {
        Some((_, why)) => Why::read(why).map(|why| format!("✕ {}", lang.dropped_by(why_words(lang, &why).1))),
        None => Why::read(line).map(|why| why_words(lang, &why).1),
    };
    match note.lines().map(line).collect::<Option<Vec<_>>>() {
        Some(lines) if !lines.is_empty() => lines.join("\n"),
        _ if is_highlight(note) => note.to_owned(),
        _ => format!("✎ {note}"),
    }
}

/// The icon and the words of what has sent or changed something.
fn why_words(lang: Lang, why: &Why) -> (&'static str, String) {
    match why {
        Why::Rule(name) => (icons::ZAP, lang.by_rule(name)),
        Why::Hand(name) => (icons::PENCIL, lang.by_hand(name)),
        Why::Edited(name) => (icons::PENCIL, lang.by_edit(name)),
        Why::Held(name, time) => (icons::CIRCLE_PAUSE, lang.by_hold(name, duration::words(*time))),
        Why::Fault(what) => (icons::BUG, lang.fault_words(what)),
        Why::Added => (icons::PLUS, lang.by_injection().to_owned()),
        Why::Cycle(n) => (icons::REPEAT, lang.by_cycle(n)),
    }
}

/// Maximum bytes of an item that are laid out, even when unfolded.
pub(crate) const MOST_BYTES: usize = 4 << 20;

pub(crate) struct Layouter<'a> {
    pub(crate) config: &'a Config,
    pub(crate) items: ShownItems<'a>,
    pub(crate) source: Source<'a>,
    pub(crate) unfolded: &'a HashSet<Message>,
}

impl Layouter<'_> {
    /// Lays out the item at position `at`; in a stream the group that starts there, or nothing if none does.
    /// `piece` is a buffer to read into.
    pub(crate) fn layout(&self, at: u64, piece: &mut Piece) -> Layout {
        let laid_out = if self.is_stream() { self.stream(at, piece) } else { self.item(at, piece) };
        laid_out.unwrap_or_else(|error| {
            let mut layout = Layout::default();
            layout.line(&format!("✕ {}", messages::reason(self.config.lang, &error.into())), RowKind::Failed);
            layout
        })
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.config.form == Form::Stream
    }

    fn item(&self, at: u64, piece: &mut Piece) -> io::Result<Layout> {
        let Some(item) = self.items.get(at) else { return Ok(Layout::default()) };
        let Some((kind, flow_id)) = self.source.head(&item) else { return Ok(Layout::default()) };
        let mut layout = Layout::default();
        let before = self.time_before(at, piece)?;
        let time = self.source.time(&item, piece)?;
        let is_absolute = self.config.time == TimeMode::Absolute;
        if is_absolute && before.is_none_or(|before| !self.is_same_day(before, time)) {
            layout.day = self.day(time);
            layout.sign(RowKind::Day);
        }
        let mut head = Head {
            time: if is_absolute { local_clock(time, &self.config.zone) } else { self.time(time, before) },
            mark: String::new(),
            is_careful: self.wholeness(&item) != Wholeness::Whole,
            ..Head::default()
        };
        if is_absolute {
            // To the millisecond; unfolded to the microsecond.
            head.time.truncate("22:51:15.123".len());
        }
        let (carried, mut whys) = self.source.remark(&item, kind, piece)?;
        if kind == RecordKind::Received {
            // Where both legs are shown, what was passed on tells its delay.
            let told = |why: &Why| self.config.once || !why.is_delay();
            whys.extend(self.source.fate(&item)?.into_iter().filter(told));
        }
        let carried = carried.as_ref().map(WsMark::words);
        (head.mark_icon, head.mark) = self.mark(&item, carried.clone(), &whys);
        let flow = self.source.index.flow(flow_id);
        if let Some(direction) = kind.direction() {
            (head.peer, head.tip) = self.peer(flow.as_ref()).unwrap_or_default();
            let lang = self.config.lang;
            (head.way, head.icon) = match direction {
                Direction::Received => (lang.received_short(), icons::ARROW_LEFT),
                Direction::Sent => (lang.sent_short(), icons::ARROW_RIGHT),
            };
            let way = self.way(flow_id, direction);
            if let Some((from, (client, address))) = &way {
                (head.peer, head.tip) = (client.clone(), address.clone());
                (head.way, head.icon) = match from {
                    Leg::Client => (lang.leg_up(), icons::ARROW_RIGHT),
                    Leg::Upstream => (lang.leg_down(), icons::ARROW_LEFT),
                };
            }
            head.is_named = !head.tip.is_empty();
            if whys.iter().any(|why| matches!(why, Why::Fault(_)) && !why.is_delay()) {
                let what = format!("{}\n{}\n{}", head.tip, head.mark, self.config.lang.changed_on_way());
                what.trim_start().clone_into(&mut head.tip);
            }
            // What goes up looks as what is sent.
            let tint = match way {
                Some((Leg::Client, _)) => Direction::Sent,
                Some((Leg::Upstream, _)) => Direction::Received,
                None => direction,
            };
            head.length = messages::grouped(u64::from(item.len()));
            layout.text = self.head(&item, &self.time(time, before), direction, flow.as_ref());
            layout.text.extend(carried.iter().flat_map(|carried| ["  ", carried]));
            layout.text.push('\n');
            self.notes(&item).for_each(|note| layout.text.extend([&note_text(lang, &note), "\n"]));
            layout.head = Some((layout.n_rows(), head));
            if self.config.form == Form::Classic {
                layout.sign(RowKind::Head(tint));
            }
            self.body(&mut layout, &item, tint, piece)?;
        } else {
            self.source.read(&item, usize::MAX, piece)?;
            let (mut text, mut weight) = self.event_text(kind, flow_id, piece);
            if self.config.lost_by.is_some_and(|end| kind == RecordKind::Ended(end))
                && !self.has_closed(&item, flow_id)
            {
                weight = Weight::Failure;
            }
            (head.way, head.icon) = (weight.sign(), messages::event_icon(kind, piece.note.as_ref()));
            head.tip = messages::event_code(self.config.lang, piece.note.as_ref());
            layout.text = format!("{} {} ", self.time(time, before), head.way);
            if let Some((name, address)) = self.peer(flow.as_ref()).filter(|_| self.config.names_peers) {
                // What was noted has the address.
                let is_ours = matches!(kind, RecordKind::Connected | RecordKind::Ended(_));
                let told = if is_ours || address.is_empty() { &name } else { &address };
                if !address.is_empty() && text.contains(told) {
                    head.tip = format!("{address}\n{}", head.tip);
                    head.tip.truncate(head.tip.trim_end().len());
                }
                if let Some(rest) = beside_peer(&text, told) {
                    layout.text.extend([&name, " "]);
                    head.is_named = !address.is_empty();
                    (head.peer, text) = (name.clone(), rest);
                }
            }
            layout.head = Some((layout.n_rows(), head));
            let columns = (self.first_columns(&layout), self.config.columns);
            body::wrap(&mut layout, &text, Form::Classic, columns, RowKind::Event(weight), usize::MAX);
        }
        if self.unfolded.contains(&item) {
            self.unfold(&mut layout, &item, (time, before), piece)?;
        }
        self.highlight_all(&mut layout, &item);
        Ok(layout)
    }

    /// Whether this side had closed before.
    fn has_closed(&self, item: &Message, flow: FlowId) -> bool {
        let index = self.source.index;
        let before = (item.first().saturating_sub(MOST_BEFORE)..item.first()).rev();
        let mut before = before.filter_map(|at| index.get(at)).filter(|record| record.flow == flow);
        before.any(|record| record.kind == RecordKind::Ended(Ending::OwnFin))
    }

    /// How many of the records after an item may have a part in its row.
    pub(crate) fn n_later(&self, item: &Message) -> u64 {
        let index = self.source.index;
        let received = self.source.head(item).filter(|(kind, _)| *kind == RecordKind::Received);
        let is_passed = received.is_some_and(|(_, flow)| index.twin(flow).is_some());
        if is_passed { (index.len() - item.first()).min(MOST_LATER) } else { 0 }
    }

    /// What a peer is called, and its address if that is something else.
    fn peer(&self, flow: Option<&Flow>) -> Option<(String, String)> {
        let flow = flow?;
        let name = self.config.names.get(flow.peer);
        Some(name.map_or_else(|| (flow.name(), String::new()), |name| (name.to_owned(), flow.name())))
    }

    /// The side of a relay that data come from, and the [client](Self::peer), where both legs are shown as one.
    fn way(&self, flow: FlowId, direction: Direction) -> Option<(Leg, (String, String))> {
        let index = self.source.index;
        let leg = index.leg(flow).filter(|_| self.config.once)?;
        let client = if leg == Leg::Client { Some(flow) } else { index.twin(flow) };
        let is_up = (leg == Leg::Client) == (direction == Direction::Received);
        let name = self.peer(index.flow(client?).as_ref())?;
        Some((if is_up { Leg::Client } else { Leg::Upstream }, name))
    }

    /// Cells for the data in their first row, beside the mark at the right, whose beginning has room.
    fn first_columns(&self, layout: &Layout) -> usize {
        let mark = layout.head.as_ref().filter(|_| self.config.form != Form::Classic);
        let taken = mark.filter(|(_, head)| !head.mark.is_empty());
        let taken = taken.map_or(0, |(_, head)| cells(&head.mark).min(LEAST_MARK) + BESIDE_MARK);
        self.config.columns.saturating_sub(taken).max(LEAST_COLUMNS)
    }

    /// What the right end of the first row tells, and its icon: whether a message is whole, its reads, why it was sent,
    /// and notes.
    fn mark(&self, item: &Message, carried: Option<String>, whys: &[Why]) -> (&'static str, String) {
        let wholeness = messages::wholeness(self.config.lang, self.wholeness(item));
        let mut marks: Vec<String> = wholeness.map(|what| format!("⚠ {what}")).into_iter().collect();
        marks.extend(carried);
        let last = self.source.last_with_bytes(item);
        if last > item.first() {
            marks.push(reads(item.first(), last));
        }
        let mut icon = "";
        for why in whys {
            let (sign, words) = why_words(self.config.lang, why);
            icon = sign;
            marks.push(words);
        }
        if let Some((_, rule)) = self.config.holds.iter().find(|(from, _)| is_held(from, item)) {
            icon = icons::CIRCLE_PAUSE;
            marks.push(self.config.lang.held_by(rule));
        }
        for note in self.notes(item) {
            let words = note_text(self.config.lang, &note);
            if icon.is_empty() && words.starts_with(HIGHLIGHT) {
                icon = icons::STAR;
            }
            marks.push(words);
        }
        let text: String = marks.join("  ").replace('\n', " ").chars().take(MOST_MARK).collect();
        (icon, text)
    }

    fn is_same_day(&self, a: Stamp, b: Stamp) -> bool {
        let [a, b] = [a, b].map(|at| local_time(at, &self.config.zone));
        a.get(..DATE) == b.get(..DATE)
    }

    fn day(&self, at: Stamp) -> String {
        let date = local_time(at, &self.config.zone);
        let date = date.get(..DATE).unwrap_or_default();
        let day = date.parse::<jiff::civil::Date>().map(|date| date.weekday().to_sunday_zero_offset());
        let mut names = self.config.lang.weekdays().split(' ');
        let name = day.ok().and_then(|day| names.nth(usize::try_from(day).ok()?));
        format!("{date} {}", name.unwrap_or_default())
    }

    pub(crate) fn event_text(&self, kind: RecordKind, flow: FlowId, piece: &Piece) -> (String, Weight) {
        if let Some(SessionNote::Part(_, before @ 1..)) = piece.note
            && before == self.source.index.first()
        {
            return (self.config.lang.records_removed(messages::grouped(before)), Weight::Quiet);
        }
        let flow = self.source.index.flow(flow);
        let peer = flow.as_ref().map(|flow| (flow.origin, self.peer(Some(flow)).unwrap_or_default().0));
        let note = String::from_utf8_lossy(&piece.bytes);
        let comment = if kind.is_note() { note.as_ref() } else { piece.comment.as_str() };
        let text = messages::event(self.config.lang, kind, peer, comment, piece.note.as_ref());
        (text, messages::weight(kind, piece.note.as_ref()))
    }

    fn highlight_all(&self, layout: &mut Layout, item: &Message) {
        if self.is_highlighted(item) {
            layout.highlighted.push(0..layout.n_rows());
        }
    }

    fn notes<'b>(&'b self, item: &'b Message) -> impl Iterator<Item = Cow<'b, str>> {
        let own = |note: &'b str| {
            if note.lines().all(|line| is_of(line, item)) {
                return Cow::Borrowed(note);
            }
            note.lines().filter(|line| is_of(line, item)).collect::<Vec<_>>().join("\n").into()
        };
        let notes = notes_on(&self.config.notes, self.source.index, item);
        notes.map(move |(_, note)| own(note)).filter(|note| !note.is_empty())
    }

    fn is_highlighted(&self, item: &Message) -> bool {
        self.notes(item).any(|note| is_highlight(&note))
    }

    /// How the text of a record is read.
    pub(crate) fn charset(&self, record: u64) -> Charset {
        self.source.charset(record, self.config.charset, &self.config.charsets)
    }

    fn framed(&self) -> bool {
        self.items.base.messages.is_some()
    }

    /// Wholeness of an item as far as it is known: a message that ends by an idle gap may have ended.
    fn wholeness(&self, item: &Message) -> Wholeness {
        match item.wholeness() {
            Wholeness::Open if self.config.ends_by_pause => Wholeness::Whole,
            wholeness => wholeness,
        }
    }

    pub(crate) fn time_before(&self, at: u64, piece: &mut Piece) -> io::Result<Option<Stamp>> {
        match at.checked_sub(1).and_then(|at| self.items.get(at)) {
            Some(item) => self.source.time(&item, piece).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn time(&self, at: Stamp, before: Option<Stamp>) -> String {
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
        let peer = flow.map_or_else(|| "?".to_owned(), crate::model::Flow::name);
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

/// Records that a message spans, counted from 1: `#7` or `#7–#9`.
pub(crate) fn reads(first: u64, last: u64) -> String {
    let number = |n: u64| messages::grouped(n.saturating_add(1));
    if first == last {
        format!("#{}", number(first))
    } else {
        format!("#{}–#{}", number(first), number(last))
    }
}

/// `2026-11-20 22:51:15.123456` in `zone`.
pub(crate) fn local_time(at: Stamp, zone: &TimeZone) -> String {
    at.timestamp().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

/// `22:51:15.123456` in `zone`.
pub(crate) fn local_clock(at: Stamp, zone: &TimeZone) -> String {
    let time = local_time(at, zone);
    time.split_once(' ').map_or(time.clone(), |(_, clock)| clock.to_owned())
}

/// `+12.345678` since `before`; `+0.000000` if there is none.
pub(crate) fn seconds(at: Stamp, before: Option<Stamp>) -> String {
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
