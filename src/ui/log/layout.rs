//! How one record is laid out in rows of a monospaced grid. Pure: knows the capture's reader and the
//! codecs, but no toolkit.

use std::io;

use jiff::tz::TimeZone;

use crate::codec::{self, Charset, dump, glyph};
use crate::journal::{Frame, Reader};
use crate::model::{Body, Direction, Flow, Index, Record, RecordKind, Stamp};
use crate::ui::lang::Lang;
use crate::ui::messages;

/// What decides how records are laid out. Another one makes all layouts new.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// What stands under the head line.
    pub body: Body,
    /// Charset of text.
    pub charset: Charset,
    /// Head lines.
    pub log_mode: bool,
    /// Cells in a row; without wrapping, as many as one row may have.
    pub columns: usize,
    /// The language of head lines and events.
    pub lang: Lang,
    /// Where times are told.
    pub zone: TimeZone,
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

/// A record as text, and where its rows are in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layout {
    /// What is copied: the characters of the data as they are, ending with a line break.
    pub text: String,
    /// Its rows; at least one.
    pub rows: Vec<Row>,
    /// Bytes at the end that begin a character which the next record goes on with.
    pub pending: Vec<u8>,
}

impl Layout {
    /// The text of row `n`, empty if there is none.
    pub fn row(&self, n: u32) -> &str {
        self.rows
            .get(n as usize)
            .map_or("", |row| self.text.get(row.start as usize..row.end as usize).unwrap_or(""))
    }

    /// The number of rows.
    pub fn n_rows(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    fn line(&mut self, text: &str, kind: RowKind) {
        let start = self.at();
        self.text.push_str(text);
        self.rows.push(Row { start, end: self.at(), kind });
        self.text.push('\n');
    }

    fn at(&self) -> u32 {
        // A record holds at most 64 KiB, its text a few times that.
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }
}

/// Lays records out.
#[derive(Debug)]
pub struct Layouter<'a> {
    /// How.
    pub config: &'a Config,
    /// The index.
    pub log: &'a Index,
    /// The capture.
    pub reader: &'a Reader,
}

impl Layouter<'_> {
    /// Lays out record number `n`. `frame` is room to read into.
    pub fn layout(&self, n: u64, frame: &mut Frame) -> Layout {
        let Some(record) = self.log.get(n) else { return Layout::default() };
        match self.try_layout(n, record, frame) {
            Ok(layout) => layout,
            Err(error) => {
                let mut layout = Layout::default();
                layout.line(&format!("✕ {error}"), RowKind::Failed);
                layout
            }
        }
    }

    fn try_layout(&self, n: u64, record: Record, frame: &mut Frame) -> io::Result<Layout> {
        let direction = record.kind.direction();
        let carry = match direction {
            Some(_) if self.config.body == Body::Text => self.carry(n, record, frame)?,
            Some(_) | None => Vec::new(),
        };
        self.reader.read(&record, usize::MAX, frame)?;
        let flow = self.log.flow(record.flow);
        let mut layout = Layout::default();
        let Some(direction) = direction else {
            let comment = if record.kind == RecordKind::Note {
                String::from_utf8_lossy(&frame.payload).into_owned()
            } else {
                frame.comment.clone()
            };
            let text = messages::event(self.config.lang, record.kind, flow, &comment);
            let line = format!("{} ● {text}", self.time(frame.at));
            layout.wrapped(&line, self.config.columns, RowKind::Event);
            return Ok(layout);
        };
        if self.config.log_mode {
            layout.line(&self.head(frame.at, direction, flow, record.len), RowKind::Head(direction));
        }
        self.body(&mut layout, direction, &carry, &frame.payload);
        Ok(layout)
    }

    /// `2026-11-20 22:51:15.123456`, local.
    fn time(&self, at: Stamp) -> String {
        local_time(at, &self.config.zone)
    }

    fn head(&self, at: Stamp, direction: Direction, flow: Option<&Flow>, len: u16) -> String {
        let arrow = match direction {
            Direction::Received => self.config.lang.pick("← RECV", "← 接收"),
            Direction::Sent => self.config.lang.pick("→ SEND", "→ 发送"),
        };
        let peer = flow.map_or_else(|| "?".to_owned(), |flow| flow.peer.to_string());
        format!("{} {arrow} {peer}  {} B", self.time(at), messages::grouped(u64::from(len)))
    }

    fn body(&self, layout: &mut Layout, direction: Direction, carry: &[u8], payload: &[u8]) {
        let kind = RowKind::Body(direction);
        match self.config.body {
            Body::Text => {
                let decoded = codec::decode_all(self.config.charset, carry, payload, false);
                if decoded.pending > 0 {
                    let bytes: Vec<u8> = carry.iter().chain(payload).copied().collect();
                    layout.pending = bytes[bytes.len() - decoded.pending.min(bytes.len())..].to_vec();
                }
                layout.wrapped(&decoded.text, self.config.columns, kind);
            }
            Body::Hex => {
                for chunk in payload.chunks(hex_bytes_per_row(self.config.columns)) {
                    let start = layout.at();
                    codec::hex::push_hex(&mut layout.text, chunk);
                    layout.rows.push(Row { start, end: layout.at(), kind });
                    // The rows of one record are one run of digits when copied.
                    layout.text.push(' ');
                }
                layout.end_body(payload.is_empty(), kind);
            }
            Body::Dump => {
                for n in 0..dump::row_count(payload.len()) {
                    layout.line(&dump::row_text(payload, 0, n), kind);
                }
                if payload.is_empty() && !self.config.log_mode {
                    layout.line("", kind);
                }
            }
        }
    }

    /// The bytes before record `n`, in the same flow and direction, that begin a character which
    /// ends in it.
    fn carry(&self, n: u64, record: Record, frame: &mut Frame) -> io::Result<Vec<u8>> {
        let want = match self.config.charset {
            Charset::Latin1 | Charset::Windows1251 | Charset::Windows1252 | Charset::Koi8R => {
                return Ok(Vec::new());
            }
            Charset::Utf8 | Charset::Utf16Le | Charset::Utf16Be => 4,
            Charset::Gbk
            | Charset::Gb18030
            | Charset::Big5
            | Charset::ShiftJis
            | Charset::EucJp
            | Charset::EucKr => 512,
        };
        let mut before: Vec<u8> = Vec::new();
        let oldest = n.saturating_sub(CARRY_RECORDS);
        for earlier in (oldest..n).rev() {
            let Some(other) = self.log.get(earlier) else { break };
            if other.flow != record.flow || other.kind != record.kind {
                continue;
            }
            self.reader.read(&other, usize::MAX, frame)?;
            before.splice(..0, frame.payload.iter().copied());
            // In every one of these charsets a byte below 0x30 stands for itself.
            let synced = want == 4 || before.iter().any(|&byte| byte < 0x30);
            if before.len() >= want && synced || before.len() > CARRY_BYTES {
                break;
            }
        }
        let tail = codec::incomplete_tail(self.config.charset, &before);
        Ok(before.split_off(before.len() - tail.min(before.len())))
    }
}

/// How far back, in records and in bytes, to look for the beginning of a character. Only text in a
/// double-byte charset without one blank, digit sign or line break in all that room could be read
/// one byte off.
const CARRY_RECORDS: u64 = 20_000;
const CARRY_BYTES: usize = 64 << 10;

impl Layout {
    /// Rows of text: cut at line breaks, and where `columns` cells are full.
    fn wrapped(&mut self, text: &str, columns: usize, kind: RowKind) {
        let mut start = self.at();
        let mut cells = 0;
        let mut chars = text.chars().peekable();
        let mut open = true;
        while let Some(c) = chars.next() {
            if c == '\n' || (c == '\r' && chars.peek() == Some(&'\n')) {
                self.rows.push(Row { start, end: self.at(), kind });
                self.text.push(c);
                if c == '\r' {
                    chars.next();
                    self.text.push('\n');
                }
                (start, cells, open) = (self.at(), 0, chars.peek().is_some());
                continue;
            }
            let width = match c {
                // Most of it, and no table needs to be asked.
                ' '..='~' => 1,
                '\t' => TAB_CELLS,
                _ => glyph::columns(glyph::visible(c)),
            };
            if cells + width > columns && cells > 0 {
                self.rows.push(Row { start, end: self.at(), kind });
                (start, cells) = (self.at(), 0);
            }
            self.text.push(c);
            cells += width;
        }
        if open {
            self.rows.push(Row { start, end: self.at(), kind });
        }
        if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn end_body(&mut self, empty: bool, kind: RowKind) {
        if empty && self.rows.is_empty() {
            let start = self.at();
            self.rows.push(Row { start, end: start, kind });
        }
        if self.text.ends_with(' ') {
            self.text.pop();
        }
        if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }
}

/// Cells that a tab takes, as the toolkit draws it.
const TAB_CELLS: usize = 4;

/// As many as fit, in eights so that the eye can count.
fn hex_bytes_per_row(columns: usize) -> usize {
    let fit = (columns + 1) / 3;
    if fit >= 8 { fit / 8 * 8 } else { fit.max(1) }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, columns: usize) -> (Vec<String>, String) {
        let mut layout = Layout::default();
        layout.wrapped(text, columns, RowKind::Event);
        ((0..layout.n_rows()).map(|n| layout.row(n).to_owned()).collect(), layout.text)
    }

    #[test]
    fn text_is_cut_at_line_breaks_and_full_rows() {
        assert_eq!(rows("abc", 10).0, ["abc"]);
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
    fn what_is_copied_is_the_text_with_one_line_break_at_its_end() {
        for text in ["abc", "abcdefgh", "a\r\nb", "a\n", "x\0y\tz"] {
            let copied = rows(text, 4).1;
            assert_eq!(copied.trim_end_matches('\n'), text.trim_end_matches('\n'));
            assert!(copied.ends_with('\n') && !copied.ends_with("\n\n"));
        }
    }

    #[test]
    fn hex_rows_hold_multiples_of_eight() {
        assert_eq!(hex_bytes_per_row(95), 32);
        assert_eq!(hex_bytes_per_row(80), 24);
        assert_eq!(hex_bytes_per_row(23), 8);
        assert_eq!(hex_bytes_per_row(5), 2);
        assert_eq!(hex_bytes_per_row(0), 1);
    }

    #[test]
    fn times_have_microseconds() {
        let at = Stamp(1_795_042_275_123_456_789);
        assert_eq!(local_time(at, &TimeZone::UTC), "2026-11-18 22:51:15.123456");
        assert_eq!(local_time(Stamp(0), &TimeZone::UTC), "1970-01-01 00:00:00.000000");
        assert!(local_time(Stamp(u64::MAX), &TimeZone::UTC).starts_with("2554-"));
    }
}
