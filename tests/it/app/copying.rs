//! Rows, bytes and values of the table, and what is copied from each view.

use std::io::Write as _;

use egui::{Event, Key, Modifiers, Role};
use egui_kittest::kittest::Queryable as _;
use netassist::codec::{Charset, CopyAs, hex};
use netassist::model::{Body, Direction};
use netassist::state::{Notice, SaveScope};
use netassist::ui::copy_as::copy_as_name;
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;
use netassist::workspace::ViewMode;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::home::{Home, server_with_client};
use super::talk::{self, Said, received};
use super::window::{CTRL, Window};

fn copy(window: &mut Window) -> String {
    // In the very next frame, for some copy at once.
    window.harness.input_mut().events.push(Event::Copy);
    let text = window.wait_copied();
    window.settle();
    text
}

fn bytes_rect(window: &Window) -> egui::Rect {
    window.harness.root().get_by_role_and_label(Role::Document, window.lang.bytes()).rect()
}

#[test]
fn the_row_with_the_cursor_shows_its_bytes_and_the_selected_ones_their_values() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let said = [received(b"first"), received(b"\x12\x34\x56\x78rest")];
        let mut window = talk::window(&mut home, lang, &said);
        window.show(ViewMode::Table);
        window.click_row("first");
        assert!(window.shows(&format!("{} · 5 B", lang.whole_item())), "{:?}", window.texts());
        window.key(Modifiers::NONE, Key::ArrowDown);
        assert!(window.shows(&format!("{} · 8 B", lang.whole_item())), "{:?}", window.texts());
        // The first byte stands behind the offset.
        let rect = bytes_rect(&window);
        window.click_at(rect.left_top() + egui::vec2(8.0, 12.0));
        window.key(CTRL, Key::Home);
        for _ in 0..3 {
            window.key(Modifiers::SHIFT, Key::ArrowRight);
        }
        let value = |order: &str, n: u32| format!("u32 {order} {n}");
        assert!(window.shows(&value(lang.order_big(), 0x1234_5678)), "{:?}", window.texts());
        assert!(window.shows(&value(lang.order_little(), 0x7856_3412)), "{:?}", window.texts());
        assert_eq!(copy(&mut window), "12 34 56 78");
        window.click("u8 18");
        assert_eq!(window.tab().notice, Some(Notice::Copied(2)));
        // An event has no bytes.
        window.key(Modifiers::NONE, Key::Escape);
        window.click_row("127.0.0.1:2001");
        assert!(!window.shows(lang.whole_item()));
    }
}

#[test]
fn every_way_to_copy_gives_the_bytes_of_what_is_selected_in_the_log() {
    check_copies(Lang::En, ViewMode::Log);
}

#[test]
fn every_way_to_copy_gives_the_bytes_of_what_is_selected_in_the_table() {
    check_copies(Lang::ZhCn, ViewMode::Table);
}

#[test]
fn every_way_to_copy_gives_the_bytes_of_what_is_selected_in_the_stream() {
    check_copies(Lang::En, ViewMode::Stream);
}

#[track_caller]
fn check_copies(lang: Lang, mode: ViewMode) {
    let mut home = Home::new();
    let said = [received(b"\"one\"\n\x00\xFF"), (0, Direction::Sent, "二".as_bytes())];
    let all: Vec<u8> = said.iter().flat_map(|(.., bytes)| bytes.iter().copied()).collect();
    let mut window = talk::window(&mut home, lang, &said);
    window.show(mode);
    for kind in CopyAs::ALL {
        let place = if mode == ViewMode::Table {
            window.focus_table();
            window.table_rows()[0].rect().center()
        } else {
            window.focus_log();
            window.log_rect().left_top() + egui::vec2(40.0, 12.0)
        };
        window.key(CTRL, Key::A);
        window.menu_at(place);
        window.click(lang.copy_as());
        let name = copy_as_name(lang, kind);
        window.wait_until(name, |window| !window.controls(name).is_empty());
        let n = window.controls(name).len() - 1;
        window.control(name, n).click();
        assert_eq!(window.wait_copied(), kind.text_of(&all, Charset::Utf8), "{kind:?} in {mode:?}");
        window.settle();
        window.key(Modifiers::NONE, Key::Escape);
        window.key(Modifiers::NONE, Key::Escape);
    }
}

/// What the stream copies is the data and nothing else, but for a line break between two who speak.
#[test]
fn all_of_a_stream_is_copied_exactly() {
    let bytes =
        proptest::collection::vec(prop_oneof![Just("a"), Just("\n"), Just("中"), Just("some words ")], 1..40);
    let turn = (any::<bool>(), proptest::collection::vec(bytes.prop_map(|parts| parts.concat()), 1..80));
    let chat = proptest::collection::vec(turn, 1..5);
    let config = Config { cases: 4, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    runner
        .run(&chat, |mut chat| {
            chat.dedup_by(|next, before| next.0 == before.0);
            let direction = |sent| if sent { Direction::Sent } else { Direction::Received };
            let said: Vec<Said<'_>> = chat
                .iter()
                .flat_map(|(sent, reads)| reads.iter().map(|read| (0, direction(*sent), read.as_bytes())))
                .collect();
            let mut home = Home::new();
            let mut window = talk::window(&mut home, Lang::En, &said);
            window.show(ViewMode::Stream);
            let texts = chat.iter().map(|(_, reads)| reads.concat());
            let expected: String =
                texts.clone().map(|text| if text.ends_with('\n') { text } else { text + "\n" }).collect();
            window.focus_log();
            window.key(CTRL, Key::A);
            prop_assert_eq!(copy(&mut window), expected);
            let digits: String = texts.map(|text| hex::to_text(text.as_bytes()) + "\n").collect();
            window.click(&choice_name(Lang::En.receive_options(), Lang::En.body_hex()));
            prop_assert_eq!(window.tab().session.view.body, Body::Hex);
            window.focus_log();
            window.key(CTRL, Key::A);
            prop_assert_eq!(copy(&mut window), digits);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_part_of_a_stream_of_hex_is_copied_as_it_was_selected() {
    let mut home = Home::new();
    let lines: Vec<Vec<u8>> = (0..400_u16).map(|n| vec![u8::try_from(n % 256).unwrap(); 3]).collect();
    let said: Vec<Said<'_>> = lines.iter().map(|line| received(line)).collect();
    let mut window = talk::window(&mut home, Lang::En, &said);
    window.show(ViewMode::Stream);
    window.click(&choice_name(Lang::En.receive_options(), Lang::En.body_hex()));
    let rows = window.rows();
    let drag = |window: &mut Window, from: egui::Pos2, to: egui::Pos2| {
        window.harness.event(Event::PointerMoved(from));
        window.harness.drag_at(from);
        window.harness.event(Event::PointerMoved(from + (to - from) / 2.0));
        window.harness.event(Event::PointerMoved(to));
        window.harness.drop_at(to);
        window.step();
    };
    // From the beginning of one row to the end of another, over the borders of groups.
    let log = window.log_rect();
    let labels = window.harness.root().query_all_by_role(Role::Label);
    let places: Vec<egui::Rect> =
        labels.filter(|node| log.contains(node.rect().center())).map(|node| node.rect()).collect();
    let end = places[places.len() - 2].right_center();
    drag(&mut window, places[1].left_center() + egui::vec2(1.0, 0.0), end - egui::vec2(2.0, 0.0));
    let wanted = rows[1..rows.len() - 1].join(" ");
    assert_eq!(copy(&mut window).split_whitespace().collect::<Vec<_>>().join(" "), wanted);
}

#[test]
fn what_is_selected_is_what_is_saved_as_selected() {
    for (lang, mode) in [(Lang::En, ViewMode::Table), (Lang::ZhCn, ViewMode::Log)] {
        let mut home = Home::new();
        let said = [received(b"one"), received(b"two"), received(b"three")];
        let mut window = talk::window(&mut home, lang, &said);
        window.show(mode);
        if mode == ViewMode::Table {
            window.click_row("two");
        } else {
            window.key(CTRL, Key::G);
            window.set_text(lang.go_to_what(), "4");
            window.key(Modifiers::NONE, Key::Enter);
        }
        let path = home.path("selected.bin");
        window.click(lang.save_as());
        window.choose_format(netassist::model::Format::RawReceived);
        window.click(&choice_name(
            lang.save_what(),
            netassist::ui::save::scope_name(lang, SaveScope::Selected).0,
        ));
        window.set_text(lang.save_name(), path.to_str().unwrap());
        window.click(lang.save());
        window.wait_until("that it is saved", |window| !window.tab().save.open);
        assert_eq!(std::fs::read(&path).unwrap(), b"two", "{mode:?}");
    }
}

#[test]
fn all_is_what_was_there() {
    for mode in [ViewMode::Log, ViewMode::Table, ViewMode::Stream] {
        let lang = Lang::En;
        let home = Home::new();
        let (mut window, mut client) = server_with_client(&home, lang);
        window.show(mode);
        for text in ["first", "later"] {
            client.write_all(text.as_bytes()).unwrap();
            window.wait_for_text(text);
            window.settle();
            if text == "first" {
                if mode == ViewMode::Table {
                    window.focus_table();
                } else {
                    window.focus_log();
                }
                window.key(CTRL, Key::A);
            }
        }
        let copied = copy(&mut window);
        assert!(copied.contains("first") && !copied.contains("later"), "{mode:?}: {copied}");
    }
}
