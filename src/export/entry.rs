//! One record of a capture, ready to be written by any of the logs; and the pass over a capture that
//! makes them. Knows no format.

use std::collections::HashMap;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use super::{Body, ExportError, Progress, Span, Style};
use crate::codec::{decode_all, glyph};
use crate::journal::{self, Frame, Reader};
use crate::model::{Direction, Ending, Flow, FlowId, Record, RecordKind, Stamp};

/// A record with all that a log says of it.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    /// When it happened.
    pub(super) at: Stamp,
    /// What happened.
    pub(super) kind: RecordKind,
    /// In which conversation; `None` for a note.
    pub(super) flow: Option<&'a Flow>,
    /// Why a connection was not made, or what a note says; else empty.
    pub(super) comment: &'a str,
    /// The data.
    pub(super) bytes: &'a [u8],
    /// The data as text, harmless to look at, with line breaks and tabs in it. A character whose
    /// last byte comes with the next record is in that one. Empty if the style asks for no text.
    pub(super) text: &'a str,
}

impl Entry<'_> {
    /// Whether it is no record, but the end of a text that will never be complete.
    pub(super) fn is_only_text(&self) -> bool {
        self.bytes.is_empty() && !self.text.is_empty()
    }
}

/// Calls `write` for each record of the span, in order.
pub(super) fn each(
    capture: &Path,
    span: Span,
    style: &Style,
    write: &mut dyn FnMut(&Entry<'_>) -> io::Result<()>,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    let reading = |error| ExportError::Reading(capture.to_owned(), error);
    let total = std::fs::metadata(capture).map_err(reading)?.len().min(span.until);
    let reader = Reader::open(capture).map_err(reading)?;
    let mut frame = Frame::default();
    let mut flows: HashMap<FlowId, Flow> = HashMap::new();
    let mut composer = Composer::default();
    let mut failed = None;
    let mut record = |record: &Record, flow: Option<&Flow>| {
        reader.read(record, usize::MAX, &mut frame).map_err(reading)?;
        composer.record(record, &frame, flow, style, write).map_err(ExportError::writing)
    };
    let scanned = journal::scan(capture, span.from, span.until, &mut |batch| {
        flows.extend(batch.flows.into_iter().map(|flow| (flow.id, flow)));
        let written = batch.records.iter().try_for_each(|r| record(r, flows.get(&r.flow)));
        failed = match written {
            Err(error) => Some(error),
            Ok(()) if progress(batch.at.min(total), total).is_break() => Some(ExportError::Cancelled),
            Ok(()) => None,
        };
        if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    scanned.map_err(reading)?;
    composer.end(frame.at, &|id| flows.get(&id), write).map_err(ExportError::writing)
}

/// Makes entries of records; all that is carried from record to record.
#[derive(Debug, Default)]
pub(super) struct Composer {
    streams: Streams,
}

impl Composer {
    /// Calls `write` for the record, and before it for a character that its end cuts off.
    pub(super) fn record(
        &mut self,
        record: &Record,
        frame: &Frame,
        flow: Option<&Flow>,
        style: &Style,
        write: &mut dyn FnMut(&Entry<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let kind = record.kind;
        // Other records have comments, too, but those only name the flow to the reader of the capture.
        let comment = if kind == RecordKind::Refused { frame.comment.as_str() } else { "" };
        let mut entry = Entry { at: frame.at, kind, flow, comment, bytes: &[], text: "" };
        let text;
        match kind {
            RecordKind::Received | RecordKind::Sent => {
                entry.bytes = &frame.payload;
                if style.body == Body::Text {
                    text = self.streams.text(record.flow, kind, entry.bytes, style);
                    entry.text = &text;
                }
            }
            RecordKind::Note => {
                text = String::from_utf8_lossy(&frame.payload).into_owned();
                entry.comment = &text;
                entry.flow = None;
            }
            RecordKind::Ended(how) => {
                for kind in cut_off_by(how) {
                    if self.streams.cut_off(record.flow, *kind) {
                        write(&incomplete(frame.at, *kind, flow))?;
                    }
                }
            }
            RecordKind::Connected | RecordKind::Refused => {}
        }
        write(&entry)
    }

    /// Calls `write` for each character that is incomplete at the end of all.
    fn end<'a>(
        self,
        at: Stamp,
        flow: &dyn Fn(FlowId) -> Option<&'a Flow>,
        write: &mut dyn FnMut(&Entry<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut left: Vec<_> =
            self.streams.carry.into_iter().filter(|(_, carry)| !carry.is_empty()).collect();
        left.sort_unstable();
        left.into_iter().try_for_each(|((id, direction), _)| {
            let kind = match direction {
                Direction::Received => RecordKind::Received,
                Direction::Sent => RecordKind::Sent,
            };
            write(&incomplete(at, kind, flow(id)))
        })
    }
}

/// An entry of no bytes that shows a character which will never be complete.
fn incomplete(at: Stamp, kind: RecordKind, flow: Option<&Flow>) -> Entry<'_> {
    Entry { at, kind, flow, comment: "", bytes: &[], text: "\u{FFFD}" }
}

/// The kinds of data that come no more after this end.
fn cut_off_by(how: Ending) -> &'static [RecordKind] {
    match how {
        Ending::PeerFin => &[RecordKind::Received],
        Ending::OwnFin => &[RecordKind::Sent],
        Ending::PeerReset | Ending::OwnReset => &[RecordKind::Received, RecordKind::Sent],
    }
}

/// The text of each conversation and direction as a stream.
#[derive(Debug, Default)]
struct Streams {
    /// The beginning of a character, up to 3 bytes, with which the next record goes on.
    carry: HashMap<(FlowId, Direction), Vec<u8>>,
}

impl Streams {
    fn text(&mut self, flow: FlowId, kind: RecordKind, bytes: &[u8], style: &Style) -> String {
        let direction = kind.direction().unwrap_or(Direction::Received);
        let carry = self.carry.entry((flow, direction)).or_default();
        let decoded = decode_all(style.charset, carry, bytes, false);
        let from_carry = decoded.pending.saturating_sub(bytes.len()).min(carry.len());
        carry.drain(..carry.len() - from_carry);
        let from_bytes = decoded.pending.min(bytes.len());
        carry.extend_from_slice(bytes.get(bytes.len() - from_bytes..).unwrap_or_default());
        harmless(&decoded.text)
    }

    /// The stream ends; true if it ends inside a character.
    fn cut_off(&mut self, flow: FlowId, kind: RecordKind) -> bool {
        kind.direction()
            .and_then(|direction| self.carry.remove(&(flow, direction)))
            .is_some_and(|carry| !carry.is_empty())
    }
}

/// Text in which only line breaks and tabs are left of what a terminal would act on.
pub(super) fn harmless(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\r' | '\n' | '\t') { c } else { glyph::visible(c) }).collect()
}

/// The lines of a text; CR LF, LF and a lone CR all end one. What follows the last one is a line if it
/// is not empty.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        let after_break = after.strip_prefix("\r\n").or_else(|| after.get(1..));
        rest = after_break.unwrap_or_default();
        Some(line)
    })
}

/// A moment as a log gives it, by one of jiff's patterns.
pub(super) fn time(at: Stamp, style: &Style, pattern: &str) -> String {
    // Every Stamp is before the year 2555, far inside of what a Timestamp holds.
    let timestamp = jiff::Timestamp::from_nanosecond(i128::from(at.0)).unwrap_or_default();
    timestamp.to_zoned(style.zone.clone()).strftime(pattern).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Charset;

    #[test]
    fn lines_end_in_three_ways() {
        for (text, expected) in [
            ("", &[][..]),
            ("a", &["a"]),
            ("a\r\nb\nc\rd\r\n", &["a", "b", "c", "d"]),
            ("\n\r\n\r", &["", "", ""]),
            ("a\n\r\nb", &["a", "", "b"]),
        ] {
            assert_eq!(lines(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }

    #[test]
    fn streams_are_apart_by_flow_and_direction() {
        let zone = jiff::tz::TimeZone::UTC;
        let style = Style { charset: Charset::Utf8, body: Body::Text, zone };
        let mut streams = Streams::default();
        let (a, b) = (FlowId(1), FlowId(2));
        assert_eq!(streams.text(a, RecordKind::Received, b"x\xE6", &style), "x");
        assert_eq!(streams.text(b, RecordKind::Received, b"\xF0\x9F", &style), "");
        assert_eq!(streams.text(a, RecordKind::Sent, b"\xB5y", &style), "\u{FFFD}y");
        assert_eq!(streams.text(a, RecordKind::Received, b"\xB5", &style), "");
        assert_eq!(streams.text(b, RecordKind::Received, b"\x98\x80\x1B[m", &style), "😀␛[m");
        assert_eq!(streams.text(a, RecordKind::Received, b"\x8B\t\r\n", &style), "测\t\r\n");
        assert!(!streams.cut_off(a, RecordKind::Received));
        assert_eq!(streams.text(a, RecordKind::Sent, b"\xE6\xB5", &style), "");
        assert!(streams.cut_off(a, RecordKind::Sent));
        assert!(!streams.cut_off(a, RecordKind::Sent));
    }
}
