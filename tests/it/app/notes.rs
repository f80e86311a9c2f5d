//! Going to a place, and notes on records: shown, found, kept.

use std::path::PathBuf;
use std::process::Command;

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use netassist::model::Format;
use netassist::state::Question;
use netassist::ui::lang::Lang;
use netassist::workspace::ViewMode;

use super::home::{Home, pick, server_with_client};
use super::talk::{self, Said, received};
use super::window::{CTRL, Window};

const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..CTRL };

fn lines(n: usize) -> Vec<String> {
    (0..n).map(|n| format!("line {n:04}\n")).collect()
}

fn go_to(window: &mut Window, text: &str) {
    let lang = window.lang;
    window.key(CTRL, Key::G);
    window.set_text(lang.go_to_what(), text);
    window.key(Modifiers::NONE, Key::Enter);
}

fn in_sight(window: &Window, part: &str) -> bool {
    let rows =
        if window.tab().session.view.mode == ViewMode::Table { window.table_texts() } else { window.rows() };
    rows.iter().any(|row| row.contains(part))
}

#[test]
fn a_number_a_time_or_seconds_lead_to_their_record_in_every_view() {
    let mut home = Home::new();
    let lines = lines(1000);
    let said: Vec<Said<'_>> = lines.iter().map(|line| received(line.as_bytes())).collect();
    let mut window = talk::window(&mut home, Lang::En, &said);
    for mode in ViewMode::ALL {
        window.show(mode);
        // Two records tell of the connections; line 0 is record 3.
        for (place, line) in [
            ("3", "line 0000"),
            ("503", "line 0500"),
            ("+70", "line 0700"),
            ("22:13:30", "line 0100"),
            ("1", "line 0000"),
        ] {
            go_to(&mut window, place);
            assert_eq!(window.state().palette, None, "{place}");
            assert!(
                in_sight(&window, line),
                "{mode:?} {place}: {:?} {:?}",
                window.rows(),
                window.table_texts()
            );
        }
    }
}

#[test]
fn what_one_goes_to_has_the_keyboard() {
    let mut home = Home::new();
    let lines = lines(20);
    let said: Vec<Said<'_>> = lines.iter().map(|line| received(line.as_bytes())).collect();
    let mut window = talk::window(&mut home, Lang::En, &said);
    let down = |window: &mut Window, line: &str| {
        window.key(Modifiers::NONE, Key::ArrowDown);
        let root = window.harness.root();
        let rows = [egui::Role::Row, egui::Role::ListItem].map(|role| root.query_all_by_role(role));
        let nodes = rows.into_iter().flatten().map(|node| node.accesskit_node());
        let selected = nodes.filter(|node| node.toggled() == Some(egui::accesskit::Toggled::True));
        let selected: Vec<String> = selected.filter_map(|node| node.label()).collect();
        assert!(selected.len() == 1 && selected[0].contains(line), "{line}: {selected:?}");
    };
    for mode in [ViewMode::Log, ViewMode::Table] {
        window.show(mode);
        go_to(&mut window, "8");
        down(&mut window, "line 0006");
        // So has what was found, once one has.
        window.find("line 0011");
        window.key(Modifiers::NONE, Key::F3);
        window.click(Lang::En.find_text());
        window.key(Modifiers::NONE, Key::Escape);
        assert!(!window.tab().find.open);
        down(&mut window, "line 0012");
    }
}

#[test]
fn a_wrong_place_is_complained_of_and_escape_leaves() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let mut window = talk::window(&mut home, lang, &[received(b"one")]);
        for wrong in ["nowhere", "99", "0", "25:00:00"] {
            go_to(&mut window, wrong);
            assert!(window.shows(lang.go_to_wrong()), "{wrong}");
            let n = window.tab().log.len();
            assert!(window.shows(&lang.go_to_range(n)), "{wrong}: {:?}", window.texts());
            window.key(Modifiers::NONE, Key::Escape);
            assert_eq!(window.state().palette, None);
        }
        window.click(lang.go_to());
        window.set_text(lang.go_to_what(), "nowhere");
        assert!(window.shows(lang.go_to_wrong()));
        window.set_text(lang.go_to_what(), "3");
        assert!(!window.shows(lang.go_to_wrong()));
        window.key(Modifiers::NONE, Key::Enter);
        assert_eq!(window.state().palette, None);
    }
}

/// Notes something on the row of the log that says this.
fn note(window: &mut Window, row: &str, text: &str) {
    let lang = window.lang;
    window.menu_of_row(row);
    // The key that does the same stands behind the words.
    window.click(&format!("{} Ctrl+M", lang.note_edit()));
    window.set_text(lang.note(), text);
    window.click(lang.note_keep());
    assert_eq!(window.tab().note, None);
}

#[test]
fn a_note_is_shown_in_the_views_found_and_filtered_by() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let said = [received(b"alpha"), received(b"beta"), received(b"gamma")];
        let mut window = talk::window(&mut home, lang, &said);
        note(&mut window, "beta", "odd 奇怪");
        assert!(in_sight(&window, "✎ odd 奇怪"));
        window.show(ViewMode::Table);
        let row = window.table_texts().into_iter().find(|row| row.contains("beta")).unwrap();
        assert!(row.contains("✎ odd 奇怪"), "{row}");
        // By its key, on the selected row.
        window.click_row("gamma");
        window.key(CTRL, Key::M);
        window.set_text(lang.note(), "last");
        window.key(CTRL, Key::Enter);
        assert_eq!(window.tab().notes.values().collect::<Vec<_>>(), ["odd 奇怪", "last"]);
        // By the menu of a row, which has what the log's has.
        let alpha = window.table_texts().iter().position(|row| row.contains("alpha")).unwrap();
        let place = window.table_rows()[alpha].rect().center();
        window.menu_at(place);
        for entry in [lang.only_peer(), lang.follow_stream(), lang.peer_charset()] {
            assert_eq!(window.controls(entry).len(), 1, "{entry}");
        }
        window.click(&format!("{} Ctrl+M", lang.note_edit()));
        window.set_text(lang.note(), "first");
        window.click(lang.note_keep());
        assert_eq!(window.tab().notes.len(), 3);
        window.find("奇怪");
        window.click(lang.find_filter());
        window.wait_until("the row with the note", |window| window.table_texts().len() == 1);
        assert!(in_sight(&window, "beta"));
        // Emptied it is away.
        window.show(ViewMode::Log);
        note(&mut window, "beta", "");
        assert_eq!(window.tab().notes.len(), 2);
    }
}

#[test]
fn a_note_stands_at_its_own_message_only() {
    let lang = Lang::En;
    let mut home = Home::new();
    let other = |bytes| (1, netassist::model::Direction::Received, bytes);
    let said = [received(b"first "), other(b"between\n" as &[u8]), received(b"half\n")];
    let mut window = talk::window(&mut home, lang, &said);
    note(&mut window, "between", "of the second");
    window.frame(netassist::state::FramingKind::Line, |_| {});
    let rows = window.rows();
    let notes = rows.iter().filter(|row| row.contains("✎ of the second")).count();
    assert_eq!(notes, 1, "{rows:?}");
}

#[test]
fn a_note_in_a_session_is_in_its_capture() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let capture: PathBuf = {
            let (mut window, mut client) = server_with_client(&home, lang);
            std::io::Write::write_all(&mut client, b"remarkable").unwrap();
            window.wait_for_text("remarkable");
            window.settle();
            note(&mut window, "remarkable", "while open 打开时");
            assert!(in_sight(&window, "✎ while open 打开时"));
            window.click(lang.close());
            window.wait_until("the end", |window| !window.tab().is_locked());
            window.settle();
            note(&mut window, pick(lang, "Listening", "正在监听"), "when closed");
            let capture = window.tab().capture.clone().unwrap();
            // It has them: there is nothing to ask.
            window.key(CTRL, Key::W);
            assert_eq!(window.state().question, None);
            window.exit();
            capture
        };
        home.files = vec![capture];
        let mut window = home.window(lang);
        window.wait_for_text("✎ while open 打开时");
        assert!(in_sight(&window, "✎ when closed"), "{:?}", window.rows());
    }
}

#[test]
fn notes_on_an_opened_capture_are_kept_by_saving_it_and_asked_for_before_they_are_lost() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let mut window = talk::window(&mut home, lang, &[received(b"alpha"), received(b"beta")]);
        let id = window.tab().id;
        note(&mut window, "beta", "kept 保留");
        window.key(CTRL, Key::W);
        assert_eq!(window.state().question, Some(Question::CloseNoted(id)));
        assert!(window.shows(lang.question_notes_text()));
        window.key(Modifiers::NONE, Key::Escape);
        window.key(CTRL, Key::Q);
        assert_eq!(window.state().question, Some(Question::QuitNoted));
        window.key(Modifiers::NONE, Key::Escape);
        assert!(!window.state().quitting);

        let saved = home.path("noted.pcapng");
        window.click(lang.save_as());
        window.choose_format(Format::Pcapng);
        window.set_text(lang.save_name(), saved.to_str().unwrap());
        window.click(lang.save());
        window.wait_until("that it is saved", |window| !window.tab().save.open);
        let tshark = Command::new("tshark")
            .args([
                "-r",
                saved.to_str().unwrap(),
                "-Y",
                "frame.comment",
                "-T",
                "fields",
                "-e",
                "frame.comment",
            ])
            .output()
            .unwrap();
        let comments = String::from_utf8(tshark.stdout).unwrap();
        assert!(comments.contains("kept 保留"), "{comments:?}");
        window.key(CTRL, Key::W);
        assert_eq!(window.state().question, None, "a file has them");
        assert!(window.state().find(id).is_none());
    }
}

#[test]
fn a_highlight_stands_out_in_every_view_until_it_is_taken_away() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let said = [received(b"alpha\n"), received(b"beta\n"), received(b"gamma\n")];
        let mut window = talk::window(&mut home, lang, &said);
        assert_eq!(window.highlighted(), [""; 0]);
        note(&mut window, "beta", "odd");
        assert_eq!(window.highlighted(), [""; 0], "a note alone does not");
        window.menu_of_row("beta");
        window.click(&format!("{} Ctrl+Shift+M", lang.highlight()));
        for mode in ViewMode::ALL {
            window.show(mode);
            let rows = window.highlighted();
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            match (mode, &rows[..]) {
                (ViewMode::Log, [row]) => assert!(row.ends_with("5 B, ★ odd  beta\\n"), "{row}"),
                (ViewMode::Stream, ["beta"]) => {}
                (ViewMode::Table, [row]) => assert!(row.contains("✎ ★ odd  beta"), "{row}"),
                (ViewMode::Log | ViewMode::Stream | ViewMode::Table, _) => panic!("{mode:?}: {rows:?}"),
            }
        }
        // By its key, also on the row that is selected; and it does so in the same way when framed.
        window.show(ViewMode::Table);
        window.click_row("gamma");
        window.key(CTRL_SHIFT, Key::M);
        assert_eq!(window.highlighted().len(), 2);
        window.frame(netassist::state::FramingKind::Line, |_| {});
        assert_eq!(window.highlighted().len(), 2);
        window.show(ViewMode::Log);
        let rows = window.highlighted();
        assert!(rows.len() == 2 && rows[1].contains(" B, ★  gamma"), "{rows:?}");

        let saved = home.path("noted.pcapng");
        window.click(lang.save_as());
        window.choose_format(Format::Pcapng);
        window.set_text(lang.save_name(), saved.to_str().unwrap());
        window.click(lang.save());
        window.wait_until("that it is saved", |window| !window.tab().save.open);
        window.menu_of_row("beta");
        window.click(&format!("{} Ctrl+Shift+M", lang.unhighlight()));
        window.menu_of_row("gamma");
        window.click(&format!("{} Ctrl+Shift+M", lang.unhighlight()));
        assert_eq!(window.highlighted(), [""; 0]);
        assert_eq!(window.tab().notes.values().collect::<Vec<_>>(), ["odd"], "the words stay");

        // It is in what was saved.
        let mut home = Home::new();
        home.files = vec![saved];
        let mut window = home.window(lang);
        window.wait_for_text("gamma");
        window.settle();
        assert_eq!(window.highlighted().len(), 2, "{:?}", window.highlighted());
    }
}
