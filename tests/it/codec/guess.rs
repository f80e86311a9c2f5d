//! Tests of `codec::guess`.

use proptest::prelude::*;

use netassist::codec::Charset;
use netassist::codec::guess::*;

const TEXT: &str = "网络调试助手：你好，世界 hello\r\n";

#[test]
fn gbk_and_utf8_are_distinguished() {
    let gbk = Charset::Gbk.encode(TEXT).unwrap();
    let utf8 = TEXT.as_bytes();
    assert_eq!(better_charset(Charset::Utf8, &gbk), Some(Charset::Gbk));
    assert_eq!(better_charset(Charset::Utf8, &gbk[1..gbk.len() - 15]), Some(Charset::Gbk), "cut inside");
    assert_eq!(better_charset(Charset::Utf8, utf8), None);
    for chosen in [Charset::Gbk, Charset::Gb18030, Charset::Latin1, Charset::Big5, Charset::ShiftJis] {
        assert_eq!(better_charset(chosen, utf8), Some(Charset::Utf8), "{chosen}");
        assert_eq!(better_charset(chosen, &utf8[1..utf8.len() - 14]), Some(Charset::Utf8), "{chosen}");
        assert_eq!(better_charset(chosen, b"plain"), None);
    }
    assert_eq!(better_charset(Charset::Gbk, &gbk), None);
    // Famous for being valid UTF-8 in GBK.
    let unicom = Charset::Gbk.encode("联通").unwrap();
    assert_eq!(better_charset(Charset::Gbk, &unicom), None);
}

#[test]
fn binary_data_causes_no_suggestion() {
    let all: Vec<u8> = (0..=255).collect();
    for chosen in Charset::ALL {
        assert_eq!(better_charset(chosen, &all), None);
        assert_eq!(better_charset(chosen, &[0xFF; 40]), None);
        assert_eq!(better_charset(chosen, &[]), None);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_accepted(bytes: Vec<u8>, n in 0..Charset::ALL.len()) {
        if let Some(better) = better_charset(Charset::ALL[n], &bytes) {
            prop_assert_ne!(better, Charset::ALL[n]);
        }
    }
}
