//! A person opens a server with a few clicks, a plain client connects, they talk in Chinese and in
//! hex, and the session is saved. Once in each language and theme, at the smallest and a large size;
//! the pictures are left for people to look at.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use egui::{Key, Modifiers};
use netassist::ui::lang::Lang;
use netassist::ui::widgets::choice_name;

use crate::driver::{Driver, Launch, PATIENCE};
use crate::pick;

const SMALL: [u32; 2] = [1000, 700];
const LARGE: [u32; 2] = [1920, 1080];

#[test]
fn in_english_light_and_small() {
    converse(Lang::En, "light", SMALL);
}

#[test]
fn in_english_dark_and_large() {
    converse(Lang::En, "dark", LARGE);
}

#[test]
fn in_chinese_light_and_large() {
    converse(Lang::ZhCn, "light", LARGE);
}

#[test]
fn in_chinese_dark_and_small() {
    converse(Lang::ZhCn, "dark", SMALL);
}

#[cfg(unix)]
#[test]
fn a_signal_closes_the_window_in_order() {
    let mut window = Driver::launch(&Launch::default());
    let server = open_server(&mut window, Lang::En);
    let mut client = connect(server);
    let peer = client.local_addr().expect("an address").to_string();
    window.wait_for_text(&peer);
    let captures = window.home().join("netassist-data").join("captures");
    let locks = || {
        let entries = std::fs::read_dir(&captures).expect("captures");
        entries.filter(|entry| entry.as_ref().is_ok_and(|entry| has_lock(&entry.path()))).count()
    };
    assert_eq!(locks(), 1);
    let (status, output) = window.terminate();
    assert_eq!((status, locks()), (Some(0), 0), "{output}");
    assert_eq!(client.read(&mut [0]).expect("the end"), 0, "a FIN");
}

fn has_lock(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|extension| extension == "lock")
}

fn converse(lang: Lang, theme: &str, size: [u32; 2]) {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().to_str().expect("a plain path");
    std::fs::write(folder.path().join("settings.toml"), format!("theme = {theme:?}\n")).expect("settings");
    let locale = pick(lang, "en_US.UTF-8", "zh_CN.UTF-8");
    let envs = [("NETASSIST_CONFIG_DIR", config)];
    let mut window = Driver::launch(&Launch { lang: locale, size, envs: &envs, ..Launch::default() });

    let server = open_server(&mut window, lang);
    let mut client = connect(server);
    let peer = client.local_addr().expect("an address").to_string();
    window.wait_for_text(&peer);
    client.write_all("你好，服务器！\nHello, server!\n".as_bytes()).expect("sent");
    window.wait_for_text("你好，服务器！");

    // An answer as text, with an escape, by Ctrl+Enter; then one as hex, by the button.
    window.set_text(lang.send_box(), r"收到：\x21\r\n");
    window.wait_for_text("E6 94 B6 E5 88 B0 EF BC 9A 21 0D 0A");
    window.click(lang.send_box());
    window.keys(Modifiers::COMMAND, Key::Enter);
    assert_eq!(read(&mut client, 12), "收到：!\r\n".as_bytes());
    window.click(&choice_name(lang.send_options(), lang.send_hex()));
    window.set_text(lang.send_box(), "01 03 00 00 00 02 C4 0B");
    window.click(lang.send());
    assert_eq!(read(&mut client, 8), [1, 3, 0, 0, 0, 2, 0xC4, 0x0B]);
    window.wait_for_text("  8 B");
    window.screenshot(&window.artefact("-talk.png"));

    // What is wrong is marked and said, and cannot be sent.
    window.set_text(lang.send_box(), "01 0G 03");
    window.wait_for_text(pick(lang, "not a hex digit", "不是十六进制数字"));
    window.screenshot(&window.artefact("-wrong.png"));
    window.set_text(lang.send_box(), "01 03");

    let saved = folder.path().join("received.bin");
    save(&mut window, lang, &saved);
    assert_eq!(std::fs::read(&saved).expect("saved"), "你好，服务器！\nHello, server!\n".as_bytes());

    drop(client);
    // Without the peer's name, which is in a column of its own, it begins with a capital.
    let ended: String = lang.peer_fin("").trim().chars().skip(1).collect();
    window.wait_for_text(&ended);
    // The list of peers is another then, and the button for listening alone is gone.
    window.wait_for(lang.no_peers());
    window.wait_gone(lang.stop_listening());
    window.screenshot(&window.artefact("-end.png"));
    window.click(lang.close());
    window.wait_for(lang.open());
    assert!(TcpStream::connect_timeout(&server, Duration::from_secs(1)).is_err(), "still listening");
}

fn open_server(window: &mut Driver, lang: Lang) -> SocketAddr {
    window.click(lang.protocol());
    window.wait_for("TCP Server");
    window.click("TCP Server");
    window.set_text(lang.local_port(), "0");
    window.click(lang.open());
    window.wait_for(lang.close());
    let standing = lang.listening();
    let prefix = format!("{standing} ");
    window.wait_for_text(&prefix);
    let tree = window.tree();
    let at = tree.find(&format!("{prefix}127.0.0.1:")).expect("where it listens") + prefix.len();
    let address = tree[at..].split_whitespace().next().expect("an address");
    address.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().expect("an address")
}

fn connect(server: SocketAddr) -> TcpStream {
    let client = TcpStream::connect_timeout(&server, PATIENCE).expect("connected");
    client.set_read_timeout(Some(PATIENCE)).expect("a deadline");
    client
}

fn read(client: &mut TcpStream, n: usize) -> Vec<u8> {
    let mut bytes = vec![0; n];
    client.read_exact(&mut bytes).expect("an answer");
    bytes
}

fn save(window: &mut Driver, lang: Lang, path: &std::path::Path) {
    // Its button may have to be scrolled to in a small window.
    window.keys(Modifiers::COMMAND, Key::S);
    let format = choice_name(lang.format_raw(), lang.format_raw_received());
    window.wait_for(&format);
    window.click(&format);
    window.set_text(lang.save_name(), path.to_str().expect("a plain path"));
    window.screenshot(&window.artefact("-save.png"));
    window.click(lang.save());
    window.wait_for_text(pick(lang, "Saved ", "已保存 "));
}
