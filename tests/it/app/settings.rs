//! What persists, and the choices that work at once.

use std::io::Write as _;

use egui::{Key, Modifiers, Theme};
use netassist::codec::Charset;
use netassist::codec::matcher::MatchKind;
use netassist::model::{Body, Protocol};
use netassist::state::{Action, FramingKind, Phase};
use netassist::ui::lang::Lang;
use netassist::ui::messages::rules::match_kind;
use netassist::ui::widgets::choice_name;

use super::home::{Home, call, read};
use super::window::{CTRL, Window};

#[test]
fn everything_typed_survives_a_restart() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(Protocol::TcpServer);
        window.set_text(lang.local_port(), "65537");
        window.set_text(lang.send_box(), r"half a \x");
        window.click(lang.log_mode());
        window.choose(lang.charset(), Charset::Gbk.label());
        window.click(lang.new_tab());
        window.choose_protocol(Protocol::TcpClient);
        window.set_text(lang.remote_host(), "host.example");
        window.exit();

        let mut window = home.window(lang);
        assert_eq!(window.state().tabs.len(), 2);
        assert_eq!(window.tab().phase, Phase::Idle, "nothing opens by itself");
        assert_eq!(window.value(lang.remote_host()), "host.example", "the same tab is in front");
        window.key(super::window::CTRL, Key::Tab);
        assert_eq!(window.value(lang.local_port()), "65537");
        assert_eq!(window.value(lang.send_box()), r"half a \x");
        assert_eq!(window.value(lang.charset()), Charset::Gbk.label());
        assert_eq!(window.tab().session.view.mode, netassist::workspace::ViewMode::Stream);
    }
}

#[test]
fn a_rule_hears_lines_again_after_a_restart() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.choose_protocol(Protocol::TcpServer);
    window.set_text(lang.local_port(), "0");
    window.frame(FramingKind::Line, |_| {});
    window.key(super::window::CTRL, Key::J);
    window.click(lang.rule_new());
    window.choose(lang.rule_when(), match_kind(lang, MatchKind::Starts));
    window.set_text(lang.rule_pattern(), "ping");
    window.set_text(lang.rule_content(), r"pong\n");
    window.exit();
    let mut window = home.window(lang);
    let mut client = call(window.open(Protocol::TcpServer));
    window.wait_peers(1);
    client.write_all(b"pi").unwrap();
    window.wait_until("the first half", |window| window.tab().counters.received == 2);
    client.write_all(b"ng\n").unwrap();
    assert_eq!(read(&client, 5), b"pong\n");
}

#[test]
fn an_idle_tab_offers_its_last_capture_as_it_was_shown() {
    for (&lang, closes) in Lang::ALL.iter().zip([true, false, false]) {
        let home = Home::new();
        let mut window = home.window(lang);
        let mut client = call(window.open(Protocol::TcpServer));
        window.wait_peers(1);
        window.click(&choice_name(lang.receive_options(), lang.body_hex()));
        window.choose(lang.charset(), Charset::Gbk.label());
        client.write_all(b"\xB7\xA2").unwrap();
        window.wait_for_text("B7 A2");
        if closes {
            window.click(lang.close());
            window.wait_until("its end", |window| window.tab().phase == Phase::Idle);
        }
        window.exit();
        let mut window = home.window(lang);
        window.settle();
        let is_offer = |text: &String| text.starts_with(lang.day_today("").trim_end());
        let offered =
            window.texts().into_iter().find(is_offer).unwrap_or_else(|| panic!("{:?}", window.texts()));
        let check = |window: &mut Window| {
            window.wait_for_text("B7 A2");
            window.wait_until("all", |window| window.tab().phase == Phase::Viewing { loading: None });
            let (session, n) = (&window.tab().session, window.tab().log.len());
            assert_eq!((session.view.body, session.charset), (Body::Hex, Charset::Gbk));
            assert!(offered.contains(&lang.last_capture("", n)), "{offered}: {n}, closed: {closes}");
        };
        window.click(&offered);
        check(&mut window);
        // From the list as well, also when the tab that has recorded it is closed.
        window.key(CTRL, Key::W);
        window.key(CTRL, Key::W);
        window.key(CTRL, Key::O);
        window.wait_until("the list", |window| !window.state().recent.is_empty());
        let path = window.state().recent[0].path.clone();
        let ctx = window.harness.ctx.clone();
        window.harness.state_mut().act(Action::OpenCapture(path), &ctx);
        check(&mut window);
    }
}

#[test]
fn a_broken_settings_file_is_set_aside_and_told() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let rubbish = "theme = \"plaid\"";
        std::fs::write(home.path("settings.toml"), rubbish).unwrap();
        let mut window = home.window(lang);
        window.settle();
        let aside = home.path("settings.broken-1.toml");
        assert!(window.shows(aside.to_str().unwrap()), "{:?}", window.texts());
        assert_eq!(std::fs::read_to_string(aside).unwrap(), rubbish);
        window.key(Modifiers::NONE, Key::Escape);
        assert_eq!(window.state().notices, []);
    }
}

#[test]
fn the_language_changes_at_once() {
    let home = Home::new();
    let mut window = home.window(Lang::En);
    window.click(Lang::En.menu());
    window.click(&choice_name(Lang::En.language(), "简体中文"));
    window.key(Modifiers::NONE, Key::Escape);
    window.lang = Lang::ZhCn;
    assert_eq!(window.state().settings.language, "zh_cn");
    assert_eq!(window.controls(Lang::ZhCn.open()).len(), 1);
    assert!(window.shows(Lang::ZhCn.log_empty()) || window.controls(Lang::En.open()).is_empty());
    window.exit();
    let window = home.window(Lang::En);
    assert_eq!(window.controls(Lang::ZhCn.open()).len(), 1, "it stays chosen");
}

#[test]
fn the_theme_changes_at_once() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    for (word, theme) in [(lang.theme_dark(), Theme::Dark), (lang.theme_light(), Theme::Light)] {
        window.click(lang.menu());
        window.click(&choice_name(lang.theme(), word));
        window.key(Modifiers::NONE, Key::Escape);
        assert_eq!(window.harness.ctx.theme(), theme);
    }
}

#[test]
fn without_a_place_for_captures_nothing_opens_and_the_reason_is_told() {
    let lang = Lang::En;
    let home = Home::new();
    std::fs::write(home.path("captures"), "a file where a folder should be").unwrap();
    let mut window = home.window(lang);
    window.settle();
    assert!(window.shows("Cannot open the folder of captures: "));
    window.click(lang.dismiss());
    window.click(lang.open());
    window.wait_until("the failure", |window| window.tab().notice.is_some());
    assert_eq!(window.tab().phase, Phase::Idle);
}
