//! Messages that are kept: made, edited, sent by a click, by a key and as a sequence, moved, deleted, taken over
//! from other programs and saved.

use std::io::Write as _;

use egui::{Event, Key, Modifiers, PointerButton, Pos2};
use netassist::model::{Expected, Protocol};
use netassist::state::{Action, QuickAction, QuickId, RowAction, Side};
use netassist::ui::lang::Lang;
use netassist::ui::messages;
use netassist::workspace::{WorkspaceFile, import};

use super::home::{Home, read, server_with_client};
use super::window::{CTRL, Window};

/// Keeps what this is in the send box.
fn keep(window: &mut Window, text: &str) {
    let lang = window.lang;
    window.set_text(lang.send_box(), text);
    window.click(lang.quick_add());
}

/// What stands in the rows, in their order.
fn rows(window: &Window) -> Vec<String> {
    let label = |word: &str| format!("{word} ");
    let start = label(window.lang.quick_edit());
    let mut labels = window.texts();
    labels.retain(|text| text.starts_with(&start));
    labels.sort();
    labels.dedup();
    let place = |label: &String| -> Vec<(f32, String)> {
        let name = label[start.len()..].to_owned();
        window.controls(label).iter().map(|row| (row.rect().top(), name.clone())).collect()
    };
    let mut found: Vec<(f32, String)> = labels.iter().flat_map(place).collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.into_iter().map(|(_, name)| name).collect()
}

/// A field of a row, brought into sight.
fn reach(window: &mut Window, label: &str) {
    window.controls(label)[0].scroll_to_me();
    window.settle();
}

fn shows_taken(window: &Window, by: Expected) -> bool {
    window.shows(&messages::fault(window.lang, &by.into()))
}

fn opened(home: &Home, lang: Lang) -> (Window, std::net::TcpStream) {
    let (mut window, client) = server_with_client(home, lang);
    // Wide enough for the dock beside the log, where it shows all rows.
    window.harness.set_size(egui::vec2(1366.0, 768.0));
    window.key(CTRL, Key::K);
    assert_eq!(window.state().layout.side, Some(Side::Quick));
    (window, client)
}

#[test]
fn what_is_in_the_box_is_kept_and_sent_by_click_and_key() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, client) = opened(&home, lang);
        assert!(window.shows(lang.quick_empty()));
        keep(&mut window, "alpha\\n");
        keep(&mut window, "beta");
        assert_eq!(rows(&window), ["alpha\\n", "beta"]);
        window.click(&format!("{} alpha\\n", lang.send()));
        assert_eq!(read(&client, 6), b"alpha\n");
        window.click(&format!("{} beta", lang.quick_edit()));
        window.set_text(lang.quick_name(), "B");
        reach(&mut window, lang.quick_key());
        window.set_text(lang.quick_key(), "F5");
        assert!(shows_taken(&window, Expected::KeyNotOfWindow), "the window opens and closes with it");
        reach(&mut window, lang.quick_key());
        window.set_text(lang.quick_key(), "shift + f7");
        reach(&mut window, lang.quick_append());
        window.set_text(lang.quick_append(), "LRC\nlf");
        assert!(window.shows("6 B") || window.shows("6 字节"), "{:?}", window.texts());
        window.key(Modifiers::SHIFT, Key::F7);
        assert_eq!(read(&client, 6), b"beta\x64\n");
        window.key(Modifiers::NONE, Key::F7);
        window.click(lang.quick_back());
        assert_eq!(rows(&window), ["alpha\\n", "B"]);
        window.click(&format!("{} B", lang.send()));
        assert_eq!(read(&client, 6), b"beta\x64\n", "and the bare key has sent nothing");
    }
}

#[test]
fn typing_goes_on_and_nothing_moves_when_a_reason_comes_or_goes() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let (mut window, _client) = opened(&home, lang);
        keep(&mut window, "ping");
        window.click(&format!("{} ping", lang.quick_edit()));
        for (field, typed) in
            [(lang.quick_content(), "\\x0"), (lang.quick_append(), "crlx"), (lang.quick_delay(), "1 weeks")]
        {
            reach(&mut window, field);
            let place = |window: &Window| window.controls(lang.quick_charset())[0].rect();
            window.set_text(field, "");
            let before = place(&window);
            for c in typed.chars() {
                window.harness.event(Event::Text(c.to_string()));
                window.settle();
                assert_eq!(place(&window), before, "{field} {c:?}");
            }
            assert_eq!(window.value(field), typed, "{field} keeps the keyboard");
            assert!(window.shows("✕ "), "{field}");
            window.set_text(field, "");
        }
    }
}

fn edit(window: &mut Window, id: Option<QuickId>) {
    let ctx = window.harness.ctx.clone();
    let action = Action::Quick(QuickAction::Row(RowAction::Edit(id)));
    window.harness.state_mut().act(action, &ctx);
    window.settle();
}

#[test]
fn every_key_that_is_taken_says_so_and_all_others_send() {
    let lang = Lang::En;
    let mut keys = Vec::new();
    let mut row = |modifiers: Modifiers, key: Key| {
        let names = [(modifiers.ctrl, "Ctrl+"), (modifiers.alt, "Alt+"), (modifiers.shift, "Shift+")];
        let names: String = names.into_iter().filter(|(held, _)| *held).map(|(_, name)| name).collect();
        let name = names + key.name();
        let content = format!("{:03}", keys.len());
        keys.push((modifiers, key, name.clone(), content.clone()));
        format!("[[quick]]\nname = \"{content}\"\ncontent = \"{content}\"\nkey = \"{name}\"\n")
    };
    let mut text = String::new();
    for n in 0..8 {
        let held = |bit| n & bit != 0;
        let modifiers =
            Modifiers { alt: held(2), shift: held(4), ..if held(1) { CTRL } else { Modifiers::NONE } };
        for key in (1..=12).filter_map(|n| Key::from_name(&format!("F{n}"))) {
            text += &row(modifiers, key);
        }
        if modifiers.alt {
            for key in (0..=9).filter_map(|n| Key::from_name(&n.to_string())) {
                text += &row(modifiers, key);
            }
        }
    }
    let home = Home::new();
    let list = home.path("keys.toml");
    std::fs::write(&list, text).unwrap();
    let (mut window, client) = opened(&home, lang);
    window.click(lang.quick_file());
    window.set_text(lang.quick_path(), list.to_str().unwrap());
    window.click(lang.quick_import());
    window.wait_until("the list", |window| window.tab().quick.list.rows().len() == keys.len());
    let mut taken = Vec::new();
    for (modifiers, key, name, content) in keys {
        let id = window.tab().quick.list.rows().iter().find(|row| row.form.content == content).unwrap().id;
        edit(&mut window, Some(id));
        if shows_taken(&window, Expected::KeyNotOfWindow) || shows_taken(&window, Expected::KeyNotOfSystem) {
            taken.push(name);
            continue;
        }
        edit(&mut window, None);
        window.key(modifiers, key);
        assert_eq!(read(&client, 3), content.as_bytes(), "{modifiers:?} {key:?}");
    }
    for key in ["F2", "F3", "F5", "F6", "F10", "Shift+F3", "Shift+F10", "Alt+F4", "Ctrl+Alt+F1", "Ctrl+Alt+1"]
    {
        assert!(taken.iter().any(|taken| taken == key), "{key}: {taken:?}");
    }
    assert!(!taken.iter().any(|taken| ["F1", "Ctrl+F10", "Shift+F7", "Alt+1"].contains(&taken.as_str())));
}

#[test]
fn a_key_is_pressed_into_its_field() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, _client) = opened(&home, lang);
    keep(&mut window, "x");
    let id = window.tab().quick.list.rows()[0].id;
    edit(&mut window, Some(id));
    for (modifiers, key, name) in
        [(Modifiers::NONE, Key::F7, "F7"), (CTRL, Key::F12, "Ctrl+F12"), (Modifiers::NONE, Key::F5, "F5")]
    {
        window.click(lang.quick_key());
        window.key(modifiers, key);
        assert_eq!(window.tab().quick.list.rows()[0].form.key, name);
    }
    assert!(window.tab().is_open() && shows_taken(&window, Expected::KeyNotOfWindow), "it does nothing else");
}

#[test]
fn a_key_of_two_rows_is_told_in_the_list() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let (mut window, _client) = opened(&home, lang);
        keep(&mut window, "first");
        keep(&mut window, "second");
        let ids: Vec<_> = window.tab().quick.list.rows().iter().map(|row| row.id).collect();
        let set = |window: &mut Window, n: usize, key: &str| {
            edit(window, Some(ids[n]));
            reach(window, lang.quick_key());
            window.set_text(lang.quick_key(), key);
            edit(window, None);
        };
        set(&mut window, 0, "F7");
        set(&mut window, 1, "F7");
        let words = lang.same_key("first");
        assert!(window.texts().contains(&words), "{:?}", window.texts());
        set(&mut window, 1, "F8");
        assert!(!window.texts().contains(&words));
    }
}

#[test]
fn rows_are_moved_duplicated_deleted_and_come_back() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, _client) = opened(&home, lang);
    for name in ["a", "b", "c"] {
        keep(&mut window, name);
    }
    // By the keys.
    window.control("Edit c", 0).focus();
    window.settle();
    window.key(Modifiers::ALT, Key::ArrowUp);
    assert_eq!(rows(&window), ["a", "c", "b"]);
    window.key(Modifiers::ALT, Key::ArrowUp);
    window.key(Modifiers::ALT, Key::ArrowDown);
    assert_eq!(rows(&window), ["a", "c", "b"], "it keeps the keyboard");
    window.key(Modifiers::NONE, Key::ArrowUp);
    window.key(Modifiers::NONE, Key::ArrowDown);
    window.key(Modifiers::NONE, Key::Delete);
    assert_eq!(rows(&window), ["a", "b"]);
    window.click(lang.quick_undo());
    assert_eq!(rows(&window), ["a", "c", "b"]);
    assert!(!window.is_enabled(lang.quick_undo()));
    // By the menu.
    window.choose("Menu of a", lang.quick_duplicate());
    assert_eq!(rows(&window), ["a", "a", "c", "b"]);
    window.choose("Menu of b", lang.quick_up());
    assert_eq!(rows(&window), ["a", "a", "b", "c"]);
    window.choose("Menu of c", lang.quick_load());
    assert_eq!(window.value(lang.send_box()), "c");
    // By the pointer.
    let from = window.control("Move c", 0).rect().center();
    let to = window.control("Edit a", 0).rect().center();
    drag(&mut window, from, to);
    assert_eq!(rows(&window), ["c", "a", "a", "b"]);
}

fn drag(window: &mut Window, from: Pos2, to: Pos2) {
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    window.harness.event(Event::PointerMoved(from));
    window.step();
    window.harness.event(button(from, true));
    window.step();
    for part in [0.3, 0.6, 1.0] {
        window.harness.event(Event::PointerMoved(from.lerp(to, part)));
        window.step();
    }
    window.harness.event(button(to, false));
    window.settle();
    window.harness.remove_cursor();
    window.settle();
}

#[test]
fn ticked_rows_run_as_a_sequence_that_waits_for_answers() {
    let lang = Lang::En;
    let home = Home::new();
    let (mut window, mut client) = opened(&home, lang);
    for name in ["one", "not this", "two"] {
        keep(&mut window, name);
    }
    window.click(lang.quick_run());
    assert!(window.shows("Tick the rows"), "{:?}", window.texts());
    window.click("In the sequence one");
    window.click("In the sequence two");
    window.click("Edit one");
    reach(&mut window, lang.quick_expect());
    window.choose(lang.quick_expect(), lang.match_starts());
    assert!(window.shows("The pattern is empty"));
    reach(&mut window, lang.quick_pattern());
    window.set_text(lang.quick_pattern(), "OK");
    reach(&mut window, lang.quick_within());
    window.set_text(lang.quick_within(), "20s");
    window.click(lang.quick_back());
    window.set_text(lang.quick_loops(), "2");
    window.click(lang.quick_run());
    assert_eq!(read(&client, 3), b"one");
    let quick = |window: &Window| window.tab().quick.clone();
    window.wait_until("the row to be known", |window| quick(window).running().is_some());
    let running = quick(&window).running().unwrap();
    assert_eq!(quick(&window).list.get(running).unwrap().content, "one");
    assert!(window.shows(lang.quick_round()));
    client.write_all(b"OK!").unwrap();
    assert_eq!(read(&client, 6), b"twoone");
    client.write_all(b"OK again").unwrap();
    assert_eq!(read(&client, 3), b"two");
    window.wait_for_text("Sequence finished; rounds: 2");
    // It stops at once.
    window.click(lang.quick_run());
    assert_eq!(read(&client, 3), b"one");
    window.click(lang.quick_stop());
    assert!(window.is_enabled(lang.quick_run()));
    // An answer that does not come.
    window.click("Edit one");
    reach(&mut window, lang.quick_within());
    window.set_text(lang.quick_within(), "1");
    window.click(lang.quick_back());
    window.click(lang.quick_run());
    window.wait_for_text("‘one’ was not answered in time");
}

#[test]
fn lists_are_taken_over_told_of_and_saved() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut home = Home::new();
        let list = home.path("sscom51.ini");
        std::fs::write(&list, include_bytes!("../../data/workspace/sscom51.ini")).unwrap();
        let saved = home.path("out.toml");
        home.answers.open = Some(list);
        home.answers.save = Some(saved.clone());
        let mut window = home.window(lang);
        window.harness.set_size(egui::vec2(1366.0, 768.0));
        window.settle();
        window.click(lang.quick());
        window.click(lang.quick_file());
        window.click(lang.quick_import_browse());
        window.wait_for_text("SSCOM");
        assert_eq!(rows(&window), ["步骤一, 含逗号", "2", "读寄存器", "坏"]);
        assert!(window.shows(lang.quick_remarks()));
        window.click(lang.quick_remarks_close());
        assert!(!window.shows(lang.quick_remarks_close()));
        window.set_text(lang.quick_search(), "寄存");
        assert_eq!(rows(&window), ["读寄存器"]);
        window.set_text(lang.quick_search(), "");
        window.click(lang.quick_file());
        window.click(lang.quick_export_browse());
        window.wait_for_text("out.toml");
        let read = WorkspaceFile::read(&saved).unwrap();
        assert_eq!(read.workspace.quick, window.tab().quick.list.forms());
        // What is typed never replaces a file.
        window.click(lang.quick_file());
        window.set_text(lang.quick_path(), saved.to_str().unwrap());
        let before = std::fs::read(&saved).unwrap();
        window.click(lang.quick_export());
        window.wait_for_text(lang.not_exported("").trim());
        assert_eq!(std::fs::read(&saved).unwrap(), before);
        window.click(lang.quick_file());
        window.click(lang.quick_import());
        window.wait_until("all rows twice", |window| window.tab().quick.list.rows().len() == 8);
    }
}

#[test]
fn lists_of_other_programs_are_read_by_the_dialog_as_anywhere() {
    // Byte 02 stands for a comma; the last one but one is not ticked; the last has no hex.
    let sscom = "N101=1,\u{6b65}\u{9aa4},500\r\nN1=A,AT+A=1\u{2}\"x\u{2}y\"\r\n\r\nN102=2,b,20\r\nN2=A,\u{2}\u{2}\r\n\
                 N103=3,c,1000\r\nN3=H,01 03 C4 0B\r\nN104=0,\u{4e2d},1000\r\nN4=A,\u{4f60}\u{2}\u{597d}\u{2}\r\nN5=H,0G\r\n";
    let (sscom, _, _) = encoding_rs::GBK.encode(sscom);
    let packets = r"[packets]
1\name=double
2\name=float
3\name=cut off
4\name=gone
size=4
[float]
hexString=48 69
repeat=@Variant(\0\0\0\x87?\x80\0\0)
[cut%20off]
hexString=41
repeat=@Variant(\0\0\0\x6\0)
[double]
hexString=42
repeat=@Variant(\0\0\0\x6@\x4\0\0\0\0\0\0)
";
    for lang in [Lang::En, Lang::ZhCn] {
        for (bytes, delays) in [
            (&sscom[..], [("\u{6b65}\u{9aa4}", "500"), ("\u{4e2d}", "1000")]),
            (packets.as_bytes(), [("float", "1s"), ("double", "2.5s")]),
        ] {
            let wanted = import(bytes).unwrap();
            let mut home = Home::new();
            let list = home.path("list.ini");
            std::fs::write(&list, bytes).unwrap();
            home.answers.open = Some(list);
            let mut window = home.window(lang);
            window.harness.set_size(egui::vec2(1366.0, 768.0));
            window.settle();
            window.click(lang.quick());
            window.click(lang.quick_file());
            window.click(lang.quick_import_browse());
            let (n, n_remarks) = (wanted.quick.len(), wanted.remarks.len());
            window.wait_for_text(&lang.imported_with_remarks(wanted.source.name(), n, n_remarks));
            let quick = &window.tab().quick;
            assert_eq!(quick.list.forms(), wanted.quick);
            assert_eq!((&quick.remarks, n_remarks > 0), (&wanted.remarks, true));
            for (name, delay) in delays {
                assert!(wanted.quick.iter().any(|row| row.name == name && row.delay == delay), "{name}");
            }
            assert!(window.shows(lang.quick_remarks()));
            for remark in &wanted.remarks {
                assert!(window.shows(&remark.line.to_string()), "{remark:?}");
            }
        }
    }
    let read = import(&sscom).unwrap().quick;
    let unticked = read.iter().find(|row| row.name == "\u{4e2d}").unwrap();
    assert_eq!((unticked.ticked, unticked.content.as_str()), (false, "\u{4f60},\u{597d},"));
    assert_eq!(read[0].content, "AT+A=1,\"x,y\"");
}

#[test]
fn all_of_it_is_there_again_after_a_restart() {
    let home = Home::new();
    let lang = Lang::ZhCn;
    {
        let mut window = home.window(lang);
        window.key(CTRL, Key::K);
        keep(&mut window, "第一条");
        window.click(&format!("{} 第一条", lang.quick_edit()));
        reach(&mut window, lang.quick_page());
        window.set_text(lang.quick_page(), "泵");
        window.click(lang.quick_back());
        assert_eq!(rows(&window), ["第一条"], "its page is shown");
        window.exit();
    }
    let mut window = home.window(lang);
    assert_eq!(rows(&window), ["第一条"]);
    window.click(lang.quick_new());
    window.click(lang.quick_back());
    assert_eq!(window.tab().quick.list.rows()[1].form.page, "泵");
    assert_eq!(window.tab().session.protocol, Protocol::Udp);
}
