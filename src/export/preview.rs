//! The beginning of what would be saved, to be looked at before.

use std::path::Path;

use super::{ExportError, Format, Progress, Scope, Style, write};
use crate::codec::dump;

/// How many bytes are written for it.
const MOST: usize = 1 << 16;
/// The longest row, in characters: no window is wider.
const WIDTH: usize = 300;

/// The first `n_rows` that [`write()`] would write, and the size of the output if it is small. Bytes are shown as a hex dump.
///
/// # Errors
/// Those of [`write()`], except for damage.
pub fn preview(
    capture: &Path,
    scope: &Scope,
    format: Format,
    style: &Style,
    n_rows: usize,
    progress: Progress<'_>,
) -> Result<(Vec<String>, Option<u64>), ExportError> {
    let mut written = vec![0; MOST];
    let mut room = written.as_mut_slice();
    let result = write(capture, scope, format, style, &mut room, progress);
    let (left, whole) = (room.len(), result.is_ok());
    // Without room, writing has failed for that.
    result.or_else(|error| if left == 0 || error.is_damage() { Ok(()) } else { Err(error) })?;
    written.truncate(MOST - left);
    let rows = if matches!(format, Format::Pcapng | Format::RawReceived | Format::RawSent) {
        let n_rows = dump::row_count(written.len()).min(n_rows);
        (0..n_rows).map(|row| dump::row_text(&written, 0, row)).collect()
    } else {
        let text = String::from_utf8_lossy(&written);
        let lines = text.trim_start_matches('\u{FEFF}').lines().take(n_rows);
        lines.map(|line| line.chars().take(WIDTH).collect()).collect()
    };
    Ok((rows, u64::try_from(written.len()).ok().filter(|_| whole)))
}
