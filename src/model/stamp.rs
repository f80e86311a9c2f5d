//! A moment, as the capture file stores it. Knows no clock: `net`, `app` and `cli` read those.

/// A moment in nanoseconds since 1970-01-01T00:00:00 UTC (good until the year 2554).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub u64);

impl Stamp {
    /// Nanoseconds from `earlier` to `self`; zero if `earlier` is in fact later.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
