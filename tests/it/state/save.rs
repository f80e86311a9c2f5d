//! Saving and copying.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use netassist::codec::Charset;
use netassist::model::{Body, Format};
use netassist::state::{SaveFacts, name_in_file};
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
    for (result, how, notice) in [
        (Ok(Saved::Cancelled), SaveState::Idle, Notice::SaveCancelled),
        (
            Err("disk full".into()),
            SaveState::Failed("disk full".into()),
            Notice::SaveFailed("disk full".into()),
        ),
    ] {
        saved(&mut state, IfExists::Refuse).unwrap();
        state.report(Report::SaveEnded(id, result));
        assert_eq!((&state.tab().save.state, &state.tab().notice), (&how, &Some(notice)));
        assert!(state.tab().save.open, "so that another place can be tried");
    }
    state.act(Action::ShowSave(false));
    assert_eq!(state.tab().save.state, SaveState::Idle, "it is forgotten with the dialog");
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

/// The dialog of a session of this name, with what the shell suggests.
fn suggested(session: &str, format: Format) -> SaveBox {
    let mut save = SaveBox::default();
    (save.open, save.format) = (true, format);
    save.suggest(Path::new("/lab"), format!("{}_2026-11-28_21-16", name_in_file(session)));
    save
}

#[test]
fn a_suggested_name_is_one_on_every_system() {
    for (session, expected) in [
        ("网关", "网关"),
        ("聊天 8080", "聊天-8080"),
        (r#"a/b\c:d*e?f"g<h>i|j"#, "a-b-c-d-e-f-g-h-i-j"),
        ("../../etc", "-..-etc"),
        ("tcp [::1]:9\t\n", "tcp----1--9--"),
        ("", ""),
    ] {
        let name = suggested(session, Format::Text).place.name;
        assert_eq!(name, format!("{expected}_2026-11-28_21-16.txt"), "{session:?}");
    }
    let name = suggested(&"长".repeat(999), Format::Hexdump).place.name;
    assert!(name.len() < 255, "{name}");
}

#[test]
fn no_two_formats_share_a_suggested_name() {
    let names: BTreeSet<_> =
        Format::ALL.into_iter().map(|format| suggested("a", format).place.name).collect();
    assert_eq!(names.len(), Format::ALL.len(), "{names:?}");
    let mut save = suggested("a", Format::Text);
    for format in Format::ALL.into_iter().cycle().take(20) {
        let before = std::mem::replace(&mut save.format, format);
        save.follow_format(before);
        assert_eq!(save.place.name, suggested("a", format).place.name, "after {before}");
    }
}

#[test]
fn a_suggestion_takes_the_place_of_another_one_only() {
    let mut state = saving();
    let id = state.active;
    let suggests = |state: &mut State| state.act(Action::ShowSave(true)) == [Effect::SuggestSavePath(id)];
    assert!(!suggests(&mut state), "a name of the user's own is kept");
    state.tab_mut().save = suggested("a", Format::Csv);
    assert_eq!(state.tab().save.place.path(), Some("/lab/a_2026-11-28_21-16.csv".into()));
    assert!(suggests(&mut state));
    assert_eq!(state.tab().save.format, Format::Csv, "the format stays");
    let save = &mut state.tab_mut().save;
    save.place.folder = "/mine".into();
    save.suggest(Path::new("/lab"), "b".into());
    assert_eq!(save.place.path(), Some("/mine/b.csv".into()));
    save.place.name = "my.csv".into();
    save.format = Format::Hexdump;
    save.follow_format(Format::Csv);
    assert_eq!(save.place.name, "my.txt");
    assert!(!suggests(&mut state));
}

#[test]
fn facts_about_a_file_are_asked_for_one_at_a_time() {
    let mut state = saving();
    let id = state.active;
    let ask = |state: &mut State, n| state.tab_mut().save.ask(Some(n));
    let facts = |text: &str| Some(SaveFacts { rows: vec![text.to_owned()], ..SaveFacts::default() });
    let (first, wanted) = ask(&mut state, 1).unwrap();
    assert!(ask(&mut state, 1).is_none() && wanted.strong_count() == 1);
    assert!(ask(&mut state, 2).is_none(), "one at a time");
    assert_eq!(wanted.strong_count(), 0, "nobody waits for it");
    state.report(Report::SaveFacts(id, first.clone(), None));
    assert!(state.tab().save.facts.rows.is_empty());
    let (second, wanted) = ask(&mut state, 2).unwrap();
    state.report(Report::SaveFacts(id, first, facts("late")));
    assert!(state.tab().save.facts.rows.is_empty());
    state.report(Report::SaveFacts(id, second, facts("a")));
    assert_eq!(state.tab().save.facts.rows, ["a"]);
    assert!(ask(&mut state, 2).is_none());
    state.act(Action::ShowSave(false));
    assert!(ask(&mut state, 3).is_none() && wanted.strong_count() == 0, "it is closed");
}

#[test]
fn what_is_saved_at_first_is_what_the_filter_shows() {
    let mut state = saving();
    let opened = |state: &mut State| {
        state.act(Action::ShowSave(false));
        state.act(Action::ShowSave(true));
        state.tab().save.scope
    };
    assert_eq!(opened(&mut state), SaveScope::Whole);
    state.act(Action::SetFilter(Filter { least: Some(5), ..Filter::default() }));
    assert_eq!(opened(&mut state), SaveScope::Shown);
    state.act(Action::ShowSaveOf(SaveScope::Selected));
    assert_eq!(state.tab().save.scope, SaveScope::Selected);
    state.act(Action::SetFilter(Filter::default()));
    assert_eq!(opened(&mut state), SaveScope::Whole);
    state.act(Action::SetView(View { hide_sent: true, ..View::default() }));
    assert_eq!(opened(&mut state), SaveScope::Shown);
}
