//! A file of which each line is a message.

use std::collections::VecDeque;

use super::Fill;
use super::ahead::ReadAhead;
use crate::codec::append::{self, Step};
use crate::codec::frame::{Framer, Framing};
use crate::model::{BlankLines, Cause, FileToSend, LineEnds, NetError};

/// Bytes read at once.
const STEP: usize = 64 * 1024;

/// The most reads per call, so that neither a long line nor a million blank ones block the session.
const READS: usize = 16;

/// A file of lines. Memory holds one line and the bytes of one read.
#[derive(Debug)]
pub(super) struct Lines {
    ends: LineEnds,
    blank: BlankLines,
    append: Vec<Step>,
    max: usize,
    framer: Framer,
    /// The bytes of the file from `base` on.
    input: Vec<u8>,
    base: u64,
    /// The ends of complete lines that are not sent yet.
    cuts: VecDeque<u64>,
    /// The start of the next line in the file.
    start: u64,
    /// Bytes of the file that are sent or skipped.
    done: u64,
    finished: bool,
    message: Vec<u8>,
    taken: usize,
}

impl Lines {
    pub(super) fn new(ends: LineEnds, blank: BlankLines, append: &[Step], max: usize) -> Self {
        Self {
            ends,
            blank,
            append: append.to_vec(),
            max,
            framer: Framer::new(&Framing::Line),
            input: Vec::new(),
            base: 0,
            cuts: VecDeque::new(),
            start: 0,
            done: 0,
            finished: false,
            message: Vec::new(),
            taken: 0,
        }
    }

    pub(super) fn fill(&mut self, reader: &mut ReadAhead) -> Result<Fill, NetError> {
        for _read in 0..READS {
            if !self.ready().is_empty() || self.next_line(reader)? {
                return Ok(Fill::Piece);
            }
            if self.finished {
                return Ok(Fill::End);
            }
            if !self.read_on(reader)? {
                return Ok(Fill::Waiting);
            }
        }
        Ok(Fill::Again)
    }

    /// Makes the next non-blank line the current message; false if none is complete.
    fn next_line(&mut self, reader: &ReadAhead) -> Result<bool, NetError> {
        while let Some(end) = self.cuts.pop_front() {
            let start = std::mem::replace(&mut self.start, end);
            let line = self.bytes(start, end);
            let text = without_end(line);
            if text.is_empty() && self.blank == BlankLines::Skip {
                continue;
            }
            let message = match self.ends {
                LineEnds::Keep => line,
                LineEnds::Drop => text,
            };
            let message = append::apply(&self.append, message.to_vec());
            let message = message.map_err(|fault| reader.error(Cause::CannotAppend(fault)))?;
            if message.len() > self.max || line.len() >= FileToSend::MOST_LINE as usize {
                return Err(reader.error(Cause::LineTooLong(self.max as u64)));
            }
            (self.message, self.taken) = (message, 0);
            if !self.message.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn bytes(&self, from: u64, to: u64) -> &[u8] {
        self.input.get(self.offset(from)..self.offset(to)).unwrap_or_default()
    }

    /// Where a position of the file is in `input`.
    fn offset(&self, at: u64) -> usize {
        let offset = usize::try_from(at.saturating_sub(self.base)).unwrap_or(usize::MAX);
        debug_assert!(at >= self.base && offset <= self.input.len(), "{at} is not in memory");
        offset.min(self.input.len())
    }

    /// False if the disk has not answered yet.
    fn read_on(&mut self, reader: &mut ReadAhead) -> Result<bool, NetError> {
        self.input.drain(..self.offset(self.start));
        self.base = self.start;
        let kept = self.input.len();
        if kept >= self.max.max(STEP) + 2 {
            return Err(reader.error(Cause::LineTooLong(self.max as u64)));
        }
        self.input.resize(kept + STEP, 0);
        let n = reader.read(&mut self.input[kept..]);
        self.input.truncate(kept + n.as_ref().ok().copied().flatten().unwrap_or_default());
        if n?.is_none() {
            return Ok(false);
        }
        let cuts = &mut self.cuts;
        self.framer.push(&self.input[kept..], 0, &mut |cut| cuts.push_back(cut.end));
        if reader.ended() {
            self.framer.finish(&mut |cut| cuts.push_back(cut.end));
            self.finished = true;
        }
        Ok(true)
    }

    pub(super) fn ready(&self) -> &[u8] {
        &self.message[self.taken..]
    }

    /// Whether all lines are sent.
    pub(super) fn is_empty(&self) -> bool {
        self.finished && self.ready().is_empty() && self.cuts.is_empty()
    }

    /// Returns the bytes of the file that are finished with the line.
    pub(super) fn consume(&mut self, n: usize) -> u64 {
        self.taken += n.min(self.ready().len());
        if !self.ready().is_empty() {
            return 0;
        }
        let before = std::mem::replace(&mut self.done, self.start);
        self.start - before
    }
}

/// The line without its LF, CR LF or CR.
fn without_end(line: &[u8]) -> &[u8] {
    let ends: [&[u8]; 3] = [b"\r\n", b"\n", b"\r"];
    ends.iter().find_map(|end| line.strip_suffix(*end)).unwrap_or(line)
}
