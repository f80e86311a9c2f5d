//! A moving window on a file that reads ahead where blocks are small and skips where they are large.

use std::io;

use super::positioned::ReadAt;

/// How much is read after a skip, unless nothing is read ahead.
const LEAP: usize = 4 * 1024;
/// How much is read ahead at most, in bytes: what fits into the processor's cache is read faster.
const AHEAD: usize = 256 * 1024;

#[derive(Debug)]
pub(super) struct Window<'a> {
    file: &'a dyn ReadAt,
    until: u64,
    start: u64,
    filled: usize,
    buf: Vec<u8>,
    /// How much is read after a skip, in bytes.
    leap: usize,
    ahead: usize,
}

impl<'a> Window<'a> {
    /// A window on the first `until` bytes of the file.
    pub(super) fn new(file: &'a dyn ReadAt, until: u64) -> Self {
        Self { file, until, start: 0, filled: 0, buf: Vec::new(), leap: LEAP, ahead: LEAP }
    }

    /// One that reads nothing ahead. It uses this buffer, whatever is in it.
    pub(super) fn exact(file: &'a dyn ReadAt, buf: Vec<u8>) -> Self {
        Self { buf, leap: 0, ahead: 0, ..Self::new(file, u64::MAX) }
    }

    pub(super) fn into_buf(self) -> Vec<u8> {
        self.buf
    }

    /// `len` bytes from `at` on, or up to the end of the file. They are allocated: the caller must bound `len`.
    pub(super) fn get(&mut self, at: u64, len: usize) -> io::Result<&[u8]> {
        let left = usize::try_from(self.until.saturating_sub(at)).unwrap_or(usize::MAX);
        let len = len.min(left);
        let within = at.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        let skip = match within {
            Some(skip) if skip.checked_add(len).is_some_and(|end| end <= self.filled) => skip,
            Some(_) | None => {
                // Over little that is left out, it goes on.
                let goes_on = within.is_some_and(|skip| skip <= self.filled + self.ahead);
                self.ahead = if goes_on { (self.ahead * 2).min(AHEAD) } else { self.leap };
                self.advance(at, within.filter(|skip| *skip <= self.filled), len, left)?;
                0
            }
        };
        Ok(self.buf.get(skip..(skip + len).min(self.filled)).unwrap_or_default())
    }

    /// Moves the window to `at`, where at most `left` bytes follow. Keeps what is in the buffer from `skip` on.
    fn advance(&mut self, at: u64, skip: Option<usize>, len: usize, left: usize) -> io::Result<()> {
        let want = self.ahead.max(len).min(left);
        if self.buf.len() < want {
            self.buf.resize(want, 0);
        }
        let kept = match skip {
            Some(skip) => {
                self.buf.copy_within(skip..self.filled, 0);
                self.filled - skip
            }
            None => 0,
        };
        self.start = at;
        // Holds even if reading fails.
        self.filled = kept;
        let rest = self.buf.get_mut(kept..want).unwrap_or_default();
        self.filled += self.file.read_at(rest, at.saturating_add(kept as u64))?;
        Ok(())
    }

    /// Whether all bytes from `at` on are zero.
    pub(super) fn is_zero_from(&mut self, mut at: u64) -> io::Result<bool> {
        while at < self.until {
            let bytes = self.get(at, AHEAD)?;
            if bytes.is_empty() {
                break;
            }
            if bytes.iter().any(|byte| *byte != 0) {
                return Ok(false);
            }
            at += bytes.len() as u64;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

        #[test]
        fn any_range_equals_the_file(
            places in prop::collection::vec((0_u64..700_000, 0_usize..100_000), 1..30),
            forward: bool,
            until in prop_oneof![Just(u64::MAX), 0_u64..700_000],
        ) {
            // The period does not divide any power of two.
            let bytes: Vec<u8> = (0..251).cycle().take(600_000).collect();
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            let mut places = places;
            if forward {
                places.sort_unstable();
            }
            let mut window = Window::new(&file, until);
            let end = bytes.len().min(usize::try_from(until).unwrap_or(usize::MAX));
            for (at, len) in places {
                let from = usize::try_from(at).unwrap().min(end);
                let expected = &bytes[from..(from + len).min(end)];
                prop_assert_eq!(window.get(at, len).unwrap(), expected);
            }
        }
    }

    #[test]
    fn appended_bytes_are_seen() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"abc").unwrap();
        let other = file.try_clone().unwrap();
        let mut window = Window::new(&other, u64::MAX);
        assert_eq!(window.get(1, 10).unwrap(), b"bc");
        file.write_all(b"def").unwrap();
        assert_eq!(window.get(1, 10).unwrap(), b"bcdef");
        assert_eq!(window.get(9, 10).unwrap(), b"");
    }
}
