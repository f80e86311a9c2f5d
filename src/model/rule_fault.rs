//! Why a rule could not be carried out.

use std::fmt;

use crate::codec::append::AppendFault;

/// Why a rule could not be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RuleFault {
    /// A step could not be appended to the answer.
    Append(AppendFault),
    /// The answers that wait leave no room for one of this many bytes; and the limit.
    NoRoom(u64, u64),
    /// The name of a file to send or save is not allowed.
    Name(String, NameFault),
}

/// Why a file name is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameFault {
    /// It is empty.
    Empty,
    /// It, or a component of it, is too long.
    TooLong,
    /// It has a root, a drive, a `..`, or an empty component.
    LeavesFolder,
    /// It contains a character that is not allowed: a control character, or one of `\ : * ? " < > |`.
    Character,
    /// A component is a device name, or ends with a dot or a space, which Windows removes.
    Device,
    /// Its bytes are not valid text in the charset.
    NoText,
}

impl fmt::Display for RuleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Append(fault) => fault.fmt(f),
            Self::NoRoom(len, limit) => {
                write!(f, "an answer of {len} bytes does not fit: the limit of what may wait is {limit}")
            }
            Self::Name(name, fault) => {
                write!(f, "file name ‘{}’ is not allowed: {fault}", name.escape_debug())
            }
        }
    }
}

impl fmt::Display for NameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::TooLong => "it is too long",
            Self::LeavesFolder => "it leaves the folder",
            Self::Character => "it contains a character that is not allowed",
            Self::Device => "a part of it is a device name, or ends with a dot or a space",
            Self::NoText => "it is not valid text in the charset",
        })
    }
}
