//! Quick sends: messages kept to be sent with one click or key.

mod key;

use std::sync::Arc;
use std::time::Duration;

use super::form::form;
use super::send::steps;
use super::session::Charsets;
use super::{duration_or, nonblank};
use crate::codec::append::{self, Step};
use crate::codec::compose::{Manner, Mode};
use crate::codec::matcher::{MatchKind, Matcher};
use crate::codec::template::Template;
use crate::codec::{Charset, glyph};
use crate::model::{Expected, ExpectedAnswer, Otherwise, Problem, SendPart, SequenceRow, at};

pub use key::{Key, KeyName};

/// The longest title, in characters.
const TITLE: usize = 80;

form! {
    /// A quick send, as typed.
    pub struct QuickSend {
        /// The name.
        pub name: String,
        /// The page of the list that it is on; the first page has no name.
        pub page: String,
        /// How the content is read.
        pub mode: Mode,
        /// The data to send.
        pub content: String = String::new(),
        /// The charset of text; `None` for the session's.
        pub charset: Option<Charset>,
        /// `\n`, `\x0D` … are escapes in text.
        #[serde(skip_serializing_if = "Clone::clone")]
        pub escapes: bool = true,
        /// `{time}`, `{n}` … are filled in each time it is sent.
        pub placeholders: bool,
        /// The steps to append, in order, in the syntax of `--append`: `crlf`, `CRC-16/MODBUS`.
        pub append: Vec<String>,
        /// What it is for.
        pub note: String,
        /// The keyboard shortcut, in the syntax of [`Key`]; empty for none.
        pub key: String,
        /// It is a row of the sequence.
        pub ticked: bool,
        /// In a sequence, the pause after it; empty for none. A number without a unit is in milliseconds.
        pub delay: String as typed,
        /// In a sequence, how the expected answer is compared; `None` to expect none.
        pub expect: Option<MatchKind>,
        /// What the answer is compared with.
        pub pattern: String,
        /// How the pattern is read.
        pub pattern_mode: Mode,
        /// The timeout of the answer; empty for one second. A number without a unit is in milliseconds.
        pub within: String as typed,
        /// What happens after the timeout.
        pub on_timeout: Otherwise,
    }
}

impl QuickSend {
    /// What to send, in a session of these charsets.
    ///
    /// # Errors
    /// The first invalid field of those that sending uses.
    pub fn build(&self, session: Charset) -> Result<SendPart, Problem> {
        if self.placeholders {
            let template = Template::parse(&self.content, self.manner(session), self.steps()?);
            return Ok(SendPart::Template(Arc::new(template.map_err(at("content"))?)));
        }
        let bytes = Arc::from(self.bytes(session)?);
        Ok(if self.mode == Mode::Hex { SendPart::Hex(bytes) } else { SendPart::Bytes(bytes) })
    }

    /// The bytes to send, without filling in placeholders.
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

    /// Its row in a sequence, in a session of this charset.
    ///
    /// # Errors
    /// The first invalid field of those that a sequence uses.
    pub fn sequence_row(&self, session: impl Into<Charsets>) -> Result<SequenceRow, Problem> {
        let session = session.into();
        let what = Some(self.build(session.sent)?);
        Ok(SequenceRow { what, answer: self.answer(session.received)?, pause: self.pause()? })
    }

    /// The name, or the beginning of the content if there is none; invisible characters are replaced.
    pub fn title(&self) -> String {
        let text = nonblank(&self.name).map_or(&self.content, |_| &self.name);
        text.chars().take(TITLE).map(glyph::visible).collect()
    }

    /// Every invalid field, each once.
    pub fn problems(&self, session: impl Into<Charsets>) -> Vec<Problem> {
        let session = session.into();
        let all = [
            self.build(session.sent).err(),
            self.key().err(),
            self.pause().err(),
            self.matcher(session.received).err(),
            self.timeout().err(),
        ];
        all.into_iter().flatten().collect()
    }

    /// The steps to append.
    ///
    /// # Errors
    /// The first invalid step, as `append.N`.
    pub fn steps(&self) -> Result<Vec<Step>, Problem> {
        steps(&self.append)
    }

    /// The keyboard shortcut, if there is one.
    ///
    /// # Errors
    /// When there is no such key, or the window or the system uses it.
    pub fn key(&self) -> Result<Option<Key>, Problem> {
        let Some(text) = nonblank(&self.key) else { return Ok(None) };
        let key = text.parse::<Key>().map_err(|_not_a_key| Expected::Key);
        let key = key.and_then(|key| key.taken().map_or(Ok(key), Err));
        key.map(Some).map_err(|expected| Problem::new("key", expected))
    }

    /// The pause after it.
    ///
    /// # Errors
    /// When it is not a duration.
    pub fn pause(&self) -> Result<Duration, Problem> {
        duration_or(&self.delay, Duration::ZERO).map_err(at("delay"))
    }

    /// The answer that a sequence waits for, in a session of this charset; `None` for none.
    ///
    /// # Errors
    /// When the pattern or the timeout is invalid.
    pub fn answer(&self, session: Charset) -> Result<Option<ExpectedAnswer>, Problem> {
        let Some(like) = self.matcher(session)? else { return Ok(None) };
        Ok(Some(ExpectedAnswer { like, within: self.timeout()?, otherwise: self.on_timeout }))
    }

    fn matcher(&self, session: Charset) -> Result<Option<Matcher>, Problem> {
        let Some(kind) = self.expect else { return Ok(None) };
        let manner = Manner { mode: self.pattern_mode, ..self.manner(session) };
        Matcher::parse(kind, &self.pattern, manner).map(Some).map_err(at("pattern"))
    }

    fn timeout(&self) -> Result<Duration, Problem> {
        duration_or(&self.within, Duration::from_secs(1)).map_err(at("within"))
    }
}

#[cfg(test)]
mod tests;
