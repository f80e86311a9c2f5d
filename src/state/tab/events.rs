//! What a worker reports of a session, or a job of a capture that is read, and what it changes in the tab.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{CycleEnd, HoldBox, Peer, Phase, Tab};
use crate::model::{
    Batch, CaptureFault, Command, Ending, Endpoint, Event, FileTurn, Flow, FlowId, Granted, Local, NetError,
    Reason, RecordKind, RepeatId, ShortTally, Stamp, Target, Totals,
};
use crate::state::Notice;
use crate::state::action::{Effect, Loaded};
use crate::workspace::{SendTo, Session};

impl Tab {
    pub(in crate::state) fn apply(&mut self, event: Event, now: Stamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Opened { local, granted } => effects = self.opened(local, granted),
            Event::Joined(flow) => self.joined(flow),
            Event::Paired(client, upstream, target) => self.paired(client, upstream, target),
            Event::Recorded(batch) => {
                self.recorded(&batch, now);
                self.recorded_at = now;
            }
            Event::Trouble(error) => self.tell(Notice::Net(error)),
            Event::CapturePaused(error, pending) => self.capture_paused(error, pending),
            Event::CaptureResumed(_) => self.capture_resumed(),
            Event::Turned(turn) => self.turned(turn),
            Event::Left(flow) => self.left(flow, now),
            Event::StoppedListening => {
                if let Phase::Open { listening, .. } = &mut self.phase {
                    *listening = false;
                    self.tell(Notice::StoppedListening);
                }
            }
            Event::CallingAgain(wait) => self.calling_again(wait, now),
            Event::Repeating(id, progress) => {
                if let Some(cycle) = self.cycles.get_mut(&id) {
                    cycle.count(progress);
                }
            }
            Event::RepeatEnded(id, progress) => {
                if let Some(cycle) = self.cycles.get_mut(&id) {
                    cycle.count(progress);
                    self.cycle_ended(id);
                }
            }
            Event::Ready => {
                (self.phase, self.short) = (Phase::Ready, ShortTally::default());
                effects = self.resumed();
                self.cure(|_| true);
            }
            Event::Short(tally) => self.short = tally,
            Event::SequenceAt(id, place) => self.quick.at(id, place),
            Event::SequenceEnded(id, place, end) => {
                if let Some(notice) = self.quick.ended(id, place, end) {
                    self.tell(notice);
                }
            }
            Event::FileProgress(id, progress) => {
                if let Some(file) = self.files.get_mut(&id) {
                    file.progress = progress;
                }
            }
            Event::FileEnded(id, end, progress) => self.file_ended(id, end, progress),
            Event::RuleHits(hits) => self.counters.n_used += self.rules.count(&hits),
            Event::Annotated(notes) => self.annotated(notes),
            Event::SequenceWanted(page, flow) => effects = self.sequence_wanted(&page, flow),
            Event::Held(held) => {
                self.holds.insert(held.id, held);
            }
            Event::HoldEnded(id, how) => self.hold_ended(id, how),
            Event::Alerted(_) => self.alerted = true,
            Event::RecordingStopped => self.recording_stopped = true,
            Event::RecordingResumed => self.recording_stopped = false,
            Event::Closed(error) => self.closed(error, now),
        }
        self.tick(now);
        effects
    }

    fn opened(&mut self, local: Local, granted: Granted) -> Vec<Effect> {
        let listening = self.session.protocol.accepts();
        self.phase = Phase::Open { local, granted, listening };
        self.calls = 0;
        let resumed = self.resumed();
        // Earlier failed attempts are in the log and need no notice.
        self.send.focus_if_free = true;
        self.cure(|_| true);
        resumed
    }

    /// Orders the cycles that were to go on once the session is open.
    fn resumed(&mut self) -> Vec<Effect> {
        let resumed = self.resume_cycles();
        resumed.into_iter().map(|repeat| Effect::Command(self.id, Command::Repeat(repeat))).collect()
    }

    fn capture_paused(&mut self, error: NetError, pending: u64) {
        let folder = self.capture.as_deref().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
        let notice = Notice::RecordingPaused(error, folder, pending);
        // Once dismissed, it stays away.
        if self.stalled.is_none() || self.tells(&notice) {
            self.tell(notice.clone());
        }
        self.stalled = Some(notice);
    }

    fn turned(&mut self, turn: FileTurn) {
        match turn {
            FileTurn::Into(path) => self.capture = Some(path),
            FileTurn::Failed(error) => self.tell(Notice::Net(error)),
            FileTurn::Removed(gone) => {
                self.log.remove(&gone);
                // As far as they are known. The lists grow on, and their numbers stay.
                let items = self.base().first();
                self.framed.messages.remove_before(items);
                let passed = &mut self.filtered.passed;
                passed.remove_before(passed.partition_point(|item| u64::from(*item) < items));
                let notes = Arc::make_mut(&mut self.notes);
                *notes = notes.split_off(&gone.records);
                self.find.restart();
            }
        }
    }

    fn capture_resumed(&mut self) {
        self.cure(|notice| matches!(notice, Notice::RecordingPaused(..)));
        self.stalled = None;
    }

    fn calling_again(&mut self, wait: Duration, now: Stamp) {
        // A closing session stays so until it is closed.
        if self.phase != Phase::Closing {
            let nanos = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
            self.phase = Phase::Waiting { until: Stamp(now.0.saturating_add(nanos)), left_s: 0 };
            self.calls += 1;
            let notice = Notice::CallingAgain(self.calls);
            // Once dismissed, it stays away.
            if self.calls == 1 || self.tells(&notice) {
                self.tell(notice);
            }
        }
    }

    fn joined(&mut self, flow: Flow) {
        self.lost = None;
        self.log.add_flow(&flow);
        self.peers_serial += 1;
        let Session { send_to, names, .. } = &mut self.session;
        send_to.joined((flow.peer, false), &flow, names);
        // What was chosen, or is sent to, never becomes more by itself.
        let ticked = *send_to != SendTo::Ticked && !self.chosen_by_hand;
        self.peers.insert(flow.id, Peer { ticked, ..Peer::new(flow) });
        self.cure(|notice| matches!(notice, Notice::NoPeers(_)) || notice.is_about_accepting());
    }

    /// The peers are the clients of a relay; each knows its other leg.
    fn paired(&mut self, client: FlowId, upstream: FlowId, target: Option<Endpoint>) {
        self.log.pair(client, upstream);
        let Some(upstream) = self.peers.remove(&upstream) else { return };
        self.peers_serial += 1;
        self.twins.insert(upstream.flow.id, client);
        if let Some(peer) = self.peers.get_mut(&client) {
            let Session { send_to, names, .. } = &mut self.session;
            send_to.joined((peer.flow.peer, true), &upstream.flow, names);
            peer.twin = Some(upstream.flow);
            peer.target = target.map(|target| target.to_string());
        }
    }

    fn left(&mut self, flow: FlowId, now: Stamp) {
        self.peers_serial += 1;
        let is_lost = self.keeps_connection() && self.phase != Phase::Closing;
        self.lost = self.peers.remove(&flow).filter(|_| is_lost).map(|peer| (peer.flow, now));
        self.chosen_by_hand &= !self.peers.is_empty();
        self.target_left(Some(flow));
        if let Some(peer) = self.twins.remove(&flow).and_then(|client| self.peers.get_mut(&client)) {
            peer.twin = None;
        }
    }

    /// This connection has ended, or all of them have.
    fn target_left(&mut self, flow: Option<FlowId>) {
        let to = &mut self.session.send_to;
        let was = to.flow();
        match to {
            // It has one peer at a time, wherever its name leads.
            SendTo::Peer(_) if self.session.protocol.connects() => *to = SendTo::All,
            _ => to.left(flow),
        }
        if was.is_some() {
            self.find_target();
        }
    }

    /// The target that is not there may have another connection.
    pub(in crate::state) fn find_target(&mut self) {
        let mut to = std::mem::take(&mut self.session.send_to);
        self.find(&mut to);
        self.session.send_to = to;
    }

    /// Looks for a peer that is not there among those that are.
    pub(super) fn find(&self, to: &mut SendTo) {
        let names = &self.session.names;
        for peer in self.peers.values() {
            if !to.is_away() {
                return;
            }
            to.joined((peer.flow.peer, false), &peer.flow, names);
            if let Some(twin) = &peer.twin {
                to.joined((peer.flow.peer, true), twin, names);
            }
        }
    }

    fn recorded(&mut self, batch: &Batch, now: Stamp) {
        self.peers_serial += 1;
        for record in &batch.records {
            // What a relay has sent to the upstream server it has received from a client, and vice versa.
            if !self.twins.contains_key(&record.flow) {
                self.counters.add(record);
            }
            if let Some(peer) = self.peers.get_mut(&record.flow) {
                match record.kind {
                    RecordKind::Received => {
                        peer.received += u64::from(record.len);
                        peer.seen = now;
                        peer.count(record.len, now);
                        self.last_sender = Some(record.flow);
                    }
                    RecordKind::Sent => {
                        peer.sent += u64::from(record.len);
                        peer.count(record.len, now);
                    }
                    RecordKind::Ended(Ending::PeerFin) => peer.peer_fin = true,
                    RecordKind::Ended(Ending::OwnFin) => peer.own_fin = true,
                    _ => {}
                }
            }
        }
        self.log.extend(&batch.records);
        self.totals = batch.totals;
    }

    fn cycle_ended(&mut self, id: RepeatId) {
        let Some(cycle) = self.cycles.get_mut(&id) else { return };
        if cycle.end == Some(CycleEnd::Stopping) {
            cycle.end = Some(CycleEnd::Stopped);
        }
        if cycle.end.is_some() {
            return;
        }
        let progress = cycle.progress;
        let is_there = |flow: &FlowId| self.peers.contains_key(flow) || self.twins.contains_key(flow);
        let has_left = match &cycle.repeat.to {
            Target::All => self.peers.is_empty(),
            Target::Flows(flows) => !flows.iter().any(is_there),
            Target::Endpoint(_) => false,
        };
        let end = if cycle.repeat.count == Some(progress.sent) {
            CycleEnd::Done
        } else if self.phase == Phase::Closing {
            CycleEnd::Stopped
        } else if has_left {
            CycleEnd::PeerLeft
        } else {
            CycleEnd::Failed
        };
        cycle.end = Some(end);
        if end == CycleEnd::Done {
            self.tell(Notice::CycleDone(progress.sent));
        } else if end != CycleEnd::Stopped {
            self.cycle_stopped();
        }
    }

    fn closed(&mut self, error: Option<NetError>, now: Stamp) {
        for id in self.cycles.keys().copied().collect::<Vec<_>>() {
            self.cycle_ended(id);
        }
        let halted = self.told_halted();
        let phase = std::mem::take(&mut self.phase);
        let (opening, is_wanted) = (phase == Phase::Opening, phase == Phase::Closing);
        self.recording_stopped = false;
        self.calls = 0;
        self.resumes.clear();
        self.capture_resumed();
        let of_open = |notice: &Notice| matches!(notice, Notice::CallingAgain(_) | Notice::StoppedListening);
        self.cure(|notice| of_open(notice) || notice.is_about_accepting());
        if let Some(peer) = self.peers.first_key_value().map(|(flow, _)| *flow) {
            self.left(peer, now);
        }
        self.lost.take_if(|_| is_wanted);
        self.peers.clear();
        self.peers_serial += 1;
        self.twins.clear();
        self.holds.clear();
        // The next session counts anew.
        self.hold = HoldBox::default();
        self.files.retain(|_, file| !is_wanted || file.failed);
        self.files.values_mut().for_each(|file| file.failed = true);
        self.quick.run = None;
        self.totals.queued_bytes = 0;
        self.totals.queued_messages = 0;
        self.target_left(None);
        if error.is_none() && self.session.protocol.connects() && matches!(phase, Phase::Open { .. }) {
            self.cure(|notice| matches!(notice, Notice::CycleStopped(_)));
            self.tell(Notice::PeerClosed(halted));
        }
        if let Some(error) = error {
            // What never began has not ended.
            self.tell(if opening { Notice::Net(error) } else { Notice::Ended(error) });
        }
    }

    pub(in crate::state) fn loaded(&mut self, loaded: Loaded) {
        match loaded {
            Loaded::More { flows, pairs, records, notes, unordered, done } => {
                self.log.unordered = Stamp::earliest(self.log.unordered, unordered);
                for flow in flows {
                    self.log.add_flow(&flow);
                }
                for (client, upstream) in pairs {
                    self.log.pair(client, upstream);
                }
                if !notes.is_empty() {
                    let all = Arc::make_mut(&mut self.notes);
                    all.extend(notes);
                    all.retain(|_, text| !text.is_empty());
                    self.notes_serial += 1;
                }
                self.recorded(&Batch { records, totals: Totals::default() }, Stamp(0));
                self.phase = Phase::Viewing { loading: Some(done) };
            }
            Loaded::Layered => self.layered = true,
            Loaded::End(torn) => {
                self.phase = Phase::Viewing { loading: None };
                if !self.notes.is_empty() {
                    // In the file, notes follow their records, which were filtered without them.
                    self.notes_count();
                }
                if torn {
                    self.tell(Notice::Torn);
                }
            }
            Loaded::TooLarge(_, most) => {
                let why = Reason::Damage(0, CaptureFault::TooLarge(most));
                self.loaded(Loaded::Failed(why));
            }
            Loaded::Failed(why) => {
                self.phase = Phase::Viewing { loading: None };
                self.tell(Notice::CannotRead(why));
            }
        }
    }
}
