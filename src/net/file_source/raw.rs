//! The bytes of a file as they are, so many at a time. Knows not where they go.

use super::Stock;
use super::reader::Reader;
use crate::model::NetError;

/// A raw file. Where its length is not known, one byte is kept back until its end is, so that whoever sends
/// the last byte can tell that it is the last.
#[derive(Debug)]
pub(super) struct Raw {
    /// Room for a step and the byte kept back, from the first time that the file is read.
    buffer: Vec<u8>,
    /// So many bytes of `buffer` are taken …
    taken: usize,
    /// … of those that may be taken …
    ready: usize,
    /// … of those that were read.
    read: usize,
    step: Step,
}

/// How many bytes go at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// So many.
    Fixed(usize),
    /// As many as suit, and no more than this.
    UpTo(usize),
}

impl Raw {
    /// At the beginning of a file.
    pub(super) fn new(step: Step) -> Self {
        Self { buffer: Vec::new(), taken: 0, ready: 0, read: 0, step }
    }

    pub(super) fn fill(&mut self, reader: &mut Reader, room: usize) -> Result<Stock, NetError> {
        if self.ready().is_empty() {
            if !reader.ended() {
                self.read_on(reader, room)?;
            }
            let back = usize::from(!reader.ended() && !reader.knows_its_end());
            self.ready = self.read.saturating_sub(back);
        }
        Ok(if self.ready().is_empty() { Stock::Nothing } else { Stock::Piece })
    }

    fn read_on(&mut self, reader: &mut Reader, room: usize) -> Result<(), NetError> {
        self.buffer.copy_within(self.taken..self.read, 0);
        (self.read, self.taken, self.ready) = (self.read - self.taken, 0, 0);
        let (step, most) = match self.step {
            Step::Fixed(step) => (step, step),
            Step::UpTo(most) => (most.min(room), most),
        };
        let back = usize::from(!reader.knows_its_end());
        // It keeps its greatest length: fresh memory costs more than what is used again.
        self.buffer.resize(most.max(1) + back, 0);
        let wanted = self.buffer.get_mut(self.read..step.max(1) + back);
        self.read += reader.read(wanted.unwrap_or_default())?;
        Ok(())
    }

    pub(super) fn ready(&self) -> &[u8] {
        self.buffer.get(self.taken..self.ready).unwrap_or_default()
    }

    pub(super) fn waiting(&self) -> usize {
        self.read - self.taken
    }

    /// Tells how many could be taken.
    pub(super) fn take(&mut self, n: usize) -> usize {
        let n = n.min(self.ready().len());
        self.taken += n;
        n
    }
}
