//! What the user should read of the quick sends. The words are the window's.

use std::path::PathBuf;

use crate::model::{Missed, Problem};
use crate::workspace::Source;

/// Something the user should read of the quick sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuickNotice {
    /// A quick send of this name is wrong.
    Wrong(String, Problem),
    /// How often a sequence is sent is no number of times.
    WrongLoops,
    /// No quick send is ticked for the sequence.
    NothingTicked,
    /// A sequence was sent so many times; so many answers did not come.
    Done(u64, u64),
    /// The row of this name was not answered in time; what came instead.
    NoAnswer(String, Missed),
    /// So many quick sends were taken over from there, and so many things of theirs were not.
    Imported(Source, usize, usize),
    /// A list of quick sends cannot be taken over.
    NotImported(String),
    /// The quick sends are saved there.
    Exported(PathBuf),
    /// The quick sends cannot be saved.
    NotExported(String),
    /// The send box cannot hold this one.
    NotForBox(String),
    /// There is no room for one more quick send.
    Full,
}
