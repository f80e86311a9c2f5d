//! Which repeats run, when their next beat is due, and how well they keep their time. Knows neither
//! sockets nor the clock: both are handed in.

mod pacing;

use std::time::{Duration, Instant};

use crate::model::{Event, NetError, Progress, Repeat, RepeatId, SendPart, Target};
use pacing::Periods;

/// Repeats that may run at once in one session.
pub(super) const MAX_REPEATS: usize = 1024;

/// A beat that comes this late at most is still sent, so that a busy machine, which may give nobody a turn for
/// tens of milliseconds, costs none. One that is later is skipped, if its successor is due as well: after a
/// machine has slept, nobody wants all that was missed at once.
const CATCH_UP: Duration = Duration::from_millis(100);

/// A repeat tells how far it has come no more often than this.
const TELL: Duration = Duration::from_millis(250);

/// What came of one beat.
#[derive(Debug)]
pub(super) enum Beat {
    /// It goes to all.
    Sent,
    /// It goes to some; others read too slowly.
    Partly,
    /// Nobody is there, or all read too slowly.
    Missed,
    /// All for whom it was meant have left, and none can come back.
    NobodyLeft,
    /// It can never be sent.
    Failed(NetError),
}

/// The repeats of one session.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    running: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    repeat: Repeat,
    due: Instant,
    progress: Progress,
    pacing: Periods,
    told: Option<Instant>,
}

/// Whether a repeat goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Due,
    Later,
    Ended,
}

impl Repeats {
    /// Begins `repeat` now, in the place of one with the same name. False if too many run already, or
    /// if it was to be sent no time at all: it has ended then.
    pub(super) fn start(&mut self, repeat: Repeat, now: Instant, tell: &mut impl FnMut(Event)) -> bool {
        self.stop(repeat.id, tell);
        let (id, room) = (repeat.id, self.running.len() < MAX_REPEATS);
        if !room || repeat.count == Some(0) {
            tell(Event::RepeatEnded(id, Progress::default()));
            return room;
        }
        let every = repeat.every.max(Repeat::LEAST);
        let pacing = Periods::new(every);
        let repeat = Repeat { every, ..repeat };
        self.running.push(Running { repeat, due: now, progress: Progress::default(), pacing, told: None });
        true
    }

    /// Ends that one, if it runs.
    pub(super) fn stop(&mut self, id: RepeatId, tell: &mut impl FnMut(Event)) {
        if let Some(at) = self.running.iter().position(|running| running.repeat.id == id) {
            tell(self.running.remove(at).ended());
        }
    }

    /// Ends them all.
    pub(super) fn stop_all(&mut self, tell: &mut impl FnMut(Event)) {
        self.running.drain(..).for_each(|running| tell(running.ended()));
    }

    /// When the next beat is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.running.iter().map(|running| running.due).min()
    }

    /// Sends with `send` what is due at `now`, and tells how far it all has come.
    pub(super) fn turn(
        &mut self,
        now: Instant,
        mut send: impl FnMut(&Target, &[SendPart]) -> Beat,
        tell: &mut impl FnMut(Event),
    ) -> Option<NetError> {
        let mut error = None;
        self.running.retain_mut(|running| {
            let mut next = running.catch_up(now);
            let worked = next == Next::Due;
            while next == Next::Due {
                let beat = send(&running.repeat.to, &running.repeat.what);
                next = running.took(beat, now, &mut error);
            }
            if next == Next::Ended {
                tell(running.ended());
            } else if worked && running.told.is_none_or(|told| now >= told + TELL) {
                running.told = Some(now);
                tell(Event::Repeating(running.repeat.id, running.progress()));
            }
            next != Next::Ended
        });
        error
    }
}

impl Running {
    fn progress(&self) -> Progress {
        Progress { pace: self.pacing.pace(), ..self.progress }
    }

    fn ended(&self) -> Event {
        Event::RepeatEnded(self.repeat.id, self.progress())
    }

    /// Skips the beats whose time has passed for good.
    fn catch_up(&mut self, now: Instant) -> Next {
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

    fn next(&self, now: Instant) -> Next {
        if self.due <= now { Next::Due } else { Next::Later }
    }

    fn skipped(&mut self, n: u64) {
        self.progress.skipped = self.progress.skipped.saturating_add(n);
        self.pacing.pause();
    }

    /// A beat was tried.
    fn took(&mut self, beat: Beat, now: Instant, error: &mut Option<NetError>) -> Next {
        // The time of the next one follows from the last one's, not from now, so that nothing drifts.
        let Some(due) = self.due.checked_add(self.repeat.every) else { return Next::Ended };
        self.due = due;
        match beat {
            Beat::Sent | Beat::Partly => {
                self.progress.sent += 1;
                self.progress.skipped += u64::from(matches!(beat, Beat::Partly));
                self.pacing.beat(now);
            }
            Beat::Missed => self.skipped(1),
            Beat::NobodyLeft => return Next::Ended,
            Beat::Failed(why) => {
                *error = Some(why);
                return Next::Ended;
            }
        }
        if self.repeat.count == Some(self.progress.sent) { Next::Ended } else { self.next(now) }
    }
}

#[cfg(test)]
mod tests;
