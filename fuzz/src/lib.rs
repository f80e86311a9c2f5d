//! Properties of any file and any bytes. Run with cargo-fuzz, which needs a nightly compiler:
//!
//! ```text
//! cargo install cargo-fuzz
//! cargo run --manifest-path fuzz/Cargo.toml --example seeds -- fuzz/corpus
//! cargo +nightly fuzz run --sanitizer none capture -- -max_total_time=600
//! ```
//!
//! and likewise the others in `fuzz/targets`. The program has no unsafe code, so no sanitizer is needed. Failing
//! inputs are written to `fuzz/artifacts`; pass one as an argument to run it again.
//!
//! The rooms that need no window are compiled from their sources, so that the window's toolkit need not be
//! built. Their dependencies are repeated in `fuzz/Cargo.toml`.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use analysis::{CaptureFramer, Piece, Progress, Source};
use codec::frame::{Framer, Framing, Verdict};
use journal::{Frame, Reader, scan};
use model::{Index, Message, RecordKind};
use tempfile::TempDir;

#[path = "../../src"]
mod rooms {
    pub mod analysis;
    pub mod codec;
    pub mod journal;
    pub mod model;
    pub mod net {
        //! As much of it as decides what a relay passes on.
        #[expect(dead_code, reason = "connections need more of it")]
        mod fault_line;
        #[expect(dead_code, reason = "connections need more of it")]
        mod message_buffer;
        #[path = "../../fuzz/src/relay.rs"]
        pub mod relay;
        #[expect(dead_code, reason = "connections need more of it")]
        mod time;
    }
    pub mod rules;
    pub mod workspace;
    pub mod store {
        //! As much of it as the journal needs.
        pub mod file;
        pub mod folders;
        #[expect(dead_code, reason = "the journal needs only a part of it")]
        mod lock;
        pub use lock::LockFile;
    }
}
// Where the rooms find each other.
pub use rooms::{analysis, codec, journal, model, net, rules, store, workspace};

/// More records of a file are ignored, or a run would take too long.
const RECORDS: usize = 512;

/// Framings that find messages in short captures.
const FRAMINGS: [&str; 6] =
    ["line", "delimiter:0D0A", "fixed:7", "length:0:1:be", "length:1:2:le:+1:whole:max=300", "idle:1ms"];

/// A file of this process, by name.
pub fn file(name: &str) -> PathBuf {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| tempfile::tempdir().expect("a temporary folder")).path().join(name)
}

/// Reads a file as a capture of this program, as far as possible, and returns its index.
///
/// # Panics
/// When a property does not hold.
pub fn check_capture(path: &Path) -> Index {
    let (mut index, mut n_records) = (Index::default(), 0);
    let scanned = scan(path, 0, u64::MAX, &mut |batch| {
        batch.flows.into_iter().for_each(|flow| index.add_flow(&flow));
        let left = RECORDS.saturating_sub(n_records).min(batch.records.len());
        index.extend(&batch.records[..left]);
        n_records += left;
        ControlFlow::Continue(())
    });
    if let Err(error) = scanned {
        assert!(!error.to_string().is_empty());
    }
    let reader = Reader::open(path).expect("a file that was just written");
    check_reading(&index, &reader);
    FRAMINGS.iter().for_each(|framing| check_messages(&framing.parse().expect("a framing"), &index, &reader));
    index
}

/// Both ways to read a record agree, and every record of a scan can be read.
fn check_reading(index: &Index, reader: &Reader) {
    let mut walk = reader.walk();
    let mut frame = Frame::default();
    for record in index.records().slices(0).flatten() {
        reader.read(record, usize::MAX, &mut frame).unwrap_or_else(|error| panic!("{record:?}: {error}"));
        let view = walk.read(record).unwrap_or_else(|error| panic!("{record:?}: {error}"));
        check_len(frame.payload.len(), record.kind, record.len.into());
        assert_eq!((view.at, view.cast, view.whole), (frame.at, frame.cast, frame.whole), "{record:?}");
        assert_eq!(view.note, frame.note, "{record:?}");
        assert_eq!((view.payload, &*view.comment), (&frame.payload[..], &frame.comment[..]), "{record:?}");
    }
}

/// What was read has the length in the index; of a note, its code is missing.
fn check_len(read: usize, kind: RecordKind, indexed: u32) {
    let read = u32::try_from(read).expect("an item of a few bytes");
    assert!(read == indexed || kind == RecordKind::Note && read < indexed, "{kind:?}: {read} of {indexed}");
}

/// Messages contain all bytes of data, each message can be read, and they are in order.
fn check_messages(framing: &Framing, index: &Index, reader: &Reader) {
    let mut framer = CaptureFramer::new(framing);
    let mut messages = Vec::new();
    while framer.advance(index, reader, &mut messages).expect("records that can be read") == Progress::More {}
    assert!(messages.is_sorted_by_key(Message::last), "{framing}");
    messages.extend(framer.tails());
    let source = Source { index, reader };
    let mut piece = Piece::default();
    let mut n_bytes = 0;
    for message in &messages {
        source.read(message, usize::MAX, &mut piece).expect("a message that can be read");
        check_len(piece.bytes.len(), piece.kind, message.len());
        n_bytes += if piece.direction().is_some() { u64::from(message.len()) } else { 0 };
    }
    let is_data = |kind: RecordKind| kind.direction().is_some();
    let data = index.records().slices(0).flatten().filter(|record| is_data(record.kind));
    assert_eq!(n_bytes, data.map(|record| u64::from(record.len)).sum::<u64>(), "{framing}");
}

/// A framing splits a stream completely, however reads divide it.
///
/// # Panics
/// When it does not.
pub fn check_framing(framing: &Framing, stream: &[u8], piece: usize) {
    assert_eq!(framing.faults(), []);
    assert_eq!(framing.to_string().parse(), Ok(framing.clone()));
    let whole = cuts(framing, stream, stream.len().max(1));
    let mut start = 0;
    for (end, verdict) in &whole {
        assert!(start < *end, "{framing}: an empty message");
        if let (Framing::Fixed(size), Verdict::Whole) = (framing, verdict) {
            assert_eq!(end - start, u64::from(*size));
        }
        start = *end;
    }
    assert_eq!(start, stream.len() as u64, "{framing}");
    if *framing != Framing::AsReceived {
        assert_eq!(whole, cuts(framing, stream, piece.max(1)), "{framing}");
    }
}

/// The messages of a stream that arrived at once, in pieces of this length.
fn cuts(framing: &Framing, stream: &[u8], piece: usize) -> Vec<(u64, Verdict)> {
    let mut framer = Framer::new(framing);
    let mut found = Vec::new();
    for bytes in stream.chunks(piece) {
        let least = framer.position().saturating_sub(framer.lookback());
        framer.push(bytes, 1, &mut |cut| {
            assert!(cut.end >= least, "{framing}: further back than the lookback");
            found.push((cut.end, cut.verdict));
        });
    }
    framer.finish(&mut |cut| found.push((cut.end, cut.verdict)));
    found
}
