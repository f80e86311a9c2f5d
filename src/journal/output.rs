//! The growing file: pending blocks, and what the operating system has accepted.

use std::fmt::Debug;
use std::fs::File;
use std::io::{self, IoSlice, Seek, SeekFrom, Write};

use super::block;
use crate::model::Stamp;

/// The page cache can keep this many bytes in one piece, if they are written together at a multiple of it. A block from
/// [`DIRECT`] bytes on that ends there is written at once, without being copied; others are collected, since a long
/// write has more whole stripes than several short ones.
pub(super) const STRIPE: usize = 64 * 1024;
/// See [`STRIPE`].
const DIRECT: usize = 4096;
/// How many pending bytes are written, so that the buffer stays in the cache.
const FLUSH: usize = 256 * 1024;
/// A buffer that grew beyond this while the disk was full is released afterwards.
const KEEP: usize = 1024 * 1024;

/// If a file grows by this much within [`QUICKLY_NS`], space is reserved, which reduces the work of the file
/// system by a third and the fragmentation (measured on ext4).
const STRIDE: u64 = 16 * 1024 * 1024;
const RESERVE: u64 = 4 * STRIDE;
/// See [`STRIDE`].
const QUICKLY_NS: u64 = 1_000_000_000;

/// A file, or in tests a medium that fails on demand.
pub(super) trait Medium: Write + Seek + Send + Debug {
    /// As [`File::set_len`]; releases the space reserved beyond `len`.
    fn set_len(&mut self, len: u64) -> io::Result<()>;

    /// Reserves disk space for `len` bytes from `at` on without changing the length of the file.
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

/// A pipe or a device: what was written stays written.
#[derive(Debug)]
pub(super) struct Stream(pub(super) File);

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Seek for Stream {
    /// Only a write that failed needs it.
    fn seek(&mut self, _to: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

impl Medium for Stream {
    fn set_len(&mut self, _len: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn reserve(&mut self, _at: u64, _len: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Disk space reserved beyond the end of a fast-growing file.
#[derive(Debug)]
struct Room {
    /// The length at which growth is checked next.
    mark: u64,
    /// When growth was checked last.
    since: Stamp,
    until: u64,
    /// The file system refuses to reserve space.
    refused: bool,
}

impl Default for Room {
    fn default() -> Self {
        Self { mark: STRIDE, since: Stamp::default(), until: 0, refused: false }
    }
}

impl Room {
    /// Called when the file has grown to `len`.
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

    /// Releases the space reserved beyond `len`, the end of the file.
    fn release(&mut self, medium: &mut dyn Medium, len: u64) {
        // If this fails, the space is released when the file is deleted.
        if std::mem::take(&mut self.until) > len {
            drop(medium.set_len(len));
        }
    }
}

/// Appends whole blocks to a medium.
#[derive(Debug)]
pub(super) struct Output {
    medium: Box<dyn Medium>,
    /// Bytes of whole blocks that the medium has accepted.
    pub(super) committed: u64,
    /// Whole blocks not accepted yet.
    pending: Vec<u8>,
    /// The last write failed: until the next commit, blocks are only collected.
    stalled: bool,
    /// After a failed write, the position of the medium may not be `committed`.
    misplaced: bool,
    room: Room,
    now: Stamp,
    /// The next commit releases the reserved space.
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

    pub(super) fn clock(&mut self, now: Stamp) {
        self.now = now;
    }

    /// Where the next block will begin.
    pub(super) fn end(&self) -> u64 {
        self.committed + self.pending.len() as u64
    }

    /// Appends one block, given in three parts.
    pub(super) fn append(&mut self, parts: [&[u8]; 3]) {
        let len = parts.iter().map(|part| part.len()).sum::<usize>();
        let is_aligned = (self.end() + len as u64).is_multiple_of(STRIPE as u64);
        let is_direct = len >= DIRECT && is_aligned || self.pending.len() + len >= FLUSH;
        if self.stalled || !is_direct {
            for part in parts {
                self.pending.extend_from_slice(part);
            }
        } else if self.write(parts).is_err() {
            // Nothing is lost: `commit` tries again, and reports a failure.
            self.stalled = true;
        }
    }

    /// Writes all pending blocks. After an error what the medium did not accept is kept, in whole blocks.
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

    /// Expects no more blocks for a while: the next commit releases the reserved space.
    pub(super) fn rest(&mut self) {
        self.resting = true;
    }

    /// Writes the pending blocks and one more; keeps what the medium does not accept.
    fn write(&mut self, parts: [&[u8]; 3]) -> io::Result<()> {
        let [a, b, c] = parts;
        let mut written = 0;
        let result = self.go_to_end().and_then(|()| {
            let mut slices = [&self.pending[..], a, b, c].map(IoSlice::new);
            let n = if parts.iter().all(|part| part.is_empty()) { 1 } else { slices.len() };
            write_all(&mut *self.medium, &mut slices[..n], &mut written)
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
        // Best effort: if the torn block cannot be truncated now, the next write overwrites it.
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

/// Like `Write::write_all_vectored`, which is unstable, but counts what was written.
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

    /// How a [`Faulty`] medium fails.
    #[derive(Debug, Default)]
    pub(in crate::journal) struct Faults {
        /// The length of the file at which the disk is full.
        pub(in crate::journal) room: AtomicU64,
        /// How many bytes one write accepts at most.
        pub(in crate::journal) gulp: AtomicU64,
        /// Every second write is interrupted by a signal.
        pub(in crate::journal) signals: AtomicBool,
        /// Truncating fails.
        pub(in crate::journal) uncuttable: AtomicBool,
        /// The end of the space reserved last.
        pub(in crate::journal) reserved: AtomicU64,
    }

    /// A file on a disk with limited space.
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
    fn blocks_that_do_not_fit_are_kept_and_written_later() {
        let Bench { mut output, faults, path, _folder } = bench();
        output.append([&test_block(100, 1), &[], &[]]);
        output.append([&test_block(100, 2), &[], &[]]);
        faults.room.store(150, Relaxed);
        assert_eq!(output.commit().unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!((output.committed, output.end()), (100, 200));
        assert_eq!(fs::read(&path).unwrap(), test_block(100, 1), "the torn block is cut off");
        assert!(output.commit().is_err());
        output.append([&test_block(5000, 3), &[], &[]]);
        assert_eq!(output.committed, 100, "no attempt is made before the next commit");
        faults.room.store(u64::MAX, Relaxed);
        output.commit().unwrap();
        let all = [test_block(100, 1), test_block(100, 2), test_block(5000, 3)].concat();
        assert_eq!(fs::read(&path).unwrap(), all);
    }

    #[test]
    fn whole_stripes_are_written_at_once_and_other_blocks_collected() {
        let Bench { mut output, path, _folder, .. } = bench();
        output.append([&test_block(100, 1), &[], &[]]);
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
        let written = || usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
        output.append([&test_block(DIRECT, 2), &[], &[]]);
        assert_eq!(written(), 0, "it does not end with a stripe");
        let left = STRIPE - 100 - DIRECT;
        output.append([&test_block(left, 3), &[], &[]]);
        assert_eq!(written(), STRIPE);
        output.append([&test_block(DIRECT - 4, 4), &[], &[]]);
        output.append([&test_block(FLUSH - DIRECT, 5), &[], &[]]);
        assert_eq!(written(), STRIPE);
        output.append([&test_block(12, 6), &[], &[]]);
        assert_eq!(written(), STRIPE + FLUSH + 8);
        for _ in 0..=FLUSH / 100 {
            output.append([&test_block(100, 7), &[], &[]]);
        }
        assert!(output.committed > (STRIPE + 2 * FLUSH) as u64);
    }

    #[test]
    fn space_is_reserved_for_a_fast_growing_file_and_released() {
        let folder = tempfile::tempdir().unwrap();
        let (mut medium, faults) = Faulty::create(&folder.path().join("a"));
        let mut room = Room::default();
        let reserved = || faults.reserved.load(Relaxed);
        let mut grown = |len, tenths| room.grown(&mut *medium, len, Stamp(QUICKLY_NS / 10 * tenths));
        grown(STRIDE, 20);
        assert_eq!(reserved(), 0, "the file grows slowly");
        grown(2 * STRIDE, 25);
        assert_eq!(reserved(), 6 * STRIDE);
        grown(3 * STRIDE, 30);
        assert_eq!(reserved(), 6 * STRIDE, "enough is reserved");
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

    /// Space is reserved beyond the end of the file, and released.
    #[cfg(target_os = "linux")]
    #[test]
    fn an_idle_file_takes_no_more_disk_space_than_its_length() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut output = Output::new(Box::new(File::create_new(&path).unwrap()));
        output.append([&test_block(10_000, 1), &[], &[]]);
        output.commit().unwrap();
        let taken = || (fs::metadata(&path).unwrap().len(), fs::metadata(&path).unwrap().blocks() * 512);
        let Output { medium, room, .. } = &mut output;
        room.mark = 10_000;
        room.grown(&mut **medium, 10_000, Stamp(1));
        assert!(!room.refused, "the file system of temporary files reserves no space");
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
                            prop_assert_eq!(output.committed, expected.len() as u64);
                        }
                    }
                    Step::Room(room) => faults.room.store(*room, Relaxed),
                    Step::Gulp(gulp) => faults.gulp.store(*gulp, Relaxed),
                    Step::Signals(on) => faults.signals.store(*on, Relaxed),
                    Step::Uncuttable(on) => faults.uncuttable.store(*on, Relaxed),
                }
                prop_assert_eq!(output.end(), expected.len() as u64);
                let committed = usize::try_from(output.committed).unwrap();
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
