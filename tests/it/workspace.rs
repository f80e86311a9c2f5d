//! Workspaces as they become tabs, the names of their folders, and what is remembered of approved ones.

use netassist::codec::Charset;
use netassist::codec::frame::Framing;
use netassist::model::{Body, Fault, Protocol};
use netassist::state::{Action, Effect, LoadedWorkspace, Notice, Phase, Report, Settings, State};
use netassist::store::approvals::{self, Approval, approve, find, hash};
use netassist::workspace::{Address, RulesOf, Session, ViewMode, WorkspaceFile};

const LAB: &str = "\
[[session]]
name = 'device'
protocol = 'tcp-server'
local = '[::1]:9000'
start = true
framing = 'line'
charset = 'gbk'
view = { mode = 'table', show = 'hex' }
[session.options]
keep-alive = true
send-buffer = 64
[[session.quick]]
name = 'q'

[[session]]
protocol = 'tcp-client'
remote = 'a.example:80'
local = '127.0.0.1:0'
options = { connect-timeout = '2s' }

[[session]]
name = 'all'
local = '0.0.0.0:5000'
[[session.rule]]
then = 'echo'
";

/// The sessions of this text, approved.
fn lab(text: &str) -> LoadedWorkspace {
    LoadedWorkspace::own(WorkspaceFile::parse(text.to_owned()).unwrap().workspace)
}

#[test]
fn sessions_become_tabs_and_those_that_say_so_open() {
    let mut state = State::new(Settings::default());
    let effects = state.report(Report::Workspace(Ok(lab(LAB).into())));
    let [device, client, all] = &state.tabs[..] else { panic!("{:?}", state.tabs.len()) };
    assert_eq!(state.active, device.id);
    assert!(matches!(device.phase, Phase::Opening) && matches!(client.phase, Phase::Idle));
    let opens: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Open { tab, link, framing, .. } => Some((*tab, link.to_string(), framing.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(opens, [(device.id, "tcp-server [::1]:9000".to_owned(), Framing::Line)]);
    assert_eq!(device.session.name, "device");
    assert_eq!(
        (device.session.charset, device.session.view.body, device.session.view.mode),
        (Charset::Gbk, Body::Hex, ViewMode::Table)
    );
    assert_eq!(device.framed.framing, Framing::Line);
    assert_eq!([device, client, all].map(|tab| tab.rules.list.forms().len()), [0, 0, 1]);
    assert_eq!(device.quick.list.forms()[0].name, "q");
    for (tab, session) in [device, client, all].into_iter().zip(&lab(LAB).workspace.sessions) {
        let opening = session.build().unwrap();
        assert_eq!(tab.session.build().unwrap(), opening, "{}", session.name);
    }
}

#[test]
fn what_is_wrong_is_told_and_the_rest_opens() {
    let mut state = State::new(Settings::default());
    state.report(Report::Workspace(Ok(
        lab("[[session]]\nname = 'x'\n[[session]]\nlocal = '127.0.0.1:1'").into()
    )));
    assert_eq!(state.tabs.len(), 1, "the untouched tab gave way");
    assert!(
        matches!(&*state.notices, [Notice::CannotOpen(why)] if why.to_string() == "x: local.host: required")
    );
    state.report(Report::Workspace(Err("no".into())));
    assert!(matches!(&*state.notices, [_, Notice::CannotOpen(why)] if why.to_string() == "no"));
}

#[test]
fn every_fault_of_a_file_is_told_with_its_place_and_what_is_accepted() {
    const HEAD: &str = "[[session]]\nprotocol = 'tcp-client'\nremote = '127.0.0.1:9'\n";
    for (text, why) in [
        ("protocol = 'tcp-cleint'", "line 4, column 1: session.protocol: duplicate key"),
        ("[session.options]\nws = true\nws = false", "line 6, column 1: session.options.ws: duplicate key"),
        ("[session.options]\n[session.options]", "line 5, column 10: session.options: duplicate key"),
        (
            "charset = 'gkb'",
            "line 4, column 11: session 1, charset: expected one of utf-8, gbk, gb18030, big5, \
          shift_jis, euc-jp, euc-kr, latin1, windows-1252, windows-1251, koi8-r, utf-16le, utf-16be; did you mean \
          ‘gbk’?",
        ),
        (
            "[[session.rule]]\nthen = 'repyl'",
            "line 5, column 8: session 1, rule 1, then: expected one of reply, echo, \
          send-file, save-file, modbus, sequence, replace, drop, hold, close, reset, stop-recording, highlight, note, \
          notify, run; did you mean ‘reply’?",
        ),
        (
            "[session.options]\nlog-format = 'cvs'\nlog-file = 'x'",
            "line 5, column 1: options.log-format: expected one \
          of text, netassist, netassist5, hexdump, csv, jsonl, raw-rx, raw-tx; did you mean ‘csv’?",
        ),
        (
            "[session.options]\ntls = 'treu'",
            "line 5, column 1: options.tls: expected one of true, false; did you mean \
          ‘true’?",
        ),
        (
            "[session.options]\nkeep = 1.5",
            "line 5, column 8: session 1, options.keep: expected text in quotes, a whole \
          number, true or false",
        ),
        (
            "[session.options]\nws-pth = '/'",
            "line 5, column 1: session 1, options.ws-pth: unknown key; did you mean \
          ‘ws-path’?",
        ),
        (
            "[session.options]\nkeep = 'x'\nrotate = '1h'",
            "line 5, column 1: options.keep: expected a whole number from \
          1 to 1000000",
        ),
        (
            "[[session.rule]]\nname = 's'\nwhen = 'regex'\npattern = '('",
            "line 7, column 1: rule 1 ‘s’, pattern: \
          unclosed group; write \\( for a parenthesis",
        ),
    ] {
        let file = WorkspaceFile::parse(format!("{HEAD}{text}\n"));
        let told =
            file.and_then(|file| file.opening(0).map(drop).and_then(|()| file.rules(RulesOf::Session(0))));
        assert_eq!(told.unwrap_err().to_string(), why, "{text}");
    }
    for (text, why) in [
        (
            "protocol = 'tcp-cleint'",
            "line 2, column 12: session 1, protocol: expected one of udp, tcp-client, \
          tcp-server, tcp-relay, udp-relay; did you mean ‘tcp-client’?",
        ),
        (
            "protocol = 'tcp-client'\nremote = 'ws://127.0.0.1:9/a b'",
            "line 3, column 1: remote.host: expected a path \
          that begins with /, e.g. /chat?room=1",
        ),
        (
            "protocol = 'tcp-client'\nremote = 'a:99999'",
            "line 3, column 1: remote.port: expected a whole number from 1 \
          to 65535",
        ),
        (
            "protocol = 'tcp-relay'\nlocal='127.0.0.1:0'\nremote = 'a:9'\n[session.options]\nfault = 'los=5%'",
            "line 6, \
          column 1: options.fault: unknown key; did you mean ‘loss’?",
        ),
    ] {
        let told =
            WorkspaceFile::parse(format!("[[session]]\n{text}\n")).and_then(|file| file.opening(0).map(drop));
        assert_eq!(told.unwrap_err().to_string(), why, "{text}");
    }
    let file = WorkspaceFile::parse(format!("{HEAD}[[session.quick]]\nname = 'hello'\n")).unwrap();
    let told = file.quick(0, "helo").unwrap_err().to_string();
    assert_eq!(
        told,
        "line 4, column 11: session 1, quick: this session has no quick send ‘helo’; did you mean ‘hello’?"
    );
}

#[test]
fn a_path_tells_a_workspace_from_a_capture() {
    let mut state = State::new(Settings::default());
    let n_tabs = state.tabs.len();
    let effects = state.act(Action::OpenCapture("lab.TOML".into()));
    assert_eq!(effects, [Effect::LoadWorkspace("lab.TOML".into())]);
    assert_eq!(state.tabs.len(), n_tabs);
}

#[cfg(unix)]
#[test]
fn a_folder_has_one_canonical_name_before_and_after_it_exists() {
    use netassist::workspace::canonical;

    let around = tempfile::tempdir().unwrap();
    let here = around.path().canonicalize().unwrap();
    let at = |name: &str| around.path().join(name);
    std::os::unix::fs::symlink(&here, at("alias")).unwrap();
    for _ in 0..2 {
        assert_eq!(canonical(&at("alias/a/b")), Some(here.join("a/b")));
        assert_eq!(canonical(&at("a/b")), Some(here.join("a/b")));
        std::fs::create_dir_all(at("a/b")).unwrap();
    }
    assert_eq!(canonical(&at("alias/a/../a/b")), Some(here.join("a/b")));
    // What a link to nowhere will lead to is not known.
    std::os::unix::fs::symlink(at("nowhere"), at("dangling")).unwrap();
    assert_eq!(
        (canonical(&at("dangling")), canonical(&at("dangling/x")), canonical(&at("new/.."))),
        (None, None, None)
    );
}

#[test]
fn an_approval_is_for_one_content_at_one_place() {
    let home = tempfile::tempdir().unwrap();
    let path = approvals::path(&home.path().join("settings.toml"));
    let (old, new) = (hash("a"), hash("b"));
    assert_eq!(old, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
    let approve = |place: &str, sha256: &str, folders: &[&str]| {
        let folders = folders.iter().map(|&folder| folder.to_owned()).collect();
        approve(&path, place.to_owned(), Approval { sha256: sha256.to_owned(), folders }).unwrap();
    };
    assert_eq!(find(&path, "/x/lab.toml", &old), None, "no file yet");
    approve("/x/lab.toml", &old, &["/srv", "/x y\"'\n"]);
    approve("/x/实验 \"1\".toml", &new, &[]);
    assert_eq!(find(&path, "/x/lab.toml", &old), Some(vec!["/srv".into(), "/x y\"'\n".into()]));
    assert_eq!(find(&path, "/x/实验 \"1\".toml", &new), Some(vec![]));
    assert_eq!(find(&path, "/x/lab.toml", &new), None);
    assert_eq!(find(&path, "/y/lab.toml", &old), None);
    approve("/x/lab.toml", &new, &[]);
    assert_eq!((find(&path, "/x/lab.toml", &old), find(&path, "/x/lab.toml", &new)), (None, Some(vec![])));
    std::fs::write(&path, "[[[").unwrap();
    assert_eq!(find(&path, "/x/lab.toml", &new), None);
    approve("/x/lab.toml", &new, &["/srv"]);
    assert_eq!(find(&path, "/x/lab.toml", &new), Some(vec!["/srv".into()]));
}

#[test]
fn a_password_in_the_address_of_a_proxy_is_refused_and_not_saved() {
    let text = "[[session]]\nprotocol = 'tcp-client'\nremote = 'a:1'\noptions = { proxy = 'socks5h://me:s3cret@b:1' }\n";
    let session = lab(text).workspace.sessions.remove(0);
    let problem = session.build().unwrap_err();
    assert_eq!((problem.path.as_ref(), problem.fault), ("options.proxy", Fault::PasswordTyped));
    let saved = toml::to_string(&session).unwrap();
    assert!(saved.contains("socks5h://me@b:1") && !saved.contains("s3cret"), "{saved}");
}

#[test]
fn a_port_that_is_pasted_with_its_host_goes_to_its_own_place() {
    for (typed, host, port) in [
        ("192.0.2.1:9010", "192.0.2.1", "9010"),
        ("example.org:80", "example.org", "80"),
        ("[::1]:502", "::1", "502"),
        ("::1", "::1", "8080"),
        ("example.org:", "example.org:", "8080"),
        ("example.org:70000", "example.org:70000", "8080"),
    ] {
        let mut session = Session { protocol: Protocol::TcpClient, ..Session::default() };
        session.remote = Address::new(typed, "8080");
        session.take_url();
        assert_eq!((&*session.remote.host, &*session.remote.port), (host, port), "{typed}");
    }
}
