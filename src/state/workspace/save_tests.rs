//! Tabs become files and tabs again.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::codec::Charset;
use crate::codec::append::Step;
use crate::codec::frame::Framing;
use crate::model::{Body, Options};
use crate::state::{
    Action, AppendForm, CycleBox, Disposal, Phase, QuickBox, Report, RulesBox, SaveState, Saved, SendMode,
    Settings, TabId, View, ViewMode,
};
use crate::workspace::any::{quick_sends, rule_forms};
use crate::workspace::{FaultsForm, IfThere, RuleForm, ThenKind};

/// Forms that can be opened, in which nothing stands that their protocol does not use, written as it would be
/// written again.
fn forms() -> impl Strategy<Value = Form> {
    let addresses = prop::sample::select(&["127.0.0.1", "0.0.0.0", "::1", "::"][..]);
    let hosts = prop::sample::select(&["127.0.0.1", "::1", "a.example", "测试.example", "fe80::1%2"][..]);
    let wait = || (1_u32..=3_600_000).prop_map(|ms| ms.to_string());
    let buffer = || prop_oneof![Just(String::new()), (1_u32..=1 << 20).prop_map(|kib| kib.to_string())];
    let groups = prop::sample::select(&["", "239.1.2.3", "ff02::1"][..]);
    let interfaces = prop::sample::select(&["", "127.0.0.1", "3"][..]);
    let ends = (addresses, any::<u16>(), hosts, 1_u16.., any::<bool>());
    let texts = (wait(), wait(), buffer(), buffer(), groups, interfaces, any::<u8>());
    let protocols = prop::sample::select(&Protocol::ALL[..]);
    (protocols, ends, any::<[bool; 9]>(), texts).prop_map(|(protocol, ends, ticks, texts)| {
        let (local_host, local_port, remote_host, remote_port, named) = ends;
        let [nodelay, keepalive, abort_on_close, half_open, reconnect, short, until, broadcast, loopback] =
            ticks;
        let (timeout, short_wait, send_buffer, receive_buffer, group, interface, ttl) = texts;
        let usual = Form { protocol, send_buffer, receive_buffer, ..Form::default() };
        let local = |form: Form| {
            let (local_host, local_port) = (local_host.to_owned(), local_port.to_string());
            Form { local_host, local_port, ..form }
        };
        let remote = |form: Form| {
            let (remote_host, remote_port) = (remote_host.to_owned(), remote_port.to_string());
            Form { remote_host, remote_port, ..form }
        };
        let nobody = |form: Form| Form { remote_host: String::new(), ..form };
        let tcp = Form { nodelay, keepalive, abort_on_close, half_open, ..usual.clone() };
        match protocol {
            Protocol::TcpServer => local(nobody(tcp)),
            Protocol::TcpClient => {
                let tcp = Form { reconnect, short, short_until_closed: until, timeout, ..remote(tcp) };
                let tcp = if short { Form { short_wait, ..tcp } } else { tcp };
                if named { Form { bind_client: true, ..local(tcp) } } else { tcp }
            }
            Protocol::Udp => {
                let (group, interface) = (group.to_owned(), interface.to_owned());
                let udp = Form { broadcast, loopback, group, interface, ttl: ttl.to_string(), ..usual };
                if named { local(remote(udp)) } else { local(nobody(udp)) }
            }
        }
    })
}

/// What may stand in a send box, and how it is sent again and again.
fn boxes() -> impl Strategy<Value = (Draft, CycleBox)> {
    let appended = ["", "crlf", "hex:7E CRC-16/MODBUS hex:0D lf", "length:0:2:be LRC:from=1:text"];
    let append = prop::sample::select(appended.to_vec()).prop_map(|steps| {
        let steps: Vec<Step> = steps.split_whitespace().map(|step| step.parse().unwrap()).collect();
        AppendForm::of_steps(&steps).unwrap()
    });
    let typed = ("(?s).{0,9}", prop::sample::select(&SendMode::ALL[..]), any::<[bool; 2]>());
    (typed, append, "(20|2s|.{0,3})", "[0-9]{0,2}").prop_map(
        |((text, mode, [escapes, placeholders]), append, period, count)| {
            (Draft { text, mode, escapes, placeholders, append }, CycleBox { period, count })
        },
    )
}

/// Tabs whose session can be written down.
fn tabs() -> impl Strategy<Value = Tab> {
    let framings = ["none", "line", "delimiter:7E7E", "fixed:16", "length:1:4:le:-2:whole", "idle:1500us"];
    let look = (
        prop::sample::select(&Charset::ALL[..]),
        prop::sample::select(&Body::ALL[..]),
        prop::sample::select(&ViewMode::ALL[..]),
        prop::sample::select(framings.map(|text| text.parse::<Framing>().unwrap()).to_vec()),
    );
    let rules = prop::collection::vec(rule_forms(), 0..3);
    let quick = prop::collection::vec(quick_sends(), 0..3);
    let names = ("(lab|.{0,6})", "(1|[0-9 ]{0,2})");
    (names, forms(), look, boxes(), quick, rules, "[0-9]{0,2}").prop_map(
        |((name, loops), form, (charset, body, mode, framing), sent, quick, mut rules, drop_every)| {
            // What is wrong is switched off.
            for rule in &mut rules {
                rule.on &= rule.build(crate::model::RuleId(0), charset).is_ok();
            }
            let drop_every = if drop_every.is_empty() { drop_every } else { format!("{drop_every}1") };
            let faults = FaultsForm { drop_every, ..FaultsForm::default() };
            let mut tab = Tab::default();
            (tab.name, tab.form) = (name, form);
            tab.view = View { mode, body, charset, ..View::default() };
            (tab.quick, tab.rules) = (QuickBox::of(quick), RulesBox::of(rules, faults));
            tab.quick.loops = loops;
            tab.send.fill(sent.0);
            tab.send.cycle = sent.1;
            tab.set_framing(framing);
            tab
        },
    )
}

/// The tab that a session becomes when its file is opened.
fn reopened(session: Session) -> Tab {
    let text = Workspace { sessions: vec![session], ..Workspace::default() }.print().unwrap();
    let workspace = WorkspaceFile::parse(text).unwrap().workspace;
    let mut state = State::new(Settings::default());
    state.report(Report::Workspace(Ok(workspace.into())));
    assert_eq!((state.tabs.len(), &state.notice), (2, &None));
    state.tab().clone()
}

proptest! {
    #[test]
    fn a_tab_is_the_same_when_its_file_is_opened(tab in tabs()) {
        let session = tab.to_session();
        prop_assert!(session.is_ok(), "{session:?}");
        let again = reopened(session.unwrap());
        prop_assert_eq!(again.to_save(), tab.to_save());
        prop_assert_eq!(&again.framed.framing, &tab.framed.framing);
        prop_assert_eq!(again.to_session(), tab.to_session());
    }

    #[test]
    fn any_form_opens_the_same_or_is_not_written(
        form in forms(),
        protocol in prop::sample::select(&Protocol::ALL[..]),
        texts in prop::collection::vec("( |5|0300|x|127.0.0.1 |\\[::1\\]|.{0,3})", 8),
    ) {
        let [local_host, remote_host, remote_port, timeout, short_wait, group, interface, ttl] =
            texts.try_into().unwrap();
        let typed = Form { local_host, short_wait, timeout, group, interface, ttl, ..form.clone() };
        let typed = if protocol == Protocol::Udp { Form { remote_host, remote_port, ..typed } } else { typed };
        for form in [Form { protocol, ..form }, Form { protocol, ..typed }] {
            let mut tab = Tab::default();
            tab.form = form;
            match tab.to_session() {
                Ok(session) => {
                    let again = reopened(session);
                    let [(link, options), (same_link, same_options)] =
                        [&tab, &again].map(|tab| tab.form.link().unwrap());
                    prop_assert_eq!(link, same_link);
                    // What the protocol does not use may be anything.
                    let used = |options: Options| match protocol {
                        Protocol::TcpClient => (options.connect_timeout, options.short, 0),
                        Protocol::TcpServer => Default::default(),
                        Protocol::Udp => (Duration::ZERO, None, options.multicast_ttl),
                    };
                    prop_assert_eq!(used(options), used(same_options));
                }
                Err(why) => {
                    prop_assert_eq!(why, Unwritable::Form);
                    prop_assert!(tab.form.link().is_err());
                }
            }
        }
    }
}

#[test]
fn what_a_file_appends_comes_into_the_fields_or_into_the_bytes() {
    let saved = |append: &str, content: &str| {
        let text =
            format!("local = '[::]:0'\nsend = {{ mode = 'hex', content = '{content}', append = {append} }}");
        SavedTab::of_session(&toml::from_str(&text).unwrap()).map(|saved| (saved.send_text, saved.append.on))
    };
    assert_eq!(saved("['LRC', 'lf']", "01 0"), Ok(("01 0".into(), true)), "it is still being typed");
    // The fields have room for one checksum.
    assert_eq!(saved("['LRC', 'XOR-8']", "01"), Ok(("01 FF FE".into(), false)));
    let problem = saved("['LRC', 'XOR-8']", "01 0").unwrap_err();
    assert_eq!((problem.field, problem.why), (SessionField::SendAppend, SessionTrouble::NoRoom));
}

fn show(open: bool) -> Action {
    Action::Workspace(WorkspaceAction::Show(open))
}

fn save(disposal: Disposal) -> Action {
    Action::Workspace(WorkspaceAction::Save(disposal))
}

/// Where the tab would be saved, and what if a file is there.
fn saving(state: &mut State, disposal: Disposal) -> Option<(String, IfThere)> {
    match &state.act(save(disposal))[..] {
        [] => None,
        [Effect::SaveWorkspace { tab, path, workspace, if_there }] => {
            assert_eq!(*tab, state.active);
            assert_eq!(workspace.sessions, [state.tab().to_session().unwrap()]);
            Some((path.to_str().unwrap().to_owned(), *if_there))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_is_saved_where_it_is_typed_and_replaces_only_what_was_asked_about() {
    let mut state = State::new(Settings::default());
    let id = state.active;
    assert_eq!(state.act(show(true)), [Effect::SuggestWorkspacePath(id)]);
    assert_eq!(saving(&mut state, Disposal::Ask), None, "nowhere");
    state.report(Report::WorkspacePath(id, "/lab/udp.toml".into()));
    assert_eq!(
        state.act(Action::Workspace(WorkspaceAction::Browse)),
        [Effect::PickWorkspacePath(id, "/lab/udp.toml".into())]
    );
    assert_eq!(saving(&mut state, Disposal::Ask), Some(("/lab/udp.toml".into(), IfThere::Refuse)));
    assert_eq!(saving(&mut state, Disposal::Ask), None, "one at a time");
    state.act(show(false));
    assert!(state.tab().workspace.open);
    state.report(Report::WorkspaceSaved(id, Ok(Saved::Exists("/lab/udp.toml".into()))));
    assert_eq!(state.tab().workspace.state, SaveState::Exists("/lab/udp.toml".into()));
    // Another path is another question; without an ending of its own it gets the one of workspaces.
    state.tab_mut().workspace.path = " /lab/a.b ".into();
    assert_eq!(saving(&mut state, Disposal::Overwrite), Some(("/lab/a.b.toml".into(), IfThere::Refuse)));
    state.report(Report::WorkspaceSaved(id, Ok(Saved::Exists("/lab/a.b.toml".into()))));
    assert_eq!(saving(&mut state, Disposal::Overwrite), Some(("/lab/a.b.toml".into(), IfThere::Replace)));
    state.report(Report::WorkspaceSaved(id, Err("full".into())));
    assert_eq!(
        (&state.tab().notice, state.tab().workspace.open),
        (&Some(Notice::SaveFailed("full".into())), true)
    );
    state.tab_mut().workspace.path = "x.TOML".into();
    assert_eq!(saving(&mut state, Disposal::Ask), Some(("x.TOML".into(), IfThere::Refuse)));
    state.report(Report::WorkspaceSaved(id, Ok(Saved::Done("x.TOML".into(), 9))));
    assert_eq!(
        (&state.tab().notice, state.tab().workspace.open),
        (&Some(Notice::Saved("x.TOML".into(), 9)), false)
    );
    assert_eq!(state.act(show(true)), [], "the path of the last time");
}

#[test]
fn what_could_not_be_opened_again_is_not_saved_and_told() {
    let told = |change: fn(&mut Tab)| {
        let mut state = State::new(Settings::default());
        change(state.tab_mut());
        assert_eq!(state.act(show(true)), []);
        assert!(!state.tab().workspace.open);
        (state.tab().notice.clone(), state.tab().form.show_all_problems)
    };
    let form = told(|tab| tab.form.local_port = "x".into());
    assert_eq!(form, (Some(Notice::CannotWrite(Unwritable::Form)), true));
    let append = told(|tab| {
        (tab.send.append.on, tab.send.append.before) = (true, "x".into());
    });
    assert_eq!(append, (Some(Notice::CannotWrite(Unwritable::Append)), false));
    let rules = told(|tab| {
        let right = RuleForm { then: ThenKind::Echo, ..RuleForm::default() };
        let wrong = RuleForm { name: " poll ".into(), length: "x".into(), ..right.clone() };
        let off = RuleForm { on: false, ..wrong.clone() };
        tab.rules = RulesBox::of([off, wrong, right], FaultsForm::default());
    });
    let (Some(Notice::CannotWrite(Unwritable::Rule { nth: 2, name, .. })), false) = &rules else {
        panic!("{rules:?}");
    };
    assert_eq!(name, "poll");
    let faults = told(|tab| tab.rules.faults.join = "many".into());
    assert!(matches!(faults, (Some(Notice::CannotWrite(Unwritable::Faults(_))), false)), "{faults:?}");
    let viewer = told(|tab| tab.phase = Phase::Viewing { loading: None });
    assert_eq!(viewer, (None, false), "a capture is no session");
}

#[test]
fn a_tab_that_is_gone_is_told_nothing() {
    let mut state = State::new(Settings::default());
    let nobody = TabId(99);
    state.report(Report::WorkspacePath(nobody, "x.toml".into()));
    state.report(Report::WorkspaceSaved(nobody, Err("no".into())));
    assert_eq!((&*state.tab().workspace.path, &state.tab().notice), ("", &None));
}
