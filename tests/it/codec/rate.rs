//! Tests of `codec::rate`.

use std::num::NonZeroU64;

use proptest::prelude::*;

use netassist::codec::rate::*;

#[test]
fn rates_are_read() {
    for (text, rate) in [
        ("1", 1),
        (" 9600 ", 9600),
        ("100k", 100_000),
        ("100K", 100_000),
        ("1.5M", 1_500_000),
        (".5k", 500),
        ("64Ki", 65_536),
        ("2 MiB/s", 2 << 20),
        ("10 b/s", 10),
        ("1g", 1_000_000_000),
        ("1.0009k", 1000),
    ] {
        assert_eq!(parse(text).map(NonZeroU64::get), Ok(rate), "{text}");
    }
    for text in ["", "0", "0.4", "k", "-1", "1.2.3", "1x", "1kk", ".", "99999999999G", "1e9", "fast"] {
        assert_eq!(parse(text), Err(NotARate), "{text}");
    }
}

proptest! {
    #[test]
    fn every_rate_reads_back(rate in 1_u64.., unit in prop::sample::select(vec![1_u64 << 30, 1_000_000_000, 1 << 20, 1_000_000, 1 << 10, 1_000, 1])) {
        for rate in [rate, (rate % 1000 + 1) * unit] {
            let rate = NonZeroU64::new(rate).unwrap();
            prop_assert_eq!(parse(&to_text(rate)), Ok(rate));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".*") {
        if let Ok(rate) = parse(&text) {
            prop_assert_eq!(parse(&to_text(rate)), Ok(rate));
        }
    }
}
