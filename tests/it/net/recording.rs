//! Recording while the file cannot be written, and the events about it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use netassist::codec::Charset;
use netassist::codec::compose::{Manner, Mode};
use netassist::codec::template::Template;
use netassist::model::{
    Command, Direction, Doing, Event, Link, Rules, SendPart, SocketCommand, Stamp, Target,
};
use netassist::net::{MAX_EVENTS, OpenSession};

use super::bench::{Bench, PATIENCE, dial, setup};
use crate::memory_recorder::{Entry, recorder};

#[test]
fn a_temporarily_full_disk_loses_nothing() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let mut peer = dial(address);
    let flow = server.first_flow();
    server.tape.fail(true);
    peer.write_all(b"while full").unwrap();
    server.until("the trouble", |server| !server.troubles().is_empty());
    assert_eq!(server.troubles()[0].doing, Doing::Recording);
    assert_eq!(server.totals().received_bytes, 0, "nobody is told of what is not recorded");
    server.send(Target::All, b"waits too");
    peer.write_all(b", and more").unwrap();
    let attempts = server.tape.attempts();
    server.until_tape("two more tries", |tape| tape.attempts() >= attempts + 2);
    server.drain();
    assert_eq!(server.troubles().len(), 1, "told once");
    assert_eq!(server.totals().received_bytes, 0, "still nobody is");
    server.tape.fail(false);
    server.until("all of it", |server| server.bytes(Direction::Received) == b"while full, and more");
    let mut seen = [0; 9];
    peer.read_exact(&mut seen).unwrap();
    assert_eq!(&seen, b"waits too");
    server.until("the sending", |server| server.totals().sent_bytes == 9);
    assert_eq!(server.totals().received_bytes, 20);
    assert!(server.notes().iter().any(|note| note.starts_with("recording resumed after")));
    assert!(server.left().is_empty() && server.joined() == [flow]);
    assert_eq!(server.close(), None);
}

#[test]
fn closing_works_while_the_disk_is_full() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let mut peer = TcpStream::connect(address).unwrap();
    server.first_flow();
    server.tape.fail(true);
    peer.write_all(b"lost").unwrap();
    server.until("the trouble", |server| !server.troubles().is_empty());
    server.order(Command::Close { linger: Duration::from_millis(10) });
    assert_eq!(server.closed().unwrap().doing, Doing::Recording);
    assert!(server.bytes(Direction::Received).is_empty());
}

#[test]
fn a_session_that_cannot_record_reports_it_and_can_be_dropped() {
    let (mut udp, address) = Bench::udp("127.0.0.1:0", |_setup| ());
    udp.tape.fail(true);
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.send_to(b"x", address).unwrap();
    udp.until("the trouble", |udp| !udp.troubles().is_empty());
    drop(udp.session.take());
    assert!(!udp.entries.iter().any(|entry| matches!(entry, Entry::Data { .. })));
}

#[test]
fn the_window_is_woken_only_for_events() {
    let (mut udp, address) = Bench::udp("127.0.0.1:0", |_setup| ());
    udp.until("the note", |udp| !udp.records().is_empty());
    let before = woken(&udp, 0);
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.send_to(b"x", address).unwrap();
    udp.until("the datagram", |udp| udp.totals().received_messages == 1);
    let after = woken(&udp, before);
    assert!(after <= before + 2, "{before} {after}");
}

/// Waits until the window was woken more often than this: that comes after the event is in the channel, perhaps after it
/// was read here.
fn woken(udp: &Bench, before: usize) -> usize {
    let deadline = std::time::Instant::now() + super::bench::PATIENCE;
    loop {
        let n = udp.woken.load(Ordering::Relaxed);
        if n > before {
            return n;
        }
        assert!(std::time::Instant::now() < deadline, "woken {n} times");
        std::thread::yield_now();
    }
}

/// Lets new peers appear, each of which is an event, until the channel takes no more.
fn fill_channel(udp: &Bench, address: SocketAddr) {
    let events = udp.session.as_ref().unwrap().events().clone();
    udp.until_tape("a full channel", |_tape| {
        UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"hello", address).unwrap();
        events.len() >= MAX_EVENTS
    });
}

#[test]
fn the_worker_does_not_wait_for_the_window() {
    let (mut udp, address) = Bench::udp("127.0.0.1:0", |_setup| ());
    fill_channel(&udp, address);
    udp.order(Command::Close { linger: Duration::ZERO });
    assert_eq!(udp.closed(), None);
    let joined = udp.joined().len();
    assert_eq!(udp.left().len(), joined);
    // A port may have been used twice.
    assert!(joined >= MAX_EVENTS / 8, "{joined}");
    let n_received = udp.data(None, Direction::Received).len();
    assert!(
        n_received >= joined && n_received as u64 == udp.totals().received_messages,
        "{n_received} {joined}"
    );
    assert!(matches!(udp.events.last(), Some(Event::Closed(None))));
}

#[test]
fn a_session_with_unread_events_can_be_dropped() {
    let (udp, address) = Bench::udp("127.0.0.1:0", |_setup| ());
    fill_channel(&udp, address);
    let begun = Instant::now();
    assert!(udp.session.unwrap().finish().is_some(), "the capture comes back");
    assert!(begun.elapsed() < Duration::from_secs(2));
    let closes = udp.tape.read().iter().filter(|(entry, _at)| matches!(entry, Entry::Finish(_))).count();
    assert_eq!(closes, 1, "and is finished");
}

#[test]
fn a_stuck_worker_does_not_block_and_its_inbox_is_bounded() {
    let (recorder, _tape) = recorder();
    let (release, held) = crossbeam_channel::bounded::<()>(0);
    let (hangs, reached) = crossbeam_channel::bounded::<()>(1);
    // A wake function must not block. This one does, as a stuck disk would.
    let wake = Arc::new(move || {
        hangs.try_send(()).ok();
        held.recv().ok();
    });
    let local = "127.0.0.1:0".parse().unwrap();
    let session = OpenSession::open(setup(Link::TcpServer { local }), recorder, wake).unwrap();
    reached.recv_timeout(PATIENCE).unwrap();
    let note = || Command::Note("waits".to_owned());
    for _ in 0..1024 {
        session.send(note()).unwrap();
    }
    assert_eq!(session.send(note()), Err(note()), "the order is given back");
    let begun = Instant::now();
    assert!(session.finish().is_none(), "the capture is still in use");
    assert!(begun.elapsed() < Duration::from_secs(2));
    drop(release);
}

#[test]
fn a_repeated_error_is_rate_limited() {
    let (mut udp, _address) = Bench::udp("127.0.0.1:0", |_setup| ());
    for _ in 0..300 {
        udp.send(Target::All, b"to nobody");
    }
    udp.order(Command::Close { linger: Duration::ZERO });
    assert_eq!(udp.closed(), None);
    let told = udp.troubles().len();
    assert!((1..300).contains(&told), "{told}");
    assert_eq!(udp.notes().iter().filter(|note| note.contains("no peer to send to")).count(), told);
}

/// Linux starts to stamp datagrams some time after the first socket has asked for it; before that, a datagram
/// is stamped when it is read. Returns a socket for which stamping has started.
#[cfg(target_os = "linux")]
fn stamping() -> UdpSocket {
    use std::io::IoSliceMut;
    use std::os::fd::AsRawFd;

    use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrIn, recvmsg, setsockopt, sockopt};

    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true).unwrap();
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < deadline, "the kernel does not begin to stamp");
        socket.send_to(b"x", socket.local_addr().unwrap()).unwrap();
        let sent = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        spin(Duration::from_millis(2));
        let (mut byte, mut space) = ([0], nix::cmsg_space!(nix::sys::time::TimeSpec));
        let mut slices = [IoSliceMut::new(&mut byte)];
        let message =
            recvmsg::<SockaddrIn>(socket.as_raw_fd(), &mut slices, Some(&mut space), MsgFlags::empty())
                .unwrap();
        let stamped = message.cmsgs().unwrap().find_map(|told| match told {
            ControlMessageOwned::ScmTimestampns(time) => Some(Duration::from(time)),
            _ => None,
        });
        if stamped.unwrap() <= sent {
            return socket;
        }
    }
}

/// Waits actively; the time is part of the test.
#[cfg(target_os = "linux")]
fn spin(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        std::thread::yield_now();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_datagram_has_the_time_of_its_arrival() {
    let _stamping = stamping();
    let (recorder, tape) = recorder();
    let (release, held) = crossbeam_channel::bounded::<()>(0);
    let (hangs, reached) = crossbeam_channel::bounded::<()>(1);
    let wake = Arc::new(move || {
        hangs.try_send(()).ok();
        held.recv().ok();
    });
    let link = Link::Udp { local: "127.0.0.1:0".parse().unwrap(), remote: None, groups: Vec::new() };
    let session = OpenSession::open(setup(link), recorder, wake).unwrap();
    let Event::Opened { local, .. } = session.events().recv_timeout(PATIENCE).unwrap() else { panic!() };
    reached.recv_timeout(PATIENCE).unwrap();
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.send_to(b"came now", local.address()).unwrap();
    // The datagram is in the kernel. The worker reads it later than this.
    let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    spin(Duration::from_millis(20));
    drop(release);
    let deadline = Instant::now() + PATIENCE;
    let came = loop {
        let data = |(entry, at): (Entry, Stamp)| matches!(entry, Entry::Data { .. }).then_some(at);
        if let Some(at) = tape.read().into_iter().find_map(data) {
            break at;
        }
        assert!(Instant::now() < deadline);
        std::thread::yield_now();
    };
    // Both clocks are the same, read at different times; allow for the difference.
    assert!(u128::from(came.0) < before + 10_000_000, "{} ns too late", u128::from(came.0) - before);
}

#[test]
fn an_intermittently_failing_disk_loses_nothing_of_a_stream() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |setup| setup.rules = Arc::new(Rules::echo()));
    let mut peer = dial(address);
    server.first_flow();
    let mut all = Vec::new();
    for round in 1..=3 {
        let part: Vec<u8> = (0..50_000_u32).map(|n| (n % 247 + round) as u8).collect();
        server.tape.fail(true);
        peer.write_all(&part).unwrap();
        let of_round = |n: usize| n == round as usize;
        server.until("the trouble", |server| of_round(server.troubles().len()));
        server.tape.fail(false);
        server.until("the capture to go on", |server| {
            let resumed = |note: &&String| note.starts_with("recording resumed after");
            of_round(server.notes().iter().filter(resumed).count())
        });
        let mut seen = vec![0; part.len()];
        peer.read_exact(&mut seen).unwrap();
        assert!(seen == part);
        all.extend(part);
    }
    drop(peer);
    server.until("its end", |server| server.left().len() == 1);
    assert!(server.bytes(Direction::Received) == all && server.bytes(Direction::Sent) == all);
    assert_eq!(server.close(), None);
}

#[test]
fn every_kind_of_session_writes_notes_on_records() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let mut client = Bench::client(address, |_setup| ());
    let (mut udp, _address) = Bench::udp("127.0.0.1:0", |_setup| ());
    for bench in [&mut server, &mut client, &mut udp] {
        bench.order(Command::Annotate(7, "look here".to_owned()));
        bench.order(Command::Annotate(u64::MAX, String::new()));
        // These notes have no event, so this shows that they are written.
        bench.order(Command::Note("after them".to_owned()));
        bench.until("the note", |bench| bench.notes().contains(&"after them".to_owned()));
        assert_eq!(bench.annotations(), [(7, "look here".to_owned()), (u64::MAX, String::new())]);
        assert!(bench.troubles().is_empty());
    }
}

#[test]
fn a_session_opened_again_after_the_clock_went_back_records_rising_times() {
    let wall = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let latest = Stamp((wall() + 3600) * 1_000_000_000);
    let (mut recorder, tape) = recorder();
    recorder.ends_at(latest);
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    let remote = peer.local_addr().unwrap();
    let link =
        Link::Udp { local: "127.0.0.1:0".parse().unwrap(), remote: Some(remote.into()), groups: Vec::new() };
    let session = OpenSession::open(setup(link), recorder, Arc::new(|| ())).unwrap();
    let manner = Manner { mode: Mode::Text, escapes: false, charset: Charset::Utf8 };
    let template = Arc::new(Template::parse("{unix}", manner, Vec::new()).unwrap());
    let (mut buffer, before) = ([0; 64], wall());
    for _ in 0..3 {
        let what = SendPart::Template(Arc::clone(&template));
        session.send(SocketCommand::Send { to: Target::All, what }.into()).unwrap();
        let (n, _) = peer.recv_from(&mut buffer).unwrap();
        let sent: u64 = std::str::from_utf8(&buffer[..n]).unwrap().parse().unwrap();
        assert!((before..=wall()).contains(&sent), "{{unix}} follows the wall clock: {sent}");
    }
    let (mut entries, deadline) = (Vec::new(), Instant::now() + PATIENCE);
    let is_sent =
        |(entry, _): &&(Entry, Stamp)| matches!(entry, Entry::Data { direction: Direction::Sent, .. });
    while entries.iter().filter(is_sent).count() < 3 {
        assert!(Instant::now() < deadline, "{entries:?}");
        entries.extend(tape.read());
        std::thread::yield_now();
    }
    let sent: Vec<Stamp> = entries.iter().filter(is_sent).map(|(_, at)| *at).collect();
    assert!(entries[0].1 >= latest && sent.is_sorted_by(|before, after| before < after), "{entries:?}");
    let notes: Vec<&String> = entries
        .iter()
        .filter_map(|(entry, _)| if let Entry::Note(text) = entry { Some(text) } else { None })
        .collect();
    let ahead =
        notes[0].strip_prefix("times here are ").and_then(|rest| rest.strip_suffix(" ahead of the clock"));
    let ahead = netassist::codec::duration::parse(ahead.unwrap()).unwrap();
    assert!((3500..=3600).contains(&ahead.as_secs()), "{notes:?}");
}
