//! The picture in README.md, from the real window: a server that answers three clients by rules, in GBK.
//! `.ci/pictures` runs it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use netassist::ui::lang::Lang;

use crate::driver::{Driver, Launch, PATIENCE};
use crate::pictures;

const WORKSPACE: &str = r#"
[[session]]
name = "gateway"
protocol = "tcp-server"
local = "127.0.0.1:9000"
framing = "line"
charset = "gbk"
[session.send]
content = '服务器收到，谢谢！\r\n'
[[session.rule]]
name = "过热报警"
when = "contains"
pattern = "过热"
then = "highlight"
[[session.rule]]
name = "查询温度"
when = "regex"
pattern = 'temp (\d+)'
content = '{1} 号：23.5 ℃\r\n'
[[session.rule]]
name = "心跳"
when = "contains"
pattern = "ping"
content = 'pong\r\n'
"#;

fn gbk(text: &str) -> Vec<u8> {
    netassist::codec::Charset::Gbk.encode(text).expect("GBK has all of it")
}

#[test]
#[ignore = "takes port 9000; for README.md only"]
fn the_picture_in_the_readme() {
    let lang = Lang::En;
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = folder.path().join("gateway.toml");
    std::fs::write(&workspace, WORKSPACE).expect("a workspace");
    let config = folder.path().to_str().expect("a plain path");
    std::fs::write(folder.path().join("settings.toml"), "theme = 'light'\n").expect("settings");
    let args = ["open", workspace.to_str().expect("a plain path")];
    let envs = [("NETASSIST_CONFIG_DIR", config)];
    let launch = Launch { args: &args, envs: &envs, size: [1280, 760], ..Launch::default() };
    let mut window = Driver::launch(&launch);
    window.wait_for_text("gateway");
    window.click(lang.open());
    window.wait_for_text(lang.listening());
    let mut clients: Vec<_> = (0..3)
        .map(|_| {
            let client = TcpStream::connect("127.0.0.1:9000").expect("a connection");
            client.set_read_timeout(Some(PATIENCE)).expect("a deadline");
            (client.try_clone().expect("the same socket"), BufReader::new(client))
        })
        .collect();
    let mut say = |who: usize, text: &str, is_answered: bool| {
        let (client, answers) = &mut clients[who];
        client.write_all(&gbk(text)).expect("sent");
        if is_answered {
            answers.read_until(b'\n', &mut Vec::new()).expect("an answer");
        }
    };
    say(0, "temp 3\r\n", true);
    say(1, "ping\r\n", true);
    say(1, "网关报告：粘包与半包", false);
    window.wait_for_text("粘包与半包");
    say(1, "都不会乱码\r\n", false);
    window.wait_for_text("都不会乱码");
    say(2, "3 号传感器过热：81.2 ℃\r\n", false);
    window.wait_for_text("过热报警");
    say(0, "temp 4\r\n", true);
    say(2, "ping\r\n", true);
    window.wait_for_text("4 号");
    let path = window.artefact(".png");
    window.screenshot(&path);
    let picture = pictures::read(&path).expect("the picture just taken");
    pictures::write(&path, &picture);
}
