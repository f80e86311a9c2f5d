//! Appended bytes, checked against published values and against the framings that read them.

use proptest::prelude::*;

use netassist::codec::LineBreak;
use netassist::codec::append::*;
use netassist::codec::checksum::Checksum;
use netassist::codec::frame::{ByteOrder, Framer, Framing, LengthField, MAX_MESSAGE, Verdict};

fn steps(texts: &[&str]) -> Vec<Step> {
    texts.iter().map(|text| text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))).collect()
}

#[track_caller]
fn check(texts: &[&str], message: &[u8], expected: &[u8]) {
    assert_eq!(apply(&steps(texts), message.to_vec()).as_deref(), Ok(expected), "{texts:?}");
}

#[test]
fn steps_are_applied_in_order() {
    check(&[], b"AT", b"AT");
    check(&["cr"], b"AT", b"AT\r");
    check(&["LF"], b"AT", b"AT\n");
    check(&["crlf"], b"", b"\r\n");
    check(&["hex:03", "LRC", "crlf"], b"\x02", b"\x02\x03\xFB\r\n");
    check(&["crlf", "hex:0D 0A"], b"x", b"x\r\n\r\n");
}

/// The check values of the catalogue, which are those of these nine digits.
#[test]
fn checksums_are_those_of_the_catalogue() {
    for (step, expected) in [
        ("CRC-16/MODBUS", &[0x37, 0x4B][..]),
        ("modbus:be", &[0x4B, 0x37]),
        ("CRC-16/XMODEM", &[0x31, 0xC3]),
        ("xmodem:le", &[0xC3, 0x31]),
        ("CRC-32", &[0x26, 0x39, 0xF4, 0xCB]),
        ("CRC-32:be:text", b"CBF43926"),
        ("CRC-32/BZIP2", &[0xFC, 0x89, 0x19, 0x18]),
        ("SUM-16", &[0x01, 0xDD]),
        ("SUM-8:text", b"DD"),
        ("bcc", &[0x31]),
        ("CRC-8", &[0xF4]),
        ("FLETCHER-16", &[0x1E, 0xDE]),
    ] {
        check(&[step], b"123456789", &[b"123456789", expected].concat());
        check(&[&format!("{step}:from=2:to=-1")], b"::123456789.", &[b"::123456789.", expected].concat());
    }
}

/// The sentence and its checksum are from Wikipedia's article on NMEA 0183.
#[test]
fn an_nmea_sentence_gets_its_checksum() {
    let sentence = b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,";
    let whole = [&sentence[..], b"*47\r\n"].concat();
    check(&["hex:2A", "XOR-8:from=1:to=-1:text", "crlf"], sentence, &whole);
}

#[test]
fn the_length_counts_the_message_as_it_goes() {
    check(&["length:0:2:be"], b"abc", b"\0\x03abc");
    check(&["length:0:2:be", "crlf"], b"abc", b"\0\x05abc\r\n");
    check(&["crlf", "length:0:2:le:whole"], b"abc", b"\x07\0abc\r\n");
    check(&["length:1:1:be:+2", "hex:AABB"], b"\x7Eabc", b"\x7E\x03abc\xAA\xBB");
    check(&["length:1:1:be", "SUM-8"], b"\x7Ea", b"\x7E\x02a\xE1");
    check(&["length:2:3:be:-4"], b"ab", b"ab\0\0\x04");
}

#[test]
fn values_that_do_not_fit_are_refused() {
    for (texts, message, fault) in [
        (&["LRC:from=2:to=-1"][..], &b"ab"[..], AppendFault::NothingToCheck { len: 2, from: 2, until: 1 }),
        (&["LRC:from=4294967295"], b"", AppendFault::NothingToCheck { len: 0, from: u32::MAX, until: 0 }),
        (&["length:3:1:be"], b"ab", AppendFault::NoPlaceForLength { len: 2, offset: 3 }),
        (&["length:0:1:be"], &[0; 256], AppendFault::LengthDoesNotFit { value: 256, width: 1 }),
        (&["length:0:8:be:+5"], b"ab", AppendFault::LengthDoesNotFit { value: -3, width: 8 }),
        (&["length:0:1:be:max=3", "crlf"], b"a", AppendFault::TooLong { len: 4, max: 3 }),
        (&["length:0:1:be", "length:0:1:be"], b"a", AppendFault::TwoLengths),
    ] {
        let error = apply(&steps(texts), message.to_vec()).unwrap_err();
        assert_eq!(error, fault, "{texts:?}");
        assert!(!error.to_string().is_empty());
    }
    check(&["LRC:from=1:to=-1"], b"ab", b"ab\0");
    check(&["length:0:1:be"], &[7; 255], &[&[255][..], &[7; 255]].concat());
}

#[test]
fn errors_have_their_place() {
    for (text, at, len, says) in [
        ("", 0, 0, "unknown item; expected cr, lf, crlf, "),
        ("crlf:", 0, 4, "unknown item"),
        ("CRC-99", 0, 6, "unknown item"),
        ("hex", 0, 3, "expected 1 to 1024 bytes, found 0"),
        ("hex:", 4, 0, "expected 1 to 1024 bytes, found 0"),
        ("hex:0D 0", 7, 1, "odd number of hex digits"),
        ("CRC-32:", 7, 0, "expected from=N"),
        ("CRC-32:be:bf", 10, 2, "expected from=N"),
        ("CRC-32:be:le", 10, 2, "given more than once"),
        ("CRC-32:from=é", 7, 7, "expected a whole number"),
        ("CRC-32:to=2", 7, 4, "expected a whole number, e.g. from=1 or to=-2"),
        ("length", 6, 0, "incomplete; expected e.g. length:0:2:be"),
        ("length:0:9:be", 9, 1, "expected a length field of 1 to 8 bytes, found 9"),
    ] {
        let error = text.parse::<Step>().unwrap_err();
        assert_eq!((error.at, error.len), (at, len), "{text}: {error}");
        assert!(error.to_string().starts_with(says), "{text}: {error}");
    }
}

fn checks() -> impl Strategy<Value = Step> {
    let order = prop_oneof![Just(ByteOrder::Big), Just(ByteOrder::Little)];
    let written = prop_oneof![Just(Written::Bytes), Just(Written::Hex)];
    (0..Checksum::ALL.len(), 0u32..9, 0u32..9, order, written).prop_map(|(n, from, until, order, written)| {
        Step::Check(Check { checksum: Checksum::ALL[n], from, until, order, written })
    })
}

fn lengths() -> impl Strategy<Value = LengthField> {
    let order = prop_oneof![Just(ByteOrder::Big), Just(ByteOrder::Little)];
    (0u32..5, 1u8..=8, order, -9i64..9, any::<bool>()).prop_map(
        |(offset, width, order, adjust, includes_header)| LengthField {
            offset,
            width,
            order,
            adjust,
            includes_header,
            max: MAX_MESSAGE,
        },
    )
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        prop::sample::select(&LineBreak::ALL[..]).prop_map(Step::LineEnd),
        prop::collection::vec(any::<u8>(), 1..40).prop_map(Step::Bytes),
        checks(),
        lengths().prop_map(Step::Length),
    ]
}

proptest! {
    #[test]
    fn printed_text_is_read_back(step in any_step()) {
        prop_assert_eq!(step.to_string().parse(), Ok(step));
    }

    #[test]
    fn any_text_is_read_or_refused_within_it(
        text in "((cr|lf|crlf|hex|length|CRC-32|modbus|LRC)?(:([0-9]{1,10}|be|LE|text|from=[0-9]*|to=-?[0-9]*|.{0,3})){0,5}|.{0,9})",
    ) {
        match text.parse::<Step>() {
            Ok(step) => prop_assert_eq!(step.to_string().parse(), Ok(step)),
            Err(error) => {
                prop_assert!(text.get(error.at..error.at + error.len).is_some(), "{:?}", error);
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn a_framing_by_the_same_field_reads_one_whole_message(
        message in prop::collection::vec(any::<u8>(), 0..60),
        field in lengths(),
        mut others in prop::collection::vec(any_step(), 0..4),
    ) {
        others.retain(|step| !matches!(step, Step::Length(_)));
        others.insert(others.len() / 2, Step::Length(field));
        let Ok(sent) = apply(&others, message.clone()) else { return Ok(()) };
        let place = usize::try_from(field.offset).unwrap();
        prop_assert_eq!(&sent[..place], &message[..place]);
        let behind = place + usize::from(field.width);
        prop_assert_eq!(&sent[behind..behind + message.len() - place], &message[place..]);
        let mut framer = Framer::new(&Framing::Length(field));
        let mut cuts = Vec::new();
        framer.push(&sent, 0, &mut |cut| cuts.push((cut.end, cut.verdict)));
        prop_assert_eq!(cuts, [(sent.len() as u64, Verdict::Whole)]);
    }
}
