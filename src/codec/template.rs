//! A message with placeholders, which are filled each time it is sent: the time, a counter, random bytes,
//! the peer, its own length. It is told the time and all else; it knows no clock.

mod convert;
mod heard;
mod length;
mod syntax;

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use self::heard::OfHeard;
use self::length::Length;
use super::append::{self, Added, AppendFault, Step};
use super::frame::ByteOrder;
use super::matcher::{Captures, Matcher};
use super::{
    Charset,
    compose::{ComposeError, Manner},
};

pub use convert::convert;
pub use syntax::{TemplateError, TemplateProblem};

/// The format of `{time}` if none is said, as strftime has it.
pub const TIME_FORMAT: &str = "%Y-%m-%d %H:%M:%S";
/// The most random bytes of one placeholder.
pub const MAX_RANDOM: u16 = 1024;
/// The most digits of a counter or a length.
pub const MAX_DIGITS: u8 = 20;

/// A message with placeholders, and what is appended once they are filled.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Template {
    text: Box<str>,
    parts: Vec<Part>,
    charset: Charset,
    steps: Vec<Step>,
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    Bytes(Vec<u8>),
    /// The time in this format, in the zone of the machine.
    Time(String),
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
    /// The address and port of the peer.
    Peer,
    Counter(Counter),
    /// So many random bytes.
    Random(u16),
    /// A random number from the first to the second, in decimal.
    Number(u64, u64),
    /// The length of the message itself.
    Length(Length),
    /// Something of the message that is answered.
    Heard(OfHeard),
}

/// A message that is answered.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// Its bytes.
    pub message: &'a [u8],
    /// Where in it the groups of the matcher are.
    pub captures: &'a Captures,
}

/// What of a message its length counts. What is appended counts like the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Counted {
    /// All of it, as it goes.
    Whole,
    /// What stands behind the placeholder.
    Rest,
}

/// A number that grows from one message to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Counter {
    /// Of the first message.
    start: u64,
    /// What is added for each further one.
    step: u64,
    written: Digits,
}

/// How a number is written. What of a counter does not fit loses its high part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Digits {
    /// In decimal, with zeros in front up to so many digits.
    Decimal(u8),
    /// In so many bytes, 1 to 8.
    Binary(u8, ByteOrder),
}

/// What the placeholders of one message are filled with.
#[derive(Debug)]
pub struct Filling<'a> {
    /// Nanoseconds since 1970.
    pub now_ns: u64,
    /// The zone of `{time}`.
    pub zone: &'a TimeZone,
    /// To whom it goes.
    pub peer: &'a str,
    /// How many messages were filled before it.
    pub n_before: u64,
    /// Where random numbers come from.
    pub random: &'a mut Random,
}

/// Random numbers, good enough for tests of devices and not for secrets (`SplitMix64`, Steele et al. 2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The same seed gives the same numbers.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A span of time in this range.
    pub fn span(&mut self, range: &RangeInclusive<Duration>) -> Duration {
        if range.start() >= range.end() {
            return *range.start();
        }
        let nanos = |span: &Duration| u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(self.within(nanos(range.start()), nanos(range.end())))
    }

    /// A number from `first` to `last`. So few numbers more than a multiple of any range there are that
    /// nobody sees the difference.
    pub fn within(&mut self, first: u64, last: u64) -> u64 {
        match last.saturating_sub(first).checked_add(1) {
            Some(n) => first.saturating_add(self.draw() % n),
            None => self.draw(),
        }
    }
}

impl Template {
    /// A message as it is typed, with placeholders, and what is appended to it.
    ///
    /// # Errors
    /// At the first thing that is wrong with the text.
    ///
    /// # Example
    /// ```
    /// use netassist::codec::Charset;
    /// use netassist::codec::compose::{Manner, Mode};
    /// use netassist::codec::template::{Filling, Random, Template};
    /// let manner = Manner { mode: Mode::Text, escapes: true, charset: Charset::Utf8 };
    /// let template = Template::parse("{{\"n\": {n}}\n", manner, Vec::new()).unwrap();
    /// let zone = &jiff::tz::TimeZone::UTC;
    /// let mut random = Random::new(1);
    /// let mut filling = Filling { now_ns: 0, zone, peer: "[::1]:80", n_before: 4, random: &mut random };
    /// assert_eq!(template.fill(&mut filling).unwrap(), b"{\"n\": 5}\n");
    /// ```
    pub fn parse(text: &str, manner: Manner, steps: Vec<Step>) -> Result<Self, TemplateError> {
        let parts = syntax::parse(text, manner, None)?;
        Ok(Self { text: text.into(), parts, charset: manner.charset, steps })
    }

    /// A message without placeholders, in which a brace is a brace.
    ///
    /// # Errors
    /// At the first thing that is wrong with the text.
    pub fn plain(text: &str, manner: Manner, steps: Vec<Step>) -> Result<Self, ComposeError> {
        let parts = vec![Part::Bytes(manner.parse(text)?)];
        Ok(Self { text: text.into(), parts, charset: manner.charset, steps })
    }

    /// As [`parse`](Self::parse), for an answer to what this matcher matches. It has placeholders more, which are
    /// filled with nothing where the message lacks what they name:
    ///
    /// - `{0}` is the whole message, `{1}` and so on are the groups of a regular expression, which may be named,
    ///   too: `{name}`.
    /// - `{byte:3}` is one byte, counted from 0, or from the end: `{byte:-1}` is the last. `{byte:3+1}` adds to it,
    ///   `{byte:3-1}` takes away, modulo 256.
    /// - `{bytes:2..6}` are those from 2 up to but without 6; either may be left out, or count from the end.
    /// - `{upper:0}` and `{lower:1}` are the whole message or a group in the other case, in the charset.
    /// - `{json:a.b.0}` is a member of a JSON message; of text it is the characters, else JSON. What stands before
    ///   the first brace or bracket that begins JSON is passed over. `{json64:a}` is the bytes of a member in
    ///   Base64.
    ///
    /// # Errors
    /// At the first thing that is wrong with the text.
    ///
    /// # Example
    /// ```
    /// use netassist::codec::Charset;
    /// use netassist::codec::compose::{Manner, Mode};
    /// use netassist::codec::matcher::{MatchKind, Matcher};
    /// use netassist::codec::template::{Answered, Filling, Random, Template};
    /// let manner = Manner { mode: Mode::Text, escapes: true, charset: Charset::Utf8 };
    /// let matcher = Matcher::parse(MatchKind::Regex, r"^hello (?P<who>\w+)", manner).unwrap();
    /// let template = Template::parse_answer("{upper:who}, {byte:0+1}\n", manner, Vec::new(), &matcher).unwrap();
    /// let message = b"hello you";
    /// let captures = &matcher.matches(message).unwrap();
    /// let zone = &jiff::tz::TimeZone::UTC;
    /// let mut random = Random::new(1);
    /// let mut filling = Filling { now_ns: 0, zone, peer: "", n_before: 0, random: &mut random };
    /// let answer = template.fill_answer(&mut filling, Answered { message, captures }).unwrap();
    /// assert_eq!(answer, b"YOU, i\n");
    /// ```
    pub fn parse_answer(
        text: &str,
        manner: Manner,
        steps: Vec<Step>,
        matcher: &Matcher,
    ) -> Result<Self, TemplateError> {
        let parts = syntax::parse(text, manner, Some(matcher))?;
        Ok(Self { text: text.into(), parts, charset: manner.charset, steps })
    }

    /// The same message with something else appended.
    #[must_use]
    pub fn with_steps(self, steps: Vec<Step>) -> Self {
        Self { steps, ..self }
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where in a message it has filled the last checksum stands that was appended: so many bytes, and so many
    /// behind it. `None` if there is none.
    pub fn checksum_place(&self) -> Option<(usize, usize)> {
        let nth = self.steps.iter().rposition(|step| matches!(step, Step::Check(_)))?;
        let len = |steps: &[Step]| Added::by(steps).behind;
        Some((len(self.steps.get(nth..=nth)?), len(self.steps.get(nth + 1..)?)))
    }

    /// Whether it has no placeholders: it makes the same bytes each time.
    pub fn is_fixed(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Bytes(_)))
    }

    /// The bytes of one message.
    ///
    /// # Errors
    /// If something cannot be appended to what it has become, or a length does not fit into its bytes.
    pub fn fill(&self, filling: &mut Filling<'_>) -> Result<Vec<u8>, AppendFault> {
        self.fill_answer(filling, Answered { message: &[], captures: &Captures::default() })
    }

    /// The bytes of one answer to this message, which the matcher must have matched with which the template was
    /// [parsed](Self::parse_answer).
    ///
    /// # Errors
    /// As [`fill`](Self::fill).
    pub fn fill_answer(
        &self,
        filling: &mut Filling<'_>,
        answered: Answered<'_>,
    ) -> Result<Vec<u8>, AppendFault> {
        let mut message = Vec::new();
        let mut lengths = Vec::new();
        for part in &self.parts {
            match part {
                Part::Bytes(bytes) => message.extend(bytes),
                Part::Random(n) => message.extend((0..*n).map(|_| filling.random.draw().to_le_bytes()[0])),
                Part::Counter(counter) => match counter.value(filling.n_before) {
                    Written::Text(text) => self.push(&mut message, &text),
                    Written::Bytes(bytes) => message.extend(bytes),
                },
                Part::Time(format) => {
                    self.push(&mut message, &time(format, filling.now_ns, filling.zone).unwrap_or_default());
                }
                Part::Unix => self.push(&mut message, &(filling.now_ns / 1_000_000_000).to_string()),
                Part::UnixMs => self.push(&mut message, &(filling.now_ns / 1_000_000).to_string()),
                Part::Peer => self.push(&mut message, filling.peer),
                Part::Number(first, last) => {
                    let number = filling.random.within(*first, *last);
                    self.push(&mut message, &number.to_string());
                }
                Part::Length(length) => lengths.push((message.len(), *length)),
                Part::Heard(part) => part.fill(&mut message, answered, self.charset),
            }
        }
        if !lengths.is_empty() {
            message = length::put(&message, &lengths, self.charset, Added::by(&self.steps))?;
        }
        append::apply(&self.steps, message)
    }

    /// What is filled in is ASCII, or the text of a format that was tried when it was read.
    fn push(&self, message: &mut Vec<u8>, text: &str) {
        message.extend(self.charset.encode(text).unwrap_or_default());
    }
}

/// A time in a format, if that is one.
fn time(format: &str, now_ns: u64, zone: &TimeZone) -> Option<String> {
    let now = Timestamp::from_nanosecond(i128::from(now_ns)).ok()?;
    strtime::format(format, &now.to_zoned(zone.clone())).ok()
}

enum Written {
    Text(String),
    Bytes(Vec<u8>),
}

impl Counter {
    fn value(self, n_before: u64) -> Written {
        self.written.of(self.start.wrapping_add(self.step.wrapping_mul(n_before)))
    }
}

#[cfg(test)]
mod tests;
