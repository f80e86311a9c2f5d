//! A TCP server from the first click to the last.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use egui::Key;
use netassist::model::Protocol;
use netassist::state::Phase;
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;

use super::home::{Home, call, pick, read, read_to_end, server_with_client};
use super::window::{CTRL, Window};

fn address(stream: &TcpStream) -> String {
    stream.local_addr().unwrap().to_string()
}

fn send_as_hex(window: &mut Window) {
    let lang = window.lang;
    window.click(&choice_name(lang.send_options(), lang.send_hex()));
}

fn send(window: &mut Window, text: &str) {
    let lang = window.lang;
    window.set_text(lang.send_box(), text);
    window.click(lang.send());
}

#[test]
fn text_and_hex_go_both_ways() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        let server = window.open(Protocol::TcpServer);
        assert!(window.shows(&format!("{} {server}", lang.listening())));
        let mut clients = [call(server), call(server), call(server)];
        window.wait_peers(3);
        assert!(window.shows(&format!("{} (3)", lang.all_connections())));
        for client in &clients {
            assert_eq!(window.controls(&address(client)).len(), 1, "the list of peers has it");
        }
        clients[1].write_all("你好, server".as_bytes()).unwrap();
        window.wait_for_text("你好, server");
        let row = format!("{}  {}  14 B  你好, server", lang.received_short(), address(&clients[1]));
        assert!(window.rows().iter().any(|said| said.ends_with(&row)), "{:?}", window.rows());

        send(&mut window, r"to all\n");
        for client in &clients {
            assert_eq!(read(client, 7), b"to all\n");
        }
        send_as_hex(&mut window);
        assert_eq!(window.value(lang.send_box()), "74 6F 20 61 6C 6C 0A", "switching converts the draft");
        send(&mut window, "00 ff1b");
        for client in &clients {
            assert_eq!(read(client, 3), [0, 0xFF, 0x1B]);
        }
        window.wait_until("what was sent in the log", |window| window.shows("\u{2400}"));
        window.set_text(lang.send_box(), "41");
        window.key(CTRL, Key::Enter);
        assert_eq!(read(&clients[0], 1), b"A");
        window.wait_until("the counters", |window| window.tab().counters.sent == 33);
        assert!(window.shows(&format!("{}: 33 B", lang.sent_count())));
        assert!(window.shows(&format!("{}: 14 B", lang.received_count())));
        window.click(lang.reset());
        assert!(window.shows(&format!("{}: 0 B", lang.sent_count())));
    }
}

#[test]
fn one_peer_the_ticked_ones_or_all_are_addressed() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    let server = window.open(Protocol::TcpServer);
    let clients = [call(server), call(server), call(server)];
    window.wait_peers(3);
    window.choose(lang.send_to(), &address(&clients[1]));
    send(&mut window, "only you");
    assert_eq!(read(&clients[1], 8), b"only you");

    window.click(&address(&clients[2]));
    window.choose(lang.send_to(), &format!("{} (2)", lang.send_to_ticked()));
    send(&mut window, "two");
    assert_eq!(read(&clients[0], 3), b"two");
    assert_eq!(read(&clients[1], 3), b"two");

    window.choose(lang.send_to(), &format!("{} (3)", lang.all_connections()));
    send(&mut window, "all");
    for client in &clients {
        // The third one has got nothing before.
        assert_eq!(read(client, 3), b"all");
    }

    let menu = format!("{} {}", lang.peer_actions(), address(&clients[0]));
    window.click(&menu);
    window.click(lang.send_only_to());
    send(&mut window, "menu");
    assert_eq!(read(&clients[0], 4), b"menu");
    window.click(&menu);
    window.click(lang.half_close());
    assert_eq!(read_to_end(&clients[0]), b"", "our side is closed");
    (&clients[0]).write_all(b"still here").unwrap();
    window.wait_for_text("still here");
}

#[test]
fn peers_are_closed_one_by_one_and_listening_ends_before_they_do() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        let server = window.open(Protocol::TcpServer);
        let clients = [call(server), call(server), call(server)];
        window.wait_peers(3);
        window.click(&format!("{} {}", lang.peer_actions(), address(&clients[0])));
        window.click(lang.disconnect());
        assert_eq!(read_to_end(&clients[0]), b"");
        window.wait_peers(2);
        window.click(&format!("{} {}", lang.peer_actions(), address(&clients[1])));
        // In English the counters are reset by a button of the same name; the menu is drawn over it.
        let n = window.controls(lang.reset_peer()).len() - 1;
        window.click_nth(lang.reset_peer(), n);
        let error = std::io::Read::read(&mut &clients[1], &mut [0]).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        window.wait_peers(1);

        window.click(lang.more_ends());
        window.click(lang.stop_listening());
        window.wait_until("no more listening", |window| {
            matches!(window.tab().phase, Phase::Open { listening: false, .. })
        });
        assert!(TcpStream::connect_timeout(&server, Duration::from_secs(5)).is_err());
        assert!(window.shows(lang.not_listening()));
        assert!(window.controls(lang.stop_listening()).is_empty());
        send(&mut window, "still there");
        assert_eq!(read(&clients[2], 11), b"still there");

        window.click(lang.close());
        assert_eq!(read_to_end(&clients[2]), b"");
        window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
        window.settle();
        assert!(window.shows(lang.not_open()));
        assert!(window.shows("still there"), "the log stays");
        assert_eq!(window.tab().notice, None, "an end on demand is no failure");
    }
}

#[test]
fn a_session_that_opens_again_goes_on_in_the_same_log() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    client.write_all(b"first").unwrap();
    window.wait_for_text("first");
    window.click(lang.close());
    assert_eq!(read_to_end(&client), b"");
    window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
    let capture = window.tab().capture.clone();
    window.click(lang.open());
    let server = window.wait_open();
    call(server).write_all(b"second").unwrap();
    window.wait_for_text("second");
    assert!(window.shows("first"));
    assert_eq!(window.tab().capture, capture);
}

#[test]
fn an_address_in_use_is_told_with_the_address() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for (lang, why) in [(Lang::En, "in use"), (Lang::ZhCn, "地址已被占用")] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(Protocol::TcpServer);
        window.set_text(lang.local_port(), &port.to_string());
        window.click(lang.open());
        window.wait_until("the failure", |window| window.tab().notice.is_some());
        window.settle();
        let words = window.texts().into_iter().find(|text| text.contains(why)).expect("why");
        assert!(words.contains(&format!("127.0.0.1:{port}")), "{words}");
        assert_eq!(window.tab().phase, Phase::Idle);
        window.click(lang.dismiss());
        assert!(!window.shows(why) || window.rows().iter().any(|row| row.contains(why)));
        assert_eq!(window.tab().notice, None);
    }
}

#[test]
fn what_is_wrong_in_the_send_box_is_said_and_not_sent() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, client) = server_with_client(&home, lang);
        send_as_hex(&mut window);
        window.set_text(lang.send_box(), "01 0G");
        assert!(window.shows(pick(lang, "not a hex digit", "不是十六进制数字")));
        assert!(!window.is_enabled(lang.send()));
        window.click(lang.send_box());
        window.key(CTRL, Key::Enter);
        assert!(window.tab().notice.is_some());
        window.set_text(lang.send_box(), "02");
        window.click(lang.send());
        assert_eq!(read(&client, 1), [2], "nothing came before");
    }
}

#[test]
fn a_file_is_sent_by_its_path_or_by_the_dialog() {
    let lang = Lang::En;
    let mut home = Home::new();
    let by_path = home.path("by path.bin");
    let by_dialog = home.path("by dialog.bin");
    std::fs::write(&by_path, [1; 300]).unwrap();
    std::fs::write(&by_dialog, vec![2; 100_000]).unwrap();
    home.answers.open = Some(by_dialog);
    let (mut window, client) = server_with_client(&home, lang);
    window.click(lang.files());
    window.set_text(lang.file_path(), by_path.to_str().unwrap());
    window.click(lang.send_this_file());
    assert_eq!(read(&client, 300), [1; 300]);
    window.click(lang.send_file());
    window.wait_until("it is chosen", |window| window.value(lang.file_path()).ends_with("by dialog.bin"));
    window.click(lang.send_this_file());
    window.wait_until("all of it", |window| window.tab().counters.sent == 100_300);
    assert_eq!(read(&client, 100_000), vec![2; 100_000]);
    window.set_text(lang.file_path(), home.path("none").to_str().unwrap());
    window.key(egui::Modifiers::NONE, Key::Enter);
    window.wait_until("that there is none", |window| window.tab().notice.is_some());
    window.settle();
    assert!(window.shows(home.path("none").to_str().unwrap()));
}
