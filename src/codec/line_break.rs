//! Line breaks, of one of three kinds.

use std::borrow::Cow;

use super::named_enum;

named_enum! {
    /// What is sent for a line break, or behind a message.
    #[derive(Default)]
    pub enum LineBreak {
        /// `\n`.
        #[default]
        Lf = "lf",
        /// `\r\n`.
        CrLf = "crlf",
        /// `\r`.
        Cr = "cr",
    }
}

impl LineBreak {
    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Self::Lf => "LF",
            Self::CrLf => "CR LF",
            Self::Cr => "CR",
        }
    }

    /// Its characters, which are its bytes.
    pub fn text(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::Cr => "\r",
        }
    }

    /// The text with each of its line breaks, of whichever kind, as this one.
    pub fn apply(self, text: &str) -> Cow<'_, str> {
        if !text.contains(['\r', '\n']) {
            return Cow::Borrowed(text);
        }
        let converted = LineBreaks::new(self).convert(text.as_bytes());
        Cow::Owned(String::from_utf8_lossy(&converted).into_owned())
    }

    /// The kind of all line breaks of a text; `None` if there are none, or several kinds.
    pub fn of(text: &str) -> Option<Self> {
        let has_any = text.contains(['\r', '\n']);
        Self::ALL.into_iter().find(|kind| has_any && kind.apply(text) == text)
    }

    /// Where in `text` something is that is at this byte of what [`apply`](Self::apply) makes of it.
    pub fn origin(self, text: &str, at: usize) -> usize {
        let places: Vec<usize> = text.char_indices().map(|(place, _)| place).chain([text.len()]).collect();
        // The last of those that are there, since both bytes of a CR LF may become one.
        let is_there = |place: &usize| text.get(..*place).is_some_and(|head| self.apply(head).len() <= at);
        let n = places.partition_point(is_there);
        n.checked_sub(1).and_then(|last| places.get(last)).copied().unwrap_or(0)
    }
}

/// Converts the line breaks of a stream that arrives in pieces.
#[derive(Debug)]
pub struct LineBreaks {
    kind: LineBreak,
    /// The last byte was `\r`.
    is_open: bool,
}

impl LineBreaks {
    /// Each line break becomes one of this kind.
    pub fn new(kind: LineBreak) -> Self {
        Self { kind, is_open: false }
    }

    /// The next piece, converted.
    pub fn convert(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut converted = Vec::with_capacity(piece.len());
        for &byte in piece {
            let is_rest = std::mem::replace(&mut self.is_open, byte == b'\r');
            match byte {
                b'\n' if is_rest => {}
                b'\r' | b'\n' => converted.extend_from_slice(self.kind.text().as_bytes()),
                byte => converted.push(byte),
            }
        }
        converted
    }
}
