//! Cells of the table: a line of text cut to the columns of the monospaced grid, with the hits of a search.
//! Pure; no toolkit.

use std::ops::Range;

use crate::codec::glyph;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    Plain,
    Hit,
    HitNow,
}

/// A line cut to its cell: pieces that are hits and pieces that are not, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) pieces: Vec<(Range<usize>, Piece)>,
}

/// Cuts `text` to this many columns. A longer one ends in `…`, which is a hit if it stands for one. Control
/// characters become pictures. `hits` are byte ranges in `text`, in any order; they may overlap or lie
/// outside. `now` is the current hit.
pub(super) fn fit(text: &str, hits: &[Range<usize>], now: Option<usize>, columns: usize) -> Line {
    let meets = |hit: &Range<usize>, from: usize, to: usize| hit.start < to && hit.end > from;
    let now = now.and_then(|now| hits.get(now));
    let hit = |from: usize, to: usize| match now {
        Some(now) if meets(now, from, to) => Piece::HitNow,
        Some(_) | None if hits.iter().any(|hit| meets(hit, from, to)) => Piece::Hit,
        Some(_) | None => Piece::Plain,
    };
    let mut line = Line::default();
    let mut used = 0;
    for (at, c) in text.char_indices() {
        let width = glyph::columns(glyph::visible(c));
        let rest = text.get(at..).unwrap_or_default();
        let fits = used + width < columns || (used + width == columns && rest.len() == c.len_utf8());
        if !fits {
            if columns > used {
                line.push('…', hit(at, text.len()));
            }
            break;
        }
        line.push(glyph::visible(c), hit(at, at + c.len_utf8()));
        used += width;
    }
    line
}

impl Line {
    fn push(&mut self, c: char, hit: Piece) {
        let start = self.text.len();
        self.text.push(c);
        let end = self.text.len();
        match self.pieces.last_mut() {
            Some((range, same)) if *same == hit => range.end = end,
            Some(_) | None => self.pieces.push((start..end, hit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hits(line: &Line) -> Vec<&str> {
        line.pieces
            .iter()
            .filter(|(_, hit)| *hit != Piece::Plain)
            .map(|(range, _)| &line.text[range.clone()])
            .collect()
    }

    #[test]
    fn lines_are_cut_to_columns() {
        for (text, columns, cut) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("测试", 4, "测试"),
            ("测试", 3, "测…"),
            ("测试a", 4, "测…"),
            ("a\r\n\x1B", 4, "a␍␊␛"),
            ("abc", 1, "…"),
            ("abc", 0, ""),
            ("", 0, ""),
        ] {
            assert_eq!(fit(text, &[], None, columns).text, cut, "{text:?} in {columns}");
        }
    }

    #[test]
    fn hits_stay_where_they_are() {
        assert_eq!(hits(&fit("a\r\nbcd", &[1..3, 5..6], None, 10)), ["␍␊", "d"]);
        assert_eq!(hits(&fit("测试数据", &[3..6, 4..6], None, 10)), ["试"]);
        // Part of a character counts as all of it, and overlapping hits merge.
        assert_eq!(hits(&fit("测试数据", &[4..5, 5..8], None, 10)), ["试数"]);
        assert_eq!(hits(&fit("abcdefgh", &[6..7, 7..8], None, 4)), ["…"], "a hit that is out of sight");
        assert_eq!(hits(&fit("abcdefgh", &[100..200, 8..9], None, 4)), [""; 0]);
        let now = fit("abcdefgh", &[1..3, 4..6], Some(1), 10).pieces;
        let kinds: Vec<_> = now.iter().map(|(_, piece)| *piece).collect();
        assert_eq!(kinds, [Piece::Plain, Piece::Hit, Piece::Plain, Piece::HitNow, Piece::Plain]);
        let backwards = Range { start: 7, end: 2 };
        assert_eq!(hits(&fit("abcdefgh", &[backwards], None, 10)), [""; 0]);
    }

    proptest! {
        #[test]
        fn any_text_and_hits_fit(
            text: String, hits: Vec<(usize, usize)>, near in prop::collection::vec((0_usize..40, 0_usize..9), 0..4),
            columns in 0_usize..50,
        ) {
            let near = near.into_iter().map(|(start, len)| start..start + len);
            let hits: Vec<_> = hits.into_iter().map(|(start, end)| start..end).chain(near).collect();
            let line = fit(&text, &hits, hits.len().checked_sub(1), columns);
            prop_assert!(line.text.chars().map(glyph::columns).sum::<usize>() <= columns);
            let pieces: String = line.pieces.iter().map(|(range, _)| &line.text[range.clone()]).collect();
            prop_assert_eq!(pieces, line.text);
        }
    }
}
