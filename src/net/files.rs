//! The progress of files that are being sent: one ticket per file, shared by its peers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::model::{Event, FileEnd, FileId, FileProgress};

/// The most files that may be sent at once in one session.
pub(super) const MAX_FILES: usize = 1024;

/// The shortest interval between two reports of a file's progress.
const REPORT_INTERVAL: Duration = Duration::from_millis(250);

/// The rate is measured over this many intervals.
const SAMPLES: usize = 12;

/// What all peers of one file share. It stays within one thread; atomics allow sharing without a lock.
#[derive(Debug, Default)]
pub(super) struct Ticket {
    paused: AtomicBool,
    stopped: AtomicBool,
    done: AtomicU64,
    total: AtomicU64,
    sent: AtomicU64,
    peers: AtomicU32,
    served: AtomicU32,
    /// Peers that get no more of it.
    gone: AtomicU32,
}

impl Ticket {
    /// Adds a peer.
    pub(super) fn share(self: &Arc<Self>) -> Share {
        self.peers.fetch_add(1, Relaxed);
        Share { ticket: Arc::clone(self), len: 0, done: 0 }
    }
}

/// One peer's share of a file. Dropping it ends the file for that peer.
#[derive(Debug)]
pub(super) struct Share {
    ticket: Arc<Ticket>,
    len: u64,
    done: u64,
}

impl Share {
    /// Sets the length of the file in bytes, as far as it is known.
    pub(super) fn set_len(&mut self, len: u64) {
        let more = len.saturating_sub(self.len);
        self.len += more;
        self.ticket.total.fetch_add(more, Relaxed);
    }

    pub(super) fn is_paused(&self) -> bool {
        self.ticket.paused.load(Relaxed)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.ticket.stopped.load(Relaxed)
    }

    /// Notes that `done` bytes of the file are finished, and `sent` bytes were sent for them.
    pub(super) fn advance(&mut self, done: u64, sent: u64) {
        self.done += done;
        // The length of some files shows only as they are read.
        self.set_len(self.done);
        self.ticket.done.fetch_add(done, Relaxed);
        self.ticket.sent.fetch_add(sent, Relaxed);
    }

    /// Notes that the peer has all of it.
    pub(super) fn served(&mut self) {
        // Includes blank lines skipped at the end.
        let rest = self.len.saturating_sub(self.done);
        self.advance(rest, 0);
        self.ticket.served.fetch_add(1, Relaxed);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.ticket.gone.fetch_add(1, Relaxed);
    }
}

#[derive(Debug)]
struct RunningFile {
    id: FileId,
    ticket: Arc<Ticket>,
    /// Bytes finished, by time.
    samples: VecDeque<(Instant, u64)>,
    reported: Option<(Instant, FileProgress)>,
}

impl RunningFile {
    fn progress(&self) -> FileProgress {
        let ticket = &self.ticket;
        FileProgress {
            done: ticket.done.load(Relaxed),
            total: ticket.total.load(Relaxed),
            sent: ticket.sent.load(Relaxed),
            rate: self.rate(REPORT_INTERVAL),
            peers: ticket.peers.load(Relaxed),
            served: ticket.served.load(Relaxed),
        }
    }

    /// The rate over the last samples; 0 if they span less than `least`.
    fn rate(&self, least: Duration) -> u64 {
        let ends = self.samples.front().zip(self.samples.back());
        let Some(((from, before), (to, after))) = ends else { return 0 };
        let time = to.saturating_duration_since(*from);
        if time < least {
            return 0;
        }
        let bytes = u128::from(after.saturating_sub(*before)) * 1_000_000_000;
        bytes.checked_div(time.as_nanos()).map_or(0, |rate| u64::try_from(rate).unwrap_or(u64::MAX))
    }

    fn sample(&mut self, now: Instant) {
        if self.samples.len() > SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back((now, self.ticket.done.load(Relaxed)));
    }

    fn due(&self) -> Option<Instant> {
        let (at, reported) = self.reported?;
        // A stalled file is reported until its rate is 0.
        let news = self.progress() != reported || reported.rate > 0;
        news.then(|| at + REPORT_INTERVAL)
    }

    fn is_over(&self) -> bool {
        self.ticket.gone.load(Relaxed) == self.ticket.peers.load(Relaxed)
    }

    fn ended(&mut self, now: Instant) -> Event {
        self.sample(now);
        // So that a file sent within one interval has a rate, too.
        let progress = FileProgress { rate: self.rate(Duration::ZERO), ..self.progress() };
        let end = if progress.peers > 0 && progress.served == progress.peers {
            FileEnd::Sent
        } else if self.ticket.stopped.load(Relaxed) {
            FileEnd::Stopped
        } else {
            FileEnd::Failed
        };
        Event::FileEnded(self.id, end, progress)
    }
}

/// The files of one session whose progress is reported.
#[derive(Debug, Default)]
pub(super) struct Files {
    running: Vec<RunningFile>,
}

impl Files {
    /// Starts one, and stops an earlier one with the same ID. `None` if there are too many.
    pub(super) fn begin(&mut self, id: FileId, now: Instant, events: &mut Vec<Event>) -> Option<Arc<Ticket>> {
        if let Some(at) = self.running.iter().position(|running| running.id == id) {
            let mut running = self.running.remove(at);
            running.ticket.stopped.store(true, Relaxed);
            events.push(running.ended(now));
        }
        if self.running.len() >= MAX_FILES {
            events.push(Event::FileEnded(id, FileEnd::Failed, FileProgress::default()));
            return None;
        }
        let ticket = Arc::new(Ticket::default());
        let samples = VecDeque::from([(now, 0)]);
        self.running.push(RunningFile { id, ticket: Arc::clone(&ticket), samples, reported: None });
        Some(ticket)
    }

    pub(super) fn pause(&mut self, id: FileId, paused: bool) {
        for running in self.running.iter_mut().filter(|running| running.id == id) {
            running.ticket.paused.store(paused, Relaxed);
            // Reports it on the next turn.
            running.reported = None;
        }
    }

    pub(super) fn stop(&mut self, id: FileId) {
        let those = self.running.iter().filter(|running| running.id == id);
        those.for_each(|running| running.ticket.stopped.store(true, Relaxed));
    }

    /// Stops those that are paused, since they would keep the session from closing.
    pub(super) fn stop_paused(&mut self) {
        let those = self.running.iter().filter(|running| running.ticket.paused.load(Relaxed));
        those.for_each(|running| running.ticket.stopped.store(true, Relaxed));
    }

    /// Reports progress and ends.
    pub(super) fn turn(&mut self, now: Instant, events: &mut Vec<Event>) {
        self.running.retain_mut(|running| {
            let is_over = running.is_over();
            if is_over {
                events.push(running.ended(now));
            } else if running.reported.is_none() || running.due().is_some_and(|due| due <= now) {
                running.sample(now);
                let progress = running.progress();
                running.reported = Some((now, progress));
                events.push(Event::FileProgress(running.id, progress));
            }
            !is_over
        });
    }

    pub(super) fn end_all(&mut self, now: Instant, events: &mut Vec<Event>) {
        events.extend(self.running.drain(..).map(|mut running| running.ended(now)));
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.running.iter().filter_map(RunningFile::due).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(files: &mut Files, now: Instant) -> Vec<Event> {
        let mut events = Vec::new();
        files.turn(now, &mut events);
        events
    }

    #[test]
    fn progress_is_reported_at_once_then_four_times_a_second() {
        let (mut files, start) = (Files::default(), Instant::now());
        let ticket = files.begin(FileId(3), start, &mut Vec::new()).unwrap();
        let mut shares = [ticket.share(), ticket.share()];
        shares[0].set_len(1000);
        // That of a file on a slow disk comes after its first bytes.
        shares[1].set_len(0);
        shares[1].set_len(1000);
        shares[1].set_len(1000);
        let going = |done, rate| {
            let progress = FileProgress { done, total: 2000, sent: done, rate, peers: 2, served: 0 };
            vec![Event::FileProgress(FileId(3), progress)]
        };
        assert_eq!(turn(&mut files, start), going(0, 0));
        assert_eq!(
            (turn(&mut files, start + REPORT_INTERVAL), files.deadline()),
            (vec![], None),
            "nothing new"
        );
        shares[0].advance(500, 500);
        assert_eq!(files.deadline(), Some(start + REPORT_INTERVAL));
        assert_eq!(turn(&mut files, start + REPORT_INTERVAL), going(500, 2000));
        let mut now = start + REPORT_INTERVAL;
        let mut last = 2000;
        while let Some(due) = files.deadline() {
            assert_eq!(due, now + REPORT_INTERVAL);
            now = due;
            let Some(Event::FileProgress(_, progress)) = turn(&mut files, now).pop() else { panic!() };
            assert!(progress.rate <= last, "{progress:?}");
            last = progress.rate;
        }
        assert_eq!(last, 0, "the stall was reported");
        for share in &mut shares {
            share.served();
        }
        drop(shares);
        let all = FileProgress { done: 2000, total: 2000, sent: 500, rate: 0, peers: 2, served: 2 };
        let ended = turn(&mut files, now);
        let [Event::FileEnded(FileId(3), FileEnd::Sent, progress)] = ended[..] else { panic!("{ended:?}") };
        assert_eq!(FileProgress { rate: 0, ..progress }, all);
        assert_eq!(turn(&mut files, now), []);
    }

    #[test]
    fn the_end_has_the_right_reason() {
        let (mut files, now) = (Files::default(), Instant::now());
        let mut end = |act: &dyn Fn(&mut Files, Share)| {
            let ticket = files.begin(FileId(1), now, &mut Vec::new()).unwrap();
            let mut share = ticket.share();
            share.set_len(9);
            act(&mut files, share);
            match turn(&mut files, now)[..] {
                [Event::FileEnded(_, end, progress)] => (end, progress.done),
                ref other => panic!("{other:?}"),
            }
        };
        assert_eq!(end(&|_files, mut share| share.served()), (FileEnd::Sent, 9));
        assert_eq!(end(&|_files, mut share| share.advance(4, 4)), (FileEnd::Failed, 4));
        assert_eq!(end(&|files, _share| files.stop(FileId(1))), (FileEnd::Stopped, 0));
        assert_eq!(end(&|files, _share| files.stop(FileId(2))), (FileEnd::Failed, 0));
    }

    #[test]
    fn a_repeated_id_replaces_the_file_and_the_number_is_bounded() {
        let (mut files, now) = (Files::default(), Instant::now());
        let first = files.begin(FileId(0), now, &mut Vec::new()).unwrap().share();
        let mut events = Vec::new();
        let second = files.begin(FileId(0), now, &mut events).unwrap().share();
        assert!(first.is_stopped() && !second.is_stopped());
        assert!(matches!(events[..], [Event::FileEnded(FileId(0), FileEnd::Stopped, _)]));
        for id in (1..).take(MAX_FILES - 1) {
            assert!(files.begin(FileId(id), now, &mut Vec::new()).is_some());
        }
        assert!(files.begin(FileId(u32::MAX), now, &mut events).is_none());
        assert!(matches!(events[1..], [Event::FileEnded(FileId(u32::MAX), FileEnd::Failed, _)]));
        files.pause(FileId(0), true);
        files.stop_paused();
        assert!(second.is_paused() && second.is_stopped());
    }
}
