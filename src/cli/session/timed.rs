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

    /// The order to stop one whose peer sends no more: one without an end, or one that waits for answers.
    pub(super) fn stop(&self, n: u32) -> Option<Command> {
        match &self.timing {
            Timing::Repeated(Beat { count: None, .. }) => Some(Command::StopRepeat(RepeatId(n))),
            Timing::Sequence(steps) if steps.wait() => Some(Command::StopSequence(SequenceId(n))),
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

    /// What went wrong with a sequence, if something did.
    pub(super) fn failure(&self, place: SequencePlace, end: &SequenceEnd) -> Option<String> {
        let Timing::Sequence(steps) = &self.timing else { return None };
        let row = place.row.saturating_add(1);
        let message = match steps.loops {
            1 => format!("message {row}"),
            loops => format!("message {row} in round {} of {loops}", place.round.saturating_add(1)),
        };
        match end {
            SequenceEnd::Done if place.unanswered > 0 => {
                Some(format!("{} did not come in time", counted(place.unanswered, "answer")))
            }
            SequenceEnd::Done => None,
            SequenceEnd::TimedOut(missed) => {
                let at = usize::try_from(place.row).unwrap_or(usize::MAX);
                let expected = steps.expected.get(at).cloned().flatten().unwrap_or_default();
                let answer = steps.rows.get(at).and_then(|row| row.answer.as_ref());
                let within = duration::to_text(answer.map(|answer| answer.within).unwrap_or_default());
                let instead = self.instead(missed);
                Some(format!("no answer {expected} to {message} within {within}: {instead}"))
            }
            SequenceEnd::PeerLeft => {
                Some(format!("the peer left before the sequence was done: {message} was the last"))
            }
            // The reason has been reported.
            SequenceEnd::Failed => Some(format!("the sequence ended at {message}")),
            SequenceEnd::Stopped => Some(format!("the sequence was stopped at {message}")),
        }
    }

    fn instead(&self, missed: &Missed) -> String {
        let Some(last) = &missed.last else { return "nothing came".to_owned() };
        let shown = last.get(..SHOWN).unwrap_or(last);
        let text = escape::escape(shown, self.charset);
        let more = if missed.last_len > shown.len() as u64 { "…" } else { "" };
        let bytes = counted(missed.last_len, "byte");
        match missed.messages {
            1 => format!("instead came ‘{text}{more}’ ({bytes})"),
            n => format!("instead came {n} messages, the last ‘{text}{more}’ ({bytes})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
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
        let expected = vec![answer.as_ref().map(|_| "text:OK".to_owned())];
        let rows = [SequenceRow { what, answer, pause: Duration::ZERO }];
        timed(Timing::Sequence(Steps { rows: rows.into(), expected, loops }))
    }

    fn waiting(loops: u64) -> Timed {
        let (like, within, otherwise) = (Matcher::default(), Duration::from_secs(2), Otherwise::Stop);
        sequence(loops, Some(ExpectedAnswer { like, within, otherwise }))
    }

    #[test]
    fn each_peer_has_its_own() {
        let what = Arc::from([]);
        let stop_sequence = Command::StopSequence(SequenceId(1));
        for (mut all, stop) in [
            (repeated(None), Some(Command::StopRepeat(RepeatId(1)))),
            (repeated(Some(3)), None),
            (waiting(1), Some(stop_sequence)),
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
        let failure = |loops, place, messages: &[&[u8]]| {
            let mut missed = Missed::default();
            for message in messages {
                missed.note(message);
            }
            waiting(loops).failure(place, &SequenceEnd::TimedOut(missed)).unwrap()
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
        assert_eq!(waiting(1).failure(place, &SequenceEnd::Done), None);
        let unanswered = SequencePlace { unanswered: 2, ..place };
        let failed = waiting(1).failure(unanswered, &SequenceEnd::Done).unwrap();
        assert_eq!(failed, "2 answers did not come in time");
        for end in [SequenceEnd::PeerLeft, SequenceEnd::Failed, SequenceEnd::Stopped] {
            assert!(waiting(1).failure(place, &end).unwrap().contains("message 1"), "{end:?}");
        }
    }
}
