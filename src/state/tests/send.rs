//! What is sent, and to whom.

use std::sync::Arc;

use super::*;
use crate::codec::compose::{ComposeError, ComposeProblem};
use crate::model::{FileEnd, FileId, FileOrder, FileProgress, FileToSend, Others, Progress, Repeat};
use crate::workspace::{CycleForm, Draft};

fn endpoint(text: &str) -> Target {
    Target::Endpoint(text.parse::<Endpoint>().unwrap())
}

#[test]
fn tcp_sends_to_all_to_the_ticked_or_to_one() {
    let mut state = open_state(Protocol::TcpServer, &[1, 2, 3]);
    assert_eq!(state.tab().target(), Ok(Target::All));
    state.tab_mut().peers.get_mut(&FlowId(2)).unwrap().ticked = false;
    state.tab_mut().send.to = SendTo::Ticked;
    assert_eq!(state.tab().target(), Ok(Target::Flows(vec![FlowId(1), FlowId(3)])));
    state.tab_mut().send.to = SendTo::Peer(FlowId(2));
    assert_eq!(state.tab().target(), Ok(Target::Flows(vec![FlowId(2)])));
    happen(&mut state, [Event::Left(FlowId(2))]);
    assert_eq!(state.tab().target(), Err(Notice::PeerLeft), "never to somebody else instead");
    state.tab_mut().send.to = SendTo::Ticked;
    happen(&mut state, [Event::Left(FlowId(1)), Event::Left(FlowId(3))]);
    assert_eq!(state.tab().target(), Err(Notice::NoPeers));
    state.tab_mut().send.to = SendTo::All;
    assert_eq!(state.tab().target(), Err(Notice::NoPeers));
}

#[test]
fn udp_sends_to_the_remote_of_the_form_also_while_it_is_open() {
    let mut state = open_state(Protocol::Udp, &[5]);
    assert_eq!(state.tab().target(), Ok(endpoint("127.0.0.1:8080")));
    state.tab_mut().session.remote.host = "::1".into();
    state.tab_mut().session.remote.port = "9".into();
    assert_eq!(state.tab().target(), Ok(endpoint("[::1]:9")));
    for (host, port) in [("", "9"), ("two words", "9"), ("127.0.0.1", "0"), ("127.0.0.1", "")] {
        state.tab_mut().session.remote.host = host.into();
        state.tab_mut().session.remote.port = port.into();
        assert_eq!(state.tab().target(), Err(Notice::NoRemote), "{host:?} {port:?}");
    }
    state.tab_mut().send.to = SendTo::Peer(FlowId(5));
    assert_eq!(state.tab().target(), Ok(Target::Flows(vec![FlowId(5)])), "a peer needs no remote");
}

#[test]
fn a_message_becomes_bytes_at_the_button() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    state.tab_mut().session.send.content = r"中\r\n".into();
    let bytes = |text: &[u8]| SendPart::Bytes(text.into());
    let sent = |what| Command::Socket(SocketCommand::Send { to: Target::All, what });
    assert_eq!(order(&state.act(Action::Send)), &sent(bytes("中\r\n".as_bytes())));
    state.act(Action::SetCharset(crate::codec::Charset::Gbk));
    assert_eq!(order(&state.act(Action::Send)), &sent(bytes(b"\xD6\xD0\r\n")));
    state.tab_mut().session.send.escapes = false;
    assert_eq!(order(&state.act(Action::Send)), &sent(bytes(b"\xD6\xD0\\r\\n")));
    state.tab_mut().session.send.mode = SendMode::Hex;
    state.tab_mut().session.send.content = "0a0B 0c".into();
    assert_eq!(order(&state.act(Action::Send)), &sent(bytes(b"\x0a\x0b\x0c")));
    assert_eq!(state.tab().session.send.content, "0a0B 0c", "the draft stays");
    assert_eq!(state.tab().notice, None);
}

#[test]
fn what_cannot_be_sent_is_told_and_not_sent() {
    let mut state = new_state(Protocol::TcpServer);
    state.tab_mut().session.send.content = "x".into();
    assert_eq!(state.act(Action::Send), []);
    assert_eq!(state.tab().notice, Some(Notice::NotOpen));
    assert_eq!(state.act(Action::SendFile("f".into())), []);
    assert_eq!(state.tab().notice, Some(Notice::NotOpen));

    let mut state = open_state(Protocol::TcpServer, &[1]);
    assert_eq!(state.act(Action::Send), []);
    assert_eq!(state.tab().notice, Some(Notice::NothingToSend));
    state.tab_mut().session.send.mode = SendMode::Hex;
    for (text, start) in [("01 0G 03", 4), ("0", 0), ("01 2", 3)] {
        state.tab_mut().session.send.content = text.into();
        assert_eq!(state.act(Action::Send), []);
        let Some(Notice::CannotSend(problem @ SendProblem::Typed(_))) = state.tab().notice else {
            panic!("{text:?}: {:?}", state.tab().notice);
        };
        assert_eq!(problem.range().start, start, "{text:?}");
    }
    state.tab_mut().session.send.mode = SendMode::Text;
    state.tab_mut().session.send.content = r"a\q".into();
    assert_eq!(state.act(Action::Send), []);
    assert!(matches!(
        state.tab().notice,
        Some(Notice::CannotSend(SendProblem::Typed(ComposeError {
            at: 1,
            why: ComposeProblem::Escape(_),
            ..
        })))
    ));
    state.tab_mut().session.send.escapes = false;
    state.tab_mut().session.send.content = "中".into();
    state.tab_mut().session.charset = crate::codec::Charset::Latin1;
    assert_eq!(state.act(Action::Send), []);
    assert!(matches!(
        state.tab().notice,
        Some(Notice::CannotSend(SendProblem::Typed(ComposeError {
            why: ComposeProblem::Unencodable(_),
            ..
        })))
    ));
}

#[test]
fn an_empty_datagram_is_a_datagram() {
    let mut state = open_state(Protocol::Udp, &[]);
    let to = endpoint("127.0.0.1:8080");
    let empty = SendPart::Bytes([].into());
    assert_eq!(order(&state.act(Action::Send)), &SocketCommand::Send { to, what: empty }.into());
    assert_eq!(state.settings.recent_remotes, ["127.0.0.1:8080"]);
}

#[test]
fn files_go_to_the_same_target() {
    let mut state = open_state(Protocol::TcpServer, &[1, 2]);
    state.tab_mut().send.to = SendTo::Peer(FlowId(2));
    let file = FileToSend { others: Others::Pass, ..FileToSend::raw("data.bin") };
    let to = Target::Flows(vec![FlowId(2)]);
    let sent = Command::Socket(SocketCommand::SendFile(FileOrder { id: FileId(0), to, file }));
    assert_eq!(order(&state.act(Action::SendFile("data.bin".into()))), &sent);
    let id = state.active;
    let dialog = Effect::Browse(id, FileFor::Send, FileDialog::Open);
    assert_eq!(state.act(Action::Browse(FileFor::Send)), [dialog]);
    state.act(Action::NewTab);
    assert_eq!(state.report(Report::Chosen(id, FileFor::Send, "data.bin".into())), []);
    assert_eq!((&*state.tab().session.file.path, &*state.tabs[0].session.file.path), ("", "data.bin"));
}

#[test]
fn files_are_watched_paused_and_stopped_until_they_end() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    let tab = state.active;
    for _ in 0..2 {
        state.act(Action::SendFile("data.bin".into()));
    }
    let progress = FileProgress { done: 5, total: 10, sent: 5, rate: 1, peers: 1, served: 0 };
    state.apply(tab, Event::FileProgress(FileId(1), progress), Stamp(1));
    assert_eq!(state.tab().files[&FileId(1)].progress, progress);
    assert_eq!(order(&state.act(Action::PauseFile(FileId(1), true))), &Command::PauseFile(FileId(1)));
    assert!(state.tab().files[&FileId(1)].paused);
    assert_eq!(order(&state.act(Action::PauseFile(FileId(1), false))), &Command::ResumeFile(FileId(1)));
    assert_eq!(state.act(Action::PauseFile(FileId(9), true)), []);
    assert_eq!(order(&state.act(Action::StopFile(FileId(1)))), &Command::StopFile(FileId(1)));
    assert_eq!(state.tab().files.len(), 2, "it goes when its end is told");
    state.apply(tab, Event::FileEnded(FileId(1), FileEnd::Stopped, progress), Stamp(1));
    assert_eq!(state.tab().notice, Some(Notice::FileStopped("data.bin".into(), 5, 10)));
    state.apply(tab, Event::FileEnded(FileId(0), FileEnd::Failed, progress), Stamp(1));
    assert_eq!(state.tab().notice, Some(Notice::FileFailed("data.bin".into(), 5, 10)));
    assert!(state.tab().files.is_empty());
}

#[test]
fn why_a_file_failed_is_not_hidden_by_how_far_it_came() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    let tab = state.active;
    state.act(Action::SendFile("data.bin".into()));
    let error = NetError::new(Doing::ReadingFile, "data.bin", Cause::LineTooLong(5));
    state.apply(tab, Event::Trouble(error.clone()), Stamp(1));
    let progress = FileProgress { done: 5, total: 10, ..FileProgress::default() };
    state.apply(tab, Event::FileEnded(FileId(0), FileEnd::Failed, progress), Stamp(1));
    assert_eq!(state.tab().notice, Some(Notice::Net(error)));
}

fn repeat(effects: &[Effect]) -> Repeat {
    match order(effects) {
        Command::Repeat(repeat) => repeat.clone(),
        other => panic!("{other:?}"),
    }
}

fn sent(n: u64) -> Progress {
    Progress { sent: n, ..Progress::default() }
}

#[test]
fn what_is_in_the_box_is_sent_again_and_again() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    state.tab_mut().session.send.content = "poll".into();
    state.tab_mut().session.cycle = CycleForm { period: "20".into(), count: "3".into() };
    let first = repeat(&state.act(Action::StartCycle));
    assert_eq!(
        (first.to, first.every, first.count),
        (Target::All, std::time::Duration::from_millis(20), Some(3))
    );
    assert_eq!(*first.what, [SendPart::Bytes(Arc::from(*b"poll"))]);
    state.tab_mut().session.send.content = "another".into();
    state.tab_mut().session.cycle.count = String::new();
    let second = repeat(&state.act(Action::StartCycle));
    assert_ne!(first.id, second.id);
    assert!(state.tab().is_in_use());
    happen(&mut state, [Event::Repeating(first.id, sent(2)), Event::Repeating(second.id, sent(5))]);
    let progress: Vec<u64> = state.tab().cycles.values().map(|cycle| cycle.progress.sent).collect();
    assert_eq!(progress, [2, 5]);
    happen(&mut state, [Event::RepeatEnded(first.id, sent(3))]);
    assert_eq!(state.tab().notice, Some(Notice::CycleDone(3)));
    assert_eq!(order(&state.act(Action::StopCycle(second.id))), &Command::StopRepeat(second.id));
    state.tab_mut().notice = None;
    // What the worker told before it knew is of no interest.
    happen(&mut state, [Event::Repeating(second.id, sent(6)), Event::RepeatEnded(second.id, sent(6))]);
    assert_eq!((state.tab().cycles.len(), &state.tab().notice), (0, &None));
}

#[test]
fn cycles_end_with_the_session() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    state.tab_mut().session.send.content = "x".into();
    repeat(&state.act(Action::StartCycle));
    happen(&mut state, [Event::Left(FlowId(1)), Event::Closed(None)]);
    assert!(state.tab().cycles.is_empty());
}

#[test]
fn a_wrong_cycle_is_told_and_not_started() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    state.tab_mut().session.send.content = "x".into();
    for (period, count, path) in [("0.01", "", "period"), ("10", "0", "count")] {
        state.tab_mut().session.cycle = CycleForm { period: period.into(), count: count.into() };
        assert_eq!(state.act(Action::StartCycle), []);
        assert!(matches!(&state.tab().notice, Some(Notice::WrongCycle(problem)) if problem.path == path));
    }
    state.tab_mut().session.cycle = CycleForm::default();
    state.tab_mut().session.send.content.clear();
    assert_eq!(state.act(Action::StartCycle), []);
    assert_eq!(state.tab().notice, Some(Notice::NothingToSend));
    assert!(state.tab().cycles.is_empty());
}

#[test]
fn the_cycle_is_kept_for_the_next_run() {
    let mut tab = Tab::new();
    tab.session.cycle = CycleForm { period: "50ms".into(), count: "7".into() };
    assert_eq!(Tab::restore(tab.to_save()).session.cycle, tab.session.cycle);
}

fn short_state() -> State {
    let mut state = new_state(Protocol::TcpClient);
    state.tab_mut().session.options.set("short", "answer");
    state.tab_mut().session.send.content = "x".into();
    state
}

fn opened_for(effects: &[Effect]) -> &Command {
    match effects {
        [Effect::Open { options, .. }, Effect::WriteSettings, Effect::Command(_, command)] => {
            assert!(options.short.is_some());
            command
        }
        _ => panic!("not opened for one command, but {effects:?}"),
    }
}

#[test]
fn what_is_sent_over_short_connections_opens_the_session() {
    let draft = Draft { content: "y".into(), ..Draft::default() };
    for action in [
        Action::Send,
        Action::SendDraft(draft),
        Action::StartCycle,
        Action::SendFile("f".into()),
        Action::Quick(QuickAction::Run),
    ] {
        let mut state = short_state();
        state.act(Action::Quick(QuickAction::AddDraft));
        let row = state.tab().quick.list.rows()[0].id;
        state.tab_mut().quick.list.get_mut(row).unwrap().ticked = true;
        assert!(state.tab().can_send() && !state.tab().is_open());
        let first = state.act(action.clone());
        let to_all = |command: &Command| match command {
            Command::Socket(SocketCommand::Send { to, .. }) => *to == Target::All,
            Command::Repeat(repeat) => repeat.to == Target::All,
            Command::Socket(SocketCommand::SendFile(order)) => order.to == Target::All,
            Command::Sequence(sequence) => sequence.to == Target::All,
            _ => false,
        };
        assert!(to_all(opened_for(&first)), "{action:?}");
        assert_eq!(state.tab().phase, Phase::Opening);
        // A second one, before the worker has said anything and after: it is open already.
        assert!(to_all(order(&state.act(action.clone()))), "{action:?}");
        happen(&mut state, [Event::Ready]);
        assert!(to_all(order(&state.act(action))));
        state.act(Action::Close);
        assert!(!state.tab().can_send());
        assert_eq!((state.act(Action::Send), &state.tab().notice), (vec![], &Some(Notice::NotOpen)));
        happen(&mut state, [Event::Closed(None)]);
        assert!(state.tab().can_send(), "and so on");
    }
}

#[test]
fn what_cannot_be_opened_or_sent_opens_nothing() {
    let mut state = short_state();
    state.tab_mut().session.remote.port = "0".into();
    for action in [Action::Send, Action::StartCycle] {
        assert_eq!(state.act(action), []);
        assert!(std::mem::take(&mut state.tab_mut().show_problems));
        let Tab { phase, session, cycles, history, .. } = state.tab();
        assert_eq!(
            (phase, &*session.send.content, cycles.len(), history.entries().count()),
            (&Phase::Idle, "x", 0, 0)
        );
    }
    let mut state = short_state();
    state.tab_mut().session.send.content.clear();
    assert_eq!(state.act(Action::Send), []);
    assert_eq!((&state.tab().phase, &state.tab().notice), (&Phase::Idle, &Some(Notice::NothingToSend)));
    // Of other protocols the tick counts for nothing.
    state.tab_mut().session.protocol = Protocol::TcpServer;
    assert!(!state.tab().can_send());
}
