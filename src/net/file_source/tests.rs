//! Pieces of files, and files that change while they are sent.

use std::io::Write;
use std::num::NonZeroU32;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::codec::append;
use crate::codec::frame::{Framer, Framing};
use crate::model::{BlankLines, Cause, Doing, FileChange, LineEnds};

fn file(content: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file
}

fn raw(path: &Path, chunk: u32) -> FileToSend {
    FileToSend { cut: FileCut::Raw { chunk: NonZeroU32::new(chunk) }, ..FileToSend::raw(path) }
}

fn lines(path: &Path, ends: LineEnds, blank: BlankLines, append: &[&str]) -> FileToSend {
    let append = append.iter().map(|step| step.parse().unwrap()).collect();
    FileToSend { cut: FileCut::Lines { ends, blank, append }, ..FileToSend::raw(path) }
}

/// The pieces consumed `take` bytes at a time, and whether a message ends with each.
fn pieces(order: &FileToSend, take: usize) -> Result<Vec<(Vec<u8>, bool)>, NetError> {
    let mut source = FileSource::open(&Disk::default(), order, PieceSize::STREAM)?;
    let (mut pieces, mut done) = (Vec::new(), 0);
    loop {
        match source.fill(usize::MAX)? {
            Fill::Again | Fill::Waiting => continue,
            Fill::End => break,
            Fill::Piece => {}
        }
        let ready = source.ready();
        let piece = ready[..take.min(ready.len())].to_vec();
        pieces.push((piece.clone(), source.ends_message(piece.len())));
        done += source.consume(piece.len()).file_bytes;
    }
    assert!(source.is_done() && source.buffered() == 0);
    assert!(done <= source.reader.len() || source.reader.len() == 0);
    match source.reader.take_change() {
        Some(error) => Err(error),
        None => Ok(pieces),
    }
}

#[test]
fn a_raw_file_is_read_in_pieces_and_the_last_ends_the_message() {
    let pieces = |content: &str, step, take| -> Vec<(String, bool)> {
        let file = file(content.as_bytes());
        let text = |(piece, whole): (Vec<u8>, bool)| (String::from_utf8(piece).unwrap(), whole);
        pieces(&raw(file.path(), step), take).unwrap().into_iter().map(text).collect()
    };
    let part = |text: &str| (text.to_owned(), false);
    let last = |text: &str| (text.to_owned(), true);
    assert_eq!(pieces("", 4, 4), []);
    assert_eq!(pieces("abcd", 4, 4), [last("abcd")]);
    assert_eq!(pieces("abcdefgh", 4, 4), [part("abcd"), last("efgh")]);
    assert_eq!(pieces("abcdefghi", 4, 4), [part("abcd"), part("efgh"), last("i")]);
    assert_eq!(pieces("abcdef", 4, 3), [part("abc"), part("d"), last("ef")]);
}

/// Generated files report a length of 0.
#[cfg(target_os = "linux")]
#[test]
fn a_file_of_unknown_length_is_read_to_its_end() {
    let path = Path::new("/proc/self/limits");
    let expected = std::fs::read(path).unwrap();
    let pieces = pieces(&raw(path, 100), 100).unwrap();
    assert!(pieces.iter().rev().map(|(_, whole)| *whole).eq((0..pieces.len()).map(|n| n == 0)));
    assert_eq!(pieces.into_iter().flat_map(|(piece, _)| piece).collect::<Vec<u8>>(), expected);
}

#[test]
fn only_a_regular_file_is_opened() {
    let error = FileSource::open(&Disk::default(), &raw(Path::new("/no/such/file"), 1), PieceSize::STREAM)
        .unwrap_err();
    assert_eq!((error.doing, error.what.as_str()), (Doing::ReadingFile, "/no/such/file"));
    let folder = tempfile::tempdir().unwrap();
    let error = FileSource::open(&Disk::default(), &raw(folder.path(), 1), PieceSize::STREAM).unwrap_err();
    assert!(error.to_string().contains("not a regular file"), "{error}");
}

/// Opening a pipe without a writer would block.
#[cfg(target_os = "linux")]
#[test]
fn a_named_pipe_and_a_device_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for path in [pipe.as_path(), Path::new("/dev/zero")] {
        let error = FileSource::open(&Disk::default(), &raw(path, 1), PieceSize::STREAM).unwrap_err();
        assert!(error.to_string().contains("not a regular file"), "{error}");
    }
}

/// A tenth of the file that changes: more than is read ahead.
const TENTH: u64 = 100_000;

fn digits() -> Vec<u8> {
    (b'0'..=b'9').flat_map(|digit| std::iter::repeat_n(digit, 100_000)).collect()
}

/// The error, the data and whether they are short, for a file of ten digits, each a tenth of it, that `change` modifies after the
/// first half is read.
fn changed(change: impl FnOnce(&Path)) -> (Option<Cause>, Vec<u8>, bool) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, digits()).unwrap();
    // Otherwise a change within the clock's resolution would not show.
    std::fs::File::open(&path).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    let mut source = FileSource::open(&Disk::default(), &raw(&path, 5 * 100_000), PieceSize::STREAM).unwrap();
    let mut seen = Vec::new();
    assert_eq!(source.fill(usize::MAX), Ok(Fill::Piece));
    change(&path);
    while source.fill(usize::MAX) == Ok(Fill::Piece) {
        seen.extend(source.ready());
        source.consume(source.ready().len());
    }
    let short = source.reader.is_short();
    (source.reader.take_change().map(|error| error.cause), seen, short)
}

#[test]
fn changes_of_a_file_are_reported() {
    let all = digits();
    assert_eq!(changed(|_path| ()), (None, all.clone(), false));
    let shrunk = changed(|path| {
        std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(7 * TENTH).unwrap();
    });
    assert_eq!(
        shrunk,
        (Some(Cause::FileChanged(FileChange::Shrunk(7 * TENTH, 10 * TENTH))), all[..700_000].to_vec(), true)
    );
    let grown = changed(|path| {
        std::fs::OpenOptions::new().append(true).open(path).unwrap().write_all(b"abc").unwrap();
    });
    assert_eq!(grown, (Some(Cause::FileChanged(FileChange::Grown(3))), all.clone(), false));
    let rewritten = changed(|path| {
        std::fs::OpenOptions::new().write(true).open(path).unwrap().write_all(b"a").unwrap();
    });
    assert_eq!(rewritten, (Some(Cause::FileChanged(FileChange::Rewritten)), all.clone(), false));
    if cfg!(unix) {
        let removed = changed(|path| std::fs::remove_file(path).unwrap());
        assert_eq!(removed, (Some(Cause::FileChanged(FileChange::Removed)), all, false));
    }
}

#[test]
fn lines_keep_or_drop_their_ends_and_steps_are_appended() {
    use BlankLines::{Send, Skip};
    use LineEnds::{Drop, Keep};
    let content = b"one\r\n\ntwo\r\r\nthree";
    let file = file(content);
    let messages = |ends, blank, append: &[&str]| -> Vec<String> {
        let pieces = pieces(&lines(file.path(), ends, blank, append), usize::MAX).unwrap();
        assert!(pieces.iter().all(|(_, whole)| *whole));
        pieces.into_iter().map(|(piece, _)| String::from_utf8(piece).unwrap()).collect()
    };
    assert_eq!(messages(Keep, Send, &[]), ["one\r\n", "\n", "two\r", "\r\n", "three"]);
    assert_eq!(messages(Keep, Skip, &[]), ["one\r\n", "two\r", "three"]);
    assert_eq!(messages(Drop, Send, &[]), ["one", "two", "three"], "a blank line is empty");
    assert_eq!(messages(Drop, Send, &["hex:21", "lf"]), ["one!\n", "!\n", "two!\n", "!\n", "three!\n"]);
    assert_eq!(messages(Drop, Skip, &["length:0:1:be"]), ["\x03one", "\x03two", "\x05three"]);
}

#[test]
fn a_line_that_cannot_be_sent_is_an_error() {
    let long = file(&vec![b'a'; 3 * STEP]);
    let order = lines(long.path(), LineEnds::Keep, BlankLines::Send, &[]);
    let mut source =
        FileSource::open(&Disk::default(), &order, PieceSize { max: STEP, ..PieceSize::STREAM }).unwrap();
    assert_eq!(source.fill(usize::MAX).unwrap_err().cause, Cause::LineTooLong(STEP as u64));
    let short = file(b"abcdef\nabc\n");
    let order = lines(short.path(), LineEnds::Drop, BlankLines::Send, &["LRC:from=5"]);
    let error = pieces(&order, 100).unwrap_err();
    assert!(matches!(error.cause, Cause::CannotAppend(_)), "{error}");
}

#[test]
fn many_blank_lines_are_skipped_in_steps() {
    let blank = file(&vec![b'\n'; 3 << 20]);
    let order = lines(blank.path(), LineEnds::Keep, BlankLines::Skip, &[]);
    let mut source = FileSource::open(&Disk::default(), &order, PieceSize::STREAM).unwrap();
    assert_eq!(source.fill(usize::MAX), Ok(Fill::Again));
    while source.fill(usize::MAX).unwrap() == Fill::Again {}
    assert!(source.is_done());
}

#[test]
fn a_disk_that_does_not_answer_holds_nothing_up() {
    let poll = mio::Poll::new().unwrap();
    let disk = Disk::new(&mio::Waker::new(poll.registry(), mio::Token(0)).unwrap().into());
    let (answer, answered) = crossbeam_channel::bounded::<()>(0);
    let stuck = disk.run(move || answered.recv().is_err());
    let file = file(b"abc");
    let mut sources =
        [3, 1].map(|n| FileSource::open(&disk, &raw(file.path(), n), PieceSize::STREAM).unwrap());
    let missing = raw(Path::new("/no/such/file"), 1);
    let mut missing = FileSource::open(&disk, &missing, PieceSize::STREAM).unwrap();
    for source in &mut sources {
        assert_eq!(source.fill(usize::MAX), Ok(Fill::Waiting));
    }
    assert_eq!(missing.fill(usize::MAX), Ok(Fill::Waiting));
    drop(answer);
    assert!(stuck.recv().unwrap());
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let filled = |source: &mut FileSource| loop {
        let found = source.fill(usize::MAX);
        if found != Ok(Fill::Waiting) {
            return found.map(|_| source.ready().to_vec());
        }
        assert!(std::time::Instant::now() < deadline, "the disk answers");
    };
    assert_eq!(filled(&mut sources[0]), Ok(b"abc".to_vec()));
    assert_eq!(filled(&mut sources[1]), Ok(b"a".to_vec()));
    assert_eq!(filled(&mut missing).unwrap_err().what, "/no/such/file");
    assert!(disk.take_done() && !disk.take_done(), "the session looks at its files again");
}

proptest! {
    #[test]
    fn lines_are_split_as_the_framing_splits_them(
        content in "[ab\r\n]{0,60}", ends in any::<bool>(), skip in any::<bool>(), take in 1usize..9,
    ) {
        let mut framer = Framer::new(&Framing::Line);
        let mut at = vec![0];
        framer.push(content.as_bytes(), 0, &mut |cut| at.push(usize::try_from(cut.end).unwrap()));
        framer.finish(&mut |cut| at.push(usize::try_from(cut.end).unwrap()));
        let expected: Vec<u8> = at
            .windows(2)
            .map(|pair| &content[pair[0]..pair[1]])
            .filter(|line| !skip || !line.trim_end_matches(['\r', '\n']).is_empty())
            .flat_map(|line| {
                let line = if ends { line } else { line.trim_end_matches(['\r', '\n']) };
                append::apply(&["cr".parse().unwrap()], line.into()).unwrap()
            })
            .collect();
        let ends = if ends { LineEnds::Keep } else { LineEnds::Drop };
        let blank = if skip { BlankLines::Skip } else { BlankLines::Send };
        let file = file(content.as_bytes());
        let seen = pieces(&lines(file.path(), ends, blank, &["cr"]), take).unwrap();
        prop_assert_eq!(seen.iter().flat_map(|(piece, _)| piece.clone()).collect::<Vec<u8>>(), expected);
    }

    #[test]
    fn a_raw_file_is_read_completely(content in prop::collection::vec(any::<u8>(), 0..200), step in 1u32..50, take in 1usize..60) {
        let file = file(&content);
        let seen = pieces(&raw(file.path(), step), take).unwrap();
        prop_assert_eq!(seen.iter().filter(|(_, whole)| *whole).count(), usize::from(!content.is_empty()));
        prop_assert_eq!(seen.into_iter().flat_map(|(piece, _)| piece).collect::<Vec<u8>>(), content);
    }
}
