//! Fault injection to test the peer: answers are dropped, corrupted, cut, joined or delayed.

use std::sync::Arc;
use std::time::Duration;

use super::{Answer, RuleAction};
use crate::codec::template::Random;
use crate::model::{Faults, FlowId, Recipients, Stamp};

/// Joined answers are sent once they have this many bytes.
const MAX_JOINED: usize = 1 << 20;

/// The most bytes of answers held back to be joined, over all receivers.
const MAX_HELD: usize = 16 << 20;

/// The number of answers so far, and those held back to be joined.
#[derive(Debug, Default)]
pub(super) struct FaultState {
    n_answers: u64,
    held: Vec<JoinedAnswer>,
}

/// Answers to the same receivers that will be sent as one.
#[derive(Debug)]
struct JoinedAnswer {
    /// The last of them.
    answer: Answer,
    bytes: Vec<u8>,
    n: u32,
    until: Stamp,
    cut: Option<Cut>,
}

/// Where an answer is cut in two.
#[derive(Debug, Clone, Copy)]
struct Cut {
    /// The length of the first part.
    at: usize,
    /// The pause before the second.
    pause: Duration,
}

/// What a fault depends on, besides the answer.
pub(super) struct FaultInput<'a> {
    pub(super) faults: &'a Faults,
    /// The place of the checksum in the answer: its length, and the number of bytes after it.
    pub(super) checksum: Option<(usize, usize)>,
    pub(super) now: Stamp,
    pub(super) random: &'a mut Random,
}

impl FaultState {
    /// Appends to `out` what remains of an answer. Faults affect only sent data.
    pub(super) fn pass(&mut self, mut answer: Answer, input: FaultInput<'_>, out: &mut Vec<Answer>) {
        let FaultInput { faults, checksum, now, random } = input;
        let RuleAction::Send(bytes) = &mut answer.what else {
            // Earlier answers precede a file and the end of a connection.
            if matches!(answer.what, RuleAction::Close | RuleAction::SendFile(_)) {
                self.release_to(answer.flow, out);
            }
            out.push(answer);
            return;
        };
        if faults.is_none() {
            out.push(answer);
            return;
        }
        self.n_answers += 1;
        if self.is_turn(faults.drop_every) {
            return;
        }
        if self.is_turn(faults.corrupt_every) {
            *bytes = corrupted(bytes, checksum, random);
        }
        if self.is_turn(faults.delay_every) {
            answer.after = answer.after.saturating_add(random.span(&faults.delay));
        }
        let cut = self.is_turn(faults.cut_every).then(|| Cut::of(bytes.len(), faults, random)).flatten();
        if faults.join > 1 {
            out.extend(self.join(answer, cut, faults, now));
        } else {
            out.push(Cut::apply(cut, answer));
        }
    }

    fn is_turn(&self, every: u32) -> bool {
        every > 0 && self.n_answers.is_multiple_of(u64::from(every))
    }

    /// Joins an answer to earlier ones; returns them once they are enough.
    fn join(&mut self, answer: Answer, cut: Option<Cut>, faults: &Faults, now: Stamp) -> Option<Answer> {
        let RuleAction::Send(bytes) = &answer.what else { return Some(answer) };
        // Answers to all have the same receivers, whoever asked.
        let is_same = |held: &JoinedAnswer| {
            held.answer.to == answer.to && (answer.to == Recipients::All || held.answer.flow == answer.flow)
        };
        let place = self.held.iter().position(is_same).unwrap_or_else(|| {
            let within = u64::try_from(faults.join_within.as_nanos()).unwrap_or(u64::MAX);
            let until = Stamp(now.0.saturating_add(within));
            self.held.push(JoinedAnswer {
                answer: answer.clone(),
                bytes: Vec::new(),
                n: 0,
                until,
                cut: None,
            });
            self.held.len() - 1
        });
        let n_held = bytes.len() + self.held.iter().map(|held| held.bytes.len()).sum::<usize>();
        let held = self.held.get_mut(place)?;
        // The first of several cuts counts.
        held.cut = held.cut.or(cut.map(|cut| Cut { at: held.bytes.len() + cut.at, ..cut }));
        held.bytes.extend_from_slice(bytes);
        held.n += 1;
        held.answer = answer;
        let is_much = held.bytes.len() >= MAX_JOINED || n_held > MAX_HELD;
        let is_enough = held.n >= faults.join || is_much;
        is_enough.then(|| self.held.remove(place).joined())
    }

    pub(super) fn holds(&self, flow: FlowId) -> bool {
        self.held.iter().any(|held| held.answer.flow == flow)
    }

    pub(super) fn held_until(&self) -> Option<Stamp> {
        self.held.iter().map(|held| held.until).min()
    }

    pub(super) fn release(&mut self, now: Stamp, out: &mut Vec<Answer>) {
        out.extend(self.held.extract_if(.., |held| held.until <= now).map(JoinedAnswer::joined));
    }

    pub(super) fn release_all(&mut self, out: &mut Vec<Answer>) {
        out.extend(self.held.drain(..).map(JoinedAnswer::joined));
    }

    fn release_to(&mut self, flow: FlowId, out: &mut Vec<Answer>) {
        out.extend(self.held.extract_if(.., |held| held.answer.flow == flow).map(JoinedAnswer::joined));
    }

    pub(super) fn forget(&mut self, flow: FlowId) {
        self.held.retain(|held| held.answer.flow != flow || held.answer.to != Recipients::Sender);
    }
}

impl JoinedAnswer {
    fn joined(self) -> Answer {
        Cut::apply(self.cut, Answer { what: RuleAction::Send(Arc::from(self.bytes)), ..self.answer })
    }
}

impl Cut {
    /// At a random place, if there are at least two bytes.
    fn of(len: usize, faults: &Faults, random: &mut Random) -> Option<Self> {
        let last = (len as u64).checked_sub(1).filter(|last| *last > 0)?;
        let at = usize::try_from(random.within(1, last)).unwrap_or(1);
        Some(Self { at, pause: faults.cut_pause })
    }

    /// The answer, in two parts if there is a cut.
    fn apply(cut: Option<Self>, answer: Answer) -> Answer {
        let what = match (cut, answer.what) {
            (Some(Self { at, pause }), RuleAction::Send(bytes)) => match bytes.split_at_checked(at) {
                Some((head, tail)) => {
                    RuleAction::SendCut { head: Arc::from(head), pause, tail: Arc::from(tail) }
                }
                None => RuleAction::Send(bytes),
            },
            (_, what) => what,
        };
        Answer { what, ..answer }
    }
}

/// Flips one bit of the checksum, or of the last byte if there is none.
fn corrupted(bytes: &[u8], checksum: Option<(usize, usize)>, random: &mut Random) -> Arc<[u8]> {
    let mut bytes = bytes.to_vec();
    let (len, behind) = checksum.unwrap_or((1, 0));
    let end = bytes.len().saturating_sub(behind);
    let bit = random.within(0, (len as u64 * 8).saturating_sub(1));
    let back = usize::try_from(bit / 8).unwrap_or(0) + 1;
    if let Some(byte) = end.checked_sub(back).and_then(|at| bytes.get_mut(at)) {
        *byte ^= 1 << (bit % 8);
    }
    Arc::from(bytes)
}
