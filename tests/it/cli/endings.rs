//! How it ends, and what it leaves behind.

use std::fs;
use std::io::{Read as _, Write as _};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use tempfile::TempDir;

use super::process::{DEADLINE, Input, Output, path, run, start, start_in};
use super::{accept, call, exported, listen, read_all, read_exactly};

#[test]
fn a_closed_standard_output_ends_it_quietly() {
    let mut server = start(&["tcp-server", "127.0.0.1:0"], Input::Empty, Output::ClosedEarly);
    let client = call(server.address());
    let flood = thread::Builder::new()
        // Until the server is gone.
        .spawn(move || while (&client).write_all(&vec![b'x'; 65_536]).is_ok() {})
        .unwrap();
    let ended = server.end();
    flood.join().unwrap();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    assert_eq!(ended.stderr.len(), 2, "it listened and a client connected: {:?}", ended.stderr);
}

#[test]
fn the_null_device_and_an_option_keep_the_sending_side_open() {
    for (input, options, stays) in [
        (Input::Null, &[][..], true),
        (Input::Null, &["--stdin", "close"], false),
        (Input::Empty, &["--stdin", "keep"], true),
        (Input::Empty, &["--stdin", "none"], true),
    ] {
        let (listener, address) = listen();
        let args = [&["tcp-client", &address, "--send", "get"][..], options].concat();
        let mut client = start(&args, input, Output::Live);
        let mut stream = accept(&listener);
        assert_eq!(read_exactly(&stream, 3), b"get");
        if !stays {
            assert_eq!(read_all(&stream), b"");
            continue;
        }
        // When it prints this, it has long seen the end of its input.
        stream.write_all(b"one").unwrap();
        client.prints(b"one");
        stream.set_nonblocking(true).unwrap();
        let nothing = stream.read(&mut [0]).unwrap_err();
        assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock, "{input:?} {options:?}");
        stream.set_nonblocking(false).unwrap();
        stream.write_all(&vec![b'x'; 1_000_000]).unwrap();
        drop(stream);
        let ended = client.end();
        assert_eq!((ended.status, ended.stdout.len()), (0, 1_000_000), "{:?}", ended.stderr);
    }
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_written_as_they_are() {
    let mut server = start(
        &["udp", "127.0.0.1:0", "--max-bytes", "3", "--capture", "/dev/stdout"],
        Input::Empty,
        Output::Read,
    );
    let (socket, _) = super::datagrams();
    socket.send_to(b"abc", server.address()).unwrap();
    let ended = server.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    let folder = TempDir::new().unwrap();
    let (capture, other) = (path(folder.path(), "a.pcapng"), path(folder.path(), "b"));
    fs::write(&capture, &ended.stdout).unwrap();
    assert_eq!(exported(&capture, "raw-rx"), b"abc");
    for output in ["/dev/null", "/dev/stdout", "-"] {
        let ended = run(&["export", &capture, "--format", "raw-rx", "--output", output, "--overwrite"]);
        let expected: &[u8] = if output == "/dev/null" { b"" } else { b"abc" };
        assert_eq!((ended.status, &ended.stdout[..]), (0, expected), "{output}: {:?}", ended.stderr);
    }
    assert_eq!(run(&["udp", "127.0.0.1:0", "--for", "0s", "--capture", "/dev/null"]).status, 0);
    // A link to an open file is not replaced by another file.
    std::os::unix::fs::symlink("/proc/self/fd/1", &other).unwrap();
    let args = ["export", &capture, "--format", "raw-rx", "--output", &other, "--overwrite"];
    assert_eq!(run(&args).stdout, b"abc");
    let refused =
        run(&["udp", "127.0.0.1:0", "--for", "0s", "--capture", &other, "--print", "hex", "--overwrite"]);
    assert_eq!((refused.status, &refused.stdout[..]), (2, &b""[..]), "{:?}", refused.stderr);
    assert!(fs::symlink_metadata(&other).unwrap().is_symlink());
}

#[cfg(unix)]
#[test]
fn a_capture_whose_reader_has_gone_ends_the_session() {
    let (listener, address) = listen();
    // It may end before it connects.
    let flood = move || {
        let (mut stream, block) = (accept(&listener), vec![b'x'; 65_536]);
        while stream.write_all(&block).is_ok() {}
    };
    thread::Builder::new().spawn(flood).unwrap();
    let args = ["tcp-client", &address, "--capture", "/dev/stdout"];
    let ended = start(&args, Input::Null, Output::ClosedEarly).end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
}

#[cfg(unix)]
#[test]
fn an_interrupted_file_is_a_failure() {
    let folder = TempDir::new().unwrap();
    let file = path(folder.path(), "big");
    fs::File::create_new(&file).unwrap().set_len(1 << 30).unwrap();
    let (listener, address) = listen();
    let args = ["tcp-client", &address, "--send-file", &file, "--print", "none"];
    let client = start(&args, Input::Null, Output::Read);
    let stream = accept(&listener);
    // It is being sent, and nobody reads the rest.
    read_exactly(&stream, 1);
    client.signal("INT");
    let ended = client.end();
    assert_eq!(ended.status, 1, "{:?}", ended.stderr);
    assert!(
        ended.stderr.iter().any(|line| line.contains(" of 1073741824 bytes were sent")),
        "{:?}",
        ended.stderr
    );
}

#[test]
fn a_capture_that_exists_is_not_replaced_unasked() {
    let folder = TempDir::new().unwrap();
    let capture = path(folder.path(), "session.pcapng");
    fs::write(&capture, "mine").unwrap();
    let args = ["udp", "127.0.0.1:0", "--for", "0s", "--capture", &capture];
    let refused = run(&args);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr[0].contains("--overwrite"), "{:?}", refused.stderr);
    assert_eq!(fs::read(&capture).unwrap(), b"mine");

    #[cfg(unix)]
    {
        fs::remove_file(&capture).unwrap();
        std::os::unix::fs::symlink(folder.path().join("nowhere"), &capture).unwrap();
        assert_eq!(run(&args).status, 2, "a link that leads nowhere is something, too");
    }
    let replaced = run(&[&args[..], &["--overwrite"]].concat());
    assert!(replaced.kept().is_empty());
    assert!(fs::read(&capture).unwrap().starts_with(b"\x0A\x0D\x0D\x0A"));

    let nowhere = path(&folder.path().join("no"), "log.txt");
    let lost = run(&["export", &capture, "--format", "text", "--output", &nowhere]);
    assert_eq!(lost.status, 1);
    assert_eq!(lost.stderr, [format!("error: {nowhere}: no such folder")]);
}

/// A folder of data with settings and captures of 1 MiB that are so many days old.
fn with_captures(settings: &str, ages: impl IntoIterator<Item = u64>) -> TempDir {
    let data = TempDir::new().unwrap();
    fs::write(data.path().join("settings.toml"), settings).unwrap();
    let captures = data.path().join("captures");
    fs::create_dir(&captures).unwrap();
    for (n, age) in ages.into_iter().enumerate() {
        let file = fs::File::create_new(captures.join(format!("{n}.pcapng"))).unwrap();
        file.set_len(1 << 20).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_hours(24 * age + n as u64)).unwrap();
    }
    data
}

#[test]
fn old_captures_are_deleted_and_told_and_new_ones_are_kept_and_told() {
    // The session's own is the newest one.
    let days = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3];
    for (settings, days, left, told) in [
        ("keep_captures_mib = 12", &days[..], 11, "deleted 1 old capture (1.00 MiB) in "),
        ("keep_captures_mib = 2", &days[..], 9, "deleted 3 old captures (3.00 MiB) in "),
        ("keep_captures_mib = 2", &[0; 13], 13, ""),
        ("warn_captures_mib = 12", &[0; 13], 13, "warning: captures in "),
        ("", &days[..], 12, ""),
        // Whoever mistyped the limit may have meant a larger one.
        ("keep_captures_mib = 2 MiB", &days[..], 12, "warning: deleting old captures: "),
    ] {
        let data = with_captures(settings, days.iter().copied());
        let ended = start_in(data, &["udp", "127.0.0.1:0", "--for", "0s"], Input::Empty, Output::Read).end();
        assert_eq!(ended.status, 0, "{:?}", ended.stderr);
        let kept: Vec<_> = ended.kept().iter().map(|path| path.file_stem().unwrap().to_owned()).collect();
        assert_eq!(kept.len(), left + 1, "{settings}: {kept:?}");
        assert!((0..left).all(|n| kept.iter().any(|name| *name == *n.to_string())), "{settings}: {kept:?}");
        let about = |line: &&String| {
            // The disk of this machine may be.
            !line.contains("the disk is nearly full")
                && (line.starts_with("deleted ") || line.starts_with("warning: "))
        };
        let lines: Vec<_> = ended.stderr.iter().filter(about).collect();
        let as_told = lines.iter().all(|line| !told.is_empty() && line.starts_with(told));
        assert!(as_told && lines.len() == usize::from(!told.is_empty()), "{settings}: {lines:?}");
    }
}

#[test]
fn limits_end_it() {
    for limit in [["--for", "50ms"], ["--idle", "50ms"]] {
        let ended = run(&[&["udp", "127.0.0.1:0"], &limit[..]].concat());
        assert_eq!(ended.status, 0, "{limit:?}: {:?}", ended.stderr);
        assert!(ended.stderr.last().unwrap().starts_with("received 0 bytes"), "{:?}", ended.stderr);
    }
    let (listener, address) = listen();
    let client = start(&["tcp-client", &address, "--max-bytes", "5"], Input::Piped, Output::Read);
    let stream = accept(&listener);
    (&stream).write_all(b"12345").unwrap();
    assert_eq!(read_all(&stream), b"");
    let ended = client.end();
    assert_eq!((ended.status, ended.text()), (0, "12345"), "{:?}", ended.stderr);
}

#[test]
fn an_idle_limit_counts_from_the_last_byte() {
    let idle = Duration::from_secs(1);
    let conclusive = (0..10).any(|_| {
        let (listener, address) = listen();
        let client = start(&["tcp-client", &address, "--idle", "1s"], Input::Piped, Output::Read);
        let stream = accept(&listener);
        let connected = Instant::now();
        // Some time in which nothing comes.
        stream.set_read_timeout(Some(idle / 2)).unwrap();
        let nothing = (&stream).read(&mut [0]);
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let last = Instant::now();
        (&stream).write_all(b".").unwrap();
        if nothing.is_ok() || connected.elapsed() > idle * 3 / 4 {
            return false;
        }
        assert_eq!(read_all(&stream), b"");
        assert!(last.elapsed() >= idle, "{:?} after the last byte", last.elapsed());
        let ended = client.end();
        assert_eq!((ended.status, ended.text()), (0, "."), "{:?}", ended.stderr);
        true
    });
    assert!(conclusive, "this machine is too busy to tell");
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_a_whole_capture() {
    use std::ops::ControlFlow;

    use netassist::journal::scan;
    use netassist::model::RecordKind;

    let folder = TempDir::new().unwrap();
    for name in ["TERM", "INT"] {
        let capture = path(folder.path(), name);
        let args = ["tcp-server", "127.0.0.1:0", "--echo", "--capture", &capture];
        let mut server = start(&args, Input::Empty, Output::Read);
        let client = call(server.address());
        (&client).write_all(b"remember me").unwrap();
        assert_eq!(read_exactly(&client, 11), b"remember me");
        server.signal(name);
        assert_eq!(read_all(&client), b"", "it closes in order");
        drop(client);
        let ended = server.end();
        assert_eq!((ended.status, ended.text()), (0, "remember me"), "{:?}", ended.stderr);
        assert!(ended.stderr.last().unwrap().starts_with("received 11 bytes"), "{:?}", ended.stderr);
        assert_eq!(exported(&capture, "raw-tx"), b"remember me");
        let mut last = None;
        scan(capture.as_ref(), 0, u64::MAX, &mut |batch| {
            last = batch.records.last().copied().or(last);
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(last.unwrap().kind, RecordKind::Note, "the end is in the capture");
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_although_nobody_reads_its_output() {
    let mut server = start(&["tcp-server", "127.0.0.1:0"], Input::Empty, Output::Unread);
    let client = call(server.address());
    // More than any pipe holds: its output is stuck. But what arrives is taken all the same.
    (&client).write_all(&vec![b'x'; 4_000_000]).unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(read_all(&client), b"");
    server.signal("TERM");
    let ended = server.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    // What is not printed is told, and where it is.
    let [.., warning, summary] = ended.stderr.as_slice() else { panic!("{:?}", ended.stderr) };
    assert_eq!(warning, "warning: not all was printed; the capture has it");
    assert!(summary.contains("received 4000000 bytes") && summary.contains("; recorded in "), "{summary}");
}

#[test]
fn a_capture_is_exported() {
    let folder = TempDir::new().unwrap();
    let capture = path(folder.path(), "session.pcapng");
    let (listener, address) = listen();
    let args = ["tcp-client", &address, "--send-hex", "00 FF", "--capture", &capture];
    let client = start(&args, Input::Empty, Output::Read);
    let stream = accept(&listener);
    assert_eq!(read_all(&stream), b"\0\xFF");
    (&stream).write_all("测试".as_bytes()).unwrap();
    drop(stream);
    assert_eq!(client.end().status, 0);

    assert_eq!(exported(&capture, "raw-tx"), b"\0\xFF");
    assert_eq!(exported(&capture, "raw-rx"), "测试".as_bytes());
    assert_eq!(exported(&capture, "pcapng"), fs::read(&capture).unwrap());
    let log = String::from_utf8(exported(&capture, "netassist")).unwrap();
    assert!(log.contains("# RECV ASCII FROM 127.0.0.1 :") && log.contains(">\r\n测试\r\n\r\n"), "{log}");
    let dump = run(&["export", &capture, "--format", "text", "--body", "dump"]);
    assert!(dump.text().contains("\n  00000000  E6 B5 8B E8 AF 95 "), "{}", dump.text());

    let output = path(folder.path(), "log.txt");
    let args = ["export", &capture, "--format", "raw-rx", "--output", &output];
    assert_eq!(run(&args).status, 0);
    assert_eq!(fs::read_to_string(&output).unwrap(), "测试");
    let again = run(&args);
    assert_eq!(again.status, 2);
    assert!(again.stderr[0].contains("--overwrite"), "{:?}", again.stderr);
    assert_eq!(run(&[&args[..], &["--overwrite"]].concat()).status, 0);
    let itself = run(&["export", &capture, "--format", "text", "-o", &capture, "--overwrite"]);
    assert_eq!(itself.status, 2);
    assert_eq!(exported(&capture, "raw-tx"), b"\0\xFF");
}

#[test]
fn a_log_tells_what_is_done_and_nothing_that_is_sent() {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let remote = socket.local_addr().unwrap().to_string();
    let args = ["udp", "127.0.0.1:0", "--remote", &remote, "--send", "secret", "--for", "50ms"];
    let logged = |more: &[&str]| {
        let ended = run(&[&args[..], more].concat());
        assert_eq!(ended.status, 0, "{:?}", ended.stderr);
        assert!(!ended.stderr.concat().contains("secret"), "{:?}", ended.stderr);
        ended.stderr.into_iter().filter(|line| line.starts_with("info: ")).collect::<Vec<_>>()
    };
    let link = format!("udp 127.0.0.1:0 --remote {remote}");
    assert_eq!(logged(&[]), [""; 0]);
    assert_eq!(logged(&["--log", "warn"]), [""; 0]);
    assert_eq!(
        logged(&["--log", "trace"]),
        [format!("info: opening {link}"), format!("info: closed {link}")]
    );
    let wrong = run(&["--log", "loud", "udp", "127.0.0.1:0"]);
    assert_eq!(wrong.status, 2);
    assert!(wrong.stderr.concat().contains("info"), "it tells the levels: {:?}", wrong.stderr);
}
