//! Tests of `codec`.

mod append;
mod charset;
mod checksum;
mod compose;
mod decode;
mod dump;
mod duration;
mod escape;
mod frame;
mod glyph;
mod guess;
mod hex;
mod inspect;
mod line_break;
mod masked;
mod matcher;
mod number;
mod query;
mod rate;
mod snippet;
mod template;
mod websocket;
mod when;
