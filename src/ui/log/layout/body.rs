//! The data of an item as rows of text, hex or both, with the hits in them.

use std::io;
use std::ops::Range;

use super::{Form, Layout, Layouter, MOST_BYTES, Mark, Row, RowKind};
use crate::analysis::Piece;
use crate::codec::{self, Charset, Decoder, better_charset, dump, glyph};
use crate::model::{Body, Direction, FlowId, Message};

impl Layouter<'_> {
    pub(super) fn body(
        &self,
        layout: &mut Layout,
        item: &Message,
        direction: Direction,
        piece: &mut Piece,
    ) -> io::Result<()> {
        let unfolded = self.unfolded.contains(item);
        let fold = self.config.fold;
        let single = self.config.form == Form::Single;
        let limit = if single { 1 } else { fold.filter(|_| !unfolded).unwrap_or(usize::MAX) };
        // The sign of what is cut takes a cell.
        let columns =
            [self.first_columns(layout), self.config.columns].map(|cells| cells - usize::from(single));
        let len = usize::try_from(item.len()).unwrap_or(usize::MAX);
        let kind = RowKind::Body(direction);
        let first_row = layout.rows.len();
        let text = self.config.body == Body::Text;
        let carry = if text && !self.framed() { self.carry(item, piece)? } else { Vec::new() };
        // Reads no more of a long item than its rows may need: most characters are one byte.
        let mut n_bytes = len.min(self.bytes_for(limit, columns[1])).min(MOST_BYTES);
        let mark = (layout.text.len(), layout.rows.len());
        loop {
            self.source.read(item, n_bytes, piece)?;
            let whole = piece.bytes.len() >= len;
            let hits = self.hits(&piece.bytes);
            let (flow, charset) = (piece.flow, self.charset(item.first()));
            let data =
                Data { flow, kind, charset, carry: &carry, bytes: &piece.bytes, hits: &hits, skipped: 0 };
            match self.config.body {
                Body::Text => drop(self.text(layout, &data, whole, columns.into(), limit)),
                Body::Hex => {
                    let n = |cells: usize| {
                        if single { cells.saturating_add(1) / 3 } else { hex_bytes_per_row(cells) }
                    };
                    hex(layout, &data, columns.map(n).into(), limit);
                }
                Body::Dump => dump_rows(layout, &data, 0, limit),
            }
            let full = layout.rows.len() - first_row >= limit;
            if whole || full || n_bytes >= MOST_BYTES {
                break;
            }
            n_bytes = n_bytes.saturating_mul(4).min(len).min(MOST_BYTES);
            layout.text.truncate(mark.0);
            layout.rows.truncate(mark.1);
            layout.marks.clear();
        }
        end_line(layout);
        let shown_all = piece.bytes.len() >= len && layout.rows.len() - first_row <= limit;
        if !shown_all {
            layout.rows.truncate(first_row.saturating_add(limit));
            layout.pending.clear();
            if single {
                layout.cut = true;
            } else {
                layout.sign(RowKind::Folded(u64::from(item.len())));
            }
        } else if unfolded && fold.is_some_and(|fold| layout.rows.len() - first_row > fold) {
            layout.sign(RowKind::Unfolded);
        }
        Ok(())
    }

    /// Bytes that fill this many rows if every character is one byte.
    fn bytes_for(&self, rows: usize, columns: usize) -> usize {
        let in_row = match self.config.body {
            Body::Text => columns,
            Body::Hex => hex_bytes_per_row(columns),
            Body::Dump => dump::BYTES_PER_ROW,
        };
        rows.saturating_add(1).saturating_mul(in_row)
    }

    pub(super) fn hits(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        match &self.config.query {
            Some(query) => query.iter(bytes).take(MOST_HITS).collect(),
            None => Vec::new(),
        }
    }

    /// Appends rows of text. `whole`: no more of the item follows. Returns whether a line break was added.
    pub(super) fn text(
        &self,
        layout: &mut Layout,
        data: &Data<'_>,
        whole: bool,
        columns: (usize, usize),
        limit: usize,
    ) -> bool {
        let charset = data.charset;
        let mut decoder = Decoder::new(charset);
        let mut text = String::with_capacity(data.bytes.len() + data.bytes.len() / 8);
        let base = layout.text.len();
        decoder.decode(data.carry, false, &mut text);
        let mut done = 0;
        for hit in data.hits {
            decoder.decode(data.bytes.get(done..hit.start).unwrap_or_default(), false, &mut text);
            let start = text.len();
            decoder.decode(data.bytes.get(hit.clone()).unwrap_or_default(), false, &mut text);
            layout.mark(base + start..base + text.len(), data.skipped + hit.start);
            done = hit.end;
        }
        // A record, unlike a message, may end inside a character.
        decoder.decode(data.bytes.get(done..).unwrap_or_default(), whole && self.framed(), &mut text);
        if whole && !self.framed() {
            let pending = codec::pending(charset, data.carry, data.bytes);
            let bytes: Vec<u8> = data.carry.iter().chain(data.bytes).copied().collect();
            layout.pending = bytes.get(bytes.len() - pending.min(bytes.len())..).unwrap_or_default().to_vec();
        }
        // What one has sent is as one has typed it.
        let read = data.kind == RowKind::Body(Direction::Received);
        layout.better =
            read.then(|| better_charset(charset, data.bytes)).flatten().map(|better| (data.flow, better));
        wrap(layout, &text, self.config.form, columns, data.kind, limit)
    }
}

/// Maximum hits marked in one item; more would only colour all of it.
const MOST_HITS: usize = 10_000;

pub(super) struct Data<'a> {
    pub(super) flow: FlowId,
    pub(super) kind: RowKind,
    pub(super) charset: Charset,
    pub(super) carry: &'a [u8],
    pub(super) bytes: &'a [u8],
    pub(super) hits: &'a [Range<usize>],
    /// Number of leading bytes that the layout before shows.
    pub(super) skipped: usize,
}

impl Layout {
    fn mark(&mut self, range: Range<usize>, byte: usize) {
        if let (Ok(start), Ok(end)) = (u32::try_from(range.start), u32::try_from(range.end)) {
            self.marks.push(Mark { text: start..end, byte });
        }
    }
}

/// Appends rows of `n` bytes.
/// Rows of hex: the bytes of the first and of the others.
pub(super) fn hex(layout: &mut Layout, data: &Data<'_>, (first, n): (usize, usize), limit: usize) {
    let base = layout.text.len();
    let (begin, rest) = data.bytes.split_at(first.max(1).min(data.bytes.len()));
    let begin = std::iter::once(begin).filter(|begin| !begin.is_empty());
    for chunk in begin.chain(rest.chunks(n.max(1))).take(limit.saturating_add(1)) {
        let start = layout.at();
        codec::hex::push_hex(&mut layout.text, chunk);
        layout.rows.push(Row { start, end: layout.at(), kind: data.kind });
        // Copied, the rows of an item are one run of digits.
        layout.text.push(' ');
    }
    for hit in data.hits {
        layout.mark(base + hit.start * 3..(base + hit.end * 3).saturating_sub(1), data.skipped + hit.start);
    }
}

pub(super) fn dump_rows(layout: &mut Layout, data: &Data<'_>, offset: u64, limit: usize) {
    for n in 0..dump::row_count(data.bytes.len()).min(limit.saturating_add(1)) {
        let start = layout.text.len();
        layout.line(&dump::row_text(data.bytes, offset, n), data.kind);
        let row = n * dump::BYTES_PER_ROW..(n + 1) * dump::BYTES_PER_ROW;
        for hit in data.hits.iter().filter(|hit| hit.start < row.end && hit.end > row.start) {
            let (from, to) = (hit.start.max(row.start) - row.start, hit.end.min(row.end) - row.start);
            let width = dump::offset_width(offset + row.start as u64);
            let cell = |n: usize| start + width + 2 + n * 3 + usize::from(n >= 8);
            layout.mark(cell(from)..cell(to - 1) + 2, data.skipped + hit.start);
            let text = start + width + 2 + dump::BYTES_PER_ROW * 3 + 1 + 2;
            layout.mark(text + from..text + to, data.skipped + hit.start);
        }
    }
}

/// Appends text as rows, cut after these cells, of the first row and of the others, and, unless an item takes a single
/// row, at line breaks, which are
/// part of the row in the one-line form. Stops soon after `limit` rows. Returns whether a line break was added.
pub(super) fn wrap(
    layout: &mut Layout,
    text: &str,
    form: Form,
    (first, others): (usize, usize),
    kind: RowKind,
    limit: usize,
) -> bool {
    let base = layout.text.len();
    let n_before = layout.rows.len();
    let push = |rows: &mut Vec<Row>, start: usize, end: usize| {
        let at = |n: usize| u32::try_from(base + n).unwrap_or(u32::MAX);
        rows.push(Row { start: at(start), end: at(end), kind });
    };
    let (mut start, mut cells, mut open, mut end) = (0, 0, true, text.len());
    // Where a row of prose may end: the last place, and the cells before it.
    let (is_prose, mut before, mut word) = (matches!(kind, RowKind::Event(_)), ' ', (0, 0));
    // Its letters and digits are wider than a cell: about a tenth, in an address.
    let [first, others] = [first, others].map(|cells| if is_prose { cells - cells / 10 } else { cells });
    let mut columns = first;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let is_break = c == '\n' || (c == '\r' && chars.peek().is_some_and(|(_, next)| *next == '\n'));
        if is_break && form != Form::Single {
            if c == '\r' {
                chars.next();
            }
            let next = chars.peek().map_or(text.len(), |(at, _)| *at);
            // Its signs are as wide as two or four cells.
            if form == Form::Line && cells > 0 && cells + 2 * (next - at) > columns {
                push(&mut layout.rows, start, at);
                start = at;
            }
            push(&mut layout.rows, start, if form == Form::Line { next } else { at });
            (start, columns) = (next, others);
            (cells, open) = (0, start < text.len());
        } else {
            let width = match c {
                // The common case, without a table lookup.
                ' '..='~' => 1,
                '\t' => to_tab_stop(cells),
                '\r' | '\n' => 2,
                _ => glyph::columns(glyph::visible(c)),
            };
            if is_prose && may_part(before, c) {
                word = (at, cells);
            }
            before = c;
            // A space may hang over the end of its row.
            if cells + width > columns && cells > 0 && !(is_prose && c == ' ') {
                let cut = if is_prose && word.0 > start { word } else { (at, cells) };
                push(&mut layout.rows, start, cut.0);
                (start, cells) = (cut.0, cells - cut.1);
                columns = others;
                word = (start, 0);
            }
            cells += width;
        }
        if layout.rows.len() - n_before > limit {
            (open, end) = (false, start);
            break;
        }
    }
    if open {
        push(&mut layout.rows, start, text.len());
    }
    layout.text.push_str(text.get(..end).unwrap_or(text));
    layout.marks.retain(|mark| mark.text.start < u32::try_from(base + end).unwrap_or(u32::MAX));
    end_line(layout)
}

/// Whether a row of prose may end between two characters: after a space, and beside what is written without spaces.
fn may_part(before: char, c: char) -> bool {
    let is_wide = |c: char| glyph::columns(c) == 2;
    // Closing marks stay with what is before them, opening ones with what follows.
    let closes = matches!(c, '\u{201d}' | '\u{3001}' | '\u{3002}' | '\u{300b}' | '\u{300d}' | '\u{300f}')
        || matches!(c, '\u{ff01}' | '\u{ff09}' | '\u{ff0c}' | '\u{ff1a}' | '\u{ff1b}' | '\u{ff1f}');
    let is_bound = closes || matches!(before, '\u{201c}' | '\u{300a}' | '\u{300c}' | '\u{300e}' | '\u{ff08}');
    before == ' ' && c != ' ' || (is_wide(before) || is_wide(c)) && c != ' ' && !is_bound
}

/// Ends the copied text with a line break. Returns whether it had to be added.
pub(super) fn end_line(layout: &mut Layout) -> bool {
    if layout.text.ends_with(' ') && layout.rows.last().is_some_and(|row| row.end < layout.at()) {
        layout.text.pop();
    }
    let missing = !layout.text.ends_with('\n');
    if missing {
        layout.text.push('\n');
    }
    missing
}

/// Cells from tab stop to tab stop.
const TAB: usize = 8;

/// How many cells a tab after `cells` cells of its row takes.
pub(in crate::ui::log) fn to_tab_stop(cells: usize) -> usize {
    TAB - cells % TAB
}

/// As many as fit, in multiples of eight.
pub(super) fn hex_bytes_per_row(columns: usize) -> usize {
    let fit = columns.saturating_add(1) / 3;
    if fit >= 8 { fit / 8 * 8 } else { fit.max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, columns: usize) -> (Vec<String>, String) {
        let mut layout = Layout::default();
        wrap(&mut layout, text, Form::Classic, (columns, columns), RowKind::Failed, usize::MAX);
        ((0..layout.n_rows()).map(|n| layout.row(n).to_owned()).collect(), layout.text)
    }

    #[test]
    fn text_is_cut_at_line_breaks_and_full_rows() {
        assert_eq!(rows("abc", 10).0, ["abc"]);
        assert_eq!(rows("a\tbc", 9).0, ["a\tb", "c"]);
        assert_eq!(rows("abcdef", 4).0, ["abcd", "ef"]);
        assert_eq!(rows("a\r\nb\nc", 10).0, ["a", "b", "c"]);
        assert_eq!(rows("a\n", 10).0, ["a"]);
        assert_eq!(rows("\n\n", 10).0, ["", ""]);
        assert_eq!(rows("", 10).0, [""]);
        assert_eq!(rows("a\rb", 10).0, ["a\rb"]);
        assert_eq!(rows("中文字", 4).0, ["中文", "字"]);
        assert_eq!(rows("中文字", 1).0, ["中", "文", "字"]);
    }

    #[test]
    fn prose_is_cut_between_words() {
        let rows = |text: &str, columns| -> Vec<String> {
            let mut layout = Layout::default();
            let kind = RowKind::Event(super::super::Weight::Quiet);
            wrap(&mut layout, text, Form::Classic, (columns, columns), kind, usize::MAX);
            (0..layout.n_rows()).map(|n| layout.row(n).to_owned()).collect()
        };
        assert_eq!(rows("one two three", 8), ["one two ", "three"]);
        assert_eq!(rows("one two three", 7), ["one two ", "three"], "the space hangs over");
        assert_eq!(rows("one 127.0.0.1:8080", 8), ["one ", "127.0.0.", "1:8080"]);
        assert_eq!(rows("a bc def ghij", 5), ["a bc ", "def ", "ghij"]);
        assert_eq!(rows("连接到 127.0.0.1，完成", 16), ["连接到 ", "127.0.0.1，完成"]);
        assert_eq!(rows("一二三，四五", 6), ["一二", "三，四", "五"]);
    }

    #[test]
    fn the_sign_of_a_line_break_is_whole() {
        let mut layout = Layout::default();
        wrap(&mut layout, "abcd\r\nabc\nabcdef\n", Form::Line, (6, 6), RowKind::Failed, usize::MAX);
        let rows: Vec<&str> = (0..layout.n_rows()).map(|n| layout.row(n)).collect();
        assert_eq!(rows, ["abcd", "\r\n", "abc\n", "abcdef", "\n"]);
    }

    #[test]
    fn what_is_copied_is_the_text_with_one_line_break_at_its_end() {
        for text in ["abc", "abcdefgh", "a\r\nb", "a\n", "x\0y\tz"] {
            let copied = rows(text, 4).1;
            assert_eq!(copied.trim_end_matches('\n'), text.trim_end_matches('\n'));
            assert!(copied.ends_with('\n') && !copied.ends_with("\n\n"));
        }
    }

    #[test]
    fn no_more_rows_are_made_than_were_asked_for_and_one() {
        let mut layout = Layout::default();
        wrap(&mut layout, &"line\n".repeat(1000), Form::Classic, (10, 10), RowKind::Failed, 5);
        assert_eq!(layout.n_rows(), 6);
        assert_eq!(layout.text, "line\n".repeat(6));
    }

    #[test]
    fn hex_rows_hold_multiples_of_eight() {
        for (columns, n) in [(95, 32), (80, 24), (23, 8), (5, 2), (0, 1)] {
            assert_eq!(hex_bytes_per_row(columns), n, "{columns} columns");
        }
    }

    #[test]
    fn what_is_found_is_marked_in_every_column_that_shows_it() {
        let bytes: Vec<u8> = (b'A'..=b'Z').collect();
        let hits = [2..4, 14..18];
        let kind = RowKind::Body(Direction::Received);
        let data = Data {
            flow: FlowId(0),
            kind,
            charset: Charset::Utf8,
            carry: &[],
            bytes: &bytes,
            hits: &hits,
            skipped: 0,
        };
        let marked = |layout: &Layout| -> Vec<String> {
            let range = |mark: &Mark| mark.text.start as usize..mark.text.end as usize;
            layout.marks.iter().map(|mark| layout.text[range(mark)].to_owned()).collect()
        };
        let mut layout = Layout::default();
        hex(&mut layout, &data, (24, 24), usize::MAX);
        assert_eq!(marked(&layout), ["43 44", "4F 50 51 52"]);
        for offset in [0, 0x1_0000_0000] {
            let mut layout = Layout::default();
            dump_rows(&mut layout, &data, offset, usize::MAX);
            assert_eq!(marked(&layout), ["43 44", "CD", "4F 50", "OP", "51 52", "QR"]);
        }
    }
}
