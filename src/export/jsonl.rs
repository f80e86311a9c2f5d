//! JSON Lines: one object (RFC 8259) per record and line, with data in Base64 (RFC 4648, section 4). A message
//! that is not whole has a member that says so, as have data that a relay has changed or added (`why`) and those with a note
//! (`note`), and one whose last bytes came later than the first has the time of these.
//!
//! ```text
//! {"seq":1,"ts":"2026-11-20T14:51:15.123456000Z","event":"connected","peer":"127.0.0.1:80","local":"127.0.0.1:40000","flow":1}
//! {"seq":2,"ts":"2026-11-20T14:51:15.123999000Z","dir":"out","peer":"127.0.0.1:80","local":"127.0.0.1:40000","flow":1,"data":"aGVsbG8="}
//! ```

use std::fmt::{self, Write as _};
use std::io;

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;

use super::entry::Entry;
use super::words::{self, IsoTime};
use crate::codec::glyph;
use crate::model::Wholeness;
use crate::model::zone::Named;

/// Writes the line of an entry. `seq` is the number of its first record in the capture.
pub(super) fn write(entry: &Entry<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    write!(out, "{{\"seq\":{},\"ts\":\"{}\",", entry.seq, IsoTime(entry.at))?;
    if let Some(later) = entry.later() {
        write!(out, "\"last_ts\":\"{}\",", IsoTime(later))?;
    }
    let direction = entry.kind.direction();
    match direction {
        Some(direction) => {
            write!(out, "\"dir\":\"{}\"", words::direction(direction))?;
            if let Some(opcode) = entry.opcode {
                write!(out, ",\"opcode\":\"{}\"", opcode.name())?;
            }
        }
        None => write!(out, "\"event\":\"{}\"", words::event(entry))?,
    }
    if let Some(flow) = entry.flow {
        let (peer, local) = (Named(flow.peer).to_string(), Named(entry.local(flow)).to_string());
        write!(out, ",\"peer\":{},\"local\":{},\"flow\":{}", Quoted(&peer), Quoted(&local), flow.id.0)?;
    }
    if entry.wholeness != Wholeness::Whole {
        out.write_all(b",\"whole\":false")?;
    }
    let comment = entry.comment;
    if !entry.why.is_empty() {
        write!(out, ",\"why\":{}", Quoted(&entry.why()))?;
    }
    if !entry.note.is_empty() {
        write!(out, ",\"note\":{}", Quoted(entry.note))?;
    }
    if direction.is_some() {
        write!(out, ",\"data\":\"{}\"", Base64Display::new(entry.bytes, &STANDARD))?;
    } else if !comment.is_empty() {
        write!(out, ",\"comment\":{}", Quoted(comment))?;
    }
    out.write_all(b"}\n")
}

/// Text as a JSON string (RFC 8259, section 7). Invisible characters are escaped, too, as they may break
/// lines or control a terminal.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            if matches!(c, '"' | '\\') {
                write!(f, "\\{c}")?;
            } else if glyph::visible(c) == c {
                f.write_char(c)?;
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(f, "\\u{unit:04x}")?;
                }
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        for (text, written) in [
            ("", r#""""#),
            (r#"say "C:\n""#, r#""say \"C:\\n\"""#),
            ("a\r\n\t\0\u{7F}\u{85}", r#""a\u000d\u000a\u0009\u0000\u007f\u0085""#),
            ("测试 😀", "\"测试 😀\""),
            ("\u{2028}\u{202E}\u{E0041}", r#""\u2028\u202e\udb40\udc41""#),
        ] {
            assert_eq!(Quoted(text).to_string(), written, "{text:?}");
        }
    }

    #[test]
    fn every_character_is_read_back() {
        for c in (char::MIN..=char::MAX).map(String::from) {
            let written = Quoted(&c).to_string();
            assert_eq!(serde_json::from_str::<String>(&written).unwrap(), c, "{written}");
        }
    }
}
