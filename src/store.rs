//! What outlives a window, on disk: where it is, and how it is read and written by several windows at a time. Texts
//! are opaque here, but for the keys of the settings.

pub mod approvals;
pub mod file;
pub mod folders;
pub mod history;
mod lock;
pub mod log_file;
pub mod settings;
mod window_folder;

pub use file::Trouble;
pub use lock::LockFile;
pub use settings::RecentList;
pub use window_folder::{Claimed, Snapshot, StoredTab, WindowFolder, fresh_name};
