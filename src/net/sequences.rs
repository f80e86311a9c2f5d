//! The running sequences: what each waits for and what it sends next. The caller passes the time and received
//! messages, and does the sending.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::repeats::Beat;
use super::time::{earliest, later};
use crate::model::{
    Event, FlowId, Missed, NetError, Otherwise, SendPart, Sequence, SequenceEnd, SequenceId, SequencePlace,
    SequenceRow, Target,
};

/// The most sequences that may run at once in one session.
pub(super) const MAX_SEQUENCES: usize = 1024;

/// The most rows of one sequence sent in one turn.
const ROWS: u32 = 64;

/// A row that is late by no more than this does not delay the rows after it, so that delays do not add up.
/// After a later one, such as after standby, the rows keep their distance.
const CATCH_UP: Duration = Duration::from_millis(10);

/// The shortest interval between two reports of a sequence's place.
const REPORT_INTERVAL: Duration = Duration::from_millis(50);

#[derive(Debug, Default)]
pub(super) struct Sequences {
    running: Vec<RunningSequence>,
}

#[derive(Debug)]
struct RunningSequence {
    sequence: Sequence,
    /// Whether some row expects an answer.
    listens: bool,
    /// The next row, or the row whose answer is expected.
    row: usize,
    round: u64,
    state: Waiting,
    place: SequencePlace,
    reported: Option<Instant>,
    is_stale: bool,
}

/// What a sequence waits for.
#[derive(Debug)]
enum Waiting {
    /// The time to send its row.
    Due(Instant),
    /// A receiver that can take its row, which was due at that time.
    Blocked(Instant),
    /// The answer to its row, until that time.
    Answer(Instant, Missed),
}

impl Sequences {
    /// Starts `sequence` now, replacing one with the same ID. False if too many are running.
    pub(super) fn start(&mut self, sequence: Sequence, now: Instant, events: &mut Vec<Event>) -> bool {
        self.stop(sequence.id, events);
        let room = self.running.len() < MAX_SEQUENCES;
        if !room || sequence.rows.is_empty() || sequence.loops == Some(0) {
            let end = if room { SequenceEnd::Done } else { SequenceEnd::Failed };
            events.push(Event::SequenceEnded(sequence.id, SequencePlace::default(), end));
            return room;
        }
        self.running.push(RunningSequence {
            listens: sequence.rows.iter().any(|row| row.answer.is_some()),
            sequence,
            row: 0,
            round: 0,
            state: Waiting::Due(now),
            place: SequencePlace::default(),
            reported: None,
            is_stale: false,
        });
        true
    }

    /// Stops one, if it is running.
    pub(super) fn stop(&mut self, id: SequenceId, events: &mut Vec<Event>) {
        if let Some(at) = self.running.iter().position(|running| running.sequence.id == id) {
            events.push(self.running.remove(at).ended(SequenceEnd::Stopped));
        }
    }

    pub(super) fn end_all(&mut self, how: &SequenceEnd, events: &mut Vec<Event>) {
        events.extend(self.running.drain(..).map(|running| running.ended(how.clone())));
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.running.iter().filter_map(RunningSequence::due).min()
    }

    /// Whether some row could not be sent. It must be tried again on every turn.
    pub(super) fn is_blocked(&self) -> bool {
        self.running.iter().any(|running| matches!(running.state, Waiting::Blocked(_)))
    }

    /// Whether some sequence expects answers, so that it must see received messages.
    pub(super) fn wants_messages(&self) -> bool {
        self.running.iter().any(|running| running.listens)
    }

    /// Checks a received message against the expected answers.
    pub(super) fn received(&mut self, flow: FlowId, message: &[u8], now: Instant, events: &mut Vec<Event>) {
        self.running.retain_mut(|running| match running.received(flow, message, now) {
            ControlFlow::Continue(()) => true,
            ControlFlow::Break(end) => {
                events.push(running.ended(end));
                false
            }
        });
    }

    /// Ends sequences whose answer can only come from peers that have left.
    pub(super) fn left(&mut self, is_there: impl Fn(FlowId) -> bool, events: &mut Vec<Event>) {
        self.running.retain(|running| {
            // Sending the next row detects it otherwise.
            let in_vain = match (&running.state, &running.sequence.to) {
                (Waiting::Answer(..), Target::Flows(flows)) => !flows.iter().any(|flow| is_there(*flow)),
                (Waiting::Answer(..) | Waiting::Due(_) | Waiting::Blocked(_), _) => false,
            };
            if in_vain {
                events.push(running.ended(SequenceEnd::PeerLeft));
            }
            !in_vain
        });
    }

    /// Sends the rows due at `now` with `send`, ends the wait for overdue answers, and reports progress.
    /// Messages that came before `now` must have been passed to [`received`](Self::received).
    pub(super) fn turn(
        &mut self,
        now: Instant,
        mut send: impl FnMut(&Target, &[SendPart]) -> Beat,
        events: &mut Vec<Event>,
    ) -> Option<NetError> {
        let mut error = None;
        self.running.retain_mut(|running| {
            for _row in 0..ROWS {
                if !running.is_ready(now) {
                    break;
                }
                if let ControlFlow::Break(end) = running.step(now, &mut send, &mut error) {
                    events.push(running.ended(end));
                    return false;
                }
                // No receiver can take it now.
                if matches!(running.state, Waiting::Blocked(_)) {
                    break;
                }
            }
            if running.is_stale && running.reported.is_none_or(|reported| now >= reported + REPORT_INTERVAL) {
                running.is_stale = false;
                running.reported = Some(now);
                events.push(Event::SequenceAt(running.sequence.id, running.place));
            }
            true
        });
        error
    }
}

impl RunningSequence {
    fn ended(&self, how: SequenceEnd) -> Event {
        Event::SequenceEnded(self.sequence.id, self.place, how)
    }

    fn due(&self) -> Option<Instant> {
        let state = match &self.state {
            Waiting::Due(at) | Waiting::Answer(at, _) => Some(*at),
            Waiting::Blocked(_) => None,
        };
        let telling = self.reported.filter(|_| self.is_stale).map(|reported| reported + REPORT_INTERVAL);
        earliest([state, telling])
    }

    fn is_ready(&self, now: Instant) -> bool {
        match &self.state {
            Waiting::Due(at) | Waiting::Answer(at, _) => *at <= now,
            Waiting::Blocked(_) => true,
        }
    }

    fn this_row(&self) -> Option<&SequenceRow> {
        self.sequence.rows.get(self.row)
    }

    fn received(&mut self, flow: FlowId, message: &[u8], now: Instant) -> ControlFlow<SequenceEnd> {
        let is_for_it = match &self.sequence.to {
            Target::Flows(flows) => flows.contains(&flow),
            Target::All | Target::Endpoint(_) => true,
        };
        let answer = self.sequence.rows.get(self.row).and_then(|row| row.answer.as_ref());
        match (&mut self.state, answer) {
            // An overdue answer counts if the wait has not ended yet.
            (Waiting::Answer(_by, missed), Some(answer)) if is_for_it => {
                if answer.like.is_match(message) {
                    return self.go_on(now, now);
                }
                missed.note(message);
                ControlFlow::Continue(())
            }
            (Waiting::Answer(..) | Waiting::Due(_) | Waiting::Blocked(_), _) => ControlFlow::Continue(()),
        }
    }

    /// Sends the row that is due, or ends the wait for an overdue answer.
    fn step(
        &mut self,
        now: Instant,
        send: &mut impl FnMut(&Target, &[SendPart]) -> Beat,
        error: &mut Option<NetError>,
    ) -> ControlFlow<SequenceEnd> {
        let due = match &mut self.state {
            Waiting::Due(due) | Waiting::Blocked(due) => *due,
            Waiting::Answer(by, missed) => {
                let (by, missed) = (*by, std::mem::take(missed));
                self.place.unanswered = self.place.unanswered.saturating_add(1);
                let otherwise = self.this_row().and_then(|row| row.answer.as_ref()).map(|to| to.otherwise);
                debug_assert!(otherwise.is_some(), "only a row with an answer waits for one");
                return match otherwise.unwrap_or_default() {
                    Otherwise::Stop => ControlFlow::Break(SequenceEnd::TimedOut(missed)),
                    Otherwise::GoOn => self.go_on(by, now),
                };
            }
        };
        let Some(row) = self.this_row() else { return ControlFlow::Break(SequenceEnd::Done) };
        match send(&self.sequence.to, std::slice::from_ref(&row.what)) {
            Beat::Sent | Beat::Partial => {}
            Beat::Missed => {
                self.state = Waiting::Blocked(due);
                return ControlFlow::Continue(());
            }
            Beat::NoPeers => return ControlFlow::Break(SequenceEnd::PeerLeft),
            Beat::Failed(why) => {
                *error = Some(why);
                return ControlFlow::Break(SequenceEnd::Failed);
            }
        }
        let answer_by = row.answer.as_ref().map(|answer| later(now, answer.within));
        self.place.row = u32::try_from(self.row).unwrap_or(u32::MAX);
        self.place.round = self.round;
        self.is_stale = true;
        match answer_by {
            Some(by) => {
                self.state = Waiting::Answer(by, Missed::default());
                ControlFlow::Continue(())
            }
            None => self.go_on(due, now),
        }
    }

    /// Moves on to the next row; the pause of the current one starts at `from`.
    fn go_on(&mut self, from: Instant, now: Instant) -> ControlFlow<SequenceEnd> {
        let late = now.saturating_duration_since(from);
        let from = if late > CATCH_UP { now } else { from };
        let pause = self.this_row().map_or(Duration::ZERO, |row| row.pause);
        self.row += 1;
        if self.row >= self.sequence.rows.len() {
            self.row = 0;
            self.round = self.round.saturating_add(1);
            if self.sequence.loops == Some(self.round) {
                return ControlFlow::Break(SequenceEnd::Done);
            }
        }
        self.state = Waiting::Due(later(from, pause));
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests;
