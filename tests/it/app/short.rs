//! A client that makes a connection for each message, as the user sees it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use netassist::model::Protocol;
use netassist::state::Phase;
use netassist::ui::lang::Lang;

use super::home::Home;

#[test]
fn each_send_is_a_connection_and_what_came_of_them_is_shown() {
    for lang in [Lang::En, Lang::Zh] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(Protocol::TcpClient);
        window.set_text(lang.remote_port(), &server.port().to_string());
        window.click(lang.more_options());
        assert!(!window.shows(lang.short_wait()), "only with short connections");
        window.click(lang.short());
        window.click(lang.open());
        window.wait_until("ready", |window| window.tab().phase == Phase::Ready);
        window.wait_for_text(lang.pick("Short connections: 0 done, 0 failed", "短连接：成功 0，失败 0"));
        window.set_text(lang.send_box(), "hello");
        for n in 1..=2 {
            window.click(lang.send());
            let (mut peer, _from) = listener.accept().unwrap();
            let mut message = [0; 5];
            peer.read_exact(&mut message).unwrap();
            assert_eq!(&message, b"hello");
            peer.write_all(b"hi").unwrap();
            assert_eq!(peer.read(&mut message).unwrap(), 0, "it is closed after the answer");
            let made = lang
                .pick(format!("Short connections: {n} done, 0 failed"), format!("短连接：成功 {n}，失败 0"));
            window.wait_for_text(&made);
        }
        window.click(lang.close());
        window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
    }
}
