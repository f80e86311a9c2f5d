//! What is sent on time, again and again or as a sequence: to whom, and what is said of one that has ended.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::outcome::{counted, milliseconds};
use crate::cli::args::Steps;
use crate::cli::plan::{Beat, Timing};
use crate::codec::{Charset, duration, escape};
use crate::model::{
    Command, FlowId, Missed, Progress, Repeat, RepeatId, SendPart, Sequence, SequenceEnd, SequenceId,
    SequencePlace, Target,
};

const SHOWN: usize = 80;

#[derive(Debug)]
pub(super) struct Timed {
    timing: Timing,
    charset: Charset,
    /// The running ones, with the peer if they are for one alone.
    running: BTreeMap<u32, Option<FlowId>>,
    next: u32,
}

impl Timed {
    pub(super) fn new(timing: Timing, charset: Charset) -> Self {
        Self { timing, charset, running: BTreeMap::new(), next: 0 }
    }

    pub(super) fn begin(&mut self, to: &Target, what: &Arc<[SendPart]>) -> Option<Command> {
        let (n, to_all) = (self.next, to.clone());
        let order = match &self.timing {
            Timing::AtOnce => return None,
            Timing::Repeated(Beat { every, count }) => {
                let (what, every, count) = (Arc::clone(what), *every, *count);
                Command::Repeat(Repeat { id: RepeatId(n), to: to_all, what, every, count })
            }
            Timing::Sequence(Steps { rows, loops, .. }) => {
                let (rows, loops) = (Arc::clone(rows), Some(*loops));
                Command::Sequence(Sequence { id: SequenceId(n), to: to_all, rows, loops })
            }
        };
        let flow = match to {
            Target::Flows(flows) => flows.first().copied(),
            Target::All | Target::Endpoint(_) => None,
        };
        self.running.insert(n, flow);
        self.next = n.wrapping_add(1);
        Some(order)
    }

    /// The number of the one that goes to this peer alone.
    pub(super) fn to(&self, flow: FlowId) -> Option<u32> {
        self.running.iter().find(|(_, to)| **to == Some(flow)).map(|(n, _)| *n)
    }

    /// The order to stop one whose peer sends no more, if it has no end.
    pub(super) fn stop(&self, n: u32) -> Option<Command> {
        match &self.timing {
            Timing::Repeated(Beat { count: None, .. }) => Some(Command::StopRepeat(RepeatId(n))),
            Timing::AtOnce | Timing::Repeated(_) | Timing::Sequence(_) => None,
        }
    }

    /// One has ended. Returns the peer that it was for alone.
    pub(super) fn ended(&mut self, n: u32) -> Option<FlowId> {
        self.running.remove(&n).flatten()
    }

    pub(super) fn summary(&self, progress: &Progress) -> Option<String> {
        let Timing::Repeated(beat) = &self.timing else { return None };
        let Progress { sent, skipped, pace } = progress;
        let every = duration::to_text(beat.every);
        let line = format!("repeated {} every {every}, skipped {skipped}", counted(*sent, "time"));
        let Some(pace) = pace else { return Some(line) };
        Some(format!(
            "{line}; of the last {} periods: mean {}, 99 of 100 off by {} at most, worst by {}",
            pace.periods,
            milliseconds(pace.mean),
            milliseconds(pace.p99),
            milliseconds(pace.worst),
        ))
    }

    /// The steps of the sequence that it is, if it is one.
    pub(super) fn steps(&self) -> Option<&Steps> {
        if let Timing::Sequence(steps) = &self.timing { Some(steps) } else { None }
    }

    /// What went wrong with a sequence of these steps, if something did.
    pub(super) fn failure(&self, steps: &Steps, place: SequencePlace, end: &SequenceEnd) -> Option<String> {
        let row = usize::try_from(place.row).unwrap_or(usize::MAX);
        let words = steps.words.get(row).cloned().unwrap_or_default();
        let name = if words.name.is_empty() { "the first message" } else { &words.name };
        let round = match steps.loops {
            1 => String::new(),
            loops => format!(" in round {} of {loops}", place.round.saturating_add(1)),
        };
        let no_answer = || {
            let expected = words.expected.as_deref().unwrap_or_default();
            let to = if words.name.is_empty() { String::new() } else { format!(" to {}", words.name) };
            format!("no answer {expected}{to}{round}")
        };
        match end {
            SequenceEnd::Done if place.unanswered > 0 => {
                Some(format!("{} did not come in time", counted(place.unanswered, "answer")))
            }
            SequenceEnd::Done => None,
            SequenceEnd::TimedOut(missed) => {
                let answer = steps.rows.get(row).and_then(|row| row.answer.as_ref());
                let within = duration::to_text(answer.map(|answer| answer.within).unwrap_or_default());
                Some(format!("{} within {within}: {}", no_answer(), self.instead(missed)))
            }
            SequenceEnd::PeerLeft(missed) => {
                let what = match missed {
                    Some(missed) => format!("{}: {}", no_answer(), self.instead(missed)),
                    None => format!("{name}{round} was the last"),
                };
                Some(format!("the peer left before the sequence was done: {what}"))
            }
            // The reason has been reported.
            SequenceEnd::Failed => Some(format!("the sequence ended at {name}{round}")),
            SequenceEnd::Stopped => Some(format!("the sequence was stopped at {name}{round}")),
        }
    }

    fn instead(&self, missed: &Missed) -> String {
        let Some(last) = &missed.last else { return "nothing came".to_owned() };
        let shown = last.get(..SHOWN).unwrap_or(last);
        let more = if missed.last_len > shown.len() as u64 { "…" } else { "" };
        let text = escape::escape(shown, self.charset);
        let last = format!("‘{text}{more}’ ({})", counted(missed.last_len, "byte"));
        let came = match (missed.messages, missed.is_incomplete) {
            (0, _) => format!("the incomplete message {last}"),
            (1, false) => last,
            (n, true) => format!("{} and the incomplete {last}", counted(n, "message")),
            (n, false) => format!("{n} messages, the last {last}"),
        };
        let differs = missed.differs_at.map(|at| format!(", which differs at offset {at}"));
        format!("instead came {came}{}", differs.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cli::args::RowWords;
    use crate::codec::matcher::Matcher;
    use crate::model::{ExpectedAnswer, Otherwise, Pace, SequenceRow};

    fn timed(timing: Timing) -> Timed {
        Timed::new(timing, Charset::Utf8)
    }

    fn repeated(count: Option<u64>) -> Timed {
        timed(Timing::Repeated(Beat { every: Duration::from_millis(2), count }))
    }

    fn sequence(loops: u64, answer: Option<ExpectedAnswer>) -> Timed {
        let what = SendPart::Bytes(Arc::from(*b"hello"));
        let expected = answer.as_ref().map(|_| "text:OK".to_owned());
        let words = vec![RowWords { name: "message 1".to_owned(), expected }];
        let rows = [SequenceRow { what: Some(what), answer, pause: Duration::ZERO }];
        timed(Timing::Sequence(Steps { rows: rows.into(), words, loops }))
    }

    fn waiting(loops: u64) -> Timed {
        let (like, within, otherwise) = (Matcher::default(), Duration::from_secs(2), Otherwise::Stop);
        sequence(loops, Some(ExpectedAnswer { like, within, otherwise }))
    }

    #[test]
    fn each_peer_has_its_own() {
        let what = Arc::from([]);
        for (mut all, stop) in [
            (repeated(None), Some(Command::StopRepeat(RepeatId(1)))),
            (repeated(Some(3)), None),
            (waiting(1), None),
            (sequence(1, None), None),
        ] {
            for flow in [7, 8] {
                assert!(all.begin(&Target::Flows(vec![FlowId(flow)]), &what).is_some());
            }
            assert_eq!((all.to(FlowId(8)), all.stop(1)), (Some(1), stop));
            assert_eq!(all.ended(1), Some(FlowId(8)));
            assert_eq!(all.to(FlowId(8)), None);
        }
        assert!(timed(Timing::AtOnce).begin(&Target::All, &what).is_none());
    }

    #[test]
    fn the_summary_of_a_repeat_is_one_line() {
        let progress = Progress { sent: 1, skipped: 0, pace: None };
        assert_eq!(repeated(None).summary(&progress).unwrap(), "repeated 1 time every 2ms, skipped 0");
        assert_eq!(timed(Timing::AtOnce).summary(&progress), None);
        let us = Duration::from_micros;
        let pace = Pace { periods: 24, mean: us(2001), p99: us(30), worst: us(1500) };
        let progress = Progress { sent: 25, skipped: 1, pace: Some(pace) };
        assert_eq!(
            repeated(None).summary(&progress).unwrap(),
            "repeated 25 times every 2ms, skipped 1; of the last 24 periods: mean 2.001 ms, 99 of 100 off by \
             0.030 ms at most, worst by 1.500 ms"
        );
    }

    #[test]
    fn a_missing_answer_is_a_failure_however_the_sequence_ends() {
        let place = SequencePlace::default();
        let failed =
            |timed: &Timed, place, end: &SequenceEnd| timed.failure(timed.steps().unwrap(), place, end);
        let failure = |loops, place, messages: &[&[u8]]| {
            let last = messages.last().map(|last| Arc::from(*last));
            let last_len = last.as_ref().map_or(0, |last: &Arc<[u8]>| last.len()) as u64;
            let messages = messages.len() as u64;
            let missed = Missed { messages, last, last_len, ..Missed::default() };
            failed(&waiting(loops), place, &SequenceEnd::TimedOut(missed)).unwrap()
        };
        let begins = "no answer text:OK to message 1 within 2s: ";
        let long = format!("instead came 2 messages, the last ‘{}…’ (300 bytes)", "x".repeat(80));
        for (messages, expected) in [
            (&[][..], "nothing came"),
            (&[&b"ERR\r\n"[..]], r"instead came ‘ERR\r\n’ (5 bytes)"),
            (&[&b"a"[..], &[b'x'; 300]], &long),
        ] {
            assert_eq!(failure(1, place, messages), format!("{begins}{expected}"));
        }
        let third = SequencePlace { round: 2, unanswered: 1, ..place };
        assert!(failure(5, third, &[]).contains("to message 1 in round 3 of 5 within 2s"));
        assert_eq!(failed(&waiting(1), place, &SequenceEnd::Done), None);
        let unanswered = SequencePlace { unanswered: 2, ..place };
        let said = failed(&waiting(1), unanswered, &SequenceEnd::Done).unwrap();
        assert_eq!(said, "2 answers did not come in time");
        let missed =
            Missed { is_incomplete: true, last: Some([b'O'].into()), last_len: 1, ..Missed::default() };
        let missed = Missed { differs_at: Some(1), ..missed };
        for (end, expected) in [
            (
                SequenceEnd::PeerLeft(None),
                "the peer left before the sequence was done: message 1 was the last",
            ),
            (
                SequenceEnd::PeerLeft(Some(missed)),
                "the peer left before the sequence was done: no answer text:OK to message 1: instead came the \
                 incomplete message ‘O’ (1 byte), which differs at offset 1",
            ),
            (SequenceEnd::Failed, "the sequence ended at message 1"),
            (SequenceEnd::Stopped, "the sequence was stopped at message 1"),
        ] {
            assert_eq!(failed(&waiting(1), place, &end).unwrap(), expected);
        }
    }
}
