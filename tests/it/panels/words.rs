//! Every message of the window in all languages: it says something, it names what it is about, and
//! the fonts have all of it (the harness panics at a character that no font has).

use std::path::PathBuf;
use std::time::Duration;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use netassist::codec::Charset;
use netassist::codec::append::{AppendFault, Step};
use netassist::codec::charset::Unencodable;
use netassist::codec::compose::{ComposeError, ComposeProblem};
use netassist::codec::escape::EscapeProblem;
use netassist::codec::frame::{Framing, FramingFault};
use netassist::codec::hex::{HexError, HexProblem};
use netassist::codec::template::{TemplateError, TemplateProblem};
use netassist::model::{
    Cause, Doing, Expected, Fault, FileChange, NameFault, NetError, OsFault, Problem, Protocol, RuleFault,
    SessionNote,
};
use netassist::state::{Action, Halted, Notice, SendProblem, StripAction, Task};
use netassist::ui::lang::Lang;
use netassist::ui::{fonts, messages, strips, theme};
use netassist::workspace::SendTo;

const WHERE: &str = "[2001:db8::1]:65535";

fn doings() -> Vec<Doing> {
    vec![
        Doing::Resolving,
        Doing::Binding,
        Doing::Listening,
        Doing::Connecting,
        Doing::Accepting,
        Doing::Sending,
        Doing::Repeating,
        Doing::RunningSequence,
        Doing::Receiving,
        Doing::HalfClosing,
        Doing::SettingOption,
        Doing::Joining,
        Doing::Leaving,
        Doing::Recording,
        Doing::ReadingFile,
        Doing::SavingFile,
        Doing::Answering,
        Doing::Starting,
    ]
}

fn causes() -> Vec<Cause> {
    let number = |fault: &OsFault| (*fault != OsFault::ConnectionRefused).then_some(-7);
    let os = |fault: &OsFault| Cause::Os { fault: *fault, number: number(fault) };
    let mut causes: Vec<Cause> = OsFault::ALL.iter().map(os).collect();
    causes.extend([
        Cause::Other(Some(-7), "?".to_owned()),
        Cause::OtherFamily(true),
        Cause::OtherFamily(false),
        Cause::SelfConnected,
        Cause::RelaysToItself,
        Cause::NotAFile,
        Cause::ClosedUnanswered,
    ]);
    causes.extend([
        Cause::TimedOut(5000),
        Cause::HandshakeLate(5000),
        Cause::NoAddress,
        Cause::QueueFull(1, 2),
        Cause::TooLong(70_000, 65_507),
        Cause::NoPeer,
        Cause::PeerGone,
        Cause::SendingClosed,
        Cause::TooManyRepeats(1024),
        Cause::TooManyAnswers(1024),
        Cause::Rule(RuleFault::Append(AppendFault::TooLong { len: 2, max: 1 })),
        Cause::TooManyNotes(1024),
        Cause::DiskTooSlow(1, 2),
        Cause::NotForThisProtocol,
        Cause::TooManyFiles(1024),
        Cause::LineTooLong(65_507),
        Cause::FileChanged(FileChange::Shrunk(1, 2)),
        Cause::FileChanged(FileChange::Grown(1)),
        Cause::FileChanged(FileChange::Rewritten),
        Cause::FileChanged(FileChange::Removed),
        Cause::CannotAppend(AppendFault::TwoLengths),
    ]);
    causes.extend(
        [
            NameFault::Empty,
            NameFault::TooLong,
            NameFault::LeavesFolder,
            NameFault::Character,
            NameFault::Device,
            NameFault::NoText,
        ]
        .map(|fault| Cause::Rule(RuleFault::Name("a b".to_owned(), fault))),
    );
    causes
}

fn notices() -> Vec<Notice> {
    let error = || NetError::new(Doing::Connecting, WHERE, Cause::NoAddress);
    let path = || PathBuf::from("folder/抓包 file.pcapng");
    vec![
        Notice::Net(error()),
        Notice::Ended(error()),
        Notice::PeerClosed(None),
        Notice::PeerClosed(Some(Halted { cycles: 1, sent: 9 })),
        Notice::PeerClosed(Some(Halted { cycles: 3, sent: 1000 })),
        Notice::CallingAgain(3),
        Notice::StoppedListening,
        Notice::CycleStopped(Halted { cycles: 1, sent: 1000 }),
        Notice::CycleStopped(Halted { cycles: 3, sent: 1000 }),
        Notice::RecordingPaused(error(), path(), 4096),
        Notice::TooBusy,
        Notice::Failed(Task::Starting, "copy".into(), "why".into()),
        Notice::Failed(Task::ListingAddresses, String::new(), "why".into()),
        Notice::Failed(Task::ListingCaptures, "/folder".into(), "why".into()),
        Notice::Failed(Task::DeletingCapture, "/file".into(), "why".into()),
        Notice::Failed(Task::MarkingCapture, "/file".into(), "why".into()),
        Notice::Captures((1, 5), None),
        Notice::Captures((3, 5), None),
        Notice::Captures((0, 0), Some((6, Some(5)))),
        Notice::Captures((0, 0), Some((6, None))),
        Notice::Captures((3, 5), Some((6, Some(5)))),
        Notice::Failed(Task::RemovingOldCaptures, String::new(), "why".into()),
        Notice::Failed(Task::WritingSettings, "/file".into(), "why".into()),
        Notice::Failed(Task::ReadingSettings, "/file".into(), "why".into()),
        Notice::Failed(Task::WritingTabs, "/folder".into(), "why".into()),
        Notice::Failed(Task::ReadingTabs, "/file".into(), "why".into()),
        Notice::Failed(Task::ReadingHistory, "/file".into(), "why".into()),
        Notice::Failed(Task::WritingHistory, "/file".into(), "why".into()),
        Notice::Failed(Task::OpeningFolder, "/folder".into(), "why".into()),
        Notice::SettingsSetAside(path(), "why".into()),
        Notice::TabsSetAside(vec![path(), path()], "why".into()),
        Notice::NoDialog,
        Notice::Copied(5),
        Notice::TooMuchToCopy,
        Notice::TooMuchToPaste(2 << 20),
        Notice::Saved(path(), 5),
        Notice::SaveFailed("why".into()),
        Notice::SaveCancelled,
        Notice::NotOpen,
        Notice::NoPeers(SendTo::All),
        Notice::NoPeers(SendTo::Last),
        Notice::NoPeers(SendTo::Ticked),
        Notice::PeerLeft(None),
        Notice::PeerLeft(Some("meter".into())),
        Notice::SendingClosed,
        Notice::NoRemote,
        Notice::NothingToSend,
        Notice::CannotSend(SendProblem::AppendList("x".parse::<Step>().unwrap_err())),
        Notice::WrongCycle(Problem::new("count", Fault::Number(1, 9))),
        Notice::CycleDone(1000),
        Notice::NoSequence("page".into()),
        Notice::WrongFile(Problem::new("rate", Expected::Rate)),
        Notice::FileSent(path(), 5),
        Notice::FileStopped(path(), 5, 10),
        Notice::FileFailed(path(), 5, 10),
        Notice::CannotRead("why".into()),
        Notice::Torn,
    ]
}

#[test]
fn every_error_says_what_where_and_why() {
    for &lang in Lang::ALL {
        let whys: Vec<String> = causes()
            .into_iter()
            .map(|cause| messages::net_error(lang, &NetError::new(Doing::Sending, WHERE, cause)))
            .collect();
        let whats: Vec<String> = doings()
            .into_iter()
            .map(|doing| messages::net_error(lang, &NetError::new(doing, WHERE, Cause::PeerGone)))
            .collect();
        for all in [&whys, &whats] {
            for (n, words) in all.iter().enumerate() {
                assert!(words.contains(WHERE), "{words}");
                assert!(!all[n + 1..].contains(words), "two are the same: {words}");
                assert_eq!(lang != Lang::En, words.chars().any(is_chinese), "{words}");
            }
        }
    }
}

#[test]
fn every_error_in_a_capture_is_read_back_and_told_in_the_language_of_the_window() {
    let causes = causes().into_iter().map(|cause| (Doing::Sending, cause));
    let doings = doings().into_iter().map(|doing| (doing, Cause::PeerGone));
    for (doing, cause) in causes.chain(doings) {
        let error = NetError::new(doing, "[fe80::1] “a b” \n", cause);
        let note = SessionNote::Failed(error);
        let comment = note.comment();
        assert_eq!(SessionNote::read(&comment), (Some(note.clone()), note.to_string().as_str()), "{comment}");
    }
}

#[test]
fn every_problem_is_named_in_both_languages() {
    let expected = [
        Expected::LocalHost,
        Expected::Host,
        Expected::NoUser,
        Expected::Group,
        Expected::Interface,
        Expected::Peer,
        Expected::Lengths,
        Expected::Delay,
        Expected::Rate,
        Expected::Checksum,
        Expected::Key,
        Expected::Bits,
        Expected::Registers,
        Expected::Value,
        Expected::PatternLast,
    ];
    let mut problems = vec![
        Fault::Missing,
        Fault::Number(1, 65_535),
        Fault::Duration(Duration::ZERO, Duration::from_secs(9)),
        Fault::OneOf(None, vec!["true".to_owned(), "false".to_owned()]),
        Fault::Hex(HexError { at: 0, len: 1, why: HexProblem::OddRun }),
        Fault::Framing("lines".parse::<Framing>().unwrap_err()),
        Fault::Limit(FramingFault::Width(9)),
        Fault::Step("x".parse::<Step>().unwrap_err()),
        Fault::TooLong(64),
        Fault::Unused(Protocol::Udp),
        Fault::Needs(&["tls", "ws"]),
        Fault::GivesWay("ws"),
        Fault::NeededFor("tls-clients require"),
        Fault::UnusedFault("size".into(), Protocol::TcpRelay),
        Fault::Unframed("loss".into()),
        Fault::UnknownKey(Some("local".into()), vec![]),
        Fault::OneOf(Some("gbk".into()), vec!["gbk".into(), "big5".into()]),
        Fault::UnknownKey(None, vec!["a".into(), "b".into()]),
    ];
    problems.extend(expected.map(Fault::Expected));
    let unencodable = Unencodable { ch: 'x', charset: Charset::Gbk };
    let typed = [
        ComposeProblem::Hex(HexProblem::OddRun),
        ComposeProblem::Hex(HexProblem::NoDigits),
        ComposeProblem::Hex(HexProblem::NotHex('G')),
        ComposeProblem::Hex(HexProblem::NotAByte),
        ComposeProblem::Escape(EscapeProblem::Unknown('q')),
        ComposeProblem::Escape(EscapeProblem::Alone),
        ComposeProblem::Escape(EscapeProblem::BadByte),
        ComposeProblem::Escape(EscapeProblem::BadChar),
        ComposeProblem::Escape(EscapeProblem::Unencodable(unencodable)),
        ComposeProblem::Unencodable(unencodable),
        ComposeProblem::OpenBracket,
        ComposeProblem::EmptyBrackets,
    ];
    let faults = [
        AppendFault::NothingToCheck { len: 1, from: 1, until: 1 },
        AppendFault::NoPlaceForLength { len: 1, offset: 2 },
        AppendFault::LengthDoesNotFit { value: 256, width: 1 },
        AppendFault::TooLong { len: 9, max: 8 },
        AppendFault::TwoLengths,
    ];
    let typed = typed.map(|why| SendProblem::Typed(ComposeError { at: 0, len: 1, why }));
    let placeholders = [
        TemplateProblem::OpenBrace,
        TemplateProblem::Unknown,
        TemplateProblem::Time,
        TemplateProblem::Counter,
        TemplateProblem::Random,
        TemplateProblem::Number,
        TemplateProblem::Length,
    ];
    let placeholders = placeholders.map(|why| SendProblem::from(TemplateError { at: 0, len: 1, why }));
    let others = [SendProblem::AppendList("x".parse::<Step>().unwrap_err())];
    let send_problems: Vec<SendProblem> =
        typed.into_iter().chain(faults.map(SendProblem::Append)).chain(placeholders).chain(others).collect();
    for &lang in Lang::ALL {
        let words = problems.iter().map(|fault| messages::fault(lang, fault));
        let send_words = send_problems.iter().map(|problem| messages::send_problem(lang, problem));
        for words in words.chain(send_words) {
            assert_eq!(lang != Lang::En, words.chars().any(is_chinese), "{words}");
        }
    }
}

#[test]
fn every_notice_can_be_read_and_taken_away() {
    for &lang in Lang::ALL {
        for notice in notices() {
            let words = messages::notice(lang, &notice);
            let setup = move |ctx: &egui::Context| {
                fonts::install(ctx, lang);
                theme::apply(ctx);
            };
            let mut panel =
                Harness::builder().with_size([700.0, 300.0]).with_context_setup(setup).build_ui_state(
                    move |ui, actions: &mut Vec<Action>| {
                        actions.extend(strips::notice_ui(ui, lang, &notice));
                    },
                    Vec::new(),
                );
            panel.run_ok();
            let label = panel.get_by_label_contains(words.as_str());
            assert!(
                egui::Rect::from_min_size(egui::Pos2::ZERO, [700.0, 300.0].into())
                    .contains_rect(label.rect())
            );
            panel.get_by_label(lang.dismiss()).click();
            panel.run_ok();
            assert_eq!(panel.state()[..], [Action::Strip(StripAction::Dismiss(None))]);
        }
    }
}

fn is_chinese(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}
