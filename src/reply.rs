//! What a session answers by itself. Pure: matches bytes, builds bytes, knows no socket.

mod answer;
mod faults;
mod modbus;
mod name;
mod responder;

use std::borrow::Cow;

pub use answer::{Answer, Deed, FileName, Heard, ReplyFault};
pub use name::{MAX_NAME, NameFault, check_name};
pub use responder::Responder;

/// How a session answers what it receives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reply {
    /// Not at all.
    #[default]
    Off,
    /// With the same bytes, to whom they came from.
    Echo,
}

impl Reply {
    /// The answer to `message`, if there is one.
    pub fn answer(self, message: &[u8]) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Off => None,
            Self::Echo => Some(Cow::Borrowed(message)),
        }
    }
}
