//! The window's panels. Each is a function of a narrow part of the state that returns the user's actions; it
//! changes nothing but the drafts it is given. No sockets here.

pub(crate) mod about;
pub(crate) mod append;
pub mod bytes;
pub(crate) mod commands;
pub(crate) mod controls;
pub mod copy_as;
pub mod dialogs;
pub(crate) mod drop;
pub(crate) mod filter;
pub(crate) mod find;
pub mod fonts;
pub mod framing;
pub(crate) mod hold;
pub mod icons;
pub mod inspector;
pub mod lang;
pub(crate) mod log;
pub mod messages;
pub mod palette;
pub mod peers;
mod rows;
pub mod save;
pub(crate) mod send;
pub mod settings;
pub mod side;
mod span;
pub(crate) mod status;
pub mod strips;
pub mod table;
pub mod tabs;
pub mod theme;
pub mod toolbar;
pub(crate) mod trust;
pub(crate) mod welcome;
pub mod widgets;
pub(crate) mod workspace;
