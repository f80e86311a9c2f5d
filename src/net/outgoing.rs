//! What waits to be sent over one TCP connection, in order and bounded. Knows no socket.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::sync::Arc;

use super::file_source::FileSource;
use crate::model::{Cause, NetError};

/// Bytes that may wait for one peer at most.
pub(super) const MOST: u64 = 64 * 1024 * 1024;

/// Above this whoever answers what it reads stops reading, until its answers are taken.
pub(super) const BACK_PRESSURE: u64 = 256 * 1024;

/// What an entry counts besides its bytes, so that many tiny messages are bounded as well.
pub(super) const ENTRY: u64 = 64;

/// What a file counts: the most of it that is in memory.
const FILE: u64 = 64 * 1024;

/// Slices handed to one write at most.
pub(super) const SLICES: usize = 16;

#[derive(Debug)]
enum Item {
    Bytes { data: Arc<[u8]>, sent: usize },
    File(FileSource),
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
            self.items.push_back(Item::Bytes { data, sent: 0 });
        }
    }

    /// Puts a file at the end, if there is room.
    pub(super) fn push_file(&mut self, file: FileSource) -> Result<(), Cause> {
        self.room(FILE + ENTRY)?;
        self.files += 1;
        self.items.push_back(Item::File(file));
        Ok(())
    }

    /// An empty queue takes anything: it is in memory already.
    fn room(&self, more: u64) -> Result<(), Cause> {
        if !self.items.is_empty() && self.weight().saturating_add(more) > MOST {
            return Err(Cause::QueueFull(self.bytes(), MOST));
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

    /// Reads on in the file at the front, if one is there, and passes over files that have ended.
    /// A file that cannot be read on is given up with the error.
    pub(super) fn prepare(&mut self) -> Result<(), NetError> {
        while let Some(Item::File(file)) = self.items.front_mut() {
            let filled = file.fill();
            if filled.is_ok() && !file.ready().is_empty() {
                break;
            }
            self.items.pop_front();
            self.files -= 1;
            filled?;
        }
        Ok(())
    }

    /// Fills `slices` with what goes next; tells how many are filled.
    pub(super) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>; SLICES]) -> usize {
        let mut n = 0;
        for (slice, item) in slices.iter_mut().zip(&self.items) {
            match item {
                Item::Bytes { data, sent } => {
                    *slice = IoSlice::new(data.get(*sent..).unwrap_or_default());
                    n += 1;
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
    pub(super) fn accepted(&mut self, mut n: usize, mut tell: impl FnMut(&[u8], bool)) {
        while n > 0 {
            let Some(item) = self.items.front_mut() else { return };
            let done = match item {
                Item::Bytes { data, sent } => {
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
                    let done = file.ended() && part.len() == ready.len();
                    tell(part, done);
                    let len = part.len();
                    n -= len;
                    file.take(len);
                    if !done {
                        // No more of it was handed to the kernel.
                        return;
                    }
                    self.files -= 1;
                    done
                }
            };
            if done {
                self.items.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_queue_is_bounded_but_takes_anything_when_empty() {
        let mut queue = Outgoing::default();
        let big: Arc<[u8]> = vec![0; usize::try_from(MOST).unwrap() + 1].into();
        queue.push(Arc::clone(&big)).unwrap();
        assert_eq!(queue.push(Arc::from([1])), Err(Cause::QueueFull(MOST + 1, MOST)));
        queue.accepted(big.len(), |_part, _whole| ());
        assert!(queue.is_empty());
        queue.push(Arc::from([1])).unwrap();
        assert_eq!((queue.bytes(), queue.messages()), (1, 1));
    }

    #[test]
    fn tiny_messages_cannot_take_memory_without_end() {
        let mut queue = Outgoing::default();
        let one: Arc<[u8]> = Arc::from([1]);
        let accepted = (0..MOST).take_while(|_| queue.push(Arc::clone(&one)).is_ok()).count() as u64;
        assert_eq!(accepted, MOST / (ENTRY + 1));
    }

    #[test]
    fn tiny_answers_stop_the_reading_before_they_fill_the_memory() {
        let mut queue = Outgoing::default();
        let one: Arc<[u8]> = Arc::from([1]);
        let answers = (0..MOST)
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
                    queue.push_file(FileSource::with_step(file.path(), 7).unwrap()).unwrap();
                    files.push(file);
                } else {
                    queue.push(Arc::from(message.as_slice())).unwrap();
                }
                if !message.is_empty() {
                    expected.push(message.clone());
                }
            }
            let mut seen = vec![Vec::new()];
            for take in takes.iter().cycle() {
                queue.prepare().unwrap();
                if queue.is_empty() {
                    break;
                }
                let mut slices = [IoSlice::new(&[]); SLICES];
                let n = queue.slices(&mut slices);
                let offered: usize = slices[..n].iter().map(|slice| slice.len()).sum();
                prop_assert!(offered > 0);
                queue.accepted((*take).min(offered), |part, whole| {
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
