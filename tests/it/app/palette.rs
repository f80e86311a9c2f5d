//! The palette: commands, keys, peers, places and captures from one field.

use std::collections::HashSet;

use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use netassist::state::{Action, Level, PaletteMode};
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;
use netassist::workspace::SendTo;
use netassist::workspace::ViewMode;

use super::home::{Home, server_with_client};
use super::talk::{self, received};
use super::window::{CTRL, Window, said};

fn type_in(window: &mut Window, text: &str) {
    window.harness.event(Event::Text(text.to_owned()));
    window.settle();
}

fn enter(window: &mut Window) {
    window.key(Modifiers::NONE, Key::Enter);
}

/// Does what the palette calls so.
pub(super) fn run(window: &mut Window, words: &str) {
    window.key(CTRL, Key::P);
    type_in(window, words);
    enter(window);
}

/// The rows of the palette.
fn rows(window: &Window) -> Vec<String> {
    let options = window.harness.root().query_all_by_role(egui::Role::ListBoxOption);
    options.map(|node| node.accesskit_node().label().unwrap_or_default()).collect()
}

#[test]
fn a_command_is_found_by_part_of_its_name_in_the_windows_language_or_in_english() {
    for lang in [Lang::En, Lang::ZhCn, Lang::ZhTw] {
        for typed in ["view tab".to_owned(), format!("{} {}", lang.view(), lang.view_table())] {
            let mut home = Home::new();
            let mut window = talk::window(&mut home, lang, &[received(b"one")]);
            window.show(ViewMode::Log);
            window.key(CTRL, Key::P);
            type_in(&mut window, &typed);
            assert_eq!(rows(&window).len(), 1, "{typed}: {:?}", rows(&window));
            enter(&mut window);
            assert_eq!(
                (window.state().palette.clone(), window.tab().session.view.mode),
                (None, ViewMode::Table)
            );
        }
    }
}

#[test]
fn the_nearest_name_that_can_be_run_comes_first() {
    for lang in [Lang::En, Lang::ZhCn, Lang::ZhTw] {
        let home = Home::new();
        let (mut window, _client) = server_with_client(&home, lang);
        window.set_text(lang.send_box(), "x");
        window.key(CTRL, Key::P);
        type_in(&mut window, lang.send());
        let listed = rows(&window);
        assert!(listed[0].starts_with(&format!("{} Ctrl", lang.send())), "{listed:?}");
        let options = window.harness.root().query_all_by_role(egui::Role::ListBoxOption);
        let cannot: Vec<bool> = options.map(|node| node.accesskit_node().is_disabled()).collect();
        assert!(cannot.is_sorted() && cannot.contains(&true), "an empty datagram needs UDP: {listed:?}");
    }
}

#[test]
fn what_is_not_possible_now_is_listed_but_not_done() {
    let mut home = Home::new();
    let lang = Lang::En;
    // A capture that is viewed has nothing to close.
    let mut window = talk::window(&mut home, lang, &[received(b"one")]);
    window.key(CTRL, Key::P);
    type_in(&mut window, lang.stop_listening());
    assert_eq!(rows(&window), [lang.stop_listening()]);
    enter(&mut window);
    assert!(window.state().palette.is_some());
    window.key(Modifiers::NONE, Key::Escape);
    assert_eq!(window.state().palette, None);
}

#[test]
fn arrows_choose_and_backspace_leads_back_to_the_commands() {
    let mut home = Home::new();
    let lang = Lang::ZhCn;
    let mut window = talk::window(&mut home, lang, &[received(b"one")]);
    window.key(CTRL, Key::P);
    type_in(&mut window, "charset");
    window.key(Modifiers::NONE, Key::ArrowDown);
    enter(&mut window);
    assert_eq!(window.tab().session.charset.label(), "GBK");
    window.key(CTRL, Key::P);
    for (mode, field) in [
        (PaletteMode::Keys, lang.shortcuts()),
        (PaletteMode::Peers, lang.palette_peers()),
        (PaletteMode::Captures, lang.palette_captures()),
    ] {
        type_in(&mut window, mode.prefix());
        assert!(!window.controls(field).is_empty(), "{mode:?}");
        window.key(Modifiers::NONE, Key::Backspace);
    }
    type_in(&mut window, ":1");
    window.key(Modifiers::NONE, Key::Escape);
    assert_eq!(window.state().palette, None);
}

#[test]
fn whole_rows_are_in_sight() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.key(CTRL, Key::P);
        window.settle();
        let tops = |window: &Window| -> Vec<f32> {
            let options = window.harness.root().query_all_by_role(egui::Role::ListBoxOption);
            options.map(|node| node.rect().top()).collect()
        };
        let begin = tops(&window)[0];
        let is_whole =
            |window: &Window| tops(window).iter().all(|top| ((top - begin) / 28.0).fract().abs() < 0.01);
        assert!(is_whole(&window), "headings are as high as rows: {:?}", tops(&window));
        for _ in 0..20 {
            window.key(Modifiers::NONE, Key::ArrowDown);
        }
        window.settle();
        assert!(is_whole(&window) && tops(&window)[0] < begin, "{:?}", tops(&window));
    }
}

#[test]
fn a_peer_that_is_found_is_the_only_one_shown() {
    let home = Home::new();
    let (mut window, client) = server_with_client(&home, Lang::En);
    window.key(CTRL, Key::P);
    type_in(&mut window, "@");
    let peers = rows(&window);
    let address = client.local_addr().unwrap().to_string();
    assert!(peers.len() == 1 && peers[0].starts_with(&address), "{peers:?}");
    type_in(&mut window, "nobody");
    assert_eq!(rows(&window), [""; 0]);
    window.key(Modifiers::NONE, Key::Escape);
    window.key(CTRL, Key::P);
    type_in(&mut window, "@");
    enter(&mut window);
    assert!(window.tab().filtered.filter.flows.is_some());
}

#[test]
fn a_command_says_how_things_stand_and_whom_alone_one_could_send_to() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let (mut window, client) = server_with_client(&home, lang);
        let peer = client.local_addr().unwrap();
        window.set_text(lang.send_box(), "xy");
        window.key(CTRL, Key::P);
        for heading in [lang.view_log(), lang.palette_impossible(), lang.palette_keys()] {
            assert!(window.shows(heading), "{heading}");
        }
        assert!(!window.shows(lang.palette_to()), "only among what is searched for");
        type_in(&mut window, lang.send());
        let now = |window: &Window, name: &str| {
            let mut options = window.harness.root().query_all_by_role(egui::Role::ListBoxOption);
            options.find(|node| said(node).starts_with(name)).and_then(|node| node.accesskit_node().value())
        };
        assert_eq!(now(&window, lang.send()), Some(lang.goes_short(peer, "2 B")));
        assert_eq!(now(&window, lang.send_charset()), Some(lang.palette_now("UTF-8")));
        let listed = rows(&window);
        let only = lang.palette_only_to(peer);
        let at = |name: &str| listed.iter().position(|row| row.starts_with(name));
        assert!(at(lang.send()) < at(&only) && at(&only) < at(lang.send_empty()), "{listed:?}");
        assert!(window.shows(lang.palette_to()));
        assert!(window.texts().iter().any(|text| text.starts_with(&format!("{} / ", listed.len()))));
        type_in(&mut window, " 127.0.0.1");
        window.key(Modifiers::NONE, Key::Escape);
        run(&mut window, &only);
        assert!(matches!(window.tab().session.send_to, SendTo::Peer(_)));
    }
}

#[test]
fn a_menu_is_opened_from_the_palette() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let (mut window, _client) = server_with_client(&home, lang);
        for (command, inside) in [
            (lang.filter().trim_end_matches('…'), lang.filter_apply().to_owned()),
            (lang.framing(), choice_name(lang.framing(), lang.framing_line())),
            (lang.append_menu(), lang.append_in_menu().to_owned()),
            (lang.send_charset(), lang.send_charset_as_received().to_owned()),
        ] {
            run(&mut window, command);
            window.settle();
            assert!(!window.controls(&inside).is_empty(), "{command}");
            window.settle();
            assert!(!window.controls(&inside).is_empty(), "{command} stays open");
            window.key(Modifiers::NONE, Key::Escape);
        }
    }
}

#[test]
fn every_key_is_listed_once_and_every_command_has_a_name_of_its_own() {
    for lang in [Lang::En, Lang::ZhCn, Lang::ZhTw] {
        let mut home = Home::new();
        let mut window = talk::window(&mut home, lang, &[received(b"one")]);
        window.key(CTRL, Key::P);
        let all = rows(&window);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "{all:?}");
        window.key(Modifiers::NONE, Key::Escape);
        window.key(Modifiers::NONE, Key::F1);
        let keys = rows(&window);
        for key in ["Ctrl+P", "F1", "Ctrl+\\", "Ctrl+G", "Ctrl+Shift+L", "F6", "Ctrl+Q"] {
            let with = |row: &&String| row.rsplit(' ').next() == Some(key);
            assert_eq!(keys.iter().filter(with).count(), 1, "{key}: {keys:?}");
        }
    }
}

#[test]
fn the_program_says_what_it_is_and_stays_over_others_on_demand() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        run(&mut window, lang.about().trim_end_matches('…'));
        assert!(window.shows(&format!("netassist {}", env!("CARGO_PKG_VERSION"))));
        assert!(window.shows(lang.about_licences()) && window.shows(lang.folder_captures()));
        // Its keys are not those of the window.
        window.key(CTRL, Key::T);
        assert_eq!(window.state().tabs.len(), 1);
        window.key(Modifiers::NONE, Key::Escape);
        assert!(!window.state().about);
        for (on, level) in [(true, egui::WindowLevel::AlwaysOnTop), (false, egui::WindowLevel::Normal)] {
            run(&mut window, lang.keep_on_top());
            assert_eq!(window.state().level == Level::OnTop, on);
            let ctx = window.harness.ctx.clone();
            window.harness.state_mut().act(Action::KeepOnTop(on), &ctx);
            window.harness.step();
            assert!(window.commanded(&egui::ViewportCommand::WindowLevel(level)));
        }
        window.click(lang.menu());
        window.click(lang.zoom_in());
        assert!(window.harness.ctx.zoom_factor() > 1.05);
        window.click(lang.menu());
        window.click(lang.zoom_reset());
        window.step();
        assert!((window.harness.ctx.zoom_factor() - 1.0).abs() < 0.01);
    }
}
