//! The keys that work everywhere, and questions.

use egui::{Key, Modifiers, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::kittest::NodeT as _;
use netassist::model::Protocol;
use netassist::state::{Phase, Question};
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;

use super::home::{Home, call, read, server_with_client};
use super::window::{CTRL, Window};

const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..CTRL };

#[test]
fn tabs_open_close_come_back_and_are_walked_through() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    let first = window.tab().id;
    window.set_text(lang.send_box(), "draft of the first");
    window.key(CTRL, Key::T);
    let second = window.tab().id;
    assert_ne!(first, second);
    window.key(CTRL, Key::Tab);
    assert_eq!(window.tab().id, first);
    window.key(CTRL_SHIFT, Key::Tab);
    assert_eq!(window.tab().id, second);
    window.key(CTRL, Key::Tab);
    window.key(CTRL, Key::W);
    assert_eq!((window.tab().id, window.state().tabs.len()), (second, 1));
    window.key(CTRL_SHIFT, Key::T);
    assert_eq!(window.state().tabs.len(), 2);
    assert_eq!(window.value(lang.send_box()), "draft of the first");
}

#[test]
fn f5_opens_and_closes_and_f6_pauses() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.set_text(lang.local_port(), "0");
    window.key(Modifiers::NONE, Key::F5);
    window.wait_open();
    window.key(Modifiers::NONE, Key::F6);
    assert!(window.tab().paused.is_some());
    window.key(Modifiers::NONE, Key::F6);
    assert!(window.tab().paused.is_none());
    window.key(Modifiers::NONE, Key::F5);
    window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
}

#[test]
fn enter_sends_if_it_is_chosen_for_that() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, client) = server_with_client(&home, lang);
    window.set_text(lang.send_box(), "one");
    window.key(Modifiers::NONE, Key::Enter);
    assert_eq!(window.value(lang.send_box()), "one\n", "Enter begins a line");
    window.key(CTRL, Key::Enter);
    assert_eq!(read(&client, 4), b"one\n");
    window.click(lang.menu());
    window.click(&choice_name(lang.send_key(), "Enter"));
    window.key(Modifiers::NONE, Key::Escape);
    window.set_text(lang.send_box(), "two");
    window.key(Modifiers { shift: true, ..Modifiers::NONE }, Key::Enter);
    assert_eq!(window.value(lang.send_box()), "two\n");
    window.key(Modifiers::NONE, Key::Enter);
    assert_eq!(read(&client, 4), b"two\n");
}

#[test]
fn ctrl_enter_sends_from_anywhere_in_the_tab_but_not_under_a_dialog_or_while_composing() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, client) = server_with_client(&home, lang);
    window.set_text(lang.send_box(), "1");
    window.focus_log();
    window.key(CTRL, Key::Enter);
    assert_eq!(read(&client, 1), b"1");
    window.key(CTRL, Key::F);
    window.key(CTRL, Key::Enter);
    assert_eq!(read(&client, 1), b"1", "from another field, too");
    let sent = |window: &Window| window.tab().history.entries().len();
    let before = sent(&window);
    window.key(CTRL, Key::S);
    window.key(CTRL, Key::Enter);
    window.key(Modifiers::NONE, Key::Escape);
    window.click(lang.send_box());
    let preedit = |text: &str| {
        egui::Event::Ime(egui::ImeEvent::Preedit { text: text.to_owned(), active_range_chars: None })
    };
    window.harness.event(preedit("ni"));
    window.settle();
    window.key(CTRL, Key::Enter);
    assert_eq!(sent(&window), before);
    window.harness.event(preedit(""));
    window.settle();
    window.key(CTRL, Key::Enter);
    assert_eq!(read(&client, 1), b"1", "it was given up");
}

#[test]
fn a_tab_is_named_in_its_place_and_keeps_the_name() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        let title = |window: &Window| netassist::ui::tabs::title(window.tab());
        let plain = title(&window);
        window.key(Modifiers::NONE, Key::F2);
        window.harness.event(egui::Event::Text("泵 1".to_owned()));
        window.settle();
        assert_eq!(title(&window), plain, "not yet");
        window.key(Modifiers::NONE, Key::Escape);
        assert_eq!((title(&window), window.state().renaming.clone()), (plain.clone(), None));
        let place = window.control(&plain, 0).rect().center();
        window.harness.input_mut().events.push(egui::Event::PointerMoved(place));
        for pressed in [true, false, true, false] {
            let (button, modifiers) = (egui::PointerButton::Primary, Modifiers::NONE);
            let event = egui::Event::PointerButton { pos: place, button, pressed, modifiers };
            window.harness.input_mut().events.push(event);
        }
        window.settle();
        assert!(window.state().renaming.is_some(), "by a double click");
        window.harness.event(egui::Event::Text("泵 1".to_owned()));
        window.key(Modifiers::NONE, Key::Enter);
        assert_eq!(title(&window), "泵 1");
        let place = window.control("泵 1", 0).rect().center();
        window.menu_at(place);
        window.click(&format!("{} F2", lang.rename_tab()));
        window.harness.event(egui::Event::Text("泵 2".to_owned()));
        window.settle();
        window.click(lang.send_box());
        assert_eq!(title(&window), "泵 2", "all of the old name was selected");
        window.exit();
        let mut window = home.window(lang);
        assert_eq!(title(&window), "泵 2");
        window.key(Modifiers::NONE, Key::F2);
        window.key(Modifiers::NONE, Key::Delete);
        window.key(Modifiers::NONE, Key::Enter);
        assert_eq!(title(&window), plain);
    }
}

#[test]
fn closing_a_tab_in_use_asks_and_escape_keeps_it() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, client) = server_with_client(&home, lang);
        let id = window.tab().id;
        window.key(CTRL, Key::W);
        assert_eq!(window.state().question, Some(Question::CloseTab(id)));
        assert!(window.shows(lang.question_close_text()));
        window.key(Modifiers::NONE, Key::F5);
        assert!(window.tab().is_open(), "no other key works meanwhile");
        window.key(Modifiers::NONE, Key::Escape);
        assert_eq!(window.state().question, None);
        assert!(window.tab().is_open());
        window.key(CTRL, Key::W);
        window.click(lang.keep_open());
        assert!(window.tab().is_open() && window.state().question.is_none());
        window.key(CTRL, Key::W);
        window.key(Modifiers::NONE, Key::Enter);
        assert!(window.state().find(id).is_none());
        assert_eq!(super::home::read_to_end(&client), b"");
    }
}

#[test]
fn what_is_typed_right_after_the_key_of_the_send_box_goes_to_its_end() {
    let home = Home::new();
    for before in ["", "before "] {
        let (mut window, _client) = server_with_client(&home, Lang::En);
        window.set_text(Lang::En.send_box(), before);
        window.focus_log();
        // All in one frame, as if it was typed while the last one was drawn.
        let events = [
            egui::Event::Key {
                key: Key::E,
                physical_key: None,
                pressed: true,
                repeat: false,
                modifiers: CTRL,
            },
            egui::Event::Text("a".into()),
            egui::Event::Text("b".into()),
        ];
        window.harness.input_mut().events.extend(events);
        window.step();
        window.harness.input_mut().events.extend([egui::Event::Text("c".into())]);
        window.settle();
        assert_eq!(window.tab().session.send.content, format!("{before}abc"));
    }
}

#[test]
fn enter_on_the_button_that_keeps_open_keeps_open() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, _client) = server_with_client(&home, lang);
    window.key(CTRL, Key::W);
    window.controls(lang.keep_open())[0].focus();
    window.settle();
    assert!(window.controls(lang.keep_open())[0].is_focused());
    window.key(Modifiers::NONE, Key::Enter);
    assert_eq!(window.state().question, None);
    assert!(window.tab().is_open(), "the answer of the focused button counts");
}

#[test]
fn quitting_asks_if_connections_are_in_use() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.key(CTRL, Key::Q);
    assert!(window.state().quitting, "nothing to ask for");

    let (mut window, _client) = server_with_client(&home, lang);
    window.key(CTRL, Key::T);
    window.key(CTRL, Key::Q);
    assert_eq!(window.state().question, Some(Question::Quit));
    window.click(lang.keep_open());
    assert!(!window.state().quitting);
    // The same by the frame of the window.
    let root = window.harness.input_mut().viewports.entry(ViewportId::ROOT).or_default();
    root.events.push(ViewportEvent::Close);
    window.step();
    assert!(window.commanded(&ViewportCommand::CancelClose));
    window.settle();
    assert_eq!(window.state().question, Some(Question::Quit));
    window.key(Modifiers::NONE, Key::Enter);
    assert!(window.state().quitting);
}

#[test]
fn shortcuts_wait_while_a_list_or_dialog_is_open() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    let server = window.open(Protocol::TcpServer);
    let _client = call(server);
    window.wait_peers(1);
    for (open, key) in [(Key::O, "the list of captures"), (Key::S, "the dialog that saves")] {
        window.key(CTRL, open);
        assert!(window.state().recent_open || window.tab().save.open, "{key}");
        window.key(Modifiers::NONE, Key::F5);
        assert!(window.tab().is_open(), "F5 under {key}");
        window.key(CTRL, Key::T);
        assert_eq!(window.state().tabs.len(), 1, "Ctrl+T under {key}");
        window.key(Modifiers::NONE, Key::Escape);
        assert!(!window.state().recent_open && !window.tab().save.open, "{key}");
    }
}

#[test]
fn undo_in_the_send_box_brings_back_what_was_emptied_and_nothing_of_another_tab() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.set_text(lang.send_box(), "typed in the first tab");
    window.click(lang.clear_send());
    assert_eq!(window.value(lang.send_box()), "");
    window.control(lang.send_box(), 0).focus();
    window.step();
    window.key(CTRL, Key::Z);
    assert_eq!(window.value(lang.send_box()), "typed in the first tab");

    window.key(CTRL, Key::T);
    window.set_text(lang.send_box(), "second");
    for _ in 0..5 {
        window.key(CTRL, Key::Z);
        assert!(!window.value(lang.send_box()).contains("first"));
    }
}

#[test]
fn the_menu_opens_by_f10_and_not_with_shift() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.settle();
        window.key(Modifiers::SHIFT, Key::F10);
        assert!(!window.shows(lang.quit()));
        window.click(lang.send_box());
        window.key(Modifiers::NONE, Key::F10);
        assert!(window.shows(lang.quit()));
        let entry = choice_name(lang.language(), lang.follow_system());
        assert_eq!(focused(&window), entry, "the keyboard is in the menu");
        window.key(Modifiers::NONE, Key::Escape);
        assert!(!window.shows(lang.quit()));
        assert_eq!(focused(&window), lang.send_box(), "it is where it was");
    }
}

/// The name of what has the keyboard.
fn focused(window: &Window) -> String {
    let root = window.harness.root();
    let node = root.children_recursive().find(|node| node.accesskit_node().is_focused());
    node.and_then(|node| node.accesskit_node().label()).unwrap_or_default()
}

#[test]
fn tab_goes_from_host_to_port_and_then_to_the_list() {
    for protocol in [Protocol::TcpServer, Protocol::Udp] {
        let lang = Lang::En;
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(protocol);
        window.click(lang.local_host());
        for next in [lang.local_port(), lang.choose_address()] {
            window.key(Modifiers::NONE, Key::Tab);
            assert_eq!(focused(&window), next);
        }
    }
}

#[test]
fn ctrl_f6_goes_to_the_strips_and_the_log() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    std::io::Write::write_all(&mut client, b"data").unwrap();
    window.wait_for_text("data");
    window.key(CTRL, Key::Enter);
    assert!(window.shows(lang.nothing_to_send()), "a strip");
    let mut seen = Vec::new();
    for _ in 0..9 {
        window.key(CTRL, Key::F6);
        seen.push(focused(&window));
    }
    let at = |name: &str| seen.iter().position(|seen| seen == name);
    let (strip, log) = (at(lang.dismiss()), at(lang.log()));
    assert!(strip.is_some() && log == strip.map(|at| at + 1), "{seen:?}");
}

#[test]
fn the_key_of_what_is_not_possible_does_nothing_else_and_says_so() {
    for &lang in Lang::ALL {
        let mut home = Home::new();
        let mut window = home.window(lang);
        window.key(CTRL_SHIFT, Key::T);
        assert_eq!(window.state().tabs.len(), 1, "it is not Ctrl+T");
        assert!(window.shows(&lang.impossible(lang.reopen_tab())));
        drop(window);
        let mut window = super::talk::window(&mut home, lang, &[super::talk::received(b"x")]);
        window.key(CTRL_SHIFT, Key::O);
        assert!(!window.state().recent_open, "it is not Ctrl+O");
        assert!(window.shows(&lang.impossible_in_capture(lang.send_file().trim_end_matches('…'))));
    }
}

/// Types into what has the keyboard.
fn type_text(window: &mut Window, text: &str) {
    window.harness.event(egui::Event::Text(text.to_owned()));
    window.step();
}

#[test]
fn once_open_one_types_in_the_send_box_at_once_but_not_out_of_another_field() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.set_text(lang.local_port(), "0");
    window.key(Modifiers::NONE, Key::F5);
    window.wait_open();
    window.settle();
    type_text(&mut window, "at once");
    assert_eq!(window.value(lang.send_box()), "at once");
    // By its key, out of another field; it starts and stops a cycle by a key, too.
    window.set_text(lang.remote_host(), "127.0.0.1");
    window.set_text(lang.remote_port(), "9");
    window.key(CTRL, Key::E);
    type_text(&mut window, " and again");
    assert_eq!(window.value(lang.send_box()), "at once and again");
    window.key(CTRL, Key::R);
    assert_eq!(window.tab().cycles.len(), 1);
    window.key(CTRL, Key::R);
    assert!(window.tab().cycles.values().all(|cycle| cycle.end.is_some()));
    window.key(Modifiers::NONE, Key::F5);
    window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
    window.click(lang.send_box());
    window.set_text(lang.remote_host(), "local");
    window.key(Modifiers::NONE, Key::F5);
    window.wait_open();
    window.settle();
    type_text(&mut window, "host");
    assert_eq!(window.value(lang.remote_host()), "localhost");
}
