//! Typed messages to bytes, and back.

use super::charset::Unencodable;
use super::escape::{self, EscapeProblem};
use super::hex::{self, HexProblem};
use super::text_error::TextError;
use super::{Charset, Decoder, decode_all, glyph, named_enum, worded_enum};

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

worded_enum! {
    /// Why a message cannot be read.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
    pub enum ComposeProblem {
        Hex(HexProblem) = "{0}";
        /// An invalid escape.
        Escape(EscapeProblem) = "{0}";
        /// A character that the charset lacks.
        Unencodable(Unencodable) = "{0}";
        OpenBracket = "unclosed bracket; write [[ for a literal bracket";
        EmptyBrackets = "empty brackets; write [[ for a literal bracket";
    }
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
