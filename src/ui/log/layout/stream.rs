//! The data alone, continuous. A stream is split into groups that are laid out separately: where the flow or
//! direction changes, and otherwise every few records, without splitting a line or a row of hex. The index
//! alone decides where a group starts, so that a jump into the middle of a hundred million records reads no
//! more than is visible.

use std::io;
use std::ops::Range;

use super::body::{self, Data};
use super::{Layout, Layouter, RowKind};
use crate::analysis::Piece;
use crate::codec::{Charset, Decoder, dump};
use crate::model::{Body, Message, Record};

/// Maximum records in a group.
const GROUP: u64 = 64;
/// A record of more bytes than this has a group of its own.
const LARGE: u16 = 512;
/// How far, in bytes, a line that started in the group before is followed. A longer one is cut.
const REACH: usize = 4096;
/// Records of one flow and direction over which rows of hex stay aligned.
const IN_STEP: u64 = 4096;
/// Maximum rows of a long message.
const MOST_ROWS: usize = 5000;

impl Layouter<'_> {
    fn entry(&self, at: u64) -> Option<(Record, Message)> {
        let item = self.items.get(at)?;
        Some((self.source.index.get(item.first())?, item))
    }

    /// Whether the item at `at` continues the one before it: same flow, direction and charset.
    fn goes_on(&self, at: u64) -> bool {
        let Some(before) = at.checked_sub(1).and_then(|at| self.entry(at)) else { return false };
        let same = |(record, item): (Record, Message)| {
            record.kind.direction().is_some()
                && (record.kind, record.flow) == (before.0.kind, before.0.flow)
                && self.charset(item.first()) == self.charset(before.1.first())
        };
        !self.framed() && self.entry(at).is_some_and(same)
    }

    pub(crate) fn begins(&self, at: u64) -> bool {
        let Some((record, _)) = self.entry(at) else { return false };
        if record.kind.direction().is_none() {
            return false;
        }
        let large = |at: u64| self.entry(at).is_some_and(|(record, _)| record.len > LARGE);
        at.is_multiple_of(GROUP) || !self.goes_on(at) || large(at) || large(at - 1)
    }

    pub(crate) fn group_start(&self, mut at: u64) -> u64 {
        while at > 0 && !self.begins(at) && self.goes_on(at) {
            at -= 1;
        }
        at
    }

    pub(crate) fn group_end(&self, at: u64) -> u64 {
        let len = self.items.len();
        (at + 1..len.min(at + GROUP + 1))
            .find(|&next| self.begins(next) || !self.goes_on(next))
            .unwrap_or(len.min(at + GROUP))
    }

    pub(super) fn stream(&self, at: u64, piece: &mut Piece) -> io::Result<Layout> {
        let mut layout = Layout::default();
        let Some((record, item)) = self.entry(at) else { return Ok(layout) };
        let Some(direction) = record.kind.direction() else { return Ok(layout) };
        if !self.begins(at) {
            return Ok(layout);
        }
        let kind = RowKind::Body(direction);
        if self.framed() {
            // Copying does not fold.
            let whole = self.config.fold.is_none() || self.unfolded.contains(&item);
            let limit = if whole { usize::MAX } else { MOST_ROWS };
            let fold =
                Layouter { config: &super::Config { fold: Some(limit), ..self.config.clone() }, ..*self };
            fold.body(&mut layout, &item, direction, piece)?;
            self.highlight_all(&mut layout, &item);
            return Ok(layout);
        }
        let end = self.group_end(at);
        let carry = if self.config.body == Body::Text { self.carry(&item, piece)? } else { Vec::new() };
        let mut bytes = self.bytes(at..end, usize::MAX)?;
        let own = bytes.len();
        let mut goes_on = self.goes_on(end);
        let next = if goes_on { self.group_end(end) } else { end };
        if goes_on {
            self.extend_to_row(&mut bytes, end)?;
        }
        let (range, offset) = self.cut(item.first(), at, own, &bytes);
        // The last group may be shown entirely in this one.
        let n_next: usize =
            (end..next).filter_map(|at| self.items.get(at)).map(|item| item.len() as usize).sum();
        goes_on &= self.goes_on(next) || range.end.saturating_sub(own) < n_next;
        // A hit may start before and end after.
        let hits: Vec<Range<usize>> = self
            .hits(&bytes)
            .into_iter()
            .filter(|hit| hit.start < range.end && hit.end > range.start)
            .map(|hit| hit.start.max(range.start) - range.start..hit.end.min(range.end) - range.start)
            .collect();
        let carry = if range.start == 0 { carry } else { Vec::new() };
        layout.skipped = range.start;
        let Some(shown) = bytes.get(range).filter(|shown| !shown.is_empty() || own == 0) else {
            return Ok(layout);
        };
        let skipped = layout.skipped;
        let charset = self.charset(item.first());
        let data =
            Data { flow: record.flow, kind, charset, carry: &carry, bytes: shown, hits: &hits, skipped };
        let mut is_added = false;
        match self.config.body {
            Body::Text => {
                is_added = self.text(
                    &mut layout,
                    &data,
                    true,
                    (self.config.columns, self.config.columns),
                    usize::MAX,
                );
            }
            Body::Hex => {
                let n = body::hex_bytes_per_row(self.config.columns);
                body::hex(&mut layout, &data, (n, n), usize::MAX);
            }
            Body::Dump => body::dump_rows(&mut layout, &data, offset, usize::MAX),
        }
        if goes_on {
            layout.pending.clear();
            // Do not copy a line break that is not in the data.
            if is_added {
                layout.text.pop();
            }
        } else if !layout.pending.is_empty() && !is_added {
            // An incomplete character starts a line, whichever group it is in.
            layout.line("", kind);
        } else {
            body::end_line(&mut layout);
        }
        self.highlight_some(&mut layout, at..next, &data);
        Ok(layout)
    }

    /// Highlights the rows that show bytes of highlighted items. `data` is what the group shows: its own
    /// bytes, starting with those at the first of these positions, and some after them.
    fn highlight_some(&self, layout: &mut Layout, group: Range<u64>, data: &Data<'_>) {
        if self.config.notes.is_empty() {
            return;
        }
        let mut decoder = Decoder::new(data.charset);
        let (mut text, mut done) = (String::new(), 0);
        decoder.decode(data.carry, false, &mut text);
        // Called with ascending bytes, so that everything is decoded once.
        let mut row = |layout: &Layout, byte: usize| {
            let place = match self.config.body {
                Body::Hex => byte * 3,
                Body::Dump => return byte / dump::BYTES_PER_ROW,
                Body::Text => {
                    decoder.decode(data.bytes.get(done..byte).unwrap_or_default(), false, &mut text);
                    done = byte;
                    text.len()
                }
            };
            layout.row_of(place)
        };
        let mut end = 0_usize;
        for item in group.filter_map(|at| self.items.get(at)) {
            let start = end;
            end = start.saturating_add(item.len() as usize);
            let shown =
                start.saturating_sub(data.skipped)..end.saturating_sub(data.skipped).min(data.bytes.len());
            if !shown.is_empty() && self.is_highlighted(&item) {
                let rows = [shown.start, shown.end - 1].map(|byte| row(layout, byte));
                let [first, last] = rows.map(|row| u32::try_from(row).unwrap_or(u32::MAX));
                layout.highlighted.push(first..last.saturating_add(1));
            }
        }
    }

    /// Appends the start of the group at `at` as far as it may complete a row that started before.
    fn extend_to_row(&self, bytes: &mut Vec<u8>, at: u64) -> io::Result<()> {
        let mut walk = self.source.reader.walk();
        let own = bytes.len();
        for item in (at..self.group_end(at)).filter_map(|at| self.items.get(at)) {
            let begun = bytes.len();
            for (_, record, part) in self.source.parts(&item, 0, own + REACH - begun) {
                bytes.extend_from_slice(walk.payload(&record)?.get(part).unwrap_or_default());
            }
            let added = bytes.get(begun..).unwrap_or_default();
            let ended = match self.config.body {
                Body::Text => added.contains(&b'\n'),
                // A row of hex never has more bytes than cells.
                Body::Hex | Body::Dump => bytes.len() - own > self.config.columns,
            };
            if ended || bytes.len() >= own + REACH {
                break;
            }
        }
        Ok(())
    }

    /// Row of byte `byte` of the group at `at`. `layout` is that of the group.
    pub(crate) fn row_at_byte(&self, at: u64, byte: usize, layout: &Layout) -> usize {
        let place = match self.config.body {
            Body::Hex => byte.saturating_sub(layout.skipped) * 3,
            Body::Dump => return byte.saturating_sub(layout.skipped) / dump::BYTES_PER_ROW,
            // A failed read has one row, which says so.
            Body::Text => self.text_len(at, layout.skipped..byte).unwrap_or(0),
        };
        layout.row_of(place)
    }

    fn text_len(&self, at: u64, range: Range<usize>) -> io::Result<usize> {
        let Some((_, item)) = self.entry(at) else { return Ok(0) };
        let mut piece = Piece::default();
        let mut decoder = Decoder::new(self.charset(item.first()));
        let mut text = String::new();
        if range.start == 0 {
            decoder.decode(&self.carry(&item, &mut piece)?, false, &mut text);
        }
        let bytes = self.bytes(at..self.items.len(), range.end)?;
        decoder.decode(bytes.get(range).unwrap_or_default(), false, &mut text);
        Ok(text.len())
    }

    /// Position of the item that starts in row `row` of the group at `at`, or else continues there.
    pub(crate) fn item_at_row(&self, at: u64, row: u32) -> u64 {
        if !self.begins(at) || row == 0 {
            return at;
        }
        let layout = self.layout(at, &mut Piece::default());
        let mut starts = Vec::new();
        let mut sum = 0;
        for next in at..self.group_end(at) {
            starts.push(sum);
            sum += self.items.get(next).map_or(0, |item| item.len() as usize);
        }
        let n = starts.partition_point(|&start| self.row_at_byte(at, start, &layout) <= row as usize);
        at + n.saturating_sub(1) as u64
    }

    /// The bytes of these items, and of no further one once there are `max`; with few reads, for they follow each other.
    fn bytes(&self, at: Range<u64>, max: usize) -> io::Result<Vec<u8>> {
        let mut walk = self.source.reader.walk();
        let mut bytes = Vec::new();
        for item in at.filter_map(|at| self.items.get(at)) {
            if bytes.len() >= max {
                break;
            }
            for (_, record, part) in self.source.parts(&item, 0, usize::MAX) {
                bytes.extend_from_slice(walk.payload(&record)?.get(part).unwrap_or_default());
            }
        }
        Ok(bytes)
    }

    /// The range of the bytes that the rows of the group at `at` show, and the offset of the first one. The
    /// first `own` bytes are the group's; the rest is the start of the next one.
    fn cut(&self, record: u64, at: u64, own: usize, bytes: &[u8]) -> (Range<usize>, u64) {
        let row = match self.config.body {
            Body::Text => {
                let wide = matches!(self.charset(record), Charset::Utf16Le | Charset::Utf16Be);
                if wide {
                    return (0..own, 0);
                }
                let line_end = |bytes: &[u8]| {
                    let near = bytes.get(..REACH).unwrap_or(bytes);
                    near.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1)
                };
                let start = if self.goes_on(at) { line_end(bytes.get(..own).unwrap_or(bytes)) } else { 0 };
                let end = own + line_end(bytes.get(own..).unwrap_or_default());
                return (start..end, 0);
            }
            Body::Hex => body::hex_bytes_per_row(self.config.columns) as u64,
            Body::Dump => dump::BYTES_PER_ROW as u64,
        };
        let before = self.offset(at);
        if row > REACH as u64 {
            return (0..own, before);
        }
        let to_row = |offset: u64| usize::try_from(offset.next_multiple_of(row) - offset).unwrap_or(0);
        let in_step = |at: u64| at.checked_rem(IN_STEP).is_some_and(|rest| rest != 0);
        let start = if in_step(at) && self.goes_on(at) { to_row(before) } else { 0 };
        let next_in_step = in_step(self.group_end(at));
        let end = own + if next_in_step { to_row(before + own as u64) } else { 0 };
        (start.min(own)..end.min(bytes.len()).max(start.min(own)), before + start as u64)
    }

    /// Number of bytes of the same flow and direction before the item at `at`, since the last alignment of
    /// rows.
    fn offset(&self, at: u64) -> u64 {
        let (mut sum, mut at) = (0, at);
        while !at.is_multiple_of(IN_STEP) && self.goes_on(at) {
            at -= 1;
            sum += self.items.get(at).map_or(0, |item| u64::from(item.len()));
        }
        sum
    }
}
