//! One session as the window knows it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::action::{Disposal, Effect, ExportOrder, Loaded, Saved};
use super::{Form, Log, SavedTab, SendBox, SendMode, SendProblem, SendTo, Shown};
use crate::codec::Charset;
use crate::model::{
    Batch, Body, Direction, Event, Flow, FlowId, Format, Granted, NetError, Protocol, RecordKind, SendPart,
    Stamp, Target, Totals,
};

/// Names a tab for the time of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TabId(pub u32);

/// Where a session stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Not open.
    Idle,
    /// Binding, looking up, connecting.
    Opening,
    /// Open.
    Open {
        /// Our address.
        local: SocketAddr,
        /// What the kernel made of the buffer sizes.
        granted: Granted,
        /// Clients are accepted (TCP server).
        listening: bool,
    },
    /// Sending what waits, then closing.
    Closing,
    /// No session: a capture is looked at.
    Viewing {
        /// Bytes read so far and in all, while it is being read.
        loading: Option<(u64, u64)>,
    },
}

/// How the log is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one tick box of the panel")]
pub struct View {
    /// What stands under the head line.
    pub body: Body,
    /// Charset of text.
    pub charset: Charset,
    /// Head lines.
    pub log_mode: bool,
    /// Long lines go on in the next row.
    pub wrap: bool,
    /// Received data is not shown. It is recorded all the same.
    pub hide_received: bool,
    /// The last record is kept in sight.
    pub auto_scroll: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            body: Body::Text,
            charset: Charset::Utf8,
            log_mode: true,
            wrap: true,
            hide_received: false,
            auto_scroll: true,
        }
    }
}

/// A peer that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Who.
    pub flow: Flow,
    /// Bytes from it.
    pub received: u64,
    /// Bytes to it.
    pub sent: u64,
    /// It has closed its sending side.
    pub finished: bool,
    /// It is among those that "ticked" addresses.
    pub ticked: bool,
}

/// Something the user should read. The words are the window's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A session reported a failure.
    Net(NetError),
    /// The session ended by a failure.
    Ended(NetError),
    /// Words from outside.
    Said(String),
    /// The settings file was broken and is set aside under this name.
    SettingsSetAside(PathBuf, String),
    /// The system shows no file dialog: the path field works.
    NoDialog,
    /// So many bytes are on the clipboard.
    Copied(usize),
    /// What is selected is too much for a clipboard.
    TooMuchToCopy,
    /// Saved: where, and how many bytes.
    Saved(PathBuf, u64),
    /// Saving failed.
    SaveFailed(String),
    /// Saving was stopped.
    SaveCancelled,
    /// The session is not open.
    NotOpen,
    /// Nobody is connected.
    NoPeers,
    /// The peer that the send box addresses has left.
    PeerLeft,
    /// The remote address is missing or wrong.
    NoRemote,
    /// There is nothing in the send box (TCP).
    NothingToSend,
    /// What is in the send box cannot be sent.
    CannotSend(SendProblem),
    /// The capture cannot be read.
    CannotRead(String),
    /// The end of the capture is torn off.
    Torn,
}

impl Notice {
    /// Whether it tells of a failure.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::Copied(_) | Self::Saved(..) | Self::SaveCancelled | Self::Torn => false,
            Self::Net(_)
            | Self::Ended(_)
            | Self::Said(_)
            | Self::SettingsSetAside(..)
            | Self::NoDialog
            | Self::TooMuchToCopy
            | Self::SaveFailed(_)
            | Self::NotOpen
            | Self::NoPeers
            | Self::PeerLeft
            | Self::NoRemote
            | Self::NothingToSend
            | Self::CannotSend(_)
            | Self::CannotRead(_) => true,
        }
    }
}

/// Bytes and messages a second, over the last half second or so.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rates {
    /// Bytes received a second.
    pub received: f64,
    /// Bytes sent a second.
    pub sent: f64,
    at: Stamp,
    received_then: u64,
    sent_then: u64,
}

/// What was counted since the last reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
    /// Records received.
    pub n_received: u64,
    /// Records sent.
    pub n_sent: u64,
}

/// Where saving stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SaveState {
    /// Nothing is being saved.
    #[default]
    Idle,
    /// So many bytes of so many.
    Running {
        /// Done.
        done: u64,
        /// In all.
        total: u64,
    },
    /// A file of that name exists.
    Exists(PathBuf),
}

/// The panel that saves.
#[derive(Debug, Clone, Default)]
pub struct SaveBox {
    /// It is shown.
    pub open: bool,
    /// Where to, as typed.
    pub path: String,
    /// As what.
    pub format: Format,
    /// Only what came after the last Clear.
    pub after_clear: bool,
    /// Where saving stands.
    pub state: SaveState,
}

impl SaveBox {
    /// Takes the path that the dialog gave.
    pub fn set_path(&mut self, path: &Path) {
        self.path = path.display().to_string();
        self.state = SaveState::Idle;
    }

    /// Another format: a path that still ends as the one `before` does ends as this one now.
    pub fn follow_format(&mut self, before: Format) {
        if let Some(stem) = self.path.strip_suffix(&format!(".{}", before.extension())) {
            self.path = format!("{stem}.{}", self.format.extension());
        }
        self.state = SaveState::Idle;
    }
}

/// One session, its log, and what is typed for it.
#[derive(Debug, Clone)]
pub struct Tab {
    /// Its name in this run.
    pub id: TabId,
    /// The settings panel.
    pub form: Form,
    /// Where it stands.
    pub phase: Phase,
    /// The index of its records.
    pub log: Log,
    /// Which of them are shown.
    pub shown: Shown,
    /// How.
    pub view: View,
    /// Records before this number are hidden by Clear.
    pub cleared: u64,
    /// The display stands still at this many records.
    pub paused: Option<u64>,
    /// The send box.
    pub send: SendBox,
    /// Peers that are there.
    pub peers: BTreeMap<FlowId, Peer>,
    /// Sums of the worker over this opening.
    pub totals: Totals,
    /// Sums since the last reset.
    pub counters: Counters,
    /// Rates.
    pub rates: Rates,
    /// What the user should read.
    pub notice: Option<Notice>,
    /// The capture file.
    pub capture: Option<PathBuf>,
    /// The panel that saves.
    pub save: SaveBox,
}

impl Default for Tab {
    fn default() -> Self {
        Self {
            id: TabId(0),
            form: Form::default(),
            phase: Phase::Idle,
            log: Log::default(),
            shown: Shown::default(),
            view: View::default(),
            cleared: 0,
            paused: None,
            send: SendBox::default(),
            peers: BTreeMap::new(),
            totals: Totals::default(),
            counters: Counters::default(),
            rates: Rates::default(),
            notice: None,
            capture: None,
            save: SaveBox::default(),
        }
    }
}

impl Tab {
    /// A new tab with the settings of another, but nothing of its log.
    pub fn like(other: &Self) -> Self {
        let form = Form { show_all_problems: false, ..other.form.clone() };
        Self { form, view: View { hide_received: false, ..other.view }, ..Self::default() }
    }

    /// A tab that looks at a capture.
    pub fn viewer(capture: PathBuf) -> Self {
        Self { phase: Phase::Viewing { loading: Some((0, 0)) }, capture: Some(capture), ..Self::default() }
    }

    /// A tab as it was left in an earlier run, not open.
    pub fn restore(saved: &SavedTab) -> Self {
        let view = View::default();
        let body = Body::ALL.into_iter().find(|body| body.name() == saved.show).unwrap_or_default();
        let mut send = SendBox::default();
        send.text.clone_from(&saved.send_text);
        send.mode = if saved.send_mode == "hex" { SendMode::Hex } else { SendMode::Text };
        send.escapes = saved.escapes.unwrap_or(true);
        Self {
            form: saved.form.clone(),
            view: View {
                body,
                charset: saved.charset.parse().unwrap_or_default(),
                log_mode: saved.log_mode.unwrap_or(view.log_mode),
                wrap: saved.wrap.unwrap_or(view.wrap),
                ..view
            },
            send,
            ..Self::default()
        }
    }

    /// What is to be kept of it for the next run.
    pub fn to_save(&self) -> SavedTab {
        SavedTab {
            form: self.form.clone(),
            charset: self.view.charset.name().into(),
            show: self.view.body.name().into(),
            log_mode: Some(self.view.log_mode),
            wrap: Some(self.view.wrap),
            send_mode: match self.send.mode {
                SendMode::Text => "text".into(),
                SendMode::Hex => "hex".into(),
            },
            escapes: Some(self.send.escapes),
            send_text: self.send.text.clone(),
        }
    }

    /// Whether it looks at a capture instead of having a session.
    pub fn is_viewer(&self) -> bool {
        matches!(self.phase, Phase::Viewing { .. })
    }

    /// Whether the session is open.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open { .. })
    }

    /// Whether addresses and options are locked.
    pub fn is_locked(&self) -> bool {
        !matches!(self.phase, Phase::Idle)
    }

    /// Whether closing it would end something that is in use.
    pub fn would_lose(&self) -> bool {
        let connected = self.form.protocol != Protocol::Udp && !self.peers.is_empty();
        let waiting = self.totals.queued_messages > 0;
        self.is_open() && (connected || waiting) || matches!(self.save.state, SaveState::Running { .. })
    }

    /// The name under which the capture knows the session.
    pub fn title(&self) -> String {
        self.form
            .link()
            .map_or_else(|_problems| self.form.protocol.name().into(), |(link, _)| link.to_string())
    }

    /// How many records are there to be shown, as long as the display stands still.
    pub fn n_displayed(&self) -> u64 {
        self.paused.unwrap_or_else(|| self.log.len())
    }

    /// Brings the list of what is shown up to date. True if there is more to look at.
    pub fn update_shown(&mut self) -> bool {
        let len = self.n_displayed();
        self.shown.update(&self.log, len, self.cleared, self.view.hide_received)
    }

    pub(super) fn set_view(&mut self, view: View) {
        self.view = view;
    }

    pub(super) fn pause(&mut self, pause: bool) {
        self.paused = pause.then(|| self.log.len());
    }

    pub(super) fn clear(&mut self) {
        self.cleared = self.n_displayed();
    }

    pub(super) fn reset_counters(&mut self) {
        self.counters = Counters::default();
        self.rates = Rates { at: self.rates.at, ..Rates::default() };
    }

    pub(super) fn show_save(&mut self, open: bool) {
        self.save.open = open;
        if let SaveState::Exists(_) = self.save.state {
            self.save.state = SaveState::Idle;
        }
    }

    /// Whom the send box addresses.
    ///
    /// # Errors
    /// What to tell the user if it is nobody.
    pub fn target(&self) -> Result<Target, Notice> {
        if !self.is_open() {
            return Err(Notice::NotOpen);
        }
        let tcp = self.form.protocol != Protocol::Udp;
        match &self.send.to {
            SendTo::All if tcp && self.peers.is_empty() => Err(Notice::NoPeers),
            SendTo::All if tcp => Ok(Target::All),
            SendTo::All => match self.form.remote() {
                Ok(Some(remote)) => Ok(Target::Endpoint(remote)),
                Ok(None) | Err(_) => Err(Notice::NoRemote),
            },
            SendTo::Ticked => {
                let ticked: Vec<FlowId> = self.ticked().collect();
                if ticked.is_empty() { Err(Notice::NoPeers) } else { Ok(Target::Flows(ticked)) }
            }
            SendTo::Peer(flow) if self.peers.contains_key(flow) => Ok(Target::Flows(vec![*flow])),
            SendTo::Peer(_) => Err(Notice::PeerLeft),
        }
    }

    /// What the send box sends, and to whom.
    ///
    /// # Errors
    /// What to tell the user if it cannot be sent.
    pub fn message(&self) -> Result<(Target, SendPart), Notice> {
        let bytes = self.send.bytes(self.view.charset).map_err(Notice::CannotSend)?;
        if bytes.is_empty() && self.form.protocol != Protocol::Udp {
            return Err(Notice::NothingToSend);
        }
        Ok((self.target()?, SendPart::Bytes(bytes)))
    }

    /// The peers that are ticked.
    pub fn ticked(&self) -> impl Iterator<Item = FlowId> {
        self.peers.values().filter(|peer| peer.ticked).map(|peer| peer.flow.id)
    }

    /// What to save, if a path is typed and nothing is being saved.
    pub(super) fn export_order(&mut self, disposal: Disposal) -> Option<ExportOrder> {
        let path = PathBuf::from(self.save.path.trim());
        let running = matches!(self.save.state, SaveState::Running { .. });
        if path.as_os_str().is_empty() || running || self.capture.is_none() {
            return None;
        }
        let first = if self.save.after_clear { self.log.get(self.cleared) } else { None };
        // Cleared, and nothing came since: from beyond the last record.
        let from = match first {
            Some(record) => record.offset,
            None if self.save.after_clear && self.cleared > 0 => u64::MAX,
            None => 0,
        };
        self.save.state = SaveState::Running { done: 0, total: 0 };
        Some(ExportOrder {
            format: self.save.format,
            charset: self.view.charset,
            body: self.view.body,
            path,
            disposal,
            from,
        })
    }

    pub(super) fn save_ended(&mut self, result: Result<Saved, String>) {
        self.save.state = SaveState::Idle;
        match result {
            Ok(Saved::Done(path, n_bytes)) => {
                self.save.open = false;
                self.notice = Some(Notice::Saved(path, n_bytes));
            }
            Ok(Saved::Exists(path)) => self.save.state = SaveState::Exists(path),
            Ok(Saved::Cancelled) => self.notice = Some(Notice::SaveCancelled),
            Err(why) => self.notice = Some(Notice::SaveFailed(why)),
        }
    }

    pub(super) fn apply(&mut self, event: Event, now: Stamp) -> Vec<Effect> {
        match event {
            Event::Opened { local, granted } => self.opened(local, granted),
            Event::Joined(flow) => self.joined(flow),
            Event::Recorded(batch) => self.recorded(batch),
            Event::Trouble(error) => self.notice = Some(Notice::Net(error)),
            Event::Left(flow) => self.left(flow),
            Event::StoppedListening => self.stopped_listening(),
            Event::Closed(error) => self.closed(error),
        }
        self.tick(now);
        Vec::new()
    }

    fn opened(&mut self, local: SocketAddr, granted: Granted) {
        let listening = self.form.protocol == Protocol::TcpServer;
        self.phase = Phase::Open { local, granted, listening };
        // Attempts that failed before this one made it are in the log; they ask for nothing now.
        self.notice = None;
    }

    fn joined(&mut self, flow: Flow) {
        self.log.add_flow(flow.clone());
        let peer = Peer { received: 0, sent: 0, finished: false, ticked: true, flow };
        self.peers.insert(peer.flow.id, peer);
    }

    fn recorded(&mut self, batch: Batch) {
        for record in &batch.records {
            let len = u64::from(record.len);
            let peer = self.peers.get_mut(&record.flow);
            match record.kind.direction() {
                Some(Direction::Received) => {
                    self.counters.received += len;
                    self.counters.n_received += 1;
                    if let Some(peer) = peer {
                        peer.received += len;
                    }
                }
                Some(Direction::Sent) => {
                    self.counters.sent += len;
                    self.counters.n_sent += 1;
                    if let Some(peer) = peer {
                        peer.sent += len;
                    }
                }
                None => {
                    let fin = record.kind == RecordKind::Ended(crate::model::Ending::PeerFin);
                    if let (true, Some(peer)) = (fin, peer) {
                        peer.finished = true;
                    }
                }
            }
        }
        self.log.extend(&batch.records);
        self.totals = batch.totals;
    }

    fn left(&mut self, flow: FlowId) {
        self.peers.remove(&flow);
    }

    fn stopped_listening(&mut self) {
        if let Phase::Open { listening, .. } = &mut self.phase {
            *listening = false;
        }
    }

    fn closed(&mut self, error: Option<NetError>) {
        self.phase = Phase::Idle;
        self.peers.clear();
        self.totals.queued_bytes = 0;
        self.totals.queued_messages = 0;
        if let SendTo::Peer(_) = self.send.to {
            self.send.to = SendTo::All;
        }
        if let Some(error) = error {
            self.notice = Some(Notice::Ended(error));
        }
    }

    pub(super) fn loaded(&mut self, loaded: Loaded) {
        match loaded {
            Loaded::More { flows, records, done } => {
                for flow in flows {
                    self.log.add_flow(flow);
                }
                self.recorded(Batch { records, totals: Totals::default() });
                self.phase = Phase::Viewing { loading: Some(done) };
            }
            Loaded::End(torn) => {
                self.phase = Phase::Viewing { loading: None };
                if torn {
                    self.notice = Some(Notice::Torn);
                }
            }
            Loaded::Failed(why) => {
                self.phase = Phase::Viewing { loading: None };
                self.notice = Some(Notice::CannotRead(why));
            }
        }
    }

    /// Rates over steps of at least half a second.
    pub(super) fn tick(&mut self, now: Stamp) {
        const STEP_NS: u64 = 500_000_000;
        let elapsed = now.since(self.rates.at);
        if elapsed < STEP_NS || self.is_viewer() {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "a rate needs no more than 52 bits")]
        let rate = |n: u64, then: u64| n.saturating_sub(then) as f64 * 1e9 / elapsed as f64;
        let first = self.rates.at == Stamp::default();
        self.rates = Rates {
            received: if first { 0.0 } else { rate(self.counters.received, self.rates.received_then) },
            sent: if first { 0.0 } else { rate(self.counters.sent, self.rates.sent_then) },
            at: now,
            received_then: self.counters.received,
            sent_then: self.counters.sent,
        };
    }
}
