//! Placeholders for parts of the message that is answered: `{0}`, `{byte:3+1}`, `{upper:name}`, `{json:a.b}`.

use base64::Engine as _;
use serde_json::Value;

use super::{Answered, TemplateProblem};
use crate::codec::matcher::Matcher;
use crate::codec::{Charset, Decoder, escape, number};

/// So many places are tried at which JSON might begin.
const MAX_STARTS: usize = 16;

/// A part of the message that is answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum OfHeard {
    /// The whole, or a group from 1.
    Group(usize),
    /// One byte, with this added to it.
    Byte(Place, u8),
    /// The bytes from one place up to another.
    Bytes(Place, Place),
    /// A group, or the whole, in this case.
    InCase(Case, usize),
    /// A member of JSON.
    Json(Vec<String>),
    /// The bytes of a member of JSON in Base64.
    Json64(Vec<String>),
}

/// A place in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// So many bytes behind the beginning.
    Head(usize),
    /// So many bytes before the end.
    Tail(usize),
}

impl Place {
    /// Counted from the beginning of a message of this length. Behind it if there is no such place there.
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

/// The part that a placeholder names; `None` if it is none of these.
pub(super) fn parse(text: &str, matcher: &Matcher) -> Option<Result<OfHeard, TemplateProblem>> {
    let group = |name: &str| group(name, matcher).ok_or(TemplateProblem::Group);
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || matcher.group(text).is_some() {
        return Some(group(text).map(OfHeard::Group));
    }
    let (name, value) = text.split_once(':')?;
    Some(match name {
        "byte" => byte(value).ok_or(TemplateProblem::Byte),
        "bytes" => bytes(value).ok_or(TemplateProblem::Bytes),
        "upper" => group(value).map(|n| OfHeard::InCase(Case::Upper, n)),
        "lower" => group(value).map(|n| OfHeard::InCase(Case::Lower, n)),
        "json" => path(value).map(OfHeard::Json),
        "json64" => path(value).map(OfHeard::Json64),
        _ => return None,
    })
}

/// The number of a group by number or name.
fn group(name: &str, matcher: &Matcher) -> Option<usize> {
    matcher.group(name).or_else(|| number::parse(name).filter(|n| *n <= matcher.n_groups()))
}

/// `N` or `-N`, with `+K` or `-K` behind it.
fn byte(text: &str) -> Option<OfHeard> {
    let sign_at = text.get(1..)?.find(['+', '-']).map_or(text.len(), |at| at + 1);
    let (at, add) = text.split_at_checked(sign_at)?;
    let add = match add.split_at_checked(1) {
        None => 0,
        Some(("+", digits)) => number::parse::<u8>(digits)?,
        Some((_minus, digits)) => number::parse::<u8>(digits)?.wrapping_neg(),
    };
    let place = place(at)?;
    (place != Place::Tail(0)).then_some(OfHeard::Byte(place, add))
}

fn bytes(text: &str) -> Option<OfHeard> {
    let (from, until) = text.split_once("..")?;
    let from = if from.is_empty() { Place::Head(0) } else { place(from)? };
    let until = if until.is_empty() { Place::Tail(0) } else { place(until)? };
    Some(OfHeard::Bytes(from, until))
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

impl OfHeard {
    /// Writes it behind an answer.
    pub(super) fn fill(&self, answer: &mut Vec<u8>, answered: Answered<'_>, charset: Charset) {
        let Answered { message, captures } = answered;
        match self {
            Self::Group(n) => answer.extend(captures.get(message, *n).unwrap_or_default()),
            Self::Byte(place, add) => {
                let byte = place.in_message(message.len()).and_then(|at| message.get(at));
                answer.extend(byte.map(|byte| byte.wrapping_add(*add)));
            }
            Self::Bytes(from, until) => {
                let len = message.len();
                // Before the first byte there is none.
                let from = from.in_message(len).unwrap_or(0);
                let until = until.in_message(len).unwrap_or(0).min(len);
                answer.extend(message.get(from..until).unwrap_or_default());
            }
            Self::InCase(case, n) => {
                push_in_case(answer, captures.get(message, *n).unwrap_or_default(), *case, charset);
            }
            Self::Json(path) => match member(message, path) {
                Some(Value::String(text)) => push_text(answer, &text, charset),
                Some(value) => push_text(answer, &value.to_string(), charset),
                None => {}
            },
            Self::Json64(path) => {
                if let Some(Value::String(text)) = member(message, path) {
                    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim());
                    answer.extend(bytes.unwrap_or_default());
                }
            }
        }
    }
}

/// The bytes with their letters in this case. A character whose other case the charset lacks, and what is no
/// character, stays as it is.
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

/// Text in the charset; what that lacks is a question mark.
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

/// A member of the JSON in a message.
fn member(message: &[u8], path: &[String]) -> Option<Value> {
    let mut starts = memchr::memchr2_iter(b'{', b'[', message).take(MAX_STARTS);
    let json = |at: usize| {
        let mut values = serde_json::Deserializer::from_slice(message.get(at..)?).into_iter::<Value>();
        values.next()?.ok()
    };
    let mut value = starts.find_map(json)?;
    for name in path {
        value = match &mut value {
            Value::Object(members) => members.remove(name)?,
            Value::Array(members) => members.get_mut(number::parse::<usize>(name)?)?.take(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
        };
    }
    Some(value)
}

#[cfg(test)]
mod tests;
