//! What a screen reader finds: a name and a role for all that can have the keyboard, sentences for what is read, and
//! text that an input method composes.

use std::fmt::Write as _;

use egui::accesskit;
use egui::{Event, ImeEvent, Key, Modifiers, Role, vec2};
use egui_kittest::kittest::NodeT as _;
use netassist::model::{Direction, Protocol};
use netassist::state::{Action, PaletteMode, Side};
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;
use netassist::workspace::{EXAMPLES, ViewMode};

use super::home::{Home, read, server_with_client};
use super::talk::{self, received};
use super::window::{CTRL, Window};

fn act(window: &mut Window, action: Action) {
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().act(action, &ctx);
    window.settle();
}

/// What is wrong with the nodes that can have the keyboard; how many there are.
fn nameless<'a>(nodes: impl Iterator<Item = egui_kittest::Node<'a>>) -> (String, usize) {
    let (mut wrong, mut n) = (String::new(), 0);
    for node in nodes {
        let kit = node.accesskit_node();
        if !kit.data().supports_action(accesskit::Action::Focus) || kit.is_hidden() {
            continue;
        }
        n += 1;
        let name = kit.label().or_else(|| kit.data().placeholder().map(str::to_owned)).unwrap_or_default();
        let is_sign = |c: char| c.is_whitespace() || ('\u{E000}'..='\u{F8FF}').contains(&c);
        if name.chars().all(is_sign) || matches!(kit.role(), Role::Unknown | Role::GenericContainer) {
            writeln!(wrong, "{:?} {name:?} at {:?}", kit.role(), node.rect()).unwrap();
        }
    }
    (wrong, n)
}

#[track_caller]
fn check(window: &Window, least: usize, where_: &str) {
    let (wrong, n) = nameless(window.harness.root().children_recursive());
    assert!(wrong.is_empty(), "{where_} in {:?}:\n{wrong}", window.lang);
    assert!(n >= least, "{where_}: only {n}");
}

#[test]
fn all_that_has_the_keyboard_has_a_name_and_a_role() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.settle();
        check(&window, 40, "the welcome page");
        window.click(lang.more_options());
        for protocol in Protocol::ALL {
            window.choose_protocol(protocol);
            check(&window, 40, "options");
        }
        act(&mut window, Action::TakeExample(EXAMPLES[3]));
        for side in Side::ALL {
            act(&mut window, Action::ShowSide(Some(side)));
            check(&window, 40, "a page of the dock");
        }
        for mode in [PaletteMode::Commands, PaletteMode::Keys, PaletteMode::Places] {
            act(&mut window, Action::ShowPalette(Some(mode)));
            check(&window, 10, "the palette");
            window.key(Modifiers::NONE, Key::Escape);
        }
        for menu in [lang.menu(), lang.all_tabs(), lang.framing(), lang.filter(), lang.append_menu()] {
            window.click(menu);
            check(&window, 10, menu);
            window.key(Modifiers::NONE, Key::Escape);
        }
        for dialog in [Action::ShowRecent(true), Action::ShowCommands(true), Action::ShowWorkspace(true)] {
            act(&mut window, dialog);
            check(&window, 5, "a dialog");
            window.key(Modifiers::NONE, Key::Escape);
        }
        act(&mut window, Action::FoldLeft(true));
        act(&mut window, Action::Split);
        check(&window, 40, "panes and a folded column");
    }
}

#[test]
fn all_that_has_the_keyboard_beside_data_has_a_name_and_a_role() {
    for &lang in Lang::ALL {
        let mut home = Home::new();
        let mut window = talk::window(&mut home, lang, &[received(b"one\r\n"), received(b"two")]);
        window.find("o");
        for mode in ViewMode::ALL {
            window.show(mode);
            if mode == ViewMode::Table {
                window.focus_table();
            }
            check(&window, 25, "a view");
        }
        window.show(ViewMode::Log);
        window.menu_of_row("one");
        check(&window, 25, "the menu of a row");
        window.key(Modifiers::NONE, Key::Escape);
        act(&mut window, Action::ShowSave(true));
        check(&window, 5, "saving");
    }
}

#[test]
fn a_control_without_a_name_would_be_heard() {
    for (text, expected) in [("\u{E1B2}", 1), (" ", 1), ("Close", 0), ("\u{E1B2} Close", 0)] {
        let setup = |ctx: &egui::Context| netassist::ui::fonts::install(ctx, Lang::En);
        let builder = egui_kittest::Harness::builder().with_context_setup(setup);
        let harness = builder.with_accessibility_check(false).build_ui(|ui| {
            let button = ui.button("sign");
            button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, text));
        });
        let (wrong, n) = nameless(harness.root().children_recursive());
        assert_eq!((wrong.lines().count(), n), (expected, 1), "{text:?}: {wrong}");
    }
}

#[test]
fn a_row_is_heard_as_a_sentence() {
    for (lang, one, two) in [
        (
            Lang::En,
            r"Received 5 bytes from 127.0.0.1:2000 at 22:13:20.000: one\r\n",
            "Sent 1 byte to 127.0.0.1:2001 at 22:13:20.100: 2",
        ),
        (
            Lang::ZhCn,
            r"22:13:20.000 从 127.0.0.1:2000 收到 5 字节: one\r\n",
            "22:13:20.100 向 127.0.0.1:2001 发送 1 字节: 2",
        ),
        (
            Lang::ZhTw,
            r"22:13:20.000 從 127.0.0.1:2000 收到 5 位元組: one\r\n",
            "22:13:20.100 向 127.0.0.1:2001 傳送 1 位元組: 2",
        ),
    ] {
        let mut home = Home::new();
        let said = [received(b"one\r\n"), (1, Direction::Sent, b"2".as_slice())];
        let window = talk::window(&mut home, lang, &said);
        let labels: Vec<String> =
            window.log_nodes().iter().filter_map(|node| node.accesskit_node().label()).collect();
        assert!(labels.iter().any(|label| label == one), "{labels:?}");
        assert!(labels.iter().any(|label| label == two), "{labels:?}");
    }
}

fn ime(window: &mut Window, event: ImeEvent) {
    window.harness.event(Event::Ime(event));
    window.settle();
}

/// Composes a text and takes it by Enter, which the toolkit hears, too.
fn compose(window: &mut Window, pinyin: &str, text: &str) {
    ime(window, ImeEvent::Preedit { text: pinyin.to_owned(), active_range_chars: None });
    window.key(Modifiers::NONE, Key::Enter);
    window.key(CTRL, Key::Enter);
    ime(window, ImeEvent::Commit(text.to_owned()));
}

#[test]
fn every_kind_of_field_takes_composed_text_and_enter_does_nothing_meanwhile() {
    let lang = Lang::ZhCn;
    let home = Home::new();
    let mut window = home.window(lang);
    window.harness.set_size(vec2(1366.0, 1100.0));
    // Fields of the form, of which Enter opens the session.
    window.choose_protocol(Protocol::TcpClient);
    window.set_text(lang.remote_host(), "");
    compose(&mut window, "ni", "你好");
    assert_eq!(window.value(lang.remote_host()), "你好");
    assert_eq!(window.tab().phase, netassist::state::Phase::Idle, "Enter was the input method's");
    assert!(!window.tab().show_problems);
    // The name of a tab.
    window.key(Modifiers::NONE, Key::F2);
    compose(&mut window, "beng", "泵");
    assert!(window.state().renaming.is_some(), "it is still being typed");
    window.key(Modifiers::NONE, Key::Enter);
    assert_eq!(window.tab().session.name, "泵");
    // Fields of rules, filter and search.
    act(&mut window, Action::TakeExample(EXAMPLES[0]));
    window.key(CTRL, Key::F);
    window.set_text(lang.find_text(), "");
    compose(&mut window, "wen", "温度");
    assert_eq!(window.value(lang.find_text()), "温度");
    assert!(window.tab().find.open);
    // The palette: Enter would take a row.
    act(&mut window, Action::ShowPalette(Some(PaletteMode::Commands)));
    compose(&mut window, "biao", "标签");
    assert!(window.state().palette.is_some() && window.texts().iter().any(|text| text == "标签"));
    window.key(Modifiers::NONE, Key::Escape);
}

#[test]
fn enter_in_a_composition_sends_nothing() {
    let lang = Lang::ZhCn;
    for by_enter in [false, true] {
        let home = Home::new();
        let (mut window, client) = server_with_client(&home, lang);
        if by_enter {
            window.click(lang.menu());
            window.click(&choice_name(lang.send_key(), "Enter"));
            window.key(Modifiers::NONE, Key::Escape);
        }
        window.set_text(lang.send_box(), "a");
        compose(&mut window, "ni", "你");
        assert_eq!(window.value(lang.send_box()), "a你");
        assert_eq!(window.tab().history.entries().len(), 0, "nothing was sent");
        window.key(if by_enter { Modifiers::NONE } else { CTRL }, Key::Enter);
        assert_eq!(read(&client, 4), "a你".as_bytes());
        // A note asks in a dialog, whose Enter would save it.
        act(&mut window, Action::EditNote(Some(0)));
        compose(&mut window, "zhu", "注");
        assert!(window.tab().note.is_some() && window.texts().iter().any(|text| text == "注"));
    }
}
