//! One direction of a TCP connection: orders segments by sequence number.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use crate::model::{Stamp, fit};

/// The overhead of a waiting segment in bytes.
const EACH: usize = 160;
/// Segments farther away than this, in bytes, are of another stream: no window is larger (RFC 7323, 2.2).
pub(super) const FAR: u32 = 1 << 30;
/// How many skipped gaps of a stream are remembered.
const LOST: usize = 64;
/// How many of the last bytes are kept to compare retransmissions with.
const RECENT: usize = 64 * 1024;

/// What accompanies the bytes of a segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Whether the sender's message ends with the segment (PSH).
    pub(super) whole: bool,
    /// The comment on the packet; may be empty.
    pub(super) comment: String,
    /// The time of the packet.
    pub(super) at: Stamp,
}

/// The stream up to the first gap, and segments that are waiting behind gaps. Positions count bytes from an
/// arbitrary number, beyond 4 GiB, too.
#[derive(Debug)]
pub(super) struct Stream {
    first: u64,
    /// The position of the first missing byte.
    pub(super) next: u64,
    held: BTreeMap<u64, (Vec<u8>, Mark)>,
    /// The memory that waiting segments take, in bytes.
    pub(super) cost: usize,
    /// Where the stream ends, if the FIN was captured.
    pub(super) end: Option<u64>,
    /// Up to where the receiver has acknowledged.
    acknowledged: u64,
    /// The gaps that were skipped last.
    lost: VecDeque<Range<u64>>,
    /// The last bytes before `next`.
    pub(super) recent: VecDeque<u8>,
    /// How many bytes of retransmissions differ from the first copy.
    pub(super) differs: u64,
}

impl Stream {
    /// A stream that begins with this sequence number.
    pub(super) fn new(seq: u32) -> Self {
        // So that no position is negative.
        let first = (1 << 32) + u64::from(seq);
        let (held, lost, recent) = (BTreeMap::new(), VecDeque::new(), VecDeque::new());
        Self { first, next: first, held, cost: 0, end: None, acknowledged: first, lost, recent, differs: 0 }
    }

    /// A stream of which this is the first sequence number in the capture.
    pub(super) fn from_the_middle(seq: u32) -> Self {
        let mut stream = Self::new(seq);
        // Its FIN may have come before.
        stream.lost.push_back(stream.first..stream.first);
        stream
    }

    pub(super) fn first_seq(&self) -> u32 {
        low(self.first)
    }

    /// Whether there were no bytes yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.next == self.first && self.held.is_empty()
    }

    /// Whether this is the sequence number that the receiver expects next, as far as the capture tells.
    pub(super) fn expects(&self, seq: u32) -> bool {
        let expected = match self.end {
            Some(end) if end <= self.next => self.next.max(end + 1),
            Some(_) | None => self.next.max(self.acknowledged),
        };
        let Some(place) = self.place(seq) else { return false };
        // If the receiver has bytes that the capture lacks, it may also have what follows them.
        let ahead = || self.held.iter().next_back().map(|(at, (bytes, _))| at + bytes.len() as u64);
        place == expected || self.acknowledged > self.next && ahead() == Some(place)
    }

    /// The position of a sequence number; `None` if it is too far away.
    pub(super) fn place(&self, seq: u32) -> Option<u64> {
        let ahead = seq.wrapping_sub(low(self.next));
        let behind = ahead.wrapping_neg();
        if ahead < FAR {
            Some(self.next + u64::from(ahead))
        } else if behind < FAR {
            self.next.checked_sub(u64::from(behind))
        } else {
            None
        }
    }

    /// Whether the stream is complete up to its end.
    pub(super) fn is_over(&self) -> bool {
        self.end.is_some_and(|end| end <= self.next)
    }

    /// Adds a segment, passes to `out` what is in order now, and returns how many bytes are left out: those before the
    /// start, of skipped gaps, and beyond the end. Of bytes that arrive twice, the first copy counts. `mark` is left
    /// alone if the segment has nothing new.
    pub(super) fn push(
        &mut self,
        at: u64,
        bytes: &[u8],
        mark: &mut Mark,
        out: &mut dyn FnMut(&[u8], Mark),
    ) -> u64 {
        let stop = at + bytes.len() as u64;
        let end = self.end.map_or(stop, |end| stop.min(end.max(at)));
        let mut left_out = stop - end;
        // A keep-alive may repeat the byte before the next, whatever it was.
        if at < self.next && !(bytes.len() == 1 && stop == self.next) {
            let both = |lost: &Range<u64>| end.min(lost.end).saturating_sub(at.max(lost.start));
            left_out += self.lost.iter().map(both).sum::<u64>() + end.min(self.first).saturating_sub(at);
            let known = self.next - self.recent.len() as u64;
            let (ahead, behind) = (known.saturating_sub(at), at.saturating_sub(known));
            let (ahead, behind) = (fit::<usize, _>(ahead), fit::<usize, _>(behind));
            let copy = bytes.iter().skip(ahead).zip(self.recent.range(behind..));
            self.differs += copy.filter(|(byte, first)| byte != first).count() as u64;
        }
        let skip = usize::try_from(self.next.saturating_sub(at)).unwrap_or(usize::MAX);
        let len = usize::try_from(end - at).unwrap_or(usize::MAX);
        let Some(bytes) = bytes.get(skip..len).filter(|bytes| !bytes.is_empty()) else { return left_out };
        let at = at.max(self.next);
        if at == self.next && self.held.is_empty() {
            self.give(bytes, std::mem::take(mark), out);
        } else {
            self.hold(at, bytes, mark);
            self.resume(out);
        }
        left_out
    }

    /// Passes on the next bytes.
    fn give(&mut self, bytes: &[u8], mark: Mark, out: &mut dyn FnMut(&[u8], Mark)) {
        self.next += bytes.len() as u64;
        let recent = bytes.get(bytes.len().saturating_sub(RECENT)..).unwrap_or_default();
        self.recent.drain(..(self.recent.len() + recent.len()).saturating_sub(RECENT));
        self.recent.extend(recent);
        out(bytes, mark);
    }

    /// The FIN is at this position. Returns how many waiting bytes are beyond it.
    pub(super) fn finish(&mut self, at: u64) -> u64 {
        // A skipped gap may have ended with the acknowledgement of the FIN.
        let is_skipped = at + 1 == self.next && self.lost.back().is_some_and(|lost| lost.end == self.next);
        if self.end.is_some() || at < self.next && !is_skipped {
            return 0;
        }
        self.end = Some(at);
        let mut beyond = 0;
        while let Some(mut last) = self.held.last_entry() {
            let keep = usize::try_from(at.saturating_sub(*last.key())).unwrap_or(usize::MAX);
            let bytes = &mut last.get_mut().0;
            let excess = bytes.len().saturating_sub(keep);
            bytes.truncate(keep);
            self.cost -= excess;
            beyond += excess as u64;
            if !bytes.is_empty() {
                break;
            }
            self.cost -= EACH;
            last.remove();
        }
        beyond
    }

    /// The stream was cut off before this segment, and nothing is waiting. Returns how many of its bytes are new, once.
    pub(super) fn refuse(&mut self, at: u64, len: u64, fin: bool) -> u64 {
        let stop = at + len;
        let new = stop.saturating_sub(at.max(self.next));
        self.next = self.next.max(stop + u64::from(fin));
        new
    }

    /// Keeps the bytes of a segment that are not waiting yet.
    fn hold(&mut self, begin: u64, bytes: &[u8], mark: &mut Mark) {
        let end = begin + bytes.len() as u64;
        let mut at = begin;
        while at < end {
            let before = self.held.range(..=at).next_back();
            let before = before.map(|(start, (held, _))| (*start, held, start + held.len() as u64));
            if let Some((start, held, covered)) = before.filter(|(_, _, covered)| *covered > at) {
                let (first, copy) = (fit::<usize, _>(at - start), fit::<usize, _>(at - begin));
                let copy = held.iter().skip(first).zip(bytes.iter().skip(copy));
                self.differs += copy.filter(|(first, byte)| first != byte).count() as u64;
                at = covered;
                continue;
            }
            let stop = self.held.range(at..end).next().map_or(end, |(start, _)| *start);
            let piece = usize::try_from(at - begin).ok().zip(usize::try_from(stop - begin).ok());
            let piece = piece.and_then(|(from, to)| bytes.get(from..to)).unwrap_or_default();
            let comment = std::mem::take(&mut mark.comment);
            self.cost += piece.len() + EACH;
            let mark = Mark { whole: mark.whole && stop == end, comment, at: mark.at };
            self.held.insert(at, (piece.to_vec(), mark));
            at = stop;
        }
    }

    /// Passes on what is in order, for example after [`give_up`](Self::give_up) or [`skip`](Self::skip).
    pub(super) fn resume(&mut self, out: &mut dyn FnMut(&[u8], Mark)) {
        while let Some(entry) = self.held.first_entry().filter(|entry| *entry.key() <= self.next) {
            let (at, (bytes, mark)) = entry.remove_entry();
            self.cost -= bytes.len() + EACH;
            let skip = usize::try_from(self.next - at).unwrap_or(usize::MAX);
            if let Some(rest) = bytes.get(skip..).filter(|rest| !rest.is_empty()) {
                self.give(rest, mark, out);
            }
        }
    }

    /// The receiver has everything before this sequence number. True if something before it is missing here.
    pub(super) fn acknowledge(&mut self, seq: u32) -> bool {
        if let Some(place) = self.place(seq) {
            self.acknowledged = self.acknowledged.max(place);
        }
        self.lacks_for_good()
    }

    /// The end of the gap at the current position, if known: the next waiting segment, or the acknowledgement.
    fn hole(&self) -> Option<u64> {
        if let Some(held) = self.held.keys().next() {
            return Some(*held);
        }
        let until = self.end.unwrap_or(self.acknowledged).min(self.acknowledged);
        // A FIN takes a sequence number, too. If only that is missing, no byte is.
        let lacks = until.saturating_sub(self.next);
        (lacks > 1 || lacks == 1 && self.end.is_some()).then_some(until)
    }

    /// Skips the gap at the current position, if there is one, and returns its length in bytes.
    /// [`resume`](Self::resume) passes on what follows it.
    pub(super) fn give_up(&mut self) -> Option<u64> {
        let end = self.hole()?;
        let lacks = end.saturating_sub(self.next);
        self.lose(end);
        (lacks > 0).then_some(lacks)
    }

    /// Goes on at this position.
    fn lose(&mut self, to: u64) {
        if to > self.next {
            if self.lost.len() >= LOST {
                self.lost.pop_front();
            }
            self.lost.push_back(self.next..to);
            self.next = to;
            self.recent.clear();
        }
    }

    /// The time of the first waiting segment, which follows the gap.
    pub(super) fn resumes_at(&self) -> Option<Stamp> {
        self.held.values().next().map(|(_, mark)| mark.at)
    }

    /// Goes on at a sequence number that is too far away for a place, and returns how many bytes are missing at least.
    /// Nothing may be waiting.
    pub(super) fn jump(&mut self, seq: u32) -> u64 {
        let lacks = u64::from(seq.wrapping_sub(low(self.next)));
        self.lose(self.next + lacks);
        lacks
    }

    /// Skips up to `n` bytes that will not arrive, as far as they are not waiting; returns how many.
    pub(super) fn skip(&mut self, n: u64) -> u64 {
        let until = self.next + n;
        let end = self.held.keys().next().map_or(until, |held| until.min(*held)).max(self.next);
        let skipped = end - self.next;
        self.lose(end);
        skipped
    }

    /// Whether the receiver has what is missing here, so that it will not be sent again.
    pub(super) fn lacks_for_good(&self) -> bool {
        self.hole().is_some_and(|end| end <= self.acknowledged)
    }
}

/// The sequence number of a position.
fn low(place: u64) -> u32 {
    fit(place & u64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pushes all segments and returns the output.
    fn run(stream: &mut Stream, segments: &[(u32, &[u8])]) -> Vec<u8> {
        let mut all = Vec::new();
        for (seq, bytes) in segments {
            if let Some(at) = stream.place(*seq) {
                let left_out = stream
                    .push(at, bytes, &mut Mark::default(), &mut |bytes, _| all.extend_from_slice(bytes));
                assert_eq!(left_out, 0);
            }
        }
        all
    }

    #[test]
    fn the_first_copy_counts_and_numbers_wrap() {
        let mut stream = Stream::new(u32::MAX - 1);
        let all = run(
            &mut stream,
            &[(3, b"fgh"), (u32::MAX, b"bcd"), (0, b"XXe"), (u32::MAX - 1, b"aYYY"), (3, b"ZZZ")],
        );
        assert_eq!(String::from_utf8(all).unwrap(), "abcdefgh");
        assert_eq!((stream.cost, stream.held.len()), (0, 0));
    }

    #[test]
    fn distant_segments_are_ignored() {
        let stream = Stream::new(5);
        assert_eq!(stream.place(5 + FAR), None);
        assert_eq!(stream.place(5_u32.wrapping_sub(FAR)), None);
        assert_eq!(stream.place(4), Some(stream.next - 1));
        assert!(stream.place(4 + FAR).is_some());
    }

    #[test]
    fn gaps_end_at_waiting_or_acknowledged_bytes() {
        let mut stream = Stream::new(100);
        assert_eq!(run(&mut stream, &[(110, b"later")]), b"");
        assert!(!stream.acknowledge(105), "the gap goes on");
        assert!(stream.acknowledge(110) && stream.lacks_for_good());
        assert_eq!(stream.give_up(), Some(10));
        let mut all = Vec::new();
        stream.resume(&mut |bytes, _| all.extend_from_slice(bytes));
        assert_eq!(all, b"later");
        // Nothing is waiting, and everything up to there has arrived.
        assert!(stream.acknowledge(135));
        assert_eq!((stream.give_up(), stream.give_up()), (Some(20), None));
        assert!(!stream.acknowledge(136), "a FIN that was not captured");
    }

    proptest! {
        #[test]
        fn holes_and_bytes_add_up(segments in prop::collection::vec((0_u32..5000, 1_usize..300), 1..60), acks in 0_u32..6000) {
            let bytes = vec![7; 300];
            let mut stream = Stream::new(0);
            let (mut given, mut lacked) = (0, 0);
            for (seq, len) in segments {
                if let Some(at) = stream.place(seq) {
                    stream.push(at, &bytes[..len], &mut Mark::default(), &mut |bytes, _| given += bytes.len() as u64);
                }
                if stream.acknowledge(acks) {
                    lacked += stream.give_up().unwrap_or(0);
                    stream.resume(&mut |bytes, _| given += bytes.len() as u64);
                }
            }
            while let Some(n) = stream.give_up() {
                lacked += n;
                stream.resume(&mut |bytes, _| given += bytes.len() as u64);
            }
            prop_assert_eq!(given + lacked, stream.next - (1 << 32));
            prop_assert_eq!(stream.cost, 0);
        }
    }
}
