//! Opens any capture: ours directly, those of other programs by importing them into a temporary file.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::block;
use super::import::{Reading, import};
use super::scan::{ScanBatch, is_foreign, scan};
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

    /// Whether this is a temporary file made from the capture of another program.
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
/// always comes before the first records. Returns true if the end of the file is torn: the program that wrote
/// it was interrupted, or is still writing.
///
/// A capture of this program that another one has saved is imported if something relevant has changed.
/// Imports take as much space as the capture; they are made in `$TMPDIR`, else in `/var/tmp` if it exists.
///
/// # Errors
/// Those of the system; [`io::ErrorKind::InvalidData`] if the file is not a capture or is damaged, with the
/// reason and the offset. Everything before was passed to `sink`.
pub fn open(path: &Path, how: Reading, sink: &mut dyn FnMut(Part) -> ControlFlow<()>) -> io::Result<bool> {
    if may_be_ours(path)? {
        match scan_ours(path, sink) {
            Err(error) if is_foreign(&error) => {}
            done => return done,
        }
    }
    let file = tempfile::Builder::new().prefix("netassist-").suffix(".pcapng").tempfile_in(scratch())?;
    let (file, temporary) = file.into_parts();
    let path_of_import = temporary.to_path_buf();
    let mut writer = Writer::over(path_of_import.clone(), file)?;
    let opened = Opened { path: path_of_import, temporary: Some(Arc::new(temporary)) };
    if sink(Part::Begins(opened)).is_break() {
        return Ok(false);
    }
    import(path, how, &mut writer, &mut |batch| sink(Part::More(batch))).map(|end| end.torn)
}

/// Whether a file begins as ours do. An empty one may still become one.
fn may_be_ours(path: &Path) -> io::Result<bool> {
    let mut head = [0; 12];
    let got = super::positioned::read(&File::open(path)?, &mut head, 0)?;
    let head = head.get(..got).unwrap_or_default();
    let section = block::u32_at(head, 0).is_none_or(|kind| kind == block::SECTION);
    Ok(section && block::u32_at(head, 8).is_none_or(|magic| magic == block::MAGIC))
}

/// Reads a capture as one of ours. Passes nothing on before the first batch.
fn scan_ours(path: &Path, sink: &mut dyn FnMut(Part) -> ControlFlow<()>) -> io::Result<bool> {
    let begins = || Part::Begins(Opened { path: path.to_owned(), temporary: None });
    let (mut begun, mut broken_off) = (false, false);
    let end = scan(path, 0, u64::MAX, &mut |batch| {
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
