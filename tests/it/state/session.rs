//! One session from opening to its end.

use std::time::Duration;

use super::*;
use netassist::codec::frame::Framing;
use netassist::codec::query::{CaseRule, QueryKind};
use netassist::codec::{Charset, Query};
use netassist::model::{Ending, Group, RuleId};
use netassist::workspace::{RuleForm, SendTo, SendToPeer};

#[test]
fn wrong_fields_open_nothing_and_show() {
    for protocol in Protocol::ALL {
        let mut state = new_state(protocol);
        state.tab_mut().session.options.set("receive-buffer", "much");
        assert!(!state.tab().show_problems);
        assert_eq!(state.act(Action::Open), []);
        assert_eq!(state.tab().phase, Phase::Idle);
        assert!(state.tab().show_problems);
        state.tab_mut().session.options.set("receive-buffer", "");
        assert_ne!(state.act(Action::Open), []);
    }
}

#[test]
fn what_is_opened_is_what_is_typed() {
    let mut state = new_state(Protocol::TcpServer);
    state.tab_mut().session.local.port = " 9000 ".into();
    state.act(Action::Rules(RulesAction::Switch(Box::new(RuleForm::echo()), true)));
    let effects = state.act(Action::Open);
    let [Effect::Open { tab, title, link, options, framing, rules }, Effect::WriteSettings] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!((*tab, title.as_str()), (state.active, "tcp-server 127.0.0.1:9000"));
    assert_eq!(link.to_string(), *title);
    assert!(rules.is_plain_echo() && options.nodelay);
    assert_eq!(*framing, Framing::AsReceived);
    assert_eq!(state.tab().phase, Phase::Opening);
    assert_eq!(state.act(Action::Open), [], "it is opening already");
}

#[test]
fn a_session_runs_from_opening_to_its_end() {
    let mut state = new_state(Protocol::TcpServer);
    state.act(Action::Open);
    assert!(state.tab().is_locked() && !state.tab().is_open());
    let granted = Granted { send_buffer: 1, receive_buffer: 2 };
    happen(&mut state, [Event::Opened { local: at(8080).into(), granted }]);
    assert_eq!(state.tab().phase, Phase::Open { local: at(8080).into(), granted, listening: true });

    happen(&mut state, [Event::Joined(flow(1)), Event::Joined(flow(2))]);
    happen(
        &mut state,
        [recorded(&[
            event(1, RecordKind::Connected, 0),
            data(1, Direction::Received, 5, 10),
            data(2, Direction::Sent, 7, 20),
            event(1, RecordKind::Ended(Ending::PeerFin), 30),
            event(2, RecordKind::Ended(Ending::OwnFin), 40),
        ])],
    );
    let tab = state.tab();
    assert_eq!(tab.log.len(), 5);
    assert_eq!((tab.counters.received, tab.counters.n_received), (5, 1));
    assert_eq!((tab.counters.sent, tab.counters.n_sent), (7, 1));
    let of = |id: u32| &tab.peers[&FlowId(id)];
    assert_eq!((of(1).received, of(1).sent, of(1).peer_fin, of(1).own_fin), (5, 0, true, false));
    assert_eq!((of(2).received, of(2).sent, of(2).peer_fin, of(2).own_fin), (0, 7, false, true));

    let totals = Totals { queued_bytes: 9, queued_messages: 1, ..Totals::default() };
    happen(&mut state, [Event::Recorded(Batch { records: Vec::new(), totals })]);
    state.act(Action::SendTo(FlowId(1)));
    happen(&mut state, [Event::StoppedListening, Event::Left(FlowId(1))]);
    assert!(matches!(state.tab().phase, Phase::Open { listening: false, .. }));
    assert_eq!(state.tab().peers.len(), 1);
    assert_eq!(state.tab().log.flow(FlowId(1)), Some(flow(1)), "the log still needs its name");

    let close = Command::Close { linger: Duration::from_millis(500) };
    assert_eq!(order(&state.act(Action::Close)), &close);
    assert_eq!(state.tab().phase, Phase::Closing);
    let at_once = Command::Close { linger: Duration::ZERO };
    assert_eq!(order(&state.act(Action::Close)), &at_once, "a second time means it");
    happen(&mut state, [Event::Closed(None)]);
    let tab = state.tab();
    assert_eq!((&tab.phase, tab.peers.len(), tab.log.len()), (&Phase::Idle, 0, 5));
    assert_eq!((&tab.notice, tab.totals.queued_messages), (&None, 0));
    assert!(matches!(tab.session.send_to, SendTo::Peer(SendToPeer { flow: None, .. })), "not all instead");
    assert_eq!(state.act(Action::Close), []);

    state.act(Action::Open);
    assert!(matches!(order(&state.act(Action::Close)), Command::Close { .. }), "before it is open");
    happen(&mut state, [Event::Closed(None)]);
    assert_eq!((&state.tab().phase, &state.tab().notice), (&Phase::Idle, &None));
}

#[test]
fn failures_are_told_and_the_next_opening_forgets_them() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    happen(&mut state, [Event::Trouble(trouble())]);
    assert_eq!(state.tab().notice, Some(Notice::Net(trouble())));
    assert!(state.tab().is_open(), "a trouble is not the end");
    happen(&mut state, [Event::Closed(Some(trouble()))]);
    assert_eq!(state.tab().notice, Some(Notice::Ended(trouble())));
    assert_eq!(state.tab().phase, Phase::Idle);
    state.act(Action::Open);
    assert_eq!(state.tab().notice, None);
    happen(&mut state, [Event::Closed(Some(trouble()))]);
    assert_eq!(state.tab().notice, Some(Notice::Net(trouble())), "what never began has not ended");
    state.act(Action::Open);
    // One address after the other is tried; in the end one works.
    happen(&mut state, [Event::Trouble(trouble())]);
    happen(&mut state, [Event::Opened { local: at(1).into(), granted: Granted::default() }]);
    assert_eq!(state.tab().notice, None);
    type_text(&mut state, "x");
    refused(&mut state, Action::Send, Notice::NoPeers(SendTo::All));
    happen(&mut state, [Event::Joined(flow(1))]);
    assert_eq!(state.tab().notice, None, "a client has come");
    type_text(&mut state, "");
    refused(&mut state, Action::Send, Notice::NothingToSend);
    type_text(&mut state, "x");
    assert_ne!(state.act(Action::Send), []);
    assert_eq!(state.tab().notice, None, "it was corrected");
}

#[test]
fn reports_for_a_tab_that_is_gone_go_nowhere() {
    let mut state = new_state(Protocol::Udp);
    let gone = TabId(99);
    assert_eq!(state.apply(gone, Event::Closed(Some(trouble())), Stamp(1)), []);
    for what in [FileFor::Save, FileFor::Send, FileFor::QuickImport, FileFor::QuickExport] {
        assert_eq!(state.report(Report::Chosen(gone, what, "x".into())), []);
    }
    assert_eq!((&state.tab().notice, state.tabs.len()), (&None, 1));
    state.report(Report::Trouble(Some(gone), Notice::TooBusy));
    assert_eq!(state.notices, [Notice::TooBusy], "what failed is told all the same");
}

#[test]
fn peers_are_handled_one_by_one() {
    let mut state = open_state(Protocol::TcpServer, &[1, 2]);
    let flows = vec![FlowId(2)];
    let to = Target::Flows(flows.clone());
    for (action, command) in [
        (Action::Disconnect(flows.clone()), SocketCommand::Disconnect(to.clone())),
        (Action::HalfClose(flows.clone()), SocketCommand::HalfClose(to.clone())),
        (Action::Reset(flows), SocketCommand::Reset(to)),
        (Action::StopListening, SocketCommand::StopListening),
    ] {
        assert_eq!(order(&state.act(action)), &command.into());
    }
}

#[test]
fn groups_are_joined_and_left_as_typed() {
    let mut state = open_state(Protocol::Udp, &[]);
    assert_eq!(state.act(Action::JoinGroup), []);
    assert!(state.tab().show_problems, "there is none to join");
    state.tab_mut().session.options.set("join", "239.0.0.9");
    let group = Group { address: "239.0.0.9".parse().unwrap(), interface: None, scope: 0 };
    assert_eq!(order(&state.act(Action::JoinGroup)), &SocketCommand::Join(group).into());
    assert_eq!(order(&state.act(Action::LeaveGroup)), &SocketCommand::Leave(group).into());
}

#[test]
fn counters_and_rates_begin_anew_but_peers_and_log_stay() {
    let second = |n: u64| Stamp(n * 1_000_000_000);
    let mut state = open_state(Protocol::TcpServer, &[1]);
    state.tick(second(100));
    let id = state.active;
    state.apply(id, recorded(&[data(1, Direction::Received, 1000, 0)]), second(101));
    assert!((state.tab().rates.received - 1000.0).abs() < 1e-6, "{:?}", state.tab().rates);
    state.act(Action::ResetCounters);
    let tab = state.tab();
    assert_eq!((tab.counters, tab.rates.received.to_bits()), (Counters::default(), 0));
    assert_eq!((tab.log.len(), tab.peers[&FlowId(1)].received), (1, 1000));
    state.apply(id, recorded(&[data(1, Direction::Sent, 10, 1)]), second(103));
    assert_eq!((state.tab().counters.received, state.tab().counters.sent), (0, 10));
    assert!((state.tab().rates.sent - 5.0).abs() < 1e-6);
    state.tick(second(104));
    assert_eq!(state.tab().rates.sent.to_bits(), 0, "silence is told, too");
}

#[test]
fn notices_are_taken_away_the_common_one_first() {
    let mut state = new_state(Protocol::Udp);
    state.notices.push(Notice::NoDialog);
    state.tab_mut().notice = Some(Notice::NotOpen);
    state.act(Action::Strip(StripAction::Dismiss(None)));
    assert_eq!((&*state.notices, &state.tab().notice), (&[][..], &Some(Notice::NotOpen)));
    state.act(Action::Strip(StripAction::Dismiss(None)));
    assert_eq!(state.tab().notice, None);
}

#[test]
fn a_new_capture_begins_with_an_empty_log() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    happen(&mut state, [recorded(&[data(1, Direction::Received, 5, 1000)])]);
    state.act(Action::Clear);
    state.act(Action::Pause(true));
    state.tab_mut().begin_capture("new.pcapng".into());
    state.tab_mut().update_shown();
    let tab = state.tab();
    assert_eq!((tab.log.len(), tab.shown.len(), tab.cleared, tab.paused), (0, 0, 0, None));
    assert_eq!(tab.capture.as_deref(), Some(std::path::Path::new("new.pcapng")));
}

#[test]
fn a_large_compressed_capture_is_opened_again_in_its_place_or_closed() {
    let mut state = new_state(Protocol::Udp);
    for answer in [true, false] {
        state.act(Action::OpenCapture("a.pcap.gz".into()));
        let viewer = state.active;
        state.act(Action::OpenCapture("b.pcap".into()));
        state.report(Report::Loaded(viewer, Loaded::TooLarge(10, 2000)));
        assert_eq!(state.question, Some(Question::OpenLarge(viewer, 10, 2000)));
        let effects = state.act(Action::Answer(answer));
        assert_eq!(effects[0], Effect::DropTab(viewer));
        let how = OpenHow { any_size: true, inner: false };
        let again = Effect::LoadCapture(state.active, "a.pcap.gz".into(), how);
        assert_eq!(effects.contains(&again), answer);
        let titles: Vec<_> = state.tabs.iter().filter_map(|tab| tab.file()?.to_str()).collect();
        assert_eq!(titles, if answer { &["a.pcap.gz", "b.pcap"][..] } else { &["b.pcap"] });
        state.act(Action::CloseTab(state.active));
    }
    // Without its tab there is nothing to ask.
    state.report(Report::Loaded(TabId(99), Loaded::TooLarge(10, 2000)));
    assert_eq!(state.question, None);
}

#[test]
fn captures_are_loaded_into_a_tab_of_their_own() {
    let mut state = new_state(Protocol::Udp);
    let first = state.active;
    state.tab_mut().session.send.content = "typed".into();
    state.act(Action::ShowRecent(true));
    // The list stays until the file is found.
    assert_eq!(state.act(Action::OpenCapture("a.pcapng".into())), [Effect::FindFile("a.pcapng".into())]);
    assert!(state.recent_open && state.active == first);
    let effects = state.report(Report::FileFound("a.pcapng".into(), Ok(())));
    let viewer = state.active;
    assert_eq!(effects, [Effect::LoadCapture(viewer, "a.pcapng".into(), OpenHow::default())]);
    assert!(state.tab().is_viewer() && !state.recent_open && viewer != first);
    let more = Loaded::More {
        pairs: Vec::new(),
        flows: vec![flow(1)],
        records: vec![data(1, Direction::Received, 3, 0)],
        notes: vec![(0, "old".to_owned()), (7, "gone".to_owned()), (0, "new".to_owned()), (7, String::new())],
        unordered: Some(Stamp(1)),
        done: (10, 20),
    };
    state.act(Action::SelectTab(first));
    state.report(Report::Loaded(viewer, more));
    let tab = state.find(viewer).unwrap();
    assert_eq!(tab.phase, Phase::Viewing { loading: Some((10, 20)) });
    assert_eq!((tab.log.len(), tab.counters.received, tab.log.unordered), (1, 3, Some(Stamp(1))));
    assert_eq!(tab.notes.iter().collect::<Vec<_>>(), [(&0, &"new".to_owned())]);
    assert_eq!(tab.log.flow(FlowId(1)), Some(flow(1)));
    state.report(Report::Loaded(viewer, Loaded::End(true)));
    let tab = state.find(viewer).unwrap();
    assert_eq!((&tab.phase, &tab.notice), (&Phase::Viewing { loading: None }, &Some(Notice::Torn)));
    assert_eq!(state.act(Action::OpenCapture("a.pcapng".into())), [], "it is there already");
    assert_eq!((state.active, state.tabs.len()), (viewer, 2));
    assert_eq!(
        (state.act(Action::Open), state.act(Action::Close)),
        (vec![], vec![]),
        "nothing to open in it"
    );

    state.act(Action::OpenCapture("b.pcapng".into()));
    state.report(Report::Loaded(state.active, Loaded::Failed("no capture".into())));
    assert_eq!(state.tab().notice, Some(Notice::CannotRead("no capture".into())));
    state.tabs[0].session.send.content = "x".into();
    assert_eq!(state.to_save().tabs.len(), 1, "captures are not opened again by themselves");
}

#[test]
fn a_client_that_calls_again_counts_the_seconds() {
    let mut state = new_state(Protocol::TcpClient);
    state.tab_mut().session.options.set("reconnect", "true");
    let effects = state.act(Action::Open);
    let Some(Effect::Open { options, .. }) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(options.reconnect, Some(netassist::model::Backoff::default()));
    let wait = |state: &mut State, ms| {
        happen(state, [Event::CallingAgain(std::time::Duration::from_millis(ms))]);
        state.tab().phase.clone()
    };
    let left = |phase: Phase| match phase {
        Phase::Waiting { left_s, .. } => left_s,
        other => panic!("{other:?}"),
    };
    assert_eq!(left(wait(&mut state, 2000)), 2);
    for (at_ms, left_s) in [(500, 2), (1500, 1), (2500, 0)] {
        state.tick(Stamp(at_ms * 1_000_000));
        assert_eq!(left(state.tab().phase.clone()), left_s);
    }
    happen(&mut state, [Event::Opened { local: at(8080).into(), granted: Granted::default() }]);
    assert!(state.tab().is_open());
    wait(&mut state, 1000);
    assert!(state.tab().is_locked() && !state.tab().is_open());
    assert!(matches!(order(&state.act(Action::Close)), Command::Close { .. }));
    assert_eq!(wait(&mut state, 1000), Phase::Closing, "what was told before it knew");
    happen(&mut state, [Event::Closed(None)]);
    assert_eq!(state.tab().phase, Phase::Idle);
}

#[test]
fn what_rules_tell_is_there_to_be_seen() {
    let mut state = open_state(Protocol::TcpServer, &[0]);
    happen(&mut state, [recorded(&[data(0, Direction::Received, 1, 0); 2])]);
    let set = |form| Action::Rules(RulesAction::Switch(Box::new(form), true));
    let orders = state.act(set(RuleForm::echo()));
    let Command::SetRules(rules) = order(&orders) else { panic!("{orders:?}") };
    assert!(rules.is_plain_echo(), "a tick counts at once");
    state.act(set(RuleForm::relay()));
    assert_eq!(state.act(Action::Rules(RulesAction::Apply)), [], "the worker has them");
    happen(&mut state, [Event::RuleHits(vec![3, 0]), Event::Annotated(vec![(1, "★ alarm".to_owned())])]);
    assert_eq!([0, 1].map(|id| state.tab().rules.hits(RuleId(id))), [Some(3), Some(0)]);
    // The worker goes on counting when it gets other rules.
    state.act(set(RuleForm { name: "third".to_owned(), ..RuleForm::echo() }));
    state.act(Action::Rules(RulesAction::Row(RowAction::Delete(RuleId(1)))));
    state.act(Action::Rules(RulesAction::Apply));
    assert_eq!(state.tab().counters.n_used, 3);
    let n_rules = state.tab().rules.list.rows().len();
    happen(&mut state, [Event::RuleHits([&[3][..], &vec![0; n_rules - 1]].concat())]);
    assert_eq!((state.tab().counters.n_used, state.tab().rules.hits(RuleId(0))), (3, Some(3)));
    assert_eq!(state.tab().notes.get(&1).map(String::as_str), Some("★ alarm"));
    assert!(!state.tab().notes_unsaved, "the capture has it");
    happen(&mut state, [Event::SequenceWanted("page".to_owned(), FlowId(0))]);
    assert_eq!(state.tab().notice, Some(Notice::NoSequence("page".to_owned())));
    happen(&mut state, [Event::RecordingStopped]);
    assert!(state.tab().recording_stopped);
    assert_eq!(order(&state.act(Action::ResumeRecording)), &Command::ResumeRecording);
    happen(&mut state, [Event::RecordingResumed]);
    assert!(!state.tab().recording_stopped);
}

#[test]
fn a_full_disk_is_told_with_its_folder_until_there_is_room() {
    let mut state = open_state(Protocol::TcpServer, &[0]);
    state.tab_mut().begin_capture("/captures/a.pcapng".into());
    let error = NetError::new(Doing::Recording, "", std::io::Error::from(std::io::ErrorKind::StorageFull));
    let paused = |pending| Notice::RecordingPaused(error.clone(), "/captures".into(), pending);
    for pending in [10, 20] {
        happen(&mut state, [Event::CapturePaused(error.clone(), pending)]);
        assert_eq!(
            (&state.tab().notice, &state.tab().stalled),
            (&Some(paused(pending)), &Some(paused(pending)))
        );
    }
    state.act(Action::Strip(StripAction::Dismiss(None)));
    happen(&mut state, [Event::CapturePaused(error.clone(), 30)]);
    assert_eq!((&state.tab().notice, &state.tab().stalled), (&None, &Some(paused(30))), "it was read");
    happen(&mut state, [Event::CaptureResumed(5), Event::CapturePaused(error.clone(), 40)]);
    assert_eq!(state.tab().notice, Some(paused(40)), "this is another time");
    happen(&mut state, [Event::CaptureResumed(5)]);
    assert_eq!((&state.tab().notice, &state.tab().stalled), (&None, &None), "both go by themselves");
    happen(&mut state, [Event::CapturePaused(error.clone(), 50), Event::Closed(Some(error.clone()))]);
    assert_eq!((&state.tab().notice, &state.tab().stalled), (&Some(Notice::Ended(error)), &None));
}

#[test]
fn a_filter_begins_anew_for_late_notes_of_rules_but_not_for_each() {
    let mut state = new_state(Protocol::Udp);
    let note = |state: &mut State, n: u64| happen(state, [Event::Annotated(vec![(n, "x".to_owned())])]);
    state.act(Action::Open);
    happen(&mut state, [recorded(&[data(0, Direction::Received, 1, 0); 5])]);
    let query = Query::parse(QueryKind::Text, "x", Charset::Utf8, CaseRule::Exact).unwrap();
    state.tab_mut().filtered.filter.query = Some(query);
    state.tab_mut().filtered.reached = 3;
    let serial = |state: &State| (state.tab().filtered.serial, state.tab().has_notes_due());
    let (before, second) = (serial(&state).0, Stamp(1_000_000_000));
    note(&mut state, 5);
    assert_eq!(serial(&state), (before, false), "its record is still to come");
    happen(&mut state, [recorded(&[data(0, Direction::Received, 1, 5)])]);
    note(&mut state, 5);
    state.tick(second);
    assert_eq!(serial(&state), (before, true), "the filter has not come so far yet");
    state.tab_mut().filtered.reached = 6;
    state.tick(second);
    assert_eq!(serial(&state), (before + 1, false));
    note(&mut state, 0);
    state.tab_mut().filtered.reached = 6;
    state.tick(Stamp(second.0 * 2 - 1));
    assert_eq!(serial(&state), (before + 1, true), "that was a moment ago");
    state.tick(Stamp(second.0 * 2));
    assert_eq!(serial(&state), (before + 2, false));
    note(&mut state, 0);
    state.act(Action::SetFilter(Filter::default()));
    state.tick(second);
    assert!(!serial(&state).1, "there is nothing to wait for without a filter");
}

#[test]
fn the_worker_cuts_messages_as_the_window_does() {
    let mut state = open_state(Protocol::TcpServer, &[0]);
    let effects = state.act(Action::SetFraming(Framing::Line));
    assert_eq!(order(&effects), &Command::SetFraming(Framing::Line));
    happen(&mut state, [Event::Closed(None)]);
    assert_eq!(state.act(Action::SetFraming(Framing::Fixed(2))), [], "nobody is there to be told");
    let effects = state.act(Action::Open);
    let Some(Effect::Open { framing, .. }) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(*framing, Framing::Fixed(2));
}
