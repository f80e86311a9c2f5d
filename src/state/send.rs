//! The send box: what is typed, and the bytes that will go.

use std::sync::Arc;

use super::{AppendForm, CycleBox, Draft, FileForm};
use crate::codec::Charset;
use crate::codec::append::{self, AppendFault};
use crate::codec::compose::{ComposeError, Manner};
use crate::model::FlowId;

pub use crate::codec::compose::Mode as SendMode;

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
    /// What is typed stands for no bytes.
    Typed(ComposeError),
    /// What is to be appended does not go with it.
    Append(AppendFault),
    /// A field of what is to be appended is wrong.
    AppendForm,
}

impl SendProblem {
    /// Where the problem stands in the text, in bytes; empty if it does not stand there.
    pub fn range(&self) -> std::ops::Range<usize> {
        match self {
            Self::Typed(error) => error.at..error.at + error.len,
            Self::Append(_) | Self::AppendForm => 0..0,
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
    /// What is appended.
    pub append: AppendForm,
    /// What is typed to find a checksum to append.
    pub search: String,
    /// To whom.
    pub to: SendTo,
    /// The file row.
    pub file: FileForm,
    /// How what is in it is sent again and again.
    pub cycle: CycleBox,
    /// The box shall have the keyboard.
    pub focus: bool,
    computed: Computed,
    computed_for: Option<(Manner, AppendForm)>,
}

impl Default for SendBox {
    fn default() -> Self {
        Self {
            text: String::new(),
            mode: SendMode::Text,
            escapes: true,
            append: AppendForm::default(),
            search: String::new(),
            to: SendTo::All,
            file: FileForm::default(),
            cycle: CycleBox::default(),
            focus: false,
            computed: Ok(Arc::from([])),
            computed_for: None,
        }
    }
}

impl Draft {
    /// How what is typed is read.
    pub fn manner(&self, charset: Charset) -> Manner {
        Manner { mode: self.mode, escapes: self.escapes, charset }
    }

    /// The bytes that it stands for.
    ///
    /// # Errors
    /// What is wrong with the text, and where; or with what is to be appended.
    pub fn bytes(&self, charset: Charset) -> Computed {
        let typed = self.manner(charset).parse(&self.text).map_err(SendProblem::Typed)?;
        let steps = self.append.steps().map_err(|_told_beside_the_fields| SendProblem::AppendForm)?;
        append::apply(&steps, typed).map(Arc::from).map_err(SendProblem::Append)
    }
}

impl SendBox {
    /// The bytes that will go. `changed` says that the text is another since the last call.
    pub fn compute(&mut self, charset: Charset, changed: bool) -> &Computed {
        let manner = self.manner(charset);
        let same =
            self.computed_for.as_ref().is_some_and(|(of, append)| *of == manner && *append == self.append);
        if changed || !same {
            self.computed = self.bytes(charset);
            self.computed_for = Some((manner, self.append.clone()));
        }
        &self.computed
    }

    /// How what is typed is read.
    pub fn manner(&self, charset: Charset) -> Manner {
        Manner { mode: self.mode, escapes: self.escapes, charset }
    }

    /// The bytes that will go, computed now.
    ///
    /// # Errors
    /// What is wrong with the text, and where; or with what is to be appended.
    pub fn bytes(&self, charset: Charset) -> Computed {
        self.draft().bytes(charset)
    }

    /// What stands in it, and how it is read.
    pub fn draft(&self) -> Draft {
        let Self { text, mode, escapes, append, .. } = self;
        Draft { text: text.clone(), mode: *mode, escapes: *escapes, append: append.clone() }
    }

    /// Puts something else into it.
    pub fn fill(&mut self, draft: Draft) {
        let Draft { text, mode, escapes, append } = draft;
        (self.text, self.mode, self.escapes, self.append) = (text, mode, escapes, append);
        self.computed_for = None;
    }

    /// Reads the box in another way from now on, and converts what is in it, so that the same bytes
    /// go. Text that is wrong as it stands is left alone.
    pub fn convert(&mut self, mode: SendMode, charset: Charset) {
        if mode == self.mode {
            return;
        }
        if let Ok(bytes) = self.manner(charset).parse(&self.text) {
            let manner = Manner { mode, ..self.manner(charset) };
            if let Some(text) = manner.print(&bytes) {
                self.text = text;
            } else if let Some(text) = (Manner { escapes: true, ..manner }).print(&bytes) {
                // Only escapes can say these bytes.
                (self.escapes, self.text) = (true, text);
            }
        }
        self.mode = mode;
        self.computed_for = None;
    }
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
                send.convert(SendMode::Mixed, charset);
                assert_eq!(send.bytes(charset).unwrap(), before, "{sample:?} mixed");
                send.convert(SendMode::Text, charset);
                assert_eq!(send.bytes(charset).unwrap(), before, "{sample:?} back");
            }
        }
    }

    #[test]
    fn what_is_appended_goes_with_it_but_is_not_typed() {
        let mut send = SendBox { mode: SendMode::Hex, ..text("01 03 00 00 00 02") };
        send.append = AppendForm { on: true, check: true, end: None, ..AppendForm::default() };
        assert_eq!(&**send.compute(Charset::Utf8, false).as_ref().unwrap(), b"\x01\x03\0\0\0\x02\xC4\x0B");
        send.convert(SendMode::Mixed, Charset::Utf8);
        assert_eq!(send.text, "[01 03 00 00 00 02]");
        send.append.from = "7".into();
        let fault = AppendFault::NothingToCheck { len: 6, from: 7, until: 0 };
        assert_eq!(send.compute(Charset::Utf8, false), &Err(SendProblem::Append(fault)));
        send.append.from = "x".into();
        assert_eq!(send.compute(Charset::Utf8, false), &Err(SendProblem::AppendForm));
        send.append.on = false;
        assert_eq!(send.compute(Charset::Utf8, false).as_ref().unwrap().len(), 6);
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
