//! What a session answers by itself. Pure: matches bytes, builds bytes, knows no socket.

mod answer;
mod faults;
mod modbus;
mod name;
mod responder;

pub use answer::{Answer, Deed, FileName, Incoming};
pub use name::{MAX_NAME, check_name};
pub use responder::Responder;
