//! The send box, repeated sending and files to send, as typed. Opening a session sends none of it.

use std::borrow::Cow;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::time::Duration;

use super::form::form;
use super::names::named;
use crate::codec::append::Step;
use crate::codec::compose::{Manner, Mode};
use crate::codec::{Charset, LineBreak, named_enum, number, rate};
use crate::model::{
    BlankLines, Expected, Fault, FileCut, FilePace, FileToSend, LineEnds, MAX_UDP_V4, Others, Problem,
    Protocol, Repeat, at, duration_in,
};

form! {
    /// The send box.
    pub struct Draft {
        /// How the content is read.
        pub mode: Mode,
        /// The text, which may be invalid.
        pub content: String,
        /// `\n`, `\x0D` … are escapes in text.
        #[serde(skip_serializing_if = "Clone::clone")]
        pub escapes: bool = true,
        /// What is sent for a line break of the text.
        pub line_break: LineBreak,
        /// `{time}`, `{n}` … are filled in each time it is sent.
        pub placeholders: bool,
        /// The steps to append, in order, in the syntax of `--append`: `crlf`, `CRC-16/MODBUS`.
        pub append: Vec<String>,
        /// Appending is switched off.
        pub append_off: bool,
    }
}

impl Draft {
    /// How the content is read, in a session of this charset.
    pub fn manner(&self, charset: Charset) -> Manner {
        Manner { mode: self.mode, escapes: self.escapes, charset }
    }

    /// The content as it is sent: with the line breaks that are chosen, but as it is in hex.
    pub fn text(&self) -> Cow<'_, str> {
        if self.mode == Mode::Hex {
            Cow::Borrowed(&self.content)
        } else {
            self.line_break.apply(&self.content)
        }
    }

    /// The steps to append.
    ///
    /// # Errors
    /// The first invalid step, as `append.N`.
    pub fn steps(&self) -> Result<Vec<Step>, Problem> {
        if self.append_off { Ok(Vec::new()) } else { steps(&self.append) }
    }
}

/// Parses steps to append. An error is that of the first invalid step, as `append.N`.
pub(super) fn steps(append: &[String]) -> Result<Vec<Step>, Problem> {
    each_step(append).collect()
}

/// The same, each by itself.
pub(super) fn each_step(append: &[String]) -> impl Iterator<Item = Result<Step, Problem>> {
    let read = |(n, text): (usize, &String)| text.trim().parse().map_err(at(format!("append.{n}")));
    append.iter().enumerate().map(read)
}

form! {
    /// How the contents of the send box are repeated.
    pub struct CycleForm {
        /// The interval. A number without a unit is in milliseconds.
        #[serde(deserialize_with = "super::typed")]
        pub period: String = "1000".to_owned(),
        /// How many times; empty for no limit.
        pub count: String as typed,
    }
}

/// Parses an interval from 0.1 ms to a day.
fn period(text: &str) -> Result<Duration, Fault> {
    duration_in(text, Repeat::LEAST..=Duration::from_hours(24))
}

impl CycleForm {
    /// The interval.
    ///
    /// # Errors
    /// When it is not a duration, or too short or too long.
    pub fn period(&self) -> Result<Duration, Problem> {
        period(&self.period).map_err(at("period"))
    }

    /// How many times; `None` for no limit.
    ///
    /// # Errors
    /// When it is not a number, or 0.
    pub fn count(&self) -> Result<Option<u64>, Problem> {
        let count = number::parse_if(&self.count, 1..=i64::MAX).map_err(at("count"))?;
        Ok(count.map(i64::unsigned_abs))
    }
}

named_enum! {
    /// How fast the chunks of a file are sent.
    #[derive(Default)]
    pub enum PaceChoice {
        /// As fast as the peer takes them.
        #[default]
        Unlimited = "unlimited",
        /// With a pause between chunks.
        Pause = "pause",
        /// At this many bytes per second.
        Rate = "rate",
    }
}

named!(PaceChoice);

form! {
    /// How the next file is sent.
    pub struct FileForm {
        /// The path of the file.
        pub path: String,
        /// Each line is a message.
        pub lines: bool,
        /// Lines are sent without their line ends.
        pub drop_ends: bool,
        /// Blank lines are skipped.
        #[serde(skip_serializing_if = "Clone::clone")]
        pub skip_blank: bool = true,
        /// The steps of the send box are appended to each line.
        pub append: bool,
        /// The chunk size of a raw file in bytes; empty for the default.
        pub chunk: String as typed,
        /// How fast it is sent.
        pub pace: PaceChoice,
        /// The pause. A number without a unit is in milliseconds.
        #[serde(deserialize_with = "super::typed")]
        pub pause: String = "100".to_owned(),
        /// The rate in bytes per second, with or without a unit.
        #[serde(deserialize_with = "super::typed")]
        pub rate: String = "100k".to_owned(),
    }
}

impl FileForm {
    /// The chunk size in bytes; `None` for the default.
    ///
    /// # Errors
    /// When it is not a number, or too large for `protocol`.
    pub fn chunk(&self, protocol: Protocol) -> Result<Option<NonZeroU32>, Problem> {
        let most = if protocol.is_stream() { FileToSend::MOST_CHUNK } else { MAX_UDP_V4.into() };
        let chunk = number::parse_if(&self.chunk, 1..=most).map_err(at("chunk"))?;
        Ok(chunk.and_then(NonZeroU32::new))
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
    /// When it is not a rate.
    pub fn rate(&self) -> Result<NonZeroU64, Problem> {
        rate::parse(&self.rate).map_err(|_not_a_rate| Problem::new("rate", Expected::Rate))
    }

    /// The command to send the file at `path` over `protocol`; `draft` has the steps to append to lines.
    ///
    /// # Errors
    /// The first invalid field that is used.
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
        // Messages sent manually need not wait for the end of the file.
        Ok(FileToSend { cut, pace, others: Others::Pass, ..FileToSend::raw(path) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(form: &FileForm, protocol: Protocol) -> Result<FileToSend, Problem> {
        form.build("f".into(), protocol, &Draft { append: vec!["crlf".into()], ..Draft::default() })
    }

    #[test]
    fn periods_are_in_milliseconds_or_have_a_unit() {
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
    fn an_empty_count_is_unlimited() {
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
    fn only_fields_that_are_used_are_checked() {
        let invalid =
            FileForm { chunk: "0".into(), pause: "soon".into(), rate: "fast".into(), ..FileForm::default() };
        let problem = |form: FileForm, protocol| build(&form, protocol).err();
        let chunk = |most| Some(Problem::new("chunk", Fault::Number(1, most)));
        assert_eq!(problem(invalid.clone(), Protocol::Udp), chunk(65_507));
        assert_eq!(problem(invalid.clone(), Protocol::TcpServer), chunk(1 << 20));
        let large = FileForm { chunk: "65508".into(), ..FileForm::default() };
        assert_eq!(problem(large.clone(), Protocol::Udp), chunk(65_507));
        assert_eq!(problem(large, Protocol::TcpClient), None);
        let lines = FileForm { lines: true, ..invalid };
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
