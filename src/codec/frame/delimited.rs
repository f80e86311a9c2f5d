//! Splitting at a delimiter.

use std::sync::Arc;

use memchr::memmem::Finder;

use super::cut::{Cut, Run, Verdict};

/// The search for the delimiter.
#[derive(Debug, Clone)]
pub(super) struct Delimited {
    /// Shared by all streams of a framing.
    finder: Arc<Finder<'static>>,
    /// The last bytes of the open message, one less than the delimiter has, or all.
    carry: Vec<u8>,
}

impl Delimited {
    /// `delimiter` must not be empty.
    pub(super) fn new(delimiter: &[u8]) -> Self {
        Self { finder: Arc::new(Finder::new(delimiter).into_owned()), carry: Vec::new() }
    }

    pub(super) fn push(&mut self, run: &mut Run, bytes: &[u8], cut: &mut dyn FnMut(Cut)) {
        let len = self.finder.needle().len();
        let mut done = 0;
        if let Some(end) = self.across(bytes) {
            let (room, window) = run.window(bytes, 0);
            if end as u64 <= room {
                done = end;
                run.end_within(done, Verdict::Whole, cut);
            } else {
                done = window.len();
                run.end_within(done, Verdict::TooLong, cut);
            }
        }
        loop {
            let (room, window) = run.window(bytes, done);
            match self.finder.find(window) {
                Some(at) => {
                    done += at + len;
                    run.end_within(done, Verdict::Whole, cut);
                }
                None if window.len() as u64 == room => {
                    done += window.len();
                    run.end_within(done, Verdict::TooLong, cut);
                }
                None => break,
            }
        }
        self.carry(bytes.get(done..).unwrap_or_default(), run.start < run.at);
    }

    /// The end in `bytes` of a delimiter that began before them.
    fn across(&mut self, bytes: &[u8]) -> Option<usize> {
        let carried = self.carry.len();
        if carried == 0 {
            return None;
        }
        let len = self.finder.needle().len();
        self.carry.extend_from_slice(bytes.get(..len - 1).unwrap_or(bytes));
        let found = self.finder.find(&self.carry).filter(|at| *at < carried);
        self.carry.truncate(carried);
        // A whole delimiter is longer than the carry, so this is at least 1.
        found.map(|at| at + len - carried)
    }

    /// Keeps the end of the open message. `open` are its last bytes; `more` if there are others before them.
    fn carry(&mut self, open: &[u8], more: bool) {
        let keep = self.finder.needle().len() - 1;
        if !more {
            self.carry.clear();
        }
        self.carry.extend_from_slice(open.get(open.len().saturating_sub(keep)..).unwrap_or_default());
        let surplus = self.carry.len().saturating_sub(keep);
        self.carry.drain(..surplus);
    }

    pub(super) fn finish(&mut self, run: &mut Run, cut: &mut dyn FnMut(Cut)) {
        self.carry.clear();
        run.rest(Verdict::CutOff, cut);
    }
}
