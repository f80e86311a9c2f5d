//! The sequences that run: to whom, and what is said of one that has ended. Knows no session and no clock.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cli::args::Steps;
use crate::codec::{Charset, duration, escape};
use crate::model::{Command, FlowId, Missed, Sequence, SequenceEnd, SequenceId, SequencePlace, Target};

/// The most of an answer that is shown, in bytes.
const SHOWN: usize = 80;

#[derive(Debug)]
pub(super) struct Sequencing {
    steps: Option<Steps>,
    charset: Charset,
    /// Those that run, with the peer if they are for one alone.
    running: BTreeMap<SequenceId, Option<FlowId>>,
    next: u32,
}

/// What has come of a sequence.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ended {
    /// The peer that it was for alone.
    pub(super) flow: Option<FlowId>,
    /// What is wrong, if something is.
    pub(super) wrong: Option<String>,
}

impl Sequencing {
    pub(super) fn new(steps: Option<Steps>, charset: Charset) -> Self {
        Self { steps, charset, running: BTreeMap::new(), next: 0 }
    }

    /// The order to send it all in order, if that is wanted.
    pub(super) fn begin(&mut self, to: &Target) -> Option<Command> {
        let Steps { rows, loops, .. } = self.steps.as_ref()?;
        let id = SequenceId(self.next);
        self.next = self.next.wrapping_add(1);
        let flow = match to {
            Target::Flows(flows) => flows.first().copied(),
            Target::All | Target::Endpoint(_) => None,
        };
        self.running.insert(id, flow);
        let (to, rows, loops) = (to.clone(), Arc::clone(rows), Some(*loops));
        Some(Command::Sequence(Sequence { id, to, rows, loops }))
    }

    pub(super) fn to(&self, flow: FlowId) -> Option<SequenceId> {
        self.running.iter().find(|(_id, to)| **to == Some(flow)).map(|(id, _to)| *id)
    }

    pub(super) fn wait(&self) -> bool {
        self.steps.as_ref().is_some_and(|steps| steps.expected.iter().any(Option::is_some))
    }

    pub(super) fn ended(&mut self, id: SequenceId, place: SequencePlace, end: &SequenceEnd) -> Ended {
        let flow = self.running.remove(&id).flatten();
        let row = place.row.saturating_add(1);
        let round = match self.steps.as_ref().map(|steps| steps.loops) {
            Some(1) | None => String::new(),
            Some(loops) => format!(" in round {} of {loops}", place.round.saturating_add(1)),
        };
        let wrong = match end {
            SequenceEnd::Done if place.unanswered > 0 => {
                let answers = if place.unanswered == 1 { "answer" } else { "answers" };
                Some(format!("{} {answers} did not come in time", place.unanswered))
            }
            SequenceEnd::Done => None,
            SequenceEnd::TimedOut(missed) => {
                let (expected, within) = self.expected(place);
                Some(format!(
                    "no answer {expected} to message {row}{round} within {within}: {}",
                    self.instead(missed)
                ))
            }
            SequenceEnd::PeerLeft => {
                Some(format!("the peer left before the sequence was done: message {row}{round} was the last"))
            }
            // The trouble was told.
            SequenceEnd::Failed => Some(format!("the sequence ended at message {row}{round}")),
            SequenceEnd::Stopped => Some(format!("the sequence was stopped at message {row}{round}")),
        };
        Ended { flow, wrong }
    }

    fn expected(&self, place: SequencePlace) -> (String, String) {
        let at = usize::try_from(place.row).unwrap_or(usize::MAX);
        let row = self.steps.as_ref().and_then(|steps| steps.expected.get(at).zip(steps.rows.get(at)));
        let Some((text, row)) = row else { return Default::default() };
        let within = row.answer.as_ref().map(|answer| answer.within).unwrap_or_default();
        (text.clone().unwrap_or_default(), duration::to_text(within))
    }

    fn instead(&self, missed: &Missed) -> String {
        let Some(last) = &missed.last else { return "nothing came".to_owned() };
        let shown = last.get(..SHOWN).unwrap_or(last);
        let text = escape::escape(shown, self.charset);
        let more = if missed.last_len > shown.len() as u64 { "…" } else { "" };
        let bytes = format!("{} byte{}", missed.last_len, if missed.last_len == 1 { "" } else { "s" });
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
    use crate::model::{ExpectedAnswer, Otherwise, SendPart, SequenceRow};

    fn sequencing(loops: u64) -> Sequencing {
        let answer = ExpectedAnswer {
            like: Matcher::default(),
            within: Duration::from_secs(2),
            otherwise: Otherwise::Stop,
        };
        let what = SendPart::Bytes(Arc::from(*b"hello"));
        let rows = [SequenceRow { what, answer: Some(answer), pause: Duration::ZERO }];
        let steps = Steps { rows: rows.into(), expected: vec![Some("text:OK".to_owned())], loops };
        Sequencing::new(Some(steps), Charset::Utf8)
    }

    fn wrong(loops: u64, place: SequencePlace, end: &SequenceEnd) -> Option<String> {
        sequencing(loops).ended(SequenceId(0), place, end).wrong
    }

    #[test]
    fn each_peer_has_its_own() {
        let mut all = sequencing(1);
        for flow in [7, 8] {
            assert!(all.begin(&Target::Flows(vec![FlowId(flow)])).is_some());
        }
        assert_eq!(all.to(FlowId(8)), Some(SequenceId(1)));
        let ended = all.ended(SequenceId(1), SequencePlace::default(), &SequenceEnd::Done);
        assert_eq!(ended, Ended { flow: Some(FlowId(8)), wrong: None });
        assert_eq!(all.to(FlowId(8)), None);
        let mut none = Sequencing::new(None, Charset::Utf8);
        assert!(none.begin(&Target::All).is_none() && !none.wait() && all.wait());
    }

    #[test]
    fn what_came_instead_is_said() {
        let place = SequencePlace::default();
        let timed_out = |messages: &[&[u8]]| {
            let mut missed = Missed::default();
            for message in messages {
                missed.note(message);
            }
            SequenceEnd::TimedOut(missed)
        };
        let said = |messages: &[&[u8]]| wrong(1, place, &timed_out(messages)).unwrap();
        let begins = "no answer text:OK to message 1 within 2s: ";
        assert_eq!(said(&[]), format!("{begins}nothing came"));
        assert_eq!(said(&[b"ERR\r\n"]), format!(r"{begins}instead came ‘ERR\r\n’ (5 bytes)"));
        let long = said(&[b"a", &[b'x'; 300]]);
        let shown = "x".repeat(80);
        assert_eq!(long, format!("{begins}instead came 2 messages, the last ‘{shown}…’ (300 bytes)"));
        let place = SequencePlace { round: 2, unanswered: 1, ..place };
        assert!(wrong(5, place, &timed_out(&[])).unwrap().contains("to message 1 in round 3 of 5 within 2s"));
    }

    #[test]
    fn an_answer_that_lacks_is_wrong_however_it_ends() {
        let place = SequencePlace { unanswered: 2, ..SequencePlace::default() };
        assert_eq!(wrong(1, place, &SequenceEnd::Done).unwrap(), "2 answers did not come in time");
        for end in [SequenceEnd::PeerLeft, SequenceEnd::Failed, SequenceEnd::Stopped] {
            assert!(wrong(1, SequencePlace::default(), &end).unwrap().contains("message 1"), "{end:?}");
        }
    }
}
