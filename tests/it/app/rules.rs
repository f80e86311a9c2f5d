//! Rules that are ticked and typed beside the log, and what a client hears of them.

use std::io::Write as _;

use egui::{Key, Modifiers, pos2};
use netassist::model::Protocol;
use netassist::state::{Action, FramingKind, RulesAction};
use netassist::ui::lang::Lang;
use netassist::ui::messages;
use netassist::ui::messages::rules::{match_kind, then_kind};
use netassist::ui::widgets::choice_name;
use netassist::workspace::{EXAMPLES, RuleForm, ThenKind};

use netassist::codec::matcher::MatchKind;

use super::home::{Home, call, pick, read, server_with_client};
use super::window::{CTRL, Window};

/// The names of the rules in sight, in order.
fn rules(window: &Window) -> Vec<String> {
    let mut all = window.texts();
    all.retain(|text| text.starts_with('#'));
    all.dedup();
    all
}

/// Wide enough for the dock beside the log, where all rows are in sight.
const BESIDE: egui::Vec2 = egui::vec2(1366.0, 768.0);

#[test]
fn echo_and_relay_are_ticked_and_count_at_once() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.harness.set_size(BESIDE);
        let server = window.open(Protocol::TcpServer);
        let (mut one, other) = (call(server), call(server));
        window.wait_peers(2);
        window.key(CTRL, Key::J);
        assert!(window.shows(lang.rules_empty()));
        window.click(lang.rule_echo());
        one.write_all(b"hello").unwrap();
        assert_eq!(read(&one, 5), b"hello");
        window.wait_until("the hit", |window| {
            window.tab().rules.list.rows().iter().any(|row| window.tab().rules.hits(row.id) == Some(1))
        });
        assert_eq!(rules(&window), [format!("#1 {}", lang.rule_echo())]);
        window.click(lang.rule_echo());
        window.click(lang.rule_relay());
        one.write_all(b"to all").unwrap();
        assert_eq!(read(&other, 6), b"to all");
        window.click(&format!("{} #2 {}", lang.rule_on(), lang.rule_relay()));
        assert!(window.tab().rules.list.rows().iter().all(|row| !row.form.on));
        window.exit();
        let mut window = home.window(lang);
        window.harness.set_size(BESIDE);
        window.settle();
        assert_eq!(rules(&window).len(), 2, "they are kept");
    }
}

#[test]
fn a_rule_is_typed_tried_and_followed() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, mut client) = server_with_client(&home, lang);
        window.harness.set_size(BESIDE);
        window.key(CTRL, Key::J);
        window.frame(FramingKind::Line, |_| {});
        window.click(lang.rule_test());
        window.set_text(lang.rule_test_box(), "get abc");
        assert!(window.shows(lang.rule_test_none()));
        window.click(lang.rule_new());
        window.choose(lang.rule_when(), match_kind(lang, MatchKind::Regex));
        window.set_text(lang.rule_pattern(), "^get (");
        assert!(window.shows(pick(lang, "Unclosed group", "缺少 )")));
        window.set_text(lang.rule_pattern(), r"^get (\w+)");
        window.set_text(lang.rule_content(), r"{upper:1}={n}\r\n");
        assert!(window.shows("7 B: 41 42 43 3D 31 0D 0A"), "{:?}", window.texts());
        window.key(Modifiers::NONE, Key::Tab);
        client.write_all(b"get x\nput y\nget zz\n").unwrap();
        assert_eq!(read(&client, 10), b"X=1\r\nZZ=2\r");
        assert_eq!(read(&client, 1), b"\n");
        // What is typed counts while the session is open, once it is whole: the field is left.
        window.set_text(lang.rule_content(), "!");
        window.harness.run_steps(5);
        client.write_all(b"get x\n").unwrap();
        assert_eq!(read(&client, 5), b"X=3\r\n");
        window.key(Modifiers::NONE, Key::Tab);
        client.write_all(b"get x\n").unwrap();
        assert_eq!(read(&client, 1), b"!");
        window.choose(lang.rule_then(), then_kind(lang, ThenKind::Modbus));
        window.set_text(lang.rule_unit(), "300");
        assert!(window.shows(pick(lang, "Expected a whole number from 0 to 255", "应为 0 到 255")));
        window.choose(lang.rule_then(), then_kind(lang, ThenKind::Close));
        assert!(window.controls(lang.rule_holding()).is_empty(), "only what matters is asked");
        let unfolded = rules(&window).remove(0);
        window.click(&unfolded);
        assert!(window.controls(lang.rule_name()).is_empty(), "folded again");
        client.write_all(b"get x\n").unwrap();
        assert_eq!(super::home::read_to_end(&client), b"");
    }
}

#[test]
fn rules_are_put_in_order_by_keys_buttons_and_the_pointer() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.harness.set_size(BESIDE);
    window.key(CTRL, Key::J);
    for name in ["one", "two", "three"] {
        window.click(lang.rule_new());
        window.set_text(lang.rule_name(), name);
    }
    assert_eq!(rules(&window), ["#1 one", "#2 two", "#3 three"]);
    // The last one is unfolded.
    window.click(&format!("{} #3", lang.rule_up()));
    assert_eq!(rules(&window), ["#1 one", "#2 three", "#3 two"]);
    window.click("#2 three");
    let from = window.control("#1 one", 0).rect().center();
    let to = window.control("#3 two", 0).rect().center();
    drag(&mut window, from, to);
    assert_eq!(rules(&window), ["#1 three", "#2 two", "#3 one"]);
    // By the handle, straight up.
    let grip = |window: &mut Window, row: &str| {
        let row = window.control(row, 0).rect();
        pos2(row.left() - 44.0, row.center().y)
    };
    let (from, to) = (grip(&mut window, "#3 one"), grip(&mut window, "#2 two"));
    drag(&mut window, from, to);
    assert_eq!(rules(&window), ["#1 three", "#2 one", "#3 two"]);
    drag(&mut window, to, from);
    assert_eq!(rules(&window), ["#1 three", "#2 two", "#3 one"]);
    window.click("#2 two");
    window.click(&format!("{} #2", lang.rule_double()));
    window.click("#1 three");
    window.click(&format!("{} #1", lang.rule_delete()));
    assert_eq!(rules(&window), ["#1 two", "#2 two", "#3 one"]);
    window.click(lang.rule_undo());
    assert_eq!(rules(&window)[0], "#1 three");
    window.click("#4 one");
    assert_eq!(window.value(lang.rule_name()), "one");
    window.click("#4 one");
    // Below all, it is the last one; on the fields of the unfolded one it takes the place of that.
    let (from, last) = (window.control("#1 three", 0).rect(), window.control("#4 one", 0).rect());
    drag(&mut window, from.center(), pos2(last.center().x, last.bottom() + 60.0));
    assert_eq!(rules(&window), ["#1 two", "#2 two", "#3 one", "#4 three"]);
    window.click("#3 one");
    let rect = |window: &Window, name| window.controls(name)[0].rect();
    let (from, fields) = (rect(&window, "#2 two"), rect(&window, lang.rule_name()));
    drag(&mut window, from.center(), fields.left_center() - egui::vec2(20.0, 0.0));
    assert_eq!(rules(&window), ["#1 two", "#2 one", "#3 two", "#4 three"]);
}

#[test]
fn the_fields_of_a_rule_are_in_sight_and_stay_where_they_are() {
    for &lang in Lang::ALL {
        for size in [egui::vec2(1000.0, 700.0), BESIDE] {
            let home = Home::new();
            let (mut window, _client) = server_with_client(&home, lang);
            window.harness.set_size(size);
            window.key(CTRL, Key::J);
            window.click(lang.rule_new());
            window.harness.event(egui::Event::Text("ping".into()));
            window.settle();
            let fields = [lang.rule_name(), lang.rule_pattern(), lang.rule_then(), lang.rule_content()];
            let places = |window: &Window| fields.map(|field| window.controls(field)[0].rect());
            let before = places(&window);
            assert!(before[1].width() >= before[0].width() - 1.0, "{before:?}");
            let end = if size == BESIDE { size.y } else { window.controls(lang.send_box())[0].rect().top() };
            assert!(before.iter().all(|place| place.bottom() < end), "{before:?}");
            for kind in [MatchKind::Regex, MatchKind::Anything, MatchKind::Contains] {
                window.choose(lang.rule_when(), match_kind(lang, kind));
                assert_eq!(places(&window), before, "{kind:?}");
            }
            // A reply of nothing is none, and says so beside the field.
            assert!(window.shows("✕"));
            assert!(window.shows(&lang.rules_on("0", "1")), "{:?}", window.texts());
            window.set_text(lang.rule_content(), "pong");
            window.settle();
            assert!(window.shows(&lang.rules_on("1", "1")), "{:?}", window.texts());
        }
    }
}

#[test]
fn what_does_nothing_in_a_session_is_told_and_not_offered() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.harness.set_size(BESIDE);
    window.choose_protocol(Protocol::TcpRelay);
    window.key(CTRL, Key::J);
    window.click(lang.rule_new());
    window.choose(lang.rule_when(), match_kind(lang, MatchKind::Anything));
    window.choose(lang.rule_then(), then_kind(lang, ThenKind::Drop));
    assert!(window.shows(&lang.rules_on("1", "1")));
    window.choose_protocol(Protocol::TcpServer);
    assert!(window.shows(&lang.rules_on("0", "1")), "{:?}", window.texts());
    assert!(window.shows("Not used by a tcp-server session"), "{:?}", window.texts());
    window.choose(lang.rule_then(), then_kind(lang, ThenKind::Close));
    assert!(window.shows(&lang.rules_on("1", "1")));
    window.click(lang.rule_then());
    let offered = |window: &Window, then| !window.controls(then_kind(lang, then)).is_empty();
    assert!(offered(&window, ThenKind::Highlight));
    assert!(!offered(&window, ThenKind::Drop) && !offered(&window, ThenKind::Hold));
}

#[test]
fn a_checksum_is_chosen_from_the_list_of_all() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.harness.set_size(BESIDE);
    window.key(CTRL, Key::J);
    window.click(lang.rule_new());
    window.click(lang.rule_more());
    window.set_text(lang.rule_checksum(), "LRC:from=1");
    window.click(lang.rule_checksums());
    window.harness.event(egui::Event::Text("crc16 modbus".into()));
    window.settle();
    window.key(Modifiers::NONE, Key::Enter);
    assert_eq!(window.value(lang.rule_checksum()), "CRC-16/MODBUS:from=1");
    assert!(window.controls(lang.checksum_search()).is_empty(), "it closes");
    window.set_text(lang.rule_checksum(), "CRC");
    assert!(window.shows("Expected a checksum, e.g. CRC-16/MODBUS"), "{:?}", window.texts());
}

#[test]
fn the_selected_message_is_tried_and_faults_are_typed() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    window.harness.set_size(BESIDE);
    window.key(CTRL, Key::J);
    window.click(lang.rule_echo());
    client.write_all(b"\x01\x02").unwrap();
    assert_eq!(read(&client, 2), b"\x01\x02");
    window.wait_until("both", |window| window.tab().log.len() == 4);
    window.click(lang.faults());
    window.set_text(lang.fault_cut(), "x");
    assert!(window.shows("Expected a whole number from 0 to 4294967295"));
    window.set_text(lang.fault_cut(), "1");
    window.set_text(lang.fault_pause(), "10ms");
    window.click(lang.faults());
    window.click(lang.rule_test());
    window.click(lang.rule_test_selected());
    window.wait_until("the last one", |window| window.value(lang.rule_test_box()) == "01 02");
    window.set_text(lang.rule_test_box(), "");
    let row = window.row("␁␂").rect().center();
    window.click_at(row);
    window.click(lang.rule_test_selected());
    assert_eq!(window.value(lang.rule_test_box()), "01 02");
    assert!(window.shows("+10 ms"), "it would go in two: {:?}", window.texts());
    window.click(&choice_name(lang.rule_test_box(), lang.send_text()));
    assert!(window.shows(" B: 30"), "as text it is longer: {:?}", window.texts());
}

fn drag(window: &mut Window, from: egui::Pos2, to: egui::Pos2) {
    let button = |pos, pressed| {
        let (button, modifiers) = (egui::PointerButton::Primary, Modifiers::NONE);
        egui::Event::PointerButton { pos, button, pressed, modifiers }
    };
    for event in [
        egui::Event::PointerMoved(from),
        button(from, true),
        egui::Event::PointerMoved(from + egui::vec2(0.0, 10.0)),
        egui::Event::PointerMoved(to),
        egui::Event::PointerMoved(pos2(to.x, to.y + 1.0)),
        button(to, false),
    ] {
        window.harness.event(event);
        window.step();
    }
    window.settle();
}

#[test]
fn examples_are_taken_from_the_panel_of_rules() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.set_text(lang.send_box(), "in use");
        window.key(CTRL, Key::J);
        let example = messages::example(lang, &EXAMPLES[0]);
        window.choose(lang.examples(), &example);
        assert_eq!(window.state().tabs.len(), 2);
        assert!(!window.tab().rules.list.rows().is_empty());
    }
}

#[test]
fn the_name_of_a_rule_gives_way_to_the_data() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.harness.set_size(egui::vec2(1366.0, 768.0));
    let name = "查询仓库温度并回复";
    let ctx = window.harness.ctx.clone();
    let reply = RuleForm { name: name.to_owned(), content: "abcdefghij".into(), ..RuleForm::default() };
    window.harness.state_mut().act(Action::Rules(RulesAction::Switch(Box::new(reply), true)), &ctx);
    let mut client = call(window.open(Protocol::TcpServer));
    window.wait_peers(1);
    client.write_all(b"0123456789").unwrap();
    let is_shown = |window: &Window| window.rows().iter().any(|row| row.contains(name));
    window.wait_until("the reply", is_shown);
    window.harness.set_size(egui::vec2(770.0, 540.0));
    window.settle();
    assert!(
        window.rows().iter().any(|row| row.contains("abcdefghij") && row.contains(name)),
        "{:?}",
        window.rows()
    );
}

#[test]
fn each_placeholder_of_the_menu_is_explained() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let (mut window, _client) = server_with_client(&home, lang);
        window.harness.set_size(BESIDE);
        window.key(CTRL, Key::J);
        window.click(lang.rule_new());
        if !window.is_enabled(lang.rule_insert()) {
            window.click(lang.rule_placeholders());
        }
        window.click(lang.rule_insert());
        for (code, words) in [("{0}", lang.placeholder_message()), ("{n}", lang.placeholder_n())] {
            assert!(!window.controls(code).is_empty());
            let shown = window.harness.output().shapes.iter().any(|clipped| match &clipped.shape {
                egui::Shape::Text(text) => text.galley.text() == format!("{code}{words}"),
                _ => false,
            });
            assert!(shown, "{code} {words}");
        }
        window.click("{0}");
        assert!(window.value(lang.rule_content()).ends_with("{0}"));
    }
}

#[test]
fn a_rule_for_silence_is_typed_letter_by_letter() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let (mut window, _client) = server_with_client(&home, lang);
        window.harness.set_size(BESIDE);
        window.key(CTRL, Key::J);
        window.click(lang.rule_new());
        // A new rule waits for its pattern.
        window.harness.event(egui::Event::Text("ping".into()));
        window.settle();
        assert_eq!(window.value(lang.rule_pattern()), "ping");
        window.click(lang.rule_more());
        window.settle();
        let before = window.control(lang.rule_silence(), 0).rect();
        window.control(lang.rule_silence(), 0).focus();
        window.settle();
        for letter in ["6", "0", "s"] {
            window.harness.event(egui::Event::Text(letter.into()));
            window.settle();
        }
        assert_eq!(window.value(lang.rule_silence()), "60s");
        assert_eq!(window.control(lang.rule_silence(), 0).rect(), before, "nothing has moved");
        assert!(!window.is_enabled(lang.rule_pattern()), "it is for messages");
        window.exit();
    }
}
