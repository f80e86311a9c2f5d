//! Line breaks of typed text, whole and in pieces.

use netassist::codec::line_break::{LineBreak, LineBreaks};
use proptest::prelude::*;

#[test]
fn every_kind_becomes_the_chosen_one() {
    for text in ["a\nb\n", "a\r\nb\r\n", "a\rb\r"] {
        assert_eq!(LineBreak::Lf.apply(text), "a\nb\n");
        assert_eq!(LineBreak::CrLf.apply(text), "a\r\nb\r\n");
        assert_eq!(LineBreak::Cr.apply(text), "a\rb\r");
    }
    assert_eq!(LineBreak::CrLf.apply("\n\r\n\r\r\n中"), "\r\n\r\n\r\n\r\n中");
    assert_eq!(["", "a", "a\n\r\n", "a\n", "\r\n\r\n", "\r"].map(LineBreak::of), {
        [None, None, None, Some(LineBreak::Lf), Some(LineBreak::CrLf), Some(LineBreak::Cr)]
    });
}

proptest! {
    #[test]
    fn pieces_make_the_same_as_the_whole(text in "[a中\r\n]{0,20}", cuts in prop::collection::vec(0..40_usize, 0..5), kind in 0..3_usize) {
        let kind = LineBreak::ALL[kind];
        let (mut breaks, mut made, mut rest) = (LineBreaks::new(kind), Vec::new(), text.as_bytes());
        for cut in cuts {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            made.extend(breaks.convert(piece));
            rest = after;
        }
        made.extend(breaks.convert(rest));
        let whole = kind.apply(&text);
        prop_assert_eq!(made, whole.as_bytes());
    }

    #[test]
    fn a_place_is_found_again(text in "[a中\r\n]{0,20}x[a中\r\n]{0,9}", kind in 0..3_usize) {
        let kind = LineBreak::ALL[kind];
        let converted = kind.apply(&text).into_owned();
        prop_assert_eq!(kind.origin(&text, converted.find('x').unwrap()), text.find('x').unwrap());
        for at in 0..=converted.len() + 2 {
            prop_assert!(kind.origin(&text, at) <= text.len());
        }
    }
}
