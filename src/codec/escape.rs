//! Text with escapes: reading what is typed, and writing bytes that way.

use super::charset::Unencodable;
use super::text_error::TextError;
use super::{Charset, decode::Decoder, glyph, hex, worded_enum};

worded_enum! {
    /// Why a text with escapes cannot be read.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
    pub enum EscapeProblem {
        /// A backslash and a character that is not an escape.
        Unknown(char) = r"unknown escape ‘\{}’; expected one of \r \n \t \0 \\ \xHH \u{{…}}" (.0.escape_debug());
        /// A backslash at the end of the text.
        Alone = r"lone backslash at the end; write \\ for a backslash";
        /// `\x` without two hex digits.
        BadByte = r"expected two hex digits after \x, e.g. \x0A";
        /// `\u` without `{`, one to six hex digits of a character, and `}`.
        BadChar = r"expected a character code in braces after \u, e.g. \u{{6D4B}}";
        /// A character, typed or as `\u{…}`, that the charset lacks.
        Unencodable(Unencodable) = "{0}";
    }
}

/// Where and why a text with escapes cannot be read.
pub type EscapeError = TextError<EscapeProblem>;

/// Reads `text`: `\r \n \t \0 \\` and `\u{…}` (a code point in hex) are characters and encoded like all
/// others; `\xHH` is this byte in any charset.
///
/// # Errors
/// At an unknown or malformed escape, and at a character that the charset lacks.
///
/// # Example
/// ```
/// use netassist::codec::{Charset, escape};
/// assert_eq!(escape::parse(r"测\xFF\r\n", Charset::Gbk).unwrap(), b"\xB2\xE2\xFF\r\n");
/// ```
pub fn parse(text: &str, charset: Charset) -> Result<Vec<u8>, EscapeError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find('\\').unwrap_or(rest.len());
        let encoded = charset.encode(rest.get(..plain).unwrap_or_default());
        let encoded = encoded.map_err(|error| error.within(at, EscapeProblem::Unencodable))?;
        bytes.extend(encoded);
        at += plain;
        let Some(escape) = rest.get(plain..).filter(|escape| !escape.is_empty()) else { break };
        let (meaning, len) = read_escape(escape).map_err(|(len, why)| EscapeError { at, len, why })?;
        match meaning {
            Meaning::Byte(byte) => bytes.push(byte),
            Meaning::Char(c) => {
                let unencodable = |why| EscapeError { at, len, why: EscapeProblem::Unencodable(why) };
                let encoded = charset.encode(c.encode_utf8(&mut [0; 4]));
                let encoded = encoded.map_err(|error| unencodable(error.why))?;
                bytes.extend(encoded);
            }
        }
        at += len;
    }
    Ok(bytes)
}

enum Meaning {
    Byte(u8),
    Char(char),
}

/// What the escape at the start of `text` means, and its length in bytes.
fn read_escape(text: &str) -> Result<(Meaning, usize), (usize, EscapeProblem)> {
    let mut chars = text.chars().skip(1);
    let meaning = match chars.next() {
        Some('r') => Meaning::Char('\r'),
        Some('n') => Meaning::Char('\n'),
        Some('t') => Meaning::Char('\t'),
        Some('0') => Meaning::Char('\0'),
        Some('\\') => Meaning::Char('\\'),
        Some('x') => return read_byte(text),
        Some('u') => return read_char(text),
        Some(c) => return Err((1 + c.len_utf8(), EscapeProblem::Unknown(c))),
        None => return Err((1, EscapeProblem::Alone)),
    };
    Ok((meaning, 2))
}

fn read_byte(text: &str) -> Result<(Meaning, usize), (usize, EscapeProblem)> {
    text.get(2..4)
        .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
        .and_then(|digits| u8::from_str_radix(digits, 16).ok())
        .map(|byte| (Meaning::Byte(byte), 4))
        .ok_or((2, EscapeProblem::BadByte))
}

fn read_char(text: &str) -> Result<(Meaning, usize), (usize, EscapeProblem)> {
    let Some(body) = text.get(2..).and_then(|body| body.strip_prefix('{')) else {
        return Err((2, EscapeProblem::BadChar));
    };
    let digits: &str = body.get(..body.bytes().take_while(u8::is_ascii_hexdigit).count()).unwrap_or_default();
    let closed = body.get(digits.len()..).is_some_and(|rest| rest.starts_with('}'));
    let len = 3 + digits.len() + usize::from(closed);
    u32::from_str_radix(digits, 16)
        .ok()
        .filter(|_| closed && digits.len() <= 6)
        .and_then(char::from_u32)
        .map(|c| (Meaning::Char(c), len))
        .ok_or((len, EscapeProblem::BadChar))
}

/// Writes bytes so that [`parse`] reads them back: visible characters as they are, others as `\r \n \t \0 \\`
/// or `\u{…}`, and invalid bytes as `\xHH`.
pub fn escape(bytes: &[u8], charset: Charset) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut decoder = Decoder::new(charset);
    let mut rest = bytes;
    while let Some((first, after_first)) = rest.split_first() {
        if let Some((chars, len)) = whole_character(&mut decoder, rest) {
            chars.chars().for_each(|c| push_char(&mut text, c, len));
            rest = rest.get(len..).unwrap_or_default();
        } else {
            push_byte(&mut text, *first);
            rest = after_first;
        }
    }
    text
}

/// The character at the start of `bytes`, and its length in bytes. `None` if there is none, or if it would be
/// encoded in another way than here. (One code of Big5 stands for two code points.)
pub(super) fn whole_character(decoder: &mut Decoder, bytes: &[u8]) -> Option<(String, usize)> {
    let charset = decoder.charset();
    let mut text = String::new();
    (1..=bytes.len().min(4)).find_map(|len| {
        let bytes = bytes.get(..len)?;
        text.clear();
        decoder.decode(bytes, true, &mut text);
        let same = charset.encode(&text).is_ok_and(|encoded| encoded == bytes);
        same.then(|| (std::mem::take(&mut text), len))
    })
}

/// `len` is the length in bytes of the character in the charset.
fn push_char(text: &mut String, c: char, len: usize) {
    match c {
        '\r' => text.push_str("\\r"),
        '\n' => text.push_str("\\n"),
        '\t' => text.push_str("\\t"),
        '\0' => text.push_str("\\0"),
        '\\' => text.push_str("\\\\"),
        _ if glyph::visible(c) == c => text.push(c),
        _ => match u8::try_from(c) {
            // A control character of one byte is better known by its byte than by its code point.
            Ok(byte) if len == 1 => push_byte(text, byte),
            Ok(_) | Err(_) => text.extend(c.escape_unicode()),
        },
    }
}

fn push_byte(text: &mut String, byte: u8) {
    text.push_str("\\x");
    text.extend(hex::digits(byte));
}
