//! The bounded send queue of one TCP connection.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::file_sending::{FileSending, FileState};
use super::time::later;
use super::trace::{Input, Trace};
use crate::codec::websocket::Opcode;
use crate::model::{Cause, NetError, Why};

/// The most bytes that may be queued for one peer.
pub(super) const MAX_QUEUED: u64 = 64 * 1024 * 1024;

/// With more bytes queued than this, a session that answers stops reading until they are sent.
pub(super) const BACK_PRESSURE: u64 = 256 * 1024;

/// The overhead counted per entry, so that many tiny messages are bounded, too.
pub(super) const ENTRY: u64 = 64;

/// The size counted per file: the most of it that is in memory, which is the piece being sent, what was read beyond it,
/// and what is being read.
pub(super) const FILE: u64 = 3 * 64 * 1024;

/// The most slices in one write.
pub(super) const SLICES: usize = 16;

#[derive(Debug)]
enum Queued {
    Bytes {
        data: Arc<[u8]>,
        sent: usize,
        tail: Option<Tail>,
        is_answer: bool,
        why: Option<Arc<str>>,
        /// What was received for it on the other leg of a relay.
        input: Option<Input>,
        opcode: Option<Opcode>,
    },
    File(Box<FileSending>),
}

/// The rest of a message that is sent after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tail {
    /// Its offset in the message.
    at: usize,
    pause: Duration,
    /// When it is due, once the bytes before it are sent.
    due: Option<Instant>,
}

/// What to send next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Next {
    Now,
    /// Nothing is due before this time.
    At(Instant),
    /// The queue is empty, or a file is paused.
    #[default]
    Nothing,
}

/// What is next, as a frame of a WebSocket carries it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Front<'a> {
    pub(super) bytes: &'a [u8],
    /// The length of the whole message, if it begins here.
    pub(super) begins: Option<usize>,
    /// What it is to be sent as, if that is decided.
    pub(super) opcode: Option<Opcode>,
    /// The whole message, as far as it is known.
    pub(super) whole: &'a [u8],
    /// It is a piece of a file that is not sent by lines.
    pub(super) is_raw: bool,
}

#[derive(Debug, Default)]
pub(super) struct Outgoing {
    items: VecDeque<Queued>,
    /// Why the messages that are queued next are sent.
    pub(super) why: Option<Arc<str>>,
    /// What the message that is queued next was received as.
    pub(super) input: Option<Input>,
    /// In a leg of a relay: what is said of data that are sent.
    pub(super) trace: Option<Trace>,
    /// Bytes of messages, not of files.
    bytes: u64,
    /// Those of them that are answers of rules.
    pub(super) answers: u64,
    files: u64,
}

impl Outgoing {
    /// Appends a message if there is room. An empty one is ignored.
    pub(super) fn push(&mut self, data: Arc<[u8]>) -> Result<(), Cause> {
        self.push_if_room(data, None)
    }

    /// The same as what a WebSocket is to send it.
    pub(super) fn push_if_room(&mut self, data: Arc<[u8]>, opcode: Option<Opcode>) -> Result<(), Cause> {
        self.room(data.len() as u64 + ENTRY)?;
        if !data.is_empty() {
            self.push_as(data, opcode);
        }
        Ok(())
    }

    /// Appends a message without a limit. Callers must stop reading when [`is_behind`](Self::is_behind).
    pub(super) fn push_answer(&mut self, data: Arc<[u8]>) {
        if !data.is_empty() {
            self.push_as(data, None);
        }
    }

    /// The same as what a WebSocket is to send it, which may be empty.
    pub(super) fn push_as(&mut self, data: Arc<[u8]>, opcode: Option<Opcode>) {
        self.bytes += data.len() as u64;
        let (why, input) = (self.why.clone(), self.input.take());
        self.items.push_back(Queued::Bytes {
            data,
            sent: 0,
            tail: None,
            is_answer: false,
            why,
            input,
            opcode,
        });
    }

    /// Counts what was appended last as an answer.
    pub(super) fn count_answer(&mut self) {
        if let Some(Queued::Bytes { data, sent: 0, is_answer, .. }) = self.items.back_mut()
            && !std::mem::replace(is_answer, true)
        {
            self.answers += data.len() as u64;
        }
    }

    /// Appends a message if there is room. Its tail is sent `pause` after its head, with nothing in between.
    pub(super) fn push_cut(&mut self, head: &[u8], pause: Duration, tail: &[u8]) -> Result<(), Cause> {
        let data: Arc<[u8]> = Arc::from([head, tail].concat());
        self.push(data)?;
        if let Some(Queued::Bytes { tail, data, .. }) = self.items.back_mut()
            && (1..data.len()).contains(&head.len())
        {
            *tail = Some(Tail { at: head.len(), pause, due: None });
        }
        Ok(())
    }

    /// Appends a file if there is room.
    pub(super) fn push_file(&mut self, file: FileSending) -> Result<(), Cause> {
        self.room(FILE + ENTRY)?;
        self.files += 1;
        self.items.push_back(Queued::File(Box::new(file)));
        Ok(())
    }

    /// An empty queue accepts any size, since the data are in memory already.
    fn room(&self, more: u64) -> Result<(), Cause> {
        if !self.items.is_empty() && self.weight().saturating_add(more) > MAX_QUEUED {
            return Err(Cause::QueueFull(self.bytes(), MAX_QUEUED));
        }
        Ok(())
    }

    /// Whether so much is queued that reading should stop, and repeats should skip beats.
    pub(super) fn is_behind(&self) -> bool {
        self.weight() > BACK_PRESSURE
    }

    fn weight(&self) -> u64 {
        self.bytes + self.files * FILE + self.items.len() as u64 * ENTRY
    }

    /// Bytes queued; of files only what is in memory.
    pub(super) fn bytes(&self) -> u64 {
        let of_file = match self.items.front() {
            Some(Queued::File(file)) => file.source.buffered() as u64,
            Some(Queued::Bytes { .. }) | None => 0,
        };
        self.bytes + of_file
    }

    /// Bytes queued, including the unread part of files.
    pub(super) fn unsent(&self) -> u64 {
        let of_files = self.items.iter().map(|item| match item {
            Queued::File(file) => file.unsent(),
            Queued::Bytes { .. } => 0,
        });
        self.bytes.saturating_add(of_files.sum())
    }

    /// Messages and files queued or being sent.
    pub(super) fn messages(&self) -> u64 {
        self.items.len() as u64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(super) fn clear(&mut self) {
        *self = Self { trace: self.trace.take(), ..Self::default() };
    }

    /// Prepares the entry at the front: reads the next piece of a file, at best `room` bytes, and removes
    /// files that have ended. An error concerns one file; if that cannot be read any further, it is removed.
    pub(super) fn prepare(&mut self, now: Instant, room: usize) -> Result<Next, NetError> {
        while let Some(item) = self.items.front_mut() {
            let file = match item {
                Queued::File(file) => file,
                Queued::Bytes { sent, tail, .. } => return Ok(tail_due(*sent, tail, now)),
            };
            match file.poll(now, room) {
                Ok(FileState::Ready) => return Ok(Next::Now),
                Ok(FileState::Warning(error)) => return Err(error),
                Ok(FileState::Waiting(at)) if !self.let_messages_pass() => return Ok(Next::At(at)),
                Ok(FileState::Paused) if !self.let_messages_pass() => return Ok(Next::Nothing),
                // A message has moved to the front.
                Ok(FileState::Waiting(_) | FileState::Paused) => {}
                Ok(FileState::Done) => self.pop_file(),
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

    /// The file at the front is waiting: moves messages that may overtake it before it. True if there are any.
    fn let_messages_pass(&mut self) -> bool {
        if self.items.len() as u64 == self.files {
            return false;
        }
        // Nothing may overtake such a file, so all behind it stay in place.
        let keeps = |item: &Queued| matches!(item, Queued::File(file) if !file.lets_pass());
        let until = self.items.iter().position(keeps).unwrap_or(self.items.len());
        let behind = self.items.split_off(until);
        let (messages, files): (Vec<Queued>, Vec<Queued>) =
            self.items.drain(..).partition(|item| matches!(item, Queued::Bytes { .. }));
        let any = !messages.is_empty();
        self.items.extend(messages.into_iter().chain(files).chain(behind));
        any
    }

    pub(super) fn drop_stopped(&mut self) {
        for at in (0..self.items.len()).rev() {
            let Some(Queued::File(file)) = self.items.get(at) else { continue };
            if !file.is_stopped() {
                continue;
            }
            let rest = file.rest();
            self.items.remove(at);
            self.files -= 1;
            if let Some(data) = rest {
                // The rest of a line that was sent in part.
                self.bytes += data.len() as u64;
                let (why, input, opcode) = (None, None, None);
                let rest = Queued::Bytes { data, sent: 0, tail: None, is_answer: false, why, input, opcode };
                self.items.insert(at, rest);
            }
        }
    }

    /// Fills `slices` with the next bytes to send, at most `most`; returns how many are filled.
    pub(super) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>; SLICES], mut most: usize) -> usize {
        let mut n = 0;
        for item in &self.items {
            let (bytes, is_last) = match item {
                Queued::Bytes { data, sent, tail, .. } => {
                    let end = tail.map_or(data.len(), |tail| tail.at);
                    (data.get(*sent..end).unwrap_or_default(), tail.is_some())
                }
                // A file further back is not prepared, and nothing may overtake it.
                Queued::File(file) => (file.source.ready(), true),
            };
            let bytes = &bytes[..bytes.len().min(most)];
            let Some(slice) = slices.get_mut(n).filter(|_| !bytes.is_empty()) else { break };
            *slice = IoSlice::new(bytes);
            n += 1;
            most -= bytes.len();
            if is_last {
                break;
            }
        }
        n
    }

    /// Notes that the kernel accepted `n` bytes. Passes each message's part to `record`, and whether it ends.
    pub(super) fn accepted(
        &mut self,
        mut n: usize,
        now: Instant,
        mut record: impl FnMut(&[u8], bool, Option<&str>),
    ) {
        // Only one piece of a file is written at once.
        let mut is_file = false;
        while n > 0 && !self.items.is_empty() && !is_file {
            is_file = matches!(self.items.front(), Some(Queued::File(_)));
            n -= self.accepted_of_first(n, now, &mut record);
        }
    }

    /// Of those `n` bytes, notes what belongs to the entry at the front, and returns how many these are.
    pub(super) fn accepted_of_first(
        &mut self,
        n: usize,
        now: Instant,
        record: &mut impl FnMut(&[u8], bool, Option<&str>),
    ) -> usize {
        let Some(item) = self.items.front_mut() else { return n };
        let (len, done) = match item {
            Queued::Bytes { data, sent, is_answer, why, input, .. } => {
                let rest = data.get(*sent..).unwrap_or_default();
                let part = &rest[..n.min(rest.len())];
                let done = part.len() == rest.len();
                let why = why.as_deref();
                match &mut self.trace {
                    // An empty one, or a control frame, is no data of the connection.
                    Some(trace) if !part.is_empty() => {
                        let (from, len) = (*sent as u64, part.len() as u64);
                        let of_part =
                            |input: Input| if why.is_none() { input.part(from, len) } else { input };
                        record(part, done, trace.comment(why, input.map(of_part)).as_deref());
                    }
                    _ => record(part, done, why),
                }
                *sent += part.len();
                self.bytes -= part.len() as u64;
                self.answers -= if *is_answer { part.len() as u64 } else { 0 };
                (part.len(), done)
            }
            Queued::File(file) => {
                let ready = file.source.ready();
                let part = &ready[..n.min(ready.len())];
                let len = part.len();
                // Must be known before the bytes are consumed.
                let ended = file.source.ends_message(len);
                record(part, ended, self.trace.as_ref().map(|_| Why::ADDED));
                let done = file.take(len, now);
                self.files -= u64::from(done);
                (len, done)
            }
        };
        if done {
            self.items.pop_front();
        }
        len
    }

    /// What is next, at most `most` bytes of a message; a piece of a file is a message of its own. Must be prepared.
    pub(super) fn front(&self, most: usize) -> Option<Front<'_>> {
        match self.items.front()? {
            Queued::Bytes { data, sent, tail, opcode, .. } => {
                let end = tail.map_or(data.len(), |tail| tail.at).min(sent.saturating_add(most));
                let bytes = data.get(*sent..end).unwrap_or_default();
                let begins = (*sent == 0).then_some(data.len());
                Some(Front { bytes, begins, opcode: *opcode, whole: data, is_raw: false })
            }
            Queued::File(file) => {
                let bytes = file.source.ready();
                let begins = Some(bytes.len());
                let is_raw = file.source.is_raw();
                (!bytes.is_empty()).then_some(Front { bytes, begins, opcode: None, whole: bytes, is_raw })
            }
        }
    }
}

/// When the rest of a message is due, of which `sent` bytes are sent.
fn tail_due(sent: usize, tail: &mut Option<Tail>, now: Instant) -> Next {
    if let Some(Tail { at, pause, due }) = tail
        && sent >= *at
    {
        let due = *due.get_or_insert_with(|| later(now, *pause));
        if now < due {
            return Next::At(due);
        }
        *tail = None;
    }
    Next::Now
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::super::disk::Disk;
    use super::super::file_source::PieceSize;
    use super::super::files::{Files, Share};
    use super::*;
    use crate::model::{FileCut, FileId, FilePace, FileToSend, Others};

    const MS: Duration = Duration::from_millis(1);

    /// A file with this content that is sent one byte per millisecond.
    fn slow(content: &str, others: Others) -> (tempfile::NamedTempFile, FileToSend) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content.as_bytes()).unwrap();
        let cut = FileCut::Raw { chunk: NonZeroU32::new(1) };
        let order = FileToSend { cut, pace: FilePace::Pause(MS), others, ..FileToSend::raw(file.path()) };
        (file, order)
    }

    fn push_file(queue: &mut Outgoing, order: &FileToSend, share: Option<Share>) {
        queue
            .push_file(FileSending::open(&Disk::default(), order, PieceSize::STREAM, share).unwrap())
            .unwrap();
    }

    /// What is sent at `now`.
    fn sent_at(queue: &mut Outgoing, now: Instant) -> (String, Next) {
        let mut seen = String::new();
        loop {
            let next = queue.prepare(now, usize::MAX).unwrap();
            if next != Next::Now {
                return (seen, next);
            }
            let mut slices = [IoSlice::new(&[]); SLICES];
            let n = queue.slices(&mut slices, usize::MAX);
            let offered = slices[..n].iter().map(|slice| slice.len()).sum();
            queue.accepted(offered, now, |part, _whole, _why| {
                seen.push_str(std::str::from_utf8(part).unwrap());
            });
        }
    }

    #[test]
    fn a_cut_message_pauses_with_nothing_in_between() {
        let start = Instant::now();
        let mut queue = Outgoing::default();
        queue.push(Arc::from(*b"a")).unwrap();
        queue.push_cut(b"he", 5 * MS, b"ad").unwrap();
        queue.push_cut(b"", 5 * MS, b"all").unwrap();
        queue.push(Arc::from(*b"z")).unwrap();
        assert_eq!(sent_at(&mut queue, start), ("ahe".to_owned(), Next::At(start + 5 * MS)));
        assert_eq!(sent_at(&mut queue, start + 4 * MS), (String::new(), Next::At(start + 5 * MS)));
        assert_eq!((queue.bytes(), queue.messages()), (6, 3));
        assert_eq!(sent_at(&mut queue, start + 5 * MS), ("adallz".to_owned(), Next::Nothing));
    }

    #[test]
    fn a_file_keeps_its_pace_and_messages_wait_or_overtake_it() {
        let start = Instant::now();
        let message = || Arc::<[u8]>::from(*b"-");
        for (others, expected) in [(Others::Wait, ["a", "b", "c-d"]), (Others::Pass, ["a-", "b", "cd"])] {
            let mut queue = Outgoing::default();
            let (_file, order) = slow("abc", others);
            push_file(&mut queue, &order, None);
            queue.push(message()).unwrap();
            let (_other_file, order) = slow("d", Others::Pass);
            push_file(&mut queue, &order, None);
            for (n, expected) in (0..3).zip(expected) {
                let now = start + n * MS;
                let (seen, next) = sent_at(&mut queue, now);
                assert_eq!(seen, expected, "{others:?} {n}");
                assert_eq!(next, if n < 2 { Next::At(now + MS) } else { Next::Nothing });
            }
            assert!(queue.is_empty());
        }
    }

    #[test]
    fn a_file_is_paused_and_stopped_at_once() {
        let (mut files, start) = (Files::default(), Instant::now());
        let ticket = files.begin(FileId(1), start, &mut Vec::new()).unwrap();
        let (_file, order) = slow("abc", Others::Pass);
        let mut queue = Outgoing::default();
        push_file(&mut queue, &order, Some(ticket.share()));
        assert_eq!(sent_at(&mut queue, start).0, "a");
        files.pause(FileId(1), true);
        queue.push(Arc::from(*b"-")).unwrap();
        assert_eq!(sent_at(&mut queue, start + 5 * MS), ("-".to_owned(), Next::Nothing));
        files.pause(FileId(1), false);
        let on = (String::from("b"), Next::At(start + 7 * MS));
        assert_eq!(sent_at(&mut queue, start + 6 * MS), on, "nothing is caught up");
        files.stop(FileId(1));
        queue.drop_stopped();
        assert!(queue.is_empty() && queue.weight() == 0);
    }

    #[test]
    fn a_line_sent_in_part_is_completed() {
        let (mut files, now) = (Files::default(), Instant::now());
        let ticket = files.begin(FileId(1), now, &mut Vec::new()).unwrap();
        let (_file, mut order) = slow("one\ntwo\n", Others::Wait);
        let (ends, blank) = <_>::default();
        order.cut = FileCut::Lines { ends, blank, append: Vec::new() };
        let mut queue = Outgoing::default();
        push_file(&mut queue, &order, Some(ticket.share()));
        assert_eq!(queue.prepare(now, usize::MAX), Ok(Next::Now));
        queue.accepted(2, now, |part, whole, _why| assert_eq!((part, whole), (b"on".as_slice(), false)));
        files.stop(FileId(1));
        queue.drop_stopped();
        assert_eq!(queue.bytes(), 2);
        queue.accepted(2, now, |part, whole, _why| assert_eq!((part, whole), (b"e\n".as_slice(), true)));
        assert!(queue.is_empty() && queue.weight() == 0);
    }

    #[test]
    fn the_queue_is_bounded_but_an_empty_one_accepts_any_size() {
        let mut queue = Outgoing::default();
        let big: Arc<[u8]> = vec![0; usize::try_from(MAX_QUEUED).unwrap() + 1].into();
        queue.push(Arc::clone(&big)).unwrap();
        assert_eq!(queue.push(Arc::from([1])), Err(Cause::QueueFull(MAX_QUEUED + 1, MAX_QUEUED)));
        queue.accepted(big.len(), Instant::now(), |_part, _whole, _why| ());
        assert!(queue.is_empty());
        queue.push(Arc::from([1])).unwrap();
        assert_eq!((queue.bytes(), queue.messages()), (1, 1));
    }

    #[test]
    fn tiny_messages_are_bounded_and_cause_back_pressure() {
        let one: Arc<[u8]> = Arc::from([1]);
        let mut queue = Outgoing::default();
        let accepted = (0..MAX_QUEUED).take_while(|_| queue.push(Arc::clone(&one)).is_ok()).count() as u64;
        assert_eq!(accepted, MAX_QUEUED / (ENTRY + 1));
        let (mut queue, mut answers) = (Outgoing::default(), 0);
        while !queue.is_behind() {
            queue.push_answer(Arc::clone(&one));
            answers += 1;
        }
        assert_eq!(answers, BACK_PRESSURE / (ENTRY + 1) + 1);
    }

    proptest! {
        #[test]
        fn bytes_keep_their_order_and_each_message_ends_once(
            messages in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..50)), 0..20),
            takes in prop::collection::vec((1usize..40, 1usize..60), 1..50),
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
                    push_file(&mut queue, &order, None);
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
            for (take, most) in takes.iter().cycle() {
                if queue.prepare(now, usize::MAX).unwrap() == Next::Nothing {
                    prop_assert!(queue.is_empty());
                    break;
                }
                let mut slices = [IoSlice::new(&[]); SLICES];
                let n = queue.slices(&mut slices, *most);
                let offered: usize = slices[..n].iter().map(|slice| slice.len()).sum();
                prop_assert!((1..=*most).contains(&offered));
                queue.accepted((*take).min(offered), now, |part, whole, _why| {
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
