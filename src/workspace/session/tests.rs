//! What is opened for sessions, and their errors.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::model::{Backoff, KeepAlive, Short, ShortUntil};
use crate::workspace::any::Any as _;

fn read(text: &str) -> Session {
    toml::from_str(text).unwrap()
}

#[test]
fn forms_become_links_and_options() {
    for (text, link) in [
        ("protocol = 'tcp-server'\nlocal = '127.0.0.1:9000'", "tcp-server 127.0.0.1:9000"),
        ("protocol = 'tcp-client'\nremote = 'a.example:80'", "tcp-client a.example:80"),
        ("protocol = 'tcp-relay'\nlocal = '*:9000'\nremote = 'device:502'", "relay *:9000 --to device:502"),
        ("protocol = 'udp-relay'\nlocal = '[::1]:0'\nremote = '[::1]:5'", "relay udp:[::1]:0 --to [::1]:5"),
        ("local = '[::]:0'\nremote = '[::1]:9'", "udp [::]:0 --remote [::1]:9"),
    ] {
        assert_eq!(read(text).build().unwrap().link.to_string(), link);
    }
    let opening = read(
        "local = '0.0.0.0:0'\nframing = 'line'\n[options]\nsend-buffer = '64'\nreceive-buffer = 8\nttl = 3\n\
         join = '239.1.2.3'\ninterface = 2\nbroadcast = false",
    )
    .build()
    .unwrap();
    let Link::Udp { groups, .. } = opening.link else { panic!("{opening:?}") };
    let [group] = groups[..] else { panic!("{groups:?}") };
    assert_eq!((group.address.to_string().as_str(), group.interface, group.scope), ("239.1.2.3", None, 2));
    assert_eq!(opening.framing, Framing::Line);
    let expected = Options {
        broadcast: false,
        send_buffer: Some(65_536),
        receive_buffer: Some(8192),
        multicast_ttl: 3,
        multicast_scope: 2,
        ..Options::default()
    };
    assert_eq!(opening.options, expected);
    assert_eq!(read("local = '1.2.3.4:5'").build().unwrap().options, Options::default());
    let opening = read(
        "protocol = 'tcp-client'\nremote = 'a:1'\n[options]\nnodelay = false\nreconnect = true\nkeep-alive = true\n\
         connect-timeout = 250",
    )
    .build()
    .unwrap();
    let expected = Options {
        nodelay: false,
        keepalive: Some(KeepAlive::System),
        reconnect: Some(Backoff::default()),
        connect_timeout: Duration::from_millis(250),
        ..Options::default()
    };
    assert_eq!(opening.options, expected);
}

#[test]
fn clients_bind_a_given_address() {
    let bound = |text: &str| {
        let link = read(&format!("protocol = 'tcp-client'\nremote = 'a:1'\n{text}")).build().unwrap().link;
        matches!(link, Link::TcpClient { local: Some(_), .. })
    };
    assert!(!bound("") && bound("local = '127.0.0.1:0'") && !bound("local = '127.0.0.1:0'\nbind = false"));
    // As in a tab whose protocol was changed.
    let mut tab = Session::for_tab();
    tab.choose(Protocol::TcpClient);
    assert!(matches!(tab.build().unwrap().link, Link::TcpClient { local: None, .. }));
    assert_eq!(tab.remote, Address::new("127.0.0.1", "8080"), "to begin with something");
    tab.choose(Protocol::Udp);
    assert_eq!(tab.remote, Address::default(), "datagrams to its own port would look like echoes");
    tab.remote = Address::new("10.0.0.5", "7");
    tab.choose(Protocol::TcpClient);
    tab.choose(Protocol::Udp);
    assert_eq!(tab.remote, Address::new("10.0.0.5", "7"), "what was typed stays");
    tab.remote = Address::new("127.0.0.1", "8080");
    tab.choose(Protocol::UdpRelay);
    tab.choose(Protocol::Udp);
    assert_eq!(tab.remote, Address::new("127.0.0.1", "8080"), "so does what is like the suggestion");
}

#[test]
fn unused_fields_are_not_checked_but_reported() {
    let text = "protocol = 'tcp-server'\nlocal = '127.0.0.1:8080'\nremote = '???'\noptions.join = 'x'\n\
                options.broadcast = false\noptions.nodelay = false";
    let session = read(text);
    assert_eq!(session.build().unwrap().link.to_string(), "tcp-server 127.0.0.1:8080");
    assert_eq!(session.problems(), []);
    let unused = session.unused();
    let paths: Vec<&str> = unused.iter().map(|problem| &problem.path[..]).collect();
    assert_eq!(paths, ["remote", "options.broadcast", "options.join"]);
    assert_eq!(unused[0].to_string(), "remote: not used by a tcp-server session");
    assert_eq!(session.only_used().unused(), []);
}

#[test]
fn every_invalid_field_is_reported() {
    let mut session = Session {
        protocol: Protocol::TcpClient,
        remote: Address::new("no such host", "x"),
        bind: Some(true),
        local: Address::new("::1", "65536"),
        ..Session::default()
    };
    session.options.set("connect-timeout", "soon");
    session.options.set("receive-buffer", "-1");
    let problems = session.problems();
    let paths: Vec<&str> = problems.iter().map(|problem| &problem.path[..]).collect();
    assert_eq!(paths, ["local.port", "remote.host", "options.connect-timeout", "options.receive-buffer"]);
    assert!(problems.iter().any(|problem| Some(problem) == session.link().err().as_ref()));
}

#[test]
fn a_new_tab_opens_a_udp_socket_on_this_machine_only() {
    let opening = Session::for_tab().build().unwrap();
    assert_eq!(opening.link.to_string(), "udp 127.0.0.1:8080");
    assert_eq!(opening.options, Options::default());
}

#[test]
fn errors_name_the_field() {
    for (text, says) in [
        ("", "local.host: required"),
        ("protocol = 'tcp-client'", "remote.host: required"),
        ("local = 'example.org:1'", "local.host: expected an address of this machine"),
        ("local = '[::]'", "local.port: required"),
        ("local = '[::]:1'\nremote = 'a'", "remote.port: required"),
        ("local = '[::]:1'\nframing = 'lines'", "framing: "),
        ("local = '[::]:1'\noptions.send-buffer = 0", "options.send-buffer: expected a whole number from 1"),
        ("local = '[::]:1'\noptions.receive-buffer = 'x'", "options.receive-buffer: expected"),
        ("local = '[::]:1'\noptions.join = '1.2.3.4'", "options.join: expected a multicast address"),
        ("local = '[::]:1'\noptions.interface = 'no-such'", "options.interface: no such interface"),
        ("local = '[::]:1'\noptions.ttl = -1", "options.ttl: expected a whole number from 0 to 255"),
        ("local = '[::]:1'\noptions.broadcast = 'maybe'", "options.broadcast: expected one of true, false"),
    ] {
        let problem = read(text).build().unwrap_err().to_string();
        assert!(problem.starts_with(says), "{text}: {problem}");
    }
}

proptest! {
    #[test]
    fn errors_of_any_session_have_a_path(session in Session::any()) {
        if let Err(problem) = session.build() {
            prop_assert!(problem.to_string().contains(": "));
        }
    }
}

#[test]
fn short_connections_are_an_option() {
    let short = |options: &str| {
        let text = format!("protocol = 'tcp-client'\nremote = 'a:1'\n[options]\n{options}");
        read(&text).build().map(|opening| opening.options.short).map_err(|problem| problem.path)
    };
    assert_eq!(short("short-wait = 3"), Ok(None));
    assert_eq!(short("short-wait = 'x'"), Ok(None), "unused without short connections");
    assert_eq!(short("short = 'answer'"), Ok(Some(Short::default())));
    let within = Duration::from_secs(2);
    let expected = Short { until: ShortUntil::PeerCloses, within };
    assert_eq!(short("short = 'close'\nshort-wait = '2s'"), Ok(Some(expected)));
    assert_eq!(short("short = 'answer'\nshort-wait = 'soon'"), Err("options.short-wait".into()));
    assert_eq!(short("short = 'never'"), Err("options.short".into()));
}

#[test]
fn only_a_relay_has_an_upstream_server_to_send_to() {
    for (protocol, is_right) in
        [("tcp-relay", true), ("udp-relay", true), ("tcp-server", false), ("udp", false)]
    {
        let text = format!("[[session]]\nprotocol = '{protocol}'\nsend-to = 'upstream:10.0.0.1:5'\n");
        let file = super::super::WorkspaceFile::parse(text.clone());
        assert_eq!(file.as_ref().err().map(|told| told.line), (!is_right).then_some(3), "{protocol}");
        if let Ok(file) = file {
            let printed = file.workspace.print().unwrap();
            assert!(printed.contains("send-to = \"upstream:10.0.0.1:5\""), "{printed}");
        } else {
            assert_eq!(read(text.trim_start_matches("[[session]]\n")).only_used().send_to, SendTo::All);
        }
    }
}
