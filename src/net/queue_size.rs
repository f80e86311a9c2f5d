//! The size of a send queue. Debug builds check that nothing is removed that was not added.

use std::ops::{AddAssign, SubAssign};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct QueueSize {
    pub(super) bytes: u64,
    pub(super) messages: u64,
    /// Memory that counts against the limit of the session, in bytes: unprocessed data and answers.
    pub(super) held: u64,
}

impl AddAssign for QueueSize {
    fn add_assign(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.messages += other.messages;
        self.held += other.held;
    }
}

impl SubAssign for QueueSize {
    fn sub_assign(&mut self, other: Self) {
        subtract(&mut self.bytes, other.bytes);
        subtract(&mut self.messages, other.messages);
        subtract(&mut self.held, other.held);
    }
}

/// Subtracts `n` from a count that includes it.
pub(super) fn subtract(count: &mut u64, n: u64) {
    debug_assert!(*count >= n, "{n} was not added to {count}");
    *count = count.saturating_sub(n);
}
