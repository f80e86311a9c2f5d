//! When a capture goes on in another file.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use netassist::model::{Expected, Rotation, Stamp};

#[test]
fn limits_are_sizes_durations_and_times_of_day() {
    let of = |text: &str| Rotation::parse(text).map(|r| (r.size, r.every.map(|e| e.as_secs()), r.daily));
    let midnight = Some(Time::midnight());
    for (text, limits) in [
        ("100M", (Some(100 << 20), None, None)),
        ("1h", (None, Some(3600), None)),
        ("00:00", (None, None, midnight)),
        ("64k, 90m 00:00:00", (Some(64 << 10), Some(5400), midnight)),
        ("2G", (Some(2 << 30), None, None)),
        ("2g 24h", (Some(2 << 30), Some(86_400), None)),
    ] {
        assert_eq!(of(text), Ok(limits), "{text}");
    }
    for text in ["", "0M", "M", "25:00", "1x", "10ms", "-1h", "5", "99999999G"] {
        assert_eq!(of(text), Err(Expected::Rotation.into()), "{text}");
    }
}

#[test]
fn a_day_ends_when_the_clock_of_the_zone_says_so() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let stamp = |text| Stamp::parse(text).unwrap();
    let daily = Rotation::parse("02:30").unwrap();
    for (since, due) in [
        ("2026-11-20T00:00:00+01:00", "2026-11-20T02:30:00+01:00"),
        ("2026-11-20T02:30:00+01:00", "2026-11-21T02:30:00+01:00"),
        // There is no such time on this day.
        ("2026-03-28T12:00:00+01:00", "2026-03-29T03:30:00+02:00"),
    ] {
        assert_eq!(daily.due(stamp(since), &zone), stamp(due), "{since}");
    }
    let hourly = Rotation::parse("1h 02:30").unwrap();
    assert_eq!(hourly.due(Stamp(5), &zone), Stamp(5 + 3_600_000_000_000));
    assert_eq!(Rotation::parse("1M").unwrap().due(Stamp(5), &zone), Stamp(u64::MAX));
}
