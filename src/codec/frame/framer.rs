//! Splitting of one stream into messages: what all framings have in common, and the simple ones. It keeps no
//! payload except what the search for the next end needs, at most 63 bytes.

use super::cut::{Cut, Run, Verdict};
use super::delimited::Delimited;
use super::lengths::Lengths;
use super::lines::Lines;
use super::{Framing, MAX_MESSAGE};

/// Times that go back this far are of a clock that was set; data overtake others by less.
const SET_BACK_NS: u64 = 60_000_000_000;

/// Splits one stream into messages. How reads divide the bytes does not matter, except for
/// [`Framing::AsReceived`].
///
/// # Example
/// ```
/// use netassist::codec::frame::{Framer, Framing};
/// let mut ends = Vec::new();
/// let mut framer = Framer::new(&Framing::Line);
/// for read in ["GET / HTTP/1.1\r", "\nHost: ", "a\r\n"] {
///     framer.push(read.as_bytes(), 0, &mut |cut| ends.push(cut.end));
/// }
/// assert_eq!(ends, [16, 25]);
/// ```
#[derive(Debug, Clone)]
pub struct Framer {
    rule: Rule,
    run: Run,
}

/// The state that each framing needs.
#[derive(Debug, Clone)]
enum Rule {
    AsReceived,
    Line(Lines),
    Delimiter(Delimited),
    Fixed(u64),
    Length(Lengths),
    Idle { pause_ns: u64, last_ns: u64 },
}

impl Framer {
    /// A framer at the start of a stream. A framing with [faults](Framing::faults) splits as received.
    /// Cloning a framer is cheaper than making a new one.
    pub fn new(framing: &Framing) -> Self {
        Self::within(framing, MAX_MESSAGE)
    }

    /// With another limit than [`MAX_MESSAGE`].
    pub fn within(framing: &Framing, limit: u32) -> Self {
        let rule = match framing {
            _ if !framing.faults().is_empty() => Rule::AsReceived,
            Framing::AsReceived => Rule::AsReceived,
            Framing::Line => Rule::Line(Lines::default()),
            Framing::Delimiter(bytes) => Rule::Delimiter(Delimited::new(bytes)),
            Framing::Fixed(size) => Rule::Fixed(u64::from(*size)),
            Framing::Length(field) => Rule::Length(Lengths::new(*field)),
            Framing::Idle(pause) => {
                Rule::Idle { pause_ns: u64::try_from(pause.as_nanos()).unwrap_or(u64::MAX), last_ns: 0 }
            }
        };
        Self { rule, run: Run { at: 0, start: 0, limit: u64::from(limit) } }
    }

    /// How many bytes of the stream it has processed.
    pub fn position(&self) -> u64 {
        self.run.at
    }

    /// Where in the stream the open message begins; it goes on to [`position`](Self::position).
    pub fn open_since(&self) -> u64 {
        self.run.start
    }

    /// How far before the bytes given next the next cut may lie, at most.
    pub fn lookback(&self) -> u64 {
        match &self.rule {
            Rule::AsReceived | Rule::Line(_) | Rule::Delimiter(_) | Rule::Fixed(_) | Rule::Idle { .. } => 0,
            Rule::Length(rule) => rule.lookback(),
        }
    }

    /// Processes the next bytes of the stream, which arrived at `at_ns` (nanoseconds of any clock), and calls
    /// `cut` for each end of a message, in order.
    pub fn push(&mut self, bytes: &[u8], at_ns: u64, cut: &mut dyn FnMut(Cut)) {
        if bytes.is_empty() {
            return;
        }
        let run = &mut self.run;
        match &mut self.rule {
            Rule::AsReceived => run.end_within(bytes.len(), Verdict::Whole, cut),
            Rule::Line(rule) => rule.push(run, bytes, cut),
            Rule::Delimiter(rule) => rule.push(run, bytes, cut),
            Rule::Fixed(size) => {
                let end = run.at + bytes.len() as u64;
                while let Some(next) = run.start.checked_add(*size).filter(|next| *next <= end) {
                    run.end(next, Verdict::Whole, cut);
                }
            }
            Rule::Length(rule) => rule.push(run, bytes, cut),
            Rule::Idle { pause_ns, last_ns } => {
                if at_ns.saturating_sub(*last_ns) >= *pause_ns {
                    run.rest(Verdict::Whole, cut);
                }
                // An earlier time is that of data that overtook others, unless the clock was set back.
                let is_set_back = last_ns.saturating_sub(at_ns) >= SET_BACK_NS;
                *last_ns = if is_set_back { at_ns } else { at_ns.max(*last_ns) };
                let end = run.at + bytes.len() as u64;
                while let Some(next) = run.start.checked_add(run.limit).filter(|next| *next <= end) {
                    run.end(next, Verdict::TooLong, cut);
                }
            }
        }
        run.at += bytes.len() as u64;
    }

    /// Ends the stream: calls `cut` for what is left. Bytes given after that begin a new stream; positions go
    /// on.
    pub fn finish(&mut self, cut: &mut dyn FnMut(Cut)) {
        let run = &mut self.run;
        match &mut self.rule {
            Rule::AsReceived => run.rest(Verdict::Whole, cut),
            Rule::Idle { last_ns, .. } => {
                *last_ns = 0;
                run.rest(Verdict::Whole, cut);
            }
            Rule::Line(rule) => rule.finish(run, cut),
            Rule::Delimiter(rule) => rule.finish(run, cut),
            Rule::Fixed(_) => run.rest(Verdict::CutOff, cut),
            Rule::Length(rule) => rule.finish(run, cut),
        }
    }

    /// Ends a datagram. Its end counts as a line ending or a delimiter, so that a message without one is
    /// whole.
    pub fn finish_datagram(&mut self, cut: &mut dyn FnMut(Cut)) {
        match &self.rule {
            Rule::AsReceived | Rule::Idle { .. } | Rule::Fixed(_) | Rule::Length(_) => self.finish(cut),
            Rule::Line(_) | Rule::Delimiter(_) => self.finish(&mut |mut last| {
                last.verdict = Verdict::Whole;
                cut(last);
            }),
        }
    }
}
