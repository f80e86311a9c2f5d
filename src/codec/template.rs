//! Messages with placeholders, which are filled in each time the message is sent: time, counter, random
//! bytes, peer, length. The caller supplies the time and everything else.

mod convert;
mod error;
mod incoming;
mod length;
mod syntax;

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use self::incoming::Incoming;
use self::length::Length;
use super::append::{self, Added, AppendFault, Step};
use super::frame::ByteOrder;
use super::matcher::{Captures, Matcher};
use super::{
    Charset,
    compose::{ComposeError, Manner},
};

pub use convert::convert;
pub use error::{TemplateError, TemplateProblem};

/// The default format of `{time}` (strftime).
pub const TIME_FORMAT: &str = "%Y-%m-%d %H:%M:%S";
/// The most random bytes of one placeholder.
pub const MAX_RANDOM: u16 = 1024;
/// The longest message that is filled in to be sent, in bytes: as much as may be queued for one peer.
pub const MAX_FILLED: usize = 64 << 20;
/// The most digits of a counter or a length.
pub const MAX_DIGITS: u8 = 20;

/// A message with placeholders, and what is appended after they are filled in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Template {
    text: Box<str>,
    parts: Vec<Part>,
    charset: Charset,
    steps: Vec<Step>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    Bytes(Vec<u8>),
    /// The time in this format, in the local time zone.
    Time(String),
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
    /// The address and port of the peer.
    Peer,
    Counter(Counter),
    /// This many random bytes.
    Random(u16),
    /// A random number from the first to the second, in decimal.
    Number(u64, u64),
    /// The length of the message.
    Length(Length),
    /// A part of the message being answered.
    Incoming(Incoming),
}

/// A message being answered.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// Its bytes.
    pub message: &'a [u8],
    /// The groups that the matcher captured in it.
    pub captures: &'a Captures,
}

/// Which bytes of a message its length counts. Appended bytes count, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Counted {
    /// The whole message, as sent.
    Whole,
    /// What follows the placeholder.
    Rest,
}

/// A number that grows from message to message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Counter {
    /// The value in the first message.
    start: u64,
    /// The increment.
    step: u64,
    written: Digits,
}

/// How a number is written. A counter that does not fit loses its high part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Digits {
    /// In decimal, with leading zeros up to this many digits.
    Decimal(u8),
    /// In binary, with this many bytes, 1 to 8.
    Binary(u8, ByteOrder),
}

/// The values for the placeholders of one message.
#[derive(Debug)]
pub struct Filling<'a> {
    /// Nanoseconds since 1970.
    pub now_ns: u64,
    /// The time zone of `{time}`.
    pub zone: &'a TimeZone,
    /// Address and port of the recipient.
    pub peer: &'a str,
    /// How many messages were filled in before this one.
    pub n_before: u64,
    /// The source of random numbers.
    pub random: &'a mut Random,
    /// The longest message allowed, in bytes.
    pub limit: usize,
}

/// A random number generator for testing, not for secrets (`SplitMix64`, Steele et al. 2014).
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

    /// A random duration within `range`.
    pub fn span(&mut self, range: &RangeInclusive<Duration>) -> Duration {
        if range.start() >= range.end() {
            return *range.start();
        }
        let nanos = |span: &Duration| u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(self.within(nanos(range.start()), nanos(range.end())))
    }

    /// A random number from `first` to `last`. The bias from the modulo is negligible.
    pub fn within(&mut self, first: u64, last: u64) -> u64 {
        match last.saturating_sub(first).checked_add(1) {
            Some(n) => first.saturating_add(self.draw() % n),
            None => self.draw(),
        }
    }
}

impl Template {
    /// Reads a message with placeholders; `steps` are applied after they are filled in.
    ///
    /// # Errors
    /// At the first error in the text.
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
    /// let mut filling = Filling { now_ns: 0, zone, peer: "[::1]:80", n_before: 4, random: &mut random, limit: 99 };
    /// assert_eq!(template.fill(&mut filling).unwrap(), b"{\"n\": 5}\n");
    /// ```
    pub fn parse(text: &str, manner: Manner, steps: Vec<Step>) -> Result<Self, TemplateError> {
        let parts = syntax::parse(text, manner, None)?;
        Ok(Self { text: text.into(), parts, charset: manner.charset, steps })
    }

    /// A message without placeholders, in which braces have no meaning.
    ///
    /// # Errors
    /// At the first error in the text.
    pub fn plain(text: &str, manner: Manner, steps: Vec<Step>) -> Result<Self, ComposeError> {
        let parts = vec![Part::Bytes(manner.parse(text)?)];
        Ok(Self { text: text.into(), parts, charset: manner.charset, steps })
    }

    /// Reads an answer to messages that `matcher` matches. In addition to those of [`parse`](Self::parse) it
    /// has these placeholders, which are empty where the message lacks what they name:
    ///
    /// - `{0}` is the whole message; `{1}` and so on are the groups of a regular expression, which may be named,
    ///   too: `{name}`.
    /// - `{byte:3}` is one byte, counted from 0, or from the end: `{byte:-1}` is the last. `{byte:3+1}` adds to it
    ///   and `{byte:3-1}` subtracts, modulo 256.
    /// - `{bytes:2..6}` is a range without its end; either bound may be omitted, or count from the end.
    /// - `{upper:0}` and `{lower:1}` are the whole message or a group in upper or lower case.
    /// - `{json:a.b.0}` is a member of a JSON message: a string as text, others as JSON. Anything before the first
    ///   brace or bracket that begins JSON is ignored. `{json64:a}` is the bytes of a member in Base64.
    ///
    /// # Errors
    /// At the first error in the text.
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
    /// let mut filling = Filling { now_ns: 0, zone, peer: "", n_before: 0, random: &mut random, limit: 99 };
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

    /// The same message with other steps.
    #[must_use]
    pub fn with_steps(self, steps: Vec<Step>) -> Self {
        Self { steps, ..self }
    }

    /// The typed text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The last checksum that is appended to a message: its width, and how many bytes follow it. `None` if
    /// there is none.
    pub fn checksum_place(&self) -> Option<(usize, usize)> {
        let nth = self.steps.iter().rposition(|step| matches!(step, Step::Check(_)))?;
        let len = |steps: &[Step]| Added::by(steps).behind;
        Some((len(self.steps.get(nth..=nth)?), len(self.steps.get(nth + 1..)?)))
    }

    /// Whether it has no placeholders, so that every message is the same.
    pub fn is_fixed(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Bytes(_)))
    }

    /// Fills in one message.
    ///
    /// # Errors
    /// If a step cannot be applied to the result, a length does not fit, or the result is longer than allowed. Then no
    /// more is built than that.
    pub fn fill(&self, filling: &mut Filling<'_>) -> Result<Vec<u8>, AppendFault> {
        self.fill_answer(filling, Answered { message: &[], captures: &Captures::default() })
    }

    /// Fills in an answer to `message`, which must have been matched by the matcher given to
    /// [`parse_answer`](Self::parse_answer).
    ///
    /// # Errors
    /// As [`fill`](Self::fill).
    pub fn fill_answer(
        &self,
        filling: &mut Filling<'_>,
        answered: Answered<'_>,
    ) -> Result<Vec<u8>, AppendFault> {
        let limit = filling.limit;
        let known = self.parts.iter().map(|part| part.known_len(answered));
        within(limit, known.fold(0, usize::saturating_add))?;
        let mut message = Vec::new();
        let mut lengths = Vec::new();
        for part in &self.parts {
            within(limit, message.len())?;
            match part {
                Part::Bytes(bytes) => message.extend(bytes),
                Part::Random(n) => message.extend((0..*n).map(|_| filling.random.draw().to_le_bytes()[0])),
                Part::Counter(Counter { start, step, written }) => {
                    let value = start.wrapping_add(step.wrapping_mul(filling.n_before));
                    message.extend(written.of(value, self.charset));
                }
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
                Part::Incoming(part) => part.fill(&mut message, answered, self.charset),
            }
        }
        if !lengths.is_empty() {
            message = length::put(&message, &lengths, self.charset, Added::by(&self.steps))?;
        }
        let message = append::apply(&self.steps, message)?;
        within(limit, message.len())?;
        Ok(message)
    }

    /// Values are ASCII, or come from a time format that was tested when it was read.
    fn push(&self, message: &mut Vec<u8>, text: &str) {
        message.extend(self.charset.encode(text).unwrap_or_default());
    }
}

impl Part {
    /// The length of what need not be built to know it, in bytes; 0 for the rest, which is short or about as long as
    /// a part of the message.
    fn known_len(&self, answered: Answered<'_>) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Random(n) => usize::from(*n),
            Self::Incoming(part) => part.slice(answered).map_or(0, <[u8]>::len),
            _short => 0,
        }
    }
}

/// Whether a message of `len` bytes is allowed.
///
/// # Errors
/// If it is longer than `limit`.
pub fn within(limit: usize, len: usize) -> Result<(), AppendFault> {
    let over = AppendFault::OverLimit { len: len as u64, limit: limit as u64 };
    if len > limit { Err(over) } else { Ok(()) }
}

/// The time in this format; `None` if the format is invalid.
fn time(format: &str, now_ns: u64, zone: &TimeZone) -> Option<String> {
    let now = Timestamp::from_nanosecond(i128::from(now_ns)).ok()?;
    strtime::format(format, &now.to_zoned(zone.clone())).ok()
}
