//! Typed messages to bytes, and back.

use super::charset::Unencodable;
use super::escape::{self, EscapeProblem};
use super::hex::{self, HexProblem};
use super::named_enum;
use super::text_error::TextError;
use super::{Charset, Decoder, decode_all, glyph};

named_enum! {
    /// How typed text is read.
    #[derive(Default)]
    pub enum Mode {
        /// As text in a charset.
        #[default]
        Text = "text",
        /// As hex, in any form that [`hex::parse_pasted`] takes.
        Hex = "hex",
        /// As text in a charset, with hex between brackets: `AT[0D 0A]`. `[[` is a literal bracket.
        Mixed = "mixed",
    }
}

/// All settings that determine how a message is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Manner {
    /// The kind of input.
    pub mode: Mode,
    /// Whether text may contain [escapes](escape::parse) like `\n` and `\x0D`.
    pub escapes: bool,
    /// The charset of text.
    pub charset: Charset,
}

/// Why a message cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ComposeProblem {
    /// Invalid hex.
    #[error("{0}")]
    Hex(HexProblem),
    /// An invalid escape.
    #[error("{0}")]
    Escape(EscapeProblem),
    /// A character that the charset lacks.
    #[error("{0}")]
    Unencodable(Unencodable),
    /// A bracket that is never closed.
    #[error("unclosed bracket; write [[ for a literal bracket")]
    OpenBracket,
    /// Brackets with nothing between them.
    #[error("empty brackets; write [[ for a literal bracket")]
    EmptyBrackets,
}

/// Where and why a message cannot be read.
pub type ComposeError = TextError<ComposeProblem>;

impl Manner {
    /// Reads a message.
    ///
    /// # Errors
    /// At the first error in the text.
    ///
    /// # Example
    /// ```
    /// use netassist::codec::Charset;
    /// use netassist::codec::compose::{Manner, Mode};
    /// let manner = Manner { mode: Mode::Mixed, escapes: false, charset: Charset::Utf8 };
    /// assert_eq!(manner.parse("AT+X[0D 0A]").unwrap(), b"AT+X\r\n");
    /// assert_eq!(manner.parse("[02]a[[0][03]").unwrap(), b"\x02a[0]\x03");
    /// ```
    pub fn parse(self, text: &str) -> Result<Vec<u8>, ComposeError> {
        match self.mode {
            Mode::Text => self.text(text, 0),
            Mode::Hex => hex::parse_pasted(text).map_err(|error| error.within(0, ComposeProblem::Hex)),
            Mode::Mixed => self.mixed(text),
        }
    }

    /// Reads plain text; `start` is its offset in the message.
    fn text(self, text: &str, start: usize) -> Result<Vec<u8>, ComposeError> {
        if self.escapes {
            escape::parse(text, self.charset).map_err(|error| error.within(start, ComposeProblem::Escape))
        } else {
            let encoded = self.charset.encode(text);
            encoded.map_err(|error| error.within(start, ComposeProblem::Unencodable))
        }
    }

    fn mixed(self, text: &str) -> Result<Vec<u8>, ComposeError> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let plain = rest.find('[').unwrap_or(rest.len());
            bytes.append(&mut self.text(rest.get(..plain).unwrap_or_default(), at)?);
            at += plain;
            let Some(inner) = rest.get(plain + 1..) else { break };
            if inner.starts_with('[') {
                bytes.append(&mut self.text("[", at)?);
                at += 2;
                continue;
            }
            let wrong = |len, why| ComposeError { at, len, why };
            let len = inner.find(']').ok_or(wrong(1, ComposeProblem::OpenBracket))?;
            let digits = inner.get(..len).unwrap_or_default();
            let mut group = hex::parse(digits).map_err(|error| error.within(at + 1, ComposeProblem::Hex))?;
            if group.is_empty() {
                return Err(wrong(len + 2, ComposeProblem::EmptyBrackets));
            }
            bytes.append(&mut group);
            at += len + 2;
        }
        Ok(bytes)
    }

    /// Writes `bytes` so that [`parse`](Self::parse) reads them back; `None` if that would take escapes.
    pub fn print(self, bytes: &[u8]) -> Option<String> {
        match self.mode {
            Mode::Hex => Some(hex::to_text(bytes)),
            Mode::Mixed => Some(self.to_mixed(bytes)),
            Mode::Text => {
                let plain = decode_all(self.charset, &[], bytes, true).text;
                let survives = self.charset.encode(&plain).is_ok_and(|back| back[..] == bytes[..]);
                let is_printable = plain.chars().all(|c| !c.is_control() || c == '\n' || c == '\t');
                if survives && is_printable && !(self.escapes && plain.contains('\\')) {
                    Some(plain)
                } else {
                    self.escapes.then(|| escape::escape(bytes, self.charset))
                }
            }
        }
    }

    /// Printable text as it is, all else as hex in brackets.
    fn to_mixed(self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len());
        let mut decoder = Decoder::new(self.charset);
        let mut hidden = Vec::new();
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first() {
            let seen = escape::whole_character(&mut decoder, rest)
                .filter(|(chars, _)| chars.chars().all(|c| glyph::visible(c) == c));
            if let Some((chars, len)) = seen {
                push_hidden(&mut text, &mut hidden);
                match chars.as_str() {
                    "[" => text.push_str("[["),
                    "\\" if self.escapes => text.push_str("\\\\"),
                    chars => text.push_str(chars),
                }
                rest = rest.get(len..).unwrap_or_default();
            } else {
                hidden.push(*first);
                rest = after;
            }
        }
        push_hidden(&mut text, &mut hidden);
        text
    }
}

fn push_hidden(text: &mut String, hidden: &mut Vec<u8>) {
    if !hidden.is_empty() {
        text.push('[');
        hex::push_hex(text, hidden);
        text.push(']');
        hidden.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn manner(mode: Mode, escapes: bool) -> Manner {
        Manner { mode, escapes, charset: Charset::Utf8 }
    }

    #[test]
    fn every_mode_is_read() {
        for (mode, escapes, text, bytes) in [
            (Mode::Text, true, r"a\r[0D]", &b"a\r[0D]"[..]),
            (Mode::Text, false, r"a\r", b"a\\r"),
            (Mode::Hex, true, "48 0x65", b"He"),
            (Mode::Hex, true, "{ 0x48, 101 }", b"He"),
            (Mode::Mixed, false, "", b""),
            (Mode::Mixed, false, "AT[0D 0A]", b"AT\r\n"),
            (Mode::Mixed, true, r"[02]\x41\\[[x][030x04]]", b"\x02A\\[x]\x03\x04]"),
            (Mode::Mixed, false, r"\[41]", b"\\A"),
            (Mode::Mixed, false, "[[[41]", b"[A"),
        ] {
            assert_eq!(manner(mode, escapes).parse(text).as_deref(), Ok(bytes), "{mode:?} {text}");
        }
        let gbk = Manner { charset: Charset::Gbk, ..manner(Mode::Mixed, false) };
        assert_eq!(gbk.parse("测[FF]试").as_deref(), Ok(&b"\xB2\xE2\xFF\xCA\xD4"[..]));
        let utf16 = Manner { charset: Charset::Utf16Be, ..manner(Mode::Mixed, false) };
        assert_eq!(utf16.parse("A[FF][[").as_deref(), Ok(&b"\0A\xFF\0["[..]));
    }

    #[test]
    fn errors_have_their_place() {
        for (mode, text, at, len, says) in [
            (Mode::Hex, "0A 0G", 4, 1, "‘G’ is not a hex digit"),
            (Mode::Hex, "{1, 300}", 4, 3, "expected a number from 0x00 to 0xFF, or from 0 to 255"),
            (Mode::Text, r"é\q", 2, 2, r"unknown escape ‘\q’"),
            (Mode::Mixed, r"é[41]\q", 6, 2, r"unknown escape ‘\q’"),
            (Mode::Mixed, "é[0D 0]", 6, 1, "odd number of hex digits"),
            (Mode::Mixed, "ab[0D", 2, 1, "unclosed bracket; write [[ for a literal bracket"),
            (Mode::Mixed, "ab[", 2, 1, "unclosed bracket"),
            (Mode::Mixed, "a[ ]b", 1, 3, "empty brackets"),
            (Mode::Mixed, r"a\[41]", 1, 1, "lone backslash at the end"),
        ] {
            let error = manner(mode, true).parse(text).unwrap_err();
            assert_eq!((error.at, error.len), (at, len), "{text}: {error}");
            assert!(error.to_string().starts_with(says), "{text}: {error}");
        }
        let latin = Manner { charset: Charset::Latin1, ..manner(Mode::Mixed, false) };
        let error = latin.parse("[41]中").unwrap_err();
        assert_eq!((error.at, error.len), (4, 3), "{error}");
    }

    #[test]
    fn bytes_are_printed_as_they_would_be_typed() {
        for (escapes, bytes, text) in [
            (false, &b"AT+X\r\n"[..], "AT+X[0D 0A]"),
            (false, b"\x02[\\]\xFF", "[02][[\\][FF]"),
            (true, b"\\", "\\\\"),
            (false, "网 络".as_bytes(), "网 络"),
        ] {
            assert_eq!(manner(Mode::Mixed, escapes).print(bytes).as_deref(), Some(text));
        }
        assert_eq!(manner(Mode::Text, false).print(b"\0"), None);
        assert_eq!(manner(Mode::Text, true).print(b"\0").as_deref(), Some("\\0"));
        assert_eq!(manner(Mode::Text, true).print(b"a\nb").as_deref(), Some("a\nb"));
    }

    proptest! {
        #[test]
        fn printed_text_is_read_back(
            bytes: Vec<u8>, mode in 0..Mode::ALL.len(), escapes: bool, charset in 0..Charset::ALL.len(),
        ) {
            let manner = Manner { mode: Mode::ALL[mode], escapes, charset: Charset::ALL[charset] };
            if let Some(text) = manner.print(&bytes) {
                prop_assert_eq!(manner.parse(&text), Ok(bytes), "{}", text);
            } else {
                prop_assert!(!escapes && manner.mode == Mode::Text);
            }
        }

        #[test]
        fn any_text_is_read_or_refused_within_it(
            text in "([\\[\\]é\\\\a]|[0-9A-F ]{1,3}){0,12}|.{0,20}",
            mode in 0..Mode::ALL.len(), escapes: bool, charset in 0..Charset::ALL.len(),
        ) {
            let manner = Manner { mode: Mode::ALL[mode], escapes, charset: Charset::ALL[charset] };
            if let Err(error) = manner.parse(&text) {
                prop_assert!(text.get(error.at..error.at + error.len).is_some(), "{:?}", error);
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}
