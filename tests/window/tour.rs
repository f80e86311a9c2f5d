//! Every panel once, in both languages, for people to look at; and what each must show.

use std::net::UdpSocket;

use egui::{Key, Modifiers};
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;

use crate::driver::{Driver, Launch, PATIENCE};
use crate::pick;

#[test]
fn every_panel_in_english() {
    tour(Lang::En, "light");
}

#[test]
fn every_panel_in_chinese() {
    tour(Lang::ZhCn, "dark");
}

fn tour(lang: Lang, theme: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().to_str().expect("a plain path");
    std::fs::write(folder.path().join("settings.toml"), format!("theme = {theme:?}\n")).expect("settings");
    let locale = pick(lang, "en_US.UTF-8", "zh_CN.UTF-8");
    let envs = [("NETASSIST_CONFIG_DIR", config)];
    let mut window =
        Driver::launch(&Launch { lang: locale, size: [1000, 700], envs: &envs, ..Launch::default() });

    // A UDP socket, its options, a hex dump of what came.
    let peer = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    peer.set_read_timeout(Some(PATIENCE)).expect("a deadline");
    let port = peer.local_addr().expect("an address").port();
    window.set_text(lang.local_port(), "0");
    window.set_text(lang.remote_host(), "127.0.0.1");
    window.set_text(lang.remote_port(), &port.to_string());
    window.click(lang.more_options());
    window.wait_for(lang.opt_join());
    window.screenshot(&window.artefact("-1-options.png"));
    window.click(lang.more_options());
    window.click(lang.open());
    window.wait_for_text(lang.bound());
    window.set_text(lang.send_box(), "网络调试 network 调试");
    window.click(lang.send());
    let mut bytes = [0; 100];
    let (n, from) = peer.recv_from(&mut bytes).expect("a datagram");
    assert_eq!(&bytes[..n], "网络调试 network 调试".as_bytes());
    let answer: Vec<u8> = (0..=255).collect();
    peer.send_to(&answer, from).expect("sent");
    peer.send_to(b"", from).expect("sent");
    window.wait_for_text("  256 B");
    window.wait_for_text("  0 B");
    window.click(&choice_name(lang.receive_options(), lang.body_dump()));
    window.wait_for_text("000000F0  F0 F1");
    window.screenshot(&window.artefact("-2-dump.png"));
    window.click(&choice_name(lang.receive_options(), lang.body_text()));
    window.keys(Modifiers::COMMAND, Key::L);
    window.screenshot(&window.artefact("-3-cleared.png"));
    window.click(lang.undo_clear());

    // What is wrong with a field is said beneath it.
    window.keys(Modifiers::COMMAND, Key::T);
    window.set_text(lang.local_host(), "my machine");
    window.set_text(lang.remote_port(), "70000");
    window.click(lang.open());
    window.screenshot(&window.artefact("-4-wrong.png"));

    // The menu, and the list of captures.
    window.click(lang.menu());
    window.wait_for_text(lang.quit());
    window.screenshot(&window.artefact("-5-menu.png"));
    window.key(Key::Escape);
    window.keys(Modifiers::COMMAND, Key::O);
    window.wait_for_text("udp 127.0.0.1");
    window.screenshot(&window.artefact("-6-recent.png"));
    window.key(Key::Escape);

    // A connection that nobody takes.
    let nobody =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    window.click(lang.protocol());
    window.click("TCP Client");
    window.set_text(lang.remote_host(), "127.0.0.1");
    window.set_text(lang.remote_port(), &nobody.port().to_string());
    window.click(lang.open());
    window.wait_for_text(pick(lang, "refused", "拒绝"));
    window.wait_for(lang.open());
    window.screenshot(&window.artefact("-7-refused.png"));

    // Closing a socket in use loses nothing, so nothing asks; the window goes when told to.
    window.queue_keys(Modifiers::COMMAND, Key::Q);
    assert!(window.step_and_exit().success());
}
