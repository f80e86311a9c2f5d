//! The send box: what is typed, and the bytes that will go.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::{AppendForm, CycleBox, Draft, FileForm};
use crate::codec::Charset;
use crate::codec::append::{self, AppendFault};
use crate::codec::compose::{ComposeError, Manner};
use crate::codec::template::{self, Filling, Random, Template, TemplateError, TemplateProblem};
use crate::model::{FlowId, SendPart};

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

/// With what placeholders are filled in the example that is shown of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// When it would be sent, in nanoseconds since 1970.
    pub now_ns: u64,
    /// The zone of times.
    pub zone: TimeZone,
    /// To whom it would go.
    pub peer: String,
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
    /// A field of what is to be appended is wrong.
    AppendForm,
}

impl From<TemplateError> for SendProblem {
    fn from(error: TemplateError) -> Self {
        let TemplateError { at, len, why } = error;
        match why {
            TemplateProblem::Typed(why) => Self::Typed(ComposeError { at, len, why }),
            TemplateProblem::OpenBrace
            | TemplateProblem::Unknown
            | TemplateProblem::Time
            | TemplateProblem::Counter
            | TemplateProblem::Random
            | TemplateProblem::Number
            | TemplateProblem::Length
            | TemplateProblem::Group
            | TemplateProblem::Byte
            | TemplateProblem::Bytes
            | TemplateProblem::Json => Self::Placeholder(error),
        }
    }
}

impl SendProblem {
    /// Where the problem stands in the text, in bytes; empty if it does not stand there.
    pub fn range(&self) -> std::ops::Range<usize> {
        match self {
            Self::Typed(error) => error.at..error.at + error.len,
            Self::Placeholder(error) => error.at..error.at + error.len,
            Self::Append(_) | Self::AppendForm => 0..0,
        }
    }
}

/// The bytes that the box stands for, or why it stands for none.
pub type Computed = Result<Arc<[u8]>, SendProblem>;

/// What a draft makes.
enum Made {
    /// The same each time.
    Bytes(Arc<[u8]>),
    /// Something else each time.
    Template(Arc<Template>),
}

impl Made {
    fn bytes(&self, example: &Example) -> Computed {
        match self {
            Self::Bytes(bytes) => Ok(Arc::clone(bytes)),
            Self::Template(template) => {
                let Example { now_ns, zone, peer } = example;
                let random = &mut Random::new(*now_ns);
                let filled = template.fill(&mut Filling { now_ns: *now_ns, zone, peer, n_before: 0, random });
                filled.map(Arc::from).map_err(SendProblem::Append)
            }
        }
    }
}

impl Draft {
    /// How what is typed is read.
    pub fn manner(&self, charset: Charset) -> Manner {
        Manner { mode: self.mode, escapes: self.escapes, charset }
    }

    /// What is sent for it: a template only if something is to be filled in.
    ///
    /// # Errors
    /// What is wrong with the text, and where; or with what is to be appended.
    pub fn part(&self, charset: Charset) -> Result<SendPart, SendProblem> {
        Ok(match self.made(charset)? {
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

    /// What is wrong with the text is told first: it is what is being typed.
    fn made(&self, charset: Charset) -> Result<Made, SendProblem> {
        let manner = self.manner(charset);
        let steps = || self.append.steps().map_err(|_told_beside_the_fields| SendProblem::AppendForm);
        if self.placeholders {
            let template = Template::parse(&self.text, manner, Vec::new())?;
            let is_fixed = template.is_fixed();
            let made = Made::Template(Arc::new(template.with_steps(steps()?)));
            return if is_fixed { made.bytes(&Example::default()).map(Made::Bytes) } else { Ok(made) };
        }
        let typed = manner.parse(&self.text).map_err(SendProblem::Typed)?;
        let bytes = append::apply(&steps()?, typed).map_err(SendProblem::Append)?;
        Ok(Made::Bytes(bytes.into()))
    }
}

/// The send box.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "two are tick boxes, and none goes with another")]
pub struct SendBox {
    /// What is typed.
    pub text: String,
    /// How it is read.
    pub mode: SendMode,
    /// Whether `\n`, `\x0D` … are escapes in text.
    pub escapes: bool,
    /// What stands in braces is filled in each time.
    pub placeholders: bool,
    /// With what it is filled in the example that is shown.
    pub example: Example,
    /// This is to be put in where the cursor is.
    pub insert: Option<&'static str>,
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
    /// The bytes are an example: each message has others.
    is_example: bool,
    computed_for: Option<ComputedFor>,
}

/// What the bytes were computed from besides the text. That the time goes on makes no other example.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ComputedFor {
    manner: Manner,
    placeholders: bool,
    append: AppendForm,
    peer: String,
}

impl Default for SendBox {
    fn default() -> Self {
        Self {
            text: String::new(),
            mode: SendMode::Text,
            escapes: true,
            placeholders: false,
            example: Example::default(),
            insert: None,
            append: AppendForm::default(),
            search: String::new(),
            to: SendTo::All,
            file: FileForm::default(),
            cycle: CycleBox::default(),
            focus: false,
            computed: Ok(Arc::from([])),
            is_example: false,
            computed_for: None,
        }
    }
}

impl SendBox {
    /// The bytes that will go. `changed` says that the text is another since the last call.
    pub fn compute(&mut self, charset: Charset, changed: bool) -> &Computed {
        let (manner, placeholders) = (self.manner(charset), self.placeholders);
        let same = self.computed_for.as_ref().is_some_and(|made| {
            (made.manner, made.placeholders) == (manner, placeholders)
                && made.append == self.append
                && made.peer == self.example.peer
        });
        if changed || !same {
            let made = self.draft().made(charset);
            self.is_example = matches!(made, Ok(Made::Template(_)));
            self.computed = made.and_then(|made| made.bytes(&self.example));
            let (append, peer) = (self.append.clone(), self.example.peer.clone());
            self.computed_for = Some(ComputedFor { manner, placeholders, append, peer });
        }
        &self.computed
    }

    /// Whether the bytes that were computed are an example: each message has others.
    pub fn is_example(&self) -> bool {
        self.is_example
    }

    /// How what is typed is read.
    pub fn manner(&self, charset: Charset) -> Manner {
        Manner { mode: self.mode, escapes: self.escapes, charset }
    }

    /// What stands in it, and how it is read.
    pub fn draft(&self) -> Draft {
        let Self { text, mode, escapes, placeholders, append, .. } = self;
        let (mode, escapes, placeholders) = (*mode, *escapes, *placeholders);
        Draft { text: text.clone(), mode, escapes, placeholders, append: append.clone() }
    }

    /// Puts something else into it.
    pub fn fill(&mut self, draft: Draft) {
        let Draft { text, mode, escapes, placeholders, append } = draft;
        (self.text, self.mode, self.escapes, self.append) = (text, mode, escapes, append);
        self.placeholders = placeholders;
        self.computed_for = None;
    }

    /// Has a placeholder put in where the cursor is, and heeded.
    pub fn insert_placeholder(&mut self, text: &'static str) {
        (self.insert, self.placeholders) = (Some(text), true);
    }

    /// Reads the box in another way from now on, and converts what is in it, so that the same bytes
    /// go and placeholders stay. Text that is wrong as it stands is left alone.
    pub fn convert(&mut self, mode: SendMode, charset: Charset) {
        if mode == self.mode {
            return;
        }
        let (from, to) = (self.manner(charset), Manner { mode, ..self.manner(charset) });
        let convert = |to: Manner| {
            if self.placeholders {
                template::convert(&self.text, from, to)
            } else {
                from.parse(&self.text).ok().and_then(|bytes| to.print(&bytes))
            }
        };
        if let Some(text) = convert(to) {
            self.text = text;
        } else if let Some(text) = convert(Manner { escapes: true, ..to }) {
            // Only escapes can say these bytes.
            (self.escapes, self.text) = (true, text);
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
        assert_eq!(
            &*text("中\\r\\n").draft().bytes(Charset::Gbk, &Example::default()).unwrap(),
            b"\xD6\xD0\r\n"
        );
        assert_eq!(&*text("中").draft().bytes(Charset::Utf8, &Example::default()).unwrap(), "中".as_bytes());
        assert!(text("中").draft().bytes(Charset::Latin1, &Example::default()).is_err());
    }

    #[test]
    fn toggling_converts_there_and_back() {
        for sample in ["", "hello", "网络调试 助手", "a\\r\\nb", "\\x00\\xFF", "tab\\there"] {
            for charset in [Charset::Utf8, Charset::Gbk] {
                let mut send = text(sample);
                let before = send.draft().bytes(charset, &Example::default()).unwrap();
                send.convert(SendMode::Hex, charset);
                assert_eq!(
                    send.draft().bytes(charset, &Example::default()).unwrap(),
                    before,
                    "{sample:?} as hex"
                );
                send.convert(SendMode::Mixed, charset);
                assert_eq!(
                    send.draft().bytes(charset, &Example::default()).unwrap(),
                    before,
                    "{sample:?} mixed"
                );
                send.convert(SendMode::Text, charset);
                assert_eq!(
                    send.draft().bytes(charset, &Example::default()).unwrap(),
                    before,
                    "{sample:?} back"
                );
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
        let problem = send.draft().bytes(Charset::Utf8, &Example::default()).unwrap_err();
        assert_eq!(&send.text[problem.range()].chars().next(), &Some('x'));
        send.convert(SendMode::Text, Charset::Utf8);
        assert_eq!(send.text, "0A 0B xy");
    }

    #[test]
    fn placeholders_make_a_template_only_where_there_are_any() {
        let draft = |text: &str| Draft { text: text.into(), placeholders: true, ..Draft::default() };
        let part = |text: &str| draft(text).part(Charset::Utf8);
        assert_eq!(part("{{}"), Ok(SendPart::Bytes((*b"{}").into())));
        assert!(matches!(part("{n}"), Ok(SendPart::Template(_))));
        let example =
            Example { now_ns: 1_000_000_000_000_000_000, peer: "[::1]:7".into(), ..Example::default() };
        let text = "{time} {peer} {n:5} {length:3}";
        let bytes = draft(text).bytes(Charset::Utf8, &example).unwrap();
        assert_eq!(std::str::from_utf8(&bytes).unwrap(), "2001-09-09 01:46:40 [::1]:7 5 033");
        let append = AppendForm { on: true, check: true, from: "9".into(), ..AppendForm::default() };
        let with = Draft { append, ..draft("{n}") };
        let fault = AppendFault::NothingToCheck { len: 1, from: 9, until: 0 };
        assert_eq!(with.bytes(Charset::Utf8, &example), Err(SendProblem::Append(fault)));
        let mut send = SendBox::default();
        send.fill(draft("{x}"));
        assert_eq!(send.compute(Charset::Utf8, false).as_ref().map_err(SendProblem::range), Err(0..3));
        send.convert(SendMode::Hex, Charset::Utf8);
        assert_eq!(send.text, "{x}", "what is wrong is left alone");
        send.placeholders = false;
        assert!(send.compute(Charset::Utf8, false).is_err() && !send.is_example());
        send.convert(SendMode::Text, Charset::Utf8);
        assert_eq!(send.compute(Charset::Utf8, false).as_ref().unwrap()[..], *b"{x}");
        send.fill(draft("{peer}"));
        send.compute(Charset::Utf8, false);
        assert!(send.is_example());
        send.example = example;
        assert_eq!(
            send.compute(Charset::Utf8, false).as_ref().unwrap()[..],
            *b"[::1]:7",
            "who came meanwhile"
        );
    }
}
