//! Tests of `codec::snippet`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use netassist::codec::snippet::*;
use netassist::codec::{Charset, hex};

fn utf8(kind: CopyAs, bytes: &[u8]) -> String {
    kind.text_of(bytes, Charset::Utf8)
}

#[test]
fn every_format_is_written() {
    let bytes = b"U\n\"\\\x00\xFF";
    for (kind, text) in [
        (CopyAs::Text, "U\n\"\\\0\u{FFFD}"),
        (CopyAs::Hex, "55 0A 22 5C 00 FF"),
        (CopyAs::Dump, "00000000  55 0A 22 5C 00 FF                                 |U.\"\\..|\n"),
        (
            CopyAs::C,
            "unsigned char data[] = {0x55, 0x0A, 0x22, 0x5C, 0x00, 0xFF};\nunsigned int data_len = 6;\n",
        ),
        (CopyAs::Rust, "const DATA: [u8; 6] = [0x55, 0x0A, 0x22, 0x5C, 0x00, 0xFF];"),
        (CopyAs::Python, r#"b"U\n\"\\\x00\xff""#),
        (CopyAs::JavaScript, "new Uint8Array([0x55, 0x0A, 0x22, 0x5C, 0x00, 0xFF])"),
        (CopyAs::Base64, "VQoiXAD/"),
        (CopyAs::Json, r#"{"base64":"VQoiXAD/"}"#),
    ] {
        assert_eq!(utf8(kind, bytes), text, "{kind:?}");
    }
    assert_eq!(utf8(CopyAs::Json, b"a\"\\\n\x01\xE6\xB5\x8B"), r#""a\"\\\n\u0001测""#);
    let long = "const DATA: [u8; 13] = [\n    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, \
                0x00, 0x00, 0x00,\n    0x00,\n];";
    assert_eq!(utf8(CopyAs::Rust, &[0; 13]), long);
    assert_eq!(utf8(CopyAs::C, b""), "unsigned char data[] = {0};\nunsigned int data_len = 0;\n");
}

#[test]
fn names_are_read() {
    for kind in CopyAs::ALL {
        assert_eq!(kind.name().to_uppercase().parse(), Ok(kind));
    }
    assert_eq!(
        "cobol".parse::<CopyAs>().unwrap_err().to_string(),
        "unknown copy format ‘cobol’; expected one of text, hex, dump, c, rust, python, javascript, base64, json"
    );
}

#[test]
fn a_character_split_between_records_is_whole() {
    let mut snippet = Snippet::new(CopyAs::Text, Charset::Gbk);
    for part in [&b"\xB2"[..], b"\xE2A"] {
        snippet.push(part);
    }
    assert_eq!((snippet.n_bytes(), snippet.finish().as_str()), (3, "测A"));
}

/// The numbers between two brackets.
fn numbers(text: &str, open: char, close: char) -> Vec<u8> {
    let start = text.rfind(open).unwrap() + 1;
    let end = start + text[start..].find(close).unwrap();
    let numbers = text[start..end].split(',').map(str::trim).filter(|number| !number.is_empty());
    numbers.map(|number| u8::from_str_radix(number.strip_prefix("0x").unwrap(), 16).unwrap()).collect()
}

/// Reads a Python literal (language reference, 2.4.1).
fn python_literal(text: &str) -> Vec<u8> {
    let inner = text.strip_prefix("b\"").unwrap().strip_suffix('"').unwrap();
    let mut bytes = Vec::new();
    let mut rest = inner.bytes();
    while let Some(byte) = rest.next() {
        assert!(byte.is_ascii() && byte != b'"' && byte != b'\n');
        bytes.push(match byte {
            b'\\' => match rest.next().unwrap() {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                quoted => quoted,
            },
            plain => plain,
        });
    }
    bytes
}

fn from_json(text: &str, charset: Charset) -> Vec<u8> {
    match serde_json::from_str(text).unwrap() {
        serde_json::Value::String(text) => charset.encode(&text).unwrap(),
        object => STANDARD.decode(object["base64"].as_str().unwrap()).unwrap(),
    }
}

proptest! {
    #[test]
    fn every_piece_is_read_back(bytes: Vec<u8>) {
        prop_assert_eq!(&hex::parse(&utf8(CopyAs::Hex, &bytes)).unwrap(), &bytes);
        prop_assert_eq!(&STANDARD.decode(utf8(CopyAs::Base64, &bytes)).unwrap(), &bytes);
        prop_assert_eq!(&numbers(&utf8(CopyAs::Rust, &bytes), '[', ']'), &bytes);
        prop_assert_eq!(&numbers(&utf8(CopyAs::JavaScript, &bytes), '[', ']'), &bytes);
        prop_assert_eq!(&python_literal(&utf8(CopyAs::Python, &bytes)), &bytes);
        let c = utf8(CopyAs::C, &bytes);
        let len = c.rsplit("= ").next().unwrap().trim_end_matches(";\n");
        prop_assert_eq!(len.parse(), Ok(bytes.len()));
        if !bytes.is_empty() {
            prop_assert_eq!(&numbers(&c, '{', '}'), &bytes);
        }
        let dump = utf8(CopyAs::Dump, &bytes);
        let rows = dump.lines().map(|row| hex::parse(&row[8..row.find('|').unwrap()]).unwrap());
        prop_assert_eq!(rows.collect::<Vec<_>>().concat(), bytes);
    }

    #[test]
    fn json_loses_nothing_in_any_charset(bytes: Vec<u8>, n in 0..Charset::ALL.len()) {
        let charset = Charset::ALL[n];
        prop_assert_eq!(from_json(&CopyAs::Json.text_of(&bytes, charset), charset), bytes);
    }

    #[test]
    fn text_is_a_json_string_and_comes_back(text: String) {
        let json = CopyAs::Json.text_of(text.as_bytes(), Charset::Utf8);
        prop_assert!(json.starts_with('"'));
        prop_assert_eq!(from_json(&json, Charset::Utf8), text.as_bytes());
        prop_assert_eq!(CopyAs::Text.text_of(text.as_bytes(), Charset::Utf8), text);
    }
}
