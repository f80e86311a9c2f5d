//! Unpacks compressed captures into a file, as a stream and up to a limit.

use std::cell::Cell;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::ops::ControlFlow;

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::block::invalid;
use super::positioned::Sequential;
use crate::model::CaptureFault;

/// The most bytes that are unpacked, unless the user has allowed more …
const MOST: u64 = 4 << 30;
/// … and how many times the packed ones: captures are rarely packed further …
const RATIO: u64 = 100;
/// … though small ones may be.
const SMALL: u64 = 64 << 20;
/// How many bytes are unpacked between two calls of `tell`.
const STRIDE: usize = 256 * 1024;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

/// What became of a compressed file.
#[derive(Debug)]
pub(super) enum Unpacked {
    Whole,
    /// It is cut off; everything before is unpacked.
    Torn,
    /// The error says where and how. Everything before is unpacked.
    Damaged(io::Error),
    /// `tell` asked to stop.
    Stopped,
}

impl Packing {
    /// Detects it by the first bytes of a file.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // A frame of data, or one to be skipped.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Appends what is in `packed` to `out`; `most` overrides the limits. Calls `tell` now and then with the position in
    /// `packed`.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::InvalidData`] if it is larger than allowed.
    pub(super) fn unpack(
        self,
        packed: &File,
        out: &mut File,
        most: Option<u64>,
        tell: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> io::Result<Unpacked> {
        let most = match most {
            Some(most) => most,
            None => packed.metadata()?.len().saturating_mul(RATIO).clamp(SMALL, MOST),
        };
        let at = Cell::new(0);
        let source = BufReader::with_capacity(STRIDE, Sequential { file: packed, at: &at });
        let mut stream: Box<dyn Read> = match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(source)),
            Self::Zstd => {
                Box::new(Frames { source, decoder: FrameDecoder::new(), is_within: false, failure: None })
            }
        };
        let (mut buf, mut len) = (vec![0; STRIDE], 0_u64);
        loop {
            let got = match stream.read(&mut buf) {
                Ok(0) => return Ok(Unpacked::Whole),
                Ok(got) => got,
                Err(error) if is_eof(&error) && len > 0 => return Ok(Unpacked::Torn),
                Err(error) => {
                    return Ok(Unpacked::Damaged(invalid(at.get(), CaptureFault::Packed(error.to_string()))));
                }
            };
            len += got as u64;
            if len > most {
                return Err(invalid(0, CaptureFault::TooLarge(most)));
            }
            out.write_all(buf.get(..got).unwrap_or_default())?;
            if tell(at.get()).is_break() {
                return Ok(Unpacked::Stopped);
            }
        }
    }
}

/// Whether the input has ended too early, according to an error or its causes.
fn is_eof(error: &io::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof) {
            return true;
        }
        cause = match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

/// An empty block that is the last of its frame, and room for a checksum.
const LAST: &[u8] = &[1, 0, 0, 0, 0, 0, 0];

/// The content of all frames of a zstd file.
struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    is_within: bool,
    /// What follows the last bytes that could be unpacked.
    failure: Option<io::Error>,
}

impl<R: BufRead> Frames<R> {
    /// Begins the next frame; false at the end of the file.
    fn begin(&mut self) -> io::Result<bool> {
        if self.source.fill_buf()?.is_empty() {
            return Ok(false);
        }
        match self.decoder.init(&mut self.source) {
            Ok(()) => self.is_within = true,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => {
                let skipped = io::copy(&mut self.source.by_ref().take(length.into()), &mut io::sink())?;
                if skipped < length.into() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            Err(error) => return Err(io::Error::other(error)),
        }
        Ok(true)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.is_within {
                if !self.begin()? {
                    return Ok(0);
                }
                continue;
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let step = || BlockDecodingStrategy::UptoBlocks(1);
                if let Err(error) = self.decoder.decode_blocks(&mut self.source, step()) {
                    self.failure = Some(io::Error::other(error));
                    // The decoder holds back as much as later blocks may refer to, until the last one.
                    self.decoder.decode_blocks(LAST, step()).map_err(io::Error::other)?;
                }
            }
            let got = self.decoder.read(buf)?;
            if got > 0 {
                return Ok(got);
            }
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
            self.is_within = false;
            let expected = self.decoder.get_checksum_from_data();
            if expected.is_some() && expected != self.decoder.get_calculated_checksum() {
                return Err(io::Error::other("the checksum differs"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, SeekFrom};

    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    #[test]
    fn a_file_is_unpacked_whatever_its_position_is() {
        let (mut packed, mut out) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
        let content = vec![7; 3 * STRIDE];
        packed.write_all(&compress_to_vec(content.as_slice(), CompressionLevel::Fastest)).unwrap();
        let mut positions = Vec::new();
        let tell = &mut |at| {
            positions.push(at);
            // As another reader may do on Windows.
            (&packed).seek(SeekFrom::Start(3)).unwrap();
            ControlFlow::Continue(())
        };
        assert!(matches!(Packing::Zstd.unpack(&packed, &mut out, None, tell).unwrap(), Unpacked::Whole));
        assert_eq!(positions.last(), Some(&packed.metadata().unwrap().len()));
        assert_eq!(out.metadata().unwrap().len(), content.len() as u64);
    }
}
