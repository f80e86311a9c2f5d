//! How long something took, by the clock on the wall and in processor time of this process. Other
//! programs that are busy meanwhile lengthen the first and hardly the second.

use std::time::{Duration, Instant};

/// Began at some moment.
pub(crate) struct Stopwatch {
    wall: Instant,
    processor: Duration,
}

/// What it took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Took {
    /// Seconds.
    pub(crate) wall: f64,
    /// Seconds of processor time, of all threads, the kernel's work for them included. Zero where it
    /// is not known (elsewhere than on Linux).
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
    // The name, in parentheses, may hold blanks; after it utime and stime are numbers 11 and 12, in
    // hundredths of a second (proc(5)).
    let fields = stat.rsplit_once(')').map_or("", |(_name, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
    Duration::from_millis(10 * ticks.sum::<u64>())
}
