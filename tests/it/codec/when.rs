//! Tests of `codec::when`.

use jiff::civil::{date, time};
use jiff::tz::TimeZone;

use netassist::codec::when::*;

#[test]
fn places_are_read() {
    for (text, place) in [
        ("1", When::Number(1)),
        (" #1,234,567 ", When::Number(1_234_567)),
        ("14:05", When::Clock(time(14, 5, 0, 0))),
        ("14:05:09.25", When::Clock(time(14, 5, 9, 250_000_000))),
        ("2026-11-20 14:05:09", When::Date(date(2026, 11, 20).at(14, 5, 9, 0))),
        ("2026-11-20", When::Date(date(2026, 11, 20).at(0, 0, 0, 0))),
        ("+12.5", When::Since(12_500_000_000)),
        ("+3 s", When::Since(3_000_000_000)),
        ("+2m", When::Since(120_000_000_000)),
    ] {
        assert_eq!(text.parse(), Ok(place), "{text}");
    }
    for text in ["", "x", "25:00", "+", "+1.2.3", "-5", "2026-13-01", "+99999999999999999999"] {
        assert_eq!(text.parse::<When>(), Err(NotAPlace), "{text}");
    }
}

#[test]
fn a_time_of_day_is_the_first_one_in_the_log() {
    let zone = TimeZone::fixed(jiff::tz::offset(8));
    let at = |text: &str| -> u64 {
        let at: jiff::Timestamp = text.parse().unwrap();
        at.as_nanosecond().try_into().unwrap()
    };
    let start = at("2026-11-20T15:30:00Z"); // 23:30 there
    let moment = |text: &str| text.parse::<When>().unwrap().moment(start, &zone);
    assert_eq!(moment("23:45"), Some(at("2026-11-20T15:45:00Z")));
    assert_eq!(moment("00:10"), Some(at("2026-11-20T16:10:00Z")));
    assert_eq!(moment("2026-11-20 08:00"), Some(at("2026-11-20T00:00:00Z")));
    assert_eq!(moment("+1.5"), Some(start + 1_500_000_000));
    assert_eq!(moment("7"), None);
    assert_eq!(moment("1969-01-01"), None);
}
