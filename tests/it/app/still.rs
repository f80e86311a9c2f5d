//! What must not move when something else changes, and what every name is made of.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpListener;

use egui::{Key, Modifiers, Rect};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use netassist::model::Protocol;
use netassist::state::{Phase, Side};
use netassist::ui::lang::Lang;
use netassist::ui::side::side_name;
use netassist::ui::widgets::choice_name;

use super::home::{Home, call, server_with_client};
use super::window::{CTRL, Window};

/// Where the things are that keep their places.
fn places(window: &Window) -> BTreeMap<&'static str, Rect> {
    let lang = window.lang;
    let of = |name: &str| window.controls(name).first().map(egui_kittest::Node::rect);
    let open = [lang.open(), lang.close(), lang.cancel_opening(), lang.closing()].into_iter().find_map(of);
    let root = window.harness.root();
    let part = |part: &str| {
        let counter = root.query_all_by_label_contains(part).map(|node| node.rect());
        counter.filter(|rect| rect.top() > 660.0).min_by(|a, b| a.left().total_cmp(&b.left()))
    };
    let cycle = [lang.start_cycle(), lang.stop_cycle()].into_iter().find_map(of);
    let left = |rect: Option<Rect>| rect.map(|rect| Rect::from_min_size(rect.min, egui::Vec2::splat(1.0)));
    let all = [
        ("open", open),
        ("send", of(lang.send())),
        ("cycle", cycle),
        ("send box", of(lang.send_box())),
        ("line break", of(lang.line_break())),
        ("new tab", of(lang.new_tab())),
        ("view", of(&choice_name(lang.view(), lang.view_table()))),
        ("receive", of(&choice_name(lang.receive_options(), lang.body_hex()))),
        ("save", of(lang.save_as())),
        ("clear", of(lang.clear())),
        ("files", of(lang.files())),
        ("rail", of(side_name(lang, Side::Rules).0)),
        ("reset", of(lang.reset())),
        // Their texts grow to the right.
        ("received", left(part(&format!("{}: ", lang.received_count())))),
        ("sent", left(part(&format!("{}: ", lang.sent_count())))),
        ("log", Some(window.log_rect())),
    ];
    all.into_iter().map(|(name, rect)| (name, rect.unwrap_or_else(|| panic!("no {name}")))).collect()
}

/// `but`: what moves by design.
#[track_caller]
fn check(window: &Window, before: &BTreeMap<&'static str, Rect>, but: &[&str], what: &str) {
    let lang = window.lang;
    for (name, rect) in places(window).into_iter().filter(|(name, _)| !but.contains(name)) {
        let moved = rect.min.distance(before[name].min).max(rect.max.distance(before[name].max));
        assert!(moved < 0.6, "{name} moves when {what} in {lang:?}: {:?} {rect:?}", before[name]);
    }
}

#[test]
fn nothing_moves_under_the_pointer() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        for protocol in [Protocol::Udp, Protocol::TcpServer] {
            window.choose_protocol(protocol);
            let closed = places(&window);
            let address = window.open(protocol);
            check(&window, &closed, &[], "it opens");
            if protocol == Protocol::TcpServer {
                let mut client = call(address);
                window.wait_peers(1);
                check(&window, &closed, &[], "a client comes");
                client.write_all(&vec![b'x'; 100_000]).unwrap();
                window.wait_until("all", |window| window.tab().counters.received == 100_000);
                window.settle();
                check(&window, &closed, &[], "counters count");
                window.set_text(lang.send_box(), r"\q");
                check(&window, &closed, &[], "something is wrong in the box");
                window.set_text(lang.send_box(), "x");
                window.set_text(lang.cycle(), "?");
                check(&window, &closed, &[], "something is wrong with the cycle");
                window.set_text(lang.cycle(), "24h");
                window.key(Modifiers::NONE, Key::Enter);
                window.wait_until("the cycle", |window| window.tab().counters.n_sent == 1);
                window.settle();
                // Its row takes room above the composer.
                check(&window, &closed, &["log", "files"], "a cycle runs");
                window.click(lang.stop_cycle());
                check(&window, &closed, &["log", "files"], "the cycle has stopped");
                window.click(&format!("{} #1", lang.put_away()));
                check(&window, &closed, &[], "its tally is put away");
                drop(client);
                window.wait_peers(0);
                check(&window, &closed, &[], "the client leaves");
                window.key(CTRL, Key::Enter);
                // The strip takes room above the log.
                check(&window, &closed, &["log"], "something is told");
                window.click(lang.dismiss());
                check(&window, &closed, &[], "it was read");
            }
            window.click(lang.close());
            window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
            window.settle();
            check(&window, &closed, &[], "it closes");
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        window.choose_protocol(Protocol::TcpClient);
        let right = places(&window);
        window.set_text(lang.remote_host(), "not a host, and not an address either");
        check(&window, &right, &[], "an address is wrong");
        let whole = format!("✕ {}: ", lang.remote_host());
        assert!(window.texts().iter().any(|text| text.starts_with(&whole)), "{:?}", window.texts());
        window.set_text(lang.remote_host(), "127.0.0.1");
        check(&window, &right, &[], "it is right again");
        window.set_text(lang.remote_port(), &listener.local_addr().unwrap().port().to_string());
        let closed = places(&window);
        window.control(lang.open(), 0).click();
        window.step();
        window.wait_until("connecting or more", |window| window.tab().is_locked());
        check(&window, &closed, &[], "it connects");
        window.wait_open();
        window.settle();
        check(&window, &closed, &[], "it is connected");
    }
}

/// Everything that has a name, and names that no screen reader can say.
#[track_caller]
fn check_names(window: &Window, what: &str) {
    let is_private = |text: &String| text.chars().any(|c| ('\u{E000}'..='\u{F8FF}').contains(&c));
    let wrong: Vec<String> = window.texts().into_iter().filter(is_private).collect();
    assert!(wrong.is_empty(), "{what}: {wrong:?}");
    let names = window.harness.root().children_recursive().filter_map(|node| node.accesskit_node().label());
    let glyphs: Vec<String> = names.filter(|name| name.contains(['▼', '▾', '▲', '≡'])).collect();
    assert!(glyphs.is_empty(), "{what}: {glyphs:?}");
}

#[test]
fn icons_are_no_letters_to_a_screen_reader() {
    let lang = Lang::ZhCn;
    let home = Home::new();
    let (mut window, client) = server_with_client(&home, lang);
    window.set_text(lang.send_box(), "x");
    window.set_text(lang.cycle(), "24h");
    window.key(Modifiers::NONE, Key::Enter);
    window.click(lang.files());
    check_names(&window, "an open session");
    for side in Side::ALL.into_iter().filter(|side| *side != Side::Faults) {
        window.click(side_name(lang, side).0);
        if side == Side::Quick {
            window.click(lang.quick_add());
            window.click(&format!("{} x", lang.quick_edit()));
        }
        if side == Side::Rules {
            window.click(lang.rule_new());
        }
        check_names(&window, side_name(lang, side).0);
    }
    for button in [
        lang.menu(),
        lang.append_menu(),
        lang.placeholders_menu(),
        lang.filter(),
        lang.framing(),
        lang.more_ends(),
    ] {
        window.click(button);
        check_names(&window, button);
        window.key(Modifiers::NONE, Key::Escape);
    }
    for key in [Key::S, Key::O, Key::P] {
        window.key(CTRL, key);
        check_names(&window, "a dialog");
        window.key(Modifiers::NONE, Key::Escape);
    }
    window.key(CTRL, Key::B);
    check_names(&window, "the left column folded");
    window.key(CTRL, Key::B);
    drop(client);
    window.wait_peers(0);
    window.key(CTRL, Key::Enter);
    window.click(lang.close());
    window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
    window.settle();
    check_names(&window, "strips");
}

#[test]
fn the_left_column_folds_to_a_rail_and_back_by_its_key() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let (mut window, client) = server_with_client(&home, lang);
        let before = (places(&window), window.log_rect());
        window.key(CTRL, Key::B);
        assert!(window.state().layout.left_folded);
        assert!(
            window.controls(lang.local_port()).is_empty()
                && window.log_rect().width() > before.1.width() + 150.0
        );
        // What is used most is in the rail.
        window.click(lang.save_as());
        assert!(window.tab().save.open);
        window.key(Modifiers::NONE, Key::Escape);
        window.click(lang.close());
        window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
        window.settle();
        window.click(lang.open());
        window.wait_open();
        window.key(CTRL, Key::B);
        check(&window, &before.0, &[], "it was folded");
        drop(client);
    }
}

#[test]
fn the_texture_of_glyphs_is_bounded() {
    let home = Home::new();
    let mut window = home.window(Lang::En);
    let ctx = egui::Context::default();
    netassist::ui::fonts::install(&ctx, Lang::En);
    // What a usual graphics card can.
    let mut input = egui::RawInput { max_texture_side: Some(16_384), ..egui::RawInput::default() };
    eframe::App::raw_input_hook(window.harness.state_mut(), &ctx, &mut input);
    // Its width is that side, and its height at most the same.
    let mut width = 0;
    let mut painted = ctx.run_ui(input, |ui| {
        ui.label("文");
        width = ui.ctx().fonts(|fonts| fonts.font_image_size()[0]);
    });
    painted.textures_delta.clear();
    assert_eq!(width, 4096);
}
