//! Captures of other programs, made by those programs and by hand: what is opened is what was sent.

mod acceptance;
mod any;
pub(crate) mod frames;
mod headers;
mod layers;
mod streams;
#[cfg(target_os = "linux")]
mod tcpdump;
mod tools;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use netassist::journal::{Frame, ImportEnd, Reader, Reading, Writer, import};
use netassist::model::{Direction, Flow, FlowId, Record, RecordKind, Stamp};

use super::scan_all;

/// What an import gave, and what stands in the capture that it wrote.
#[derive(Debug)]
struct Imported {
    end: ImportEnd,
    flows: Vec<Flow>,
    records: Vec<Record>,
    notes: BTreeMap<u64, String>,
    /// All bytes by flow and direction.
    bytes: BTreeMap<(FlowId, Direction), Vec<u8>>,
    /// One line a record: its kind, and its bytes or its text.
    lines: Vec<String>,
    /// The times of the records, in nanoseconds.
    times: Vec<u64>,
}

impl Imported {
    /// What one side of a flow sent.
    fn sent(&self, flow: usize) -> &[u8] {
        self.of(flow, Direction::Sent)
    }

    fn received(&self, flow: usize) -> &[u8] {
        self.of(flow, Direction::Received)
    }

    fn of(&self, flow: usize, direction: Direction) -> &[u8] {
        self.bytes.get(&(self.flows[flow].id, direction)).map_or(&[], Vec::as_slice)
    }

    /// `127.0.0.1:1 -> 127.0.0.1:2` with ours first.
    fn ends(&self, flow: usize) -> String {
        let Flow { local, peer, .. } = &self.flows[flow];
        format!("{local} -> {peer}")
    }
}

/// Imports a file and reads all that came of it; the index that was told equals that of the new file.
#[track_caller]
fn import_all(path: &Path) -> std::io::Result<Imported> {
    import_as(path, Reading::default())
}

#[track_caller]
fn import_as(path: &Path, how: Reading) -> std::io::Result<Imported> {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target.pcapng");
    let mut writer = Writer::create(&target).unwrap();
    let (mut flows, mut records, mut openings, mut notes) =
        (Vec::new(), Vec::new(), Vec::new(), BTreeMap::new());
    let (mut at, mut unordered) = (0, None);
    let end = import(path, how, &mut writer, &mut |batch| {
        flows.extend(batch.flows);
        records.extend(batch.records);
        openings.extend(batch.openings);
        notes.extend(batch.notes);
        assert!(batch.at >= at, "progress goes back");
        at = batch.at;
        unordered = Stamp::earliest(unordered, batch.unordered);
        ControlFlow::Continue(())
    });
    drop(writer);
    let (index, scanned) = scan_all(&target).unwrap();
    assert!(!scanned.torn);
    assert_eq!(index.records, records);
    assert_eq!(index.openings, openings);
    assert_eq!(index.notes, notes);
    for flow in &index.flows {
        let told = flows.iter().find(|told| told.id == flow.id).unwrap();
        assert_eq!((told.local, told.peer, told.origin), (flow.local, flow.peer, flow.origin));
    }
    let end = end?;
    assert_eq!(at, end.end);

    let reader = Reader::open(&target).unwrap();
    let mut frame = Frame::default();
    let mut bytes = BTreeMap::<_, Vec<u8>>::new();
    let mut lines = Vec::new();
    let mut times = Vec::new();
    for record in &records {
        reader.read(record, usize::MAX, &mut frame).unwrap();
        times.push(frame.at.0);
        let text = String::from_utf8_lossy(&frame.payload).into_owned();
        if let Some(direction) = record.kind.direction() {
            bytes.entry((record.flow, direction)).or_default().extend_from_slice(&frame.payload);
        }
        lines.push(match record.kind {
            RecordKind::Refused => format!("{:?} {}", record.kind, frame.comment),
            RecordKind::Received
            | RecordKind::Sent
            | RecordKind::Note
            | RecordKind::Charset(_)
            | RecordKind::WebSocket => {
                format!("{:?} {text}", record.kind)
            }
            RecordKind::Connected | RecordKind::Ended(_) => format!("{:?}", record.kind),
        });
    }
    assert_eq!(unordered.is_some(), !times.is_sorted(), "whether times go back is told");
    assert_eq!(unordered, index.unordered, "and found again");
    flows.sort_by_key(|flow| flow.id);
    Ok(Imported { end, flows, records, notes, bytes, lines, times })
}
