//! Tests of `codec::compose`.

use proptest::prelude::*;

use netassist::codec::Charset;
use netassist::codec::compose::*;

fn manner(mode: Mode, escapes: bool) -> Manner {
    Manner { mode, escapes, charset: Charset::Utf8 }
}

#[test]
fn every_mode_is_read() {
    for (mode, escapes, text, bytes) in [
        (Mode::Text, true, r"a\r[0D]", &b"a\r[0D]"[..]),
        (Mode::Text, false, r"a\r", b"a\\r"),
        (Mode::Hex, true, "48 0x65", b"He"),
        (Mode::Hex, true, "{ 0x48, 101 }", b"He"),
        (Mode::Mixed, false, "", b""),
        (Mode::Mixed, false, "AT[0D 0A]", b"AT\r\n"),
        (Mode::Mixed, true, r"[02]\x41\\[[x][030x04]]", b"\x02A\\[x]\x03\x04]"),
        (Mode::Mixed, false, r"\[41]", b"\\A"),
        (Mode::Mixed, false, "[[[41]", b"[A"),
    ] {
        assert_eq!(manner(mode, escapes).parse(text).as_deref(), Ok(bytes), "{mode:?} {text}");
    }
    let gbk = Manner { charset: Charset::Gbk, ..manner(Mode::Mixed, false) };
    assert_eq!(gbk.parse("测[FF]试").as_deref(), Ok(&b"\xB2\xE2\xFF\xCA\xD4"[..]));
    let utf16 = Manner { charset: Charset::Utf16Be, ..manner(Mode::Mixed, false) };
    assert_eq!(utf16.parse("A[FF][[").as_deref(), Ok(&b"\0A\xFF\0["[..]));
}

#[test]
fn errors_have_their_place() {
    for (mode, text, at, len, says) in [
        (Mode::Hex, "0A 0G", 4, 1, "‘G’ is not a hex digit"),
        (Mode::Hex, "{1, 300}", 4, 3, "expected a number from 0x00 to 0xFF, or from 0 to 255"),
        (Mode::Text, r"é\q", 2, 2, r"unknown escape ‘\q’"),
        (Mode::Mixed, r"é[41]\q", 6, 2, r"unknown escape ‘\q’"),
        (Mode::Mixed, "é[0D 0]", 6, 1, "odd number of hex digits"),
        (Mode::Mixed, "ab[0D", 2, 1, "unclosed bracket; write [[ for a literal bracket"),
        (Mode::Mixed, "ab[", 2, 1, "unclosed bracket"),
        (Mode::Mixed, "a[ ]b", 1, 3, "empty brackets"),
        (Mode::Mixed, r"a\[41]", 1, 1, "lone backslash at the end"),
    ] {
        let error = manner(mode, true).parse(text).unwrap_err();
        assert_eq!((error.at, error.len), (at, len), "{text}: {error}");
        assert!(error.to_string().starts_with(says), "{text}: {error}");
    }
    let latin = Manner { charset: Charset::Latin1, ..manner(Mode::Mixed, false) };
    let error = latin.parse("[41]中").unwrap_err();
    assert_eq!((error.at, error.len), (4, 3), "{error}");
}

#[test]
fn bytes_are_printed_as_they_would_be_typed() {
    for (escapes, bytes, text) in [
        (false, &b"AT+X\r\n"[..], "AT+X[0D 0A]"),
        (false, b"\x02[\\]\xFF", "[02][[\\][FF]"),
        (true, b"\\", "\\\\"),
        (false, "网 络".as_bytes(), "网 络"),
    ] {
        assert_eq!(manner(Mode::Mixed, escapes).print(bytes).as_deref(), Some(text));
    }
    assert_eq!(manner(Mode::Text, false).print(b"\0"), None);
    assert_eq!(manner(Mode::Text, true).print(b"\0").as_deref(), Some("\\0"));
    assert_eq!(manner(Mode::Text, true).print(b"a\nb").as_deref(), Some("a\nb"));
}

proptest! {
    #[test]
    fn printed_text_is_read_back(
        bytes: Vec<u8>, mode in 0..Mode::ALL.len(), escapes: bool, charset in 0..Charset::ALL.len(),
    ) {
        let manner = Manner { mode: Mode::ALL[mode], escapes, charset: Charset::ALL[charset] };
        if let Some(text) = manner.print(&bytes) {
            prop_assert_eq!(manner.parse(&text), Ok(bytes), "{}", text);
        } else {
            prop_assert!(!escapes && manner.mode == Mode::Text);
        }
    }

    #[test]
    fn any_text_is_read_or_refused_within_it(
        text in "([\\[\\]é\\\\a]|[0-9A-F ]{1,3}){0,12}|.{0,20}",
        mode in 0..Mode::ALL.len(), escapes: bool, charset in 0..Charset::ALL.len(),
    ) {
        let manner = Manner { mode: Mode::ALL[mode], escapes, charset: Charset::ALL[charset] };
        if let Err(error) = manner.parse(&text) {
            prop_assert!(text.get(error.at..error.at + error.len).is_some(), "{:?}", error);
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
