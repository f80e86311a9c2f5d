//! A client that makes a connection for each message, as the user sees it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use egui::Key;
use netassist::model::Protocol;
use netassist::state::Phase;
use netassist::ui::lang::Lang;

use super::home::{Home, read};
use super::window::{CTRL, Window};

/// A window whose client has short connections to this server, and "hello" in its send box.
fn ticked(home: &Home, lang: Lang, listener: &TcpListener) -> Window {
    let server = listener.local_addr().unwrap();
    let mut window = home.window(lang);
    window.choose_protocol(Protocol::TcpClient);
    window.set_text(lang.remote_port(), &server.port().to_string());
    window.set_text(lang.send_box(), "hello");
    assert!(!window.is_enabled(lang.send()), "nothing is open");
    window.click(lang.opt_short());
    window
}

/// Answers one connection, which must be closed for it.
fn answer(listener: &TcpListener) {
    let (mut peer, _from) = listener.accept().unwrap();
    assert_eq!(read(&peer, 5), b"hello");
    peer.write_all(b"hi").unwrap();
    assert_eq!(peer.read(&mut [0]).unwrap(), 0, "it is closed after the answer");
}

/// Waits until it is shown that so many were made.
fn wait_made(window: &mut Window, n: usize) {
    let made = window.lang.short_tally(n, 0);
    window.wait_for_text(&made);
}

#[test]
fn each_send_is_a_connection_and_what_came_of_them_is_shown() {
    for lang in [Lang::En, Lang::ZhCn] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let home = Home::new();
        let mut window = ticked(&home, lang, &listener);
        assert!(window.controls(lang.send()).is_empty(), "the button says what it does");
        // The first one opens the session, by its button; the key does the same.
        for n in 1..=3 {
            if n == 1 {
                window.click(lang.send_short());
            } else {
                window.click(lang.send_box());
                window.key(CTRL, Key::Enter);
            }
            answer(&listener);
            wait_made(&mut window, n);
            assert_eq!(window.tab().phase, Phase::Ready);
        }
        assert!(!window.is_enabled(lang.opt_short()), "not while it is open");
        window.click(lang.close());
        window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
        window.click(lang.send_short());
        answer(&listener);
        wait_made(&mut window, 1);
    }
}

#[test]
fn a_cycle_opens_it_too() {
    let lang = Lang::En;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = Home::new();
    let mut window = ticked(&home, lang, &listener);
    window.set_text(lang.cycle(), "1");
    window.set_text(lang.cycle_count(), "2");
    window.click(lang.start_cycle());
    answer(&listener);
    answer(&listener);
    wait_made(&mut window, 2);
}

#[test]
fn what_it_waits_for_is_chosen_beside_the_tick_and_what_is_wrong_is_shown() {
    for lang in [Lang::En, Lang::ZhCn] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let home = Home::new();
        let mut window = ticked(&home, lang, &listener);
        window.click(lang.short_menu());
        window.click(lang.short_until_closed());
        window.set_text(lang.opt_short_wait(), "soon");
        window.key(egui::Modifiers::NONE, Key::Escape);
        assert!(window.controls(lang.opt_short_wait()).is_empty(), "the menu is closed");
        window.click(lang.send_short());
        assert_eq!((&window.tab().phase, &*window.tab().session.send.content), (&Phase::Idle, "hello"));
        let told = format!("{}: ", lang.opt_short_wait());
        assert!(window.shows(&told), "{:?}", window.texts());
        window.click(lang.short_menu());
        window.set_text(lang.opt_short_wait(), "5000");
        window.key(egui::Modifiers::NONE, Key::Escape);
        window.click(lang.send_short());
        let (mut peer, _from) = listener.accept().unwrap();
        assert_eq!(read(&peer, 5), b"hello");
        peer.write_all(b"hi").unwrap();
        window.wait_for_text("hi");
        assert!(window.tab().peers.len() == 1, "it waits until the peer closes");
        drop(peer);
        wait_made(&mut window, 1);
    }
}
