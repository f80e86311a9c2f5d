//! A TCP client: calling, being refused, giving up.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use egui::{Key, Modifiers};
use netassist::model::Protocol;
use netassist::state::Phase;
use netassist::ui::lang::Lang;
use socket2::{Domain, Socket, Type};

use super::home::{Home, read};
use super::window::Window;

fn call(window: &mut Window, remote: SocketAddr) {
    let lang = window.lang;
    window.choose_protocol(Protocol::TcpClient);
    window.set_text(lang.remote_host(), &remote.ip().to_string());
    window.set_text(lang.remote_port(), &remote.port().to_string());
    window.click(lang.open());
}

#[test]
fn the_address_of_a_websocket_sets_all_of_it() {
    let home = Home::new();
    let mut window = home.window(Lang::En);
    window.choose_protocol(Protocol::TcpClient);
    let address = "wss://[::1]:8443/chat?room=1";
    window.set_text(window.lang.remote_host(), address);
    assert_eq!(window.tab().session.remote.host, address, "it may not be whole yet");
    window.key(Modifiers::NONE, Key::Tab);
    window.settle();
    let session = &window.tab().session;
    assert_eq!((session.remote.host.as_str(), session.remote.port.as_str()), ("::1", "8443"));
    let options = &session.options;
    assert!(options.is_on("ws") && options.is_on("tls"));
    assert_eq!(options.text("ws-path"), "/chat?room=1");
}

#[test]
fn a_client_talks_until_the_server_ends() {
    for lang in [Lang::En, Lang::ZhCn] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let home = Home::new();
        let mut window = home.window(lang);
        call(&mut window, server);
        let (mut peer, address) = listener.accept().unwrap();
        let local = window.wait_open();
        assert_eq!(local, address);
        assert!(window.shows(&format!("{} {local} → {server}", lang.connected())));
        peer.write_all("来自服务器\n".as_bytes()).unwrap();
        window.wait_for_text("来自服务器");
        window.set_text(lang.send_box(), "答复");
        window.click(lang.send());
        assert_eq!(read(&peer, 6), "答复".as_bytes());
        drop(peer);
        window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
        window.settle();
        assert!(window.shows(lang.peer_fin("").trim()));
        // At the left and in the strip.
        assert_eq!((window.controls(lang.open()).len(), window.controls(lang.connect_again()).len()), (0, 2));
        assert_eq!(window.state().settings.recent_remotes, [server.to_string()]);
    }
}

#[test]
fn a_refusal_says_what_where_and_why() {
    for (lang, what, why) in
        [(Lang::En, "Cannot connect to", "refused"), (Lang::ZhCn, "连接 ", "对端拒绝连接")]
    {
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let home = Home::new();
        let mut window = home.window(lang);
        call(&mut window, nobody);
        window.wait_until("the refusal", |window| window.tab().notice.is_some());
        window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
        window.settle();
        let told =
            |text: &String| text.contains(what) && text.contains(&nobody.to_string()) && text.contains(why);
        assert!(window.texts().iter().any(told), "{:?}", window.texts());
        assert!(!window.shows(lang.session_ended("").trim()), "it never began");
        assert!(window.is_enabled(lang.open()), "it can be tried again");
    }
}

#[test]
fn connecting_to_nobody_can_be_cancelled() {
    let (_listener, _callers, silent) = silent();
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        let begun = Instant::now();
        call(&mut window, silent);
        window.wait_for_text(lang.connecting());
        assert_eq!(window.tab().phase, Phase::Opening);
        assert!(!window.is_enabled(lang.remote_port()));
        window.click(lang.cancel_opening());
        window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
        assert!(begun.elapsed() < Duration::from_secs(4), "not by the timeout of 5 s");
        assert_eq!(window.tab().notice, None, "what the user ended has not failed");
    }
}

/// An address on loopback that answers no call: its backlog is full.
fn silent() -> (Socket, Vec<Socket>, SocketAddr) {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    listener.bind(&any.into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let mut callers = Vec::new();
    loop {
        let caller = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        if caller.connect_timeout(&address.into(), Duration::from_millis(300)).is_err() {
            return (listener, callers, address);
        }
        callers.push(caller);
        assert!(callers.len() < 100, "the backlog never fills");
    }
}

#[test]
fn wrong_fields_are_marked_and_open_nothing() {
    for (lang, words) in
        [(Lang::En, "Expected a whole number from 1 to 65535"), (Lang::ZhCn, "应为 1 到 65535 的整数")]
    {
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(Protocol::TcpClient);
        assert!(!window.shows(words));
        window.set_text(lang.remote_port(), "70000");
        assert!(window.shows(words));
        window.click(lang.open());
        assert_eq!(window.tab().phase, Phase::Idle);
        window.set_text(lang.remote_port(), "7000");
        assert!(!window.shows(words));

        // What is folded away is named beside the button.
        window.click(lang.more_options());
        window.set_text(lang.opt_connect_timeout(), "0");
        window.click(lang.more_options());
        window.click(lang.open());
        assert_eq!(window.tab().phase, Phase::Idle);
        assert!(window.shows(&format!("{}: ", lang.opt_connect_timeout())), "{:?}", window.texts());
    }
}
