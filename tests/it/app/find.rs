//! The bar that finds, and what is shown because it was found.

use std::io::Write as _;

use egui::{Key, Modifiers};
use netassist::codec::Charset;
use netassist::model::Direction;
use netassist::state::{Filter, FramingKind};
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;
use netassist::workspace::ViewMode;

use super::home::{Home, server_with_client};
use super::talk::{self, Said, received};
use super::window::{CTRL, Window};

fn kind(window: &mut Window, label: &str) {
    let name = choice_name(window.lang.find_kind(), label);
    window.click(&name);
    window.wait_searched();
}

/// Presses the key that goes to the next hit.
fn next(window: &mut Window) {
    window.key(Modifiers::NONE, Key::F3);
}

#[test]
fn text_hex_and_patterns_are_found_and_errors_are_told() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        // “中文” in GBK is D6 D0 CE C4.
        let said = [received(b"\xD6\xD0\xCE\xC4 one"), received(b"TWO 2"), received(b"\xD6\xD1 three 33")];
        let mut window = talk::window(&mut home, lang, &said);
        window.choose(lang.charset(), Charset::Gbk.label());
        window.find("中文");
        assert!(window.shows("1"), "{:?}", window.texts());
        assert_eq!(window.tab().find.hits.len(), 1);
        next(&mut window);
        assert!(window.shows("1 / 1"));
        kind(&mut window, lang.find_as_hex());
        assert!(window.tab().find.error.is_some(), "no hex");
        assert!(window.texts().iter().any(|text| text.starts_with("✕ ")));
        window.find("D6 ??");
        assert_eq!(window.tab().find.hits.len(), 2);
        kind(&mut window, lang.find_as_regex());
        window.find("[0-9]+");
        assert_eq!(window.tab().find.hits.len(), 2);
        window.find("(");
        assert!(window.texts().iter().any(|text| text.starts_with("✕ ")));
        kind(&mut window, lang.find_as_text());
        window.find("two");
        assert!(window.shows(lang.find_none()));
        window.click(lang.find_ignore_case());
        window.wait_searched();
        assert_eq!(window.tab().find.hits.len(), 1);
    }
}

#[test]
fn next_and_previous_go_round_and_the_hit_is_in_sight() {
    let lang = Lang::En;
    let mut home = Home::new();
    let lines: Vec<String> = (0..600)
        .map(|n| if n % 200 == 50 { format!("needle {n}\n") } else { format!("hay {n}\n") })
        .collect();
    let said: Vec<Said<'_>> = lines.iter().map(|line| received(line.as_bytes())).collect();
    let mut window = talk::window(&mut home, lang, &said);
    for mode in ViewMode::ALL {
        window.show(mode);
        window.find("needle");
        assert_eq!(window.tab().find.hits.len(), 3, "{mode:?}");
        // Begin at the first one, wherever one looks.
        while window.tab().find.current != Some(0) {
            next(&mut window);
        }
        for (n, hit) in [(1, "needle 250"), (2, "needle 450"), (0, "needle 50")] {
            next(&mut window);
            assert_eq!(window.tab().find.current, Some(n));
            assert!(window.shows(&format!("{} / 3", n + 1)));
            assert!(in_sight(&window, hit), "{mode:?} {hit}: {:?}", window.texts());
        }
        window.key(Modifiers::SHIFT, Key::F3);
        assert!(in_sight(&window, "needle 450"));
        window.click(lang.find_previous());
        assert!(in_sight(&window, "needle 250"));
        window.click(lang.find_next());
        assert!(in_sight(&window, "needle 450"));
        if mode == ViewMode::Table {
            let selected = window.selected_rows();
            assert!(selected.len() == 1 && selected[0].contains("needle 450"), "{selected:?}");
        }
        // Enter in the field goes on, Shift and Enter back, Escape leaves.
        window.click(lang.find_text());
        window.key(Modifiers::NONE, Key::Enter);
        assert!(in_sight(&window, "needle 50"), "{mode:?} by Enter: {:?}", window.tab().find.current);
        window.key(Modifiers::SHIFT, Key::Enter);
        assert!(in_sight(&window, "needle 450"), "{mode:?} by Shift+Enter: {:?}", window.tab().find.current);
        window.key(Modifiers::NONE, Key::Escape);
        assert!(!window.tab().find.open && window.tab().find.query.is_none());
    }
}

/// Whether a row of the view in front says this.
fn in_sight(window: &Window, part: &str) -> bool {
    let rows =
        if window.tab().session.view.mode == ViewMode::Table { window.table_texts() } else { window.rows() };
    rows.iter().any(|row| row.contains(part))
}

#[test]
fn a_hit_in_what_is_folded_opens_it() {
    let lang = Lang::En;
    let mut home = Home::new();
    let mut text: String = (0..2000).map(|n| format!("{n}\n")).collect::<Vec<_>>().concat();
    text.push_str("needle\n");
    let mut window = talk::window(&mut home, lang, &[received(text.as_bytes()), received(b"end")]);
    assert!(window.shows("▼ Show all"));
    window.find("needle");
    next(&mut window);
    assert!(in_sight(&window, "needle") && in_sight(&window, "1995"), "{:?}", window.rows());
}

#[test]
fn in_the_stream_a_hit_may_lie_in_several_reads() {
    let lang = Lang::En;
    let mut home = Home::new();
    let mut said: Vec<Said<'_>> = (0..300).map(|_| received(b"hay\n")).collect();
    said.extend(["ne", "ed", "le\n"].map(|part| received(part.as_bytes())));
    said.extend((0..300).map(|_| received(b"hay\n")));
    let mut window = talk::window(&mut home, lang, &said);
    window.find("needle");
    assert!(window.shows(lang.find_none()));
    window.show(ViewMode::Stream);
    window.wait_until("the hit", |window| window.tab().find.hits.len() == 1);
    window.wait_searched();
    next(&mut window);
    assert!(in_sight(&window, "needle"), "{:?}", window.rows());
}

#[test]
fn what_comes_is_searched_too_and_stop_ends_it() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, mut client) = server_with_client(&home, lang);
        window.find("needle");
        assert!(window.shows(lang.find_none()));
        for n in 1..4 {
            client.write_all(b"a needle ").unwrap();
            window.wait_until("the hit", |window| window.tab().find.hits.len() == n);
        }
        window.wait_searched();
        window.key(Modifiers::NONE, Key::Escape);
        assert!(!window.tab().find.open);
        client.write_all(b"a needle ").unwrap();
        window.wait_until("the data", |window| window.tab().counters.received == 36);
        assert_eq!(window.tab().find.hits.len(), 0, "nobody searches");
        // What was typed is there again.
        window.key(CTRL, Key::F);
        window.wait_until("the hits", |window| window.tab().find.hits.len() == 4);
    }
}

#[test]
fn only_what_is_found_is_shown_until_its_chip_is_taken_away() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let sent = Direction::Sent;
        let said = [
            received(b"apple"),
            received(b"pear"),
            (0, sent, b"apple pie" as &[u8]),
            (1, Direction::Received, b"an apple"),
        ];
        let mut window = talk::window(&mut home, lang, &said);
        window.find("apple");
        window.click(lang.find_filter());
        window.wait_until("the filter", |window| window.data_rows() == ["apple", "apple pie", "an apple"]);
        // With a tick that hides.
        window.click(lang.hide_sent());
        window.wait_until("both", |window| window.data_rows() == ["apple", "an apple"]);
        // With another part of the filter, by the menu of a row.
        window.menu_of_row("an apple");
        window.click(lang.only_peer());
        window.wait_until("all three", |window| window.data_rows() == ["an apple"]);
        let chip = format!("{} #", talk::peer(1));
        let chips: Vec<String> = window.texts().into_iter().filter(|text| text.contains('✕')).collect();
        assert!(
            chips.iter().any(|text| text.contains("“apple”"))
                && chips.iter().any(|text| text.contains(&chip)),
            "{chips:?}"
        );
        let query = chips.iter().find(|text| text.contains("“apple”")).unwrap().clone();
        window.click(&query);
        window.wait_until("one part less", |window| window.data_rows() == ["an apple"]);
        window.click(lang.filter_clear());
        window.click(lang.hide_sent());
        window.wait_until("everything", |window| window.data_rows().len() == 4);
        assert!(window.tab().filtered.filter.is_empty());
    }
}

#[test]
fn what_is_typed_after_the_key_of_a_menu_is_not_for_the_send_box() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.click(lang.send_box());
        window.harness.event(egui::Event::Text("4".into()));
        window.settle();
        window.key(CTRL_SHIFT, Key::L);
        assert!(window.shows(lang.filter_least()));
        window.harness.event(egui::Event::Text("5".into()));
        window.settle();
        assert_eq!(window.value(lang.send_box()), "4");
    }
}

#[test]
fn lengths_times_and_peers_are_filtered_by_the_menu() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let other = |bytes| (1, Direction::Received, bytes);
        let said =
            [received(b"1"), other(b"22" as &[u8]), received(b"333"), other(b"4444"), received(b"55555")];
        let mut window = talk::window(&mut home, lang, &said);
        window.key(CTRL_SHIFT, Key::L);
        window.set_text(lang.filter_least(), "2");
        window.set_text(lang.filter_most(), "1");
        assert!(window.shows(lang.most_below_least()));
        assert!(!window.is_enabled(lang.filter_apply()));
        window.set_text(lang.filter_most(), "4");
        window.click(lang.filter_apply());
        window.wait_until("the lengths", |window| window.data_rows() == ["22", "333", "4444"]);
        window.click(lang.filter());
        window.set_text(lang.filter_since(), "+0.15");
        window.set_text(lang.filter_until(), "soon");
        assert!(window.shows(lang.not_a_time()));
        window.set_text(lang.filter_until(), "22:13:20.25");
        window.key(Modifiers::NONE, Key::Enter);
        window.wait_until("the time", |window| window.data_rows() == ["333"]);
        window.click(lang.filter());
        window.click(lang.filter_clear());
        window.wait_until("everything", |window| window.data_rows().len() == 5);
        window.click(lang.filter());
        let peer = window
            .texts()
            .into_iter()
            .find(|text| text.starts_with(&talk::peer(1).to_string()) && text.contains('#'))
            .unwrap();
        window.click(&peer);
        window.key(Modifiers::NONE, Key::Escape);
        window.wait_until("the peer", |window| window.data_rows() == ["22", "4444"]);
    }
}

const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..CTRL };

#[test]
fn a_filter_goes_with_framing_clearing_and_pausing() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    let mut say = |window: &mut Window, text: &str| {
        let all = window.tab().counters.received + text.len() as u64;
        client.write_all(text.as_bytes()).unwrap();
        window.wait_until("the data", |window| window.tab().counters.received == all);
        window.settle();
    };
    say(&mut window, "apple\npear\nap");
    window.frame(FramingKind::Line, |_| {});
    window.find("apple");
    window.click(lang.find_filter());
    window.wait_until("lines with it", |window| window.data_rows() == [r"apple\n"]);
    say(&mut window, "ple 2\n");
    window.wait_until("the line of two reads", |window| window.data_rows() == [r"apple\n", r"apple 2\n"]);
    window.click(lang.clear());
    assert_eq!(window.data_rows(), [""; 0]);
    say(&mut window, "apple 3\npear 3\n");
    window.wait_until("what came later", |window| window.data_rows() == [r"apple 3\n"]);
    window.key(Modifiers::NONE, Key::F6);
    say(&mut window, "apple 4\n");
    window.wait_framed();
    assert_eq!(window.data_rows(), [r"apple 3\n"]);
    window.key(Modifiers::NONE, Key::F6);
    window.wait_until("what came meanwhile", |window| window.data_rows() == [r"apple 3\n", r"apple 4\n"]);
    window.click(lang.undo_clear());
    window.wait_until("what was cleared", |window| window.data_rows().len() == 4);
    window.click(lang.filter_clear());
    assert_eq!(window.tab().filtered.filter, Filter::default());
    window.wait_until("all lines", |window| window.data_rows().len() == 6);
}
