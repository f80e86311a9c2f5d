//! Assembles received and sent bytes into messages as they arrive.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

use crate::codec::frame::{Cut, Framer, Framing, Verdict};
use crate::model::{Direction, FlowId, Stamp, Transport, Wholeness};

/// Added to the pause that ends a message, for bytes that are reported late.
const GRACE: Duration = Duration::from_millis(100);

/// The most bytes of incomplete messages that are held. Beyond it, the longest is written in parts.
const MAX_HELD: usize = 64 * 1024 * 1024;

/// A larger buffer is freed once it is empty.
const KEEP_CAPACITY: usize = 256 * 1024;

/// One direction of a conversation.
pub(super) type Way = (FlowId, Direction);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Message<'a> {
    /// When its first bytes were sent or received.
    pub(super) at: Stamp,
    pub(super) bytes: &'a [u8],
    pub(super) wholeness: Wholeness,
}

pub(super) type Write<'a> = &'a mut dyn FnMut(Way, Message<'_>) -> io::Result<()>;

/// Splits each direction of all conversations into messages, and holds the bytes of incomplete ones.
#[derive(Debug)]
pub(super) struct Assembler {
    fresh: Framer,
    streams: BTreeMap<Way, Stream>,
    /// The bytes of incomplete messages.
    held: usize,
    max_held: usize,
    /// A message ends after this time without data.
    silence: Option<Duration>,
    /// When the next message can end so; `None` if none can.
    check: Option<Instant>,
}

impl Assembler {
    pub(super) fn new(framing: &Framing) -> Self {
        let silence = if let Framing::Idle(pause) = framing { Some(*pause + GRACE) } else { None };
        Self {
            fresh: Framer::new(framing),
            streams: BTreeMap::new(),
            held: 0,
            max_held: MAX_HELD,
            silence,
            check: None,
        }
    }

    /// Adds the next bytes of a stream, or a datagram.
    pub(super) fn data(
        &mut self,
        way: Way,
        transport: Transport,
        (at, bytes): (Stamp, &[u8]),
        write: Write<'_>,
    ) -> io::Result<()> {
        let new = || Stream::new(self.fresh.clone());
        match transport {
            Transport::Udp if bytes.is_empty() => {
                write(way, Message { at, bytes, wholeness: Wholeness::Whole })
            }
            Transport::Udp => {
                let mut datagram = new();
                datagram.push(at, bytes);
                datagram.framer.finish_datagram(&mut |cut| datagram.cuts.push(cut));
                datagram.write(way, write)
            }
            Transport::Tcp => {
                let stream = self.streams.entry(way).or_insert_with(new);
                let before = stream.bytes.len();
                stream.push(at, bytes);
                stream.told = Instant::now();
                if self.check.is_none() {
                    self.check = self.silence.and_then(|silence| stream.told.checked_add(silence));
                }
                stream.write(way, write)?;
                self.held = self.held + stream.bytes.len() - before;
                self.make_room(write)
            }
        }
    }

    fn make_room(&mut self, write: Write<'_>) -> io::Result<()> {
        while self.held > self.max_held {
            let longest = self.streams.iter_mut().max_by_key(|(_way, stream)| stream.bytes.len());
            let Some((way, stream)) = longest else { break };
            self.held = self.held.saturating_sub(stream.bytes.len());
            stream.write_part(*way, write)?;
        }
        Ok(())
    }

    fn count(&mut self) {
        self.held = self.streams.values().map(|stream| stream.bytes.len()).sum();
    }

    /// The stream has ended.
    pub(super) fn ended(&mut self, way: Way, write: Write<'_>) -> io::Result<()> {
        let stream = self.streams.remove(&way);
        self.count();
        stream.map_or(Ok(()), |mut stream| stream.finish(way, write))
    }

    pub(super) fn end(&mut self, write: Write<'_>) -> io::Result<()> {
        let streams = std::mem::take(&mut self.streams);
        streams.into_iter().try_for_each(|(way, mut stream)| stream.finish(way, write))
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.check
    }

    /// Writes the messages that a pause has ended by `now`.
    pub(super) fn time(&mut self, now: Instant, write: Write<'_>) -> io::Result<()> {
        let (Some(silence), Some(check)) = (self.silence, self.check) else { return Ok(()) };
        if now < check {
            return Ok(());
        }
        self.check = None;
        for (way, stream) in &mut self.streams {
            if stream.bytes.is_empty() {
                continue;
            }
            let Some(due) = stream.told.checked_add(silence) else { continue };
            if due <= now {
                stream.finish(*way, write)?;
            } else {
                self.check = Some(self.check.map_or(due, |check| check.min(due)));
            }
        }
        self.count();
        Ok(())
    }
}

#[derive(Debug)]
struct Stream {
    framer: Framer,
    /// The bytes that are in no message yet.
    bytes: Vec<u8>,
    /// The position in the stream of the last bytes added.
    base: u64,
    /// The times of the last bytes added and of those before them.
    came: [Stamp; 2],
    /// The time of the first of `bytes`.
    begun: Stamp,
    told: Instant,
    cuts: Vec<Cut>,
    /// The beginning of the message was written.
    has_part: bool,
}

impl Stream {
    fn new(framer: Framer) -> Self {
        let (bytes, cuts) = (Vec::new(), Vec::new());
        Self {
            framer,
            bytes,
            base: 0,
            came: [Stamp::default(); 2],
            begun: Stamp::default(),
            told: Instant::now(),
            cuts,
            has_part: false,
        }
    }

    fn push(&mut self, at: Stamp, bytes: &[u8]) {
        let Self { framer, cuts, .. } = self;
        self.base = framer.position();
        self.came = [at, self.came[0]];
        if self.bytes.is_empty() {
            self.begun = at;
        }
        self.bytes.extend_from_slice(bytes);
        framer.push(bytes, at.0, &mut |cut| cuts.push(cut));
    }

    fn finish(&mut self, way: Way, write: Write<'_>) -> io::Result<()> {
        let Self { framer, cuts, .. } = self;
        framer.finish(&mut |cut| cuts.push(cut));
        self.write(way, write)
    }

    /// Writes the messages that are complete.
    fn write(&mut self, way: Way, write: Write<'_>) -> io::Result<()> {
        let mut rest = self.bytes.as_slice();
        let mut start = self.framer.position() - rest.len() as u64;
        for Cut { end, verdict } in self.cuts.drain(..) {
            let len = usize::try_from(end - start).unwrap_or(usize::MAX);
            let (bytes, after) = rest.split_at_checked(len).unwrap_or((rest, &[]));
            let [last, before] = self.came;
            let next = if end >= self.base { last } else { before };
            let at = std::mem::replace(&mut self.begun, next);
            let has_part = std::mem::take(&mut self.has_part);
            let wholeness = match verdict {
                Verdict::Whole if has_part => Wholeness::Open,
                verdict => verdict.into(),
            };
            write(way, Message { at, bytes, wholeness })?;
            (rest, start) = (after, end);
        }
        let done = self.bytes.len() - rest.len();
        self.bytes.drain(..done);
        if self.bytes.is_empty() && self.bytes.capacity() > KEEP_CAPACITY {
            self.bytes = Vec::new();
        }
        Ok(())
    }

    /// Writes what there is of a message that is not complete.
    fn write_part(&mut self, way: Way, write: Write<'_>) -> io::Result<()> {
        self.has_part = true;
        let bytes = std::mem::take(&mut self.bytes);
        write(way, Message { at: self.begun, bytes: &bytes, wholeness: Wholeness::Open })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAY: Way = (FlowId(1), Direction::Received);

    fn told(call: impl FnOnce(Write<'_>) -> io::Result<()>) -> Vec<String> {
        let mut all = Vec::new();
        call(&mut |way, Message { at, bytes, wholeness }| {
            assert_eq!(way, WAY);
            let what = if wholeness == Wholeness::Whole { String::new() } else { format!(" {wholeness:?}") };
            all.push(format!("{} {}{what}", at.0, bytes.escape_ascii()));
            Ok(())
        })
        .unwrap();
        all
    }

    fn data(assembler: &mut Assembler, transport: Transport, at: u64, bytes: &[u8]) -> Vec<String> {
        told(|write| assembler.data(WAY, transport, (Stamp(at), bytes), write))
    }

    #[test]
    fn messages_have_the_time_of_their_first_bytes() {
        let mut assembler = Assembler::new(&Framing::Line);
        let tcp = Transport::Tcp;
        assert_eq!(data(&mut assembler, tcp, 10, b"a\nb"), ["10 a\\n"]);
        assert_eq!(data(&mut assembler, tcp, 20, b"c\r"), [""; 0]);
        assert_eq!(data(&mut assembler, tcp, 30, b"d\ne"), ["10 bc\\r", "30 d\\n"]);
        assert_eq!(told(|write| assembler.ended(WAY, write)), ["30 e CutOff"]);
        assert_eq!(told(|write| assembler.ended(WAY, write)), [""; 0]);
        assert_eq!(data(&mut assembler, tcp, 40, b"f"), [""; 0]);
        assert_eq!(told(|write| assembler.end(write)), ["40 f CutOff"]);
        assert_eq!(assembler.deadline(), None);
    }

    #[test]
    fn the_longest_is_written_in_parts_when_too_much_is_held() {
        let mut assembler = Assembler { max_held: 4, ..Assembler::new(&Framing::Line) };
        let tcp = Transport::Tcp;
        assert_eq!(data(&mut assembler, tcp, 10, b"abcd"), [""; 0]);
        assert_eq!(data(&mut assembler, tcp, 20, b"e"), ["10 abcde Open"]);
        assert_eq!(data(&mut assembler, tcp, 30, b"fg"), [""; 0]);
        assert_eq!(data(&mut assembler, tcp, 40, b"h\ni\nj"), ["30 fgh\\n Open", "40 i\\n"]);
        assert_eq!(assembler.held, 1);
        let mut others = Vec::new();
        let way = (FlowId(2), Direction::Sent);
        let mut note = |from, message: Message<'_>| {
            others.push((from, message.bytes.to_vec()));
            Ok(())
        };
        assembler.data(way, tcp, (Stamp(50), b"klmn"), &mut note).unwrap();
        assert_eq!((&others[..], assembler.held), (&[(way, b"klmn".to_vec())][..], 1));
        assert_eq!(told(|write| assembler.ended(WAY, write)), ["40 j CutOff"]);
        assert_eq!(assembler.held, 0);
    }

    #[test]
    fn a_datagram_ends_its_messages() {
        let mut assembler = Assembler::new(&Framing::Line);
        assert_eq!(data(&mut assembler, Transport::Udp, 10, b"a\nb"), ["10 a\\n", "10 b"]);
        assert_eq!(data(&mut assembler, Transport::Udp, 20, b""), ["20 "]);
        assert_eq!(told(|write| assembler.end(write)), [""; 0]);
    }

    #[test]
    fn a_silence_ends_what_a_pause_ends() {
        let pause = Duration::from_millis(20);
        let mut assembler = Assembler::new(&Framing::Idle(pause));
        assert_eq!(assembler.deadline(), None);
        assert_eq!(data(&mut assembler, Transport::Tcp, 10, b"a"), [""; 0]);
        let deadline = assembler.deadline().unwrap();
        let early = deadline.checked_sub(Duration::from_millis(1)).unwrap();
        assert_eq!(told(|write| assembler.time(early, write)), [""; 0]);
        assert_eq!(assembler.deadline(), Some(deadline));
        assert_eq!(told(|write| assembler.time(deadline, write)), ["10 a"]);
        assert_eq!(assembler.deadline(), None);
        // More bytes put it off, and a pause between two stamps ends it as well.
        data(&mut assembler, Transport::Tcp, 20, b"b");
        let first = assembler.deadline().unwrap();
        data(&mut assembler, Transport::Tcp, 30, b"c");
        assert_eq!(told(|write| assembler.time(first, write)), [""; 0]);
        assert!(assembler.deadline().unwrap() > first);
        assert_eq!(data(&mut assembler, Transport::Tcp, 20_000_030, b"d"), ["20 bc"]);
        assert_eq!(told(|write| assembler.ended(WAY, write)), ["20000030 d"]);
    }
}
