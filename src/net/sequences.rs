//! The running sequences: what each waits for and what it sends next. The caller passes the time and received
//! messages, and does the sending.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::inbox::{Arrival, Inbox, MAX_BYTES};
use super::repeats::Beat;
use super::time::{earliest, later};
use crate::model::{
    Event, ExpectedAnswer, FlowId, Missed, NetError, Otherwise, SendPart, Sequence, SequenceEnd, SequenceId,
    SequencePlace, SequenceRow, Target,
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

/// The most peers of one sequence whose messages wait.
const MAX_INBOXES: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Sequences {
    running: Vec<RunningSequence>,
    /// What each peer has sent before the first sequence for it; `None` once that has started.
    early: BTreeMap<FlowId, Option<Inbox>>,
    /// Whether that is kept.
    keeps_early: bool,
    /// How much memory received messages take, in bytes.
    pub(super) held: u64,
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
    inboxes: BTreeMap<FlowId, Inbox>,
    /// Whose message came last.
    latest: Option<FlowId>,
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
    Answer(Instant),
}

impl Sequences {
    /// Also keeps what a peer sends before the first sequence for it starts.
    pub(super) fn keep_early(&mut self) {
        self.keeps_early = true;
    }

    /// Starts `sequence` now, replacing one with the same ID. False if too many are running.
    pub(super) fn start(&mut self, sequence: Sequence, now: Instant, events: &mut Vec<Event>) -> bool {
        self.stop(sequence.id, events);
        let may_run = self.running.len() < MAX_SEQUENCES;
        let inboxes = self.take_early(&sequence.to);
        if !may_run || sequence.rows.is_empty() || sequence.loops == Some(0) {
            let end = if may_run { SequenceEnd::Done } else { SequenceEnd::Failed };
            events.push(Event::SequenceEnded(sequence.id, SequencePlace::default(), end));
            self.recount();
            return may_run;
        }
        self.running.push(RunningSequence {
            listens: sequence.rows.iter().any(|row| row.answer.is_some()),
            inboxes,
            latest: None,
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
            self.recount();
        }
    }

    pub(super) fn end_all(&mut self, how: &SequenceEnd, events: &mut Vec<Event>) {
        let how = |running: &RunningSequence| match how {
            SequenceEnd::PeerLeft(_) => running.peer_left(),
            how => how.clone(),
        };
        events.extend(self.running.drain(..).map(|running| running.ended(how(&running))));
        self.recount();
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.running.iter().filter_map(RunningSequence::due).min()
    }

    /// Whether some row could not be sent. It must be tried again on every turn.
    pub(super) fn is_blocked(&self) -> bool {
        self.running.iter().any(|running| matches!(running.state, Waiting::Blocked(_)))
    }

    /// What the receivers have sent early, for their first sequence.
    fn take_early(&mut self, to: &Target) -> BTreeMap<FlowId, Inbox> {
        let early: Vec<(FlowId, Option<Inbox>)> = match (self.keeps_early, to) {
            (false, _) => Vec::new(),
            (true, Target::Flows(flows)) => {
                flows.iter().map(|flow| (*flow, self.early.insert(*flow, None).flatten())).collect()
            }
            (true, Target::All | Target::Endpoint(_)) => {
                self.keeps_early = false;
                std::mem::take(&mut self.early).into_iter().collect()
            }
        };
        early.into_iter().filter_map(|(flow, inbox)| Some((flow, inbox?))).collect()
    }

    /// The inbox of a peer whose first sequence has not started, if it is kept.
    fn early(&mut self, flow: FlowId) -> Option<&mut Inbox> {
        if !self.keeps_early {
            return None;
        }
        if self.early.len() >= MAX_INBOXES && !self.early.contains_key(&flow) {
            let oldest = self.early.iter().find_map(|(flow, inbox)| inbox.is_some().then_some(*flow));
            oldest.and_then(|oldest| self.early.remove(&oldest));
        }
        self.early.entry(flow).or_insert_with(|| Some(Inbox::default())).as_mut()
    }

    fn inboxes(&mut self) -> impl Iterator<Item = (FlowId, &mut Inbox)> {
        let early = self.early.iter_mut().filter_map(|(flow, inbox)| Some((*flow, inbox.as_mut()?)));
        let running = self.running.iter_mut().flat_map(|running| &mut running.inboxes);
        early.chain(running.map(|(flow, inbox)| (*flow, inbox)))
    }

    fn recount(&mut self) {
        self.held = self.inboxes().map(|(_flow, inbox)| inbox.held()).sum();
    }

    /// How much memory the messages of one peer take, in bytes.
    fn held_by(&self, flow: FlowId) -> u64 {
        let early = self.early.get(&flow).and_then(Option::as_ref);
        let running = self.running.iter().filter_map(|running| running.inboxes.get(&flow));
        early.into_iter().chain(running).map(Inbox::held).sum()
    }

    /// A peer has left.
    pub(super) fn peer_left(&mut self, flow: FlowId, events: &mut Vec<Event>) {
        self.peer_ended(flow, events);
        if self.early.get(&flow).is_some_and(Option::is_none) {
            self.early.remove(&flow);
        }
    }

    /// Whether some sequence expects answers, so that it must see received messages.
    pub(super) fn wants_messages(&self) -> bool {
        self.keeps_early || self.running.iter().any(|running| running.listens)
    }

    /// Checks a received message against the expected answers. If all that wait then take more than `room` bytes, those
    /// of this peer are dropped.
    pub(super) fn received(
        &mut self,
        (flow, message): (FlowId, &[u8]),
        arrival: Arrival,
        (now, room): (Instant, u64),
        events: &mut Vec<Event>,
    ) {
        let before = self.held_by(flow);
        let n_running = self.running.len();
        let mut counts = self.running.iter().map(|running| running.inboxes.len()).chain([self.early.len()]);
        let is_crowded = counts.any(|count| count >= MAX_INBOXES);
        if let Some(inbox) = self.early(flow) {
            inbox.push(message, arrival, MAX_BYTES);
        }
        let most = MAX_BYTES / self.running.len().max(1);
        self.running.retain_mut(|running| match running.received((flow, message), arrival, (now, most)) {
            ControlFlow::Continue(()) => true,
            ControlFlow::Break(end) => {
                events.push(running.ended(end));
                false
            }
        });
        if is_crowded || self.running.len() < n_running {
            self.recount();
        } else {
            self.held = self.held + self.held_by(flow) - before;
        }
        if self.held > room {
            self.inboxes().filter(|(of, _)| *of == flow).for_each(|(_, inbox)| inbox.drop_all());
            self.recount();
        }
    }

    /// Notes what has arrived of a message that is not complete.
    pub(super) fn incomplete(&mut self, flow: FlowId, bytes: &[u8]) {
        if let Some(inbox) = self.early(flow) {
            inbox.set_incomplete(bytes);
        }
        let running = self.running.iter_mut().filter(|running| running.listens && running.is_for(flow));
        running.for_each(|running| running.inbox(flow).set_incomplete(bytes));
    }

    /// A peer sends nothing more, or has left. Ends sequences whose answer can only come from such peers.
    pub(super) fn peer_ended(&mut self, flow: FlowId, events: &mut Vec<Event>) {
        if let Some(inbox) = self.early(flow) {
            inbox.is_over = true;
        }
        self.running.retain_mut(|running| {
            if !running.listens || !running.is_for(flow) {
                return true;
            }
            running.inbox(flow).is_over = true;
            let is_in_vain = matches!(running.state, Waiting::Answer(_)) && running.is_deserted();
            if is_in_vain {
                events.push(running.ended(running.peer_left()));
            }
            !is_in_vain
        });
        self.recount();
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
        let mut is_changed = false;
        self.running.retain_mut(|running| {
            for _row in 0..ROWS {
                if !running.is_ready(now) {
                    break;
                }
                is_changed |= running.listens;
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
        if is_changed {
            self.recount();
        }
        error
    }
}

impl RunningSequence {
    fn ended(&self, how: SequenceEnd) -> Event {
        Event::SequenceEnded(self.sequence.id, self.place, how)
    }

    fn due(&self) -> Option<Instant> {
        let state = match &self.state {
            Waiting::Due(at) | Waiting::Answer(at) => Some(*at),
            Waiting::Blocked(_) => None,
        };
        let telling = self.reported.filter(|_| self.is_stale).map(|reported| reported + REPORT_INTERVAL);
        earliest([state, telling])
    }

    fn is_ready(&self, now: Instant) -> bool {
        match &self.state {
            Waiting::Due(at) | Waiting::Answer(at) => *at <= now,
            Waiting::Blocked(_) => true,
        }
    }

    fn this_row(&self) -> Option<&SequenceRow> {
        self.sequence.rows.get(self.row)
    }

    fn answer(&self) -> Option<&ExpectedAnswer> {
        self.this_row()?.answer.as_ref()
    }

    fn is_for(&self, flow: FlowId) -> bool {
        match &self.sequence.to {
            Target::Flows(flows) => flows.contains(&flow),
            Target::All | Target::Endpoint(_) => true,
        }
    }

    fn inbox(&mut self, flow: FlowId) -> &mut Inbox {
        if self.inboxes.len() >= MAX_INBOXES && !self.inboxes.contains_key(&flow) {
            self.inboxes.pop_first();
        }
        self.inboxes.entry(flow).or_default()
    }

    /// Whether nobody is left who could answer.
    fn is_deserted(&self) -> bool {
        match &self.sequence.to {
            Target::Flows(flows) => {
                flows.iter().all(|flow| self.inboxes.get(flow).is_some_and(|inbox| inbox.is_over))
            }
            Target::All | Target::Endpoint(_) => false,
        }
    }

    /// What arrived instead of the answer, if it waits for one.
    fn missed(&self) -> Option<Missed> {
        let answer = self.answer().filter(|_| matches!(self.state, Waiting::Answer(_)))?;
        let latest = self.latest.and_then(|flow| self.inboxes.get(&flow));
        let inbox = latest.filter(|inbox| !inbox.is_empty()).or_else(|| self.inboxes.values().next_back());
        Some(inbox.map(|inbox| inbox.missed(&answer.like)).unwrap_or_default())
    }

    fn peer_left(&self) -> SequenceEnd {
        SequenceEnd::PeerLeft(self.missed())
    }

    fn received(
        &mut self,
        (flow, message): (FlowId, &[u8]),
        arrival: Arrival,
        (now, most): (Instant, usize),
    ) -> ControlFlow<SequenceEnd> {
        if !self.listens || !self.is_for(flow) {
            return ControlFlow::Continue(());
        }
        let most = most / self.inboxes.len().max(1);
        self.latest = Some(flow);
        let inbox = self.inbox(flow);
        inbox.push(message, arrival, most);
        let last = inbox.last();
        // An overdue answer counts if the wait has not ended yet.
        if matches!(self.state, Waiting::Answer(_)) && self.take_answer(flow, last) {
            return self.go_on(now, now);
        }
        ControlFlow::Continue(())
    }

    /// Removes the answer to this row from what a peer has sent, from message `from` on; false if it is not there.
    fn take_answer(&mut self, flow: FlowId, from: usize) -> bool {
        let answer = self.sequence.rows.get(self.row).and_then(|row| row.answer.as_ref());
        let Some((answer, inbox)) = answer.zip(self.inboxes.get_mut(&flow)) else { return false };
        let found = inbox.find(&answer.like, from);
        found.is_some_and(|found| {
            inbox.take(found);
            true
        })
    }

    /// Sends the row that is due, or ends the wait for an overdue answer.
    fn step(
        &mut self,
        now: Instant,
        send: &mut impl FnMut(&Target, &[SendPart]) -> Beat,
        error: &mut Option<NetError>,
    ) -> ControlFlow<SequenceEnd> {
        let due = match self.state {
            Waiting::Due(due) | Waiting::Blocked(due) => due,
            Waiting::Answer(by) => {
                self.place.unanswered = self.place.unanswered.saturating_add(1);
                let otherwise = self.answer().map(|answer| answer.otherwise);
                debug_assert!(otherwise.is_some(), "only a row with an answer waits for one");
                return match otherwise.unwrap_or_default() {
                    Otherwise::Stop => {
                        ControlFlow::Break(SequenceEnd::TimedOut(self.missed().unwrap_or_default()))
                    }
                    Otherwise::GoOn => self.go_on(by, now),
                };
            }
        };
        let Some(row) = self.this_row() else { return ControlFlow::Break(SequenceEnd::Done) };
        match row.what.as_ref().map(|what| send(&self.sequence.to, std::slice::from_ref(what))) {
            None | Some(Beat::Sent | Beat::Partial) => {}
            Some(Beat::Missed) => {
                self.state = Waiting::Blocked(due);
                return ControlFlow::Continue(());
            }
            Some(Beat::NoPeers) => return ControlFlow::Break(SequenceEnd::PeerLeft(None)),
            Some(Beat::Failed(why)) => {
                *error = Some(why);
                return ControlFlow::Break(SequenceEnd::Failed);
            }
        }
        let answer_by = row.answer.as_ref().map(|answer| later(now, answer.within));
        if row.what == Some(SendPart::StartTls) {
            // What has come before is no answer to what follows: anybody on the way may have added it.
            self.inboxes.values_mut().for_each(Inbox::drop_all);
        }
        self.place.row = u32::try_from(self.row).unwrap_or(u32::MAX);
        self.place.round = self.round;
        self.is_stale = true;
        let Some(by) = answer_by else { return self.go_on(due, now) };
        self.state = Waiting::Answer(by);
        // It may have come already.
        let flows: Vec<FlowId> = self.inboxes.keys().copied().collect();
        if flows.into_iter().any(|flow| self.take_answer(flow, 0)) {
            return self.go_on(now, now);
        }
        if self.is_deserted() { ControlFlow::Break(self.peer_left()) } else { ControlFlow::Continue(()) }
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
