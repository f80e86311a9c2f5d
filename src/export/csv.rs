//! A table for spreadsheets and scripts: RFC 4180 in UTF-8, one row per record or message. `last_time` is that of a
//! message's last bytes, if later than `time`; `flow` is the number for `--flow`,
//! `why` what a relay has done with data.

use std::borrow::Cow;
use std::io;

use super::Style;
use super::entry::{Entry, harmless};
use super::words::{self, IsoTime};
use crate::codec::hex;
use crate::model::zone::Named;

/// The header row. Scripts depend on it: it only grows, at its end.
const HEADER: &str = "seq,time,event,direction,peer,local,length,data_hex,text,last_time,flow,why\r\n";

/// Writes the table.
#[derive(Debug)]
pub(super) struct Csv {
    /// It begins with a byte order mark.
    marked: bool,
    /// Whether the header is written.
    begun: bool,
}

impl Csv {
    pub(super) fn new(style: &Style) -> Self {
        Self { marked: style.marked, begun: false }
    }

    /// Writes the row of an entry. `seq` is the number of its first record in the capture.
    pub(super) fn write(&mut self, entry: &Entry<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        self.header(out)?;
        self.begun = true;
        write!(out, "{},{},{},", entry.seq, IsoTime(entry.at), words::event(entry))?;
        let direction = entry.kind.direction();
        out.write_all(direction.map_or("", words::direction).as_bytes())?;
        match entry.flow {
            Some(flow) => write!(out, ",{},{},", Named(flow.peer), Named(entry.local(flow)))?,
            None => out.write_all(b",,,")?,
        }
        match direction {
            Some(_) => write!(
                out,
                "{},{},{}",
                entry.bytes.len(),
                hex::to_text(entry.bytes),
                cell(&guarded(entry.text))
            )?,
            None => write!(out, ",,{}", cell(&guarded(&harmless(entry.comment))))?,
        }
        match entry.later() {
            Some(later) => write!(out, ",{},", IsoTime(later))?,
            None => out.write_all(b",,")?,
        }
        if let Some(flow) = entry.flow {
            write!(out, "{}", flow.id.0)?;
        }
        write!(out, ",{}\r\n", cell(&guarded(&harmless(&entry.why()))))
    }

    /// Ends the table; an empty one still has a header.
    pub(super) fn end(&self, out: &mut dyn io::Write) -> io::Result<()> {
        self.header(out)
    }

    /// Writes the header if it is missing.
    fn header(&self, out: &mut dyn io::Write) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        out.write_all(if self.marked { "\u{FEFF}" } else { "" }.as_bytes())?;
        out.write_all(HEADER.as_bytes())
    }
}

/// Protects spreadsheets from formulas: an apostrophe precedes whatever could begin one, including full-width
/// signs, as OWASP recommends ("CSV Injection"). A number is not a formula.
fn guarded(text: &str) -> Cow<'_, str> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number =
        digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && digits.parse::<f64>().is_ok();
    if !is_number && text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Text as a cell, quoted if necessary (RFC 4180, section 2, rules 5 to 7).
fn cell(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\r', '\n']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_guarded() {
        for (text, written) in [
            ("", ""),
            ("a b", "a b"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("a\nb", "\"a\nb\""),
            ("=1+1", "'=1+1"),
            ("+A1", "'+A1"),
            ("-1-2", "'-1-2"),
            ("-inf", "'-inf"),
            ("-", "'-"),
            ("+1", "+1"),
            ("-12.5", "-12.5"),
            ("-.5e3", "-.5e3"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("\n=1", "\"'\n=1\""),
            ("＝1", "'＝1"),
            ("=A1,\"x\"", "\"'=A1,\"\"x\"\"\""),
            ("1=1", "1=1"),
        ] {
            assert_eq!(cell(&guarded(text)), written, "{text:?}");
        }
    }
}
