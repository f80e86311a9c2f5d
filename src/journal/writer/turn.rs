//! Going on in another file: what a part begins with, so that it can be read by itself.

use std::io::Write as _;
use std::net::IpAddr;
use std::path::Path;

use jiff::tz::TimeZone;

use super::{Writer, section};
use crate::journal::annotation;
use crate::journal::block;
use crate::journal::conversation::Phase;
use crate::journal::output::Output;
use crate::journal::packet::{ACK, SYN};
use crate::journal::parts::{Parts, suffix_of};
use crate::journal::tape::TapePart;
use crate::model::{
    Doing, FileTurn, FlowId, Gone, NetError, Recorder as _, Rotation, SessionNote, Stamp, TlsNote, Transport,
};

/// How long to wait after a failure, in nanoseconds.
const RETRY_NS: u64 = 1_000_000_000;

/// The most host names that are repeated in each part.
const MOST_NAMES: usize = 256;

/// The parts of a capture, and what the next one begins with.
#[derive(Debug, Default)]
pub(super) struct Turning {
    rotation: Option<Rotation>,
    parts: Option<Parts>,
    /// When the part ends.
    due: Stamp,
    /// Not before this time, since an attempt has failed.
    retry: Stamp,
    /// The last opening: its title and endpoint.
    opening: (String, String),
    names: Vec<(String, IpAddr)>,
    pub(super) told: Vec<FileTurn>,
}

impl Turning {
    /// The title of the last opening.
    pub(super) fn title(&self) -> &str {
        &self.opening.0
    }

    /// Remembers an opening for the next part.
    pub(super) fn opened(&mut self, title: &str, endpoint: &str) {
        self.opening = (title.to_owned(), endpoint.to_owned());
    }

    pub(super) fn named(&mut self, name: &str, address: IpAddr) {
        if self.names.len() < MOST_NAMES && !self.names.iter().any(|known| known.1 == address) {
            self.names.push((name.to_owned(), address));
        }
    }

    pub(super) fn failed(&mut self, what: impl ToString, error: std::io::Error) {
        self.told.push(FileTurn::Failed(NetError::new(Doing::Recording, what, error)));
    }
}

impl Writer {
    /// Creates the first file of a capture in parts. `path` is their common name; no file of this very name is made.
    ///
    /// # Errors
    /// As [`Writer::create`].
    pub fn create_in_parts(path: &Path, rotation: Rotation, at: Stamp) -> std::io::Result<Self> {
        let mut parts = Parts::of(path)?;
        let (path, file) = parts.create(at)?;
        let mut writer = Self::begin_file(path, file)?;
        writer.turning.due = rotation.due(at, &TimeZone::system());
        (writer.turning.rotation, writer.turning.parts) = (Some(rotation), Some(parts));
        writer.keep_parts(0);
        Ok(writer)
    }

    pub(super) fn set_rotation(&mut self, rotation: Option<Rotation>) {
        let turning = &mut self.turning;
        if turning.rotation == rotation || self.tape.parts().is_empty() {
            return;
        }
        turning.rotation = rotation;
        let Some(rotation) = rotation else { return };
        turning.due = rotation.due(self.now, &TimeZone::system());
        if turning.parts.is_none() {
            let base = suffix_of(&self.path).map_or_else(|| self.path.clone(), |(_, base)| base);
            match Parts::of(&base) {
                Ok(mut parts) => {
                    parts.push(self.path.clone());
                    turning.parts = Some(parts);
                }
                Err(error) => turning.failed(base.display(), error),
            }
        }
    }

    /// Goes on in another file if that is due.
    pub(super) fn turn(&mut self, at: Stamp) {
        let Some(rotation) = self.turning.rotation else { return };
        let is_full = rotation.size.is_some_and(|size| self.output.end() >= size);
        if !is_full && at < self.turning.due || at < self.turning.retry {
            return;
        }
        // The note of a part is its first record.
        if self.recorded <= self.first + 1 {
            self.turning.due = rotation.due(at, &TimeZone::system());
        } else if self.output.commit().is_ok() {
            self.keep_parts(1);
            if let Err((what, error)) = self.next_part(rotation, at) {
                self.turning.retry = Stamp(at.0.saturating_add(RETRY_NS));
                self.turning.failed(what, error);
            }
            self.keep_parts(0);
        }
    }

    fn next_part(&mut self, rotation: Rotation, at: Stamp) -> Result<(), (String, std::io::Error)> {
        let Some(parts) = &mut self.turning.parts else { return Ok(()) };
        let (path, file) = parts.create(at).map_err(|error| (self.path.display().to_string(), error))?;
        let number = parts.number;
        let mut output = Output::new(Box::new(file));
        let (title, endpoint) = &self.turning.opening;
        let mut begin = section();
        block::push_interface(&mut begin, title, endpoint);
        output.append([&begin, &[], &[]]);
        if let Err(error) = output.commit() {
            parts.take_back();
            return Err((path.display().to_string(), error));
        }
        self.start += self.output.committed;
        (self.output, self.path) = (output, path.clone());
        (self.interfaces, self.main, self.decrypted) = (1, (0, 0), None);
        (self.next_begun, self.forgot) = (0, false);
        self.owners.clear();
        let mut except: Vec<FlowId> = self.conversations.keys().copied().collect();
        except.sort_unstable();
        let before = Gone { records: self.recorded, flows: FlowId(self.flows), except: except.clone() };
        self.tape.push(TapePart { start: self.start, path: path.clone(), before });
        self.first = self.recorded;
        self.turning.due = rotation.due(at, &TimeZone::system());
        self.turning.told.push(FileTurn::Into(path));
        for (name, address) in self.turning.names.clone() {
            self.append(|out| block::push_name(out, &name, address));
        }
        let remark = std::mem::take(&mut self.remark);
        self.session_note(SessionNote::Part(u64::from(number), self.recorded), at);
        // Without the handshake, what is on the wire cannot be decrypted.
        let cut = self.conversations.values_mut().filter_map(|known| known.wire.take()).count();
        if cut > 0 {
            self.session_note(SessionNote::Tls(TlsNote::WireLeftOut(cut as u64)), at);
        }
        for flow in except {
            self.go_on(flow);
        }
        self.remark = remark;
        Ok(())
    }

    /// Begins a flow anew. A connection has a handshake, and its sequence numbers go on.
    fn go_on(&mut self, flow: FlowId) {
        let Some(conversation) = self.conversation(flow) else { return };
        let has_begun = conversation.go_on();
        let is_open = conversation.phase == Phase::Open && conversation.flow.transport == Transport::Tcp;
        if !has_begun || !is_open {
            return;
        }
        self.handshake(flow);
    }

    /// Appends the handshake of a connection that goes on.
    pub(super) fn handshake(&mut self, flow: FlowId) {
        let Some(conversation) = self.known(flow) else { return };
        let caller = conversation.caller();
        if conversation.decrypted {
            self.ensure_decrypted();
        }
        for (direction, flags) in [(caller, SYN), (caller.opposite(), SYN | ACK), (caller, ACK)] {
            self.segment(flow, direction, flags, &[], None);
        }
    }

    /// Appends a note on a record of an earlier part to that part, unless it is removed.
    pub(super) fn annotate_earlier(&mut self, record: u64, text: &str, at: Stamp) {
        let parts = self.tape.parts();
        let Some(part) = parts.iter().rfind(|part| part.before.records <= record) else { return };
        let mut note = Vec::new();
        let name = annotation::text(record - part.before.records);
        block::push_statistics(&mut note, 0, at, |out| block::push_comments(out, &[&name, text]));
        let file = std::fs::File::options().append(true).open(&part.path);
        if let Err(error) = file.and_then(|mut file| file.write_all(&note)) {
            self.turning.failed(part.path.display(), error);
        }
    }

    /// Removes the oldest parts if there are too many; `room` more are to come.
    fn keep_parts(&mut self, room: usize) {
        let turning = &mut self.turning;
        let keep = turning.rotation.and_then(|rotation| rotation.keep);
        let (Some(keep), Some(parts)) = (keep, &mut turning.parts) else { return };
        let keep = usize::try_from(keep.get()).unwrap_or(usize::MAX);
        let (mut gone, mut failed) = (None, Vec::new());
        parts.keep(keep.saturating_sub(room), &mut |path, removed| {
            gone = self.tape.pop(&path).or(gone.take());
            failed.extend(removed.err().map(|error| (path, error)));
        });
        for (path, error) in failed {
            turning.failed(path.display(), error);
        }
        turning.told.extend(gone.map(FileTurn::Removed));
    }
}
