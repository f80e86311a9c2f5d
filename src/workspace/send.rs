//! What stands in the send box of a session, as typed, and how it is sent again and again. It is there to be
//! sent by hand: opening a session sends nothing of it.

use serde::{Deserialize, Serialize};

use super::names;
use super::{is_usual, typed};
use crate::codec::append::{Step, StepError};
use crate::codec::compose::Mode;

/// What stands in the send box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SendForm {
    /// How the content is read.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub mode: Mode,
    /// What is typed. It need not be right.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content: String,
    /// `\n`, `\x0D` … are escapes in text.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub escapes: bool,
    /// `{time}`, `{n}` … are filled each time it is sent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub placeholders: bool,
    /// What is appended, in order, as `--append` has it: `crlf`, `CRC-16/MODBUS`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub append: Vec<String>,
    /// The time from beat to beat. A number alone is milliseconds.
    #[serde(deserialize_with = "typed")]
    pub period: String,
    /// How many beats; empty for no end.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub count: String,
}

impl Default for SendForm {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            content: String::new(),
            escapes: true,
            placeholders: false,
            append: Vec::new(),
            period: "1000".to_owned(),
            count: String::new(),
        }
    }
}

impl SendForm {
    /// What is appended.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn steps(&self) -> Result<Vec<Step>, StepError> {
        self.append.iter().map(|step| step.trim().parse()).collect()
    }
}
