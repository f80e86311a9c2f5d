//! A log of 300,000 records: scrolled exactly, jumped over, selected beyond what is in sight.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use egui::{Event, Key, Modifiers, pos2};
use egui_kittest::kittest::Queryable as _;
use netassist::journal::Writer;
use netassist::model::{Cast, Direction, Origin, Recorder as _, Stamp, Transport};
use netassist::state::Phase;
use netassist::ui::lang::Lang;
use tempfile::TempDir;

use super::home::Home;
use super::window::{CTRL, Window};

const N: u64 = 300_000;

/// The text of record `n` of the data.
fn line(n: u64) -> String {
    format!("record {n:06}")
}

fn number(row: &str) -> u64 {
    row.strip_prefix("record ").and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("{row:?}"))
}

/// A capture of `N` records, written once for all tests.
fn capture() -> &'static Path {
    static CAPTURE: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_folder, path) = CAPTURE.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("long.pcapng");
        let mut writer = Writer::create(&path).unwrap();
        let address = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        writer.begin("long", "udp 127.0.0.1:1", Stamp(1));
        let flow = writer.flow(Transport::Udp, address(1), address(2), Origin::Datagram, Stamp(1));
        for n in 0..N {
            let bytes = format!("{}\n", line(n)).into_bytes();
            writer.data(flow.id, Direction::Received, Cast::Unicast, true, &bytes, Stamp(n + 1));
            if n % 10_000 == 0 {
                writer.commit().unwrap();
            }
        }
        writer.finish(Some(0), Stamp(N + 1));
        writer.commit().unwrap();
        (folder, path)
    });
    path
}

/// A window that shows it, one row a record, from the beginning.
fn window(home: &mut Home) -> Window {
    let lang = Lang::En;
    home.files = vec![capture().to_owned()];
    let mut window = home.window(lang);
    window.wait_until("the whole capture", |window| {
        window.tab().phase == Phase::Viewing { loading: None } && window.tab().log.len() >= N
    });
    window.settle();
    window.click(lang.log_mode());
    window.focus_log();
    window.key(Modifiers::NONE, Key::Home);
    window
}

/// The number of the record that is drawn ten and a half rows below the top.
fn tenth(window: &Window) -> u64 {
    let log = window.log_rect();
    let labels = window.harness.root().query_all_by_role(egui::Role::Label);
    let height = row_height(window);
    let at = pos2(log.center().x, log.top() + 4.0 + height * 10.5);
    let row = labels.into_iter().find(|node| node.rect().contains(at)).and_then(|node| node.value()).unwrap();
    number(&row)
}

fn row_height(window: &Window) -> f32 {
    let log = window.log_rect();
    let labels = window.harness.root().query_all_by_role(egui::Role::Label);
    let inside = labels.filter(|node| log.contains(node.rect().center()));
    inside.map(|node| node.rect().height()).fold(0.0, f32::max)
}

#[test]
fn keys_go_to_the_ends_and_by_pages() {
    let mut home = Home::new();
    let mut window = window(&mut home);
    assert_eq!(window.rows()[0], line(0));
    let n_rows = window.rows().len() as u64;
    assert!(n_rows > 15, "only {n_rows} rows");
    window.key(Modifiers::NONE, Key::PageDown);
    let down = tenth(&window);
    assert!((10 + n_rows - 3..10 + n_rows).contains(&down), "{down} with {n_rows} rows");
    window.key(Modifiers::NONE, Key::PageUp);
    assert_eq!(tenth(&window), 10);
    window.key(Modifiers::NONE, Key::ArrowDown);
    assert_eq!(tenth(&window), 11);
    window.key(Modifiers::NONE, Key::End);
    assert_eq!(window.rows().last().unwrap(), &line(N - 1));
    window.key(Modifiers::NONE, Key::PageUp);
    let up = number(window.rows().last().unwrap());
    assert!((N - n_rows - 2..N - 1 - 15).contains(&up), "{up} with {n_rows} rows");
    window.key(Modifiers::NONE, Key::Home);
    assert_eq!(tenth(&window), 10);
}

#[test]
fn the_wheel_moves_by_exactly_what_it_is_turned() {
    let mut home = Home::new();
    let mut window = window(&mut home);
    let height = row_height(&window);
    window.key(Modifiers::NONE, Key::End);
    window.wheel(height * 1000.0);
    let start = tenth(&window);
    for (turns, rows) in [(1, -3), (10, -7), (10, 7), (1, 3), (1, -100_000), (1, 100_000)] {
        let before = tenth(&window);
        for _ in 0..turns {
            #[allow(clippy::cast_precision_loss, reason = "small numbers")]
            window.wheel(height * -(rows as f32));
        }
        assert_eq!(
            tenth(&window),
            before.saturating_add_signed(turns * i64::from(rows)).min(N - 1),
            "{rows}"
        );
        if rows == -100_000 {
            assert!(tenth(&window) < start);
        }
    }
    assert_eq!(tenth(&window), start);
}

#[test]
fn the_scroll_bar_jumps() {
    let mut home = Home::new();
    let mut window = window(&mut home);
    let bar = window.controls(Lang::En.log_position())[0].rect();
    for (part, expected) in [(0.5, N / 2), (0.25, N / 4), (0.75, N / 4 * 3)] {
        window.click_at(pos2(bar.center().x, bar.top() + bar.height() * part));
        let at = tenth(&window);
        assert!(at.abs_diff(expected) < N / 20, "{at} is not near {expected}");
        let height = row_height(&window);
        window.wheel(-height);
        assert_eq!(tenth(&window), at + 1, "one row is one row here, too");
    }
    window.click_at(pos2(bar.center().x, bar.bottom() - 2.0));
    assert_eq!(window.rows().last().unwrap(), &line(N - 1));
    window.click_at(pos2(bar.center().x, bar.top() + 2.0));
    assert_eq!(tenth(&window), 10);
}

#[test]
fn what_is_selected_out_of_sight_is_copied_whole() {
    let mut home = Home::new();
    let mut window = window(&mut home);
    let height = row_height(&window);
    let log = window.log_rect();
    // From the beginning of record 2, scrolled on, to the beginning of the tenth row in sight.
    window.click_at(pos2(log.left() + 8.0, log.top() + 4.0 + height * 2.5));
    let bar = window.controls(Lang::En.log_position())[0].rect();
    window.harness.event(Event::PointerMoved(pos2(bar.center().x, bar.top() + bar.height() * 0.12)));
    window.click_at(pos2(bar.center().x, bar.top() + bar.height() * 0.12));
    let end = tenth(&window);
    assert!(end > 10_000, "{end}");
    let at = pos2(log.left() + 8.0, log.top() + 4.0 + height * 10.5);
    let shift = Modifiers::SHIFT;
    window.harness.event(Event::PointerMoved(at));
    window.harness.event(Event::ModifiersChanged(shift));
    for pressed in [true, false] {
        let button = egui::PointerButton::Primary;
        window.harness.event(Event::PointerButton { pos: at, button, pressed, modifiers: shift });
    }
    window.harness.event(Event::ModifiersChanged(Modifiers::NONE));
    window.step();
    window.harness.event(Event::Copy);
    let copied = window.wait_copied();
    assert!(copied.lines().eq((2..end).map(line)), "{} lines", copied.lines().count());
}

#[test]
fn all_of_it_is_copied() {
    let mut home = Home::new();
    let mut window = window(&mut home);
    window.key(CTRL, Key::A);
    window.harness.event(Event::Copy);
    let copied = window.wait_copied();
    let data = copied.lines().filter(|line| line.starts_with("record "));
    assert!(data.eq((0..N).map(line)), "{} lines", copied.lines().count());
}

#[test]
fn the_keyboard_selects_record_by_record() {
    let mut home = Home::new();
    let mut window = window(&mut home);
    let height = row_height(&window);
    let log = window.log_rect();
    let copied = |window: &mut Window| {
        window.harness.event(Event::Copy);
        window.wait_copied().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    window.click_at(pos2(log.left() + 8.0, log.top() + 4.0 + height * 2.5));
    for _ in 0..3 {
        window.key(Modifiers::SHIFT, Key::ArrowDown);
    }
    assert_eq!(copied(&mut window), (2..=5).map(line).collect::<Vec<_>>());
    // Back over where it began: all of that record stays selected.
    for _ in 0..4 {
        window.key(Modifiers::SHIFT, Key::ArrowUp);
    }
    assert_eq!(copied(&mut window), (1..=2).map(line).collect::<Vec<_>>());
    // Beyond what is in sight, which follows.
    let page = window.rows().len() as u64;
    window.key(Modifiers::SHIFT, Key::PageDown);
    window.key(Modifiers::SHIFT, Key::PageDown);
    let lines = copied(&mut window);
    let last = 1 + lines.len() as u64;
    assert!((2 * page - 4..=2 * page + 2).contains(&last), "{last} is not two pages of {page} further on");
    assert_eq!(lines, (2..=last).map(line).collect::<Vec<_>>());
    window.step();
    assert!(window.rows().contains(&line(last)), "{:?}", window.rows());
}

#[test]
fn a_click_that_is_over_within_one_frame_is_where_the_keyboard_selects_from() {
    let mut home = Home::new();
    let mut window = window(&mut home);
    let log = window.log_rect();
    let pos = pos2(log.left() + 8.0, log.top() + 4.0 + row_height(&window) * 2.5);
    window.harness.event(Event::PointerMoved(pos));
    window.step();
    let button = egui::PointerButton::Primary;
    let events = &mut window.harness.input_mut().events;
    for pressed in [true, false] {
        events.push(Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE });
    }
    window.step();
    window.key(Modifiers::SHIFT, Key::ArrowDown);
    window.harness.event(Event::Copy);
    assert!(window.wait_copied().lines().eq((2..=3).map(line)));
}
