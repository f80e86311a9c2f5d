//! A file that is sent as it is.

use super::Fill;
use super::ahead::ReadAhead;
use crate::model::NetError;

/// A raw file. If its length is unknown, one byte is held back, so that the last piece can be marked as such.
#[derive(Debug)]
pub(super) struct Raw {
    /// Holds one piece and the byte held back; allocated by the first read.
    buffer: Vec<u8>,
    /// Bytes of `buffer` that are consumed.
    taken: usize,
    /// The end of the current piece in `buffer`.
    ready: usize,
    /// Bytes read into `buffer`.
    read: usize,
    step: StepSize,
}

/// The size of the pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepSize {
    Fixed(usize),
    UpTo(usize),
}

impl Raw {
    pub(super) fn new(step: StepSize) -> Self {
        Self { buffer: Vec::new(), taken: 0, ready: 0, read: 0, step }
    }

    pub(super) fn fill(&mut self, reader: &mut ReadAhead, room: usize) -> Result<Fill, NetError> {
        if !reader.is_open()? {
            return Ok(Fill::Waiting);
        }
        if self.ready().is_empty() {
            if !reader.ended() && !self.read_on(reader, room)? {
                return Ok(Fill::Waiting);
            }
            let back = usize::from(!reader.ended() && !reader.knows_its_end());
            self.ready = self.read.saturating_sub(back);
        }
        Ok(if self.ready().is_empty() { Fill::End } else { Fill::Piece })
    }

    /// False if the disk has not answered yet.
    fn read_on(&mut self, reader: &mut ReadAhead, room: usize) -> Result<bool, NetError> {
        self.buffer.copy_within(self.taken..self.read, 0);
        (self.read, self.taken, self.ready) = (self.read - self.taken, 0, 0);
        let (step, most) = match self.step {
            StepSize::Fixed(step) => (step, step),
            StepSize::UpTo(most) => (most.min(room), most),
        };
        let back = usize::from(!reader.knows_its_end());
        // It keeps its greatest length: growing it again would zero the memory.
        self.buffer.resize(most.max(1) + back, 0);
        debug_assert!(self.read <= back, "only the byte held back is left");
        let n = reader.read(&mut self.buffer[self.read..step.max(1) + back])?;
        self.read += n.unwrap_or_default();
        Ok(n.is_some())
    }

    pub(super) fn ready(&self) -> &[u8] {
        &self.buffer[self.taken..self.ready]
    }

    pub(super) fn buffered(&self) -> usize {
        self.read - self.taken
    }

    /// Returns how many bytes were consumed.
    pub(super) fn consume(&mut self, n: usize) -> usize {
        let n = n.min(self.ready().len());
        self.taken += n;
        n
    }
}
