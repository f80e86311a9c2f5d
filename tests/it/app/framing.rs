//! Framings: what is shown does not depend on how the reads cut it, and is what is saved.

use std::io::Write as _;
use std::process::Command;

use egui::{Key, Modifiers};
use netassist::codec::frame::Framing;
use netassist::model::{Direction, Format};
use netassist::state::FramingKind;
use netassist::ui::lang::Lang;
use netassist::ui::save::scope_name;
use netassist::ui::widgets::choice_name;
use netassist::workspace::ViewMode;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::home::{Home, read, server_with_client};
use super::talk::{self, Said, received};
use super::window::Window;

/// The rows of the table that are data, without number, times and peer.
fn previews(window: &Window) -> Vec<String> {
    let texts = window.table_texts().into_iter().filter(|text| text.contains('←') || text.contains('→'));
    texts.map(|text| text.rsplit("  ").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_line_in_a_thousand_reads_is_one_row_and_a_read_of_a_thousand_lines_a_thousand() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let lines: String = (0..1000).map(|n| format!("{n}\r\n")).collect::<Vec<_>>().concat();
        let mut said: Vec<Said<'_>> = (0..999).map(|_| received(b"x")).collect();
        said.push(received(b"\n"));
        said.push(received(lines.as_bytes()));
        let mut window = talk::window(&mut home, lang, &said);
        assert_eq!(window.tab().shown.len(), 2 + 1001);
        window.frame(FramingKind::Line, |_| {});
        assert_eq!(window.tab().framed.framing, Framing::Line);
        let n_events = window.tab().log.len() - 1001;
        assert_eq!(window.tab().shown.len(), n_events + 1 + 1000);
        window.show(ViewMode::Table);
        assert!(window.table_texts().last().unwrap().contains("999"), "{:?}", window.table_texts());
        window.focus_table();
        window.key(Modifiers::NONE, Key::Home);
        let rows = window.table_texts();
        let long = rows.iter().position(|row| row.contains("xxxxxxxx")).unwrap_or_else(|| panic!("{rows:?}"));
        assert!(rows[long].contains("1,000"), "its length: {}", rows[long]);
        assert!(rows[long + 1].ends_with('0') && rows[long + 2].ends_with('1'), "{rows:?}");
        // As received it is what it was.
        window.frame(FramingKind::AsReceived, |_| {});
        assert_eq!(window.tab().shown.len(), n_events + 1001);
    }
}

#[test]
fn half_a_message_is_shown_as_open_and_becomes_whole() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, mut client) = server_with_client(&home, lang);
        let open = lang.message_open();
        window.frame(FramingKind::Line, |_| {});
        for mode in [ViewMode::Log, ViewMode::Table] {
            window.show(mode);
            client.write_all(b"half of").unwrap();
            window.wait_until("the first half", |window| window.shows("half of"));
            window.settle();
            assert!(window.shows(open), "{mode:?}: {:?}", window.texts());
            client.write_all(b" a line\n").unwrap();
            window.wait_until("the whole", |window| window.shows("half of a line"));
            window.wait_framed();
            window.wait_until("that it is whole", |window| !window.shows(open));
            window.click(lang.clear());
        }
    }
}

#[test]
fn a_wrong_entry_is_complained_of_and_the_framing_in_force_stays() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let mut window = talk::window(&mut home, lang, &[received(b"abcdefgh")]);
        window.frame(FramingKind::Fixed, |window| window.set_text(lang.message_size(), "4"));
        assert_eq!(window.tab().framed.framing, Framing::Fixed(4));
        assert_eq!(window.data_rows(), ["abcd", "efgh"]);
        window.click(lang.framing());
        for wrong in ["0", "many", "-3", "99999999999"] {
            window.set_text(lang.message_size(), wrong);
            assert!(
                window.texts().iter().any(|text| text.starts_with("✕ ")),
                "{wrong}: {:?}",
                window.texts()
            );
            assert_eq!(window.tab().framed.framing, Framing::Fixed(4), "{wrong}");
        }
        window.set_text(lang.message_size(), "8");
        assert!(!window.texts().iter().any(|text| text.starts_with("✕ ")));
        window.key(Modifiers::NONE, Key::Escape);
        window.wait_framed();
        assert_eq!(window.data_rows(), ["abcdefgh"]);
        window.click(lang.framing());
        window.click(&choice_name(lang.framing(), lang.framing_delimiter()));
        window.set_text(lang.delimiter_bytes(), "0G");
        assert!(window.texts().iter().any(|text| text.starts_with("✕ ")));
        // The delimiter that stood there before.
        assert_eq!(window.tab().framed.framing, Framing::Delimiter(b"\r\n".to_vec()));
        window.set_text(lang.delimiter_bytes(), "64 65");
        window.key(Modifiers::NONE, Key::Escape);
        window.wait_framed();
        assert_eq!(window.data_rows(), ["abcde", "fgh"]);
    }
}

#[test]
fn a_length_that_makes_no_sense_is_marked() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let mut window = talk::window(&mut home, lang, &[received(b"\0\x03abc\xFF\xFF\0\x02xy")]);
        window.frame(FramingKind::Length, |window| window.set_text(lang.length_max(), "100"));
        assert!(
            matches!(&window.tab().framed.framing, Framing::Length(field) if field.max == 100),
            "{:?}",
            window.tab().framed.framing
        );
        let nonsense = lang.message_nonsense();
        assert!(window.shows(nonsense), "{:?}", window.rows());
        assert!(window.rows().iter().any(|row| row.contains("abc")));
        window.show(ViewMode::Table);
        assert!(window.table_texts().iter().any(|row| row.contains(nonsense)));
    }
}

/// The framings that chat is cut with.
const FRAMINGS: [(FramingKind, &str); 3] =
    [(FramingKind::Line, "line"), (FramingKind::Fixed, "fixed:7"), (FramingKind::Delimiter, "delimiter:61")];

/// What is saved “as shown” is, to the byte, what the command line exports with the same framing; and the
/// table shows as many rows.
#[test]
fn what_is_shown_is_what_is_saved_and_what_the_command_line_exports() {
    let chat = proptest::collection::vec(
        (
            0_u16..2,
            any::<bool>(),
            proptest::collection::vec(prop_oneof![Just(b'a'), Just(b'\n'), Just(b'z')], 1..30),
        ),
        1..12,
    );
    let config = Config { cases: 2, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    runner
        .run(&chat, |chat| {
            let direction = |sent| if sent { Direction::Sent } else { Direction::Received };
            let said: Vec<Said<'_>> =
                chat.iter().map(|(who, sent, bytes)| (*who, direction(*sent), bytes.as_slice())).collect();
            let lang = Lang::En;
            let mut home = Home::new();
            let mut window = talk::window(&mut home, lang, &said);
            window.show(ViewMode::Table);
            for (kind, name) in FRAMINGS {
                window.frame(kind, |window| match kind {
                    FramingKind::Fixed => window.set_text(lang.message_size(), "7"),
                    FramingKind::Delimiter => window.set_text(lang.delimiter_bytes(), "61"),
                    _ => {}
                });
                let mine = home.path(&format!("{name}.txt").replace(':', "-"));
                window.click(lang.save_as());
                window.choose_format(Format::Csv);
                window.click(&choice_name(
                    lang.save_what(),
                    scope_name(lang, netassist::state::SaveScope::Shown).0,
                ));
                window.set_text(lang.save_name(), mine.to_str().unwrap());
                window.click(lang.save());
                window.wait_until("that it is saved", |window| !window.tab().save.open);
                let theirs = home.path("theirs.txt");
                let status = Command::new(env!("CARGO_BIN_EXE_netassist"))
                    .args(["export", "--overwrite", "--format", "csv", "--frame", name])
                    .arg("--output")
                    .arg(&theirs)
                    .arg(home.path("talk.pcapng"))
                    .env("TZ", "UTC")
                    .status()
                    .unwrap();
                prop_assert!(status.success());
                let mine = std::fs::read_to_string(&mine).unwrap();
                let theirs = std::fs::read_to_string(&theirs).unwrap();
                // The window's is for Excel.
                prop_assert_eq!(&mine, &format!("\u{feff}{theirs}"), "{}", name);
                let n_data = previews(&window).len();
                prop_assert!(n_data > 0);
                window.key(Modifiers::NONE, Key::Escape);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_is_sent_is_framed_by_one_tick() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, client) = server_with_client(&home, lang);
        window.set_text(lang.send_box(), "abc");
        window.frame(FramingKind::Idle, |window| {
            assert!(window.controls(lang.frame_sent()).is_empty(), "nothing that is appended is a pause");
        });
        window.frame(FramingKind::Length, |window| {
            window.set_text(lang.length_width(), "4");
            window.click(lang.frame_sent());
        });
        window.click(lang.send());
        assert_eq!(read(&client, 7), b"\0\0\0\x03abc");
        window.show(ViewMode::Table);
        window
            .wait_until("the whole message", |window| previews(window).iter().any(|row| row.contains("abc")));
        assert!(!window.shows(lang.message_open()));
        window.frame(FramingKind::Line, |window| window.click(lang.frame_sent()));
        window.click(lang.send());
        assert_eq!(read(&client, 5), b"abc\r\n", "instead of the length");
        window.frame(FramingKind::Delimiter, |window| {
            window.set_text(lang.delimiter_bytes(), "03");
            window.click(lang.frame_sent());
            window.click(lang.frame_sent());
        });
        window.click(lang.send());
        assert_eq!(read(&client, 3), b"abc");
    }
}
