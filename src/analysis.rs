//! What a view shows of a capture: records, or messages made from them by a framing; which of them pass a
//! filter; and where a search finds something. All of it continues as the capture grows, and works on
//! snapshots of the index, so that it can run on another thread than the window.
//!
//! An *item* is an entry of a view: a record, or a message made from several. Both are a
//! [`Message`](crate::model::Message).

mod clean;
mod filter;
mod framer;
mod items;
mod search;
mod source;
mod twin;

pub use filter::CaptureFilter;
pub use framer::{CaptureFramer, Progress};
pub use items::Items;
pub use search::{Borders, Found, MAX_HITS, Search};
pub use source::{Piece, Source};
pub use twin::MOST_LATER;

#[cfg(test)]
mod tests;
