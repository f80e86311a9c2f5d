//! A relay in the window: opened, injected to both sides, and its faults.

use std::io::Write as _;
use std::net::TcpListener;

use netassist::model::Protocol;
use netassist::ui::lang::Lang;
use netassist::ui::side::side_name;

use super::home::{Home, call, read};

#[test]
fn a_pair_is_one_peer_and_either_side_is_injected_to() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(Protocol::TcpRelay);
        let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
        window.set_text(lang.upstream_host(), "127.0.0.1");
        window.set_text(lang.upstream_port(), &upstream.local_addr().unwrap().port().to_string());
        let relay = window.open(Protocol::TcpRelay);
        let mut client = call(relay);
        let (server, from) = upstream.accept().unwrap();
        let peer = client.local_addr().unwrap();
        window
            .wait_until("the pair", |window| window.tab().twins.len() == 1 && window.tab().peers.len() == 1);
        let row = format!("{peer} ⇄ :{}", from.port());
        assert!(window.controls(&row).len() == 1, "{:?}", window.texts());
        client.write_all(b"question").unwrap();
        assert_eq!(read(&server, 8), b"question");
        window.wait_until("the counter", |window| window.tab().counters.received == 8);
        assert!(window.shows(&format!("{}: 8 B", lang.up_count())));
        for (name, stream) in [(lang.to_upstream(peer), &server), (lang.to_client(peer), &client)] {
            window.choose(lang.inject_to(), &name);
            window.set_text(lang.send_box(), "injected");
            window.click(lang.send());
            assert_eq!(read(stream, 8), b"injected", "{name}");
        }
        window.click(side_name(lang, netassist::state::Side::Faults).0);
        window.click(lang.faults_up());
        let (loss, _) = lang.fault_key("stall").unwrap();
        window.set_text(loss, "0");
        assert_eq!(window.tab().session.options.text("fault"), "up:stall=0");
        window.wait_until("the faults", |window| window.tab().clone().new_rules().is_none());
        client.write_all(b"held").unwrap();
        window.wait_until("what is held", |window| window.tab().counters.received == 12);
        // Switched off, it goes on.
        window.click(lang.faults_on());
        assert_eq!(read(&server, 4), b"held");
    }
}
