//! A message that is kept to be sent with one click or key: the form as it is typed, and what it sends.
//! Knows not to whom.

mod key;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::names::{self, Named};
use super::send::steps;
use super::{is_usual, span, typed};
use crate::codec::append::{self, Step};
use crate::codec::compose::{Manner, Mode};
use crate::codec::matcher::{MatchKind, Matcher};
use crate::codec::template::Template;
use crate::codec::{Charset, glyph};
use crate::model::{Expected, ExpectedAnswer, Otherwise, Problem, SendPart, SequenceRow, at};

pub use key::{Key, KeyName};

/// A message that is kept, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
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

/// The longest title, in characters.
const TITLE: usize = 80;

impl QuickSend {
    /// What is sent, in a session of this charset.
    ///
    /// # Errors
    /// The first field that is wrong, of those that matter for sending.
    pub fn build(&self, session: Charset) -> Result<SendPart, Problem> {
        if self.placeholders {
            let template = Template::parse(&self.content, self.manner(session), self.steps()?);
            return Ok(SendPart::Template(Arc::new(template.map_err(at("content"))?)));
        }
        self.bytes(session).map(|bytes| SendPart::Bytes(Arc::from(bytes)))
    }

    /// The bytes that are sent, if placeholders stand for themselves.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn bytes(&self, session: Charset) -> Result<Vec<u8>, Problem> {
        let steps = self.steps()?;
        let bytes = self.manner(session).parse(&self.content);
        append::apply(&steps, bytes.map_err(at("content"))?).map_err(at("content"))
    }

    fn manner(&self, session: Charset) -> Manner {
        Manner { mode: self.mode, escapes: self.escapes, charset: self.charset.unwrap_or(session) }
    }

    /// The row that it is in a sequence, in a session of this charset.
    ///
    /// # Errors
    /// The first field that is wrong, of those that matter there.
    pub fn sequence_row(&self, session: Charset) -> Result<SequenceRow, Problem> {
        Ok(SequenceRow { what: self.build(session)?, answer: self.answer(session)?, pause: self.pause()? })
    }

    /// What it is called; if it has no name, the beginning of its content, with nothing in it that does not
    /// show.
    pub fn title(&self) -> String {
        let text = if self.name.trim().is_empty() { &self.content } else { &self.name };
        text.chars().take(TITLE).map(glyph::visible).collect()
    }

    /// Every field that is wrong, each once.
    pub fn problems(&self, session: Charset) -> Vec<Problem> {
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
    pub fn steps(&self) -> Result<Vec<Step>, Problem> {
        steps(&self.append)
    }

    /// The key that sends it; `None` if it has none.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn key(&self) -> Result<Option<Key>, Problem> {
        if self.key.trim().is_empty() {
            return Ok(None);
        }
        self.key.parse().map(Some).map_err(|_no_key| Problem::new("key", Expected::Key))
    }

    /// The time to the next one.
    ///
    /// # Errors
    /// When that is none.
    pub fn pause(&self) -> Result<Duration, Problem> {
        span(&self.delay, Duration::ZERO).map_err(at("delay"))
    }

    /// The answer that a sequence waits for, in a session of this charset; `None` for none.
    ///
    /// # Errors
    /// When it cannot be like what was typed, or the time is none.
    pub fn answer(&self, session: Charset) -> Result<Option<ExpectedAnswer>, Problem> {
        let Some(like) = self.like(session)? else { return Ok(None) };
        Ok(Some(ExpectedAnswer { like, within: self.within()?, otherwise: self.on_timeout }))
    }

    fn like(&self, session: Charset) -> Result<Option<Matcher>, Problem> {
        let Some(kind) = self.expect else { return Ok(None) };
        let manner = Manner { mode: self.pattern_mode, ..self.manner(session) };
        Matcher::parse(kind, &self.pattern, manner).map(Some).map_err(at("pattern"))
    }

    fn within(&self) -> Result<Duration, Problem> {
        span(&self.within, Duration::from_secs(1)).map_err(at("within"))
    }
}

#[cfg(test)]
pub(super) mod tests;
