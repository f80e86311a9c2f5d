//! Why a rule that applies to a message could not be followed. Knows no rule and no language but English.

use std::fmt;

use crate::codec::append::AppendFault;

/// Why a rule could not be followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RuleFault {
    /// What the answer should have appended cannot be.
    Append(AppendFault),
    /// A file of this name should be sent or saved, and the name is refused.
    Name(String, NameFault),
}

/// Why the name of a file is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameFault {
    /// There is none.
    Empty,
    /// It, or a part of it, is too long.
    TooLong,
    /// It begins at a root or a drive, has a step up, or a part that is empty.
    LeavesFolder,
    /// It has a character that no name may have: a control character, or one of `\ : * ? " < > |`.
    Character,
    /// A part of it means a device, or ends with a dot or a blank, which Windows takes for another name.
    Device,
    /// Its bytes are no text in the charset.
    NoText,
}

impl fmt::Display for RuleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Append(fault) => fault.fmt(f),
            Self::Name(name, fault) => {
                write!(f, "the file name ‘{}’ is refused: {fault}", name.escape_debug())
            }
        }
    }
}

impl fmt::Display for NameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::TooLong => "it is too long",
            Self::LeavesFolder => "it would leave the folder",
            Self::Character => "it has a character that names may not have",
            Self::Device => "it has a part that means a device, or ends with a dot or a blank",
            Self::NoText => "its bytes are no text in the charset",
        })
    }
}
