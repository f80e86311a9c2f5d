//! Captures: a copy, or a new capture of a part.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use super::items::Items;
use super::whole::reading;
use super::{ExportError, Progress, Selection, Style, part};
use crate::analysis::Source;
use crate::journal::{self, Reader, SaveError, Writer};
use crate::model::{
    Cast, Direction, FlowId, Record, RecordKind, Recorder as _, SessionNote, Stamp, notes_on,
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

/// Writes a new capture of these items: records as they are, messages as one piece of data. Captures need a
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
    let reader = Reader::open(capture).map_err(|error| reading(capture, error))?;
    let mut items = Items::new(capture, Source { index: &selection.index, reader: &reader });
    let mut bytes = Vec::new();
    part::all(selection, progress, &mut |item| {
        let Some(record) = selection.index.get(item.first()) else { return Ok(()) };
        if let Some(notes) = &style.notes {
            let on_item = notes_on(notes, &selection.index, item).map(|(_, note)| note);
            part.writer.remark(&on_item.collect::<Vec<_>>().join("\n"));
        }
        if let Some(view) = items.record(item)? {
            let what = What {
                cast: view.cast,
                whole: view.whole,
                comment: &view.comment,
                note: view.note,
                local: view.local,
            };
            part.item(&record, view.payload, &what, view.at);
        } else {
            bytes.clear();
            let (at, local) = items.pieces(item, &mut |piece| {
                bytes.extend_from_slice(piece);
                Ok(())
            })?;
            let what = What { cast: Cast::Unicast, whole: true, comment: "", note: None, local };
            part.item(&record, &bytes, &what, at);
        }
        part.commit_sometimes().map_err(ExportError::writing)
    })?;
    part.finish().map_err(ExportError::writing)?;
    let mut made = File::open(&path).map_err(ExportError::writing)?;
    io::copy(&mut made, out).map(drop).map_err(ExportError::writing)
}

/// What a record tells besides its bytes.
struct What<'a> {
    cast: Cast,
    whole: bool,
    comment: &'a str,
    note: Option<SessionNote>,
    local: Option<SocketAddr>,
}

/// The new capture.
struct Part<'a> {
    writer: Writer,
    selection: &'a Selection,
    /// The new flows of flows in the original.
    flows: HashMap<FlowId, FlowId>,
    waiting: usize,
    last: Stamp,
    told: Vec<Record>,
}

impl<'a> Part<'a> {
    fn create(path: &Path, selection: &'a Selection) -> io::Result<Self> {
        let writer = Writer::create(path)?;
        let (flows, last) = (HashMap::new(), Stamp::default());
        Ok(Self { writer, selection, flows, waiting: 0, last, told: Vec::new() })
    }

    fn item(&mut self, record: &Record, bytes: &[u8], what: &What<'_>, at: Stamp) {
        self.last = at;
        self.waiting += bytes.len() + 256;
        let flow = match record.kind {
            // Events belong to no flow.
            RecordKind::Note => FlowId::default(),
            RecordKind::Received
            | RecordKind::Sent
            | RecordKind::Connected
            | RecordKind::Refused
            | RecordKind::Ended(_) => match self.flow(record.flow, at) {
                Some(flow) => flow,
                None => return,
            },
        };
        if let Some(local) = what.local {
            self.writer.local(flow, local);
        }
        let mut data = |direction| self.writer.data(flow, direction, what.cast, what.whole, bytes, at);
        match record.kind {
            RecordKind::Received => data(Direction::Received),
            RecordKind::Sent => data(Direction::Sent),
            RecordKind::Connected => self.writer.connected(flow, at),
            RecordKind::Refused => {
                let why = what.note.as_ref().map(SessionNote::comment);
                self.writer.refused(flow, why.as_deref().unwrap_or(what.comment), at);
            }
            RecordKind::Ended(how) => self.writer.ended(flow, how, at),
            RecordKind::Note => match &what.note {
                Some(note) => self.writer.session_note(note.clone(), at),
                None => self.writer.note(&String::from_utf8_lossy(bytes), at),
            },
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
        self.writer.finish(0, self.last);
        self.writer.commit()
    }
}
