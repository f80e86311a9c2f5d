//! The sessions of a soak.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::Path;

use netassist::codec::matcher::MatchKind;
use netassist::model::{AndThen, Protocol};
use netassist::workspace::{Address, CycleForm, Draft, FaultsForm, RuleForm, Session};

/// A session, and whether what is sent through it comes back as it was.
pub(crate) type Part = (Session, bool);

/// The address of the peers of the relays: free a moment ago, and again.
pub(crate) fn upstream() -> std::io::Result<SocketAddr> {
    loop {
        let address = free()?;
        // Both protocols.
        if UdpSocket::bind(address).is_ok() {
            return Ok(address);
        }
    }
}

fn free() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn at(address: SocketAddr) -> Address {
    Address::new(address.ip().to_string(), address.port().to_string())
}

/// Servers that echo: plain, with faults, and with rules that answer besides; by TLS, WebSocket and both; a UDP socket that
/// echoes; relays: plain, by TLS with a delay and slices, with messages that are lost and doubled, for datagrams, and one
/// from WebSocket over TLS to the session that speaks it; a client that sends in a cycle.
pub(crate) fn sessions(
    sink: SocketAddr,
    upstream: SocketAddr,
    authority: &Path,
) -> std::io::Result<Vec<Part>> {
    let text = |value: &str| value.to_owned();
    let with = |mut session: Session, name: &str, options: &[(&str, &str)]| {
        session.name = text(name);
        for (name, value) in options {
            session.options.set(name, *value);
        }
        session
    };
    let here = Address::new("127.0.0.1", "0");
    let echo = RuleForm::echo();
    let server = Session {
        name: text("echo"),
        protocol: Protocol::TcpServer,
        local: here.clone(),
        framing: text("line"),
        rules: vec![echo.clone()],
        ..Session::for_tab()
    };
    let faults = FaultsForm {
        drop_every: text("7"),
        cut_every: text("5"),
        cut_pause: text("2ms"),
        join: text("3"),
        delay_every: text("11"),
        delay: text("1ms..20ms"),
        seed: text("9"),
        ..FaultsForm::default()
    };
    let unsteady = Session { faults, ..server.clone() };
    let answer = RuleForm {
        when: MatchKind::Contains,
        pattern: text("a"),
        content: text("{n:08} {length} {time} {0}"),
        append: vec![text("CRC-16/MODBUS"), text("lf")],
        and_then: AndThen::GoOn,
        ..RuleForm::default()
    };
    let answers = Session { rules: vec![answer, echo.clone()], ..server.clone() };
    let messages = Session { framing: String::new(), ..server.clone() };
    let behind = free()?;
    let wss = Session { local: at(behind), ..messages.clone() };
    let udp = Session { protocol: Protocol::Udp, ..messages.clone() };
    let relay = Session {
        protocol: Protocol::TcpRelay,
        remote: at(upstream),
        rules: Vec::new(),
        framing: String::new(),
        ..server.clone()
    };
    let lossy = Session { framing: text("line"), ..relay.clone() };
    let through = Session { remote: at(behind), ..relay.clone() };
    let datagrams = Session { protocol: Protocol::UdpRelay, ..relay.clone() };
    let cycle = Session {
        protocol: Protocol::TcpClient,
        remote: at(sink),
        send: Draft {
            content: text("{n:08} a message of the cycle\n"),
            placeholders: true,
            ..Draft::default()
        },
        cycle: CycleForm { period: text("5"), ..CycleForm::default() },
        ..Session::for_tab()
    };
    let (tls, ws) = (("tls", "true"), ("ws", "true"));
    let slowly = [tls, ("tls-legs", "clients"), ("fault", "delay=5ms~4ms,slice=100"), ("seed", "3")];
    let authority = authority.display().to_string();
    Ok(vec![
        (with(server.clone(), "echo", &[]), true),
        (with(unsteady.clone(), "faults", &[]), false),
        (with(answers, "answers", &[]), false),
        (with(server, "TLS", &[tls]), true),
        (with(messages, "WebSocket", &[ws, ("ws-ping", "1s")]), true),
        (with(Session { framing: String::new(), ..unsteady }, "WebSocket faults", &[tls, ws]), false),
        (with(wss, "wss", &[tls, ws]), true),
        (with(udp, "UDP", &[]), true),
        (with(relay.clone(), "relay", &[]), true),
        (with(relay, "slow relay", &slowly), true),
        (with(lossy, "lossy relay", &[("fault", "loss=10%,duplicate=5%"), ("seed", "5")]), false),
        (with(through, "wss relay", &[tls, ws, ("tls-ca", &authority)]), true),
        (with(datagrams, "UDP relay", &[("fault", "delay=2ms~1ms"), ("seed", "7")]), true),
        (with(cycle, "cycle", &[]), false),
    ])
}
