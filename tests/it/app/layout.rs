//! Everything has a name, a place of its own, and room enough, at the smallest size that is designed
//! for and in both languages.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use egui::accessibility::is_input;
use egui::{Key, Modifiers, Rect, Role, pos2, vec2};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use netassist::model::Protocol;
use netassist::state::{Action, FramingKind, Side, Theme};
use netassist::ui::lang::Lang;
use netassist::ui::side::side_name;
use netassist::ui::theme::SIDE_WIDTH;
use netassist::ui::widgets::choice_name;
use netassist::workspace::ViewMode;

use super::home::{Home, call, server_with_client};
use super::talk::{self, Said, received};
use super::window::{CTRL, SIZE, Window};

/// Something to read or to work, and where it stands.
#[derive(Debug, Clone)]
struct Thing {
    role: Role,
    name: String,
    rect: Rect,
    /// In the panel on the left, which scrolls.
    side: bool,
    /// In the dock, which scrolls.
    dock: bool,
}

fn things_below(node: &Node<'_>, [side, dock]: [bool; 2]) -> Vec<Thing> {
    let thing = |node: Node<'_>| {
        let kit = node.accesskit_node();
        let shown = is_input(kit.role())
            || matches!(kit.role(), Role::Label | Role::Log | Role::Table | Role::Document);
        let name = kit.label().or_else(|| kit.value()).unwrap_or_default();
        (shown && !kit.is_hidden()).then(|| Thing { role: kit.role(), name, rect: node.rect(), side, dock })
    };
    node.children_recursive().filter_map(thing).collect()
}

/// The tree is made of panes side by side, of which the panel on the left has the receive options, and
/// of what stands over them.
fn things(window: &Window) -> Vec<Thing> {
    let root = window.harness.root();
    let panes: Vec<Node<'_>> =
        root.children_recursive().filter(|node| node.accesskit_node().role() == Role::Pane).collect();
    assert!(panes.len() >= 4, "{} panes", panes.len());
    let title = window.lang.receive_options();
    let has = |pane: &Node<'_>, label| pane.query_all_by_label(label).next().is_some();
    let is_side = |pane: &Node<'_>| [has(pane, title), has(pane, window.lang.close_side())];
    let mut all: Vec<Thing> = Vec::new();
    let in_panes: Vec<Thing> = panes.iter().flat_map(|pane| things_below(pane, is_side(pane))).collect();
    let same = |a: &Thing, b: &Thing| a.rect == b.rect && a.name == b.name && a.role == b.role;
    for thing in things_below(&root, [false; 2]) {
        let known = in_panes.iter().find(|other| same(other, &thing));
        all.push(known.cloned().unwrap_or(thing));
    }
    assert!(all.iter().any(|thing| thing.side) && all.iter().any(|thing| !thing.side));
    all
}

/// Where the panel on the left shows what it holds: beside its scroll bar.
fn side_room(window: &Window) -> egui::Rangef {
    let root = window.harness.root();
    let bars = root.children_recursive().filter(|node| node.accesskit_node().role() == Role::ScrollBar);
    let bar = bars.map(|bar| bar.rect()).find(|rect| rect.right() < SIDE_WIDTH && rect.height() > 300.0);
    bar.map_or(egui::Rangef::EVERYTHING, |bar| bar.y_range())
}

/// Of the open dialog only: the topmost box around its heading that holds nothing else.
fn things_of_dialog(window: &Window, heading: &str) -> Vec<Thing> {
    let root = window.harness.root();
    let of_heading = |node: &Node<'_>| {
        let kit = node.accesskit_node();
        kit.role() == Role::Label && kit.value().is_some_and(|value| value == heading)
    };
    let has_log =
        |node: &Node<'_>| node.children_recursive().any(|node| node.accesskit_node().role() == Role::Log);
    let mut inner = root.children_recursive().find(of_heading).expect("the heading");
    while let Some(outer) = inner.parent().filter(|outer| !has_log(outer)) {
        inner = outer;
    }
    things_below(&inner, [false; 2])
}

/// Where the dock shows what it holds: above the send box or the status bar.
fn dock_room(window: &Window, things: &[Thing]) -> egui::Rangef {
    let tops = |dock: bool| things.iter().filter(move |thing| thing.dock == dock && !thing.side);
    let close = tops(true).find(|thing| thing.name == window.lang.close_side());
    let send = tops(false).find(|thing| thing.name == window.lang.send_box());
    let Some((close, send)) = close.zip(send) else { return egui::Rangef::EVERYTHING };
    // The row and the sentence are above the box.
    let is_below = close.rect.left() < send.rect.right() + 232.0;
    let bottom = if is_below { send.rect.top() - 64.0 } else { send.rect.bottom() + 8.0 };
    egui::Rangef::new(close.rect.top() - 8.0, bottom)
}

/// Without what the panel on the left, or the list of peers in it, has scrolled away, for that is drawn nowhere.
fn in_sight(window: &Window, things: &[Thing]) -> Vec<Thing> {
    let room = side_room(window);
    let tree = window.harness.root();
    let bars = tree.children_recursive().filter(|node| node.accesskit_node().role() == Role::ScrollBar);
    let peers = bars.map(|bar| bar.rect()).find(|rect| rect.right() < SIDE_WIDTH && rect.height() < 300.0);
    let peers = peers.map_or(egui::Rangef::EVERYTHING, |bar| bar.y_range());
    let of_peer = |thing: &Thing| thing.name.contains("127.0.0.1:") || thing.name.contains('←');
    let inside =
        |thing: &Thing, room: egui::Rangef| thing.rect.top() >= room.min && thing.rect.bottom() <= room.max;
    let dock = dock_room(window, things);
    let seen = |thing: &&Thing| {
        (!thing.side || inside(thing, room) && (!of_peer(thing) || inside(thing, peers)))
            && (!thing.dock || inside(thing, dock))
    };
    things.iter().filter(seen).cloned().collect()
}

/// Without what the inspector has scrolled away. It ends where the bytes or the table end.
fn without_scrolled(mut things: Vec<Thing>, lang: Lang) -> Vec<Thing> {
    let rows = things.iter().filter(|thing| matches!(thing.role, Role::Table | Role::Document));
    let bottom = rows.map(|thing| thing.rect.bottom()).fold(0.0, f32::max);
    let checksum = |thing: &&Thing| thing.role == Role::Label && thing.name == lang.checksum();
    if let Some(first) = things.iter().find(checksum).map(|thing| thing.rect) {
        things.retain(|thing| {
            thing.rect.left() < first.left() - 1.0
                || thing.rect.bottom() <= bottom
                || thing.rect.top() < first.top()
        });
    }
    things
}

#[track_caller]
fn check_places(things: &[Thing], room: Rect, where_: &str) {
    let mut wrong = String::new();
    for (n, thing) in things.iter().enumerate() {
        if !room.expand(0.5).contains_rect(thing.rect) {
            writeln!(wrong, "{:?} {:?} leaves the room {room:?}: {:?}", thing.role, thing.name, thing.rect)
                .unwrap();
        }
        for other in &things[n + 1..] {
            let (a, b) = (thing.rect.shrink(0.5), other.rect.shrink(0.5));
            // The rows of the log, the way to its end and messages stand over it by design.
            let rows = |thing: &Thing| {
                matches!(thing.role, Role::Log | Role::Table | Role::Document | Role::Splitter)
            };
            let way = |thing: &Thing| thing.name.starts_with('↓');
            let log = rows(thing) || rows(other) || way(thing) || way(other);
            if !log && a.is_positive() && b.is_positive() && a.intersects(b) {
                writeln!(
                    wrong,
                    "{:?} {:?} {a:?}\n  and {:?} {:?} {b:?}",
                    thing.role, thing.name, other.role, other.name
                )
                .unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{where_}:\n{wrong}");
}

/// Nothing in the panel on the left is wider than it.
#[track_caller]
fn check_side(things: &[Thing], where_: &str) {
    let wide = |thing: &&Thing| thing.side && thing.rect.right() > SIDE_WIDTH;
    let wide: Vec<&Thing> = things.iter().filter(wide).collect();
    assert!(wide.is_empty(), "{where_}: wider than the panel: {wide:#?}");
}

/// Every control has a name, and no two of one kind have the same one.
#[track_caller]
fn check_names(things: &[Thing], where_: &str) {
    // What divides two panes is the toolkit's, and has one name for all.
    let is_ours = |thing: &&Thing| is_input(thing.role) && thing.role != Role::Splitter;
    let controls: Vec<&Thing> = things.iter().filter(is_ours).collect();
    assert!(controls.len() > 2, "{where_}: only {controls:?}");
    let mut known = BTreeSet::new();
    for thing in controls {
        assert!(!thing.name.trim().is_empty(), "{where_}: no name: {thing:?}");
        let first = known.insert((format!("{:?}", thing.role), thing.name.clone()));
        assert!(first, "{where_}: two are called {:?} {:?}", thing.role, thing.name);
    }
}

#[track_caller]
fn check(window: &mut Window, where_: &str) {
    check_in(window, SIZE.into(), where_);
}

/// The same in a window of another size.
#[track_caller]
fn check_in(window: &mut Window, size: egui::Vec2, where_: &str) {
    let lang = window.lang;
    let where_ = format!("{where_} in {lang:?}");
    let window_rect = Rect::from_min_size(pos2(0.0, 0.0), size);
    for scrolled in [false, true] {
        let where_ = format!("{where_}{}", if scrolled { ", scrolled down" } else { "" });
        let all = without_scrolled(things(window), lang);
        check_names(&all, &where_);
        check_side(&all, &where_);
        check_places(&in_sight(window, &all), window_rect, &where_);
        window.wheel_at(pos2(SIDE_WIDTH / 2.0, 200.0), if scrolled { 5000.0 } else { -5000.0 });
        window.harness.remove_cursor();
        window.settle();
    }
}

/// Nothing overlaps or is cut off; several panes have controls of the same names.
#[track_caller]
pub(super) fn check_panes(window: &mut Window, where_: &str) {
    let size = window.harness.ctx.content_rect().size();
    let folded = window.state().layout.left_folded;
    let all = if folded { things_below(&window.harness.root(), [false; 2]) } else { things(window) };
    let where_ = format!("{where_} at {size:?} in {:?}", window.lang);
    check_places(&in_sight(window, &all), Rect::from_min_size(pos2(0.0, 0.0), size), &where_);
}

#[test]
fn everything_has_a_name_and_a_place_in_a_window_at_rest() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.click(lang.more_options());
        for protocol in Protocol::ALL {
            window.choose_protocol(protocol);
            check(&mut window, &format!("{protocol:?} at rest"));
        }
        window.choose_protocol(Protocol::TcpClient);
        window.click(lang.bind_client());
        check(&mut window, "a client that is bound");
    }
}

#[test]
fn everything_has_a_name_and_a_place_in_an_open_session() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        let server = window.open(Protocol::TcpServer);
        let _clients: Vec<_> = (0..6).map(|_| call(server)).collect();
        window.wait_peers(6);
        window.click(lang.clear());
        window.click(lang.pause());
        check(&mut window, "a server with six clients");
        window.set_text(lang.send_box(), "x");
        for period in ["12h", "24h"] {
            window.set_text(lang.cycle(), period);
            window.key(Modifiers::NONE, Key::Enter);
        }
        check(&mut window, "a server that sends again and again");
        window.set_text(lang.send_box(), r"\q");
        check(&mut window, "a server with something wrong in its send box");
        window.key(CTRL, Key::T);
        window.key(CTRL, Key::T);
        window.open(Protocol::Udp);
        window.click(lang.more_options());
        check(&mut window, "an open socket");
    }
}

#[test]
fn everything_has_a_name_and_a_place_beside_wrong_fields() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.click(lang.more_options());
        for field in [lang.local_host(), lang.local_port(), lang.remote_host(), lang.remote_port()] {
            window.set_text(field, "? ?");
        }
        for field in [lang.opt_send_buffer(), lang.opt_receive_buffer(), lang.opt_join(), lang.opt_ttl()] {
            window.set_text(field, "x");
        }
        window.click(lang.open());
        check(&mut window, "wrong fields");
    }
}

#[test]
fn everything_has_a_name_and_a_place_in_dialogs() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        let server = window.open(Protocol::TcpServer);
        let _client = call(server);
        window.wait_peers(1);
        let room = Rect::from_min_size(pos2(0.0, 0.0), SIZE.into()).shrink2(vec2(8.0, 8.0));
        for (key, heading) in [
            (Key::S, lang.save_as().trim_end_matches('…')),
            (Key::O, lang.recent_captures()),
            (Key::W, lang.question_close()),
        ] {
            window.key(CTRL, key);
            window.wait_until("the list", |window| key != Key::O || !window.state().recent.is_empty());
            window.settle();
            let all = things_of_dialog(&window, heading);
            check_places(&all, room, &format!("{heading} in {lang:?}"));
            if key != Key::W {
                check_names(&all, heading);
            }
            window.key(Modifiers::NONE, Key::Escape);
        }
    }
}

#[test]
fn seven_peers_are_in_sight_at_once_and_the_rest_by_the_wheel() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    let server = window.open(Protocol::TcpServer);
    let clients: Vec<_> = (0..20).map(|_| call(server)).collect();
    window.wait_peers(20);
    let root = window.harness.root();
    let bars = root.children_recursive().filter(|node| node.accesskit_node().role() == Role::ScrollBar);
    let list = bars.map(|bar| bar.rect()).find(|rect| rect.right() < 250.0).expect("the list's own bar");
    let names: Vec<String> = clients.iter().map(|client| client.local_addr().unwrap().to_string()).collect();
    assert!(list.bottom() <= SIZE[1] - 28.0, "without scrolling the panel: {list:?}");
    let in_sight = |window: &Window| {
        let rows = names.iter().filter_map(|name| window.controls(name).first().map(Node::rect));
        rows.filter(|row| list.y_range().contains(row.top()) && list.y_range().contains(row.bottom())).count()
    };
    assert!((7..9).contains(&in_sight(&window)), "{} in {list:?}", in_sight(&window));
    assert!(window.controls(&names[19]).is_empty(), "only what is in sight is drawn");
    window.wheel_at(list.center() - vec2(100.0, 0.0), -5000.0);
    assert_eq!(window.controls(&names[19]).len(), 1);
}

#[test]
fn many_tabs_stay_in_their_bar() {
    let lang = Lang::ZhCn;
    let home = Home::new();
    let mut window = home.window(lang);
    for _ in 0..12 {
        window.key(CTRL, Key::T);
    }
    let menu = window.controls(lang.menu())[0].rect();
    let recent = window.controls(lang.recent_captures())[0].rect();
    assert!(menu.right() < recent.left() && recent.right() < SIDE_WIDTH, "{recent:?} {menu:?}");
    let new = window.controls(lang.new_tab())[0].rect();
    let close = format!("{} ", lang.close_tab());
    let buttons = window.harness.root().query_all_by_label_contains(&close).map(|node| node.rect());
    let last = buttons.max_by(|a, b| a.right().total_cmp(&b.right())).unwrap();
    assert!(last.right() < new.left(), "the last tab is in front and in sight: {last:?} {new:?}");
    assert!(new.right() < SIZE[0] - 48.0, "{new:?}");
    window.click(lang.recent_captures());
    assert!(window.state().recent_open, "no tab lies over it");
}

#[test]
fn everything_has_a_name_and_a_place_in_all_views_in_english() {
    check_views(Lang::En, Theme::Dark);
}

#[test]
fn everything_has_a_name_and_a_place_in_all_views_in_chinese() {
    check_views(Lang::ZhCn, Theme::Light);
}

/// The three views with everything open that can be: chips, the bar that finds, the bytes of a row.
#[track_caller]
fn check_views(lang: Lang, theme: Theme) {
    let sizes = [SIZE.into(), vec2(760.0, 520.0), vec2(1366.0, 768.0), vec2(1920.0, 1080.0)];
    let mut home = Home::new();
    let lines: Vec<String> = (0..200).map(|n| format!("needle {n} {}\n", "x".repeat(n))).collect();
    let said: Vec<Said<'_>> = lines.iter().map(|line| received(line.as_bytes())).collect();
    let mut window = talk::window(&mut home, lang, &said);
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().act(Action::SetTheme(theme), &ctx);
    window.frame(FramingKind::Line, |_| {});
    window.find("needle");
    window.click(lang.find_filter());
    window.menu_of_row("needle 199");
    window.click(lang.only_peer());
    window.wait_until("the filter", |window| window.tab().shown.len() == 200);
    for size in sizes {
        for mode in ViewMode::ALL {
            window.harness.set_size(size);
            // The panels below take their height from the frame before.
            window.harness.run_steps(5);
            window.show(mode);
            if mode == ViewMode::Table {
                window.focus_table();
                assert!(window.shows(lang.checksum()));
            }
            check_in(&mut window, size, &format!("{mode:?} at {size:?}"));
        }
    }
}

#[test]
fn everything_has_a_name_and_a_place_beside_the_log() {
    let sizes = [SIZE.into(), vec2(760.0, 520.0), vec2(1366.0, 768.0), vec2(1920.0, 1080.0)];
    for (lang, theme) in [(Lang::En, Theme::Light), (Lang::ZhCn, Theme::Dark)] {
        let home = Home::new();
        let (mut window, _client) = server_with_client(&home, lang);
        let ctx = window.harness.ctx.clone();
        window.harness.state_mut().act(Action::SetTheme(theme), &ctx);
        for text in ["AT+GMR", "a long line that does not fit into its row beside the log at all", "短"] {
            window.set_text(lang.send_box(), text);
            window.click(lang.send());
        }
        window.find("line");
        window.click(lang.quick());
        for text in ["短", "a long line that does not fit into its row beside the log at all"] {
            window.set_text(lang.send_box(), text);
            window.click(lang.quick_add());
        }
        window.click(&format!("{} 短", lang.quick_edit()));
        // What is scrolled out of sight stands nowhere; its name must be good all the same.
        check_names(&without_scrolled(things(&window), lang), "the fields of a quick send");
        window.click(lang.quick_back());
        window.click(lang.close_side());
        // That of faults is shown for relays.
        for side in Side::ALL.into_iter().filter(|side| *side != Side::Faults) {
            window.click(side_name(lang, side).0);
            for (size, mode) in sizes.into_iter().flat_map(|size| ViewMode::ALL.map(|mode| (size, mode))) {
                window.harness.set_size(size);
                window.harness.run_steps(5);
                window.show(mode);
                if mode == ViewMode::Table {
                    window.focus_table();
                }
                check_in(&mut window, size, &format!("{side:?} beside {mode:?} at {size:?}"));
                if mode == ViewMode::Table {
                    continue;
                }
                let log = window.log_rect();
                let least = if size.x < 1000.0 { vec2(479.0, 40.0) } else { vec2(480.0, 200.0) };
                assert!(log.width() > least.x && log.height() > least.y, "{log:?} at {size:?}");
            }
        }
    }
}

#[test]
fn everything_has_a_name_and_a_place_in_the_menus_of_the_bar() {
    let sizes = [SIZE.into(), vec2(760.0, 520.0)];
    for &lang in Lang::ALL {
        let mut home = Home::new();
        let mut window = talk::window(&mut home, lang, &[received(b"something")]);
        for size in sizes {
            window.harness.set_size(size);
            window.harness.run_steps(5);
            let room = Rect::from_min_size(pos2(0.0, 0.0), size);
            for (button, inside) in [
                (lang.framing(), choice_name(lang.framing(), lang.framing_length())),
                (lang.display(), choice_name(lang.fold(), lang.fold_never())),
                (lang.filter(), lang.filter_apply().to_owned()),
            ] {
                window.click(button);
                window.click_if_there(&choice_name(lang.framing(), lang.framing_length()));
                let all = things_of_popup(&window, &inside);
                let where_ = format!("{button} at {size:?} in {lang:?}");
                check_names(&all, &where_);
                check_places(&all, room, &where_);
                window.key(Modifiers::NONE, Key::Escape);
            }
        }
    }
}

/// Of the menu in which this control stands.
fn things_of_popup(window: &Window, inside: &str) -> Vec<Thing> {
    let mut inner = window.controls(inside).into_iter().last().unwrap_or_else(|| panic!("no {inside}"));
    let bar = window.lang.go_to();
    let has_bar = |node: &Node<'_>| node.query_all_by_label(bar).next().is_some();
    while let Some(outer) = inner.parent().filter(|outer| !has_bar(outer)) {
        inner = outer;
    }
    things_below(&inner, [false; 2])
}

fn thing(name: &str, rect: [f32; 4]) -> Thing {
    let [x0, y0, x1, y1] = rect;
    let rect = Rect::from_x_y_ranges(x0..=x1, y0..=y1);
    Thing { role: Role::Button, name: name.into(), rect, side: true, dock: false }
}

#[test]
#[should_panic(expected = "\"b\"")]
fn what_overlaps_would_be_seen() {
    let room = Rect::from_min_size(pos2(0.0, 0.0), SIZE.into());
    check_places(&[thing("a", [0.0, 0.0, 10.0, 10.0]), thing("b", [8.0, 8.0, 20.0, 20.0])], room, "here");
}

#[test]
#[should_panic(expected = "leaves the room")]
fn what_is_outside_would_be_seen() {
    let room = Rect::from_min_size(pos2(0.0, 0.0), SIZE.into());
    check_places(&[thing("a", [990.0, 0.0, 1010.0, 10.0])], room, "here");
}

#[test]
#[should_panic(expected = "wider than the panel")]
fn what_is_too_wide_would_be_seen() {
    check_side(&[thing("a", [10.0, 0.0, SIDE_WIDTH + 1.0, 10.0])], "here");
}

#[test]
#[should_panic(expected = "two are called")]
fn what_has_the_same_name_would_be_seen() {
    let rect = [0.0, 0.0, 10.0, 10.0];
    check_names(&[thing("a", rect), thing("b", rect), thing("a", rect)], "here");
}

#[test]
fn the_smallest_window_still_has_room_for_everything() {
    // What app::run allows the user to shrink it to.
    let size = vec2(760.0, 520.0);
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        let server = window.open(Protocol::TcpServer);
        let _client = call(server);
        window.wait_peers(1);
        window.harness.set_size(size);
        // The panels below take their height from the frame before.
        window.harness.run_steps(5);
        let all = things(&window);
        check_places(&in_sight(&window, &all), Rect::from_min_size(pos2(0.0, 0.0), size), "small");
        assert!(window.log_rect().height() > 170.0, "{:?}", window.log_rect());
    }
}

#[test]
fn a_window_at_rest_draws_nothing() {
    let home = Home::new();
    let mut window = home.window(Lang::En);
    let rest = |window: &Window| {
        let output = window.harness.output();
        output.viewport_output[&egui::ViewportId::ROOT].repaint_delay == std::time::Duration::MAX
    };
    window.wait_until("rest", rest);
    let server = window.open(Protocol::TcpServer);
    window.wait_until("rest with an open session", rest);
    let client = call(server);
    window.wait_peers(1);
    std::io::Write::write_all(&mut &client, b"something").unwrap();
    window.wait_for_text("something");
    // Rates are told until they are zero.
    window.wait_until("rest after traffic", |window| rest(window) && window.tab().rates.received < 1.0);
}

#[test]
fn what_comes_or_goes_above_a_button_does_not_make_it_another() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    // A press that is under way would be lost.
    let ids = |window: &Window| {
        [lang.open(), lang.clear(), lang.hide_received()]
            .map(|label| window.controls(label)[0].accesskit_node().id())
    };
    window.choose(lang.protocol(), Protocol::TcpClient.title());
    let before = ids(&window);
    window.choose(lang.protocol(), Protocol::TcpRelay.title());
    assert_eq!(ids(&window), before);
}
