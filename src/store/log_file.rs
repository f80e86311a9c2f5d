//! The log: a file of bounded length in the state folder and, on request, the terminal. Payload is never logged.

use std::fmt::Arguments;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use log::{LevelFilter, Log, Metadata, Record};

use super::file;
use super::lock::is_at;

/// The length at which the log is rotated, in bytes.
const MOST_BYTES: u64 = 1 << 20;
const NAME: &str = "netassist.log";
const OLD: &str = "netassist.log.old";

static LOGGER: Logger = Logger { file: OnceLock::new(), terminal: OnceLock::new() };

#[derive(Debug)]
struct Logger {
    file: OnceLock<(LevelFilter, LogFile)>,
    terminal: OnceLock<(LevelFilter, fn(Arguments<'_>))>,
}

/// Logs to a file in this folder, up to this level. `now` tells the time.
///
/// # Errors
/// Those of the system, and [`io::ErrorKind::InvalidInput`] if there is a link where the file should be.
pub fn to_file(folder: &Path, level: LevelFilter, now: fn() -> String) -> io::Result<()> {
    let file = LogFile::open(folder, now)?;
    LOGGER.file.get_or_init(|| (level, file));
    start(level);
    Ok(())
}

/// Logs with `say`, up to this level.
pub fn to_terminal(level: LevelFilter, say: fn(Arguments<'_>)) {
    LOGGER.terminal.get_or_init(|| (level, say));
    start(level);
}

fn start(level: LevelFilter) {
    // It fails only when it was started before.
    drop(log::set_logger(&LOGGER));
    log::set_max_level(log::max_level().max(level));
}

/// The last lines of the log in this folder.
pub fn tail(folder: &Path, n_lines: usize) -> String {
    let text = [OLD, NAME].map(|name| file::read(&folder.join(name)).unwrap_or_default()).concat();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(n_lines)..].join("\n")
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Libraries log only warnings and errors.
        let is_ours = metadata.target().starts_with(env!("CARGO_PKG_NAME"));
        let of = |level: LevelFilter| {
            metadata.level() <= if is_ours { level } else { level.min(LevelFilter::Warn) }
        };
        self.file.get().is_some_and(|(level, _)| of(*level))
            || self.terminal.get().is_some_and(|(level, _)| of(*level))
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        if let Some((_, file)) = self.file.get().filter(|(level, _)| record.level() <= *level) {
            // There is nowhere to report it; the next line is tried again.
            drop(file.write(record));
        }
        if let Some((_, say)) = self.terminal.get().filter(|(level, _)| record.level() <= *level) {
            say(format_args!("{}: {}", record.level().as_str().to_ascii_lowercase(), record.args()));
        }
    }

    fn flush(&self) {}
}

#[derive(Debug)]
struct LogFile {
    path: PathBuf,
    file: File,
    now: fn() -> String,
}

impl LogFile {
    fn open(folder: &Path, now: fn() -> String) -> io::Result<Self> {
        file::create_folder(folder)?;
        let path = folder.join(NAME);
        let mut options = OpenOptions::new();
        options.read(true).append(true);
        let mut creating = options.clone();
        // It follows no link.
        creating.create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut creating, 0o600);
        let file = match creating.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let refused = || io::Error::new(io::ErrorKind::InvalidInput, "it is not a file");
                let is_file = || fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
                if !is_file() {
                    return Err(refused());
                }
                let file = options.open(&path)?;
                // It was one before, and it is the same one now.
                if !is_file() || !is_at(&file, &path) {
                    return Err(refused());
                }
                file
            }
            opened => opened?,
        };
        Ok(Self { path, file, now })
    }

    fn write(&self, record: &Record<'_>) -> io::Result<()> {
        let text = record.args().to_string().replace('\n', "\\n");
        let process = std::process::id();
        let line = format!("{} {process} {:5} {}: {text}\n", (self.now)(), record.level(), record.target());
        // Several windows write to it: a line goes to the end in one piece.
        (&self.file).write_all(line.as_bytes())?;
        if self.file.metadata()?.len() > MOST_BYTES { self.rotate() } else { Ok(()) }
    }

    /// Copies the log to the old one and empties it, so that other windows keep writing to the same file.
    fn rotate(&self) -> io::Result<()> {
        // A handle of its own: one that is open for appending can empty nothing on Windows.
        let mut file = OpenOptions::new().read(true).write(true).open(&self.path)?;
        // If another window holds the lock, it rotates the log.
        if file.try_lock().is_err() || !is_at(&file, &self.path) || !is_at(&self.file, &self.path) {
            return Ok(());
        }
        if file.metadata()?.len() <= MOST_BYTES {
            return Ok(());
        }
        let mut old = tempfile::NamedTempFile::new_in(self.path.parent().unwrap_or(Path::new(".")))?;
        io::copy(&mut file, &mut old)?;
        old.persist(self.path.with_file_name(OLD)).map_err(|error| error.error)?;
        file.set_len(0)
    }
}

#[cfg(test)]
mod tests {
    use log::Level;

    use super::*;

    fn open(folder: &Path) -> io::Result<LogFile> {
        LogFile::open(folder, || "NOW".to_owned())
    }

    fn write(file: &LogFile, text: &str) {
        let mut record = Record::builder();
        record.level(Level::Info).target("netassist::x");
        file.write(&record.args(format_args!("{text}")).build()).unwrap();
    }

    #[test]
    fn a_line_tells_when_who_and_what() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("deep");
        let file = open(&folder).unwrap();
        write(&file, "one\ntwo");
        let process = std::process::id();
        let line = format!("NOW {process} INFO  netassist::x: one\\ntwo\n");
        assert_eq!(fs::read_to_string(folder.join(NAME)).unwrap(), line);
        let again = open(&folder).unwrap();
        write(&again, "three");
        write(&file, "four");
        assert!(tail(&folder, 2).lines().map(|line| &line[line.len() - 5..]).eq(["three", " four"]));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(folder.join(NAME)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn its_length_is_bounded_and_its_end_is_never_lost() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (open(folder.path()).unwrap(), open(folder.path()).unwrap());
        let long = "x".repeat(100_000);
        for n in 0..30 {
            write(if n % 2 == 0 { &one } else { &two }, &format!("{n:02} {long}"));
            let last = tail(folder.path(), 10);
            let seen =
                last.lines().map(|line| line.split("x: ").nth(1).unwrap()[..2].parse::<i32>().unwrap());
            assert!(seen.eq((0.max(n - 9))..=n), "after {n}");
        }
        for name in [NAME, OLD] {
            let len = fs::metadata(folder.path().join(name)).unwrap().len();
            assert!(len < MOST_BYTES + 200_000, "{name}: {len}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn it_follows_no_link() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("other");
        for is_there in [false, true] {
            let link = folder.path().join(NAME);
            if is_there {
                fs::write(&other, "precious").unwrap();
            }
            std::os::unix::fs::symlink(&other, &link).unwrap();
            assert_eq!(open(folder.path()).unwrap_err().kind(), io::ErrorKind::InvalidInput);
            assert_eq!(other.exists(), is_there, "none is created, either");
            fs::remove_file(link).unwrap();
        }
        assert_eq!(fs::read_to_string(other).unwrap(), "precious");
    }
}
