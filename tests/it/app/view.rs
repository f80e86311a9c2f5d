//! How the log is shown: charset, hex, dump, hiding, clearing, pausing, copying.

use std::io::Write as _;
use std::net::TcpStream;

use egui::{Event, Key, Modifiers};
use netassist::codec::Charset;
use netassist::model::{Body, RecordKind};
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;

use super::home::{Home, server_with_client};
use super::window::{CTRL, Window};

fn show_as(window: &mut Window, body: Body) {
    let lang = window.lang;
    let word = match body {
        Body::Text => lang.body_text(),
        Body::Hex => lang.body_hex(),
        Body::Dump => lang.body_dump(),
    };
    window.click(&choice_name(lang.receive_options(), word));
    assert_eq!(window.tab().session.view.body, body);
}

/// Sends one message and waits until it is recorded, so that the next one is a record of its own.
fn message(window: &mut Window, client: &mut TcpStream, bytes: &[u8]) {
    let before = window.tab().counters.received;
    client.write_all(bytes).unwrap();
    let all = before + bytes.len() as u64;
    window.wait_until("the message", |window| window.tab().counters.received == all);
    window.settle();
}

#[test]
fn text_that_comes_split_inside_a_character_is_read_right() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, mut client) = server_with_client(&home, lang);
        window.choose(lang.charset(), Charset::Gbk.label());
        // “中文字” in GBK is D6 D0 CE C4 D7 D6.
        message(&mut window, &mut client, b"\xD6");
        message(&mut window, &mut client, b"\xD0\xCE\xC4\xD7");
        message(&mut window, &mut client, b"\xD6!");
        assert_eq!(window.data_rows(), ["⋯D6", "中文⋯D7", "字!"]);
        show_as(&mut window, Body::Hex);
        assert_eq!(window.data_rows(), ["D6", "D0 CE C4 D7", "D6 21"]);
        show_as(&mut window, Body::Dump);
        let rows = window.data_rows();
        assert_eq!(rows.len(), 3);
        assert!(rows[2].contains("D6 21") && rows[2].ends_with("|.!|"), "{rows:?}");
        show_as(&mut window, Body::Text);
        // Another charset shows what came before in another way, and back again in the first one.
        window.choose(lang.charset(), Charset::Latin1.label());
        assert_eq!(window.data_rows(), ["Ö", "ÐÎÄ×", "Ö!"]);
        window.choose(lang.charset(), Charset::Gbk.label());
        assert_eq!(window.data_rows(), ["⋯D6", "中文⋯D7", "字!"]);
    }
}

#[test]
fn head_lines_can_be_left_out_and_control_characters_are_seen() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    message(&mut window, &mut client, b"a\0b\x1B\n\nc");
    assert!(window.rows().iter().any(|row| row.contains("← RX")));
    // A line break is part of the row that it ends.
    assert_eq!(window.data_rows(), ["a\u{2400}b\u{241B}\\n", "\\n", "c"]);
    window.click(lang.log_mode());
    assert!(!window.rows().iter().any(|row| row.contains("← RX")));
    assert_eq!(window.data_rows(), ["a\u{2400}b\u{241B}", "", "c"]);
}

#[test]
fn hiding_clearing_and_pausing_lose_nothing() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, mut client) = server_with_client(&home, lang);
        message(&mut window, &mut client, b"received");
        window.set_text(lang.send_box(), "sent");
        window.click(lang.send());
        window.wait_until("what was sent", |window| window.data_rows() == ["received", "sent"]);

        window.click(lang.hide_received());
        assert_eq!(window.data_rows(), ["sent"]);
        window.click(lang.hide_received());
        assert_eq!(window.data_rows(), ["received", "sent"]);

        window.click(lang.clear());
        assert_eq!(window.rows(), Vec::<String>::new());
        message(&mut window, &mut client, b"after");
        assert_eq!(window.data_rows(), ["after"]);
        window.click(lang.undo_clear());
        assert_eq!(window.data_rows(), ["received", "sent", "after"]);
        assert!(window.controls(lang.undo_clear()).is_empty(), "nothing is left to undo");

        window.click(lang.pause());
        assert!(window.shows(lang.paused()));
        message(&mut window, &mut client, b"unseen");
        assert_eq!(window.data_rows(), ["received", "sent", "after"]);
        window.key(Modifiers::NONE, Key::F6);
        assert_eq!(window.data_rows(), ["received", "sent", "after", "unseen"]);
        assert!(!window.shows(lang.paused()));
    }
}

#[test]
fn all_that_is_selected_is_copied_as_it_is_and_not_as_it_is_drawn() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    let wide = "x".repeat(500);
    message(&mut window, &mut client, format!("tab\there\0{wide}\n第二行").as_bytes());
    window.focus_log();
    window.key(CTRL, Key::A);
    window.harness.event(Event::Copy);
    let copied = window.wait_copied();
    assert!(copied.contains(&format!("tab\there\0{wide}\n第二行\n")), "{copied:?}");
    assert!(copied.lines().next().unwrap().contains("Listening on"), "{copied:?}");
    window.settle();
    assert!(window.shows(&format!("Copied {} B", copied.len())));
    window.key(Modifiers::NONE, Key::Escape);
    window.key(CTRL, Key::L);
    assert_eq!(window.rows(), Vec::<String>::new());
}

#[test]
fn a_drag_selects_from_character_to_character() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    message(&mut window, &mut client, b"0123456789\nabcdefghij");
    // The second row of the data begins below where the first one does.
    let second = window.row("abcdefghij").rect();
    let first = second.translate(egui::vec2(0.0, -second.height()));
    assert!(window.row("0123456789").rect().y_range().contains(first.center().y));
    let font = egui::TextStyle::Monospace.resolve(&window.harness.ctx.global_style());
    let cell = window.harness.ctx.fonts_mut(|fonts| fonts.glyph_width(&font, '0'));
    let from = first.left_center() + egui::vec2(cell * 3.1, 0.0);
    let to = second.left_center() + egui::vec2(cell * 3.9, 0.0);
    window.harness.event(Event::PointerMoved(from));
    window.harness.drag_at(from);
    window.harness.event(Event::PointerMoved(from + (to - from) / 2.0));
    window.harness.event(Event::PointerMoved(to));
    window.harness.drop_at(to);
    window.step();
    window.harness.event(Event::Copy);
    assert_eq!(window.wait_copied(), "3456789\nabcd");
    assert!(window.tab().log.get(0).is_some_and(|record| record.kind == RecordKind::Note));
}

#[test]
fn a_new_record_is_followed_unless_the_user_has_gone_up() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    window.click(lang.display());
    window.click(&choice_name(lang.fold(), lang.fold_never()));
    window.key(Modifiers::NONE, Key::Escape);
    let lines: Vec<String> = (0..200).map(|n| format!("line {n}")).collect();
    message(&mut window, &mut client, lines.join("\n").as_bytes());
    assert_eq!(window.rows().last().unwrap(), "line 199");
    window.wheel(200.0);
    let held = window.rows();
    assert_ne!(held.last().unwrap(), "line 199");
    message(&mut window, &mut client, b"new");
    assert_eq!(window.rows(), held, "what is being read stays where it is");
    let below = lang.new_below("1");
    window.click(&below);
    assert_eq!(window.data_rows().last().unwrap(), "new");
    assert!(window.controls(&below).is_empty());
    message(&mut window, &mut client, b"newer");
    assert_eq!(window.data_rows().last().unwrap(), "newer");
}
