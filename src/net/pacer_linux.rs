//! Wakes a poll at a moment, to some microseconds: a timer of the kernel's that the poll watches. The
//! poll's own timeout is in milliseconds, and the kernel may stretch it. Knows nothing of what is due.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Waker};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use super::context::PACER;

/// A timer.
#[derive(Debug)]
pub(super) struct Pacer {
    timer: TimerFd,
    armed: Option<Instant>,
}

impl Pacer {
    /// A timer that the poll of `registry` watches as long as it lives.
    pub(super) fn new(registry: &Registry, _waker: &Arc<Waker>) -> io::Result<Self> {
        let timer =
            TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC)?;
        let fd = timer.as_fd().as_raw_fd();
        registry.register(&mut SourceFd(&fd), PACER, Interest::READABLE)?;
        Ok(Self { timer, armed: None })
    }

    /// Wakes the poll at `moment`, in place of the moment given before.
    pub(super) fn wake_at(&mut self, moment: Instant) -> io::Result<()> {
        // One that has passed may have woken the poll already, but not all that was due then is done.
        if self.armed != Some(moment) || moment <= Instant::now() {
            // Nothing at all would stop the timer. The moment is a steady one, so that asking for what is
            // left of it lets nothing drift.
            let left = moment.saturating_duration_since(Instant::now()).max(Duration::from_nanos(1));
            let once = Expiration::OneShot(TimeSpec::from_duration(left));
            self.timer.set(once, TimerSetTimeFlags::empty())?;
            self.armed = Some(moment);
        }
        Ok(())
    }
}
