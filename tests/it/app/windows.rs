//! Several windows at a time, one after the other, and killed: what was typed in any of them comes back.

use std::fs;
use std::path::PathBuf;

use egui::{Key, Modifiers};
use netassist::state::{SendKey, Theme};
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;

use super::home::Home;
use super::window::{CTRL, Window};

/// The files of tabs of all windows.
fn tabs(home: &Home) -> Vec<PathBuf> {
    let Ok(folders) = fs::read_dir(home.path("state").join("windows")) else { return Vec::new() };
    let folders = folders.map(|folder| folder.unwrap().path()).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| fs::read_dir(folder).into_iter().flatten());
    files.map(|file| file.unwrap().path()).filter(|path| !path.ends_with("window.toml")).collect()
}

fn is_stored(home: &Home, text: &str) -> bool {
    tabs(home).iter().any(|path| fs::read_to_string(path).is_ok_and(|stored| stored.contains(text)))
}

/// What stands in the send boxes, sorted.
fn texts(window: &Window) -> Vec<&str> {
    let mut texts: Vec<&str> =
        window.state().tabs.iter().map(|tab| tab.session.send.content.as_str()).collect();
    texts.sort_unstable();
    texts
}

/// Chooses in the menu.
fn set(window: &mut Window, what: &str, value: &str) {
    window.click(window.lang.menu());
    window.click(&choice_name(what, value));
    window.key(Modifiers::NONE, Key::Escape);
}

#[test]
fn two_windows_undo_nothing_of_each_other_in_whichever_order_they_close() {
    let lang = Lang::En;
    for (first_closes_first, is_killed) in [(true, false), (false, false), (true, true), (false, true)] {
        let home = Home::new();
        let [mut one, mut two] = [(); 2].map(|()| home.window(lang));
        set(&mut one, lang.theme(), lang.theme_dark());
        set(&mut two, lang.send_key(), "Enter");
        for (window, texts) in [(&mut one, ["one a", "one b"]), (&mut two, ["two a", "two b"])] {
            window.set_text(lang.send_box(), texts[0]);
            window.key(CTRL, Key::T);
            window.set_text(lang.send_box(), texts[1]);
        }
        for window in if first_closes_first { [one, two] } else { [two, one] } {
            let text = window.tab().session.send.content.clone();
            if is_killed {
                let mut window = window;
                window.wait_until("the file of its last tab", |_| is_stored(&home, &text));
                let third = home.window(lang);
                assert!(!texts(&third).contains(&text.as_str()), "the window that has it is open");
                drop(window);
                drop(third);
            } else {
                window.exit();
            }
        }
        let window = home.window(lang);
        assert_eq!(texts(&window), ["one a", "one b", "two a", "two b"]);
        let settings = &window.state().settings;
        let language = String::new();
        assert_eq!(
            (settings.theme, settings.send_key, &settings.language),
            (Theme::Dark, SendKey::Enter, &language)
        );
        window.exit();
        assert_eq!(texts(&home.window(lang)).len(), 4, "none of them stands there twice");
    }
}

#[test]
fn a_second_window_begins_with_a_new_tab() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.set_text(lang.send_box(), "of the first");
    window.wait_until("its file", |_| is_stored(&home, "of the first"));
    let second = home.window(lang);
    assert_eq!(texts(&second), [""]);
    second.exit();
    window.exit();
    assert_eq!(texts(&home.window(lang)), ["of the first"], "nothing was done in the second one");
}

#[test]
fn a_closed_tab_does_not_come_back_and_a_long_text_does() {
    let lang = Lang::En;
    let home = Home::new();
    let much = "x".repeat(70_000);
    let mut window = home.window(lang);
    window.set_text(lang.send_box(), "tab to close");
    window.key(CTRL, Key::T);
    window.set_text(lang.send_box(), &much);
    window.wait_until("both files", |_| is_stored(&home, "tab to close") && is_stored(&home, &much));
    window.key(CTRL, Key::Tab);
    window.key(CTRL, Key::W);
    window.wait_until("one file less", |_| !is_stored(&home, "tab to close"));
    drop(window);
    assert_eq!(texts(&home.window(lang)), [much.as_str()]);
}

#[test]
fn a_broken_tab_is_set_aside_and_told_once() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.set_text(lang.send_box(), "whole");
        window.exit();
        let whole = tabs(&home).remove(0);
        let broken = whole.with_file_name("0123.toml");
        fs::write(&broken, "form = 7").unwrap();
        let mut window = home.window(lang);
        window.settle();
        let aside = broken.with_extension("broken-1.toml");
        assert!(window.shows(aside.to_str().unwrap()), "{:?}", window.texts());
        assert_eq!(texts(&window), ["whole"]);
        window.exit();
        assert_eq!(fs::read_to_string(aside).unwrap(), "form = 7");
        assert_eq!(home.window(lang).tab().notice, None);
    }
}

#[test]
fn broken_files_of_both_kinds_are_told_together() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.set_text(lang.send_box(), "whole");
        window.exit();
        let broken = tabs(&home).remove(0).with_file_name("0123.toml");
        fs::write(&broken, "form = 7").unwrap();
        fs::write(home.path("settings.toml"), "=").unwrap();
        let mut window = home.window(lang);
        window.settle();
        window.click(&lang.more_strips(1));
        for aside in [broken.with_extension("broken-1.toml"), home.path("settings.broken-1.toml")] {
            assert!(window.shows(aside.to_str().unwrap()), "{:?}", window.texts());
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_stops_nothing() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        fs::write(home.path("state"), "a file where a folder should be").unwrap();
        let mut window = home.window(lang);
        window.wait_for_text(lang.task_writing_tabs());
        window.key(Modifiers::NONE, Key::Escape);
        window.set_text(lang.send_box(), "kept all the same");
        fs::remove_file(home.path("state")).unwrap();
        window.wait_until("the file", |_| is_stored(&home, "kept all the same"));
        assert_eq!(window.state().notices, []);
    }
}

#[test]
fn size_zoom_and_panels_come_back() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.key(CTRL, Key::Plus);
    window.key(CTRL, Key::H);
    let (zoom, layout) = (window.harness.ctx.zoom_factor(), window.state().layout);
    assert!(zoom > 1.0 && layout.side.is_some());
    window.exit();
    let mut window = home.window(lang);
    window.settle();
    assert!((window.harness.ctx.zoom_factor() - zoom).abs() < 1e-6);
    assert_eq!(window.state().layout, layout);
}

#[test]
fn diagnostics_tell_what_runs_where_and_nothing_that_was_typed() {
    let lang = Lang::En;
    let home = Home::new();
    fs::create_dir(home.path("state")).unwrap();
    fs::write(home.path("state/netassist.log"), "the last line\n").unwrap();
    let mut window = home.window(lang);
    window.set_text(lang.send_box(), "a secret");
    window.click(lang.menu());
    // The frame in which it is copied must not be passed over.
    window.control(lang.copy_diagnostics(), 0).click();
    let text = window.wait_copied();
    for part in ["netassist ", "egui ", home.path("settings.toml").to_str().unwrap(), "\nthe last line\n"] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
    assert!(!text.contains("secret"));
}
