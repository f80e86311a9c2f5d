//! Captures of other programs in the window: shown, and gone with their tab. Notes on records of ours.

use std::fs;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::Path;

use egui::{Key, Modifiers};
use flate2::Compression;
use flate2::write::GzEncoder;
use netassist::journal::scan;
use netassist::state::{Action, Phase};
use netassist::ui::lang::Lang;

use super::home::{Home, server_with_client};
use super::window::{CTRL, Window};
use crate::journal::import::frames::{raw, udp};

/// A datagram of these bytes in a pcap file that holds raw IP.
fn pcap(path: &Path, texts: &[&str]) {
    let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0];
    for (n, text) in (1_u32..).zip(texts) {
        let len = u8::try_from(text.len() + 28).unwrap();
        for number in [n, 0, u32::from(len), u32::from(len)] {
            file.extend(number.to_le_bytes());
        }
        file.extend([0x45, 0, 0, len, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        file.extend([0, 53, 0x30, 0x39, 0, len - 20, 0, 0]);
        file.extend(text.as_bytes());
    }
    fs::write(path, file).unwrap();
}

fn window_on(home: &Home, lang: Lang) -> Window {
    let mut window = home.window(lang);
    window.wait_until("the capture", |window| window.data_rows().iter().any(|row| row == "second"));
    window.settle();
    window
}

#[test]
fn a_capture_of_another_program_is_shown_and_its_copy_goes_with_the_tab() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let path = home.path("somebody's.pcap");
        pcap(&path, &["first", "second"]);
        home.files = vec![path.clone()];
        let mut window = window_on(&home, lang);
        assert!(window.tab().is_viewer());
        assert_eq!(window.tab().file(), Some(&*path));
        assert!(window.shows("somebody's"), "it goes by its own name");
        let copy = window.tab().capture.clone().unwrap();
        assert!(copy != path && copy.exists());
        window.key(CTRL, Key::W);
        window.wait_until("the copy to go", |_window| !copy.exists());
        assert!(path.exists());
    }
}

#[test]
fn a_damaged_capture_shows_what_stands_before_the_damage_and_says_where_it_is() {
    let home = Home::new();
    let path = home.path("damaged.pcap");
    pcap(&path, &["first", "second"]);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [&whole[..], &[0xff; 40]].concat()).unwrap();
    let home = Home { files: vec![path], ..home };
    let mut window = window_on(&home, Lang::En);
    window.wait_until("the end", |window| window.tab().phase == Phase::Viewing { loading: None });
    assert_eq!(window.tab().phase, Phase::Viewing { loading: None });
    let why = format!("Cannot read the capture: at byte {}: invalid packet length 4294967295", whole.len());
    assert!(window.shows(&why), "{why}");
    assert!(window.data_rows().iter().any(|row| row == "first"));
}

#[test]
fn a_time_leads_to_its_record_even_where_times_go_back() {
    let home = Home::new();
    let path = home.path("steps.pcap");
    let texts: Vec<_> = (0..400).map(|n| format!("line {n:04}")).chain(["second".to_owned()]).collect();
    pcap(&path, &texts.iter().map(String::as_str).collect::<Vec<_>>());
    // The first packet has a time of 2061; the others are at one, two, … seconds.
    let mut file = fs::read(&path).unwrap();
    file[24..28].copy_from_slice(&2_900_000_000_u32.to_le_bytes());
    fs::write(&path, file).unwrap();
    let home = Home { files: vec![path], ..home };
    let mut window = window_on(&home, Lang::En);
    for (time, line) in [
        ("1970-01-01 00:01:41", "line 0100"),
        ("1970-01-01 00:05:01", "line 0300"),
        ("1970-01-01 00:00:02", "line 0001"),
        // Since the earliest record, wherever it is.
        ("+248", "line 0249"),
        ("00:01:41", "line 0100"),
        ("+0", "line 0001"),
    ] {
        window.key(CTRL, Key::G);
        window.set_text(Lang::En.go_to_what(), time);
        window.key(Modifiers::NONE, Key::Enter);
        window.wait_until(line, |window| window.data_rows().iter().any(|row| row == line));
    }
}

#[test]
fn the_packets_inside_of_vxlan_are_shown_on_request() {
    let lang = Lang::En;
    let mut home = Home::new();
    let path = home.path("tunnels.pcap");
    let inner = [&[0; 12][..], &[8, 0], &udp(1, 2, b"inside")].concat();
    let mut outer = udp(7, 8, &[&[8, 0, 0, 0, 0, 0, 7, 0][..], &inner].concat());
    outer[22..24].copy_from_slice(&4789_u16.to_be_bytes());
    fs::write(&path, raw(&[outer, udp(3, 4, b"outside")])).unwrap();
    home.files = vec![path];
    let mut window = home.window(lang);
    let has_row =
        |text: &'static str| move |window: &Window| window.data_rows().iter().any(|row| row == text);
    window.wait_until("the datagrams", has_row("outside"));
    for is_shown in [true, false] {
        let tab = window.control("tunnels", 0).rect().center();
        window.menu_at(tab);
        window.click(lang.inner_flows());
        window.wait_until("the other reading", |window| {
            has_row("outside")(window) && has_row("inside")(window) == is_shown
        });
        assert_eq!(window.state().tabs.iter().filter(|tab| tab.is_viewer()).count(), 1, "in its place");
    }
}

#[test]
fn a_compressed_file_that_is_too_large_is_opened_only_on_request() {
    let lang = Lang::En;
    let mut home = Home::new();
    let path = home.path("bomb.pcap.gz");
    let mut encoder = GzEncoder::new(fs::File::create(&path).unwrap(), Compression::best());
    // Zeros at the end, as after a power failure.
    encoder.write_all(&raw(&[udp(1, 2, b"before the zeros")])).unwrap();
    encoder.write_all(&vec![0; 65 << 20]).unwrap();
    encoder.finish().unwrap();
    home.files = vec![path.clone()];
    let mut window = home.window(lang);
    window.wait_for_text(lang.question_large());
    window.key(Modifiers::NONE, Key::Escape);
    assert!(window.state().question.is_none() && !window.tab().is_viewer());
    let context = window.harness.ctx.clone();
    window.harness.state_mut().act(Action::OpenCapture(path), &context);
    window.wait_for_text(lang.question_large());
    window.click(lang.open_anyway());
    window.wait_until("its record", |window| window.data_rows().iter().any(|row| row == "before the zeros"));
}

#[test]
fn notes_reach_the_capture_while_the_session_is_open_and_afterwards() {
    let home = Home::new();
    let (mut window, _client) = server_with_client(&home, Lang::En);
    let capture = window.tab().capture.clone().unwrap();
    let act = |window: &mut Window, action| {
        let context = window.harness.ctx.clone();
        window.harness.state_mut().act(action, &context);
    };
    let notes = || {
        let mut notes = Vec::new();
        scan(&capture, 0, u64::MAX, &mut |batch| {
            notes.extend(batch.notes);
            ControlFlow::Continue(())
        })
        .unwrap();
        notes
    };
    act(&mut window, Action::SetNote(0, "while open".to_owned()));
    window.wait_until("the note", |_window| notes().len() == 1);
    act(&mut window, Action::Close);
    window.wait_until("the end", |window| window.tab().phase == Phase::Idle);
    act(&mut window, Action::SetNote(1, "afterwards".to_owned()));
    assert_eq!(notes(), [(0, "while open".to_owned()), (1, "afterwards".to_owned())]);
}

#[test]
fn what_is_no_capture_is_said() {
    let lang = Lang::En;
    let mut home = Home::new();
    let path = home.path("a.pcap.gz");
    fs::write(&path, [0x1f, 0x8b, 8, 0]).unwrap();
    home.files = vec![path];
    let mut window = home.window(lang);
    window.wait_for_text("damaged compressed data");
}

/// A file as the window system hands it over.
#[derive(Debug)]
pub(super) struct Dropped(pub(super) std::path::PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        fs::read(&self.0).map_err(|error| error.to_string())
    }
}

#[test]
fn captures_that_are_dropped_are_opened_in_tabs_of_their_own() {
    let lang = Lang::En;
    let home = Home::new();
    let mut window = home.window(lang);
    for (name, texts) in [("one.pcap", ["first", "second"]), ("two.pcap", ["third", "second"])] {
        let path = home.path(name);
        pcap(&path, &texts);
        window.harness.input_mut().dropped_files.push(std::sync::Arc::new(Dropped(path)));
    }
    window.wait_until("both are opened", |window| window.state().tabs.len() == 2);
    window.wait_until("the last one", |window| window.data_rows().iter().any(|row| row == "third"));
    window.key(egui::Modifiers { shift: true, ..CTRL }, Key::Tab);
    window.wait_until("the first one", |window| window.data_rows().iter().any(|row| row == "first"));
}
