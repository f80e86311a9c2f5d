//! A file read in pieces, as they are sent.

mod ahead;
mod lines;
mod raw;
mod reader;

use super::disk::Disk;
use crate::model::{FileCut, FileToSend, MAX_TCP_V4, NetError};
use ahead::ReadAhead;
use lines::Lines;
use raw::{Raw, StepSize};

/// Bytes read at once for a stream: the payload of one TCP packet over IPv4, so that they make one record.
pub(super) const STEP: usize = MAX_TCP_V4 as usize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PieceSize {
    /// The length of a raw piece, unless the command sets it.
    pub(super) usual: usize,
    /// The longest line that can be sent.
    pub(super) max: usize,
}

impl PieceSize {
    pub(super) const STREAM: Self = Self { usual: STEP, max: FileToSend::MOST_LINE as usize };
}

/// The result of [`FileSource::fill`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    /// A piece, or the rest of one, is ready.
    Piece,
    /// Many blank lines were skipped; call again.
    Again,
    /// The disk has not answered yet.
    Waiting,
    End,
}

#[derive(Debug)]
pub(super) struct FileSource {
    pub(super) reader: ReadAhead,
    mode: Mode,
    /// Part of the current piece has been consumed.
    pub(super) is_mid_piece: bool,
}

#[derive(Debug)]
enum Mode {
    Raw(Raw),
    Lines(Box<Lines>),
}

/// The result of [`FileSource::consume`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Consumed {
    /// Bytes of the file that are sent or skipped with it.
    pub(super) file_bytes: u64,
    pub(super) piece_ended: bool,
}

impl FileSource {
    /// Opens a file. Only a regular file can be read without blocking up to an end.
    pub(super) fn open(disk: &Disk, file: &FileToSend, size: PieceSize) -> Result<Self, NetError> {
        let reader = ReadAhead::open(disk, file)?;
        let mode = match &file.cut {
            FileCut::Raw { chunk } => {
                let chunk = chunk.map(|chunk| chunk.get().min(FileToSend::MOST_CHUNK));
                Mode::Raw(Raw::new(match chunk.and_then(|n| usize::try_from(n).ok()) {
                    Some(chunk) => StepSize::Fixed(chunk),
                    None => StepSize::UpTo(size.usual),
                }))
            }
            FileCut::Lines { ends, blank, append } => {
                Mode::Lines(Box::new(Lines::new(*ends, *blank, append, size.max)))
            }
        };
        Ok(Self { reader, mode, is_mid_piece: false })
    }

    /// Reads the next piece if the current one is consumed; `room` bytes of it, unless the command sets it.
    pub(super) fn fill(&mut self, room: usize) -> Result<Fill, NetError> {
        match &mut self.mode {
            Mode::Raw(raw) => raw.fill(&mut self.reader, room),
            Mode::Lines(lines) => lines.fill(&mut self.reader),
        }
    }

    /// It is not sent by lines.
    pub(super) fn is_raw(&self) -> bool {
        matches!(self.mode, Mode::Raw(_))
    }

    /// The rest of the current piece.
    pub(super) fn ready(&self) -> &[u8] {
        match &self.mode {
            Mode::Raw(raw) => raw.ready(),
            Mode::Lines(lines) => lines.ready(),
        }
    }

    /// What must still be sent if the file is stopped now: the rest of a line.
    pub(super) fn rest(&self) -> Option<&[u8]> {
        match &self.mode {
            Mode::Lines(lines) if self.is_mid_piece => Some(lines.ready()),
            // A raw file is one message.
            Mode::Raw(_) | Mode::Lines(_) => None,
        }
    }

    /// Whether a message ends `n` bytes into the current piece.
    pub(super) fn ends_message(&self, n: usize) -> bool {
        n >= self.ready().len()
            && match &self.mode {
                Mode::Raw(_) => self.reader.ended(),
                Mode::Lines(_) => true,
            }
    }

    /// Consumes the first `n` bytes of [`ready`](Self::ready).
    pub(super) fn consume(&mut self, n: usize) -> Consumed {
        let piece_ended = n >= self.ready().len();
        self.is_mid_piece = !piece_ended;
        match &mut self.mode {
            Mode::Raw(raw) => Consumed { file_bytes: raw.consume(n) as u64, piece_ended },
            Mode::Lines(lines) => Consumed { file_bytes: lines.consume(n), piece_ended },
        }
    }

    /// Whether the whole file is read and consumed.
    pub(super) fn is_done(&self) -> bool {
        self.reader.ended()
            && match &self.mode {
                Mode::Raw(raw) => raw.ready().is_empty(),
                Mode::Lines(lines) => lines.is_empty(),
            }
    }

    /// Bytes read and not consumed yet.
    pub(super) fn buffered(&self) -> usize {
        match &self.mode {
            Mode::Raw(raw) => raw.buffered(),
            Mode::Lines(lines) => lines.ready().len(),
        }
    }
}

#[cfg(test)]
mod tests;
