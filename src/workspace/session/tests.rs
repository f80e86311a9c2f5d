//! What is opened for sessions, and what is told of those that cannot be.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::codec::compose::Mode;
use crate::codec::query::{CaseRule, QueryKind};
use crate::model::{Backoff, Body, OPTIONS, Short, ShortUntil};
use crate::workspace::quick::tests::quick_sends;
use crate::workspace::{PaceChoice, TimeMode, ViewMode};

fn read(text: &str) -> Session {
    toml::from_str(text).unwrap()
}

#[test]
fn what_is_written_is_opened() {
    for (text, link) in [
        ("protocol = 'tcp-server'\nlocal = '127.0.0.1:9000'", "tcp-server 127.0.0.1:9000"),
        ("protocol = 'tcp-client'\nremote = 'a.example:80'", "tcp-client a.example:80"),
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
        keepalive: true,
        reconnect: Some(Backoff::default()),
        connect_timeout: Duration::from_millis(250),
        ..Options::default()
    };
    assert_eq!(opening.options, expected);
}

#[test]
fn a_client_binds_what_it_is_given() {
    let bound = |text: &str| {
        let link = read(&format!("protocol = 'tcp-client'\nremote = 'a:1'\n{text}")).build().unwrap().link;
        matches!(link, Link::TcpClient { local: Some(_), .. })
    };
    assert!(!bound("") && bound("local = '127.0.0.1:0'") && !bound("local = '127.0.0.1:0'\nbind = false"));
    // As in a tab whose protocol was changed.
    let tab = Session { protocol: Protocol::TcpClient, ..Session::for_tab() };
    assert!(matches!(tab.build().unwrap().link, Link::TcpClient { local: None, .. }));
}

#[test]
fn what_a_protocol_does_not_use_does_not_matter_but_is_named() {
    let text = "protocol = 'tcp-server'\nlocal = '127.0.0.1:8080'\nremote = '???'\noptions.join = 'x'\n\
                options.connect-timeout = ''\noptions.nodelay = false";
    let session = read(text);
    assert_eq!(session.build().unwrap().link.to_string(), "tcp-server 127.0.0.1:8080");
    assert_eq!(session.problems(), []);
    let unused = session.unused();
    let paths: Vec<&str> = unused.iter().map(|problem| &problem.path[..]).collect();
    assert_eq!(paths, ["remote", "options.connect-timeout", "options.join"]);
    assert_eq!(unused[0].to_string(), "remote: not used by a tcp-server session");
    assert_eq!(session.only_used().unused(), []);
}

#[test]
fn each_wrong_field_is_named() {
    let session = Session {
        protocol: Protocol::TcpClient,
        remote: Address::new("no such host", "x"),
        bind: Some(true),
        local: Address::new("::1", "65536"),
        ..Session::default()
    };
    let mut session = session;
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
    assert_eq!(opening.link.to_string(), "udp 127.0.0.1:8080 --remote 127.0.0.1:8080");
    assert_eq!(opening.options, Options::default());
}

#[test]
fn the_wrong_field_is_named() {
    for (text, says) in [
        ("", "local.host: required"),
        ("protocol = 'tcp-client'", "remote.host: required"),
        ("local = 'localhost:1'", "local.host: expected an address of this machine"),
        ("local = '[::]'", "local.port: required"),
        ("local = '[::]:1'\nremote = 'a'", "remote.port: required"),
        ("local = '[::]:1'\nframing = 'lines'", "framing: "),
        ("local = '[::]:1'\noptions.send-buffer = 0", "options.send-buffer: expected a whole number from 1"),
        ("local = '[::]:1'\noptions.receive-buffer = 'x'", "options.receive-buffer: expected"),
        ("local = '[::]:1'\noptions.join = '1.2.3.4'", "options.join: expected a multicast address"),
        ("local = '[::]:1'\noptions.interface = 'eth0'", "options.interface: expected an IPv4 address"),
        ("local = '[::]:1'\noptions.ttl = -1", "options.ttl: expected a whole number from 0 to 255"),
        ("local = '[::]:1'\noptions.broadcast = 'maybe'", "options.broadcast: expected true, false"),
    ] {
        let problem = read(text).build().unwrap_err().to_string();
        assert!(problem.starts_with(says), "{text}: {problem}");
    }
}

/// Any session at all.
pub(in super::super) fn sessions() -> impl Strategy<Value = Session> {
    let word = || "(line|127.0.0.1:80|5|true|.{0,6})";
    let flags = || any::<bool>();
    let options = proptest::collection::vec((0..OPTIONS.len(), word()), 0..5);
    let options = options.prop_map(|set| {
        let mut options = TypedOptions::default();
        for (n, text) in set {
            options.set(OPTIONS[n].name, text);
        }
        options
    });
    let choices = (
        proptest::sample::select(&Protocol::ALL[..]),
        proptest::sample::select(&Charset::ALL[..]),
        proptest::sample::select(Checksum::ALL),
        proptest::option::of(flags()),
    );
    let views = (
        proptest::sample::select(&ViewMode::ALL[..]),
        proptest::sample::select(&Body::ALL[..]),
        proptest::sample::select(&TimeMode::ALL[..]),
        any::<(u16, [bool; 5])>(),
    );
    let views = views.prop_map(|(mode, body, time, (fold, ticks))| {
        let [wrap, hide_received, hide_sent, hide_events, auto_scroll] = ticks;
        View { mode, body, time, fold, wrap, hide_received, hide_sent, hide_events, auto_scroll }
    });
    let filters = ([(); 5].map(|()| word()), flags()).prop_map(|([find, least, most, since, until], hex)| {
        let kind = if hex { QueryKind::Hex } else { QueryKind::Text };
        FilterForm { find, kind, case: CaseRule::default(), least, most, since, until }
    });
    let modes = proptest::sample::select(&Mode::ALL[..]);
    let append = proptest::collection::vec(word(), 0..2);
    let send = (modes, "(?s).{0,9}", any::<[bool; 3]>(), append).prop_map(
        |(mode, content, [escapes, placeholders, append_off], append)| Draft {
            mode,
            content,
            escapes,
            placeholders,
            append,
            append_off,
        },
    );
    let cycle = (word(), word()).prop_map(|(period, count)| CycleForm { period, count });
    let file = ([(); 4].map(|()| word()), any::<[bool; 4]>()).prop_map(
        |([path, chunk, pause, rate], [lines, drop_ends, skip_blank, append])| FileForm {
            path,
            lines,
            drop_ends,
            skip_blank,
            append,
            chunk,
            pace: PaceChoice::Rate,
            pause,
            rate,
        },
    );
    let texts = [(); 4].map(|()| word());
    let ends = [(); 4].map(|()| "(127.0.0.1|::1|\\[|8080|:|.{0,4})");
    let kept =
        (send, cycle, file, proptest::option::of(word()), proptest::collection::vec(quick_sends(), 0..3));
    (texts, ends, choices, (options, views, filters, flags(), any::<Vec<u16>>()), kept).prop_map(
        |(
            [name, framing, local_host, local_port],
            [remote_host, remote_port, a, b],
            (protocol, charset, checksum, bind),
            (options, view, filter, start, columns),
            (send, cycle, file, loops, quick),
        )| {
            Session {
                name,
                protocol,
                local: Address::new(local_host + &a, local_port + &b),
                remote: Address::new(remote_host, remote_port),
                bind,
                start,
                framing,
                charset,
                loops,
                checksum,
                columns,
                view,
                filter,
                options,
                send,
                cycle,
                file,
                quick,
                rules: vec![],
                faults: FaultsForm::default(),
            }
        },
    )
}

proptest! {
    #[test]
    fn any_session_is_built_or_told_to_be_wrong(session in sessions()) {
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
    assert_eq!(short("short-wait = 'x'"), Ok(None), "of no meaning without them");
    assert_eq!(short("short = 'answer'"), Ok(Some(Short::default())));
    let within = Duration::from_secs(2);
    let expected = Short { until: ShortUntil::PeerCloses, within };
    assert_eq!(short("short = 'close'\nshort-wait = '2s'"), Ok(Some(expected)));
    assert_eq!(short("short = 'answer'\nshort-wait = 'soon'"), Err("options.short-wait".into()));
    assert_eq!(short("short = 'never'"), Err("options.short".into()));
}
