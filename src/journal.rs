//! The capture file: an append-only pcapng file that is written from the first byte of a session and read by
//! everything that shows or exports it. It is the only place that holds payload.
//!
//! - [`Writer`] implements [`Recorder`](crate::model::Recorder): reads and writes of sockets become packets
//!   with synthetic headers, which any pcapng tool reads.
//! - [`Reader`] reads the payload of single [`Record`](crate::model::Record)s by offset,
//!   also while the file grows; a [`Walk`] reads many of them faster, in file order.
//! - [`scan()`] rebuilds the index of a file: the same flows and records that the writer
//!   reported, without reading the payload.
//! - [`import()`] converts captures of other programs.
//! - [`open()`] opens both kinds.
//! - [`save()`] copies a capture with the user's notes on its records.
//! - [`Store`] keeps captures that the user has not named in a folder of limited size.

mod annotation;
mod block;
mod checksum;
mod conversation;
mod decode;
mod import;
mod open;
mod output;
mod packet;
mod parts;
mod positioned;
mod reader;
mod retention;
mod save;
mod scan;
mod store;
mod tape;
mod unpack;
mod walk;
mod window;
mod writer;

pub use import::{Decryption, ImportEnd, Reading, Tunnels, import};
pub use open::{Opened, Part, open, scratch};
pub use parts::{Parts, suffix_of, with_suffix};
pub use reader::{Frame, Reader};
pub use retention::{Disk, Excess, Limits, Plan, plan};
pub use save::{SaveError, save};
pub use scan::{Opening, ScanBatch, ScanEnd, Scanner, is_foreign, scan};
pub use store::{Capture, Hold, Kept, Store, Swept};
pub use tape::{TapePart, Watch};
pub use walk::{View, Walk};
pub use writer::Writer;
