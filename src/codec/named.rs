//! Choices whose alternatives have names.

/// Declares an enum with the name of each alternative in files and on the command line: `ALL` has them in this
/// order, `name` gives the name, `named` finds it.
macro_rules! named_enum {
    ($(#[$meta:meta])* pub enum $type:ident { $($(#[$docs:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $type {
            $($(#[$docs])* $variant,)+
        }

        impl $type {
            /// All of them, in the order of the menus.
            pub const ALL: [Self; Self::NAMES.len()] = [$(Self::$variant),+];

            /// Their names, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The name in files and on the command line.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The one of this name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|one| one.name() == name)
            }
        }
    };
}

pub(crate) use named_enum;
