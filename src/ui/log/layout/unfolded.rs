//! What an unfolded item shows below its data: facts, notes and every byte.

use std::fmt::Write as _;
use std::io;
use std::ops::Range;

use super::body::{self, Data};
use super::{Form, Layout, Layouter, Mark, Row, RowKind, local_clock, reads, seconds};
use crate::analysis::Piece;
use crate::codec::{dump, glyph, hex};
use crate::model::{Body, Message, Stamp};
use crate::ui::bytes::characters;
use crate::ui::messages;

/// Maximum bytes that are shown below an item.
const MOST_BYTES: usize = 1 << 20;
/// Cells of a row of 16 bytes.
const WHOLE_ROW: usize = 76;

/// The most pairs of bytes that are compared to find what was inserted and what was removed.
const MOST_COMPARED: usize = 512 * 512;

/// Where two texts differ, in each of them: byte by byte if they are of one length, else what is not in their longest
/// common subsequence; of long ones, all between what is equal at both ends.
fn differences(a: &[u8], b: &[u8]) -> [Vec<Range<usize>>; 2] {
    let equal = |(a, b): &(&u8, &u8)| a == b;
    if a.len() == b.len() {
        let differs = a.iter().zip(b).enumerate().filter(|(_, pair)| !equal(pair));
        let places: Vec<_> = differs.map(|(at, _)| at..at + 1).collect();
        return [places.clone(), places];
    }
    let head = a.iter().zip(b).take_while(equal).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(equal).count();
    let [from, to] = [a, b].map(|bytes| &bytes[head..bytes.len() - tail]);
    if from.len().saturating_mul(to.len()) > MOST_COMPARED {
        return [from, to].map(|middle| std::iter::once(head..head + middle.len()).collect());
    }
    // The length of the longest common subsequence of what is left from each place on.
    let width = to.len() + 1;
    let mut common = vec![0_u16; (from.len() + 1) * width];
    for i in (0..from.len()).rev() {
        for j in (0..to.len()).rev() {
            let [down, right, both] = [(1, 0), (0, 1), (1, 1)].map(|(k, l)| common[(i + k) * width + j + l]);
            common[i * width + j] = if from[i] == to[j] { both + 1 } else { down.max(right) };
        }
    }
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while i < from.len() || j < to.len() {
        if from.get(i) == to.get(j) {
            (i, j) = (i + 1, j + 1);
        } else if j == to.len() || i < from.len() && common[(i + 1) * width + j] >= common[i * width + j + 1]
        {
            grow(&mut removed, head + i);
            i += 1;
        } else {
            grow(&mut added, head + j);
            j += 1;
        }
    }
    [removed, added]
}

/// Adds a place behind all others.
fn grow(ranges: &mut Vec<Range<usize>>, at: usize) {
    match ranges.last_mut() {
        Some(last) if last.end == at => last.end = at + 1,
        Some(_) | None => ranges.push(at..at + 1),
    }
}

impl Layouter<'_> {
    /// Adds the rows of an unfolded item. `times` are its own and that of the item before it.
    pub(super) fn unfold(
        &self,
        layout: &mut Layout,
        item: &Message,
        (time, before): (Stamp, Option<Stamp>),
        piece: &mut Piece,
    ) -> io::Result<()> {
        let lang = self.config.lang;
        layout.data_end = Some(layout.text.len());
        let Some((kind, flow)) = self.source.head(item) else { return Ok(()) };
        let mut facts = vec![reads(item.first(), self.source.last_with_bytes(item))];
        let is_data = kind.direction().is_some();
        if is_data {
            facts.extend(self.source.remark(item, kind, piece)?.0.map(|mark| mark.words()));
            facts.push(format!("{} B", messages::grouped(u64::from(item.len()))));
            if self.config.body == Body::Text {
                facts.push(self.charset(item.first()).label().to_owned());
            }
        }
        facts.extend(messages::wholeness(lang, self.wholeness(item)).map(str::to_owned));
        facts.extend(before.map(|before| lang.after_previous(seconds(time, Some(before)))));
        facts.push(local_clock(time, &self.config.zone));
        layout.facts = facts.join(" · ");
        layout.sign(RowKind::Facts);
        for note in self.notes(item) {
            let (form, columns) = (Form::Classic, self.config.whole);
            body::wrap(
                layout,
                &super::note_text(self.config.lang, &note),
                form,
                (columns, columns),
                RowKind::Note,
                usize::MAX,
            );
        }
        if !is_data {
            return Ok(());
        }
        let original = self.source.original(item, MOST_BYTES)?;
        self.source.read(item, MOST_BYTES, piece)?;
        let charset = self.charset(item.first());
        let kind = RowKind::Bytes;
        let rows = |layout: &mut Layout, bytes: &[u8], hits: &[Range<usize>]| {
            self.bytes_rows(layout, &Data { flow, kind, charset, carry: &[], bytes, hits, skipped: 0 });
        };
        match original.filter(|original| *original != piece.bytes) {
            Some(original) => {
                let [before, after] = differences(&original, &piece.bytes);
                layout.line(lang.came_as(), kind);
                rows(layout, &original, &before);
                layout.line(lang.went_as(), kind);
                rows(layout, &piece.bytes, &after);
            }
            None => rows(layout, &piece.bytes, &self.hits(&piece.bytes)),
        }
        if (item.len() as usize) > piece.bytes.len() {
            let shown = messages::bytes(piece.bytes.len() as u64);
            let text = lang.only_first(shown, messages::bytes(u64::from(item.len())));
            layout.line(&text, RowKind::Note);
        }
        Ok(())
    }

    /// Rows of offset, hex and text in the item's charset. A wide character covers the cells of its first two bytes.
    fn bytes_rows(&self, layout: &mut Layout, data: &Data<'_>) {
        let n = if self.config.whole < WHOLE_ROW { dump::BYTES_PER_ROW / 2 } else { dump::BYTES_PER_ROW };
        let cells = characters(data.charset, data.bytes, 0..data.bytes.len());
        for (row, (bytes, cells)) in data.bytes.chunks(n).zip(cells.chunks(n)).enumerate() {
            let (first, start) = (row * n, layout.at());
            write!(layout.text, "{first:04X} ").unwrap_or_default();
            let mut digits = Vec::with_capacity(n);
            for place in 0..n {
                layout.text.push_str(if place % 8 == 0 { " " } else { "" });
                digits.push(layout.at());
                match bytes.get(place) {
                    Some(byte) => layout.text.extend(hex::digits(*byte)),
                    None => layout.text.push_str("  "),
                }
                layout.text.push(' ');
            }
            layout.text.push_str(" │ ");
            let mut signs = Vec::with_capacity(n + 1);
            let mut covered = 0;
            for cell in cells {
                signs.push(layout.at());
                let c = cell.unwrap_or(' ');
                if cell.is_some() || covered == 0 {
                    layout.text.push(c);
                    covered = glyph::columns(c);
                }
                covered -= 1;
            }
            signs.push(layout.at());
            layout.rows.push(Row { start, end: layout.at(), kind: data.kind });
            layout.text.push('\n');
            let hits = data.hits.get(data.hits.partition_point(|hit| hit.end <= first)..).unwrap_or_default();
            for hit in hits.iter().take_while(|hit| hit.start < first + bytes.len()) {
                let (from, to) = (hit.start.max(first) - first, hit.end.min(first + bytes.len()) - first);
                let of = |list: &[u32], place: usize| list.get(place).copied().unwrap_or(start);
                let hex = of(&digits, from)..of(&digits, to.saturating_sub(1)) + 2;
                for text in [hex, of(&signs, from)..of(&signs, to)] {
                    layout.marks.push(Mark { text, byte: hit.start });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_found_in_both() {
        for (a, b, wanted) in [
            ("fan=off", "fan=ovf", ["5..6", "5..6"]),
            ("abc", "xbz", ["0..1, 2..3", "0..1, 2..3"]),
            ("one two", "one 2", ["4..7", "4..5"]),
            ("aab", "ab", ["1..2", ""]),
            ("", "x", ["", "0..1"]),
            ("temp=21.5;fan=on", "xtemp=1.5;fan=on!", ["5..6", "0..1, 16..17"]),
            ("a1b2c", "abc", ["1..2, 3..4", ""]),
        ] {
            let found = differences(a.as_bytes(), b.as_bytes());
            assert_eq!(
                found.map(|places| format!("{places:?}")),
                wanted.map(|of| format!("[{of}]")),
                "{a} {b}"
            );
        }
        let long = [b'x'; 9000];
        let told = |a: &[u8], b: &[u8]| format!("{:?}", differences(a, b));
        assert_eq!(told(&long, &long[1..]), "[[8999..9000], []]");
        let other = [&[b'y'; 1000], &long[1000..8000], &[b'z'; 1001]].concat();
        assert_eq!(told(&long, &other), "[[0..9000], [0..9001]]", "too long to compare");
    }
}
