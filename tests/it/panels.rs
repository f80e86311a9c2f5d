//! Single panels without the rest of the window: what they answer, and that every message of theirs
//! can be read in both languages.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

mod bytes;
mod hands;
mod inspector;
mod libraries;
mod table;
mod words;

use std::path::PathBuf;

use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use netassist::model::{FlowId, Granted, Protocol, Stamp};
use netassist::state::{Action, Phase, Question, Recent, Settings, TabId};
use netassist::ui::lang::Lang;
use netassist::ui::settings::{SettingsInput, network_ui};
use netassist::ui::{dialogs, fonts, theme};
use netassist::workspace::{Address, Session};

/// A panel that keeps what it answers.
fn panel<'a, T: 'a>(
    draft: T,
    mut show: impl FnMut(&mut egui::Ui, &mut T) -> Vec<Action> + 'a,
) -> Harness<'a, (T, Vec<Action>)> {
    let setup = |ctx: &egui::Context| {
        fonts::install(ctx, Lang::En);
        theme::apply(ctx);
    };
    let builder = Harness::builder().with_size([760.0, 1200.0]).with_context_setup(setup);
    builder.build_ui_state(
        move |ui, (draft, actions): &mut (T, Vec<Action>)| {
            let answers = show(ui, draft);
            actions.extend(answers);
        },
        (draft, Vec::new()),
    )
}

fn has<T>(panel: &Harness<'_, T>, label: &str) -> bool {
    panel.root().query_all_by_label(label).next().is_some()
}

#[track_caller]
fn click<T>(panel: &mut Harness<'_, T>, label: &str) {
    panel.root().get_all_by_label(label).last().unwrap().click();
    panel.run_ok();
}

fn settings<'a>(lang: Lang, session: Session, phase: Phase) -> Harness<'a, (Session, Vec<Action>)> {
    let recent = ["10.1.2.3:99".to_owned(), "[fe80::1%2]:7".to_owned()];
    panel(session, move |ui, session| {
        let input = SettingsInput {
            lang,
            phase: &phase,
            stalled: false,
            is_lost: false,
            addresses: &[],
            recent: &recent,
            n_peers: 2,
            connection: None,
            show_problems: false,
        };
        network_ui(ui, &input, session, &mut netassist::model::Password::default())
    })
}

fn open_phase(listening: bool) -> Phase {
    Phase::Open {
        local: std::net::SocketAddr::from(([127, 0, 0, 1], 80)).into(),
        granted: Granted::default(),
        listening,
    }
}

/// Each frame is a second: a button is held for that long.
fn on_a_busy_machine(show: impl FnMut(&mut egui::Ui, &mut u32) + 'static) -> Harness<'static, u32> {
    let setup = |ctx: &egui::Context| {
        fonts::install(ctx, Lang::En);
        theme::apply(ctx);
    };
    Harness::builder().with_step_dt(1.0).with_context_setup(setup).build_ui_state(show, 0)
}

#[test]
fn a_press_that_lasts_is_a_click() {
    let count = |ui: &mut egui::Ui, clicks: &mut u32| *clicks += u32::from(ui.button("Send").clicked());
    let mut panel = on_a_busy_machine(count);
    panel.step();
    panel.get_by_label("Send").click();
    panel.run_steps(3);
    assert_eq!(*panel.state(), 1);
}

/// A finger that rests opens the menu, and does not press what it rests on.
#[test]
fn a_touch_that_lasts_opens_the_menu() {
    let show = |ui: &mut egui::Ui, clicks: &mut u32| {
        let button = ui.button("Send");
        *clicks += u32::from(button.clicked());
        button.context_menu(|ui| _ = ui.label("Send later"));
    };
    let mut panel = on_a_busy_machine(show);
    panel.step();
    let pos = panel.get_by_label("Send").rect().center();
    for (phase, pressed) in [(egui::TouchPhase::Start, true), (egui::TouchPhase::End, false)] {
        let (device_id, id) = (egui::TouchDeviceId(0), egui::TouchId(0));
        let button = egui::PointerButton::Primary;
        let modifiers = egui::Modifiers::NONE;
        let touch = egui::Event::Touch { device_id, id, phase, pos, force: None };
        let events = &mut panel.input_mut().events;
        events.extend([touch, egui::Event::PointerMoved(pos)]);
        events.push(egui::Event::PointerButton { pos, button, pressed, modifiers });
        panel.run_steps(3);
    }
    assert!(has(&panel, "Send later"));
    assert_eq!(*panel.state(), 0);
}

#[test]
fn a_protocol_shows_the_fields_that_it_uses() {
    for &lang in Lang::ALL {
        for protocol in Protocol::ALL {
            let mut panel = settings(lang, Session { protocol, ..Session::for_tab() }, Phase::Idle);
            click(&mut panel, lang.more_options());
            let (udp, client) = (protocol == Protocol::Udp, protocol == Protocol::TcpClient);
            for (label, expected) in [
                (lang.local_host(), !client),
                (lang.local_port(), !client),
                (lang.remote_host(), udp || client),
                (lang.remote_port(), udp || client),
                (lang.upstream_host(), protocol.relays()),
                (lang.upstream_port(), protocol.relays()),
                (lang.bind_client(), client),
                (lang.opt_connect_timeout(), protocol.is_stream()),
                (lang.opt_nodelay(), protocol.is_stream()),
                (lang.opt_keep_alive(), protocol.is_stream()),
                (lang.opt_broadcast(), udp),
                (lang.opt_join(), udp),
                (lang.opt_ttl(), udp),
                (lang.opt_send_buffer(), true),
            ] {
                assert_eq!(has(&panel, label), expected, "{label} of {protocol:?}");
            }
        }
    }
}

#[test]
fn the_big_button_says_what_it_does() {
    let lang = Lang::En;
    for (phase, label, action) in [
        (Phase::Idle, lang.open(), Action::Open),
        (Phase::Opening, lang.cancel_opening(), Action::Close),
        (open_phase(true), lang.close(), Action::Close),
        (Phase::Closing, lang.closing(), Action::Close),
    ] {
        let mut panel = settings(lang, Session::for_tab(), phase);
        click(&mut panel, label);
        assert_eq!(panel.state().1, [action], "{label}");
    }
    let mut panel = settings(lang, Session::for_tab(), open_phase(true));
    click(&mut panel, lang.more_ends());
    click(&mut panel, lang.stop_listening());
    assert_eq!(panel.state().1, [Action::StopListening]);
    let panel = settings(lang, Session::for_tab(), open_phase(false));
    assert!(panel.get_by_label(lang.more_ends()).accesskit_node().is_disabled(), "nothing listens");
}

#[test]
fn what_a_session_holds_fast_cannot_be_typed_over() {
    let lang = Lang::En;
    for (protocol, remote_locked) in
        [(Protocol::TcpClient, true), (Protocol::TcpRelay, true), (Protocol::Udp, false)]
    {
        let form = Session { protocol, bind: Some(true), ..Session::for_tab() };
        let mut panel = settings(lang, form, open_phase(false));
        // A client's own address is among the options.
        click(&mut panel, lang.more_options());
        let locked = |label| panel.get_by_label(label).accesskit_node().is_disabled();
        assert!(locked(lang.local_host()) && locked(lang.local_port()) && locked(lang.protocol()));
        let remote = if protocol.relays() { lang.upstream_host() } else { lang.remote_host() };
        assert_eq!(locked(remote), remote_locked, "datagrams may go elsewhere at any time");
    }
}

#[test]
fn a_recent_remote_fills_both_fields() {
    let lang = Lang::ZhCn;
    let mut panel = settings(lang, Session::for_tab(), Phase::Idle);
    click(&mut panel, lang.recent_remotes());
    click(&mut panel, "[fe80::1%2]:7");
    let form = &panel.state().0;
    assert_eq!((form.remote.host.as_str(), form.remote.port.as_str()), ("fe80::1%2", "7"));
}

#[test]
fn an_address_says_who_can_reach_it() {
    for &lang in Lang::ALL {
        for (address, local) in
            [("127.0.0.1", true), ("::1", true), ("0.0.0.0", false), ("::", false), ("10.0.0.1", false)]
        {
            let form = Session { local: Address::new(address, "1"), ..Session::for_tab() };
            let panel = settings(lang, form, Phase::Idle);
            assert_eq!(has(&panel, lang.this_machine_only()), local, "{address}");
            assert_eq!(has(&panel, lang.from_network()), !local, "{address}");
        }
        let mut panel = settings(lang, Session::for_tab(), Phase::Idle);
        click(&mut panel, lang.choose_address());
        assert_eq!(panel.state().1, [Action::RefreshAddresses]);
        panel.root().query_all_by_label_contains("0.0.0.0").last().unwrap().click();
        panel.run_ok();
        assert_eq!(panel.state().0.local.host, "0.0.0.0");
    }
}

#[test]
fn questions_are_answered_by_buttons_and_keys() {
    for &lang in Lang::ALL {
        for (question, yes) in
            [(Question::CloseTab(TabId(1)), lang.close_anyway()), (Question::Quit, lang.quit_anyway())]
        {
            let ask = || {
                let question = question.clone();
                panel((), move |ui, ()| dialogs::question_ui(ui, lang, &question))
            };
            for (button, answer) in [(yes, true), (lang.keep_open(), false)] {
                let mut panel = ask();
                click(&mut panel, button);
                assert_eq!(panel.state().1, [Action::Answer(answer)]);
            }
            for (key, answer) in [(egui::Key::Enter, true), (egui::Key::Escape, false)] {
                let mut panel = ask();
                panel.key_press(key);
                panel.run_ok();
                assert_eq!(panel.state().1, [Action::Answer(answer)], "{key:?}");
            }
        }
    }
}

#[test]
fn a_list_of_thousands_of_captures_shows_those_in_sight() {
    let lang = Lang::En;
    let capture = |n: u64| Recent {
        path: PathBuf::from(format!("captures/number-{n}.pcapng")),
        len: 1 << 20,
        modified: Stamp(n),
        open: n == 1,
        marked: n == 3,
        name: String::new(),
        sessions: if n == 4 { String::new() } else { format!("udp 0.0.0.0:{n}") },
        removed: false,
    };
    let recent: Vec<Recent> = (0..5000).map(capture).collect();
    let mut panel = panel((Settings::default(), String::new()), move |ui, (settings, path)| {
        let now = Stamp(60_000_000_000);
        dialogs::recent_ui(ui, lang, Some(&recent), (now, &jiff::tz::TimeZone::UTC), settings, (path, &None))
    });
    panel.run_ok();
    let buttons: Vec<_> = panel.root().query_all_by_label(lang.open_capture()).collect();
    assert!((5..50).contains(&buttons.len()), "{}", buttons.len());
    buttons[2].click();
    panel.run_ok();
    let open: Vec<bool> = {
        let delete = panel.root().query_all_by_label(lang.delete_capture());
        delete.map(|button| button.accesskit_node().is_disabled()).take(5).collect()
    };
    assert_eq!(open, [false, true, false, true, false], "the one in use and the one that is marked stay");
    for name in ["udp 0.0.0.0:3", "number-4", "Today 00:00", "In use, 1.00 MiB"] {
        assert!(panel.root().query_all_by_label(name).next().is_some(), "{name}");
    }
    for nth in [2, 3] {
        panel.root().query_all_by_label(lang.mark_capture()).nth(nth).unwrap().click();
        // Its tip would cover other buttons.
        panel.remove_cursor();
        panel.run_ok();
    }
    for (label, value) in [(lang.keep_up_to(), "2048"), (lang.warn_above(), "10240")] {
        let value_of = |node: &egui_kittest::Node<'_>| node.accesskit_node().value();
        assert!(panel.root().query_all_by_label(label).any(|node| value_of(&node).as_deref() == Some(value)));
    }
    panel.root().query_all_by_label(lang.delete_capture()).next().unwrap().click();
    panel.run_ok();
    let path = |n: u64| PathBuf::from(format!("captures/number-{n}.pcapng"));
    assert_eq!(
        panel.state().1,
        [
            Action::OpenCapture(path(2)),
            Action::MarkCapture(path(2), true),
            Action::MarkCapture(path(3), false),
            Action::RemoveCapture(path(0))
        ]
    );
    panel.key_press(egui::Key::Escape);
    panel.run_ok();
    assert_eq!(panel.state().1.last(), Some(&Action::ShowRecent(false)));
}

#[test]
fn a_peer_is_worked_through_its_menu() {
    use netassist::model::{Flow, Origin, Transport};
    use netassist::state::Peer;
    use netassist::ui::peers::{PeersInput, peers_ui};
    use netassist::workspace::{SendTo, SendToPeer};
    let flow = Flow {
        id: FlowId(7),
        transport: Transport::Tcp,
        local: ([127, 0, 0, 1], 80).into(),
        peer: ([127, 0, 0, 1], 4000).into(),
        origin: Origin::Accepted,
        since: Stamp(0),
        imported: false,
    };
    for &lang in Lang::ALL {
        let mut peer = Peer::new(flow.clone());
        (peer.received, peer.sent, peer.own_fin) = (1, 2, true);
        let peers = std::collections::BTreeMap::from([(FlowId(7), peer)]);
        let names = netassist::workspace::PeerNames::default();
        let zone = jiff::tz::TimeZone::UTC;
        let protocol = Protocol::TcpServer;
        let mut panel = panel((peers, SendTo::All), move |ui, (peers, to)| {
            peers_ui(
                ui,
                PeersInput { lang, protocol, names: &names, zone: &zone, wide: false, lost: None },
                (peers, &mut 0, 600.0),
                to,
            )
        });
        assert!(has(&panel, "→FIN ← 1 B"));
        let menu = format!("{} 127.0.0.1:4000", lang.peer_actions());
        for entry in [lang.half_close(), lang.disconnect(), lang.reset_peer(), lang.send_only_to()] {
            click(&mut panel, &menu);
            click(&mut panel, entry);
        }
        let this = vec![FlowId(7)];
        let expected =
            [Action::HalfClose(this.clone()), Action::Disconnect(this.clone()), Action::Reset(this)];
        assert_eq!(panel.state().1, expected);
        assert_eq!(panel.state().0.1, SendTo::Peer(SendToPeer::there(flow.peer, FlowId(7))));
        click(&mut panel, "127.0.0.1:4000");
        assert!(!panel.state().0.0[&FlowId(7)].ticked);
        assert!(panel.root().query_all_by_label_contains("FIN").next().is_some());
    }
}
