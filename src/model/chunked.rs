//! An append-only list with cheap snapshots, for hundreds of millions of entries that views and jobs share.

use std::sync::Arc;

/// Entries per chunk.
const CHUNK: usize = 1 << 14;

/// A list in chunks: growing never copies full chunks, and a [clone](Clone) shares all of them. The first
/// change after cloning copies the last chunk, at most 16,384 entries. Entries removed from the front leave the numbers of
/// all others as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunked<T> {
    /// Without those whose entries are all removed.
    chunks: Vec<Arc<Vec<T>>>,
    len: u64,
    /// Entries before this number are removed.
    first: usize,
}

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0, first: 0 }
    }
}

impl<T: Copy> Chunked<T> {
    /// The number of entries, including those removed.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of the first entry that is not removed.
    pub fn first(&self) -> u64 {
        self.first as u64
    }

    /// Entry number `n`, from 0; `None` if it is removed.
    pub fn get(&self, n: u64) -> Option<T> {
        let n = usize::try_from(n).ok().filter(|n| *n >= self.first)?;
        self.chunks.get(n / CHUNK - self.first / CHUNK)?.get(n % CHUNK).copied()
    }

    /// Removes all entries before number `n`.
    pub fn remove_before(&mut self, n: u64) {
        let n = usize::try_from(n.min(self.len)).unwrap_or(usize::MAX);
        if n > self.first {
            let chunks = (n / CHUNK - self.first / CHUNK).min(self.chunks.len());
            self.chunks.drain(..chunks);
            self.first = n;
        }
    }

    /// The last entry.
    pub fn last(&self) -> Option<T> {
        self.get(self.len.checked_sub(1)?)
    }

    /// Appends one entry.
    pub fn push(&mut self, entry: T) {
        self.extend_from_slice(&[entry]);
    }

    /// Appends entries, in order.
    pub fn extend_from_slice(&mut self, mut entries: &[T]) {
        self.len += entries.len() as u64;
        while !entries.is_empty() {
            if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
                // The first chunk grows as needed, since most lists are short.
                let room = if self.chunks.is_empty() { 64 } else { CHUNK };
                self.chunks.push(Arc::new(Vec::with_capacity(room)));
            }
            let first = self.chunks.len() == 1;
            let Some(chunk) = self.chunks.last_mut() else { return };
            let n = entries.len().min(CHUNK - chunk.len());
            own(chunk, first).extend_from_slice(&entries[..n]);
            entries = &entries[n..];
        }
    }

    /// Keeps the entries before number `len`. Those removed still count.
    pub fn truncate(&mut self, len: u64) {
        if len >= self.len {
            return;
        }
        let n = usize::try_from(len).unwrap_or(usize::MAX).max(self.first);
        self.chunks.truncate(n.div_ceil(CHUNK) - self.first / CHUNK);
        self.len = n as u64;
        let first = self.chunks.len() == 1;
        if let Some(chunk) = self.chunks.last_mut() {
            own(chunk, first).truncate(n - (n - 1) / CHUNK * CHUNK);
        }
    }

    /// The entries from number `from` on, except those removed, in slices of consecutive memory.
    pub fn slices(&self, from: u64) -> impl Iterator<Item = &[T]> {
        let from = usize::try_from(from).unwrap_or(usize::MAX).max(self.first);
        let (first, skip) = (from / CHUNK - self.first / CHUNK, from % CHUNK);
        self.chunks.iter().skip(first).enumerate().map(move |(n, chunk)| {
            let skip = if n == 0 { skip } else { 0 };
            chunk.get(skip..).unwrap_or_default()
        })
    }

    /// The number of the first entry for which `before` is false; `before` must be true for all entries up to
    /// some number and false from there on.
    pub fn partition_point(&self, before: impl Fn(&T) -> bool) -> u64 {
        let chunk = self.chunks.partition_point(|chunk| chunk.last().is_some_and(&before));
        let within = self.chunks.get(chunk).map_or(0, |chunk| chunk.partition_point(&before));
        let n = (self.first / CHUNK + chunk) * CHUNK + within;
        (n.max(self.first) as u64).min(self.len)
    }
}

/// The chunk, mutable: a copy with room to grow if it is shared.
fn own<T: Copy>(chunk: &mut Arc<Vec<T>>, first: bool) -> &mut Vec<T> {
    if Arc::get_mut(chunk).is_none() {
        let mut copy = Vec::with_capacity(if first { 2 * chunk.len() } else { CHUNK });
        copy.extend_from_slice(chunk);
        *chunk = Arc::new(copy);
    }
    Arc::make_mut(chunk)
}

impl<T: Copy> FromIterator<T> for Chunked<T> {
    fn from_iter<I: IntoIterator<Item = T>>(entries: I) -> Self {
        let mut list = Self::default();
        for entry in entries {
            list.push(entry);
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_snapshot_does_not_change_while_the_list_grows() {
        let mut list: Chunked<u32> = (0..20_000).collect();
        let snapshot = list.clone();
        list.extend_from_slice(&vec![7; 40_000]);
        assert_eq!((snapshot.len(), snapshot.last(), snapshot.get(20_000)), (20_000, Some(19_999), None));
        assert_eq!((list.len(), list.get(19_999), list.get(20_000)), (60_000, Some(19_999), Some(7)));
        assert!(Arc::ptr_eq(&snapshot.chunks[0], &list.chunks[0]), "full chunks are shared");
    }

    proptest! {
        #[test]
        fn it_behaves_like_a_vec(
            parts in prop::collection::vec(0_u32..40_000, 0..5),
            from in 0_u64..100_000,
            cut: u32,
            keep in prop_oneof![Just(16_384_u64), 0_u64..100_000],
            removed in prop::collection::vec(prop_oneof![Just(16_384_u64), 0_u64..100_000], 0..4),
        ) {
            let mut list = Chunked::default();
            let mut plain = Vec::new();
            for part in parts {
                let more: Vec<u32> = (0..part).map(|n| n + u32::try_from(plain.len()).unwrap()).collect();
                list.extend_from_slice(&more);
                plain.extend(more);
                list.remove_before(removed.get(plain.len() % 4).copied().unwrap_or_default());
            }
            prop_assert_eq!(list.len(), plain.len() as u64);
            // Removed entries leave the numbers of the others as they are.
            let first = usize::try_from(list.first()).unwrap();
            prop_assert_eq!(list.get(first as u64), plain.get(first).copied());
            prop_assert!(first == 0 || list.get(first as u64 - 1).is_none());
            prop_assert!(list.chunks.iter().map(|chunk| chunk.len()).sum::<usize>() < plain.len() - first + CHUNK);
            let (from, cut) = (from.max(list.first()), cut % 100_000);
            let cut = cut.max(u32::try_from(first).unwrap());
            let rest: Vec<u32> = list.slices(from).flatten().copied().collect();
            prop_assert_eq!(&rest[..], plain.get(usize::try_from(from).unwrap()..).unwrap_or_default());
            prop_assert_eq!(list.partition_point(|n| *n < cut), plain.partition_point(|n| *n < cut) as u64);
            prop_assert_eq!(list.last(), plain.get(first..).unwrap().last().copied());
            let snapshot = list.clone();
            list.truncate(keep);
            plain.truncate(usize::try_from(keep).unwrap().max(first));
            list.push(7);
            plain.push(7);
            prop_assert_eq!(list.len(), plain.len() as u64);
            prop_assert!(list.slices(0).flatten().eq(&plain[first..]));
            let n = plain.len() - 1 - first;
            prop_assert!(snapshot.slices(0).flatten().take(n).eq(&plain[first..first + n]));
        }
    }
}
