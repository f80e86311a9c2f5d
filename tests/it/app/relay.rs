//! A relay in the window: opened, injected to both sides, and its faults.

use std::io::Write as _;
use std::net::TcpListener;

use egui::Key;
use netassist::codec::Charset;
use netassist::codec::matcher::MatchKind;
use netassist::model::{Protocol, RecordKind, Twin};
use netassist::state::{Action, FramingKind, Notice, RulesAction};
use netassist::ui::lang::Lang;
use netassist::ui::messages::rules::{match_kind, then_kind};
use netassist::ui::side::side_name;
use netassist::ui::widgets::choice_name;
use netassist::workspace::{RuleForm, ThenKind};

use super::home::{Home, call, read};
use super::layout::check_panes;
use super::window::{CTRL, Window};

#[test]
fn a_pair_is_one_peer_and_either_side_is_injected_to() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(Protocol::TcpRelay);
        let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
        window.set_text(lang.upstream_host(), "127.0.0.1");
        window.set_text(lang.upstream_port(), &upstream.local_addr().unwrap().port().to_string());
        let relay = window.open(Protocol::TcpRelay);
        let mut client = call(relay);
        let (server, _from) = upstream.accept().unwrap();
        let peer = client.local_addr().unwrap();
        window
            .wait_until("the pair", |window| window.tab().twins.len() == 1 && window.tab().peers.len() == 1);
        assert!(!window.controls(&peer.to_string()).is_empty(), "{:?}", window.texts());
        client.write_all(b"question").unwrap();
        assert_eq!(read(&server, 8), b"question");
        window.wait_until("the counter", |window| window.tab().counters.received == 8);
        assert!(window.shows(&format!("{}: 8 B", lang.up_count())));
        for (name, stream) in [(lang.to_upstream(peer), &server), (lang.to_client(peer), &client)] {
            let entry = name.replacen("the up", "The up", 1).replacen("client ", "Client ", 1);
            window.choose(lang.inject_to(), &entry);
            window.set_text(lang.send_box(), "injected");
            window.click(lang.send());
            assert_eq!(read(stream, 8), b"injected", "{name}");
        }
        window.click(side_name(lang, netassist::state::Side::Faults).0);
        window.click(lang.faults_up());
        let (stall, _) = lang.fault_key("stall").unwrap();
        window.set_text(stall, "0");
        window.key(egui::Modifiers::NONE, egui::Key::Tab);
        assert_eq!(window.tab().session.options.text("fault"), "up:stall=0");
        window.wait_until("the faults", |window| window.tab().clone().new_rules().is_none());
        client.write_all(b"held").unwrap();
        window.wait_until("what is held", |window| window.tab().counters.received == 12);
        // Said in the tab, in the status bar and above the log; switched off there or here, it goes on.
        assert_eq!(window.tab().faults(), Some("up:stall=0"));
        let said = window.texts();
        let what = lang.faults_act(format!("{} {} 0 B", lang.way_up(), stall.to_lowercase()));
        assert!(
            said.contains(&what) && said.iter().any(|text| text.ends_with(lang.faults_acting())),
            "{said:?}"
        );
        window.click(if lang == Lang::En { lang.faults_stop() } else { lang.faults_on() });
        window.wait_until("no faults", |window| window.tab().faults().is_none());
        assert_eq!(read(&server, 4), b"held");
    }
}

#[test]
fn a_wrong_fault_says_why_and_does_not_count() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(Protocol::TcpRelay);
        window.click(side_name(lang, netassist::state::Side::Faults).0);
        window.click(lang.faults_up());
        let (delay, _) = lang.fault_key("delay").unwrap();
        window.set_text(delay, "50ms");
        let told = |window: &Window| window.texts().iter().filter(|text| text.starts_with('✕')).count();
        let counts = |window: &Window| window.texts().iter().any(|text| text == "1");
        let n = told(&window);
        assert!(counts(&window), "{:?}", window.texts());
        let before = window.control(lang.fault_key("rate").unwrap().0, 0).rect();
        window.set_text(delay, "50 parsecs");
        assert!(told(&window) > n && !counts(&window), "{:?}", window.texts());
        assert_eq!(window.control(lang.fault_key("rate").unwrap().0, 0).rect(), before, "nothing moves");
    }
}

#[test]
fn a_held_message_is_looked_at_edited_and_passed_on() {
    for lang in [Lang::En, Lang::ZhCn, Lang::ZhTw] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.harness.set_size(egui::vec2(1366.0, 768.0));
        window.choose_protocol(Protocol::TcpRelay);
        let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
        window.set_text(lang.upstream_host(), "127.0.0.1");
        window.set_text(lang.upstream_port(), &upstream.local_addr().unwrap().port().to_string());
        window.key(CTRL, Key::J);
        window.click(lang.rule_new());
        window.set_text(lang.rule_name(), "look");
        window.choose(lang.rule_when(), match_kind(lang, MatchKind::Starts));
        window.set_text(lang.rule_pattern(), "hold");
        window.choose(lang.rule_then(), then_kind(lang, ThenKind::Hold));
        window.set_text(lang.rule_hold_for(), "1");
        assert!(
            !window.tab().rules.list.rows()[0].form.problems(Charset::Utf8).is_empty(),
            "a unit is missing"
        );
        window.set_text(lang.rule_hold_for(), "1h");
        let relay = window.open(Protocol::TcpRelay);
        let mut client = call(relay);
        let (server, _) = upstream.accept().unwrap();
        client.write_all(b"hold me").unwrap();
        window.wait_until("a held message", |window| window.tab().holds.len() == 1);
        let peer = client.local_addr().unwrap();
        let text = lang.hold_one(lang.way_up(), "7 B");
        assert!(window.texts().iter().any(|shown| shown.starts_with(&text)), "{:?}", window.texts());
        window.click(lang.hold_show());
        assert!(window.texts().iter().any(|shown| shown.contains(&peer.to_string())));
        // As the send box does: text, escapes, hex.
        window.set_text(lang.hold_text(), "let go\\n");
        window.click(&choice_name(lang.hold_text(), lang.send_hex()));
        window.set_text(lang.hold_text(), "6C 65 74 20 67 6F 0A x");
        assert!(window.controls(lang.hold_edited()).is_empty(), "what is wrong is not sent");
        window.set_text(lang.hold_text(), "6C 65 74 20 67 6F 0A 21");
        window.click(lang.hold_edited());
        assert_eq!(read(&server, 8), b"let go\n!");
        assert!(window.tab().holds.is_empty() && window.tab().shown_hold().is_none());
        // From the strip.
        for (label, passes) in [(lang.hold_drop(), false), (lang.hold_pass(), true)] {
            client.write_all(b"hold again").unwrap();
            window.wait_until("the next", |window| window.tab().holds.len() == 1);
            window.click(label);
            assert!(window.tab().holds.is_empty());
            if passes {
                assert_eq!(read(&server, 10), b"hold again");
            }
        }
        // One answers; another goes while somebody looks at it.
        client.write_all(b"hold 3").unwrap();
        window.wait_until("the third", |window| window.tab().holds.len() == 1);
        window.click(lang.hold_show());
        window.set_text(lang.hold_text(), "no");
        window.click(lang.hold_answer());
        assert_eq!(read(&client, 2), b"no");
        client.write_all(b"hold 4").unwrap();
        window.wait_until("the fourth", |window| window.tab().holds.len() == 1);
        window.click(lang.hold_show());
        window.set_text(lang.hold_text(), "not yet");
        window.click(lang.hold_close());
        assert_eq!(window.tab().holds.len(), 1, "it stays held");
        window.click(lang.hold_show());
        assert_eq!(window.value(lang.hold_text()), "not yet", "what was typed stays");
        socket2::SockRef::from(&client).set_linger(Some(std::time::Duration::ZERO)).unwrap();
        drop(client);
        window.wait_until("its end", |window| window.shows(lang.hold_gone()));
        assert!(window.tab().holds.is_empty() && window.tab().shown_hold().is_none());
        // What was typed for a message of one session is not offered for one of the next.
        for message in ["hold 5", "hold 6"] {
            window.click(lang.close());
            window.wait_until("the end", |window| !window.tab().is_locked());
            let mut client = call(window.open(Protocol::TcpRelay));
            let _server = upstream.accept().unwrap();
            client.write_all(message.as_bytes()).unwrap();
            window.wait_until("a held message", |window| window.tab().holds.len() == 1);
            window.click(lang.hold_show());
            assert_eq!(window.value(lang.hold_text()), message);
            window.set_text(lang.hold_text(), "of this one");
            window.click(lang.hold_close());
        }
    }
}

#[test]
fn nothing_of_a_relay_that_holds_a_message_is_cut() {
    for &lang in Lang::ALL {
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(Protocol::TcpRelay);
        let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
        window.set_text(lang.upstream_host(), "127.0.0.1");
        window.set_text(lang.upstream_port(), &upstream.local_addr().unwrap().port().to_string());
        let ctx = window.harness.ctx.clone();
        let new = |form| Action::Rules(RulesAction::Switch(Box::new(form), true));
        let hold = RuleForm { then: ThenKind::Hold, hold: "1h".into(), ..RuleForm::default() };
        window.harness.state_mut().act(new(hold), &ctx);
        let relay = window.open(Protocol::TcpRelay);
        let mut client = call(relay);
        let (_server, _) = upstream.accept().unwrap();
        for kind in [FramingKind::Idle, FramingKind::Fixed, FramingKind::Line] {
            window.frame(kind, |_| {});
            check_panes(&mut window, &format!("{kind:?}"));
        }
        client.write_all(b"hold me\n").unwrap();
        window.wait_until("a held message", |window| window.tab().holds.len() == 1);
        window.settle();
        window.click(lang.pause());
        check_panes(&mut window, "a held message, paused");
        let log = window.log_rect();
        for label in [lang.hold_show(), lang.hold_pass(), lang.hold_drop(), lang.follow()] {
            let rect = window.controls(label)[0].rect();
            assert!(rect.right() <= log.right(), "{label} in {lang:?}: {rect:?} of {log:?}");
        }
    }
}

#[test]
fn a_relayed_message_is_one_row_and_what_was_changed_is_shown_beside_it() {
    for lang in [Lang::En, Lang::ZhCn] {
        let home = Home::new();
        let mut window = home.window(lang);
        window.harness.set_size(egui::vec2(1366.0, 768.0));
        window.choose_protocol(Protocol::TcpRelay);
        let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
        window.set_text(lang.upstream_host(), "127.0.0.1");
        window.set_text(lang.upstream_port(), &upstream.local_addr().unwrap().port().to_string());
        window.key(CTRL, Key::J);
        for (pattern, then, content) in [("old", ThenKind::Replace, "new"), ("secret", ThenKind::Drop, "")] {
            window.click(lang.rule_new());
            window.choose(lang.rule_when(), match_kind(lang, MatchKind::Contains));
            window.set_text(lang.rule_pattern(), pattern);
            window.choose(lang.rule_then(), then_kind(lang, then));
            if !content.is_empty() {
                window.set_text(lang.rule_content(), content);
            }
        }
        window.key(CTRL, Key::J);
        window.frame(FramingKind::Line, |_| {});
        let relay = window.open(Protocol::TcpRelay);
        let mut client = call(relay);
        let (mut server, _) = upstream.accept().unwrap();
        for (sent, passed) in [("question\n", "question\n"), ("old\n", "new\n"), ("secret\nlast\n", "last\n")]
        {
            client.write_all(sent.as_bytes()).unwrap();
            assert_eq!(read(&server, passed.len()), passed.as_bytes());
        }
        server.write_all(b"answer\n").unwrap();
        assert_eq!(read(&client, 7), b"answer\n");
        window.set_text(lang.send_box(), "mine\\n");
        window.click(lang.send());
        assert_eq!(read(&client, 5), b"mine\n");
        client.write_all(b"unfinished").unwrap();
        let (peer, up, down) = (client.local_addr().unwrap(), lang.leg_up(), lang.leg_down());
        window.wait_until("the rows", |window| {
            let has = |text: &str| window.rows().iter().any(|row| row.contains(text));
            window.tab().filtered.copies == 3 && has("unfinished") && has("mine")
        });
        // Each with its way and its client, whichever leg it is on; three copies are hidden.
        let rows = window.rows();
        let of = |text: &str| {
            let rows = rows.iter().filter(|row| row.contains(text));
            rows.map(|row| (row.contains(up), row.contains(down), row.contains(&peer.to_string())))
                .collect::<Vec<_>>()
        };
        for (text, is_up) in [
            ("question", true),
            ("old", true),
            ("new", true),
            ("secret", true),
            ("answer", false),
            ("mine", false),
        ] {
            assert_eq!(of(text), [(is_up, !is_up, true)], "{text}: {rows:?}");
        }
        // What was dropped is said of no other message of its read.
        let last = rows.iter().find(|row| row.contains("last")).unwrap();
        assert!(!last.contains('✕') && rows.iter().any(|row| row.contains("secret") && row.contains('✕')));
        // From what was changed to what it was.
        let new = (0..window.tab().items().len())
            .find(|at| window.tab().items().head(*at).unwrap().kind == RecordKind::Sent);
        let new = window.tab().items().get(new.unwrap()).unwrap().first() + 1;
        window.key(CTRL, Key::G);
        window.set_text(lang.go_to_what(), &new.to_string());
        window.key(egui::Modifiers::NONE, Key::Enter);
        window.key(egui::Modifiers { shift: true, ..CTRL }, Key::G);
        let is_told = |window: &super::window::Window| matches!(window.tab().notice, Some(Notice::Twin(_)));
        window.wait_until("the twin", is_told);
        let Some(Notice::Twin(Twin::Record { record, is_marked: true })) = window.tab().notice else {
            panic!("{:?}", window.tab().notice)
        };
        let old = window.tab().log.get(record).unwrap();
        assert_eq!((old.kind, old.len), (RecordKind::Received, 4));
        window.click(lang.both_legs());
        window.wait_until("both legs", |window| {
            window.tab().filtered.copies == 0 && window.rows().len() > rows.len()
        });
        assert_eq!(window.rows().iter().filter(|row| row.contains("question")).count(), 2);
        window.exit();
        let window = home.window(lang);
        assert!(window.tab().session.view.both_legs, "it is kept");
    }
}
