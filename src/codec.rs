//! Conversions between bytes and what people read and type: hex, escapes, charsets, dumps, glyphs, snippets;
//! how byte streams are split into messages, searched, and completed before they are sent.
//!
//! Everything here is pure and total: any input gives a result, none panics. This room imports no other.

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
pub mod line_break;
pub mod masked;
pub mod matcher;
mod named;
pub mod number;
pub mod query;
pub mod rate;
pub mod snippet;
pub mod socks;
pub mod template;
pub mod text_error;
pub mod websocket;
pub mod when;
mod worded;

pub use charset::Charset;
pub use checksum::Checksum;
pub use decode::{Decoded, Decoder, decode_all, incomplete_tail, pending};
pub use guess::better_charset;
pub use line_break::LineBreak;
pub(crate) use named::named_enum;
pub use query::Query;
pub use snippet::{CopyAs, Snippet};
pub use when::When;
pub(crate) use worded::worded_enum;
