//! What was sent comes back: by the keys in the send box, from the panel beside the log, after a restart.

use egui::{Key, Modifiers, pos2};
use netassist::model::Protocol;
use netassist::state::Side;
use netassist::store::history;
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;

use super::home::{Home, call, read, server_with_client};
use super::window::{CTRL, SIZE, Window};

/// Sends it from the box.
fn send(window: &mut Window, text: &str) {
    let lang = window.lang;
    window.set_text(lang.send_box(), text);
    window.click(lang.send());
}

fn walk(window: &mut Window, key: Key) -> String {
    window.key(Modifiers::NONE, key);
    window.value(window.lang.send_box())
}

/// The texts of the entries in sight, the newest first.
fn entries(window: &Window) -> Vec<String> {
    let mut all: Vec<String> = window.texts();
    all.retain(|text| text.starts_with('#') && text.contains(' '));
    all.dedup();
    all
}

#[test]
fn the_keys_walk_as_in_a_shell() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, _client) = server_with_client(&home, lang);
    send(&mut window, "one");
    send(&mut window, "two\nlines");
    window.click(&choice_name(lang.send_options(), lang.send_hex()));
    send(&mut window, "03");
    window.click(&choice_name(lang.send_options(), lang.send_text()));
    window.set_text(lang.send_box(), "being typed");
    assert_eq!(walk(&mut window, Key::ArrowUp), "03");
    assert_eq!(window.tab().session.send.mode.name(), "hex", "it is read as it was");
    assert_eq!(walk(&mut window, Key::ArrowUp), "two\nlines");
    assert_eq!(walk(&mut window, Key::ArrowUp), "one", "the cursor was in the first line");
    assert_eq!(walk(&mut window, Key::ArrowUp), "one", "there is no older one");
    assert_eq!(walk(&mut window, Key::ArrowDown), "two\nlines");
    window.key(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(window.value(lang.send_box()), "two\nlines", "from the last line into the first");
    window.key(Modifiers::NONE, Key::ArrowDown);
    assert_eq!(window.value(lang.send_box()), "two\nlines", "and back into the last");
    assert_eq!(walk(&mut window, Key::ArrowDown), "03");
    assert_eq!(walk(&mut window, Key::ArrowDown), "being typed");
    assert_eq!(window.tab().session.send.mode.name(), "text");
    assert_eq!(walk(&mut window, Key::ArrowDown), "being typed");
}

#[test]
fn a_click_puts_it_into_the_box_and_a_double_click_sends_it() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, client) = server_with_client(&home, lang);
        window.key(CTRL, Key::H);
        assert!(window.shows(lang.history_empty()));
        for text in ["alpha", "beta", "alpine"] {
            send(&mut window, text);
        }
        read(&client, 15);
        assert_eq!(entries(&window), ["#1 alpine", "#2 beta", "#3 alpha"]);
        window.set_text(lang.history_search(), "ALP");
        assert_eq!(entries(&window), ["#1 alpine", "#2 alpha"]);
        window.set_text(lang.send_box(), "half a thought");
        window.click("#2 alpha");
        assert_eq!(window.value(lang.send_box()), "alpha");
        window.set_text(lang.history_search(), "");
        let all = entries(&window);
        assert!(all[0].starts_with("#1 (") && all[0].ends_with("half a thought"), "nothing is lost: {all:?}");
        // The keyboard is where it goes on.
        window.click("#3 beta");
        window.key(CTRL, Key::Enter);
        assert_eq!(read(&client, 4), b"beta");
        window.set_text(lang.send_box(), "stays");
        window.click(&format!("{} #2", lang.send()));
        assert!(entries(&window)[0].contains("half a thought"));
        assert_eq!(
            (read(&client, 14), window.value(lang.send_box()).as_str()),
            (b"half a thought".to_vec(), "stays")
        );
        let place = window.control("#4 alpha", 0).rect().center();
        // Two frames, or one: to a person it is the same.
        click_in_one_frame(&mut window, place, 1);
        click_in_one_frame(&mut window, place, 1);
        window.settle();
        assert_eq!(read(&client, 5), b"alpha");
        assert_eq!(entries(&window)[..2], ["#1 alpha", &format!("#2 {}  stays", lang.history_unsent())]);
        let place = window.control("#4 beta", 0).rect().center();
        click_in_one_frame(&mut window, place, 2);
        window.settle();
        assert_eq!(read(&client, 4), b"beta");
        window.click(&format!("{} #2", lang.history_forget()));
        assert!(entries(&window).iter().all(|text| !text.ends_with(" alpha")));
    }
}

#[test]
fn the_panel_opens_and_closes_in_every_way() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        for (size, beside) in [([1366.0, 768.0], true), (SIZE, false)] {
            window.harness.set_size(size.into());
            window.settle();
            let wide = window.log_rect();
            window.click(lang.history());
            assert_eq!(window.state().layout.side, Some(Side::History));
            let log = window.log_rect();
            let lost = wide.size() - log.size();
            if beside {
                assert!((lost.x - 384.0).abs() < 2.0 && lost.y == 0.0, "{log:?}");
            } else {
                // Too narrow for both: it is below the log.
                assert!(lost.x == 0.0 && log.width() > 480.0 && lost.y > 150.0, "{log:?}");
            }
            window.click(lang.close_side());
            assert_eq!(window.log_rect(), wide);
        }
        window.key(CTRL, Key::H);
        window.key(Modifiers::NONE, Key::Escape);
        assert_eq!(window.state().layout.side, None, "its search has the keyboard");
        window.key(CTRL, Key::H);
        window.key(CTRL, Key::H);
        assert_eq!(window.state().layout.side, None);
    }
}

#[test]
fn its_width_is_that_to_which_it_was_drawn() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.harness.set_size(egui::vec2(1366.0, 768.0));
    window.key(CTRL, Key::H);
    let edge = window.log_rect().right_center();
    drag(&mut window, edge, pos2(edge.x - 60.0, edge.y));
    assert!((440..=448).contains(&window.state().layout.side_width), "{}", window.state().layout.side_width);
    let drawn = window.log_rect();
    window.harness.set_size(egui::vec2(760.0, 520.0));
    window.harness.run_steps(5);
    assert!(window.log_rect().width() >= 480.0, "{:?}", window.log_rect());
    window.exit();
    let mut window = home.window(lang);
    window.harness.set_size(egui::vec2(1366.0, 768.0));
    window.settle();
    assert_eq!(window.log_rect(), drawn, "a window without room for it is no choice of the user's");
}

#[test]
fn below_the_log_its_height_is_that_to_which_it_was_drawn() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.key(CTRL, Key::H);
    let edge = window.log_rect().center_bottom();
    drag(&mut window, edge, pos2(edge.x, edge.y - 50.0));
    assert!((264..=268).contains(&window.state().layout.side_height), "{:?}", window.state().layout);
    let drawn = window.log_rect();
    drag(&mut window, drawn.center_bottom(), pos2(edge.x, 0.0));
    assert!(window.log_rect().height() > 100.0, "the log stays: {:?}", window.log_rect());
    let drawn = window.log_rect();
    window.exit();
    let mut window = home.window(lang);
    window.settle();
    assert_eq!(window.log_rect(), drawn);
}

fn click_in_one_frame(window: &mut Window, at: egui::Pos2, n: usize) {
    window.harness.input_mut().events.push(egui::Event::PointerMoved(at));
    for _ in 0..n {
        for pressed in [true, false] {
            window.harness.input_mut().events.push(button(at, pressed));
        }
    }
    window.step();
}

fn button(pos: egui::Pos2, pressed: bool) -> egui::Event {
    let (button, modifiers) = (egui::PointerButton::Primary, Modifiers::NONE);
    egui::Event::PointerButton { pos, button, pressed, modifiers }
}

pub(super) fn drag(window: &mut Window, from: egui::Pos2, to: egui::Pos2) {
    window.harness.event(egui::Event::PointerMoved(from));
    window.step();
    window.harness.event(button(from, true));
    window.step();
    window.harness.event(egui::Event::PointerMoved(to));
    window.step();
    window.harness.event(button(to, false));
    window.settle();
}

#[test]
fn it_outlives_the_window_and_the_tab() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, client) = server_with_client(&home, lang);
    send(&mut window, "from before");
    read(&client, 11);
    window.set_text(lang.send_box(), "draft");
    window.key(CTRL, Key::T);
    window.key(CTRL, Key::H);
    assert!(window.shows(lang.history_empty()), "each tab has its own");
    window.key(CTRL, Key::W);
    window.exit();

    let mut window = home.window(lang);
    window.wait_for_text("#1 from before");
    window.click(lang.clear_send());
    assert_eq!(entries(&window), ["#1 (not sent)  draft", "#2 from before"]);
    // A tab that is closed and brought back has all of it, also what no file had yet.
    window.key(CTRL, Key::W);
    assert!(window.shows(lang.history_empty()));
    window.key(Modifiers { shift: true, ..CTRL }, Key::T);
    assert_eq!(entries(&window).len(), 2);
    window.exit();
    let mut window = home.window(lang);
    window.wait_for_text("#2 from before");
    let address = window.open(Protocol::TcpServer);
    let client = call(address);
    window.wait_peers(1);
    window.click(&format!("{} #2", lang.send()));
    assert_eq!(read(&client, 11), b"from before");
}

#[test]
fn a_broken_file_is_told_and_kept() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, client) = server_with_client(&home, lang);
        send(&mut window, "something");
        read(&client, 9);
        window.exit();
        let folder = history::folder(&home.path("state"));
        let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        std::fs::write(&file, "sent = 'rubbish'").unwrap();
        let mut window = home.window(lang);
        window.wait_for_text(lang.task_reading_history());
        window.wait_for_text("broken-1");
        drop(window);
        let kept = file.with_extension("broken-1.toml");
        assert_eq!(std::fs::read_to_string(kept).unwrap(), "sent = 'rubbish'");
    }
}
