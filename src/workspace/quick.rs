//! A message that is kept to be sent with one click or key: the form as it is typed, and what it sends.
//! Knows not to whom.

mod key;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::names::{self, Named};
use super::{is_usual, span, typed};
use crate::codec::append::{self, AppendFault, Step, StepError};
use crate::codec::compose::{ComposeError, Manner, Mode};
use crate::codec::matcher::{MatchKind, Matcher, MatcherError};
use crate::codec::template::{Template, TemplateError};
use crate::codec::{Charset, glyph};
use crate::model::{ExpectedAnswer, Otherwise, SendPart, SequenceRow};

pub use key::{Key, KeyName};

/// A message that is kept, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuickSend {
    /// What it is called.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The page of the list on which it stands; the first one has no name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub page: String,
    /// How the content is read.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub mode: Mode,
    /// What is sent.
    pub content: String,
    /// The charset of text; `None` for the session's.
    #[serde(with = "names::or_none", skip_serializing_if = "Option::is_none")]
    pub charset: Option<Charset>,
    /// `\n`, `\x0D` … are escapes in text.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub escapes: bool,
    /// `{time}`, `{n}` … are filled each time it is sent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub placeholders: bool,
    /// What is appended, in order, as `--append` has it: `crlf`, `CRC-16/MODBUS`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub append: Vec<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The key that sends it, as [`Key`] has it; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// It is a row of the sequence.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ticked: bool,
    /// In a sequence, the time from it to the next one; empty for none. A number alone is milliseconds.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub delay: String,
    /// In a sequence, an answer is waited for that is like this; `None` for none.
    #[serde(with = "names::or_none", skip_serializing_if = "Option::is_none")]
    pub expect: Option<MatchKind>,
    /// What the answer must be, contain … as [`MatchKind`] says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pattern: String,
    /// How the pattern is read.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub pattern_mode: Mode,
    /// How long the answer is waited for; empty for a second. A number alone is milliseconds.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub within: String,
    /// What if it does not come.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub on_timeout: Otherwise,
}

impl Named for Otherwise {
    const ALL: &'static [Self] = &[Self::Stop, Self::GoOn];

    fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::GoOn => "go-on",
        }
    }
}

impl Default for QuickSend {
    fn default() -> Self {
        Self {
            name: String::new(),
            page: String::new(),
            mode: Mode::Text,
            content: String::new(),
            charset: None,
            escapes: true,
            placeholders: false,
            append: Vec::new(),
            note: String::new(),
            key: String::new(),
            ticked: false,
            delay: String::new(),
            expect: None,
            pattern: String::new(),
            pattern_mode: Mode::Text,
            within: String::new(),
            on_timeout: Otherwise::Stop,
        }
    }
}

/// A field that may hold something wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QuickField {
    /// What is sent.
    Content,
    /// One of the things that are appended, from 0.
    Append(usize),
    /// The key.
    Key,
    /// The time to the next one.
    Delay,
    /// What the answer must be.
    Pattern,
    /// How long the answer is waited for.
    Within,
}

impl QuickField {
    /// The key in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Append(_) => "append",
            Self::Key => "key",
            Self::Delay => "delay",
            Self::Pattern => "pattern",
            Self::Within => "within",
        }
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QuickTrouble {
    /// The content stands for no bytes.
    Content(ComposeError),
    /// The content with its placeholders stands for no bytes.
    Template(TemplateError),
    /// There is no such thing to append.
    Step(StepError),
    /// What is appended does not go with the content.
    Append(AppendFault),
    /// There is no such key.
    Key,
    /// The answer cannot be like this.
    Pattern(MatcherError),
    /// It is no span of time, or longer than a day.
    Duration,
}

impl fmt::Display for QuickTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content(error) => error.fmt(f),
            Self::Template(error) => error.fmt(f),
            Self::Step(error) => error.fmt(f),
            Self::Append(fault) => fault.fmt(f),
            Self::Pattern(error) => error.fmt(f),
            Self::Key => {
                f.write_str("right are F1 to F12, with Ctrl+, Alt+ and Shift+ before them, or Alt+1")
            }
            Self::Duration => f.write_str(
                "right is a time up to a day: milliseconds, or a number and a unit, e.g. 20ms, 1.5s",
            ),
        }
    }
}

/// A field and what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuickProblem {
    /// Which field.
    pub field: QuickField,
    /// What is wrong.
    pub why: QuickTrouble,
}

impl fmt::Display for QuickProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field.name(), self.why)
    }
}

impl std::error::Error for QuickProblem {}

/// The longest title, in characters.
const TITLE: usize = 80;

impl QuickSend {
    /// What is sent, in a session of this charset.
    ///
    /// # Errors
    /// The first field that is wrong, of those that matter for sending.
    pub fn build(&self, session: Charset) -> Result<SendPart, QuickProblem> {
        if self.placeholders {
            let template = Template::parse(&self.content, self.manner(session), self.steps()?);
            let template = template.map_err(|error| wrong_content(QuickTrouble::Template(error)))?;
            return Ok(SendPart::Template(Arc::new(template)));
        }
        self.bytes(session).map(|bytes| SendPart::Bytes(Arc::from(bytes)))
    }

    /// The bytes that are sent, if placeholders stand for themselves.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn bytes(&self, session: Charset) -> Result<Vec<u8>, QuickProblem> {
        let steps = self.steps()?;
        let bytes = self.manner(session).parse(&self.content);
        let bytes = bytes.map_err(|error| wrong_content(QuickTrouble::Content(error)))?;
        append::apply(&steps, bytes).map_err(|fault| wrong_content(QuickTrouble::Append(fault)))
    }

    fn manner(&self, session: Charset) -> Manner {
        Manner { mode: self.mode, escapes: self.escapes, charset: self.charset.unwrap_or(session) }
    }

    /// The row that it is in a sequence, in a session of this charset.
    ///
    /// # Errors
    /// The first field that is wrong, of those that matter there.
    pub fn sequence_row(&self, session: Charset) -> Result<SequenceRow, QuickProblem> {
        Ok(SequenceRow { what: self.build(session)?, answer: self.answer(session)?, pause: self.pause()? })
    }

    /// What it is called; if it has no name, the beginning of its content, with nothing in it that does not
    /// show.
    pub fn title(&self) -> String {
        let text = if self.name.trim().is_empty() { &self.content } else { &self.name };
        text.chars().take(TITLE).map(glyph::visible).collect()
    }

    /// Every field that is wrong, each once.
    pub fn problems(&self, session: Charset) -> Vec<QuickProblem> {
        let mut all = Vec::new();
        all.extend(self.build(session).err());
        all.extend(self.key().err());
        all.extend(self.pause().err());
        all.extend(self.like(session).err());
        all.extend(self.within().err());
        all
    }

    /// What is appended.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn steps(&self) -> Result<Vec<Step>, QuickProblem> {
        let read = |(n, text): (usize, &String)| {
            let wrong = |error| QuickProblem { field: QuickField::Append(n), why: QuickTrouble::Step(error) };
            text.trim().parse().map_err(wrong)
        };
        self.append.iter().enumerate().map(read).collect()
    }

    /// The key that sends it; `None` if it has none.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn key(&self) -> Result<Option<Key>, QuickProblem> {
        if self.key.trim().is_empty() {
            return Ok(None);
        }
        let wrong = QuickProblem { field: QuickField::Key, why: QuickTrouble::Key };
        self.key.parse().map(Some).map_err(|_no_key| wrong)
    }

    /// The time to the next one.
    ///
    /// # Errors
    /// When that is none.
    pub fn pause(&self) -> Result<Duration, QuickProblem> {
        time(&self.delay, Duration::ZERO, QuickField::Delay)
    }

    /// The answer that a sequence waits for, in a session of this charset; `None` for none.
    ///
    /// # Errors
    /// When it cannot be like what was typed, or the time is none.
    pub fn answer(&self, session: Charset) -> Result<Option<ExpectedAnswer>, QuickProblem> {
        let Some(like) = self.like(session)? else { return Ok(None) };
        Ok(Some(ExpectedAnswer { like, within: self.within()?, otherwise: self.on_timeout }))
    }

    fn like(&self, session: Charset) -> Result<Option<Matcher>, QuickProblem> {
        let Some(kind) = self.expect else { return Ok(None) };
        let manner = Manner { mode: self.pattern_mode, ..self.manner(session) };
        let read = Matcher::parse(kind, &self.pattern, manner);
        let wrong = |error| QuickProblem { field: QuickField::Pattern, why: QuickTrouble::Pattern(error) };
        read.map(Some).map_err(wrong)
    }

    fn within(&self) -> Result<Duration, QuickProblem> {
        time(&self.within, Duration::from_secs(1), QuickField::Within)
    }
}

fn wrong_content(why: QuickTrouble) -> QuickProblem {
    QuickProblem { field: QuickField::Content, why }
}

/// A time as typed; `usual` if nothing is.
fn time(text: &str, usual: Duration, field: QuickField) -> Result<Duration, QuickProblem> {
    if text.trim().is_empty() {
        return Ok(usual);
    }
    span(text).ok_or(QuickProblem { field, why: QuickTrouble::Duration })
}

#[cfg(test)]
pub(super) mod tests;
