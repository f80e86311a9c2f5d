//! The growing file: what waits to be written, and what the operating system has taken. Knows of
//! blocks only where their lengths stand.

use std::fmt::Debug;
use std::fs::File;
use std::io::{self, IoSlice, Seek, SeekFrom, Write};

use super::block;
use crate::model::Stamp;

/// From this size in bytes on, a block is written at once and without being copied.
const DIRECT: usize = 4096;
/// When so many bytes wait, they are written, so that the buffer stays in the cache.
const FLUSH: usize = 128 * 1024;
/// A buffer that grew beyond this while the disk was full is given back afterwards.
const KEEP: usize = 1024 * 1024;

/// A file that grows by so much within [`QUICKLY_NS`] has room reserved: the file system takes what follows with a
/// third less work, and in longer pieces (measured on ext4).
const STRIDE: u64 = 16 * 1024 * 1024;
/// How much room is reserved at once.
const RESERVE: u64 = 4 * STRIDE;
/// See [`STRIDE`].
const QUICKLY_NS: u64 = 1_000_000_000;

/// A file, or in tests something that fails on demand.
pub(super) trait Medium: Write + Seek + Send + Debug {
    /// As [`File::set_len`]. Gives up what is reserved behind it.
    fn set_len(&mut self, len: u64) -> io::Result<()>;

    /// Reserves room on the disk for `len` bytes from `at` on, behind the file's end. The file stays as long as it
    /// is.
    fn reserve(&mut self, at: u64, len: u64) -> io::Result<()>;
}

impl Medium for File {
    fn set_len(&mut self, len: u64) -> io::Result<()> {
        Self::set_len(self, len)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn reserve(&mut self, at: u64, len: u64) -> io::Result<()> {
        use nix::fcntl::{FallocateFlags, fallocate};
        let [at, len] = [at, len].map(|n| n.try_into().map_err(|_too_large| io::ErrorKind::FileTooLarge));
        Ok(fallocate(self, FallocateFlags::FALLOC_FL_KEEP_SIZE, at?, len?)?)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn reserve(&mut self, _at: u64, _len: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// The room that is reserved behind the end of a file that grows fast.
#[derive(Debug)]
struct Room {
    /// Where the file's growth is looked at next.
    mark: u64,
    /// When it was looked at last.
    since: Stamp,
    /// Up to where room is reserved.
    until: u64,
    /// This file system, or this full a disk, reserves nothing.
    refused: bool,
}

impl Default for Room {
    fn default() -> Self {
        Self { mark: STRIDE, since: Stamp::default(), until: 0, refused: false }
    }
}

impl Room {
    /// The file has grown to `len`.
    fn grown(&mut self, medium: &mut dyn Medium, len: u64, now: Stamp) {
        if len < self.mark {
            return;
        }
        let is_quick = now.since(self.since) < QUICKLY_NS;
        self.since = now;
        self.mark = len.saturating_add(STRIDE);
        if is_quick && !self.refused && self.until < self.mark {
            match medium.reserve(len, RESERVE) {
                Ok(()) => self.until = len.saturating_add(RESERVE),
                Err(_error) => self.refused = true,
            }
        }
    }

    /// Gives back what is reserved behind `len`, the end of the file.
    fn release(&mut self, medium: &mut dyn Medium, len: u64) {
        // What cannot be given back is the disk's only until the file is deleted.
        if std::mem::take(&mut self.until) > len {
            drop(medium.set_len(len));
        }
    }
}

/// Appends whole blocks to a medium.
#[derive(Debug)]
pub(super) struct Output {
    medium: Box<dyn Medium>,
    /// Bytes of whole blocks that the medium has taken.
    committed: u64,
    /// Whole blocks that follow them.
    pending: Vec<u8>,
    /// The last write failed: until the next commit blocks are only collected.
    stalled: bool,
    /// A failed write may have left the medium's position elsewhere than at `committed`.
    misplaced: bool,
    room: Room,
    now: Stamp,
    /// The next commit gives back the room that is reserved.
    resting: bool,
}

impl Output {
    pub(super) fn new(medium: Box<dyn Medium>) -> Self {
        Self {
            medium,
            committed: 0,
            pending: Vec::new(),
            stalled: false,
            misplaced: false,
            room: Room::default(),
            now: Stamp::default(),
            resting: false,
        }
    }

    /// It is so late now.
    pub(super) fn clock(&mut self, now: Stamp) {
        self.now = now;
    }

    /// Where the next block will begin.
    pub(super) fn end(&self) -> u64 {
        self.committed + self.pending.len() as u64
    }

    /// Bytes that the medium has taken: always whole blocks.
    pub(super) fn committed(&self) -> u64 {
        self.committed
    }

    /// Appends one block, given in three parts.
    pub(super) fn append(&mut self, parts: [&[u8]; 3]) {
        let len = parts.iter().map(|part| part.len()).sum::<usize>();
        if self.stalled || len < DIRECT && self.pending.len() + len < FLUSH {
            for part in parts {
                self.pending.extend_from_slice(part);
            }
        } else if self.write(parts).is_err() {
            // Nothing is lost: `commit` will try again, and report it if it still fails.
            self.stalled = true;
        }
    }

    /// Writes all that waits.
    ///
    /// # Errors
    /// Those of the medium. What it did not take is kept, and the file is cut back to whole blocks.
    pub(super) fn commit(&mut self) -> io::Result<()> {
        self.stalled = false;
        if !self.pending.is_empty() || self.misplaced {
            let written = self.write([&[]; 3]);
            self.stalled = written.is_err();
            written?;
        }
        if std::mem::take(&mut self.resting) {
            self.room.release(&mut *self.medium, self.committed);
        }
        Ok(())
    }

    /// Nothing more comes for a while: with the next commit the file takes no more of the disk than it is long.
    pub(super) fn rest(&mut self) {
        self.resting = true;
    }

    /// Writes what waits and one block more; keeps of both what the medium does not take.
    fn write(&mut self, parts: [&[u8]; 3]) -> io::Result<()> {
        let [a, b, c] = parts;
        let mut written = 0;
        let result = self.go_to_end().and_then(|()| {
            let mut slices = [&self.pending[..], a, b, c].map(IoSlice::new);
            write_all(&mut *self.medium, &mut slices, &mut written)
        });
        if result.is_ok() {
            self.committed += written as u64;
            self.pending.clear();
            self.pending.shrink_to(KEEP);
            self.room.grown(&mut *self.medium, self.committed, self.now);
            return Ok(());
        }
        let whole = whole_blocks(&self.pending, written);
        self.committed += whole as u64;
        self.pending.drain(..whole);
        for part in parts {
            self.pending.extend_from_slice(part);
        }
        // Best effort: even if the torn block cannot be cut off now, the next write goes over it.
        self.misplaced = true;
        self.room.until = 0;
        if self.medium.set_len(self.committed).is_ok() {
            drop(self.go_to_end());
        }
        result
    }

    fn go_to_end(&mut self) -> io::Result<()> {
        if self.misplaced {
            self.medium.seek(SeekFrom::Start(self.committed))?;
            self.misplaced = false;
        }
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.room.release(&mut *self.medium, self.committed);
    }
}

/// Like `Write::write_all_vectored`, which is not stable, but counts what was written.
fn write_all(medium: &mut dyn Medium, mut slices: &mut [IoSlice<'_>], written: &mut usize) -> io::Result<()> {
    IoSlice::advance_slices(&mut slices, 0);
    while !slices.is_empty() {
        match medium.write_vectored(slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => {
                *written += n;
                IoSlice::advance_slices(&mut slices, n);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// How many of the first `limit` bytes of `blocks` are whole blocks.
fn whole_blocks(blocks: &[u8], limit: usize) -> usize {
    let mut at = 0;
    while let Some(len) = block::u32_at(blocks, at + 4).filter(|len| *len > 0) {
        if at + len as usize > limit {
            break;
        }
        at += len as usize;
    }
    at
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;
    use std::io::Read;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

    use proptest::prelude::*;

    use super::*;

    /// What a [`Faulty`] medium will do next.
    #[derive(Debug, Default)]
    pub(in crate::journal) struct Faults {
        /// The disk is full when the file has so many bytes.
        pub(in crate::journal) room: AtomicU64,
        /// At most so many bytes are taken at once.
        pub(in crate::journal) gulp: AtomicU64,
        /// Every second write is interrupted by a signal.
        pub(in crate::journal) signals: AtomicBool,
        /// The file cannot be cut.
        pub(in crate::journal) uncuttable: AtomicBool,
        /// Up to where room was reserved last.
        pub(in crate::journal) reserved: AtomicU64,
    }

    /// A file on a disk that becomes full and empty again.
    #[derive(Debug)]
    pub(in crate::journal) struct Faulty {
        file: File,
        faults: Arc<Faults>,
        interrupted: bool,
    }

    impl Faulty {
        pub(in crate::journal) fn create(path: &Path) -> (Box<dyn Medium>, Arc<Faults>) {
            let faults = Arc::new(Faults::default());
            faults.room.store(u64::MAX, Relaxed);
            faults.gulp.store(u64::MAX, Relaxed);
            let file = File::create_new(path).unwrap();
            (Box::new(Self { file, faults: faults.clone(), interrupted: false }), faults)
        }
    }

    impl Write for Faulty {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            if self.faults.signals.load(Relaxed) {
                self.interrupted = !self.interrupted;
                if self.interrupted {
                    return Err(io::ErrorKind::Interrupted.into());
                }
            }
            let room = self.faults.room.load(Relaxed).saturating_sub(self.file.stream_position()?);
            if room == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let n = (buf.len() as u64).min(room).min(self.faults.gulp.load(Relaxed));
            self.file.write(&buf[..usize::try_from(n).unwrap()])
        }

        fn flush(&mut self) -> io::Result<()> {
            self.file.flush()
        }
    }

    impl Seek for Faulty {
        fn seek(&mut self, pos: SeekFrom) -> io::Result<u64> {
            self.file.seek(pos)
        }
    }

    impl Medium for Faulty {
        fn set_len(&mut self, len: u64) -> io::Result<()> {
            if self.faults.uncuttable.load(Relaxed) {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            self.faults.reserved.store(len, Relaxed);
            self.file.set_len(len)
        }

        fn reserve(&mut self, at: u64, len: u64) -> io::Result<()> {
            if at + len > self.faults.room.load(Relaxed) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.faults.reserved.store(at + len, Relaxed);
            Ok(())
        }
    }

    fn test_block(len: usize, fill: u8) -> Vec<u8> {
        let len = block::padded(len.max(12));
        let total = u32::try_from(len).unwrap().to_le_bytes();
        [&[fill; 4][..], &total, &vec![fill; len - 12], &total].concat()
    }

    #[derive(Debug, Clone)]
    enum Step {
        Append(usize),
        Commit,
        Room(u64),
        Gulp(u64),
        Signals(bool),
        Uncuttable(bool),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (0_usize..200).prop_map(Step::Append),
            3 => (4000_usize..10_000).prop_map(Step::Append),
            1 => (100_000_usize..200_000).prop_map(Step::Append),
            4 => Just(Step::Commit),
            4 => (0_u64..30_000).prop_map(Step::Room),
            2 => Just(Step::Room(u64::MAX)),
            2 => (1_u64..3000).prop_map(Step::Gulp),
            1 => any::<bool>().prop_map(Step::Signals),
            1 => any::<bool>().prop_map(Step::Uncuttable),
        ]
    }

    struct Bench {
        _folder: tempfile::TempDir,
        path: PathBuf,
        output: Output,
        faults: Arc<Faults>,
    }

    fn bench() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let (medium, faults) = Faulty::create(&path);
        Bench { output: Output::new(medium), path, faults, _folder: folder }
    }

    #[test]
    fn what_does_not_fit_is_kept_and_written_later() {
        let Bench { mut output, faults, path, _folder } = bench();
        output.append([&test_block(100, 1), &[], &[]]);
        output.append([&test_block(100, 2), &[], &[]]);
        faults.room.store(150, Relaxed);
        assert_eq!(output.commit().unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!((output.committed(), output.end()), (100, 200));
        assert_eq!(fs::read(&path).unwrap(), test_block(100, 1), "the torn block is cut off");
        assert!(output.commit().is_err());
        output.append([&test_block(5000, 3), &[], &[]]);
        assert_eq!(output.committed(), 100, "no attempt is made before the next commit");
        faults.room.store(u64::MAX, Relaxed);
        output.commit().unwrap();
        let all = [test_block(100, 1), test_block(100, 2), test_block(5000, 3)].concat();
        assert_eq!(fs::read(&path).unwrap(), all);
    }

    #[test]
    fn large_blocks_are_written_at_once_and_small_ones_collected() {
        let Bench { mut output, path, _folder, .. } = bench();
        output.append([&test_block(100, 1), &[], &[]]);
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
        output.append([&test_block(DIRECT, 2), &[], &[]]);
        assert_eq!(fs::metadata(&path).unwrap().len(), 100 + DIRECT as u64);
        for _ in 0..=FLUSH / 100 {
            output.append([&test_block(100, 3), &[], &[]]);
        }
        assert!(output.committed() > FLUSH as u64);
    }

    #[test]
    fn room_is_reserved_for_what_grows_fast_and_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let (mut medium, faults) = Faulty::create(&folder.path().join("a"));
        let mut room = Room::default();
        let reserved = || faults.reserved.load(Relaxed);
        let mut grown = |len, tenths| room.grown(&mut *medium, len, Stamp(QUICKLY_NS / 10 * tenths));
        grown(STRIDE, 20);
        assert_eq!(reserved(), 0, "it grows slowly");
        grown(2 * STRIDE, 25);
        assert_eq!(reserved(), 6 * STRIDE);
        grown(3 * STRIDE, 30);
        assert_eq!(reserved(), 6 * STRIDE, "there is enough");
        grown(6 * STRIDE - 1, 35);
        assert_eq!(reserved(), 10 * STRIDE - 1);
        faults.room.store(8 * STRIDE, Relaxed);
        grown(9 * STRIDE, 36);
        faults.room.store(u64::MAX, Relaxed);
        grown(11 * STRIDE, 37);
        assert_eq!(reserved(), 10 * STRIDE - 1, "a full disk is not asked again");
        room.release(&mut *medium, 7 * STRIDE);
        assert_eq!(reserved(), 7 * STRIDE);
    }

    /// Room is reserved on the disk behind the file's end, and given back.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_takes_no_more_of_the_disk_than_it_is_long_when_it_rests() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut output = Output::new(Box::new(File::create_new(&path).unwrap()));
        output.append([&test_block(10_000, 1), &[], &[]]);
        let taken = || (fs::metadata(&path).unwrap().len(), fs::metadata(&path).unwrap().blocks() * 512);
        let Output { medium, room, .. } = &mut output;
        room.mark = 10_000;
        room.grown(&mut **medium, 10_000, Stamp(1));
        assert!(!room.refused, "the file system of the folder for temporary files reserves nothing");
        assert_eq!(taken().0, 10_000);
        assert!(taken().1 >= RESERVE, "{:?}", taken());
        output.rest();
        output.commit().unwrap();
        assert_eq!(taken().0, 10_000);
        assert!(taken().1 < STRIDE, "{:?}", taken());
    }

    proptest! {
        #[test]
        fn no_fault_loses_or_tears_a_block(steps in prop::collection::vec(step(), 0..60)) {
            let Bench { mut output, faults, path, _folder } = bench();
            let mut expected = Vec::new();
            let mut ends = vec![0];
            for (n, step) in (0..).zip(&steps) {
                match step {
                    Step::Append(len) => {
                        let block = test_block(*len, n);
                        let (head, rest) = block.split_at(8);
                        let (body, tail) = rest.split_at(rest.len() - 4);
                        output.append([head, body, tail]);
                        expected.extend_from_slice(&block);
                        ends.push(expected.len());
                    }
                    Step::Commit => {
                        if output.commit().is_ok() {
                            prop_assert_eq!(output.committed(), expected.len() as u64);
                        }
                    }
                    Step::Room(room) => faults.room.store(*room, Relaxed),
                    Step::Gulp(gulp) => faults.gulp.store(*gulp, Relaxed),
                    Step::Signals(on) => faults.signals.store(*on, Relaxed),
                    Step::Uncuttable(on) => faults.uncuttable.store(*on, Relaxed),
                }
                prop_assert_eq!(output.end(), expected.len() as u64);
                let committed = usize::try_from(output.committed()).unwrap();
                prop_assert!(ends.contains(&committed), "only whole blocks");
                let mut file = Vec::new();
                File::open(&path).unwrap().read_to_end(&mut file).unwrap();
                prop_assert!(file[..committed] == expected[..committed]);
                if !faults.uncuttable.load(Relaxed) && matches!(step, Step::Commit) {
                    prop_assert_eq!(file.len(), committed);
                }
            }
            faults.room.store(u64::MAX, Relaxed);
            output.commit().unwrap();
            prop_assert!(fs::read(&path).unwrap() == expected);
        }
    }
}
