//! Why a rule could not be carried out.

use serde::{Deserialize, Serialize};

use crate::codec::append::AppendFault;
use crate::codec::worded_enum;

worded_enum! {
    /// Why a rule could not be carried out.
    #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum RuleFault {
        /// A step could not be appended to the answer.
        Append(AppendFault) = "{0}";
        NoRoom(u64, u64) = "an answer of {0} bytes does not fit: the limit of what may wait is {1}";
        Name(String, NameFault) = "file name ‘{}’ is not allowed: {}" (.0.escape_debug(), .1);
        /// The user has not approved this folder, or it leads elsewhere by now.
        Folder(String) = "folder ‘{}’ is not approved" (.0.escape_debug());
        Command(String) = "no command ‘{}’ in the settings" (.0.escape_debug());
    }
}

worded_enum! {
    /// Why a file name is not allowed.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum NameFault {
        Empty = "it is empty";
        /// It, or a component of it, is too long.
        TooLong = "it is too long";
        /// It has a root, a drive, a `..`, or an empty component.
        LeavesFolder = "it leaves the folder";
        /// It contains a character that is not allowed: a control character, or one of `\ : * ? " < > |`.
        Character = "it contains a character that is not allowed";
        /// A component is a device name, or ends with a dot or a space, which Windows removes.
        Device = "a part of it is a device name, or ends with a dot or a space";
        NoText = "it is not valid text in the charset";
        /// A component of it, or of its folder, is a symbolic link.
        Link = "a part of it is a symbolic link";
        /// A component of it begins with a dot, so the file would be hidden.
        Hidden = "a part of it begins with a dot";
    }
}
