//! The limit of open descriptors, of which each connection needs one.

/// Raises the limit as far as the system lets this process.
#[cfg(unix)]
pub(super) fn raise() {
    use std::sync::Once;

    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
            // macOS refuses more than this, whatever the limit says.
            let most = if cfg!(target_os = "macos") { hard.min(10_240) } else { hard };
            if soft < most { setrlimit(Resource::RLIMIT_NOFILE, most, hard) } else { Ok(()) }
        });
        if let Err(error) = raised {
            ::log::warn!("raising the limit of open descriptors: {error}");
        }
    });
}

/// There is no such limit.
#[cfg(not(unix))]
pub(super) fn raise() {}
