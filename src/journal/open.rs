//! Opens any capture: ours directly, those of other programs by importing them into a temporary file.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::block;
use super::import::{Reading, import_file};
use super::scan::{ScanBatch, Scanner, is_foreign};
use super::unpack::{Packing, Unpacked};
use super::writer::Writer;

/// An opened capture: the file that contains its records. A temporary file is removed when the last clone is
/// dropped.
#[derive(Debug, Clone)]
pub struct Opened {
    path: PathBuf,
    /// Removes the file when dropped.
    temporary: Option<Arc<tempfile::TempPath>>,
}

impl Opened {
    /// The file to read records from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this is a temporary file, made from the capture of another program or a compressed one.
    pub fn is_imported(&self) -> bool {
        self.temporary.is_some()
    }
}

/// A part of a capture being opened.
#[derive(Debug, Clone)]
pub enum Part {
    /// The records that follow are in this file. All earlier parts are void: the capture looked like one of
    /// ours at first, but was changed by another program.
    Begins(Opened),
    /// Records. [`ScanBatch::at`] is the progress in the original file.
    More(ScanBatch),
}

/// Reads the index of any capture and passes it to `sink` in parts, until `sink` breaks. [`Part::Begins`]
/// always comes before the first records; batches without any may come earlier. Returns true if the end of the file is
/// torn: the program that wrote it was interrupted, or is still writing.
///
/// A capture of this program that another one has saved is imported if something relevant has changed.
/// Imports take as much space as the capture; they are made in `$TMPDIR`, else in `/var/tmp` if it exists. A file
/// compressed by gzip or zstd is unpacked there first, up to a limit, and that is removed once it is imported.
///
/// # Errors
/// Those of the system; [`io::ErrorKind::InvalidData`] if the file is not a capture, is damaged, or too large when
/// it is unpacked, with the reason and the offset. Everything before was passed to `sink`.
pub fn open(path: &Path, how: Reading, sink: &mut dyn FnMut(Part) -> ControlFlow<()>) -> io::Result<bool> {
    let packed = File::open(path)?;
    let title = path.file_name().unwrap_or_default().to_string_lossy();
    let Some(packing) = Packing::of(&head(&packed)?) else {
        if may_be_ours(&packed)? {
            match scan_ours(path, None, how.wire, sink) {
                Err(error) if is_foreign(&error) => {}
                done => return done,
            }
        }
        return import_into_temporary((&packed, path), &title, how, sink);
    };
    let (mut file, temporary) = temporary()?;
    let tell = &mut |at| sink(Part::More(ScanBatch { at: at / 2, ..ScanBatch::default() }));
    let unpacked = packing.unpack(&packed, &mut file, how.unpacked, tell)?;
    if matches!(unpacked, Unpacked::Stopped) {
        return Ok(false);
    }
    // The other half of the progress.
    let (half, len) = (u128::from(packed.metadata()?.len() / 2), u128::from(file.metadata()?.len().max(1)));
    let scaled = &mut |part| {
        sink(match part {
            Part::More(batch) => {
                let at = half + u128::from(batch.at) * half / len;
                Part::More(ScanBatch { at: u64::try_from(at).unwrap_or(u64::MAX), ..batch })
            }
            begins @ Part::Begins(_) => begins,
        })
    };
    let read = read_unpacked(&file, temporary, &title, how, scaled);
    match unpacked {
        Unpacked::Damaged(error) => Err(error),
        Unpacked::Torn => read.map(|_torn| true),
        Unpacked::Whole | Unpacked::Stopped => read,
    }
}

/// Reads what a compressed file contains. Keeps the temporary file only if the records are in it.
fn read_unpacked(
    file: &File,
    temporary: tempfile::TempPath,
    title: &str,
    how: Reading,
    sink: &mut dyn FnMut(Part) -> ControlFlow<()>,
) -> io::Result<bool> {
    let temporary = Arc::new(temporary);
    // Unlike an empty file, this will not grow.
    if !head(file)?.is_empty() && may_be_ours(file)? {
        let path = temporary.to_path_buf();
        match scan_ours(&path, Some(&temporary), how.wire, sink) {
            Err(error) if is_foreign(&error) => {}
            done => return done,
        }
    }
    // Where an open file can be removed, it does not outlive a sudden end either.
    let path = temporary.to_path_buf();
    drop(temporary);
    import_into_temporary((file, &path), title, how, sink)
}

fn import_into_temporary(
    file: (&File, &Path),
    title: &str,
    how: Reading,
    sink: &mut dyn FnMut(Part) -> ControlFlow<()>,
) -> io::Result<bool> {
    let (target, temporary) = temporary()?;
    let path = temporary.to_path_buf();
    let mut writer = Writer::over(path.clone(), target)?;
    let opened = Opened { path, temporary: Some(Arc::new(temporary)) };
    if sink(Part::Begins(opened)).is_break() {
        return Ok(false);
    }
    import_file(file, title, how, &mut writer, &mut |batch| sink(Part::More(batch))).map(|end| end.torn)
}

fn temporary() -> io::Result<(File, tempfile::TempPath)> {
    let file = tempfile::Builder::new().prefix("netassist-").suffix(".pcapng").tempfile_in(scratch())?;
    Ok(file.into_parts())
}

/// The first bytes of a file.
fn head(file: &File) -> io::Result<Vec<u8>> {
    let mut head = vec![0; 12];
    let got = super::positioned::read(file, &mut head, 0)?;
    head.truncate(got);
    Ok(head)
}

/// Whether a file begins as ours do. An empty one may still become one.
fn may_be_ours(file: &File) -> io::Result<bool> {
    let head = &head(file)?;
    let section = block::u32_at(head, 0).is_none_or(|kind| kind == block::SECTION);
    Ok(section && block::u32_at(head, 8).is_none_or(|magic| magic == block::MAGIC))
}

/// Reads a capture as one of ours. Passes nothing on before the first batch.
fn scan_ours(
    path: &Path,
    temporary: Option<&Arc<tempfile::TempPath>>,
    of_wire: bool,
    sink: &mut dyn FnMut(Part) -> ControlFlow<()>,
) -> io::Result<bool> {
    let begins = || Part::Begins(Opened { path: path.to_owned(), temporary: temporary.cloned() });
    let (mut begun, mut broken_off) = (false, false);
    let mut scanner = if of_wire { Scanner::of_wire() } else { Scanner::default() };
    let end = scanner.advance(&File::open(path)?, (0, u64::MAX), &mut |batch| {
        let empty = batch.openings.is_empty() && batch.flows.is_empty() && batch.records.is_empty();
        if !begun && empty {
            return ControlFlow::Continue(());
        }
        broken_off = !std::mem::replace(&mut begun, true) && sink(begins()).is_break()
            || sink(Part::More(batch)).is_break();
        if broken_off { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if broken_off {
        return Ok(false);
    }
    let end = end?;
    // Breaking here makes no difference: nothing follows.
    if !begun && sink(begins()).is_break() {
        return Ok(false);
    }
    Ok(end.torn)
}

/// The folder for files as large as a capture: preferably not one that is kept in memory.
pub fn scratch() -> PathBuf {
    let large = Path::new("/var/tmp");
    if cfg!(unix) && std::env::var_os("TMPDIR").is_none() && large.is_dir() {
        large.to_owned()
    } else {
        std::env::temp_dir()
    }
}
