//! Wall-clock time and processor time. Load from other programs affects mainly the former.

use std::time::{Duration, Instant};

/// A running stopwatch.
pub(crate) struct Stopwatch {
    wall: Instant,
    processor: Duration,
}

/// The time it took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Took {
    /// Seconds of wall-clock time.
    pub(crate) wall: f64,
    /// Seconds of processor time of all threads, including kernel time. Zero if unknown (on other systems
    /// than Linux).
    pub(crate) processor: f64,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { wall: Instant::now(), processor: processor() }
    }

    pub(crate) fn stop(&self) -> Took {
        let wall = self.wall.elapsed();
        let processor = processor().saturating_sub(self.processor);
        Took { wall: wall.as_secs_f64(), processor: processor.as_secs_f64() }
    }
}

/// Processor time of this process so far.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name, in parentheses, may contain blanks; after it, utime and stime are numbers 11 and 12, in
    // hundredths of a second (proc(5)).
    let fields = stat.rsplit_once(')').map_or("", |(_name, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
    Duration::from_millis(10 * ticks.sum::<u64>())
}
