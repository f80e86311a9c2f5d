//! Why a rule could not be carried out.

use serde::{Deserialize, Serialize};

use crate::codec::append::AppendFault;

/// Why a rule could not be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum RuleFault {
    /// A step could not be appended to the answer.
    #[error("{0}")]
    Append(AppendFault),
    /// The answers that wait leave no room for one of this many bytes; and the limit.
    #[error("an answer of {0} bytes does not fit: the limit of what may wait is {1}")]
    NoRoom(u64, u64),
    /// The name of a file to send or save is not allowed.
    #[error("file name ‘{}’ is not allowed: {}", .0.escape_debug(), .1)]
    Name(String, NameFault),
    /// The user has not approved this folder, or it leads elsewhere by now.
    #[error("folder ‘{}’ is not approved", .0.escape_debug())]
    Folder(String),
    /// The user has no command of this name.
    #[error("no command ‘{}’ in the settings", .0.escape_debug())]
    Command(String),
}

/// Why a file name is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum NameFault {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// It, or a component of it, is too long.
    #[error("it is too long")]
    TooLong,
    /// It has a root, a drive, a `..`, or an empty component.
    #[error("it leaves the folder")]
    LeavesFolder,
    /// It contains a character that is not allowed: a control character, or one of `\ : * ? " < > |`.
    #[error("it contains a character that is not allowed")]
    Character,
    /// A component is a device name, or ends with a dot or a space, which Windows removes.
    #[error("a part of it is a device name, or ends with a dot or a space")]
    Device,
    /// Its bytes are not valid text in the charset.
    #[error("it is not valid text in the charset")]
    NoText,
    /// A component of it, or of its folder, is a symbolic link.
    #[error("a part of it is a symbolic link")]
    Link,
    /// A component of it begins with a dot, so the file would be hidden.
    #[error("a part of it begins with a dot")]
    Hidden,
}
