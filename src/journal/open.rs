//! The one door to any capture: ours is read as it is, that of another program is imported into a
//! temporary file first. Knows no window.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::block;
use super::import::import;
use super::scan::{ScanBatch, is_foreign, scan};
use super::writer::Writer;

/// A capture that was opened: the file that records stand in. If that is a temporary one, it is removed
/// when the last clone of this is dropped.
#[derive(Debug, Clone)]
pub struct Opened {
    path: PathBuf,
    /// Removes the file.
    temporary: Option<Arc<tempfile::TempPath>>,
}

impl Opened {
    /// The file to read records from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether another program made the capture, so that this is a temporary file made from it.
    pub fn is_imported(&self) -> bool {
        self.temporary.is_some()
    }
}

/// What is handed out while a capture is opened.
#[derive(Debug, Clone)]
pub enum Part {
    /// The records that follow stand in this file. What was handed out before is void: the capture
    /// looked like one of ours at first, but was changed by another program.
    Begins(Opened),
    /// Records. [`ScanBatch::at`] is the progress in the file that was asked for.
    More(ScanBatch),
}

/// Reads the index of a capture of any program and hands it to `sink` in parts, until that breaks off.
/// Before the first records comes [`Part::Begins`], also if there are none. True if the end of the file is
/// torn: the program that wrote it was stopped in the middle, or is just writing.
///
/// A capture of this program that another has saved again is imported, too, unless nothing that matters
/// was changed in it. Imports stand in `$TMPDIR`, else in `/var/tmp` where there is that, since they
/// take as much room as the capture itself.
///
/// # Errors
/// Those of the system; [`io::ErrorKind::InvalidData`] if the file is no capture or is damaged: the
/// text says where and what. What stands before was handed to `sink`.
pub fn open(path: &Path, sink: &mut dyn FnMut(Part) -> ControlFlow<()>) -> io::Result<bool> {
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
    import(path, &mut writer, &mut |batch| sink(Part::More(batch))).map(|end| end.torn)
}

/// Whether a file begins as those of this program do. One without a byte may still become one.
fn may_be_ours(path: &Path) -> io::Result<bool> {
    let mut head = [0; 12];
    let got = super::positioned::read(&File::open(path)?, &mut head, 0)?;
    let head = head.get(..got).unwrap_or_default();
    let section = block::u32_at(head, 0).is_none_or(|kind| kind == block::SECTION);
    Ok(section && block::u32_at(head, 8).is_none_or(|magic| magic == block::MAGIC))
}

/// Reads a capture as one of ours. Nothing is handed out until there is something.
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
    // There is nothing after this that could be broken off.
    if !begun && sink(begins()).is_break() {
        return Ok(false);
    }
    Ok(end.torn)
}

/// The folder for files that are as large as a capture. What the system keeps in memory is no place for
/// gigabytes.
pub fn scratch() -> PathBuf {
    let large = Path::new("/var/tmp");
    if cfg!(unix) && std::env::var_os("TMPDIR").is_none() && large.is_dir() {
        large.to_owned()
    } else {
        std::env::temp_dir()
    }
}
