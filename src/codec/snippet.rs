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
    let encodes = charset.encode(&decoded).is_ok_and(|encoded| encoded == bytes);
    let text = if encodes { serde_json::to_string(&decoded).ok() } else { None };
    text.unwrap_or_else(|| format!("{{\"base64\":\"{}\"}}", STANDARD.encode(bytes)))
}
