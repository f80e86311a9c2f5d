//! The lines of a file, each a message. Knows not where they go.

use std::collections::VecDeque;

use super::Stock;
use super::reader::Reader;
use crate::codec::append::{self, Step};
use crate::codec::frame::{Framer, Framing};
use crate::model::{BlankLines, Cause, FileToSend, LineEnds, NetError};

/// Bytes read at a time.
const STEP: usize = 64 * 1024;

/// Reads in one go at most, so that neither a long line nor a million blank ones hold the session up.
const READS: usize = 16;

/// A file of lines. No more of it is in memory than one line and what one read returns.
#[derive(Debug)]
pub(super) struct Lines {
    ends: LineEnds,
    blank: BlankLines,
    append: Vec<Step>,
    most: usize,
    framer: Framer,
    /// What was read from byte number `base` of the file on.
    input: Vec<u8>,
    base: u64,
    /// Where lines end that were found and not made to messages.
    cuts: VecDeque<u64>,
    /// Where the next line begins, as bytes of the file.
    start: u64,
    /// Up to where the file is dealt with.
    done: u64,
    finished: bool,
    message: Vec<u8>,
    taken: usize,
}

impl Lines {
    pub(super) fn new(ends: LineEnds, blank: BlankLines, append: &[Step], most: usize) -> Self {
        Self {
            ends,
            blank,
            append: append.to_vec(),
            most,
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

    pub(super) fn fill(&mut self, reader: &mut Reader) -> Result<Stock, NetError> {
        for _read in 0..READS {
            if !self.ready().is_empty() || self.next_line(reader)? {
                return Ok(Stock::Piece);
            }
            if self.finished {
                return Ok(Stock::Nothing);
            }
            self.read_on(reader)?;
        }
        Ok(Stock::Later)
    }

    /// Makes the next line to be sent of those that were found, if there is one.
    fn next_line(&mut self, reader: &Reader) -> Result<bool, NetError> {
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
            let message = message.map_err(|fault| reader.wrong(Cause::CannotAppend(fault)))?;
            if message.len() > self.most || line.len() >= FileToSend::MOST_LINE as usize {
                return Err(reader.wrong(Cause::LineTooLong(self.most as u64)));
            }
            (self.message, self.taken) = (message, 0);
            if !self.message.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn bytes(&self, from: u64, to: u64) -> &[u8] {
        let offset = |at: u64| usize::try_from(at.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.input.get(offset(from)..offset(to)).unwrap_or_default()
    }

    fn read_on(&mut self, reader: &mut Reader) -> Result<(), NetError> {
        let gone = usize::try_from(self.start - self.base).unwrap_or(usize::MAX).min(self.input.len());
        self.input.drain(..gone);
        self.base = self.start;
        let kept = self.input.len();
        if kept >= self.most.max(STEP) + 2 {
            return Err(reader.wrong(Cause::LineTooLong(self.most as u64)));
        }
        self.input.resize(kept + STEP, 0);
        let n = reader.read(self.input.get_mut(kept..).unwrap_or_default());
        self.input.truncate(kept + n.as_ref().copied().unwrap_or_default());
        n?;
        let cuts = &mut self.cuts;
        self.framer.push(self.input.get(kept..).unwrap_or_default(), 0, &mut |cut| cuts.push_back(cut.end));
        if reader.ended() {
            self.framer.finish(&mut |cut| cuts.push_back(cut.end));
            self.finished = true;
        }
        Ok(())
    }

    pub(super) fn ready(&self) -> &[u8] {
        self.message.get(self.taken..).unwrap_or_default()
    }

    /// Nothing is left to be sent of what was read.
    pub(super) fn is_empty(&self) -> bool {
        self.finished && self.ready().is_empty() && self.cuts.is_empty()
    }

    /// Tells how many bytes of the file are dealt with by it.
    pub(super) fn take(&mut self, n: usize) -> u64 {
        self.taken += n.min(self.ready().len());
        if !self.ready().is_empty() {
            return 0;
        }
        let before = std::mem::replace(&mut self.done, self.start);
        self.start - before
    }
}

/// A line without the LF, CR LF or CR that ends it.
fn without_end(line: &[u8]) -> &[u8] {
    let ends: [&[u8]; 3] = [b"\r\n", b"\n", b"\r"];
    ends.iter().find_map(|end| line.strip_suffix(*end)).unwrap_or(line)
}
