//! How messages are typed, and what is appended to them.

use std::net::TcpStream;

use egui::{Key, Modifiers, pos2, vec2};
use netassist::codec::LineBreak;
use netassist::codec::append::Step;
use netassist::model::Protocol;
use netassist::ui::lang::Lang;
use netassist::ui::messages;
use netassist::ui::widgets::choice_name;
use netassist::workspace::SendTo;

use super::home::{Home, call, pick, read};
use super::window::Window;

fn server_with_client(home: &Home, lang: Lang) -> (Window, TcpStream) {
    let mut window = home.window(lang);
    let server = window.open(Protocol::TcpServer);
    let client = call(server);
    window.wait_peers(1);
    (window, client)
}

#[test]
fn text_with_hex_in_brackets_goes_as_both() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, client) = server_with_client(&home, lang);
        window.set_text(lang.send_box(), r"AT\r\n");
        window.click(&choice_name(lang.send_options(), lang.send_mixed()));
        assert_eq!(window.value(lang.send_box()), "AT[0D 0A]", "switching converts the draft");
        window.set_text(lang.send_box(), r"[02]测[[\t[03");
        assert!(window.shows(pick(lang, "Unclosed bracket", "缺少 ]")));
        assert!(!window.is_enabled(lang.send()));
        window.set_text(lang.send_box(), r"[02]测[[\t[03]");
        assert!(window.shows("7 B  02 E6 B5 8B 5B 09 03"));
        window.click(lang.send());
        assert_eq!(read(&client, 7), "\u{2}测[\t\u{3}".as_bytes());
    }
}

#[test]
fn what_would_go_to_nobody_cannot_be_sent_and_the_sentence_says_why() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        let can_send = |window: &Window| {
            let can = [lang.send(), lang.start_cycle()].map(|name| window.is_enabled(name));
            assert_eq!(can[0], can[1]);
            can[0]
        };
        let server = window.open(Protocol::TcpServer);
        window.set_text(lang.send_box(), "x");
        assert!(!can_send(&window) && window.shows(lang.nobody_connected()), "{:?}", window.texts());
        let client = call(server);
        window.wait_peers(1);
        assert!(can_send(&window) && !window.shows(lang.nobody_connected()));
        let ticked = |n| format!("{} ({n})", lang.send_to_ticked());
        window.choose(lang.send_to(), &ticked(1));
        assert!(can_send(&window));
        let peer = client.local_addr().unwrap().to_string();
        window.click(&peer);
        assert!(!can_send(&window) && window.shows(lang.nobody_ticked()), "{:?}", window.texts());
        window.click(lang.close());
        window.wait_until("the end", |window| !window.tab().is_locked());
        window.open(Protocol::Udp);
        window.choose(lang.send_to(), lang.send_to_last());
        assert!(!can_send(&window) && window.shows(lang.nobody_sent()), "{:?}", window.texts());
    }
}

#[test]
fn every_line_break_goes_as_chosen_and_the_choice_survives_a_restart() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, client) = server_with_client(&home, lang);
        window.set_text(lang.send_box(), "GET / HTTP/1.1\r\n\r\n");
        window.click(lang.send());
        assert_eq!(read(&client, 16), b"GET / HTTP/1.1\n\n");
        for (kind, bytes) in [("CR LF", "GET / HTTP/1.1\r\n\r\n"), ("CR", "GET / HTTP/1.1\r\r")] {
            window.choose(lang.line_break(), kind);
            let count = format!("{} B  47", bytes.len());
            assert!(window.shows(&count) && window.shows("0D"), "{:?}", window.texts());
            window.click(lang.send());
            assert_eq!(read(&client, bytes.len()), bytes.as_bytes());
        }
        window.choose(lang.line_break(), "CR LF");
        window.click(&choice_name(lang.send_options(), lang.send_mixed()));
        window.set_text(lang.send_box(), "[01]a\nb");
        window.set_text(lang.cycle_count(), "1");
        window.key(Modifiers::NONE, Key::Enter);
        assert_eq!(read(&client, 5), b"\x01a\r\nb", "a cycle, too");
        window.click(&choice_name(lang.send_options(), lang.send_hex()));
        assert!(!window.is_enabled(lang.line_break()), "hex has none");
        window.click(&choice_name(lang.send_options(), lang.send_text()));
        window.exit();
        let window = home.window(lang);
        assert_eq!(window.tab().session.send.line_break, LineBreak::CrLf);
    }
}

#[test]
fn what_is_pasted_from_a_dump_goes_as_its_bytes() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, client) = server_with_client(&home, lang);
    window.click(&choice_name(lang.send_options(), lang.send_hex()));
    window.set_text(lang.send_box(), "00000000: 4865 6c6c  Hell\n00000004: 6f         o\n");
    assert!(window.shows("5 B  48 65 6C 6C 6F"), "{:?}", window.texts());
    window.click(lang.send());
    assert_eq!(read(&client, 5), b"Hello");
}

#[test]
fn what_is_chosen_in_the_menu_is_appended() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, client) = server_with_client(&home, lang);
        window.set_text(lang.send_box(), "x");
        window.switch_append();
        assert!(window.shows("3 B  78 0D 0A"), "a line end unless something else is chosen");
        window.click(lang.send());
        assert_eq!(read(&client, 3), b"x\r\n");

        window.click(lang.append_menu());
        window.click(&choice_name(lang.line_end(), lang.line_end_none()));
        window.set_text(lang.checksum_search(), "modbus");
        window.key(Modifiers::NONE, Key::Enter);
        assert!(window.shows("CRC-16/MODBUS"));
        window.click(&choice_name(lang.append_order(), lang.order_big()));
        window.set_text(lang.append_after(), "7");
        assert!(window.shows(pick(lang, "Odd number of hex digits", "不是整字节")));
        window.set_text(lang.append_after(), "7E");
        window.key(Modifiers::NONE, Key::Escape);
        assert!(window.controls(lang.append_after()).is_empty(), "the menu is gone");
        window.set_text(lang.send_box(), "123456789");
        // The sentence has room for all bytes.
        window.harness.set_size(vec2(1920.0, 1080.0));
        window.settle();
        assert!(window.shows("12 B  31 32 33 34 35 36 37 38 39 4B 37 7E"), "{:?}", window.texts());
        window.click(lang.send());
        assert_eq!(read(&client, 12), b"123456789\x4B\x37\x7E");

        window.switch_append();
        window.click(lang.send());
        assert_eq!(read(&client, 9), b"123456789");
    }
}

#[test]
fn a_checksum_has_the_name_of_the_catalogue() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let (mut window, client) = server_with_client(&home, lang);
        window.set_text(lang.send_box(), "123456789");
        window.switch_append();
        window.click(lang.append_menu());
        window.set_text(lang.append_list(), "modbus");
        assert_eq!(window.value(lang.append_list()), "modbus", "as typed while one types");
        window.key(Modifiers::NONE, Key::Tab);
        assert_eq!(window.value(lang.append_list()), "CRC-16/MODBUS");
        window.key(Modifiers::NONE, Key::Escape);
        assert!(window.shows("CRC-16/MODBUS") && !window.shows("modbus"));
        window.click(lang.send());
        assert_eq!(read(&client, 11), b"123456789\x37\x4B");
    }
}

#[test]
fn what_does_not_go_with_the_message_is_said() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, client) = server_with_client(&home, lang);
        window.switch_append();
        window.click(lang.append_menu());
        window.click(lang.append_length());
        window.set_text(lang.length_offset(), "4");
        window.key(Modifiers::NONE, Key::Escape);
        window.set_text(lang.send_box(), "abc");
        assert!(window.shows(pick(lang, "The length field is at offset 4", "长度字段却在第 4 字节之后")));
        assert!(!window.is_enabled(lang.send()));
        window.click(lang.append_menu());
        window.set_text(lang.length_offset(), "many");
        window.key(Modifiers::NONE, Key::Escape);
        assert!(
            window.shows(&messages::fault(lang, &"length:many:2:be".parse::<Step>().unwrap_err().into()))
        );
        window.click(lang.append_menu());
        window.set_text(lang.length_offset(), "1");
        window.set_text(lang.length_width(), "1");
        window.key(Modifiers::NONE, Key::Escape);
        window.click(lang.send());
        assert_eq!(read(&client, 6), b"a\x04bc\r\n");
    }
}

#[test]
fn the_end_of_what_goes_is_always_in_sight_and_the_target_opens_the_list() {
    for (lang, size) in Lang::ALL
        .iter()
        .flat_map(|&lang| [[1000.0, 700.0], [760.0, 520.0], [1920.0, 1080.0]].map(|size| (lang, size)))
    {
        let home = Home::new();
        let (mut window, _client) = server_with_client(&home, lang);
        window.harness.set_size(size.into());
        window.harness.run_steps(5);
        window.switch_append();
        for n in [1, 10, 30, 200] {
            window.set_text(lang.send_box(), &"x".repeat(n));
            let sentence = window.texts().into_iter().find(|text| text.ends_with(" 0D 0A"));
            let sentence = sentence.unwrap_or_else(|| panic!("{n} {lang:?} {size:?}: {:?}", window.texts()));
            let cut = sentence.contains(" … ");
            assert!(sentence.contains(&format!("{} B", n + 2)), "{sentence}");
            assert!(cut || sentence.matches("78").count() == n, "{sentence}");
            // All of it is drawn.
            let is_whole = |shape: &egui::Shape| matches!(shape, egui::Shape::Text(text) if text.galley.text() == sentence && !text.galley.elided);
            assert!(window.harness.output().shapes.iter().any(|shown| is_whole(&shown.shape)), "{sentence}");
        }
        let target = window.controls(lang.send_to())[0].rect();
        let links = window.harness.root();
        let link = egui_kittest::kittest::Queryable::get_by_role(&links, egui::Role::Link).rect();
        assert!(link.width() > 20.0 && link.top() > target.bottom(), "{link:?}");
        window.click_at(link.center());
        window.choose_open(&format!("{} (1)", lang.send_to_ticked()));
        assert_eq!(window.tab().session.send_to, SendTo::Ticked);
    }
}

#[test]
fn modes_and_what_is_appended_survive_a_restart() {
    let lang = Lang::ZhCn;
    let home = Home::new();
    let mut window = home.window(lang);
    window.click(&choice_name(lang.send_options(), lang.send_mixed()));
    window.set_text(lang.send_box(), "[7E]草稿");
    window.click(lang.append_menu());
    window.click(lang.append_in_menu());
    window.set_text(lang.append_before(), "03 0");
    window.exit();
    let window = home.window(lang);
    assert_eq!(window.value(lang.send_box()), "[7E]草稿");
    assert!(window.shows(&messages::fault(lang, &"hex:03 0".parse::<Step>().unwrap_err().into())));
}

#[test]
fn the_menu_fits_into_a_small_window() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.harness.set_size(vec2(760.0, 520.0));
        window.harness.run_steps(5);
        window.click(lang.append_menu());
        window.click(lang.append_length());
        window.click(lang.append_check());
        let room = egui::Rect::from_min_max(pos2(0.0, 0.0), pos2(760.0, 520.0));
        let names = [
            lang.append_in_menu().to_owned(),
            lang.append_text().to_owned(),
            lang.length_whole().to_owned(),
            choice_name(lang.line_end(), "CR LF"),
        ];
        for name in names {
            let rect = window.controls(&name)[0].rect();
            assert!(room.contains_rect(rect), "{name} at {rect:?}");
        }
    }
}
