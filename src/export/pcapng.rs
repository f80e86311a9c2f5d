//! A copy of the capture. It knows only how blocks are laid out (draft-ietf-opsawg-pcapng, section 3.1), as
//! the capture is already what Wireshark opens.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

use super::{ExportError, Progress};

/// Length in bytes of the smallest block.
const SMALLEST: u64 = 12;

/// After so many bytes of the capture, progress is told.
const TELL_EVERY: u64 = 1 << 20;

/// Copies the whole blocks of the first `until` bytes, byte by byte, from the beginning in any case:
/// packets without the interface and the handshake before them say too little.
pub(super) fn copy(
    capture: &Path,
    until: u64,
    out: &mut dyn io::Write,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    let reading = |error| ExportError::Reading(capture.to_owned(), error);
    let file = File::open(capture).map_err(reading)?;
    let end = file.metadata().map_err(reading)?.len().min(until);
    let mut file = BufReader::with_capacity(1 << 18, file);
    let (mut at, mut told) = (0, 0);
    while end - at >= SMALLEST {
        let mut head = [0; 8];
        file.read_exact(&mut head).map_err(reading)?;
        let len = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
        // What does not fit is a torn tail, or no block at all.
        if len < SMALLEST || len % 4 != 0 || len > end - at {
            break;
        }
        out.write_all(&head).map_err(ExportError::writing)?;
        let mut left = len - 8;
        while left > 0 {
            let piece = file.fill_buf().map_err(reading)?;
            let piece = piece.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(piece);
            if piece.is_empty() {
                return Err(reading(io::ErrorKind::UnexpectedEof.into()));
            }
            out.write_all(piece).map_err(ExportError::writing)?;
            let n = piece.len();
            file.consume(n);
            left = left.saturating_sub(u64::try_from(n).unwrap_or(left));
        }
        at += len;
        if at - told >= TELL_EVERY {
            told = at;
            if progress(at, end).is_break() {
                return Err(ExportError::Cancelled);
            }
        }
    }
    if progress(end, end).is_break() { Err(ExportError::Cancelled) } else { Ok(()) }
}
