//! The three views, and what opens above them, for people to look at; and what each must show.

use std::net::UdpSocket;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use netassist::ui::lang::Lang;
use netassist::ui::toolbar::mode_name;
use netassist::ui::widgets::choice_name;
use netassist::workspace::ViewMode;

use crate::driver::{Driver, Launch, PATIENCE};
use crate::pick;

#[test]
fn every_view_in_english() {
    views(Lang::En, "dark", [1000, 700]);
}

#[test]
fn every_view_in_chinese() {
    views(Lang::ZhCn, "light", [1920, 1080]);
}

/// A window with a socket open, and the peer that it talks with.
fn talking(lang: Lang, theme: &str, size: [u32; 2], config: &std::path::Path) -> (Driver, UdpSocket) {
    std::fs::write(config.join("settings.toml"), format!("theme = {theme:?}\n")).expect("settings");
    let locale = pick(lang, "en_US.UTF-8", "zh_CN.UTF-8");
    let envs = [("NETASSIST_CONFIG_DIR", config.to_str().expect("a plain path"))];
    let mut window = Driver::launch(&Launch { lang: locale, size, envs: &envs, ..Launch::default() });
    let peer = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    peer.set_read_timeout(Some(PATIENCE)).expect("a deadline");
    window.set_text(lang.local_port(), "0");
    window.set_text(lang.remote_host(), "127.0.0.1");
    window.set_text(lang.remote_port(), &peer.local_addr().expect("an address").port().to_string());
    window.click(lang.open());
    window.wait_for_text(lang.bound());
    window.set_text(lang.send_box(), "GET /状态 HTTP/1.1\n");
    window.click(lang.send());
    let mut bytes = [0; 100];
    let (_, from) = peer.recv_from(&mut bytes).expect("a datagram");
    peer.connect(from).expect("the window's address");
    (window, peer)
}

fn show(window: &mut Driver, lang: Lang, mode: ViewMode) {
    window.click(&choice_name(lang.view(), mode_name(lang, mode).0));
}

fn views(lang: Lang, theme: &str, size: [u32; 2]) {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut window, peer) = talking(lang, theme, size, folder.path());
    for n in 0..12 {
        let line = format!("温度 temperature {}.{n} °C, pressure {} hPa\r\n", 20 + n, 1013 - n);
        peer.send(line.as_bytes()).expect("sent");
    }
    let bytes: Vec<u8> = (0..=255).collect();
    peer.send(&bytes).expect("sent");
    peer.send(b"last\r\n").expect("sent");
    window.wait_for_text("last");
    window.screenshot(&window.artefact("-1-log.png"));
    show(&mut window, lang, ViewMode::Table);
    let row = |window: &mut Driver, part: &str| {
        window.wait_for_text(part);
        let rows = window.root();
        let rows = rows.query_all_by_role(egui::Role::Row);
        let said = |row: &egui_kittest::Node<'_>| {
            use egui_kittest::kittest::NodeT as _;
            let row = row.accesskit_node();
            row.label().or_else(|| row.value()).unwrap_or_default()
        };
        rows.into_iter().find(|row| said(row).contains(part)).map(|row| row.rect().center()).expect("the row")
    };
    let at = row(&mut window, "pressure 1005");
    window.click_at(at);
    window.wait_for_text(lang.checksum());
    window.screenshot(&window.artefact("-2-table.png"));
    show(&mut window, lang, ViewMode::Stream);
    window.wait_for_text("last");
    window.screenshot(&window.artefact("-3-stream.png"));
    show(&mut window, lang, ViewMode::Log);

    window.click(lang.framing());
    window.click(&choice_name(lang.framing(), lang.framing_length()));
    window.set_text(lang.length_width(), "9");
    window.screenshot(&window.artefact("-4-framing.png"));
    window.click(&choice_name(lang.framing(), lang.framing_line()));
    window.key(Key::Escape);
    window.click(lang.display());
    window.wait_for(&choice_name(lang.fold(), lang.fold_never()));
    window.screenshot(&window.artefact("-5-display.png"));
    window.key(Key::Escape);

    window.keys(Modifiers::COMMAND, Key::F);
    window.set_text(lang.find_text(), "pressure");
    window.key(Key::Enter);
    window.wait_for_text("/ 12");
    window.screenshot(&window.artefact("-6-find.png"));
    window.click(lang.find_filter());
    window.wait_for_text("“pressure”");
    window.click(lang.filter());
    window.set_text(lang.filter_least(), "40");
    window.set_text(lang.filter_since(), "soon");
    window.wait_for_text(lang.not_a_time());
    window.screenshot(&window.artefact("-7-filter.png"));
    window.set_text(lang.filter_since(), "+0");
    window.key(Key::Enter);
    show(&mut window, lang, ViewMode::Table);
    window.wait_for_text("pressure 1013");
    window.screenshot(&window.artefact("-8-filtered.png"));
    window.keys(Modifiers::COMMAND, Key::G);
    window.set_text(lang.go_to_what(), "nowhere");
    window.key(Key::Enter);
    window.wait_for_text(lang.go_to_wrong());
    window.screenshot(&window.artefact("-9-go-to.png"));
    window.key(Key::Escape);
}

/// Text in another charset than the session's is seen, and switched to by the button.
#[test]
fn another_charset_is_offered() {
    let lang = Lang::ZhCn;
    let folder = tempfile::tempdir().expect("a folder");
    let (mut window, peer) = talking(lang, "dark", [1000, 700], folder.path());
    // “中文数据，来自 GBK 设备” in GBK.
    let text = b"\xD6\xD0\xCE\xC4\xCA\xFD\xBE\xDD\xA3\xAC\xC0\xB4\xD7\xD4 GBK \xC9\xE8\xB1\xB8";
    peer.send(text).expect("sent");
    window.wait_for(lang.switch_charset());
    window.screenshot(&window.artefact("-1-offered.png"));
    window.click(lang.switch_peer());
    window.wait_for_text("中文数据，来自 GBK 设备");
    window.screenshot(&window.artefact("-2-switched.png"));
}
