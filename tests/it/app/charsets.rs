//! Text in another charset than the session's: offered, and read so for all or for one peer.

use egui::vec2;
use netassist::codec::Charset;
use netassist::model::Direction;
use netassist::ui::lang::Lang;

use super::home::Home;
use super::talk::{self, received};
use super::window::Window;

/// “中国电网” in GBK, twice.
const GBK: &[u8] = b"\xD6\xD0\xB9\xFA\xB5\xE7\xCD\xF8\xD6\xD0\xB9\xFA\xB5\xE7\xCD\xF8";
const TEXT: &str = "中国电网中国电网";

fn window(home: &mut Home, lang: Lang) -> Window {
    let said = [received(GBK), (1, Direction::Received, "已经是 UTF-8".as_bytes())];
    let mut window = talk::window(home, lang, &said);
    window.wait_until("the offer", |window| !window.controls(lang.switch_charset()).is_empty());
    assert!(window.shows("GB"), "{:?}", window.texts());
    window
}

#[test]
fn the_offer_switches_the_session() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let mut window = window(&mut home, lang);
        window.click(lang.switch_charset());
        assert_eq!(window.data_rows()[0], TEXT);
        assert_ne!(window.data_rows()[1], "已经是 UTF-8");
        assert!(window.tab().charsets.is_empty());
    }
}

#[test]
fn the_offer_switches_one_peer_and_its_menu_switches_it_back() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let mut window = window(&mut home, lang);
        window.click(lang.switch_peer());
        assert_eq!(window.data_rows(), [TEXT, "已经是 UTF-8"]);
        assert_eq!(window.tab().session.charset, Charset::Utf8);
        assert!(window.controls(lang.switch_charset()).is_empty());
        window.menu_of_row(TEXT);
        window.click(lang.peer_charset());
        window.click(lang.as_session());
        assert_ne!(window.data_rows()[0], TEXT);
        window.menu_of_row("已经是 UTF-8");
        window.click(lang.peer_charset());
        window.click(Charset::Latin1.label());
        assert!(window.data_rows()[1].starts_with('å'), "{:?}", window.data_rows());
    }
}

#[test]
fn the_offer_is_not_made_again_once_it_was_declined() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let mut window = window(&mut home, lang);
        window.click(lang.leave_charset());
        assert!(window.controls(lang.switch_charset()).is_empty());
        window.click(lang.clear());
        window.click(lang.undo_clear());
        assert!(window.controls(lang.switch_charset()).is_empty());
    }
}

#[test]
fn the_offer_stands_in_the_log_and_covers_no_bar() {
    for lang in [Lang::En, Lang::ZhCn] {
        for size in [vec2(1000.0, 700.0), vec2(760.0, 520.0)] {
            for n in [1, 100] {
                let mut home = Home::new();
                let said: Vec<_> = (0..n).map(|_| received(GBK)).collect();
                let mut window = talk::window(&mut home, lang, &said);
                window.harness.set_size(size);
                window.harness.run_steps(5);
                let log = window.log_rect();
                for label in [lang.switch_charset(), lang.switch_peer(), lang.leave_charset()] {
                    let rect = window.controls(label)[0].rect();
                    assert!(log.contains_rect(rect), "{label} {rect:?} in {log:?}, {n} records at {size:?}");
                }
            }
        }
    }
}
