//! Tests of `codec::charset`.

use proptest::prelude::*;

use netassist::codec::charset::*;

#[test]
fn names_and_aliases_are_read() {
    for charset in Charset::ALL {
        assert_eq!(charset.name().parse(), Ok(charset));
        assert_eq!(charset.name().to_uppercase().parse(), Ok(charset));
    }
    for (alias, charset) in [
        ("utf8", Charset::Utf8),
        ("gb2312", Charset::Gbk),
        ("sjis", Charset::ShiftJis),
        ("cp1252", Charset::Windows1252),
        ("ISO-8859-1", Charset::Latin1),
        ("utf-16", Charset::Utf16Le),
        ("big5-hkscs", Charset::Big5),
    ] {
        assert_eq!(alias.parse(), Ok(charset), "{alias}");
    }
    for wrong in ["", "klingon", "iso-8859-2"] {
        let message = wrong.parse::<Charset>().unwrap_err().to_string();
        assert!(message.ends_with("utf-16le, utf-16be"), "{message}");
    }
}

#[test]
fn text_is_encoded() {
    for (charset, bytes) in [
        (Charset::Utf8, &b"A\xE6\xB5\x8B"[..]),
        (Charset::Gbk, b"A\xB2\xE2"),
        (Charset::Gb18030, b"A\xB2\xE2"),
        (Charset::Big5, b"A\xB4\xFA"),
        (Charset::ShiftJis, b"A\x91\xAA"),
        (Charset::EucJp, b"A\xC2\xAC"),
        (Charset::Utf16Le, b"A\0\x4B\x6D"),
        (Charset::Utf16Be, b"\0A\x6D\x4B"),
    ] {
        let text = if charset == Charset::Big5 || charset == Charset::ShiftJis || charset == Charset::EucJp {
            "A測"
        } else {
            "A测"
        };
        assert_eq!(charset.encode(text).as_deref(), Ok(bytes), "{charset}");
    }
    assert_eq!(Charset::Koi8R.encode("Да").as_deref(), Ok(&b"\xE4\xC1"[..]));
    assert_eq!(Charset::Latin1.encode("\u{80}ÿ").as_deref(), Ok(&b"\x80\xFF"[..]));
    assert_eq!(Charset::Windows1252.encode("€").as_deref(), Ok(&b"\x80"[..]));
    assert_eq!(Charset::Gb18030.encode("😀").unwrap().len(), 4);
}

#[test]
fn characters_that_a_charset_lacks_are_refused_with_their_offset() {
    for charset in [Charset::Gbk, Charset::Latin1, Charset::Windows1251, Charset::EucKr] {
        let error = charset.encode("ab😀c").unwrap_err();
        assert_eq!((error.at, error.len, error.why), (2, 4, Unencodable { ch: '😀', charset }));
        assert_eq!(error.to_string(), format!("‘😀’ (U+1F600) does not exist in {charset}"));
    }
}

proptest! {
    #[test]
    fn encoding_is_total_and_names_a_place_in_the_text(text: String, n in 0..Charset::ALL.len()) {
        if let Err(error) = Charset::ALL[n].encode(&text) {
            prop_assert!(text[error.at..].starts_with(error.why.ch));
        }
    }
}
