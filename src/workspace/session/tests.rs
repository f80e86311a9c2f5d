//! What is opened for sessions, and what is told of those that cannot be.

use proptest::prelude::*;

use super::*;
use crate::codec::compose::Mode;
use crate::workspace::quick::tests::quick_sends;

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
        "local = '0.0.0.0:0'\nframing = 'line'\n[options]\nnodelay = false\nreconnect = true\n\
         timeout = 250\nsend_buffer = '64'\nreceive_buffer = 8\nttl = 3\ngroup = '239.1.2.3'\ninterface = 2",
    )
    .build()
    .unwrap();
    let Link::Udp { groups, .. } = opening.link else { panic!("{opening:?}") };
    let [group] = groups[..] else { panic!("{groups:?}") };
    assert_eq!((group.address.to_string().as_str(), group.interface, group.scope), ("239.1.2.3", None, 2));
    assert_eq!(opening.framing, Framing::Line);
    let expected = Options {
        nodelay: false,
        reconnect: Some(Backoff::default()),
        connect_timeout: Duration::from_millis(250),
        send_buffer: Some(65_536),
        receive_buffer: Some(8192),
        multicast_ttl: 3,
        multicast_scope: 2,
        ..Options::default()
    };
    assert_eq!(opening.options, expected);
    assert_eq!(read("local = '1.2.3.4:5'").build().unwrap().options, Options::default());
}

#[test]
fn the_wrong_field_is_named() {
    for (text, says) in [
        ("", "local: it must be said"),
        ("protocol = 'tcp-client'", "remote: it must be said"),
        (
            "protocol = 'tcp-server'\nlocal = '0.0.0.0:1'\nremote = 'a:1'",
            "remote: a tcp-server has no remote",
        ),
        ("local = 'localhost:1'", "local: right is ADDRESS:PORT"),
        ("local = '[::]:1'\nremote = 'a'", "remote: a port is missing"),
        ("local = '[::]:1'\nframing = 'lines'", "framing: unknown framing"),
        ("local = '[::]:1'\nsend.append = ['lf', 'x']", "send.append: unknown item"),
        ("local = '[::]:1'\noptions.timeout = '2h'", "options.timeout: right is a time"),
        ("local = '[::]:1'\noptions.send_buffer = 0", "options.send_buffer: right is a whole number from 1"),
        ("local = '[::]:1'\noptions.receive_buffer = 'x'", "options.receive_buffer: right"),
        ("local = '[::]:1'\noptions.group = '1.2.3.4'", "options.group: right is a multicast"),
        ("local = '[::]:1'\noptions.interface = 'eth0'", "options.interface: right is an IPv4"),
        ("local = '[::]:1'\noptions.ttl = -1", "options.ttl: right is a whole number from 0 to 255"),
    ] {
        let problem = read(text).build().unwrap_err().to_string();
        assert!(problem.starts_with(says), "{text}: {problem}");
    }
}

/// Any session at all.
pub(in super::super) fn sessions() -> impl Strategy<Value = Session> {
    let word = || "(line|127.0.0.1:80|5|.{0,6})";
    let choices = (
        proptest::sample::select(&Protocol::ALL[..]),
        proptest::sample::select(&Charset::ALL[..]),
        proptest::sample::select(Look::ALL),
        proptest::sample::select(&Body::ALL[..]),
    );
    let sockets = (any::<[bool; 9]>(), [(); 7].map(|()| word())).prop_map(
        |(
            [
                nodelay,
                keepalive,
                abort_on_close,
                half_open,
                reconnect,
                broadcast,
                loopback,
                short,
                short_until_closed,
            ],
            [timeout, short_wait, send_buffer, receive_buffer, group, interface, ttl],
        )| SocketForm {
            nodelay,
            keepalive,
            abort_on_close,
            half_open,
            reconnect,
            short,
            short_until_closed,
            short_wait,
            timeout,
            send_buffer,
            receive_buffer,
            broadcast,
            group,
            interface,
            ttl,
            loopback,
        },
    );
    let texts = [(); 4].map(|()| word());
    let modes = proptest::sample::select(&Mode::ALL[..]);
    let append = proptest::collection::vec(word(), 0..2);
    let send = (modes, "(?s).{0,9}", any::<[bool; 2]>(), append, word(), word()).prop_map(
        |(mode, content, [escapes, placeholders], append, period, count)| SendForm {
            mode,
            content,
            escapes,
            placeholders,
            append,
            period,
            count,
        },
    );
    let kept = (send, proptest::option::of(word()), proptest::collection::vec(quick_sends(), 0..3));
    (texts, any::<bool>(), choices, sockets, kept).prop_map(
        |(
            [name, local, remote, framing],
            start,
            (protocol, charset, view, show),
            options,
            (send, loops, quick),
        )| {
            Session {
                name,
                protocol,
                local,
                remote,
                start,
                framing,
                charset,
                view,
                show,
                options,
                quick,
                rules: vec![],
                send,
                loops,
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
        read(&text).build().map(|opening| opening.options.short).map_err(|problem| problem.field)
    };
    assert_eq!(short("short_wait = 3"), Ok(None));
    assert_eq!(short("short = true"), Ok(Some(Short::default())));
    let within = Duration::from_secs(2);
    let expected = Short { until: ShortUntil::PeerCloses, within };
    assert_eq!(short("short = true\nshort_until_closed = true\nshort_wait = '2s'"), Ok(Some(expected)));
    assert_eq!(short("short = true\nshort_wait = 'soon'"), Err(SessionField::ShortWait));
}
