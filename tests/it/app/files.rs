//! Files that are sent: chosen, dropped, paced, watched, paused and stopped by their controls.

use std::io::Read as _;
use std::path::Path;

use egui::{Event, pos2};
use netassist::model::Protocol;
use netassist::state::{Action, FileFor, Phase};
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;

use super::foreign::Dropped;
use super::home::{Home, pick, read, server_with_client};
use super::window::{CTRL, Window};

impl Window {
    /// Drops a file, after the pointer was seen there, if it was.
    fn drop_file(&mut self, path: &Path, at: Option<egui::Pos2>) {
        match at {
            Some(at) => self.harness.hover_at(at),
            None => self.harness.event(Event::PointerGone),
        }
        self.step();
        let input = self.harness.input_mut();
        input.hovered_files.clear();
        input.dropped_files.push(std::sync::Arc::new(Dropped(path.to_owned())));
        self.settle();
    }

    fn hover_file(&mut self, path: &Path) {
        let file = egui::HoveredFile { path: Some(path.to_owned()), ..Default::default() };
        self.harness.input_mut().hovered_files = vec![file];
        self.step();
    }

    /// The name of the button that opens the menu of files.
    fn file_menu(&self, summary: &str) -> String {
        format!("{}: {summary}", self.lang.file_menu())
    }
}

/// The name of a button of the nth file.
fn numbered(word: &str, n: u32) -> String {
    format!("{word} #{n}")
}

#[test]
fn a_file_goes_line_by_line_is_paused_goes_on_and_is_stopped() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let path = home.path("脚本 script.txt");
        std::fs::write(&path, "one\n\ntwo\r\nthree\n").unwrap();
        let (mut window, client) = server_with_client(&home, lang);
        window.click(lang.files());
        window.set_text(lang.file_path(), path.to_str().unwrap());
        window.click(&window.file_menu(lang.file_raw()));
        window.click(&choice_name(lang.file_menu(), lang.file_lines()));
        window.click(lang.drop_ends());
        window.click(lang.append_to_lines());
        window.click(&choice_name(lang.file_pace(), lang.pace_pause()));
        window.set_text(lang.file_pause(), "1h");
        window.key(egui::Modifiers::NONE, egui::Key::Escape);
        window.switch_append();
        window.settle();
        assert!(!window.controls(&window.file_menu(&format!("{} · 1 h", lang.file_lines()))).is_empty());
        window.click(lang.send_this_file());
        assert_eq!(read(&client, 5), b"one\r\n");
        window.wait_for_text("25 % · 4 B / 16 B");
        window.click(&numbered(lang.pause_file(), 1));
        window.wait_for_text(lang.file_paused());
        // What is sent by hand goes meanwhile.
        window.set_text(lang.send_box(), "x");
        window.click(lang.send());
        assert_eq!(read(&client, 3), b"x\r\n");
        window.click(&numbered(lang.resume_file(), 1));
        assert_eq!(read(&client, 5), b"two\r\n");
        window.click(&numbered(lang.stop_file(), 1));
        window.wait_until("it is stopped", |window| window.tab().files.is_empty());
        window.settle();
        assert!(window.shows(pick(lang, "Stopped", "已停止发送")), "{:?}", window.texts());
    }
}

#[test]
fn several_files_go_at_once_in_rows() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    window.click(lang.files());
    window.click(&window.file_menu(lang.file_raw()));
    window.click(&choice_name(lang.file_pace(), lang.pace_rate()));
    window.set_text(lang.file_rate(), "5");
    for name in ["a.bin", "b.bin"] {
        let path = home.path(name);
        std::fs::write(&path, [b'-'; 20]).unwrap();
        window.set_text(lang.file_path(), path.to_str().unwrap());
        window.click(lang.send_this_file());
    }
    window.wait_until("both rows", |window| window.shows("a.bin →") && window.shows("b.bin →"));
    window.click(&numbered(lang.stop_file(), 1));
    window.click(&numbered(lang.stop_file(), 2));
    window.wait_until("both are stopped", |window| window.tab().files.is_empty());
    window.click(lang.close());
    let mut seen = Vec::new();
    client.read_to_end(&mut seen).unwrap();
    assert!(!seen.is_empty() && seen.len() < 40, "{seen:?}");
}

#[test]
fn what_is_wrong_in_the_menu_is_told_and_nothing_is_sent() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, _client) = server_with_client(&home, lang);
        window.click(lang.files());
        window.set_text(lang.file_path(), "some file");
        assert!(window.is_enabled(lang.send_this_file()));
        window.click(&window.file_menu(lang.file_raw()));
        window.set_text(lang.chunk(), "0");
        window.settle();
        assert!(window.shows("1048576"), "{:?}", window.texts());
        assert!(!window.is_enabled(lang.send_this_file()));
    }
}

#[test]
fn the_file_row_is_kept_for_the_next_run() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    window.click(lang.files());
    window.set_text(lang.file_path(), "/some/file");
    let chunk = match window.tab().session.protocol {
        Protocol::Udp | Protocol::UdpRelay => lang.chunk_udp(),
        Protocol::TcpClient | Protocol::TcpServer | Protocol::TcpRelay => lang.chunk(),
    };
    window.click(&window.file_menu(lang.file_raw()));
    window.set_text(chunk, "77");
    window.exit();
    let window = home.window(lang);
    assert_eq!(window.value(lang.file_path()), "/some/file");
    assert_eq!(window.tab().session.file.chunk, "77");
}

#[test]
fn what_is_dropped_is_opened_or_sent_by_its_kind_and_its_place() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let data = home.path("data.bin");
        std::fs::write(&data, "data").unwrap();
        let (mut window, client) = server_with_client(&home, lang);
        window.hover_file(&data);
        assert!(window.shows(lang.drop_anywhere()));
        let capture = home.path("some.pcapng");
        std::fs::write(&capture, "none").unwrap();
        window.hover_file(&capture);
        assert!(window.shows(lang.drop_opens()) && window.shows(lang.drop_sends()));

        let in_log = window.log_rect().center();
        window.drop_file(&data, Some(in_log));
        assert!(!window.shows(lang.drop_anywhere()));
        assert_eq!(window.value(lang.file_path()), data.to_str().unwrap());
        window.click(lang.send_this_file());
        assert_eq!(read(&client, 4), b"data");

        let in_send = pos2(in_log.x, super::window::SIZE[1] - 60.0);
        window.drop_file(&capture, Some(in_send));
        assert_eq!(window.value(lang.file_path()), capture.to_str().unwrap());
        let viewing = |window: &Window| matches!(window.tab().phase, Phase::Viewing { .. });
        assert!(!viewing(&window));
        window.drop_file(&capture, None);
        window.wait_until("it is opened after a while", viewing);

        let lab = home.path("lab.toml");
        std::fs::write(&lab, "[[session]]\nname = 'lab'\nlocal = '127.0.0.1:0'\n").unwrap();
        let n_tabs = window.state().tabs.len();
        window.drop_file(&lab, Some(in_log));
        window.wait_until("its session", |window| window.state().tabs.len() == n_tabs + 1);
        assert_eq!(window.tab().session.name, "lab");
    }
}

#[test]
fn without_a_dialog_the_field_for_a_path_is_shown() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        assert!(window.controls(lang.file_path()).is_empty());
        window.key(egui::Modifiers { shift: true, ..CTRL }, egui::Key::O);
        window.wait_for_text(lang.no_dialog());
        assert_eq!(window.controls(lang.file_path()).len(), 1);
        let ctx = window.harness.ctx.clone();
        window.harness.state_mut().act(Action::Browse(FileFor::Open), &ctx);
        window.wait_until("the list with its field", |window| window.state().recent_open);
    }
}
