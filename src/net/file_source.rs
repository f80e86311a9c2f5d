//! A file on its way to a peer, read in pieces as the peer takes them. Knows no socket and no clock.

mod lines;
mod raw;
mod reader;

use crate::model::{FileCut, FileToSend, MAX_TCP_V4, NetError};
use lines::Lines;
use raw::{Raw, Step};
use reader::Reader;

/// Bytes read at once for a stream: the payload of one TCP packet over IPv4, so that what the kernel accepts at
/// once makes one record.
pub(super) const STEP: usize = MAX_TCP_V4 as usize;

/// What is asked of the pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pieces {
    /// The length of a raw piece, unless the order says otherwise.
    pub(super) usual: usize,
    /// A longer line cannot be sent.
    pub(super) most: usize,
}

impl Pieces {
    /// For a stream.
    pub(super) const STREAM: Self = Self { usual: STEP, most: FileToSend::MOST_LINE as usize };
}

/// What [`FileSource::fill`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stock {
    /// A piece, or the rest of one, is ready.
    Piece,
    /// There was much to pass over: call again.
    Later,
    /// Nothing is left.
    Nothing,
}

/// A file being sent.
#[derive(Debug)]
pub(super) struct FileSource {
    reader: Reader,
    cut: Cut,
    taken: Taken,
}

#[derive(Debug)]
enum Cut {
    Raw(Raw),
    Lines(Box<Lines>),
}

/// What was sent of the piece at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    Nothing,
    Some,
}

/// What taking brought to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Took {
    /// Bytes of the file that are dealt with by it.
    pub(super) done: u64,
    /// The piece is at its end.
    pub(super) piece: bool,
}

impl FileSource {
    /// Opens a file. Only a regular file has an end and is read without waiting.
    pub(super) fn open(file: &FileToSend, pieces: Pieces) -> Result<Self, NetError> {
        let reader = Reader::open(&file.path)?;
        let cut = match &file.cut {
            FileCut::Raw { chunk } => {
                let chunk = chunk.map(|chunk| chunk.get().min(FileToSend::MOST_CHUNK));
                Cut::Raw(Raw::new(match chunk.and_then(|n| usize::try_from(n).ok()) {
                    Some(chunk) => Step::Fixed(chunk),
                    None => Step::UpTo(pieces.usual),
                }))
            }
            FileCut::Lines { ends, blank, append } => {
                Cut::Lines(Box::new(Lines::new(*ends, *blank, append, pieces.most)))
            }
        };
        Ok(Self { reader, cut, taken: Taken::Nothing })
    }

    /// Reads on if all that was read is taken, `room` bytes if the order does not say how many.
    pub(super) fn fill(&mut self, room: usize) -> Result<Stock, NetError> {
        match &mut self.cut {
            Cut::Raw(raw) => raw.fill(&mut self.reader, room),
            Cut::Lines(lines) => lines.fill(&mut self.reader),
        }
    }

    /// The piece that goes next, or what is left of it.
    pub(super) fn ready(&self) -> &[u8] {
        match &self.cut {
            Cut::Raw(raw) => raw.ready(),
            Cut::Lines(lines) => lines.ready(),
        }
    }

    /// Some of the piece that is ready is sent, and some is not.
    pub(super) fn within_piece(&self) -> bool {
        self.taken == Taken::Some
    }

    /// What must follow what is sent, if the file goes no further: the rest of a message.
    pub(super) fn rest(&self) -> Option<&[u8]> {
        match &self.cut {
            Cut::Lines(lines) if self.within_piece() => Some(lines.ready()),
            // The file is the message.
            Cut::Raw(_) | Cut::Lines(_) => None,
        }
    }

    /// With `n` bytes of what is ready, a message is at its end.
    pub(super) fn ends_message(&self, n: usize) -> bool {
        n >= self.ready().len()
            && match &self.cut {
                Cut::Raw(_) => self.reader.ended(),
                Cut::Lines(_) => true,
            }
    }

    /// The first `n` bytes of what was ready are sent.
    pub(super) fn take(&mut self, n: usize) -> Took {
        let piece = n >= self.ready().len();
        self.taken = if piece { Taken::Nothing } else { Taken::Some };
        match &mut self.cut {
            Cut::Raw(raw) => Took { done: raw.take(n) as u64, piece },
            Cut::Lines(lines) => Took { done: lines.take(n), piece },
        }
    }

    /// All of it was read, and all of that is taken.
    pub(super) fn over(&self) -> bool {
        self.reader.ended()
            && match &self.cut {
                Cut::Raw(raw) => raw.ready().is_empty(),
                Cut::Lines(lines) => lines.is_empty(),
            }
    }

    /// Bytes read and not taken.
    pub(super) fn waiting(&self) -> usize {
        match &self.cut {
            Cut::Raw(raw) => raw.waiting(),
            Cut::Lines(lines) => lines.ready().len(),
        }
    }

    /// Bytes of the file when it was opened; 0 if that is not known.
    pub(super) fn len(&self) -> u64 {
        self.reader.len()
    }

    /// What has become of the file meanwhile: told once, when it is read to its end.
    pub(super) fn take_change(&mut self) -> Option<NetError> {
        self.reader.take_change()
    }

    /// It ended before it should have.
    pub(super) fn is_short(&self) -> bool {
        self.reader.is_short()
    }
}

#[cfg(test)]
mod tests;
