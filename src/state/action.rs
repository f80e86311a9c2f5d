//! What the user wants, what the shell is asked to do for it, and what the shell's jobs report.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::{
    CopyOrder, Filter, FilterPart, FilteredMore, Folders, FoundMore, FramedMore, HoldAction, LoadedWorkspace,
    LocalAddress, Notice, Origin, PaletteMode, PaneId, Past, QuickAction, Recent, RulesAction, SaveAsked,
    SaveFacts, SaveScope, SendKey, Side, TabId, TabPlace, Theme, TrustAnswer,
};
use crate::codec::frame::Framing;
use crate::codec::websocket::Opcode;
use crate::codec::{Charset, CopyAs, When};
use crate::model::{
    Body, Command, FileId, Flow, FlowId, Format, Link, Message, Options, Protocol, Reason, Record, RepeatId,
    Rules, Stamp, Twin,
};
use crate::workspace::{Draft, Example, IfExists, Imported, QuickSend, Session, View, Workspace};

/// A part of the window that is to have the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The one after that which has it.
    Next,
    /// The one before that.
    Previous,
    /// The address that a session is opened with.
    Address,
    /// What one types in the dock.
    Dock,
}

/// What a fresh tab can begin with.
#[derive(Debug, Clone, PartialEq)]
pub enum Beginning {
    /// A session of this kind.
    Session(Protocol),
    /// A session of an earlier run.
    Again(Box<Session>),
    /// A server, and a client of it beside it.
    Chat,
}

/// What the user wants. What has no tab in it goes to the tab in front.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Another language, at once.
    SetLanguage(String),
    /// Another theme, at once.
    SetTheme(Theme),
    /// Another key that sends.
    SetSendKey(SendKey),
    /// Show or hide what the program is.
    ShowAbout(bool),
    /// Keep the window over all others, or no longer.
    KeepOnTop(bool),
    /// Show or hide the list of commands that rules may run.
    ShowCommands(bool),
    /// Use the commands as typed.
    SetCommands,
    /// One more session.
    NewTab,
    /// That session in front.
    SelectTab(TabId),
    /// The session this many places to the right (left if negative), wrapping around.
    NextTab(isize),
    /// Move a tab, and go to it.
    MoveTab(TabId, TabPlace),
    /// Divide the pane of the tab in front.
    Split,
    /// Bring the tabs of a pane back into the main window.
    Attach(PaneId),
    /// Give the keyboard to another part of the window.
    Focus(Focus),
    /// Begin something in a tab in which nothing was done yet.
    Begin(Beginning),
    /// Close a session; asks if something would be lost.
    CloseTab(TabId),
    /// Type a name for a session, or no longer.
    Rename(Option<TabId>),
    /// Give a session this name; without one, the protocol and address are shown.
    SetName(TabId, String),
    /// Bring the tab back that was closed last.
    ReopenTab,
    /// Leave; asks if something would be lost.
    Quit,
    /// Yes or no to the question that is open.
    Answer(bool),
    /// Something with what is told above the log.
    Strip(StripAction),
    /// Show or hide the list of recent captures.
    ShowRecent(bool),
    /// Look at a capture, or open the sessions of a workspace (`.toml`).
    OpenCapture(PathBuf),
    /// Open the capture of a tab again.
    OpenAgain(TabId, OpenHow),
    /// Delete a capture from the user's data folder.
    RemoveCapture(PathBuf),
    /// Mark a capture there to be kept, or no longer.
    MarkCapture(PathBuf, bool),
    /// Look again which addresses this machine has.
    RefreshAddresses,
    /// Open the session, or ask first.
    Open,
    /// The answer to the question whether sessions may start.
    AnswerTrust(TrustAnswer),
    /// Close it; or cancel connecting.
    Close,
    /// Accept no more; connections stay.
    StopListening,
    /// Show the log in another way.
    SetView(View),
    /// Stop following the newest record, with this many items seen; `None` to follow it.
    Hold(Option<u64>),
    /// Make this peer the target of what is sent.
    SendTo(FlowId),
    /// Read text in this charset.
    SetCharset(Charset),
    /// Send text in this charset, or in that of text received.
    SetSendCharset(Option<Charset>),
    /// Hold the display still, or let it go on. Recording is not touched.
    Pause(bool),
    /// Hide all that is shown so far.
    Clear,
    /// Show it again.
    UndoClear,
    /// Count from zero.
    ResetCounters,
    /// Send what is in the send box.
    Send,
    /// Sends a datagram without data.
    SendEmpty,
    /// Send this; what is in the send box stays.
    SendDraft(Draft),
    /// Type in the send box.
    FocusSendBox,
    /// Put this into the send box. What was in it stays in the history.
    FillSendBox(Draft),
    /// Put a placeholder into the send box where its cursor is.
    InsertPlaceholder(&'static str),
    /// Put what was sent before or after into the send box.
    WalkHistory(Step),
    /// Take this out of the history.
    Forget(Draft),
    /// Take a ready example into a tab of its own, without opening it.
    TakeExample(Example),
    /// Fold the left column to a rail, or unfold it.
    FoldLeft(bool),
    /// Show this page beside the log, or none.
    ShowSide(Option<Side>),
    /// Something with the quick sends.
    Quick(QuickAction),
    /// Something with the rules.
    Rules(RulesAction),
    /// Something with a held message.
    Held(HoldAction),
    /// Send a file.
    SendFile(PathBuf),
    /// Put this path into the file row.
    TakeFile(PathBuf),
    /// Let a file wait, or go on.
    PauseFile(FileId, bool),
    /// Send no more of a file; put one away that failed.
    StopFile(FileId),
    /// Send what is in the send box again and again, as the fields beside it say.
    StartCycle,
    /// Send that no more; put one away that has ended.
    StopCycle(RepeatId),
    /// Send none of them any more.
    StopCycles,
    /// Close these connections.
    Disconnect(Vec<FlowId>),
    /// Close our sending side of these connections.
    HalfClose(Vec<FlowId>),
    /// Start TLS on these connections.
    StartTls(Vec<FlowId>),
    /// Send a control frame over these connections, which speak WebSocket; a close with the code and the reason of the form.
    SendControl(Opcode, Vec<FlowId>),
    /// Break these connections off.
    Reset(Vec<FlowId>),
    /// Join the multicast group of the form.
    JoinGroup,
    /// Leave it.
    LeaveGroup,
    /// Show or hide the panel that saves.
    ShowSave(bool),
    /// Show the panel that saves, with this chosen.
    ShowSaveOf(SaveScope),
    /// Say that the command of this name, for which a key was pressed, is not possible.
    Impossible(String),
    /// Choose a file with the system's dialog.
    Browse(FileFor),
    /// Save.
    Save(IfExists),
    /// Stop saving.
    CancelSave,
    /// Show the folder of this file in the system's file manager.
    ShowFolder(PathBuf),
    /// Show or hide the dialog that saves the session as a workspace.
    ShowWorkspace(bool),
    /// Save the session as a workspace.
    SaveWorkspace(IfExists),
    /// Put a part of the log on the clipboard as it is shown, or its data in this form.
    Copy(CopyOrder, Option<CopyAs>),
    /// Put this text on the clipboard.
    CopyText(String),
    /// Put a text about the program and the system on the clipboard, to send to somebody who helps.
    CopyDiagnostics,
    /// Cut the data into messages in another way.
    SetFraming(Framing),
    /// Record data again, after a rule has stopped that.
    ResumeRecording,
    /// Frame what is sent so that the framing in force reads it, or no more.
    FrameSent(bool),
    /// Show only what passes this.
    SetFilter(Filter),
    /// Take a part of the filter away.
    RemoveFilter(FilterPart),
    /// Show only this peer.
    FilterPeers(Vec<FlowId>),
    /// Show the data of this peer alone, continuous.
    FollowPeer(FlowId),
    /// Show only what contains what is searched for.
    FilterFound,
    /// Read a peer's text in a charset of its own; `None` for the session's.
    SetPeerCharset(FlowId, Option<Charset>),
    /// Read text of the session in a charset that fits this peer, which then has none of its own.
    ReadAs(FlowId, Charset),
    /// Show or hide the bar that finds.
    ShowFind(bool),
    /// What is typed in it has changed.
    Search,
    /// Search no further.
    StopSearch,
    /// Go to the next hit, or back to the one before. The position is where the user looks.
    NextHit {
        /// The next one.
        forward: bool,
        /// Where the user looks.
        position: u64,
    },
    /// Show the palette with this list, or hide it.
    ShowPalette(Option<PaletteMode>),
    /// Go to a record or a time.
    GoTo(When),
    /// Go from an item on one leg of a relay to what it was or became on the other.
    GoToTwin(Message),
    /// Ask for a note on a record; `None` ends the asking.
    EditNote(Option<u64>),
    /// Keep a note on a record; an empty one takes it away.
    SetNote(u64, String),
    /// Ask for the name of a peer; `None` ends the asking.
    RenamePeer(Option<FlowId>),
    /// Keep the name that was asked for.
    NamePeer,
    /// Make an item stand out, or no more if it does.
    SwitchHighlight(Message),
    /// Show this item in the log.
    ShowInLog(Message),
    /// Show the bytes of this item.
    ShowBytes(Message),
}

/// What the user wants with what is told above the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StripAction {
    /// Take this one of the tab's notices away; `None` for the one that matters most, those of the window first.
    Dismiss(Option<usize>),
    /// Take this one of the window's notices away.
    DismissOfWindow(usize),
    /// Resume this cycle, or those that have stopped by themselves; opens the session first.
    Resume(Option<RepeatId>),
    /// Open the session, and again whenever its connection is lost.
    KeepConnecting,
    /// Offer no other charset.
    KeepCharset,
}

/// What a file is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFor {
    /// Saving a capture.
    Save,
    /// Saving the session as a workspace.
    Workspace,
    /// Saving the list of quick sends.
    QuickExport,
    /// Importing a list of quick sends.
    QuickImport,
    /// Sending a file.
    Send,
    /// Opening a capture or a workspace.
    Open,
}

/// Which of the system's file dialogs is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileDialog {
    /// For a file that exists.
    Open,
    /// For a file to save: the suggested path, and the extension.
    Save(PathBuf, &'static str),
}

/// Which way to walk through the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To what was sent before.
    Older,
    /// To what was sent after, and in the end to what was being typed.
    Newer,
}

/// What to save, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportOrder {
    /// The format of the file.
    pub format: Format,
    /// The charset of text.
    pub charset: Charset,
    /// Whether a text log shows text, hex or both.
    pub body: Body,
    /// The file.
    pub path: PathBuf,
    /// What happens if the file exists.
    pub if_exists: IfExists,
    /// What is saved.
    pub scope: SaveScope,
}

/// What the shell is asked to do.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "only a few exist at a time")]
pub enum Effect {
    /// Keep the window over all others, or no longer.
    KeepOnTop(bool),
    /// Open a session.
    Open {
        /// For which tab.
        tab: TabId,
        /// Its name.
        title: String,
        /// What to open.
        link: Link,
        /// With which options.
        options: Options,
        /// How what comes is cut into messages.
        framing: Framing,
        /// What to answer by itself.
        rules: Arc<Rules>,
    },
    /// Give an order to a session's worker.
    Command(TabId, Command),
    /// Stop a tab's session, and forget its capture.
    DropTab(TabId),
    /// Read a capture for a tab.
    LoadCapture(TabId, PathBuf, OpenHow),
    /// See whether a file is there and can be read.
    FindFile(PathBuf),
    /// Save.
    Export(TabId, ExportOrder),
    /// Stop saving.
    CancelExport(TabId),
    /// Fill in where to save.
    SuggestSavePath(TabId),
    /// Ask for a file with the system's dialog.
    Browse(TabId, FileFor, FileDialog),
    /// Show the folder of this file.
    ShowFolder(TabId, PathBuf),
    /// Read a workspace.
    LoadWorkspace(PathBuf),
    /// Find the canonical names of these folders of rules.
    FindFolders {
        /// Of which tab.
        tab: TabId,
        /// As typed.
        folders: BTreeSet<String>,
        /// The session is to be opened then.
        opens: bool,
    },
    /// Remember that a workspace is approved, with these folders.
    Approve(Origin, Vec<PathBuf>),
    /// Fill in where to save the session as a workspace.
    SuggestWorkspacePath(TabId),
    /// Save a workspace.
    SaveWorkspace {
        /// Of which tab.
        tab: TabId,
        /// Where to.
        path: PathBuf,
        /// What.
        workspace: Box<Workspace>,
        /// What if the file exists.
        if_exists: IfExists,
    },
    /// Read a list of quick sends.
    ImportQuick(TabId, PathBuf),
    /// Save these quick sends.
    ExportQuick {
        /// Of which tab.
        tab: TabId,
        /// Where to.
        path: PathBuf,
        /// What.
        quick: Vec<QuickSend>,
        /// What if the file exists.
        if_exists: IfExists,
    },
    /// Read the message that is selected, to try rules with it.
    TestSelected(TabId),
    /// Put a part of the log on the clipboard as it is shown, or its data in this form.
    Copy(TabId, CopyOrder, Option<CopyAs>),
    /// Put this text on the clipboard.
    CopyText(TabId, String),
    /// Put a text about the program and the system on the clipboard.
    CopyDiagnostics(TabId),
    /// Bring an item into sight, and from this byte of it; all of one gets the keyboard.
    Reveal {
        /// In which tab.
        tab: TabId,
        /// The item's position in what is shown.
        at: u64,
        /// A byte of it; `None` for all of it.
        byte: Option<u32>,
    },
    /// Give the keyboard to the log, and select the item at this position in it.
    FocusLog(TabId, Option<u64>),
    /// Bring into sight what was at a time.
    GoToTime(TabId, When),
    /// Find the twin of an item in a relay.
    FindTwin(TabId, Message),
    /// List this machine's addresses.
    ListAddresses,
    /// List the captures in the user's data folder.
    ListRecent,
    /// Delete one of them.
    RemoveCapture(PathBuf),
    /// Mark one of them to be kept, or no longer.
    MarkCapture(PathBuf, bool),
    /// The session of a capture has another name than it was opened with.
    RenameCapture(PathBuf, String),
    /// Write what has changed of preferences, tabs and histories.
    WriteSettings,
    /// Close the window.
    Quit,
}

/// A part of a capture that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// More of it.
    More {
        /// Flows that begin in this part.
        flows: Vec<Flow>,
        /// The legs of relays that belong together.
        pairs: Vec<(FlowId, FlowId)>,
        /// Records of this part.
        records: Vec<Record>,
        /// Notes on records, by their numbers, in the order in which they were made; an empty one takes
        /// an earlier one away.
        notes: Vec<(u64, String)>,
        /// The earliest time to which times go back in this part.
        unordered: Option<Stamp>,
        /// Bytes read so far, and in all.
        done: (u64, u64),
    },
    /// It has both what is on the wire and what that carries.
    Layered,
    /// All of it; true if its end was torn off.
    End(bool),
    /// It is compressed: its bytes, and the limit that they exceed when it is unpacked.
    TooLarge(u64, u64),
    /// It cannot be read.
    Failed(Reason),
}

/// How a capture is opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenHow {
    /// The packets in VXLAN and Geneve are shown instead of these datagrams.
    pub inner: bool,
    /// A compressed file may be of any size.
    pub any_size: bool,
}

/// What one of the shell's jobs reports.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// This machine's addresses.
    Addresses(Vec<LocalAddress>),
    /// The captures in the user's data folder.
    Recent(Vec<Recent>),
    /// Old captures were deleted: how many, and their bytes. The rest is too much: its bytes, and the limit, or none if
    /// the disk is nearly full.
    Swept((usize, u64), Option<(u64, Option<u64>)>),
    /// Something outside a session failed.
    Trouble(Option<TabId>, Notice),
    /// A file was chosen, or suggested.
    Chosen(TabId, FileFor, PathBuf),
    /// The system has no file dialog, or it was cancelled without one showing.
    DialogUnavailable(TabId, FileFor),
    /// What was found out about a file to save; `None` if that was stopped.
    SaveFacts(TabId, SaveAsked, Option<SaveFacts>),
    /// Bytes saved so far, and in all.
    SaveProgress(TabId, u64, u64),
    /// Saving ended.
    SaveEnded(TabId, Result<Saved, Reason>),
    /// A part of a capture was read.
    Loaded(TabId, Loaded),
    /// A workspace was read, or why not.
    Workspace(Result<Box<LoadedWorkspace>, Reason>),
    /// The canonical names of folders of rules were found.
    Folders {
        /// Of which tab.
        tab: TabId,
        /// Those that can be read.
        folders: Folders,
        /// The session is to be opened.
        opens: bool,
    },
    /// Saving the session as a workspace ended.
    WorkspaceSaved(TabId, Result<Saved, Reason>),
    /// A file can be read, or why not.
    FileFound(PathBuf, Result<(), Reason>),
    /// A list of quick sends was read, or why not.
    QuickImported(TabId, Result<Imported, Reason>),
    /// The list of quick sends was saved there, or why not.
    QuickExported(TabId, Result<PathBuf, Reason>),
    /// These bytes are of the message that was selected.
    TestMessage(TabId, Vec<u8>),
    /// The history that stands in the file of that name.
    History(String, Vec<Past>),
    /// More of the messages of a framing.
    Framed(TabId, FramedMore),
    /// More of what passes a filter.
    Filtered(TabId, FilteredMore),
    /// More of what is searched for.
    Found(TabId, FoundMore),
    /// The time to go to is that of the record with this number.
    RecordAt(TabId, u64),
    /// The twin of an item was found, or not.
    Twin(TabId, Twin),
    /// So many bytes are on the clipboard.
    Copied(TabId, usize),
    /// What is selected is too much for a clipboard.
    TooMuchToCopy(TabId),
    /// The clipboard has this many bytes, more than is pasted.
    TooMuchToPaste(TabId, usize),
}

/// How saving ended without an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// The file was written; its size in bytes.
    Done(PathBuf, u64),
    /// A file of that name exists; nothing was written.
    Exists(PathBuf),
    /// The user stopped it; nothing was left behind.
    Cancelled,
}
