//! IPv6 zones, in a network namespace of the test's own: two interfaces, `va` and `vb`, at the ends of one cable. What goes
//! to a link-local address is sent by the one and comes by the other.

use std::process::Command;

use netassist::model::{
    Cast, Cause, Direction, Doing, Endpoint, Fault, Flow, Hint, Link, OsFault, Protocol, Target,
};
use netassist::ui::lang::Lang;
use netassist::ui::messages;
use netassist::workspace::{Address, Session};

use super::bench::Bench;
use crate::memory_recorder::Entry;

/// The variable that tells a test that it is in the namespace.
const INSIDE: &str = "NETASSIST_TEST_NAMESPACE";

/// Makes the interfaces, and goes on with the test.
const NETWORK: &str = "set -e
    ip link set lo up
    ip link add va type veth peer name vb
    ip addr add fe80::a/64 dev va nodad
    ip addr add fe80::b/64 dev vb nodad
    ip link set va up
    ip link set vb up
    timeout 60 sh -c 'until [ $(ip -o link show up type veth | grep -c \"state UP\") = 2 ]; do :; done'
    exec \"$@\"";

/// Runs the test of this name in a namespace of its own, in another process. There, calls `test`.
fn in_namespace(name: &str, test: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return test();
    }
    let mut failed = Vec::new();
    // As root, as a user who may make namespaces, or by sudo.
    let ways: [&[&str]; 3] =
        [&["unshare", "-n"], &["unshare", "-rn"], &["sudo", "-n", "-E", "unshare", "-n"]];
    for way in ways {
        let [program, arguments @ ..] = way else { unreachable!() };
        let mut command = Command::new(program);
        command.args(arguments).args(["sh", "-c", NETWORK, "sh"]).arg(std::env::current_exe().unwrap());
        let ran = command.args(["--exact", name, "--nocapture"]).env(INSIDE, "1").output();
        let said = ran.map_or_else(
            |error| error.to_string(),
            |out| String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned(),
        );
        if said.contains("test result: ok. 1 passed") {
            return;
        }
        failed.push(format!("{}: {said}", way.join(" ")));
        if said.contains("test result") {
            break;
        }
    }
    panic!("{}", failed.join("\n"));
}

/// A session with these addresses, as typed.
fn session(protocol: Protocol, local: &str, remote: &str) -> Session {
    let (local, remote) = (Address::split(local), Address::split(remote));
    Session { protocol, local, remote, ..Session::default() }
}

fn open(session: &Session) -> Bench {
    let link = session.build().unwrap().link;
    if session.protocol.relays() {
        Bench::relay(None, |setup| setup.link = link).0
    } else {
        Bench::open(link)
    }
}

#[test]
fn link_local_addresses_have_zones_in_every_place() {
    in_namespace("net::zones::link_local_addresses_have_zones_in_every_place", || {
        for (serving, relaying, calling) in [
            (Protocol::TcpServer, Protocol::TcpRelay, Protocol::TcpClient),
            (Protocol::Udp, Protocol::UdpRelay, Protocol::Udp),
        ] {
            let mut server = open(&session(serving, "[fe80::a%va]:0", ""));
            let behind = server.opened().0;
            assert!(Endpoint::from(behind).to_string().starts_with("[fe80::a%va]:"), "{behind}");
            // By its index, the zone is the same.
            let upstream = format!("[fe80::a%{}]:{}", index("vb"), behind.port());
            let mut relay = open(&session(relaying, "[fe80::b%vb]:0", &upstream));
            let front = relay.opened().0;
            let to = format!("[fe80::b%va]:{}", front.port());
            let mut client = open(&session(calling, "[fe80::a%va]:0", &to));
            client.opened();
            client.send(Target::All, b"there");
            server.until("what was sent", |server| server.bytes(Direction::Received) == b"there");
            let back = server.first_flow();
            server.send(Target::Flows(vec![back.id]), b"back");
            client.until("the answer", |client| client.bytes(Direction::Received) == b"back");
            // Each end is called by the interface that it is reached by.
            assert_eq!(client.first_flow().name(), to);
            relay.until("both legs", |relay| relay.joined().len() == 2);
            let names: Vec<String> = relay.joined().iter().map(Flow::name).collect();
            assert!(names[0].starts_with("[fe80::a%vb]:"), "{names:?}");
            assert_eq!(names[1], format!("[fe80::a%vb]:{}", behind.port()));
            assert!(back.name().starts_with("[fe80::"), "{}", back.name());
            assert!(back.name().contains("%va]:"), "{}", back.name());
            assert_eq!((client.close(), relay.close(), server.close()), (None, None, None));
        }
    });
}

fn index(name: &str) -> u32 {
    let all = netassist::net::local_addresses().unwrap();
    all.iter().find(|found| found.name == name).unwrap().index
}

#[test]
fn a_group_has_a_zone_where_it_is_joined_bound_and_sent_to() {
    in_namespace("net::zones::a_group_has_a_zone_where_it_is_joined_bound_and_sent_to", || {
        let mut sender = open(&session(Protocol::Udp, "[fe80::b%vb]:0", ""));
        sender.opened();
        let joining = |group: &str| {
            let mut session = session(Protocol::Udp, "[::]:0", "");
            session.options.set("join", group);
            session
        };
        for (session, group) in [
            (joining("ff02::8307%va"), "ff02::8307"),
            (joining("ff02::8308@va"), "ff02::8308"),
            (session(Protocol::Udp, "[ff02::8309%va]:0", ""), "ff02::8309"),
            (session(Protocol::Udp, "[ff02::1%va]:0", ""), "ff02::1"),
        ] {
            let mut member = open(&session);
            let port = member.opened().0.port();
            sender.send(Target::Endpoint(Endpoint { host: format!("{group}%vb"), port }), group.as_bytes());
            member.until("the datagram", |member| member.bytes(Direction::Received) == group.as_bytes());
            let is_multicast = |entry: &Entry| matches!(entry, Entry::Data { cast: Cast::Multicast, .. });
            assert!(member.entries.iter().any(is_multicast));
            let flow = member.first_flow();
            assert!(flow.name().starts_with("[fe80::b%va]:"), "{}", flow.name());
            member.send(Target::Flows(vec![flow.id]), b"answer");
            sender.until("the answer", |sender| sender.bytes(Direction::Received).ends_with(b"answer"));
            assert_eq!((member.troubles(), member.close()), (vec![], None));
        }
        assert_eq!((sender.troubles(), sender.close()), (vec![], None));
    });
}

#[test]
fn an_unknown_zone_is_told_with_those_that_there_are() {
    in_namespace("net::zones::an_unknown_zone_is_told_with_those_that_there_are", || {
        let zones = ["lo", "va", "vb"].map(str::to_owned).to_vec();
        for protocol in [Protocol::TcpServer, Protocol::Udp] {
            let problem = session(protocol, "[fe80::a%vc]:0", "").build().unwrap_err();
            assert_eq!((&*problem.path, problem.fault), ("local.host", Fault::Zone(zones.clone())));
        }
        let mut session_ = session(Protocol::Udp, "[::]:0", "");
        session_.options.set("join", "ff02::1%vc");
        assert_eq!(session_.build().unwrap_err().fault, Fault::Zone(zones.clone()));
        // One that is asked for where it will be known, and a link-local address without any.
        for (host, doing, fault) in [
            ("fe80::a%vc", Doing::Resolving, OsFault::NoSuchDevice),
            ("fe80::a", Doing::Connecting, OsFault::InvalidArgument),
        ] {
            let remote = Endpoint { host: host.to_owned(), port: 9 };
            let error = Bench::open(Link::TcpClient { remote, local: None }).closed().unwrap();
            assert_eq!(error.doing, doing);
            assert!(matches!(error.cause, Cause::Os { fault: is, .. } if is == fault), "{error:?}");
            assert_eq!(error.hint(), Some(Hint::NeedsZone(zones.clone())));
            for lang in Lang::ALL {
                let text = messages::net_error(*lang, &error);
                assert!(text.contains(host) && text.contains("lo, va, vb"), "{text}");
            }
        }
    });
}
