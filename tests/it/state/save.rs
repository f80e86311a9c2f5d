//! Saving and copying.

use super::*;
use netassist::codec::Charset;
use netassist::model::{Body, Format};
use netassist::workspace::{IfExists, View};

fn saving() -> State {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    let records = [0, 100, 200].map(|offset| data(1, Direction::Received, 9, offset));
    happen(&mut state, [recorded(&records)]);
    state.tab_mut().capture = Some("capture.pcapng".into());
    state.act(Action::ShowSave(true));
    assert!(state.tab().save.open);
    state.tab_mut().save.place.name = " out.txt ".into();
    state.tab_mut().save.format = Format::Text;
    state
}

fn saved(state: &mut State, if_exists: IfExists) -> Option<ExportOrder> {
    match &state.act(Action::Save(if_exists))[..] {
        [] => None,
        [Effect::Export(id, order)] if *id == state.active => Some(order.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_order_says_what_where_and_how() {
    for scope in SaveScope::ALL {
        let mut state = saving();
        state.act(Action::SetView(View { body: Body::Hex, ..View::default() }));
        state.act(Action::SetCharset(Charset::Gbk));
        state.tab_mut().save.scope = scope;
        let expected = ExportOrder {
            format: Format::Text,
            charset: Charset::Gbk,
            body: Body::Hex,
            path: "out.txt".into(),
            if_exists: IfExists::Refuse,
            scope,
        };
        assert_eq!(saved(&mut state, IfExists::Refuse), Some(expected));
        assert_eq!(state.tab().save.state, SaveState::Running { done: 0, total: 0 });
        assert_eq!(saved(&mut state, IfExists::Refuse), None, "one at a time");
        assert!(state.tab().is_in_use());
    }
}

#[test]
fn nothing_is_saved_without_a_path_or_a_capture() {
    let changes: [fn(&mut Tab); 2] = [|tab| tab.save.place.name = "  ".into(), |tab| tab.capture = None];
    for change in changes {
        let mut state = saving();
        change(state.tab_mut());
        assert_eq!(saved(&mut state, IfExists::Refuse), None);
        assert_eq!(state.tab().save.state, SaveState::Idle);
    }
    let mut state = new_state(Protocol::Udp);
    state.act(Action::ShowSave(true));
    assert!(!state.tab().save.open, "a dialog whose button does nothing helps nobody");
}

#[test]
fn an_existing_file_is_replaced_only_on_demand() {
    let mut state = saving();
    let id = state.active;
    saved(&mut state, IfExists::Refuse).unwrap();
    state.report(Report::SaveEnded(id, Ok(Saved::Exists("out.txt".into()))));
    assert_eq!(state.tab().save.state, SaveState::Exists("out.txt".into()));
    assert!(state.tab().save.open);
    assert_eq!(saved(&mut state, IfExists::Replace).unwrap().if_exists, IfExists::Replace);
    state.report(Report::SaveProgress(id, 5, 10));
    assert_eq!(state.tab().save.state, SaveState::Running { done: 5, total: 10 });
    state.report(Report::SaveEnded(id, Ok(Saved::Done("out.txt".into(), 42))));
    assert_eq!((&state.tab().save.state, state.tab().save.open), (&SaveState::Idle, false));
    assert_eq!(state.tab().notice, Some(Notice::Saved("out.txt".into(), 42)));
}

#[test]
fn the_next_tab_saves_where_and_as_the_last_one_did() {
    let mut state = saving();
    state.tab_mut().save.format = Format::Csv;
    saved(&mut state, IfExists::Refuse).unwrap();
    let id = state.active;
    state.report(Report::SaveEnded(id, Ok(Saved::Exists("/lab/out.csv".into()))));
    assert_eq!(state.settings.save_folder, "", "nothing is saved yet");
    state.report(Report::SaveEnded(id, Ok(Saved::Done("/lab/out.csv".into(), 42))));
    let lab = std::path::absolute("/lab").unwrap();
    assert_eq!((&*state.settings.save_folder, &*state.settings.save_format), (lab.to_str().unwrap(), "csv"));
    state.act(Action::NewTab);
    state.tab_mut().capture = Some("other.pcapng".into());
    state.act(Action::ShowSave(true));
    assert_eq!(state.tab().save.format, Format::Csv);
    let id = state.active;
    state.report(Report::SaveEnded(id, Ok(Saved::Done("out.csv".into(), 42))));
    let here = std::env::current_dir().unwrap();
    assert_eq!(state.settings.save_folder, here.to_str().unwrap(), "also when started elsewhere");
}

#[test]
fn another_path_or_format_asks_anew() {
    let mut state = saving();
    let exists = SaveState::Exists("out.txt".into());
    state.tab_mut().save.state = exists.clone();
    state.report(Report::Chosen(state.active, FileFor::Save, "/tmp/x.txt".into()));
    let SaveBox { place, state: how, .. } = &state.tab().save;
    assert_eq!((place.path(), how), (Some("/tmp/x.txt".into()), &SaveState::Idle));
    let save = &mut state.tab_mut().save;
    save.state = exists.clone();
    save.format = Format::RawSent;
    save.follow_format(Format::Text);
    assert_eq!((save.place.path(), &save.state), (Some("/tmp/x.bin".into()), &SaveState::Idle));
    save.place.name = "my.log".into();
    save.format = Format::Pcapng;
    save.follow_format(Format::RawSent);
    assert_eq!(save.place.name, "my.log", "a name of the user's own is kept");
    save.state = exists;
    state.act(Action::ShowSave(false));
    assert_eq!((state.tab().save.open, &state.tab().save.state), (false, &SaveState::Idle));
}

#[test]
fn stopping_and_failing_are_told() {
    let mut state = saving();
    let id = state.active;
    assert_eq!(state.act(Action::CancelSave), [Effect::CancelExport(id)]);
    for (result, notice) in [
        (Ok(Saved::Cancelled), Notice::SaveCancelled),
        (Err("disk full".into()), Notice::SaveFailed("disk full".into())),
    ] {
        saved(&mut state, IfExists::Refuse).unwrap();
        state.report(Report::SaveEnded(id, result));
        assert_eq!((&state.tab().save.state, &state.tab().notice), (&SaveState::Idle, &Some(notice)));
        assert!(state.tab().save.open, "so that another place can be tried");
    }
}

#[test]
fn dialogs_and_copies_are_ordered_and_told() {
    let mut state = saving();
    let id = state.active;
    for (what, dialog) in [
        (FileFor::Save, FileDialog::Save("out.txt".into(), "txt")),
        (FileFor::QuickExport, FileDialog::Save("quick.toml".into(), "toml")),
        (FileFor::Open, FileDialog::Open),
    ] {
        assert_eq!(state.act(Action::Browse(what)), [Effect::Browse(id, what, dialog)]);
    }
    assert_eq!(state.report(Report::DialogUnavailable(id, FileFor::Open)), [Effect::ListRecent]);
    assert!(state.recent_open);
    state.act(Action::ShowRecent(false));
    let order = CopyOrder { from: (0, 3), to: (2, u32::MAX) };
    assert_eq!(state.act(Action::Copy(order, None)), [Effect::Copy(id, order, None)]);
    for (report, notice) in [
        (Report::DialogUnavailable(id, FileFor::Save), Notice::NoDialog),
        (Report::Copied(id, 12), Notice::Copied(12)),
        (Report::TooMuchToCopy(id), Notice::TooMuchToCopy),
        (Report::TooMuchToPaste(id, 5), Notice::TooMuchToPaste(5)),
    ] {
        state.report(report);
        assert_eq!(state.tab().notice, Some(notice));
    }
}
