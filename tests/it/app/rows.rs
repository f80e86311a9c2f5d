//! The rows of the log: one a record, selected, unfolded and followed, and what they say.

use std::io::Write as _;

use egui::accesskit::Toggled;
use egui::{Key, Modifiers, Role, vec2};
use egui_kittest::kittest::NodeT as _;
use netassist::model::{Body, Direction, Protocol};
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;

use super::home::{Home, call, read, server_with_client};
use super::talk::{self, Said, received};
use super::window::{CTRL, Window, said};

/// The row of this record: what it says, whether it is selected and whether it is unfolded.
fn state(window: &Window, part: &str) -> (String, bool, bool) {
    let row = window.row(part);
    let node = row.accesskit_node();
    (said(&row), node.toggled() == Some(Toggled::True), node.data().is_expanded() == Some(true))
}

fn follows(window: &Window) -> bool {
    let tick = window.controls(window.lang.auto_scroll())[0];
    let is_ticked = tick.accesskit_node().toggled() == Some(Toggled::True);
    assert_eq!(is_ticked, window.tab().held.is_none(), "the tick tells the truth");
    is_ticked
}

/// The line of facts and its buttons have room without words.
#[test]
fn buttons_of_an_unfolded_record_have_words_where_there_is_room() {
    for &lang in Lang::ALL {
        let mut home = Home::new();
        let mut window = talk::window(&mut home, lang, &[received(b"one"), received(b"two")]);
        // In Chinese they are short.
        for (size, has_words) in [(vec2(1920.0, 1080.0), true), (vec2(1000.0, 700.0), lang != Lang::En)] {
            window.harness.set_size(size);
            window.settle();
            let row = window.row("two").rect().center();
            window.click_at(row);
            window.key(Modifiers::NONE, Key::Enter);
            let width = window.control(lang.copy(), 0).rect().width();
            assert_eq!(width > 36.0, has_words, "{width} in {lang:?} at {size}");
            window.key(Modifiers::NONE, Key::Enter);
        }
    }
}

#[test]
fn a_record_is_a_row_of_twenty_points_that_unfolds_in_place() {
    for lang in [Lang::En, Lang::ZhCn, Lang::ZhTw] {
        let mut home = Home::new();
        let sent: Said<'_> = (1, Direction::Sent, "电压 230\r\n".as_bytes());
        let mut window = talk::window(&mut home, lang, &[received(b"one\r\n"), sent, received(b"two")]);
        let rows = window.log_nodes();
        assert_eq!(rows.len(), 5, "two connections and three records: {:?}", window.rows());
        for (row, below) in rows.iter().zip(&rows[1..]) {
            assert_eq!((row.rect().height(), below.rect().top() - row.rect().top()), (20.0, 20.0));
        }
        let line = |time, way, rest| format!("22:13:20.{time}  {way}  127.0.0.1:{rest}");
        assert_eq!(
            window.rows()[2..],
            [
                line("000", lang.received_short(), r"2000  5 B  one\r\n"),
                line("100", lang.sent_short(), r"2001  12 B  电压 230\r\n"),
                line("200", lang.received_short(), "2000  3 B  two"),
            ]
        );
        // The date is a row of its own.
        let days: Vec<String> = window
            .harness
            .root()
            .children_recursive()
            .filter(|node| node.accesskit_node().role() == Role::Heading)
            .map(|node| said(&node))
            .filter(|day| day.starts_with("2023-11-14 "))
            .collect();
        assert_eq!(days.len(), 1, "{days:?}");
        // A click below all rows is on nothing.
        assert!(follows(&window));
        let below = window.log_rect().center_bottom() - vec2(0.0, 20.0);
        window.click_at(below);
        assert!(follows(&window));

        // A click selects and unfolds nothing; Enter does, and Left folds again.
        let place = window.row("230").rect().center();
        window.click_at(place);
        let (_, selected, unfolded) = state(&window, "230");
        assert!(selected && !unfolded && window.rows().len() == 5);
        window.key(Modifiers::NONE, Key::Enter);
        assert!(state(&window, "230").2, "{:?} {:?}", state(&window, "230"), window.rows());
        let bytes = "0000  E7 94 B5 E5 8E 8B 20 32  33 30 0D 0A              │ 电 压  230··";
        assert!(window.rows().contains(&bytes.to_owned()), "{:?}", window.rows());
        let facts = window.rows()[4].clone();
        assert!(facts.starts_with("#4 · 12 B · UTF-8 · ") && facts.ends_with("22:13:20.100000"), "{facts}");
        let top = window.row("230").rect().top();
        window.key(Modifiers::NONE, Key::ArrowLeft);
        assert!(!state(&window, "230").2 && window.rows().len() == 5);
        assert!((window.row("230").rect().top() - top).abs() < 0.01, "in its place");
        window.key(Modifiers::NONE, Key::ArrowRight);
        assert!(state(&window, "230").2);
        // The next record by the keyboard, by Shift both.
        window.key(Modifiers::NONE, Key::ArrowDown);
        assert_eq!(["230", "two"].map(|row| state(&window, row).1), [false, true]);
        window.key(Modifiers::SHIFT, Key::ArrowUp);
        assert_eq!(["one", "230", "two"].map(|row| state(&window, row).1), [false, true, true]);
        window.harness.event(egui::Event::Copy);
        let copied = window.wait_copied();
        assert!(copied.contains("电压 230\r\n") && copied.contains("\ntwo\n"), "{copied:?}");
        assert!(!copied.contains("E7 94"), "the bytes below are not part of the record: {copied:?}");
    }
}

#[test]
fn a_row_is_cut_or_goes_on_below_its_data() {
    let lang = Lang::En;
    let mut home = Home::new();
    let digits = "0123456789".repeat(30) + "\nend";
    let mut window = talk::window(&mut home, lang, &[received(digits.as_bytes()), received(&[7; 99])]);
    let below = window.row("end").rect();
    assert!(below.left() > window.log_rect().left() + 200.0, "below the data: {below}");
    window.click(lang.auto_linefeed());
    let rows = window.data_rows();
    assert!(rows.len() == 2 && rows[0].starts_with("0123456789") && rows[0].ends_with('…'), "{rows:?}");
    window.click(&choice_name(lang.receive_options(), lang.body_hex()));
    assert_eq!(window.tab().session.view.body, Body::Hex);
    let rows = window.data_rows();
    assert!(rows.len() == 2 && rows[1].starts_with("07 07 07") && rows[1].ends_with("07…"), "{rows:?}");
    // NetAssist's two lines: the head, and the data below it over the whole width.
    window.click(lang.auto_linefeed());
    window.click(&choice_name(lang.receive_options(), lang.body_text()));
    window.click(lang.display());
    window.click(lang.classic_rows());
    window.key(Modifiers::NONE, Key::Escape);
    let head = window.row("304 B").rect();
    let data = window.row("0123456789").rect();
    assert!((data.top() - head.bottom()).abs() < 0.01 && data.left() < head.left() + 30.0, "{head} {data}");
}

#[test]
fn the_end_is_followed_until_something_else_is_looked_at() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    let mut say = |window: &mut Window, text: &str| {
        let all = window.tab().counters.received + text.len() as u64;
        client.write_all(text.as_bytes()).unwrap();
        window.wait_until("the data", |window| window.tab().counters.received == all);
        window.settle();
    };
    let lines: Vec<String> = (0..90).map(|n| format!("line {n}")).collect();
    say(&mut window, &lines.join("\n"));
    assert!(follows(&window) && window.shows("line 89"));
    // Scrolled up.
    window.wheel(300.0);
    assert!(!follows(&window));
    say(&mut window, "new");
    assert_eq!(window.tab().n_new(), 1);
    window.focus_log();
    window.key(Modifiers::NONE, Key::End);
    assert!(follows(&window) && window.data_rows().last().unwrap() == "new");
    // Selected, and unfolded, although the end is in sight.
    window.focus_log();
    assert!(!follows(&window));
    window.key(Modifiers::NONE, Key::End);
    window.key(Modifiers::NONE, Key::ArrowUp);
    assert!(!follows(&window));
    // By the tick, and by what is sent by hand.
    window.click(lang.auto_scroll());
    assert!(follows(&window));
    window.wheel(300.0);
    window.set_text(lang.send_box(), "by hand");
    window.click(lang.send());
    window.wait_until("what was sent", |window| window.shows("by hand"));
    assert!(follows(&window));
}

#[test]
fn a_row_tells_which_cycle_or_rule_has_sent_it() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        let server = window.open(Protocol::TcpServer);
        let mut client = call(server);
        window.wait_peers(1);
        window.set_text(lang.send_box(), "again");
        window.set_text(lang.cycle(), "1");
        window.click(lang.start_cycle());
        window.wait_for_text(&format!("5 B, {}  again", lang.by_cycle(1)));
        window.click(&format!("{} #1", lang.stop_cycle()));
        window.set_text(lang.send_box(), "by hand");
        window.click(lang.send());
        window.wait_until("the end", |window| window.data_rows().last().is_some_and(|row| row == "by hand"));
        assert!(window.rows().last().unwrap().ends_with("7 B  by hand"), "{:?}", window.rows());
        window.key(CTRL, Key::J);
        window.click(lang.rule_relay());
        let mut other = call(server);
        window.wait_peers(2);
        client.write_all(b"to all").unwrap();
        assert_eq!(read(&other, 6), b"to all");
        window.wait_for_text(&format!("6 B, {}  to all", lang.by_rule(lang.rule_relay())));
        other.flush().unwrap();
    }
}
