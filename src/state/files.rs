//! Files that are sent: what is chosen for the next one, as typed, and those that go.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{AppendForm, cycle};
use crate::codec::{number, rate};
use crate::model::{
    BlankLines, FileCut, FilePace, FileProgress, FileToSend, LineEnds, Others, Protocol, Target,
};

/// The most that a datagram carries.
const MOST_DATAGRAM: u32 = 65_507;

/// What is wrong with what is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileProblem {
    /// The chunk is neither empty nor a number of bytes from 1 to this.
    Chunk(u32),
    /// The pause is no time from 0.1 ms to a day.
    Pause,
    /// The rate is no number of bytes a second.
    Rate,
    /// A field of what is to be appended to lines is wrong.
    Append,
}

/// How fast the pieces of a file follow each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaceChoice {
    /// As fast as the peer takes them.
    #[default]
    Unlimited,
    /// With a pause between them.
    Pause,
    /// So many bytes a second.
    Rate,
}

/// What is chosen for the next file, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one tick box or choice of the menu")]
pub struct FileForm {
    /// The path of the file.
    pub path: String,
    /// Each line is a message.
    pub lines: bool,
    /// Lines are sent without their ends.
    pub drop_ends: bool,
    /// Blank lines are passed over.
    pub skip_blank: bool,
    /// What the send box appends is appended to each line.
    pub append: bool,
    /// Bytes of a piece of a raw file; empty for what suits.
    pub chunk: String,
    /// How fast.
    pub pace: PaceChoice,
    /// The pause, in milliseconds or with a unit.
    pub pause: String,
    /// The rate in bytes a second, with or without a unit.
    pub rate: String,
}

impl Default for FileForm {
    fn default() -> Self {
        Self {
            path: String::new(),
            lines: false,
            drop_ends: false,
            skip_blank: true,
            append: false,
            chunk: String::new(),
            pace: PaceChoice::default(),
            pause: "100".to_owned(),
            rate: "100k".to_owned(),
        }
    }
}

impl FileForm {
    /// Bytes of a piece; `None` for what suits.
    ///
    /// # Errors
    /// When it is no number, or too large for `protocol`.
    pub fn chunk(&self, protocol: Protocol) -> Result<Option<NonZeroU32>, FileProblem> {
        let most = match protocol {
            Protocol::Udp => MOST_DATAGRAM,
            Protocol::TcpClient | Protocol::TcpServer => FileToSend::MOST_CHUNK,
        };
        let chunk = number::parse_if(&self.chunk, 1..=most).map_err(|_why| FileProblem::Chunk(most))?;
        Ok(chunk.and_then(NonZeroU32::new))
    }

    /// The pause.
    ///
    /// # Errors
    /// When it is none, or too short or too long.
    pub fn pause(&self) -> Result<Duration, FileProblem> {
        cycle::period(&self.pause).ok_or(FileProblem::Pause)
    }

    /// The rate.
    ///
    /// # Errors
    /// When it is none.
    pub fn rate(&self) -> Result<NonZeroU64, FileProblem> {
        rate::parse(&self.rate).map_err(|_not_a_rate| FileProblem::Rate)
    }

    /// The file at `path`, as it is sent over `protocol`; `append` is what the send box appends.
    ///
    /// # Errors
    /// What is wrong with a field that counts.
    pub fn build(
        &self,
        path: PathBuf,
        protocol: Protocol,
        append: &AppendForm,
    ) -> Result<FileToSend, FileProblem> {
        let cut = if self.lines {
            FileCut::Lines {
                ends: if self.drop_ends { LineEnds::Drop } else { LineEnds::Keep },
                blank: if self.skip_blank { BlankLines::Skip } else { BlankLines::Send },
                append: if self.append {
                    append.steps().map_err(|_told_beside_the_fields| FileProblem::Append)?
                } else {
                    Vec::new()
                },
            }
        } else {
            FileCut::Raw { chunk: self.chunk(protocol)? }
        };
        let pace = match self.pace {
            PaceChoice::Unlimited => FilePace::Unlimited,
            PaceChoice::Pause => FilePace::Pause(self.pause()?),
            PaceChoice::Rate => FilePace::Rate(self.rate()?),
        };
        // Whoever sends something by hand meanwhile wants it to go.
        Ok(FileToSend { path, cut, pace, others: Others::Pass })
    }
}

/// A file that goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentFile {
    /// Which file.
    pub path: PathBuf,
    /// To whom.
    pub to: Target,
    /// It was told to wait.
    pub paused: bool,
    /// How far it has come.
    pub progress: FileProgress,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(form: &FileForm, protocol: Protocol) -> Result<FileToSend, FileProblem> {
        form.build("f".into(), protocol, &AppendForm { on: true, ..AppendForm::default() })
    }

    #[test]
    fn a_form_becomes_an_order() {
        let form = FileForm::default();
        let plain = FileToSend { others: Others::Pass, ..FileToSend::raw("f") };
        assert_eq!(build(&form, Protocol::Udp), Ok(plain.clone()));
        let chunk = FileForm { chunk: " 500 ".into(), pace: PaceChoice::Pause, ..form.clone() };
        let cut = FileCut::Raw { chunk: NonZeroU32::new(500) };
        let pace = FilePace::Pause(Duration::from_millis(100));
        assert_eq!(build(&chunk, Protocol::Udp), Ok(FileToSend { cut, pace, ..plain.clone() }));
        let lines = FileForm { lines: true, append: true, pace: PaceChoice::Rate, ..form };
        let append = vec!["crlf".parse().unwrap()];
        let cut = FileCut::Lines { ends: LineEnds::Keep, blank: BlankLines::Skip, append };
        let pace = FilePace::Rate(NonZeroU64::new(100_000).unwrap());
        assert_eq!(build(&lines, Protocol::TcpClient), Ok(FileToSend { cut, pace, ..plain }));
    }

    #[test]
    fn only_a_field_that_counts_can_be_wrong() {
        let wrong =
            FileForm { chunk: "0".into(), pause: "soon".into(), rate: "fast".into(), ..FileForm::default() };
        let problem = |form: FileForm, protocol| build(&form, protocol).err();
        assert_eq!(problem(wrong.clone(), Protocol::Udp), Some(FileProblem::Chunk(65_507)));
        assert_eq!(problem(wrong.clone(), Protocol::TcpServer), Some(FileProblem::Chunk(1 << 20)));
        let large = FileForm { chunk: "65508".into(), ..FileForm::default() };
        assert_eq!(problem(large.clone(), Protocol::Udp), Some(FileProblem::Chunk(65_507)));
        assert_eq!(problem(large, Protocol::TcpClient), None);
        let lines = FileForm { lines: true, ..wrong };
        assert_eq!(problem(lines.clone(), Protocol::Udp), None, "lines have no chunks");
        let paused = FileForm { pace: PaceChoice::Pause, ..lines.clone() };
        assert_eq!(problem(paused, Protocol::Udp), Some(FileProblem::Pause));
        let rated = FileForm { pace: PaceChoice::Rate, ..lines.clone() };
        assert_eq!(problem(rated, Protocol::Udp), Some(FileProblem::Rate));
        let append = AppendForm { on: true, check: true, from: "x".into(), ..AppendForm::default() };
        let lines = FileForm { append: true, ..lines };
        assert_eq!(lines.build("f".into(), Protocol::Udp, &append), Err(FileProblem::Append));
    }
}
