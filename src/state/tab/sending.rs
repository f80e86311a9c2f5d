//! What goes from the send box of a tab, and to whom.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::Tab;
use crate::codec::Charset;
use crate::model::zone::Named;
use crate::model::{
    Doing, FileEnd, FileId, FileOrder, FileProgress, FlowId, Progress, Protocol, Repeat, RepeatId, SendPart,
    Target,
};
use crate::state::{Example, Notice, Step};
use crate::workspace::{Draft, SendTo, SendToPeer, Session, is_named_host};

/// Something that is sent again and again, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    /// What was ordered.
    pub repeat: Repeat,
    /// How far it has come, with what it had sent before it was resumed.
    pub progress: Progress,
    /// How far it had come when it was resumed.
    before: Progress,
    /// How it ended, if it has: its tally stays until another one starts.
    pub end: Option<CycleEnd>,
}

/// How a cycle ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CycleEnd {
    /// It was sent as often as ordered.
    Done,
    /// The user has stopped it, but its last messages may not be counted yet.
    Stopping,
    /// The user stopped it, or closed the session.
    Stopped,
    /// Whom it was for has left.
    PeerLeft,
    /// It could not be sent, or the session failed.
    Failed,
}

impl Cycle {
    /// Those that run.
    pub fn running(cycles: &BTreeMap<RepeatId, Self>) -> impl Iterator<Item = (RepeatId, &Self)> {
        cycles.iter().filter(|(_, cycle)| cycle.end.is_none()).map(|(id, cycle)| (*id, cycle))
    }

    /// Whether it stopped, but not on demand.
    pub(in crate::state) fn is_cut_short(&self) -> bool {
        matches!(self.end, Some(CycleEnd::PeerLeft | CycleEnd::Failed))
    }

    /// Whether it has gone on after an end. Its timing is of what it has sent since.
    pub fn is_resumed(&self) -> bool {
        self.before != Progress::default()
    }

    /// Whether it may go on: it has ended before it was done, and all that it has sent is counted.
    pub(crate) fn can_resume(&self) -> bool {
        self.end == Some(CycleEnd::Stopped) || self.is_cut_short()
    }

    /// Its order has come this far since it was started or resumed.
    pub(super) fn count(&mut self, progress: Progress) {
        let (sent, skipped) = (self.before.sent + progress.sent, self.before.skipped + progress.skipped);
        self.progress = Progress { sent, skipped, ..progress };
    }

    /// Goes on, to this target. Returns the order for what is left of it.
    pub(super) fn resume(&mut self, to: Target) -> Repeat {
        (self.before, self.end, self.repeat.to) = (self.progress, None, to);
        let count = self.repeat.count.map(|count| count.saturating_sub(self.progress.sent));
        Repeat { count, ..self.repeat.clone() }
    }
}

/// Cycles that have stopped, but not on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Halted {
    /// How many.
    pub cycles: usize,
    /// How often they had sent.
    pub sent: u64,
}

/// A file that is being sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentFile {
    pub(crate) path: PathBuf,
    pub(crate) to: Target,
    /// It is paused.
    pub paused: bool,
    /// It failed: how far it came stays until another one is sent.
    pub failed: bool,
    /// How far it is.
    pub progress: FileProgress,
}

/// The charset that all have.
fn shared(mut own: impl Iterator<Item = Option<Charset>>) -> Option<Charset> {
    let first = own.next()??;
    own.all(|other| other == Some(first)).then_some(first)
}

impl Tab {
    pub(in crate::state) fn frame_sent(&mut self, framed: bool) {
        if framed {
            self.session.send.frame(&self.framed.framing);
        } else {
            self.session.send.unframe(&self.framed.framing);
        }
    }

    /// Whom the send box addresses.
    ///
    /// # Errors
    /// What to tell the user if it is nobody.
    pub fn target(&self) -> Result<Target, Notice> {
        if !self.can_send() {
            return Err(Notice::NotOpen);
        }
        if self.is_short() {
            // Each message goes over a connection of its own.
            return Ok(Target::All);
        }
        let target = self.addressed()?;
        let is_closed = |flow: &FlowId| self.peers.get(flow).is_some_and(|peer| peer.own_fin);
        let are_closed = match &target {
            Target::All => !self.peers.is_empty() && self.peers.keys().all(is_closed),
            Target::Flows(flows) => flows.iter().all(is_closed),
            Target::Endpoint(_) => false,
        };
        if are_closed { Err(Notice::SendingClosed) } else { Ok(target) }
    }

    /// Whom the send box addresses.
    fn addressed(&self) -> Result<Target, Notice> {
        let tcp = self.session.protocol != Protocol::Udp;
        match &self.session.send_to {
            SendTo::All if tcp && self.peers.is_empty() => Err(Notice::NoPeers(SendTo::All)),
            SendTo::All if tcp => Ok(Target::All),
            SendTo::All => match self.session.remote.remote() {
                Ok(Some(remote)) => Ok(Target::Endpoint(remote)),
                // Without a remote, whoever asked last is answered.
                Ok(None) => self.to_last().ok_or(Notice::NoRemote),
                Err(_) => Err(Notice::NoRemote),
            },
            SendTo::Last => self.to_last().ok_or_else(|| {
                let left = self.last_sender.and_then(|flow| self.log.flow(flow));
                let left = left.map(|flow| self.session.names.shown(flow.peer));
                left.map_or(Notice::NoPeers(SendTo::Last), |name| Notice::PeerLeft(Some(name)))
            }),
            SendTo::Ticked => {
                let ticked: Vec<FlowId> = self.ticked().collect();
                let nobody = Notice::NoPeers(SendTo::Ticked);
                if ticked.is_empty() { Err(nobody) } else { Ok(Target::Flows(ticked)) }
            }
            SendTo::Peer(peer) => match peer.flow {
                Some(flow) => Ok(Target::Flows(vec![flow])),
                // Nobody needs to be connected to be sent to; a host that has a name may speak from another port.
                None if !tcp && !is_named_host(peer.client, &self.session.names) => {
                    Ok(Target::Endpoint(peer.client.into()))
                }
                None => Err(Notice::PeerLeft(Some(self.session.names.shown(peer.client)))),
            },
        }
    }

    fn to_last(&self) -> Option<Target> {
        let last = self.last_sender.filter(|flow| self.peers.contains_key(flow));
        last.map(|flow| Target::Flows(vec![flow]))
    }

    /// The target of the send box: without a remote (UDP), it is the last sender.
    pub fn send_to(&self) -> SendTo {
        let has_no_remote =
            || self.session.protocol == Protocol::Udp && self.session.remote.remote() == Ok(None);
        let to = &self.session.send_to;
        if *to == SendTo::All && has_no_remote() { SendTo::Last } else { to.clone() }
    }

    /// Makes this the target of the send box, also if it has left.
    pub(in crate::state) fn send_only_to(&mut self, flow: FlowId) {
        let client = self.twins.get(&flow).copied();
        let Some(known) = self.log.flow(client.unwrap_or(flow)) else { return };
        let is_there = client.is_some() || self.peers.contains_key(&flow);
        let peer = SendToPeer::there(known.peer, flow);
        self.session.send_to =
            SendTo::Peer(SendToPeer { upstream: client.is_some(), flow: is_there.then_some(flow), ..peer });
        self.find_target();
    }

    /// A peer to whom something in the send box would go, to be shown in an example of it.
    pub fn example_peer(&self) -> String {
        let chosen = match &self.send_to() {
            SendTo::Peer(peer) => return Named(peer.client).to_string(),
            SendTo::Last => self.last_sender.and_then(|flow| self.peers.get(&flow)),
            SendTo::Ticked => self.peers.values().find(|peer| peer.ticked),
            SendTo::All if self.session.protocol == Protocol::Udp => None,
            SendTo::All => self.peers.values().next(),
        };
        let remote = || self.session.remote.remote().ok().flatten().map(|remote| remote.to_string());
        let address = chosen.map(|peer| peer.flow.peer.to_string()).or_else(remote);
        address.unwrap_or_else(|| Example::default().peer)
    }

    /// The charset of what is typed in the send box. Unless one is chosen it is that in which text of the peers that it goes
    /// to is read, if that is one.
    pub fn typing_charset(&self) -> Charset {
        let usual = self.session.charsets().sent;
        if self.charsets.is_empty() || self.session.send_charset.is_some() || self.session.sends_ws_text() {
            return usual;
        }
        let own = |flow: &FlowId| self.charsets.get(flow).copied();
        let shared = match self.target() {
            Ok(Target::Flows(flows)) => shared(flows.iter().map(own)),
            // With fewer of them, some peer has none. There may be many peers.
            Ok(Target::All) if self.charsets.len() >= self.peers.len() => shared(self.peers.keys().map(own)),
            Ok(_) | Err(_) => None,
        };
        shared.unwrap_or(usual)
    }

    /// What is sent if this is in the send box, and to whom.
    ///
    /// # Errors
    /// What to tell the user if it cannot be sent.
    pub fn message(&self, draft: &Draft) -> Result<(Target, SendPart), Notice> {
        let charset = self.typing_charset();
        let part = draft.part(charset).map_err(Notice::CannotSend)?;
        let bytes = draft.bytes(charset, &self.send.example).map_err(Notice::CannotSend)?;
        if bytes.is_empty() {
            return Err(Notice::NothingToSend);
        }
        Ok((self.target()?, part))
    }

    /// Replaces the content of the send box, which stays in the history.
    pub(in crate::state) fn fill_send_box(&mut self, draft: Draft) {
        self.history.replaced(self.session.send.clone());
        self.session.send = draft;
        self.send.forget();
        self.send.focus = true;
    }

    /// Inserts a placeholder at the cursor and switches placeholders on.
    pub(in crate::state) fn insert_placeholder(&mut self, text: &'static str) {
        (self.send.insert, self.session.send.placeholders) = (Some(text), true);
    }

    pub(in crate::state) fn walk_history(&mut self, step: Step) {
        let now = self.session.send.clone();
        let draft = match step {
            Step::Older => self.history.older(&now),
            Step::Newer => self.history.newer(&now),
        };
        if let Some(draft) = draft {
            self.session.send = draft;
            self.send.forget();
        }
    }

    /// Starts repeating what is in the send box, and returns the order.
    pub(in crate::state) fn start_cycle(&mut self) -> Result<Repeat, Notice> {
        let every = self.session.cycle.period().map_err(Notice::WrongCycle)?;
        let count = self.session.cycle.count().map_err(Notice::WrongCycle)?;
        let draft = self.session.send.clone();
        let (to, what) = self.message(&draft)?;
        self.types(draft.mode, None, self.typing_charset());
        self.history.sent(draft);
        // Another one takes the place of what has ended.
        self.cycles.retain(|_, cycle| cycle.end.is_none());
        self.cure(|notice| matches!(notice, Notice::CycleStopped(_)));
        self.last_cycle = self.last_cycle.wrapping_add(1);
        let repeat = Repeat { id: RepeatId(self.last_cycle), to, what: Arc::from([what]), every, count };
        let (progress, before) = (Progress::default(), Progress::default());
        self.cycles.insert(repeat.id, Cycle { repeat: repeat.clone(), progress, before, end: None });
        Ok(repeat)
    }

    /// The user may have changed ticks since the peers had this serial number.
    pub(crate) fn ticked_by_hand(&mut self, before: u64) {
        if self.peers_serial != before {
            self.chosen_by_hand = self.peers.values().any(|peer| !peer.ticked);
        }
    }

    /// The peers that are ticked.
    pub fn ticked(&self) -> impl Iterator<Item = FlowId> {
        self.peers.values().filter(|peer| peer.ticked).map(|peer| peer.flow.id)
    }

    /// Shows this file in the row that sends one.
    pub(in crate::state) fn take_file(&mut self, path: &std::path::Path) {
        self.session.file.path = path.display().to_string();
        self.send.file_open = true;
    }

    /// Starts sending a file, and returns the order.
    pub(in crate::state) fn send_file(&mut self, path: PathBuf) -> Result<FileOrder, Notice> {
        let Session { file, send, protocol, .. } = &self.session;
        let file = file.build(path, *protocol, send).map_err(Notice::WrongFile)?;
        let to = self.target()?;
        self.last_file = self.last_file.wrapping_add(1);
        let id = FileId(self.last_file);
        let progress = FileProgress::default();
        let row =
            SentFile { path: file.path.clone(), to: to.clone(), paused: false, failed: false, progress };
        self.files.retain(|_, file| !file.failed);
        self.files.insert(id, row);
        Ok(FileOrder { id, to, file })
    }

    pub(super) fn file_ended(&mut self, id: FileId, end: FileEnd, progress: FileProgress) {
        let Some(mut file) = self.files.remove(&id) else { return };
        if end == FileEnd::Failed {
            (file.failed, file.progress) = (true, progress);
            self.files.insert(id, file.clone());
        }
        // The reason says more than how far it came.
        let reading =
            |notice: &Notice| matches!(notice, Notice::Net(error) if error.doing == Doing::ReadingFile);
        let told = self.told().iter().any(|told| reading(told.notice));
        match end {
            FileEnd::Sent if !told => self.tell(Notice::FileSent(file.path, progress.sent)),
            FileEnd::Stopped => self.tell(Notice::FileStopped(file.path, progress.done, progress.total)),
            FileEnd::Failed if !told && progress.total > 0 => {
                self.tell(Notice::FileFailed(file.path, progress.done, progress.total));
            }
            FileEnd::Sent | FileEnd::Failed => {}
        }
    }
}
