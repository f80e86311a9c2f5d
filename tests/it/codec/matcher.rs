//! Matchers of every kind, and a comparison with a simple reference.

use proptest::prelude::*;

use netassist::codec::Charset;
use netassist::codec::append::Check;
use netassist::codec::compose::{ComposeProblem, Manner, Mode};
use netassist::codec::escape::EscapeProblem;
use netassist::codec::hex::HexProblem;
use netassist::codec::matcher::*;
use netassist::codec::query::{QueryProblem, RegexProblem};

const TEXT: Manner = Manner { mode: Mode::Text, escapes: true, charset: Charset::Utf8 };
const HEX: Manner = Manner { mode: Mode::Hex, ..TEXT };
const MIXED: Manner = Manner { mode: Mode::Mixed, ..TEXT };

fn matcher(kind: MatchKind, pattern: &str, manner: Manner) -> Matcher {
    Matcher::parse(kind, pattern, manner).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

/// Which of these messages match.
#[track_caller]
fn check(matcher: &Matcher, messages: &[(&[u8], bool)]) {
    for (message, expected) in messages {
        assert_eq!(matcher.is_match(message), *expected, "{matcher:?} {}", message.escape_ascii());
        assert_eq!(matcher.matches(message).is_some(), *expected);
    }
}

#[test]
fn a_pattern_stands_where_its_kind_says() {
    check(&Matcher::default(), &[(b"", true), (b"a", true)]);
    check(&matcher(MatchKind::Anything, r"\q", TEXT), &[(b"a", true)]);
    let equals = matcher(MatchKind::Equals, r"ok\r", TEXT);
    check(&equals, &[(b"ok\r", true), (b"ok\r\n", false), (b"ok", false)]);
    let starts = matcher(MatchKind::Starts, "A[0D]", MIXED);
    check(&starts, &[(b"A\r", true), (b"A\rB", true), (b" A\r", false), (b"A", false), (b"", false)]);
    let ends = matcher(MatchKind::Ends, "??F0&30", HEX);
    check(&ends, &[(b"a\x30", true), (b"\x30", false), (b"xxx\xFF", true), (b"a\x20", false)]);
    let contains = matcher(MatchKind::Contains, "测", Manner { charset: Charset::Gbk, ..TEXT });
    check(&contains, &[(b"a\xB2\xE2b", true), (b"\xB2", false), ("测".as_bytes(), false)]);
    let masked = matcher(MatchKind::Contains, "0A ?A", HEX);
    check(&masked, &[(b"\x01\x0A\xFA", true), (b"\x0A\x0B", false), (b"\n", false)]);
}

#[test]
fn groups_of_a_regular_expression_are_captured() {
    let regex = matcher(MatchKind::Regex, r"^(?P<verb>\w+) (\d+)?;", TEXT);
    assert_eq!((regex.n_groups(), regex.group("verb"), regex.group("noun")), (2, Some(1), None));
    let get = |message: &'static [u8]| {
        let found = regex.matches(message)?;
        Some([0, 1, 2, 3].map(|n| found.get(message, n).map(|group| str::from_utf8(group).unwrap())))
    };
    assert_eq!(get(b"get 12;x"), Some([Some("get 12;x"), Some("get"), Some("12"), None]));
    assert_eq!(get(b"get ;"), Some([Some("get ;"), Some("get"), None, None]));
    assert_eq!(get(b" get ;"), None);
    check(&matcher(MatchKind::Regex, "^$", TEXT), &[(b"", true), (b"a", false)]);
    let equals = matcher(MatchKind::Equals, "a", TEXT);
    assert_eq!((equals.n_groups(), equals.group("a")), (0, None));
    assert_eq!(equals.matches(b"a").unwrap().get(b"a", 0), Some(&b"a"[..]));
}

#[test]
fn length_and_checksum_are_further_conditions() {
    let short = matcher(MatchKind::Starts, "a", TEXT).with_len(2..=3);
    check(&short, &[(b"a", false), (b"ab", true), (b"abc", true), (b"abcd", false), (b"bb", false)]);
    let modbus = Check::new("CRC-16/MODBUS".parse().unwrap());
    let rule = CheckRule { check: modbus, behind: 0, must_be: Validity::Valid };
    let valid = Matcher::default().with_check(rule);
    check(
        &valid,
        &[(b"\x01\x03\0\0\0\x02\xC4\x0B", true), (b"\x01\x03\0\0\0\x02\xC4\x0C", false), (b"a", false)],
    );
    let invalid = Matcher::default().with_check(CheckRule { must_be: Validity::Invalid, ..rule });
    check(
        &invalid,
        &[(b"\x01\x03\0\0\0\x02\xC4\x0B", false), (b"\x01\x03\0\0\0\x02\xC4\x0C", true), (b"a", true)],
    );
    assert!(!valid.is_anything() && !short.is_anything() && Matcher::default().is_anything());
    assert_ne!(valid, invalid);
}

/// As in NMEA 0183: from `$` to `*`, in two digits, followed by a line end.
#[test]
fn a_checksum_may_stand_in_the_middle_and_be_text() {
    let check_of = Check {
        from: 1,
        until: 1,
        written: netassist::codec::append::Written::Hex,
        ..Check::new("XOR-8".parse().unwrap())
    };
    let rule = CheckRule { check: check_of, behind: 2, must_be: Validity::Valid };
    let nmea = Matcher::default().with_check(rule);
    check(
        &nmea,
        &[
            (b"$PA*11\r\n", true),
            (b"$PA*12\r\n", false),
            (b"$GPGLL,A*4f\r\n", false),
            (b"$Ok*24\r\n", true),
            (b"$Ok*24", false),
            (b"\r\n", false),
            (b"", false),
        ],
    );
}

#[test]
fn errors_have_their_place() {
    let long = "a".repeat(MAX_PATTERN + 1);
    let escape = MatcherProblem::Typed(ComposeProblem::Escape(EscapeProblem::Unknown('q')));
    let regex = |why| MatcherProblem::Query(QueryProblem::Regex(why));
    for (kind, pattern, manner, at, len, why) in [
        (MatchKind::Equals, "", TEXT, 0, 0, MatcherProblem::Empty),
        (MatchKind::Starts, " ", HEX, 0, 1, MatcherProblem::Empty),
        (MatchKind::Regex, "", TEXT, 0, 0, MatcherProblem::Empty),
        (MatchKind::Ends, &long, TEXT, 0, MAX_PATTERN + 1, MatcherProblem::TooLong),
        (MatchKind::Regex, &long, TEXT, 0, MAX_PATTERN + 1, MatcherProblem::TooLong),
        (MatchKind::Contains, r"é\q", TEXT, 2, 2, escape),
        (MatchKind::Contains, "41 4", HEX, 3, 1, MatcherProblem::Hex(HexProblem::OddRun)),
        (MatchKind::Regex, "é(", TEXT, 2, 1, regex(RegexProblem::GroupUnclosed)),
    ] {
        let error = Matcher::parse(kind, pattern, manner).unwrap_err();
        assert_eq!((error.at, error.len, error.why), (at, len, why));
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn matchers_are_equal_if_made_from_the_same_input() {
    let one = matcher(MatchKind::Equals, "41", HEX);
    assert_eq!(one, one.clone());
    assert_eq!(one, matcher(MatchKind::Equals, "41", HEX));
    assert_ne!(one, matcher(MatchKind::Equals, "41", TEXT));
    assert_ne!(one, matcher(MatchKind::Starts, "41", HEX));
    assert_ne!(one, one.clone().with_len(0..=1));
    assert_eq!((one.kind(), one.pattern()), (MatchKind::Equals, "41"));
}

proptest! {
    #[test]
    fn known_results_change_nothing(
        rules in prop::collection::vec((0u32..4, 0u32..3, 0usize..3, any::<bool>()), 0..60),
        messages in prop::collection::vec(prop::collection::vec(0u8..3, 0..6), 1..4),
    ) {
        let rules = rules.into_iter().map(|(from, behind, name, valid)| {
            let name = ["SUM-8", "XOR-8", "CRC-16/MODBUS"][name];
            let check = Check { from, ..Check::new(name.parse().unwrap()) };
            let must_be = if valid { Validity::Valid } else { Validity::Invalid };
            Matcher::default().with_check(CheckRule { check, behind, must_be })
        });
        let (rules, mut checked) = (rules.collect::<Vec<_>>(), Checked::default());
        for message in &messages {
            checked.clear();
            for rule in &rules {
                prop_assert_eq!(rule.matches_knowing(message, &mut checked), rule.matches(message));
            }
        }
    }

    #[test]
    fn masked_bytes_match_as_the_plain_way_does(
        pattern in prop::collection::vec((0..4_u8, prop::sample::select(vec![0, 1, 2, 0xFF_u8])), 1..4),
        message in prop::collection::vec(0..4_u8, 0..8),
    ) {
        let text: Vec<String> = pattern.iter().map(|(value, mask)| format!("{value:02X}&{mask:02X}")).collect();
        let fits = |part: &[u8]| {
            part.len() == pattern.len() && pattern.iter().zip(part).all(|((value, mask), byte)| (value ^ byte) & mask == 0)
        };
        let n = pattern.len();
        let matches = |kind| matcher(kind, &text.join(" "), HEX).is_match(&message);
        prop_assert_eq!(matches(MatchKind::Equals), fits(&message));
        prop_assert_eq!(matches(MatchKind::Starts), message.len() >= n && fits(&message[..n]));
        prop_assert_eq!(matches(MatchKind::Ends), message.len() >= n && fits(&message[message.len() - n..]));
        prop_assert_eq!(matches(MatchKind::Contains), message.windows(n).any(fits));
    }

    #[test]
    fn any_text_is_a_pattern_or_an_error_within_it(
        text in "[a测é😀\\[\\]()^*+?{}0-9A-F&|.\\\\pdxn-]{0,12}",
        kind in prop::sample::select(MatchKind::ALL.to_vec()), mode in 0..Mode::ALL.len(), escapes: bool, message: Vec<u8>,
    ) {
        match Matcher::parse(kind, &text, Manner { mode: Mode::ALL[mode], escapes, charset: Charset::Gbk }) {
            Ok(matcher) => prop_assert_eq!(matcher.matches(&message).is_some(), matcher.is_match(&message)),
            Err(error) => prop_assert!(text.get(error.at..error.at + error.len).is_some(), "{:?}", error),
        }
    }
}

#[test]
fn the_offset_of_a_difference_is_named() {
    use MatchKind::{Anything, Contains, Ends, Equals, Regex, Starts};
    for (kind, pattern, message, expected) in [
        (Equals, "OK\r\n", "OK\n", Some(2)),
        (Equals, "OK", "OK\n", Some(2)),
        (Equals, "OK", "O", Some(1)),
        (Equals, "OK", "OK", None),
        (Starts, "OK", "ERR", Some(0)),
        (Starts, "OK", "OK!", None),
        (Ends, "\r\n", "OK\n", Some(1)),
        (Ends, "OK", "K", Some(0)),
        (Contains, "hello world", "he said hello  world", Some(14)),
        (Contains, "OK", "ready", None),
        (Regex, "^OK", "ERR", None),
        (Anything, "", "", None),
    ] {
        let manner = Manner { mode: Mode::Text, escapes: true, charset: Charset::Utf8 };
        let matcher = Matcher::parse(kind, pattern, manner).unwrap();
        assert_eq!(matcher.differs_at(message.as_bytes()), expected, "{kind:?} {pattern:?} {message:?}");
    }
}
