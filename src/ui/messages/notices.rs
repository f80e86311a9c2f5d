//! Texts of notices.

use super::net::reason;
use super::{bytes, fault, grouped, net_error, quick, send_problem};
use crate::model::{HoldEnd, Twin};
use crate::state::{Halted, Notice, Task, Unwritable};
use crate::ui::lang::Lang;
use crate::workspace::SendTo;

/// Text of a notice.
pub fn notice(lang: Lang, notice: &Notice) -> String {
    match notice {
        Notice::Net(error) => net_error(lang, error),
        Notice::Ended(error) => lang.session_ended(net_error(lang, error)),
        Notice::PeerClosed(None) => lang.peer_closed().into(),
        Notice::PeerClosed(Some(Halted { cycles: 1, sent })) => lang.peer_closed_cycle(grouped(*sent)),
        Notice::PeerClosed(Some(Halted { cycles, sent })) => {
            lang.peer_closed_cycles(grouped(*cycles as u64), grouped(*sent))
        }
        Notice::CallingAgain(n) => lang.attempt_follows(grouped(*n)),
        Notice::StoppedListening => lang.stopped_listening().into(),
        Notice::HoldOver(HoldEnd::Gone) => lang.hold_gone().into(),
        Notice::HoldOver(HoldEnd::RulesChanged) => lang.hold_rules_changed().into(),
        Notice::HoldOver(HoldEnd::Expired | HoldEnd::Decided) => lang.hold_expired().into(),
        Notice::CycleStopped(Halted { cycles: 1, sent }) => lang.cycle_stopped(grouped(*sent)),
        Notice::CycleStopped(Halted { cycles, sent }) => {
            lang.cycles_stopped(grouped(*cycles as u64), grouped(*sent))
        }
        Notice::Failed(task, what, why) if what.is_empty() => {
            lang.task_failed(doing(lang, *task), reason(lang, why))
        }
        Notice::Failed(task, what, why) => lang.task_failed_on(doing(lang, *task), what, reason(lang, why)),
        Notice::TooBusy => lang.too_busy().into(),
        Notice::SettingsSetAside(path, why) => lang.settings_set_aside(path.display(), reason(lang, why)),
        Notice::TabsSetAside(paths, why) => {
            let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
            lang.tabs_set_aside(paths.join(", "), reason(lang, why))
        }
        Notice::Captures(removed, excess) => captures(lang, *removed, *excess),
        Notice::Impossible(what, true) => lang.impossible_in_capture(what),
        Notice::Impossible(what, false) => lang.impossible(what),
        Notice::NoDialog => lang.no_dialog().into(),
        Notice::Twin(Twin::Record { record, is_marked: false }) => lang.twin_same(grouped(record + 1)),
        Notice::Twin(Twin::Record { record, is_marked: true }) => lang.twin_changed(grouped(record + 1)),
        Notice::Twin(Twin::None) => lang.twin_none().into(),
        Notice::Twin(Twin::Unknown) => lang.twin_unknown().into(),
        Notice::TooMuchToCopy => lang.too_much_to_copy().into(),
        Notice::TooMuchToPaste(n) => lang.too_much_to_paste(bytes(*n as u64)),
        Notice::Copied(n) => lang.copied(bytes(*n as u64)),
        Notice::Saved(path, n) => lang.saved(bytes(*n), path.display()),
        Notice::SaveFailed(why) => lang.save_failed(reason(lang, why)),
        Notice::SaveCancelled => lang.save_cancelled().into(),
        Notice::NothingToSave => lang.nothing_to_save().into(),
        Notice::NotOpen => lang.session_not_open().into(),
        Notice::NoPeers(SendTo::All) => lang.nobody_connected().into(),
        Notice::NoPeers(SendTo::Last) => lang.nobody_sent().into(),
        Notice::NoPeers(SendTo::Ticked) => lang.nobody_ticked().into(),
        Notice::PeerLeft(Some(name)) => lang.peer_left(lang.send_to_gone(name)),
        Notice::PeerLeft(None) | Notice::NoPeers(SendTo::Peer(_)) => lang.peer_left(lang.chosen_gone()),
        Notice::SendingClosed => lang.sending_closed().into(),
        Notice::NoRemote => lang.no_remote().into(),
        Notice::NothingToSend => lang.nothing_to_send().into(),
        Notice::CannotSend(problem) => send_problem(lang, problem),
        Notice::WrongCycle(problem) | Notice::WrongFile(problem) => fault(lang, &problem.fault),
        Notice::CycleDone(1) => lang.cycle_done_once().into(),
        Notice::CycleDone(n) => lang.cycle_done(grouped(*n)),
        Notice::NoSequence(name) => lang.no_sequence(name),
        Notice::Quick(notice) => quick::notice(lang, notice),
        Notice::FileSent(path, n) => lang.file_sent(path.display(), bytes(*n)),
        Notice::FileStopped(path, done, total) => {
            lang.file_stopped(path.display(), grouped(*done), grouped(*total))
        }
        Notice::FileFailed(path, done, total) => {
            lang.file_failed(path.display(), grouped(*done), grouped(*total))
        }
        Notice::CannotOpen(why) => lang.cannot_open(reason(lang, why)),
        Notice::CannotWrite(why) => unwritable(lang, why),
        Notice::CannotRead(why) => lang.cannot_read(reason(lang, why)),
        Notice::RecordingPaused(error, folder, n) => {
            lang.recording_paused(reason(lang, &error.cause.clone().into()), bytes(*n), folder.display())
        }
        Notice::Torn => lang.torn().into(),
    }
}

fn captures(lang: Lang, removed: (usize, u64), excess: Option<(u64, Option<u64>)>) -> String {
    let removed = match removed {
        (0, _) => None,
        (1, size) => Some(lang.capture_removed(bytes(size))),
        (n, size) => Some(lang.captures_removed(grouped(n as u64), bytes(size))),
    };
    let excess = excess.map(|(total, limit)| match limit {
        Some(limit) => lang.captures_over(bytes(total), bytes(limit)),
        None => lang.captures_fill_disk(bytes(total)),
    });
    removed.into_iter().chain(excess).collect::<Vec<_>>().join("\n")
}

fn unwritable(lang: Lang, why: &Unwritable) -> String {
    match why {
        Unwritable::Field(problem) => lang.unwritable_field(&problem.path, fault(lang, &problem.fault)),
        Unwritable::Rule { nth, name, problem } => {
            let why = fault(lang, &problem.fault);
            if name.is_empty() {
                lang.unwritable_rule(nth, why)
            } else {
                lang.unwritable_named_rule(nth, name, why)
            }
        }
    }
}

fn doing(lang: Lang, task: Task) -> &'static str {
    match task {
        Task::Starting => lang.task_starting(),
        Task::ListingAddresses => lang.task_listing_addresses(),
        Task::ListingCaptures => lang.task_listing_captures(),
        Task::DeletingCapture => lang.task_deleting_capture(),
        Task::MarkingCapture => lang.task_marking_capture(),
        Task::RemovingOldCaptures => lang.task_removing_old_captures(),
        Task::Reading => lang.task_reading(),
        Task::WritingSettings => lang.task_writing_settings(),
        Task::ReadingSettings => lang.task_reading_settings(),
        Task::WritingTabs => lang.task_writing_tabs(),
        Task::ReadingTabs => lang.task_reading_tabs(),
        Task::WritingHistory => lang.task_writing_history(),
        Task::WritingLog => lang.task_writing_log(),
        Task::ReadingHistory => lang.task_reading_history(),
        Task::OpeningFolder => lang.task_opening_folder(),
    }
}
