//! Tests of `codec::hex`.

mod paste;

use proptest::prelude::*;

use netassist::codec::hex::*;

#[test]
fn pasted_hex_is_read() {
    for (text, bytes) in [
        ("", &b""[..]),
        (" \r\n\t", b""),
        ("0A0B0c", &[0x0A, 0x0B, 0x0C]),
        ("0a 0B\n0c", &[0x0A, 0x0B, 0x0C]),
        ("0x0A,0X0b, 0x0c", &[0x0A, 0x0B, 0x0C]),
        ("\\x0A\\x0B\\x0c", &[0x0A, 0x0B, 0x0C]),
        ("0x0A0x0B0x00", &[0x0A, 0x0B, 0]),
        ("410x42", b"AB"),
        ("0x0A0B", &[0x0A, 0x0B]),
        ("de:ad-be;ef", &[0xDE, 0xAD, 0xBE, 0xEF]),
        ("00\u{3000}FF", &[0, 0xFF]),
    ] {
        assert_eq!(parse(text).as_deref(), Ok(bytes), "{text:?}");
    }
}

#[test]
fn errors_have_their_place() {
    for (text, at, len, why) in [
        ("A 5", 0, 1, HexProblem::OddRun),
        ("0A 5", 3, 1, HexProblem::OddRun),
        ("0A 0B0", 3, 3, HexProblem::OddRun),
        ("0x5", 2, 1, HexProblem::OddRun),
        ("0x", 0, 2, HexProblem::NoDigits),
        ("41 \\x zz", 3, 2, HexProblem::NoDigits),
        ("41 g2", 3, 1, HexProblem::NotHex('g')),
        ("41é", 2, 2, HexProblem::NotHex('é')),
        ("01 0G", 4, 1, HexProblem::NotHex('G')),
        ("4é", 1, 2, HexProblem::NotHex('é')),
    ] {
        assert_eq!(parse(text), Err(HexError { at, len, why }), "{text:?}");
    }
    assert_eq!(
        parse("4 é").unwrap_err().to_string(),
        "odd number of hex digits; each byte takes two, e.g. 0A for A"
    );
}

proptest! {
    #[test]
    fn shown_text_is_read_back(bytes: Vec<u8>) {
        prop_assert_eq!(parse(&to_text(&bytes)), Ok(bytes));
    }

    #[test]
    fn any_text_is_read_or_refused_within_it(text: String) {
        if let Err(error) = parse(&text) {
            prop_assert!(text.get(error.at..error.at + error.len).is_some());
        }
    }
}
