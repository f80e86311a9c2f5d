//! Saving through the dialog, and the list of captures kept.

use std::io::Write as _;

use egui::{Event, Key, Modifiers};
use netassist::codec::dump;
use netassist::model::Format;
use netassist::state::{PREVIEW_ROWS, SaveScope};
use netassist::ui::lang::Lang;
use netassist::ui::save::{format_name, scope_name};
use netassist::ui::widgets::choice_name;

use super::home::{Home, server_with_client};
use super::window::{CTRL, SIZE, Window};

/// A server that has received and sent something.
fn talked(home: &Home, lang: Lang) -> Window {
    let (mut window, mut client) = server_with_client(home, lang);
    client.write_all("收到了".as_bytes()).unwrap();
    window.wait_for_text("收到了");
    window.set_text(lang.send_box(), "sent it");
    window.click(lang.send());
    window.wait_until("what was sent", |window| window.tab().counters.sent == 7);
    window.click(lang.close());
    window.wait_until("the end", |window| !window.tab().is_locked());
    window.settle();
    window
}

fn save_as(window: &mut Window, format: Format, path: &str) {
    let lang = window.lang;
    window.click(lang.save_as());
    window.choose_format(format);
    window.set_text(lang.save_name(), path);
    window.click(lang.save());
}

#[track_caller]
fn wait_saved(window: &mut Window) {
    window.wait_until("that it is saved", |window| !window.tab().save.open);
    window.settle();
    let saved = window.lang.saved("…", "");
    assert!(window.shows(saved.split('…').next().unwrap()));
    window.click_if_there(window.lang.dismiss());
}

#[test]
fn a_list_is_worked_by_keys_from_what_is_chosen_and_closes_alone() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = talked(&home, lang);
    window.click(lang.save_as());
    let listed = [Format::Jsonl, Format::Hexdump, Format::NetAssist5, Format::NetAssist];
    window.choose_format(listed[2]);
    let is_open = |window: &Window| !window.controls(format_name(lang, listed[0])).is_empty();
    window.control(lang.format(), 0).focus();
    window.settle();
    for (keys, n) in [
        ([Key::Enter, Key::ArrowDown, Key::Enter].as_slice(), 3),
        (&[Key::Enter, Key::ArrowUp, Key::ArrowUp, Key::Enter], 1),
        (&[Key::Enter, Key::ArrowDown, Key::Escape], 1),
        (&[Key::Enter, Key::ArrowUp, Key::ArrowUp, Key::ArrowUp, Key::Enter], 0),
    ] {
        for (at, key) in keys.iter().enumerate() {
            window.key(Modifiers::NONE, *key);
            assert_eq!(is_open(&window), at + 1 < keys.len(), "{at} of {keys:?}");
        }
        assert_eq!(window.tab().save.format, listed[n], "{keys:?}");
        assert!(window.tab().save.open, "the dialog stays");
        assert!(window.controls(lang.format())[0].is_focused());
    }
}

#[test]
fn every_format_is_saved_by_its_path() {
    let lang = Lang::ZhCn;
    let home = Home::new();
    let mut window = talked(&home, lang);
    for format in Format::ALL {
        let path = home.path(&format!("{}.{}", format.name(), format.extension()));
        save_as(&mut window, format, path.to_str().unwrap());
        wait_saved(&mut window);
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        match format {
            Format::Pcapng => assert!(bytes.starts_with(b"\x0A\x0D\x0D\x0A")),
            Format::Text | Format::NetAssist | Format::NetAssist5 => {
                assert!(text.contains("收到了") && text.contains("sent it"), "{text}");
            }
            Format::Hexdump => assert!(text.contains("\n00000000  73 65 6E 74 20 69 74 "), "{text}"),
            Format::Csv => {
                assert!(text.contains(",收到了,,0,\r\n") && text.contains(",sent it,,0,\r\n"), "{text}");
            }
            Format::Jsonl => assert!(text.contains("\"data\":\"c2VudCBpdA==\"}\n"), "{text}"),
            Format::RawReceived => assert_eq!(text, "收到了"),
            Format::RawSent => assert_eq!(text, "sent it"),
        }
    }
}

#[test]
fn the_dialog_says_how_much_it_writes_and_what_is_free() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = talked(&home, lang);
        window.click(lang.save_as());
        let name = window.control(lang.save_name(), 0).rect().left();
        let folder = window.control(lang.save_folder(), 0).rect().left();
        assert!((name - folder).abs() < 0.1, "{name} and {folder}");
        let fact = |words: String| words.split("0 B").next().unwrap_or_default().to_owned();
        let (about, free) = (fact(lang.save_about("0 B")), lang.save_free("").trim().to_owned());
        let facts = |window: &Window| {
            let found =
                window.texts().into_iter().find(|text| text.contains("B • ") && text.contains(&about));
            found.unwrap_or_default()
        };
        for format in Format::ALL {
            window.choose_format(format);
            let path = home.path(&format!("of {}", format.name()));
            window.set_text(lang.save_name(), path.to_str().unwrap());
            window.click(lang.save());
            wait_saved(&mut window);
            window.click(lang.save_as());
            let len = std::fs::metadata(&path).unwrap().len();
            let kib = f64::from(u32::try_from(len).unwrap()) / 1024.0;
            let size = if len < 1024 { format!("{len} B") } else { format!("{kib:.2} KiB") };
            let size = lang.save_about(size);
            window.wait_until("its size", |window| facts(window).starts_with(&size));
            window.wait_for_text(lang.save_taken());
            window.set_text(lang.save_name(), "another");
            window.wait_for_text(lang.save_new());
        }
        if cfg!(target_os = "linux") {
            window.wait_for_text(&free);
            window.set_text(lang.save_folder(), "/nowhere/at all");
            window.wait_until("no such folder", |window| !window.shows(&free));
        }
    }
}

#[test]
fn an_existing_file_is_replaced_only_after_a_second_click() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = talked(&home, lang);
        let path = home.path("there.bin");
        std::fs::write(&path, "precious").unwrap();
        save_as(&mut window, Format::RawSent, path.to_str().unwrap());
        window.wait_until("the question", |window| !window.controls(lang.overwrite()).is_empty());
        window.settle();
        assert!(window.shows(path.to_str().unwrap()));
        assert_eq!(std::fs::read(&path).unwrap(), b"precious");
        window.click(lang.cancel());
        assert!(!window.tab().save.open);
        assert_eq!(std::fs::read(&path).unwrap(), b"precious");

        save_as(&mut window, Format::RawSent, path.to_str().unwrap());
        window.wait_until("the question", |window| !window.controls(lang.overwrite()).is_empty());
        window.click(lang.overwrite());
        wait_saved(&mut window);
        assert_eq!(std::fs::read(&path).unwrap(), b"sent it");
    }
}

#[test]
fn the_systems_dialog_fills_in_the_path_and_escape_leaves() {
    let lang = Lang::En;
    let mut home = Home::new();
    let chosen = home.path("chosen.pcapng");
    home.answers.save = Some(chosen.clone());
    let mut window = talked(&home, lang);
    window.key(CTRL, Key::S);
    assert!(window.tab().save.open);
    window.click(lang.browse());
    window.wait_until("the path", |window| window.tab().save.place.path() == Some(chosen.clone()));
    window.settle();
    assert_eq!(window.value(lang.save_name()), "chosen.pcapng");
    assert_eq!(window.value(lang.save_folder()), chosen.parent().unwrap().to_str().unwrap());
    window.key(Modifiers::NONE, Key::Escape);
    assert!(!window.tab().save.open);
    assert!(!chosen.exists());
}

#[test]
fn without_a_dialog_the_path_field_still_works() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = talked(&home, lang);
    window.click(lang.save_as());
    let suggested = window.tab().save.place.path().unwrap();
    assert_eq!(suggested.parent(), Some(home.folder.path()), "the user's documents");
    window.click(lang.browse());
    window.wait_until("the word for it", |window| window.tab().notice.is_some());
    let path = home.path("typed.pcapng");
    window.set_text(lang.save_name(), path.to_str().unwrap());
    window.key(Modifiers::NONE, Key::Enter);
    window.wait_until("the file", |window| !window.tab().save.open);
    assert!(path.exists());
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = talked(&home, lang);
    save_as(&mut window, Format::Text, home.path("no/such/folder/x.txt").to_str().unwrap());
    window.wait_until("the failure", |window| window.tab().notice.is_some());
    window.settle();
    assert!(window.shows("Cannot save: "));
    assert!(window.tab().save.open, "so that another place can be tried");
}

#[test]
fn what_is_shown_and_what_is_selected_can_be_saved_alone() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = server_with_client(&home, lang);
    client.write_all(b"before").unwrap();
    window.wait_for_text("before");
    window.click(lang.clear());
    client.write_all(b"after").unwrap();
    window.wait_for_text("after");
    client.write_all(b"last").unwrap();
    window.wait_for_text("last");
    let choice = |scope| choice_name(lang.save_what(), scope_name(lang, scope).0);
    window.click(lang.save_as());
    assert!(!window.is_enabled(&choice(SaveScope::Selected)), "nothing is selected");
    window.key(Modifiers::NONE, Key::Escape);

    // The keyboard selects the last record.
    window.focus_log();
    window.key(Modifiers::NONE, Key::End);
    window.key(Modifiers::NONE, Key::ArrowUp);
    for (scope, expected) in [
        (SaveScope::Shown, "afterlast"),
        (SaveScope::Selected, "last"),
        (SaveScope::Whole, "beforeafterlast"),
    ] {
        window.click(lang.save_as());
        window.choose_format(Format::RawReceived);
        window.click(&choice(scope));
        assert_eq!(window.tab().save.scope, scope);
        let row = dump::row_text(expected.as_bytes(), 0, 0);
        window.wait_until("its beginning", |window| window.tab().save.facts.rows == [&*row]);
        let path = home.path(&format!("{scope:?}.bin"));
        window.set_text(lang.save_name(), path.to_str().unwrap());
        window.click(lang.save());
        wait_saved(&mut window);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
    }
}

#[test]
fn captures_of_earlier_sessions_are_listed_looked_at_and_deleted() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let window = talked(&home, lang);
        let rows = window.rows();
        let capture = window.tab().capture.clone().unwrap();
        window.exit();

        let mut window = home.window(lang);
        window.key(CTRL, Key::O);
        window.wait_until("the list", |window| !window.controls(lang.open_capture()).is_empty());
        // It is named by its session.
        assert!(window.shows("tcp-server 127.0.0.1:0"));
        window.click(lang.open_capture());
        window.wait_until("the capture", |window| window.rows() == rows);
        assert!(window.tab().is_viewer());
        assert!(window.controls(lang.open()).is_empty(), "a capture cannot be opened as a session");
        assert!(window.controls(lang.send()).is_empty());

        // A session of now is in the list, too, but cannot be deleted.
        window.click(lang.recent_captures());
        window.wait_until("the list", |window| !window.controls(lang.delete_capture()).is_empty());
        assert!(window.shows(lang.in_use()));
        assert!(!window.is_enabled(lang.delete_capture()));
        window.click(lang.close_list());
        window.key(CTRL, Key::W);
        assert!(!window.tab().is_viewer());
        window.click(lang.recent_captures());
        window.wait_until("that it is free", |window| {
            !window.controls(lang.delete_capture()).is_empty() && window.is_enabled(lang.delete_capture())
        });
        // Until the list is closed one may change one's mind.
        window.click(lang.delete_capture());
        window.click(lang.undo_delete());
        window.click(lang.close_list());
        window.click(lang.recent_captures());
        window.wait_until("the list", |window| !window.controls(lang.delete_capture()).is_empty());
        window.click(lang.delete_capture());
        assert!(capture.exists() && !window.controls(lang.undo_delete()).is_empty());
        window.click(lang.close_list());
        window.wait_until("that it is gone", |_window| !capture.exists());
        window.click(lang.recent_captures());
        window.wait_until("an empty list", |window| window.shows(lang.no_captures()));
    }
}

#[test]
fn the_log_is_saved_as_text_by_two_clicks() {
    let lang = Lang::ZhCn;
    let home = Home::new();
    let mut window = talked(&home, lang);
    window.click(lang.save_as());
    let path = window.tab().save.place.path().unwrap();
    window.click(lang.save());
    wait_saved(&mut window);
    assert!(path.extension().is_some_and(|extension| extension == "txt"), "{path:?}");
    assert!(std::fs::read_to_string(&path).unwrap().contains("收到了"));
}

#[test]
fn the_preview_is_the_beginning_of_the_file() {
    let lang = Lang::ZhCn;
    let home = Home::new();
    let mut window = talked(&home, lang);
    for format in Format::ALL {
        let path = home.path(format.name());
        save_as(&mut window, format, path.to_str().unwrap());
        wait_saved(&mut window);
        let bytes = std::fs::read(&path).unwrap();
        let expected: Vec<String> = match format {
            Format::Pcapng | Format::RawReceived | Format::RawSent => {
                (0..dump::row_count(bytes.len())).map(|row| dump::row_text(&bytes, 0, row)).collect()
            }
            _ => String::from_utf8(bytes)
                .unwrap()
                .trim_start_matches('\u{FEFF}')
                .lines()
                .map(Into::into)
                .collect(),
        };
        let expected = &expected[..expected.len().min(PREVIEW_ROWS)];
        window.click(lang.save_as());
        assert_eq!(window.tab().save.format, format, "it stays");
        window.wait_until("the preview", |window| window.tab().save.facts.rows == expected);
        window.settle();
        for row in expected {
            assert!(window.shows(row), "{row} in {:?}", window.texts());
        }
        window.key(Modifiers::NONE, Key::Escape);
    }
}

#[test]
fn typing_takes_the_place_of_the_suggested_name_and_keeps_its_ending() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = talked(&home, lang);
    window.click(lang.save_as());
    let suggested = window.value(lang.save_name());
    let stem = suggested.strip_suffix(".txt").unwrap();
    assert!(stem.starts_with("tcp-server-127.0.0.1-0_20"), "{suggested}");
    window.choose_format(Format::Hexdump);
    assert_eq!(window.value(lang.save_name()), format!("{stem}_hexdump.txt"));
    window.choose_format(Format::Csv);
    window.key(Modifiers::NONE, Key::Escape);
    window.click(lang.save_as());
    window.harness.event(Event::Text("mine".to_owned()));
    window.settle();
    assert_eq!(window.value(lang.save_name()), "mine.csv");
    window.key(Modifiers::NONE, Key::Escape);
    window.click(lang.save_as());
    assert_eq!(window.value(lang.save_name()), "mine.csv", "a name of the user's own is kept");
}

#[test]
fn formats_are_walked_by_arrows_and_enter_saves() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = talked(&home, lang);
    window.click(lang.save_as());
    window.choose_format(Format::Text);
    for (key, format) in [
        (Key::ArrowUp, Format::Text),
        (Key::ArrowDown, Format::Pcapng),
        (Key::ArrowDown, Format::Csv),
        (Key::ArrowDown, Format::RawReceived),
        (Key::ArrowDown, Format::Jsonl),
        (Key::ArrowDown, Format::Jsonl),
        (Key::ArrowUp, Format::RawReceived),
        (Key::ArrowLeft, Format::Csv),
    ] {
        window.key(Modifiers::NONE, key);
        assert_eq!(window.tab().save.format, format, "{key:?}");
    }
    let path = window.tab().save.place.path().unwrap();
    window.key(Modifiers::NONE, Key::Enter);
    wait_saved(&mut window);
    assert!(path.extension().is_some_and(|extension| extension == "csv") && path.exists(), "{path:?}");
}

#[test]
fn nothing_moves_in_the_dialog() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = talked(&home, lang);
        window.click(lang.save_as());
        let path = home.path("there");
        std::fs::write(&path, "precious").unwrap();
        window.set_text(lang.save_name(), path.to_str().unwrap());
        let place = |window: &Window| window.controls(lang.cancel()).last().unwrap().rect();
        let before = place(&window);
        assert!(before.bottom() < SIZE[1] - 60.0, "{before:?}");
        for format in Format::ALL {
            window.choose_format(format);
            assert_eq!(place(&window), before, "{format} in {lang:?}");
        }
        window.wait_for_text(lang.save_taken());
        window.click(lang.save());
        window.wait_until("the question", |window| !window.controls(lang.overwrite()).is_empty());
        window.settle();
        let bottoms = [place(&window), before].map(|place| place.bottom().to_bits());
        assert_eq!(bottoms[0], bottoms[1], "it asks in {lang:?}");
    }
}

#[test]
fn a_log_is_saved_in_the_language_of_the_window_and_a_table_as_excel_reads_it() {
    for (lang, accepted) in
        [(Lang::En, " connected\n".to_owned()), (Lang::ZhCn, format!("{}\n", Lang::ZhCn.accepted("")))]
    {
        let home = Home::new();
        let mut window = talked(&home, lang);
        for (format, begins, has) in
            [(Format::Text, "20", &*accepted), (Format::Csv, "\u{FEFF}seq,time,", ",accepted,")]
        {
            let path = home.path(&format!("x.{}", format.extension()));
            save_as(&mut window, format, path.to_str().unwrap());
            window.wait_until("the file", |window| !window.tab().save.open);
            let saved = std::fs::read_to_string(path).unwrap();
            assert!(saved.starts_with(begins) && saved.contains(has), "{saved}");
        }
    }
}
