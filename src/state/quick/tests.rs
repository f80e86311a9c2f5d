//! The list of quick sends: its order, its pages, what is sent of it.

use super::*;
use crate::codec::matcher::MatchKind;
use crate::model::{
    Command, Event, FlowId, Granted, Link, Missed, Protocol, SendPart, SocketCommand, Stamp, Target,
};
use crate::state::{Action, Effect, Report, Settings, State, Tab, TabId};
use crate::workspace::{Address, IfExists, Source, import};

fn form(name: &str) -> QuickSend {
    QuickSend { name: name.into(), content: name.into(), ticked: true, ..QuickSend::default() }
}

fn list(names: &[&str]) -> QuickBox {
    QuickBox::of(names.iter().map(|name| form(name)))
}

fn names(quick: &QuickBox) -> Vec<&str> {
    quick.list.rows().iter().map(|row| row.form.name.as_str()).collect()
}

fn id(quick: &QuickBox, name: &str) -> QuickId {
    quick.list.rows().iter().find(|row| row.form.name == name).unwrap().id
}

#[test]
fn pages_and_the_search_show_a_part() {
    let mut quick = list(&["a", "b", "c"]);
    let [a, b, c] = ["a", "b", "c"].map(|name| id(&quick, name));
    quick.list.get_mut(b).unwrap().page = "二".into();
    assert_eq!(quick.pages(), ["", "二"]);
    assert_eq!(quick.shown(), [0, 2]);
    assert_eq!((quick.beside(a, Way::Down), quick.beside(a, Way::Up)), (Some(c), None));
    // Rows of other pages are skipped.
    quick.act(RowAction::Shift(c, Way::Up));
    assert_eq!(names(&quick), ["c", "a", "b"]);
    quick.page = "二".into();
    assert_eq!(quick.shown(), [2]);
    quick.search = " B".into();
    assert_eq!(quick.shown(), [2]);
    quick.search = "nothing".into();
    assert_eq!(quick.shown(), [0; 0]);
    quick.page = "三".into();
    assert_eq!(quick.pages(), ["", "二", "三"]);
    let new = quick.add(form("n")).unwrap();
    assert_eq!((quick.list.get(new).unwrap().page.as_str(), quick.search.as_str()), ("三", ""));
    quick.act(RowAction::Move(new, b));
    assert_eq!(quick.list.get(new).unwrap().page, "二", "the page of the one on which it is dropped");
    quick.act(RowAction::Delete(new));
    quick.act(RowAction::Undo);
    assert_eq!(quick.page, "二", "what comes back is shown");
}

#[test]
fn the_first_row_has_the_key() {
    let mut quick = list(&["a", "b"]);
    let [a, b] = ["a", "b"].map(|name| id(&quick, name));
    quick.list.get_mut(a).unwrap().key = "ctrl+F1".into();
    quick.list.get_mut(b).unwrap().key = "Ctrl+F1".into();
    assert_eq!(quick.by_key("Ctrl+F1".parse().unwrap()), Some(a));
    assert_eq!(quick.same_key(b).unwrap().name, "a");
    assert_eq!(quick.same_key(a), None);
    quick.act(RowAction::Duplicate(a));
    assert_eq!(quick.list.rows()[1].form, QuickSend { key: String::new(), ..form("a") });
    quick.list.get_mut(b).unwrap().key = "oops".into();
    assert_eq!(quick.same_key(b), None);
}

#[test]
fn a_full_list_takes_no_more() {
    let mut quick = QuickBox::of(vec![form("x"); QuickId::MOST]);
    assert_eq!(quick.add(form("y")), None);
    let imported = import(b"[[quick]]\ncontent = 'a'").unwrap();
    assert_eq!(quick.take(imported.clone()), 0);
    quick.act(RowAction::Delete(QuickId(0)));
    assert_eq!(quick.take(imported), 1);
}

fn open(names: &[&str]) -> (State, TabId) {
    let mut state = State::new(Settings::default());
    let id = state.active;
    state.tab_mut().quick = list(names);
    state.tab_mut().session.remote = Address::new("127.0.0.1", "2");
    let effects = state.act(Action::Open);
    assert!(matches!(&effects[..], [Effect::Open { link: Link::Udp { .. }, .. }, ..]), "{effects:?}");
    let local = "127.0.0.1:1".parse().unwrap();
    state.apply(id, Event::Opened { local, granted: Granted::default() }, Stamp(1));
    (state, id)
}

fn act(state: &mut State, action: QuickAction) -> Vec<Effect> {
    state.act(Action::Quick(action))
}

#[test]
fn one_is_sent_at_once() {
    let (mut state, tab) = open(&["a", "b"]);
    let row = id(&state.tab().quick, "b");
    let effects = act(&mut state, QuickAction::Send(row));
    let [Effect::Command(to, Command::Socket(SocketCommand::Send { what: SendPart::Bytes(bytes), .. }))] =
        &effects[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!((*to, &**bytes), (tab, &b"b"[..]));
    state.tab_mut().quick.list.get_mut(row).unwrap().content = "\\x".into();
    assert_eq!(act(&mut state, QuickAction::Send(row)), []);
    assert!(matches!(&state.tab().notice, Some(Notice::Quick(QuickNotice::Wrong(name, _))) if name == "b"));
    let mut closed = State::new(Settings::default());
    closed.tab_mut().quick = list(&["a"]);
    assert_eq!(act(&mut closed, QuickAction::Send(QuickId(0))), []);
    assert_eq!(closed.tab().notice, Some(Notice::NotOpen));
}

#[test]
fn the_ticked_rows_of_the_page_are_a_sequence() {
    let (mut state, tab) = open(&["a", "b", "c"]);
    let [a, b, c] = ["a", "b", "c"].map(|name| id(&state.tab().quick, name));
    let quick = &mut state.tab_mut().quick;
    quick.list.get_mut(a).unwrap().delay = "20".into();
    quick.list.get_mut(b).unwrap().ticked = false;
    let last = quick.list.get_mut(c).unwrap();
    (last.expect, last.pattern) = (Some(MatchKind::Equals), "OK".into());
    quick.loops = "3".into();
    let effects = act(&mut state, QuickAction::Run);
    let [Effect::Command(to, Command::Sequence(sequence))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((*to, sequence.loops, sequence.rows.len()), (tab, Some(3), 2));
    assert_eq!(sequence.rows[0].pause.as_millis(), 20);
    assert!(sequence.rows[1].answer.as_ref().unwrap().like.is_match(b"OK"));
    let run = sequence.id;
    assert_eq!(state.tab().quick.running(), None);
    let place = SequencePlace { row: 1, round: 2, unanswered: 0 };
    state.apply(tab, Event::SequenceAt(run, place), Stamp(2));
    assert_eq!(state.tab().quick.running(), Some(c));
    // Rows may move meanwhile.
    act(&mut state, QuickAction::Row(RowAction::Move(c, a)));
    assert_eq!(state.tab().quick.running(), Some(c));
    let end = SequenceEnd::TimedOut(Missed::default());
    state.apply(tab, Event::SequenceEnded(run, place, end), Stamp(3));
    assert_eq!(state.tab().quick.run, None);
    assert!(
        matches!(&state.tab().notice, Some(Notice::Quick(QuickNotice::NoAnswer(name, _))) if name == "c")
    );
    // The end of another one is not taken for the next one's.
    act(&mut state, QuickAction::Run);
    state.apply(tab, Event::SequenceEnded(run, place, SequenceEnd::Done), Stamp(4));
    let second = state.tab().quick.run.clone().unwrap().id;
    assert_ne!(second, run);
    assert_eq!(act(&mut state, QuickAction::Stop), [Effect::Command(tab, Command::StopSequence(second))]);
    assert_eq!(act(&mut state, QuickAction::Stop), []);
    act(&mut state, QuickAction::Run);
    state.apply(tab, Event::Closed(None), Stamp(5));
    assert_eq!(state.tab().quick.run, None);
}

#[test]
fn a_rule_runs_a_page_for_the_peer_that_it_heard() {
    let (mut state, tab) = open(&["a", "b", "c"]);
    let flow = FlowId(7);
    for (name, page, ticked) in [("a", "alarm", true), ("b", "alarm", false), ("c", "", true)] {
        let row = id(&state.tab().quick, name);
        let form = state.tab_mut().quick.list.get_mut(row).unwrap();
        (form.page, form.ticked) = (page.into(), ticked);
    }
    let wanted = |page: &str| Event::SequenceWanted(page.to_owned(), flow);
    act(&mut state, QuickAction::Page(String::new()));
    act(&mut state, QuickAction::Run);
    let shown = state.tab().quick.run.clone();
    let effects = state.apply(tab, wanted("alarm"), Stamp(2));
    let [Effect::Command(to, Command::Sequence(sequence))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((*to, &sequence.to, sequence.loops), (tab, &Target::Flows(vec![flow]), Some(1)));
    assert_eq!(sequence.rows.len(), 1);
    assert_ne!(Some(sequence.id), shown.as_ref().map(|run| run.id));
    assert_eq!(state.tab().quick.run, shown, "the one that the page shows goes on");
    assert_eq!(state.apply(tab, wanted("nowhere"), Stamp(3)), []);
    assert_eq!(state.tab().notice, Some(Notice::NoSequence("nowhere".into())));
}

#[test]
fn what_cannot_run_is_told() {
    let (mut state, _) = open(&["a"]);
    let row = id(&state.tab().quick, "a");
    for (loops, ticked, delay) in
        [("0", true, ""), ("x", true, ""), ("-1", true, ""), (" ", false, ""), (" ", true, "x")]
    {
        let quick = &mut state.tab_mut().quick;
        quick.loops = loops.into();
        let form = quick.list.get_mut(row).unwrap();
        (form.ticked, form.delay) = (ticked, delay.into());
        assert_eq!(act(&mut state, QuickAction::Run), []);
        let Some(Notice::Quick(notice)) = &state.tab().notice else { panic!("{:?}", state.tab().notice) };
        match (loops, ticked) {
            (" ", false) => assert_eq!(*notice, QuickNotice::NothingTicked),
            (" ", true) => assert!(matches!(notice, QuickNotice::Wrong(..))),
            _ => assert_eq!(*notice, QuickNotice::WrongLoops),
        }
    }
    assert_eq!(state.tab().quick.run, None);
}

#[test]
fn the_box_becomes_a_row_and_a_row_goes_into_the_box() {
    let (mut state, _) = open(&[]);
    state.tab_mut().session.send.content = "hello".into();
    act(&mut state, QuickAction::AddDraft);
    let row = state.tab().quick.list.rows()[0].id;
    state.tab_mut().quick.list.get_mut(row).unwrap().content = "bye".into();
    act(&mut state, QuickAction::Load(row));
    assert_eq!(state.tab().session.send.content, "bye");
    assert_eq!(state.tab().history.entries().next().unwrap().draft.content, "hello", "nothing is lost");
    act(&mut state, QuickAction::New);
    let editing = state.tab().quick.list.editing;
    assert_eq!(editing, Some(state.tab().quick.list.rows()[1].id));
    act(&mut state, QuickAction::Row(RowAction::Delete(editing.unwrap())));
    assert_eq!(state.tab().quick.list.editing, None);
}

#[test]
fn lists_are_taken_over_and_saved() {
    let (mut state, tab) = open(&["a"]);
    assert_eq!(act(&mut state, QuickAction::Import), [], "no path");
    state.tab_mut().quick.path = " x.ini ".into();
    assert_eq!(act(&mut state, QuickAction::Import), [Effect::ImportQuick(tab, "x.ini".into())]);
    let imported = import(b"N101=0,R,5\nN1=H,01\nN2=H,0\n").unwrap();
    state.report(Report::QuickImported(tab, Ok(imported)));
    assert_eq!(names(&state.tab().quick), ["a", "R", "2"]);
    assert_eq!(state.tab().notice, Some(Notice::Quick(QuickNotice::Imported(Source::Sscom, 2, 1))));
    assert_eq!(state.tab().quick.remarks.len(), 1);
    act(&mut state, QuickAction::DismissRemarks);
    assert_eq!(state.tab().quick.remarks, []);
    let effects = act(&mut state, QuickAction::Export);
    let [Effect::ExportQuick { if_exists: IfExists::Refuse, quick, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(quick.len(), 3);
    let effects = state.report(Report::Chosen(tab, FileFor::QuickExport, "y.toml".into()));
    assert!(matches!(effects[..], [Effect::ExportQuick { if_exists: IfExists::Replace, .. }]));
}

#[test]
fn it_is_saved_with_the_tab() {
    let (mut state, _) = open(&["a", "b"]);
    state.tab_mut().quick.loops = "7".into();
    let again = Tab::restore(state.tab().to_save());
    assert_eq!(again.quick.list.forms(), state.tab().quick.list.forms());
    assert_eq!(again.quick.loops, "7");
    assert_eq!(again.session.protocol, Protocol::Udp);
}
