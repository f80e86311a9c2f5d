//! Why something with a file failed, for the user.

use std::io;

use super::capture_fault::CaptureFault;
use super::error::Cause;
use super::problem::{Fault, Problem};
use crate::codec::worded_enum;

worded_enum! {
    /// Why something with a file failed. It can be in an [`io::Error`], and is taken out of it again.
    #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
    pub enum Reason {
        /// For this file, folder or session.
        Of(String, Box<Self>) = "{what}{}{why}" (joint(.1), what = .0, why = .1);
        /// An error of the system.
        Cause(#[from] Cause) = "{0}";
        Damage(u64, CaptureFault) = "at byte {0}: {1}";
        InText(usize, usize, Box<Problem>) = "line {0}, column {1}: {2}";
        /// What is wrong in a value or a whole file.
        Problem(#[from] Problem) = "{0}";
        /// Anything else, in English.
        Text(String) = "{0}";
    }
}

fn joint(why: &Reason) -> &'static str {
    if matches!(why, Reason::InText(..)) { ", " } else { ": " }
}

impl Reason {
    /// A reason for `what`.
    #[expect(clippy::needless_pass_by_value, reason = "most is the display of a path")]
    pub fn of(what: impl ToString, why: impl Into<Self>) -> Self {
        Self::Of(what.to_string(), Box::new(why.into()))
    }

    /// Takes out the system's number of the error, if it has one.
    pub fn take_number(&mut self) -> Option<i32> {
        match self {
            Self::Of(_, why) => why.take_number(),
            Self::Cause(cause) => cause.take_number(),
            _ => None,
        }
    }

    /// An error of the system with this reason.
    pub fn error(self, kind: io::ErrorKind) -> io::Error {
        io::Error::new(kind, self)
    }
}

impl From<io::Error> for Reason {
    fn from(error: io::Error) -> Self {
        match error.downcast() {
            Ok(reason) => reason,
            Err(error) => Self::Cause(bare(error).into()),
        }
    }
}

impl From<Fault> for Reason {
    fn from(fault: Fault) -> Self {
        Self::Problem(Problem::new("", fault))
    }
}

impl From<&str> for Reason {
    /// Reads what [`store`](crate::store), which words its errors itself, says of TOML and of the system.
    fn from(text: &str) -> Self {
        let place = || {
            let (line, rest) = text.strip_prefix("line ")?.split_once(", column ")?;
            let (column, why) = rest.split_once(": ")?;
            let problem = Problem::new("", Fault::Other(why.to_owned()));
            Some(Self::InText(line.parse().ok()?, column.parse().ok()?, problem.into()))
        };
        let number = || text.strip_suffix(')')?.rsplit_once(" (os error ")?.1.parse().ok();
        let error = || Some(io::Error::from_raw_os_error(number()?));
        let system =
            || error().filter(|error| error.to_string() == text).map(|error| Self::Cause(error.into()));
        place().or_else(system).unwrap_or_else(|| Self::Text(text.to_owned()))
    }
}

/// The error of the system in one of tempfile's, which adds the name of its own file.
pub fn bare(error: io::Error) -> io::Error {
    let text = error.to_string();
    let number =
        || text.rsplit_once(" at path ")?.0.strip_suffix(')')?.rsplit_once("(os error ")?.1.parse().ok();
    number().map_or(error, io::Error::from_raw_os_error)
}
