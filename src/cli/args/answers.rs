//! The options that make of what is sent a sequence with answers, as clap reads them, and what they mean
//! together.

use std::sync::Arc;
use std::time::Duration;

use clap::{ArgMatches, Args};

use crate::cli::values;
use crate::codec::Charset;
use crate::codec::compose::{Manner, Mode};
use crate::codec::matcher::{MatchKind, Matcher};
use crate::model::{ExpectedAnswer, Otherwise, SendPart, SequenceRow};

/// The default of `--within`.
const WITHIN: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(in crate::cli) struct Answers {
    #[arg(
        long,
        value_name = "PATTERN",
        allow_hyphen_values = true,
        conflicts_with = "every",
        help = "Wait for a message (see --framing) that contains this: text:OK, hex:06 ??, regex:^OK, any; or that \
                starts with, ends with or equals it: starts-text:OK, ends-hex:0D 0A, equals-text:OK. It comes after \
                the answer before it, or else at any time since the connection opened, and stands after, before or \
                without --send. Without such an answer the session ends with exit status 1"
    )]
    pub(in crate::cli) expect: Vec<String>,
    /// Wait this long for the answer of the preceding --expect, or of each --short connection [default: 5s]
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    pub(in crate::cli) within: Vec<Duration>,
    /// Pause for this time after the preceding --send or --expect
    #[arg(long, value_name = "DURATION", value_parser = values::duration, conflicts_with = "every")]
    pub(in crate::cli) pause: Vec<Duration>,
    /// Start TLS on the plain connection after the preceding --send or --expect, e.g. after an answer to STARTTLS; what
    /// follows is sent by TLS
    #[arg(long, conflicts_with = "every")]
    pub(in crate::cli) start_tls: bool,
    /// Run the whole sequence this many times, with its answers and pauses
    #[arg(long, value_name = "N", value_parser = values::count, conflicts_with = "every")]
    pub(in crate::cli) loops: Option<u64>,
    /// Continue when an answer is missing; the exit status is still 1
    #[arg(long, requires = "expect")]
    pub(in crate::cli) go_on: bool,
}

/// A sequence of messages with answers and pauses.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Steps {
    pub(in crate::cli) rows: Arc<[SequenceRow]>,
    /// The words for each row.
    pub(in crate::cli) words: Vec<RowWords>,
    pub(in crate::cli) loops: u64,
}

impl Steps {
    pub(in crate::cli) fn wait(&self) -> bool {
        self.words.iter().any(|words| words.expected.is_some())
    }
}

/// How a row is named in errors.
#[derive(Debug, Clone, Default)]
pub(in crate::cli) struct RowWords {
    /// ‘read registers’, message 2; empty if it sends nothing.
    pub(in crate::cli) name: String,
    /// The expected answer, as typed.
    pub(in crate::cli) expected: Option<String>,
}

/// One message, and its place on the command line.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Sent {
    pub(in crate::cli) place: usize,
    pub(in crate::cli) row: SequenceRow,
    pub(in crate::cli) words: RowWords,
}

impl Sent {
    pub(in crate::cli) fn plain(place: usize, what: SendPart) -> Self {
        Self { place, row: row(Some(what)), words: RowWords::default() }
    }
}

fn row(what: Option<SendPart>) -> SequenceRow {
    SequenceRow { what, answer: None, pause: Duration::ZERO }
}

/// The options that make up a sequence, in order.
enum Word<'a> {
    Send(SequenceRow, RowWords),
    Expect(&'a str),
    Within(Duration),
    Pause(Duration),
}

impl Answers {
    /// Whether what is `sent` is a sequence.
    pub(in crate::cli) fn make_a_sequence_of(&self, sent: &[Sent]) -> bool {
        let is_row = |sent: &Sent| sent.row.answer.is_some() || !sent.row.pause.is_zero();
        !self.expect.is_empty() || !self.pause.is_empty() || self.loops.is_some() || sent.iter().any(is_row)
    }

    /// The sequence of what is `sent`.
    pub(in crate::cli) fn steps(
        &self,
        sent: Vec<Sent>,
        (charset, escapes): (Charset, bool),
        matches: &ArgMatches,
    ) -> Result<Steps, String> {
        let places = |name| matches.indices_of(name).into_iter().flatten();
        let mut words: Vec<(usize, Word<'_>)> =
            sent.into_iter().map(|Sent { place, row, words }| (place, Word::Send(row, words))).collect();
        words.extend(places("expect").zip(self.expect.iter().map(|text| Word::Expect(text))));
        words.extend(places("within").zip(self.within.iter().map(|within| Word::Within(*within))));
        words.extend(places("pause").zip(self.pause.iter().map(|pause| Word::Pause(*pause))));
        words.sort_by_key(|(place, _)| *place);
        let otherwise = if self.go_on { Otherwise::GoOn } else { Otherwise::Stop };
        let mut rows: Vec<(SequenceRow, RowWords)> = Vec::new();
        let mut n_sent = 0;
        for (_place, word) in words {
            match word {
                Word::Send(row, mut words) => {
                    n_sent += 1;
                    if words.name.is_empty() {
                        words.name = format!("message {n_sent}");
                    }
                    rows.push((row, words));
                }
                Word::Expect(text) => {
                    let like = pattern(text, charset, escapes)
                        .map_err(|why| format!("invalid value '{text}' for '--expect <PATTERN>': {why}"))?;
                    // What a row has is in the order in which it passes.
                    if rows.last().is_none_or(|(row, _)| row.answer.is_some() || !row.pause.is_zero()) {
                        rows.push((row(None), RowWords::default()));
                    }
                    if let Some((row, words)) = rows.last_mut() {
                        row.answer = Some(ExpectedAnswer { like, within: WITHIN, otherwise });
                        words.expected = Some(text.to_owned());
                    }
                }
                Word::Within(within) => {
                    let answer = rows.last_mut().and_then(|(row, _)| row.answer.as_mut());
                    let needs = "'--within <DURATION>' needs a preceding '--expect'";
                    answer.ok_or_else(|| needs.to_owned())?.within = within;
                }
                Word::Pause(pause) => {
                    if rows.is_empty() {
                        rows.push((row(None), RowWords::default()));
                    }
                    if let Some((row, _words)) = rows.last_mut() {
                        row.pause = row.pause.saturating_add(pause);
                    }
                }
            }
        }
        if rows.is_empty() {
            return Err(
                "'--loops <N>' needs '--send', '--send-hex' or '--send-file': there is nothing to send"
                    .to_owned(),
            );
        }
        let (rows, words): (Vec<SequenceRow>, _) = rows.into_iter().unzip();
        Ok(Steps { rows: rows.into(), words, loops: self.loops.unwrap_or(1) })
    }
}

fn pattern(text: &str, charset: Charset, escapes: bool) -> Result<Matcher, String> {
    let right = "expected text:TEXT, hex:HEX, regex:REGEX or any; text and hex take a prefix starts-, ends- or \
                 equals-, e.g. starts-text:OK";
    if text == "any" {
        return Ok(Matcher::default());
    }
    let (what, pattern) = text.split_once(':').ok_or(right)?;
    let (kind, mode) = match what {
        "text" => (MatchKind::Contains, Mode::Text),
        "hex" => (MatchKind::Contains, Mode::Hex),
        "regex" => (MatchKind::Regex, Mode::Text),
        "starts-text" => (MatchKind::Starts, Mode::Text),
        "starts-hex" => (MatchKind::Starts, Mode::Hex),
        "ends-text" => (MatchKind::Ends, Mode::Text),
        "ends-hex" => (MatchKind::Ends, Mode::Hex),
        "equals-text" => (MatchKind::Equals, Mode::Text),
        "equals-hex" => (MatchKind::Equals, Mode::Hex),
        _unknown => return Err(right.to_owned()),
    };
    let manner = Manner { mode, escapes, charset };
    Matcher::parse(kind, pattern, manner)
        .map_err(|error| format!("{error} ({})", values::place(text, what.len() + 1 + error.at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read() {
        let fits = |text: &str, message: &[u8]| pattern(text, Charset::Utf8, true).unwrap().is_match(message);
        assert!(fits("any", b"") && fits("text:OK", b"...OK.") && !fits("text:OK", b"ok"));
        assert!(fits("hex:06 ??", b"\x01\x06\xff") && fits("regex:^O[KX]$", b"OX"));
        assert!(fits("starts-text:a:b", b"a:bc") && !fits("starts-text:b", b"ab"));
        assert!(fits(r"ends-text:\r\n", b"OK\r\n") && fits("ends-hex:0A", b"OK\r\n"));
        assert!(fits("equals-text:OK", b"OK") && !fits("equals-hex:4F", b"OK"));
        assert!(fits("starts-hex:?F", b"OK"));
        for text in ["", "OK", "anything", "starts:OK", "text-starts:OK"] {
            assert!(
                pattern(text, Charset::Utf8, true).unwrap_err().starts_with("expected text:TEXT"),
                "{text}"
            );
        }
        for text in ["text:", "hex:0", "regex:(", r"text:a\q"] {
            assert!(pattern(text, Charset::Utf8, true).unwrap_err().contains("(at character "), "{text}");
        }
    }
}
