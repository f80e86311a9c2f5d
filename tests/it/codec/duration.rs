//! Tests of `codec::duration`.

use std::time::Duration;

use proptest::prelude::*;

use netassist::codec::duration::*;
use netassist::model::{Fault, duration_in};

#[test]
fn numbers_with_units_are_read() {
    for (text, nanos) in [
        ("500us", 500_000),
        ("500µs", 500_000),
        ("0.001us", 1),
        ("0.0009us", 0),
        ("1ns", 1),
        ("20ms", 20_000_000),
        (" 20 ms ", 20_000_000),
        ("1.5s", 1_500_000_000),
        (".5s", 500_000_000),
        ("1.123456789s", 1_123_456_789),
        ("2m", 120_000_000_000),
        ("2min", 120_000_000_000),
        ("0.25h", 900_000_000_000),
        ("1h30m", 5_400_000_000_000),
        ("00:01:30", 90_000_000_000),
        ("0s", 0),
    ] {
        assert_eq!(parse(text), Ok(Duration::from_nanos(nanos)), "{text}");
    }
    for text in "|5|s|.s|.|-1s|1.2.3s|1e9s|5 days|99999999999999999999h|1 5s|infs|1,000ms|1s ago".split('|') {
        assert_eq!(parse(text), Err(NotADuration), "{text}");
    }
}

#[test]
fn a_number_without_a_unit_is_in_milliseconds() {
    let (least, most) = (Duration::from_micros(100), Duration::from_hours(24));
    let read = |text: &str| duration_in(text, least..=most);
    for (text, us) in
        [(" 20 ", 20_000), ("0.1", 100), (".5", 500), ("2s", 2_000_000), ("24h", 86_400_000_000)]
    {
        assert_eq!(read(text), Ok(Duration::from_micros(us)), "{text}");
    }
    for text in ["0", "0.09", "25h", "99999999999999999"] {
        assert_eq!(
            (read(text), parse_or(text, "ms").is_ok()),
            (Err(Fault::Duration(least, most)), true),
            "{text}"
        );
    }
    for text in ["", "-1", "x", "1 000", "1h30", "99999999999999999999"] {
        let wrong = (Err(Fault::Duration(least, most)), Err(NotADuration));
        assert_eq!((read(text), parse_or(text, "ms")), wrong, "{text}");
    }
    assert_eq!(
        read("0").unwrap_err().to_string(),
        "expected a duration from 100us to 24h, e.g. 20ms or 1.5s"
    );
}

#[test]
fn the_longest_unit_is_shown_in_which_it_is_whole() {
    for (nanos, text) in [
        (0, "0s"),
        (1, "0.001us"),
        (1_500, "1.5us"),
        (1_500_000, "1500us"),
        (90_000_000_000, "90s"),
        (120_000_000_000, "2m"),
        (7_200_000_000_000, "2h"),
    ] {
        assert_eq!(to_text(Duration::from_nanos(nanos)), text);
    }
}

proptest! {
    #[test]
    fn shown_text_is_read_back(nanos: u64, unit in prop::sample::select(vec![3_600_000_000_000_u128, 60_000_000_000, 1_000_000_000, 1_000_000, 1_000])) {
        for nanos in [u128::from(nanos), u128::from(nanos % 1_000_000), u128::from(nanos % 1_000) * unit] {
            let span = Duration::from_nanos_u128(nanos);
            prop_assert_eq!(parse(&to_text(span)), Ok(span));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-9.]{0,30}[a-zµ ]{0,3}") {
        if let Ok(span) = parse(&text) {
            prop_assert_eq!(parse(&to_text(span)), Ok(span));
        }
    }
}
