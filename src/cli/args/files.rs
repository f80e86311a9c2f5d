//! The options of files that are sent, and what they mean together.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::cli::values;
use crate::codec::append::Step;
use crate::codec::rate;
use crate::model::{BlankLines, FileCut, FilePace, FileToSend, LineEnds, MAX_UDP_V4, Protocol};

/// The options of files that are sent.
#[derive(Debug, Args)]
pub(in crate::cli) struct Files {
    /// Send the bytes of this file; over UDP in datagrams of 1,400 bytes unless --chunk is given
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) send_file: Vec<PathBuf>,
    /// Send each line of --send-file as a message, with its line end (keep) or without it (drop), and --append
    #[arg(long, value_name = "ENDS", requires = "send_file", num_args = 0..=1, default_missing_value = "keep",
        require_equals = true)]
    pub(in crate::cli) file_lines: Option<Ends>,
    /// Skip blank lines with --file-lines
    #[arg(long, requires = "file_lines")]
    pub(in crate::cli) skip_blank: bool,
    /// Send --send-file in chunks of this many bytes; over UDP, each is a datagram
    #[arg(long, value_name = "N", requires = "send_file", conflicts_with = "file_lines",
        value_parser = values::chunk)]
    chunk: Option<u32>,
    /// Pause for this time between chunks or lines of --send-file: 100us at least
    #[arg(long, value_name = "DURATION", requires = "send_file", conflicts_with = "rate",
        value_parser = values::period)]
    chunk_pause: Option<Duration>,
    /// Send --send-file at this many bytes per second, to each peer: 9600, 100k, 1.5M, 64Ki …
    #[arg(long, value_name = "BYTES", requires = "send_file", value_parser = rate::parse)]
    rate: Option<NonZeroU64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Ends {
    /// Send line ends unchanged
    Keep,
    /// Do not send line ends
    Drop,
}

impl Files {
    /// How a file is sent over `protocol`, with `append` added to its lines.
    pub(in crate::cli) fn to_send(
        &self,
        path: &Path,
        protocol: Protocol,
        append: &[Step],
    ) -> Result<FileToSend, String> {
        if protocol == Protocol::Udp
            && let Some(chunk) = self.chunk.filter(|chunk| *chunk > u32::from(MAX_UDP_V4))
        {
            return Err(format!(
                "invalid value '{chunk}' for '--chunk <N>': a datagram has at most {MAX_UDP_V4} bytes"
            ));
        }
        let cut = match self.file_lines {
            None => FileCut::Raw { chunk: self.chunk.and_then(NonZeroU32::new) },
            Some(ends) => FileCut::Lines {
                ends: match ends {
                    Ends::Keep => LineEnds::Keep,
                    Ends::Drop => LineEnds::Drop,
                },
                blank: if self.skip_blank { BlankLines::Skip } else { BlankLines::Send },
                append: append.to_vec(),
            },
        };
        let pace = match (self.chunk_pause, self.rate) {
            (Some(pause), _) => FilePace::Pause(pause),
            (None, Some(rate)) => FilePace::Rate(rate),
            (None, None) => FilePace::Unlimited,
        };
        // Data on the command line is sent in order, as with a raw file.
        Ok(FileToSend { cut, pace, ..FileToSend::raw(path) })
    }
}
