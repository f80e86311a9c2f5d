//! The appearance of records on standard output.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::time::Instant;

use super::framed::{Assembler, Message, Way, Write};
use super::{Looks, Told};
use crate::cli::args::Print;
use crate::cli::say;
use crate::codec::frame::Framing;
use crate::codec::{Charset, Decoder, glyph, hex};
use crate::export::{LiveLog, Style};
use crate::journal::{Frame, Reader};
use crate::model::{Direction, Flow, FlowId, Record, RecordKind, Transport, WsMark};

#[derive(Debug)]
pub(super) struct Console {
    reader: Reader,
    frame: Frame,
    charset: Charset,
    terminal: bool,
    /// The output is at the beginning of a line.
    at_line_start: bool,
    streams: HashMap<FlowId, TextStream>,
    sheet: Sheet,
    /// Puts messages together, if there is a framing.
    assembler: Option<Assembler>,
    /// The notes on records that are still to come.
    notes: BTreeMap<u64, String>,
    n_records: u64,
    /// Records whose file was removed before they were printed.
    n_removed: u64,
    text: String,
}

/// Writes messages and events.
#[derive(Debug)]
struct Sheet {
    what: Print,
    flows: HashMap<FlowId, Flow>,
    log: LiveLog,
    line: String,
    /// The comment on the record that ends the messages.
    comment: String,
}

impl Sheet {
    fn hex(&mut self, bytes: &[u8], out: &mut dyn io::Write) -> io::Result<()> {
        self.line.clear();
        hex::push_hex(&mut self.line, bytes);
        self.line.push('\n');
        out.write_all(self.line.as_bytes())
    }

    fn message(&mut self, way: Way, message: Message<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let (id, direction) = way;
        let Message { at, bytes, wholeness } = message;
        match self.what {
            Print::Log => {
                let flow = self.flows.get(&id);
                self.log.write_message((id, flow), direction, (at, bytes, wholeness), &self.comment, out)
            }
            Print::Hex => self.hex(bytes, out),
            Print::Text | Print::Raw | Print::None => Ok(()),
        }
    }
}

/// The received text of one conversation.
#[derive(Debug)]
struct TextStream {
    decoder: Decoder,
    /// On a terminal: the last character was a CR, which may begin a CR LF.
    after_cr: bool,
}

impl Console {
    pub(super) fn new(reader: Reader, looks: &Looks, terminal: bool) -> Self {
        let Looks { what, charset, body, .. } = *looks;
        let style = Style::new(charset, body, jiff::tz::TimeZone::system());
        let (assembler, log) = match &looks.framing {
            Framing::AsReceived => (None, LiveLog::new(style)),
            framing => (Some(Assembler::new(framing)), LiveLog::of_messages(style)),
        };
        Self {
            reader,
            frame: Frame::default(),
            charset,
            terminal,
            at_line_start: true,
            streams: HashMap::new(),
            sheet: Sheet { what, flows: HashMap::new(), log, line: String::new(), comment: String::new() },
            assembler,
            notes: BTreeMap::new(),
            n_records: 0,
            text: String::new(),
            n_removed: 0,
        }
    }

    pub(super) fn told(&mut self, told: Told, out: &mut dyn io::Write) -> io::Result<()> {
        match told {
            Told::Joined(flow) => {
                self.sheet.flows.insert(flow.id, flow);
            }
            Told::Left(flow) => {
                for direction in [Direction::Received, Direction::Sent] {
                    self.messages(out, |assembler, write| assembler.ended((flow, direction), write))?;
                }
                self.sheet.flows.remove(&flow);
                self.end_text(flow, out)?;
            }
            Told::Notes(notes) if self.sheet.what == Print::Log => {
                for (record, text) in notes {
                    if record < self.n_records {
                        self.note(&text, out)?;
                    } else {
                        self.notes.insert(record, text);
                    }
                }
            }
            Told::Notes(_) => {}
            Told::Records(records) => {
                for record in &records {
                    match self.record(record, out) {
                        // `--keep` goes before a slow reader of standard output.
                        Err(error) if error.kind() == io::ErrorKind::NotFound => self.n_removed += 1,
                        done => done?,
                    }
                    let note = self.notes.remove(&self.n_records);
                    self.n_records += 1;
                    note.map_or(Ok(()), |note| self.note(&note, out))?;
                }
            }
        }
        self.time(out)
    }

    /// Prints a note on the record that was read last.
    fn note(&mut self, text: &str, out: &mut dyn io::Write) -> io::Result<()> {
        self.sheet.log.write_note(self.frame.at, text, out)
    }

    /// When to call [`Self::time`].
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.assembler.as_ref().and_then(Assembler::deadline)
    }

    /// Prints messages that were ended by a pause.
    pub(super) fn time(&mut self, out: &mut dyn io::Write) -> io::Result<()> {
        if self.deadline().is_none() {
            return Ok(());
        }
        self.messages(out, |assembler, write| assembler.time(Instant::now(), write))
    }

    pub(super) fn end(&mut self, out: &mut dyn io::Write) -> io::Result<()> {
        if self.n_removed > 0 {
            say(format_args!("warning: {} records were removed before they were printed", self.n_removed));
        }
        self.messages(out, Assembler::end)?;
        let mut left: Vec<FlowId> = self.streams.keys().copied().collect();
        left.sort_unstable();
        left.into_iter().try_for_each(|flow| self.end_text(flow, out))?;
        // The shell's prompt begins a new line.
        if self.terminal && !self.at_line_start { out.write_all(b"\n") } else { Ok(()) }
    }

    /// Prints the messages that `call` produces, if there is a framing.
    fn messages(
        &mut self,
        out: &mut dyn io::Write,
        call: impl FnOnce(&mut Assembler, Write<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let Self { assembler: Some(assembler), sheet, .. } = self else { return Ok(()) };
        call(assembler, &mut |way, message| sheet.message(way, message, out))
    }

    /// Prints the messages that a record completes; false if the record itself is to be printed.
    fn framed(&mut self, record: &Record, out: &mut dyn io::Write) -> io::Result<bool> {
        let Self { assembler: Some(assembler), reader, frame, sheet, .. } = self else { return Ok(false) };
        match record.kind {
            RecordKind::Sent if sheet.what == Print::Hex => Ok(true),
            RecordKind::Received | RecordKind::Sent => {
                reader.read(record, usize::MAX, frame)?;
                sheet.comment.clone_from(&frame.comment);
                let direction = record.kind.direction().unwrap_or(Direction::Received);
                let transport = sheet.flows.get(&record.flow).map_or(Transport::Udp, |flow| flow.transport);
                let mut write = |way: Way, message: Message<'_>| sheet.message(way, message, out);
                let data = (frame.at, frame.payload.as_slice());
                assembler.data((record.flow, direction), transport, data, &mut write)?;
                Ok(true)
            }
            RecordKind::Ended(how) => {
                for direction in how.directions() {
                    let mut write = |way: Way, message: Message<'_>| sheet.message(way, message, out);
                    assembler.ended((record.flow, *direction), &mut write)?;
                }
                Ok(false)
            }
            _event => Ok(false),
        }
    }

    fn record(&mut self, record: &Record, out: &mut dyn io::Write) -> io::Result<()> {
        if self.framed(record, out)? {
            return Ok(());
        }
        let received = record.kind == RecordKind::Received;
        match self.sheet.what {
            Print::Log => {
                self.read(record)?;
                let Sheet { log, flows, .. } = &mut self.sheet;
                log.write(record, &self.frame, flows.get(&record.flow), out)
            }
            Print::Raw if received => {
                self.read(record)?;
                self.at_line_start = self.frame.payload.last().map_or(self.at_line_start, |b| *b == b'\n');
                out.write_all(&self.frame.payload)
            }
            Print::Hex if received => {
                self.read(record)?;
                self.sheet.hex(&self.frame.payload, out)
            }
            Print::Text if received => {
                self.read(record)?;
                let flow = self.sheet.flows.get(&record.flow);
                let is_datagram = flow.is_some_and(|flow| flow.transport == Transport::Udp);
                self.text(record.flow, is_datagram, out)?;
                if is_datagram {
                    self.streams.remove(&record.flow);
                }
                Ok(())
            }
            Print::Text => match record.kind {
                RecordKind::Ended(how) if how.directions().contains(&Direction::Received) => {
                    self.end_text(record.flow, out)
                }
                _ => Ok(()),
            },
            Print::Raw | Print::Hex | Print::None => Ok(()),
        }
    }

    fn read(&mut self, record: &Record) -> io::Result<()> {
        self.reader.read(record, usize::MAX, &mut self.frame)
    }

    fn end_text(&mut self, flow: FlowId, out: &mut dyn io::Write) -> io::Result<()> {
        if !self.streams.contains_key(&flow) {
            return Ok(());
        }
        self.frame.payload.clear();
        self.text(flow, true, out)?;
        self.streams.remove(&flow);
        Ok(())
    }

    fn text(&mut self, flow: FlowId, last: bool, out: &mut dyn io::Write) -> io::Result<()> {
        let charset = if WsMark::is_text(&self.frame.comment) { Charset::Utf8 } else { self.charset };
        let new = || TextStream { decoder: Decoder::new(charset), after_cr: false };
        let stream = self.streams.entry(flow).or_insert_with(new);
        self.text.clear();
        if stream.decoder.charset() != charset && !(last && self.frame.payload.is_empty()) {
            stream.decoder.decode(&[], true, &mut self.text);
            stream.decoder = Decoder::new(charset);
        }
        stream.decoder.decode(&self.frame.payload, last, &mut self.text);
        if self.terminal {
            let text = for_terminal(&self.text, &mut stream.after_cr, last);
            self.text = text;
        }
        if let Some(c) = self.text.chars().next_back() {
            self.at_line_start = c == '\n';
        }
        out.write_all(self.text.as_bytes())
    }
}

/// Text with visible control characters: CR LF becomes a line break; line
/// break and tab stay. `after_cr` is carried from text to text of a stream.
fn for_terminal(text: &str, after_cr: &mut bool, last: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if std::mem::take(after_cr) && c != '\n' {
            shown.push(glyph::visible('\r'));
        }
        match c {
            '\r' => *after_cr = true,
            '\n' | '\t' => shown.push(c),
            _ => shown.push(glyph::visible(c)),
        }
    }
    if last && std::mem::take(after_cr) {
        shown.push(glyph::visible('\r'));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing_but_lines_and_tabs() {
        for (texts, shown) in [
            (&["a\r\nb\tc\n"][..], "a\nb\tc\n"),
            (&["a\r", "\nb"], "a\nb"),
            (&["a\r", "b\r"], "a␍b␍"),
            (&["\r\r\n"], "␍\n"),
            (&["\x1B[2J\u{202E}\x07"], "␛[2J␦␇"),
        ] {
            let mut after_cr = false;
            let mut all = String::new();
            for text in texts {
                all += &for_terminal(text, &mut after_cr, false);
            }
            all += &for_terminal("", &mut after_cr, true);
            assert_eq!(all, shown, "{texts:?}");
        }
    }
}
