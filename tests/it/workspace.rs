//! Workspaces as they become tabs, the names of their folders, and what is remembered of approved ones.

use netassist::codec::Charset;
use netassist::codec::frame::Framing;
use netassist::model::{Body, Fault};
use netassist::state::{Action, Effect, LoadedWorkspace, Notice, Phase, Report, Settings, State};
use netassist::store::approvals::{self, Approval, approve, find, hash};
use netassist::workspace::{ViewMode, WorkspaceFile};

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
