//! Workspace files in the window.

use std::io::Write as _;

use egui::{Key, Modifiers};
use netassist::model::{Fault, Protocol};
use netassist::state::{FramingKind, Side};
use netassist::ui::lang::Lang;
use netassist::ui::messages;
use netassist::workspace::{EXAMPLES, RulesOf, WorkspaceFile};

use super::home::{Home, call, pick, read, server_with_client};
use super::window::{CTRL, Window};

#[test]
fn a_workspace_on_the_command_line_opens_its_sessions() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let file = home.path("lab.toml");
        let text = "[[session]]\nname = '设备'\nprotocol = 'tcp-server'\nlocal = '127.0.0.1:0'\nstart = true\n\
                    charset = 'gbk'\n[[session.quick]]\nname = 'hi'\ncontent = '好'\nkey = 'F1'\n\
                    [[session]]\nname = 'idle'\nprotocol = 'tcp-client'\nremote = '127.0.0.1:9'\n";
        std::fs::write(&file, text).unwrap();
        home.files = vec![file];
        let mut window = home.window(lang);
        window.wait_until("the tabs", |window| window.state().tabs.len() == 2);
        window.click(lang.trust_start());
        let client = call(window.wait_open());
        window.wait_peers(1);
        window.key(egui::Modifiers::NONE, Key::F1);
        assert_eq!(read(&client, 2), b"\xBA\xC3");
        window.click("idle");
        assert_eq!(window.tab().session.protocol, Protocol::TcpClient);
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
    window.wait_for_text("line 3, column 1: framing: unknown framing");
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
    window.wait_until("the tab", |window| window.tab().session.protocol == Protocol::TcpServer);
    assert_eq!(window.tab().rules.list.forms()[0].folder, shared.to_str().unwrap());
}

#[test]
fn every_ready_example_comes_into_a_tab_to_be_read_and_opened() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        for (n, example) in EXAMPLES.into_iter().enumerate() {
            window.click(lang.menu());
            window.choose_open(lang.examples());
            window.choose_open(&messages::example(lang, &example));
            assert_eq!(window.state().tabs.len(), n + 1, "the first takes the place of an untouched tab");
            assert!(window.tab().session.protocol.accepts());
            assert!(!window.tab().is_open());
            assert!(!window.tab().rules.list.rows().is_empty());
            assert_eq!(window.state().layout.side, Some(Side::Rules));
        }
        window.set_text(lang.local_port(), "0");
        window.click(lang.open());
        // It would write files: the user is asked.
        window.wait_for_text(lang.trust_title());
        window.click(lang.trust_start());
        window.wait_open();
    }
}

/// Opens the dialog that saves the tab, from the menu.
fn save_workspace(window: &mut Window) {
    window.click(window.lang.menu());
    window.click(window.lang.save_workspace());
}

#[track_caller]
fn wait_saved(window: &mut Window) {
    window.wait_until("that it is saved", |window| !window.tab().workspace.open);
    window.wait_for_text(pick(window.lang, "Saved ", "已保存 "));
}

#[test]
fn a_session_is_saved_from_the_menu_and_opens_again_as_it_was() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let (mut window, mut client) = server_with_client(&home, lang);
        window.frame(FramingKind::Line, |_window| {});
        window.key(CTRL, Key::K);
        window.set_text(lang.send_box(), "kept");
        window.click(lang.quick_add());
        save_workspace(&mut window);
        // The path is suggested by the address; what is typed counts.
        let suggested = window.value(lang.save_name());
        assert!(suggested.ends_with("tcp-server-127.0.0.1-0.netassist.toml"), "{suggested}");
        let path = home.path("lab");
        window.set_text(lang.save_name(), path.to_str().unwrap());
        window.key(Modifiers::NONE, Key::Enter);
        wait_saved(&mut window);
        client.write_all(b"goes on").unwrap();
        window.wait_for_text("goes on");
        let form = window.tab().session.clone();
        window.exit();

        let file = home.path("lab.toml");
        let workspace = WorkspaceFile::read(&file).unwrap();
        assert_eq!(workspace.opening(0).unwrap().link.to_string(), "tcp-server 127.0.0.1:0");
        assert!(workspace.rules(RulesOf::Session(0)).unwrap().is_empty());
        home.files = vec![file];
        let mut window = home.window(lang);
        window.wait_until("its tab", |window| window.state().tabs.len() == 2);
        window.wait_until("it in front", |window| window.tab().quick.list.forms().len() == 1);
        assert_eq!((&window.tab().session.local, window.tab().is_open()), (&form.local, false));
        assert_eq!(window.tab().quick.list.forms()[0].content, "kept");
        assert_eq!(window.value(lang.send_box()), "kept");
        window.click(lang.open());
        let client = call(window.wait_open());
        window.wait_peers(1);
        window.click(&format!("{} kept", lang.send()));
        assert_eq!(read(&client, 4), b"kept");
    }
}

#[test]
fn a_workspace_that_is_there_is_replaced_only_after_a_second_click() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let path = home.path("there.toml");
        std::fs::write(&path, "precious").unwrap();
        home.answers.save = Some(path.clone());
        let mut window = home.window(lang);
        save_workspace(&mut window);
        window.click(lang.browse());
        window.wait_until("the path", |window| window.tab().workspace.place.path().as_ref() == Some(&path));
        window.click(lang.save());
        window.wait_until("the question", |window| !window.controls(lang.overwrite()).is_empty());
        assert!(window.shows(path.to_str().unwrap()));
        window.key(Modifiers::NONE, Key::Escape);
        assert!(!window.tab().workspace.open);
        assert_eq!(std::fs::read(&path).unwrap(), b"precious");
        save_workspace(&mut window);
        assert!(window.controls(lang.overwrite()).is_empty(), "it is asked anew");
        window.click(lang.save());
        window.wait_until("the question", |window| !window.controls(lang.overwrite()).is_empty());
        window.click(lang.overwrite());
        wait_saved(&mut window);
        assert!(WorkspaceFile::read(&path).is_ok());
    }
}

#[test]
fn a_session_that_could_not_be_opened_is_not_saved() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.set_text(lang.local_port(), "x");
        save_workspace(&mut window);
        assert!(!window.tab().workspace.open);
        let fault = messages::fault(lang, &Fault::Number(0, 65_535));
        assert!(window.shows(&lang.unwritable_field("local.port", fault)));
        window.set_text(lang.local_port(), "0");
        save_workspace(&mut window);
        window.set_text(lang.save_name(), home.path("no/such/x.toml").to_str().unwrap());
        window.click(lang.save());
        window.wait_for_text(lang.save_failed("").trim());
        assert!(window.tab().workspace.open, "so that another place can be tried");
    }
}
