//! What is sent again and again, started, watched and stopped by its controls.

use std::io::Read as _;

use egui::{Key, Modifiers};
use netassist::model::Protocol;
use netassist::ui::lang::Lang;

use super::home::{Home, call};
use super::window::Window;

/// A name of the button that stops the nth one.
fn stop(lang: Lang, n: u32) -> String {
    format!("{} #{n}", lang.stop_cycle())
}

#[test]
fn two_run_side_by_side_until_they_are_stopped() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        let address = window.open(Protocol::TcpServer);
        let mut peer = call(address);
        window.wait_peers(1);
        for (text, period) in [("a", "1"), ("b", "2ms")] {
            window.set_text(lang.send_box(), text);
            window.set_text(lang.cycle(), period);
            window.key(Modifiers::NONE, Key::Enter);
        }
        let mut seen = Vec::new();
        while !(seen.contains(&b'a') && seen.contains(&b'b')) {
            let mut buffer = [0; 64];
            let n = peer.read(&mut buffer).unwrap();
            assert!(n > 0, "the server has closed");
            seen.extend_from_slice(&buffer[..n]);
        }
        window.wait_for_text("1 ms → ");
        window.wait_for_text("2 ms → ");
        window.wait_until("a pace", |window| {
            window.tab().cycles.values().all(|cycle| cycle.progress.pace.is_some())
        });
        window.settle();
        assert!(window.shows("(p99)"));
        assert!(
            window.controls(lang.stop_cycle()).is_empty() && !window.controls(lang.stop_cycles()).is_empty()
        );
        window.click(&stop(lang, 1));
        assert!(window.shows(&lang.cycle_is_stopped(1)) && window.shows("1 ms → "), "its tally stays");
        assert!(window.controls(lang.start_cycle()).is_empty(), "the button stops the one that runs");
        window.click(lang.stop_cycle());
        assert!(window.shows(&lang.cycle_is_stopped(2)) && !window.controls(lang.start_cycle()).is_empty());
        window.click(&format!("{} #1", lang.put_away()));
        assert!(!window.shows("1 ms → ") && window.shows("2 ms → "));
        window.click(&format!("{} #2", lang.put_away()));
        assert!(window.tab().cycles.is_empty() && !window.shows("2 ms → "));
        // Both have really ended: what is sent now is the last.
        window.set_text(lang.send_box(), "end");
        window.click(lang.send());
        window.click(lang.close());
        peer.read_to_end(&mut seen).unwrap();
        assert!(seen.ends_with(b"end"), "{}", String::from_utf8_lossy(&seen));
    }
}

#[test]
fn a_count_ends_it_and_enter_in_a_field_starts_it() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        let address = window.open(Protocol::TcpServer);
        let mut peer = call(address);
        window.wait_peers(1);
        window.set_text(lang.send_box(), "x");
        window.set_text(lang.cycle(), "1");
        window.set_text(lang.cycle_count(), "4");
        window.control(lang.cycle_count(), 0).focus();
        window.settle();
        window.key(Modifiers::NONE, Key::Enter);
        window.wait_for_text(&lang.cycle_done(4));
        assert!(window.shows(&lang.cycle_is_done(1)) && window.shows(&lang.cycle_sent("4/4")));
        window.click(lang.close());
        let mut all = Vec::new();
        peer.read_to_end(&mut all).unwrap();
        assert_eq!(all, b"xxxx");
    }
}

#[test]
fn the_button_counts_what_runs_and_keeps_its_size() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.open(Protocol::Udp);
        window.set_text(lang.send_box(), "x");
        window.set_text(lang.remote_host(), "127.0.0.1");
        window.set_text(lang.remote_port(), "9");
        window.set_text(lang.cycle(), "1");
        let places = |window: &Window, words: &str| {
            let button = window.controls(words)[0].rect();
            [button, window.controls(lang.cycle())[0].rect(), window.controls(lang.cycle_count())[0].rect()]
        };
        let before = places(&window, lang.start_cycle());
        window.click(lang.start_cycle());
        // Its number has a separator.
        let counts = |window: &Window| {
            let wanted = format!("{} · 1,", lang.stop_cycle());
            let is_it = |shape: &egui::Shape| matches!(shape, egui::Shape::Text(text) if text.galley.text().starts_with(&wanted) && !text.galley.elided);
            window.harness.output().shapes.iter().any(|shown| is_it(&shown.shape))
        };
        window.wait_until("a thousand", counts);
        assert_eq!(places(&window, lang.stop_cycle()), before);
    }
}

#[test]
fn what_is_wrong_is_named_beside_the_field() {
    for (lang, words) in
        [(Lang::En, "a duration from 100us to 24h"), (Lang::ZhCn, "应为 100us 到 24h 的时间")]
    {
        let home = Home::new();
        let mut window = home.window(lang);
        window.open(Protocol::Udp);
        window.set_text(lang.send_box(), "x");
        assert!(window.is_enabled(lang.start_cycle()));
        window.set_text(lang.cycle(), "0");
        assert!(window.shows(words) && !window.is_enabled(lang.start_cycle()));
        window.set_text(lang.cycle(), "100");
        window.set_text(lang.cycle_count(), "-3");
        assert!(!window.shows(words) && !window.is_enabled(lang.start_cycle()));
        window.set_text(lang.cycle_count(), "");
        assert!(window.is_enabled(lang.start_cycle()));
    }
}

#[test]
fn a_session_that_is_not_open_has_nothing_to_repeat() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.set_text(lang.send_box(), "x");
    assert!(!window.is_enabled(lang.start_cycle()));
}
