//! Text in another charset than the session's: offered, and read so for all or for one peer.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Command;

use egui::vec2;
use netassist::codec::Charset;
use netassist::export::{self, Scope, Style};
use netassist::model::{Body, Direction, Format, Protocol};
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;
use netassist::workspace::ViewMode;

use super::home::{Home, server_with_client};
use super::talk::{self, received};
use super::window::Window;
use crate::net::websocket::wire::{masked, next, upgrade};

/// “中国电网” in GBK, twice.
const GBK: &[u8] = b"\xD6\xD0\xB9\xFA\xB5\xE7\xCD\xF8\xD6\xD0\xB9\xFA\xB5\xE7\xCD\xF8";
const TEXT: &str = "中国电网中国电网";

fn window(home: &mut Home, lang: Lang) -> Window {
    let said = [received(GBK), (1, Direction::Received, "已经是 UTF-8".as_bytes())];
    let mut window = talk::window(home, lang, &said);
    window.wait_until("the offer", |window| !window.controls(lang.switch_charset()).is_empty());
    assert!(window.shows("GB"), "{:?}", window.texts());
    window
}

#[test]
fn the_offer_switches_the_session() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let mut window = window(&mut home, lang);
        window.click(lang.switch_charset());
        assert_eq!(window.data_rows()[0], TEXT);
        assert_ne!(window.data_rows()[1], "已经是 UTF-8");
        assert!(window.tab().charsets.is_empty());
    }
}

#[test]
fn the_offer_switches_one_peer_and_its_menu_switches_it_back() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let mut window = window(&mut home, lang);
        window.click(lang.switch_peer());
        assert_eq!(window.data_rows(), [TEXT, "已经是 UTF-8"]);
        assert_eq!(window.tab().session.charset, Charset::Utf8);
        assert!(window.controls(lang.switch_charset()).is_empty());
        window.menu_of_row(TEXT);
        window.click(lang.peer_charset());
        window.click(lang.as_session());
        assert_ne!(window.data_rows()[0], TEXT);
        window.menu_of_row("已经是 UTF-8");
        window.click(lang.peer_charset());
        window.click(Charset::Latin1.label());
        assert!(window.data_rows()[1].starts_with('å'), "{:?}", window.data_rows());
    }
}

#[test]
fn the_offer_is_not_made_again_once_it_was_declined() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let mut window = window(&mut home, lang);
        window.click(lang.leave_charset());
        assert!(window.controls(lang.switch_charset()).is_empty());
        window.click(lang.clear());
        window.click(lang.undo_clear());
        assert!(window.controls(lang.switch_charset()).is_empty());
    }
}

#[test]
fn the_offer_takes_room_and_covers_nothing() {
    for lang in [Lang::En, Lang::ZhCn] {
        for size in [vec2(1000.0, 700.0), vec2(760.0, 520.0)] {
            for n in [1, 100] {
                let mut home = Home::new();
                let said: Vec<_> = (0..n).map(|_| received(GBK)).collect();
                let mut window = talk::window(&mut home, lang, &said);
                window.harness.set_size(size);
                window.harness.run_steps(5);
                let (log, all) = (window.log_rect(), egui::Rect::from_min_size(egui::Pos2::ZERO, size));
                for label in [lang.switch_charset(), lang.switch_peer(), lang.leave_charset()] {
                    let rect = window.controls(label)[0].rect();
                    assert!(all.contains_rect(rect), "{label} {rect:?}, {n} records at {size:?}");
                    assert!(
                        rect.bottom() <= log.top(),
                        "{label} {rect:?} in {log:?}, {n} records at {size:?}"
                    );
                }
            }
        }
    }
}

fn send(window: &mut Window, text: &str) {
    let lang = window.lang;
    window.set_text(lang.send_box(), text);
    let n = window.tab().log.len();
    window.click(lang.send());
    window.wait_until("what was sent", |window| window.tab().log.len() > n);
}

#[test]
fn sending_has_a_charset_of_its_own() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, mut client) = server_with_client(&home, lang);
        window.choose(lang.send_charset(), Charset::Gbk.label());
        send(&mut window, "中国");
        let mut bytes = [0; 4];
        client.read_exact(&mut bytes).unwrap();
        assert_eq!(bytes, GBK[..4], "sent as GBK");
        client.write_all("网络".as_bytes()).unwrap();
        window.wait_until("both", |window| window.data_rows().ends_with(&["中国".into(), "网络".into()]));
        // As after opening the capture again.
        let capture = window.tab().capture.clone().unwrap();
        let lines = export(&capture, "utf-8");
        assert!(lines.contains("中国") && lines.contains("网络"), "{lines}");
    }
}

#[test]
fn what_was_sent_stays_as_it_was_typed_when_the_charset_changes() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    send(&mut window, "中国");
    client.write_all(&GBK[4..8]).unwrap();
    window.wait_until("an answer", |window| window.tab().counters.n_received == 1);
    window.choose(lang.charset(), Charset::Gbk.label());
    window.wait_until("both", |window| {
        let rows = window.data_rows();
        rows.iter().any(|row| row == "中国") && rows.iter().any(|row| row == "电网")
    });
    // It is in the capture from the change on, and what is sent now is GBK.
    send(&mut window, "电网");
    let capture = window.tab().capture.clone().unwrap();
    window.wait_until("all is recorded", |window| window.tab().counters.n_sent == 2);
    let lines = export(&capture, "gbk");
    assert_eq!((lines.matches("中国").count(), lines.matches("电网").count()), (1, 2), "{lines}");
    assert!(!lines.contains('\u{FFFD}'), "{lines}");
}

#[test]
fn what_was_sent_stays_as_it_was_typed_when_its_peer_gets_a_charset_of_its_own() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, mut client) = server_with_client(&home, lang);
        // Long enough to look like UTF-8 where it is read as GBK.
        send(&mut window, "大家好，这里是服务器");
        client.write_all(GBK).unwrap();
        window.wait_until("the offer", |window| !window.controls(lang.switch_peer()).is_empty());
        window.click(lang.switch_peer());
        window.wait_until("both", |window| {
            let rows = window.data_rows();
            rows.iter().any(|row| row == "大家好，这里是服务器") && rows.iter().any(|row| row == TEXT)
        });
        window.harness.run_steps(5);
        assert!(window.controls(lang.switch_charset()).is_empty(), "what was sent is right already");
    }
}

/// What the command line writes of a capture as a log.
fn export(capture: &Path, charset: &str) -> String {
    let mut export = Command::new(env!("CARGO_BIN_EXE_netassist"));
    let output = export.arg("export").arg(capture).args(["--format", "text", "--charset", charset]).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

#[test]
fn text_messages_of_a_websocket_are_utf8_in_any_session() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(Protocol::TcpServer);
        window.click(lang.option("ws").unwrap().0);
        window.choose(lang.charset(), Charset::Gbk.label());
        let server = window.open(Protocol::TcpServer);
        let (mut client, _response) = upgrade(server, "/", "");
        window.wait_peers(1);
        window.click(lang.hide_events());
        client.write_all(&masked(0x81, TEXT.as_bytes())).unwrap();
        client.write_all(&masked(0x82, GBK)).unwrap();
        window.wait_until("both", |window| window.data_rows().len() == 2);
        assert_eq!(window.data_rows(), [TEXT, TEXT], "text and binary");
        assert!(window.controls(lang.switch_charset()).is_empty(), "no other charset fits better");
        // What is typed goes as text, and what is typed in hex stays in the session's charset.
        assert!(!window.is_enabled(lang.send_charset()), "there is no choice");
        window.set_text(lang.send_box(), "发送");
        window.click(lang.send());
        assert_eq!(next(&client), (0x81, "发送".as_bytes().to_vec()));
        window.click(&choice_name(lang.send_options(), lang.send_hex()));
        window.set_text(lang.send_box(), "B7 A2");
        window.click(lang.send());
        assert_eq!(next(&client), (0x82, b"\xB7\xA2".to_vec()));
        window.wait_until("all", |window| window.data_rows().len() == 4);
        assert_eq!(window.data_rows()[2..], ["发送", "发"]);
        window.show(ViewMode::Stream);
        assert!(window.data_rows().concat().ends_with("发送发"), "{:?}", window.data_rows());
        window.find("中国");
        assert_eq!(window.tab().find.hits.len(), 2, "text is searched in UTF-8");
        // Saved as text, it is as it was shown.
        let capture = window.tab().capture.clone().unwrap();
        let style = Style::new(Charset::Gbk, Body::Text, jiff::tz::TimeZone::UTC);
        let mut out = Vec::new();
        let progress = &mut |_done, _all| std::ops::ControlFlow::Continue(());
        export::write(&capture, &Scope::ALL, Format::Text, &style, &mut out, progress).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!((text.matches(TEXT).count(), text.matches("发").count()), (2, 2), "{text}");
    }
}
