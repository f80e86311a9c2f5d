//! Ends the process when the display is lost, instead of leaving it busy for ever.
//!
//! Xlib then calls `exit` in the middle of the event loop, which drops what the toolkit keeps for the thread. Closing the
//! connection to an input method is part of it, and waits, without a pause, for an answer of a display that is gone: after
//! each log-out a process would stay that takes a whole processor and keeps the lock on its tabs.

use std::cell::Cell;

use nix::sys::signal::{Signal, raise};

thread_local! {
    static WATCH: Watch = const { Watch { runs: Cell::new(false) } };
}

struct Watch {
    runs: Cell<bool>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.runs.get() {
            // Xlib has said why. What was typed is saved already, as it is again and again.
            let _killed = raise(Signal::SIGKILL);
        }
    }
}

/// The event loop runs, on this thread. To be called within it: what is kept for a thread is dropped in reverse order, and
/// the toolkit's would be the first otherwise.
pub(super) fn watch() {
    WATCH.with(|watch| watch.runs.set(true));
}

/// The event loop is over.
pub(super) fn unwatch() {
    WATCH.with(|watch| watch.runs.set(false));
}
