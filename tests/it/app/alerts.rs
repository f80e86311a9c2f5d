//! Commands of the user's, defined in the menu and named by rules.

use std::io::Write as _;

use egui::Key;
use netassist::ui::lang::Lang;
use netassist::ui::messages::rules::then_kind;
use netassist::workspace::ThenKind;

use super::home::{Home, call, pick};
use super::window::CTRL;

#[test]
fn a_command_of_the_settings_runs_for_a_rule() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let text = "[[session]]\nprotocol = 'tcp-server'\nlocal = '127.0.0.1:0'\nstart = true\nframing = 'line'\n\
                    [[session.rule]]\nthen = 'run'\ncommand = 'keep'\n";
        std::fs::write(home.path("lab.toml"), text).unwrap();
        home.files = vec![home.path("lab.toml")];
        let mut window = home.window(lang);
        window.wait_for_text(lang.trust_title());
        window.click(lang.trust_start());
        let mut client = call(window.wait_open());
        window.wait_peers(1);
        window.key(CTRL, Key::J);
        let title = format!("#1 * → {} keep", then_kind(lang, ThenKind::Run));
        window.click(&title);
        let unknown = pick(lang, "No such command in the settings", "设置中没有此命令");
        assert!(window.shows(unknown), "{:?}", window.texts());
        window.click(lang.menu());
        window.click(lang.alert_commands());
        window.click(lang.command_new());
        window.set_text(&format!("{} 1", lang.command_name()), "keep");
        let kept = home.path("kept");
        let line = format!("cd '{}' && sort > new && mv new kept", home.path("").display());
        window.set_text(&format!("{} 1", lang.command_line()), &line);
        window.click(lang.close_list());
        assert!(!window.shows(unknown));
        if cfg!(unix) {
            client.write_all(b"overheated\n").unwrap();
            window.wait_until("the command ran", |_| kept.exists());
            assert_eq!(std::fs::read_to_string(&kept).unwrap(), "overheated\n");
        }
        window.exit();
        let mut window = home.window(lang);
        window.settle();
        assert_eq!(window.state().settings.alert_commands.get("keep"), Some(&line), "it is kept");
    }
}

#[test]
fn a_stranger_who_names_a_command_is_asked_about_each_time() {
    for &lang in Lang::ALL {
        let mut home = Home::new();
        let text = "[[session]]\nname = 'pager'\nprotocol = 'udp'\nlocal = '127.0.0.1:0'\nstart = true\n\
                    [[session.rule]]\nthen = 'run'\ncommand = 'call me'\n[[session.rule]]\nthen = 'notify'\n";
        std::fs::write(home.path("lab.toml"), text).unwrap();
        home.files = vec![home.path("lab.toml")];
        let mut window = home.window(lang);
        window.wait_for_text(lang.trust_title());
        assert!(window.shows("call me"), "{:?}", window.texts());
        if lang == Lang::En {
            for text in
                ["Runs your command ‘call me’", "Shows notifications", "no command ‘call me’ in the settings"]
            {
                assert!(window.shows(text), "{text}: {:?}", window.texts());
            }
        }
        window.click(lang.trust_keep());
        window.click(lang.open());
        window.wait_for_text(lang.trust_title());
        assert!(!window.tab().is_locked(), "it does not open by itself");
        window.click(lang.trust_start());
        window.wait_open();
    }
}
