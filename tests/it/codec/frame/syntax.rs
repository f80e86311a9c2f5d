//! Tests of `codec::frame::syntax`.

use std::time::Duration;

use proptest::prelude::*;

use super::framings;
use netassist::codec::frame::{ByteOrder, Framing, LengthField};

#[test]
fn every_form_is_read() {
    let field = LengthField::default();
    for (text, framing) in [
        ("none", Framing::AsReceived),
        ("line", Framing::Line),
        ("delimiter:0d0A", Framing::Delimiter(vec![13, 10])),
        ("delimiter:0x7e, 7E:00", Framing::Delimiter(vec![0x7e, 0x7e, 0])),
        ("fixed:16", Framing::Fixed(16)),
        ("length:0:2:be", Framing::Length(field)),
        (
            "length:4:3:le:-7:whole:max=4096",
            Framing::Length(LengthField {
                offset: 4,
                width: 3,
                order: ByteOrder::Little,
                adjust: -7,
                includes_header: true,
                max: 4096,
            }),
        ),
        ("length:0:2:be:max=99:2", Framing::Length(LengthField { adjust: 2, max: 99, ..field })),
        ("idle:1.5ms", Framing::Idle(Duration::from_micros(1500))),
    ] {
        assert_eq!(text.parse(), Ok(framing), "{text}");
    }
}

#[test]
fn errors_have_their_place() {
    for (text, at, len, says) in [
        ("", 0, 0, "unknown framing; expected one of none, line, "),
        ("lines", 0, 5, "unknown framing"),
        ("line:x", 4, 2, "unexpected text; nothing may follow here"),
        ("none:", 4, 1, "unexpected text"),
        ("delimiter", 9, 0, "incomplete; expected e.g. delimiter:0D0A"),
        ("delimiter:", 10, 0, "incomplete"),
        ("delimiter: ", 10, 1, "expected a delimiter of 1 to 64 bytes, found 0"),
        ("delimiter:0D:0G", 14, 1, "‘G’ is not a hex digit"),
        ("fixed", 5, 0, "incomplete; expected e.g. fixed:16"),
        ("fixed:0", 6, 1, "expected a message size from 1 to 16777216 bytes, found 0"),
        ("fixed:é", 6, 2, "expected a whole number"),
        ("fixed:1:2", 7, 2, "unexpected text"),
        ("length:0:2", 10, 0, "incomplete; expected e.g. length:0:2:be"),
        ("length:0:2:", 11, 0, "incomplete"),
        ("length::2:be", 7, 0, "expected a whole number"),
        ("length:1025:2:be", 7, 4, "expected a length field at offset 0 to 1024, found 1025"),
        ("length:0:9:be", 9, 1, "expected a length field of 1 to 8 bytes, found 9"),
        ("length:0:2:big", 11, 3, "expected be (high byte first) or le"),
        ("length:0:2:be:hole", 14, 4, "unexpected text"),
        ("length:0:2:be:", 14, 0, "unexpected text"),
        ("length:0:2:be:1:2", 16, 1, "given more than once"),
        ("length:0:2:be:whole:whole", 20, 5, "given more than once"),
        ("length:0:2:be:+-1", 14, 3, "expected a whole number"),
        (
            "length:0:2:be:99999999",
            14,
            8,
            "expected an adjustment from -16777216 to +16777216, found +99999999",
        ),
        ("length:4:4:be:max=7", 14, 5, "expected a maximum message length from 8 to 16777216 bytes, found 7"),
        ("idle:20", 5, 2, "expected a number and a unit, e.g. 500us"),
        ("idle:2h", 5, 2, "expected a pause from 1us to 1h, found 2h"),
    ] {
        let error = text.parse::<Framing>().unwrap_err();
        assert_eq!((error.at, error.len), (at, len), "{text}: {error}");
        assert!(error.to_string().starts_with(says), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn printed_text_is_read_back(framing in framings()) {
        prop_assert_eq!(framing.to_string().parse(), Ok(framing));
    }

    #[test]
    fn any_text_is_read_or_refused_within_it(
        text in "((none|line|delimiter|fixed|length|idle)?(:([0-9]{1,9}|be|le|whole|max=[0-9]*|[+-]?[0-9]*|.{0,3})){0,7}|.{0,9})",
    ) {
        match text.parse::<Framing>() {
            Ok(framing) => {
                prop_assert_eq!(framing.faults(), []);
                prop_assert_eq!(framing.to_string().parse(), Ok(framing));
            }
            Err(error) => {
                prop_assert!(text.get(error.at..error.at + error.len).is_some(), "{:?}", error);
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}
