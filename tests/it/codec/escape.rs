//! Tests of `codec::escape`.

use proptest::prelude::*;

use netassist::codec::escape::*;
use netassist::codec::{Charset, glyph};

#[test]
fn escapes_are_read() {
    for (text, charset, bytes) in [
        (r"a\r\n\t\0\\z", Charset::Utf8, &b"a\r\n\t\0\\z"[..]),
        (r"\xff\xFE\x00", Charset::Utf8, b"\xFF\xFE\0"),
        (r"\u{6D4B}\u{1F600}", Charset::Utf8, "测😀".as_bytes()),
        (r"\u{6d4b}测", Charset::Gbk, b"\xB2\xE2\xB2\xE2"),
        (r"A\r\xFF", Charset::Utf16Le, b"A\0\r\0\xFF"),
        (r"\01", Charset::Utf8, b"\x001"),
        ("", Charset::Utf16Be, b""),
    ] {
        assert_eq!(parse(text, charset).as_deref(), Ok(bytes), "{text}");
    }
}

#[test]
fn errors_have_their_place() {
    for (text, at, len, why) in [
        (r"ab\q", 2, 2, EscapeProblem::Unknown('q')),
        (r"ab\测", 2, 4, EscapeProblem::Unknown('测')),
        ("ab\\", 2, 1, EscapeProblem::Alone),
        (r"\x", 0, 2, EscapeProblem::BadByte),
        (r"测\x4", 3, 2, EscapeProblem::BadByte),
        (r"\x+4", 0, 2, EscapeProblem::BadByte),
        (r"\x4测", 0, 2, EscapeProblem::BadByte),
        (r"\u6D4B", 0, 2, EscapeProblem::BadChar),
        (r"\u{}", 0, 4, EscapeProblem::BadChar),
        (r"\u{D800}", 0, 8, EscapeProblem::BadChar),
        (r"\u{0000041}", 0, 11, EscapeProblem::BadChar),
        (r"\u{41", 0, 5, EscapeProblem::BadChar),
    ] {
        assert_eq!(parse(text, Charset::Utf8), Err(EscapeError { at, len, why }), "{text}");
    }
    for (text, at, len) in [("\\r测😀", 5, 4), (r"a\u{1F600}", 1, 9)] {
        let error = parse(text, Charset::Gbk).unwrap_err();
        assert_eq!((error.at, error.len), (at, len), "{text}");
        assert_eq!(error.to_string(), "‘😀’ (U+1F600) does not exist in gbk");
    }
}

#[test]
fn bytes_are_written_readably() {
    for (bytes, charset, text) in [
        (&b"a\r\n\t\0\\\x1B[m\xFF"[..], Charset::Utf8, r"a\r\n\t\0\\\x1B[m\xFF"),
        ("测😀\u{202E}".as_bytes(), Charset::Utf8, r"测😀\u{202e}"),
        (b"\xB2\xE2\xB2", Charset::Gbk, r"测\xB2"),
        (b"\x94\x39\xFC\x36\x94\x39", Charset::Gb18030, r"😀\x949"),
        (b"\x07\0A\0\x3D\xD8", Charset::Utf16Le, r"\u{7}A\x3D\xD8"),
        (b"\x80\xFF", Charset::Latin1, r"\x80ÿ"),
    ] {
        assert_eq!(escape(bytes, charset), text, "{charset}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn written_text_is_read_back(bytes: Vec<u8>) {
        for charset in Charset::ALL {
            let text = escape(&bytes, charset);
            let read = parse(&text, charset);
            prop_assert_eq!(read.as_deref(), Ok(&bytes[..]), "{} {}", charset, text);
            prop_assert!(text.chars().all(|c| glyph::visible(c) == c));
        }
    }

    #[test]
    fn any_text_is_read_or_refused_within_it(text in r"(\\|[xu{}0-9aé测]|.){0,12}", n in 0..Charset::ALL.len()) {
        if let Err(error) = parse(&text, Charset::ALL[n]) {
            prop_assert!(text.get(error.at..error.at + error.len).is_some());
        }
    }
}

#[test]
fn every_pair_of_bytes_is_read_back_where_pairs_are_characters() {
    use Charset::{Big5, EucJp, EucKr, Gb18030, ShiftJis, Utf16Be};
    for charset in [Gb18030, Big5, ShiftJis, EucJp, EucKr, Utf16Be] {
        for pair in 0..=u16::MAX {
            let bytes = pair.to_be_bytes();
            let text = escape(&bytes, charset);
            assert_eq!(parse(&text, charset).as_deref(), Ok(&bytes[..]), "{charset} {text}");
        }
    }
}
