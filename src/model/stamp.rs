//! Time stamps, as the capture file stores them. Only `net`, `app` and `cli` read clocks.

/// Nanoseconds since 1970-01-01T00:00:00 UTC (until the year 2554).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub u64);

impl Stamp {
    /// Nanoseconds from `earlier` to `self`; 0 if `earlier` is later.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
