//! One session as the window knows it: its parts, and what all of them ask of it. What is done with it
//! stands in files by subject.

mod events;
mod notices;
mod saved;
mod saving;
mod sending;
mod view;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{
    Counters, Effect, Filtered, FindBox, Framed, History, HoldBox, NoteBox, Notice, OpenHow, PaneId,
    QuickBox, Rates, RenameBox, RulesBox, SaveBox, SaveState, SendBox, Shown, TrustQuestion, WorkspaceBox,
};
use crate::codec::Charset;
use crate::model::{
    CharsetChange, Command, FileId, Flow, FlowId, Granted, Held, HoldId, Index, Leg, Local, Password,
    Protocol, RepeatId, Rules, ShortTally, Stamp, Totals,
};
use crate::workspace::{FilterForm, LastCapture, SavedTab, Session};

pub use notices::Told;
pub use sending::{Cycle, CycleEnd, Halted, SentFile};

/// Names a tab for the time of one run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TabId(pub u32);

/// Where a session stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Phase {
    /// Not open.
    #[default]
    Idle,
    /// Binding, looking up, connecting.
    Opening,
    /// Open.
    Open {
        /// Our address.
        local: Local,
        /// What the kernel made of the buffer sizes.
        granted: Granted,
        /// Clients are accepted (TCP server).
        listening: bool,
    },
    /// Open without a connection: one is made for each message (TCP client).
    Ready,
    /// Not connected (TCP client), but to be called again.
    Waiting {
        /// When.
        until: Stamp,
        /// Seconds until then, rounded up; 0 while it is being called.
        left_s: u64,
    },
    /// Sending what waits, then closing.
    Closing,
    /// No session: a capture is looked at.
    Viewing {
        /// Bytes read so far and in all, while it is being read.
        loading: Option<(u64, u64)>,
    },
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
    pub peer_fin: bool,
    /// We have closed ours.
    pub own_fin: bool,
    /// It is among those that "ticked" addresses.
    pub ticked: bool,
    /// When something came from it last, or since when it is there.
    pub seen: Stamp,
    /// A second, the bytes in it, and those in the second before.
    pace: (u64, u64, u64),
    /// The other leg, if it is a client of a relay and connected on.
    pub twin: Option<Flow>,
    /// The target that it has named, to a relay that is a proxy.
    pub target: Option<String>,
}

impl Peer {
    /// Which sides have closed their sending, as a mark before a value.
    pub(crate) fn fins(&self) -> String {
        [(self.own_fin, "→FIN "), (self.peer_fin, "←FIN ")]
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, mark)| *mark)
            .collect()
    }

    /// A peer that has just come.
    pub fn new(flow: Flow) -> Self {
        let seen = flow.since;
        Self {
            flow,
            received: 0,
            sent: 0,
            peer_fin: false,
            own_fin: false,
            ticked: true,
            seen,
            pace: (0, 0, 0),
            twin: None,
            target: None,
        }
    }

    /// Bytes to it and from it in the last whole second.
    pub fn rate(&self, now: Stamp) -> u64 {
        let (second, bytes, before) = self.pace;
        match (now.0 / SECOND).saturating_sub(second) {
            0 => before,
            1 => bytes,
            _ => 0,
        }
    }

    pub(super) fn count(&mut self, len: u16, now: Stamp) {
        let (second, bytes, before) = self.pace;
        let now = now.0 / SECOND;
        self.pace = match now.saturating_sub(second) {
            0 => (second, bytes + u64::from(len), before),
            1 => (now, len.into(), bytes),
            _ => (now, len.into(), 0),
        };
    }
}

const SECOND: u64 = 1_000_000_000;

/// One session, its log, and what is typed for it. The default has a blank session, [`Tab::new`] a usual one.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Tab {
    /// Its name in this run.
    pub id: TabId,
    /// The pane that it is in.
    pub pane: PaneId,
    /// The session: all that is typed for it, but the lists of quick sends and rules, which are edited by row.
    pub session: Session,
    /// The password for its proxy, which is not kept.
    pub proxy_password: Password,
    /// Problems are shown also of fields that were not touched.
    pub show_problems: bool,
    /// Where it stands.
    pub phase: Phase,
    /// The index of its records.
    pub log: Index,
    /// Its capture has both what is on the wire of a connection and what that carries.
    pub layered: bool,
    /// Which of them are shown.
    pub shown: Shown,
    /// Records before this number are hidden by Clear.
    pub cleared: u64,
    cleared_before: Vec<u64>,
    /// The display stands still at this many records.
    pub paused: Option<u64>,
    /// How many shown items were seen when the views stopped following the newest; `None` while they follow.
    pub held: Option<u64>,
    /// The send box.
    pub send: SendBox,
    /// What was sent from it.
    pub history: History,
    /// Messages that are kept to be sent.
    pub quick: QuickBox,
    /// What is sent again and again, and the tally of what was until another one starts.
    pub cycles: BTreeMap<RepeatId, Cycle>,
    last_cycle: u32,
    /// What has come of the short connections of this opening, or of the last one.
    pub short: ShortTally,
    /// Files that are being sent, or failed to be.
    pub files: BTreeMap<FileId, SentFile>,
    last_file: u32,
    /// The framing, and the messages that it makes.
    pub framed: Framed,
    /// The filter, and what passes it.
    pub filtered: Filtered,
    /// The filter, as its menu shows it before it is applied.
    pub filter_fields: FilterForm,
    /// The bar that finds, and what was found.
    pub find: FindBox,
    /// The dialog that asks for a note.
    pub note: Option<NoteBox>,
    /// The dialog that names a peer.
    pub rename: Option<RenameBox>,
    /// How its capture was opened.
    pub open_how: OpenHow,
    /// There are notes that no capture has yet.
    pub notes_unsaved: bool,
    /// The notes differ from those of the viewed capture.
    notes_changed: bool,
    /// Changes with every note.
    pub notes_serial: u64,
    /// Rules have made notes on records that the filter, the one of this serial number, may have passed over; so
    /// many items there were then.
    notes_due: Option<(u64, u64)>,
    /// When the filter was last restarted because of that.
    notes_looked: Stamp,
    /// The charsets of peers that have one of their own.
    pub charsets: Arc<BTreeMap<FlowId, Charset>>,
    /// The user wants no other charset to be offered.
    pub keeps_charset: bool,
    /// The charset of the text that was sent last.
    typed: Option<Charset>,
    /// The charset that the capture says of text sent from now on.
    typed_noted: Option<Charset>,
    /// What the capture is to say before the next text.
    pub(super) typed_now: Option<CharsetChange>,
    /// What the user noted, by the number of the record.
    pub notes: Arc<BTreeMap<u64, String>>,
    /// What is done by itself when a message is heard.
    pub rules: RulesBox,
    /// A rule has notified the user, who has not looked at the tab since.
    pub alerted: bool,
    /// A rule has stopped the recording of data.
    pub recording_stopped: bool,
    /// Why the capture cannot be written now, if it cannot.
    pub stalled: Option<Notice>,
    /// Who sent the last datagram (UDP).
    pub last_sender: Option<FlowId>,
    /// Some of the peers were unticked by hand: who comes is not ticked.
    pub chosen_by_hand: bool,
    /// Peers that are there.
    pub peers: BTreeMap<FlowId, Peer>,
    /// The peer of a client that has left, and when: it keeps its place until there is another one.
    pub lost: Option<(Flow, Stamp)>,
    /// Changes whenever one of the peers does.
    pub peers_serial: u64,
    /// The upstream legs of a relay that are there, and the client of each.
    pub twins: BTreeMap<FlowId, FlowId>,
    /// The messages that a relay holds.
    pub holds: BTreeMap<HoldId, Held>,
    /// The dialog that decides on one.
    pub hold: HoldBox,
    /// Sums of the worker over this opening.
    pub totals: Totals,
    /// Sums since the last reset.
    pub counters: Counters,
    /// Rates.
    pub rates: Rates,
    /// What the user should read: the newest.
    pub notice: Option<Notice>,
    /// Since when it is told.
    noticed: Option<Stamp>,
    /// What was told before and is neither cured nor dismissed, the newest last.
    below: Vec<(Notice, Option<Stamp>)>,
    /// A fault was told since the user has looked at the tab.
    pub unseen: bool,
    /// Attempts to connect again since there was a connection.
    calls: u64,
    /// The cycles to be resumed when the session is open.
    pub(super) resumes: Vec<RepeatId>,
    /// The capture file, in which the records stand.
    pub capture: Option<PathBuf>,
    /// When the last of its records was reported.
    recorded_at: Stamp,
    /// The capture of an earlier run.
    pub last_capture: Option<LastCapture>,
    /// The file that the user opened, if the capture is one that was made from it.
    pub original: Option<PathBuf>,
    /// The panel that saves.
    pub save: SaveBox,
    /// The dialog that saves the session as a workspace.
    pub workspace: WorkspaceBox,
    /// It came with a workspace that the user has not approved.
    pub untrusted: bool,
    /// The question that must be answered before it may start.
    pub asking: Option<Arc<TrustQuestion>>,
    /// The tab that connects to it as soon as it is open.
    pub(super) caller: Option<TabId>,
    /// The local port that it was given as a new tab.
    pub(super) given_port: Option<String>,
    /// The file that it was restored from, whose unknown keys are kept.
    stored: Option<SavedTab>,
}

impl Tab {
    /// The user has seen it: nothing marks it any more.
    pub(crate) fn looked_at(&mut self) {
        (self.alerted, self.unseen) = (false, false);
    }

    /// A tab in which nothing was done yet.
    pub fn new() -> Self {
        Self { session: Session::for_tab(), ..Self::default() }
    }

    /// Whether the session is one connection, with which it ends.
    pub fn keeps_connection(&self) -> bool {
        let Session { protocol, options, .. } = &self.session;
        !self.is_viewer() && protocol.connects() && options.text("short").is_empty()
    }

    /// Whether its one connection was lost, and it does not connect again by itself.
    pub fn is_lost(&self) -> bool {
        self.phase == Phase::Idle && self.keeps_connection() && self.lost.is_some()
    }

    /// A new tab with the addresses and the looks of another, but nothing of its log, and none of its options: TLS without
    /// verification, faults or a log file are not for the next session.
    pub fn like(other: &Self) -> Self {
        let Session { protocol, local, remote, bind, charset, checksum, columns, view, .. } =
            other.session.clone();
        let view = view.hiding_nothing();
        let new = Session::for_tab();
        let session = Session { protocol, local, remote, bind, charset, checksum, columns, view, ..new };
        Self { session, ..Self::default() }
    }

    /// A tab that looks at a capture.
    pub fn viewer(capture: PathBuf, how: OpenHow) -> Self {
        Self {
            phase: Phase::Viewing { loading: Some((0, 0)) },
            capture: Some(capture),
            open_how: how,
            ..Self::new()
        }
    }

    /// Whether nothing was done in it that is worth keeping. The columns get their widths by being drawn.
    pub fn is_untouched(&self) -> bool {
        let mut fresh = Self::new();
        fresh.session.columns.clone_from(&self.session.columns);
        fresh.session.local.port = self.given_port.clone().unwrap_or(fresh.session.local.port);
        self.is_viewer() || self.to_save() == fresh.to_save()
    }

    /// The faults that act on what a relay passes on now, as typed.
    pub fn faults(&self) -> Option<&str> {
        self.rules.faults_in_force().filter(|_| self.is_open() && self.session.protocol.relays())
    }

    /// The side of a relay that a flow is on.
    pub fn leg(&self, flow: FlowId) -> Leg {
        if self.twins.contains_key(&flow) { Leg::Upstream } else { Leg::Client }
    }

    /// Whether it looks at a capture instead of having a session.
    pub fn is_viewer(&self) -> bool {
        matches!(self.phase, Phase::Viewing { .. })
    }

    /// Whether the session is open.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open { .. } | Phase::Ready)
    }

    /// Whether each message has a connection of its own.
    pub fn is_short(&self) -> bool {
        self.session.protocol == Protocol::TcpClient && !self.session.options.text("short").is_empty()
    }

    /// Whether sending something opens the session: there is no connection to be waited for.
    pub fn opens_to_send(&self) -> bool {
        self.is_short() && self.phase == Phase::Idle
    }

    /// Whether something can be sent: the session is open, or sending opens it.
    pub fn can_send(&self) -> bool {
        self.is_open() || self.is_short() && matches!(self.phase, Phase::Idle | Phase::Opening)
    }

    /// Whether addresses and options are locked.
    pub fn is_locked(&self) -> bool {
        !matches!(self.phase, Phase::Idle)
    }

    /// Whether closing it would end something that is in use.
    pub fn is_in_use(&self) -> bool {
        let connected = self.session.protocol.is_stream() && !self.peers.is_empty();
        let waiting = self.totals.queued_messages > 0 || Cycle::running(&self.cycles).next().is_some();
        self.is_open() && (connected || waiting) || matches!(self.save.state, SaveState::Running { .. })
    }

    /// The name under which the capture knows the session: its own, or what it opens.
    pub fn title(&self) -> String {
        if !self.session.name.trim().is_empty() {
            return self.session.name.trim().to_owned();
        }
        let link = self.session.link();
        link.map_or_else(|_wrong| self.session.protocol.name().into(), |(link, _)| link.to_string())
    }

    /// The file that the user knows: what was opened, or the capture.
    pub fn file(&self) -> Option<&Path> {
        self.original.as_deref().or(self.capture.as_deref())
    }

    /// What is looked at turns out to be another program's: its records stand in a capture that is made
    /// from it. All that was read before is void.
    pub fn begin_import(&mut self, capture: PathBuf) {
        let original = self.file().map(Path::to_owned);
        self.begin_capture(capture);
        self.original = original;
        self.reset_counters();
    }

    /// A new capture begins. The index of an earlier one, which a worker that hangs has not given back,
    /// does not fit it.
    pub fn begin_capture(&mut self, path: PathBuf) {
        self.capture = Some(path);
        self.original = None;
        self.log = Index::default();
        self.shown = Shown::default();
        self.cleared = 0;
        self.cleared_before.clear();
        self.paused = None;
        self.notes = Arc::default();
        self.notes_serial += 1;
        (self.notes_unsaved, self.notes_changed) = (false, false);
        self.charsets = Arc::default();
        (self.typed, self.typed_noted, self.typed_now) = (None, None, None);
        self.framed.restart();
        self.filtered.restart();
        self.find.restart();
    }

    pub(super) fn reset_counters(&mut self) {
        self.counters = Counters::default();
        self.rates.reset();
    }

    /// Its rules that are on and right.
    pub(crate) fn rules_wanted(&mut self) -> Arc<Rules> {
        self.rules.follow(&self.session);
        self.rules.rules(self.session.charsets())
    }

    /// The rules, if the session that is open or on its way has others.
    pub fn new_rules(&mut self) -> Option<Arc<Rules>> {
        let has_worker = !matches!(self.phase, Phase::Idle | Phase::Viewing { .. });
        let rules = if has_worker { Some(self.rules_wanted()) } else { None };
        rules.filter(|rules| self.rules.is_new(rules))
    }

    /// Gives those to the session.
    pub(super) fn give_new_rules(&mut self) -> Option<Effect> {
        let rules = self.new_rules()?;
        self.rules.give_anew(Arc::clone(&rules));
        Some(Effect::Command(self.id, Command::SetRules(rules)))
    }

    /// Updates rates and countdowns, and removes a passing notice
    /// after a while.
    pub(super) fn tick(&mut self, now: Stamp) {
        self.pass(now);
        if let Phase::Waiting { until, left_s } = &mut self.phase {
            *left_s = until.0.saturating_sub(now.0).div_ceil(1_000_000_000);
        }
        if !self.is_viewer() {
            self.rates.update(self.counters, now);
        }
        self.look_at_notes(now);
    }
}
