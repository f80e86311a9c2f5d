//! One session as the window knows it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::action::{Disposal, Effect, ExportOrder, Loaded, Saved};
use super::{
    Base, Counters, Cycle, Draft, Example, Filter, FilterForm, FilterPart, FindBox, Form, GoToBox, History,
    Items, Lens, NoteBox, Notice, Order, Rates, SaveBox, SaveScope, SaveState, SavedTab, SendBox, SendMode,
    SendTo, Shown, Sieved, Step, TimeMode, View, ViewMode,
};
use crate::codec::frame::Framing;
use crate::codec::{Charset, Checksum, Query};
use crate::model::{
    Batch, Body, Ending, Event, Flow, FlowId, Format, Granted, Index, NetError, Progress, Protocol,
    RecordKind, Repeat, RepeatId, SendPart, ShortTally, Stamp, Target, Totals,
};

/// How long good news stays, in nanoseconds.
const PASSING_NS: u64 = 5_000_000_000;

/// The one of that name, or the usual one.
fn named<T: Copy + Default, const N: usize>(
    all: [T; N],
    name: impl Fn(T) -> &'static str,
    wanted: &str,
) -> T {
    all.into_iter().find(|one| name(*one) == wanted).unwrap_or_default()
}

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
    pub finished: bool,
    /// It is among those that "ticked" addresses.
    pub ticked: bool,
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
    pub log: Index,
    /// Which of them are shown.
    pub shown: Shown,
    /// How.
    pub view: View,
    /// Records before this number are hidden by Clear.
    pub cleared: u64,
    /// What earlier Clears had hidden, for Undo.
    cleared_before: Vec<u64>,
    /// The display stands still at this many records.
    pub paused: Option<u64>,
    /// The send box.
    pub send: SendBox,
    /// What was sent from it.
    pub history: History,
    /// What is sent again and again.
    pub cycles: BTreeMap<RepeatId, Cycle>,
    next_cycle: u32,
    /// What has come of the short connections of this opening, or of the last one.
    pub short: ShortTally,
    /// The framing, and the messages that it makes.
    pub lens: Lens,
    /// The filter, and what passes it.
    pub sieved: Sieved,
    /// The bar that finds, and what was found.
    pub find: FindBox,
    /// The dialog that asks where to go.
    pub go_to: Option<GoToBox>,
    /// The dialog that asks for a note.
    pub note: Option<NoteBox>,
    /// There are notes that no capture has yet.
    pub notes_unsaved: bool,
    /// The notes are not those of the capture that is looked at any more.
    notes_changed: bool,
    /// The widths of the table's columns, in points; empty for the usual ones.
    pub columns: Vec<u16>,
    /// The checksum that the inspector computes.
    pub checksum: Checksum,
    /// The filter, as typed.
    pub filter_form: FilterForm,
    /// The charsets of peers that have one of their own.
    pub charsets: Arc<BTreeMap<FlowId, Charset>>,
    /// What the user noted, by the number of the record.
    pub notes: Arc<BTreeMap<u64, String>>,
    /// How often each rule has matched since the rules were set.
    pub rule_hits: Vec<u64>,
    /// Data are recorded: no rule has stopped that.
    pub is_recording: bool,
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
    /// Since when the notice was shown, for those that go by themselves.
    noticed: Option<Stamp>,
    /// The capture file, in which the records stand.
    pub capture: Option<PathBuf>,
    /// The file that the user opened, if the capture is one that was made from it.
    pub original: Option<PathBuf>,
    /// The panel that saves.
    pub save: SaveBox,
}

impl Default for Tab {
    fn default() -> Self {
        Self {
            id: TabId(0),
            form: Form::default(),
            phase: Phase::Idle,
            log: Index::default(),
            shown: Shown::default(),
            view: View::default(),
            cleared: 0,
            cleared_before: Vec::new(),
            paused: None,
            send: SendBox::default(),
            history: History::default(),
            cycles: BTreeMap::new(),
            next_cycle: 1,
            short: ShortTally::default(),
            lens: Lens::default(),
            sieved: Sieved::default(),
            find: FindBox::default(),
            go_to: None,
            note: None,
            notes_unsaved: false,
            notes_changed: false,
            columns: Vec::new(),
            checksum: Checksum::default(),
            filter_form: FilterForm::default(),
            charsets: Arc::default(),
            notes: Arc::default(),
            rule_hits: Vec::new(),
            is_recording: true,
            peers: BTreeMap::new(),
            totals: Totals::default(),
            counters: Counters::default(),
            rates: Rates::default(),
            notice: None,
            noticed: None,
            capture: None,
            original: None,
            save: SaveBox::default(),
        }
    }
}

impl Tab {
    /// A new tab with the settings of another, but nothing of its log.
    pub fn like(other: &Self) -> Self {
        let form = Form { show_all_problems: false, ..other.form.clone() };
        let (columns, checksum) = (other.columns.clone(), other.checksum);
        Self { form, view: other.view.hiding_nothing(), columns, checksum, ..Self::default() }
    }

    /// A tab that looks at a capture.
    pub fn viewer(capture: PathBuf) -> Self {
        Self { phase: Phase::Viewing { loading: Some((0, 0)) }, capture: Some(capture), ..Self::default() }
    }

    /// A tab as it was left in an earlier run, not open.
    pub fn restore(saved: &SavedTab) -> Self {
        let view = View::default();
        let body = named(Body::ALL, Body::name, &saved.show);
        let mut send = SendBox::default();
        send.text.clone_from(&saved.send_text);
        send.mode = named(SendMode::ALL, SendMode::name, &saved.send_mode);
        send.append.clone_from(&saved.append);
        if let Some(period) = &saved.cycle_period {
            send.cycle.period.clone_from(period);
        }
        send.cycle.count.clone_from(&saved.cycle_count);
        send.placeholders = saved.send_placeholders;
        send.escapes = saved.escapes.unwrap_or(true);
        Self {
            form: saved.form.clone(),
            view: View {
                body,
                charset: saved.charset.parse().unwrap_or_default(),
                mode: named(ViewMode::ALL, ViewMode::name, &saved.view),
                time: named(TimeMode::ALL, TimeMode::name, &saved.time),
                fold: saved.fold.unwrap_or(view.fold),
                wrap: saved.wrap.unwrap_or(view.wrap),
                ..view
            },
            send,
            history: History::in_file(&saved.history),
            columns: saved.columns.clone(),
            checksum: saved.checksum.parse().unwrap_or_default(),
            ..Self::default()
        }
    }

    /// What is to be kept of it for the next run.
    pub fn to_save(&self) -> SavedTab {
        SavedTab {
            form: self.form.clone(),
            charset: self.view.charset.name().into(),
            show: self.view.body.name().into(),
            view: self.view.mode.name().into(),
            time: self.view.time.name().into(),
            fold: Some(self.view.fold),
            columns: self.columns.clone(),
            checksum: self.checksum.name().into(),
            wrap: Some(self.view.wrap),
            send_mode: self.send.mode.name().into(),
            escapes: Some(self.send.escapes),
            send_placeholders: self.send.placeholders,
            send_text: self.send.text.clone(),
            append: self.send.append.clone(),
            cycle_period: Some(self.send.cycle.period.clone()),
            cycle_count: self.send.cycle.count.clone(),
            history: self.history.file().unwrap_or_default().to_owned(),
        }
    }

    /// Whether it looks at a capture instead of having a session.
    pub fn is_viewer(&self) -> bool {
        matches!(self.phase, Phase::Viewing { .. })
    }

    /// Whether the session is open.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open { .. } | Phase::Ready)
    }

    /// Whether addresses and options are locked.
    pub fn is_locked(&self) -> bool {
        !matches!(self.phase, Phase::Idle)
    }

    /// Whether closing it would end something that is in use.
    pub fn is_in_use(&self) -> bool {
        let connected = self.form.protocol != Protocol::Udp && !self.peers.is_empty();
        let waiting = self.totals.queued_messages > 0 || !self.cycles.is_empty();
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
        let order = Order {
            cleared: self.cleared,
            until: self.n_displayed(),
            which: self.view.which(&self.sieved.filter),
            serial: self.lens.serial.wrapping_add(self.sieved.serial << 32),
        };
        // The list is taken out so that the rest can be looked at; it is back at once.
        let mut shown = std::mem::take(&mut self.shown);
        let more = shown.update(&self.base(), order);
        self.shown = shown;
        more
    }

    /// What is shown, for the views to read.
    pub fn items(&self) -> Items<'_> {
        Items { base: self.base(), shown: &self.shown }
    }

    /// What the list of shown items is made from.
    pub fn base(&self) -> Base<'_> {
        let clear = self.lens.is_clear();
        Base {
            index: &self.log,
            messages: (!clear).then_some(&self.lens.messages),
            open: if clear { &[] } else { &self.lens.open },
            sieved: self.needs_sieve().then_some(&self.sieved.passed),
        }
    }

    /// Whether what passes the filter can be told only by reading the capture.
    pub fn needs_sieve(&self) -> bool {
        let filter = &self.sieved.filter;
        filter.query.is_some() || filter.since.is_some() || filter.until.is_some()
    }

    /// A number that changes whenever positions in what is shown mean other items than before.
    pub fn shown_serial(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        let View { hide_received, hide_sent, hide_events, .. } = self.view;
        (self.lens.serial, self.sieved.serial, self.cleared).hash(&mut hasher);
        (hide_received, hide_sent, hide_events).hash(&mut hasher);
        hasher.finish()
    }

    /// Whether there are notes, or were.
    pub fn has_notes(&self) -> bool {
        !self.notes.is_empty() || self.notes_changed
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
        (self.notes_unsaved, self.notes_changed) = (false, false);
        self.charsets = Arc::default();
        self.lens.restart();
        self.sieved.restart();
        self.find.restart();
    }

    pub(super) fn set_view(&mut self, view: View) {
        let before = std::mem::replace(&mut self.view, view);
        let hides = |view: View| (view.hide_received, view.hide_sent, view.hide_events);
        if hides(before) != hides(view) {
            self.sift_again();
        }
        if before.charset != view.charset {
            self.search();
        }
    }

    /// What is noted counts where something is looked for.
    fn notes_count(&mut self) {
        if self.sieved.filter.query.is_some() {
            self.sieved.restart();
        }
        if self.find.query.is_some() {
            self.find.restart();
        }
    }

    /// What is hidden or wanted has changed: what passes is looked for anew.
    fn sift_again(&mut self) {
        self.sieved.restart();
        self.find.restart();
    }

    /// What is shown of the data has changed its meaning, or another text was typed: it is searched anew.
    pub(super) fn search(&mut self) {
        let FindBox { kind, ref text, case, .. } = self.find;
        let query = Query::parse(kind, text, self.view.charset, case);
        self.find.error = query.as_ref().err().filter(|_| !text.is_empty()).copied();
        let query = query.ok();
        if self.find.query != query {
            self.find.query = query;
            self.find.restart();
        }
    }

    pub(super) fn set_framing(&mut self, framing: Framing) {
        if self.lens.set(framing) {
            self.sift_again();
        }
    }

    pub(super) fn frame_sent(&mut self, framed: bool) {
        if framed {
            self.send.append.frame(&self.lens.framing);
        } else {
            self.send.append.unframe(&self.lens.framing);
        }
    }

    pub(super) fn set_filter(&mut self, filter: Filter) {
        if filter != self.sieved.filter {
            self.sieved.filter = filter;
            self.sift_again();
        }
    }

    pub(super) fn set_peer_charset(&mut self, flow: FlowId, charset: Option<Charset>) {
        let charsets = Arc::make_mut(&mut self.charsets);
        match charset {
            Some(charset) => drop(charsets.insert(flow, charset)),
            None => drop(charsets.remove(&flow)),
        }
    }

    pub(super) fn remove_filter(&mut self, part: FilterPart) {
        let filter = self.sieved.filter.clone().without(part);
        self.set_filter(filter);
    }

    pub(super) fn filter_peer(&mut self, flow: FlowId) {
        self.set_filter(Filter { flows: Some([flow].into()), ..self.sieved.filter.clone() });
    }

    pub(super) fn follow_peer(&mut self, flow: FlowId) {
        self.filter_peer(flow);
        self.set_view(View { mode: ViewMode::Stream, ..self.view });
    }

    pub(super) fn filter_found(&mut self) {
        if let Some(query) = self.find.query.clone() {
            self.set_filter(Filter { query: Some(query), ..self.sieved.filter.clone() });
        }
    }

    pub(super) fn show_find(&mut self, open: bool) {
        (self.find.open, self.find.focus) = (open, open);
        if open {
            self.search();
        } else if self.find.query.take().is_some() {
            // Nothing is marked any more; what is typed stays for the next time.
            self.find.restart();
        }
    }

    pub(super) fn show_go_to(&mut self, open: bool) {
        self.go_to = open.then(GoToBox::default);
    }

    pub(super) fn edit_note(&mut self, record: Option<u64>) {
        self.note = record
            .map(|record| NoteBox { record, text: self.notes.get(&record).cloned().unwrap_or_default() });
    }

    /// Rules have put notes on records, which the capture has already.
    fn annotated(&mut self, notes: Vec<(u64, String)>) {
        Arc::make_mut(&mut self.notes).extend(notes);
        self.notes_count();
    }

    pub(super) fn set_note(&mut self, record: u64, text: String) {
        self.note = None;
        let notes = Arc::make_mut(&mut self.notes);
        if text.is_empty() {
            notes.remove(&record);
        } else {
            notes.insert(record, text);
        }
        // A capture that is only looked at is left as it is.
        (self.notes_unsaved, self.notes_changed) = (self.is_viewer(), self.is_viewer());
        self.notes_count();
    }

    /// Goes to the next hit, or to the one before; around the end.
    pub(super) fn next_hit(&mut self, forward: bool, position: u64) {
        let len = self.find.hits.len();
        if len == 0 {
            self.find.current = None;
            return;
        }
        let n = match (self.find.current, forward) {
            (Some(n), true) => (n + 1) % len,
            (Some(n), false) => (n + len - 1) % len,
            (None, _) => {
                // The first one from where the user looks.
                let number = self.shown.number(&self.base(), position).unwrap_or(0);
                self.find.hits.partition_point(|hit| hit.item < number) % len
            }
        };
        self.find.current = Some(n);
    }

    /// Where the hit is that the user went to: a position in what is shown, and a byte in the item there.
    pub fn current_hit(&self) -> Option<(u64, u32)> {
        let hit = self.find.hits.get(self.find.current?)?;
        let at = self.shown.position(hit.item);
        (self.shown.number(&self.base(), at) == Some(hit.item)).then_some((at, hit.start))
    }

    pub(super) fn pause(&mut self, pause: bool) {
        self.paused = pause.then(|| self.log.len());
    }

    pub(super) fn clear(&mut self) {
        let n = self.n_displayed();
        if n > self.cleared {
            self.cleared_before.push(self.cleared);
            self.cleared = n;
            self.find.restart();
        }
    }

    pub(super) fn undo_clear(&mut self) {
        self.cleared = self.cleared_before.pop().unwrap_or(0);
        self.find.restart();
    }

    pub(super) fn reset_counters(&mut self) {
        self.counters = Counters::default();
        self.rates.reset();
    }

    pub(super) fn show_save(&mut self, open: bool) {
        self.save.open = open && self.capture.is_some();
        if open && self.capture.is_none() {
            self.tell(Notice::NothingToSave);
        }
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
            SendTo::All if self.phase == Phase::Ready => Ok(Target::All),
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

    /// A peer to whom something in the send box would go, to be shown in an example of it.
    pub fn example_peer(&self) -> String {
        let chosen = match &self.send.to {
            SendTo::Peer(flow) => self.peers.get(flow),
            SendTo::Ticked => self.peers.values().find(|peer| peer.ticked),
            SendTo::All if self.form.protocol == Protocol::Udp => None,
            SendTo::All => self.peers.values().next(),
        };
        let remote = || self.form.remote().ok().flatten().map(|remote| remote.to_string());
        let address = chosen.map(|peer| peer.flow.peer.to_string()).or_else(remote);
        address.unwrap_or_else(|| Example::default().peer)
    }

    /// What is sent if this is in the send box, and to whom.
    ///
    /// # Errors
    /// What to tell the user if it cannot be sent.
    pub fn message(&self, draft: &Draft) -> Result<(Target, SendPart), Notice> {
        let part = draft.part(self.view.charset).map_err(Notice::CannotSend)?;
        let bytes = draft.bytes(self.view.charset, &self.send.example).map_err(Notice::CannotSend)?;
        if bytes.is_empty() && self.form.protocol != Protocol::Udp {
            return Err(Notice::NothingToSend);
        }
        Ok((self.target()?, part))
    }

    /// Puts something else into the send box. What was in it is not lost.
    pub(super) fn fill_send_box(&mut self, draft: Draft) {
        self.history.replaced(self.send.draft());
        self.send.fill(draft);
        self.send.focus = true;
    }

    /// Puts what was sent before, or after that, into the send box.
    pub(super) fn walk_history(&mut self, step: Step) {
        let now = self.send.draft();
        let draft = match step {
            Step::Older => self.history.older(&now),
            Step::Newer => self.history.newer(&now),
        };
        if let Some(draft) = draft {
            self.send.fill(draft);
        }
    }

    /// The order to send what is in the send box again and again, which counts as given.
    pub(super) fn start_cycle(&mut self) -> Result<Repeat, Notice> {
        let every = self.send.cycle.period().map_err(Notice::WrongCycle)?;
        let count = self.send.cycle.count().map_err(Notice::WrongCycle)?;
        let draft = self.send.draft();
        let (to, what) = self.message(&draft)?;
        self.history.sent(draft);
        let id = RepeatId(self.next_cycle);
        self.next_cycle = self.next_cycle.wrapping_add(1);
        let repeat = Repeat { id, to, what: Arc::from([what]), every, count };
        self.cycles.insert(id, Cycle { repeat: repeat.clone(), progress: Progress::default() });
        Ok(repeat)
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
        self.save.state = SaveState::Running { done: 0, total: 0 };
        Some(ExportOrder {
            format: self.save.format,
            charset: self.view.charset,
            body: self.view.body,
            path,
            disposal,
            scope: self.save.scope,
        })
    }

    pub(super) fn save_ended(&mut self, result: Result<Saved, String>) {
        self.save.state = SaveState::Idle;
        match result {
            Ok(Saved::Done(path, n_bytes)) => {
                self.save.open = false;
                // The dialog stands before all else while it saves: nothing was noted meanwhile.
                let all = (self.save.format, self.save.scope) == (Format::Pcapng, SaveScope::Whole);
                self.notes_unsaved &= !all;
                self.tell(Notice::Saved(path, n_bytes));
            }
            Ok(Saved::Exists(path)) => self.save.state = SaveState::Exists(path),
            Ok(Saved::Cancelled) => self.tell(Notice::SaveCancelled),
            Err(why) => self.tell(Notice::SaveFailed(why)),
        }
    }

    pub(super) fn apply(&mut self, event: Event, now: Stamp) -> Vec<Effect> {
        match event {
            Event::Opened { local, granted } => self.opened(local, granted),
            Event::Joined(flow) => self.joined(flow),
            Event::Recorded(batch) => self.recorded(&batch),
            Event::Trouble(error) => self.tell(Notice::Net(error)),
            Event::Left(flow) => self.left(flow),
            Event::StoppedListening => self.stopped_listening(),
            Event::CallingAgain(wait) => self.calling_again(wait, now),
            Event::Repeating(id, progress) => self.cycling(id, progress),
            Event::RepeatEnded(id, progress) => self.cycle_ended(id, progress),
            Event::Ready => self.ready(),
            Event::Short(tally) => self.short = tally,
            // The window orders neither sequences nor files of which it would be told.
            Event::SequenceAt(..)
            | Event::SequenceEnded(..)
            | Event::FileProgress(..)
            | Event::FileEnded(..) => {}
            Event::RuleHits(hits) => self.rule_hits = hits,
            Event::Annotated(notes) => self.annotated(notes),
            Event::SequenceWanted(name, _flow) => self.tell(Notice::NoSequence(name)),
            Event::RecordingStopped => self.is_recording = false,
            Event::RecordingResumed => self.is_recording = true,
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

    fn ready(&mut self) {
        self.phase = Phase::Ready;
        self.short = ShortTally::default();
        self.notice = None;
    }

    fn calling_again(&mut self, wait: Duration, now: Stamp) {
        // What was ordered to close stays so until it is closed.
        if self.phase != Phase::Closing {
            let nanos = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
            self.phase = Phase::Waiting { until: Stamp(now.0.saturating_add(nanos)), left_s: 0 };
        }
    }

    fn joined(&mut self, flow: Flow) {
        self.log.add_flow(flow.clone());
        let peer = Peer { received: 0, sent: 0, finished: false, ticked: true, flow };
        self.peers.insert(peer.flow.id, peer);
    }

    fn recorded(&mut self, batch: &Batch) {
        for record in &batch.records {
            self.counters.add(record);
            if let Some(peer) = self.peers.get_mut(&record.flow) {
                match record.kind {
                    RecordKind::Received => peer.received += u64::from(record.len),
                    RecordKind::Sent => peer.sent += u64::from(record.len),
                    RecordKind::Ended(Ending::PeerFin) => peer.finished = true,
                    RecordKind::Connected | RecordKind::Refused | RecordKind::Ended(_) | RecordKind::Note => {
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

    fn cycling(&mut self, id: RepeatId, progress: Progress) {
        if let Some(cycle) = self.cycles.get_mut(&id) {
            cycle.progress = progress;
        }
    }

    fn cycle_ended(&mut self, id: RepeatId, progress: Progress) {
        let ended = self.cycles.remove(&id);
        if ended.is_some_and(|cycle| cycle.repeat.count == Some(progress.sent)) {
            self.tell(Notice::CycleDone(progress.sent));
        }
    }

    fn stopped_listening(&mut self) {
        if let Phase::Open { listening, .. } = &mut self.phase {
            *listening = false;
        }
    }

    fn closed(&mut self, error: Option<NetError>) {
        self.phase = Phase::Idle;
        self.is_recording = true;
        self.peers.clear();
        self.cycles.clear();
        self.totals.queued_bytes = 0;
        self.totals.queued_messages = 0;
        if let SendTo::Peer(_) = self.send.to {
            self.send.to = SendTo::All;
        }
        if let Some(error) = error {
            self.tell(Notice::Ended(error));
        }
    }

    pub(super) fn loaded(&mut self, loaded: Loaded) {
        match loaded {
            Loaded::More { flows, records, notes, done } => {
                for flow in flows {
                    self.log.add_flow(flow);
                }
                if !notes.is_empty() {
                    let all = Arc::make_mut(&mut self.notes);
                    all.extend(notes);
                    all.retain(|_, text| !text.is_empty());
                }
                self.recorded(&Batch { records, totals: Totals::default() });
                self.phase = Phase::Viewing { loading: Some(done) };
            }
            Loaded::End(torn) => {
                self.phase = Phase::Viewing { loading: None };
                if !self.notes.is_empty() {
                    // They stand behind the records that they are on, which were looked at without them.
                    self.notes_count();
                }
                if torn {
                    self.tell(Notice::Torn);
                }
            }
            Loaded::Failed(why) => {
                self.phase = Phase::Viewing { loading: None };
                self.tell(Notice::CannotRead(why));
            }
        }
    }

    /// Says something to the user, in place of what was said before.
    pub(super) fn tell(&mut self, notice: Notice) {
        (self.notice, self.noticed) = (Some(notice), None);
    }

    /// The clock went on: rates are taken anew, and a notice that only says that something worked
    /// goes after a while.
    pub(super) fn tick(&mut self, now: Stamp) {
        if self.notice.as_ref().is_some_and(Notice::is_passing) {
            let since = *self.noticed.get_or_insert(now);
            if now.since(since) > PASSING_NS {
                self.notice = None;
            }
        }
        if let Phase::Waiting { until, left_s } = &mut self.phase {
            *left_s = until.0.saturating_sub(now.0).div_ceil(1_000_000_000);
        }
        if !self.is_viewer() {
            self.rates.update(self.counters, now);
        }
    }
}
