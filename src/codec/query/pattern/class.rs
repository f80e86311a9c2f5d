//! Translates classes of characters into alternatives of their bytes in a charset.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, HirKind};

use super::escaped;
use crate::codec::Charset;
use crate::codec::query::CaseRule;

/// Longer ranges beyond U+FFFF are ignored: they come only from negated classes, and there are a million such
/// characters.
const MAX_FAR: u32 = 256;

/// The characters of a class; `None` for an unknown Unicode class.
pub(super) fn ranges(source: &str, case: CaseRule) -> Option<Vec<RangeInclusive<char>>> {
    let parsed =
        ParserBuilder::new().case_insensitive(case == CaseRule::Ignore).build().parse(source).ok()?;
    Some(match parsed.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().map(|range| range.start()..=range.end()).collect()
        }
        // A class of one character.
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).unwrap_or_default().chars().map(|c| c..=c).collect()
        }
        // An empty class. There are no other kinds.
        _ => Vec::new(),
    })
}

/// A pattern for the bytes of these characters. Those that the charset lacks are skipped.
pub(super) fn in_charset(ranges: &[RangeInclusive<char>], charset: Charset) -> String {
    let mut by_beginning: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    let mut text = [0; 4];
    for range in ranges {
        let few = u32::from(*range.end()) - u32::from(*range.start()) < MAX_FAR;
        for c in range.clone().take_while(|c| few || *c <= '\u{FFFF}') {
            let Ok(mut bytes) = charset.encode(c.encode_utf8(&mut text)) else { continue };
            if let Some(last) = bytes.pop() {
                by_beginning.entry(bytes).or_default().push(last);
            }
        }
    }
    let mut alternatives = Vec::new();
    for (beginning, mut last) in by_beginning {
        last.sort_unstable();
        let mut set = String::new();
        for run in last.chunk_by(|a, b| b - a <= 1) {
            if let (Some(first), Some(last)) = (run.first(), run.last()) {
                set.push_str(&escaped(&[*first]));
                set.push('-');
                set.push_str(&escaped(&[*last]));
            }
        }
        alternatives.push(format!("{}[{set}]", escaped(&beginning)));
    }
    if alternatives.is_empty() {
        // Matches nothing.
        alternatives.push(r"[^\x00-\xFF]".to_owned());
    }
    format!("(?-iu:{})", alternatives.join("|"))
}

/// The meaning of `.` in UTF-16: two bytes that are not a line feed.
pub(super) fn unit(charset: Charset) -> String {
    let (line, other) = (r"[\x00-\x09\x0B-\xFF]", r"[\x01-\xFF]");
    match charset {
        Charset::Utf16Be => format!(r"(?-u:\x00{line}|{other}[\x00-\xFF])"),
        _ => format!(r"(?-u:{line}\x00|[\x00-\xFF]{other})"),
    }
}
