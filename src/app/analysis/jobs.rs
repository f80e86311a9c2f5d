//! The jobs themselves: each waits for something to work on, does it in steps, and tells what came of it
//! after every few of them. They end when nobody gives them work any more, or at once when told to.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::super::jobs::Reporter;
use crate::analysis::{Borders, CaptureFilter, CaptureFramer, Items, Progress, Search, Source};
use crate::codec::Query;
use crate::codec::frame::Framing;
use crate::journal::Reader;
use crate::model::{Chunked, Hit, Index, Message, Which};
use crate::state::{FilteredMore, FoundMore, FramedMore, Notice, Report, TabId, Task};

#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    pub(super) index: Index,
    /// The messages of a framing; `None` for records as they are.
    pub(super) messages: Option<Chunked<Message>>,
    /// The numbers of the items that are shown; `None` for all.
    pub(super) passed: Option<Chunked<u32>>,
    pub(super) notes: Arc<BTreeMap<u64, String>>,
}

impl Snapshot {
    fn items<'a>(&'a self, reader: &'a Reader) -> Items<'a> {
        Items {
            source: Source { index: &self.index, reader },
            messages: self.messages.as_ref(),
            open: &[],
            passed: self.passed.as_ref(),
        }
    }
}

const TELL_EVERY: Duration = Duration::from_millis(40);

pub(super) struct Work {
    pub(super) tab: TabId,
    pub(super) capture: PathBuf,
    pub(super) reader: Reader,
    pub(super) feed: Receiver<Snapshot>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Work {
    /// Calls `step` on the newest snapshot until that says that nothing is left, then waits for a newer one.
    /// `step` is also told whether it is time to tell what came of it.
    fn go(
        &self,
        reporter: &Reporter,
        mut step: impl FnMut(&Reader, &Snapshot) -> io::Result<Progress>,
        mut tell: impl FnMut(&Reader, &Snapshot, Progress) -> Report,
    ) {
        let failed = |path: &Path, error: io::Error| {
            let path = path.display().to_string();
            Report::Trouble(Some(self.tab), Notice::Failed(Task::Reading, path, error.into()))
        };
        let reader = &self.reader;
        while let Ok(mut feed) = self.feed.recv() {
            let mut told = Instant::now();
            loop {
                if self.stop.load(Ordering::Relaxed) {
                    return;
                }
                let progress = match step(reader, &feed) {
                    Ok(progress) => progress,
                    // Removed meanwhile, which a newer snapshot knows.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                    Err(error) => return reporter.report(failed(&self.capture, error)),
                };
                if progress == Progress::CaughtUp || told.elapsed() > TELL_EVERY {
                    told = Instant::now();
                    reporter.report(tell(reader, &feed, progress));
                }
                if progress == Progress::CaughtUp {
                    break;
                }
                if let Ok(newer) = self.feed.try_recv() {
                    feed = newer;
                }
            }
        }
    }
}

pub(super) fn frame(work: &Work, reporter: &Reporter, serial: u64, framing: &Framing) {
    let framer = std::cell::RefCell::new((CaptureFramer::new(framing), Vec::new()));
    work.go(
        reporter,
        |reader, feed| {
            let (framer, messages) = &mut *framer.borrow_mut();
            framer.advance(&feed.index, reader, messages)
        },
        |_reader, _feed, progress| {
            let (framer, messages) = &mut *framer.borrow_mut();
            // What is open in the middle of the work is of no interest, and there may be much of it.
            let open = if progress == Progress::CaughtUp { framer.tails() } else { Vec::new() };
            let messages = std::mem::take(messages);
            Report::Framed(work.tab, FramedMore { serial, messages, open, reached: framer.reached() })
        },
    );
}

pub(super) fn filter(
    work: &Work,
    reporter: &Reporter,
    serial: u64,
    (which, query, once): (Which, Option<Query>, bool),
) {
    let filter = CaptureFilter::new(which, query).once(once);
    let filter = std::cell::RefCell::new((filter, Vec::new()));
    work.go(
        reporter,
        |reader, feed| {
            let (filter, passed) = &mut *filter.borrow_mut();
            filter.advance(&feed.items(reader), &feed.notes, passed)
        },
        |_reader, _feed, _progress| {
            let (filter, passed) = &mut *filter.borrow_mut();
            let passed = std::mem::take(passed);
            let (reached, copies) = (filter.reached(), filter.copies());
            Report::Filtered(work.tab, FilteredMore { serial, passed, reached, copies })
        },
    );
}

pub(super) fn search(
    work: &Work,
    reporter: &Reporter,
    serial: u64,
    query: Query,
    borders: Borders,
    first: u64,
) {
    let search = std::cell::RefCell::new(Search::new(query, borders, first));
    work.go(
        reporter,
        |reader, feed| search.borrow_mut().advance(&feed.items(reader)),
        |reader, feed, progress| {
            let search = search.borrow();
            let mut found = search.found();
            let noted = noted(search.words(), &feed.items(reader), &feed.notes, first);
            if !noted.is_empty() {
                found.hits = merged(&found.hits, &noted);
            }
            let searching = (progress == Progress::More).then(|| search.reached(&feed.items(reader)));
            Report::Found(work.tab, FoundMore { serial, hits: found.hits, searching, more: found.more })
        },
    );
}

fn noted(words: &Query, items: &Items<'_>, notes: &BTreeMap<u64, String>, first: u64) -> Vec<u64> {
    let found = notes.iter().filter(|(_, note)| words.find_at(note.as_bytes(), 0).is_some());
    let mut items: Vec<u64> =
        found.filter_map(|(record, _)| items.of_record(*record)).filter(|item| *item >= first).collect();
    items.dedup();
    items
}

/// The hits, and one for each other item whose note matches.
fn merged(hits: &Chunked<Hit>, noted: &[u64]) -> Chunked<Hit> {
    let mut all = Chunked::default();
    let mut noted = noted.iter().copied().peekable();
    let mut last = None;
    for hit in hits.slices(0).flatten() {
        while let Some(item) = noted.next_if(|item| *item <= hit.item) {
            if item < hit.item && last != Some(item) {
                all.push(Hit { item, start: 0, len: 0 });
            }
        }
        last = Some(hit.item);
        all.push(*hit);
    }
    for item in noted.filter(|item| last != Some(*item)) {
        all.push(Hit { item, start: 0, len: 0 });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_with_a_note_is_a_hit_once() {
        let hits = |items: &[u64]| -> Chunked<Hit> {
            items.iter().map(|&item| Hit { item, start: 7, len: 1 }).collect()
        };
        for (found, noted, expected) in [
            (&[][..], &[][..], &[][..]),
            (&[], &[3], &[3]),
            (&[1, 1, 5], &[0, 1, 3, 5, 9], &[0, 1, 1, 3, 5, 9]),
            (&[4], &[4], &[4]),
        ] {
            let merged = merged(&hits(found), noted);
            let items: Vec<u64> = merged.slices(0).flatten().map(|hit| hit.item).collect();
            assert_eq!(items, expected);
        }
    }
}
