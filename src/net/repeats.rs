//! The running repeats: when their next beats are due, and how well they keep time. The caller passes the
//! time and does the sending.

mod pacing;

use std::time::{Duration, Instant};

use crate::model::{Event, NetError, Progress, Repeat, RepeatId};
use pacing::Periods;

/// The most repeats that may run at once in one session.
pub(super) const MAX_REPEATS: usize = 1024;

/// A beat that is late by no more than this is still sent, because a busy machine may delay a thread by tens
/// of milliseconds. A later one is skipped if the next is due as well, so that waking from standby does not
/// send everything at once.
const CATCH_UP: Duration = Duration::from_millis(100);

/// The shortest interval between two reports of a repeat's progress.
const REPORT_INTERVAL: Duration = Duration::from_millis(250);

/// The result of one beat.
#[derive(Debug)]
pub(super) enum Beat {
    /// Queued for all receivers.
    Sent,
    /// Queued for some; others read too slowly.
    Partial,
    /// There is no receiver, or all read too slowly.
    Missed,
    /// All receivers have left and cannot return.
    NoPeers,
    /// It can never be sent.
    Failed(NetError),
}

#[derive(Debug, Default)]
pub(super) struct Repeats {
    running: Vec<RunningRepeat>,
}

#[derive(Debug)]
struct RunningRepeat {
    repeat: Repeat,
    due: Instant,
    progress: Progress,
    pacing: Periods,
    reported: Option<Instant>,
}

/// When a repeat has its next beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upcoming {
    Due,
    Later,
    Ended,
}

impl Repeats {
    /// Starts `repeat` now, replacing one with the same ID. False if too many are running.
    pub(super) fn start(&mut self, repeat: Repeat, now: Instant, events: &mut Vec<Event>) -> bool {
        self.stop(repeat.id, events);
        let (id, room) = (repeat.id, self.running.len() < MAX_REPEATS);
        if !room || repeat.count == Some(0) {
            events.push(Event::RepeatEnded(id, Progress::default()));
            return room;
        }
        let every = repeat.every.max(Repeat::LEAST);
        let (pacing, progress) = (Periods::new(every), Progress::default());
        let repeat = Repeat { every, ..repeat };
        self.running.push(RunningRepeat { repeat, due: now, progress, pacing, reported: None });
        true
    }

    /// Stops one, if it is running.
    pub(super) fn stop(&mut self, id: RepeatId, events: &mut Vec<Event>) {
        if let Some(at) = self.running.iter().position(|running| running.repeat.id == id) {
            events.push(self.running.remove(at).ended());
        }
    }

    pub(super) fn stop_all(&mut self, events: &mut Vec<Event>) {
        events.extend(self.running.drain(..).map(|running| running.ended()));
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.running.iter().map(|running| running.due).min()
    }

    /// Sends the beats due at `now` with `send`, and reports progress.
    pub(super) fn turn(
        &mut self,
        now: Instant,
        mut send: impl FnMut(&Repeat) -> Beat,
        events: &mut Vec<Event>,
    ) -> Option<NetError> {
        let mut error = None;
        self.running.retain_mut(|running| {
            let mut next = running.catch_up(now);
            let worked = next == Upcoming::Due;
            while next == Upcoming::Due {
                let beat = send(&running.repeat);
                next = running.took(beat, now, &mut error);
            }
            if next == Upcoming::Ended {
                events.push(running.ended());
            } else if worked && running.reported.is_none_or(|reported| now >= reported + REPORT_INTERVAL) {
                running.reported = Some(now);
                events.push(Event::Repeating(running.repeat.id, running.progress()));
            }
            next != Upcoming::Ended
        });
        error
    }
}

impl RunningRepeat {
    fn progress(&self) -> Progress {
        Progress { pace: self.pacing.pace(), ..self.progress }
    }

    fn ended(&self) -> Event {
        Event::RepeatEnded(self.repeat.id, self.progress())
    }

    /// Skips beats that are too late.
    fn catch_up(&mut self, now: Instant) -> Upcoming {
        let late = now.saturating_duration_since(self.due);
        if late > CATCH_UP {
            let every = self.repeat.every.as_nanos().max(1);
            let missed = late.as_nanos() / every;
            if missed > 0 {
                let on = u64::try_from(missed * every).unwrap_or(u64::MAX);
                self.due += Duration::from_nanos(on);
                self.skipped(u64::try_from(missed).unwrap_or(u64::MAX));
            }
        }
        self.next(now)
    }

    fn next(&self, now: Instant) -> Upcoming {
        if self.due <= now { Upcoming::Due } else { Upcoming::Later }
    }

    fn skipped(&mut self, n: u64) {
        self.progress.skipped = self.progress.skipped.saturating_add(n);
        self.pacing.pause();
    }

    /// Notes the result of a beat.
    fn took(&mut self, beat: Beat, now: Instant, error: &mut Option<NetError>) -> Upcoming {
        // Measured from the last due time, not from now, so that delays do not add up.
        let Some(due) = self.due.checked_add(self.repeat.every) else { return Upcoming::Ended };
        self.due = due;
        match beat {
            Beat::Sent | Beat::Partial => {
                self.progress.sent += 1;
                self.progress.skipped += u64::from(matches!(beat, Beat::Partial));
                self.pacing.beat(now);
            }
            Beat::Missed => self.skipped(1),
            Beat::NoPeers => return Upcoming::Ended,
            Beat::Failed(why) => {
                *error = Some(why);
                return Upcoming::Ended;
            }
        }
        if self.repeat.count == Some(self.progress.sent) { Upcoming::Ended } else { self.next(now) }
    }
}

#[cfg(test)]
mod tests;
