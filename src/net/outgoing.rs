//! What waits to be sent over one TCP connection, in order and bounded. Knows no socket.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::deadline::later;
use super::file_sending::{FileSending, Stand};
use crate::model::{Cause, NetError};

/// Bytes that may wait for one peer at most.
pub(super) const MAX_QUEUED: u64 = 64 * 1024 * 1024;

/// Above this whoever answers what it reads stops reading, until its answers are taken.
pub(super) const BACK_PRESSURE: u64 = 256 * 1024;

/// What an entry counts besides its bytes, so that many tiny messages are bounded as well.
pub(super) const ENTRY: u64 = 64;

/// What a file counts: the most of it that is in memory.
pub(super) const FILE: u64 = 64 * 1024;

/// Slices handed to one write at most.
pub(super) const SLICES: usize = 16;

#[derive(Debug)]
enum Item {
    Bytes { data: Arc<[u8]>, sent: usize, rest: Option<Rest> },
    File(Box<FileSending>),
}

/// The rest of a message that goes some time after its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rest {
    /// So many bytes stand before it.
    at: usize,
    /// So long after them it goes.
    pause: Duration,
    /// When that is, once they are sent.
    due: Option<Instant>,
}

/// What goes next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Next {
    /// Something that can go now.
    Now,
    /// A file that waits for this moment.
    At(Instant),
    /// Nothing, or a file that is paused.
    #[default]
    Nothing,
}

/// A queue of messages and files.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    items: VecDeque<Item>,
    /// Bytes of messages, without what is read of files.
    bytes: u64,
    files: u64,
}

impl Outgoing {
    /// Puts a message at the end, if there is room. An empty one is nothing to a stream.
    pub(super) fn push(&mut self, data: Arc<[u8]>) -> Result<(), Cause> {
        self.room(data.len() as u64 + ENTRY)?;
        self.push_answer(data);
        Ok(())
    }

    /// Puts a message at the end, whether there is room or not: whoever answers what it reads
    /// must stop reading when [`is_behind`](Self::is_behind).
    pub(super) fn push_answer(&mut self, data: Arc<[u8]>) {
        if !data.is_empty() {
            self.bytes += data.len() as u64;
            self.items.push_back(Item::Bytes { data, sent: 0, rest: None });
        }
    }

    /// Puts a message at the end, if there is room, whose tail goes so long after its head. Nothing comes
    /// between them.
    pub(super) fn push_cut(&mut self, head: &[u8], pause: Duration, tail: &[u8]) -> Result<(), Cause> {
        let data: Arc<[u8]> = Arc::from([head, tail].concat());
        self.push(data)?;
        if let Some(Item::Bytes { rest, data, .. }) = self.items.back_mut()
            && (1..data.len()).contains(&head.len())
        {
            *rest = Some(Rest { at: head.len(), pause, due: None });
        }
        Ok(())
    }

    /// Puts a file at the end, if there is room.
    pub(super) fn push_file(&mut self, file: FileSending) -> Result<(), Cause> {
        self.room(FILE + ENTRY)?;
        self.files += 1;
        self.items.push_back(Item::File(Box::new(file)));
        Ok(())
    }

    /// An empty queue takes anything: it is in memory already.
    fn room(&self, more: u64) -> Result<(), Cause> {
        if !self.items.is_empty() && self.weight().saturating_add(more) > MAX_QUEUED {
            return Err(Cause::QueueFull(self.bytes(), MAX_QUEUED));
        }
        Ok(())
    }

    /// So much waits that no more shall be read that would be answered, and that a repeat skips its beats.
    pub(super) fn is_behind(&self) -> bool {
        self.weight() > BACK_PRESSURE
    }

    fn weight(&self) -> u64 {
        self.bytes + self.files * FILE + self.items.len() as u64 * ENTRY
    }

    /// Bytes that wait; of files what was read of them.
    pub(super) fn bytes(&self) -> u64 {
        let of_file = match self.items.front() {
            Some(Item::File(file)) => file.waiting() as u64,
            Some(Item::Bytes { .. }) | None => 0,
        };
        self.bytes + of_file
    }

    /// Bytes that wait, with all that is left of files.
    pub(super) fn unsent(&self) -> u64 {
        let of_files = self.items.iter().map(|item| match item {
            Item::File(file) => file.left(),
            Item::Bytes { .. } => 0,
        });
        self.bytes.saturating_add(of_files.sum())
    }

    /// Messages and files that wait or are being sent.
    pub(super) fn messages(&self) -> u64 {
        self.items.len() as u64
    }

    /// Nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Forgets all that waits.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Reads on in the file at the front, if one is there and its time has come, and passes over files that
    /// have ended. A file that cannot be read on is given up with the error; other errors are of one that
    /// goes on. Of a file, `room` bytes go best at once.
    pub(super) fn prepare(&mut self, now: Instant, room: usize) -> Result<Next, NetError> {
        while let Some(item) = self.items.front_mut() {
            let file = match item {
                Item::File(file) => file,
                Item::Bytes { sent, rest, .. } => return Ok(wait(*sent, rest, now)),
            };
            match file.stand(now, room) {
                Ok(Stand::Ready) => return Ok(Next::Now),
                Ok(Stand::Told(error)) => return Err(error),
                Ok(Stand::At(at)) if !self.let_pass() => return Ok(Next::At(at)),
                Ok(Stand::Paused) if !self.let_pass() => return Ok(Next::Nothing),
                // A message has taken its place.
                Ok(Stand::At(_) | Stand::Paused) => {}
                Ok(Stand::Over) => self.pop_file(),
                Err(error) => {
                    self.pop_file();
                    return Err(error);
                }
            }
        }
        Ok(Next::Nothing)
    }

    fn pop_file(&mut self) {
        self.items.pop_front();
        self.files -= 1;
    }

    /// The file at the front waits: moves the messages that may pass it in front of it. True if there are any.
    fn let_pass(&mut self) -> bool {
        if self.items.len() as u64 == self.files {
            return false;
        }
        // Behind a file that nothing may pass, all stays where it is.
        let keeps = |item: &Item| matches!(item, Item::File(file) if !file.lets_pass());
        let until = self.items.iter().position(keeps).unwrap_or(self.items.len());
        let behind = self.items.split_off(until);
        let (messages, files): (Vec<Item>, Vec<Item>) =
            self.items.drain(..).partition(|item| matches!(item, Item::Bytes { .. }));
        let any = !messages.is_empty();
        self.items.extend(messages.into_iter().chain(files).chain(behind));
        any
    }

    /// Takes out the files that were stopped.
    pub(super) fn drop_stopped(&mut self) {
        for at in (0..self.items.len()).rev() {
            let Some(Item::File(file)) = self.items.get(at) else { continue };
            if !file.is_stopped() {
                continue;
            }
            let rest = file.rest();
            self.items.remove(at);
            self.files -= 1;
            if let Some(data) = rest {
                // The rest of a line whose beginning is sent.
                self.bytes += data.len() as u64;
                self.items.insert(at, Item::Bytes { data, sent: 0, rest: None });
            }
        }
    }

    /// Fills `slices` with what goes next; tells how many are filled.
    pub(super) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>; SLICES]) -> usize {
        let mut n = 0;
        for (slice, item) in slices.iter_mut().zip(&self.items) {
            match item {
                Item::Bytes { data, sent, rest } => {
                    let end = rest.map_or(data.len(), |rest| rest.at);
                    *slice = IoSlice::new(data.get(*sent..end).unwrap_or_default());
                    n += 1;
                    if rest.is_some() {
                        break;
                    }
                }
                Item::File(file) => {
                    // A file further back is not prepared, and nothing may overtake it.
                    if !file.ready().is_empty() {
                        *slice = IoSlice::new(file.ready());
                        n += 1;
                    }
                    break;
                }
            }
        }
        n
    }

    /// The kernel accepted `n` bytes: tells each message's part, and whether it is its last.
    pub(super) fn accepted(&mut self, mut n: usize, now: Instant, mut tell: impl FnMut(&[u8], bool)) {
        while n > 0 {
            let Some(item) = self.items.front_mut() else { return };
            let done = match item {
                Item::Bytes { data, sent, rest: _ } => {
                    let rest = data.get(*sent..).unwrap_or_default();
                    let part = &rest[..n.min(rest.len())];
                    let done = part.len() == rest.len();
                    tell(part, done);
                    n -= part.len();
                    *sent += part.len();
                    self.bytes -= part.len() as u64;
                    done
                }
                Item::File(file) => {
                    let ready = file.ready();
                    let part = &ready[..n.min(ready.len())];
                    let len = part.len();
                    // Told with the bytes, which are gone once they are taken.
                    let ended = file.ends_message(len);
                    tell(part, ended);
                    n -= len;
                    if !file.take(len, now) {
                        // No more of it was handed to the kernel.
                        return;
                    }
                    self.files -= 1;
                    true
                }
            };
            if done {
                self.items.pop_front();
            }
        }
    }
}

/// When a message of which so much is sent goes on.
fn wait(sent: usize, rest: &mut Option<Rest>, now: Instant) -> Next {
    if let Some(Rest { at, pause, due }) = rest
        && sent >= *at
    {
        let due = *due.get_or_insert_with(|| later(now, *pause));
        if now < due {
            return Next::At(due);
        }
        *rest = None;
    }
    Next::Now
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::super::file_source::Pieces;
    use super::super::files::Files;
    use super::*;
    use crate::model::{FileCut, FileId, FilePace, FileToSend, Others};

    const MS: Duration = Duration::from_millis(1);

    /// A file of that content that goes a byte every millisecond.
    fn slow(content: &str, others: Others) -> (tempfile::NamedTempFile, FileToSend) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content.as_bytes()).unwrap();
        let cut = FileCut::Raw { chunk: NonZeroU32::new(1) };
        let order = FileToSend { path: file.path().to_owned(), cut, pace: FilePace::Pause(MS), others };
        (file, order)
    }

    /// All that goes at `now`.
    fn goes(queue: &mut Outgoing, now: Instant) -> (String, Next) {
        let mut seen = String::new();
        loop {
            let next = queue.prepare(now, usize::MAX).unwrap();
            if next != Next::Now {
                return (seen, next);
            }
            let mut slices = [IoSlice::new(&[]); SLICES];
            let n = queue.slices(&mut slices);
            let offered = slices[..n].iter().map(|slice| slice.len()).sum();
            queue.accepted(offered, now, |part, _whole| seen.push_str(std::str::from_utf8(part).unwrap()));
        }
    }

    #[test]
    fn a_message_in_two_sends_pauses_and_nothing_comes_between() {
        let start = Instant::now();
        let mut queue = Outgoing::default();
        queue.push(Arc::from(*b"a")).unwrap();
        queue.push_cut(b"he", 5 * MS, b"ad").unwrap();
        queue.push_cut(b"", 5 * MS, b"all").unwrap();
        queue.push(Arc::from(*b"z")).unwrap();
        assert_eq!(goes(&mut queue, start), ("ahe".to_owned(), Next::At(start + 5 * MS)));
        assert_eq!(goes(&mut queue, start + 4 * MS), (String::new(), Next::At(start + 5 * MS)));
        assert_eq!((queue.bytes(), queue.messages()), (6, 3));
        assert_eq!(goes(&mut queue, start + 5 * MS), ("adallz".to_owned(), Next::Nothing));
    }

    #[test]
    fn a_file_goes_at_its_pace_and_messages_wait_or_pass_as_ordered() {
        let start = Instant::now();
        let message = || Arc::<[u8]>::from(*b"-");
        for (others, expected) in [(Others::Wait, ["a", "b", "c-d"]), (Others::Pass, ["a-", "b", "cd"])] {
            let mut queue = Outgoing::default();
            let (_file, order) = slow("abc", others);
            queue.push_file(FileSending::open(&order, Pieces::STREAM, None).unwrap()).unwrap();
            queue.push(message()).unwrap();
            let (_other_file, order) = slow("d", Others::Pass);
            queue.push_file(FileSending::open(&order, Pieces::STREAM, None).unwrap()).unwrap();
            for (n, expected) in (0..3).zip(expected) {
                let now = start + n * MS;
                let (seen, next) = goes(&mut queue, now);
                assert_eq!(seen, expected, "{others:?} {n}");
                assert_eq!(next, if n < 2 { Next::At(now + MS) } else { Next::Nothing });
            }
            assert!(queue.is_empty());
        }
    }

    #[test]
    fn a_file_is_paused_and_stopped_at_once() {
        let (mut files, start) = (Files::default(), Instant::now());
        let ticket = files.begin(FileId(1), start, &mut |_| ()).unwrap();
        let (_file, order) = slow("abc", Others::Pass);
        let mut queue = Outgoing::default();
        queue.push_file(FileSending::open(&order, Pieces::STREAM, Some(ticket.share())).unwrap()).unwrap();
        assert_eq!(goes(&mut queue, start).0, "a");
        files.pause(FileId(1), true);
        queue.push(Arc::from(*b"-")).unwrap();
        assert_eq!(goes(&mut queue, start + 5 * MS), ("-".to_owned(), Next::Nothing));
        files.pause(FileId(1), false);
        let on = (String::from("b"), Next::At(start + 7 * MS));
        assert_eq!(goes(&mut queue, start + 6 * MS), on, "nothing is made up for");
        files.stop(FileId(1));
        queue.drop_stopped();
        assert!(queue.is_empty() && queue.weight() == 0);
    }

    #[test]
    fn the_line_that_has_begun_is_sent_to_its_end() {
        let (mut files, now) = (Files::default(), Instant::now());
        let ticket = files.begin(FileId(1), now, &mut |_| ()).unwrap();
        let (_file, mut order) = slow("one\ntwo\n", Others::Wait);
        let (ends, blank) = <_>::default();
        order.cut = FileCut::Lines { ends, blank, append: Vec::new() };
        let mut queue = Outgoing::default();
        queue.push_file(FileSending::open(&order, Pieces::STREAM, Some(ticket.share())).unwrap()).unwrap();
        assert_eq!(queue.prepare(now, usize::MAX), Ok(Next::Now));
        queue.accepted(2, now, |part, whole| assert_eq!((part, whole), (b"on".as_slice(), false)));
        files.stop(FileId(1));
        queue.drop_stopped();
        assert_eq!(queue.bytes(), 2);
        queue.accepted(2, now, |part, whole| assert_eq!((part, whole), (b"e\n".as_slice(), true)));
        assert!(queue.is_empty() && queue.weight() == 0);
    }

    #[test]
    fn the_queue_is_bounded_but_takes_anything_when_empty() {
        let mut queue = Outgoing::default();
        let big: Arc<[u8]> = vec![0; usize::try_from(MAX_QUEUED).unwrap() + 1].into();
        queue.push(Arc::clone(&big)).unwrap();
        assert_eq!(queue.push(Arc::from([1])), Err(Cause::QueueFull(MAX_QUEUED + 1, MAX_QUEUED)));
        queue.accepted(big.len(), Instant::now(), |_part, _whole| ());
        assert!(queue.is_empty());
        queue.push(Arc::from([1])).unwrap();
        assert_eq!((queue.bytes(), queue.messages()), (1, 1));
    }

    #[test]
    fn tiny_messages_cannot_take_memory_without_end() {
        let mut queue = Outgoing::default();
        let one: Arc<[u8]> = Arc::from([1]);
        let accepted = (0..MAX_QUEUED).take_while(|_| queue.push(Arc::clone(&one)).is_ok()).count() as u64;
        assert_eq!(accepted, MAX_QUEUED / (ENTRY + 1));
    }

    #[test]
    fn tiny_answers_stop_the_reading_before_they_fill_the_memory() {
        let mut queue = Outgoing::default();
        let one: Arc<[u8]> = Arc::from([1]);
        let answers = (0..MAX_QUEUED)
            .take_while(|_| {
                queue.push_answer(Arc::clone(&one));
                !queue.is_behind()
            })
            .count() as u64;
        assert_eq!(answers, BACK_PRESSURE / (ENTRY + 1));
    }

    proptest! {
        #[test]
        fn whatever_the_kernel_accepts_comes_out_in_order_and_each_message_ends_once(
            messages in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..50)), 0..20),
            takes in prop::collection::vec(1usize..40, 1..50),
        ) {
            let mut queue = Outgoing::default();
            let mut files = Vec::new();
            let mut expected = Vec::new();
            for (as_file, message) in &messages {
                if *as_file {
                    let mut file = tempfile::NamedTempFile::new().unwrap();
                    file.write_all(message).unwrap();
                    let chunk = NonZeroU32::new(7);
                    let order = FileToSend { cut: FileCut::Raw { chunk }, ..FileToSend::raw(file.path()) };
                    queue.push_file(FileSending::open(&order, Pieces::STREAM, None).unwrap()).unwrap();
                    files.push(file);
                } else {
                    queue.push(Arc::from(message.as_slice())).unwrap();
                }
                if !message.is_empty() {
                    expected.push(message.clone());
                }
            }
            let now = Instant::now();
            let mut seen = vec![Vec::new()];
            for take in takes.iter().cycle() {
                if queue.prepare(now, usize::MAX).unwrap() == Next::Nothing {
                    prop_assert!(queue.is_empty());
                    break;
                }
                let mut slices = [IoSlice::new(&[]); SLICES];
                let n = queue.slices(&mut slices);
                let offered: usize = slices[..n].iter().map(|slice| slice.len()).sum();
                prop_assert!(offered > 0);
                queue.accepted((*take).min(offered), now, |part, whole| {
                    seen.last_mut().unwrap().extend_from_slice(part);
                    if whole {
                        seen.push(Vec::new());
                    }
                });
            }
            prop_assert_eq!(seen.pop(), Some(Vec::new()));
            prop_assert_eq!(seen, expected);
            prop_assert_eq!(queue.bytes() + queue.messages() + queue.weight(), 0);
        }
    }
}
