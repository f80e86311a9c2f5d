//! Strips: what is told above the log, what follows, and what goes with its cause.

use std::io::Write as _;
use std::net::TcpListener;

use egui::{Key, Modifiers, Rect};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use netassist::model::Protocol;
use netassist::state::{Halted, Notice, Phase};
use netassist::ui::lang::Lang;

use super::home::{Home, read, server_with_client};
use super::window::{Window, said};

/// A client that sends `x` once a day, and the other side of it.
fn client_with_cycle(home: &Home, lang: Lang) -> (Window, TcpListener, std::net::TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut window = home.window(lang);
    window.choose_protocol(Protocol::TcpClient);
    window.set_text(lang.remote_port(), &listener.local_addr().unwrap().port().to_string());
    window.click(lang.open());
    let (peer, _from) = listener.accept().unwrap();
    window.wait_open();
    window.wait_peers(1);
    window.set_text(lang.send_box(), "x");
    window.set_text(lang.cycle(), "24h");
    window.key(Modifiers::NONE, Key::Enter);
    assert_eq!(read(&peer, 1), b"x");
    window.wait_until("the tally", |window| window.tab().counters.n_sent == 1);
    (window, listener, peer)
}

#[test]
fn a_lost_peer_is_told_until_the_session_is_open_again_and_its_cycle_goes_on() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let (mut window, listener, peer) = client_with_cycle(&home, lang);
        let address = listener.local_addr().unwrap().to_string();
        let in_list = |window: &Window| -> Vec<(Rect, bool)> {
            let root = window.harness.root();
            let ticks = root.query_all_by_role(egui::Role::CheckBox);
            let of_peer = ticks.filter(|tick| said(tick).starts_with(&address));
            of_peer.map(|tick| (tick.rect(), tick.accesskit_node().is_disabled())).collect()
        };
        let [(place, false)] = in_list(&window)[..] else { panic!("{:?}", in_list(&window)) };
        drop(peer);
        window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
        window.settle();
        // The peer keeps its place in the list.
        let [(lost, true)] = in_list(&window)[..] else { panic!("{:?}", in_list(&window)) };
        assert_eq!(lost.left_center(), place.left_center(), "{lang:?}");
        let words = lang.peer_closed_cycle(1);
        // In the strip, in the status bar, and at the tab.
        assert!(window.texts().iter().filter(|text| **text == words).count() >= 2, "{:?}", window.texts());
        assert_eq!(window.tab().fault(), Some(&Notice::PeerClosed(Some(Halted { cycles: 1, sent: 1 }))));
        assert_eq!(window.tab().told().len(), 1, "{:?}", window.tab().told());
        assert!(!window.controls(lang.connect_again()).is_empty() && window.controls(lang.open()).is_empty());
        // Its tally stays above the send box.
        assert!(window.shows(&lang.cycle_is_alone(1)) && window.shows(&lang.cycle_sent(1)));
        assert!(window.shows(&format!(" → {address} · ")), "its one peer has an address");
        window.click(lang.open_and_resume());
        let (peer, _from) = listener.accept().unwrap();
        assert_eq!(read(&peer, 1), b"x", "what was left of the cycle");
        window.wait_until("the cycle", |window| window.tab().cycles.len() == 1);
        window.settle();
        assert!(window.shows(&lang.cycle_sent(2)), "it counts on");
        assert!(matches!(in_list(&window)[..], [(at, false)] if at == place));
        assert!(!window.shows(&words) && window.tab().fault().is_none());
        drop(peer);
        window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
        window.settle();
        window.click(lang.dismiss());
        assert!(window.tab().fault().is_none() && !window.shows(&words), "it was read");
        window.key(Modifiers::NONE, Key::F5);
        let (peer, _from) = listener.accept().unwrap();
        window.wait_open();
        assert_eq!(window.tab().cycles.values().filter(|cycle| cycle.end.is_none()).count(), 0);
        // The row of what has stopped resumes it still.
        window.click(&format!("{} #1", lang.resume_cycle()));
        assert_eq!(read(&peer, 1), b"x");
        drop(peer);
    }
}

#[test]
fn several_are_told_one_by_one_or_together() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, _client) = server_with_client(&home, lang);
        window.click(lang.more_ends());
        window.click(lang.stop_listening());
        window.wait_for_text(lang.stopped_listening());
        window.key(super::window::CTRL, Key::Enter);
        assert!(window.shows(lang.nothing_to_send()), "what failed comes first");
        assert!(!window.shows(lang.stopped_listening()));
        window.click(&lang.more_strips(1));
        assert!(window.shows(lang.nothing_to_send()) && window.shows(lang.stopped_listening()));
        window.click(lang.dismiss());
        assert!(!window.shows(lang.nothing_to_send()) && window.shows(lang.stopped_listening()));
        assert!(window.controls(&lang.more_strips(1)).is_empty());
        window.click(lang.close());
        window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
        window.settle();
        assert!(!window.shows(lang.stopped_listening()), "it went with its cause");
    }
}

#[test]
fn a_confirmation_covers_no_failure() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    client.write_all(b"something").unwrap();
    window.wait_for_text("something");
    window.key(super::window::CTRL, Key::Enter);
    window.focus_log();
    window.key(super::window::CTRL, Key::A);
    window.harness.event(egui::Event::Copy);
    window.wait_until("the copy", |window| matches!(window.tab().notice, Some(Notice::Copied(_))));
    window.settle();
    assert!(window.shows(lang.nothing_to_send()));
}

#[test]
fn a_strip_moves_no_row_of_a_log_that_is_longer_than_its_view() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    for n in 0..60 {
        client.write_all(format!("row {n};").as_bytes()).unwrap();
        window.wait_until("the row", |window| window.tab().counters.received as usize >= (n + 1) * 6);
    }
    window.wait_until("all", |window| window.shows("row 59;"));
    let place = |window: &Window, part: &str| -> Rect { window.row(part).rect() };
    for held in [false, true] {
        if held {
            window.wheel(130.0);
        }
        let middle = window.rows()[window.rows().len() / 2].clone();
        let before = place(&window, &middle);
        window.key(super::window::CTRL, Key::Enter);
        assert!(window.shows(lang.nothing_to_send()));
        assert_eq!(place(&window, &middle), before, "held: {held}");
        window.click(lang.dismiss());
        assert_eq!(place(&window, &middle), before, "held: {held}, when it goes");
    }
}

#[test]
fn a_lost_connection_is_kept_from_then_on_if_that_is_wanted() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let (mut window, listener, peer) = client_with_cycle(&home, lang);
        drop(peer);
        window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
        window.settle();
        assert!(window.rows().iter().any(|row| row.contains('✕')), "{:?}", window.rows());
        window.harness.set_size(egui::vec2(1366.0, 768.0));
        window.settle();
        window.click(lang.keep_connecting());
        let (peer, _from) = listener.accept().unwrap();
        window.wait_open();
        assert!(window.tab().session.options.is_on("reconnect"));
        window.wait_until("the cycle", |window| window.tab().cycles.len() == 1);
        drop(peer);
        let (_peer, _from) = listener.accept().unwrap();
        window.wait_open();
    }
}
