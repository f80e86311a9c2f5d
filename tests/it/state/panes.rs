//! Panes: dividing the room, tabs that go from one to another, and what is kept of it.

use super::*;
use netassist::workspace::{Address, Session};

/// The tabs of each pane, from the left and the top, with the one in front first.
fn panes(state: &State) -> Vec<Vec<u32>> {
    let mut all = Vec::new();
    let mut list = |pane| {
        let front = state.front(pane).0;
        let others = state.tabs_of(pane).map(|tab| tab.id.0).filter(|id| *id != front);
        all.push(std::iter::once(front).chain(others).collect());
        Some(Split::Pane(pane))
    };
    state.panes.clone().map(&mut list);
    all
}

fn with_tabs(n: usize) -> State {
    let mut state = new_state(Protocol::Udp);
    type_text(&mut state, "kept");
    (1..n).for_each(|_| drop(state.act(Action::NewTab)));
    state
}

fn move_to(state: &mut State, tab: u32, place: TabPlace) {
    assert_eq!(state.act(Action::MoveTab(TabId(tab), place)), [Effect::WriteSettings]);
    assert_eq!(state.active, TabId(tab), "what is moved is in front");
}

fn edge(state: &State, of: u32, below: bool, first: bool) -> TabPlace {
    TabPlace::Edge { pane: state.find(TabId(of)).unwrap().pane, below, first }
}

#[test]
fn dividing_takes_the_active_tab_or_makes_one() {
    let mut state = with_tabs(1);
    state.act(Action::Split);
    assert_eq!((panes(&state), state.active), (vec![vec![0], vec![1]], TabId(1)));
    let mut state = with_tabs(3);
    state.act(Action::SelectTab(TabId(1)));
    state.act(Action::Split);
    assert_eq!(panes(&state), [vec![0, 2], vec![1]]);
    state.act(Action::NewTab);
    assert_eq!(panes(&state), [vec![0, 2], vec![3, 1]], "a new one is beside the one in front");
    state.act(Action::NextTab(1));
    state.act(Action::NextTab(1));
    assert_eq!(state.active, TabId(3), "going round stays in the pane");
}

#[test]
fn a_pane_goes_with_its_last_tab() {
    let mut state = with_tabs(2);
    state.act(Action::Split);
    state.act(Action::NewTab);
    for closed in [1, 2] {
        state.act(Action::CloseTab(TabId(closed)));
    }
    assert_eq!((panes(&state), state.active), (vec![vec![0]], TabId(0)));
    assert!(matches!(state.panes, Split::Pane(_)));
    state.act(Action::CloseTab(TabId(0)));
    assert_eq!(panes(&state), [[3]], "there is always one");
    state.act(Action::ReopenTab);
    assert_eq!(panes(&state), [[4, 3]]);
}

#[test]
fn tabs_are_moved_along_their_strip() {
    let mut state = with_tabs(4);
    let order = |state: &State| state.tabs.iter().map(|tab| tab.id.0).collect::<Vec<_>>();
    for (right, expected) in [(true, [1, 0, 2, 3]), (true, [1, 2, 0, 3]), (false, [1, 0, 2, 3])] {
        move_to(&mut state, 0, TabPlace::Step { right });
        assert_eq!(order(&state), expected);
    }
    move_to(&mut state, 1, TabPlace::Step { right: false });
    assert_eq!(order(&state), [1, 0, 2, 3], "it is the first");
    move_to(&mut state, 3, TabPlace::Before(TabId(0)));
    let pane = state.tab().pane;
    move_to(&mut state, 1, TabPlace::Last(pane));
    assert_eq!(order(&state), [3, 0, 2, 1]);
    move_to(&mut state, 2, TabPlace::Before(TabId(2)));
    assert_eq!(order(&state), [3, 0, 2, 1]);
    // A step passes over the tabs of other panes.
    let place = edge(&state, 0, false, false);
    move_to(&mut state, 0, place);
    move_to(&mut state, 3, TabPlace::Step { right: true });
    assert_eq!(panes(&state), [vec![3, 2, 1], vec![0]]);
}

#[test]
fn tabs_go_to_edges_and_other_panes() {
    let mut state = with_tabs(4);
    for (tab, of, below, first, expected) in [
        (1, 0, false, true, vec![vec![1], vec![3, 0, 2]]),
        (2, 1, true, false, vec![vec![1], vec![2], vec![3, 0]]),
        (3, 0, true, true, vec![vec![1], vec![2], vec![3], vec![0]]),
    ] {
        let place = edge(&state, of, below, first);
        move_to(&mut state, tab, place);
        assert_eq!(panes(&state), expected);
    }
    let pane = state.find(TabId(2)).unwrap().pane;
    move_to(&mut state, 1, TabPlace::Last(pane));
    assert_eq!(panes(&state), [vec![1, 2], vec![3], vec![0]], "its pane is gone");
    move_to(&mut state, 0, TabPlace::Before(TabId(3)));
    assert_eq!(panes(&state), [vec![1, 2], vec![0, 3]]);
    // Alone in its pane, it stays there.
    let place = edge(&state, 0, false, false);
    move_to(&mut state, 3, place);
    let place = edge(&state, 3, true, false);
    move_to(&mut state, 3, place);
    assert_eq!(panes(&state), [vec![1, 2], vec![0], vec![3]]);
}

#[test]
fn what_is_asked_in_another_pane_is_done_there() {
    let mut state = with_tabs(2);
    state.act(Action::Split);
    assert_eq!(state.active, TabId(1));
    state.act_in(TabId(0), Action::SetCharset(netassist::codec::Charset::Gbk));
    let charset = |tab: usize| state.tabs[tab].session.charset;
    assert_eq!((charset(0), charset(1)), (netassist::codec::Charset::Gbk, netassist::codec::Charset::Utf8));
    assert_eq!(state.active, TabId(1), "the user stays");
    state.act_in(TabId(0), Action::SelectTab(TabId(0)));
    state.act_in(TabId(0), Action::NewTab);
    assert_eq!((panes(&state), state.active), (vec![vec![2, 0], vec![1]], TabId(2)));
    state.act_in(TabId(9), Action::NewTab);
    assert_eq!(state.tabs.len(), 4, "a tab that is gone asks for the one in front");
}

/// How sessions were divided, as a file has it, with their new names.
fn stored(saved: &SavedWindow) -> Rooms<TabId> {
    let name = |id| saved.tabs.iter().position(|(other, _)| *other == id).map(|n| n.to_string());
    let text = toml::to_string(&saved.rooms.clone().map(name)).unwrap();
    toml::from_str::<Rooms<String>>(&text).unwrap().map(|name| name.parse().ok().map(TabId))
}

#[test]
fn the_division_comes_back() {
    let mut state = with_tabs(4);
    let place = edge(&state, 0, false, false);
    move_to(&mut state, 1, place);
    let place = edge(&state, 1, true, false);
    move_to(&mut state, 2, place);
    if let Split::Parts(parts) = &mut state.panes {
        parts.share = 0.25;
    }
    state.act(Action::SelectTab(TabId(0)));
    state.act(Action::SelectTab(TabId(1)));
    let saved = state.to_save();
    let tabs = || saved.tabs.iter().map(|(_, tab)| Tab::restore(tab.clone())).collect();
    let mut again = State::restore(Settings::default(), saved.layout, tabs(), 1);
    again.arrange(stored(&saved));
    assert_eq!(panes(&again), [vec![0, 3], vec![1], vec![2]]);
    assert_eq!(again.to_save(), saved);
    // A tab of another window, and one that is not there any more.
    let mut other = tabs();
    other.remove(2);
    let mut again = State::restore(Settings::default(), saved.layout, other, 1);
    let panes_of_others = Split::Pane(Pane { tabs: vec![TabId(1), TabId(7)], front: TabId(7) });
    again.arrange(Rooms { panes: Some(panes_of_others), windows: Vec::new() });
    assert_eq!(panes(&again), [[1, 0, 2]]);
    assert_eq!(again.to_save().rooms.panes, None, "it is not divided");
}

#[test]
fn one_talks_with_oneself_by_one_action() {
    let mut state = new_state(Protocol::Udp);
    assert!(state.tab().is_fresh());
    let effects = state.act(Action::Begin(Beginning::Chat));
    assert_eq!((panes(&state), state.active), (vec![vec![0], vec![1]], TabId(0)));
    let opens = |effects: &[Effect], id: u32| {
        effects.iter().any(|effect| matches!(effect, Effect::Open { tab, .. } if tab.0 == id))
    };
    assert!(opens(&effects, 0) && !opens(&effects, 1), "the server first");
    let open = Event::Opened { local: at(4321).into(), granted: Granted::default() };
    let effects = state.apply(TabId(0), open.clone(), Stamp(1));
    assert!(opens(&effects, 1) && !opens(&effects, 0));
    assert_eq!(state.find(TabId(1)).unwrap().session.remote.to_string(), "127.0.0.1:4321");
    assert_eq!(state.tab().session.local.to_string(), "127.0.0.1:4321", "it keeps its port");
    assert_eq!(state.apply(TabId(0), open, Stamp(2)), [], "once");
}

#[test]
fn a_session_begins_in_a_fresh_tab() {
    let mut state = new_state(Protocol::Udp);
    assert_eq!(
        state.act(Action::Begin(Beginning::Session(Protocol::TcpClient))),
        [],
        "its address is asked for"
    );
    assert_eq!((state.focus, state.tab().session.protocol), (Some(Focus::Address), Protocol::TcpClient));
    assert!(state.tab().is_fresh());
    let effects = state.act(Action::Begin(Beginning::Session(Protocol::TcpServer)));
    assert!(matches!(effects[0], Effect::Open { tab: TabId(0), .. }), "{effects:?}");
    assert!(!state.tab().is_fresh());
    let effects = state.act(Action::Begin(Beginning::Session(Protocol::Udp)));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Open { tab: TabId(1), .. })), "{effects:?}");
    type_text(&mut state, "x");
    assert!(!state.tab().is_fresh());
}

#[test]
fn a_recent_capture_has_the_name_that_its_session_has_now() {
    let mut state = open_state(Protocol::Udp, &[1]);
    state.tab_mut().begin_capture("a.pcapng".into());
    happen(&mut state, [recorded(&[event(1, RecordKind::Received, 10)])]);
    let (id, name) = (state.active, |state: &mut State, written: &str| {
        let found = Recent {
            path: "a.pcapng".into(),
            len: 1,
            modified: Stamp(1),
            open: false,
            marked: false,
            name: written.to_owned(),
            sessions: "udp 127.0.0.1:8080".to_owned(),
            removed: false,
        };
        state.report(Report::Recent(vec![found]));
        state.recent[0].session().unwrap().name
    });
    assert_eq!(name(&mut state, "as written"), "as written");
    state.act(Action::SetName(id, "PLC".to_owned()));
    assert_eq!(name(&mut state, "as written"), "PLC");
    // Also once its tab is closed.
    state.act(Action::NewTab);
    happen(&mut state, []);
    state.apply(id, Event::Closed(None), Stamp(1));
    state.act(Action::CloseTab(id));
    assert!(state.find(id).is_none());
    assert_eq!(name(&mut state, ""), "PLC");
    let named = Box::new(state.recent[0].session().unwrap());
    state.act(Action::Begin(Beginning::Again(named)));
    assert_eq!(state.tab().session.name, "PLC");
}

#[test]
fn a_recent_capture_tells_what_to_open_again() {
    let recent = |sessions: &str| Recent {
        path: "x.pcapng".into(),
        len: 1,
        modified: Stamp(1),
        open: false,
        marked: false,
        name: String::new(),
        sessions: sessions.to_owned(),
        removed: false,
    };
    let session = |protocol, local: &str, remote: &str| {
        let [local, remote] = [local, remote].map(Address::split);
        Some(Session { protocol, local, remote, ..Session::for_tab() })
    };
    for (text, expected) in [
        ("tcp-server *:9000", session(Protocol::TcpServer, "*:9000", "")),
        ("tcp-client [::1]:5020, udp [::]:1", session(Protocol::TcpClient, "127.0.0.1:8080", "[::1]:5020")),
        ("udp 0.0.0.0:7 --remote 10.0.0.9:8", session(Protocol::Udp, "0.0.0.0:7", "10.0.0.9:8")),
        ("relay 127.0.0.1:1 --to a.b:2", session(Protocol::TcpRelay, "127.0.0.1:1", "a.b:2")),
        ("relay udp:127.0.0.1:1 --to a.b:2", session(Protocol::UdpRelay, "127.0.0.1:1", "a.b:2")),
        ("import of a file", None),
        ("", None),
        ("udp", None),
    ] {
        assert_eq!(recent(text).session(), expected, "{text}");
    }
    let proxy = recent("relay --socks 127.0.0.1:1080").session().unwrap();
    let opened = netassist::model::Link::TcpRelay { local: "127.0.0.1:1080".parse().unwrap(), remote: None };
    assert_eq!(proxy.link().unwrap().0, opened);
    let mut state = new_state(Protocol::Udp);
    let effects = state
        .act(Action::Begin(Beginning::Again(Box::new(recent("tcp-client [::1]:5020").session().unwrap()))));
    assert!(matches!(&effects[0], Effect::Open { title, .. } if title == "tcp-client [::1]:5020"));
}

#[test]
fn a_tab_has_a_window_of_its_own_and_comes_back() {
    let mut state = with_tabs(3);
    let detached = |state: &State| -> Vec<Vec<u32>> {
        let tabs = |pane: &PaneId| state.tabs_of(*pane).map(|tab| tab.id.0).collect();
        state.detached.iter().map(tabs).collect()
    };
    move_to(&mut state, 1, TabPlace::Window);
    assert_eq!((panes(&state), detached(&state)), (vec![vec![2, 0]], vec![vec![1]]));
    state.act(Action::NewTab);
    assert_eq!(detached(&state), [[1, 3]], "it has tabs as any other");
    let before = (panes(&state), detached(&state));
    let here = state.tab().pane;
    state.act(Action::MoveTab(TabId(3), TabPlace::Edge { pane: here, below: false, first: false }));
    state.act(Action::Split);
    assert_eq!((panes(&state), detached(&state)), before, "and is not divided");
    // A restart keeps it.
    let saved = state.to_save();
    let tabs = || saved.tabs.iter().map(|(_, tab)| Tab::restore(tab.clone())).collect();
    let mut again = State::restore(Settings::default(), saved.layout, tabs(), 3);
    again.arrange(stored(&saved));
    assert_eq!((panes(&again), detached(&again)), (vec![vec![0, 2]], vec![vec![1, 3]]));
    // A file may say what leaves nothing for the main window.
    let mut again = State::restore(Settings::default(), saved.layout, tabs(), 0);
    let all = |n: u32| Pane { tabs: vec![TabId(0), TabId(1), TabId(2), TabId(3)], front: TabId(n) };
    again.arrange(Rooms { panes: Some(Split::Pane(all(9))), windows: vec![all(1), all(2)] });
    assert_eq!((panes(&again), detached(&again)), (vec![vec![0, 1, 2, 3]], vec![]));
    let home = state.first_pane();
    assert_ne!(state.tab().pane, home);
    state.act(Action::Attach(state.tab().pane));
    assert_eq!((panes(&state), detached(&state)), (vec![vec![3, 0, 1, 2]], vec![]));
    assert_eq!(state.tab().pane, home);
    // The main window is never left empty.
    let mut state = with_tabs(1);
    state.act(Action::MoveTab(TabId(0), TabPlace::Window));
    assert_eq!((panes(&state), detached(&state), state.active), (vec![vec![1]], vec![vec![0]], TabId(0)));
    state.act(Action::CloseTab(TabId(1)));
    assert_eq!((panes(&state), detached(&state)), (vec![vec![0]], vec![]));
}
