//! Workspace files in the window.

use egui::Key;
use netassist::model::Protocol;
use netassist::state::Side;
use netassist::ui::lang::Lang;
use netassist::workspace::EXAMPLES;

use super::home::{Home, call, read};
use super::window::CTRL;

#[test]
fn a_workspace_on_the_command_line_opens_its_sessions() {
    for lang in [Lang::En, Lang::Zh] {
        let mut home = Home::new();
        let file = home.path("lab.toml");
        let text = "[[session]]\nname = '设备'\nprotocol = 'tcp-server'\nlocal = '127.0.0.1:0'\nstart = true\n\
                    charset = 'gbk'\n[[session.quick]]\nname = 'hi'\ncontent = '好'\nkey = 'F1'\n\
                    [[session]]\nname = 'idle'\nprotocol = 'tcp-client'\nremote = '127.0.0.1:9'\n";
        std::fs::write(&file, text).unwrap();
        home.files = vec![file];
        let mut window = home.window(lang);
        window.wait_until("the tabs", |window| window.state().tabs.len() == 3);
        let client = call(window.wait_open());
        window.wait_peers(1);
        window.key(egui::Modifiers::NONE, Key::F1);
        assert_eq!(read(&client, 2), b"\xBA\xC3");
        window.click("idle");
        assert_eq!(window.tab().form.protocol, Protocol::TcpClient);
        assert!(!window.tab().is_open());
    }
}

#[test]
fn what_is_wrong_in_a_workspace_is_told_with_its_line() {
    let home = Home::new();
    let file = home.path("lab.toml");
    std::fs::write(&file, "[[session]]\nlocal = '127.0.0.1:0'\nframing = 'lines'\n").unwrap();
    let mut window = home.window(Lang::En);
    window.key(CTRL, Key::O);
    window.set_text(window.lang.open_file(), file.to_str().unwrap());
    window.click(window.lang.open_file_button());
    window.wait_for_text("line 3: framing: there is no such framing");
    assert_eq!(window.state().tabs.len(), 1);
}

#[test]
fn a_folder_of_a_rule_counts_from_the_file_that_it_stands_in() {
    let mut home = Home::new();
    let file = home.path("lab.toml");
    let text = "[[session]]\nlocal = '127.0.0.1:0'\nprotocol = 'tcp-server'\n[[session.rule]]\n\
                then = 'send-file'\nfolder = 'shared'\nfile = '{0}'\n";
    std::fs::write(&file, text).unwrap();
    home.files = vec![file];
    let shared = home.path("shared");
    let mut window = home.window(Lang::En);
    window.wait_until("the tab", |window| window.state().tabs.len() == 2);
    assert_eq!(window.tab().rules.forms()[0].folder, shared.to_str().unwrap());
}

#[test]
fn every_ready_example_comes_into_a_tab_to_be_read_and_opened() {
    for lang in [Lang::En, Lang::Zh] {
        let home = Home::new();
        let mut window = home.window(lang);
        for (n, example) in EXAMPLES.into_iter().enumerate() {
            window.click(lang.menu());
            window.click(lang.pick(example.about, example.about_zh));
            assert_eq!(window.state().tabs.len(), n + 2);
            assert_eq!(window.tab().form.protocol, Protocol::TcpServer);
            assert!(!window.tab().is_open());
            assert!(!window.tab().rules.rows().is_empty());
            assert_eq!(window.state().settings.side, Some(Side::Rules));
        }
        window.set_text(lang.local_port(), "0");
        window.click(lang.open());
        window.wait_open();
    }
}
