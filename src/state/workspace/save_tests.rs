//! Tabs become files and tabs again.

use proptest::prelude::*;

use super::*;
use crate::codec::frame::Framing;
use crate::codec::{Charset, LineBreak};
use crate::model::{Body, OPTIONS, Protocol};
use crate::state::{
    Action, Effect, FileDialog, FileFor, FramingFields, Phase, QuickBox, Report, RulesBox, SaveState, Saved,
    SendMode, Settings, Tab, TabId,
};
use crate::workspace::any::Any as _;
use crate::workspace::{
    Address, CycleForm, Draft, FaultsForm, IfExists, QuickSend, RuleForm, SavedTab, Session, ThenKind, View,
    ViewMode, Workspace,
};

/// Sessions that can be opened, in which nothing is set that their protocol does not use.
fn forms() -> impl Strategy<Value = Session> {
    let addresses = prop::sample::select(&["127.0.0.1", "0.0.0.0", "::1", "::"][..]);
    let hosts = prop::sample::select(&["127.0.0.1", "::1", "a.example", "测试.example", "fe80::1%2"][..]);
    let texts = prop::collection::vec(
        prop::sample::select(&["true", "false", "5", "239.1.2.3", "answer"][..]),
        OPTIONS.len(),
    );
    let ends = (addresses, any::<u16>(), hosts, 1_u16.., any::<bool>());
    let protocols = prop::sample::select(&Protocol::ALL[..]);
    (protocols, ends, texts).prop_map(|(protocol, (host, port, remote, remote_port, bind), texts)| {
        let mut session = Session {
            protocol,
            local: Address::new(host, port.to_string()),
            remote: Address::new(remote, remote_port.to_string()),
            bind: Some(bind),
            ..Session::default()
        };
        for (spec, text) in OPTIONS.iter().zip(texts) {
            if spec.check(text).is_ok() {
                session.options.set(spec.name, text);
            }
        }
        let bind = session.uses_local();
        Session { bind: Some(bind), ..session.only_used() }
    })
}

/// Send boxes, and how they are repeated.
fn boxes() -> impl Strategy<Value = (Draft, CycleForm)> {
    let appended = ["crlf", "LRC XOR-8", "hex:7E CRC-16/MODBUS hex:0D lf", "length:0:2:be LRC:from=1:text"];
    let append = prop::sample::select(appended.to_vec())
        .prop_map(|steps| steps.split_whitespace().map(str::to_owned).collect());
    let kinds = (prop::sample::select(&SendMode::ALL[..]), prop::sample::select(&LineBreak::ALL[..]));
    let typed = ("(?s).{0,9}", kinds, any::<[bool; 3]>());
    (typed, append, "(20|2s|.{0,3})", "[0-9]{0,2}").prop_map(
        |((content, (mode, line_break), [escapes, placeholders, append_off]), append, period, count)| {
            let draft = Draft { mode, content, escapes, line_break, placeholders, append, append_off };
            (draft, CycleForm { period, count })
        },
    )
}

/// Tabs whose session can be saved.
fn tabs() -> impl Strategy<Value = Tab> {
    let framings = ["none", "line", "delimiter:7E7E", "fixed:16", "length:1:4:le:-2:whole", "idle:1500us"];
    let look = (
        prop::sample::select(&Charset::ALL[..]),
        prop::sample::select(&Body::ALL[..]),
        prop::sample::select(&ViewMode::ALL[..]),
        prop::sample::select(framings.map(|text| text.parse::<Framing>().unwrap()).to_vec()),
    );
    let rules = prop::collection::vec(RuleForm::any(), 0..3);
    let quick = prop::collection::vec(QuickSend::any(), 0..3);
    let names = ("(lab|.{0,6})", "(1|[0-9 ]{0,2})");
    (names, forms(), look, boxes(), quick, rules, "[0-9]{0,2}").prop_map(
        |(
            (name, loops),
            form,
            (charset, body, mode, framing),
            (send, cycle),
            quick,
            mut rules,
            drop_every,
        )| {
            // What is wrong is switched off.
            for rule in &mut rules {
                rule.on &= rule.build(crate::model::RuleId(0), charset).is_ok();
            }
            let drop_every = if drop_every.is_empty() { drop_every } else { format!("{drop_every}1") };
            let faults = FaultsForm { drop_every, ..FaultsForm::default() };
            let mut tab = Tab::new();
            let view = View { mode, body, ..View::default() };
            tab.session = Session { name, charset, view, send, cycle, ..form };
            (tab.quick, tab.rules) = (QuickBox::of(quick), RulesBox::of(rules, faults));
            tab.quick.loops = loops;
            tab.session.framing = FramingFields::of(&framing).text();
            tab.framed.fields = FramingFields::of(&framing);
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
    state.report(Report::Workspace(Ok(LoadedWorkspace::own(workspace).into())));
    assert_eq!((state.tabs.len(), &*state.notices), (1, &[][..]));
    state.tab().clone()
}

proptest! {
    #[test]
    fn a_tab_is_the_same_when_its_file_is_opened(tab in tabs()) {
        let session = tab.to_workspace();
        prop_assert!(session.is_ok(), "{session:?}");
        let again = reopened(session.unwrap());
        prop_assert_eq!(again.session.link(), tab.session.link());
        prop_assert_eq!(&again.framed.framing, &tab.framed.framing);
        prop_assert_eq!(again.to_workspace(), tab.to_workspace());
        // What is stored is read back as it was, too.
        let (text, long) = tab.to_save().to_text().unwrap();
        let stored = SavedTab::from_text(&text, long).unwrap();
        let same = Tab::restore(stored);
        prop_assert_eq!(same.to_workspace(), tab.to_workspace());
        prop_assert_eq!(&same.framed.framing, &tab.framed.framing);
    }

    #[test]
    fn any_form_opens_the_same_or_is_not_written(
        form in forms(),
        protocol in prop::sample::select(&Protocol::ALL[..]),
        texts in prop::collection::vec("( |5|0300|x|127.0.0.1 |\\[::1\\]|.{0,3})", OPTIONS.len() + 4),
        binds in any::<bool>(),
    ) {
        let mut typed = form.clone();
        let mut texts = texts.into_iter();
        for spec in OPTIONS {
            typed.options.set(spec.name, texts.next().unwrap());
        }
        typed.local = Address { host: texts.next().unwrap(), port: texts.next().unwrap() };
        typed.remote = Address { host: texts.next().unwrap(), port: texts.next().unwrap() };
        typed.bind = Some(binds);
        for form in [Session { protocol, ..form }, Session { protocol, ..typed }] {
            let mut tab = Tab::new();
            tab.session = form;
            match tab.to_workspace() {
                Ok(session) => prop_assert_eq!(tab.session.link(), reopened(session).session.link()),
                Err(why) => {
                    prop_assert!(matches!(why, Unwritable::Field(_)));
                    prop_assert!(tab.session.link().is_err());
                    prop_assert!(!tab.session.problems().is_empty());
                }
            }
        }
    }
}

fn saving(state: &mut State, if_exists: IfExists) -> Option<(String, IfExists)> {
    match &state.act(Action::SaveWorkspace(if_exists))[..] {
        [] => None,
        [Effect::SaveWorkspace { tab, path, workspace, if_exists }] => {
            assert_eq!(*tab, state.active);
            assert_eq!(workspace.sessions, [state.tab().to_workspace().unwrap()]);
            Some((path.to_str().unwrap().replace('\\', "/"), *if_exists))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_is_saved_where_it_is_typed_and_replaces_only_what_was_asked_about() {
    let mut state = State::new(Settings::default());
    let id = state.active;
    assert_eq!(state.act(Action::ShowWorkspace(true)), [Effect::SuggestWorkspacePath(id)]);
    assert_eq!(saving(&mut state, IfExists::Refuse), None, "nowhere");
    state.report(Report::Chosen(id, FileFor::Workspace, "/lab/udp.toml".into()));
    assert_eq!(
        state.act(Action::Browse(FileFor::Workspace)),
        [Effect::Browse(id, FileFor::Workspace, FileDialog::Save("/lab/udp.toml".into(), "toml"))]
    );
    assert_eq!(saving(&mut state, IfExists::Refuse), Some(("/lab/udp.toml".into(), IfExists::Refuse)));
    assert_eq!(saving(&mut state, IfExists::Refuse), None, "one at a time");
    state.act(Action::ShowWorkspace(false));
    assert!(state.tab().workspace.open);
    state.report(Report::WorkspaceSaved(id, Ok(Saved::Exists("/lab/udp.toml".into()))));
    assert_eq!(state.tab().workspace.state, SaveState::Exists("/lab/udp.toml".into()));
    // Another path is another question; without an ending of its own it gets the one of workspaces.
    state.tab_mut().workspace.place.name = " /lab/a.b ".into();
    assert_eq!(saving(&mut state, IfExists::Replace), Some(("/lab/a.b.toml".into(), IfExists::Refuse)));
    state.report(Report::WorkspaceSaved(id, Ok(Saved::Exists("/lab/a.b.toml".into()))));
    assert_eq!(saving(&mut state, IfExists::Replace), Some(("/lab/a.b.toml".into(), IfExists::Replace)));
    state.report(Report::WorkspaceSaved(id, Err("full".into())));
    assert_eq!(
        (&state.tab().notice, state.tab().workspace.open),
        (&Some(Notice::SaveFailed("full".into())), true)
    );
    state.tab_mut().workspace.place.name = "x.TOML".into();
    assert_eq!(saving(&mut state, IfExists::Refuse), Some(("/lab/x.TOML".into(), IfExists::Refuse)));
    state.report(Report::WorkspaceSaved(id, Ok(Saved::Done("/lab/x.TOML".into(), 9))));
    assert_eq!(
        (&state.tab().notice, state.tab().workspace.open),
        (&Some(Notice::Saved("/lab/x.TOML".into(), 9)), false)
    );
    assert_eq!(state.act(Action::ShowWorkspace(true)), [], "the path of the last time");
}

#[test]
fn what_could_not_be_opened_again_is_not_saved_and_told() {
    let told = |change: fn(&mut Tab)| {
        let mut state = State::new(Settings::default());
        change(state.tab_mut());
        assert_eq!(state.act(Action::ShowWorkspace(true)), []);
        assert!(!state.tab().workspace.open);
        (state.tab().notice.clone(), state.tab().show_problems)
    };
    let form = told(|tab| tab.session.local.port = "x".into());
    let (Some(Notice::CannotWrite(Unwritable::Field(problem))), true) = &form else { panic!("{form:?}") };
    assert_eq!(problem.path, "local.port");
    let append = told(|tab| {
        (tab.session.send.append_off, tab.session.send.append) = (false, vec!["hex:x".into()]);
    });
    let (Some(Notice::CannotWrite(Unwritable::Field(problem))), true) = &append else { panic!("{append:?}") };
    assert_eq!(problem.path, "send.append.0");
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
    let (Some(Notice::CannotWrite(Unwritable::Field(problem))), true) = &faults else { panic!("{faults:?}") };
    assert_eq!(problem.path, "faults.join");
    let viewer = told(|tab| tab.phase = Phase::Viewing { loading: None });
    assert_eq!(viewer, (None, false), "a capture is no session");
}

#[test]
fn a_tab_that_is_gone_is_told_nothing() {
    let mut state = State::new(Settings::default());
    let nobody = TabId(99);
    state.report(Report::Chosen(nobody, FileFor::Workspace, "x.toml".into()));
    state.report(Report::WorkspaceSaved(nobody, Err("no".into())));
    assert_eq!((state.tab().workspace.place.path(), &state.tab().notice), (None, &None));
}

#[test]
fn its_suggested_name_follows_that_of_the_session() {
    let mut state = State::new(Settings::default());
    let id = state.active;
    let suggests =
        |state: &mut State| state.act(Action::ShowWorkspace(true)) == [Effect::SuggestWorkspacePath(id)];
    assert!(suggests(&mut state));
    state.tab_mut().workspace.suggest(std::path::Path::new("/lab"), "a.toml".to_owned());
    assert!(suggests(&mut state), "nobody has typed it");
    state.tab_mut().workspace.suggest(std::path::Path::new("/other"), "b.toml".to_owned());
    assert_eq!(state.tab().workspace.place.path(), Some("/lab/b.toml".into()));
    state.tab_mut().workspace.place.name = "mine.toml".to_owned();
    assert!(!suggests(&mut state));
}
