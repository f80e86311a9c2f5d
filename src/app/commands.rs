//! What the window can do from everywhere: by a key, which the tooltip of the control that does the same names, or
//! from the palette.

use egui::{Event, ImeEvent, Key, KeyboardShortcut, Modifiers, Ui};

use crate::codec::Charset;
use crate::codec::websocket::Opcode;
use crate::model::{Body, FlowId, Message, Protocol};
use crate::state::{
    Action, Beginning, Cycle, FileFor, Filter, Focus, HoldAction, Level, PaletteMode, Phase, SendKey, Side,
    State, StripAction, TabPlace, Theme,
};
use crate::ui::lang::Lang;
use crate::ui::side::quick;
use crate::ui::signs;
use crate::ui::toolbar::Menu;
use crate::workspace::{Draft, EXAMPLES, Example, View, ViewMode};

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };

/// Ctrl with those keys that macOS keeps for itself with ⌘: Tab switches programs there, M minimizes, H hides.
const PLAIN_CTRL: Modifiers = if cfg!(target_os = "macos") { Modifiers::CTRL } else { Modifiers::COMMAND };
const PLAIN_CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..PLAIN_CTRL };

/// Whether an input method composes a text after the events of this frame. While it does, the keys are its own.
pub(super) fn composes(ui: &Ui, before: bool) -> bool {
    let after = |on, event: &Event| match event {
        Event::Ime(ImeEvent::Preedit { text, .. }) => !text.is_empty(),
        Event::Ime(ImeEvent::Commit(_)) => false,
        _ => on,
    };
    let has_field = ui.memory(|memory| memory.focused().is_some());
    ui.input_mut(|i| {
        let composes = has_field && i.events.iter().fold(before, after);
        if before || composes {
            i.events.retain(|event| !matches!(event, Event::Key { .. }));
        }
        composes
    })
}

type Words = fn(Lang) -> &'static str;

/// What a command sets.
#[derive(Debug, Clone)]
pub(super) enum Value {
    None,
    Words(Words),
    /// A name that no language translates.
    Name(&'static str),
    /// The name of a peer.
    Peer(String),
    Example(Example),
}

/// What a command does.
#[derive(Debug, Clone)]
pub(super) enum Does {
    Act(Action),
    /// Opens or closes a menu of the bar above the log.
    Toggle(Menu),
}

/// Something that the window can do, by its key or from the palette.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) words: Words,
    /// What it sets, where several commands have the same words.
    pub(super) value: Value,
    pub(super) key: Option<KeyboardShortcut>,
    /// `None` while it is not possible.
    pub(super) does: Option<Does>,
    /// It is what is chosen now.
    pub(super) on: bool,
    /// Its icon, empty if it has none.
    pub(super) sign: &'static str,
}

impl Command {
    fn new(words: Words, action: impl Into<Option<Action>>) -> Self {
        let action = action.into();
        let sign = action.as_ref().map_or("", signs::of);
        Self { words, value: Value::None, key: None, does: action.map(Does::Act), on: false, sign }
    }

    fn toggle(words: Words, menu: Menu) -> Self {
        Self { does: Some(Does::Toggle(menu)), sign: signs::of_menu(menu), ..Self::new(words, None) }
    }

    fn key(self, modifiers: Modifiers, key: Key) -> Self {
        Self { key: Some(KeyboardShortcut::new(modifiers, key)), ..self }
    }

    fn value(self, value: Value) -> Self {
        Self { value, ..self }
    }

    fn on(self, on: bool) -> Self {
        Self { on, ..self }
    }

    fn when(self, possible: bool) -> Self {
        Self { does: self.does.filter(|_| possible), ..self }
    }
}

/// The kinds of session that the welcome page offers, and their keys.
const BEGINNINGS: [(Key, Protocol); 4] = [
    (Key::Num1, Protocol::TcpClient),
    (Key::Num2, Protocol::TcpServer),
    (Key::Num3, Protocol::Udp),
    (Key::Num4, Protocol::TcpRelay),
];
const BEGIN_KEYS: [Key; 5] = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5];

/// The commands that have a key. `position` is where the user looks in what is shown.
pub(super) fn keyed(state: &State, position: u64) -> Vec<Command> {
    let tab = state.tab();
    let (view, item, is_viewer) = (tab.session.view, tab.items().get(position), tab.is_viewer());
    let note = Action::EditNote(item.as_ref().map(Message::first));
    let opens = tab.phase == Phase::Idle;
    let step = |right| Action::MoveTab(tab.id, TabPlace::Step { right });
    let mut commands = vec![
        Command::new(Lang::open, Action::Open).key(NONE, Key::F5).when(opens),
        Command::new(Lang::close, Action::Close).key(NONE, Key::F5).when(!opens && !is_viewer),
        Command::new(Lang::new_tab, Action::NewTab).key(CTRL, Key::T),
        Command::new(Lang::reopen_tab, Action::ReopenTab)
            .key(CTRL_SHIFT, Key::T)
            .when(state.has_closed_tabs()),
        Command::new(Lang::close_tab, Action::CloseTab(state.active)).key(CTRL, Key::W),
        Command::new(Lang::next_tab, Action::NextTab(1)).key(PLAIN_CTRL, Key::Tab),
        Command::new(Lang::previous_tab, Action::NextTab(-1)).key(PLAIN_CTRL_SHIFT, Key::Tab),
        Command::new(Lang::move_left, step(false)).key(CTRL_SHIFT, Key::PageUp),
        Command::new(Lang::move_right, step(true)).key(CTRL_SHIFT, Key::PageDown),
        Command::new(Lang::split, Action::Split).key(CTRL, Key::Backslash).when(!state.is_detached(tab.pane)),
        Command::new(Lang::next_region, Action::Focus(Focus::Next)).key(PLAIN_CTRL, Key::F6),
        Command::new(Lang::previous_region, Action::Focus(Focus::Previous)).key(PLAIN_CTRL_SHIFT, Key::F6),
        Command::new(Lang::rename_tab, Action::Rename(Some(tab.id))).key(NONE, Key::F2).when(!is_viewer),
        Command::new(Lang::recent_captures, Action::ShowRecent(true)).key(CTRL, Key::O),
        Command::new(Lang::save_as, Action::ShowSave(true)).key(CTRL, Key::S),
        Command::new(Lang::find, Action::ShowFind(true)).key(CTRL, Key::F),
        Command::new(Lang::find, Action::NextHit { forward: true, position })
            .value(Value::Words(Lang::find_next))
            .key(NONE, Key::F3),
        Command::new(Lang::find, Action::NextHit { forward: false, position })
            .value(Value::Words(Lang::find_previous))
            .key(Modifiers::SHIFT, Key::F3),
        Command::new(Lang::go_to, Action::ShowPalette(Some(PaletteMode::Places))).key(CTRL, Key::G),
        Command::new(Lang::twin, item.filter(|item| tab.has_twin(item)).map(Action::GoToTwin))
            .key(CTRL_SHIFT, Key::G),
        Command::toggle(Lang::filter, Menu::Filter).key(CTRL_SHIFT, Key::L),
        Command::toggle(Lang::framing, Menu::Framing).key(CTRL_SHIFT, Key::F),
        Command::new(Lang::note_edit, note).key(PLAIN_CTRL, Key::M),
        Command::new(Lang::highlight, item.map(Action::SwitchHighlight)).key(PLAIN_CTRL_SHIFT, Key::M),
        Command::new(
            if tab.paused.is_some() { Lang::resume } else { Lang::pause },
            Action::Pause(tab.paused.is_none()),
        )
        .key(NONE, Key::F6),
        Command::new(Lang::clear, Action::Clear).key(CTRL, Key::L),
        Command::new(Lang::palette, Action::ShowPalette(Some(PaletteMode::Commands))).key(CTRL, Key::P),
        Command::new(Lang::shortcuts, Action::ShowPalette(Some(PaletteMode::Keys))).key(NONE, Key::F1),
        Command::new(
            if state.layout.left_folded { Lang::unfold_left } else { Lang::fold_left },
            Action::FoldLeft(!state.layout.left_folded),
        )
        .key(CTRL, Key::B),
        Command::new(Lang::send_box, Action::FocusSendBox).key(CTRL, Key::E).when(!is_viewer),
        match Cycle::running(&tab.cycles).next() {
            Some(_) => Command::new(Lang::cycle_stop, Action::StopCycles),
            None => Command::new(Lang::cycle_start, Action::StartCycle).when(tab.can_send()),
        }
        .key(CTRL, Key::R),
        Command::new(Lang::send_file, Action::Browse(FileFor::Send)).key(CTRL_SHIFT, Key::O).when(!is_viewer),
        Command::new(Lang::quit, Action::Quit).key(CTRL, Key::Q),
    ];
    let views: [(Key, ViewMode, Words); 3] = [
        (Key::Num1, ViewMode::Log, Lang::view_log),
        (Key::Num2, ViewMode::Table, Lang::view_table),
        (Key::Num3, ViewMode::Stream, Lang::view_stream),
    ];
    commands.extend(views.map(|(key, mode, words)| {
        let show =
            Command::new(Lang::view, Action::SetView(View { mode, ..view })).value(Value::Words(words));
        show.key(CTRL, key).on(mode == view.mode)
    }));
    let begins = tab.is_fresh() && !tab.show_problems;
    commands.extend(BEGINNINGS.map(|(key, protocol)| {
        let begin = Command::new(Lang::begin, Action::Begin(Beginning::Session(protocol)))
            .value(Value::Name(protocol.title()));
        begin.key(NONE, key).when(begins)
    }));
    commands.push(
        Command::new(Lang::chat_self, Action::Begin(Beginning::Chat)).key(NONE, Key::Num5).when(begins),
    );
    let sides: [(Key, Side, Words); 4] = [
        (Key::I, Side::Inspect, Lang::inspect),
        (Key::K, Side::Quick, Lang::quick),
        (Key::H, Side::History, Lang::history),
        (Key::J, Side::Rules, Lang::rules),
    ];
    commands.extend(sides.map(|(key, side, words)| {
        let open = state.layout.side == Some(side);
        let show = Command::new(words, Action::ShowSide((!open).then_some(side)));
        show.key(if key == Key::H { PLAIN_CTRL } else { CTRL }, key)
            .on(open)
            .when(!is_viewer || side.is_of_captures())
    }));
    let send = Command::new(Lang::send, Action::Send).when(tab.can_send());
    let by_key = state.settings.send_key == SendKey::CtrlEnter;
    commands.push(if by_key { send.key(CTRL, Key::Enter) } else { send });
    commands
}

/// What can be done with the one peer that is meant: the target, or the only one.
fn with_peer(state: &State) -> impl Iterator<Item = Command> {
    type Act = fn(Vec<FlowId>) -> Action;
    let tab = state.tab();
    let mut peers = tab.peers.keys();
    let only = peers.next().copied().filter(|_| peers.next().is_none());
    let one = tab.session.send_to.flow().or(only);
    let name = one.and_then(|flow| tab.log.flow(flow)).map(|flow| tab.session.names.shown(flow.peer));
    let acts: [(Words, Act); 3] = [
        (Lang::disconnect, Action::Disconnect),
        (Lang::half_close, Action::HalfClose),
        (Lang::reset_peer, Action::Reset),
    ];
    acts.into_iter().filter(|_| tab.session.protocol.is_stream()).map(move |(words, act)| {
        let act = Command::new(words, one.map(|flow| act(vec![flow])));
        act.value(name.clone().map_or(Value::None, Value::Peer))
    })
}

/// The commands that have no key.
pub(super) fn unkeyed(state: &State) -> Vec<Command> {
    let (tab, settings) = (state.tab(), &state.settings);
    let (session, view, is_viewer) = (&tab.session, tab.session.view, tab.is_viewer());
    let plain = || tab.peers.keys().copied().collect::<Vec<_>>();
    let listens = tab.is_open() && session.protocol.accepts();
    let in_groups = tab.is_open() && session.protocol == Protocol::Udp;
    let speaks_ws = tab.is_open() && session.options.is_on("ws") && !tab.peers.is_empty();
    let mut commands = vec![
        if state.is_detached(tab.pane) {
            Command::new(Lang::attach, Action::Attach(tab.pane))
        } else {
            Command::new(Lang::detach, Action::MoveTab(tab.id, TabPlace::Window))
        },
        Command::new(Lang::stop_listening, Action::StopListening).when(listens),
        Command::new(Lang::relay_faults, Action::ShowSide(Some(Side::Faults)))
            .when(session.protocol.relays()),
        Command::new(
            Lang::hold_title,
            Action::Held(HoldAction::Show(tab.holds.first_key_value().map(|(id, _)| *id))),
        )
        .when(!tab.holds.is_empty()),
        Command::new(Lang::start_tls, Action::StartTls(plain()))
            .when(tab.is_open() && session.protocol.is_stream() && !tab.peers.is_empty()),
        Command::new(Lang::send_ping, Action::SendControl(Opcode::Ping, plain())).when(speaks_ws),
        Command::new(Lang::close_websocket, Action::SendControl(Opcode::Close, plain())).when(speaks_ws),
        Command::new(Lang::join, Action::JoinGroup).when(in_groups),
        Command::new(Lang::leave, Action::LeaveGroup).when(in_groups),
        Command::new(Lang::peers_panel, Action::ShowSide(Some(Side::Peers)))
            .on(state.layout.side == Some(Side::Peers))
            .when(!is_viewer),
        Command::new(Lang::send_empty, Action::SendEmpty)
            .when(tab.can_send() && session.protocol == Protocol::Udp),
        Command::new(
            Lang::clear_send,
            Action::FillSendBox(Draft { content: String::new(), ..session.send.clone() }),
        )
        .when(!is_viewer),
        Command::new(Lang::reset_counters, Action::ResetCounters),
        Command::new(Lang::undo_clear, Action::UndoClear).when(tab.cleared > 0),
        Command::new(Lang::resume_recording, Action::ResumeRecording).when(tab.recording_stopped),
        Command::new(Lang::filter_clear, Action::SetFilter(Filter::default()))
            .when(tab.filtered.filter != Filter::default()),
        Command::new(Lang::open_file_button, Action::Browse(FileFor::Open)),
        Command::new(Lang::save_workspace, Action::ShowWorkspace(true)).when(!is_viewer),
        Command::new(Lang::alert_commands, Action::ShowCommands(true)),
        Command::new(Lang::keep_on_top, Action::KeepOnTop(state.level != Level::OnTop))
            .on(state.level == Level::OnTop),
        Command::new(Lang::about, Action::ShowAbout(true)),
        Command::new(Lang::copy_diagnostics, Action::CopyDiagnostics),
    ];
    commands.extend(with_peer(state));
    if tab.has_legs() {
        let both = Action::SetView(View { both_legs: !view.both_legs, ..view });
        commands.push(Command::new(Lang::both_legs, both).on(view.both_legs));
    }
    let switches: [(Words, View, bool); 5] = [
        (Lang::auto_scroll, View { auto_scroll: !view.auto_scroll, ..view }, view.auto_scroll),
        (Lang::auto_linefeed, View { wrap: !view.wrap, ..view }, view.wrap),
        (Lang::hide_received, View { hide_received: !view.hide_received, ..view }, view.hide_received),
        (Lang::hide_sent, View { hide_sent: !view.hide_sent, ..view }, view.hide_sent),
        (Lang::hide_events, View { hide_events: !view.hide_events, ..view }, view.hide_events),
    ];
    commands.extend(switches.map(|(words, view, on)| Command::new(words, Action::SetView(view)).on(on)));
    let bodies: [(Words, Body); 3] =
        [(Lang::body_text, Body::Text), (Lang::body_hex, Body::Hex), (Lang::body_dump, Body::Dump)];
    commands.extend(bodies.map(|(words, body)| {
        let show = Command::new(Lang::receive_options, Action::SetView(View { body, ..view }));
        show.value(Value::Words(words)).on(body == view.body)
    }));
    commands.extend(Charset::ALL.map(|charset| {
        let read = Command::new(Lang::charset, Action::SetCharset(charset));
        read.value(Value::Name(charset.label())).on(charset == session.charset)
    }));
    commands.extend(Lang::ALL.iter().map(|lang| {
        let speak = Command::new(Lang::language, Action::SetLanguage(lang.tag().to_owned()));
        speak.value(Value::Name(lang.language_name())).on(lang.tag() == settings.language)
    }));
    let themes: [(Words, Theme); 3] = [
        (Lang::follow_system, Theme::System),
        (Lang::theme_light, Theme::Light),
        (Lang::theme_dark, Theme::Dark),
    ];
    commands.extend(themes.map(|(words, theme)| {
        let paint = Command::new(Lang::theme, Action::SetTheme(theme));
        paint.value(Value::Words(words)).on(theme == settings.theme)
    }));
    commands.extend([
        Command::toggle(Lang::send_charset, Menu::SendCharset).when(!is_viewer && !session.sends_ws_text()),
        Command::toggle(Lang::append_menu, Menu::Append).when(!is_viewer),
    ]);
    commands.extend(EXAMPLES.map(|example| {
        Command::new(Lang::examples, Action::TakeExample(example)).value(Value::Example(example))
    }));
    commands
}

/// What the keys of this frame ask for. `position` is where the user looks in what is shown.
pub(super) fn pressed(ui: &Ui, lang: Lang, state: &State, position: u64) -> (Vec<Action>, Option<Menu>) {
    let mut toggled = None;
    let tab = state.tab();
    let asking = tab.save.open || tab.workspace.open || tab.note.is_some() || tab.rename.is_some();
    let asking = asking || tab.shown_hold().is_some();
    let asking = asking || state.question.is_some() || state.recent_open || state.about;
    if state.palette.is_some() || asking || quick::taken_by_field(ui).is_some() {
        return (Vec::new(), toggled);
    }
    // A quick send may have F1.
    let mut actions = quick::pressed(ui, &tab.quick);
    let mut commands = keyed(state, position);
    // The one with more modifiers first, since it also matches the shorter one; what is possible before what is not.
    let order =
        |command: &Command| (command.key.is_some_and(|key| !key.modifiers.shift), command.does.is_none());
    commands.sort_by_key(order);
    // Whoever goes through the form by keys does not mean the page.
    let types = ui.memory(|memory| memory.focused().is_some());
    ui.input_mut(|i| {
        for Command { key, does, words, .. } in commands {
            let Some(key) = key else { continue };
            let is_digit = key.modifiers.is_none() && BEGIN_KEYS.contains(&key.logical_key);
            if is_digit && (types || does.is_none()) || !i.consume_shortcut(&key) {
                continue;
            }
            match does {
                Some(Does::Act(action)) => actions.push(action),
                Some(Does::Toggle(menu)) => toggled = Some(menu),
                None => actions.push(Action::Impossible(words(lang).trim_end_matches('…').to_owned())),
            }
        }
    });
    let notice = !state.notices.is_empty() || state.tab().notice.is_some();
    let free = ui.memory(|memory| memory.focused().is_none());
    if notice && free && ui.input_mut(|i| i.consume_key(NONE, Key::Escape)) {
        actions.push(Action::Strip(StripAction::Dismiss(None)));
    }
    (actions, toggled)
}
