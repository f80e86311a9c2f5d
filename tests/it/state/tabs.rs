//! Tabs, questions and what persists.

use super::*;
use netassist::codec::Query;
use netassist::codec::frame::Framing;
use netassist::codec::query::{CaseRule, QueryKind};
use netassist::state::FramingKind;
use netassist::workspace::{Address, SavedTab, Session, TimeMode, View};

fn ids(state: &State) -> Vec<TabId> {
    state.tabs.iter().map(|tab| tab.id).collect()
}

#[test]
fn a_new_tab_is_like_the_one_in_front_but_empty() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    state.tab_mut().session.local.port = "1234".into();
    state.tab_mut().show_problems = true;
    state.tab_mut().session.send.content = "draft".into();
    let view = View { body: netassist::model::Body::Hex, hide_received: true, ..View::default() };
    state.act(Action::SetView(view));
    assert_eq!(state.act(Action::NewTab), [Effect::ListAddresses, Effect::WriteSettings]);
    let tab = state.tab();
    assert_eq!((tab.session.local.port.as_str(), tab.show_problems), ("1235", false));
    assert_eq!(tab.session.view, View { hide_received: false, ..view });
    assert_eq!(
        (&tab.phase, tab.log.len(), tab.peers.len(), tab.session.send.content.as_str()),
        (&Phase::Idle, 0, 0, "")
    );
    assert_eq!(state.tabs.len(), 2);
    state.act(Action::OpenCapture("a".into()));
    state.act(Action::NewTab);
    assert_eq!(state.tab().session, Session::for_tab(), "beside a capture it is a plain one");
    assert!(!state.tab().is_viewer());
}

#[test]
fn a_new_tab_has_the_next_port_that_no_tab_has() {
    let mut state = State::new(Settings::default());
    let port = |state: &State| state.tab().session.local.port.clone();
    assert_eq!(port(&state), "8080");
    for (protocol, typed, next) in [
        (Protocol::TcpServer, "8080", "8081"),
        (Protocol::Udp, "8081", "8082"),
        (Protocol::UdpRelay, "9000", "9001"),
        // A client that binds no port takes none, and a session of it is never in the way.
        (Protocol::TcpClient, "9001", "9001"),
        (Protocol::TcpServer, "65535", "65535"),
        (Protocol::TcpServer, "0", "0"),
    ] {
        state.tab_mut().session.choose(protocol);
        state.tab_mut().session.local.port = typed.into();
        state.act(Action::NewTab);
        assert_eq!(port(&state), next, "after {protocol:?} {typed}");
    }
    // A window of its own is one of the same program.
    state.act(Action::SelectTab(ids(&state)[0]));
    state.act(Action::MoveTab(state.active, TabPlace::Window));
    state.act(Action::SelectTab(ids(&state)[1]));
    state.tab_mut().session.local.port = "8079".into();
    state.act(Action::NewTab);
    assert_eq!(port(&state), "8081", "8080 is in the other window");
    let mut state = State::new(Settings::default());
    state.act(Action::NewTab);
    state.act(Action::OpenCapture("a.pcapng".into()));
    assert_eq!((state.tabs.len(), port(&state).as_str()), (2, "8080"), "nothing was done with 8081");
}

#[test]
fn an_untouched_tab_gives_way_to_what_is_opened_in_it() {
    let mut state = State::new(Settings::default());
    let (first, is_same) = (state.active, Tab::new().session == state.tab().session);
    assert!(is_same, "as a window begins");
    state.act(Action::OpenCapture("a.pcapng".into()));
    assert!(state.find(first).is_none() && state.tabs.len() == 1 && !state.has_closed_tabs());
    state.act(Action::NewTab);
    state.tab_mut().session.local.port = "1234".into();
    let typed = state.active;
    state.act(Action::OpenCapture("b.pcapng".into()));
    assert_eq!((state.tabs.len(), state.find(typed).is_some()), (3, true), "what was typed stays");
    // A capture that is looked at already takes no place.
    state.act(Action::NewTab);
    state.act(Action::OpenCapture("a.pcapng".into()));
    assert_eq!(state.tabs.len(), 4);
}

#[test]
fn an_alert_marks_its_tab() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    let id = state.active;
    state.act(Action::NewTab);
    state.apply(id, Event::Alerted("watch: silent".to_owned()), Stamp(0));
    assert_eq!(state.tabs.iter().map(|tab| tab.alerted).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn going_round_the_tabs() {
    let mut state = new_state(Protocol::Udp);
    state.act(Action::NewTab);
    state.act(Action::NewTab);
    let ids = ids(&state);
    assert_eq!(state.active, ids[2]);
    for (step, expected) in
        [(1, 0), (1, 1), (-1, 0), (-1, 2), (2, 1), (-7, 0), (isize::MIN, 1), (isize::MAX, 2)]
    {
        state.act(Action::NextTab(step));
        assert_eq!(state.active, ids[expected], "by {step}");
    }
    state.act(Action::SelectTab(ids[1]));
    assert_eq!(state.active, ids[1]);
    state.act(Action::SelectTab(TabId(99)));
    assert_eq!(state.active, ids[1]);
}

#[test]
fn closing_goes_to_the_neighbour_and_the_last_leaves_a_fresh_one() {
    let mut state = new_state(Protocol::Udp);
    state.act(Action::NewTab);
    state.act(Action::NewTab);
    let [a, b, c] = ids(&state)[..] else { panic!() };
    state.act(Action::SelectTab(b));
    assert_eq!(state.act(Action::CloseTab(b)), [Effect::DropTab(b), Effect::WriteSettings]);
    assert_eq!(state.active, c);
    state.act(Action::CloseTab(a));
    assert_eq!(state.active, c, "closing another one does not move");
    state.act(Action::CloseTab(c));
    assert_eq!(state.tabs.len(), 1);
    assert_eq!(state.tab().session, Session::for_tab());
    assert!(!ids(&state).contains(&c), "a number is never used again");
    assert_eq!(state.act(Action::CloseTab(c)), [], "it is gone");
}

#[test]
fn a_closed_tab_comes_back_with_its_draft() {
    let mut state = new_state(Protocol::TcpServer);
    state.tab_mut().session.send.content = "half a sentence".into();
    state.tab_mut().session.send.mode = SendMode::Text;
    state.tab_mut().session.local.port = "77".into();
    let first = state.active;
    state.act(Action::NewTab);
    state.tab_mut().session.local.port = "88".into();
    let second = state.active;
    state.act(Action::CloseTab(first));
    state.act(Action::CloseTab(second));
    assert_eq!(state.act(Action::ReopenTab), [Effect::WriteSettings]);
    assert_eq!(state.tab().session.local.port, "88", "the last one first");
    state.act(Action::ReopenTab);
    assert_eq!(state.tab().session.local.port, "77");
    assert_eq!(state.tab().session.send.content, "half a sentence");
    assert_eq!(state.act(Action::ReopenTab), []);
}

#[test]
fn closing_asks_only_if_something_would_be_lost() {
    let mut state = open_state(Protocol::TcpServer, &[]);
    let id = state.active;
    assert!(!state.tab().is_in_use(), "nobody is connected");
    happen(&mut state, [Event::Joined(flow(1))]);
    assert_eq!(state.act(Action::CloseTab(id)), []);
    assert_eq!(state.question, Some(Question::CloseTab(id)));
    assert_eq!(state.act(Action::Answer(false)), []);
    assert_eq!((&state.question, state.tabs.len()), (&None, 1));
    state.act(Action::CloseTab(id));
    assert_eq!(state.act(Action::Answer(true)), [Effect::DropTab(id), Effect::WriteSettings]);
    assert!(state.find(id).is_none());
    assert_eq!(state.act(Action::Answer(true)), [], "nothing was asked");

    let mut udp = open_state(Protocol::Udp, &[1]);
    assert!(!udp.tab().is_in_use(), "datagrams have no connection to lose");
    let totals = Totals { queued_messages: 1, ..Totals::default() };
    happen(&mut udp, [Event::Recorded(Batch { records: Vec::new(), totals })]);
    assert!(udp.tab().is_in_use(), "what waits to be sent would be lost");
}

#[test]
fn quitting_asks_once_for_all_tabs() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    let open = state.active;
    state.act(Action::NewTab);
    assert_eq!(state.act(Action::Quit), []);
    assert_eq!((&state.question, state.quitting), (&Some(Question::Quit), false));
    state.act(Action::Answer(false));
    assert!(!state.quitting);
    state.act(Action::Quit);
    assert_eq!(state.act(Action::Answer(true)), [Effect::Quit]);
    assert!(state.quitting);

    let mut state = new_state(Protocol::Udp);
    assert_eq!(state.act(Action::Quit), [Effect::Quit], "nothing to ask for");
    assert!(state.quitting && state.find(open).is_some());
}

#[test]
fn settings_survive_a_restart_with_their_drafts() {
    let mut state = new_state(Protocol::TcpClient);
    state.act(Action::SetLanguage("zh_cn".into()));
    state.act(Action::SetTheme(Theme::Dark));
    state.act(Action::SetSendKey(SendKey::Enter));
    state.settings.keep_captures_mib = 17;
    state.tab_mut().session.remote.host = "not a host".into();
    state.tab_mut().session.send.content = "01 02".into();
    state.tab_mut().session.send.mode = SendMode::Hex;
    state.tab_mut().session.send.escapes = false;
    state.tab_mut().session.send.append = vec!["hex:0D 0".into()];
    state.act(Action::SetCharset(netassist::codec::Charset::Gbk));
    state.act(Action::SetFraming(Framing::Line));
    state.tab_mut().session.framing = "line".into();
    let view = View {
        body: netassist::model::Body::Dump,
        mode: ViewMode::Table,
        time: TimeMode::Delta,
        fold: 10,
        wrap: false,
        hide_events: true,
        ..View::default()
    };
    state.act(Action::SetView(view));
    let query = Query::parse(QueryKind::Text, "x", netassist::codec::Charset::Gbk, CaseRule::Ignore).unwrap();
    let (least, since) = (Some(3), Some(Stamp(1_500_000_000)));
    let filter = Filter { query: Some(query), least, since, ..Filter::default() };
    state.act(Action::SetFilter(filter.clone()));
    state.act(Action::NewTab);
    state.act(Action::NewTab);
    state.act(Action::SelectTab(state.tabs[1].id));
    let saved = state.to_save();
    let texts = saved.tabs.iter().map(|(_, tab)| tab.to_text().unwrap());
    let tabs = texts.map(|(text, long)| Tab::restore(SavedTab::from_text(&text, long).unwrap())).collect();
    let settings = toml::from_str(&toml::to_string(&state.settings).unwrap()).unwrap();
    let again = State::restore(settings, saved.layout, tabs, 1);
    assert_eq!(again.to_save(), saved);
    assert_eq!((again.settings.language.as_str(), again.settings.theme), ("zh_cn", Theme::Dark));
    assert_eq!((again.tabs.len(), again.tab().id), (3, again.tabs[1].id));
    let tab = &again.tabs[0];
    assert_eq!(tab.session.protocol, Protocol::TcpClient);
    assert_eq!(tab.session.remote.host, "not a host");
    let send = &tab.session.send;
    assert_eq!((send.content.as_str(), send.mode, send.escapes), ("01 02", SendMode::Hex, false));
    assert_eq!(send.append, ["hex:0D 0"]);
    assert_eq!((tab.session.view, &tab.phase), (view, &Phase::Idle));
    assert_eq!((&tab.framed.framing, tab.framed.fields.kind), (&Framing::Line, FramingKind::Line));
    assert_eq!(tab.filtered.filter, filter);
}

#[test]
fn settings_of_other_versions_are_read_as_far_as_they_go() {
    let state = State::new(toml::from_str("theme = 'dark'\nno_longer_known = 1\n").unwrap());
    assert_eq!(state.settings.theme, Theme::Dark);
    assert_eq!(state.settings.keep_captures_mib, Settings::default().keep_captures_mib);
}

#[test]
fn remotes_are_remembered_the_last_one_first_each_once_and_not_for_ever() {
    let mut state = new_state(Protocol::TcpClient);
    for n in 0..30 {
        state.tab_mut().session.remote.port = (9000 + n).to_string();
        state.act(Action::Open);
        happen(&mut state, [Event::Closed(None)]);
    }
    let expect = |state: &State, expected: [(usize, &str); 2]| {
        let recent = &state.settings.recent_remotes;
        assert_eq!(recent.len(), 20);
        assert_eq!(expected.map(|(n, _)| &*recent[n]), expected.map(|(_, remote)| remote));
    };
    expect(&state, [(0, "127.0.0.1:9029"), (19, "127.0.0.1:9010")]);
    state.tab_mut().session.remote = Address::split("127.0.0.1:9015");
    state.act(Action::Open);
    expect(&state, [(0, "127.0.0.1:9015"), (1, "127.0.0.1:9029")]);

    let mut state = new_state(Protocol::TcpServer);
    state.act(Action::Open);
    assert!(state.settings.recent_remotes.is_empty(), "a server calls nobody");
}

#[test]
fn a_window_in_which_nothing_was_done_keeps_no_tab() {
    let mut state = State::new(Settings::default());
    state.act(Action::NewTab);
    assert_eq!(state.to_save().tabs, []);
    state.tab_mut().session.send.content = "x".into();
    let ids: Vec<TabId> = state.to_save().tabs.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, [TabId(0), TabId(1)], "an empty tab beside another has its place");
    assert_eq!(State::restore(Settings::default(), Layout::default(), Vec::new(), 7).tabs.len(), 1);
}
