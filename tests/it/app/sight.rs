//! What must be read whole, and what stays in sight when something else needs room.

use std::net::UdpSocket;

use egui::{Key, Modifiers, Rect, Shape};
use egui_kittest::Node;
use egui_kittest::kittest::Queryable as _;
use netassist::model::{Expected, Fault, Protocol};
use netassist::state::{Action, Side};
use netassist::ui::lang::Lang;
use netassist::ui::theme::SIDE_WIDTH;
use netassist::ui::widgets::choice_name;
use netassist::ui::{messages, tabs};
use netassist::workspace::{EXAMPLES, ViewMode};

use super::home::{Home, call};
use super::talk::{self, received};
use super::window::{CTRL, SIZE, Window};

/// The texts that are drawn, where, and whether they are whole.
fn drawn(window: &Window) -> Vec<(String, Rect, bool)> {
    let shapes = window.harness.output().shapes.iter();
    let text = shapes.filter_map(|clipped| match &clipped.shape {
        Shape::Text(text) => Some((text, clipped.clip_rect)),
        _ => None,
    });
    text.map(|(text, clip)| {
        let rect = text.visual_bounding_rect();
        let is_whole = !text.galley.elided && clip.expand(0.5).contains_rect(rect);
        (text.galley.job.text.clone(), rect, is_whole)
    })
    .collect()
}

#[test]
fn what_is_wrong_with_an_address_is_read_whole_and_moves_no_field() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        let fields = |window: &Window| {
            [lang.local_host(), lang.local_port(), lang.remote_port(), lang.open()]
                .map(|name| window.controls(name)[0].rect())
        };
        let before = fields(&window);
        for (field, expected) in
            [(lang.local_host(), Expected::LocalHost), (lang.remote_host(), Expected::Host)]
        {
            let was = window.value(field);
            window.set_text(field, "? ?");
            let why = messages::fault(lang, &Fault::from(expected));
            let all = drawn(&window);
            let in_form = |rect: &Rect| rect.right() < SIDE_WIDTH && rect.bottom() < SIZE[1] - 28.0;
            let says = |text: &str| text.starts_with('✕') && text.contains(&*why);
            assert!(all.iter().any(|(text, rect, _)| says(text) && in_form(rect)), "{lang:?}: {all:?}");
            // In the status bar it has room.
            let whole = all.iter().filter(|(text, _, is_whole)| text.contains(&*why) && *is_whole);
            assert!(whole.count() > 0, "{lang:?}: {all:?}");
            // The frame of a wrong field is half a point thicker.
            let same = |(a, b): (&Rect, &Rect)| a.min.distance(b.min) < 0.6 && a.max.distance(b.max) < 0.6;
            let now = fields(&window);
            assert!(now.iter().zip(&before).all(same), "{lang:?}: {before:?} {now:?}");
            window.set_text(field, &was);
        }
        // Of an option: while one types, beside its field.
        window.click(lang.more_options());
        let (label, _) = lang.option("buffer").or(lang.option("send-buffer")).unwrap();
        window.set_text(label, "?");
        assert!(
            drawn(&window).iter().any(|(text, _, is_whole)| text.starts_with('✕') && *is_whole),
            "{lang:?}"
        );
    }
}

#[test]
fn tabs_of_one_kind_are_told_apart_in_the_smallest_window() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        let ctx = window.harness.ctx.clone();
        for port in 19_000..19_006 {
            if port > 19_000 {
                window.harness.state_mut().act(Action::NewTab, &ctx);
                window.settle();
            }
            window.set_text(lang.local_port(), &port.to_string());
        }
        assert_eq!(window.state().tabs.len(), 6);
        let ports: Vec<String> =
            window.state().tabs.iter().map(|tab| format!(":{}", tab.session.local.port)).collect();
        let all = drawn(&window);
        let in_strip = all.iter().filter(|(_, rect, is_whole)| rect.bottom() < 40.0 && *is_whole);
        let texts: Vec<&String> = in_strip.map(|(text, ..)| text).collect();
        for port in &ports {
            assert!(
                texts.iter().any(|text| text.ends_with(port.as_str())),
                "{lang:?}: no {port} in {texts:?}"
            );
        }
        // None stands over another.
        let titles: Vec<String> = window.state().tabs.iter().map(tabs::title).collect();
        let closes = titles.iter().map(|title| format!("{} {title}", lang.close_tab()));
        let names: Vec<String> = titles.iter().cloned().chain(closes).collect();
        let nodes = names.iter().flat_map(|name| window.controls(name));
        let mut strip: Vec<Rect> = nodes.map(|node| node.rect()).collect();
        assert_eq!(strip.len(), 7, "{lang:?} {names:?}");
        strip.sort_by(|a, b| a.left().total_cmp(&b.left()));
        strip.dedup();
        assert!(strip.windows(2).all(|two| two[0].right() <= two[1].left() + 0.5), "{lang:?} {strip:?}");
    }
}

#[test]
fn what_is_selected_stays_in_sight_when_the_dock_opens_below() {
    for mode in [ViewMode::Log, ViewMode::Table] {
        let mut home = Home::new();
        let texts: Vec<String> = (0..60).map(|n| format!("record {n}")).collect();
        let said: Vec<_> = texts.iter().map(|text| received(text.as_bytes())).collect();
        let mut window = talk::window(&mut home, Lang::En, &said);
        window.show(mode);
        let place = match mode {
            ViewMode::Table => window.table_rows().last().unwrap().rect(),
            _ => window.row("record 59").rect(),
        };
        window.click_at(place.center());
        window.key(CTRL, Key::I);
        assert_eq!(window.state().layout.side, Some(Side::Inspect));
        let root = window.harness.root();
        let log = root.query_all_by_role(egui::Role::Log).chain(root.query_all_by_role(egui::Role::Table));
        let log = log.map(|node| node.rect()).next().unwrap();
        assert!(log.bottom() < place.bottom(), "the dock is below: {log:?} {place:?}");
        let said = |node: &Node<'_>| super::window::said(node).contains("record 59");
        let rows =
            [egui::Role::ListItem, egui::Role::Row].into_iter().flat_map(|role| root.query_all_by_role(role));
        let row = rows.filter(said).map(|node| node.rect()).next();
        assert!(row.is_some_and(|row| log.expand(0.5).contains_rect(row)), "{mode:?}: {row:?} in {log:?}");
    }
}

#[test]
fn a_second_peer_moves_no_row() {
    for protocol in [Protocol::TcpServer, Protocol::Udp] {
        let home = Home::new();
        let mut window = home.window(Lang::En);
        let address = window.open(protocol);
        let mut peers: Vec<Box<dyn std::io::Write>> = Vec::new();
        let mut places = Vec::new();
        for (n, word) in ["first", "second"].into_iter().enumerate() {
            if protocol == Protocol::Udp {
                let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                socket.send_to(word.as_bytes(), address).unwrap();
            } else {
                peers.push(Box::new(call(address)));
                peers[n].write_all(word.as_bytes()).unwrap();
            }
            window.wait_for_text(word);
            window.wait_peers(n + 1);
            let at =
                drawn(&window).into_iter().find(|(text, ..)| text == "first").map(|(_, rect, _)| rect.left());
            places.push(at.unwrap());
        }
        assert!((places[0] - places[1]).abs() < 0.5, "{protocol:?}: {places:?}");
    }
}

#[test]
fn every_example_is_on_the_page_of_a_new_tab() {
    for &lang in Lang::ALL {
        for recent in [false, true] {
            let home = Home::new();
            if recent {
                std::fs::create_dir(home.path("captures")).unwrap();
                talk::write(&home.path("captures").join("earlier.pcapng"), &[received(b"x")]);
            }
            let mut window = home.window(lang);
            window.wait_until("captures", |window| !recent || !window.state().recent.is_empty());
            window.settle();
            for example in EXAMPLES {
                let name = messages::example(lang, &example);
                window.controls(&name)[0].scroll_to_me();
                window.settle();
                let (rect, log) = (window.controls(&name)[0].rect(), window.log_rect());
                assert!(log.contains_rect(rect), "{lang:?} {recent}: {name} at {rect:?} in {log:?}");
            }
        }
    }
}

#[test]
fn the_page_of_a_new_tab_begins_with_its_heading_wherever_one_types() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.open(Protocol::Udp);
        window.key(CTRL, Key::T);
        window.settle();
        // The send box is where the page would go on below.
        window.key(CTRL, Key::E);
        window.settle();
        let heading = drawn(&window).into_iter().find(|(text, ..)| text == lang.welcome());
        assert!(heading.is_some_and(|(_, _, is_whole)| is_whole), "{lang:?}");
    }
}

#[test]
fn an_event_is_shown_in_the_inspector_and_copied() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        let address = window.open(Protocol::TcpServer);
        let row = window.row(&address.to_string()).rect();
        window.click_at(row.center());
        window.key(CTRL, Key::I);
        let code = format!("{} listening", lang.event_code());
        for fact in [&code, &format!("{} {}", lang.event_level(), lang.level_news())] {
            assert_eq!(window.controls(fact).len(), 1, "{lang:?}: {fact} in {:?}", window.texts());
        }
        window.control(&code, 0).click();
        window.step();
        assert_eq!(window.wait_copied(), "listening");
        window.key(Modifiers::NONE, Key::Escape);
    }
}

/// As in a factory: the mode, the menu of what is appended, its checksum, and the cycle.
#[test]
fn a_command_in_hex_with_its_checksum_cycles_after_four_clicks() {
    let lang = Lang::ZhCn;
    let home = Home::new();
    let mut window = home.window(lang);
    window.open(Protocol::Udp);
    let hex = window.controls(&choice_name(lang.send_options(), lang.send_hex()))[0].rect().center();
    window.click_at(hex);
    window.harness.event(egui::Event::Text("01 03 00 00 00 02".to_owned()));
    window.settle();
    window.click(lang.append_menu());
    window.click(lang.append_check());
    window.click(lang.start_cycle());
    window.wait_until("the first one", |window| window.tab().counters.sent >= 8);
    assert!(window.rows().iter().any(|row| row.contains("8 B")), "{:?}", window.rows());
}

#[test]
fn punctuation_is_as_wide_as_the_language_writes_it() {
    for &lang in Lang::ALL {
        let ctx = egui::Context::default();
        netassist::ui::fonts::install(&ctx, lang);
        ctx.run_ui(egui::RawInput::default(), |_ui| {}).drop_without_applying_deltas();
        let font = egui::FontId::proportional(14.0);
        for sign in ['‘', '’', '“', '”', '…'] {
            let width = ctx.fonts_mut(|fonts| fonts.glyph_width(&font, sign));
            assert_eq!(width > 13.0, lang != Lang::En, "{sign} in {lang:?}: {width}");
        }
    }
}

#[test]
fn enter_in_any_address_opens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let lang = Lang::En;
    for (protocol, field, text) in [
        (Protocol::TcpServer, lang.local_host(), "127.0.0.1"),
        (Protocol::TcpServer, lang.local_port(), "0"),
        (Protocol::TcpClient, lang.remote_host(), "127.0.0.1"),
        (Protocol::TcpClient, lang.remote_port(), &port),
    ] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(protocol);
        let other = if protocol == Protocol::TcpServer {
            (lang.local_port(), "0")
        } else {
            (lang.remote_port(), &*port)
        };
        window.set_text(other.0, other.1);
        window.set_text(field, text);
        window.key(Modifiers::NONE, Key::Enter);
        window.wait_open();
    }
}
