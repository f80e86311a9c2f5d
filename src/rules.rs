//! The automatic answers of a session: matches received messages and builds answers, without any sockets.

mod answer;
mod faults;
mod modbus;
mod name;
mod responder;
mod verdict;

pub use answer::{Answer, Incoming, PeerAt, RuleAction};
pub use name::{MAX_NAME, check_name, check_new_name};
pub use responder::Responder;
pub use verdict::Verdict;
