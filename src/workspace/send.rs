//! What a session sends by hand, as typed: the send box, the cycle and the file. Opening a session sends nothing of it.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::names::{self, Named};
use super::{is_usual, typed};
use crate::codec::append::Step;
use crate::codec::compose::{Manner, Mode};
use crate::codec::{Charset, number, rate};
use crate::model::{
    BlankLines, Expected, Fault, FileCut, FilePace, FileToSend, LineEnds, MAX_UDP_V4, Others, Problem,
    Protocol, Repeat, at, duration_in,
};

/// What is typed to be sent, and how it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Draft {
    /// How the content is read.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub mode: Mode,
    /// What is typed. It need not be right.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content: String,
    /// `\n`, `\x0D` … are escapes in text.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub escapes: bool,
    /// `{time}`, `{n}` … are filled each time it is sent.
    #[serde(skip_serializing_if = "is_usual")]
    pub placeholders: bool,
    /// What is appended, in order, as `--append` has it: `crlf`, `CRC-16/MODBUS`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub append: Vec<String>,
    /// Nothing is appended for the time being.
    #[serde(skip_serializing_if = "is_usual")]
    pub append_off: bool,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            content: String::new(),
            escapes: true,
            placeholders: false,
            append: Vec::new(),
            append_off: false,
        }
    }
}

impl Draft {
    /// How the content is read in a session of this charset.
    pub fn manner(&self, charset: Charset) -> Manner {
        Manner { mode: self.mode, escapes: self.escapes, charset }
    }

    /// What is appended.
    ///
    /// # Errors
    /// The first item that cannot be appended, as `append.N`.
    pub fn steps(&self) -> Result<Vec<Step>, Problem> {
        if self.append_off { Ok(Vec::new()) } else { steps(&self.append) }
    }
}

/// Reads what is appended.
///
/// # Errors
/// The first item that cannot be appended, as `append.N`.
pub(super) fn steps(append: &[String]) -> Result<Vec<Step>, Problem> {
    let read = |(n, text): (usize, &String)| text.trim().parse().map_err(at(format!("append.{n}")));
    append.iter().enumerate().map(read).collect()
}

/// How what is in the send box is sent again and again, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CycleForm {
    /// The time from one to the next. A number alone is in milliseconds.
    #[serde(deserialize_with = "typed")]
    pub period: String,
    /// How many times; empty for no end.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub count: String,
}

impl Default for CycleForm {
    fn default() -> Self {
        Self { period: "1000".to_owned(), count: String::new() }
    }
}

/// A period, from 0.1 ms to a day.
fn period(text: &str) -> Result<Duration, Fault> {
    duration_in(text, Repeat::LEAST..=Duration::from_hours(24))
}

impl CycleForm {
    /// The period.
    ///
    /// # Errors
    /// When it is not a duration, or too short or too long.
    pub fn period(&self) -> Result<Duration, Problem> {
        period(&self.period).map_err(at("period"))
    }

    /// How many times; `None` for no end.
    ///
    /// # Errors
    /// When it is not a number, or 0.
    pub fn count(&self) -> Result<Option<u64>, Problem> {
        if self.count.trim().is_empty() {
            return Ok(None);
        }
        let count = number::parse_in(&self.count, 1..=i64::MAX).map_err(at("count"))?;
        Ok(Some(count.unsigned_abs()))
    }
}

/// How fast the pieces of a file follow each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PaceChoice {
    /// As fast as the peer takes them.
    #[default]
    Unlimited,
    /// With a pause between them.
    Pause,
    /// This many bytes per second.
    Rate,
}

impl Named for PaceChoice {
    const ALL: &'static [Self] = &[Self::Unlimited, Self::Pause, Self::Rate];

    fn name(self) -> &'static str {
        match self {
            Self::Unlimited => "unlimited",
            Self::Pause => "pause",
            Self::Rate => "rate",
        }
    }
}

/// How the next file is sent, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[expect(clippy::struct_excessive_bools, reason = "each is one tick box or choice of the menu")]
pub struct FileForm {
    /// The path of the file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Each line is a message.
    #[serde(skip_serializing_if = "is_usual")]
    pub lines: bool,
    /// Lines are sent without their ends.
    #[serde(skip_serializing_if = "is_usual")]
    pub drop_ends: bool,
    /// Blank lines are skipped.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub skip_blank: bool,
    /// What the send box appends is appended to each line.
    #[serde(skip_serializing_if = "is_usual")]
    pub append: bool,
    /// Bytes of a piece of a raw file; empty for what suits.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub chunk: String,
    /// How fast.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub pace: PaceChoice,
    /// The pause. A number alone is in milliseconds.
    #[serde(deserialize_with = "typed")]
    pub pause: String,
    /// The rate in bytes per second, with or without a unit.
    #[serde(deserialize_with = "typed")]
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
    /// When it is not a number, or too large for `protocol`.
    pub fn chunk(&self, protocol: Protocol) -> Result<Option<NonZeroU32>, Problem> {
        let most = if protocol.is_stream() { FileToSend::MOST_CHUNK } else { MAX_UDP_V4.into() };
        if self.chunk.trim().is_empty() {
            return Ok(None);
        }
        number::parse_in(&self.chunk, 1..=most).map(NonZeroU32::new).map_err(at("chunk"))
    }

    /// The pause.
    ///
    /// # Errors
    /// When it is not a duration, or too short or too long.
    pub fn pause(&self) -> Result<Duration, Problem> {
        period(&self.pause).map_err(at("pause"))
    }

    /// The rate.
    ///
    /// # Errors
    /// When it is not one.
    pub fn rate(&self) -> Result<NonZeroU64, Problem> {
        rate::parse(&self.rate).map_err(|_not_a_rate| Problem::new("rate", Expected::Rate))
    }

    /// The file at `path`, as it is sent over `protocol`; `draft` has what is appended to lines.
    ///
    /// # Errors
    /// What is wrong with a field that matters.
    pub fn build(&self, path: PathBuf, protocol: Protocol, draft: &Draft) -> Result<FileToSend, Problem> {
        let cut = if self.lines {
            FileCut::Lines {
                ends: if self.drop_ends { LineEnds::Drop } else { LineEnds::Keep },
                blank: if self.skip_blank { BlankLines::Skip } else { BlankLines::Send },
                append: if self.append { draft.steps()? } else { Vec::new() },
            }
        } else {
            FileCut::Raw { chunk: self.chunk(protocol)? }
        };
        let pace = match self.pace {
            PaceChoice::Unlimited => FilePace::Unlimited,
            PaceChoice::Pause => FilePace::Pause(self.pause()?),
            PaceChoice::Rate => FilePace::Rate(self.rate()?),
        };
        // Messages that are sent by hand meanwhile need not wait for the end of the file.
        Ok(FileToSend { path, cut, pace, others: Others::Pass })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(form: &FileForm, protocol: Protocol) -> Result<FileToSend, Problem> {
        form.build("f".into(), protocol, &Draft { append: vec!["crlf".into()], ..Draft::default() })
    }

    #[test]
    fn periods_are_milliseconds_or_have_a_unit() {
        let period = |text: &str| CycleForm { period: text.into(), ..CycleForm::default() }.period();
        assert_eq!(CycleForm::default().period(), Ok(Duration::from_secs(1)));
        for (text, us) in
            [(" 20 ", 20_000), ("0.1", 100), ("2s", 2_000_000), ("500us", 500), ("24h", 86_400_000_000)]
        {
            assert_eq!(period(text), Ok(Duration::from_micros(us)), "{text}");
        }
        for text in ["", "0", "0.09", "-1", "x", "25h", "1 000", "99999999999999999999"] {
            let fault = Fault::Duration(Repeat::LEAST, Duration::from_hours(24));
            assert_eq!(period(text), Err(Problem::new("period", fault)), "{text}");
        }
    }

    #[test]
    fn an_empty_count_has_no_end() {
        let count = |text: &str| CycleForm { count: text.into(), ..CycleForm::default() }.count();
        assert_eq!((count(" "), count("12")), (Ok(None), Ok(Some(12))));
        for text in ["0", "-1", "1.5", "many"] {
            assert_eq!(count(text), Err(Problem::new("count", Fault::Number(1, i64::MAX))), "{text}");
        }
    }

    #[test]
    fn a_form_becomes_a_file_to_send() {
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
        let chunk = |most| Some(Problem::new("chunk", Fault::Number(1, most)));
        assert_eq!(problem(wrong.clone(), Protocol::Udp), chunk(65_507));
        assert_eq!(problem(wrong.clone(), Protocol::TcpServer), chunk(1 << 20));
        let large = FileForm { chunk: "65508".into(), ..FileForm::default() };
        assert_eq!(problem(large.clone(), Protocol::Udp), chunk(65_507));
        assert_eq!(problem(large, Protocol::TcpClient), None);
        let lines = FileForm { lines: true, ..wrong };
        let path = |form: FileForm| problem(form, Protocol::Udp).map(|problem| problem.path);
        assert_eq!(path(lines.clone()), None, "lines have no chunks");
        assert_eq!(path(FileForm { pace: PaceChoice::Pause, ..lines.clone() }), Some("pause".into()));
        assert_eq!(path(FileForm { pace: PaceChoice::Rate, ..lines.clone() }), Some("rate".into()));
        let draft = Draft { append: vec!["cr".into(), "x".into()], ..Draft::default() };
        let lines = FileForm { append: true, ..lines };
        let problem = lines.build("f".into(), Protocol::Udp, &draft).unwrap_err();
        assert_eq!(problem.path, "append.1");
        let off = Draft { append_off: true, ..draft };
        assert!(lines.build("f".into(), Protocol::Udp, &off).is_ok());
    }
}
