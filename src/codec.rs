//! Bytes to and from what people read and type: hex, escapes, charsets, dumps, glyphs, snippets; how streams
//! of bytes are cut into messages, what is searched for in them, and what is appended to those that are sent.
//!
//! Everything here is pure and total: any input gives a result, none a panic. It knows no record,
//! flow, file or window.

pub mod append;
pub mod charset;
pub mod checksum;
pub mod compose;
pub mod decode;
pub mod dump;
pub mod duration;
pub mod escape;
pub mod frame;
pub mod glyph;
pub mod guess;
pub mod hex;
pub mod inspect;
pub mod masked;
pub mod matcher;
pub mod number;
pub mod query;
pub mod rate;
pub mod snippet;
pub mod template;
pub mod when;

pub use charset::Charset;
pub use checksum::Checksum;
pub use decode::{Decoded, Decoder, decode_all, incomplete_tail, pending};
pub use guess::better_charset;
pub use query::Query;
pub use snippet::{CopyAs, Snippet};
pub use when::When;
