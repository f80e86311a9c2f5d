//! A session whose capture is in parts, in the window.

use std::fs;
use std::net::UdpSocket;

use netassist::model::{Format, Protocol};
use netassist::state::FramingKind;
use netassist::ui::lang::Lang;

use super::home::Home;

#[test]
fn what_is_removed_goes_from_the_window_and_the_rest_stays() {
    for lang in [Lang::En, Lang::ZhTw] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(Protocol::Udp);
        window.click(lang.more_options());
        for (option, value) in [("rotate", "2k"), ("keep", "2"), ("log-file", "told.txt")] {
            window.set_text(lang.option(option).unwrap().0, value);
        }
        window.click(lang.more_options());
        let address = window.open(Protocol::Udp);
        let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut told = 0;
        let mut say = |window: &mut super::window::Window, text: String| {
            peer.send_to(text.as_bytes(), address).unwrap();
            told += 1;
            window.wait_until("it", |window| window.tab().counters.n_received == told);
        };
        for n in 0..60 {
            say(&mut window, format!("message {n:03} {}\n", "x".repeat(200)));
        }
        // Each part has some seven records; two are kept beside the one that is written.
        window.wait_until("all that is removed", |window| {
            window.tab().log.len() - window.tab().log.first() < 16
        });
        let gone =
            |window: &super::window::Window| lang.records_removed(window.tab().log.first().to_string());
        window.settle();
        assert_eq!(window.tab().shown.len(), window.tab().log.len() - window.tab().log.first());
        assert!(window.rows().iter().any(|row| row.contains("message 059")), "{:?}", window.rows());
        window.focus_log();
        window.key(egui::Modifiers::NONE, egui::Key::Home);
        window.settle();
        let rows = window.rows();
        // In English it takes two rows.
        let told = if lang == Lang::En { rows[..2].concat() } else { rows[0].clone() };
        assert!(told.ends_with(&gone(&window)), "{rows:?}");
        assert!(!rows.iter().any(|row| row.contains('✕')), "{rows:?}");

        // What is in sight stays there when more is removed.
        window.find("message 059");
        window.wait_searched();
        let before = window.tab().log.first();
        for _ in 0..6 {
            say(&mut window, "y".repeat(200));
        }
        window.wait_until("more is removed", |window| window.tab().log.first() > before);
        window.wait_searched();
        assert!(window.tab().find.hits.len() <= 1);

        // A framing begins with what is left.
        window.frame(FramingKind::Line, |_| ());
        window.wait_framed();
        assert!(!window.rows().iter().any(|row| row.contains('✕')), "{:?}", window.rows());

        // Save as says what is missing, and saves the rest from all files.
        let path = home.path("saved.txt");
        window.click(lang.save_as());
        assert!(window.shows(&gone(&window)), "{:?}", window.texts());
        window.choose_format(Format::Text);
        window.set_text(lang.save_name(), path.to_str().unwrap());
        window.click(lang.save());
        window.wait_until("that it is saved", |window| !window.tab().save.open);
        let saved = fs::read_to_string(&path).unwrap();
        assert!(saved.contains("yyyy") && !saved.contains("message 001"), "{saved}");
        let first = window.tab().log.first();
        let before = match lang {
            Lang::En => format!("{first} records are in the parts before"),
            _ => format!("先前的部分有 {first} 筆記錄"),
        };
        assert!(saved.lines().next().unwrap().contains(&before), "{saved}");

        // The captures and the logs beside them: two of each.
        let names = |end: &str| {
            let all = fs::read_dir(home.path("captures")).unwrap();
            let all = all.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            all.filter(|name| name.ends_with(end)).count()
        };
        window.click(lang.close());
        window.wait_until("the end", |window| !window.tab().is_locked());
        assert_eq!(names(".pcapng"), 2);
        window.wait_until("two logs", |_| names(".txt") == 2);
    }
}
