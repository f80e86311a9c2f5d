//! What a process with a window uses.

use std::fmt;
use std::fs;
use std::time::Duration;

use netassist::state::Tab;

use super::memory::Memory;
use super::numbers::grouped;

/// Bytes of an entry of the index, and of a list of messages.
const ENTRY: u64 = 16;

/// Bytes of an entry of the list of what is shown while something is hidden.
const SHOWN: u64 = 4;

/// Bytes of a flow in the index.
const FLOW: u64 = 56;

/// What the process uses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    pub(crate) at: Duration,
    pub(crate) n_records: u64,
    /// KiB, apart from the index, the messages and what is shown of them, and the glyphs of the fonts.
    pub(crate) rest: u64,
    pub(crate) resident: u64,
    pub(crate) glyphs: u64,
    pub(crate) n_threads: usize,
    pub(crate) n_descriptors: usize,
}

impl Use {
    /// That of this process, with a window of these tabs, whose glyphs are in a texture of this size.
    pub(crate) fn now(tabs: &[Tab], [width, height]: [usize; 2], at: Duration) -> Self {
        let n_records = tabs.iter().map(|tab| tab.log.len()).sum::<u64>();
        let n_messages = tabs.iter().map(|tab| tab.framed.messages.len()).sum::<u64>();
        let n_flows = tabs.iter().map(|tab| tab.totals.connections).sum::<u64>();
        // Four bytes a pixel: here, where it is painted, and on its way.
        let glyphs = (width * height * 12) as u64;
        let resident = Memory::now().map_or(0, |memory| memory.anonymous);
        let entries = |path| fs::read_dir(path).map_or(0, Iterator::count);
        Self {
            at,
            n_records,
            rest: resident.saturating_sub(
                ((n_records + n_messages) * (ENTRY + SHOWN) + n_flows * FLOW + glyphs) / 1024,
            ),
            resident,
            glyphs: glyphs / 1024,
            n_threads: entries("/proc/self/task"),
            n_descriptors: entries("/proc/self/fd"),
        }
    }

    pub(crate) fn holds_no_more_than(&self, before: &Self) -> bool {
        self.n_threads <= before.n_threads && self.n_descriptors <= before.n_descriptors
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>6} s  {:>13} records  {:>9} KiB of memory, {:>9} without the index and {:>6} of glyphs  {:>3} threads  {:>4} descriptors",
            self.at.as_secs(),
            grouped(self.n_records),
            grouped(self.resident),
            grouped(self.rest),
            grouped(self.glyphs),
            self.n_threads,
            self.n_descriptors
        )
    }
}
