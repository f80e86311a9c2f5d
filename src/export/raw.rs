//! The bare bytes of one direction.

use std::io;

use super::entry::Entry;
use crate::model::Direction;

/// Writes the bytes of `entry`, if they went this way.
pub(super) fn write(entry: &Entry<'_>, direction: Direction, out: &mut dyn io::Write) -> io::Result<()> {
    if entry.kind.direction() == Some(direction) { out.write_all(entry.bytes) } else { Ok(()) }
}
