//! The send box: what is typed, and the bytes that will go.

use std::sync::Arc;

use super::CycleBox;
use crate::codec::Charset;
use crate::codec::charset::Unencodable;
use crate::codec::escape::{self, EscapeError};
use crate::codec::hex::{self, HexError};
use crate::model::FlowId;

/// How the send box is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SendMode {
    /// As text, in the session's charset.
    #[default]
    Text,
    /// As hex digits.
    Hex,
}

/// Whom the send box addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SendTo {
    /// All peers (TCP), or the remote of the form (UDP).
    #[default]
    All,
    /// The peers that are ticked in the list.
    Ticked,
    /// One peer.
    Peer(FlowId),
}

/// Why the send box cannot be sent, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendProblem {
    /// A wrong hex digit, or an odd number of them.
    Hex(HexError),
    /// An escape that there is not.
    Escape(EscapeError),
    /// A character that the charset lacks.
    Charset(Unencodable),
}

impl SendProblem {
    /// Where the problem stands in the text, in bytes.
    pub fn range(&self) -> std::ops::Range<usize> {
        match self {
            Self::Hex(error) => error.at..error.at + error.len,
            Self::Escape(error) => error.at..error.at + error.len,
            Self::Charset(error) => error.at..error.at + error.ch.len_utf8(),
        }
    }
}

/// The bytes that the box stands for, or why it stands for none.
pub type Computed = Result<Arc<[u8]>, SendProblem>;

/// The send box.
#[derive(Debug, Clone)]
pub struct SendBox {
    /// What is typed.
    pub text: String,
    /// How it is read.
    pub mode: SendMode,
    /// Whether `\n`, `\x0D` … are escapes in text.
    pub escapes: bool,
    /// To whom.
    pub to: SendTo,
    /// The path typed in the file row.
    pub file: String,
    /// Bytes per datagram when a file is sent over UDP.
    pub chunk: u32,
    /// How what is in it is sent again and again.
    pub cycle: CycleBox,
    computed: Computed,
    computed_for: Option<(SendMode, bool, Charset)>,
}

/// Small enough for one Ethernet frame with IPv6 and UDP headers.
const DEFAULT_CHUNK: u32 = 1400;

impl Default for SendBox {
    fn default() -> Self {
        Self {
            text: String::new(),
            mode: SendMode::Text,
            escapes: true,
            to: SendTo::All,
            file: String::new(),
            chunk: DEFAULT_CHUNK,
            cycle: CycleBox::default(),
            computed: Ok(Arc::from([])),
            computed_for: None,
        }
    }
}

impl SendBox {
    /// The bytes that will go. `changed` says that the text is another since the last call.
    pub fn compute(&mut self, charset: Charset, changed: bool) -> &Computed {
        let key = (self.mode, self.escapes, charset);
        if changed || self.computed_for != Some(key) {
            self.computed = compute(&self.text, self.mode, self.escapes, charset);
            self.computed_for = Some(key);
        }
        &self.computed
    }

    /// The bytes that will go, computed now.
    ///
    /// # Errors
    /// What is wrong with the text, and where.
    pub fn bytes(&self, charset: Charset) -> Computed {
        compute(&self.text, self.mode, self.escapes, charset)
    }

    /// Reads the box in another way from now on, and converts what is in it, so that the same bytes
    /// go. Text that is wrong as it stands is left alone.
    pub fn convert(&mut self, mode: SendMode, charset: Charset) {
        if mode == self.mode {
            return;
        }
        if let Ok(bytes) = self.bytes(charset) {
            match mode {
                SendMode::Hex => self.text = hex::to_text(&bytes),
                SendMode::Text => {
                    let escaped = escape::escape(&bytes, charset);
                    let plain = crate::codec::decode_all(charset, &[], &bytes, true).text;
                    let survives = charset.encode(&plain).is_ok_and(|back| back[..] == bytes[..]);
                    let printable = plain.chars().all(|c| !c.is_control() || c == '\n' || c == '\t');
                    if survives && printable && (!self.escapes || !plain.contains('\\')) {
                        self.text = plain;
                    } else {
                        // Only escapes can say these bytes.
                        self.escapes = true;
                        self.text = escaped;
                    }
                }
            }
        }
        self.mode = mode;
        self.computed_for = None;
    }
}

fn compute(text: &str, mode: SendMode, escapes: bool, charset: Charset) -> Computed {
    match mode {
        SendMode::Hex => hex::parse(text).map_err(SendProblem::Hex),
        SendMode::Text if escapes => escape::parse(text, charset).map_err(SendProblem::Escape),
        SendMode::Text => charset.encode(text).map_err(SendProblem::Charset),
    }
    .map(Arc::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> SendBox {
        SendBox { text: text.into(), ..SendBox::default() }
    }

    #[test]
    fn text_becomes_bytes_in_the_charset() {
        assert_eq!(&*text("中\\r\\n").bytes(Charset::Gbk).unwrap(), b"\xD6\xD0\r\n");
        assert_eq!(&*text("中").bytes(Charset::Utf8).unwrap(), "中".as_bytes());
        assert!(text("中").bytes(Charset::Latin1).is_err());
    }

    #[test]
    fn toggling_converts_there_and_back() {
        for sample in ["", "hello", "网络调试 助手", "a\\r\\nb", "\\x00\\xFF", "tab\\there"] {
            for charset in [Charset::Utf8, Charset::Gbk] {
                let mut send = text(sample);
                let before = send.bytes(charset).unwrap();
                send.convert(SendMode::Hex, charset);
                assert_eq!(send.bytes(charset).unwrap(), before, "{sample:?} as hex");
                send.convert(SendMode::Text, charset);
                assert_eq!(send.bytes(charset).unwrap(), before, "{sample:?} back");
            }
        }
    }

    #[test]
    fn what_is_wrong_stays_as_typed_and_is_marked() {
        let mut send = SendBox { mode: SendMode::Hex, ..text("0A 0B xy") };
        let problem = send.bytes(Charset::Utf8).unwrap_err();
        assert_eq!(&send.text[problem.range()].chars().next(), &Some('x'));
        send.convert(SendMode::Text, Charset::Utf8);
        assert_eq!(send.text, "0A 0B xy");
    }
}
