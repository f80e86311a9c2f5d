//! Wakes a poll at a given time with a thread that sleeps, for systems whose timers cannot be polled.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mio::{Registry, Waker};

/// No time is set.
const NONE: u64 = u64::MAX;

/// The thread must end.
const OVER: u64 = u64::MAX - 1;

/// Some systems round parking up by many milliseconds, so the last part of a wait is slept, which is exact.
const LAST: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(super) struct Pacer {
    begun: Instant,
    /// Nanoseconds from `begun`, or [`NONE`] or [`OVER`].
    moment: Arc<AtomicU64>,
    armed: Option<Instant>,
    thread: JoinHandle<()>,
}

impl Pacer {
    /// Starts a thread that wakes the poll of `waker`.
    pub(super) fn new(_registry: &Registry, waker: &Arc<Waker>) -> io::Result<Self> {
        let begun = Instant::now();
        let moment = Arc::new(AtomicU64::new(NONE));
        let (given, waker) = (Arc::clone(&moment), Arc::clone(waker));
        let thread = std::thread::Builder::new()
            .name("netassist-pacer".to_owned())
            .spawn(move || work(begun, &given, &waker))?;
        Ok(Self { begun, moment, armed: None, thread })
    }

    /// Wakes the poll at `moment`, which replaces the time set before.
    #[expect(clippy::unnecessary_wraps, reason = "a timer of the kernel's may fail")]
    pub(super) fn wake_at(&mut self, moment: Instant) -> io::Result<()> {
        // A time in the past may have woken the poll already, with work still left.
        if self.armed != Some(moment) || moment <= Instant::now() {
            let nanos = moment.saturating_duration_since(self.begun).as_nanos();
            self.set(u64::try_from(nanos).map_or(OVER - 1, |nanos| nanos.min(OVER - 1)));
            self.armed = Some(moment);
        }
        Ok(())
    }

    fn set(&self, moment: u64) {
        self.moment.store(moment, Ordering::Release);
        self.thread.thread().unpark();
    }
}

impl Drop for Pacer {
    fn drop(&mut self) {
        self.set(OVER);
    }
}

#[expect(clippy::disallowed_methods, reason = "the exact sleep is what this thread is for")]
fn work(begun: Instant, given: &AtomicU64, waker: &Waker) {
    loop {
        let moment = given.load(Ordering::Acquire);
        match moment {
            OVER => return,
            NONE => std::thread::park(),
            nanos => {
                let left = Duration::from_nanos(nanos).saturating_sub(begun.elapsed());
                if left > LAST {
                    std::thread::park_timeout(left.saturating_sub(LAST));
                } else if !left.is_zero() {
                    std::thread::sleep(left);
                } else if given.compare_exchange(moment, NONE, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                    // Fails only if the poll is gone, and then the pacer is dropped, too.
                    drop(waker.wake());
                }
            }
        }
    }
}
