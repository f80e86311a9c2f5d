//! Datagrams between two tabs of one window.

use std::net::UdpSocket;
use std::time::Duration;

use egui::accesskit::Toggled;
use egui::{Key, Modifiers};
use egui_kittest::kittest::NodeT as _;
use netassist::model::Protocol;
use netassist::ui::lang::Lang;
use netassist::workspace::SendTo;

use super::home::Home;
use super::window::Window;

#[test]
fn two_tabs_of_one_window_talk() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        let first_tab = window.tab().id;
        let first = window.open(Protocol::Udp);
        window.click(lang.new_tab());
        assert_ne!(window.tab().id, first_tab);
        let second = window.open(Protocol::Udp);
        window.set_text(lang.remote_port(), &first.port().to_string());
        window.set_text(lang.send_box(), "喂？");
        window.click(lang.send());
        window.wait_until("what was sent", |window| window.data_rows() == ["喂？"]);

        window.click(&netassist::ui::tabs::title(&window.state().tabs[0]));
        assert_eq!(window.tab().id, first_tab);
        window.wait_until("what was received", |window| window.data_rows() == ["喂？"]);
        window.wait_peers(1);
        assert!(window.shows(&format!("{} 1", lang.known_peers())));
        window.click(&format!("{} {second}", lang.peer_actions()));
        window.click(lang.send_only_to());
        window.set_text(lang.send_box(), "听到了");
        window.click(lang.send());
        window.key(super::window::CTRL, egui::Key::Tab);
        window.wait_until("the answer", |window| window.data_rows() == ["喂？", "听到了"]);

        window.set_text(lang.send_box(), "");
        assert!(!window.is_enabled(lang.send()), "an empty box is not sent by mistake");
        super::palette::run(&mut window, lang.send_empty());
        window.key(super::window::CTRL, egui::Key::Tab);
        window.wait_until("an empty datagram", |window| window.tab().counters.n_received == 2);
        window.settle();
        assert!(window.rows().iter().any(|row| row.ends_with("  0 B")), "{:?}", window.rows());
    }
}

#[test]
fn what_bounces_is_told_and_the_session_goes_on() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    let local = window.open(Protocol::Udp);
    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    window.set_text(lang.remote_port(), &nobody.port().to_string());
    window.set_text(lang.send_box(), "anyone?");
    window.click(lang.send());
    let there = UdpSocket::bind("127.0.0.1:0").unwrap();
    there.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    window.set_text(lang.remote_port(), &there.local_addr().unwrap().port().to_string());
    window.click(lang.send());
    let mut bytes = [0; 20];
    let (n, from) = there.recv_from(&mut bytes).unwrap();
    assert_eq!((&bytes[..n], from), (&b"anyone?"[..], local));
    assert!(window.tab().is_open());
}

#[test]
fn the_last_sender_is_answered_by_choice_or_without_a_remote() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        let local = window.open(Protocol::Udp);
        let peers: Vec<UdpSocket> = (0..2).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
        let asks = |window: &mut Window, n: usize| {
            let before = window.tab().counters.n_received;
            peers[n].send_to(b"?", local).unwrap();
            window.wait_until("the question", |window| window.tab().counters.n_received > before);
            window.settle();
            let from = peers[n].local_addr().unwrap();
            assert!(
                window.shows(&format!("{} {from}", lang.send_to_last().to_lowercase())),
                "{:?}",
                window.texts()
            );
        };
        let answered = |window: &mut Window, n: usize| {
            window.click(window.lang.send());
            peers[n].set_read_timeout(Some(super::window::PATIENCE)).unwrap();
            let mut bytes = [0; 9];
            assert_eq!(peers[n].recv_from(&mut bytes).unwrap(), (1, local));
        };
        window.set_text(lang.send_box(), "!");
        for by_choice in [true, false] {
            if by_choice {
                window.choose(lang.send_to(), lang.send_to_last());
            } else {
                // Editing the remote means it, and none means the last sender.
                window.set_text(lang.remote_host(), "");
                assert_eq!(
                    (&window.tab().session.send_to, window.tab().send_to()),
                    (&SendTo::All, SendTo::Last)
                );
                window.click(lang.send_to());
                let entries = window.controls(lang.send_to_last());
                assert_eq!(entries.last().unwrap().accesskit_node().toggled(), Some(Toggled::True));
                window.key(Modifiers::NONE, Key::Escape);
            }
            for n in [0, 1, 0] {
                asks(&mut window, n);
                answered(&mut window, n);
            }
        }
    }
}

#[test]
fn without_a_remote_the_user_is_asked_for_one() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.open(Protocol::Udp);
        window.set_text(lang.remote_host(), "");
        window.set_text(lang.send_box(), "x");
        assert!(window.shows(lang.no_remote()) && !window.is_enabled(lang.send()));
        window.key(super::window::CTRL, egui::Key::Enter);
        assert_eq!(window.tab().counters.n_sent, 0);
    }
}

#[test]
fn broadcast_addresses_are_in_the_list_of_remote_hosts() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(Protocol::Udp);
        let entry = format!("255.255.255.255  ({}, {})", lang.broadcast(), lang.all_networks());
        window.choose(lang.recent_remotes(), &entry);
        assert_eq!(window.tab().session.remote.host, "255.255.255.255");
    }
}
