//! The three views of one session: switched live, each shows what was in sight in the one before, and what
//! was chosen is still so the next time.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use netassist::model::Direction;
use netassist::state::{FramingKind, Side};
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;
use netassist::workspace::{TimeMode, ViewMode};

use super::home::Home;
use super::talk::{self, Said, received};
use super::window::{CTRL, Window};

/// Numbered lines, each a read of its own.
fn lines(n: usize) -> Vec<String> {
    (0..n).map(|n| format!("line {n:04}\n")).collect()
}

fn said(lines: &[String]) -> Vec<Said<'_>> {
    lines.iter().map(|line| received(line.as_bytes())).collect()
}

/// The numbers of the lines in sight, whichever view it is.
fn numbers(window: &Window) -> Vec<usize> {
    let texts =
        if window.tab().session.view.mode == ViewMode::Table { window.table_texts() } else { window.rows() };
    let number = |text: &String| text.split("line ").nth(1)?.get(..4)?.parse().ok();
    texts.iter().filter_map(number).collect()
}

#[test]
fn buttons_keys_and_the_tick_switch_between_views() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let lines = lines(3);
        let mut window = talk::window(&mut home, lang, &said(&lines));
        assert_eq!(window.tab().session.view.mode, ViewMode::Log);
        for mode in [ViewMode::Table, ViewMode::Stream, ViewMode::Log] {
            window.show(mode);
            assert_eq!(numbers(&window), [0, 1, 2], "{mode:?}");
        }
        for (key, mode) in
            [(Key::Num2, ViewMode::Table), (Key::Num3, ViewMode::Stream), (Key::Num1, ViewMode::Log)]
        {
            window.key(CTRL, key);
            assert_eq!(window.tab().session.view.mode, mode);
            assert_eq!(numbers(&window), [0, 1, 2], "{mode:?}");
        }
        window.click(lang.log_mode());
        assert_eq!(
            window.tab().session.view.mode,
            ViewMode::Stream,
            "without head lines it is the data alone"
        );
        assert_eq!(window.rows(), ["line 0000", "line 0001", "line 0002"]);
        window.click(lang.log_mode());
        assert_eq!(window.tab().session.view.mode, ViewMode::Log);
        assert!(window.rows().iter().any(|row| row.contains(lang.received_short())));
    }
}

#[test]
fn what_is_in_sight_in_one_view_is_in_sight_in_the_next() {
    let mut home = Home::new();
    let lines = lines(1000);
    let mut window = talk::window(&mut home, Lang::En, &said(&lines));
    window.focus_log();
    window.key(Modifiers::NONE, Key::Home);
    window.key(Modifiers::NONE, Key::Escape);
    for pages in [1, 3, 9] {
        for _ in 0..pages {
            window.wheel(-431.0);
        }
        for mode in [
            ViewMode::Table,
            ViewMode::Stream,
            ViewMode::Table,
            ViewMode::Log,
            ViewMode::Stream,
            ViewMode::Log,
        ] {
            let before = numbers(&window);
            let from = window.tab().session.view.mode;
            window.show(mode);
            let after = numbers(&window);
            let seen = after.contains(&before[0]) || after.contains(&before[1]);
            assert!(seen, "{from:?} {before:?}, {mode:?} {after:?}");
        }
    }
}

#[test]
fn the_end_is_followed_in_all_views_once_it_is_in_one() {
    let mut home = Home::new();
    let lines = lines(1000);
    let mut window = talk::window(&mut home, Lang::En, &said(&lines));
    for mode in [ViewMode::Table, ViewMode::Stream, ViewMode::Table, ViewMode::Log] {
        assert_eq!(numbers(&window).last(), Some(&999));
        window.show(mode);
    }
    assert_eq!(numbers(&window).last(), Some(&999));
}

#[test]
fn the_row_with_the_cursor_stays_the_one_whose_bytes_are_shown() {
    let lang = Lang::En;
    let mut home = Home::new();
    let lines = lines(1000);
    let mut window = talk::window(&mut home, lang, &said(&lines));
    window.show(ViewMode::Table);
    window.wheel_at(window.table_rows()[0].rect().center(), 4000.0);
    let middle = numbers(&window)[5];
    window.click_row(&format!("line {middle:04}"));
    assert!(window.shows(&format!("{} · 10 B", lang.whole_item())), "{:?}", window.texts());
    window.show(ViewMode::Log);
    assert!(numbers(&window).contains(&middle), "{middle} in {:?}", numbers(&window));
    // What was selected there is copied here, too.
    window.harness.event(egui::Event::Copy);
    window.step();
    window.show(ViewMode::Table);
    assert!(numbers(&window).contains(&middle));
    let selected = window.selected_rows();
    assert_eq!(selected.len(), 1, "{selected:?}");
    assert!(selected[0].contains(&format!("line {middle:04}")), "{selected:?}");
}

#[test]
fn show_the_bytes_goes_to_that_message_among_many_in_one_read() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let all: String = lines(30).concat();
        let mut window = talk::window(&mut home, lang, &[received(all.as_bytes())]);
        window.frame(netassist::state::FramingKind::Line, |_| {});
        window.menu_of_row("line 0027");
        window.click(&format!("{} Ctrl+I", lang.show_bytes()));
        window.settle();
        assert_eq!(
            (window.tab().session.view.mode, window.state().layout.side),
            (ViewMode::Log, Some(Side::Inspect))
        );
        let bytes = window.harness.root().query_all_by_role(egui::Role::Document).count();
        assert_eq!(bytes, 1, "{:?}", window.texts());
        assert!(
            window.texts().iter().any(|text| text.ends_with("line 0027␊")),
            "its text: {:?}",
            window.texts()
        );
    }
}

#[test]
fn view_time_and_fold_are_the_same_after_a_restart() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.show(ViewMode::Table);
        window.click(lang.display());
        window.click(&choice_name(lang.time_shown(), lang.time_delta()));
        window.click(&choice_name(lang.fold(), &lang.fold_rows(30)));
        window.key(Modifiers::NONE, Key::Escape);
        let view = window.tab().session.view;
        assert_eq!((view.mode, view.time, view.fold), (ViewMode::Table, TimeMode::Delta, 30));
        window.exit();
        let window = home.window(lang);
        assert_eq!(window.tab().session.view, view);
    }
}

#[test]
fn times_are_told_as_was_chosen() {
    let lang = Lang::En;
    let mut home = Home::new();
    let lines = lines(3);
    let mut window = talk::window(&mut home, lang, &said(&lines));
    let heads = |window: &Window| -> Vec<String> {
        let rows = window.rows().into_iter().filter(|row| row.contains("← RX"));
        rows.map(|row| row.split("  ←").next().unwrap().to_owned()).collect()
    };
    assert_eq!(heads(&window)[1], "22:13:20.100");
    for (label, times) in [
        (lang.time_since_start(), ["+0.000000", "+0.100000", "+0.200000"]),
        (lang.time_delta(), ["+0.000000", "+0.100000", "+0.100000"]),
    ] {
        window.click(lang.display());
        window.click(&choice_name(lang.time_shown(), label));
        window.key(Modifiers::NONE, Key::Escape);
        assert_eq!(heads(&window), times);
    }
}

#[test]
fn a_message_has_the_time_of_its_first_byte_and_of_its_last() {
    let lang = Lang::En;
    let mut home = Home::new();
    let other = |bytes: &'static [u8]| (1, Direction::Received, bytes);
    let said = [received(b"long"), other(b"short\n"), received(b" line\n"), other(b"last\n")];
    let mut window = talk::window(&mut home, lang, &said);
    window.frame(FramingKind::Line, |_| {});
    window.show(ViewMode::Table);
    window.click(lang.display());
    window.click(&choice_name(lang.time_shown(), lang.time_since_start()));
    window.key(Modifiers::NONE, Key::Escape);
    let cells = |row: &String| row.split("  ").map(str::to_owned).collect::<Vec<_>>();
    let is_data = |row: &Vec<String>| row.iter().any(|cell| cell.contains('←'));
    let rows: Vec<_> = window.table_texts().iter().map(cells).filter(is_data).collect();
    // In the order of their ends: the time, since the row before, and of the last byte.
    assert_eq!((rows[0][1].as_str(), rows[0].len()), ("+0.100000", 7), "{rows:?}");
    assert_eq!([&rows[1][1], &rows[1][2], &rows[1][6]], ["+0.000000", "-0.100000", "+0.200000"], "{rows:?}");
    assert_eq!((rows[2][1].as_str(), rows[2][2].as_str()), ("+0.300000", "+0.300000"), "{rows:?}");
    // The long line began before.
    for (time, number) in [("+0.05", 4), ("+0.15", 6), ("+0.25", 6)] {
        window.focus_table();
        window.key(CTRL, Key::G);
        window.set_text(lang.go_to_what(), time);
        window.key(Modifiers::NONE, Key::Enter);
        let selected = window.selected_rows();
        assert!(selected[0].starts_with(&format!("{number}  ")), "{time}: {selected:?}");
    }
    window.key(CTRL | Modifiers::SHIFT, Key::L);
    window.set_text(lang.filter_since(), "+0.05");
    window.set_text(lang.filter_until(), "+0.25");
    window.key(Modifiers::NONE, Key::Enter);
    window.wait_until("the one that began then", |window| {
        let rows: Vec<_> = window.table_texts().iter().map(cells).filter(is_data).collect();
        rows.len() == 1 && rows[0].last().is_some_and(|preview| preview.starts_with("short"))
    });
}
