//! How long to wait before reconnecting.

use std::time::Duration;

/// Each wait is twice as long as the one before, up to a maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the first failure, and after a lost connection.
    pub first: Duration,
    /// The longest wait.
    pub most: Duration,
}

impl Default for Backoff {
    /// 1, 2, 4, 8, 16, 30, 30 … seconds.
    fn default() -> Self {
        Self { first: Duration::from_secs(1), most: Duration::from_secs(30) }
    }
}

impl Backoff {
    /// The wait after `n_failed` failed attempts since the last connection.
    pub fn wait(self, n_failed: u32) -> Duration {
        let factor = 1_u32.checked_shl(n_failed).unwrap_or(u32::MAX);
        self.first.saturating_mul(factor).min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_maximum() {
        let waits = |backoff: Backoff| (0..7).map(move |n| backoff.wait(n).as_millis());
        assert_eq!(
            waits(Backoff::default()).collect::<Vec<_>>(),
            [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]
        );
        assert_eq!(Backoff::default().wait(u32::MAX), Duration::from_secs(30));
        let never_more = Backoff { first: Duration::from_secs(9), most: Duration::from_secs(5) };
        assert!(waits(never_more).all(|wait| wait == 5000));
    }
}
