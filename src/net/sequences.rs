//! Which sequences run, what each waits for, and what is sent next. Knows neither sockets nor the clock: both
//! are handed in, as is every message that comes.

use std::time::{Duration, Instant};

use super::deadline::{earliest, later};
use super::repeats::Beat;
use crate::model::{
    Event, FlowId, Missed, NetError, Otherwise, SendPart, Sequence, SequenceEnd, SequenceId, SequencePlace,
    SequenceRow, Target,
};

/// Sequences that may run at once in one session.
pub(super) const MAX_SEQUENCES: usize = 1024;

/// Rows of one sequence that are sent in one turn at most.
const ROWS: u32 = 64;

/// A row that comes this late at most does not put off those behind it, so that nothing drifts. After one
/// that is later, because a machine has slept, nobody wants all the others at once.
const CATCH_UP: Duration = Duration::from_millis(10);

/// A sequence tells where it is no more often than this.
const TELL: Duration = Duration::from_millis(50);

/// The sequences of one session.
#[derive(Debug, Default)]
pub(super) struct Sequences {
    running: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    sequence: Sequence,
    /// Some row has an answer.
    listens: bool,
    /// The row that is next, or whose answer is waited for.
    row: usize,
    round: u64,
    state: State,
    place: SequencePlace,
    told: Option<Instant>,
    untold: bool,
}

/// What a sequence waits for.
#[derive(Debug)]
enum State {
    /// The moment to send its row.
    Due(Instant),
    /// Somebody who takes its row, which was due at that moment.
    Held(Instant),
    /// The answer to its row, until that moment.
    Answer(Instant, Missed),
}

/// Whether a sequence goes on.
#[derive(Debug)]
enum Next {
    GoesOn,
    Ends(SequenceEnd),
}

impl Sequences {
    /// Begins `sequence` now, in the place of one with the same name. False if too many run already.
    pub(super) fn start(&mut self, sequence: Sequence, now: Instant, tell: &mut impl FnMut(Event)) -> bool {
        self.stop(sequence.id, tell);
        let room = self.running.len() < MAX_SEQUENCES;
        if !room || sequence.rows.is_empty() || sequence.loops == Some(0) {
            let end = if room { SequenceEnd::Done } else { SequenceEnd::Failed };
            tell(Event::SequenceEnded(sequence.id, SequencePlace::default(), end));
            return room;
        }
        self.running.push(Running {
            listens: sequence.rows.iter().any(|row| row.answer.is_some()),
            sequence,
            row: 0,
            round: 0,
            state: State::Due(now),
            place: SequencePlace::default(),
            told: None,
            untold: false,
        });
        true
    }

    /// Ends that one, if it runs.
    pub(super) fn stop(&mut self, id: SequenceId, tell: &mut impl FnMut(Event)) {
        if let Some(at) = self.running.iter().position(|running| running.sequence.id == id) {
            tell(self.running.remove(at).ended(SequenceEnd::Stopped));
        }
    }

    /// Ends them all.
    pub(super) fn end_all(&mut self, how: &SequenceEnd, tell: &mut impl FnMut(Event)) {
        self.running.drain(..).for_each(|running| tell(running.ended(how.clone())));
    }

    /// When something is to be done here, if nothing happens before.
    pub(super) fn due(&self) -> Option<Instant> {
        self.running.iter().filter_map(Running::due).min()
    }

    /// Some row waits for somebody who takes it: it is to be tried again whenever something has happened.
    pub(super) fn is_held(&self) -> bool {
        self.running.iter().any(|running| matches!(running.state, State::Held(_)))
    }

    /// Some sequence waits for answers now and then: messages are to be told.
    pub(super) fn listens(&self) -> bool {
        self.running.iter().any(|running| running.listens)
    }

    /// A message came.
    pub(super) fn heard(&mut self, flow: FlowId, message: &[u8], now: Instant, tell: &mut impl FnMut(Event)) {
        self.running.retain_mut(|running| match running.heard(flow, message, now) {
            Next::GoesOn => true,
            Next::Ends(end) => {
                tell(running.ended(end));
                false
            }
        });
    }

    /// A peer has left, and others are there or not. Whoever waits for its answer alone waits in vain.
    pub(super) fn left(&mut self, is_there: impl Fn(FlowId) -> bool, tell: &mut impl FnMut(Event)) {
        self.running.retain(|running| {
            // Of a row that is still to be sent, sending it finds it out.
            let in_vain = match (&running.state, &running.sequence.to) {
                (State::Answer(..), Target::Flows(flows)) => !flows.iter().any(|flow| is_there(*flow)),
                (State::Answer(..) | State::Due(_) | State::Held(_), _) => false,
            };
            if in_vain {
                tell(running.ended(SequenceEnd::PeerLeft));
            }
            !in_vain
        });
    }

    /// Sends with `send` what is due at `now`, gives up the answers that did not come, and tells where it all
    /// is. What has come until `now` must have been [heard](Self::heard) before.
    pub(super) fn turn(
        &mut self,
        now: Instant,
        mut send: impl FnMut(&Target, &[SendPart]) -> Beat,
        tell: &mut impl FnMut(Event),
    ) -> Option<NetError> {
        let mut error = None;
        self.running.retain_mut(|running| {
            for _row in 0..ROWS {
                if !running.is_ready(now) {
                    break;
                }
                if let Next::Ends(end) = running.step(now, &mut send, &mut error) {
                    tell(running.ended(end));
                    return false;
                }
                // Nobody takes it at this moment.
                if matches!(running.state, State::Held(_)) {
                    break;
                }
            }
            if running.untold && running.told.is_none_or(|told| now >= told + TELL) {
                running.untold = false;
                running.told = Some(now);
                tell(Event::SequenceAt(running.sequence.id, running.place));
            }
            true
        });
        error
    }
}

impl Running {
    fn ended(&self, how: SequenceEnd) -> Event {
        Event::SequenceEnded(self.sequence.id, self.place, how)
    }

    fn due(&self) -> Option<Instant> {
        let state = match &self.state {
            State::Due(at) | State::Answer(at, _) => Some(*at),
            State::Held(_) => None,
        };
        let telling = self.told.filter(|_| self.untold).map(|told| told + TELL);
        earliest([state, telling])
    }

    fn is_ready(&self, now: Instant) -> bool {
        match &self.state {
            State::Due(at) | State::Answer(at, _) => *at <= now,
            State::Held(_) => true,
        }
    }

    fn this_row(&self) -> Option<&SequenceRow> {
        self.sequence.rows.get(self.row)
    }

    fn heard(&mut self, flow: FlowId, message: &[u8], now: Instant) -> Next {
        let is_for_it = match &self.sequence.to {
            Target::Flows(flows) => flows.contains(&flow),
            Target::All | Target::Endpoint(_) => true,
        };
        let answer = self.sequence.rows.get(self.row).and_then(|row| row.answer.as_ref());
        match (&mut self.state, answer) {
            // One that comes too late and before it was given up is none the worse for that.
            (State::Answer(_by, missed), Some(answer)) if is_for_it => {
                if answer.like.is_match(message) {
                    return self.go_on(now, now);
                }
                missed.note(message);
                Next::GoesOn
            }
            (State::Answer(..) | State::Due(_) | State::Held(_), _) => Next::GoesOn,
        }
    }

    /// Sends the row whose time has come, or gives up the answer whose time has passed.
    fn step(
        &mut self,
        now: Instant,
        send: &mut impl FnMut(&Target, &[SendPart]) -> Beat,
        error: &mut Option<NetError>,
    ) -> Next {
        let due = match &mut self.state {
            State::Due(due) | State::Held(due) => *due,
            State::Answer(by, missed) => {
                let (by, missed) = (*by, std::mem::take(missed));
                self.place.unanswered = self.place.unanswered.saturating_add(1);
                let otherwise = self.this_row().and_then(|row| row.answer.as_ref()).map(|to| to.otherwise);
                return match otherwise.unwrap_or_default() {
                    Otherwise::Stop => Next::Ends(SequenceEnd::TimedOut(missed)),
                    Otherwise::GoOn => self.go_on(by, now),
                };
            }
        };
        let Some(row) = self.this_row() else { return Next::Ends(SequenceEnd::Done) };
        match send(&self.sequence.to, std::slice::from_ref(&row.what)) {
            Beat::Sent | Beat::Partly => {}
            Beat::Missed => {
                self.state = State::Held(due);
                return Next::GoesOn;
            }
            Beat::NobodyLeft => return Next::Ends(SequenceEnd::PeerLeft),
            Beat::Failed(why) => {
                *error = Some(why);
                return Next::Ends(SequenceEnd::Failed);
            }
        }
        let answer_by = row.answer.as_ref().map(|answer| later(now, answer.within));
        self.place.row = u32::try_from(self.row).unwrap_or(u32::MAX);
        self.place.round = self.round;
        self.untold = true;
        match answer_by {
            Some(by) => {
                self.state = State::Answer(by, Missed::default());
                Next::GoesOn
            }
            None => self.go_on(due, now),
        }
    }

    /// The row is done with, at the moment `from`: the next one follows after its pause.
    fn go_on(&mut self, from: Instant, now: Instant) -> Next {
        let late = now.saturating_duration_since(from);
        let from = if late > CATCH_UP { now } else { from };
        let pause = self.this_row().map_or(Duration::ZERO, |row| row.pause);
        self.row += 1;
        if self.row >= self.sequence.rows.len() {
            self.row = 0;
            self.round = self.round.saturating_add(1);
            if self.sequence.loops == Some(self.round) {
                return Next::Ends(SequenceEnd::Done);
            }
        }
        self.state = State::Due(later(from, pause));
        Next::GoesOn
    }
}

#[cfg(test)]
mod tests;
