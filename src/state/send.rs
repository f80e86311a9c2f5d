//! The send box: what is typed, and the bytes that will go.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::AppendFields;
use crate::codec::append::{self, AppendFault, Step, StepError};
use crate::codec::compose::{ComposeError, Manner};
use crate::codec::template::{self, Filling, Random, Template, TemplateError, TemplateProblem};
use crate::codec::text_error::TextError;
use crate::codec::{Charset, LineBreak};
use crate::model::SendPart;
use crate::workspace::Draft;

pub use crate::codec::compose::Mode as SendMode;

/// With what placeholders are filled in the example that is shown of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// When it would be sent, in nanoseconds since 1970.
    pub(crate) now_ns: u64,
    pub(crate) zone: TimeZone,
    pub(crate) peer: String,
}

impl Default for Example {
    fn default() -> Self {
        Self { now_ns: 0, zone: TimeZone::UTC, peer: "127.0.0.1:8080".to_owned() }
    }
}

/// Why the send box cannot be sent, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendProblem {
    /// What is typed stands for no bytes.
    Typed(ComposeError),
    /// A placeholder is wrong.
    Placeholder(TemplateError),
    /// What is to be appended does not go with it.
    Append(AppendFault),
    /// What is to be appended is wrong.
    AppendList(StepError),
}

impl From<TemplateError> for SendProblem {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError { at, len, why: TemplateProblem::Typed(why) } => {
                Self::Typed(ComposeError { at, len, why })
            }
            error => Self::Placeholder(error),
        }
    }
}

impl SendProblem {
    /// Where the problem stands in the text, in bytes; empty if it does not stand there.
    pub fn range(&self) -> std::ops::Range<usize> {
        match self {
            Self::Typed(error) => error.at..error.at + error.len,
            Self::Placeholder(error) => error.at..error.at + error.len,
            Self::Append(_) | Self::AppendList(_) => 0..0,
        }
    }
}

/// The bytes that the box stands for, or why it stands for none.
pub type Computed = Result<Arc<[u8]>, SendProblem>;

/// What a draft is built into.
enum Made {
    Bytes(Arc<[u8]>),
    Template(Arc<Template>),
}

impl Made {
    fn bytes(&self, example: &Example) -> Computed {
        match self {
            Self::Bytes(bytes) => Ok(Arc::clone(bytes)),
            Self::Template(template) => {
                let Example { now_ns, zone, peer } = example;
                let random = &mut Random::new(*now_ns);
                let limit = template::MAX_FILLED;
                let filled =
                    template.fill(&mut Filling { now_ns: *now_ns, zone, peer, n_before: 0, random, limit });
                filled.map(Arc::from).map_err(SendProblem::Append)
            }
        }
    }
}

impl Draft {
    /// What is sent for it: a template only if something is to be filled in.
    ///
    /// # Errors
    /// What is wrong with the text, and where; or with what is to be appended.
    pub fn part(&self, charset: Charset) -> Result<SendPart, SendProblem> {
        Ok(match self.made(charset)? {
            Made::Bytes(bytes) if self.mode == SendMode::Hex => SendPart::Hex(bytes),
            Made::Bytes(bytes) => SendPart::Bytes(bytes),
            Made::Template(template) => SendPart::Template(template),
        })
    }

    /// The bytes that it stands for. Placeholders are filled as in the example.
    ///
    /// # Errors
    /// What is wrong with the text, and where; or with what is to be appended.
    pub fn bytes(&self, charset: Charset, example: &Example) -> Computed {
        self.made(charset)?.bytes(example)
    }

    /// Problems of the text come first, since it is being typed.
    fn made(&self, charset: Charset) -> Result<Made, SendProblem> {
        let text = self.text();
        self.make(&text, charset).map_err(|problem| self.as_typed(problem))
    }

    /// A problem of the text that is sent, where it stands in what is typed.
    fn as_typed(&self, mut problem: SendProblem) -> SendProblem {
        if let SendProblem::Typed(TextError { at, len, .. })
        | SendProblem::Placeholder(TextError { at, len, .. }) = &mut problem
            && self.mode != SendMode::Hex
        {
            let [start, end] = [*at, *at + *len].map(|at| self.line_break.origin(&self.content, at));
            (*at, *len) = (start, end - start);
        }
        problem
    }

    fn make(&self, text: &str, charset: Charset) -> Result<Made, SendProblem> {
        let manner = self.manner(charset);
        let steps = || -> Result<Vec<Step>, SendProblem> {
            let append = if self.append_off { &[][..] } else { &self.append };
            append.iter().map(|step| step.trim().parse().map_err(SendProblem::AppendList)).collect()
        };
        if self.placeholders {
            let template = Template::parse(text, manner, Vec::new())?;
            let is_fixed = template.is_fixed();
            let made = Made::Template(Arc::new(template.with_steps(steps()?)));
            return if is_fixed { made.bytes(&Example::default()).map(Made::Bytes) } else { Ok(made) };
        }
        let typed = manner.parse(text).map_err(SendProblem::Typed)?;
        let bytes = append::apply(&steps()?, typed).map_err(SendProblem::Append)?;
        Ok(Made::Bytes(bytes.into()))
    }
}

/// What surrounds what is typed to be sent.
#[derive(Debug, Clone, Default)]
pub struct SendBox {
    /// With what placeholders are filled in the example that is shown.
    pub(crate) example: Example,
    /// This is to be put in where the cursor is.
    pub(crate) insert: Option<&'static str>,
    pub(crate) append: AppendFields,
    /// What is typed to find a checksum to append.
    pub(crate) search: String,
    pub(crate) focus: bool,
    /// The session was opened, so that something will be typed here, unless something is typed elsewhere.
    pub(crate) focus_if_free: bool,
    /// To whom it would go, and how much: what the sentence above the box tells, in short.
    pub(crate) goes: String,
    /// The row that sends a file is shown.
    pub(crate) file_open: bool,
    computed: Option<ComputedFor>,
}

/// The bytes of a draft, and what they were computed from besides the text. Time alone makes no new example.
#[derive(Debug, Clone)]
struct ComputedFor {
    manner: Manner,
    line_break: LineBreak,
    placeholders: bool,
    append: (bool, Vec<String>),
    peer: String,
    bytes: Computed,
    /// So many of them, at the end, are appended.
    n_added: usize,
    is_example: bool,
}

impl SendBox {
    /// The bytes that will go. `changed` says that the text is another since the last call.
    pub fn compute(&mut self, draft: &Draft, charset: Charset, changed: bool) -> &Computed {
        let manner = draft.manner(charset);
        let same = |known: &ComputedFor| {
            (known.manner, known.line_break, known.placeholders)
                == (manner, draft.line_break, draft.placeholders)
                && (known.append.0, &known.append.1) == (draft.append_off, &draft.append)
                && known.peer == self.example.peer
        };
        let known = self.computed.take().filter(|known| !changed && same(known));
        let compute = || {
            let made = draft.made(charset);
            let is_example = matches!(made, Ok(Made::Template(_)));
            let bytes = made.and_then(|made| made.bytes(&self.example));
            let appends = !draft.append_off && !draft.append.is_empty();
            let n_added = match &bytes {
                Ok(all) if appends => {
                    let bare = Draft { append_off: true, ..draft.clone() }.bytes(charset, &self.example);
                    let typed = bare.ok().filter(|typed| all.starts_with(typed));
                    typed.map_or(0, |typed| all.len() - typed.len())
                }
                _ => 0,
            };
            ComputedFor {
                manner,
                line_break: draft.line_break,
                placeholders: draft.placeholders,
                append: (draft.append_off, draft.append.clone()),
                peer: self.example.peer.clone(),
                is_example,
                n_added,
                bytes,
            }
        };
        &self.computed.insert(known.unwrap_or_else(compute)).bytes
    }

    /// Gives it the keyboard in this frame.
    pub fn focus_now(&mut self) {
        self.focus = true;
    }

    /// How many of the computed bytes, at the end, are appended.
    pub fn n_added(&self) -> usize {
        self.computed.as_ref().map_or(0, |known| known.n_added)
    }

    /// Forgets the bytes: the draft is another one.
    pub fn forget(&mut self) {
        self.computed = None;
    }

    /// Whether the computed bytes are an example: each message has others.
    pub fn is_example(&self) -> bool {
        self.computed.as_ref().is_some_and(|known| known.is_example)
    }
}

impl Draft {
    /// Reads the content in another way from now on, and converts it, so that the same bytes go and placeholders
    /// stay. Content that is wrong is left alone. False if nothing changes.
    pub fn convert(&mut self, mode: SendMode, charset: Charset) -> bool {
        if mode == self.mode {
            return false;
        }
        let (from, to) = (self.manner(charset), Manner { mode, ..self.manner(charset) });
        let sent = self.text().into_owned();
        let convert = |to: Manner| {
            if self.placeholders {
                template::convert(&sent, from, to)
            } else {
                from.parse(&sent).ok().and_then(|bytes| to.print(&bytes))
            }
        };
        // It would be another one when it is sent.
        let line_break = self.line_break;
        let stays = |text: &String| mode != SendMode::Text || line_break.apply(text) == *text;
        if let Some(text) = convert(to).filter(stays) {
            self.content = text;
        } else if let Some(text) = convert(Manner { escapes: true, ..to }) {
            // Only escapes can express these bytes.
            let text = if stays(&text) { text } else { text.replace('\n', r"\n") };
            (self.escapes, self.content) = (true, text);
        }
        self.mode = mode;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Draft {
        Draft { content: text.into(), ..Draft::default() }
    }

    fn compute(draft: &Draft) -> Computed {
        SendBox::default().compute(draft, Charset::Utf8, false).clone()
    }

    #[test]
    fn text_becomes_bytes_in_the_charset() {
        assert_eq!(&*text("中\\r\\n").bytes(Charset::Gbk, &Example::default()).unwrap(), b"\xD6\xD0\r\n");
        assert_eq!(&*text("中").bytes(Charset::Utf8, &Example::default()).unwrap(), "中".as_bytes());
        assert!(text("中").bytes(Charset::Latin1, &Example::default()).is_err());
    }

    #[test]
    fn toggling_converts_there_and_back() {
        for sample in ["", "hello", "网络调试 助手", "a\\r\\nb", "\\x00\\xFF", "tab\\there"] {
            for charset in [Charset::Utf8, Charset::Gbk] {
                let mut send = text(sample);
                let before = send.bytes(charset, &Example::default()).unwrap();
                send.convert(SendMode::Hex, charset);
                assert_eq!(send.bytes(charset, &Example::default()).unwrap(), before, "{sample:?} as hex");
                send.convert(SendMode::Mixed, charset);
                assert_eq!(send.bytes(charset, &Example::default()).unwrap(), before, "{sample:?} mixed");
                send.convert(SendMode::Text, charset);
                assert_eq!(send.bytes(charset, &Example::default()).unwrap(), before, "{sample:?} back");
            }
        }
    }

    #[test]
    fn what_is_appended_goes_with_it_but_is_not_typed() {
        let check = |step: &str| vec![step.to_owned()];
        let mut send = Draft { mode: SendMode::Hex, ..text("01 03 00 00 00 02") };
        send.append = check("CRC-16/MODBUS");
        assert_eq!(&**compute(&send).as_ref().unwrap(), b"\x01\x03\0\0\0\x02\xC4\x0B");
        send.convert(SendMode::Mixed, Charset::Utf8);
        assert_eq!(send.content, "[01 03 00 00 00 02]");
        send.append = check("CRC-16/MODBUS:from=7");
        let fault = AppendFault::NothingToCheck { len: 6, from: 7, until: 0 };
        assert_eq!(compute(&send), Err(SendProblem::Append(fault)));
        send.append = check("CRC-16/MODBUS:from=x");
        assert!(matches!(compute(&send), Err(SendProblem::AppendList(_))));
        send.append_off = true;
        assert_eq!(compute(&send).as_ref().unwrap().len(), 6);
    }

    #[test]
    fn what_is_wrong_stays_as_typed_and_is_marked() {
        let mut send = Draft { mode: SendMode::Hex, ..text("0A 0B xy") };
        let problem = send.bytes(Charset::Utf8, &Example::default()).unwrap_err();
        assert_eq!(&send.content[problem.range()].chars().next(), &Some('x'));
        send.convert(SendMode::Text, Charset::Utf8);
        assert_eq!(send.content, "0A 0B xy");
    }

    #[test]
    fn placeholders_make_a_template_only_where_there_are_any() {
        let draft = |text: &str| Draft { content: text.into(), placeholders: true, ..Draft::default() };
        let part = |text: &str| draft(text).part(Charset::Utf8);
        assert_eq!(part("{{}"), Ok(SendPart::Bytes((*b"{}").into())));
        assert!(matches!(part("{n}"), Ok(SendPart::Template(_))));
        let example =
            Example { now_ns: 1_000_000_000_000_000_000, peer: "[::1]:7".into(), ..Example::default() };
        let text = "{time} {peer} {n:5} {length:3}";
        let bytes = draft(text).bytes(Charset::Utf8, &example).unwrap();
        assert_eq!(std::str::from_utf8(&bytes).unwrap(), "2001-09-09 01:46:40 [::1]:7 5 033");
        let with = Draft { append: vec!["CRC-16/MODBUS:from=9".into()], ..draft("{n}") };
        let fault = AppendFault::NothingToCheck { len: 1, from: 9, until: 0 };
        assert_eq!(with.bytes(Charset::Utf8, &example), Err(SendProblem::Append(fault)));
        let mut wrong = draft("{x}");
        assert_eq!(compute(&wrong).as_ref().map_err(SendProblem::range), Err(0..3));
        wrong.convert(SendMode::Hex, Charset::Utf8);
        assert_eq!(wrong.content, "{x}", "what is wrong is left alone");
        wrong.placeholders = false;
        assert!(compute(&wrong).is_err());
        wrong.convert(SendMode::Text, Charset::Utf8);
        assert_eq!(compute(&wrong).as_ref().unwrap()[..], *b"{x}");
        let (mut send, peer) = (SendBox::default(), draft("{peer}"));
        assert!(send.compute(&peer, Charset::Utf8, false).is_ok() && send.is_example());
        send.example = example;
        let bytes = send.compute(&peer, Charset::Utf8, false);
        assert_eq!(bytes.as_ref().unwrap()[..], *b"[::1]:7", "who came meanwhile");
    }
}
