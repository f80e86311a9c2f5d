//! Tabs that are moved, panes side by side, and the page that a new tab shows.

use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, pos2, vec2};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use netassist::model::Protocol;
use netassist::state::{Action, Phase, TabId};
use netassist::ui::lang::Lang;
use netassist::ui::messages;
use netassist::ui::toolbar::mode_name;
use netassist::ui::widgets::choice_name;
use netassist::workspace::{EXAMPLES, ViewMode};

use super::home::{Home, call, read};
use super::layout::check_panes;
use super::talk::{self, received};
use super::window::{CTRL, SIZE, Window};

const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..CTRL };

fn order(window: &Window) -> Vec<u32> {
    window.state().tabs.iter().map(|tab| tab.id.0).collect()
}

/// Where the log of each pane is.
fn logs(window: &Window) -> Vec<Rect> {
    let root = window.harness.root();
    root.query_all_by_role_and_label(egui::Role::Log, window.lang.log()).map(|node| node.rect()).collect()
}

/// The title of a tab, to be pressed.
fn strip(window: &Window) -> Vec<Rect> {
    let close = format!("{} ", window.lang.close_tab());
    let all = window.harness.root().query_all_by_label_contains(&close);
    let mut all: Vec<Rect> = all.map(|node| node.rect()).collect();
    all.sort_by(|a, b| a.left().total_cmp(&b.left()));
    all.iter()
        .map(|close| Rect::from_min_max(close.left_top() - vec2(60.0, 0.0), close.left_bottom()))
        .collect()
}

fn button(window: &Window, pos: Pos2, button: PointerButton, pressed: bool) {
    window.harness.event(Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE });
}

fn drag(window: &mut Window, from: Pos2, to: Pos2) {
    window.harness.event(Event::PointerMoved(from));
    window.step();
    button(window, from, PointerButton::Primary, true);
    window.step();
    for part in [0.1, 0.5, 1.0] {
        window.harness.event(Event::PointerMoved(from + (to - from) * part));
        window.step();
    }
    button(window, to, PointerButton::Primary, false);
    window.harness.remove_cursor();
    window.settle();
}

#[test]
fn tabs_are_moved_by_keys_and_by_hand_and_stay_there() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    for name in ["a", "b", "c"] {
        window.set_text(lang.send_box(), name);
        window.key(CTRL, Key::T);
    }
    window.key(CTRL, Key::W);
    let texts = |window: &Window| -> String {
        window.state().tabs.iter().map(|tab| tab.session.send.content.as_str()).collect()
    };
    assert_eq!(texts(&window), "abc");
    window.key(CTRL_SHIFT, Key::PageUp);
    assert_eq!(texts(&window), "acb");
    window.key(CTRL_SHIFT, Key::PageDown);
    window.key(CTRL_SHIFT, Key::PageDown);
    assert_eq!(texts(&window), "abc", "it is the last");
    let places = strip(&window);
    drag(&mut window, places[2].center(), places[0].left_center() - vec2(30.0, 0.0));
    assert_eq!((texts(&window).as_str(), window.tab().session.send.content.as_str()), ("cab", "c"));
    let places = strip(&window);
    drag(&mut window, places[0].center(), pos2(places[2].right() + 60.0, places[2].center().y));
    assert_eq!(texts(&window), "abc");
    drag(&mut window, places[0].center(), places[0].center() + vec2(4.0, 0.0));
    assert_eq!(texts(&window), "abc", "a shaky click moves nothing");
    drag(&mut window, places[1].center(), places[0].left_center() - vec2(30.0, 0.0));
    window.exit();
    let mut window = home.window(lang);
    assert_eq!(texts(&window), "bac");
    // The middle button closes.
    let at = strip(&window)[1].center();
    window.harness.event(Event::PointerMoved(at));
    for pressed in [true, false] {
        button(&window, at, PointerButton::Middle, pressed);
    }
    window.settle();
    assert_eq!(texts(&window), "bc");
}

#[test]
fn the_tab_in_front_stays_in_sight() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.harness.set_size(vec2(1920.0, 1080.0));
    window.settle();
    (0..9).for_each(|_| window.key(CTRL, Key::T));
    let is_seen = |window: &Window| {
        let new = window.controls(lang.new_tab())[0].rect().left();
        let tabs = window.state().tabs.iter().position(|tab| tab.id == window.state().active).unwrap();
        // Where tabs are narrow, only the one in front can be closed.
        let closable = strip(window);
        let rect = closable[if closable.len() == 1 { 0 } else { tabs }];
        (rect.left() > 256.0 && rect.right() < new).then_some(()).ok_or((rect, new))
    };
    is_seen(&window).unwrap();
    window.harness.set_size(SIZE.into());
    window.settle();
    is_seen(&window).expect("in a smaller window");
    (0..9).for_each(|_| window.key(CTRL_SHIFT, Key::PageUp));
    is_seen(&window).expect("moved to the front");
    window.key(CTRL_SHIFT, Key::Tab);
    is_seen(&window).expect("and the last one");
    let buttons = [lang.new_tab(), lang.split(), lang.all_tabs()];
    let rects = buttons.map(|label| window.controls(label)[0].rect());
    assert!(rects[2].right() <= SIZE[0] - 48.0 && rects[0].right() <= rects[1].left(), "{rects:?}");
}

#[test]
fn panes_have_a_session_each_and_one_is_worked_in() {
    for &lang in Lang::ALL {
        let mut home = Home::new();
        let mut window = talk::window(&mut home, lang, &[received(b"something")]);
        window.harness.set_size(vec2(1920.0, 1080.0));
        window.key(CTRL, Key::T);
        window.click("talk");
        window.click(lang.split());
        let [left, right] = logs(&window)[..] else { panic!("{:?}", logs(&window)) };
        assert!(left.right() < right.left() && left.width() > 479.0 && right.width() > 479.0);
        assert_eq!(window.controls(lang.new_tab()).len(), 2);
        assert_eq!(window.controls(lang.send_box()).len(), 1, "a capture sends nothing");
        let is_named = |node: &Node<'_>| {
            let node = node.accesskit_node();
            node.role() == egui::Role::Pane && node.label().is_some_and(|label| label == "talk")
        };
        assert_eq!(window.harness.root().children_recursive().filter(is_named).count(), 1);
        // The left column is that of the pane that was clicked last.
        assert!(!window.shows(lang.local_port()) && window.tab().is_viewer());
        window.click_at(left.max - vec2(40.0, 40.0));
        assert!(window.shows(lang.local_port()));
        window.click_at(right.max - vec2(40.0, 40.0));
        window.click(&format!("{} talk", lang.close_tab()));
        assert_eq!(logs(&window).len(), 1);
        assert!(!window.tab().is_viewer());
    }
}

#[test]
fn what_is_too_narrow_for_panes_has_them_above_each_other() {
    let lang = Lang::ZhCn;
    let home = Home::new();
    let mut window = home.window(lang);
    window.key(CTRL, Key::Backslash);
    let [above, below] = logs(&window)[..] else { panic!("{:?}", logs(&window)) };
    assert!(above.bottom() < below.top() && (above.left() - below.left()).abs() < 0.5, "{above:?} {below:?}");
    assert!(above.width() > 479.0);
    window.harness.set_size(vec2(1366.0, 768.0));
    window.settle();
    let [left, right] = logs(&window)[..] else { panic!("{:?}", logs(&window)) };
    assert!(left.right() < right.left() && (left.top() - right.top()).abs() < 0.5, "{left:?} {right:?}");
    // The line between them is dragged, but no pane gets too small.
    let gap = pos2(f32::midpoint(left.right(), right.left()), left.center().y);
    drag(&mut window, gap, gap - vec2(30.0, 0.0));
    assert!(logs(&window)[0].width() < left.width() - 20.0);
    drag(&mut window, gap - vec2(30.0, 0.0), pos2(300.0, gap.y));
    assert!(logs(&window)[0].width() > 479.0);
}

#[test]
fn where_panes_have_no_room_the_others_can_be_read_or_chosen() {
    let lang = Lang::ZhTw;
    let home = Home::new();
    let mut window = home.window(lang);
    window.key(CTRL, Key::Backslash);
    window.key(CTRL, Key::H);
    let boxes = |window: &Window| window.controls(lang.send_box()).len();
    assert_eq!((logs(&window).len(), boxes(&window)), (2, 1), "the other one is read, but does not send");
    assert!(logs(&window).iter().all(|log| log.height() > 60.0), "{:?}", logs(&window));
    window.harness.set_size(vec2(SIZE[0], 600.0));
    window.settle();
    assert_eq!((logs(&window).len(), window.controls(lang.new_tab()).len()), (1, 2));
    assert!(logs(&window)[0].height() > 80.0, "{:?}", logs(&window));
    let [first, second] = strip(&window)[..] else { panic!("{:?}", strip(&window)) };
    assert!(first.top() + 40.0 < second.top(), "the other one is its strip: {first:?} {second:?}");
    window.click_at(first.center());
    assert_eq!((logs(&window).len(), window.state().active), (1, TabId(0)));
    assert!(strip(&window)[1].top() > 400.0, "{:?}", strip(&window));
    window.key(CTRL, Key::H);
    assert_eq!(logs(&window).len(), 2);
}

/// Sizes as at 125 % in 1000×700, at 200 % in 1920×1080, and others.
#[test]
fn nothing_overlaps_in_panes_of_any_size() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.click(&format!("{}: {}", lang.chat_self(), lang.chat_self_text()));
        let connected = |window: &Window| window.state().tabs.iter().all(|tab| tab.peers.len() == 1);
        window.wait_until("both connected", connected);
        for size in [[1000.0, 700.0], [800.0, 560.0], [960.0, 540.0], [1366.0, 768.0], [1920.0, 1080.0]] {
            window.harness.set_size(size.into());
            window.harness.run_steps(5);
            check_panes(&mut window, "two panes");
            for key in [Key::J, Key::J, Key::B] {
                window.key(CTRL, key);
                window.harness.run_steps(5);
                check_panes(&mut window, "two panes and other panels");
            }
            window.key(CTRL, Key::B);
        }
    }
}

/// The sentence says why it goes to nobody, and ends before the choice of line breaks.
#[test]
fn the_sentence_ends_where_its_room_ends() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.key(Modifiers::NONE, Key::F5);
        window.wait_until("open", |window| matches!(window.tab().phase, Phase::Open { .. }));
        for width in (700_u16..=1000).step_by(6) {
            window.harness.set_size(vec2(width.into(), 700.0));
            window.harness.run_steps(3);
            check_panes(&mut window, &format!("{width} wide"));
        }
    }
}

#[test]
fn a_tab_is_dragged_to_an_edge_and_to_another_pane() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.harness.set_size(vec2(1920.0, 1080.0));
    window.settle();
    window.set_text(lang.send_box(), "first");
    window.key(CTRL, Key::T);
    window.set_text(lang.send_box(), "second");
    let log = logs(&window)[0];
    let tab = strip(&window)[1].center();
    drag(&mut window, tab, log.right_center() - vec2(60.0, 0.0));
    let [left, right] = logs(&window)[..] else { panic!("{:?}", logs(&window)) };
    assert!(left.right() < right.left());
    let boxes: Vec<String> =
        window.controls(lang.send_box()).iter().map(|node| node.value().unwrap_or_default()).collect();
    assert_eq!(boxes, ["first", "second"]);
    assert_eq!(window.tab().session.send.content, "second");
    // A restart keeps it.
    window.exit();
    let mut window = home.window(lang);
    window.harness.set_size(vec2(1920.0, 1080.0));
    window.settle();
    assert_eq!(logs(&window).len(), 2);
    assert_eq!(window.tab().session.send.content, "second");
    // Back into the first pane.
    let tab = strip(&window)[1].center();
    let first = logs(&window)[0].center();
    drag(&mut window, tab, first);
    assert_eq!((logs(&window).len(), order(&window)), (1, vec![0, 1]));
    // Escape keeps it where it is.
    let (tab, log) = (strip(&window)[1].center(), logs(&window)[0]);
    window.harness.event(Event::PointerMoved(tab));
    window.step();
    button(&window, tab, PointerButton::Primary, true);
    window.step();
    window.harness.event(Event::PointerMoved(log.right_center() - vec2(60.0, 0.0)));
    window.step();
    window.key(Modifiers::NONE, Key::Escape);
    button(&window, log.right_center() - vec2(60.0, 0.0), PointerButton::Primary, false);
    window.settle();
    assert_eq!(logs(&window).len(), 1);
}

#[test]
fn no_file_makes_panes_that_cannot_be_seen() {
    let lang = Lang::En;
    for share in ["nan", "inf", "-1.0", "1e30", "0.0"] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.set_text(lang.send_box(), "kept");
        window.key(CTRL, Key::Backslash);
        window.exit();
        let folders = std::fs::read_dir(home.path("state/windows")).unwrap();
        let files = folders.map(|folder| folder.unwrap().path().join("window.toml"));
        let file = files.into_iter().find(|file| file.exists()).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("share = 0.5"), "{text}");
        std::fs::write(&file, text.replace("share = 0.5", &format!("share = {share}"))).unwrap();
        let mut window = home.window(lang);
        window.settle();
        let logs = logs(&window);
        assert!(logs.len() == 2 && logs.iter().all(|log| log.height() > 60.0), "{share}: {logs:?}");
    }
}

#[test]
fn the_keyboard_goes_from_region_to_region() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.harness.set_size(vec2(1920.0, 1080.0));
    window.settle();
    window.key(CTRL, Key::Backslash);
    let focused = |window: &Window| {
        let is_focused = |node: &Node<'_>| node.accesskit_node().is_focused();
        window.harness.root().children_recursive().find(is_focused).map(|node| node.rect().center())
    };
    let left_pane = TabId(0);
    let mut places = Vec::new();
    for _ in 0..11 {
        window.key(CTRL, Key::F6);
        places.push((focused(&window).expect("something has the keyboard"), window.state().active));
    }
    let is_in_column = |at: Pos2| at.x < 256.0;
    assert!(is_in_column(places[0].0), "the left column first: {places:?}");
    assert_eq!(places[1].1, left_pane, "the pane that has the keyboard is worked in");
    assert!(places[3].0.y > 80.0 && places[4].0.y > places[3].0.y, "the log, then the send box: {places:?}");
    assert_eq!(places[5].1, TabId(1));
    assert!(places[9].0.x > 1872.0, "the rail: {places:?}");
    assert!(places[10].0.y > 1052.0, "the status bar: {places:?}");
    let mut back: Vec<_> = places.iter().rev().skip(1).map(|(at, _)| *at).collect();
    back.push(places[10].0);
    for at in back {
        window.key(CTRL_SHIFT, Key::F6);
        assert_eq!(focused(&window), Some(at));
    }
}

#[test]
fn a_tab_begins_with_what_can_be_done() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.settle();
        for text in [lang.welcome(), lang.chat_self(), lang.examples(), lang.drop_hint()] {
            assert!(window.shows(text), "{text}");
        }
        assert!(!window.shows(lang.log_empty()));
        // No other program has the port.
        window.set_text(lang.local_port(), "0");
        window.key(Modifiers::NONE, Key::Escape);
        window.key(Modifiers::NONE, Key::Num2);
        window.wait_open();
        assert_eq!(window.tab().session.protocol, Protocol::TcpServer);
        assert!(!window.shows(lang.welcome()));
    }
}

#[test]
fn a_recent_session_has_its_name() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.key(Modifiers::NONE, Key::F2);
        window.harness.event(Event::Text("泵 1".to_owned()));
        window.key(Modifiers::NONE, Key::Enter);
        window.open(Protocol::Udp);
        window.click(lang.close());
        window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
        window.exit();
        // The capture alone knows it.
        std::fs::remove_dir_all(home.path("state")).unwrap();
        let mut window = home.window(lang);
        window.wait_for_text("泵 1 UDP 127.0.0.1:");
        window.settle();
        let again = window.texts().into_iter().find(|text| text.starts_with(lang.again())).unwrap();
        assert!(again.contains("泵 1"), "{again}");
        window.click(&again);
        window.wait_open();
        assert_eq!(window.tab().session.name, "泵 1");
    }
}

#[test]
fn the_page_of_a_new_tab_is_in_the_middle_and_its_examples_are_not_covered() {
    for &lang in Lang::ALL {
        let home = Home::new();
        std::fs::create_dir(home.path("captures")).unwrap();
        talk::write(&home.path("captures").join("earlier.pcapng"), &[received(b"x")]);
        let mut window = home.window(lang);
        window.wait_until("captures", |window| !window.state().recent.is_empty());
        for size in [vec2(1920.0, 1080.0), vec2(1000.0, 700.0)] {
            window.harness.set_size(size);
            window.settle();
            let all = EXAMPLES.map(|example| messages::example(lang, &example));
            let place = |window: &Window, name: &str| window.controls(name)[0].rect();
            let (log, left) = (window.log_rect(), place(&window, &all[0]).left());
            let right = window.controls(lang.all_captures())[0].rect().right();
            assert!(
                (left - log.left() - (log.right() - right)).abs() < 16.0,
                "{lang:?} {left} {right} {log:?}"
            );
            // Nothing is shown over them, and each says all of itself.
            let first = place(&window, &all[0]);
            window.harness.event(Event::PointerMoved(first.center()));
            window.harness.run_steps(90);
            let tips: Vec<Rect> = window.harness.ctx.memory(|memory| {
                let layers = memory.areas().visible_layer_ids().into_iter();
                let tips = layers.filter(|layer| layer.order == egui::Order::Tooltip);
                tips.filter_map(|layer| memory.area_rect(layer.id)).collect()
            });
            assert_eq!(tips, [], "{lang:?} {size:?}");
            let is_cut = |shape: &egui::Shape| {
                let egui::Shape::Text(text) = shape else { return false };
                text.galley.elided && all.iter().any(|name| *name == text.galley.job.text)
            };
            assert!(!window.harness.output().shapes.iter().any(|shown| is_cut(&shown.shape)), "{lang:?}");
        }
    }
}

#[test]
fn a_client_asks_for_its_address_and_digits_stay_text() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.key(Modifiers::NONE, Key::Num1);
    assert_eq!(window.tab().session.protocol, Protocol::TcpClient);
    // Typed over what is there, in the field that has got the keyboard.
    window.key(CTRL, Key::A);
    window.harness.event(Event::Text("10.0.0.3".to_owned()));
    window.key(Modifiers::NONE, Key::Num3);
    assert_eq!(window.tab().session.protocol, Protocol::TcpClient, "it was typed");
    assert_eq!(window.tab().session.remote.host, "10.0.0.3");
    assert!(window.shows(lang.welcome()), "nothing was opened yet");
}

#[test]
fn one_click_makes_two_sessions_that_talk() {
    for (lang, size) in [(Lang::En, vec2(1920.0, 1080.0)), (Lang::ZhCn, SIZE.into())] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.harness.set_size(size);
        window.settle();
        window.click(&format!("{}: {}", lang.chat_self(), lang.chat_self_text()));
        let is_open = |window: &Window| {
            let open = |n: usize| window.state().tabs.get(n).is_some_and(|tab| tab.peers.len() == 1);
            open(0) && open(1)
        };
        window.wait_until("both connected", is_open);
        window.settle();
        assert_eq!(logs(&window).len(), 2);
        assert!(matches!(window.tab().phase, Phase::Open { listening: true, .. }));
        window.set_text(lang.send_box(), "hello, client");
        window.click_nth(lang.send(), 0);
        window.wait_until("the greeting", |window| window.state().tabs[1].counters.received > 0);
        // The other pane is worked in by a click into its box.
        let n = window.controls(lang.send_box()).len();
        assert_eq!(n, 2);
        window.click_nth(lang.send_box(), 1);
        assert_eq!(window.state().active, window.state().tabs[1].id);
        window.harness.event(Event::Text("hello, server".to_owned()));
        window.settle();
        window.click_nth(lang.send(), 1);
        window.wait_until("the answer", |window| window.state().tabs[0].counters.received > 0);
        window.settle();
        assert!(window.shows("hello, client") && window.shows("hello, server"));
    }
}

#[test]
fn sessions_of_earlier_runs_are_opened_again() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.open(Protocol::TcpServer);
    window.exit();
    let mut window = home.window(lang);
    window.key(CTRL, Key::T);
    let name = "TCP Server 127.0.0.1:0";
    window.wait_until("the session", |window| window.shows(name));
    let root = window.harness.root();
    let again = format!("{} {name}", lang.again());
    let label = root.get_by_label_contains(&again).accesskit_node().label().unwrap();
    window.click(&label);
    window.wait_open();
    // In a tab of its own, its capture.
    window.key(CTRL, Key::T);
    window.wait_until("the session", |window| window.shows(name));
    let open = format!("{} {name}", lang.open_capture());
    let label = window.harness.root().get_by_label_contains(&open).accesskit_node().label().unwrap();
    window.click(&label);
    assert!(window.tab().is_viewer());
}

#[test]
fn an_example_and_a_view_of_one_pane_leave_the_other_alone() {
    let lang = Lang::En;
    let mut home = Home::new();
    let mut window = talk::window(&mut home, lang, &[received(b"one"), received(b"two")]);
    window.harness.set_size(vec2(1920.0, 1080.0));
    window.settle();
    let (ctx, capture) = (window.harness.ctx.clone(), window.state().active);
    window.key(CTRL, Key::T);
    let session = window.state().active;
    window.harness.state_mut().act(Action::SelectTab(capture), &ctx);
    window.harness.state_mut().act(Action::Split, &ctx);
    window.harness.state_mut().act(Action::SelectTab(session), &ctx);
    window.harness.state_mut().act(Action::TakeExample(EXAMPLES[0]), &ctx);
    window.settle();
    assert_eq!(logs(&window).len(), 2);
    // The wheel over a pane does not go there.
    let (right, active) = (logs(&window)[1], window.state().active);
    window.wheel_at(right.center(), 100.0);
    assert_eq!(window.state().active, active);
    window.click_at(right.max - vec2(40.0, 40.0));
    window.click_nth(&choice_name(lang.view(), mode_name(lang, ViewMode::Table).0), 1);
    assert_eq!(window.table_rows().len(), 4, "{:?}", window.table_texts());
    let modes: Vec<ViewMode> = window.state().tabs.iter().map(|tab| tab.session.view.mode).collect();
    assert_eq!(modes.iter().filter(|mode| **mode == ViewMode::Table).count(), 1);
}

#[test]
fn a_session_has_a_window_of_its_own() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        // One beside the other, so that each can be clicked into.
        window.harness.set_size(vec2(2600.0, 1600.0));
        window.settle();
        let server = window.open(Protocol::TcpServer);
        let client = call(server);
        window.wait_peers(1);
        window.key(CTRL, Key::T);
        let tab = strip(&window)[0].center();
        window.menu_at(tab);
        window.click(lang.detach());
        assert_eq!((logs(&window).len(), window.state().detached.len()), (2, 1));
        assert!(window.tab().is_open(), "it is worked in");
        assert_eq!(window.controls(lang.split()).len(), 1, "it is not divided");
        let mine = window.controls(lang.send_box()).len() - 1;
        window.click_nth(lang.send_box(), mine);
        window.harness.event(Event::Text("from there".into()));
        window.settle();
        window.click_nth(lang.send(), mine);
        assert_eq!(read(&client, 10), b"from there");
        // What is asked of it is asked there; the other session stays as it is.
        window.click_nth(lang.send_box(), 0);
        assert!(!window.tab().is_open(), "one goes to the other by a click");
        window.click_nth(lang.send_box(), mine);
        assert!(window.tab().is_open());
        window.exit();
        let mut window = home.window(lang);
        window.harness.set_size(vec2(2600.0, 1600.0));
        window.settle();
        assert_eq!((logs(&window).len(), window.state().detached.len()), (2, 1), "a restart keeps it");
        window.click(lang.attach());
        assert_eq!((logs(&window).len(), window.state().detached.len()), (1, 0));
        assert_eq!(window.tab().session.protocol, Protocol::TcpServer);
    }
}
