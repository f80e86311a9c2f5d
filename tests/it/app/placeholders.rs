//! Placeholders in the send box: listed in a menu, shown by an example, filled in each time.

use std::io::Read as _;

use egui::{Event, Key, Modifiers, pos2, vec2};
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;

use super::home::{Home, read, server_with_client};

#[test]
fn each_message_is_filled_anew() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, client) = server_with_client(&home, lang);
        window.set_text(lang.send_box(), "{n:9}\\n");
        assert!(window.shows("6 B  7B 6E"), "braces are braces unless it is ticked");
        window.switch_placeholders();
        assert!(window.shows(&format!("{} 2 B  39 0A", lang.example())), "{:?}", window.texts());
        window.click(lang.send());
        window.click(lang.send());
        assert_eq!(read(&client, 5), b"9\n10\n");
        let me = client.local_addr().unwrap().to_string();
        window.set_text(lang.send_box(), "{peer}{{");
        assert!(window.shows(&format!("{} {} B  ", lang.example(), me.len() + 1)));
        window.click(lang.send());
        assert_eq!(read(&client, me.len() + 1), format!("{me}{{").into_bytes());
        window.set_text(lang.send_box(), "{{}");
        assert!(
            window.shows("2 B  7B 7D") && !window.shows(&format!("{} 2 B", lang.example())),
            "no example"
        );
        window.switch_append();
        window.set_text(lang.send_box(), "{length}:{rest}");
        window.click(lang.send());
        assert_eq!(read(&client, 5), b"5:2\r\n");
    }
}

#[test]
fn what_is_wrong_is_said_and_marked() {
    for (lang, unknown, open, counter) in [
        (Lang::En, "Unknown placeholder", "Unclosed brace", "e.g. {n:1:1:4}"),
        (Lang::ZhCn, "没有这个占位符", "缺少 }", "例如 {n:1:1:4}"),
    ] {
        let home = Home::new();
        let (mut window, _client) = server_with_client(&home, lang);
        window.switch_placeholders();
        for (text, words) in [("a {nobody}", unknown), ("a {n", open), ("{n:x}", counter)] {
            window.set_text(lang.send_box(), text);
            assert!(window.shows(words), "{text}: {:?}", window.texts());
            assert!(!window.is_enabled(lang.send()) && !window.is_enabled(lang.start_cycle()));
        }
        window.switch_placeholders();
        assert!(window.is_enabled(lang.send()));
    }
}

#[test]
fn the_menu_puts_them_in_where_the_cursor_is() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.set_text(lang.send_box(), "中b");
        window.key(Modifiers::NONE, Key::ArrowLeft);
        window.click(lang.placeholders_menu());
        window.click("{unix_ms}");
        assert_eq!(window.value(lang.send_box()), "中{unix_ms}b");
        assert!(window.tab().session.send.placeholders, "that ticks it");
        assert!(window.controls("{unix_ms}").is_empty(), "the menu is gone");
        window.harness.event(Event::Text("!".into()));
        window.settle();
        assert_eq!(window.value(lang.send_box()), "中{unix_ms}!b", "typing goes on behind it");
        window.key(super::window::CTRL, Key::A);
        window.click(lang.placeholders_menu());
        window.click("{peer}");
        assert_eq!(window.value(lang.send_box()), "中{unix_ms}!b{peer}", "nothing is typed over");
    }
}

#[test]
fn another_mode_keeps_them_and_so_do_history_and_restart() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, client) = server_with_client(&home, lang);
    window.switch_placeholders();
    window.set_text(lang.send_box(), r"a{n}\r{{");
    window.click(&choice_name(lang.send_options(), lang.send_hex()));
    assert_eq!(window.value(lang.send_box()), "61 {n} 0D 7B");
    window.click(&choice_name(lang.send_options(), lang.send_mixed()));
    assert_eq!(window.value(lang.send_box()), "a{n}[0D]{{");
    window.click(lang.send());
    assert_eq!(read(&client, 4), b"a1\r{");
    window.switch_placeholders();
    window.set_text(lang.send_box(), "{n}");
    window.key(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(window.value(lang.send_box()), "a{n}[0D]{{");
    assert!(window.tab().session.send.placeholders);
    window.exit();
    let window = home.window(lang);
    assert!(window.tab().session.send.placeholders);
    assert!(window.shows(&format!("{} 4 B  61 31 0D 7B", lang.example())), "{:?}", window.texts());
}

#[test]
fn a_cycle_fills_them_at_every_beat() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    window.switch_placeholders();
    window.set_text(lang.send_box(), "{n:5:5};");
    window.set_text(lang.cycle(), "1");
    window.set_text(lang.cycle_count(), "4");
    window.click(lang.start_cycle());
    window.wait_until("its end", |window| window.tab().cycles.values().all(|cycle| cycle.end.is_some()));
    window.click(lang.close());
    let mut all = String::new();
    client.read_to_string(&mut all).unwrap();
    assert_eq!(all, "5;10;15;20;");
}

#[test]
fn the_menu_fits_into_a_small_window() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        for size in [vec2(760.0, 520.0), vec2(1000.0, 700.0)] {
            window.harness.set_size(size);
            window.harness.run_steps(5);
            window.click(lang.placeholders_menu());
            let room = egui::Rect::from_min_max(pos2(0.0, 0.0), size.to_pos2());
            for name in [lang.placeholders_in_menu(), "{n}", "{n:0:1:2:be}", "{time}"] {
                let rect = window.controls(name)[0].rect();
                assert!(room.contains_rect(rect), "{name} at {rect:?}");
            }
            window.key(Modifiers::NONE, Key::Escape);
        }
    }
}
