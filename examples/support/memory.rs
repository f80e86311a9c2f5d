//! How much memory this process has. Linux only: elsewhere nothing is told.

/// Memory of this process in KiB.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    /// In memory now.
    pub(crate) resident: u64,
    /// Of that, what no file backs.
    pub(crate) anonymous: u64,
    /// The most that was ever in memory.
    pub(crate) peak: u64,
}

impl Memory {
    /// As it is now.
    pub(crate) fn now() -> Option<Self> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        Some(Self { resident: field("VmRSS:")?, anonymous: field("RssAnon:")?, peak: field("VmHWM:")? })
    }
}
