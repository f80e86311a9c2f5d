//! What rules ask for outside the session: notifications on the desktop, and commands of the user's. Each rule notifies
//! at most once a second; one command runs at a time, and starts at most once a second. What comes in between is counted.

mod command;
mod desktop;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError};
use mio::Waker;

use super::disk::Disk;
use super::log::Log;
use super::time::earliest;
use crate::codec::glyph;
use crate::model::{Cause, Doing, Event, NetError, SessionNote, UserCommand};

/// The shortest time between two notifications of one rule, and between two commands.
const INTERVAL: Duration = Duration::from_secs(1);

/// The most characters of a notification.
const MAX_TEXT: usize = 500;

/// What a limit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Limited {
    /// The notifications of this rule.
    Rule(usize),
    Commands,
}

/// Lets one through at a time, at most once in [`INTERVAL`].
#[derive(Debug)]
struct Gate {
    next: Instant,
    running: Option<Receiver<Result<(), NetError>>>,
    skipped: u64,
    /// The rule and the text of the last one that was skipped.
    last: (String, String),
}

#[derive(Debug)]
pub(super) struct Alerts {
    /// The name of the session.
    pub(super) title: String,
    gates: BTreeMap<Limited, Gate>,
    notifier: Disk,
    runner: Disk,
    /// A running command is stopped once this is dropped.
    keeps_running: Option<Sender<()>>,
    stop: Receiver<()>,
    /// That the desktop shows no notifications is told once.
    is_told: bool,
}

impl Alerts {
    pub(super) fn new(waker: &Arc<Waker>) -> Self {
        let (keeps_running, stop) = crossbeam_channel::bounded(0);
        Self {
            title: String::new(),
            gates: BTreeMap::new(),
            notifier: Disk::new(waker),
            runner: Disk::new(waker),
            keeps_running: Some(keeps_running),
            stop,
            is_told: false,
        }
    }

    /// Whether one may pass now; otherwise it is counted.
    fn passes(&mut self, what: Limited, last: (&str, &str), now: Instant) -> bool {
        let new = || Gate { next: now, running: None, skipped: 0, last: (String::new(), String::new()) };
        let gate = self.gates.entry(what).or_insert_with(new);
        let passes = gate.running.is_none() && gate.skipped == 0 && gate.next <= now;
        if !passes {
            gate.skipped += 1;
            gate.last = (last.0.to_owned(), last.1.to_owned());
        }
        passes
    }

    fn begins(&mut self, what: Limited, running: Receiver<Result<(), NetError>>, now: Instant) {
        if let Some(gate) = self.gates.get_mut(&what) {
            (gate.running, gate.next) = (Some(running), now + INTERVAL);
        }
    }

    /// Shows a notification of the rule of this index and name.
    pub(super) fn notify(&mut self, (rule, name): (usize, &str), text: &str, log: &mut Log, now: Instant) {
        let text: String = text.trim_end().chars().take(MAX_TEXT).map(glyph::visible).collect();
        if self.passes(Limited::Rule(rule), (name, &text), now) {
            tell(log, SessionNote::Alert(name.to_owned(), text.clone()));
            self.show(rule, format!("{name}\n{text}").trim_end().to_owned(), now);
        }
    }

    fn show(&mut self, rule: usize, body: String, now: Instant) {
        let title = format!("netassist: {}", self.title);
        let show = move || {
            let shown = desktop::show(&title, &body);
            shown.map_err(|why| {
                ::log::warn!("no notification: {why}");
                NetError::new(Doing::Notifying, "", Cause::NoNotifications)
            })
        };
        let running = self.notifier.run(show);
        self.begins(Limited::Rule(rule), running, now);
    }

    /// Runs a command on a message, for the rule of this name.
    pub(super) fn run(&mut self, rule: &str, command: UserCommand, message: Arc<[u8]>, now: Instant) {
        if self.passes(Limited::Commands, (rule, ""), now) {
            let UserCommand { name, line } = command;
            let (line, stop) = (line.unwrap_or_default(), self.stop.clone());
            let run = move || {
                command::run(&line, &message, &stop)
                    .map_err(|cause| NetError::new(Doing::RunningCommand, &name, cause))
            };
            let running = self.runner.run(run);
            self.begins(Limited::Commands, running, now);
        }
    }

    /// Reports what has failed, and how many were skipped once others may pass: at once if `now` is `None`.
    pub(super) fn turn(&mut self, log: &mut Log, now: Option<Instant>) {
        let mut again = Vec::new();
        for (what, gate) in &mut self.gates {
            match gate.running.as_ref().map(Receiver::try_recv) {
                Some(Ok(Err(error))) if error.cause == Cause::NoNotifications => {
                    if !std::mem::replace(&mut self.is_told, true) {
                        log.trouble(error);
                    }
                    gate.running = None;
                }
                Some(Ok(Err(error))) => {
                    log.trouble(error);
                    gate.running = None;
                }
                Some(Ok(Ok(())) | Err(TryRecvError::Disconnected)) => gate.running = None,
                Some(Err(TryRecvError::Empty)) | None => {}
            }
            let is_free = now.is_none_or(|now| gate.running.is_none() && gate.next <= now);
            if is_free && gate.skipped > 0 {
                let (name, text) = std::mem::take(&mut gate.last);
                tell(log, SessionNote::AlertsSkipped(gate.skipped, name.clone()));
                if let Limited::Rule(rule) = what {
                    again.push((*rule, format!("{name}\n{text} (+{})", gate.skipped)));
                }
                gate.skipped = 0;
                gate.next = now.map_or(gate.next, |now| now + INTERVAL);
            }
        }
        for (rule, body) in again {
            self.show(rule, body, now.unwrap_or_else(Instant::now));
        }
    }

    /// When skipped ones are to be told.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let waiting = self.gates.values().filter(|gate| gate.skipped > 0 && gate.running.is_none());
        earliest(waiting.map(|gate| Some(gate.next)))
    }

    /// Whether nothing is shown or runs at the moment.
    pub(super) fn is_idle(&self) -> bool {
        self.gates.values().all(|gate| gate.running.is_none())
    }

    /// Stops the command that runs.
    pub(super) fn stop(&mut self) {
        self.keeps_running = None;
    }
}

fn tell(log: &mut Log, note: SessionNote) {
    let text = note.to_string();
    log.note(note);
    log.events().push(Event::Alerted(text));
}
