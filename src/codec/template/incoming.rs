//! Placeholders for parts of the message being answered: `{0}`, `{byte:3+1}`, `{upper:name}`, `{json:a.b}`.

use std::borrow::Cow;

use base64::Engine as _;
use serde::de::{Deserialize as _, Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::{RawValue, Value};

use super::{Answered, TemplateProblem};
use crate::codec::matcher::Matcher;
use crate::codec::{Charset, Decoder, escape, number};

/// How many offsets are tried at which JSON might begin.
const MAX_STARTS: usize = 16;

/// The longest member that is written anew, without spaces. In memory it takes up to 100 times as much.
const MAX_ANEW: usize = 64 * 1024;

/// A part of the message being answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Incoming {
    /// The whole message, or a group from 1.
    Group(usize),
    /// One byte plus this number.
    Byte(Place, u8),
    /// A range of bytes, with its last.
    Bytes(Place, Place),
    /// A group, or the whole message, in this case.
    InCase(Case, usize),
    /// A member of a JSON message.
    Json(Vec<String>),
    /// A Base64 member of a JSON message, decoded.
    Json64(Vec<String>),
}

/// An offset in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// From the start.
    Head(usize),
    /// From the end.
    Tail(usize),
}

impl Place {
    /// The offset from the start in a message of this length; `None` if it is before the start.
    fn in_message(self, len: usize) -> Option<usize> {
        match self {
            Self::Head(n) => Some(n),
            Self::Tail(n) => len.checked_sub(n),
        }
    }
}

/// The case of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Case {
    Upper,
    Lower,
}

impl Case {
    fn of(self, text: &str) -> String {
        match self {
            Self::Upper => text.to_uppercase(),
            Self::Lower => text.to_lowercase(),
        }
    }
}

/// Reads a placeholder; `None` if it is not one of these.
pub(super) fn parse(text: &str, matcher: &Matcher) -> Option<Result<Incoming, TemplateProblem>> {
    let group = |name: &str| group(name, matcher).ok_or(TemplateProblem::Group);
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || matcher.group(text).is_some() {
        return Some(group(text).map(Incoming::Group));
    }
    let (name, value) = text.split_once(':')?;
    Some(match name {
        "byte" => byte(value).ok_or(TemplateProblem::Byte),
        "bytes" => bytes(value).ok_or(TemplateProblem::Bytes),
        "upper" => group(value).map(|n| Incoming::InCase(Case::Upper, n)),
        "lower" => group(value).map(|n| Incoming::InCase(Case::Lower, n)),
        "json" => path(value).map(Incoming::Json),
        "json64" => path(value).map(Incoming::Json64),
        _ => return None,
    })
}

/// A group by number or name.
fn group(name: &str, matcher: &Matcher) -> Option<usize> {
    matcher.group(name).or_else(|| number::parse(name).filter(|n| *n <= matcher.n_groups()))
}

/// `N` or `-N`, optionally followed by `+K` or `-K`.
fn byte(text: &str) -> Option<Incoming> {
    let sign_at = text.get(1..)?.find(['+', '-']).map_or(text.len(), |at| at + 1);
    let (at, add) = text.split_at_checked(sign_at)?;
    let add = match add.split_at_checked(1) {
        None => 0,
        Some(("+", digits)) => number::parse::<u8>(digits)?,
        Some((_minus, digits)) => number::parse::<u8>(digits)?.wrapping_neg(),
    };
    let place = place(at)?;
    (place != Place::Tail(0)).then_some(Incoming::Byte(place, add))
}

fn bytes(text: &str) -> Option<Incoming> {
    let (from, until) = text.split_once("..")?;
    let from = if from.is_empty() { Place::Head(0) } else { place(from)? };
    let until = if until.is_empty() { Place::Tail(0) } else { place(until)? };
    Some(Incoming::Bytes(from, until))
}

fn place(text: &str) -> Option<Place> {
    match text.strip_prefix('-') {
        Some(digits) => number::parse(digits).map(Place::Tail),
        None => number::parse(text).map(Place::Head),
    }
}

fn path(text: &str) -> Result<Vec<String>, TemplateProblem> {
    let path: Vec<String> = text.split('.').map(str::to_owned).collect();
    if path.iter().any(String::is_empty) { Err(TemplateProblem::Json) } else { Ok(path) }
}

impl Incoming {
    /// The part of the message that is taken as it is, if this is one.
    pub(super) fn slice<'a>(&self, answered: Answered<'a>) -> Option<&'a [u8]> {
        let Answered { message, captures } = answered;
        match self {
            Self::Group(n) => captures.get(message, *n),
            Self::Bytes(from, until) => {
                let len = message.len();
                // An offset before the start means the start.
                let from = from.in_message(len).unwrap_or(0);
                let until = until.in_message(len).map_or(0, |last| last.saturating_add(1)).min(len);
                message.get(from..until)
            }
            Self::Byte(..) | Self::InCase(..) | Self::Json(_) | Self::Json64(_) => None,
        }
    }

    /// Appends the part to an answer.
    pub(super) fn fill(&self, answer: &mut Vec<u8>, answered: Answered<'_>, charset: Charset) {
        let Answered { message, captures } = answered;
        match self {
            Self::Group(_) | Self::Bytes(..) => answer.extend(self.slice(answered).unwrap_or_default()),
            Self::Byte(place, add) => {
                let byte = place.in_message(message.len()).and_then(|at| message.get(at));
                answer.extend(byte.map(|byte| byte.wrapping_add(*add)));
            }
            Self::InCase(case, n) => {
                push_in_case(answer, captures.get(message, *n).unwrap_or_default(), *case, charset);
            }
            Self::Json(path) => {
                if let Some(raw) = member(message, path) {
                    push_text(answer, &json_text(raw), charset);
                }
            }
            Self::Json64(path) => {
                if let Some(text) = member(message, path).and_then(string) {
                    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim());
                    answer.extend(bytes.unwrap_or_default());
                }
            }
        }
    }
}

/// Changes the case of letters. Characters whose other case the charset lacks, and invalid bytes, stay as
/// they are.
fn push_in_case(answer: &mut Vec<u8>, bytes: &[u8], case: Case, charset: Charset) {
    let mut decoder = Decoder::new(charset);
    let unit = charset.unit();
    let mut rest = bytes;
    while !rest.is_empty() {
        let whole = escape::whole_character(&mut decoder, rest);
        let len = whole.as_ref().map_or(unit, |(_, len)| (*len).max(1));
        let encoded = whole.and_then(|(text, _)| charset.encode(&case.of(&text)).ok());
        match encoded {
            Some(encoded) => answer.extend_from_slice(&encoded),
            None => answer.extend(rest.get(..len).unwrap_or(rest)),
        }
        rest = rest.get(len..).unwrap_or_default();
    }
}

/// Appends text; characters that the charset lacks become question marks.
fn push_text(answer: &mut Vec<u8>, text: &str, charset: Charset) {
    match charset.encode(text) {
        Ok(bytes) => answer.extend_from_slice(&bytes),
        Err(_) => {
            for c in text.chars() {
                let bytes = charset.encode(c.encode_utf8(&mut [0; 4])).or_else(|_lacks| charset.encode("?"));
                answer.extend_from_slice(&bytes.unwrap_or_default());
            }
        }
    }
}

/// A string member as its text, any other as JSON.
fn json_text(raw: &str) -> Cow<'_, str> {
    let anew = || serde_json::from_str::<Value>(raw).ok().filter(|_| raw.len() <= MAX_ANEW);
    string(raw).or_else(|| Some(anew()?.to_string())).map_or(Cow::Borrowed(raw), Cow::Owned)
}

fn string(raw: &str) -> Option<String> {
    serde_json::from_str(raw).ok()
}

/// A member of the JSON in a message. Nothing else of it is kept, since JSON in memory takes much more than its text.
fn member<'a>(message: &'a [u8], path: &[String]) -> Option<&'a str> {
    let mut starts = memchr::memchr2_iter(b'{', b'[', message).take(MAX_STARTS);
    let json = |at: usize| {
        <&RawValue>::deserialize(&mut serde_json::Deserializer::from_slice(message.get(at..)?)).ok()
    };
    let whole = starts.find_map(json)?;
    path.iter().try_fold(whole.get(), |json, name| {
        serde_json::Deserializer::from_str(json).deserialize_any(Named(name)).ok()?.map(RawValue::get)
    })
}

/// Finds the member of this name of an object, or element of this number of an array.
struct Named<'n>(&'n str);

impl<'de> Visitor<'de> for Named<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = members.next_key::<Cow<'_, str>>()? {
            let value = members.next_value()?;
            found = if name == self.0 { Some(value) } else { found };
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        let mut left = number::parse::<usize>(self.0);
        while let Some(element) = elements.next_element()? {
            found = if left == Some(0) { Some(element) } else { found };
            left = left.and_then(|left| left.checked_sub(1));
        }
        Ok(found)
    }
}
