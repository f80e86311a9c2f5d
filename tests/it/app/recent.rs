//! Captures of earlier sessions: what is deleted at the start and told, and what is kept.

use std::fs::File;
use std::time::{Duration, SystemTime};

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use netassist::model::Protocol;
use netassist::state::{Notice, Phase, Report, Settings, State};
use netassist::ui::lang::Lang;
use netassist::ui::messages::{self, notice};

use super::home::Home;
use super::window::{CTRL, Window};

/// Captures of 1 MiB that are so many days old, and these settings.
fn home(settings: &str, days: impl IntoIterator<Item = u64>) -> Home {
    let home = Home::new();
    std::fs::write(home.path("settings.toml"), settings).unwrap();
    std::fs::create_dir(home.path("captures")).unwrap();
    for (n, age) in days.into_iter().enumerate() {
        let file = File::create_new(home.path(&format!("captures/{n}.pcapng"))).unwrap();
        file.set_len(1 << 20).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_hours(24 * age + n as u64)).unwrap();
    }
    home
}

#[test]
fn what_is_deleted_or_too_much_is_told_and_stays_told() {
    for &lang in Lang::ALL {
        let home = home("keep_captures_mib = 2\nwarn_captures_mib = 10\n", (0..12).map(|n| n / 10));
        let mut window = home.window(lang);
        let deleted = Notice::Captures((2, 2 << 20), None);
        window.wait_for_text(&notice(lang, &deleted));
        assert_eq!(window.state().notices, [deleted], "what is left is within the limit");
        let list = || {
            let files = std::fs::read_dir(home.path("captures")).unwrap().map(|file| file.unwrap().path());
            files.filter(|path| path.extension().is_some_and(|extension| extension == "pcapng")).count()
        };
        assert_eq!(list(), 10);
        window.exit();

        let mut window = home.window(lang);
        window.open(Protocol::Udp);
        window.click(lang.close());
        let told = |window: &Window| {
            matches!(
                window.state().notices[..],
                [Notice::Captures((0, 0), Some((10_485_761.., Some(10_485_760))))]
            )
        };
        window.wait_until("more than 10 MiB", told);
        window.key(Modifiers::NONE, Key::Escape);
        assert_eq!(list(), 11, "it is for the user to choose");
    }
}

#[test]
fn too_much_is_told_again_once_there_is_more() {
    let mut state = State::new(Settings::default());
    let mut told = |removed, total| {
        state.notices.clear();
        state.report(Report::Swept(removed, Some((total, Some(10)))));
        state.notices.last().cloned()
    };
    let too_much = |removed, total| Some(Notice::Captures(removed, Some((total, Some(10)))));
    assert_eq!(told((0, 0), 11), too_much((0, 0), 11));
    assert_eq!(told((0, 0), 11), None);
    assert_eq!(told((1, 5), 11), Some(Notice::Captures((1, 5), None)));
    assert_eq!(told((0, 0), 12), too_much((0, 0), 12));
    let failed = Notice::CannotOpen("why".into());
    state.notices = vec![failed.clone()];
    state.report(Report::Swept((1, 5), None));
    assert_eq!(
        (&*state.notices, &state.tab().notice),
        (&[failed][..], &Some(Notice::Captures((1, 5), None)))
    );
}

#[test]
fn a_capture_is_marked_in_the_list_and_stays_when_others_go() {
    for &lang in Lang::ALL {
        let home = home("", (0..12).map(|n| n / 10));
        let mut window = home.window(lang);
        window.open(Protocol::Udp);
        window.click(lang.close());
        window.wait_until("its end", |window| window.tab().phase == Phase::Idle);
        window.key(CTRL, Key::O);
        window.wait_for_text("udp 127.0.0.1:");
        let names = |window: &Window| {
            let number = |text: String| text.parse::<u64>().ok().filter(|n| *n < 12);
            window.texts().into_iter().filter_map(number).collect::<Vec<_>>()
        };
        assert!(names(&window).is_sorted(), "the newest first: {:?}", names(&window));

        // By keyboard alone, beyond what is in sight at first.
        let in_last_row = |window: &Window| {
            let root = window.harness.root();
            let focused =
                root.query_all_by_label(lang.mark_capture()).find(|node| node.accesskit_node().is_focused());
            let row = root.query_all_by_label("11").next();
            focused
                .zip(row)
                .is_some_and(|(focused, row)| focused.rect().y_range().contains(row.rect().center().y))
        };
        for _ in 0..100 {
            if !in_last_row(&window) {
                window.key(Modifiers::NONE, Key::Tab);
            }
        }
        assert!(in_last_row(&window), "{:?}", window.texts());
        window.key(Modifiers::NONE, Key::Space);
        let marked = |window: &Window| {
            window
                .state()
                .recent
                .iter()
                .filter(|recent| recent.marked)
                .map(|recent| recent.path.clone())
                .collect::<Vec<_>>()
        };
        window.wait_until("a mark", |window| marked(window) == [home.path("captures/11.pcapng")]);
        window.exit();

        std::fs::write(home.path("settings.toml"), "keep_captures_mib = 2").unwrap();
        let mut window = home.window(lang);
        window.wait_for_text(&notice(lang, &Notice::Captures((1, 1 << 20), None)));
        assert!(!home.path("captures/10.pcapng").exists() && home.path("captures/11.pcapng").exists());
        window.key(CTRL, Key::O);
        window.wait_until("the list", |window| marked(window) == [home.path("captures/11.pcapng")]);
        window.exit();
    }
}

#[test]
fn a_wrong_path_is_told_beside_it_and_the_list_stays() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.key(CTRL, Key::O);
        window.set_text(lang.open_file(), home.path("none.pcapng").to_str().unwrap());
        window.click(lang.open_file_button());
        let missing = std::io::Error::from_raw_os_error(2);
        let why = messages::notice(lang, &Notice::CannotRead(missing.into()));
        let (_, why) = why.rsplit_once([':', '：']).unwrap();
        window.wait_for_text(why.trim());
        assert!(window.state().recent_open && window.state().tabs.len() == 1);
        std::fs::write(home.path("some.pcapng"), "no capture").unwrap();
        window.set_text(lang.open_file(), home.path("some.pcapng").to_str().unwrap());
        window.click(lang.open_file_button());
        window.wait_until("the file", |window| window.tab().is_viewer() && !window.state().recent_open);
    }
}

#[test]
fn of_every_file_that_cannot_be_opened_is_told_which_and_why() {
    for &lang in Lang::ALL {
        let mut home = Home::new();
        let names = ["gone.toml", "wrong.toml", "gone too.toml", "gone.pcapng"];
        home.files = names.map(|name| home.path(name)).to_vec();
        std::fs::write(home.path("wrong.toml"), "x = [").unwrap();
        let mut window = home.window(lang);
        window.wait_until("all", |window| window.state().notices.len() == 3);
        window.wait_for_text(lang.unread());
        window.settle();
        window.click(&lang.more_strips(2));
        for file in &home.files {
            assert!(window.shows(file.to_str().unwrap()), "{file:?} in {lang:?}: {:?}", window.texts());
        }
        assert!(!window.shows(lang.log_empty_hint()), "there is nothing to be opened on the left");
        // The second one is read.
        let told = window.state().notices.clone();
        window.click(&format!("{} 2", lang.dismiss()));
        assert_eq!(window.state().notices, [told[0].clone(), told[2].clone()]);
        for _ in 0..3 {
            window.key(Modifiers::NONE, Key::Escape);
        }
        assert!(window.state().notices.is_empty());
        assert!(window.shows(lang.unread()), "the page stays");
        window.click(lang.recent_captures());
        assert!(window.state().recent_open);
    }
}
