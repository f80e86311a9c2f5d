//! Sends events to the window: a channel that never blocks the worker, and a queue for what is too much for it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{SendError, Sender};

use crate::model::{Batch, Event, Record, Totals};

/// The most events that wait in the channel of a session; the window empties it once a frame. Further ones wait in the
/// worker. A new peer brings several.
pub const MAX_EVENTS: usize = 8192;

/// The most records in one batch.
const BATCH: usize = 65_536;

/// The shortest interval between two batches, so that a flood of data does not cause a flood of events.
const GAP: Duration = Duration::from_millis(2);

/// With more events waiting than this, the receiver seems to be stuck.
const CROWDED: usize = 1024;

/// How long to wait after the channel was full.
const RETRY: Duration = Duration::from_millis(4);

/// Called from the worker when an event is sent to an empty channel. It must not block.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// The events that wait to be sent.
pub(super) struct Outbox {
    events: Sender<Event>,
    wake: Wake,
    waiting: VecDeque<Event>,
    last_sent: Option<Instant>,
    max_sent: usize,
    full: bool,
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

impl Outbox {
    pub(super) fn new(events: Sender<Event>, wake: Wake) -> Self {
        Self { events, wake, waiting: VecDeque::new(), last_sent: None, max_sent: MAX_EVENTS, full: false }
    }

    pub(super) fn push(&mut self, event: Event) {
        self.waiting.push_back(event);
    }

    /// Whether the receiver seems to be stuck.
    pub(super) fn is_crowded(&self) -> bool {
        self.waiting.len() > CROWDED
    }

    /// Appends a batch of `records`, which is left empty, and the totals after them.
    pub(super) fn records(&mut self, records: &mut Vec<Record>, totals: Totals) {
        if let Some(Event::Recorded(last)) = self.waiting.back_mut()
            && last.records.len() + records.len() <= BATCH
        {
            last.records.append(records);
            last.totals = totals;
            return;
        }
        self.waiting.push_back(Event::Recorded(Batch { records: std::mem::take(records), totals }));
    }

    /// Sends what fits. A single batch waits if another was sent just before.
    pub(super) fn flush(&mut self, now: Instant) {
        if self.held(now) {
            return;
        }
        let mut wake = false;
        self.full = false;
        while let Some(event) = self.waiting.pop_front() {
            if self.events.len() >= self.max_sent {
                self.waiting.push_front(event);
                self.full = true;
                break;
            }
            match self.events.send(event) {
                Ok(()) => {
                    self.last_sent = Some(now);
                    // Checked after sending: a receiver that drains the channel either has not reached this
                    // event, or finds it first and must be woken.
                    wake |= self.events.len() <= 1;
                }
                // The receiver is gone, because the session is being dropped.
                Err(SendError(_event)) => self.waiting.clear(),
            }
        }
        if wake {
            (self.wake)();
        }
    }

    /// When [`flush`](Self::flush) is due.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        if self.waiting.is_empty() {
            None
        } else if self.full {
            Some(now + RETRY)
        } else {
            Some(self.last_sent.map_or(now, |last_sent| last_sent + GAP))
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn held(&self, now: Instant) -> bool {
        self.waiting.len() == 1
            && matches!(self.waiting.front(), Some(Event::Recorded(_)))
            && self.last_sent.is_some_and(|last_sent| now < last_sent + GAP)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::model::{FlowId, RecordKind};

    fn outbox(max_sent: usize) -> (Outbox, crossbeam_channel::Receiver<Event>, Arc<AtomicUsize>) {
        let (sender, receiver) = crossbeam_channel::unbounded();
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let wake: Wake = Arc::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        (Outbox { max_sent, ..Outbox::new(sender, wake) }, receiver, woken)
    }

    fn record(offset: u64) -> Record {
        Record { offset, flow: FlowId(0), len: 1, kind: RecordKind::Received }
    }

    fn batch(events: &[Event], at: usize) -> Vec<u64> {
        match &events[at] {
            Event::Recorded(batch) => batch.records.iter().map(|record| record.offset).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn events_that_do_not_fit_wait_in_order_and_batches_merge() {
        let (mut outbox, receiver, woken) = outbox(1);
        let now = Instant::now();
        outbox.push(Event::StoppedListening);
        for offset in 0..1000 {
            outbox.records(&mut vec![record(offset)], Totals { received_bytes: offset, ..Totals::default() });
            outbox.flush(now);
        }
        outbox.push(Event::Left(FlowId(0)));
        outbox.flush(now);
        assert_eq!(woken.load(Ordering::Relaxed), 1);
        let mut seen = Vec::new();
        let mut later = now;
        while let Ok(event) = receiver.try_recv() {
            seen.push(event);
            later += Duration::from_secs(1);
            outbox.flush(later);
        }
        assert_eq!(seen.len(), 3, "{seen:?}");
        assert_eq!(batch(&seen, 1), (0..1000).collect::<Vec<_>>());
        assert_eq!(seen[2], Event::Left(FlowId(0)));
        assert_eq!(woken.load(Ordering::Relaxed), 3);
        assert!(outbox.is_empty() && outbox.deadline(later).is_none());
    }

    #[test]
    fn only_batches_are_delayed() {
        let (mut outbox, receiver, _woken) = outbox(16);
        let now = Instant::now();
        outbox.records(&mut vec![record(0)], Totals::default());
        outbox.flush(now);
        assert_eq!(receiver.len(), 1, "the first is sent at once");
        outbox.records(&mut vec![record(1)], Totals::default());
        outbox.flush(now);
        assert_eq!(receiver.len(), 1);
        assert_eq!(outbox.deadline(now), Some(now + GAP));
        outbox.push(Event::StoppedListening);
        outbox.flush(now);
        assert_eq!(receiver.len(), 3);
        outbox.records(&mut vec![record(2)], Totals::default());
        outbox.flush(now + GAP);
        assert_eq!(receiver.len(), 4);
    }

    #[test]
    fn a_batch_is_bounded() {
        let (mut outbox, receiver, _woken) = outbox(1);
        let now = Instant::now();
        outbox.push(Event::StoppedListening);
        outbox.flush(now);
        for offset in 0..=BATCH as u64 {
            outbox.records(&mut vec![record(offset)], Totals::default());
        }
        assert_eq!(outbox.waiting.len(), 2);
        drop(receiver);
        outbox.flush(now);
        assert!(outbox.is_empty(), "the receiver is gone");
    }
}
