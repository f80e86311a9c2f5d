//! Workspaces become tabs.

use super::*;
use crate::codec::Charset;
use crate::codec::frame::Framing;
use crate::model::Body;
use crate::state::{Phase, Report, Settings};
use crate::workspace::{ViewMode, WorkspaceFile};

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

fn lab(text: &str) -> Workspace {
    WorkspaceFile::parse(text.to_owned()).unwrap().workspace
}

#[test]
fn sessions_become_tabs_and_those_that_say_so_open() {
    let mut state = State::new(Settings::default());
    let effects = state.report(Report::Workspace(Ok(lab(LAB).into())));
    let [_, device, client, all] = &state.tabs[..] else { panic!("{:?}", state.tabs.len()) };
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
    for (tab, session) in [device, client, all].into_iter().zip(&lab(LAB).sessions) {
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
    assert_eq!(state.tabs.len(), 2);
    assert!(matches!(&state.notice, Some(Notice::CannotOpen(why)) if why == "x: local.host: required"));
    state.report(Report::Workspace(Err("no".into())));
    assert!(matches!(&state.notice, Some(Notice::CannotOpen(why)) if why == "no"));
}

#[test]
fn a_path_tells_a_workspace_from_a_capture() {
    let mut state = State::new(Settings::default());
    let n_tabs = state.tabs.len();
    let effects = state.act(crate::state::Action::OpenCapture("lab.TOML".into()));
    assert_eq!(effects, [Effect::LoadWorkspace("lab.TOML".into())]);
    assert_eq!(state.tabs.len(), n_tabs);
}
