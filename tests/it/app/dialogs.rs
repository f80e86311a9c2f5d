//! Dialogs: what stands over what, their keys, and the folder of what was saved.

use std::io::Write as _;

use egui::{Event, Key, Modifiers, PointerButton, Rect};
use egui_kittest::Node;
use egui_kittest::kittest::NodeT as _;
use netassist::model::{Format, Protocol};
use netassist::state::Action;
use netassist::ui::lang::Lang;
use netassist::ui::save::format_name;

use super::home::{Home, server_with_client};
use super::window::{CTRL, Window};

/// Presses and releases the button within one frame, as a slow machine sees a click.
fn click_at_once(window: &mut Window, place: Rect) {
    let (pos, button, modifiers) = (place.center(), PointerButton::Primary, Modifiers::NONE);
    window.harness.event(Event::PointerMoved(pos));
    window.step();
    let events = &mut window.harness.input_mut().events;
    events.extend([true, false].map(|pressed| Event::PointerButton { pos, button, pressed, modifiers }));
    window.settle();
}

#[track_caller]
fn place(window: &Window, name: &str) -> Rect {
    window.controls(name).last().unwrap_or_else(|| panic!("no {name:?}")).rect()
}

/// Whether what has this name would be clicked there, and nothing that stands over it.
fn is_in_front(window: &Window, name: &str) -> bool {
    let at = place(window, name).center();
    let layer = window.harness.ctx.layer_id_at(at).map(|layer| layer.order);
    layer == Some(egui::Order::Foreground)
}

#[test]
fn a_list_stands_in_front_of_its_dialog_however_often_it_is_opened() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, _client) = server_with_client(&home, lang);
    for format in [Format::Hexdump, Format::Jsonl, Format::NetAssist5, Format::NetAssist] {
        window.key(CTRL, Key::S);
        let list = place(&window, lang.format());
        click_at_once(&mut window, list);
        let entry = format_name(lang, format);
        assert!(is_in_front(&window, entry), "{entry}");
        let entry = place(&window, entry);
        click_at_once(&mut window, entry);
        assert_eq!(window.tab().save.format, format);
        click_at_once(&mut window, list);
        window.key(Modifiers::NONE, Key::Escape);
        assert!(window.tab().save.open, "the first Escape closes the list");
        window.key(Modifiers::NONE, Key::Escape);
        assert!(!window.tab().save.open);
    }
}

#[test]
fn a_menu_that_is_open_closes_when_a_dialog_opens() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, _client) = server_with_client(&home, lang);
    for key in [Key::S, Key::O, Key::P] {
        for menu in [lang.append_menu(), lang.charset()] {
            window.click(menu);
            assert!(egui::Popup::is_any_open(&window.harness.ctx), "{menu}");
            window.key(CTRL, key);
            assert!(!egui::Popup::is_any_open(&window.harness.ctx), "{menu} in front of {key:?}");
            window.key(Modifiers::NONE, Key::Escape);
            assert!(
                !window.tab().save.open && !window.state().recent_open && window.state().palette.is_none()
            );
        }
    }
}

#[test]
fn enter_presses_the_main_button_of_every_dialog() {
    let lang = Lang::ZhCn;
    let home = Home::new();
    let (mut window, _client) = server_with_client(&home, lang);
    // With the keyboard still in the form behind it.
    window.click(lang.send_box());
    window.key(CTRL, Key::S);
    let is_drawn = |word: &str| {
        let is_it =
            |shape: &egui::Shape| matches!(shape, egui::Shape::Text(text) if text.galley.text() == word);
        window.harness.output().shapes.iter().any(|shown| is_it(&shown.shape))
    };
    assert!(is_drawn("Enter") && is_drawn("Esc"), "the buttons say their keys");
    window.key(Modifiers::NONE, Key::Enter);
    window.wait_until("that it is saved", |window| !window.tab().save.open);
    window.key(CTRL, Key::W);
    assert!(window.state().question.is_some());
    window.key(Modifiers::NONE, Key::Enter);
    assert!(window.state().question.is_none() && window.tab().peers.is_empty(), "it is another tab");
    window.choose_protocol(Protocol::TcpServer);
}

#[test]
fn the_folder_of_what_was_saved_is_shown_or_it_is_told_why_not() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        home.answers.no_folder = Some("no file manager here");
        let (shown, folders) = crossbeam_channel::bounded(1);
        home.answers.shown = Some(shown);
        let (mut window, _client) = server_with_client(&home, lang);
        let name = format!("{}.pcapng", "a long name ".repeat(12).trim_end());
        window.key(CTRL, Key::S);
        window.set_text(lang.save_name(), home.path(&name).to_str().unwrap());
        window.key(Modifiers::NONE, Key::Enter);
        window.wait_until("that it is saved", |window| !window.tab().save.open);
        window.settle();
        let (button, end) = (place(&window, lang.open_folder()), window.controls(lang.reset())[0].rect());
        assert!(button.right() < end.left(), "{button:?} {end:?}");
        window.click(lang.open_folder());
        window.wait_for_text("no file manager here");
        assert_eq!(folders.recv_timeout(super::window::PATIENCE).unwrap(), home.folder.path());
    }
}

/// Where the keyboard is.
fn focused(window: &Window) -> Option<Rect> {
    let is_focused = |node: &Node<'_>| node.accesskit_node().is_focused();
    window.harness.root().children_recursive().find(is_focused).map(|node| node.rect())
}

/// Whether one reads this before that: in rows, from the left.
fn reads_before(a: Rect, b: Rect) -> bool {
    let row = a.y_range().intersection(b.y_range()).span() > 0.5 * a.height().min(b.height());
    if row { a.right() <= b.left() + 1.0 } else { a.top() < b.bottom() }
}

#[test]
fn tab_goes_through_a_dialog_as_one_reads_and_begins_with_what_one_types() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let (mut window, mut client) = server_with_client(&home, lang);
        client.write_all(b"one").unwrap();
        window.wait_for_text("one");
        let act = |window: &mut Window, action| {
            let ctx = window.harness.ctx.clone();
            window.harness.state_mut().act(action, &ctx);
            window.settle();
        };
        let dialogs = [
            (Action::ShowSave(true), true),
            (Action::ShowWorkspace(true), true),
            (Action::ShowRecent(true), true),
            (Action::ShowCommands(true), false),
            (Action::ShowAbout(true), false),
            (Action::EditNote(Some(0)), true),
            (Action::Quit, false),
        ];
        for (dialog, types) in dialogs {
            act(&mut window, dialog.clone());
            if dialog == Action::ShowCommands(true) {
                window.click(lang.command_new());
            }
            assert_eq!(window.harness.ctx.text_edit_focused(), types, "{dialog:?} in {lang:?}");
            // Their order is the same in all languages.
            if lang != Lang::En {
                window.key(Modifiers::NONE, Key::Escape);
                continue;
            }
            if !types {
                window.key(Modifiers::NONE, Key::Tab);
            }
            let first = focused(&window).unwrap_or_else(|| panic!("{dialog:?}: nothing has the keyboard"));
            let mut places = vec![first];
            while places.len() < 40 {
                window.key(Modifiers::NONE, Key::Tab);
                let place = focused(&window).expect("something has the keyboard");
                if place.center().distance(first.center()) < 4.0 {
                    break;
                }
                places.push(place);
            }
            assert!((2..40).contains(&places.len()), "{dialog:?} in {lang:?}: {places:?}");
            // It goes round from the end to the beginning once.
            let n_back = places.windows(2).filter(|pair| !reads_before(pair[0], pair[1])).count();
            let wraps = usize::from(!reads_before(places[places.len() - 1], first));
            assert_eq!(n_back + wraps, 1, "{dialog:?} in {lang:?}: {places:?}");
            window.key(Modifiers { shift: true, ..Modifiers::NONE }, Key::Tab);
            assert_eq!(focused(&window), places.last().copied(), "{dialog:?} in {lang:?}: back");
            window.key(Modifiers::NONE, Key::Escape);
            window.key(Modifiers::NONE, Key::Escape);
        }
    }
}
