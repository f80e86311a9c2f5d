//! Tests of `codec::hex::paste`.

use proptest::prelude::*;

use netassist::codec::hex::*;
use netassist::codec::{Charset, CopyAs};

#[track_caller]
fn check(text: &str, bytes: &[u8]) {
    assert_eq!(parse_pasted(text).as_deref(), Ok(bytes), "{text}");
}

/// The output of each tool.
#[test]
fn dumps_of_known_tools_are_read() {
    let text = b"deadbeef cafe 0123456789\n";
    for dump in [
        "00000000: 6465 6164 6265 6566 2063 6166 6520 3031  deadbeef cafe 01\n\
         00000010: 3233 3435 3637 3839 0a                   23456789.\n",
        "00000000  64 65 61 64 62 65 65 66  20 63 61 66 65 20 30 31  |deadbeef cafe 01|\n\
         00000010  32 33 34 35 36 37 38 39  0a                       |23456789.|\n\
         00000019\n",
        "0000000 64 65 61 64 62 65 65 66 20 63 61 66 65 20 30 31\n\
         0000020 32 33 34 35 36 37 38 39 0a\n\
         0000031\n",
        "0000   64 65 61 64 62 65 65 66 20 63 61 66 65 20 30 31   deadbeef cafe 01\r\n\
         0010   32 33 34 35 36 37 38 39 0a                        23456789.\r\n",
        "\t0x0000:  6465 6164 6265 6566 2063 6166 6520 3031  deadbeef.cafe.01\n\
         \t0x0010:  3233 3435 3637 3839 0a                   23456789.\n",
        "00000000: 64 65 61 64 62 65 65 66  deadbeef\n\
         00000008: 20 63 61 66 65 20 30 31   cafe 01\n\
         00000010: 32 33 34 35 36 37 38 39  23456789\n\
         00000018: 0a                       .\n",
        "00000100  64 65 61 64 62 65 65 66-20 63 61 66 65 20 30 31  deadbeef cafe 01\n\
         00000110  32 33 34 35 36 37 38 39-0a                       23456789.\n",
    ] {
        check(dump, text);
    }
    check("00000000: 6465 6164 0a                             dead.\n", b"dead\n");
    check("00000010  64 65 61 64 0a  |dead.|", b"dead\n");
}

#[test]
fn plain_digits_are_not_a_dump() {
    check("0001 0203", &[0, 1, 2, 3]);
    check("0000  48 65", &[0, 0, 0x48, 0x65]);
    check("0001\n0203\n0405", &[0, 1, 2, 3, 4, 5]);
    check("0000 01 02\n0003 04", &[0, 0, 1, 2, 0, 3, 4]);
    check("", &[]);
    for text in ["0001: 02 0G", "0001 02 zz", "0000: zz"] {
        assert_eq!(parse_pasted(text), parse(text), "{text}");
        assert!(parse_pasted(text).is_err(), "{text}");
    }
}

#[test]
fn lists_of_source_code_are_read() {
    check("{}", b"");
    check("{ 0x48, 101, }", b"He");
    check("const uint8_t x[2] = { 0x48u, /* 72, */ 0x65 // e }\n};", b"He");
    check("char a[] = {0x48};\nchar b[] = { 0x65 };\nint n = 2 / 1;", b"He");
    check("byte[] x = { (byte) 0x48, (byte)0xFF };", b"H\xFF");
    check("[0x48, 0x65]", b"He");
    check("let x: [u8; 2] = [72u8, 101u8];", b"He");
    for (text, at, len) in
        [("{72, 256}", 5, 3), ("{72,,1}", 4, 0), ("{0x48 0x65}", 1, 9), ("{/**/ é}", 6, 2), ("[+1]", 1, 2)]
    {
        assert_eq!(parse_pasted(text), Err(HexError { at, len, why: HexProblem::NotAByte }), "{text}");
    }
    assert!(matches!(parse_pasted("{ 48"), Err(HexError { at: 0, len: 1, why: HexProblem::NotHex('{') })));
}

#[test]
fn digits_followed_by_h_are_read() {
    check("01H 03h,0aH", &[1, 3, 10]);
    check("01H、0FFH", &[1, 255]);
    for text in ["01H 3H", "01H 03", "h", "1FFH", "01HH", "01H03H"] {
        assert_eq!(parse_pasted(text), parse(text), "{text}");
        assert!(parse_pasted(text).is_err(), "{text}");
    }
}

#[test]
fn strings_are_read() {
    check("b'\\x48\\x65'", b"He");
    check("\"\\x48\\x65\" \\\n\"\\x0a\"", b"He\n");
    assert!(parse_pasted("\"\\x48e\"").is_err());
    assert!(parse_pasted("\"48\"").is_err());
}

proptest! {
    #[test]
    fn copied_text_can_be_pasted(bytes in prop::collection::vec(any::<u8>(), 1..80), n in 0usize..5) {
        let kind = [CopyAs::Hex, CopyAs::Dump, CopyAs::C, CopyAs::Rust, CopyAs::JavaScript][n];
        let text = kind.text_of(&bytes, Charset::Utf8);
        prop_assert_eq!(parse_pasted(&text), Ok(bytes), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused_within_it(
        text in "((0000|0010|00000000:?)? {0,3}([0-9a-f]{1,4}[ \t]{0,3}){0,9}[|{}\\[\\],/*\"x\\\\é-]{0,3}\n?){0,4}|.{0,40}",
    ) {
        if let Err(error) = parse_pasted(&text) {
            prop_assert!(text.get(error.at..error.at + error.len).is_some(), "{:?}", error);
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
