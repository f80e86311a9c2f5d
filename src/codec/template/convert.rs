//! Conversion of a message with placeholders from one input mode to another.

use super::syntax::{self, Segment};
use crate::codec::compose::{Manner, Mode};

/// The text in manner `to` that means the same as `text` in manner `from`, with the same placeholders. `None`
/// if `text` is invalid, or if that would take escapes.
///
/// # Example
/// ```
/// use netassist::codec::Charset;
/// use netassist::codec::compose::{Manner, Mode};
/// use netassist::codec::template::convert;
/// let text = Manner { mode: Mode::Text, escapes: true, charset: Charset::Utf8 };
/// let hex = Manner { mode: Mode::Hex, ..text };
/// assert_eq!(convert(r"a{n:1:1:2:be}\r\n{{", text, hex).unwrap(), "61 {n:1:1:2:be} 0D 0A 7B");
/// ```
pub fn convert(text: &str, from: Manner, to: Manner) -> Option<String> {
    let mut converted = String::with_capacity(text.len());
    let mut run = Vec::new();
    for segment in syntax::segments(text, from) {
        match segment.ok()?.1 {
            Segment::Typed(typed) => run.extend(from.parse(typed).ok()?),
            Segment::Brace => run.extend(from.charset.encode("{").ok()?),
            Segment::Placeholder(inner) => {
                syntax::placeholder(inner, from.charset).ok()?;
                push_run(&mut converted, &mut run, to)?;
                push_apart(&mut converted, &format!("{{{inner}}}"), to);
            }
        }
    }
    push_run(&mut converted, &mut run, to)?;
    Some(converted)
}

/// Converts the bytes between placeholders.
fn push_run(converted: &mut String, run: &mut Vec<u8>, to: Manner) -> Option<()> {
    if run.is_empty() {
        return Some(());
    }
    let text = to.print(run)?;
    run.clear();
    let mut doubled = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = syntax::brace(rest, to) {
        let (before, behind) = rest.split_at_checked(at + 1)?;
        doubled.push_str(before);
        doubled.push('{');
        rest = behind;
    }
    doubled.push_str(rest);
    push_apart(converted, &doubled, to);
    Some(())
}

/// In hex, placeholders are separated by blanks.
fn push_apart(converted: &mut String, text: &str, to: Manner) {
    if to.mode == Mode::Hex && !converted.is_empty() {
        converted.push(' ');
    }
    converted.push_str(text);
}
