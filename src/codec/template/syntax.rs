//! The syntax of placeholders: `{time:%H:%M}`, `{n:0:1:4}`, `{length:2:be}`.

use jiff::tz::TimeZone;

use super::error::{TemplateError, TemplateProblem};
use super::incoming;
use super::{Counted, Counter, Digits, Length, MAX_DIGITS, MAX_RANDOM, Part, TIME_FORMAT, time};
use crate::codec::Charset;
use crate::codec::compose::{Manner, Mode};
use crate::codec::frame::ByteOrder;
use crate::codec::matcher::Matcher;
use crate::codec::number;

/// A piece of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Segment<'a> {
    /// Text between placeholders, not empty.
    Typed(&'a str),
    /// `{{`.
    Brace,
    /// The inside of a placeholder.
    Placeholder(&'a str),
}

/// The segments of `text` with their offsets, up to the first unclosed brace.
pub(super) fn segments(
    text: &str,
    manner: Manner,
) -> impl Iterator<Item = Result<(usize, Segment<'_>), TemplateError>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let start = at;
        let segment =
            match brace(rest, manner).map(|plain| (plain, rest.get(plain + 1..).unwrap_or_default())) {
                Some((0, inner)) if inner.starts_with('{') => {
                    at += 2;
                    Segment::Brace
                }
                Some((0, inner)) => {
                    let Some(len) = inner.find('}') else {
                        at = text.len();
                        let why = TemplateProblem::OpenBrace;
                        return Some(Err(TemplateError { at: start, len: 1, why }));
                    };
                    at += len + 2;
                    Segment::Placeholder(inner.get(..len)?)
                }
                Some((plain, _)) => {
                    at += plain;
                    Segment::Typed(rest.get(..plain)?)
                }
                None => {
                    at = text.len();
                    Segment::Typed(rest)
                }
            };
        Some(Ok((start, segment)))
    })
}

/// The parts of `text`; with a matcher, those of an answer.
pub(super) fn parse(
    text: &str,
    manner: Manner,
    matcher: Option<&Matcher>,
) -> Result<Vec<Part>, TemplateError> {
    let mut parts = Vec::new();
    for segment in segments(text, manner) {
        let (at, segment) = segment?;
        parts.push(match segment {
            Segment::Typed(typed) => {
                Part::Bytes(manner.parse(typed).map_err(|error| error.within(at, TemplateProblem::Typed))?)
            }
            // In a charset without braces it is empty.
            Segment::Brace => Part::Bytes(manner.charset.encode("{").unwrap_or_default()),
            Segment::Placeholder(inner) => {
                let of_incoming = |matcher| incoming::parse(inner, matcher);
                // A group name wins over a placeholder of the same name.
                let part = match matcher.and_then(of_incoming) {
                    Some(part) => part.map(Part::Incoming),
                    None => placeholder(inner, manner.charset),
                };
                part.map_err(|why| TemplateError { at, len: inner.len() + 2, why })?
            }
        });
    }
    Ok(parts)
}

/// The offset of the first brace that is not part of an escape like `\u{6D4B}`.
pub(super) fn brace(text: &str, manner: Manner) -> Option<usize> {
    let has_escapes = manner.escapes && manner.mode != Mode::Hex;
    let mut at = 0;
    loop {
        let found = text.get(at..)?.find(['{', '\\'])?;
        at += found;
        let rest = text.get(at..)?;
        if rest.starts_with('{') {
            return Some(at);
        }
        at += match (has_escapes, rest.get(1..)) {
            (true, Some(escape)) if escape.starts_with("u{") => 3,
            (true, Some(escape)) => 1 + escape.chars().next().map_or(0, char::len_utf8),
            (true, None) | (false, _) => 1,
        };
    }
}

/// Reads the inside of a placeholder.
pub(super) fn placeholder(text: &str, charset: Charset) -> Result<Part, TemplateProblem> {
    let (name, value) = match text.split_once(':') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    match (name, value) {
        ("time", format) => {
            let format = format.unwrap_or(TIME_FORMAT);
            // One sample is enough: only the literal letters of the format may be missing in the charset.
            let sample = time(format, 0, &TimeZone::UTC).filter(|sample| charset.encode(sample).is_ok());
            sample.map(|_| Part::Time(format.to_owned())).ok_or(TemplateProblem::Time)
        }
        ("unix", None) => Ok(Part::Unix),
        ("unix_ms", None) => Ok(Part::UnixMs),
        ("peer", None) => Ok(Part::Peer),
        ("n", value) => counter(value.unwrap_or("1")).map(Part::Counter).ok_or(TemplateProblem::Counter),
        ("random", value) => {
            let n = value.and_then(number::parse).filter(|n| (1..=MAX_RANDOM).contains(n));
            n.map(Part::Random).ok_or(TemplateProblem::Random)
        }
        ("number", value) => {
            let range = value.and_then(|value| value.split_once('-'));
            let range = range.and_then(|(first, last)| Some((number::parse(first)?, number::parse(last)?)));
            let range = range.filter(|(first, last)| first <= last);
            range.map(|(first, last)| Part::Number(first, last)).ok_or(TemplateProblem::Number)
        }
        _ => {
            let lengths = [("length", Counted::Whole), ("rest", Counted::Rest)];
            let found = lengths.iter().find_map(|(word, counted)| Some((name.strip_prefix(word)?, *counted)));
            let (add, counted) = found.ok_or(TemplateProblem::Unknown)?;
            length(counted, add, value).map(Part::Length).ok_or(TemplateProblem::Length)
        }
    }
}

/// `[+K|-K]`, and after the colon `[WIDTH[:be|le]]`; `1` is one byte.
fn length(counted: Counted, add: &str, value: Option<&str>) -> Option<Length> {
    let add = match add.split_at_checked(1) {
        None => 0,
        Some(("+", digits)) => number::parse::<u32>(digits).map(i64::from)?,
        Some(("-", digits)) => -number::parse::<u32>(digits).map(i64::from)?,
        Some(_) => return None,
    };
    let written = match value {
        None => Digits::Decimal(0),
        // One byte has no order.
        Some("1") => Digits::Binary(1, ByteOrder::Big),
        Some(value) => digits(&mut value.split(':'))?,
    };
    Some(Length { counted, add, written })
}

/// `WIDTH[:be|le]`, to the end. Nothing means as many digits as needed.
fn digits<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<Digits> {
    let Some(width) = words.next() else { return Some(Digits::Decimal(0)) };
    let written = match (number::parse(width)?, words.next()) {
        (n @ 1..=8, Some(order)) => Digits::Binary(n, ByteOrder::named(order)?),
        (digits @ 0..=MAX_DIGITS, None) => Digits::Decimal(digits),
        _ => return None,
    };
    words.next().is_none().then_some(written)
}

/// `START[:STEP[:WIDTH[:be|le]]]`.
fn counter(text: &str) -> Option<Counter> {
    let mut words = text.split(':');
    let start = number::parse(words.next()?)?;
    let step = words.next().map_or(Some(1), number::parse)?;
    Some(Counter { start, step, written: digits(&mut words)? })
}
