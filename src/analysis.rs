//! What of a capture is shown: its records as they are or cut into messages by a framing, those that
//! pass a filter, and where something is found in them. All of it goes on as the capture grows and
//! works on snapshots of the index, so that it can run beside the window. Knows no window and no session.
//!
//! An *item* is what a view lists: a record, or a message over many. Both are a
//! [`Message`](crate::model::Message), so that nobody needs to know which it is.

mod clean;
mod filter;
mod framer;
mod items;
mod search;
mod source;

pub use filter::CaptureFilter;
pub use framer::{CaptureFramer, Progress};
pub use items::Items;
pub use search::{Borders, Found, MAX_HITS, Search};
pub use source::{Piece, Source};

#[cfg(test)]
mod tests;
