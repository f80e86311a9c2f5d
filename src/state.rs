//! What the window knows, and the pure function that changes it: `act` takes what the user wants,
//! `apply` what a worker reports; both return what is to be done outside as [`Effect`]s.

mod action;
mod append;
mod count;
mod find;
mod framed;
mod history;
mod hold;
mod length;
mod navigation;
mod notice;
mod orders;
mod panes;
mod quick;
mod rename;
mod rows;
mod rules;
mod save;
mod send;
mod sending;
mod settings;
mod shown;
mod tab;
mod tabs;
mod trust;
mod welcome;
mod workspace;

use std::collections::BTreeMap;
use std::mem::discriminant;
use std::sync::Arc;

use crate::model::{Command, Event, Leg, Reason, SocketCommand, Stamp, Target};
use crate::workspace::{SavedTab, ViewMode};

pub use action::{
    Action, Beginning, Effect, ExportOrder, FileDialog, FileFor, Focus, Loaded, OpenHow, Report, Saved, Step,
    StripAction,
};
pub use append::AppendFields;
pub use count::{Counters, Rates};
pub use find::{
    Filter, FilterPart, Filtered, FilteredMore, FindBox, FoundMore, NoteBox, PaletteBox, PaletteMode,
};
pub use framed::{Framed, FramedMore, FramingFields, FramingKind};
pub use history::{History, Past};
pub use hold::{HoldAction, HoldBox, MOST_EDITED};
pub use length::LengthFields;
pub use notice::{Notice, Task, Weight};
pub use panes::{Pane, PaneId, Parts, Rooms, Split, TabPlace};
pub use quick::{QuickAction, QuickBox, QuickId, QuickNotice, QuickRun};
pub use rename::RenameBox;
pub use rows::{Row, RowAction, RowId, RowList, Way};
pub use rules::{RulesAction, RulesBox, TestBox, Tried};
pub use save::{PREVIEW_ROWS, SaveAsked, SaveBox, SaveFacts, SavePlace, SaveScope, SaveState, name_in_file};
pub use send::{Computed, Example, SendBox, SendMode, SendProblem};
pub use settings::{Commands, Layout, MOST_REMOTES, SavedWindow, SendKey, Settings, Side, Theme};
pub use shown::{Base, CopyOrder, Order, Shown, ShownItems};
pub use tab::{Cycle, CycleEnd, Halted, Peer, Phase, SentFile, Tab, TabId, Told};
pub use tabs::Question;
pub use trust::{AskedSession, Folders, LoadedWorkspace, Origin, TrustAnswer, TrustQuestion};
pub use workspace::{Unwritable, WorkspaceBox};

/// A capture in the user's data folder, as the list of recent ones shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    /// Where it is.
    pub path: std::path::PathBuf,
    /// Its length in bytes.
    pub len: u64,
    /// When it was last written.
    pub modified: Stamp,
    /// A session, of this window or another, still writes it.
    pub open: bool,
    /// It is marked to be kept.
    pub marked: bool,
    /// The name of its session; empty if it has none.
    pub name: String,
    /// What its sessions opened; empty if it cannot be read.
    pub sessions: String,
    /// It is deleted when the list is closed, unless one changes one's mind.
    pub removed: bool,
}

/// An address of this machine, for the drop-down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalAddress {
    /// The interface it belongs to.
    pub interface: String,
    /// The address.
    pub address: std::net::IpAddr,
    /// The index of the interface.
    pub index: u32,
    /// Reaches all of its network.
    pub broadcast: Option<std::net::Ipv4Addr>,
}

/// Where a window is among those of other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Under the one that is used.
    Normal,
    /// Over all others.
    OnTop,
}

/// Everything the window knows.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct State {
    /// The sessions, in the order of their tabs in each pane. Never empty.
    pub tabs: Vec<Tab>,
    /// The tab in front of the pane that is worked in.
    pub active: TabId,
    /// How the room for sessions is divided.
    pub panes: Split<PaneId>,
    /// The panes that have a window of their own.
    pub detached: Vec<PaneId>,
    /// The tabs that were last in front of each pane.
    fronts: BTreeMap<PaneId, TabId>,
    next_pane: u32,
    /// Preferences.
    pub settings: Settings,
    /// The panels of the window.
    pub layout: Layout,
    /// Addresses of this machine.
    pub addresses: Vec<LocalAddress>,
    /// Captures kept from earlier sessions, newest first.
    pub recent: Vec<Recent>,
    /// The list of recent captures is open.
    pub recent_open: bool,
    /// The captures are being looked for, for that list.
    pub recent_awaited: bool,
    /// What the program is, is shown.
    pub about: bool,
    /// Whether the window is over all others.
    pub level: Level,
    /// The commands of the settings as typed, while they are edited: names and command lines.
    pub commands: Option<Vec<(String, String)>>,
    /// The bytes of captures that were told to be too many.
    captures_told: u64,
    /// The palette, if it is shown.
    pub palette: Option<PaletteBox>,
    /// The path of a capture to open, as typed.
    pub capture_path: String,
    /// Why it cannot be opened.
    pub capture_wrong: Option<Reason>,
    /// The tab whose name is being typed, and the name.
    pub renaming: Option<(TabId, String)>,
    /// Where the keyboard is to go.
    pub focus: Option<Focus>,
    /// A question that waits for its answer.
    pub question: Option<Question>,
    /// Notices that belong to no tab, in their order: of a broken settings file, say.
    pub notices: Vec<Notice>,
    /// The user wants to leave, and nothing stands against it.
    pub quitting: bool,
    /// Tabs closed in this run, to bring back; the last one last.
    closed: Vec<(SavedTab, History)>,
    next_tab: u32,
    /// What is left to do outside for the current action or report.
    effects: Vec<Effect>,
}

/// The most notices of the window that are kept.
const MOST_NOTICES: usize = 50;

impl State {
    /// The state at the first start: a tab in which nothing was done yet.
    pub fn new(settings: Settings) -> Self {
        Self::restore(settings, Layout::default(), Vec::new(), 0)
    }

    /// The state as it was left, with these tabs, of which that one is in front. They get their ids in their order.
    pub fn restore(settings: Settings, layout: Layout, tabs: Vec<Tab>, active: usize) -> Self {
        let mut state = Self {
            tabs: Vec::new(),
            active: TabId(0),
            panes: Split::Pane(PaneId::default()),
            detached: Vec::new(),
            fronts: BTreeMap::new(),
            next_pane: 0,
            settings,
            layout,
            addresses: Vec::new(),
            recent: Vec::new(),
            recent_open: false,
            recent_awaited: false,
            about: false,
            level: Level::Normal,
            commands: None,
            palette: None,
            captures_told: 0,
            capture_path: String::new(),
            capture_wrong: None,
            renaming: None,
            focus: None,
            question: None,
            notices: Vec::new(),
            quitting: false,
            closed: Vec::new(),
            next_tab: 0,
            effects: Vec::new(),
        };
        for tab in tabs {
            state.add_tab(tab);
        }
        if state.tabs.is_empty() {
            state.add_tab(Tab::new());
        }
        state.active = state.tabs[active.min(state.tabs.len() - 1)].id;
        state
    }

    /// What is to be kept for the next start.
    pub fn to_save(&self) -> SavedWindow {
        let live = self.tabs.iter().filter(|tab| !tab.is_viewer());
        let mut tabs: Vec<_> = live.map(|tab| (tab.id, tab.to_save())).collect();
        // Otherwise every window that was only opened and closed would come back as another tab.
        if self.tabs.iter().all(Tab::is_untouched) {
            tabs.clear();
        }
        let rooms = if tabs.is_empty() { Rooms::default() } else { self.rooms_to_save() };
        SavedWindow { tabs, active: self.active, rooms, layout: self.layout }
    }

    /// The tab in front.
    pub fn tab(&self) -> &Tab {
        self.find(self.active).unwrap_or(&self.tabs[0])
    }

    /// The tab in front, to hand its drafts to the panels.
    pub fn tab_mut(&mut self) -> &mut Tab {
        let n = self.tabs.iter().position(|tab| tab.id == self.active).unwrap_or(0);
        &mut self.tabs[n]
    }

    /// The tab of that name.
    pub fn find(&self, id: TabId) -> Option<&Tab> {
        self.tabs.iter().find(|tab| tab.id == id)
    }

    fn find_mut(&mut self, id: TabId) -> Option<&mut Tab> {
        self.tabs.iter_mut().find(|tab| tab.id == id)
    }

    /// The histories of all tabs, and of those that can be brought back.
    pub fn histories_mut(&mut self) -> impl Iterator<Item = &mut History> {
        let closed = self.closed.iter_mut().map(|(_, history)| history);
        self.tabs.iter_mut().map(|tab| &mut tab.history).chain(closed)
    }

    fn history_loaded(&mut self, file: &str, entries: Vec<Past>) {
        if let Some(history) = self.histories_mut().find(|history| history.file() == Some(file)) {
            history.loaded(entries);
        }
    }

    fn show_side(&mut self, side: Option<Side>) {
        self.layout.side = side;
        let tab = self.tab_mut();
        tab.history.focus = side == Some(Side::History);
        if side == Some(Side::Faults) {
            // What the server answers is what one tries a client with.
            tab.rules.relay_shown.get_or_insert(Leg::Upstream);
        }
    }

    fn add_tab(&mut self, mut tab: Tab) -> TabId {
        let id = TabId(self.next_tab);
        self.next_tab += 1;
        tab.id = id;
        tab.pane = self.find(self.active).map_or(tab.pane, |active| active.pane);
        tab.rules.commands = Arc::new(self.settings.alert_commands.clone());
        self.tabs.push(tab);
        id
    }

    /// Does what the user wants, as far as it is in here, and says what is left to do outside.
    #[expect(clippy::too_many_lines, reason = "a line for each action")]
    pub fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::SetLanguage(language) => self.settings.language = language,
            Action::SetTheme(theme) => self.settings.theme = theme,
            Action::SetSendKey(key) => self.settings.send_key = key,
            Action::ShowAbout(open) => self.about = open,
            Action::KeepOnTop(on) => {
                self.level = if on { Level::OnTop } else { Level::Normal };
                self.effects.push(Effect::KeepOnTop(on));
            }
            Action::ShowCommands(open) => self.show_commands(open),
            Action::SetCommands => self.set_commands(),
            Action::NewTab => self.new_tab(),
            Action::SelectTab(id) => self.select_tab(id),
            Action::NextTab(step) => self.next_tab(step),
            Action::MoveTab(id, place) => self.move_tab(id, place),
            Action::Split => self.split(),
            Action::Attach(pane) => self.attach(pane),
            Action::Focus(focus) => self.focus = Some(focus),
            Action::Begin(what) => self.begin(what),
            Action::CloseTab(id) => self.ask_to_close_tab(id),
            Action::Rename(id) => self.rename(id),
            Action::SetName(id, name) => self.set_name(id, &name),
            Action::ReopenTab => self.reopen_tab(),
            Action::Quit => self.ask_to_quit(),
            Action::Answer(yes) => self.answer(yes),
            Action::Strip(action) => self.strip(action),
            Action::ShowRecent(open) => self.show_recent(open),
            Action::OpenCapture(path) => self.open_capture(path),
            Action::OpenAgain(tab, how) => self.open_again(tab, how),
            Action::RemoveCapture(path) => {
                if let Some(capture) = self.recent.iter_mut().find(|capture| capture.path == path) {
                    capture.removed = !capture.removed;
                }
            }
            Action::MarkCapture(path, keep) => self.effects.push(Effect::MarkCapture(path, keep)),
            Action::RefreshAddresses => self.effects.push(Effect::ListAddresses),
            Action::Open => self.open(),
            Action::AnswerTrust(answer) => self.answer_trust(answer),
            Action::Close => self.close(),
            Action::StopListening => self.command(SocketCommand::StopListening),
            Action::SetView(view) => self.tab_mut().set_view(view),
            Action::Hold(seen) => self.tab_mut().held = seen,
            Action::SendTo(flow) => self.tab_mut().send_only_to(flow),
            Action::SetCharset(charset) => self.set_charset(charset),
            Action::SetSendCharset(charset) => self.tab_mut().session.send_charset = charset,
            Action::Pause(pause) => self.tab_mut().pause(pause),
            Action::Clear => self.tab_mut().clear(),
            Action::UndoClear => self.tab_mut().undo_clear(),
            Action::ResetCounters => self.tab_mut().reset_counters(),
            Action::SendEmpty => self.send_empty(),
            Action::Send => self.send(self.tab().session.send.clone()),
            Action::SendDraft(draft) => self.send(draft),
            Action::FocusSendBox => self.tab_mut().send.focus = true,
            Action::FillSendBox(draft) => self.tab_mut().fill_send_box(draft),
            Action::InsertPlaceholder(text) => self.tab_mut().insert_placeholder(text),
            Action::WalkHistory(step) => self.tab_mut().walk_history(step),
            Action::Forget(draft) => self.tab_mut().history.forget(&draft),
            Action::TakeExample(example) => self.take_example(example),
            Action::ShowSide(side) => self.show_side(side),
            Action::FoldLeft(folded) => self.layout.left_folded = folded,
            Action::Quick(action) => self.quick(action),
            Action::Rules(action) => self.rules(action),
            Action::Held(action) => self.hold(action),
            Action::SendFile(path) => self.send_file(path),
            Action::TakeFile(path) => self.tab_mut().take_file(&path),
            Action::PauseFile(id, paused) => self.pause_file(id, paused),
            Action::StopFile(id) => self.stop_file(id),
            Action::StartCycle => self.start_cycle(),
            Action::StopCycle(id) => self.stop_cycle(id),
            Action::StopCycles => self.stop_cycles(),
            Action::Disconnect(flows) => self.command(SocketCommand::Disconnect(Target::Flows(flows))),
            Action::HalfClose(flows) => self.command(SocketCommand::HalfClose(Target::Flows(flows))),
            Action::StartTls(flows) => self.start_tls(flows),
            Action::SendControl(opcode, flows) => self.send_control(opcode, flows),
            Action::Reset(flows) => self.command(SocketCommand::Reset(Target::Flows(flows))),
            Action::JoinGroup => self.group(true),
            Action::LeaveGroup => self.group(false),
            Action::ShowSave(open) => self.show_save(open),
            Action::ShowSaveOf(scope) => self.show_save_of(scope),
            Action::Impossible(what) => {
                let of_session = self.tab().is_viewer();
                self.tell(Some(self.active), Notice::Impossible(what, of_session));
            }
            Action::Browse(what) => self.browse(what),
            Action::Save(if_exists) => self.save(if_exists),
            Action::ShowWorkspace(open) => self.show_workspace(open),
            Action::SaveWorkspace(if_exists) => self.save_workspace(if_exists),
            Action::ShowFolder(file) => self.effects.push(Effect::ShowFolder(self.active, file)),
            Action::CancelSave => self.effects.push(Effect::CancelExport(self.active)),
            Action::Copy(order, form) => self.effects.push(Effect::Copy(self.active, order, form)),
            Action::CopyText(text) => self.effects.push(Effect::CopyText(self.active, text)),
            Action::CopyDiagnostics => self.effects.push(Effect::CopyDiagnostics(self.active)),
            Action::SetFraming(framing) => self.set_framing(framing),
            Action::FrameSent(framed) => self.tab_mut().frame_sent(framed),
            Action::ResumeRecording => self.worker(Command::ResumeRecording),
            Action::SetFilter(filter) => self.tab_mut().set_filter(filter),
            Action::RemoveFilter(part) => self.tab_mut().remove_filter(part),
            Action::FilterPeers(flows) => self.tab_mut().filter_peers(flows),
            Action::FollowPeer(flow) => self.tab_mut().follow_peer(flow),
            Action::FilterFound => self.tab_mut().filter_found(),
            Action::SetPeerCharset(flow, charset) => self.set_peer_charset(flow, charset),
            Action::ReadAs(flow, charset) => {
                self.set_peer_charset(flow, None);
                self.set_charset(charset);
            }
            Action::ShowFind(open) => {
                let at = self.tab().current_hit().map(|(at, _)| at);
                self.tab_mut().show_find(open);
                self.effects.extend((!open).then_some(Effect::FocusLog(self.active, at)));
            }
            Action::Search => self.tab_mut().search(),
            Action::StopSearch => self.tab_mut().find.stop(),
            Action::NextHit { forward, position } => self.next_hit(forward, position),
            Action::ShowPalette(mode) => self.show_palette(mode),
            Action::GoTo(when) => self.go_to(when),
            Action::GoToTwin(item) => self.effects.push(Effect::FindTwin(self.active, item)),
            Action::EditNote(record) => self.tab_mut().edit_note(record),
            Action::SetNote(record, text) => self.set_note(record, text),
            Action::RenamePeer(peer) => self.tab_mut().begin_rename(peer),
            Action::NamePeer => self.tab_mut().rename(),
            Action::SwitchHighlight(item) => self.switch_highlight(&item),
            Action::ShowBytes(item) => {
                self.show_side(Some(Side::Inspect));
                self.show_item(&item, self.tab().session.view.mode);
            }
            Action::ShowInLog(item) => self.show_item(&item, ViewMode::Log),
        }
        self.settle_panes();
        std::mem::take(&mut self.effects)
    }

    /// The same, of the tab in front of another pane; the user does not go there by that.
    pub fn act_in(&mut self, tab: TabId, action: Action) -> Vec<Effect> {
        if self.find(tab).is_none() {
            return self.act(action);
        }
        let before = std::mem::replace(&mut self.active, tab);
        let effects = self.act(action);
        if self.active == tab && self.find(before).is_some() {
            self.active = before;
        }
        effects
    }

    /// Takes in what a worker of tab `id` reports.
    pub fn apply(&mut self, id: TabId, event: Event, now: Stamp) -> Vec<Effect> {
        let Some(tab) = self.find_mut(id) else { return Vec::new() };
        let effects = tab.apply(event, now);
        self.effects = effects;
        self.call(id);
        std::mem::take(&mut self.effects)
    }

    /// Takes in what a job outside reports.
    pub fn report(&mut self, report: Report) -> Vec<Effect> {
        match report {
            Report::Addresses(addresses) => self.addresses = addresses,
            Report::Recent(recent) => self.recent_found(recent),
            Report::Swept(removed, excess) => self.swept(removed, excess),
            Report::Trouble(tab, notice) => self.tell(tab, notice),
            Report::Chosen(tab, what, path) => self.chosen(tab, what, path),
            Report::DialogUnavailable(tab, what) => self.no_dialog(tab, what),
            Report::SaveFacts(tab, asked, facts) => {
                self.with_tab(tab, |tab| tab.save.answer(&asked, facts));
            }
            Report::SaveProgress(tab, done, total) => {
                self.with_tab(tab, |tab| tab.save.state = SaveState::Running { done, total });
            }
            Report::SaveEnded(tab, result) => self.save_ended(tab, result),
            Report::Loaded(tab, Loaded::TooLarge(len, most)) => self.too_large(tab, len, most),
            Report::Loaded(tab, loaded) => self.with_tab(tab, |tab| tab.loaded(loaded)),
            Report::Workspace(Ok(workspace)) => self.open_workspace(*workspace),
            Report::Workspace(Err(why)) => self.tell(None, Notice::CannotOpen(why)),
            Report::Folders { tab, folders, opens } => self.folders_found(tab, folders, opens),
            Report::WorkspaceSaved(tab, result) => self.with_tab(tab, |tab| tab.workspace_saved(result)),
            Report::QuickImported(tab, result) => self.quick_imported(tab, result),
            Report::QuickExported(tab, result) => {
                let notice = result.map_or_else(QuickNotice::NotExported, QuickNotice::Exported);
                self.tell(Some(tab), Notice::Quick(notice));
            }
            Report::FileFound(path, found) => self.file_found(path, found),
            Report::TestMessage(tab, bytes) => self.with_tab(tab, |tab| tab.rules.test_with(&bytes)),
            Report::History(file, entries) => self.history_loaded(&file, entries),
            Report::TooMuchToCopy(tab) => self.tell(Some(tab), Notice::TooMuchToCopy),
            Report::TooMuchToPaste(tab, n_bytes) => self.tell(Some(tab), Notice::TooMuchToPaste(n_bytes)),
            Report::Copied(tab, n_bytes) => self.tell(Some(tab), Notice::Copied(n_bytes)),
            Report::Framed(tab, framed) => self.with_tab(tab, |tab| tab.framed.framed(framed)),
            Report::Filtered(tab, more) => self.with_tab(tab, |tab| tab.filtered.filtered(&more)),
            Report::Found(tab, found) => self.with_tab(tab, |tab| tab.find.found(found)),
            Report::Twin(id, twin) => self.found_twin(id, twin),
            Report::RecordAt(id, record) => {
                if let Some(at) = self.find(id).and_then(|tab| tab.position_from(record)) {
                    self.effects.push(Effect::Reveal { tab: id, at, byte: None });
                }
            }
        }
        self.settle_panes();
        std::mem::take(&mut self.effects)
    }

    /// The clock went on: rates are computed from the counters.
    pub fn tick(&mut self, now: Stamp) {
        for tab in &mut self.tabs {
            tab.tick(now);
        }
    }

    fn with_tab(&mut self, id: TabId, change: impl FnOnce(&mut Tab)) {
        if let Some(tab) = self.find_mut(id) {
            change(tab);
        }
    }

    fn tell(&mut self, tab: Option<TabId>, notice: Notice) {
        if let Some(tab) = tab.and_then(|id| self.find_mut(id)) {
            return tab.tell(notice);
        }
        // What failed of each file stays; of another kind, only the last one is told.
        let is_kind = |known: &Notice| discriminant(known) == discriminant(&notice);
        let of_file = matches!(notice, Notice::CannotOpen(_) | Notice::Failed(..) | Notice::Net(_));
        self.notices.retain(|known| *known != notice && (of_file || !is_kind(known)));
        self.notices.push(notice);
        let n = self.notices.len().saturating_sub(MOST_NOTICES);
        self.notices.drain(..n);
    }

    fn strip(&mut self, action: StripAction) {
        match action {
            StripAction::DismissOfWindow(n) => drop(self.notices.drain(n..self.notices.len().min(n + 1))),
            StripAction::Dismiss(None) if !self.notices.is_empty() => {
                let first = (0..self.notices.len()).min_by_key(|n| self.notices[*n].weight());
                self.notices.remove(first.unwrap_or_default());
            }
            StripAction::Dismiss(n) => self.tab_mut().dismiss(n),
            StripAction::Resume(only) => self.resume_cycle(only),
            StripAction::KeepConnecting => {
                self.tab_mut().session.options.set("reconnect", "true");
                // As if that had been on before.
                if self.tab().halted().cycles > 0 { self.resume_cycle(None) } else { self.open() }
            }
            StripAction::KeepCharset => self.tab_mut().keeps_charset = true,
        }
    }
}
