//! The files that are being sent: their progress, and what is reported of it.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use crate::model::{FileEnd, FileId, FileOrder, FileProgress, FileToSend, SendPart, SocketCommand, Target};

/// The most files whose progress is reported at a time.
const MOST: usize = 256;

/// The most characters of a file name in the progress line.
const NAME: usize = 24;

#[derive(Debug)]
pub(super) struct Files {
    line: Line,
    running: BTreeMap<FileId, (PathBuf, FileProgress)>,
    next: u32,
}

/// Whether a progress line is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Shown,
    /// Standard error is no terminal, or the terminal shows data.
    None,
}

impl Line {
    pub(super) fn suitable(shows_data: bool) -> Self {
        let others = shows_data && std::io::stdout().is_terminal();
        if std::io::stderr().is_terminal() && !others { Self::Shown } else { Self::None }
    }
}

impl Files {
    pub(super) fn new(line: Line) -> Self {
        Self { line, running: BTreeMap::new(), next: 0 }
    }

    pub(super) fn order(&mut self, to: &Target, what: &SendPart) -> SocketCommand {
        let to = to.clone();
        match what {
            SendPart::File(file) if self.running.len() < MOST => {
                let id = FileId(self.next);
                self.next = self.next.wrapping_add(1);
                self.running.insert(id, (file.path.clone(), FileProgress::default()));
                let file: FileToSend = Arc::unwrap_or_clone(Arc::clone(file));
                SocketCommand::SendFile(Box::new(FileOrder { id, to, file }))
            }
            what => SocketCommand::Send { to, what: what.clone() },
        }
    }

    /// Updates the progress of a file. Returns the line to show for all of them.
    pub(super) fn progress(&mut self, id: FileId, progress: FileProgress) -> Option<String> {
        if let Some((_path, known)) = self.running.get_mut(&id) {
            *known = progress;
        }
        let begun = || self.running.values().filter(|(_path, progress)| progress.peers > 0);
        let sum = |of: fn(&FileProgress) -> u64| begun().map(|(_path, progress)| of(progress)).sum::<u64>();
        let (done, total, rate) = (sum(|now| now.done), sum(|now| now.total), sum(|now| now.rate));
        let mut paths = begun().map(|(path, _progress)| path);
        let what = match (paths.next(), paths.next()) {
            (Some(path), None) => name(path),
            (_none_or_several, _) => format!("{} files", begun().count()),
        };
        (self.line == Line::Shown).then(|| line(&what, done, total, rate))
    }

    /// A file has ended. Returns an error if it was not sent completely.
    pub(super) fn ended(&mut self, id: FileId, end: FileEnd, progress: &FileProgress) -> Option<String> {
        let (path, _last) = self.running.remove(&id)?;
        let FileProgress { done, total, .. } = progress;
        match end {
            FileEnd::Failed if *total > 0 => {
                Some(format!("{}: only {done} of {total} bytes were sent", path.display()))
            }
            // A file that cannot be opened was reported.
            FileEnd::Failed | FileEnd::Sent | FileEnd::Stopped => None,
        }
    }
}

fn name(path: &std::path::Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match name.char_indices().nth(NAME) {
        None => name.into_owned(),
        Some((at, _)) => format!("{}…", name.get(..at).unwrap_or_default()),
    }
}

fn line(what: &str, done: u64, total: u64, rate: u64) -> String {
    let percent = (u128::from(done) * 100).checked_div(u128::from(total)).unwrap_or(100);
    let line = format!("sending {what}: {percent} % of {total} bytes");
    let Some(left) = total.saturating_sub(done).checked_div(rate) else { return line };
    let (minutes, seconds) = (left / 60, left % 60);
    let hours = minutes / 60;
    let left = if hours > 0 {
        format!("{hours}:{:02}:{seconds:02}", minutes % 60)
    } else {
        format!("{minutes}:{seconds:02}")
    };
    format!("{line}, {} a second, {left} left", human(rate))
}

/// `999 B`, `12.3 MB`.
fn human(n: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")];
    match units.iter().find(|(unit, _)| n >= *unit) {
        None => format!("{n} B"),
        Some((unit, name)) => format!("{}.{} {name}", n / unit, n % unit * 10 / unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(done: u64, total: u64, rate: u64) -> FileProgress {
        FileProgress { done, total, sent: done, rate, peers: 1, served: 0 }
    }

    #[test]
    fn one_line_tells_of_all_files() {
        let mut files = Files::new(Line::Shown);
        let what = |path: &str| SendPart::File(FileToSend::raw(path).into());
        let orders =
            [files.order(&Target::All, &what("/tmp/data.bin")), files.order(&Target::All, &what("b"))];
        assert!(matches!(&orders[1], SocketCommand::SendFile(order) if order.id == FileId(1)));
        assert_eq!(
            files.progress(FileId(0), progress(250, 1000, 10)).unwrap(),
            "sending data.bin: 25 % of 1000 bytes, 10 B a second, 1:15 left"
        );
        assert_eq!(
            files.progress(FileId(1), progress(0, 9_000_000_000, 1_000_000)).unwrap(),
            "sending 2 files: 0 % of 9000001000 bytes, 1.0 MB a second, 2:29:59 left"
        );
        assert_eq!(files.ended(FileId(1), FileEnd::Sent, &progress(5, 5, 0)), None);
        assert_eq!(
            files.progress(FileId(0), progress(0, 0, 0)).unwrap(),
            "sending data.bin: 100 % of 0 bytes"
        );
        let failed = files.ended(FileId(0), FileEnd::Failed, &progress(3, 9, 0)).unwrap();
        assert_eq!(failed, "/tmp/data.bin: only 3 of 9 bytes were sent");
        assert_eq!(files.ended(FileId(0), FileEnd::Failed, &progress(3, 9, 0)), None, "it is told once");
        let plain = SendPart::Bytes([1].into());
        assert!(matches!(files.order(&Target::All, &plain), SocketCommand::Send { .. }));
    }

    #[test]
    fn names_and_numbers_stay_short() {
        assert_eq!(
            name(std::path::Path::new("/x/中文文件名字很长很长很长很长很长很长很长很长很长很长.txt"))
                .chars()
                .count(),
            NAME + 1
        );
        assert_eq!([human(999), human(1000), human(12_345_678)], ["999 B", "1.0 kB", "12.3 MB"]);
    }
}
