//! Memory use of this process (Linux only).

/// Memory use in KiB.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    /// Currently in memory.
    pub(crate) resident: u64,
    /// The part that is not backed by files.
    pub(crate) anonymous: u64,
    /// The maximum so far.
    pub(crate) peak: u64,
}

impl Memory {
    /// The current values.
    pub(crate) fn now() -> Option<Self> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        Some(Self { resident: field("VmRSS:")?, anonymous: field("RssAnon:")?, peak: field("VmHWM:")? })
    }
}
