//! What is sent again and again.

use crate::model::{Progress, Repeat};

/// A repeat that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    /// What was ordered.
    pub repeat: Repeat,
    /// How far it has come.
    pub progress: Progress,
}
