//! Files sent over real sockets, and their progress.

use std::io::{Read, Write};
use std::net::UdpSocket;
use std::num::{NonZeroU32, NonZeroU64};
use std::time::{Duration, Instant};

use netassist::model::{
    BlankLines, Cause, Command, Direction, Doing, Event, FileChange, FileCut, FileEnd, FileId, FilePace,
    FileProgress, FileToSend, LineEnds, Others, SocketCommand, Target,
};
use tempfile::NamedTempFile;

use super::bench::{Bench, PATIENCE, dial, pair, read};

const MS: Duration = Duration::from_millis(1);

/// Longer than any test.
const LONG: Duration = Duration::from_hours(1);

fn file(content: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file
}

/// A file in pieces of `chunk` bytes with a pause in between.
fn paused(file: &NamedTempFile, chunk: u32, pause: Duration, others: Others) -> FileToSend {
    let cut = FileCut::Raw { chunk: NonZeroU32::new(chunk) };
    FileToSend { cut, pace: FilePace::Pause(pause), others, ..FileToSend::raw(file.path()) }
}

#[track_caller]
fn until_sent(bench: &mut Bench, id: u32, sent: u64) {
    bench.until("progress", |bench| {
        bench.events.iter().any(
            |event| matches!(event, Event::FileProgress(of, progress) if of.0 == id && progress.sent >= sent),
        )
    });
}

#[test]
fn progress_is_reported_and_the_end_comes_once() {
    let (mut client, mut peer) = pair(|_setup| ());
    let content: Vec<u8> = (0..3_000_001_u32).map(|n| (n % 251) as u8).collect();
    let file = file(&content);
    client.send(Target::All, b"before");
    client.send_file(7, Target::All, FileToSend::raw(file.path()));
    client.send(Target::All, b"after");
    client.order(SocketCommand::HalfClose(Target::All));
    let mut seen = Vec::new();
    peer.read_to_end(&mut seen).unwrap();
    assert!(seen == [b"before".as_slice(), &content, b"after"].concat());
    let (end, progress) = client.file_ended(7);
    let len = content.len() as u64;
    let whole = FileProgress { done: len, total: len, sent: len, rate: 0, peers: 1, served: 1 };
    assert_eq!((end, FileProgress { rate: 0, ..progress }), (FileEnd::Sent, whole));
    drop(peer);
    assert_eq!(client.closed(), None);
    assert_eq!(client.totals().sent_messages, 3);
    assert_eq!(client.troubles(), []);
    let ends = client.events.iter().filter(|event| matches!(event, Event::FileEnded(..))).count();
    assert_eq!(ends, 1);
}

#[test]
fn a_rate_is_kept() {
    let (mut client, peer) = pair(|_setup| ());
    let file = file(&vec![7; 40_000]);
    let pace = FilePace::Rate(NonZeroU64::new(200_000).unwrap());
    let begun = Instant::now();
    client.send_file(1, Target::All, FileToSend { pace, ..FileToSend::raw(file.path()) });
    read(&peer, 40_000);
    assert!(begun.elapsed() >= 189 * MS, "{:?}", begun.elapsed());
    let (end, progress) = client.file_ended(1);
    assert_eq!(end, FileEnd::Sent);
    // The first piece is sent at once.
    assert!(progress.rate <= 212_000, "{progress:?}");
    assert_eq!(client.close(), None);
}

#[test]
fn lines_are_messages_that_others_may_interleave() {
    let (mut client, peer) = pair(|_setup| ());
    let file = file(b"one\n\ntwo\r\nthree");
    let cut =
        FileCut::Lines { ends: LineEnds::Drop, blank: BlankLines::Skip, append: vec!["cr".parse().unwrap()] };
    let order = FileToSend { cut, ..paused(&file, 1, LONG, Others::Pass) };
    client.send_file(1, Target::All, order.clone());
    assert_eq!(read(&peer, 4), b"one\r");
    client.send(Target::All, b"now");
    assert_eq!(read(&peer, 3), b"now");
    client.order(Command::StopFile(FileId(1)));
    let (end, progress) = client.file_ended(1);
    assert_eq!((end, progress.done, progress.sent), (FileEnd::Stopped, 4, 4));
    client.send_file(2, Target::All, FileToSend { pace: FilePace::Pause(MS), ..order });
    assert_eq!(read(&peer, 14), b"one\rtwo\rthree\r");
    let (end, progress) = client.file_ended(2);
    assert_eq!((end, progress.done, progress.sent), (FileEnd::Sent, 15, 14));
    assert_eq!(client.close(), None);
    let lines: [&[u8]; 5] = [b"one\r", b"now", b"one\r", b"two\r", b"three\r"];
    assert_eq!(client.data(None, Direction::Sent), lines);
    assert_eq!(client.totals().sent_messages, 5);
    assert!(client.notes().contains(&"sending a file stopped after 4 of 15 bytes".to_owned()));
}

#[test]
fn messages_wait_for_a_slow_file() {
    let (mut client, mut peer) = pair(|_setup| ());
    let file = file(b"abc");
    client.send_file(1, Target::All, paused(&file, 1, 20 * MS, Others::Wait));
    client.send(Target::All, b"-");
    client.order(SocketCommand::HalfClose(Target::All));
    let begun = Instant::now();
    let mut seen = Vec::new();
    peer.read_to_end(&mut seen).unwrap();
    assert_eq!(seen, b"abc-");
    assert!(begun.elapsed() >= 35 * MS, "{:?}", begun.elapsed());
    drop(peer);
    assert_eq!(client.closed(), None);
}

#[test]
fn a_slow_peer_slows_only_itself() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let slow = dial(address);
    let quick = dial(address);
    server.until("both", |bench| bench.joined().len() == 2);
    // More than all buffers on the way can hold.
    let content = vec![3; 32 << 20];
    let file = file(&content);
    server.send_file(1, Target::All, FileToSend::raw(file.path()));
    assert!(read(&quick, content.len()) == content);
    until_sent(&mut server, 1, content.len() as u64);
    server.until("the first is served", |bench| {
        let it_is = |event: &Event| matches!(event, Event::FileProgress(_, now) if now.served == 1);
        bench.events.iter().any(it_is)
    });
    // Memory holds one piece, not the file.
    assert!(server.totals().queued_bytes < 1 << 20, "{:?}", server.totals());
    server.order(Command::StopFile(FileId(1)));
    let (end, progress) = server.file_ended(1);
    assert_eq!((end, progress.peers, progress.served), (FileEnd::Stopped, 2, 1));
    assert!(progress.done > content.len() as u64 && progress.total == 2 * content.len() as u64);
    drop((slow, quick));
    server.close();
}

#[test]
fn the_file_ends_when_its_peer_leaves() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let peer = dial(address);
    server.first_flow();
    let file = file(b"abc");
    server.send_file(1, Target::All, paused(&file, 1, LONG, Others::Wait));
    assert_eq!(read(&peer, 1), b"a");
    socket2::SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
    drop(peer);
    server.until("it left", |bench| !bench.left().is_empty());
    assert!(server.notes().iter().any(|note| note.starts_with("2 bytes were not sent to ")));
    assert_eq!(server.file_ended(1).0, FileEnd::Failed);
    server.send_file(2, Target::All, FileToSend::raw(file.path()));
    assert_eq!(server.file_ended(2), (FileEnd::Failed, FileProgress::default()));
    assert_eq!(server.troubles().last().unwrap().cause, Cause::NoPeer);
    assert_eq!(server.close(), None);
}

#[test]
fn a_paused_file_resumes_and_does_not_delay_closing() {
    let (mut client, peer) = pair(|_setup| ());
    let file = file(b"abc");
    client.send_file(1, Target::All, paused(&file, 1, 50 * MS, Others::Pass));
    assert_eq!(read(&peer, 1), b"a");
    client.order(Command::PauseFile(FileId(1)));
    client.send(Target::All, b"-");
    assert_eq!(read(&peer, 1), b"-");
    client.order(Command::ResumeFile(FileId(1)));
    assert_eq!(read(&peer, 1), b"b");
    client.order(Command::PauseFile(FileId(1)));
    let begun = Instant::now();
    client.order(Command::Close { linger: PATIENCE });
    drop(peer);
    assert_eq!(client.closed(), None);
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    let (end, progress) = client.file_ended(1);
    assert_eq!((end, progress.done), (FileEnd::Stopped, 2));
}

#[test]
fn a_file_that_becomes_shorter_is_reported() {
    let (mut client, peer) = pair(|_setup| ());
    // More than is read ahead.
    let file = file(&vec![7; 600_000]);
    client.send_file(1, Target::All, paused(&file, 60_000, 200 * MS, Others::Wait));
    read(&peer, 60_000);
    file.as_file().set_len(300_000).unwrap();
    read(&peer, 240_000);
    let (end, progress) = client.file_ended(1);
    assert_eq!((end, progress.done), (FileEnd::Failed, 300_000));
    let troubles = client.troubles();
    assert_eq!(troubles.len(), 1);
    assert_eq!(troubles[0].doing, Doing::ReadingFile);
    assert_eq!(troubles[0].cause, Cause::FileChanged(FileChange::Shrunk(300_000, 600_000)));
    assert_eq!(client.close(), None);
    assert_eq!(client.bytes(Direction::Sent).len(), 300_000);
}

#[test]
fn datagrams_of_a_file_keep_their_pace_without_delaying_other_peers() {
    let (mut udp, address) = Bench::udp("127.0.0.1:0", |_setup| ());
    let peers: Vec<UdpSocket> = (0..2)
        .map(|_| {
            let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
            peer.set_read_timeout(Some(PATIENCE)).unwrap();
            peer.send_to(b"hello", address).unwrap();
            peer
        })
        .collect();
    let receive = |peer: &UdpSocket| {
        let mut buffer = [0; 100];
        let n = peer.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..n].to_vec()).unwrap()
    };
    udp.until("both", |bench| bench.joined().len() == 2);
    let flow = |of: &UdpSocket| {
        let of = of.local_addr().unwrap();
        Target::Flows(vec![udp.joined().iter().find(|flow| flow.peer == of).unwrap().id])
    };
    let [first, second] = [flow(&peers[0]), flow(&peers[1])];
    let file = file(b"abcdef");
    udp.send_file(1, first.clone(), paused(&file, 2, LONG, Others::Wait));
    udp.send_file(2, second.clone(), paused(&file, 3, LONG, Others::Pass));
    udp.send(first.clone(), b"behind it");
    udp.send(second.clone(), b"between");
    udp.send_file(3, second.clone(), FileToSend::raw(file.path()));
    assert_eq!((receive(&peers[1]), receive(&peers[1])), ("abc".to_owned(), "between".to_owned()));
    assert_eq!(receive(&peers[0]), "ab");
    udp.order(Command::PauseFile(FileId(1)));
    udp.send(second.clone(), b"it is paused");
    assert_eq!(receive(&peers[1]), "it is paused");
    udp.order(Command::ResumeFile(FileId(1)));
    assert_eq!(receive(&peers[0]), "cd", "it begins anew");
    udp.order(Command::StopFile(FileId(1)));
    assert_eq!(udp.file_ended(1).1.done, 4);
    assert_eq!(receive(&peers[0]), "behind it");
    udp.order(SocketCommand::Disconnect(second));
    for id in [2, 3] {
        assert_eq!(udp.file_ended(id).0, FileEnd::Failed);
    }
    let order = FileToSend { pace: FilePace::Pause(MS), ..paused(&file, 2, MS, Others::Wait) };
    udp.send_file(4, first, order);
    assert_eq!([receive(&peers[0]), receive(&peers[0]), receive(&peers[0])].concat(), "abcdef");
    assert_eq!(udp.file_ended(4).0, FileEnd::Sent);
    assert_eq!(udp.totals().queued_messages, 0, "{:?}", udp.totals());
    assert_eq!(udp.close(), None);
}

#[test]
fn a_line_longer_than_a_datagram_ends_the_file() {
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (mut udp, _address) = Bench::udp("127.0.0.1:0", |_setup| ());
    let to = Target::Endpoint(peer.local_addr().unwrap().into());
    let file = file(&[b"one\n".as_slice(), &vec![b'x'; 70_000]].concat());
    let cut = FileCut::Lines { ends: LineEnds::Keep, blank: BlankLines::Send, append: Vec::new() };
    udp.send_file(1, to.clone(), FileToSend { cut, ..FileToSend::raw(file.path()) });
    let (end, progress) = udp.file_ended(1);
    assert_eq!((end, progress.sent), (FileEnd::Failed, 4));
    assert_eq!(udp.troubles()[0].cause, Cause::LineTooLong(65_507));
    udp.send_file(2, to, paused(&file, 70_000, MS, Others::Wait));
    assert_eq!(udp.file_ended(2).0, FileEnd::Failed);
    assert_eq!(udp.troubles()[1].cause, Cause::TooLong(70_000, 65_507));
    assert_eq!(udp.close(), None);
}

#[cfg(unix)]
#[test]
fn a_file_below_an_approved_folder_is_not_read_through_a_link() {
    use netassist::model::{FileName, NameFault, RuleFault};
    let (mut client, mut peer) = pair(|_setup| ());
    let around = tempfile::tempdir().unwrap();
    let around = around.path().canonicalize().unwrap();
    std::fs::create_dir_all(around.join("shared/sub")).unwrap();
    std::fs::write(around.join("secret"), "secret").unwrap();
    std::fs::write(around.join("shared/sub/a"), "inside").unwrap();
    std::os::unix::fs::symlink(&around, around.join("shared/up")).unwrap();
    std::os::unix::fs::symlink(around.join("secret"), around.join("shared/link")).unwrap();
    let file = |name: &str| {
        let (folder, approved) = (around.join("shared"), Some(around.join("shared")));
        let of_rule = Some(Box::new(FileName { folder: folder.clone(), approved, name: name.to_owned() }));
        FileToSend { of_rule, ..FileToSend::raw(folder.join(name)) }
    };
    for (id, name) in [(1, "up/secret"), (2, "link"), (3, "../secret"), (4, "sub")] {
        client.send_file(id, Target::All, file(name));
        assert_eq!(client.file_ended(id).0, FileEnd::Failed, "{name}");
    }
    client.send_file(5, Target::All, file("sub/a"));
    assert_eq!(client.file_ended(5).0, FileEnd::Sent);
    let faults: Vec<_> = client.troubles().into_iter().map(|trouble| trouble.cause).collect();
    let is = |fault| move |cause: &Cause| matches!(cause, Cause::Rule(RuleFault::Name(_, found)) if *found == fault);
    assert!(is(NameFault::Link)(&faults[0]) && is(NameFault::Link)(&faults[1]), "{faults:?}");
    assert_eq!(client.close(), None);
    let mut seen = Vec::new();
    peer.read_to_end(&mut seen).unwrap();
    assert_eq!(seen, b"inside");
}
