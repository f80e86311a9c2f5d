//! Tests of `codec::masked`.

use proptest::prelude::*;

use netassist::codec::hex::{HexError, HexProblem};
use netassist::codec::masked::*;

fn parsed(text: &str) -> Vec<(u8, u8)> {
    let masked = Masked::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    masked.bytes().iter().map(|byte| (byte.value(), byte.mask())).collect()
}

#[test]
fn halves_and_bits_may_be_wildcards() {
    assert_eq!(parsed(""), []);
    assert_eq!(parsed("0D ?? A? ?b"), [(0x0D, 0xFF), (0, 0), (0xA0, 0xF0), (0x0B, 0x0F)]);
    assert_eq!(parsed("A5&F002, 0x81&0x0f"), [(0xA0, 0xF0), (2, 0xFF), (1, 0x0F)]);
    assert_eq!(parsed("0181&00"), [(1, 0xFF), (0, 0)]);
}

#[test]
fn a_mask_stands_between_two_bytes() {
    for (text, at) in [
        ("&F0", 0),
        ("A&F0", 1),
        ("A0&", 2),
        ("é&F0", 2),
        ("A0 &F0", 3),
        ("?0&F0", 2),
        ("A0&é", 2),
        ("A0&F0&0F", 5),
    ] {
        let wrong = HexError { at, len: 1, why: HexProblem::NotHex('&') };
        assert_eq!(Masked::parse(text), Err(wrong), "{text}");
    }
    let behind = Masked::parse("A0&F0 é").unwrap_err();
    assert_eq!((behind.at, behind.why), (6, HexProblem::NotHex('é')));
}

proptest! {
    #[test]
    fn written_text_is_read(bytes: Vec<(u8, u8)>) {
        let text: Vec<String> = bytes.iter().map(|(value, mask)| format!("{value:02x}&{mask:02X}")).collect();
        let expected: Vec<_> = bytes.iter().map(|(value, mask)| (value & mask, *mask)).collect();
        prop_assert_eq!(parsed(&text.join(" ")), expected.clone());
        prop_assert_eq!(parsed(&text.concat()), expected);
    }

    #[test]
    fn any_text_is_read_or_refused_within_it(text in "[0-9A-F?&x \\\\é]{0,12}") {
        match Masked::parse(&text) {
            Ok(masked) => prop_assert_eq!(masked.as_exact().is_some(), masked.bytes().iter().all(|byte| byte.mask() == 0xFF)),
            Err(error) => prop_assert!(text.get(error.at..error.at + error.len).is_some(), "{:?}", error),
        }
    }
}
