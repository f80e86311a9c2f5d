//! The text form of a framing: `none`, `line`, `delimiter:0D0A`, `fixed:16`, `length:0:2:be`, `idle:20ms`.

use std::fmt;
use std::str::FromStr;

use super::{ByteOrder, DEFAULT_MAX, Framing, FramingFault, LengthField};
use crate::codec::duration::{self, NotADuration};
use crate::codec::hex::{self, HexProblem};
use crate::codec::text_error::TextError;
use crate::codec::worded_enum;

worded_enum! {
    /// Why a text is not a framing.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
    pub enum FramingProblem {
        Unknown = "unknown framing; expected one of none, line, delimiter:HEX, fixed:N, \
             length:OFFSET:WIDTH:be|le[:ADJUST][:whole][:max=N], idle:DURATION";
        Missing(&'static str) = "incomplete; expected e.g. {0}";
        Surplus = "unexpected text; nothing may follow here";
        Twice = "given more than once";
        /// Not a whole number, or one that is far too large.
        Number = "expected a whole number";
        Order = "expected be (high byte first) or le (low byte first)";
        /// The delimiter is not hex.
        Hex(HexProblem) = "{0}";
        /// The pause is not a duration.
        Pause = "{}" (NotADuration);
        /// A value is out of range.
        Fault(FramingFault) = "{0}";
    }
}

/// Where and why a text is not a framing.
pub type FramingError = TextError<FramingProblem>;

impl fmt::Display for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsReceived => f.write_str("none"),
            Self::Line => f.write_str("line"),
            Self::Delimiter(bytes) => write!(f, "delimiter:{}", ::hex::encode_upper(bytes)),
            Self::Fixed(size) => write!(f, "fixed:{size}"),
            Self::Length(field) => write!(f, "length:{field}"),
            Self::Idle(pause) => write!(f, "idle:{}", duration::to_text(*pause)),
        }
    }
}

impl fmt::Display for LengthField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.offset, self.width, self.order.name())?;
        if self.adjust != 0 {
            write!(f, ":{:+}", self.adjust)?;
        }
        if self.includes_header {
            f.write_str(":whole")?;
        }
        if self.max != DEFAULT_MAX {
            write!(f, ":max={}", self.max)?;
        }
        Ok(())
    }
}

/// A part of the text, and its offset.
#[derive(Debug, Clone, Copy)]
struct Word<'a> {
    at: usize,
    text: &'a str,
}

impl Word<'_> {
    fn wrong(self, why: FramingProblem) -> FramingError {
        FramingError { at: self.at, len: self.text.len(), why }
    }

    fn number<T: FromStr>(self) -> Result<T, FramingError> {
        self.text.parse().map_err(|_no_number| self.wrong(FramingProblem::Number))
    }
}

/// The parts between colons.
#[derive(Debug)]
struct Words<'a> {
    text: &'a str,
    /// Where the next part begins; `None` after the last.
    next: Option<usize>,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<Word<'a>> {
        let at = self.next?;
        let rest = self.text.get(at..).unwrap_or_default();
        let text = rest.split(':').next().unwrap_or_default();
        self.next = (text.len() < rest.len()).then_some(at + text.len() + 1);
        Some(Word { at, text })
    }

    fn must(&mut self, example: &'static str) -> Result<Word<'a>, FramingError> {
        let end = Word { at: self.text.len(), text: "" };
        self.next()
            .filter(|word| !word.text.is_empty() || self.next.is_some())
            .ok_or_else(|| end.wrong(FramingProblem::Missing(example)))
    }

    /// All that is left, including colons.
    fn rest(&mut self, example: &'static str) -> Result<Word<'a>, FramingError> {
        let mut word = self.must(example)?;
        word.text = self.text.get(word.at..).unwrap_or_default();
        self.next = None;
        Ok(word)
    }

    fn end(&self) -> Result<(), FramingError> {
        let Some(at) = self.next else { return Ok(()) };
        // The colon is part of what is too much.
        let at = at.saturating_sub(1);
        let rest = Word { at, text: self.text.get(at..).unwrap_or_default() };
        Err(rest.wrong(FramingProblem::Surplus))
    }
}

impl FromStr for Framing {
    type Err = FramingError;

    /// Reads what [`Display`](fmt::Display) writes. The delimiter may be any hex that [`hex::parse`] reads;
    /// options of a length may be in any order.
    fn from_str(text: &str) -> Result<Self, FramingError> {
        let mut words = Words { text, next: Some(0) };
        let Some(name) = words.next() else { return Ok(Self::AsReceived) };
        match name.text {
            "none" => words.end().map(|()| Self::AsReceived),
            "line" => words.end().map(|()| Self::Line),
            "delimiter" => {
                let word = words.rest("delimiter:0D0A")?;
                let bytes =
                    hex::parse(word.text).map_err(|error| error.within(word.at, FramingProblem::Hex))?;
                within_limits(Self::Delimiter(bytes), word)
            }
            "fixed" => {
                let word = words.must("fixed:16")?;
                words.end()?;
                within_limits(Self::Fixed(word.number()?), word)
            }
            "length" => length(&mut words).map(Self::Length),
            "idle" => {
                let word = words.must("idle:20ms")?;
                words.end()?;
                let pause = duration::parse(word.text).map_err(|_why| word.wrong(FramingProblem::Pause))?;
                within_limits(Self::Idle(pause), word)
            }
            _ => Err(name.wrong(FramingProblem::Unknown)),
        }
    }
}

/// Checks the limits of a framing with `word` as its only value.
fn within_limits(framing: Framing, word: Word<'_>) -> Result<Framing, FramingError> {
    match framing.faults().first() {
        None => Ok(framing),
        Some(fault) => Err(word.wrong(FramingProblem::Fault(*fault))),
    }
}

fn length(words: &mut Words<'_>) -> Result<LengthField, FramingError> {
    const EXAMPLE: &str = "length:0:2:be";
    let [offset, width, order] = [words.must(EXAMPLE)?, words.must(EXAMPLE)?, words.must(EXAMPLE)?];
    let mut field =
        LengthField { offset: offset.number()?, width: width.number()?, ..LengthField::default() };
    field.order = ByteOrder::named(order.text).ok_or_else(|| order.wrong(FramingProblem::Order))?;
    let (mut adjust, mut whole, mut max) = (None, None, None);
    while let Some(word) = words.next() {
        let slot = if word.text == "whole" {
            field.includes_header = true;
            &mut whole
        } else if let Some(number) = word.text.strip_prefix("max=") {
            field.max = Word { at: word.at + "max=".len(), text: number }.number()?;
            &mut max
        } else if word.text.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-') {
            field.adjust = word.number()?;
            &mut adjust
        } else {
            return Err(word.wrong(FramingProblem::Surplus));
        };
        if slot.replace(word).is_some() {
            return Err(word.wrong(FramingProblem::Twice));
        }
    }
    let Some(fault) = field.faults().first().copied() else { return Ok(field) };
    let word = match fault {
        FramingFault::Width(_) => width,
        FramingFault::Adjust(_) => adjust.unwrap_or(order),
        FramingFault::Max { .. } => max.unwrap_or(order),
        // The others belong to other framings.
        FramingFault::Offset(_)
        | FramingFault::Delimiter(_)
        | FramingFault::Size(_)
        | FramingFault::Pause(_) => offset,
    };
    Err(word.wrong(FramingProblem::Fault(fault)))
}
