//! Files on their way.

use std::path::PathBuf;

use crate::model::{FileProgress, Target};

/// A file that is being sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentFile {
    /// Which file.
    pub path: PathBuf,
    /// To whom.
    pub to: Target,
    /// It was paused.
    pub paused: bool,
    /// How far it has come.
    pub progress: FileProgress,
}
