//! What is sent, and to whom.

use std::sync::Arc;

use super::*;
use netassist::codec::compose::{ComposeError, ComposeProblem};
use netassist::codec::{Charset, LineBreak};
use netassist::model::{
    Ending, FileEnd, FileId, FileOrder, FileProgress, FileToSend, Others, Progress, Repeat, RepeatId,
};
use netassist::workspace::{Address, CycleForm, Draft, SavedTab, SendTo, SendToPeer, Session};

fn endpoint(text: &str) -> Target {
    Target::Endpoint(text.parse::<Endpoint>().unwrap())
}

#[test]
fn tcp_sends_to_all_to_the_ticked_or_to_one() {
    let mut state = open_state(Protocol::TcpServer, &[1, 2, 3]);
    state.tab_mut().peers.get_mut(&FlowId(2)).unwrap().ticked = false;
    let flows = |ids: &[u32]| Ok(Target::Flows(ids.iter().map(|id| FlowId(*id)).collect()));
    for (leaving, to, target) in [
        (&[][..], SendTo::All, Ok(Target::All)),
        (&[], SendTo::Ticked, flows(&[1, 3])),
        (&[], to_peer(2), flows(&[2])),
        // Never to somebody else instead.
        (&[2], to_peer(2), left(&flow(2).peer.to_string())),
        (&[1, 3], SendTo::Ticked, Err(Notice::NoPeers(SendTo::Ticked))),
        (&[], SendTo::All, Err(Notice::NoPeers(SendTo::All))),
    ] {
        state.tab_mut().session.send_to = to;
        happen(&mut state, leaving.iter().map(|id| Event::Left(FlowId(*id))));
        assert_eq!(state.tab().target(), target);
    }
}

#[test]
fn udp_sends_to_the_remote_of_the_form_also_while_it_is_open() {
    let mut state = open_state(Protocol::Udp, &[5]);
    assert_eq!(state.tab().target(), Ok(endpoint("127.0.0.1:8080")));
    for (host, port, target) in [
        ("::1", "9", Ok(endpoint("[::1]:9"))),
        ("", "9", Err(Notice::NoRemote)),
        ("two words", "9", Err(Notice::NoRemote)),
        ("127.0.0.1", "0", Err(Notice::NoRemote)),
        ("127.0.0.1", "", Err(Notice::NoRemote)),
    ] {
        state.tab_mut().session.remote = Address::new(host, port);
        assert_eq!(state.tab().target(), target, "{host:?} {port:?}");
    }
    state.act(Action::SendTo(FlowId(5)));
    assert_eq!(state.tab().target(), Ok(Target::Flows(vec![FlowId(5)])), "a peer needs no remote");
}

#[test]
fn nothing_goes_where_our_sending_side_is_closed() {
    let fin = |id| recorded(&[event(id, RecordKind::Ended(Ending::OwnFin), 10)]);
    let mut state = open_state(Protocol::TcpServer, &[1, 2]);
    happen(&mut state, [fin(1)]);
    assert_eq!(state.tab().target(), Ok(Target::All), "the other one is still sent to");
    state.act(Action::SendTo(FlowId(1)));
    assert_eq!(state.tab().target(), Err(Notice::SendingClosed));
    happen(&mut state, [fin(2)]);
    state.tab_mut().session.send_to = SendTo::All;
    assert_eq!(state.tab().target(), Err(Notice::SendingClosed));
    happen(&mut state, [Event::Left(FlowId(1)), Event::Left(FlowId(2))]);
    assert_eq!(state.tab().target(), Err(Notice::NoPeers(SendTo::All)));
}

/// The tab as the next run has it.
fn restarted(state: &State) -> State {
    let (text, _) = state.tab().to_save().to_text().unwrap();
    let mut next = new_state(state.tab().session.protocol);
    let mut tab = Tab::restore(SavedTab::from_text(&text, None).unwrap());
    (tab.id, tab.pane) = (next.tab().id, next.tab().pane);
    *next.tab_mut() = tab;
    next
}

fn reopen(state: &mut State) {
    assert_ne!(state.act(Action::Open), []);
    happen(state, [Event::Opened { local: at(8080).into(), granted: Granted::default() }]);
}

#[test]
fn a_target_is_the_same_peer_or_nobody_after_the_session_was_closed() {
    let mut state = open_state(Protocol::TcpServer, &[1, 2]);
    state.tab_mut().session.names.set(flow(2).peer, true, "meter");
    state.act(Action::SendTo(FlowId(2)));
    happen(&mut state, [Event::Closed(None)]);
    let comes = |id: u32, peer: SocketAddr| Event::Joined(Flow { peer, ..flow(id) });
    for mut state in [restarted(&state), state] {
        reopen(&mut state);
        happen(&mut state, [comes(3, "10.1.1.1:5".parse().unwrap())]);
        assert_eq!(state.tab().target(), left("meter"), "not all instead");
        happen(&mut state, [comes(4, SocketAddr::new(flow(2).peer.ip(), 9))]);
        assert_eq!(state.tab().target(), Ok(Target::Flows(vec![FlowId(4)])), "its host has a name");
    }
    // Somebody else on the same host may be anybody.
    let mut state = open_state(Protocol::TcpServer, &[1, 2]);
    state.act(Action::SendTo(FlowId(2)));
    happen(&mut state, [Event::Left(FlowId(2)), comes(4, SocketAddr::new(flow(2).peer.ip(), 9))]);
    assert_eq!(state.tab().target(), left(&flow(2).peer.to_string()));
    // Datagrams need no connection.
    let mut state = open_state(Protocol::Udp, &[5]);
    state.act(Action::SendTo(FlowId(5)));
    let mut state = restarted(&state);
    reopen(&mut state);
    assert_eq!(state.tab().target(), Ok(Target::Endpoint(flow(5).peer.into())));
}

#[test]
fn a_device_by_the_name_of_its_host_is_where_it_is_now() {
    let comes = |id: u32, transport| {
        let peer = SocketAddr::new(flow(2).peer.ip(), u16::try_from(id).unwrap());
        Event::Joined(Flow { peer, transport, ..flow(id) })
    };
    let to = |id: u32| Ok(Target::Flows(vec![FlowId(id)]));
    let mut state = open_state(Protocol::TcpServer, &[2]);
    state.tab_mut().session.names.set(flow(2).peer, true, "meter");
    state.act(Action::SendTo(FlowId(2)));
    type_text(&mut state, "x");
    assert!(matches!(order(&state.act(Action::StartCycle)), Command::Repeat(_)));
    // It is back before the server has noticed that it left.
    happen(&mut state, [comes(4, Transport::Tcp)]);
    assert_eq!(state.tab().target(), to(2), "who is there is not replaced");
    happen(&mut state, [Event::Left(FlowId(2)), Event::RepeatEnded(RepeatId(1), Progress::default())]);
    assert_eq!(state.tab().target(), to(4));
    // Also where it is chosen at a record of its connection before.
    state.tab_mut().session.send_to = SendTo::All;
    state.act(Action::SendTo(FlowId(2)));
    assert_eq!(state.tab().target(), to(4));
    match order(&state.act(Action::Strip(StripAction::Resume(None)))) {
        Command::Repeat(repeat) => assert_eq!(Ok(repeat.to.clone()), to(4)),
        other => panic!("{other:?}"),
    }
    // A program that sends datagrams does not say that it leaves; nor is it sent to where it was in an earlier run.
    let mut state = open_state(Protocol::Udp, &[]);
    state.tab_mut().session.names.set(flow(2).peer, true, "meter");
    happen(&mut state, [comes(5, Transport::Udp)]);
    state.act(Action::SendTo(FlowId(5)));
    happen(&mut state, [comes(6, Transport::Udp)]);
    assert_eq!(state.tab().target(), to(6));
    let mut state = restarted(&state);
    reopen(&mut state);
    assert_eq!(state.tab().target(), left("meter"));
}

#[test]
fn those_who_come_are_not_among_the_ticked() {
    let mut state = open_state(Protocol::TcpServer, &[1, 2]);
    state.tab_mut().session.send_to = SendTo::Ticked;
    happen(&mut state, [Event::Joined(flow(3))]);
    assert_eq!(state.tab().target(), Ok(Target::Flows(vec![FlowId(1), FlowId(2)])));
    let mut state = restarted(&state);
    reopen(&mut state);
    happen(&mut state, [Event::Joined(flow(3))]);
    assert_eq!(state.tab().target(), Err(Notice::NoPeers(SendTo::Ticked)));
}

#[test]
fn a_server_answers_whoever_sent_last() {
    let mut state = open_state(Protocol::TcpServer, &[1, 2]);
    state.tab_mut().session.send_to = SendTo::Last;
    assert_eq!(state.tab().target(), Err(Notice::NoPeers(SendTo::Last)));
    for id in [2, 1] {
        let received = Record { offset: 0, flow: FlowId(id), len: 5, kind: RecordKind::Received };
        let totals = Totals::default();
        happen(&mut state, [Event::Recorded(Batch { records: vec![received], totals })]);
        assert_eq!(state.tab().target(), Ok(Target::Flows(vec![FlowId(id)])));
    }
    happen(&mut state, [Event::Left(FlowId(1))]);
    assert_eq!(state.tab().target(), left(&flow(1).peer.to_string()), "it is said that there was one");
}

#[test]
fn a_peer_is_answered_in_its_own_charset_and_that_is_told() {
    let mut state = open_state(Protocol::TcpServer, &[1, 2]);
    let sends = |state: &mut State, text: &str| {
        type_text(state, text);
        let effects = state.act(Action::Send);
        let commands = effects.iter().filter_map(|effect| match effect {
            Effect::Command(_, Command::SentCharset(change)) => Some(format!("{:?}", change.to())),
            Effect::Command(_, Command::Socket(SocketCommand::Send { what: SendPart::Bytes(bytes), .. })) => {
                Some(format!("{bytes:02X?}"))
            }
            _ => None,
        });
        commands.collect::<Vec<_>>().join(" ")
    };
    let (utf8, gbk) = ("[E4, B8, AD]", "[D6, D0]");
    state.act(Action::SetPeerCharset(FlowId(1), Some(Charset::Gbk)));
    // Not all are read in it. What all get is told, since the first one's text would be read in another.
    assert_eq!(sends(&mut state, "中"), format!("Utf8 {utf8}"));
    state.tab_mut().session.send_to = to_peer(1);
    assert_eq!((state.tab().typing_charset(), sends(&mut state, "中")), (Charset::Gbk, format!("Gbk {gbk}")));
    assert_eq!(sends(&mut state, "中"), gbk);
    state.tab_mut().session.send_to = to_peer(2);
    assert_eq!(sends(&mut state, "中"), format!("Utf8 {utf8}"));
    state.act(Action::SetPeerCharset(FlowId(2), Some(Charset::Gbk)));
    state.tab_mut().session.send_to = SendTo::All;
    assert_eq!(sends(&mut state, "中"), format!("Gbk {gbk}"));
    // What was chosen is kept to.
    state.tab_mut().session.send_charset = Some(Charset::Utf8);
    assert_eq!(sends(&mut state, "中"), format!("Utf8 {utf8}"));
}

#[test]
fn a_choice_by_hand_does_not_grow() {
    let mut state = open_state(Protocol::TcpServer, &[1, 2]);
    happen(&mut state, [Event::Joined(flow(3))]);
    assert_eq!(state.tab().ticked().count(), 3, "nobody has chosen");
    state.tab_mut().peers.get_mut(&FlowId(2)).unwrap().ticked = false;
    state.tab_mut().chosen_by_hand = true;
    happen(&mut state, [Event::Joined(flow(4)), Event::Left(FlowId(2)), Event::Joined(flow(5))]);
    assert_eq!(state.tab().ticked().collect::<Vec<_>>(), [FlowId(1), FlowId(3)]);
    happen(&mut state, [1, 3, 4, 5].map(|id| Event::Left(FlowId(id))));
    happen(&mut state, [Event::Joined(flow(6))]);
    assert_eq!(state.tab().ticked().count(), 1, "nobody is left of whom were chosen");
}

fn left(name: &str) -> Result<Target, Notice> {
    Err(Notice::PeerLeft(Some(name.to_owned())))
}

fn to_peer(id: u32) -> SendTo {
    SendTo::Peer(SendToPeer::there(flow(id).peer, FlowId(id)))
}

type Change = fn(&mut Session);

#[test]
fn a_message_becomes_bytes_at_the_button() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    type_text(&mut state, r"中\r\n");
    let changes: [(Change, &[u8]); 4] = [
        (|_| {}, "中\r\n".as_bytes()),
        (|session| session.charset = Charset::Gbk, b"\xD6\xD0\r\n"),
        (|session| session.send.escapes = false, b"\xD6\xD0\\r\\n"),
        (
            |session| (session.send.mode, session.send.content) = (SendMode::Hex, "0a0B 0c".into()),
            b"\x0a\x0b\x0c",
        ),
    ];
    for (change, bytes) in changes {
        change(&mut state.tab_mut().session);
        let is_hex = state.tab().session.send.mode == SendMode::Hex;
        let what = if is_hex { SendPart::Hex(bytes.into()) } else { SendPart::Bytes(bytes.into()) };
        let sent = SocketCommand::Send { to: Target::All, what }.into();
        assert_eq!(order(&state.act(Action::Send)), &sent);
    }
    assert_eq!(state.tab().session.send.content, "0a0B 0c", "the draft stays");
    assert_eq!(state.tab().notice, None);
}

#[test]
fn what_cannot_be_sent_is_told_and_not_sent() {
    let mut state = new_state(Protocol::TcpServer);
    type_text(&mut state, "x");
    refused(&mut state, Action::Send, Notice::NotOpen);
    refused(&mut state, Action::SendFile("f".into()), Notice::NotOpen);

    let mut state = open_state(Protocol::TcpServer, &[1]);
    refused(&mut state, Action::Send, Notice::NothingToSend);
    let mut problem = |text: &str, mode, escapes, charset| {
        let session = &mut state.tab_mut().session;
        session.charset = charset;
        session.send = Draft { content: text.into(), mode, escapes, ..session.send.clone() };
        assert_eq!(state.act(Action::Send), []);
        match state.tab().notice {
            Some(Notice::CannotSend(SendProblem::Typed(error))) => error,
            ref other => panic!("{text:?}: {other:?}"),
        }
    };
    for (text, start) in [("01 0G 03", 4), ("0", 0), ("01 2", 3)] {
        let error = problem(text, SendMode::Hex, true, Charset::Utf8);
        assert_eq!(SendProblem::Typed(error).range().start, start, "{text:?}");
    }
    let error = problem(r"a\q", SendMode::Text, true, Charset::Utf8);
    assert!(matches!(error, ComposeError { at: 1, why: ComposeProblem::Escape(_), .. }));
    let error = problem("中", SendMode::Text, false, Charset::Latin1);
    assert!(matches!(error.why, ComposeProblem::Unencodable(_)));
}

#[test]
fn an_empty_datagram_is_a_datagram() {
    let mut state = open_state(Protocol::Udp, &[]);
    let to = endpoint("127.0.0.1:8080");
    let empty = SendPart::Bytes([].into());
    refused(&mut state, Action::Send, Notice::NothingToSend);
    assert_eq!(order(&state.act(Action::SendEmpty)), &SocketCommand::Send { to, what: empty }.into());
    assert_eq!(state.settings.recent_remotes, ["127.0.0.1:8080"]);
}

#[test]
fn files_go_to_the_same_target() {
    let mut state = open_state(Protocol::TcpServer, &[1, 2]);
    state.act(Action::SendTo(FlowId(2)));
    let file = FileToSend { others: Others::Pass, ..FileToSend::raw("data.bin") };
    let to = Target::Flows(vec![FlowId(2)]);
    let sent = Command::Socket(SocketCommand::SendFile(Box::new(FileOrder { id: FileId(1), to, file })));
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
    state.apply(tab, Event::FileProgress(FileId(2), progress), Stamp(1));
    assert_eq!(state.tab().files[&FileId(2)].progress, progress);
    assert_eq!(order(&state.act(Action::PauseFile(FileId(2), true))), &Command::PauseFile(FileId(2)));
    assert!(state.tab().files[&FileId(2)].paused);
    assert_eq!(order(&state.act(Action::PauseFile(FileId(2), false))), &Command::ResumeFile(FileId(2)));
    assert_eq!(state.act(Action::PauseFile(FileId(9), true)), []);
    assert_eq!(order(&state.act(Action::StopFile(FileId(2)))), &Command::StopFile(FileId(2)));
    assert_eq!(state.tab().files.len(), 2, "it goes when its end is told");
    state.apply(tab, Event::FileEnded(FileId(2), FileEnd::Stopped, progress), Stamp(1));
    assert_eq!(state.tab().notice, Some(Notice::FileStopped("data.bin".into(), 5, 10)));
    state.apply(tab, Event::FileEnded(FileId(1), FileEnd::Failed, progress), Stamp(1));
    assert_eq!(state.tab().notice, Some(Notice::FileFailed("data.bin".into(), 5, 10)));
    // How far it came stays until it is put away.
    let rows = |state: &State| -> Vec<_> {
        state.tab().files.iter().map(|(id, file)| (id.0, file.failed, file.progress.done)).collect()
    };
    assert_eq!(rows(&state), [(1, true, 5)]);
    assert_eq!(state.act(Action::StopFile(FileId(1))), []);
    assert!(state.tab().files.is_empty());
    // Or until the next one is sent. One that the loss of the session stops has failed; one that the user stops has not.
    state.act(Action::SendFile("data.bin".into()));
    happen(&mut state, [Event::FileProgress(FileId(3), progress), Event::Closed(None)]);
    assert_eq!(rows(&state), [(3, true, 5)]);
    reopen(&mut state);
    happen(&mut state, [Event::Joined(flow(2))]);
    assert_eq!(rows(&state), [(3, true, 5)]);
    state.act(Action::SendFile("data.bin".into()));
    assert_eq!(rows(&state), [(4, false, 0)]);
    state.act(Action::Close);
    happen(&mut state, [Event::Closed(None)]);
    assert_eq!(rows(&state), []);
}

#[test]
fn why_a_file_failed_is_not_hidden_by_how_far_it_came() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    let tab = state.active;
    state.act(Action::SendFile("data.bin".into()));
    let error = NetError::new(Doing::ReadingFile, "data.bin", Cause::LineTooLong(5));
    state.apply(tab, Event::Trouble(error.clone()), Stamp(1));
    let progress = FileProgress { done: 5, total: 10, ..FileProgress::default() };
    state.apply(tab, Event::FileEnded(FileId(1), FileEnd::Failed, progress), Stamp(1));
    assert_eq!(state.tab().notice, Some(Notice::Net(error)));
}

fn repeat(state: &mut State) -> Repeat {
    match order(&state.act(Action::StartCycle)) {
        Command::Repeat(repeat) => repeat.clone(),
        other => panic!("{other:?}"),
    }
}

fn sent(n: u64) -> Progress {
    Progress { sent: n, ..Progress::default() }
}

/// How often the cycles had sent that have ended, and how they did.
fn tallies(state: &State) -> Vec<(u64, CycleEnd)> {
    let tally = |cycle: &Cycle| Some((cycle.progress.sent, cycle.end?));
    state.tab().cycles.values().filter_map(tally).collect()
}

#[test]
fn what_stopped_is_told_until_put_away_and_each_is_resumed_by_itself() {
    let mut state = open_state(Protocol::TcpServer, &[1, 2]);
    type_text(&mut state, "poll");
    state.tab_mut().session.cycle = CycleForm { period: "20".into(), count: "9".into() };
    let ids: Vec<RepeatId> = [1, 2, 3].map(|_| repeat(&mut state).id).to_vec();
    state.act(Action::StopCycle(ids[0]));
    let ends = [(ids[0], 1), (ids[1], 2), (ids[2], 3)].map(|(id, n)| Event::RepeatEnded(id, sent(n)));
    happen(&mut state, ends);
    // Who was to receive it is there: it could not be sent.
    assert_eq!(tallies(&state), [(1, CycleEnd::Stopped), (2, CycleEnd::Failed), (3, CycleEnd::Failed)]);
    assert_eq!(state.tab().notice, Some(Notice::CycleStopped(Halted { cycles: 2, sent: 5 })));
    state.act(Action::Strip(StripAction::Dismiss(None)));
    assert_eq!(tallies(&state).len(), 3, "the strip was read");
    // What is left of it, also of one that was stopped by hand.
    for (id, left) in [(ids[0], 8), (ids[1], 7)] {
        match order(&state.act(Action::Strip(StripAction::Resume(Some(id))))) {
            Command::Repeat(repeat) => assert_eq!((repeat.id, repeat.count), (id, Some(left))),
            other => panic!("{other:?}"),
        }
        assert_eq!(state.act(Action::Strip(StripAction::Resume(Some(id)))), [], "it runs");
    }
    assert_eq!(tallies(&state), [(3, CycleEnd::Failed)]);
    assert_eq!(state.act(Action::StopCycle(ids[2])), [], "put away");
    assert_eq!(tallies(&state), []);
    // An earlier one counts no more when the session ends again.
    happen(&mut state, [Event::RepeatEnded(ids[0], sent(4)), Event::Closed(None)]);
    assert_eq!(
        tallies(&state),
        [(5, CycleEnd::Failed), (2, CycleEnd::Failed)],
        "with what it had sent before"
    );
    reopen(&mut state);
    state.act(Action::Strip(StripAction::Resume(None)));
    assert_eq!((tallies(&state), state.tab().cycles.len()), (vec![], 2));
    happen(&mut state, [Event::RepeatEnded(ids[0], sent(4))]);
    assert_eq!(tallies(&state), [(9, CycleEnd::Done)], "all that were ordered");
}

#[test]
fn what_is_told_of_stopped_cycles_follows_their_rows() {
    let mut state = open_state(Protocol::TcpServer, &[1, 2]);
    type_text(&mut state, "poll");
    let ids: Vec<RepeatId> = [1, 2, 3, 4].map(|_| repeat(&mut state).id).to_vec();
    happen(&mut state, ids[..3].iter().map(|id| Event::RepeatEnded(*id, sent(2))));
    let told = |cycles, sent| Some(Notice::CycleStopped(Halted { cycles, sent }));
    assert_eq!(state.tab().notice, told(3, 6));
    state.act(Action::Strip(StripAction::Resume(Some(ids[0]))));
    assert_eq!(state.tab().notice, told(2, 4), "it goes on");
    state.act(Action::StopCycle(ids[1]));
    assert_eq!(state.tab().notice, told(1, 2), "it was put away");
    let stops = [ids[0], ids[3]].map(|id| Effect::Command(state.active, Command::StopRepeat(id)));
    assert_eq!(state.act(Action::StopCycles), stops, "all that run");
    let resume = Action::Strip(StripAction::Resume(Some(ids[0])));
    assert_eq!(state.act(resume.clone()), [], "what it sent last is not counted yet");
    happen(&mut state, [Event::RepeatEnded(ids[0], sent(5))]);
    assert!(matches!(order(&state.act(resume)), Command::Repeat(_)));
    assert_eq!(state.tab().cycles[&ids[0]].progress.sent, 7);
    let is_resumed = |id| state.tab().cycles[id].is_resumed();
    assert!(is_resumed(&ids[0]) && !is_resumed(&ids[3]), "its timing is of what it sent since");
}

#[test]
fn what_is_in_the_box_is_sent_again_and_again() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    type_text(&mut state, "poll");
    state.tab_mut().session.cycle = CycleForm { period: "20".into(), count: "3".into() };
    let first = repeat(&mut state);
    assert_eq!(
        (first.to, first.every, first.count),
        (Target::All, std::time::Duration::from_millis(20), Some(3))
    );
    assert_eq!(*first.what, [SendPart::Bytes(Arc::from(*b"poll"))]);
    type_text(&mut state, "another");
    state.tab_mut().session.cycle.count = String::new();
    let second = repeat(&mut state);
    assert_ne!(first.id, second.id);
    assert!(state.tab().is_in_use());
    happen(&mut state, [Event::Repeating(first.id, sent(2)), Event::Repeating(second.id, sent(5))]);
    let progress: Vec<u64> = state.tab().cycles.values().map(|cycle| cycle.progress.sent).collect();
    assert_eq!(progress, [2, 5]);
    happen(&mut state, [Event::RepeatEnded(first.id, sent(3))]);
    assert_eq!(state.tab().notice, Some(Notice::CycleDone(3)));
    assert_eq!(order(&state.act(Action::StopCycle(second.id))), &Command::StopRepeat(second.id));
    state.tab_mut().notice = None;
    // Late events of the worker only count. The tallies stay until the next one starts.
    happen(&mut state, [Event::Repeating(second.id, sent(6)), Event::RepeatEnded(second.id, sent(6))]);
    assert_eq!(
        (tallies(&state), &state.tab().notice),
        (vec![(3, CycleEnd::Done), (6, CycleEnd::Stopped)], &None)
    );
    state.tab_mut().session.cycle = CycleForm { period: "50ms".into(), count: "7".into() };
    repeat(&mut state);
    assert_eq!(tallies(&state), []);
    happen(&mut state, [Event::Left(FlowId(1)), Event::Closed(None)]);
    assert_eq!(tallies(&state), [(0, CycleEnd::PeerLeft)], "they end with the session");
    let again = Tab::restore(state.tab().to_save());
    assert_eq!(again.session.cycle, state.tab().session.cycle, "the fields are kept");
}

#[test]
fn a_wrong_cycle_is_told_and_not_started() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    type_text(&mut state, "x");
    for (period, count, path) in [("0.01", "", "period"), ("10", "0", "count")] {
        state.tab_mut().session.cycle = CycleForm { period: period.into(), count: count.into() };
        assert_eq!(state.act(Action::StartCycle), []);
        assert!(matches!(&state.tab().notice, Some(Notice::WrongCycle(problem)) if problem.path == path));
    }
    state.tab_mut().session.cycle = CycleForm::default();
    state.tab_mut().session.send.content.clear();
    refused(&mut state, Action::StartCycle, Notice::NothingToSend);
    assert!(state.tab().cycles.is_empty());
}

fn short_state() -> State {
    let mut state = new_state(Protocol::TcpClient);
    state.tab_mut().session.options.set("short", "answer");
    type_text(&mut state, "x");
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
        refused(&mut state, Action::Send, Notice::NotOpen);
        happen(&mut state, [Event::Closed(None)]);
        assert!(state.tab().can_send(), "and so on");
    }
}

#[test]
fn a_cycle_over_short_connections_opens_the_session_to_go_on() {
    let mut state = short_state();
    state.act(Action::StartCycle);
    let id = *state.tab().cycles.keys().next().unwrap();
    happen(&mut state, [Event::Ready, Event::RepeatEnded(id, sent(2)), Event::Closed(None)]);
    let opened = state.act(Action::Strip(StripAction::Resume(Some(id))));
    assert!(matches!(opened[..], [Effect::Open { .. }, Effect::WriteSettings]), "{opened:?}");
    let ready = state.apply(state.active, Event::Ready, Stamp(1));
    assert!(matches!(order(&ready), Command::Repeat(repeat) if repeat.id == id));
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
    refused(&mut state, Action::Send, Notice::NothingToSend);
    assert_eq!(state.tab().phase, Phase::Idle);
    // Of other protocols the tick counts for nothing.
    state.tab_mut().session.protocol = Protocol::TcpServer;
    assert!(!state.tab().can_send());
}

#[test]
fn line_breaks_go_as_chosen_and_survive_other_modes() {
    let text = |content: &str| Draft { content: content.into(), ..Draft::default() };
    let bytes_of = |draft: &Draft| SendBox::default().compute(draft, Charset::Utf8, false).clone();
    let kinds: [(LineBreak, &[u8]); 3] =
        [(LineBreak::Lf, b"GET /\n\n"), (LineBreak::CrLf, b"GET /\r\n\r\n"), (LineBreak::Cr, b"GET /\r\r")];
    for (line_break, bytes) in kinds {
        for mode in [SendMode::Text, SendMode::Mixed] {
            // As typed, and as pasted.
            for content in ["GET /\n\n", "GET /\r\n\r\n"] {
                let mut draft = Draft { line_break, mode, ..text(content) };
                assert_eq!(bytes_of(&draft).as_deref(), Ok(bytes), "{draft:?}");
                for mode in [SendMode::Hex, SendMode::Text, SendMode::Mixed, SendMode::Text] {
                    draft.convert(mode, Charset::Utf8);
                    assert_eq!(bytes_of(&draft).as_deref(), Ok(bytes), "{draft:?}");
                }
            }
        }
        let mut other = Draft { line_break, mode: SendMode::Hex, ..text("61 0A\n62 0D\n0D 0A") };
        for mode in [SendMode::Hex, SendMode::Text] {
            other.convert(mode, Charset::Utf8);
            assert_eq!(bytes_of(&other).as_deref(), Ok(&b"a\nb\r\r\n"[..]), "{other:?}");
        }
        let filled = Draft { line_break, placeholders: true, ..text("{n}\n") };
        assert_eq!(bytes_of(&filled).as_deref(), Ok(line_break.apply("1\n").as_bytes()));
        let wrong = Draft { line_break, ..text("a\n\nb\\q") };
        assert_eq!(bytes_of(&wrong).unwrap_err().range(), 4..6);
    }
}
