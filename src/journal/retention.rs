//! Which captures are removed to save space.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::Kept;

/// The newest captures, which stay whatever their size.
const NEWEST: usize = 10;
/// So do those that were written to within this time.
const RECENT: Duration = Duration::from_hours(24);
/// Captures are to leave one part in so many of the disk free.
const SPARE: u64 = 20;

/// How much space captures may take, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Above this, old captures are removed.
    pub keep: u64,
    /// Above this, the user is told.
    pub warn: u64,
}

impl Limits {
    /// From a number of MiB each.
    pub fn mib(keep: u64, warn: u64) -> Self {
        Self { keep: keep.saturating_mul(1 << 20), warn: warn.saturating_mul(1 << 20) }
    }
}

/// The disk with the captures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// How many bytes the user could write to it if it were empty.
    pub size: u64,
    /// How many bytes the user can still write.
    pub free: u64,
}

impl Disk {
    /// The disk of a folder; `None` if the system does not tell.
    pub fn of(folder: &Path) -> Option<Self> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            let stat = nix::sys::statvfs::statvfs(folder).ok()?;
            #[allow(clippy::useless_conversion, reason = "their widths depend on the system")]
            let [unit, blocks, unused, free] = [
                stat.fragment_size().into(),
                stat.blocks().into(),
                stat.blocks_free().into(),
                stat.blocks_available().into(),
            ];
            let bytes = |blocks| u64::saturating_mul(unit, blocks);
            // As df counts: without what is reserved for the system.
            Some(Self { size: bytes(blocks.saturating_sub(unused).saturating_add(free)), free: bytes(free) })
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        {
            let _ = folder;
            None
        }
    }
}

/// More space than captures may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excess {
    /// What all captures take, in bytes.
    pub total: u64,
    /// The limit in bytes; `None` if it is because the disk is nearly full.
    pub limit: Option<u64>,
}

/// What is to be done to save space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The captures to remove, the oldest first.
    pub remove: Vec<Kept>,
    /// Set if what remains is too much: it is for the user to choose from it.
    pub excess: Option<Excess>,
}

/// Plans for these captures, the newest first. Open captures, those marked to be kept, the newest ten and those of the
/// last day are never removed. Of the others, the oldest are while all that are not marked exceed
/// [`keep`](Limits::keep), and so is any empty file. There is an excess above [`warn`](Limits::warn), and above
/// [`keep`](Limits::keep) while less than a twentieth of the disk is free.
pub fn plan(list: &[Kept], limits: Limits, disk: Option<Disk>, now: SystemTime) -> Plan {
    let sum = |total: u64, kept: &Kept| total.saturating_add(kept.len);
    let mut total = list.iter().fold(0, sum);
    let mut unmarked = list.iter().filter(|kept| !kept.marked).fold(0, sum);
    let room =
        disk.map_or(u64::MAX, |disk| total.saturating_add(disk.free).saturating_sub(disk.size / SPARE));
    let (empty, full): (Vec<&Kept>, Vec<&Kept>) = list.iter().partition(|kept| kept.len == 0);
    // After the clock was set back, a capture may be of the future.
    let is_old = |kept: &Kept| now.duration_since(kept.modified).is_ok_and(|age| age >= RECENT);
    let old = full.into_iter().skip(NEWEST).filter(|kept| is_old(kept)).rev();
    let mut remove = Vec::new();
    for kept in empty.into_iter().chain(old).filter(|kept| !kept.open && !kept.marked) {
        if kept.len == 0 || unmarked > limits.keep {
            unmarked = unmarked.saturating_sub(kept.len);
            total = total.saturating_sub(kept.len);
            remove.push(kept.clone());
        }
    }
    let limit = (total > limits.warn).then_some(limits.warn);
    let is_over = limit.is_some() || total > room.max(limits.keep);
    Plan { remove, excess: is_over.then_some(Excess { total, limit }) }
}
