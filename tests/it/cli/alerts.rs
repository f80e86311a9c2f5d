//! Rules that notify and run commands, and rules for silence, with a desktop of the test's own.

#![expect(clippy::used_underscore_binding, reason = "the code that the interface makes uses all arguments")]

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded};
use tempfile::TempDir;
use zbus::zvariant::OwnedValue;

use super::process::{DEADLINE, Input, Output, Process, path, run, start_in};
use super::{call, read_exactly};

/// The summaries and bodies of notifications.
struct Desktop(Sender<(String, String)>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Desktop {
    #[expect(
        clippy::too_many_arguments,
        clippy::needless_pass_by_value,
        reason = "the specification has them"
    )]
    fn notify(
        &self,
        app: String,
        _replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        assert_eq!(app, "netassist");
        self.0.send((summary, body)).unwrap();
        1
    }
}

/// A message bus, and what is shown by it.
struct Bus {
    daemon: Child,
    _desktop: zbus::Connection,
    shown: Receiver<(String, String)>,
}

impl Bus {
    /// At the address that programs under test are given with this folder.
    fn start(data: &Path) -> Self {
        let address = format!("unix:path={}", path(data, "bus"));
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address", "--address", &address])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("dbus-daemon is needed: {error}"));
        let mut line = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (sender, shown) = bounded(100);
        let desktop = zbus::block_on(async {
            let builder = zbus::connection::Builder::address(address.as_str())?;
            let builder = builder.name("org.freedesktop.Notifications")?;
            builder.serve_at("/org/freedesktop/Notifications", Desktop(sender))?.build().await
        });
        Self { daemon, _desktop: desktop.unwrap(), shown }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
    }
}

/// A server with these rules.
fn server(data: TempDir, rules: &str, args: &[&str]) -> Process {
    let file = path(data.path(), "rules.toml");
    fs::write(&file, rules).unwrap();
    let all = [&["tcp-server", "127.0.0.1:0", "--framing", "line", "--rules", &file], args].concat();
    start_in(data, &all, Input::Empty, Output::Read)
}

fn soon(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}

/// How many alerts of a rule were left out, as it says.
fn left_out(said: &[String], rule: &str) -> u64 {
    let start = format!("alerts of {rule} left out, at most one a second: ");
    said.iter().filter_map(|line| line.strip_prefix(&start)?.parse::<u64>().ok()).sum()
}

#[test]
fn a_flood_makes_few_notifications_and_their_markup_is_not_interpreted() {
    let data = TempDir::new().unwrap();
    let bus = Bus::start(data.path());
    let rules = "[[rule]]\nname = 'poor'\nwhen = 'regex'\npattern = '^(.*)'\nthen = 'notify'\ncontent = '{1} & <b>'\n";
    let mut server = server(data, rules, &["--print", "none", "--max-connections", "1"]);
    let mut peer = call(server.address());
    let begun = Instant::now();
    for n in 0..5000 {
        peer.write_all(format!("<a{n}>\n").as_bytes()).unwrap();
    }
    drop(peer);
    let said = server.end().stderr;
    let took = begun.elapsed();
    let shown: Vec<_> = bus.shown.try_iter().collect();
    assert!(shown[0].0.starts_with("netassist: tcp-server 127.0.0.1:"), "{shown:?}");
    assert_eq!(shown[0].1, "poor\n&lt;a0&gt; &amp; &lt;b&gt;");
    let last = shown.last().unwrap();
    assert!(last.1.starts_with("poor\n&lt;a4999&gt; &amp; &lt;b&gt; (+"), "{shown:?}");
    // One at first, one a second, and one at the end.
    assert!(shown.len() as u64 <= 2 + took.as_secs(), "{} in {took:?}", shown.len());
    let told = said.iter().filter(|line| line.starts_with("alert of poor: ")).count() as u64;
    assert_eq!(told + left_out(&said, "poor"), 5000, "{said:?}");
}

#[test]
fn a_desktop_without_notifications_is_told_once() {
    let rules = "[[rule]]\nthen = 'notify'\nand-then = 'go-on'\n[[rule]]\nthen = 'echo'\n";
    let mut server = server(TempDir::new().unwrap(), rules, &["--print", "none", "--max-connections", "1"]);
    let mut peer = call(server.address());
    for _time in 0..100 {
        peer.write_all(b"x\n").unwrap();
        assert_eq!(read_exactly(&peer, 2), b"x\n");
    }
    drop(peer);
    let ended = server.end();
    let no = "error: cannot show a notification: the desktop has no service for notifications, or it does not answer";
    assert_eq!(ended.stderr.iter().filter(|line| *line == no).count(), 1, "{:?}", ended.stderr);
    assert_eq!(ended.status, 0);
}

#[test]
fn a_command_gets_the_message_on_its_standard_input_alone() {
    let data = TempDir::new().unwrap();
    let out = path(data.path(), "out");
    let define = format!("keep=(cat; env; echo \"$0 $@\") > '{out}.new' && mv '{out}.new' '{out}'");
    let rules =
        "[[rule]]\nname = 'keep it'\nwhen = 'contains'\npattern = 'Secret'\nthen = 'run'\ncommand = 'keep'\n";
    let mut server = server(data, rules, &["--alert-command", &define, "--print", "none"]);
    let mut peer = call(server.address());
    peer.write_all(b"aSecret$(touch x)\nother\n").unwrap();
    soon("the command runs", || Path::new(&out).exists());
    let seen = fs::read_to_string(&out).unwrap();
    assert!(seen.starts_with("aSecret$(touch x)\n"), "{seen}");
    assert_eq!(seen.matches("Secret").count(), 1, "{seen}");
    server.signal("INT");
    assert_eq!(server.end().status, 0);
}

#[test]
fn commands_run_one_at_a_time_and_those_left_out_are_counted() {
    let data = TempDir::new().unwrap();
    let out = path(data.path(), "out");
    fs::write(
        data.path().join("settings.toml"),
        format!("[alert_commands]\ncount = \"cat >> '{out}'; exit 3\"\n"),
    )
    .unwrap();
    let rules = "[[rule]]\nname = 'r'\nthen = 'run'\ncommand = 'count'\n";
    let mut server = server(data, rules, &["--print", "none", "--max-connections", "1"]);
    let mut peer = call(server.address());
    for n in 0..3000 {
        peer.write_all(format!("{n}\n").as_bytes()).unwrap();
    }
    drop(peer);
    let ended = server.end();
    let said = &ended.stderr;
    let n_run = fs::read_to_string(&out).unwrap().lines().count() as u64;
    assert_eq!(n_run + left_out(said, "r"), 3000, "{said:?}");
    assert!(said.contains(&"error: cannot run command count: exit status 3".to_owned()), "{said:?}");
}

#[test]
fn a_command_that_still_runs_at_the_end_is_stopped_with_its_children() {
    let data = TempDir::new().unwrap();
    let pids = path(data.path(), "pids");
    let define = format!("hang=sleep 1000 & echo $$ $! > '{pids}.new'; mv '{pids}.new' '{pids}'; wait");
    let mut server = server(
        data,
        "[[rule]]\nthen = 'run'\ncommand = 'hang'\n",
        &["--alert-command", &define, "--print", "none"],
    );
    call(server.address()).write_all(b"x\n").unwrap();
    soon("the command runs", || Path::new(&pids).exists());
    let pids = fs::read_to_string(&pids).unwrap();
    server.signal("INT");
    let said = server.end().stderr;
    let stopped = "error: cannot run command hang: it took too long and was stopped";
    assert!(said.contains(&stopped.to_owned()), "{said:?}");
    for pid in pids.split_whitespace() {
        // An orphan may wait to be reaped.
        let stat = format!("/proc/{pid}/stat");
        soon("it is gone", || fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z ")));
    }
}

#[test]
fn an_unknown_command_is_refused_at_the_start() {
    let folder = TempDir::new().unwrap();
    let file = path(folder.path(), "lab.toml");
    let rule = "[[session.rule]]\nname = 'call'\nthen = 'run'\ncommand = 'pager'\n";
    let session = "[[session]]\nprotocol = 'udp'\nlocal = '127.0.0.1:0'\n";
    fs::write(&file, format!("{session}{rule}")).unwrap();
    let ended = run(&["run", &file]);
    assert_eq!(ended.status, 2);
    let wrong = "line 7, column 1: rule 1 ‘call’, command: unknown command ‘pager’; define it in the settings, or add \
                 '--alert-command pager=COMMAND'";
    assert!(ended.stderr[0].ends_with(wrong), "{:?}", ended.stderr);
    let bad = run(&["run", &file, "--alert-command", "pager"]);
    assert!(bad.stderr[0].contains("expected NAME=COMMAND"), "{:?}", bad.stderr);
}

#[test]
fn silence_is_answered_once_until_something_is_received_again() {
    let data = TempDir::new().unwrap();
    let bus = Bus::start(data.path());
    let rules = "[[rule]]\nname = 'watch'\nsilence = '300ms'\nthen = 'notify'\ncontent = 'device {peer}silent'\n\
                 [[rule]]\nsilence = '300ms'\nthen = 'reply'\ncontent = 'there?'\n\
                 [[rule]]\nsilence = '100ms'\nfrom = '192.0.2.1'\nat-most = 1\nthen = 'stop-recording'\n\
                 [[rule]]\nsilence = '1s'\nthen = 'close'\n";
    let mut server = server(data, rules, &["--print", "none"]);
    let address = server.address();
    // Nobody needs to be there.
    server.line("recording stopped");
    let first = bus.shown.recv_timeout(DEADLINE).unwrap();
    assert_eq!(first.1, "watch\ndevice silent");
    let (mut one, two) = (call(address), call(address));
    one.write_all(b"x\n").unwrap();
    for peer in [&one, &two] {
        assert_eq!(read_exactly(peer, 6), b"there?");
    }
    // Then no more, but the end.
    for peer in [&one, &two] {
        assert_eq!(super::read_all(peer), b"");
    }
    assert!(bus.shown.recv_timeout(DEADLINE).is_ok());
    assert_eq!(bus.shown.try_recv().ok(), None, "each silence is told once");
    server.signal("INT");
    let ended = server.end();
    let told = ended.stderr.iter().filter(|line| *line == "alert of watch: device silent").count() as u64;
    assert_eq!(told + left_out(&ended.stderr, "watch"), 2, "{:?}", ended.stderr);
    assert_eq!(ended.status, 0);
}

#[test]
fn a_rule_for_silence_that_needs_a_message_is_refused() {
    let folder = TempDir::new().unwrap();
    let file = path(folder.path(), "rules.toml");
    for (rule, why) in [
        ("silence = '60s'\nthen = 'echo'", "then: this action needs a message; a rule for silence has none"),
        ("silence = '1ms'\nthen = 'close'", "silence: expected a duration from 100ms to "),
        ("then = 'run'", "command: required"),
    ] {
        fs::write(&file, format!("[[rule]]\n{rule}\n")).unwrap();
        let ended = run(&["tcp-server", "127.0.0.1:0", "--rules", &file]);
        assert!(ended.stderr[0].contains(why), "{:?}", ended.stderr);
    }
}
