//! Faults and hints that consist of their words.

/// Declares an enum of what is told to the user, which derives `thiserror::Error`: behind each alternative are its English
/// words and what is filled in, and they say all that there is to an alternative without a text of its own.
macro_rules! worded_enum {
    ($(#[$meta:meta])* pub enum $type:ident {
        $($(#[$docs:meta])* $variant:ident $(($($of:tt)+))? $({$($fields:tt)+})? = $words:literal $(($($in:tt)+))?;)+
    }) => {
        $(#[$meta])*
        pub enum $type {
            $(
                #[doc = worded_enum!(@docs [$(#[$docs])*] $words)]
                $(#[$docs])*
                #[error($words $(, $($in)+)?)]
                $variant $(($($of)+))? $({$($fields)+})?,
            )+
        }
    };
    (@docs [] $words:literal) => { concat!("`", $words, "`.") };
    (@docs [$($docs:tt)+] $words:literal) => { "" };
}

pub(crate) use worded_enum;
