//! Tests of `codec::number`.

use netassist::codec::number::*;

#[test]
fn digits_are_read() {
    assert_eq!((parse("0"), parse("007"), parse("255")), (Some(0_u8), Some(7), Some(255)));
    for text in ["", "+1", "-1", " 1", "1.0", "256", "٣"] {
        assert_eq!(parse::<u8>(text), None, "{text}");
    }
}

#[test]
fn numbers_in_a_range_are_read() {
    assert_eq!(parse_in(" 5\t", 1..=9), Ok(5));
    assert_eq!(parse_in("-5", -5..=5), Ok(-5));
    assert_eq!(parse_in("+5", -5..=5), Ok(5));
    assert_eq!(parse_in("18446744073709551615", 0..=u64::MAX), Ok(u64::MAX));
    assert_eq!(parse_in(" ", 1..=9), Err(NumberFault::Missing));
    assert_eq!((parse_if(" ", 1..=9), parse_if("5", 1..=9)), (Ok(None), Ok(Some(5))));
    assert_eq!(parse_if("0", 1..=9), Err(NumberFault::NotInRange(1, 9)));
    for text in ["0", "10", "+5", "-5", "5.0", "five", "99999999999999999999", "5 5"] {
        assert_eq!(parse_in(text, 1..=9), Err(NumberFault::NotInRange(1, 9)), "{text}");
    }
    assert_eq!(NumberFault::NotInRange(1, 9).to_string(), "expected a whole number from 1 to 9");
}
