//! Captures: a copy, or a new capture of a part.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::path::Path;

use super::whole::reading;
use super::{ExportError, Progress, Selection, Style, part};
use crate::journal::{self, SaveError, View, Writer};
use crate::model::{
    Direction, FlowId, Message, PassedFrom, Record, RecordKind, Recorder as _, SessionNote, Stamp, Why,
    WsMark, dropped, dropped_by, notes_on,
};

/// Copies the first `until` bytes: with these notes on records, or with those that they contain.
pub(super) fn copy(
    capture: &Path,
    until: u64,
    notes: Option<&BTreeMap<u64, String>>,
    out: &mut dyn io::Write,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    journal::save(capture, until, notes, out, progress).map_err(|error| match error {
        SaveError::Reading(error) => reading(capture, error),
        SaveError::Writing(error) => ExportError::writing(error),
        SaveError::Stopped => ExportError::Cancelled,
    })
}

/// How many bytes of a new capture may be pending.
const COMMIT_EVERY: usize = 1 << 20;

/// How many places are kept to which notes may refer.
const MOST_PLACES: usize = 65_536;

/// Writes a new capture of these items: records as they are, messages as one piece of data, with the time of
/// its last bytes. Captures need a
/// file, so it is made in a temporary one first.
pub(super) fn write_part(
    capture: &Path,
    selection: &Selection,
    style: &Style,
    out: &mut dyn io::Write,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    let folder = tempfile::tempdir_in(journal::scratch()).map_err(ExportError::writing)?;
    let path = folder.path().join("part.pcapng");
    let mut part = Part::create(&path, selection).map_err(ExportError::writing)?;
    let mut bytes = Vec::new();
    part::all(capture, selection, progress, &mut |items, item, record| {
        // Messages are in the order of their ends.
        let (_first, view) = items.view(item, record, &mut bytes)?;
        part.begin(item, record, view.at);
        if let Some(notes) = &style.notes {
            let on_item = notes_on(notes, &selection.index, item).map(|(_, note)| part.renumbered(note));
            let on_item = on_item.collect::<Vec<_>>().join("\n");
            part.writer.remark(&on_item);
        }
        part.item(record, &view);
        part.commit_sometimes().map_err(ExportError::writing)
    })?;
    part.finish().map_err(ExportError::writing)?;
    let mut made = File::open(&path).map_err(ExportError::writing)?;
    io::copy(&mut made, out).map(drop).map_err(ExportError::writing)
}

/// The new capture.
struct Part<'a> {
    writer: Writer,
    selection: &'a Selection,
    /// The new flows of flows in the original.
    flows: HashMap<FlowId, FlowId>,
    /// What a relay has received, by the record in which it begins: the place in it, the length, and the new record.
    places: BTreeMap<u64, (u64, u64, u64)>,
    waiting: usize,
    last: Stamp,
    told: Vec<Record>,
}

impl<'a> Part<'a> {
    fn create(path: &Path, selection: &'a Selection) -> io::Result<Self> {
        let mut writer = Writer::create(path)?;
        if selection.index.unordered.is_some() {
            writer.begin_import("", Stamp::default());
        }
        let (flows, places, last) = (HashMap::new(), BTreeMap::new(), Stamp::default());
        Ok(Self { writer, selection, flows, places, waiting: 0, last, told: Vec::new() })
    }

    /// An item follows. Notes on it and on later ones may name its record.
    fn begin(&mut self, item: &Message, record: &Record, at: Stamp) {
        // What begins a connection is a record of its own.
        if let Some(flow) = self.flow(record.flow, at).filter(|_| record.kind.direction().is_some()) {
            self.writer.connected(flow, at);
        }
        if record.kind == RecordKind::Received && self.selection.index.twin(record.flow).is_some() {
            let place = (u64::from(item.skip()), u64::from(item.len()), self.writer.recorded());
            self.places.insert(item.first(), place);
            if self.places.len() > MOST_PLACES {
                self.places.pop_first();
            }
        }
    }

    /// A note in which each line on a message that was not passed on names the new record, or none if that is not here.
    fn renumbered(&self, note: &str) -> String {
        let new = |from: PassedFrom| {
            let (skip, len, record) = self.places.get(&from.record)?;
            let offset = from.offset.checked_sub(*skip).filter(|offset| offset < len)?;
            Some(PassedFrom { record: *record, offset, ..from })
        };
        let line = |line| match dropped_by(line) {
            Some((Some(from), why)) => dropped(new(from), why),
            Some((None, _)) | None => String::from(line),
        };
        note.lines().map(line).collect::<Vec<_>>().join("\n")
    }

    fn item(&mut self, record: &Record, view: &View<'_>) {
        let (at, bytes) = (view.at, view.payload);
        self.last = at;
        self.waiting += bytes.len() + 256;
        if record.kind.is_note() {
            match (&view.note, self.flow(record.flow, at)) {
                (Some(note), Some(flow)) => self.writer.flow_note(flow, note, at),
                (Some(note), None) => self.writer.session_note(note.clone(), at),
                (None, _) => self.writer.note(&String::from_utf8_lossy(bytes), at),
            }
        } else if let Some(flow) = self.flow(record.flow, at) {
            if let Some(local) = view.local {
                self.writer.local(flow, local);
            }
            // Where data in a relay come from is told by numbers that records have in the whole capture.
            if record.kind.direction().is_some() && Why::is_own(view.comment.as_bytes()) {
                let ((_, why), (mark, _)) = (PassedFrom::read(&view.comment), WsMark::read(&view.comment));
                let mark =
                    mark.and_then(|_mark| view.comment.split_inclusive("] ").next()).unwrap_or_default();
                self.writer.why(format!("{mark}{why}").trim_end());
            }
            let mut data = |direction| self.writer.data(flow, direction, view.cast, view.whole, bytes, at);
            match record.kind {
                RecordKind::Received => data(Direction::Received),
                RecordKind::Sent => data(Direction::Sent),
                RecordKind::Connected => self.writer.connected(flow, at),
                RecordKind::Refused => {
                    let why = view.note.as_ref().map(SessionNote::comment);
                    self.writer.refused(flow, why.as_deref().unwrap_or(&view.comment), at);
                }
                RecordKind::Ended(how) => self.writer.ended(flow, how, at),
                RecordKind::Note | RecordKind::Charset(_) | RecordKind::WebSocket => {}
            }
        }
    }

    /// The flow in the new capture; `None` if it is unknown in the original.
    fn flow(&mut self, id: FlowId, at: Stamp) -> Option<FlowId> {
        if let Some(flow) = self.flows.get(&id) {
            return Some(*flow);
        }
        let old = self.selection.index.flow(id)?;
        let new = self.writer.flow(old.transport, old.local, old.peer, old.origin, at).id;
        self.flows.insert(id, new);
        Some(new)
    }

    fn commit_sometimes(&mut self) -> io::Result<()> {
        if self.waiting < COMMIT_EVERY {
            return Ok(());
        }
        self.waiting = 0;
        self.writer.commit()?;
        // Records that were taken cost no memory.
        self.told.clear();
        self.writer.take_records(&mut self.told);
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        self.writer.finish(None, self.last);
        self.writer.commit()
    }
}
