//! Tests of `codec::glyph`.

use netassist::codec::glyph::*;

#[test]
fn invisible_characters_are_replaced() {
    for (c, shown) in [
        ('\0', '␀'),
        ('\n', '␊'),
        ('\u{1B}', '␛'),
        ('\u{7F}', '␡'),
        ('\u{9B}', '␦'),
        ('\u{202E}', '␦'),
        ('\u{2066}', '␦'),
        ('\u{FEFF}', '␦'),
        ('\u{FFFD}', '\u{FFFD}'),
        ('a', 'a'),
        ('测', '测'),
        ('\u{301}', '␦'),
        ('\u{FE0F}', '\u{FE0F}'),
    ] {
        assert_eq!(visible(c), shown, "{c:?}");
    }
}

#[test]
fn replacing_twice_changes_nothing_and_leaves_no_control() {
    for c in '\0'..=char::MAX {
        let shown = visible(c);
        assert!(!shown.is_control(), "{c:?}");
        assert_eq!(visible(shown), shown, "{c:?}");
        let written = if c.is_control() && !"\r\n\t".contains(c) { shown } else { c };
        assert_eq!(writable(c), written, "{c:?}");
    }
}

#[test]
fn widths_are_one_or_two() {
    for (c, n) in [('a', 1), ('é', 1), ('\u{301}', 1), ('测', 2), ('Ａ', 2), ('ｱ', 1), ('😀', 2), ('␛', 1)]
    {
        assert_eq!(columns(c), n, "{c:?}");
    }
    assert!(('\0'..=char::MAX).all(|c| (1..=2).contains(&columns(c))));
}
