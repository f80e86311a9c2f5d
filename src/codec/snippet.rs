//! Bytes as text to paste elsewhere: literals of programming languages, hex, JSON.

use std::fmt::Write as _;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::named_enum;
use super::text_error::{UnknownName, by_name};
use super::{Charset, decode_all, dump, hex};

named_enum! {
    /// How bytes are copied.
    #[derive(Default)]
    pub enum CopyAs {
        /// As text in a charset, with U+FFFD for invalid bytes.
        #[default]
        Text = "text",
        /// `55 0A`.
        Hex = "hex",
        /// Offset, hex and text, 16 bytes per line.
        Dump = "dump",
        /// `unsigned char data[]` and its length, as from `xxd -i`.
        C = "c",
        /// `const DATA: [u8; 2]`.
        Rust = "rust",
        /// `b"U\n"`.
        Python = "python",
        /// `new Uint8Array([0x55, 0x0A])`.
        JavaScript = "javascript",
        /// RFC 4648 with padding, on one line.
        Base64 = "base64",
        /// A JSON string if the text in the charset encodes to exactly these bytes, else the object
        /// `{"base64":"…"}`, so that nothing is lost and the reader can tell which it is.
        Json = "json",
    }
}

impl CopyAs {
    /// Formats `bytes`; text is in `charset`.
    ///
    /// # Example
    /// ```
    /// use netassist::codec::{Charset, CopyAs};
    /// assert_eq!(CopyAs::Python.text_of(b"U\n\xFF", Charset::Utf8), r#"b"U\n\xff""#);
    /// ```
    pub fn text_of(self, bytes: &[u8], charset: Charset) -> String {
        match self {
            Self::Text => decode_all(charset, &[], bytes, true).text,
            Self::Hex => hex::to_text(bytes),
            Self::Dump => dump_text(bytes),
            Self::C => c(bytes),
            Self::Rust => list(&format!("const DATA: [u8; {}] = [", bytes.len()), bytes, "];"),
            Self::Python => python(bytes),
            Self::JavaScript => list("new Uint8Array([", bytes, "])"),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Json => json(bytes, charset),
        }
    }
}

impl FromStr for CopyAs {
    type Err = UnknownName;

    /// Reads a [`name`](CopyAs::name), in either case.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        by_name("copy format", &Self::ALL, Self::name, text)
    }
}

/// Several records that become one piece of text.
#[derive(Debug, Clone)]
pub struct Snippet {
    kind: CopyAs,
    charset: Charset,
    bytes: Vec<u8>,
}

impl Snippet {
    /// An empty snippet.
    pub fn new(kind: CopyAs, charset: Charset) -> Self {
        Self { kind, charset, bytes: Vec::new() }
    }

    /// Adds the bytes of the next record. A character that is split between two records becomes whole.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// How many bytes it holds, for callers with a limit. The text is up to six times as long.
    pub fn n_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The formatted text.
    pub fn finish(self) -> String {
        self.kind.text_of(&self.bytes, self.charset)
    }
}

/// Numbers per line of a list.
const PER_LINE: usize = 12;

/// `0x55, 0x0A` in lines of twelve between `open` and `close`; a short list on one line.
fn list(open: &str, bytes: &[u8], close: &str) -> String {
    let long = bytes.len() > PER_LINE;
    let mut text = String::with_capacity(open.len() + close.len() + bytes.len().saturating_mul(7));
    text.push_str(open);
    for (at, byte) in bytes.iter().enumerate() {
        if long && at % PER_LINE == 0 {
            text.push_str("\n    ");
        } else if at > 0 {
            text.push(' ');
        }
        text.push_str("0x");
        text.extend(hex::digits(*byte));
        if long || at + 1 < bytes.len() {
            text.push(',');
        }
    }
    if long {
        text.push('\n');
    }
    text.push_str(close);
    text
}

fn c(bytes: &[u8]) -> String {
    // C before C23 has no empty initializers, and no version has empty arrays.
    let numbers = if bytes.is_empty() { "{0};".to_owned() } else { list("{", bytes, "};") };
    format!("unsigned char data[] = {numbers}\nunsigned int data_len = {};\n", bytes.len())
}

fn dump_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(5));
    for row in 0..dump::row_count(bytes.len()) {
        dump::push_row(&mut text, bytes, 0, row);
        text.push('\n');
    }
    text
}

fn python(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2).saturating_add(3));
    text.push_str("b\"");
    for &byte in bytes {
        match byte {
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            b'\\' | b'"' => text.extend(['\\', char::from(byte)]),
            b' '..=b'~' => text.push(char::from(byte)),
            // Lower case, as Python itself writes them.
            _ => {
                let _infallible = write!(text, "\\x{byte:02x}");
            }
        }
    }
    text.push('"');
    text
}

fn json(bytes: &[u8], charset: Charset) -> String {
    let decoded = decode_all(charset, &[], bytes, true).text;
    // Only if it encodes to the same bytes.
    if charset.encode(&decoded).is_ok_and(|encoded| encoded == bytes) {
        json_string(&decoded)
    } else {
        format!("{{\"base64\":\"{}\"}}", STANDARD.encode(bytes))
    }
}

/// RFC 8259, section 7.
fn json_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(2));
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1F}' => {
                let _infallible = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
}
