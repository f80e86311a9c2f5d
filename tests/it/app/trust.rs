//! Workspaces of strangers in the window: nothing of them starts before the user says so.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::PathBuf;

use egui::{Key, Modifiers};
use netassist::codec::matcher::MatchKind;
use netassist::model::Protocol;
use netassist::state::FramingKind;
use netassist::ui::lang::Lang;
use netassist::ui::messages::rules::{match_kind, then_kind};
use netassist::workspace::ThenKind;

use super::home::{Home, call, pick, read, read_to_end};
use super::window::{CTRL, Window};

/// A home with a workspace that calls out, and serves `folder` with a rule.
fn stranger(folder: &str) -> (Home, TcpListener) {
    let mut home = Home::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let remote = listener.local_addr().unwrap();
    for name in ["shared", "other"] {
        std::fs::create_dir(home.path(name)).unwrap();
        std::fs::write(home.path(name).join("a.txt"), name).unwrap();
    }
    let text = format!(
        "[[session]]\nname = 'caller'\nprotocol = 'tcp-client'\nremote = '{remote}'\nstart = true\n\
         options = {{ reconnect = true }}\nfile = {{ path = '/etc/passwd' }}\n\
         [[session]]\nname = 'door'\nprotocol = 'tcp-server'\nlocal = '0.0.0.0:0'\nstart = true\nframing = 'line'\n\
         [[session.rule]]\nwhen = 'regex'\npattern = '^GET (.+?)\\n$'\nthen = 'send-file'\nfolder = '{folder}'\n\
         file = '{{1}}'\nand-then = 'go-on'\n\
         [[session.rule]]\nthen = 'close'\n\
         [[session]]\nname = 'quiet'\nlocal = '127.0.0.1:0'\n"
    );
    std::fs::write(home.path("lab.toml"), text).unwrap();
    home.files = vec![home.path("lab.toml")];
    (home, listener)
}

/// Waits for the question, after which nothing has started.
#[track_caller]
fn wait_asked(window: &mut Window) {
    window.wait_for_text(window.lang.trust_title());
    window.settle();
    assert!(window.tab().asking.is_some());
    assert_eq!(opened(window), [""; 0]);
}

/// The names of the sessions that are open or being opened.
fn opened(window: &Window) -> Vec<&str> {
    let locked = window.state().tabs.iter().filter(|tab| tab.is_locked());
    locked.map(|tab| tab.session.name.as_str()).collect()
}

/// The names of the tabs that are not approved.
fn untrusted(window: &Window) -> Vec<&str> {
    let untrusted = window.state().tabs.iter().filter(|tab| tab.is_untrusted());
    untrusted.map(|tab| tab.session.name.as_str()).collect()
}

/// Brings the last tab of this name to the front.
fn front(window: &mut Window, name: &str) {
    let tab = window.state().tabs.iter().rfind(|tab| tab.session.name == name).unwrap().id;
    while window.tab().id != tab {
        window.key(CTRL, Key::Tab);
    }
}

/// What the session in front sends when it is asked for this file.
fn get(window: &mut Window, name: &str) -> String {
    let mut client = call(door(window));
    writeln!(client, "GET {name}").unwrap();
    String::from_utf8(read_to_end(&client)).unwrap()
}

/// The address of the server, from this machine.
fn door(window: &mut Window) -> std::net::SocketAddr {
    ([127, 0, 0, 1], window.wait_open().port()).into()
}

fn called(listener: &TcpListener) -> bool {
    listener.accept().is_ok()
}

#[test]
fn a_stranger_is_asked_about_in_words_and_nothing_starts_meanwhile() {
    for &lang in Lang::ALL {
        let (mut home, listener) = stranger("shared");
        let mut window = home.window(lang);
        wait_asked(&mut window);
        let shared = home.path("shared").canonicalize().unwrap();
        let remote = listener.local_addr().unwrap().to_string();
        let file = home.path("lab.toml").canonicalize().unwrap();
        for part in
            [&*remote, "0.0.0.0:0", shared.to_str().unwrap(), file.to_str().unwrap(), "/etc/passwd", "quiet"]
        {
            // Windows' canonical paths begin so, which says nothing to people.
            let part = part.trim_start_matches(r"\\?\");
            assert!(window.shows(part), "{part}: {:?}", window.texts());
        }
        if lang == Lang::En {
            for does in [
                format!("Connects to {remote}"),
                "Reconnects whenever the connection is lost".to_owned(),
                "Listens on 0.0.0.0:0, reachable from the network".to_owned(),
                format!("Sends files from {} to peers that ask for them", shared.display()),
            ] {
                assert!(window.shows(&does), "{does}: {:?}", window.texts());
            }
        }
        // The button, its key, and another tab do not get around the question.
        window.click(lang.open());
        window.key(Modifiers::NONE, Key::F5);
        front(&mut window, "door");
        window.key(Modifiers::NONE, Key::F5);
        wait_asked(&mut window);
        assert_eq!(untrusted(&window), ["caller", "door", "quiet"]);
        // The safe answer has the keyboard.
        window.key(Modifiers::NONE, Key::Enter);
        window.wait_until("the log", |window| !window.shows(lang.trust_title()));
        assert!(window.state().tabs.iter().all(|tab| tab.asking.is_none()));
        assert_eq!((opened(&window), untrusted(&window)), (vec![], vec!["caller", "door", "quiet"]));
        assert!(!home.path("approved.toml").exists());
        assert!(!called(&listener), "nobody was called");
        assert!(window.state().tabs.iter().all(|tab| tab.session.file.path.is_empty()), "no file is at hand");
        window.exit();

        // The tabs of the next start are the same, and the one with files asks.
        home.files.clear();
        let mut window = home.window(lang);
        window.settle();
        assert_eq!((opened(&window), untrusted(&window)), (vec![], vec!["caller", "door", "quiet"]));
        front(&mut window, "door");
        window.click(lang.open());
        wait_asked(&mut window);
        assert!(window.shows(shared.to_str().unwrap()) && !window.shows(&remote), "only its own");
        window.key(Modifiers::NONE, Key::Escape);
        window.key(Modifiers::NONE, Key::Escape);
        window.wait_until("the log", |window| !window.shows(lang.trust_title()));
        // To open a session without files is to approve it.
        front(&mut window, "caller");
        window.click(lang.open());
        window.wait_open();
        assert_eq!(untrusted(&window), ["door", "quiet"]);
        assert!(called(&listener));
    }
}

#[test]
fn an_approval_is_remembered_for_this_content_at_this_place() {
    let lang = Lang::En;
    let (mut home, listener) = stranger("shared");
    let mut window = home.window(lang);
    wait_asked(&mut window);
    window.click(lang.trust_start());
    window.wait_until("both", |window| opened(window) == ["caller", "door"]);
    assert_eq!(untrusted(&window), [""; 0]);
    window.wait_open();
    assert!(called(&listener));
    front(&mut window, "door");
    assert_eq!(get(&mut window, "a.txt"), "shared");
    assert_eq!(get(&mut window, "../other/a.txt"), "");
    window.wait_until("the approval", |_| home.path("approved.toml").exists());
    window.exit();

    let mut window = home.window(lang);
    window.wait_until("both", |window| opened(window) == ["caller", "door"]);
    assert!(!window.shows(lang.trust_title()));
    window.exit();

    // Another content, another place.
    let text = std::fs::read_to_string(home.path("lab.toml")).unwrap();
    std::fs::create_dir(home.path("copy")).unwrap();
    std::fs::write(home.path("copy/lab.toml"), &text).unwrap();
    home.files = vec![home.path("copy/lab.toml")];
    let mut window = home.window(lang);
    wait_asked(&mut window);
    window.exit();
    std::fs::write(home.path("lab.toml"), text.replace("'shared'", "'.'")).unwrap();
    home.files = vec![home.path("lab.toml")];
    let mut window = home.window(lang);
    wait_asked(&mut window);
    // The folder of the file itself is one like any other.
    let own = home.folder.path().canonicalize().unwrap();
    assert!(window.shows(&format!("Sends files from {} to", own.display())));
}

#[test]
fn without_files_sessions_start_and_their_rules_use_none() {
    let lang = Lang::En;
    let (mut home, _listener) = stranger("shared");
    let mut window = home.window(lang);
    wait_asked(&mut window);
    window.click(lang.trust_without());
    window.wait_until("both", |window| opened(window) == ["caller", "door"]);
    for _ in 0..2 {
        front(&mut window, "door");
        assert_eq!(get(&mut window, "a.txt"), "");
        window.wait_for_text("is not approved");
        assert!(untrusted(&window).iter().all(|name| *name == "door") && window.tab().is_untrusted());
        window.wait_until("the approval", |_| home.path("approved.toml").exists());
        window.exit();
        // It is remembered as it was answered.
        window = home.window(lang);
        window.wait_until("both", |window| opened(window) == ["caller", "door"]);
    }
    front(&mut window, "door");
    window.click(lang.close());
    window.wait_until("that it is closed", |window| !window.tab().is_locked());
    window.click(lang.open());
    window.wait_for_text(lang.trust_title());
    window.click(lang.trust_start());
    assert_eq!(get(&mut window, "a.txt"), "shared");
    assert!(!window.tab().is_untrusted());
    window.exit();
    // The tab has it for the next start.
    home.files.clear();
    let mut window = home.window(lang);
    window.settle();
    front(&mut window, "door");
    window.click(lang.open());
    assert_eq!(get(&mut window, "a.txt"), "shared");
}

#[cfg(unix)]
#[test]
fn a_folder_is_approved_by_where_it_leads() {
    let lang = Lang::En;
    let (home, _listener) = stranger("alias");
    let lead = |to: &str| {
        std::fs::remove_file(home.path("alias")).ok();
        std::os::unix::fs::symlink(home.path(to), home.path("alias")).unwrap();
    };
    lead("shared");
    let mut window = home.window(lang);
    wait_asked(&mut window);
    let shown = |name: &str| home.path(name).canonicalize().unwrap().display().to_string();
    assert!(window.shows(&shown("shared")) && !window.shows("alias"));
    window.click(lang.trust_start());
    front(&mut window, "door");
    assert_eq!(get(&mut window, "a.txt"), "shared");
    lead("other");
    assert_eq!(get(&mut window, "a.txt"), "");
    window.wait_until("the approval", |_| home.path("approved.toml").exists());
    window.exit();
    let mut window = home.window(lang);
    wait_asked(&mut window);
    assert!(window.shows(&shown("other")));
}

#[test]
fn what_the_user_types_and_what_the_program_saves_is_approved() {
    for lang in [Lang::En, Lang::ZhCn] {
        let (mut home, _listener) = stranger("shared");
        home.files.clear();
        let mut window = home.window(lang);
        let server = window.open(Protocol::TcpServer);
        window.frame(FramingKind::Line, |_| {});
        window.key(CTRL, Key::J);
        window.click(lang.rule_new());
        window.choose(lang.rule_when(), match_kind(lang, MatchKind::Anything));
        window.choose(lang.rule_then(), then_kind(lang, ThenKind::SendFile));
        window.set_text(lang.rule_file(), "a.txt");
        window.set_text(lang.rule_folder(), home.path("shared").to_str().unwrap());
        window.key(Modifiers::NONE, Key::Tab);
        let mut client = call(server);
        window.wait_until("the folder", |window| !window.tab().rules.unapproved().iter().any(|_| true));
        client.write_all(b"x\n").unwrap();
        assert_eq!(read(&client, 6), b"shared");
        assert!(!window.tab().is_untrusted());
        window.click(lang.menu());
        window.click(lang.save_workspace());
        window.set_text(lang.save_name(), home.path("mine.toml").to_str().unwrap());
        window.key(Modifiers::NONE, Key::Enter);
        window.wait_for_text(pick(lang, "Saved ", "已保存 "));
        window.exit();

        home.files = vec![home.path("mine.toml")];
        let mut window = home.window(lang);
        window.wait_until("its tab", |window| window.state().tabs.len() == 2);
        assert!(!window.tab().is_untrusted());
        window.click(lang.open());
        let mut client = call(window.wait_open());
        client.write_all(b"x\n").unwrap();
        assert_eq!(read(&client, 6), b"shared");
        window.exit();

        // With one byte more it is another's.
        let mut text = std::fs::read_to_string(home.path("mine.toml")).unwrap();
        text.push('\n');
        std::fs::write(home.path("mine.toml"), text).unwrap();
        let mut window = home.window(lang);
        window.wait_until("its tab", |window| window.state().tabs.len() == 3);
        assert!(window.tab().is_untrusted());
        window.click(lang.open());
        wait_asked(&mut window);
    }
}

#[test]
fn a_message_does_not_open_what_is_not_approved() {
    let lang = Lang::En;
    let (mut home, listener) = stranger("shared");
    let remote = listener.local_addr().unwrap();
    let text = format!(
        "[[session]]\nprotocol = 'tcp-client'\nremote = '{remote}'\noptions = {{ short = 'sent' }}\n\
         send = {{ content = 'typed' }}\n\
         [[session.rule]]\nthen = 'save-file'\nfolder = 'shared'\nfile = 'new.txt'\ncontent = 'x'\n"
    );
    let file: PathBuf = home.path("short.toml");
    std::fs::write(&file, text).unwrap();
    home.files = vec![file];
    let mut window = home.window(lang);
    window.wait_until("its tab", |window| window.tab().session.protocol == Protocol::TcpClient);
    assert!(!window.shows(lang.trust_title()), "nothing would start by itself");
    window.click(lang.send_short());
    wait_asked(&mut window);
    assert!(window.shows("Writes files that peers send into "));
    assert!(!called(&listener));
    window.click(lang.trust_keep());
    assert_eq!(window.value(lang.send_box()), "typed");
}
