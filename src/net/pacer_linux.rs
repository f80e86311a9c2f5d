//! Wakes a poll at a given time, to within microseconds, with a `timerfd`. The timeout of a poll has a
//! resolution of milliseconds, and the kernel may extend it.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Waker};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use super::context::PACER;

#[derive(Debug)]
pub(super) struct Pacer {
    timer: TimerFd,
    armed: Option<Instant>,
}

impl Pacer {
    /// Creates a timer and registers it in the poll of `registry`.
    pub(super) fn new(registry: &Registry, _waker: &Arc<Waker>) -> io::Result<Self> {
        let timer =
            TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC)?;
        let fd = timer.as_fd().as_raw_fd();
        registry.register(&mut SourceFd(&fd), PACER, Interest::READABLE)?;
        Ok(Self { timer, armed: None })
    }

    /// Wakes the poll at `moment`, which replaces the time set before.
    pub(super) fn wake_at(&mut self, moment: Instant) -> io::Result<()> {
        // A time in the past may have woken the poll already, with work still left.
        if self.armed != Some(moment) || moment <= Instant::now() {
            // A zero duration would disarm the timer. `moment` is absolute, so that errors do not add up.
            let left = moment.saturating_duration_since(Instant::now()).max(Duration::from_nanos(1));
            let once = Expiration::OneShot(TimeSpec::from_duration(left));
            self.timer.set(once, TimerSetTimeFlags::empty())?;
            self.armed = Some(moment);
        }
        Ok(())
    }
}
