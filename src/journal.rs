//! The capture file: an append-only pcapng file that is written from the first byte of a session and
//! read by everything that shows or exports it. Payload lives only there.
//!
//! - [`Writer`] implements [`Recorder`](crate::model::Recorder): what the sockets did becomes packets
//!   with synthetic headers, which any pcapng tool reads.
//! - [`Reader`] reads the payload of one [`Record`](crate::model::Record) at a time, by its offset,
//!   also while the file grows; a [`Walk`] reads many of them, one after the other, faster.
//! - [`scan()`] makes the index of a finished file again: the same flows and records that the writer
//!   gave, without reading the payload.
//! - [`import()`] makes such a capture from one of any other program.
//! - [`open()`] is the door to both kinds.
//! - [`save()`] copies a whole capture with the user's notes on its records.
//! - [`Store`] keeps the captures that the user did not name in a folder of their own, within a limit.
//!
//! Knows no socket and no window.

mod annotation;
mod block;
mod checksum;
mod conversation;
mod import;
mod open;
mod output;
mod packet;
mod positioned;
mod reader;
mod save;
mod scan;
mod store;
mod walk;
mod window;
mod writer;

pub use import::{ImportEnd, import};
pub use open::{Opened, Part, open, scratch};
pub use reader::{Frame, Reader};
pub use save::{SaveError, save};
pub use scan::{Opening, ScanBatch, ScanEnd, is_foreign, scan};
pub use store::{Capture, Hold, Kept, Store};
pub use walk::{View, Walk};
pub use writer::Writer;
