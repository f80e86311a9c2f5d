//! A client that calls again, as the user sees it.

use std::net::TcpListener;

use netassist::model::Protocol;
use netassist::state::Phase;
use netassist::ui::lang::Lang;

use super::home::Home;

#[test]
fn the_seconds_are_counted_down_until_it_is_connected_again_or_closed() {
    for lang in [Lang::En, Lang::ZhCn] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(Protocol::TcpClient);
        window.set_text(lang.remote_port(), &server.port().to_string());
        window.click(lang.more_options());
        window.click(lang.opt_reconnect());
        window.click(lang.open());
        drop(listener.accept().unwrap());
        let countdown = lang.connecting_again(1);
        window.wait_for_text(&countdown);
        let (peer, _from) = listener.accept().unwrap();
        window.wait_open();
        assert!(!window.shows(&countdown));
        drop((listener, peer));
        window.wait_for_text(&countdown);
        window.click(lang.cancel_opening());
        window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
    }
}
